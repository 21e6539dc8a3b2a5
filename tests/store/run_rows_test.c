/* Rows of runs: numbers, lists from the newest, and what is forgotten. */
#include "control_fixture.h"

#include "store/run_rows.h"

#define OK (enum err_code)0

static const char *text_of(const char *text)
{
    return text != NULL ? text : "-";
}

static int insert(struct session *session, int tenant, int64_t source, int64_t ended_us,
                  struct err *err)
{
    const struct run_row row = {.tenant = tenant,
                                .source = source,
                                .kind = RUN_KIND_DELTA,
                                .state = 1,
                                .started_us = 1,
                                .ended_us = ended_us,
                                .counters = "{}"};
    int64_t id = 0;

    return run_insert(session, &row, &id, err);
}

/* Runs 1 to 6, those of AD ended at 10, 20, 30. */
static int insert_some(struct session *session, struct err *err)
{
    return insert(session, 1, AD, 10, err) < 0 || insert(session, 1, AD, 20, err) < 0 ||
                   insert(session, 1, OKTA, 10, err) < 0 ||
                   insert(session, 2, FOREIGN, 10, err) < 0 ||
                   insert(session, 1, AD, 30, err) < 0 || insert(session, 1, OKTA, 0, err) < 0
               ? -1
               : 0;
}

static int see(struct session *session, struct control_world *world, int tenant, int64_t id,
               struct err *err)
{
    struct run_row row;

    if (run_find(session, world->fixture.arena, tenant, id, &row, err) < 0)
        return -1;
    buf_printf(&world->text, "%lld %d %lld %s %d %d %d %lld %lld %s %s '%s' %s %s %s\n",
               (long long)row.id, row.tenant, (long long)row.source, row.source_name, (int)row.kind,
               row.dry, row.state, (long long)row.started_us, (long long)row.ended_us, row.counters,
               text_of(row.words), row.hash, text_of(row.summary), text_of(row.asked_by),
               text_of(row.decided_by));
    return 0;
}

static int comes_back(struct session *session, struct control_world *world, struct err *err)
{
    struct run_row row = {.tenant = 1,
                          .source = AD,
                          .kind = RUN_KIND_FULL,
                          .dry = true,
                          .state = 2,
                          .started_us = 3,
                          .counters = "{}",
                          .asked_by = "uid 0"};
    int64_t id = 0;

    if (run_insert(session, &row, &id, err) < 0 || see(session, world, 1, id, err) < 0)
        return -1;
    row = (struct run_row){.id = id,
                           .tenant = 1,
                           .kind = RUN_KIND_OBJECT,
                           .state = 4,
                           .started_us = 5,
                           .ended_us = 6,
                           .counters = "{\"n\":1}",
                           .words = "why",
                           .hash = "abc",
                           .summary = "[]",
                           .asked_by = "a",
                           .decided_by = "d"};
    return run_update(session, &row, err) < 0 ? -1 : see(session, world, 0, id, err);
}

static int find_in_another_tenant(struct session *session, struct control_world *world,
                                  struct err *err)
{
    return insert_some(session, err) < 0 ? -1 : see(session, world, 2, 1, err);
}

static int update_in_another_tenant(struct session *session, struct control_world *world,
                                    struct err *err)
{
    const struct run_row row = {.id = 1, .tenant = 2, .kind = RUN_KIND_FULL, .counters = "{}"};

    (void)world;
    return insert_some(session, err) < 0 ? -1 : run_update(session, &row, err);
}

struct question {
    int tenant;
    int64_t source;
    int64_t before;
    size_t limit;
};

static int list(struct session *session, struct control_world *world,
                const struct question *question, struct err *err)
{
    const struct run_row *rows = NULL;
    size_t count = 0;

    if (runs_list(session, world->fixture.arena, question->tenant, question->source,
                  question->before, question->limit, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&world->text, "%lld%s ", (long long)rows[i].id, rows[i].source_name);
    buf_putc(&world->text, '|');
    return 0;
}

static int lists(struct session *session, struct control_world *world, struct err *err)
{
    static const struct question questions[] = {
        {0, 0,    0, 10},
        {1, 0,    0, 10},
        {1, AD,   0, 10},
        {2, AD,   0, 10},
        {0, OKTA, 0, 10},
        {0, 0,    4, 2 },
        {1, AD,   5, 1 },
    };

    if (insert_some(session, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++)
        if (list(session, world, &questions[i], err) < 0)
            return -1;
    return 0;
}

static int purge(struct session *session, struct control_world *world, int64_t before_us,
                 struct err *err)
{
    static const struct question all = {0, 0, 0, 10};

    return runs_purge(session, before_us, err) < 0 ? -1 : list(session, world, &all, err);
}

static int purge_old(struct session *session, struct control_world *world, struct err *err)
{
    if (insert_some(session, err) < 0 || purge(session, world, 10, err) < 0 ||
        purge(session, world, 11, err) < 0)
        return -1;
    return purge(session, world, 1000, err);
}

static int purge_held(struct session *session, struct control_world *world, struct err *err)
{
    if (insert_some(session, err) < 0 ||
        session_execute(session, "UPDATE scimd_source SET held_run = 1, run = 2 WHERE id = 71",
                        NULL, 0, NULL, err) < 0)
        return -1;
    return purge(session, world, 1000, err);
}

static int tallies(struct session *session, struct control_world *world, struct err *err)
{
    const struct run_tally *tallies = NULL;
    size_t count = 0;

    if (insert_some(session, err) < 0 ||
        session_execute(session, "UPDATE scimd_run SET state = 3 WHERE id IN (1, 6)", NULL, 0, NULL,
                        err) < 0 ||
        session_execute(session, "UPDATE scimd_run SET state = 4 WHERE id NOT IN (1, 6)", NULL, 0,
                        NULL, err) < 0 ||
        runs_tally(session, world->fixture.arena, &tallies, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&world->text, "%lld:%d=%lld ", (long long)tallies[i].source, tallies[i].state,
                   (long long)tallies[i].count);
    return 0;
}

static int numbers_go_on(struct session *session, struct control_world *world, struct err *err)
{
    if (insert_some(session, err) < 0 || source_delete(session, 1, OKTA, err) < 0 ||
        insert(session, 1, AD, 0, err) < 0)
        return -1;
    return list(session, world, &(struct question){1, AD, 0, 1}, err);
}

#define ALL "6okta 5ad 4ad 3okta 2ad 1ad |"

static struct control_act acts[] = {
    {"a row comes back as it was written",       comes_back,
     "1 1 71 ad 2 1 2 3 0 {} - '' - uid 0 -\n1 1 71 ad 3 0 4 5 6 {\"n\":1} why 'abc' [] a d\n",                   OK           },
    {"find in another tenant",                   find_in_another_tenant,   "there is no run 1",                   ERR_NOT_FOUND},
    {"update in another tenant",                 update_in_another_tenant, "there is no run 1",                   ERR_NOT_FOUND},
    {"lists, the newest first",                  lists,
     ALL "6okta 5ad 3okta 2ad 1ad |5ad 2ad 1ad ||6okta 3okta |3okta 2ad |2ad |",                                  OK           },
    {"forget what ended before, but the newest", purge_old,
     ALL "6okta 5ad 4ad 2ad |6okta 5ad 4ad |",                                                                    OK           },
    {"keep what is held and under way",          purge_held,               "6okta 5ad 4ad 2ad 1ad |",             OK           },
    {"counts by source and state",               tallies,                  "71:3=1 71:4=2 72:3=1 72:4=1 81:4=1 ", OK           },
    {"numbers are not used again",               numbers_go_on,            "7ad |",                               OK           },
};

int main(void)
{
    return RUN_TABLE("runs", acts, control_acts);
}
