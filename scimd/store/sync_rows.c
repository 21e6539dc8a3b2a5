/* Where a source stands.  The fence is compared by the statement that writes, so that a replica
 * that lost its lease while it paused can't commit. */
#include "store/sync_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "store/json_list.h"
#include "store/session.h"

static int lost(struct err *err)
{
    return err_set(err, ERR_CONFLICT, "another replica runs this source now");
}

int sync_row_find(struct session *session, struct arena *arena, int64_t source,
                  struct sync_row *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source)};
    int more;

    if (session_query(session,
                      "SELECT fence, run, phase, page, cursor_text, pass_cursor, counters, doubt "
                      "FROM scimd_sync WHERE tenant_id = ? AND source = ?",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    if (more == 0)
        return err_set(err, ERR_NOT_FOUND, "the source has not run yet");
    *out = (struct sync_row){.fence = rows_integer(rows, 0),
                             .run = rows_integer(rows, 1),
                             .phase = (int)rows_integer(rows, 2),
                             .page = rows_integer(rows, 3),
                             .cursor = rows_text(rows, 4, arena, NULL),
                             .pass_cursor = rows_text(rows, 5, arena, NULL),
                             .counters = rows_text(rows, 6, arena, NULL),
                             .doubt = rows_text(rows, 7, arena, NULL)};
    return 0;
}

/* Two that insert at once: one fails and runs again. */
static int insert_row(struct session *session, int64_t source, int64_t fence, int64_t *affected,
                      struct err *err)
{
    const struct value tenant = VALUE_INT(store_session_tenant(session));
    const struct value values[] = {tenant, VALUE_INT(source), VALUE_INT(fence), VALUE_STRING("{}"),
                                   tenant, VALUE_INT(source)};

    if (session_execute(
            session,
            "INSERT INTO scimd_sync (tenant_id, source, fence, run, phase, page, "
            "cursor_text, pass_cursor, counters, doubt) SELECT CAST(? AS int), "
            "CAST(? AS bigint), CAST(? AS bigint), 0, 0, 0, '', '', CAST(? AS varchar(8)), '' "
            "WHERE NOT EXISTS (SELECT 1 FROM scimd_sync s WHERE s.tenant_id = ? AND "
            "s.source = ?)",
            values, ARRAY_LENGTH(values), affected, err) == 0)
        return 0;
    if (err->code == ERR_UNIQUENESS)
        (void)err_set(err, ERR_RETRY, "another replica was faster");
    return -1;
}

int sync_row_take(struct session *session, struct arena *arena, int64_t source, int64_t fence,
                  struct sync_row *out, struct err *err)
{
    const struct value values[] = {VALUE_INT(fence), VALUE_INT(store_session_tenant(session)),
                                   VALUE_INT(source), VALUE_INT(fence)};
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_sync SET fence = ? WHERE tenant_id = ? AND source = ? AND "
                        "fence <= ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected == 0 && insert_row(session, source, fence, &affected, err) < 0)
        return -1;
    return affected == 0 ? lost(err) : sync_row_find(session, arena, source, out, err);
}

int sync_row_put(struct session *session, int64_t source, const struct sync_row *row,
                 struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->run),
        VALUE_INT(row->phase),
        VALUE_INT(row->page),
        VALUE_STRING(row->cursor),
        VALUE_STRING(row->pass_cursor),
        VALUE_STRING(row->counters),
        VALUE_STRING(row->doubt),
        VALUE_INT(store_session_tenant(session)),
        VALUE_INT(source),
        VALUE_INT(row->fence),
    };
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_sync SET run = ?, phase = ?, page = ?, cursor_text = ?, "
                        "pass_cursor = ?, counters = ?, doubt = ? WHERE tenant_id = ? AND "
                        "source = ? AND fence = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected == 0 ? lost(err) : 0;
}

/* ---- sets ---- */

int sync_set_put(struct session *session, int64_t source, const char *owner, int64_t part,
                 const int64_t *items, size_t count, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};
    const struct value tenant = VALUE_INT(store_session_tenant(session));
    int64_t affected = 0;

    json_list_numbers(&json, items, count);
    const struct value text = VALUE_STRING_N(json.bytes, json.length);
    const struct value update[] = {text, tenant, VALUE_INT(source), VALUE_STRING(owner),
                                   VALUE_INT(part)};
    const struct value insert[] = {tenant, VALUE_INT(source), VALUE_STRING(owner), VALUE_INT(part),
                                   text};
    if (session_execute(session,
                        "UPDATE scimd_sync_set SET items = ? WHERE tenant_id = ? AND source = ? "
                        "AND owner = ? AND part = ?",
                        update, ARRAY_LENGTH(update), &affected, err) < 0)
        return -1;
    if (affected > 0)
        return 0;
    return session_execute(session,
                           "INSERT INTO scimd_sync_set (tenant_id, source, owner, part, items) "
                           "VALUES (?, ?, ?, ?, ?)",
                           insert, ARRAY_LENGTH(insert), NULL, err);
}

/* Appends the numbers of a JSON list that we wrote. */
static void read_items(const char *text, struct buf *items)
{
    while (*text != '\0' && *text != ']') {
        char *end = NULL;
        int64_t number = strtoll(text + 1, &end, 10); /* after '[' or ',' */

        if (end == text + 1)
            return; /* an empty list */
        buf_append(items, &number, sizeof(number));
        text = end;
    }
}

static int compare_items(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return (a > b) - (a < b);
}

/* In ascending order, each once; returns how many are left. */
static size_t order_items(int64_t *items, size_t count)
{
    size_t used = 0;

    qsort(items, count, sizeof(*items), compare_items);
    for (size_t i = 0; i < count; i++)
        if (used == 0 || items[i] != items[used - 1])
            items[used++] = items[i];
    return used;
}

int sync_set_read(struct session *session, int64_t source, const char *owner, int64_t **items,
                  size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf found = {0};
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_STRING(owner)};
    size_t used;
    int64_t *copy;
    int more;

    if (session_query(session,
                      "SELECT items FROM scimd_sync_set WHERE tenant_id = ? AND source = ? AND "
                      "owner = ? ORDER BY part",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0)
        read_items(rows_borrow(rows, 0, NULL), &found);
    if (more < 0)
        return -1;
    used = found.length / sizeof(*copy);
    copy = memory_calloc(used + 1, sizeof(*copy));
    if (used > 0)
        memcpy(copy, found.bytes, used * sizeof(*copy));
    *count = order_items(copy, used);
    *items = copy;
    return 0;
}

int sync_set_drop(struct session *session, int64_t source, const char *owner, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_STRING(owner)};

    if (owner == NULL)
        return session_execute(session,
                               "DELETE FROM scimd_sync_set WHERE tenant_id = ? AND source = ?",
                               values, ARRAY_LENGTH(values) - 1, NULL, err);
    return session_execute(session,
                           "DELETE FROM scimd_sync_set WHERE tenant_id = ? AND source = ? AND "
                           "owner = ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}
