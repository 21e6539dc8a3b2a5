/* Documents become rows, and come back; a change writes only what differs. */
#include "population.h"

#define ENTERPRISE "\"" SCHEMA_URN_ENTERPRISE "\""
#define USER(body) "{\"schemas\":[\"" SCHEMA_URN_USER "\"]," body "}"
#define DEVICE(body) "{\"schemas\":[\"urn:example:scim:schemas:2.0:Device\"]," body "}"

/* One resource, changed from one document to another, and how many rows were written by that. */
static struct update_case {
    const char *name;
    const char *before;
    const char *after;
    int64_t changes; /* rows inserted, updated and deleted */
} update_cases[] = {
    {"active alone: the resource and the user row",
     USER("\"userName\":\"a\",\"title\":\"T\",\"active\":true,\"emails\":[{\"value\":\"x\"}]"),
     USER("\"userName\":\"a\",\"title\":\"T\",\"active\":false,\"emails\":[{\"value\":\"x\"}]"),                                           2},
    {"a typed text",                                USER("\"userName\":\"a\",\"title\":\"T\""),
     USER("\"userName\":\"a\",\"title\":\"U\""),                                                                                           2},
    {"userName",                                    USER("\"userName\":\"a\""),                                USER("\"userName\":\"b\""), 2},
    {"case alone",                                  USER("\"userName\":\"a\""),                                USER("\"userName\":\"A\""), 2},
    {"nothing that is indexed: the resource alone", USER("\"userName\":\"a\""),
     USER("\"userName\":\"a\""),                                                                                                           1},
    {"one of two e-mails: its row goes and comes",
     USER("\"userName\":\"a\",\"emails\":[{\"value\":\"x\"},{\"value\":\"y\"}]"),
     USER("\"userName\":\"a\",\"emails\":[{\"value\":\"x\"},{\"value\":\"z\"}]"),                                                          3},
    {"a new e-mail",                                USER("\"userName\":\"a\""),
     USER("\"userName\":\"a\",\"emails\":[{\"value\":\"z\"}]"),                                                                            2},
    {"the last e-mail",                             USER("\"userName\":\"a\",\"emails\":[{\"value\":\"z\"}]"),
     USER("\"userName\":\"a\""),                                                                                                           2},
    {"an attribute row",                            USER("\"userName\":\"a\",\"nickName\":\"n\""),
     USER("\"userName\":\"a\",\"nickName\":\"m\""),                                                                                        3},
    {"an attribute row goes",                       USER("\"userName\":\"a\",\"nickName\":\"n\""),
     USER("\"userName\":\"a\""),                                                                                                           2},
};

struct update {
    struct population *population;
    const struct resource_type *type;
    struct resource_row row;
    json_t *before;
    json_t *after;
    int64_t changes;
};

static int64_t total_changes(struct session *session)
{
    struct err err = {0};
    CLEANUP(rows_closep) struct rows *rows = NULL;

    if (session_query(session,
                      engine_is_postgresql() ? "SELECT SUM(n_tup_ins + n_tup_upd + n_tup_del) "
                                               "FROM pg_stat_xact_user_tables"
                                             : "SELECT total_changes()",
                      NULL, 0, &rows, &err) < 0 ||
        rows_next(rows, &err) <= 0)
        return -1;
    return rows_integer(rows, 0);
}

static int write_update(struct session *session, void *argument, struct err *err)
{
    struct update *update = argument;
    CLEANUP(buf_free) struct buf text = {0};
    int64_t before = total_changes(session);

    json_append(&text, update->after);
    update->row.document = text.bytes;
    update->row.document_length = text.length;
    update->row.version = 2;
    if (resources_update(session, update->population->fixture.arena, update->type, &update->row,
                         update->before, update->after, err) < 0)
        return -1;
    update->changes = total_changes(session) - before;
    return 0;
}

static json_t *canonical(struct population *population, const struct resource_type *type,
                         const char *text)
{
    const struct resource_reader reader = {.type = type, .limits = &scim_limits_default};
    struct fixture *fixture = &population->fixture;
    CLEANUP(json_decrefp) json_t *body = NULL;
    struct member_list members;
    json_t *document = NULL;

    if (json_parse_body(text, strlen(text), &scim_limits_default, &body, &fixture->err) < 0 ||
        resource_read(&reader, fixture->arena, body, &document, &members, &fixture->err) < 0)
        fail_msg("%s: %s", text, fixture->err.detail);
    return document;
}

static void writes_what_differs(void **state)
{
    const struct update_case *row = *state;
    struct population population;
    struct update update = {.population = &population};

    population_start(&population);
    update.type = population.user;
    update.row = population_add(&population, population.user, "u1", row->before);
    update.before = canonical(&population, population.user, row->before);
    update.after = canonical(&population, population.user, row->after);
    fixture_transact(&population.fixture, write_update, &update);
    assert_int_equal(update.changes, row->changes);
    json_decref(update.before);
    json_decref(update.after);
    population_stop(&population);
}

/* After a change there are the very rows that an insert of the new document makes. */
static const char *const projected[] = {
    "SELECT COUNT(*) FROM (SELECT active, user_name, user_name_key, external_id, title_key, "
    "family_name_key FROM scimd_user WHERE id = 'u1' EXCEPT SELECT active, user_name, "
    "user_name_key, external_id, title_key, family_name_key FROM scimd_user WHERE id = 'u2') x",
    "SELECT COUNT(*) FROM (SELECT attr, idx, value, value_key, value_long, type, type_key, "
    "display_key, is_primary FROM scimd_user_value WHERE pk = (SELECT pk FROM scimd_user WHERE "
    "id = 'u1') EXCEPT SELECT attr, idx, value, value_key, value_long, type, type_key, "
    "display_key, is_primary FROM scimd_user_value WHERE pk = (SELECT pk FROM scimd_user WHERE "
    "id = 'u2')) x",
    "SELECT COUNT(*) FROM (SELECT path, elem, skey, num, long_key FROM scimd_attribute WHERE "
    "pk = (SELECT pk FROM scimd_user WHERE id = 'u1') EXCEPT SELECT path, elem, skey, num, "
    "long_key FROM scimd_attribute WHERE pk = (SELECT pk FROM scimd_user WHERE id = 'u2')) x",
    "SELECT ABS((SELECT COUNT(*) FROM scimd_attribute WHERE pk = (SELECT pk FROM scimd_user WHERE "
    "id = 'u1')) - (SELECT COUNT(*) FROM scimd_attribute WHERE pk = (SELECT pk FROM scimd_user "
    "WHERE id = 'u2')))",
};

static struct projection_case {
    const char *name;
    const char *before;
    const char *after; /* userName "b", so that both can be there */
} projection_cases[] = {
    {"everything goes",
     USER("\"userName\":\"a\",\"nickName\":\"n\",\"emails\":[{\"value\":\"x\"}]," ENTERPRISE
          ":{\"department\":\"d\"}"),
     USER("\"userName\":\"b\"")                                                                 },
    {"everything comes",       USER("\"userName\":\"a\""),
     USER("\"userName\":\"b\",\"title\":\"t\",\"addresses\":[{\"locality\":\"L\"},"
          "{\"locality\":\"M\",\"primary\":true}],\"emails\":[{\"value\":\"x\"},{\"value\":\"y\","
          "\"primary\":true,\"type\":\"work\"}]," ENTERPRISE ":{\"manager\":{\"value\":\"7\"}}")},
    {"elements change places",
     USER("\"userName\":\"a\",\"addresses\":[{\"locality\":\"L\",\"primary\":true},"
          "{\"locality\":\"M\"}]"),
     USER("\"userName\":\"b\",\"addresses\":[{\"locality\":\"M\",\"primary\":true},"
          "{\"locality\":\"L\"},{\"locality\":\"K\"}]")                                         },
};

static void update_equals_insert(void **state)
{
    const struct projection_case *row = *state;
    struct population population;
    struct update update = {.population = &population};
    struct fixture *fixture = &population.fixture;

    population_start(&population);
    update.type = population.user;
    update.row = population_add(&population, population.user, "u1", row->before);
    update.before = canonical(&population, population.user, row->before);
    update.after = canonical(&population, population.user, row->after);
    (void)json_object_set_new(update.after, "userName", json_string("u1"));
    fixture_transact(fixture, write_update, &update);
    (void)population_add(&population, population.user, "u2", row->after);
    fixture_sql(fixture, "DROP INDEX scimd_user_name");
    fixture_sql(fixture, "UPDATE scimd_user SET user_name = 'b', user_name_key = 'b'");
    for (size_t i = 0; i < ARRAY_LENGTH(projected); i++)
        assert_int_equal(fixture_number(fixture, projected[i]), 0);
    json_decref(update.before);
    json_decref(update.after);
    population_stop(&population);
}

/* A second resource next to a first one. */
static struct unique_case {
    const char *name;
    bool device;
    const char *first;
    const char *second;
    const char *detail; /* NULL: both fit */
} unique_cases[] = {
    {"same userName",                  false, USER("\"userName\":\"bj\""),                     USER("\"userName\":\"bj\""),
     "userName: already taken"                                                                                                                 },
    {"other case",                     false, USER("\"userName\":\"STRASSE\""),                USER("\"userName\":\"stra\u00dfe\""),
     "userName: already taken"                                                                                                                 },
    {"other userName",                 false, USER("\"userName\":\"bj\""),                     USER("\"userName\":\"bk\""),          NULL      },
    {"same externalId",                false, USER("\"userName\":\"a\",\"externalId\":\"e\""),
     USER("\"userName\":\"b\",\"externalId\":\"e\""),                                                                                NULL      },
    {"a tenant's attribute",           true,  DEVICE("\"name\":\"D\""),                        DEVICE("\"name\":\"d\""),             "name"    },
    {"its caseExact attribute",        true,  DEVICE("\"name\":\"D\",\"assetTag\":\"T\""),
     DEVICE("\"name\":\"E\",\"assetTag\":\"t\""),                                                                                    NULL      },
    {"its caseExact attribute, equal", true,  DEVICE("\"name\":\"D\",\"assetTag\":\"T\""),
     DEVICE("\"name\":\"E\",\"assetTag\":\"T\""),                                                                                    "assetTag"},
};

static void keeps_values_unique(void **state)
{
    const struct unique_case *row = *state;
    struct population population;
    struct fixture *fixture = &population.fixture;
    const struct resource_type *type;
    struct newcomer second = {.id = "2"};
    json_t *document;
    int result;

    population_start(&population);
    type = row->device ? population.device : population.user;
    (void)population_add(&population, type, "1", row->first);
    document = canonical(&population, type, row->second);
    second.type = type;
    second.document = document;
    second.arena = fixture->arena;
    result = store_transact(fixture->scope, population_write, &second, &fixture->err);
    assert_int_equal(result, row->detail == NULL ? 0 : -1);
    if (row->detail != NULL) {
        assert_int_equal(fixture->err.code, ERR_UNIQUENESS);
        assert_non_null(strstr(fixture->err.detail, row->detail));
        assert_non_null(strstr(fixture->err.detail, "already taken"));
    }
    assert_int_equal(fixture_number(fixture, "SELECT COUNT(*) FROM scimd_resource"),
                     row->detail == NULL ? 2 : 1); /* nothing half-written */
    json_decref(document);
    population_stop(&population);
}

/* Finding by id, type and unique value. */
static struct find_case {
    const char *name;
    const char *id;        /* or: */
    const char *user_name; /* by resources_find_unique() */
    bool as_group;
    bool found;
} find_cases[] = {
    {"by id",                     "u1",            NULL,      false, true },
    {"as another type",           "u1",            NULL,      true,  false},
    {"unknown",                   "u9",            NULL,      false, false},
    {"id minds case",             "U1",            NULL,      false, false},
    {"injection",                 "u1' OR '1'='1", NULL,      false, false},
    {"by userName",               NULL,            "barbara", false, true },
    {"by userName in other case", NULL,            "BARBARA", false, true },
    {"by unknown userName",       NULL,            "barbar",  false, false},
};

struct find {
    struct population *population;
    const struct find_case *row;
    struct resource_row found;
    struct resource_row head;
};

static int run_find(struct session *session, void *argument, struct err *err)
{
    struct find *find = argument;
    struct arena *arena = find->population->fixture.arena;
    const struct resource_type *user = find->population->user;
    int type = find->row->as_group ? RESOURCE_TYPE_GROUP : RESOURCE_TYPE_USER;

    if (find->row->user_name != NULL)
        return resources_find_unique(session, arena, user,
                                     schema_attribute(user->schema, "userName", 8),
                                     find->row->user_name, &find->found, err);
    if (resources_find_head(session, arena, type, find->row->id, false, &find->head, err) < 0)
        return -1;
    return resources_find(session, arena, type, find->row->id, true, &find->found, err);
}

static void finds_resources(void **state)
{
    const struct find_case *row = *state;
    struct population population;
    struct find find = {.population = &population, .row = row};
    struct resource_row added;
    int result;

    population_start(&population);
    added = population_add(&population, population.user, "u1", USER("\"userName\":\"Barbara\""));
    result = store_read(population.fixture.scope, run_find, &find, &population.fixture.err);
    assert_int_equal(result, row->found ? 0 : -1);
    if (row->found) {
        assert_int_equal(find.found.pk, added.pk);
        assert_string_equal(find.found.document, added.document);
        assert_int_equal(find.found.document_length, added.document_length);
        assert_null(find.head.document);
        assert_false(find.found.in_groups);
    } else {
        assert_int_equal(population.fixture.err.code, ERR_NOT_FOUND);
    }
    population_stop(&population);
}

static int delete_and_bump(struct session *session, void *argument, struct err *err)
{
    const struct resource_row *rows = argument;
    int64_t version = 0;

    if (resources_bump(session, rows[1].pk, POPULATION_TIME_US + 1, &version, err) < 0 ||
        resources_delete(session, RESOURCE_TYPE_USER, rows[0].pk, err) < 0)
        return -1;
    return version == 2 ? 0 : err_set(err, ERR_INTERNAL, "version %lld", (long long)version);
}

static struct left_case {
    const char *name; /* the table */
    const char *question;
    int64_t answer;
} left_cases[] = {
    {"scimd_resource",   "SELECT COUNT(*) FROM scimd_resource",   1},
    {"version",          "SELECT version FROM scimd_resource",    2},
    {"scimd_user",       "SELECT COUNT(*) FROM scimd_user",       1},
    {"scimd_user_value", "SELECT COUNT(*) FROM scimd_user_value", 1},
    {"scimd_attribute",  "SELECT COUNT(*) FROM scimd_attribute",  1},
};

static void deletes_all_rows(void **state)
{
    const struct left_case *row = *state;
    struct population population;
    struct resource_row rows[2];

    population_start(&population);
    rows[0] = population_add(&population, population.user, "u1",
                             USER("\"userName\":\"a\",\"nickName\":\"n\",\"emails\":["
                                  "{\"value\":\"x\"},{\"value\":\"y\"}]"));
    rows[1] = population_add(&population, population.user, "u2",
                             USER("\"userName\":\"b\",\"nickName\":\"n\",\"emails\":["
                                  "{\"value\":\"x\"}]"));
    fixture_transact(&population.fixture, delete_and_bump, rows);
    assert_int_equal(fixture_number(&population.fixture, row->question), row->answer);
    population_stop(&population);
}

int main(void)
{
    int failed = RUN_TABLE("resources_update", update_cases, writes_what_differs);

    failed += RUN_TABLE("resources_projection", projection_cases, update_equals_insert);
    failed += RUN_TABLE("resources_unique", unique_cases, keeps_values_unique);
    failed += RUN_TABLE("resources_find", find_cases, finds_resources);
    failed += RUN_TABLE("resources_delete", left_cases, deletes_all_rows);
    return failed;
}
