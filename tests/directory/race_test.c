/* Two changes at the same moment: whichever comes second finds what the first has done. */
#include <pthread.h>

#include "directory_fixture.h"

#include "store/session.h"
#include "table.h"

#define ROUNDS 40
#define SETUP_MAX 3

/* `#` in ids and bodies is the round's number. */
static struct race_case {
    const char *name;
    struct fixture_change setup[SETUP_MAX];
    struct fixture_change rivals[2];
    int successes_min; /* of the rivals */
    int successes_max;
    int members; /* rows of all groups of the round */
} cases[] = {
    {"a member is added and deleted",
     {{DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G'}", 0},
      {DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     {{DIRECTORY_PATCH, "Group", "g#", "[{'op':'add','path':'members','value':[{'value':'u#'}]}]",
       0},
      {DIRECTORY_DELETE, "User", "u#", NULL, 0}},
     2, 2,
     0},
    {"a member is parked and arrives",
     {{DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G'}", 0}},
     {{DIRECTORY_PATCH, "Group", "g#", "[{'op':'add','path':'members','value':[{'value':'u#'}]}]",
       0},
      {DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     2, 2,
     1},
    {"a group with a parked member comes while that arrives",
     {{0}},
     {{DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G','members':[{'value':'u#'}]}", 0},
      {DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     2, 2,
     1},
    {"a parked member is removed and arrives",
     {{DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G','members':[{'value':'u#'}]}", 0}},
     {{DIRECTORY_PATCH, "Group", "g#",
       "[{'op':'remove','path':'members','value':[{'value':'u#'}]}]", 0},
      {DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     2, 2,
     0},
    {"a group is deleted while its parked member arrives",
     {{DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G','members':[{'value':'u#'}]}", 0}},
     {{DIRECTORY_DELETE, "Group", "g#", NULL, 0},
      {DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     2, 2,
     0},
    {"a group and its member are deleted",
     {{DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0},
      {DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G','members':[{'value':'u#'}]}", 0}},
     {{DIRECTORY_DELETE, "Group", "g#", NULL, 0}, {DIRECTORY_DELETE, "User", "u#", NULL, 0}},
     2, 2,
     0},
    {"a member of two groups is removed from one and deleted",
     {{DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0},
      {DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G','members':[{'value':'u#'}]}", 0},
      {DIRECTORY_CREATE, "Group", "h#", "{'displayName':'H','members':[{'value':'u#'}]}", 0}},
     {{DIRECTORY_PATCH, "Group", "h#", "[{'op':'remove','path':'members'}]", 0},
      {DIRECTORY_DELETE, "User", "u#", NULL, 0}},
     2, 2,
     0},
    {"one member is added twice",
     {{DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G'}", 0},
      {DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     {{DIRECTORY_PATCH, "Group", "g#", "[{'op':'add','path':'members','value':[{'value':'u#'}]}]",
       0},
      {DIRECTORY_PATCH, "Group", "g#", "[{'op':'add','path':'members','value':[{'value':'u#'}]}]",
       0}},
     2, 2,
     1},
    {"one userName is taken twice",
     {{0}},
     {{DIRECTORY_CREATE, "User", "u#", "{'userName':'same#'}", 0},
      {DIRECTORY_CREATE, "User", "v#", "{'userName':'same#'}", 0}},
     1, 1,
     0},
    {"two rename themselves to one name",
     {{DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0},
      {DIRECTORY_CREATE, "User", "v#", "{'userName':'v#'}", 0}},
     {{DIRECTORY_PATCH, "User", "u#", "[{'op':'replace','path':'userName','value':'w#'}]", 0},
      {DIRECTORY_PATCH, "User", "v#", "[{'op':'replace','path':'userName','value':'w#'}]", 0}},
     1, 1,
     0},
    {"one version is changed twice",
     {{DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     {{DIRECTORY_PATCH, "User", "u#", "[{'op':'replace','path':'title','value':'a'}]", 1},
      {DIRECTORY_PATCH, "User", "u#", "[{'op':'replace','path':'title','value':'b'}]", 1}},
     1, 1,
     0},
    {"one user is deleted twice",
     {{DIRECTORY_CREATE, "User", "u#", "{'userName':'u#'}", 0}},
     {{DIRECTORY_DELETE, "User", "u#", NULL, 0}, {DIRECTORY_DELETE, "User", "u#", NULL, 0}},
     1, 1,
     0},
    {"two groups take each other in",
     {{DIRECTORY_CREATE, "Group", "g#", "{'displayName':'G'}", 0},
      {DIRECTORY_CREATE, "Group", "h#", "{'displayName':'H'}", 0}},
     {{DIRECTORY_PATCH, "Group", "g#", "[{'op':'add','path':'members','value':[{'value':'h#'}]}]",
       0},
      {DIRECTORY_PATCH, "Group", "h#", "[{'op':'add','path':'members','value':[{'value':'g#'}]}]",
       0}},
     2, 2,
     2},
};

/* No row of these may ever be. */
static const char *const broken[] = {
    "SELECT COUNT(*) FROM scimd_member m WHERE NOT EXISTS (SELECT 1 FROM scimd_resource r "
    "WHERE r.tenant_id = m.tenant_id AND r.pk = m.member_pk)",
    "SELECT COUNT(*) FROM scimd_member m WHERE NOT EXISTS (SELECT 1 FROM scimd_resource r "
    "WHERE r.tenant_id = m.tenant_id AND r.pk = m.group_pk)",
    "SELECT COUNT(*) FROM scimd_member_parked p WHERE EXISTS (SELECT 1 FROM scimd_resource r "
    "WHERE r.tenant_id = p.tenant_id AND r.id = p.member_id)",
    "SELECT COUNT(*) FROM scimd_member_parked p WHERE NOT EXISTS (SELECT 1 FROM scimd_resource r "
    "WHERE r.tenant_id = p.tenant_id AND r.pk = p.group_pk)",
    "SELECT COUNT(*) FROM scimd_user u WHERE NOT EXISTS (SELECT 1 FROM scimd_resource r "
    "WHERE r.tenant_id = u.tenant_id AND r.pk = u.pk)",
};

struct question {
    const char *sql;
    int64_t answer;
};

static int ask_work(struct session *session, void *argument, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    struct question *question = argument;

    if (session_query(session, question->sql, NULL, 0, &rows, err) < 0 || rows_next(rows, err) < 0)
        return -1;
    question->answer = rows_integer(rows, 0);
    return 0;
}

static int64_t ask(struct fixture *fixture, const char *sql)
{
    struct question question = {.sql = sql, .answer = -1};
    struct err err = {0};

    if (store_read(fixture->tenant->scope, ask_work, &question, &err) < 0)
        (void)fixture_failed(sql, &err);
    return question.answer;
}

static const char *numbered(struct arena *arena, const char *text, int round)
{
    CLEANUP(buf_free) struct buf out = {0};

    if (text == NULL)
        return NULL;
    for (; *text != '\0'; text++) {
        if (*text == '#')
            buf_int(&out, round);
        else
            buf_putc(&out, *text);
    }
    return arena_strdup(arena, buf_text(&out));
}

struct rival {
    struct fixture *fixture;
    const struct fixture_change *change;
    pthread_barrier_t *start;
    int round;
    struct err err;
    int result;
    pthread_t thread;
};

static void *run(void *argument)
{
    struct rival *rival = argument;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct fixture_change change = *rival->change;
    struct directory_result result = {0};

    change.id = numbered(arena, change.id, rival->round);
    change.body = numbered(arena, change.body, rival->round);
    if (rival->start != NULL)
        (void)pthread_barrier_wait(rival->start);
    rival->result = fixture_apply(rival->fixture, &change, arena, &result, &rival->err);
    arena_free(arena);
    return NULL;
}

/* How many of the two succeeded; the other must know why not. */
static int run_rivals(struct fixture *fixture, const struct race_case *expected, int round)
{
    struct rival rivals[2];
    pthread_barrier_t start;
    int successes = 0;

    (void)pthread_barrier_init(&start, NULL, 2);
    for (size_t i = 0; i < 2; i++) {
        rivals[i] = (struct rival){
            .fixture = fixture, .change = &expected->rivals[i], .start = &start, .round = round};
        if (pthread_create(&rivals[i].thread, NULL, run, &rivals[i]) != 0)
            abort();
    }
    for (size_t i = 0; i < 2; i++) {
        (void)pthread_join(rivals[i].thread, NULL);
        successes += rivals[i].result == 0;
        if (rivals[i].result < 0 &&
            (rivals[i].err.code == ERR_UNAVAILABLE || rivals[i].err.code == ERR_INTERNAL)) {
            (void)fixture_failed("rival", &rivals[i].err);
            successes = -1;
            break;
        }
    }
    (void)pthread_barrier_destroy(&start);
    return successes;
}

static void leaves_nothing_broken(void **row)
{
    const struct race_case *expected = *row;
    struct fixture fixture;

    assert_int_equal(fixture_open(&fixture), 0);
    for (int round = 0; round < ROUNDS; round++) {
        int successes;

        for (size_t i = 0; i < SETUP_MAX && expected->setup[i].id != NULL; i++) {
            struct rival alone = {
                .fixture = &fixture, .change = &expected->setup[i], .round = round};

            (void)run(&alone);
            assert_int_equal(alone.result, 0);
        }
        successes = run_rivals(&fixture, expected, round);
        assert_in_range(successes, expected->successes_min, expected->successes_max);
        assert_int_equal(ask(&fixture, "SELECT COUNT(*) FROM scimd_member"),
                         (round + 1) * expected->members);
    }
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_int_equal(ask(&fixture, broken[i]), 0);
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("races", cases, leaves_nothing_broken);
}
