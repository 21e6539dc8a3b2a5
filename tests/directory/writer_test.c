/* Several changes in one transaction, as a pull makes them: what each answers, what is stored and
 * logged in the end. */
#include "directory_fixture.h"

#include "directory/seal_queue.h"
#include "table.h"

#define OPS_MAX 10
#define PUSHES_MAX 4
#define NAMES_MAX 1300

#define USER "{'schemas':['" SCHEMA_URN_USER "'],"
#define OURS "'" SCHEMA_URN_SCIMD_USER "'"
#define USER_OURS "{'schemas':['" SCHEMA_URN_USER "'," OURS "],"
#define GROUP "{'schemas':['" SCHEMA_URN_GROUP "'],"
#define ANNA USER "'userName':'anna'}"
#define BERT USER "'userName':'bert'}"
#define CREW GROUP "'displayName':'Crew'}"
#define CREATED(document) " [{'op':'add','value':" document "}] []\n"
#define PUSHED "scim/r-1 "
#define PULLED "corp-ad/run-7 "
#define NAMED(id) "{'value':'" id "'}"
#define CAME(ids)                                                                                  \
    " [{'op':'add','path':'members','value':[" ids "]}] [{'op':'remove','path':'members',"         \
    "'value':[" ids "]}]\n"
#define WENT(ids)                                                                                  \
    " [{'op':'remove','path':'members','value':[" ids "]}] [{'op':'add','path':'members',"         \
    "'value':[" ids "]}]\n"

#define CREATE DIRECTORY_CREATE
#define REPLACE DIRECTORY_REPLACE
#define SET DIRECTORY_SET
#define DELETE DIRECTORY_DELETE

static struct writer_case {
    const char *name;
    struct fixture_change pushes[PUSHES_MAX]; /* before, one by one */
    struct writer_op {
        struct fixture_change change; /* type NULL: the end, or members; documents are canonical */
        const char *members;          /* ids that the document names, with blanks between */
        const char *group;            /* directory_members() */
        const char *add;
        const char *remove;
        int many;            /* this many users m1, m2, .. first; `add` means them all */
        enum err_code error; /* 0: succeeds */
        bool ends;           /* it may not be gone on after this error */
        bool unchanged;
        int64_t version; /* 0: not looked at */
        int64_t added;
        int64_t removed;
        const char *document; /* NULL: not looked at */
    } ops[OPS_MAX];
    bool cancelled;   /* the work fails in the end */
    bool again;       /* and is run once more */
    bool parks;       /* members that have not come yet */
    bool unfinished;  /* it went on after an error that it may not go on after */
    const char *log;  /* NULL: not looked at */
    const char *crew; /* members of group g1; NULL: not looked at */
} cases[] = {
    {"users, a group and its members",
     {{0}},
     {{{CREATE, "User", "u1", ANNA, 0}, .version = 1, .document = ANNA},
      {{CREATE, "User", "u2", BERT, 0}, .version = 1},
      {{CREATE, "Group", "g1", CREW, 0}, .version = 1},
      {.group = "g1", .add = "u1 u2", .added = 2, .version = 2}},
     .log = PULLED "create User u1" CREATED(ANNA) PULLED "create User u2" CREATED(BERT) PULLED
     "create Group g1" CREATED(CREW) PULLED "members Group g1" CAME(NAMED("u1") "," NAMED("u2")),
     .crew = "u1 u2"},
    {"a failure in the end leaves nothing",
     {{CREATE, "Group", "g1", CREW, 0}},
     {{{CREATE, "User", "u1", ANNA, 0}, .version = 1},
      {.group = "g1", .add = "u1", .added = 1},
      {{DELETE, "Group", "g1", NULL, 0}, .added = 0}},
     .cancelled = true,
     .log = PUSHED "create Group g1" CREATED(CREW),
     .crew = ""},
    {"a second run begins from nothing",
     {{CREATE, "Group", "g1", CREW, 0}},
     {{{CREATE, "User", "u1", ANNA, 0}, .version = 1},
      {{CREATE, "Group", "g2", GROUP "'displayName':'Two'}", 0}, "u1", .version = 1},
      {.group = "g1", .add = "u1", .added = 1, .version = 2}},
     .again = true,
     .log = NULL,
     .crew = "u1"},
    {"what is refused does not stop the others",
     {{CREATE, "Group", "g1", CREW, 0}, {CREATE, "User", "u1", ANNA, 0}},
     {{{CREATE, "User", "u2", USER "'title':'Dr'}", 0}, .error = ERR_INVALID_VALUE},
      {{SET, "User", "u1", USER "'title':'Dr'}", 0}, .error = ERR_INVALID_VALUE},
      {{SET, "User", "u9", ANNA, 0}, .error = ERR_NOT_FOUND},
      {{SET, "User", "u1", BERT, 7}, .error = ERR_PRECONDITION},
      {{DELETE, "User", "u9", NULL, 0}, .error = ERR_NOT_FOUND},
      {.group = "g9", .add = "u1", .error = ERR_NOT_FOUND},
      {{CREATE, "Group", "g3", CREW, 0}, "g3", .error = ERR_INVALID_VALUE},
      {{CREATE, "Group", "g3", CREW, 0}, "u1 u9", .error = ERR_INVALID_VALUE},
      {{CREATE, "User", "u2", BERT, 0}, .version = 1}},
     .log = PUSHED "create Group g1" CREATED(CREW) PUSHED "create User u1" CREATED(ANNA) PULLED
     "create User u2" CREATED(BERT)                                                                               },
    {"nor does it where members are parked",
     {{0}},
     {{{CREATE, "Group", "g1", CREW, 0}, "g1", .error = ERR_INVALID_VALUE},
      {{CREATE, "Group", "g1", CREW, 0}, "u1", .version = 1},
      {{CREATE, "User", "u1", ANNA, 0}, .version = 1}},
     .parks = true,
     .crew = "u1"},
    {"nothing changed",
     {{CREATE, "User", "u1", ANNA, 0}, {CREATE, "Group", "g1", CREW, 0}},
     {{{SET, "User", "u1", ANNA, 0}, .unchanged = true, .version = 1},
      {.group = "g1", .add = "u9", .remove = "u1", .unchanged = true, .version = 1}},
     .log = PUSHED "create User u1" CREATED(ANNA) PUSHED "create Group g1" CREATED(CREW)                                                                              },
    {"a name that is taken ends it",
     {{CREATE, "User", "u1", ANNA, 0}},
     {{{CREATE, "User", "u2", BERT, 0}, .version = 1},
      {{CREATE, "User", "u3", ANNA, 0}, .error = ERR_UNIQUENESS, .ends = true}},
     .unfinished = true,
     .log = PUSHED "create User u1" CREATED(ANNA)},
    {"a PUT that stopped half-way is not committed",
     {{CREATE, "User", "u1", ANNA, 0}, {CREATE, "Group", "g1", CREW, 0}},
     {{.group = "g1", .add = "u1", .added = 1},
      {{REPLACE, "Group", "g1", CREW, 0}, "g1", .error = ERR_INVALID_VALUE, .ends = true}},
     .unfinished = true,
     .crew = ""},
    {"the whole document is set, what is readOnly too",
     {{CREATE, "User", "u1", "{'userName':'anna','title':'Dr'}", 0}},
     {{{SET, "User", "u1",
        USER_OURS "'userName':'anna'," OURS ":{'lastLogin':'2026-01-02T03:04:05Z'}}", 0},
       .version = 2,
       .document = USER_OURS "'userName':'anna'," OURS ":{'lastLogin':'2026-01-02T03:04:05Z'}}"},
      {{SET, "User", "u1", ANNA, 0}, .version = 3, .document = ANNA}},
     .log = NULL                        },
    {"deactivation is dated, and stays so",
     {{CREATE, "User", "u1", "{'userName':'anna','active':true}", 0}},
     {{{SET, "User", "u1", USER "'userName':'anna','active':false}", 0},
       .version = 2,
       .document = USER_OURS "'userName':'anna','active':false," OURS ":{'deactivatedAt':'NOW'}}"},
      {{SET, "User", "u1", USER "'userName':'anna','active':false}", 0},
       .version = 2,
       .unchanged = true},
      {{SET, "User", "u1",
        USER_OURS "'userName':'anna','active':false," OURS
                  ":{'deactivatedAt':'2001-01-01T00:00:00Z'}}",
        0},
       .version = 2,
       .unchanged = true},
      {{SET, "User", "u1", USER "'userName':'anna','active':true}", 0},
       .version = 3,
       .document = USER "'userName':'anna','active':true}"}},
     .log = NULL                             },
    {"members outlive their group's document",
     {{CREATE, "User", "u1", ANNA, 0},
      {CREATE, "Group", "g1", "{'displayName':'Crew','members':[{'value':'u1'}]}", 0}},
     {{{SET, "Group", "g1", GROUP "'displayName':'New'}", 0}, .version = 2}},
     .crew = "u1"                },
    {"members come and go in one step",
     {{CREATE, "User", "u1", ANNA, 0},
      {CREATE, "User", "u2", BERT, 0},
      {CREATE, "Group", "g1", "{'displayName':'Crew','members':[{'value':'u1'}]}", 0}},
     {{.group = "g1", .add = "u2 u9", .remove = "u1 u8", .added = 1, .removed = 1, .version = 2},
      {.group = "g1", .add = "u2", .remove = "u1", .unchanged = true, .version = 2}},
     .log = PUSHED "create User u1" CREATED(ANNA) PUSHED "create User u2" CREATED(BERT) PUSHED
     "create Group g1" CREATED(CREW) PUSHED "members Group g1" CAME(NAMED("u1")) PULLED
     "members Group g1" WENT(NAMED("u1")) PULLED "members Group g1" CAME(NAMED("u2")),
     .crew = "u2"},
    {"an id without a resource is not waited for",
     {{CREATE, "Group", "g1", CREW, 0}},
     {{.group = "g1", .add = "u1", .unchanged = true, .version = 1},
      {{CREATE, "User", "u1", ANNA, 0}, .version = 1}},
     .crew = ""                           },
    {"a group is no member of itself",
     {{CREATE, "Group", "g1", CREW, 0}, {CREATE, "User", "u1", ANNA, 0}},
     {{.group = "g1", .add = "g1 u1", .added = 1, .version = 2}},
     .crew = "u1"                                                                             },
    {"more members than a statement takes",
     {{CREATE, "Group", "g1", CREW, 0}},
     {{.many = 1200, .group = "g1", .add = "", .added = 1200, .version = 2}},
     .log = NULL                                                    },
};

struct answer {
    bool failed;
    struct err err;
    bool refused;
    struct directory_result result; /* row alone for members */
    int64_t added;
    int64_t removed;
};

struct running {
    struct fixture *fixture;
    const struct writer_case *expected;
    int runs;
    struct answer answers[OPS_MAX];
};

static bool is_op(const struct writer_op *op)
{
    return op->change.type != NULL || op->group != NULL;
}

static struct member_list names_of(struct arena *arena, const char *ids)
{
    struct member_name *items = arena_array(arena, NAMES_MAX, sizeof(*items));
    struct member_list list = {.items = items, .present = true};

    for (char *rest = arena_strdup(arena, ids), *id; (id = strtok_r(rest, " ", &rest)) != NULL;)
        items[list.count++].value = id;
    return list;
}

static int write_change(struct running *running, struct directory_writer *writer,
                        const struct writer_op *op, struct answer *answer)
{
    struct arena *arena = running->fixture->arena;
    struct directory_change change = {
        .verb = op->change.verb,
        .type = schema_set_type_by_name(running->fixture->tenant->schemas, op->change.type),
        .id = op->change.id,
        .if_match = op->change.if_match};
    json_t *document = op->change.body == NULL
                           ? NULL
                           : json_loads(fixture_quoted(arena, op->change.body), 0, NULL);
    int result;

    change.document = document;
    if (op->members != NULL)
        change.members = names_of(arena, op->members);
    result = directory_write(writer, &change, arena, &answer->result, &answer->err);
    json_decref(document);
    return result;
}

static int make_many(struct running *running, struct directory_writer *writer,
                     const struct writer_op *op, struct buf *ids)
{
    struct arena *arena = running->fixture->arena;
    struct answer answer = {0};

    for (int i = 1; i <= op->many; i++) {
        const char *id = arena_printf(arena, "m%d", i);
        const struct writer_op creation = {
            .change = {CREATE, "User", id, arena_printf(arena, USER "'userName':'%s'}", id), 0}
        };

        buf_printf(ids, "%s ", id);
        if (write_change(running, writer, &creation, &answer) < 0)
            return fixture_failed(id, &answer.err);
    }
    return 0;
}

static int change_members(struct running *running, struct directory_writer *writer,
                          const struct writer_op *op, struct answer *answer)
{
    struct arena *arena = running->fixture->arena;
    struct fixture_reading reading = {.arena = arena, .id = op->group, .type = RESOURCE_TYPE_GROUP};
    struct member_list add = {0};
    struct member_list remove = {0};
    struct buf many = {0};
    struct err ignored = {0};
    int result;

    if (make_many(running, writer, op, &many) < 0)
        return -1;
    if (op->add != NULL)
        add = names_of(arena, op->many > 0 ? buf_text(&many) : op->add);
    if (op->remove != NULL)
        remove = names_of(arena, op->remove);
    buf_free(&many);
    result = directory_members(writer, op->group, op->add != NULL ? &add : NULL,
                               op->remove != NULL ? &remove : NULL, &answer->added,
                               &answer->removed, &answer->err);
    if (fixture_read_work(directory_session(writer), &reading, &ignored) == 0)
        answer->result.row = reading.row;
    answer->result.changed = answer->added + answer->removed > 0;
    return result;
}

static int work(struct directory_writer *writer, void *argument, struct err *err)
{
    struct running *running = argument;

    running->runs++;
    memset(running->answers, 0, sizeof(running->answers));
    for (size_t i = 0; i < OPS_MAX; i++) {
        const struct writer_op *op = &running->expected->ops[i];
        struct answer *answer = &running->answers[i];

        if (!is_op(op))
            break;
        answer->failed = (op->group != NULL ? change_members(running, writer, op, answer)
                                            : write_change(running, writer, op, answer)) < 0;
        answer->refused = answer->failed && directory_refused(&answer->err);
    }
    if (running->expected->again && running->runs == 1)
        return err_set(err, ERR_RETRY, "once more");
    if (running->expected->cancelled)
        return err_set(err, ERR_CONFLICT, "cancelled");
    return 0;
}

static void assert_answer(struct fixture *fixture, const struct writer_op *op,
                          const struct answer *answer)
{
    if (answer->failed && op->error == 0)
        print_message("%s (%s)\n", answer->err.detail, answer->err.cause);
    assert_int_equal(answer->failed, op->error != 0);
    assert_int_equal(answer->err.code, op->error);
    if (answer->failed) {
        if (op->change.verb != REPLACE) /* of which the code says nothing */
            assert_int_equal(answer->refused, !op->ends);
        return;
    }
    assert_int_equal(answer->result.changed, !op->unchanged);
    assert_int_equal(answer->added, op->added);
    assert_int_equal(answer->removed, op->removed);
    if (op->version != 0)
        assert_int_equal(answer->result.row.version, op->version);
    if (op->document != NULL)
        assert_string_equal(fixture_timeless(fixture->arena, answer->result.row.document),
                            fixture_quoted(fixture->arena, op->document));
}

static const char *format_log(struct fixture *fixture, struct arena *arena)
{
    static const char *const action_words[] = {"", "create", "update", "delete", "members"};
    const struct change_row *rows = NULL;
    struct buf text = {0};
    size_t count = 0;
    const char *result;

    if (fixture_changes(fixture, arena, true, &rows, &count) < 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s/%s %s %s %s %s %s\n", rows[i].actor, rows[i].request_id,
                   action_words[rows[i].action],
                   rows[i].type == RESOURCE_TYPE_USER ? "User" : "Group", rows[i].resource_id,
                   rows[i].forward, rows[i].reverse);
    result = fixture_timeless(arena, buf_text(&text));
    buf_free(&text);
    return result;
}

static bool take_announcement(struct fixture *fixture)
{
    struct store_scope scope;

    if (!seal_queue_take(fixture->tenant->unsealed, &scope))
        return false;
    seal_queue_done(fixture->tenant->unsealed);
    return true;
}

static void push(struct fixture *fixture, const struct writer_case *expected)
{
    for (size_t i = 0; i < PUSHES_MAX && expected->pushes[i].type != NULL; i++) {
        struct directory_result result = {0};
        struct err err = {0};

        assert_int_equal(
            fixture_apply(fixture, &expected->pushes[i], fixture->arena, &result, &err), 0);
    }
    while (take_announcement(fixture))
        continue;
}

static bool anything_changes(const struct writer_case *expected)
{
    bool commits = !expected->cancelled && !expected->unfinished;

    for (size_t i = 0; i < OPS_MAX && commits; i++) {
        const struct writer_op *op = &expected->ops[i];
        if (is_op(op) && op->error == 0 && !op->unchanged)
            return true;
    }
    return false;
}

static void writes(void **row)
{
    const struct writer_case *expected = *row;
    const struct actor actor = {.name = "corp-ad",
                                .request_id = "run-7",
                                .park_members = expected->parks,
                                .is_source = true};
    struct fixture fixture;
    struct running running = {.fixture = &fixture, .expected = expected};
    struct err err = {0};
    int result;

    assert_int_equal(fixture_open(&fixture), 0);
    push(&fixture, expected);
    result = directory_transact(fixture.tenant, &actor, work, &running, &err);
    for (size_t i = 0; i < OPS_MAX && is_op(&expected->ops[i]); i++)
        assert_answer(&fixture, &expected->ops[i], &running.answers[i]);
    assert_int_equal(result, expected->cancelled || expected->unfinished ? -1 : 0);
    assert_int_equal(err.code, expected->cancelled    ? ERR_CONFLICT
                               : expected->unfinished ? ERR_INTERNAL
                                                      : err.code);
    assert_int_equal(take_announcement(&fixture), anything_changes(expected));
    assert_int_equal(running.runs, expected->again ? 2 : 1);
    if (expected->log != NULL)
        assert_string_equal(format_log(&fixture, fixture.arena),
                            fixture_quoted(fixture.arena, expected->log));
    if (expected->crew != NULL)
        assert_string_equal(fixture_members(&fixture, fixture.arena, "g1"), expected->crew);
    fixture_close(&fixture);
}

int main(void)
{
    return RUN_TABLE("directory_writer", cases, writes);
}
