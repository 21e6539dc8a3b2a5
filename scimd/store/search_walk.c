#include "store/search_walk.h"

#include "base/cleanup.h"
#include "store/blocks.h"
#include "store/resources_row.h"
#include "store/search_documents.h"
#include "store/search_sort.h"

#define JUMP_ROWS 256 /* fewer are walked over sooner than looked up */

/* A query with the filters of all its parts compiled. */
struct plan {
    struct query query;
    struct operand *operands;
};

static void plan_end(struct plan *plan)
{
    query_end(&plan->query);
}

static bool is_in_segment(const struct walk *walk, int segment, size_t part)
{
    struct sort_source source;

    if (!walk->search->sorted)
        return (size_t)segment == part;
    source = sort_source_of(walk->search, part);
    return segment == SEGMENT_VALUES ? source.exists : !source.always;
}

/* Compiles the filters of a segment's parts; *used is how many of these parts can have rows. */
static int plan_begin(const struct walk *walk, int segment, struct plan *plan, size_t *used,
                      struct err *err)
{
    const struct search *search = walk->search;

    query_begin(&plan->query, walk->session, walk->arena);
    plan->operands = arena_array(walk->arena, search->part_count, sizeof(*plan->operands));
    *used = 0;
    for (size_t i = 0; i < search->part_count; i++) {
        const struct search_scope scope = {.type = search->parts[i].type};
        if (!is_in_segment(walk, segment, i))
            continue;
        if (search_filter_compile(&plan->query, &scope, search->parts[i].filter, &plan->operands[i],
                                  err) < 0)
            return -1;
        *used += !operand_is_nothing(&plan->operands[i]);
    }
    return 0;
}

static void values_of_part(struct plan *plan, const struct walk *walk, size_t part)
{
    const struct resource_type *type = walk->search->parts[part].type;
    struct sort_source source = sort_source_of(walk->search, part);

    sort_select(&plan->query, type, &source);
    operand_restrict(&plan->query, &plan->operands[part], "x.pk");
}

static void plain_part(struct plan *plan, const struct walk *walk, size_t part)
{
    struct query *query = &plan->query;
    const struct resource_type *type = walk->search->parts[part].type;
    struct sort_source source = {0};

    query_puts(query, "SELECT r.pk AS pk FROM scimd_resource r WHERE r.tenant_id = ? AND "
                      "r.rtype = ?");
    query_bind_tenant(query);
    query_bind_integer(query, type->number);
    operand_restrict(query, &plan->operands[part], "r.pk");
    if (walk->search->sorted)
        source = sort_source_of(walk->search, part);
    if (!source.exists)
        return;
    query_puts(query, " AND NOT EXISTS (SELECT 1");
    sort_from(query, type, &source);
    query_puts(query, " AND x.pk = r.pk)");
}

static bool has_sort_keys(const struct walk *walk, int segment)
{
    return walk->search->sorted && segment == SEGMENT_VALUES;
}

/* "(.. UNION ALL ..) u": all rows of a segment. */
static void segment_rows(struct plan *plan, const struct walk *walk, int segment)
{
    const char *separator = "(";

    for (size_t i = 0; i < walk->search->part_count; i++) {
        if (!is_in_segment(walk, segment, i) || operand_is_nothing(&plan->operands[i]))
            continue;
        query_puts(&plan->query, separator);
        if (has_sort_keys(walk, segment))
            values_of_part(plan, walk, i);
        else
            plain_part(plan, walk, i);
        separator = " UNION ALL ";
    }
    query_puts(&plan->query, ") u");
}

static bool keys_are_text(const struct walk *walk)
{
    for (size_t i = 0; i < walk->search->part_count; i++) {
        struct sort_source source = sort_source_of(walk->search, i);
        if (source.exists)
            return source.is_text;
    }
    return false;
}

static void bind_key(struct query *query, const struct walk *walk, const struct page_cursor *after)
{
    if (keys_are_text(walk))
        query_bind(query, value_string(after->key != NULL ? after->key : ""));
    else
        query_bind_integer(query, after->number);
}

/* Rows behind another one: the first condition lets an index find the place, the second drops what
 * has the same key and was seen already. */
static void behind(struct query *query, const struct walk *walk, int segment,
                   const struct page_cursor *after)
{
    if (!has_sort_keys(walk, segment)) {
        query_puts(query, " WHERE u.pk > ?");
    } else {
        query_puts(query, walk->search->descending
                              ? " WHERE u.skey <= ? AND (u.skey < ? OR u.pk < ?)"
                              : " WHERE u.skey >= ? AND (u.skey > ? OR u.pk > ?)");
        bind_key(query, walk, after);
        bind_key(query, walk, after);
    }
    query_bind_integer(query, after->pk);
}

static const char *order_of(const struct walk *walk, int segment, bool joined)
{
    if (!has_sort_keys(walk, segment))
        return joined ? " ORDER BY k.pk" : " ORDER BY pk";
    if (walk->search->descending)
        return joined ? " ORDER BY k.skey DESC, k.pk DESC" : " ORDER BY skey DESC, pk DESC";
    return joined ? " ORDER BY k.skey, k.pk" : " ORDER BY skey, pk";
}

static int read_keys(const struct walk *walk, struct query *query, bool keyed,
                     struct walk_key *keys, int64_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const bool text = keyed && walk->search->by_cursor && keys_are_text(walk);
    int64_t used = *count;
    int more;

    if (query_run(query, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        struct walk_key *key = &keys[used++];
        resources_read_row(rows, walk->arena, &key->row, &key->document_bytes);
        if (text)
            key->text = rows_text(rows, 1, walk->arena, NULL);
        else if (keyed && walk->search->by_cursor)
            key->number = rows_integer(rows, 1);
    }
    if (more < 0)
        return -1;
    *count = used;
    return 0;
}

/* Without a filter, counts of whole blocks of rows tell where a startIndex is. */
static int jump(const struct walk *walk, int segment, const struct plan *plan,
                struct walk_start *start, struct page_cursor *place, struct err *err)
{
    int64_t pk = 0;
    int64_t rest = 0;

    if (walk->search->sorted || start->after != NULL || start->skip < JUMP_ROWS ||
        !operand_is_everything(&plan->operands[segment]))
        return 0;
    if (blocks_seek(walk->session, walk->search->parts[segment].type->number, start->skip, &pk,
                    &rest, err) < 0)
        return -1;
    *place = (struct page_cursor){.pk = pk - 1};
    *start = (struct walk_start){.skip = rest, .after = place};
    return 0;
}

/* The rows, with documents that are short: a page of them comes in one statement. */
static void select_rows(struct query *query, const struct walk *walk)
{
    if (!walk->search->documents) {
        query_puts(query, " SELECT " RESOURCES_NO_DOCUMENT);
        return;
    }
    query_puts(query, " SELECT " RESOURCES_SHORT_DOCUMENT);
    query_bind_integer(query, DOCUMENTS_CHUNK_BYTES / walk->search->count);
}

/* Without sorting a segment is one type in the order of its rows: one walk finds and reads. */
static void rows_in_order(struct plan *plan, const struct walk *walk, int segment,
                          const struct walk_start *start)
{
    struct query *query = &plan->query;

    select_rows(query, walk);
    query_puts(query, " FROM scimd_resource r WHERE r.tenant_id = ? AND r.rtype = ?");
    query_bind_tenant(query);
    query_bind_integer(query, walk->search->parts[segment].type->number);
    operand_restrict(query, &plan->operands[segment], "r.pk");
    if (start->after != NULL) {
        query_puts(query, " AND r.pk > ?");
        query_bind_integer(query, start->after->pk);
    }
    query_puts(query, " ORDER BY r.pk {page}");
}

/* Keys first, over narrow indexes; then what is asked of the few that are wanted. */
static void rows_by_keys(struct plan *plan, const struct walk *walk, int segment,
                         const struct walk_start *start)
{
    struct query *query = &plan->query;
    const bool keyed = has_sort_keys(walk, segment);

    select_rows(query, walk);
    query_puts(query, keyed ? ", k.skey FROM (SELECT u.pk AS pk, u.skey AS skey FROM "
                            : " FROM (SELECT u.pk AS pk FROM ");
    segment_rows(plan, walk, segment);
    if (start->after != NULL)
        behind(query, walk, segment, start->after);
    query_puts(query, order_of(walk, segment, false));
    query_puts(query, " {page}) k JOIN scimd_resource r ON r.tenant_id = ? AND r.pk = k.pk");
    query_puts(query, order_of(walk, segment, true));
}

int walk_fetch(const struct walk *walk, int segment, struct walk_start start, int64_t limit,
               struct walk_key *keys, int64_t *count, struct err *err)
{
    CLEANUP(plan_end) struct plan plan = {0};
    struct query *query = &plan.query;
    struct page_cursor place;
    size_t used = 0;

    if (plan_begin(walk, segment, &plan, &used, err) < 0)
        return -1;
    if (used == 0)
        return 0;
    if (jump(walk, segment, &plan, &start, &place, err) < 0)
        return -1;
    if (walk->search->sorted)
        rows_by_keys(&plan, walk, segment, &start);
    else
        rows_in_order(&plan, walk, segment, &start);
    query_bind_integer(query, start.skip);
    query_bind_integer(query, limit);
    if (walk->search->sorted)
        query_bind_tenant(query);
    return read_keys(walk, query, has_sort_keys(walk, segment), keys, count, err);
}

int walk_count_part(const struct walk *walk, size_t part, int64_t *out, struct err *err)
{
    CLEANUP(query_end) struct query query;
    const struct search_part *searched = &walk->search->parts[part];
    const struct search_scope scope = {.type = searched->type};
    struct operand operand;

    query_begin(&query, walk->session, walk->arena);
    if (search_filter_compile(&query, &scope, searched->filter, &operand, err) < 0)
        return -1;
    if (operand_is_everything(&operand))
        return blocks_total(walk->session, searched->type->number, out, err);
    *out = 0;
    if (operand_is_nothing(&operand))
        return 0;
    query_puts(&query, " SELECT COUNT(*) FROM scimd_resource r WHERE r.tenant_id = ? AND "
                       "r.rtype = ?");
    query_bind_tenant(&query);
    query_bind_integer(&query, searched->type->number);
    operand_restrict(&query, &operand, "r.pk");
    return query_number(&query, out, err);
}

int walk_count_all(const struct walk *walk, int64_t *out, struct err *err)
{
    int64_t total = 0;

    for (size_t i = 0; i < walk->search->part_count; i++) {
        int64_t count = 0;
        if (walk_count_part(walk, i, &count, err) < 0)
            return -1;
        total += count;
    }
    *out = total;
    return 0;
}

int walk_count_values(const struct walk *walk, int64_t *out, struct err *err)
{
    CLEANUP(plan_end) struct plan plan = {0};
    size_t used = 0;

    if (plan_begin(walk, SEGMENT_VALUES, &plan, &used, err) < 0)
        return -1;
    *out = 0;
    if (used == 0)
        return 0;
    query_puts(&plan.query, " SELECT COUNT(*) FROM ");
    segment_rows(&plan, walk, SEGMENT_VALUES);
    return query_number(&plan.query, out, err);
}

bool walk_has_all_values(const struct walk *walk)
{
    for (size_t i = 0; i < walk->search->part_count; i++) {
        if (!sort_source_of(walk->search, i).always)
            return false;
    }
    return true;
}
