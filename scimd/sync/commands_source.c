/* Pausing, resuming and deleting a source. */
#include "base/cleanup.h"
#include "sync/commands.h"

#define STEP_TRIES 3 /* a run may begin or end meanwhile */

static int step_once(const struct command *command, const char *action, enum source_event event,
                     json_t **answer, struct err *err)
{
    struct source_row row;
    enum source_state next;
    struct source_step change = {.action = action};

    if (command_source(command, &row, err) < 0 ||
        source_next((enum source_state)row.state, event, &next, err) < 0)
        return -1;
    /* what waits for approval waits on */
    if (event == SOURCE_EVENT_RESUME && row.held_run != 0)
        next = SOURCE_HELD;
    change.from = row.state;
    change.to = (int)next;
    if (tenants_source_set_state(command->engine->settings.tenants, &command->actor,
                                 command->tenant, row.name, &change, err) < 0)
        return -1;
    *answer = json_pack("{s:s, s:s, s:I}", "source", row.name, "state", source_state_name(next),
                        "run", (json_int_t)row.run);
    return 0;
}

static int step(const struct command *command, const char *action, enum source_event event,
                json_t **answer, struct err *err)
{
    int result = step_once(command, action, event, answer, err);

    for (int i = 1; i < STEP_TRIES && result < 0 && err->code == ERR_CONFLICT; i++)
        result = step_once(command, action, event, answer, err);
    if (result == 0)
        sync_engine_poke(command->engine);
    return result;
}

int command_pause(const struct command *command, json_t **answer, struct err *err)
{
    return step(command, "source.pause", SOURCE_EVENT_PAUSE, answer, err);
}

int command_resume(const struct command *command, json_t **answer, struct err *err)
{
    return step(command, "source.resume", SOURCE_EVENT_RESUME, answer, err);
}

int command_delete(const struct command *command, json_t **answer, struct err *err)
{
    struct source_row row;
    struct lease lease = {.control = command->engine->control,
                          .owner = command->engine->owner,
                          .seconds = command->engine->settings.lease_s,
                          .tenant = command->tenant_number};

    if (command_source(command, &row, err) < 0)
        return -1;
    lease.source = row.id;
    if (lease_borrow(&lease, err) < 0)
        return -1;
    if (tenants_source_delete(command->engine->settings.tenants, &command->actor, command->tenant,
                              row.name, err) < 0) {
        lease_return(&lease);
        return -1;
    }
    *answer = json_pack("{s:s, s:b}", "source", row.name, "deleted", 1);
    return 0;
}
