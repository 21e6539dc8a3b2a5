/* Asking for runs, and deciding about them. */
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/links.h"
#include "store/sync_rows.h"
#include "sync/commands.h"

#define SECOND_US INT64_C(1000000)
#define WAIT_MS 100 /* between two looks for a free place */

/* ---- what an administrator did ---- */

struct audit_work {
    const struct command *command;
    const char *action;
    const char *target;
};

static int audit_work(struct session *session, void *argument, struct err *err)
{
    const struct audit_work *work = argument;

    return control_audit(session,
                         &(struct audit_row){.at_us = clock_now_us(),
                                             .actor = work->command->actor.name,
                                             .action = work->action,
                                             .target = work->target,
                                             .request_id = work->command->actor.request_id},
                         err);
}

/* `part` is a source or a run. */
static int audit(const struct command *command, const char *action, const char *part,
                 struct err *err)
{
    struct audit_work work = {.command = command,
                              .action = action,
                              .target =
                                  arena_printf(command->arena, "%s/%s", command->tenant, part)};

    return store_transact(command->engine->control, audit_work, &work, err);
}

/* ---- starting ---- */

static bool wait_for_place(struct sync_engine *engine)
{
    const struct timespec pause = {.tv_nsec = WAIT_MS * 1000000L};
    int64_t until_us = clock_monotonic_us() + ENGINE_START_WAIT_S * SECOND_US;

    while (!running_reserve(engine)) {
        if (clock_monotonic_us() >= until_us || atomic_load(&engine->stopping))
            return false;
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

static int no_place(struct err *err)
{
    return err_set(err, ERR_TOO_MANY_REQUESTS,
                   "as many sources run now as sync.runs allows: try again later");
}

static json_t *run_json(int64_t run)
{
    return json_pack("{s:I}", "run", (json_int_t)run);
}

struct find_work {
    struct arena *arena;
    int64_t source;
    const char *object;
    struct link_row link;
};

static int find_work(struct session *session, void *argument, struct err *err)
{
    struct find_work *work = argument;

    return links_find(session, work->arena, work->source, &work->object, 1, false, &work->link,
                      err);
}

/* A group that was seen before, or that the asker calls one. */
static int is_group(const struct command *command, int64_t source, const char *object, bool *group,
                    struct err *err)
{
    struct find_work work = {.arena = command->arena, .source = source, .object = object};
    struct tenant *tenant = NULL;
    int result;

    if (tenants_find(command->engine->settings.tenants, command->tenant, &tenant, err) < 0)
        return -1;
    result = store_read(tenant->scope, find_work, &work, err);
    tenant_release(tenant);
    if (result == 0)
        *group = work.link.pk != 0 ? work.link.object == RESOURCE_TYPE_GROUP
                                   : json_is_true(json_object_get(command->request, "group"));
    return result;
}

struct want_work {
    const struct command *command;
    int64_t source;
    enum source_wanted wanted;
};

static int want_work(struct session *session, void *argument, struct err *err)
{
    const struct want_work *work = argument;

    return source_want(session, work->command->tenant_number, work->source, work->wanted,
                       work->command->actor.name, err);
}

/* It begins as soon as there is a place, here or in another replica. */
static int want(const struct command *command, const struct running_order *order, json_t **answer,
                struct err *err)
{
    struct want_work work = {.command = command,
                             .source = order->source,
                             .wanted =
                                 order->lease.kind == RUN_KIND_FULL ? WANTED_FULL : WANTED_DELTA};

    if (order->lease.dry || order->object != NULL)
        return no_place(err);
    if (store_transact(command->engine->control, want_work, &work, err) < 0)
        return -1;
    *answer = run_json(0);
    return 0;
}

int command_resync(const struct command *command, json_t **answer, struct err *err)
{
    struct source_row row;
    struct running_order order = {
        .tenant_number = command->tenant_number,
        .tenant = command->tenant,
        .object = command_text(command, "object"),
        .lease = {.kind = RUN_KIND_DELTA,
                  .dry = json_is_true(json_object_get(command->request, "dry_run")),
                  .asked_by = command->actor.name}
    };
    int64_t run;

    if (command_source(command, &row, err) < 0)
        return -1;
    if (row.run != 0)
        return err_set(err, ERR_CONFLICT, "run %lld is under way", (long long)row.run);
    order.source = row.id;
    if (order.object != NULL) {
        order.lease.kind = RUN_KIND_OBJECT;
        if (is_group(command, row.id, order.object, &order.object_is_group, err) < 0)
            return -1;
    } else if (json_is_true(json_object_get(command->request, "full"))) {
        order.lease.kind = RUN_KIND_FULL;
    }
    if (audit(command, "source.resync", row.name, err) < 0)
        return -1;
    if (!wait_for_place(command->engine))
        return want(command, &order, answer, err);
    order.lease.now_us = clock_now_us();
    if (running_start(command->engine, &order, &run, err) < 0)
        return -1;
    *answer = run_json(run);
    return 0;
}

/* ---- deciding ---- */

static int find_run(const struct command *command, struct run_row *out, struct err *err)
{
    const json_t *number = json_object_get(command->request, "run");
    struct tenant_run found;

    if (!json_is_integer(number))
        return err_set(err, ERR_INVALID_VALUE, "run: a number is missing");
    if (tenants_run_find(command->engine->settings.tenants, command->arena, command->tenant,
                         json_integer_value(number), &found, err) < 0)
        return -1;
    *out = found.row;
    return 0;
}

static int audit_run(const struct command *command, const char *action, const struct run_row *run,
                     struct err *err)
{
    return audit(command, action, arena_printf(command->arena, "run %lld", (long long)run->id),
                 err);
}

int command_approve(const struct command *command, json_t **answer, struct err *err)
{
    const char *hash = command_text(command, "hash");
    struct run_row row;
    enum run_state next;
    int64_t run;

    if (hash == NULL)
        return err_set(err, ERR_INVALID_VALUE, "hash: the plan's hash is missing");
    if (find_run(command, &row, err) < 0 ||
        run_next((enum run_state)row.state, RUN_EVENT_APPROVE, &next, err) < 0 ||
        audit_run(command, "run.approve", &row, err) < 0)
        return -1;
    if (!wait_for_place(command->engine))
        return no_place(err);
    if (running_start(command->engine,
                      &(struct running_order){
                          .tenant_number = command->tenant_number,
                          .tenant = command->tenant,
                          .source = row.source,
                          .lease = {.kind = row.kind,
                                    .dry = row.dry,
                                    .asked_by = command->actor.name,
                                    .approve = row.id,
                                    .hash = hash,
                                    .now_us = clock_now_us()}
    },
                      &run, err) < 0)
        return -1;
    *answer = run_json(run);
    return 0;
}

struct clear_work {
    const struct lease *lease;
    struct arena *arena;
    int64_t plan;
};

static int clear_work(struct session *session, void *argument, struct err *err)
{
    const struct clear_work *work = argument;
    struct sync_row row;

    return sync_row_take(session, work->arena, work->lease->source, work->lease->fence, &row, err) <
                   0
               ? -1
               : staged_clear(session, work->lease->source, work->plan, err);
}

/* Under a borrowed lease: what is staged goes first, so that a plan that is decided has none. */
static int clear_and_decide(const struct command *command, const struct lease *lease,
                            const struct run_row *run, enum run_event event, struct err *err)
{
    struct clear_work work = {
        .lease = lease, .arena = command->arena, .plan = run->dry ? run->id : STAGED_LIVE};
    const struct lease_decision decision = {
        .run = run->id, .event = event, .by = command->actor.name, .now_us = clock_now_us()};
    struct tenant *tenant = NULL;
    struct run_row now;
    enum run_state next;
    int result;

    if (find_run(command, &now, err) < 0 ||
        run_next((enum run_state)now.state, event, &next, err) < 0 ||
        tenants_find(command->engine->settings.tenants, command->tenant, &tenant, err) < 0)
        return -1;
    result = store_transact(tenant->scope, clear_work, &work, err);
    tenant_release(tenant);
    return result < 0 ? -1 : lease_decide(lease, &decision, &(enum run_state){0}, err);
}

static int decide_held(const struct command *command, const struct run_row *run,
                       enum run_event event, struct err *err)
{
    struct lease lease = {.control = command->engine->control,
                          .owner = command->engine->owner,
                          .seconds = command->engine->settings.lease_s,
                          .tenant = run->tenant,
                          .source = run->source};
    int result;

    if (lease_borrow(&lease, err) < 0)
        return -1;
    result = clear_and_decide(command, &lease, run, event, err);
    lease_return(&lease);
    sync_engine_poke(command->engine);
    return result;
}

int command_reject(const struct command *command, json_t **answer, struct err *err)
{
    struct run_row run;
    enum run_state next;

    if (find_run(command, &run, err) < 0 ||
        run_next((enum run_state)run.state, RUN_EVENT_REJECT, &next, err) < 0 ||
        audit_run(command, "run.reject", &run, err) < 0 ||
        decide_held(command, &run, RUN_EVENT_REJECT, err) < 0)
        return -1;
    *answer = run_json(run.id);
    return 0;
}

int command_cancel(const struct command *command, json_t **answer, struct err *err)
{
    struct run_row run;
    enum run_state next;
    enum run_state was = RUN_RUNNING;
    struct lease_decision decision = {
        .event = RUN_EVENT_CANCEL, .by = command->actor.name, .now_us = clock_now_us()};
    struct lease lease = {.control = command->engine->control, .tenant = command->tenant_number};

    if (find_run(command, &run, err) < 0 ||
        run_next((enum run_state)run.state, RUN_EVENT_CANCEL, &next, err) < 0 ||
        audit_run(command, "run.cancel", &run, err) < 0)
        return -1;
    decision.run = run.id;
    lease.source = run.source;
    if (run.state == RUN_HELD) {
        if (decide_held(command, &run, RUN_EVENT_CANCEL, err) < 0)
            return -1;
    } else if (lease_decide(&lease, &decision, &was, err) < 0) {
        return -1;
    }
    running_cancel(command->engine, run.id);
    sync_engine_poke(command->engine);
    *answer = run_json(run.id);
    return 0;
}
