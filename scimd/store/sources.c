#include "store/sources.h"

#include "base/cleanup.h"
#include "store/control_list.h"
#include "store/control_names.h"
#include "store/session.h"

#define COLUMNS                                                                                    \
    "id, tenant, name, type, precedence, definition, owned, state, wanted, wanted_by, "            \
    "next_delta_us, next_full_us, retry_us, failures, last_success_us, last_full_us, last_error, " \
    "run, held_run, lease_owner, lease_until_us, fence, created_us, changed_us"

static void read_source(struct rows *rows, struct arena *arena, void *item)
{
    *(struct source_row *)item = (struct source_row){
        .id = rows_integer(rows, 0),
        .tenant = (int)rows_integer(rows, 1),
        .name = rows_text(rows, 2, arena, NULL),
        .type = rows_text(rows, 3, arena, NULL),
        .precedence = (int)rows_integer(rows, 4),
        .definition = rows_text(rows, 5, arena, NULL),
        .owned = rows_text(rows, 6, arena, NULL),
        .state = (int)rows_integer(rows, 7),
        .wanted = (enum source_wanted)rows_integer(rows, 8),
        .wanted_by = rows_text(rows, 9, arena, NULL),
        .next_delta_us = rows_integer(rows, 10),
        .next_full_us = rows_integer(rows, 11),
        .retry_us = rows_integer(rows, 12),
        .failures = (int)rows_integer(rows, 13),
        .last_success_us = rows_integer(rows, 14),
        .last_full_us = rows_integer(rows, 15),
        .last_error = rows_text(rows, 16, arena, NULL),
        .run = rows_integer(rows, 17),
        .held_run = rows_integer(rows, 18),
        .lease_owner = rows_text(rows, 19, arena, NULL),
        .lease_until_us = rows_integer(rows, 20),
        .fence = rows_integer(rows, 21),
        .created_us = rows_integer(rows, 22),
        .changed_us = rows_integer(rows, 23),
    };
}

int source_insert(struct session *session, const struct source_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->id),
        VALUE_INT(row->tenant),
        VALUE_STRING(row->name),
        VALUE_STRING(row->type),
        VALUE_INT(row->precedence),
        VALUE_STRING(row->definition),
        VALUE_STRING(row->owned),
        VALUE_INT(row->state),
        VALUE_INT(row->wanted),
        VALUE_STRING(row->wanted_by),
        VALUE_INT(row->next_delta_us),
        VALUE_INT(row->next_full_us),
        VALUE_INT(row->retry_us),
        VALUE_INT(row->failures),
        VALUE_INT(row->last_success_us),
        VALUE_INT(row->last_full_us),
        VALUE_STRING(row->last_error),
        VALUE_INT(row->run),
        VALUE_INT(row->held_run),
        VALUE_STRING(row->lease_owner),
        VALUE_INT(row->lease_until_us),
        VALUE_INT(row->fence),
        VALUE_INT(row->created_us),
        VALUE_INT(row->changed_us),
    };

    if (control_name_for_source(session, row->tenant, row->name, err) < 0)
        return -1;
    if (session_execute(session,
                        "INSERT INTO scimd_source (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
                        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        values, ARRAY_LENGTH(values), NULL, err) == 0)
        return 0;
    if (err->code == ERR_UNIQUENESS)
        (void)err_set(err, ERR_CONFLICT, "source \"%s\" exists already", row->name);
    return -1;
}

static int no_source(struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "there is no such source");
}

int source_redefine(struct session *session, const struct source_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_STRING(row->type),       VALUE_INT(row->precedence),   VALUE_STRING(row->definition),
        VALUE_STRING(row->owned),      VALUE_INT(row->wanted),       VALUE_STRING(row->wanted_by),
        VALUE_INT(row->next_delta_us), VALUE_INT(row->next_full_us), VALUE_INT(row->changed_us),
        VALUE_INT(row->tenant),        VALUE_INT(row->id),
    };
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_source SET type = ?, precedence = ?, definition = ?, "
                        "owned = ?, wanted = ?, wanted_by = ?, next_delta_us = ?, "
                        "next_full_us = ?, changed_us = ?, failures = 0, retry_us = 0 "
                        "WHERE tenant = ? AND id = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0 : no_source(err);
}

int source_find(struct session *session, struct arena *arena, int tenant, const char *name,
                struct source_row *out, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant), VALUE_STRING(name)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session, "SELECT " COLUMNS " FROM scimd_source WHERE tenant = ? AND name = ?",
                      values, ARRAY_LENGTH(values), read_source, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no source \"%s\"", name);
    *out = *(struct source_row *)list.items;
    return 0;
}

int source_find_id(struct session *session, struct arena *arena, int tenant, int64_t id,
                   struct source_row *out, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant), VALUE_INT(id)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session, "SELECT " COLUMNS " FROM scimd_source WHERE tenant = ? AND id = ?",
                      values, ARRAY_LENGTH(values), read_source, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return no_source(err);
    *out = *(struct source_row *)list.items;
    return 0;
}

int sources_list(struct session *session, struct arena *arena, int tenant,
                 const struct source_row **out, size_t *count, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};
    int result;

    if (tenant == 0)
        result =
            control_query(session, "SELECT " COLUMNS " FROM scimd_source ORDER BY tenant, name",
                          NULL, 0, read_source, &list, err);
    else
        result = control_query(session,
                               "SELECT " COLUMNS " FROM scimd_source WHERE tenant = ? "
                               "ORDER BY name",
                               values, ARRAY_LENGTH(values), read_source, &list, err);
    if (result < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int source_delete(struct session *session, int tenant, int64_t id, struct err *err)
{
    const struct value values[] = {VALUE_INT(tenant), VALUE_INT(id)};
    int64_t affected = 0;

    if (session_execute(session, "DELETE FROM scimd_run WHERE tenant = ? AND source = ?", values,
                        ARRAY_LENGTH(values), NULL, err) < 0 ||
        session_execute(session, "DELETE FROM scimd_source WHERE tenant = ? AND id = ?", values,
                        ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0 : no_source(err);
}

int source_set_state(struct session *session, int tenant, int64_t id, int from, int to,
                     struct err *err)
{
    const struct value values[] = {VALUE_INT(to), VALUE_INT(tenant), VALUE_INT(id),
                                   VALUE_INT(from)};
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_source SET state = ? WHERE tenant = ? AND id = ? AND "
                        "state = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0
                        : err_set(err, ERR_CONFLICT, "the source's state has changed meanwhile");
}

/* 1: it is there. */
static int is_there(struct session *session, int tenant, int64_t id, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(tenant), VALUE_INT(id)};

    if (session_query(session, "SELECT 1 FROM scimd_source WHERE tenant = ? AND id = ?", values,
                      ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    return rows_next(rows, err);
}

int source_want(struct session *session, int tenant, int64_t id, enum source_wanted wanted,
                const char *by, struct err *err)
{
    /* a full run does what a delta would: who asks for a delta doesn't take it back */
    const enum source_wanted most = wanted == WANTED_NOTHING ? WANTED_FULL : wanted;
    const struct value values[] = {VALUE_INT(wanted), VALUE_STRING(by), VALUE_INT(tenant),
                                   VALUE_INT(id), VALUE_INT(most)};
    int64_t affected = 0;
    int there;

    if (session_execute(session,
                        "UPDATE scimd_source SET wanted = ?, wanted_by = ? WHERE tenant = ? AND "
                        "id = ? AND wanted <= ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected > 0)
        return 0;
    there = is_there(session, tenant, id, err);
    return there < 0 ? -1 : there > 0 ? 0 : no_source(err);
}

/* ---- leases ---- */

int source_lease(struct session *session, const struct source_row *row, const char *owner,
                 int64_t now_us, int64_t until_us, int64_t *fence, bool *taken, struct err *err)
{
    const struct value values[] = {
        VALUE_STRING(owner),    VALUE_INT(until_us), VALUE_INT(row->fence + 1),
        VALUE_INT(row->tenant), VALUE_INT(row->id),  VALUE_INT(row->fence),
        VALUE_INT(row->state),  VALUE_INT(now_us),
    };
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_source SET lease_owner = ?, lease_until_us = ?, fence = ? "
                        "WHERE tenant = ? AND id = ? AND fence = ? AND state = ? AND "
                        "lease_until_us <= ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected > 0)
        *fence = row->fence + 1;
    *taken = affected > 0;
    return 0;
}

static int lost(struct err *err)
{
    return err_set(err, ERR_CONFLICT, "the lease of the source was lost");
}

int source_lease_renew(struct session *session, int tenant, int64_t id, int64_t fence,
                       int64_t until_us, struct err *err)
{
    const struct value values[] = {VALUE_INT(until_us), VALUE_INT(tenant), VALUE_INT(id),
                                   VALUE_INT(fence)};
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_source SET lease_until_us = ? WHERE tenant = ? AND id = ? "
                        "AND fence = ? AND lease_until_us <> 0",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0 : lost(err);
}

int source_leave(struct session *session, const struct source_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->state),
        VALUE_INT(row->wanted),
        VALUE_INT(row->wanted),
        VALUE_INT(row->next_delta_us),
        VALUE_INT(row->next_full_us),
        VALUE_INT(row->retry_us),
        VALUE_INT(row->failures),
        VALUE_INT(row->last_success_us),
        VALUE_INT(row->last_full_us),
        VALUE_STRING(row->last_error),
        VALUE_INT(row->run),
        VALUE_INT(row->held_run),
        VALUE_STRING(row->lease_until_us != 0 ? row->lease_owner : NULL),
        VALUE_INT(row->lease_until_us),
        VALUE_INT(row->tenant),
        VALUE_INT(row->id),
        VALUE_INT(row->fence),
    };
    int64_t affected = 0;

    /* each CASE sees wanted as it was before */
    if (session_execute(session,
                        "UPDATE scimd_source SET state = ?, "
                        "wanted_by = CASE WHEN wanted = ? THEN NULL ELSE wanted_by END, "
                        "wanted = CASE WHEN wanted = ? THEN 0 ELSE wanted END, "
                        "next_delta_us = ?, next_full_us = ?, retry_us = ?, failures = ?, "
                        "last_success_us = ?, last_full_us = ?, last_error = ?, run = ?, "
                        "held_run = ?, lease_owner = ?, lease_until_us = ? "
                        "WHERE tenant = ? AND id = ? AND fence = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0 : lost(err);
}
