/* What administrators ask of an engine, and what it answers. */
#include "table.h"

#include "sync/engine_fixture.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "scim/json.h"

static struct bench {
    struct fixture f;
    struct replica one;
} bench;

/* ---- what administrators do ---- */

static int ask(struct bench *b, const char *kind, const char *request, struct err *err)
{
    json_t *answer = NULL;
    int result;

    *err = (struct err){0};
    result = replica_ask(&b->one, kind, request, &answer, err);
    json_decref(answer);
    return result;
}

static int64_t ask_run(struct bench *b, const char *request)
{
    json_t *answer = NULL;
    int64_t run = 0;
    struct err err = {0};

    if (replica_ask(&b->one, "resync", request, &answer, &err) < 0)
        (void)fixture_failed("resync", &err);
    run = json_integer_value(json_object_get(answer, "run"));
    json_decref(answer);
    return run;
}

static void recovers(struct bench *b)
{
    struct run_row run;
    json_t *answer = NULL;
    struct err err = {0};

    atomic_store(&fake.error, ERR_SOURCE_UNAVAILABLE);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_FAILED));
    atomic_store(&fake.error, 0);
    assert_int_equal(replica_ask(&b->one, "resync", "{'source':'corp'}", &answer, &err), 0);
    json_decref(answer);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    run = fixture_run(&b->f, "corp");
    assert_int_equal(run.kind, RUN_KIND_FULL); /* a delta of what was never read is all of it */
    assert_string_equal(run.asked_by, "uid 0");
    assert_int_equal(fixture_row(&b->f, "corp").failures, 0);
    assert_null(fixture_row(&b->f, "corp").last_error);
    assert_int_equal(fixture_row(&b->f, "corp").state, SOURCE_IDLE);
}

static void pauses(struct bench *b)
{
    struct err err = {0};

    assert_int_equal(fixture_source(&b->f, "corp", INT64_MAX), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_int_equal(ask(b, "source.pause", "{'source':'corp'}", &err), 0);
    assert_int_equal(ask(b, "source.pause", "{'source':'corp'}", &err), -1);
    assert_string_equal(err.detail, "the source is paused: it can't pause");
    assert_int_equal(ask(b, "resync", "{'source':'corp'}", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_string_equal(err.detail, "the source is paused");
    assert_int_equal(fixture_row(&b->f, "corp").lease_until_us, 0);
    assert_true(ask_run(b, "{'source':'corp','dry_run':true}") > 0); /* changes nothing */
    assert_true(fixture_reaches(&b->f, "corp", RUN_HELD));
    assert_int_equal(fixture_row(&b->f, "corp").state, SOURCE_PAUSED);
    assert_int_equal(ask(b, "source.resume", "{'source':'corp'}", &err), 0);
    assert_true(ask_run(b, "{'source':'corp','full':true}") > 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
}

static void stays_paused_after_its_run(struct bench *b)
{
    struct err err = {0};

    atomic_store(&fake.shut, true);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fake_reaches(&fake.opened, 1));
    assert_int_equal(ask(b, "source.pause", "{'source':'corp'}", &err), 0);
    atomic_store(&fake.shut, false);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    assert_int_equal(fixture_row(&b->f, "corp").state, SOURCE_PAUSED);
}

static void cancels(struct bench *b)
{
    char request[64];
    int64_t run;
    struct err err = {0};

    atomic_store(&fake.pages, 1000000);
    atomic_store(&fake.page_ms, 1);
    assert_int_equal(fixture_source(&b->f, "corp", 1), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(fake_reaches(&fake.pulled, 5));
    run = fixture_run(&b->f, "corp").id;
    (void)snprintf(request, sizeof(request), "{'run':%lld}", (long long)run);
    assert_int_equal(ask(b, "resync", "{'source':'corp'}", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_non_null(strstr(err.detail, "is under way"));
    assert_int_equal(ask(b, "source.delete", "{'source':'corp'}", &err), -1);
    assert_non_null(strstr(err.detail, "is under way"));
    assert_int_equal(ask(b, "run.cancel", request, &err), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_CANCELLED));
    assert_string_equal(fixture_run(&b->f, "corp").decided_by, "uid 0");
    assert_int_equal(fixture_row(&b->f, "corp").state, SOURCE_IDLE);
    assert_int_equal(ask(b, "run.cancel", request, &err), -1);
    assert_string_equal(err.detail, "the run is cancelled: nothing to cancel");
    assert_int_equal(ask(b, "source.delete", "{'source':'corp'}", &err), 0);
    assert_int_equal(ask(b, "source.delete", "{'source':'corp'}", &err), -1);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void rehearse(struct bench *b, char request[128], const char *hash)
{
    struct run_row run;

    assert_int_equal(fixture_source(&b->f, "corp", INT64_MAX), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_true(ask_run(b, "{'source':'corp','dry_run':true,'full':true}") > 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_HELD));
    run = fixture_run(&b->f, "corp");
    assert_true(run.dry);
    assert_int_equal(strlen(run.hash), DIGEST_HEX_BYTES - 1);
    (void)snprintf(request, 128, "{'run':%lld,'hash':'%s'}", (long long)run.id,
                   hash != NULL ? hash : run.hash);
}

static void approves(struct bench *b)
{
    char request[128];
    struct err err = {0};

    rehearse(b, request, NULL);
    assert_int_equal(ask(b, "run.approve", request, &err), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    assert_string_equal(fixture_run(&b->f, "corp").decided_by, "uid 0");
    assert_int_equal(ask(b, "run.approve", request, &err), -1);
    assert_string_equal(err.detail, "the run is applied: nothing to approve");
}

static void approves_one_plan_only(struct bench *b)
{
    char request[128];
    struct err err = {0};

    rehearse(b, request, "00");
    assert_int_equal(ask(b, "run.approve", request, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_non_null(strstr(err.detail, "the plan has changed: look again with scimctl run plan "));
    assert_int_equal(fixture_run(&b->f, "corp").state, RUN_HELD);
    assert_int_equal(fixture_row(&b->f, "corp").lease_until_us, 0);
}

static void rejects(struct bench *b)
{
    char request[128];
    struct err err = {0};

    rehearse(b, request, NULL);
    assert_int_equal(ask(b, "run.reject", request, &err), 0);
    assert_int_equal(fixture_run(&b->f, "corp").state, RUN_REJECTED);
    assert_int_equal(fixture_row(&b->f, "corp").lease_until_us, 0);
    assert_int_equal(ask(b, "run.approve", request, &err), -1);
}

/* A plan is of what stood then. */
static void replaces_what_waits(struct bench *b)
{
    char request[128];
    int64_t held;
    struct tenant_run run;
    struct err err = {0};

    rehearse(b, request, NULL);
    held = fixture_run(&b->f, "corp").id;
    assert_true(ask_run(b, "{'source':'corp'}") > held);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    assert_int_equal(tenants_run_find(b->f.tenants, b->f.arena, "acme", held, &run, &err), 0);
    assert_int_equal(run.row.state, RUN_CANCELLED);
    assert_non_null(strstr(run.row.words, "took its place"));
}

static void previews(struct bench *b)
{
    json_t *answer = NULL;
    json_t *objects;
    struct err err = {0};

    atomic_store(&fake.pages, 40);
    assert_int_equal(fixture_source(&b->f, "corp", INT64_MAX), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_int_equal(replica_ask(&b->one, "source.preview", "{'source':'corp'}", &answer, &err), 0);
    objects = json_object_get(answer, "objects");
    assert_int_equal(json_array_size(objects), 5);
    assert_string_equal(json_string_value(json_object_get(json_array_get(objects, 4), "source_id")),
                        "id-4");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json_array_get(objects, 4), "document"), "userName")),
                        "u4@example.com");
    assert_true(json_array_size(json_object_get(json_array_get(objects, 4), "origins")) > 0);
    json_decref(answer);
    assert_int_equal(fixture_run(&b->f, "corp").id, 0);
    assert_int_equal(atomic_load(&fake.sessions), 0);
}

static void tests_a_source(struct bench *b)
{
    json_t *answer = NULL;
    json_t *finding;
    struct err err = {0};

    assert_int_equal(fixture_source(&b->f, "corp", INT64_MAX), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_int_equal(replica_ask(&b->one, "source.test", "{'source':'corp'}", &answer, &err), 0);
    finding = json_array_get(json_object_get(answer, "findings"), 1);
    assert_string_equal(json_string_value(json_object_get(finding, "verdict")), "failure");
    assert_string_equal(json_string_value(json_object_get(finding, "advice")), "open it");
    json_decref(answer);
}

/* ---- source files ---- */

#define REST "type: ad\\nsettings:\\n  url: here"
#define FIRST "name: corp\\ntype: ad\\n"
#define HERE "name: corp\\n" REST
#define WITH(password) HERE "\\n  password: " password
#define MISSING "there is no secret \"other\": store it with scimctl secret set acme other"
#define IN_CLEAR                                                                                   \
    "corp.yaml:5: settings.password: the secret itself; secret:NAME keeps it out of files. Store " \
    "it with scimctl secret set acme NAME"
#define UNKNOWN_KEY "corp.yaml:3: unknown key \"sets\""

static struct apply_case {
    const char *name;
    const char *text; /* of the file; "\n" as in JSON */
    const char *action;
    const char *detail; /* of the error; NULL: none */
    bool dry;
    bool stored; /* a source is there afterwards */
} applies[] = {
    {"creates",           HERE,                      "create", NULL,        false, true },
    {"would create",      HERE,                      "create", NULL,        true,  false},
    {"with a secret",     WITH("secret:known"),      "create", NULL,        false, true },
    {"without its one",   WITH("secret:other"),      NULL,     MISSING,     false, false},
    {"a secret in clear", WITH("tiger"),             NULL,     IN_CLEAR,    false, false},
    {"an unknown key",    FIRST "sets: {url: here}", NULL,     UNKNOWN_KEY, false, false},
    {"a client's name",   "name: scim\\n" REST,      NULL,     "",          false, false},
};

static void applies_files(void **state)
{
    const struct apply_case *expected = *state;
    char request[1024];
    json_t *answer = NULL;
    struct bench *b = &bench;
    struct err err = {0};
    int result;

    fake_reset();
    assert_int_equal(fixture_open(&b->f), 0);
    assert_int_equal(tenants_secret_put(b->f.tenants, &fixture_admin, "acme", "known", "x", &err),
                     0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    (void)snprintf(request, sizeof(request), "{'name':'corp.yaml','dry_run':%s,'text':'%s'}",
                   expected->dry ? "true" : "false", expected->text);
    result = replica_ask(&b->one, "source.apply", request, &answer, &err);
    assert_int_equal(result, expected->detail == NULL ? 0 : -1);
    if (result == 0)
        assert_string_equal(json_string_value(json_object_get(answer, "action")), expected->action);
    else if (expected->detail[0] != '\0')
        assert_string_equal(err.detail, expected->detail);
    json_decref(answer);
    if (expected->stored)
        assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED)); /* a new one is pulled at once */
    else
        assert_int_equal(tenants_source_find(b->f.tenants, b->f.arena, "acme", "corp",
                                             &(struct source_row){0}, &err),
                         -1);
    replica_stop(&b->one);
    fixture_close(&b->f);
}

static struct change_case {
    const char *name;
    const char *text; /* appended to the first file */
    const char *action;
    bool full; /* is wanted then */
} changes[] = {
    {"nothing",        "",                              "nothing", false},
    {"a comment",      "# why",                         "nothing", false},
    {"when it runs",   "schedule: every 2h",            "change",  false},
    {"the guard",      "guard: {percent: 5}",           "change",  false},
    {"the mapping",    "mapping: {title: description}", "change",  true },
    {"how it matches", "match: [sourceId, userName]",   "change",  true },
};

static void applies_changes(void **state)
{
    const struct change_case *expected = *state;
    static const char file[] = "name: corp\\ntype: ad\\nsettings: {url: here}\\n";
    char request[1024];
    json_t *answer = NULL;
    struct bench *b = &bench;
    struct source_row row;
    struct err err = {0};

    fake_reset();
    assert_int_equal(fixture_open(&b->f), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    (void)snprintf(request, sizeof(request), "{'text':'%s'}", file);
    assert_int_equal(ask(b, "source.apply", request, &err), 0);
    assert_true(fixture_reaches(&b->f, "corp", RUN_APPLIED));
    atomic_store(&fake.shut, true);
    (void)snprintf(request, sizeof(request), "{'text':'%s%s'}", file, expected->text);
    assert_int_equal(replica_ask(&b->one, "source.apply", request, &answer, &err), 0);
    assert_string_equal(json_string_value(json_object_get(answer, "action")), expected->action);
    json_decref(answer);
    if (expected->full)
        assert_true(fake_reaches(&fake.opened, 2));
    row = fixture_row(&b->f, "corp");
    assert_int_equal(row.run != 0, expected->full);
    assert_non_null(strstr(row.owned, "\"members\""));
    assert_non_null(strstr(row.owned, ":User:name\""));
    atomic_store(&fake.shut, false);
    replica_stop(&b->one);
    fixture_close(&b->f);
}

static struct job_case {
    const char *name;
    const char *kind;
    const char *request;
    enum err_code code;
    const char *detail;
} refusals[] = {
    {"no source named",       "resync",         "{}",                      ERR_INVALID_VALUE,   "source: a name is missing"       },
    {"no such source",        "resync",         "{'source':'x'}",          ERR_NOT_FOUND,       ""                                },
    {"test of nothing",       "source.test",    "{}",                      ERR_INVALID_VALUE,   "source: a name is missing"       },
    {"test of a file",        "source.test",    "{'file':'a','text':'x'}", ERR_CONFIGURATION,   ""                                },
    {"preview of none",       "source.preview", "{'source':'x'}",          ERR_NOT_FOUND,       ""                                },
    {"no run named",          "run.cancel",     "{}",                      ERR_INVALID_VALUE,   "run: a number is missing"        },
    {"no such run",           "run.cancel",     "{'run':99}",              ERR_NOT_FOUND,       ""                                },
    {"no hash",               "run.approve",    "{'run':99}",              ERR_INVALID_VALUE,   "hash: the plan's hash is missing"},
    {"no such run to reject", "run.reject",     "{'run':99}",              ERR_NOT_FOUND,       ""                                },
    {"no file",               "source.apply",   "{}",                      ERR_INVALID_VALUE,   "text: the source file is missing"},
    {"unknown question",      "source.paint",   "{}",                      ERR_NOT_IMPLEMENTED,
     "this server doesn't know \"source.paint\""                                                                                  },
};

static void refuses(void **state)
{
    const struct job_case *expected = *state;
    struct bench *b = &bench;
    struct err err = {0};

    fake_reset();
    assert_int_equal(fixture_open(&b->f), 0);
    assert_int_equal(replica_start(&b->f, "one", &b->one), 0);
    assert_int_equal(ask(b, expected->kind, expected->request, &err), -1);
    assert_int_equal(err.code, expected->code);
    if (expected->detail[0] != '\0')
        assert_string_equal(err.detail, expected->detail);
    replica_stop(&b->one);
    fixture_close(&b->f);
}

/* ---- */

static struct engine_case {
    const char *name;
    void (*test)(struct bench *bench);
} cases[] = {
    {"recovers",                         recovers                  },
    {"pauses and resumes",               pauses                    },
    {"stays paused after its run",       stays_paused_after_its_run},
    {"cancels",                          cancels                   },
    {"approves a plan",                  approves                  },
    {"approves one plan only",           approves_one_plan_only    },
    {"rejects a plan",                   rejects                   },
    {"replaces what waits for approval", replaces_what_waits       },
    {"previews",                         previews                  },
    {"tests a source",                   tests_a_source            },
};

static void commands_do(void **state)
{
    const struct engine_case *expected = *state;

    fake_reset();
    bench = (struct bench){0};
    assert_int_equal(fixture_open(&bench.f), 0);
    expected->test(&bench);
    replica_stop(&bench.one);
    fixture_close(&bench.f);
}

int main(void)
{
    json_use_aborting_allocator();
    log_set_level(LOG_LEVEL_ERROR);
    return RUN_TABLE("commands", cases, commands_do) + RUN_TABLE("apply", applies, applies_files) +
           RUN_TABLE("change", changes, applies_changes) + RUN_TABLE("refuses", refusals, refuses);
}
