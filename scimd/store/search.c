#include "store/search.h"

#include "base/cleanup.h"
#include "store/search_documents.h"

/* A search on its way. */
struct run {
    struct walk walk;
    struct walk_key *keys;
    int64_t key_count;
    struct delivery delivery;
    struct search_result *result;
};

static const struct walk_start from_start = {0};

static int fetch(struct run *run, int segment, struct walk_start start, int64_t limit,
                 int64_t *fetched, struct err *err)
{
    int64_t before = run->key_count;

    *fetched = 0;
    if (limit <= 0)
        return 0;
    if (walk_fetch(&run->walk, segment, start, limit, run->keys, &run->key_count, err) < 0)
        return -1;
    *fetched = run->key_count - before;
    return 0;
}

/* A stretch that is not full tells how many rows the segment has, without counting them. */
static bool tells_size(int64_t skip, int64_t fetched, int64_t limit)
{
    return fetched < limit && (fetched > 0 || skip == 0);
}

static int page_unsorted(struct run *run, int64_t skip, struct err *err)
{
    const struct search *search = run->walk.search;
    int64_t total = 0;

    for (size_t i = 0; i < search->part_count; i++) {
        int64_t limit = search->count - run->key_count;
        int64_t fetched = 0;
        int64_t size = 0;
        if (fetch(run, (int)i, (struct walk_start){.skip = skip}, limit, &fetched, err) < 0)
            return -1;
        size = skip + fetched;
        if (!tells_size(skip, fetched, limit) && walk_count_part(&run->walk, i, &size, err) < 0)
            return -1;
        total += size;
        skip = skip > size ? skip - size : 0;
    }
    run->result->total = total;
    return 0;
}

static int page_descending(struct run *run, int64_t skip, struct err *err)
{
    const int64_t limit = run->walk.search->count;
    int64_t values = run->result->total;
    int64_t missing;
    int64_t fetched = 0;

    if (!walk_has_all_values(&run->walk) && walk_count_values(&run->walk, &values, err) < 0)
        return -1;
    missing = run->result->total - values;
    if (skip < missing) {
        if (fetch(run, SEGMENT_MISSING, (struct walk_start){.skip = skip}, limit, &fetched, err) <
            0)
            return -1;
        skip = 0;
    } else {
        skip -= missing;
    }
    return fetch(run, SEGMENT_VALUES, (struct walk_start){.skip = skip}, limit - fetched, &fetched,
                 err);
}

static int page_ascending(struct run *run, int64_t skip, struct err *err)
{
    const int64_t limit = run->walk.search->count;
    int64_t values = 0;
    int64_t fetched = 0;

    if (fetch(run, SEGMENT_VALUES, (struct walk_start){.skip = skip}, limit, &fetched, err) < 0)
        return -1;
    if (fetched == limit || walk_has_all_values(&run->walk))
        return 0;
    values = skip + fetched;
    if (!tells_size(skip, fetched, limit) && walk_count_values(&run->walk, &values, err) < 0)
        return -1;
    if (run->result->total <= values)
        return 0;
    skip = skip > values ? skip - values : 0;
    return fetch(run, SEGMENT_MISSING, (struct walk_start){.skip = skip}, limit - fetched, &fetched,
                 err);
}

/* RFC 7644 section 3.4.2.3: what has no value comes last in ascending order, first in descending.
 */
static int page_by_index(struct run *run, struct err *err)
{
    const struct search *search = run->walk.search;
    int64_t skip = search->start_index > 1 ? search->start_index - 1 : 0;

    if (!search->sorted)
        return page_unsorted(run, skip, err);
    if (walk_count_all(&run->walk, &run->result->total, err) < 0)
        return -1;
    return search->descending ? page_descending(run, skip, err) : page_ascending(run, skip, err);
}

/* The segments in their order; -1 behind the last one. */
static int next_segment(const struct search *search, int segment)
{
    if (!search->sorted)
        return segment + 1 < (int)search->part_count ? segment + 1 : -1;
    if (search->descending)
        return segment == SEGMENT_MISSING ? SEGMENT_VALUES : -1;
    return segment == SEGMENT_VALUES ? SEGMENT_MISSING : -1;
}

static int first_segment(const struct search *search)
{
    return search->sorted && search->descending ? SEGMENT_MISSING : 0;
}

static void set_next(struct run *run, int segment_of_last)
{
    const struct walk_key *last = &run->keys[run->walk.search->count - 1];

    run->result->more = true;
    run->result->next = (struct page_cursor){.total = run->result->total,
                                             .part = segment_of_last,
                                             .key = last->text,
                                             .number = last->number,
                                             .pk = last->row.pk};
}

/* One row more than asked for tells that there is a next page. */
static int page_by_cursor(struct run *run, struct err *err)
{
    const struct search *search = run->walk.search;
    const struct page_cursor *cursor = search->cursor;
    struct walk_start start = {.after = cursor};
    int segment = cursor != NULL ? cursor->part : first_segment(search);
    int segment_of_last = segment;
    int64_t fetched = 0;

    if (cursor == NULL && search->start_index > 1)
        start.skip = search->start_index - 1;
    while (segment >= 0 && run->key_count <= search->count) {
        if (run->key_count < search->count)
            segment_of_last = segment;
        if (fetch(run, segment, start, search->count + 1 - run->key_count, &fetched, err) < 0)
            return -1;
        segment = next_segment(search, segment);
        start = from_start;
    }

    run->result->total = cursor != NULL ? cursor->total : -1;
    if (run->result->total < 0 && walk_count_all(&run->walk, &run->result->total, err) < 0)
        return -1;
    if (run->key_count > search->count) {
        run->key_count = search->count;
        set_next(run, segment_of_last);
    }
    return 0;
}

bool search_is_lookup(const struct search *search)
{
    return search->part_count == 1 && search->cursor == NULL &&
           search_filter_is_selective(search->parts[0].filter);
}

/* An identifying attribute was asked for: nearly always one resource or none. */
static int find_few(struct run *run, bool *done, struct err *err)
{
    const struct search *search = run->walk.search;
    int64_t skip = search->start_index > 1 ? search->start_index - 1 : 0;
    int64_t found = -1;

    *done = false;
    if (!search_is_lookup(search))
        return 0;
    if (search->by_cursor && search->count <= DOCUMENTS_AT_ONCE)
        return 0; /* there might be a next page */
    if (documents_find(&run->walk, skip, search->count, &run->delivery, &found, err) < 0)
        return -1;
    *done = found >= 0;
    if (!*done)
        return 0;
    run->result->total = skip + found;
    return tells_size(skip, found, search->count)
               ? 0
               : walk_count_all(&run->walk, &run->result->total, err);
}

int search_run(struct session *session, struct arena *arena, const struct search *search,
               search_row row, void *context, struct search_result *out, struct err *err)
{
    struct search_result result = {0};
    struct run run = {
        .walk = {.session = session, .arena = arena, .search = search},
        .delivery = {.row = row,                  .context = context                      },
        .result = &result,
    };
    bool done = false;

    if (search->count <= 0) {
        if (walk_count_all(&run.walk, &result.total, err) < 0)
            return -1;
        *out = result;
        return 0;
    }
    if (find_few(&run, &done, err) < 0)
        return -1;
    if (!done) {
        run.keys = arena_array(arena, (size_t)search->count + 1, sizeof(*run.keys));
        if ((search->by_cursor ? page_by_cursor(&run, err) : page_by_index(&run, err)) < 0 ||
            documents_deliver(&run.walk, run.keys, run.key_count, &run.delivery, err) < 0)
            return -1;
    }
    result.items = run.delivery.items;
    *out = result;
    return 0;
}
