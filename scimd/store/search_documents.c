/* A driver may hold a whole result in memory, so a statement asks for no more documents than we
 * are willing to hold; rows are handed on after the result is closed, so that who gets them may use
 * the session. */
#include "store/search_documents.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "store/resources_row.h"

#define CHUNK_ROWS 100

static int read_rows(struct query *query, struct arena *arena, struct resource_row *rows_out,
                     size_t room, size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    size_t used = 0;
    int more = 0;

    if (query_run(query, &rows, err) < 0)
        return -1;
    while (used < room && (more = rows_next(rows, err)) > 0)
        resources_read_row(rows, arena, &rows_out[used++], NULL);
    if (more < 0)
        return -1;
    *count = used;
    return 0;
}

static int hand_on(struct delivery *delivery, const struct resource_row *row, struct err *err)
{
    if (delivery->row(delivery->context, row, err) < 0)
        return -1;
    delivery->items++;
    return 0;
}

static int by_pk(const void *left, const void *right)
{
    const struct resource_row *left_row = left;
    const struct resource_row *right_row = right;

    return (left_row->pk > right_row->pk) - (left_row->pk < right_row->pk);
}

static int deliver_chunk(const struct walk *walk, struct arena *arena, const struct walk_key *keys,
                         int64_t count, struct delivery *delivery, struct err *err)
{
    CLEANUP(query_end) struct query query;
    CLEANUP(buf_free) struct buf json = {0};
    struct resource_row rows[CHUNK_ROWS];
    size_t found = 0;

    for (int64_t i = 0; i < count; i++) {
        buf_putc(&json, i > 0 ? ',' : '[');
        buf_int(&json, keys[i].row.pk);
    }
    buf_putc(&json, ']');
    query_begin(&query, walk->session, arena);
    query_puts(&query, RESOURCES_WHOLE
               " WHERE r.tenant_id = ? AND r.pk IN (SELECT j.item FROM {list bigint})");
    query_bind_tenant(&query);
    query_bind_text(&query, json.bytes, json.length);
    if (read_rows(&query, arena, rows, CHUNK_ROWS, &found, err) < 0)
        return -1;

    qsort(rows, found, sizeof(rows[0]), by_pk);
    for (int64_t i = 0; i < count; i++) {
        const struct resource_row wanted = {.pk = keys[i].row.pk};
        const struct resource_row *row = bsearch(&wanted, rows, found, sizeof(rows[0]), by_pk);
        if (row != NULL && hand_on(delivery, row, err) < 0)
            return -1;
    }
    return 0;
}

/* How many keys from the first one on lack their documents and fit into one chunk. */
static int64_t chunk_of(const struct walk_key *keys, int64_t count)
{
    int64_t chunk = 0;
    int64_t bytes = 0;

    while (chunk < count && chunk < CHUNK_ROWS && keys[chunk].row.document == NULL &&
           (chunk == 0 || bytes + keys[chunk].document_bytes <= DOCUMENTS_CHUNK_BYTES))
        bytes += keys[chunk++].document_bytes;
    return chunk;
}

int documents_deliver(const struct walk *walk, const struct walk_key *keys, int64_t count,
                      struct delivery *delivery, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = NULL;
    int64_t at = 0;

    while (at < count) {
        if (!walk->search->documents || keys[at].row.document != NULL) {
            if (hand_on(delivery, &keys[at++].row, err) < 0)
                return -1;
            continue;
        }
        int64_t chunk = chunk_of(keys + at, count - at);
        if (arena == NULL)
            arena = arena_new(DOCUMENTS_CHUNK_BYTES);
        if (deliver_chunk(walk, arena, keys + at, chunk, delivery, err) < 0)
            return -1;
        at += chunk;
        arena_reset(arena);
    }
    return 0;
}

int documents_find(const struct walk *walk, int64_t skip, int64_t limit, struct delivery *delivery,
                   int64_t *found, struct err *err)
{
    CLEANUP(query_end) struct query query;
    const struct search_part *part = &walk->search->parts[0];
    const struct search_scope scope = {.type = part->type};
    const bool whole = walk->search->documents;
    struct resource_row rows[DOCUMENTS_AT_ONCE + 1];
    int64_t wanted = limit <= DOCUMENTS_AT_ONCE ? limit : DOCUMENTS_AT_ONCE + 1;
    struct operand operand;
    size_t count = 0;

    query_begin(&query, walk->session, walk->arena);
    if (search_filter_compile(&query, &scope, part->filter, &operand, err) < 0)
        return -1;
    query_puts(&query, whole ? " " RESOURCES_WHOLE : " " RESOURCES_HEAD);
    query_puts(&query, " WHERE r.tenant_id = ? AND r.rtype = ?");
    query_bind_tenant(&query);
    query_bind_integer(&query, part->type->number);
    operand_restrict(&query, &operand, "r.pk");
    query_puts(&query, " ORDER BY r.pk {page}");
    query_bind_integer(&query, skip);
    query_bind_integer(&query, wanted);
    if (read_rows(&query, walk->arena, rows, (size_t)wanted, &count, err) < 0)
        return -1;

    *found = -1;
    if (count > DOCUMENTS_AT_ONCE)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (hand_on(delivery, &rows[i], err) < 0)
            return -1;
    }
    *found = (int64_t)count;
    return 0;
}
