/* One link an object.  A page of a source is a statement or two, whatever its size; numbers come as
 * one text, because a driver's price is by the cell. */
#include "store/links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "scim/schema.h"
#include "store/control_list.h"
#include "store/json_list.h"
#include "store/session.h"

/* `extra` is a number of the query's own. */
#define HEAD(extra)                                                                                \
    "{text " extra " bigint, l.pk bigint, l.object bigint, l.state bigint, l.resource_pk bigint, " \
    "l.due_us bigint, l.gone_us bigint, l.tries bigint, l.fingerprint text}, l.source_id, r.id, "  \
    "l.problem"
#define WHOLE(extra) HEAD(extra) ", l.attributes, l.document, l.refs"
#define RESOURCE                                                                                   \
    " LEFT JOIN scimd_resource r ON r.tenant_id = l.tenant_id AND r.pk = l.resource_pk "

static int64_t next_number(const char **text)
{
    char *end = NULL;
    int64_t number = strtoll(*text, &end, 10);

    *text = *end == ' ' ? end + 1 : end;
    return number;
}

/* Returns the extra number. */
static int64_t read_head(struct rows *rows, struct arena *arena, struct link_row *row)
{
    const char *numbers = rows_borrow(rows, 0, NULL);
    int64_t extra = next_number(&numbers);

    row->pk = next_number(&numbers);
    row->object = (int)next_number(&numbers);
    row->state = (enum link_state)next_number(&numbers);
    row->resource_pk = next_number(&numbers);
    row->due_us = next_number(&numbers);
    row->gone_us = next_number(&numbers);
    row->tries = (int)next_number(&numbers);
    (void)snprintf(row->fingerprint, sizeof(row->fingerprint), "%s", numbers);
    row->source_id = rows_text(rows, 1, arena, NULL);
    row->resource_id = rows_text(rows, 2, arena, NULL);
    row->problem = rows_text(rows, 3, arena, NULL);
    return extra;
}

static int64_t read_whole(struct rows *rows, struct arena *arena, struct link_row *row)
{
    int64_t extra = read_head(rows, arena, row);

    row->attributes = rows_text(rows, 4, arena, NULL);
    row->document = rows_text(rows, 5, arena, NULL);
    row->refs = rows_text(rows, 6, arena, NULL);
    return extra;
}

static void append_places(struct buf *json, const char *const *ids, size_t count)
{
    buf_putc(json, '[');
    for (size_t i = 0; i < count; i++) {
        buf_puts(json, i > 0 ? ",{" : "{");
        json_list_number(json, "place", (int64_t)i);
        json_list_text(json, "id", ids[i]);
        buf_putc(json, '}');
    }
    buf_putc(json, ']');
}

int links_find(struct session *session, struct arena *arena, int64_t source,
               const char *const *source_ids, size_t count, bool whole, struct link_row *out,
               struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf json = {0};
    struct link_row *found = arena_array(arena, count + 1, sizeof(*found));
    int more;

    append_places(&json, source_ids, count);
    const struct value values[] = {VALUE_STRING_N(json.bytes, json.length),
                                   VALUE_INT(store_session_tenant(session)), VALUE_INT(source)};
    /* CROSS JOIN: SQLite then keeps the order of the tables, few rows first */
    if (session_query(
            session,
            whole ? "SELECT " WHOLE(
                        "j.place") " FROM {rows place bigint, id text} "
                                   "CROSS JOIN scimd_link l" RESOURCE
                                   "WHERE l.tenant_id = ? AND l.source = ? AND l.source_id = j.id"
                  : "SELECT " HEAD(
                        "j.place") " FROM {rows place bigint, id text} "
                                   "CROSS JOIN scimd_link l" RESOURCE
                                   "WHERE l.tenant_id = ? AND l.source = ? AND l.source_id = j.id",
            values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        struct link_row row = {0};
        int64_t place = whole ? read_whole(rows, arena, &row) : read_head(rows, arena, &row);

        if (place >= 0 && (size_t)place < count)
            found[place] = row;
    }
    if (more < 0)
        return -1;
    if (count > 0)
        memcpy(out, found, count * sizeof(*out));
    return 0;
}

int links_find_pk(struct session *session, struct arena *arena, int64_t source, int64_t pk,
                  struct link_row *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(pk)};
    struct link_row row = {0};
    int more;

    if (session_query(session,
                      "SELECT " WHOLE("0") " FROM scimd_link l" RESOURCE
                                           "WHERE l.tenant_id = ? AND l.source = ? AND l.pk = ?",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    if (more == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such link");
    (void)read_whole(rows, arena, &row);
    *out = row;
    return 0;
}

static void read_resource_link(struct rows *rows, struct arena *arena, void *item)
{
    struct resource_link *link = item;

    link->source = read_whole(rows, arena, &link->row);
}

int links_of_resource(struct session *session, struct arena *arena, int64_t resource_pk,
                      const struct resource_link **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)),
                                   VALUE_INT(resource_pk)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(
            session,
            "SELECT " WHOLE(
                "l.source") " FROM scimd_link l" RESOURCE
                            "WHERE l.tenant_id = ? AND l.resource_pk = ? AND l.resource_pk <> 0 "
                            "ORDER BY l.pk",
            values, ARRAY_LENGTH(values), read_resource_link, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

/* ---- writing ---- */

static void append_row(struct buf *json, const struct link_row *row)
{
    buf_puts(json, json->length > 0 ? ",{" : "[{");
    json_list_number(json, "pk", row->pk);
    json_list_text(json, "id", row->source_id);
    json_list_number(json, "object", row->object);
    json_list_number(json, "state", (int64_t)row->state);
    json_list_number(json, "resource", row->resource_pk);
    json_list_text(json, "fingerprint", row->fingerprint);
    json_list_text(json, "attributes", row->attributes);
    json_list_text(json, "document", row->document);
    json_list_text(json, "refs", row->refs);
    json_list_number(json, "due", row->due_us);
    json_list_number(json, "gone", row->gone_us);
    json_list_number(json, "tries", row->tries);
    json_list_text(json, "problem", row->problem);
    buf_putc(json, '}');
}

static int insert_chunk(struct session *session, int64_t source, const struct link_row *rows,
                        size_t count, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};

    for (size_t i = 0; i < count; i++)
        append_row(&json, &rows[i]);
    buf_putc(&json, ']');
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_STRING_N(json.bytes, json.length)};
    return session_execute(
        session,
        "INSERT INTO scimd_link (tenant_id, source, pk, source_id, object, state, resource_pk, "
        "fingerprint, attributes, document, refs, due_us, gone_us, tries, problem) "
        "SELECT CAST(? AS int), CAST(? AS bigint), j.pk, j.id, j.object, j.state, j.resource, "
        "j.fingerprint, j.attributes, j.document, j.refs, j.due, j.gone, j.tries, j.problem "
        "FROM {rows pk bigint, id text, object bigint, state bigint, resource bigint, "
        "fingerprint text, attributes text, document text, refs text, due bigint, gone bigint, "
        "tries bigint, problem text}",
        values, ARRAY_LENGTH(values), NULL, err);
}

int links_insert(struct session *session, int64_t source, const struct link_row *rows, size_t count,
                 struct err *err)
{
    size_t chunk;

    for (size_t from = 0; from < count; from += chunk) {
        chunk = count - from < LINKS_CHUNK ? count - from : LINKS_CHUNK;
        if (insert_chunk(session, source, rows + from, chunk, err) < 0)
            return -1;
    }
    return 0;
}

int links_update(struct session *session, int64_t source, const struct link_row *row,
                 struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->state),
        VALUE_INT(row->resource_pk),
        VALUE_STRING(row->fingerprint),
        VALUE_STRING(row->attributes),
        VALUE_STRING(row->document),
        VALUE_STRING(row->refs),
        VALUE_INT(row->due_us),
        VALUE_INT(row->gone_us),
        VALUE_INT(row->tries),
        VALUE_STRING(row->problem),
        VALUE_INT(store_session_tenant(session)),
        VALUE_INT(source),
        VALUE_INT(row->pk),
    };
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_link SET state = ?, resource_pk = ?, fingerprint = ?, "
                        "attributes = COALESCE(?, attributes), document = COALESCE(?, document), "
                        "refs = COALESCE(?, refs), due_us = ?, gone_us = ?, tries = ?, "
                        "problem = ? WHERE tenant_id = ? AND source = ? AND pk = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0 : err_set(err, ERR_NOT_FOUND, "there is no such link");
}

int links_delete(struct session *session, int64_t source, int64_t pk, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(pk)};

    if (session_execute(session,
                        "DELETE FROM scimd_link_wait WHERE tenant_id = ? AND source = ? AND "
                        "owner = ?",
                        values, ARRAY_LENGTH(values), NULL, err) < 0)
        return -1;
    return session_execute(session,
                           "DELETE FROM scimd_link WHERE tenant_id = ? AND source = ? AND pk = ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int links_forget_source(struct session *session, int64_t source, struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM scimd_link_wait WHERE tenant_id = ? AND source = ?",
        "DELETE FROM scimd_link WHERE tenant_id = ? AND source = ?",
        "DELETE FROM scimd_sync WHERE tenant_id = ? AND source = ?",
        "DELETE FROM scimd_sync_set WHERE tenant_id = ? AND source = ?",
        "DELETE FROM scimd_staged WHERE tenant_id = ? AND source = ?",
    };
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source)};

    for (size_t i = 0; i < ARRAY_LENGTH(statements); i++)
        if (session_execute(session, statements[i], values, ARRAY_LENGTH(values), NULL, err) < 0)
            return -1;
    return 0;
}

/* ---- walking ---- */

static void read_item(struct rows *rows, struct arena *arena, void *item)
{
    (void)read_head(rows, arena, item);
}

static int list_heads(struct session *session, const char *sql, const struct value values[4],
                      struct control_list *list, struct err *err)
{
    list->item_bytes = sizeof(struct link_row);
    return control_query(session, sql, values, 4, read_item, list, err);
}

int links_walk(struct session *session, struct arena *arena, int64_t source, int64_t pk,
               const struct link_row **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(pk), VALUE_INT(LINKS_CHUNK)};
    struct control_list list = {.arena = arena};

    if (list_heads(
            session,
            "SELECT " HEAD(
                "0") " FROM scimd_link l" RESOURCE
                     "WHERE l.tenant_id = ? AND l.source = ? AND l.pk > ? ORDER BY l.pk {limit}",
            values, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int links_due(struct session *session, struct arena *arena, int64_t source, int64_t now_us,
              size_t limit, const struct link_row **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(now_us), VALUE_INT(limit)};
    struct control_list list = {.arena = arena};

    if (list_heads(
            session,
            "SELECT " HEAD(
                "0") " FROM scimd_link l" RESOURCE
                     "WHERE l.tenant_id = ? AND l.source = ? AND l.due_us <> 0 AND l.due_us <= ? "
                     "ORDER BY l.due_us, l.pk {limit}",
            values, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int links_problems(struct session *session, struct arena *arena, int64_t source, int64_t pk,
                   size_t limit, const struct link_row **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(pk), VALUE_INT(limit)};
    struct control_list list = {.arena = arena};

    if (list_heads(session,
                   "SELECT " HEAD(
                       "0") " FROM scimd_link l" RESOURCE
                            "WHERE l.tenant_id = ? AND l.source = ? AND l.problem IS NOT NULL AND "
                            "l.pk > ? ORDER BY l.pk {limit}",
                   values, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int links_tally(struct session *session, int64_t source, struct links_tally *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(LINK_LIVE)};
    struct links_tally tally = {0};
    int more;

    if (session_query(session,
                      "SELECT object, COUNT(*) FROM scimd_link WHERE tenant_id = ? AND "
                      "source = ? AND state = ? GROUP BY object",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        if (rows_integer(rows, 0) == RESOURCE_TYPE_USER)
            tally.users = rows_integer(rows, 1);
        else if (rows_integer(rows, 0) == RESOURCE_TYPE_GROUP)
            tally.groups = rows_integer(rows, 1);
    }
    if (more < 0)
        return -1;
    *out = tally;
    return 0;
}
