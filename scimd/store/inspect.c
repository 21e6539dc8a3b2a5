#include "store/inspect.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "store/database.h"
#include "store/fold.h"
#include "store/migrate.h"

struct look {
    struct session *session;
    struct arena *arena;
    bool control;
    struct report *report;
};

static void add_problem(struct look *look, const struct err *err)
{
    struct report *report = look->report;
    struct report_problem *problem = &report->problems[report->problem_count];

    if (report->problem_count == REPORT_PROBLEMS_MAX)
        return;
    problem->what = err->code == ERR_INTERNAL /* a statement that every database of ours takes */
                        ? "its tables were changed by hand, or are not scimd's"
                        : arena_strdup(look->arena, err->detail);
    problem->cause = err->cause[0] != '\0' ? arena_strdup(look->arena, err->cause) : NULL;
    report->problem_count++;
}

/* The first column of the first row; *out is NULL where there is none. */
static int ask(const struct look *look, const char *sql, const char **out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(look->session, sql, NULL, 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *out = more > 0 ? rows_text(rows, 0, look->arena, NULL) : NULL;
    return 0;
}

static int look_at_server(struct look *look, struct err *err)
{
    return ask(look, session_dialect(look->session)->server, &look->report->server, err);
}

static int look_at_check(struct look *look, struct err *err)
{
    const struct dialect *dialect = session_dialect(look->session);

    return dialect->check != NULL ? dialect->check(look->session, err) : 0;
}

static int look_at_schema(struct look *look, struct err *err)
{
    const struct embedded_file *files = session_dialect(look->session)->migrations;
    struct report *report = look->report;

    report->schema_known = migrate_known(files, look->control);
    if (migrate_applied(look->session, &report->schema, err) < 0)
        return -1;
    return migrate_check(look->session, files, look->control, err);
}

static int look_at_keys(struct look *look, struct err *err)
{
    look->report->keys_known = TEXT_FOLD_VERSION;
    if (fold_version(look->session, &look->report->keys, err) < 0)
        return -1;
    return fold_agrees(look->report->keys, err);
}

/* Is `value` one of the words? */
static bool is_among(const char *words, const char *value)
{
    size_t length = strlen(value);

    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");

        if (word == length && memcmp(at, value, length) == 0)
            return true;
        at += word;
    }
    return false;
}

static int look_at_setting(struct look *look, const struct dialect_promise *promise,
                           struct err *err)
{
    struct report *report = look->report;
    const char *value = NULL;

    if (ask(look, promise->sql, &value, err) < 0)
        return -1;
    if (value == NULL)
        value = "";
    if (report->setting_count < REPORT_SETTINGS_MAX)
        report->settings[report->setting_count++] =
            (struct report_setting){.name = promise->name, .value = value};
    if (is_among(promise->values, value))
        return 0;
    return err_set(err, ERR_CONFIGURATION, "%s is %s, not %s: %s", promise->name, value,
                   promise->values, promise->risk);
}

/* Every step is taken: one problem doesn't hide the others. */
static void look_at_all(struct look *look)
{
    static int (*const steps[])(struct look * look, struct err * err) = {
        look_at_server, look_at_check, look_at_schema, look_at_keys};
    const struct dialect_promise *promise = session_dialect(look->session)->promises;

    for (size_t i = 0; i < ARRAY_LENGTH(steps) && !session_is_lost(look->session); i++) {
        struct err err = {0};

        if (steps[i](look, &err) < 0)
            add_problem(look, &err);
    }
    for (; promise->name != NULL && !session_is_lost(look->session); promise++) {
        struct err err = {0};

        if (look_at_setting(look, promise, &err) < 0)
            add_problem(look, &err);
    }
}

static int connect(const struct store *store, const char *name, struct session **out,
                   struct err *err)
{
    CLEANUP(buf_free) struct buf connection_string = {0};
    const struct dialect *dialect = store->dialect;

    if (dialect->find != NULL && dialect->find(&store->settings, name, err) < 0)
        return -1;
    if (dialect->locate(&store->settings, name, &connection_string, err) < 0)
        return -1;
    return session_open(store->environment, dialect, &store->settings, connection_string.bytes, out,
                        err);
}

int store_inspect(struct store *store, const char *name, struct arena *arena, struct report *out,
                  struct err *err)
{
    struct look look = {.arena = arena, .control = strcmp(name, STORE_CONTROL) == 0, .report = out};
    struct err problem = {0};

    if (database_check_name(name, err) < 0)
        return -1;
    *out = (struct report){.engine = store->dialect->name};
    if (connect(store, name, &look.session, &problem) < 0) {
        add_problem(&look, &problem);
        return 0;
    }
    look_at_all(&look);
    session_close(look.session);
    return 0;
}
