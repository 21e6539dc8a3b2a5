/* Runs against a source that plays a script: what each leaves in the tenant's database. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../directory/directory_fixture.h"
#include "table.h"

#include "run_script.h"
#include "scim/json.h"
#include "store/session.h"
#include "sync/run.h"

#define SOURCE 77
#define START_US INT64_C(1800000000000000)
#define DAY_US (INT64_C(86400) * 1000000)

/* People of the scripts. */
#define BOB "{'u':'b','a':{'userPrincipalName':'bob','title':'Clerk','userAccountControl':'512'}}"
#define BOB_OFF                                                                                    \
    "{'u':'b','a':{'userPrincipalName':'bob','title':'Clerk','userAccountControl':'514'}}"
#define BOB_BARE "{'u':'b','a':{'userPrincipalName':'bob','userAccountControl':'512'}}"
#define BOB_BOSS                                                                                   \
    "{'u':'b','a':{'userPrincipalName':'bob','userAccountControl':'512','manager':'a'}}"
#define ANN "{'u':'a','a':{'userPrincipalName':'ann','userAccountControl':'512'}}"
#define CAT "{'u':'c','a':{'userPrincipalName':'cat','userAccountControl':'512'}}"
#define STAFF "{'g':'s','a':{'cn':'staff'}}"
#define LEADS "{'g':'l','a':{'cn':'leads'}}"

struct step {
    const char *run; /* "full", "delta", "dry", "approve", "fetch", "push BODY"; NULL ends */
    const char *pages;
    const char *outcome; /* "applied", then words it has */
    const char *state;   /* people, then groups; NULL: as before */
};

#define STEPS_MAX 8

static struct run_case {
    const char *name;
    const char *file; /* what the source file says beyond its name and type */
    struct step steps[STEPS_MAX];
} cases[] = {
    {"people and groups come",
     "",                                                        {{"full", "[[" BOB "," ANN "],[" STAFF ",{'m':'s','whole':['b','a']}]]", "applied",
       "ann+ bob+(Clerk) staff[ann,bob]"}}                                                                                                          },
    {"nothing new changes nothing",
     "",                                                        {{"full", "[[" BOB "]]", "applied created=1", "bob+(Clerk)"},
      {"full", "[[" BOB "]]", "applied unchanged=1 created=0 updated=0", NULL}}                                                                     },
    {"a member before its group and before itself",
     "",                                                        {{"full", "[[{'m':'s','whole':['b']}],[" STAFF "],[" BOB "]]", "applied members_added=1",
       "bob+(Clerk) staff[bob]"}}                                                                                                                   },
    {"a member out of scope is not invented",
     "",                                                        {{"full", "[[" STAFF ",{'m':'s','whole':['x']}]]", "applied members_added=0", "staff[]"}}   },
    {"groups in groups",
     "",                                                        {{"full", "[[" STAFF "," LEADS ",{'m':'s','whole':['l']}]]", "applied",
       "leads[] staff[leads]"}}                                                                                                                     },
    {"a manager who comes later",
     "",                                                        {{"full", "[[" BOB_BOSS "],[" ANN "]]", "applied", "ann+ bob+>ann"}}                        },
    {"a manager in the same page",
     "",                                                        {{"full", "[[" BOB_BOSS "," ANN "]]", "applied updated=0", "ann+ bob+>ann"}}                },
    {"a manager who goes leaves nobody behind",
     "",                                                        {{"full", "[[" BOB_BOSS "," ANN "," CAT "]]", "applied", "ann+ bob+>ann cat+"},
      {"delta", "[[{'d':'a'}]]", "applied deactivated=1", "ann- bob+ cat+"}}                                                                        },
    {"a delta's partial change keeps the rest",
     "",                                                        {{"full", "[[" BOB "]]", "applied", "bob+(Clerk)"},
      {"delta", "[[{'u':'b','partial':true,'a':{'title':'Boss'}}]]", "applied updated=1",
       "bob+(Boss)"}}                                                                                                                               },
    {"who is gone turns inactive and leaves groups",
     "",                                                        {{"full", "[[" BOB "," ANN "," CAT "," STAFF ",{'m':'s','whole':['b','a']}]]", "applied",
       "ann+ bob+(Clerk) cat+ staff[ann,bob]"},
      {"full", "[[" ANN "," CAT "," STAFF ",{'m':'s','whole':['a']}]]", "applied deactivated=1",
       "ann+ bob-(Clerk) cat+ staff[ann]"}}                                                                                                         },
    {"and comes back under the same id",
     "",                                                        {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"delta", "[[{'d':'b'}]]", "applied", "ann+ bob-(Clerk) cat+"},
      {"delta", "[[" BOB "]]", "applied updated=1 created=0", "ann+ bob+(Clerk) cat+"}}                                                             },
    {"deleted and said again in one page is no loss",
     "",                                                        {{"full", "[[" BOB "," ANN "]]", "applied", "ann+ bob+(Clerk)"},
      {"delta", "[[{'d':'b'}," BOB "]]", "applied deactivated=0", "ann+ bob+(Clerk)"}}                                                              },
    {"but its memberships are what is said behind that",
     "",                                                        {{"full",
       "[[" BOB "," ANN "," STAFF "," LEADS
       ",{'m':'s','whole':['a','b']},{'m':'l','whole':['b','a']}]]",
       "applied", "ann+ bob+(Clerk) leads[ann,bob] staff[ann,bob]"},
      {"delta", "[[{'d':'b'}," BOB ",{'m':'s','add':['b'],'remove':[]}]]",
       "applied members_removed=1", "ann+ bob+(Clerk) leads[ann] staff[ann,bob]"}}                                                                  },
    {"who was never there can't be deleted",
     "",                                                        {{"full", "[[" ANN "]]", "applied", "ann+"},
      {"delta", "[[{'d':'zz'}]]", "applied deleted=0", "ann+"}}                                                                                     },
    {"removal: delete",
     "removal: {action: delete}\n",                             {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"full", "[[" ANN "," CAT "]]", "applied deleted=1", "ann+ cat+"}}                                                 },
    {"removal: keep",
     "removal: {action: keep}\n",                               {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"full", "[[" ANN "," CAT "]]", "applied deleted=0 deactivated=0", NULL}}                                            },
    {"deleted after its grace",
     "removal: {action: deactivate, delete_after: 30d}\n",      {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"delta", "[[{'d':'b'}]]", "applied deactivated=1", "ann+ bob-(Clerk) cat+"},
      {"+29", NULL, NULL, NULL},
      {"delta", "[[]]", "applied deleted=0", "ann+ bob-(Clerk) cat+"},
      {"+2", NULL, NULL, NULL},
      {"delta", "[[]]", "applied deleted=1", "ann+ cat+"}}                                        },
    {"success but empty is held, and removes nobody",
     "",                                                        {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"full", "[[]]", "held no users were seen where 3 are known", NULL},
      {"delta", "[[]]", "held", NULL},
      {"approve", NULL, "applied deactivated=3", "ann- bob-(Clerk) cat-"}}                                                                          },
    {"more than the guard allows is held",
     "guard: {percent: 10, count: 1}\n",                        {{"full", "[[" BOB "," ANN "," CAT "," STAFF "," LEADS "]]", "applied", NULL},
      {"delta", "[[{'d':'a'},{'d':'b'}]]", "held would deactivate or delete 2 of 3 users",
       "ann+ bob+(Clerk) cat+ leads[] staff[]"},
      {"approve", NULL, "applied deactivated=2", "ann- bob-(Clerk) cat+ leads[] staff[]"}}                          },
    {"disabled people are counted by the guard",
     "guard: {percent: 0, count: 0}\n",                         {{"full", "[[" BOB "," ANN "]]", "applied", "ann+ bob+(Clerk)"},
      {"delta", "[[" BOB_OFF "]]", "held 1 of 2 users", "ann+ bob+(Clerk)"},
      {"delta", "[[" BOB "]]", "applied", "ann+ bob+(Clerk)"},
      {"full", "[[" BOB_OFF "," ANN "]]", "held", NULL},
      {"approve", NULL, "applied deactivated=1", "ann+ bob-(Clerk)"},
      {"full", "[[" BOB_OFF "," ANN "]]", "applied unchanged=2", NULL}}                                              },
    {"blanked attributes are counted by the guard",
     "guard: {percent: 0, count: 0}\n",                         {{"full", "[[" BOB "," ANN "]]", "applied", "ann+ bob+(Clerk)"},
      {"full", "[[" BOB_BARE "," ANN "]]", "held would blank 1 of 2 attribute values",
       "ann+ bob+(Clerk)"},
      {"approve", NULL, "applied blanked=1", "ann+ bob+"}}                                                           },
    {"memberships are counted by the guard",
     "guard: {percent: 0, count: 0}\n",                         {{"full", "[[" BOB "," ANN "," STAFF ",{'m':'s','whole':['a','b']}]]", "applied",
       "ann+ bob+(Clerk) staff[ann,bob]"},
      {"delta", "[[{'m':'s','add':[],'remove':['b']}]]", "held would remove 1 of 2 memberships",
       "ann+ bob+(Clerk) staff[ann,bob]"},
      {"delta", "[[{'m':'s','add':['b'],'remove':[]}]]", "applied", NULL},
      {"full", "[[" BOB "," ANN "," STAFF ",{'m':'s','whole':['a']}]]", "held", NULL},
      {"approve", NULL, "applied members_removed=1", "ann+ bob+(Clerk) staff[ann]"}}                                 },
    {"a set in parts is judged when it is whole",
     "",                                                        {{"full", "[[" BOB "," ANN "," CAT "," STAFF ",{'m':'s','whole':['a','b','c']}]]", "applied",
       "ann+ bob+(Clerk) cat+ staff[ann,bob,cat]"},
      {"full",
       "[[" BOB "," ANN "," CAT "," STAFF
       ",{'m':'s','whole':['a'],'more':true}],[{'m':'s','whole':['b'],'more':true}],"
       "[{'m':'s','whole':['c']}]]",
       "applied members_removed=0", NULL},
      {"full",
       "[[" BOB "," ANN "," CAT "," STAFF
       ",{'m':'s','whole':['a'],'more':true}],[{'m':'s','whole':['c']}]]",
       "applied members_removed=1", "ann+ bob+(Clerk) cat+ staff[ann,cat]"}}                                                                        },
    {"a pass that is cut removes nobody",
     "",                                                        {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"full", "[[" ANN "],'unavailable']", "failed the source does not answer",
       "ann+ bob+(Clerk) cat+"},
      {"delta", "[[]]", "applied", NULL}}                                                                                                           },
    {"a source that counts more than it shows",
     "",                                                        {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", NULL},
      {"expect 3", NULL, NULL, NULL},
      {"full", "[[" ANN "," CAT "]]", "failed 2 users were seen where the source counts 3",
       "ann+ bob+(Clerk) cat+"}}                                                                                                                    },
    {"a canary that is missing",
     "canaries: [b]\n",                                         {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"full", "[[" ANN "," CAT "]]", "failed 1 canaries were not", NULL}}                                                           },
    {"who is protected stays",
     "protect: [bob]\n",                                        {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"delta", "[[{'d':'b'}]]", "applied protected=1", "ann+ bob+(Clerk) cat+"}}                                                   },
    {"an expired cursor becomes a full pass",
     "",                                                        {{"full", "[[" BOB "," ANN "]]", "applied", "ann+ bob+(Clerk)"},
      {"delta", "['expired']", "failed the source forgets", NULL}}                                                                                  },
    {"refused",                                             "", {{"full", "['denied']", "failed the password is wrong", ""}}                                },
    {"one without a userName is recorded, the others come",
     "",                                                        {{"full", "[[{'u':'x','a':{'title':'?'}}," ANN "]]", "applied refused=1 created=1", "ann+"},
      {"full", "[[{'u':'x','a':{'userPrincipalName':'xa'}}," ANN "]]", "applied created=1",
       "ann+ xa"}}                                                                                                                                  },
    {"two with one userName: the second is recorded",
     "",                                                        {{"full", "[[" ANN ",{'u':'z','a':{'userPrincipalName':'ANN'}}," BOB "]]",
       "applied refused=1 created=2", "ann+ bob+(Clerk)"},
      {"full", "[[{'u':'z','a':{'userPrincipalName':'zoe'}}," ANN "," BOB "]]", "applied created=1",
       "ann+ bob+(Clerk) zoe"}}                                                                                                                     },
    {"a name that is taken is kept for its owner",
     "",                                                        {{"full", "[[" ANN "," BOB "]]", "applied", "ann+ bob+(Clerk)"},
      {"full",
       "[[{'u':'a','a':{'userPrincipalName':'bob','title':'New','userAccountControl':'512'}}," BOB
       "]]",
       "applied refused=1", "ann+(New) bob+(Clerk)"}}                                                                                               },
    {"a person who is there already is not taken over",
     "",                                                        {{"push {'userName':'bob','title':'Chief'}", NULL, NULL, NULL},
      {"full", "[[" BOB "," ANN "]]", "applied refused=1 created=1", "ann+ bob(Chief)"}}                                                            },
    {"but by userName where the file says so",
     "match: [sourceId, userName]\n",                           {{"push {'userName':'bob','title':'Chief','nickName':'b'}", NULL, NULL, NULL},
      {"full", "[[" BOB "," ANN "]]", "applied created=1 updated=1", "ann+ bob+(Clerk)"}}                              },
    {"what it had and the source has not is judged first",
     "match: [sourceId, userName]\n"
     "guard: {percent: 0, count: 0}\n",                         {{"push {'userName':'bob','title':'Chief'}", NULL, NULL, NULL},
      {"full", "[[" BOB_BARE "]]", "held would blank 1", "bob+(Chief)"},
      {"approve", NULL, "applied", "bob+"}}                                                                          },
    {"a dry run writes nothing",
     "",                                                        {{"dry", "[[" BOB_BOSS "," ANN "," STAFF ",{'m':'s','whole':['b','x']}]]",
       "held created=3 a dry", ""},
      {"approve", NULL, "applied created=3 members_added=1", "ann+ bob+>ann staff[bob]"},
      {"full", "[[" BOB_BOSS "," ANN "," STAFF ",{'m':'s','whole':['b','x']}]]",
       "applied unchanged=3", NULL}}                                                                                                                },
    {"a dry run of removals",
     "",                                                        {{"full", "[[" BOB "," ANN "," CAT "]]", "applied", "ann+ bob+(Clerk) cat+"},
      {"dry", "[[" BOB_BARE "," ANN "]]", "held", NULL},
      {"approve", NULL, "applied deactivated=1 blanked=1", "ann+ bob+ cat-"}}                                                                       },
    {"a dry run of nothing",
     "",                                                        {{"full", "[[" BOB "]]", "applied", "bob+(Clerk)"}, {"dry", "[[" BOB "]]", "applied", NULL}}},
    {"one object",
     "",                                                        {{"full", "[[" BOB "," ANN "]]", "applied", "ann+ bob+(Clerk)"},
      {"fetch",
       "[[{'u':'b','a':{'userPrincipalName':'bob','title':'Boss','userAccountControl':'512'}}]]",
       "applied updated=1", "ann+ bob+(Boss)"}}                                                                                                     },
    {"who expires turns inactive by itself",
     "",                                                        {{"full",
       "[[{'u':'b','a':{'userPrincipalName':'bob','userAccountControl':'512',"
       "'accountExpires':'134452224000000000'}}," ANN "," CAT "]]",
       "applied", "ann+ bob+ cat+"},
      {"+20", NULL, NULL, NULL},
      {"delta", "[[]]", "applied deactivated=1", "ann+ bob- cat+"}}                                                                                 },
};

struct scene {
    struct fixture fixture;
    struct source_definition *definition;
    struct arena *arena;
    int64_t run;
    int64_t held;
    bool held_dry;
    char before[1024];
};

static int64_t now_us;

static int64_t test_now_us(void)
{
    return now_us;
}

/* ---- what stands in the database ---- */

static int dump(struct session *session, void *argument, struct err *err)
{
    struct buf *out = argument;
    struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session))};
    char group[64] = "";
    int more;

    buf_reset(out);
    if (session_query(
            session,
            "SELECT u.user_name, u.active, u.title, m.user_name FROM scimd_user u "
            "LEFT JOIN scimd_attribute a ON a.tenant_id = u.tenant_id AND a.pk = u.pk "
            "AND a.skey IN (SELECT n.id FROM scimd_user n WHERE n.tenant_id = u.tenant_id) "
            "LEFT JOIN scimd_user m ON m.tenant_id = u.tenant_id AND m.id = a.skey "
            "WHERE u.tenant_id = ? ORDER BY u.user_name_key",
            values, 1, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        buf_printf(out, "%s%s%s", out->length > 0 ? " " : "", rows_borrow(rows, 0, NULL),
                   rows_is_null(rows, 1)        ? ""
                   : rows_integer(rows, 1) != 0 ? "+"
                                                : "-");
        if (!rows_is_null(rows, 2))
            buf_printf(out, "(%s)", rows_borrow(rows, 2, NULL));
        if (!rows_is_null(rows, 3))
            buf_printf(out, ">%s", rows_borrow(rows, 3, NULL));
    }
    rows_close(rows);
    if (more < 0 ||
        session_query(session,
                      "SELECT g.display_name, COALESCE(u.user_name, n.display_name, '') "
                      "FROM scimd_group g "
                      "LEFT JOIN scimd_member m ON m.tenant_id = g.tenant_id AND m.group_pk = g.pk "
                      "LEFT JOIN scimd_user u ON u.tenant_id = m.tenant_id AND u.pk = m.member_pk "
                      "LEFT JOIN scimd_group n ON n.tenant_id = m.tenant_id AND n.pk = m.member_pk "
                      "WHERE g.tenant_id = ? ORDER BY g.display_name_key, 2",
                      values, 1, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        const char *name = rows_borrow(rows, 0, NULL);

        if (strcmp(group, name) != 0) {
            buf_printf(out, "%s%s%s[", group[0] != '\0' ? "]" : "", out->length > 0 ? " " : "",
                       name);
            (void)snprintf(group, sizeof(group), "%s", name);
            buf_puts(out, rows_borrow(rows, 1, NULL));
        } else {
            buf_printf(out, ",%s", rows_borrow(rows, 1, NULL));
        }
    }
    if (group[0] != '\0')
        buf_putc(out, ']');
    rows_close(rows);
    return more;
}

/* ---- steps ---- */

static int open_scene(struct scene *scene, const struct run_case *given)
{
    static const struct connector *const connectors[] = {&run_script_connector, NULL};
    CLEANUP(buf_free) struct buf file = {0};
    struct err err = {0};

    *scene = (struct scene){.held = 0};
    now_us = START_US;
    run_script_expect(-1, -1);
    if (fixture_open(&scene->fixture) < 0)
        return -1;
    scene->arena = arena_new(ARENA_BLOCK_BYTES);
    buf_printf(&file, "name: corp\ntype: ad\n%s", given->file);
    const struct source_reader reader = {.schemas = scene->fixture.tenant->schemas,
                                         .connectors = connectors};
    const struct source_text text = {
        .file = "corp.yaml", .bytes = buf_text(&file), .length = file.length};
    if (source_file_read(&reader, &text, &scene->definition, &err) < 0)
        return fixture_failed("source_file_read", &err);
    return 0;
}

static void close_scene(struct scene *scene)
{
    source_definition_free(scene->definition);
    arena_free(scene->arena);
    fixture_close(&scene->fixture);
}

static void execute(struct scene *scene, const struct step *step, struct run_outcome *out)
{
    bool approve = strcmp(step->run, "approve") == 0;
    const struct connector_settings settings = {.values = scene->definition->values,
                                                .rows = run_script_connector.settings};
    struct run_order order = {.tenant = scene->fixture.tenant,
                              .definition = scene->definition,
                              .source = SOURCE,
                              .fence = ++scene->run,
                              .run = approve ? scene->held : scene->run,
                              .kind = RUN_KIND_FULL,
                              .dry = strcmp(step->run, "dry") == 0 || (approve && scene->held_dry),
                              .approved = approve,
                              .object = "b",
                              .limits = &scim_limits_default,
                              .settings = &settings,
                              .now_us = test_now_us};

    if (strcmp(step->run, "delta") == 0)
        order.kind = RUN_KIND_DELTA;
    else if (strcmp(step->run, "fetch") == 0)
        order.kind = RUN_KIND_OBJECT;
    run_execute(&order, out);
    if (out->state == RUN_HELD) {
        scene->held = scene->run;
        scene->held_dry = order.dry;
    }
}

static int push(struct scene *scene, const char *body)
{
    const struct fixture_change change = {
        .verb = DIRECTORY_CREATE,
        .type = "User",
        .body = arena_printf(scene->arena, "{'schemas':['%s'],%s", SCHEMA_URN_USER, body + 1)};
    struct directory_result result;
    struct err err = {0};

    if (fixture_apply(&scene->fixture, &change, scene->arena, &result, &err) < 0)
        return fixture_failed("push", &err);
    return 0;
}

/* The outcome and its counters as text that a row names parts of. */
static void describe(const struct run_outcome *outcome, struct buf *out)
{
    CLEANUP(buf_free) struct buf counters = {0};

    buf_printf(out, "%s %s ", run_state_name(outcome->state), outcome->words);
    run_counters_render(&outcome->counters, &counters);
    for (const char *byte = buf_text(&counters); *byte != '\0'; byte++)
        if (strchr("{}\"", *byte) == NULL)
            buf_putc(out, *byte == ':' ? '=' : *byte == ',' ? ' ' : *byte);
    buf_putc(out, ' ');
}

/* Words of the row: "applied created=1 some words of the reason". */
static const char *missing_part(const char *expected, const char *text)
{
    static char part[256];

    while (*expected != '\0') {
        size_t length = strcspn(expected, " ");

        (void)snprintf(part, sizeof(part), "%.*s ", (int)length, expected);
        if (strstr(text, part) == NULL)
            return part;
        expected += length;
        expected += strspn(expected, " ");
    }
    return NULL;
}

static void check(struct scene *scene, const struct step *step, size_t number)
{
    struct run_outcome outcome;
    CLEANUP(buf_free) struct buf state = {0};
    CLEANUP(buf_free) struct buf text = {0};
    CLEANUP(json_decrefp) json_t *pages = NULL;
    struct err err = {0};
    const char *missing;

    pages =
        step->pages != NULL ? json_loads(fixture_quoted(scene->arena, step->pages), 0, NULL) : NULL;
    run_script_play(pages);
    execute(scene, step, &outcome);
    describe(&outcome, &text);
    missing = missing_part(step->outcome, buf_text(&text));
    if (missing != NULL)
        print_error("step %zu: no \"%s\" in: %s\n", number, missing, buf_text(&text));
    if (store_read(scene->fixture.tenant->scope, dump, &state, &err) < 0)
        print_error("dump: %s %s\n", err.detail, err.cause);
    if (step->state != NULL)
        (void)snprintf(scene->before, sizeof(scene->before), "%s", step->state);
    if (strcmp(scene->before, buf_text(&state)) != 0 && (step->state != NULL || number > 0))
        print_error("step %zu: %s\n  instead of: %s\n  %s\n", number, buf_text(&state),
                    scene->before, buf_text(&text));
    assert_null(missing);
    if (step->state != NULL || number > 0)
        assert_string_equal(scene->before, buf_text(&state));
    (void)snprintf(scene->before, sizeof(scene->before), "%s", buf_text(&state));
}

static void leaves(void **row)
{
    const struct run_case *given = *row;
    struct scene scene;

    assert_int_equal(open_scene(&scene, given), 0);
    for (size_t i = 0; i < STEPS_MAX && given->steps[i].run != NULL; i++) {
        const struct step *step = &given->steps[i];

        if (step->run[0] == '+')
            now_us += strtoll(step->run + 1, NULL, 10) * DAY_US;
        else if (strncmp(step->run, "expect ", 7) == 0)
            run_script_expect(strtoll(step->run + 7, NULL, 10), 0);
        else if (strncmp(step->run, "push ", 5) == 0)
            assert_int_equal(push(&scene, step->run + 5), 0);
        else
            check(&scene, step, i);
    }
    close_scene(&scene);
}

int main(void)
{
    json_use_aborting_allocator();
    return RUN_TABLE("run", cases, leaves);
}
