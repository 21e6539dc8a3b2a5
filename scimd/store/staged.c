/* Changes that wait for a decision, and the texts that show them to people. */
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "scim/schema.h"
#include "store/control_list.h"
#include "store/json_list.h"
#include "store/session.h"
#include "store/sync_rows.h"

#define COLUMNS "kind, source_id, member, object, fingerprint, attributes, document, refs, due_us "
#define CHUNK 1000 /* members written by one statement */

static void read_staged(struct rows *rows, struct arena *arena, void *item)
{
    struct staged_row *row = item;
    const char *fingerprint = rows_borrow(rows, 4, NULL);

    row->kind = (enum staged_kind)rows_integer(rows, 0);
    row->source_id = rows_text(rows, 1, arena, NULL);
    row->member = rows_text(rows, 2, arena, NULL);
    row->object = (int)rows_integer(rows, 3);
    (void)snprintf(row->fingerprint, sizeof(row->fingerprint), "%s", fingerprint);
    row->attributes = rows_text(rows, 5, arena, NULL);
    row->document = rows_text(rows, 6, arena, NULL);
    row->refs = rows_text(rows, 7, arena, NULL);
    row->due_us = rows_integer(rows, 8);
}

int staged_put(struct session *session, int64_t source, int64_t plan, const struct staged_row *row,
               struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->object),
        VALUE_STRING(row->fingerprint),
        VALUE_STRING(row->attributes),
        VALUE_STRING(row->document),
        VALUE_STRING(row->refs),
        VALUE_INT(row->due_us),
        VALUE_INT(store_session_tenant(session)),
        VALUE_INT(source),
        VALUE_INT(plan),
        VALUE_INT(row->kind),
        VALUE_STRING(row->source_id),
        VALUE_STRING(row->member != NULL ? row->member : ""),
    };
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_staged SET object = ?, fingerprint = ?, attributes = ?, "
                        "document = ?, refs = ?, due_us = ? WHERE tenant_id = ? AND source = ? "
                        "AND plan = ? AND kind = ? AND source_id = ? AND member = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected > 0)
        return 0;
    return session_execute(session,
                           "INSERT INTO scimd_staged (object, fingerprint, attributes, document, "
                           "refs, due_us, tenant_id, source, plan, kind, source_id, member) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           values, ARRAY_LENGTH(values), NULL, err);
}

/* What rows of memberships have in common. */
struct membership_rows {
    struct session *session;
    struct value tenant;
    struct value source;
    struct value plan;
    struct value kind;
    struct value group;
};

typedef int (*chunk_work)(const struct membership_rows *rows, struct value members,
                          struct err *err);

static int each_chunk(const struct membership_rows *rows, const char *const *members, size_t count,
                      chunk_work work, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};
    size_t chunk;

    for (size_t from = 0; from < count; from += chunk) {
        chunk = count - from < CHUNK ? count - from : CHUNK;
        buf_reset(&json);
        json_list_texts(&json, members + from, chunk);
        if (work(rows, VALUE_STRING_N(json.bytes, json.length), err) < 0)
            return -1;
    }
    return 0;
}

static int put_chunk(const struct membership_rows *rows, struct value members, struct err *err)
{
    const struct value values[] = {
        rows->tenant, rows->source, rows->plan,
        rows->kind,   rows->group,  VALUE_INT(RESOURCE_TYPE_GROUP),
        members,      rows->tenant, rows->source,
        rows->plan,   rows->kind,   rows->group,
    };

    return session_execute(
        rows->session,
        "INSERT INTO scimd_staged (tenant_id, source, plan, kind, source_id, member, object, "
        "fingerprint, due_us) SELECT CAST(? AS int), CAST(? AS bigint), CAST(? AS bigint), "
        "CAST(? AS smallint), CAST(? AS varchar(255)), d.item, CAST(? AS smallint), '', 0 FROM "
        "(SELECT DISTINCT "
        "j.item AS item FROM {list text}) d WHERE NOT EXISTS (SELECT 1 FROM scimd_staged s WHERE "
        "s.tenant_id = ? AND s.source = ? AND s.plan = ? AND s.kind = ? AND s.source_id = ? AND "
        "s.member = d.item)",
        values, ARRAY_LENGTH(values), NULL, err);
}

static struct membership_rows memberships(struct session *session, int64_t source, int64_t plan,
                                          enum staged_kind kind, const char *group)
{
    return (struct membership_rows){.session = session,
                                    .tenant = VALUE_INT(store_session_tenant(session)),
                                    .source = VALUE_INT(source),
                                    .plan = VALUE_INT(plan),
                                    .kind = VALUE_INT(kind),
                                    .group = VALUE_STRING(group)};
}

int staged_put_members(struct session *session, int64_t source, int64_t plan, enum staged_kind kind,
                       const char *group, const char *const *members, size_t count, struct err *err)
{
    const struct membership_rows rows = memberships(session, source, plan, kind, group);

    return each_chunk(&rows, members, count, put_chunk, err);
}

static int drop_chunk(const struct membership_rows *rows, struct value members, struct err *err)
{
    const struct value values[] = {rows->tenant, rows->source, rows->plan,
                                   rows->kind,   rows->group,  members};

    return session_execute(rows->session,
                           "DELETE FROM scimd_staged WHERE tenant_id = ? AND source = ? AND "
                           "plan = ? AND kind = ? AND source_id = ? AND member IN ("
                           "SELECT j.item FROM {list text})",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int staged_drop(struct session *session, int64_t source, int64_t plan, enum staged_kind kind,
                const char *source_id, const char *const *members, size_t count, struct err *err)
{
    const struct membership_rows rows = memberships(session, source, plan, kind, source_id);
    const struct value values[] = {rows.tenant, rows.source, rows.plan, rows.kind, rows.group};

    if (members != NULL)
        return each_chunk(&rows, members, count, drop_chunk, err);
    return session_execute(session,
                           "DELETE FROM scimd_staged WHERE tenant_id = ? AND source = ? AND "
                           "plan = ? AND kind = ? AND source_id = ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int staged_clear(struct session *session, int64_t source, int64_t plan, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(plan)};

    return session_execute(session,
                           "DELETE FROM scimd_staged WHERE tenant_id = ? AND source = ? AND "
                           "plan = ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int staged_find(struct session *session, struct arena *arena, int64_t source, int64_t plan,
                enum staged_kind kind, const char *source_id, struct staged_row *out, bool *found,
                struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(plan), VALUE_INT(kind), VALUE_STRING(source_id)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session,
                      "SELECT " COLUMNS "FROM scimd_staged WHERE tenant_id = ? AND source = ? AND "
                      "plan = ? AND kind = ? AND source_id = ? AND member = ''",
                      values, ARRAY_LENGTH(values), read_staged, &list, err) < 0)
        return -1;
    if (list.count > 0)
        *out = *(struct staged_row *)list.items;
    *found = list.count > 0;
    return 0;
}

/* ---- walking ---- */

#define WALK "SELECT " COLUMNS "FROM scimd_staged WHERE tenant_id = ? AND source = ? AND plan = ? "

/* The rest of the group, then of the kind, then of all: as one condition an engine would read all
 * that is passed already. */
static const struct walk_stretch {
    const char *sql;
    size_t equal; /* columns of the place that are bound */
} stretches[] = {
    {WALK "AND kind = ? AND source_id = ? AND member > ? ORDER BY kind, source_id, member {limit}",
     3                                                                                               },
    {WALK "AND kind = ? AND source_id > ? ORDER BY kind, source_id, member {limit}",                2},
    {WALK "AND kind > ? ORDER BY kind, source_id, member {limit}",                                  1},
};

int staged_walk(struct session *session, struct arena *arena, int64_t source, int64_t plan,
                const struct staged_place *after, size_t limit, const struct staged_row **out,
                size_t *count, struct err *err)
{
    const struct value place[] = {VALUE_INT(after->kind), VALUE_STRING(after->source_id),
                                  VALUE_STRING(after->member)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};
    size_t from = after->kind == 0 ? ARRAY_LENGTH(stretches) - 1 : 0;

    for (size_t i = from; i < ARRAY_LENGTH(stretches) && list.count < limit; i++) {
        struct value values[7] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                  VALUE_INT(plan)};
        size_t used = 3;

        for (size_t j = 0; j < stretches[i].equal; j++)
            values[used++] = place[j];
        values[used++] = VALUE_INT(limit - list.count);
        if (control_query(session, stretches[i].sql, values, used, read_staged, &list, err) < 0)
            return -1;
    }
    *out = list.items;
    *count = list.count;
    return 0;
}

int staged_count(struct session *session, int64_t source, int64_t plan, int64_t *out,
                 struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(plan)};
    int more;

    if (session_query(session,
                      "SELECT COUNT(*) FROM scimd_staged WHERE tenant_id = ? AND source = ? AND "
                      "plan = ?",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *out = more > 0 ? rows_integer(rows, 0) : 0;
    return 0;
}

/* ---- a plan's text ---- */

int plan_text_put(struct session *session, int64_t run, int64_t part, const char *text,
                  size_t length, struct err *err)
{
    const struct value values[] = {VALUE_STRING_N(text, length),
                                   VALUE_INT(store_session_tenant(session)), VALUE_INT(run),
                                   VALUE_INT(part)};
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_plan SET content = ? WHERE tenant_id = ? AND run = ? AND "
                        "part = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected > 0)
        return 0;
    return session_execute(session,
                           "INSERT INTO scimd_plan (content, tenant_id, run, part) "
                           "VALUES (?, ?, ?, ?)",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int plan_text_read(struct session *session, struct arena *arena, int64_t run, int64_t part,
                   const char **text, size_t *length, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(run),
                                   VALUE_INT(part)};
    int more;

    if (session_query(session,
                      "SELECT content FROM scimd_plan WHERE tenant_id = ? AND run = ? AND part = ?",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *length = 0;
    *text = more > 0 ? rows_text(rows, 0, arena, length) : NULL;
    return 0;
}

int plan_text_drop(struct session *session, int64_t run, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(run)};

    return session_execute(session, "DELETE FROM scimd_plan WHERE tenant_id = ? AND run = ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}
