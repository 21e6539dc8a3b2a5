#include "store/run_rows.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "store/control_list.h"
#include "store/session.h"

#define SELECT                                                                                     \
    "SELECT r.id, r.tenant, r.source, s.name, r.kind, r.dry, r.state, r.started_us, r.ended_us, "  \
    "r.counters, r.words, r.hash, r.summary, r.asked_by, r.decided_by FROM scimd_run r "           \
    "JOIN scimd_source s ON s.id = r.source "

static void read_run(struct rows *rows, struct arena *arena, void *item)
{
    struct run_row *row = item;
    const char *hash = rows_borrow(rows, 11, NULL);

    *row = (struct run_row){
        .id = rows_integer(rows, 0),
        .tenant = (int)rows_integer(rows, 1),
        .source = rows_integer(rows, 2),
        .source_name = rows_text(rows, 3, arena, NULL),
        .kind = (enum run_kind)rows_integer(rows, 4),
        .dry = rows_integer(rows, 5) != 0,
        .state = (int)rows_integer(rows, 6),
        .started_us = rows_integer(rows, 7),
        .ended_us = rows_integer(rows, 8),
        .counters = rows_text(rows, 9, arena, NULL),
        .words = rows_text(rows, 10, arena, NULL),
        .summary = rows_text(rows, 12, arena, NULL),
        .asked_by = rows_text(rows, 13, arena, NULL),
        .decided_by = rows_text(rows, 14, arena, NULL),
    };
    (void)snprintf(row->hash, sizeof(row->hash), "%s", hash != NULL ? hash : "");
}

static int next_id(struct session *session, int64_t *id, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_execute(session, "UPDATE scimd_counter SET number = number + 1 WHERE name = 'run'",
                        NULL, 0, NULL, err) < 0 ||
        session_query(session, "SELECT number FROM scimd_counter WHERE name = 'run'", NULL, 0,
                      &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more > 0)
        *id = rows_integer(rows, 0);
    return more < 0 ? -1 : 0;
}

int run_insert(struct session *session, const struct run_row *row, int64_t *id, struct err *err)
{
    int64_t fresh = 0;

    if (next_id(session, &fresh, err) < 0)
        return -1;
    const struct value values[] = {
        VALUE_INT(fresh),
        VALUE_INT(row->tenant),
        VALUE_INT(row->source),
        VALUE_INT(row->kind),
        VALUE_INT(row->dry),
        VALUE_INT(row->state),
        VALUE_INT(row->started_us),
        VALUE_INT(row->ended_us),
        VALUE_STRING(row->counters),
        VALUE_STRING(row->words),
        VALUE_STRING(row->hash),
        VALUE_STRING(row->summary),
        VALUE_STRING(row->asked_by),
        VALUE_STRING(row->decided_by),
    };
    if (session_execute(session,
                        "INSERT INTO scimd_run (id, tenant, source, kind, dry, state, started_us, "
                        "ended_us, counters, words, hash, summary, asked_by, decided_by) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        values, ARRAY_LENGTH(values), NULL, err) < 0)
        return -1;
    *id = fresh;
    return 0;
}

static int no_run(int64_t id, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)id);
}

int run_update(struct session *session, const struct run_row *row, struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->kind),        VALUE_INT(row->dry),           VALUE_INT(row->state),
        VALUE_INT(row->started_us),  VALUE_INT(row->ended_us),      VALUE_STRING(row->counters),
        VALUE_STRING(row->words),    VALUE_STRING(row->hash),       VALUE_STRING(row->summary),
        VALUE_STRING(row->asked_by), VALUE_STRING(row->decided_by), VALUE_INT(row->tenant),
        VALUE_INT(row->id),
    };
    int64_t affected = 0;

    if (session_execute(session,
                        "UPDATE scimd_run SET kind = ?, dry = ?, state = ?, started_us = ?, "
                        "ended_us = ?, counters = ?, words = ?, hash = ?, summary = ?, "
                        "asked_by = ?, decided_by = ? WHERE tenant = ? AND id = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    return affected > 0 ? 0 : no_run(row->id, err);
}

int run_find(struct session *session, struct arena *arena, int tenant, int64_t id,
             struct run_row *out, struct err *err)
{
    const struct value values[] = {VALUE_INT(id), VALUE_INT(tenant)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(*out)};

    if (control_query(session,
                      tenant == 0 ? SELECT "WHERE r.id = ?"
                                  : SELECT "WHERE r.id = ? AND r.tenant = ?",
                      values, tenant == 0 ? 1 : 2, read_run, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return no_run(id, err);
    *out = *(struct run_row *)list.items;
    return 0;
}

static void read_tally(struct rows *rows, struct arena *arena, void *item)
{
    struct run_tally *tally = item;

    (void)arena;
    *tally = (struct run_tally){.source = rows_integer(rows, 0),
                                .state = (int)rows_integer(rows, 1),
                                .count = rows_integer(rows, 2)};
}

int runs_tally(struct session *session, struct arena *arena, const struct run_tally **out,
               size_t *count, struct err *err)
{
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(session,
                      "SELECT source, state, COUNT(*) FROM scimd_run GROUP BY source, state "
                      "ORDER BY source, state",
                      NULL, 0, read_tally, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

#define NEWEST " ORDER BY r.id DESC {limit}"

int runs_list(struct session *session, struct arena *arena, int tenant, int64_t source,
              int64_t before, size_t limit, const struct run_row **out, size_t *count,
              struct err *err)
{
    static const char *const statements[2][2] = {
        {SELECT "WHERE r.id < ?" NEWEST,                  SELECT "WHERE r.id < ? AND r.source = ?" NEWEST},
        {SELECT "WHERE r.id < ? AND r.tenant = ?" NEWEST,
         SELECT "WHERE r.id < ? AND r.tenant = ? AND r.source = ?" NEWEST                                },
    };
    struct value values[4] = {VALUE_INT(before != 0 ? before : INT64_MAX)};
    size_t used = 1;
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (tenant != 0)
        values[used++] = VALUE_INT(tenant);
    if (source != 0)
        values[used++] = VALUE_INT(source);
    values[used++] = VALUE_INT(limit);
    if (control_query(session, statements[tenant != 0][source != 0], values, used, read_run, &list,
                      err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}

int runs_purge(struct session *session, int64_t before_us, struct err *err)
{
    const struct value values[] = {VALUE_INT(before_us)};

    return session_execute(session,
                           "DELETE FROM scimd_run WHERE ended_us <> 0 AND ended_us < ? AND "
                           "EXISTS (SELECT 1 FROM scimd_run n WHERE n.tenant = scimd_run.tenant "
                           "AND n.source = scimd_run.source AND n.id > scimd_run.id) AND "
                           "NOT EXISTS (SELECT 1 FROM scimd_source s WHERE s.id = scimd_run.source "
                           "AND (s.held_run = scimd_run.id OR s.run = scimd_run.id))",
                           values, ARRAY_LENGTH(values), NULL, err);
}
