#include "sync/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"

static const struct kind {
    const char *name;
    command_answer answer;
    bool is_long;
} kinds[] = {
    {"source.apply",   command_apply,   false},
    {"source.test",    command_test,    true },
    {"source.preview", command_preview, true },
    {"source.pause",   command_pause,   false},
    {"source.resume",  command_resume,  false},
    {"source.delete",  command_delete,  true },
    {"resync",         command_resync,  true },
    {"run.approve",    command_approve, true },
    {"run.reject",     command_reject,  true },
    {"run.cancel",     command_cancel,  true },
};

/* A job in hand, with its own copies. */
struct task {
    struct sync_engine *engine;
    struct arena *arena; /* owned, holds the texts */
    const struct kind *kind;
    struct job_row job;
};

const char *command_text(const struct command *command, const char *key)
{
    return json_string_value(json_object_get(command->request, key));
}

int command_source(const struct command *command, struct source_row *out, struct err *err)
{
    const char *name = command_text(command, "source");

    if (name == NULL)
        return err_set(err, ERR_INVALID_VALUE, "source: a name is missing");
    return tenants_source_find(command->engine->settings.tenants, command->arena, command->tenant,
                               name, out, err);
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int find_tenant(const struct task *task, struct command *command, struct err *err)
{
    const struct tenant_row *rows = NULL;
    size_t count = 0;

    if (tenants_list(task->engine->settings.tenants, task->arena, &rows, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].number == task->job.tenant && rows[i].state != TENANT_DELETING) {
            command->tenant = rows[i].name;
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "there is no such tenant any more");
}

static int run_command(const struct task *task, json_t **answer, struct err *err)
{
    CLEANUP(json_decrefp) json_t *request = json_loads(task->job.request, 0, NULL);
    struct command command = {
        .engine = task->engine,
        .arena = task->arena,
        .tenant_number = task->job.tenant,
        .actor = {.name = task->job.actor, .request_id = task->job.request_id},
        .request = request,
    };

    if (!json_is_object(request))
        return err_set(err, ERR_INVALID_SYNTAX, "the request must be a JSON object");
    return find_tenant(task, &command, err) < 0 ? -1 : task->kind->answer(&command, answer, err);
}

static void send(struct sync_engine *engine, const struct job_row *job, const json_t *answer,
                 const struct err *failure)
{
    struct err err = {0};

    if (jobs_answer(engine->settings.jobs, job->id, answer, answer == NULL ? failure : NULL, &err) <
        0)
        log_event(LOG_LEVEL_WARNING, "sync.answer_lost", LOG_TEXT("kind", job->kind),
                  LOG_TEXT("request", job->request_id), LOG_TEXT("detail", err.detail),
                  LOG_TEXT("cause", err.cause));
}

static void answer_task(struct task *task)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    struct err failure = {0};

    if (run_command(task, &answer, &failure) < 0)
        log_event(LOG_LEVEL_INFO, "sync.job_refused", LOG_TEXT("kind", task->job.kind),
                  LOG_TEXT("request", task->job.request_id),
                  LOG_TEXT("error", err_name(failure.code)), LOG_TEXT("cause", failure.cause));
    send(task->engine, &task->job, answer, &failure);
    arena_free(task->arena);
    free(task);
}

/* ---- long ones ---- */

static bool reserve(struct sync_engine *engine)
{
    bool free_place;

    (void)pthread_mutex_lock(&engine->lock);
    free_place = engine->long_jobs < ENGINE_LONG_JOBS_MAX;
    engine->long_jobs += free_place;
    (void)pthread_mutex_unlock(&engine->lock);
    return free_place;
}

static void give_back(struct sync_engine *engine)
{
    (void)pthread_mutex_lock(&engine->lock);
    engine->long_jobs--;
    (void)pthread_cond_broadcast(&engine->changed);
    (void)pthread_mutex_unlock(&engine->lock);
}

static void *task_main(void *argument)
{
    struct task *task = argument;
    struct sync_engine *engine = task->engine;

    answer_task(task);
    give_back(engine);
    return NULL;
}

/* False: no thread has it. */
static bool start_task(struct task *task)
{
    pthread_t thread;

    if (!reserve(task->engine))
        return false;
    if (pthread_create(&thread, NULL, task_main, task) != 0) {
        give_back(task->engine);
        return false;
    }
    (void)pthread_detach(thread);
    return true;
}

static struct task *new_task(struct sync_engine *engine, const struct kind *kind,
                             const struct job_row *job)
{
    struct task *task = memory_calloc(1, sizeof(*task));

    task->engine = engine;
    task->kind = kind;
    task->arena = arena_new(ARENA_BLOCK_BYTES);
    task->job = (struct job_row){.id = job->id,
                                 .tenant = job->tenant,
                                 .kind = kind->name,
                                 .actor = arena_strdup(task->arena, job->actor),
                                 .request_id = arena_strdup(task->arena, job->request_id),
                                 .request = arena_strdup(task->arena, job->request)};
    return task;
}

void commands_answer(struct sync_engine *engine, const struct job_row *job)
{
    const struct kind *kind = find_kind(job->kind);
    struct task *task;
    struct err failure = {0};

    if (kind == NULL) { /* of a replica that is newer */
        (void)err_set(&failure, ERR_NOT_IMPLEMENTED, "this server doesn't know \"%.32s\"",
                      job->kind);
        send(engine, job, NULL, &failure);
        return;
    }
    task = new_task(engine, kind, job);
    if (!kind->is_long) {
        answer_task(task);
        return;
    }
    if (start_task(task))
        return;
    (void)err_set(&failure, ERR_TOO_MANY_REQUESTS,
                  "%d questions wait for their directories: try again later", ENGINE_LONG_JOBS_MAX);
    send(engine, job, NULL, &failure);
    arena_free(task->arena);
    free(task);
}
