/* population.h - resources of a tenant, written the way the daemon writes them. */
#ifndef SCIMD_TESTS_STORE_POPULATION_H
#define SCIMD_TESTS_STORE_POPULATION_H

#include "store_fixture.h"

#include "base/id.h"
#include "scim/json.h"
#include "scim/resource.h"
#include "scim/schemas_fixture.h"
#include "store/members.h"
#include "store/resources.h"
#include "store/search.h"

struct population {
    struct fixture fixture;
    struct schema_set *set;
    const struct resource_type *user;
    const struct resource_type *group;
    const struct resource_type *device;
};

static inline void population_start(struct population *population)
{
    fixture_start(&population->fixture);
    population->set = fixture_set("device.json", NULL);
    population->user = schema_set_type_by_name(population->set, "User");
    population->group = schema_set_type_by_name(population->set, "Group");
    population->device = schema_set_type_by_name(population->set, "Device");
}

static inline void population_stop(struct population *population)
{
    schema_set_release(population->set);
    fixture_stop(&population->fixture);
}

/* One resource to insert. */
struct newcomer {
    const struct resource_type *type;
    const char *id;
    const json_t *document;
    int64_t created_us;
    int64_t modified_us;
    struct resource_row row; /* out */
    struct arena *arena;
};

static inline int population_write(struct session *session, void *argument, struct err *err)
{
    struct newcomer *newcomer = argument;
    CLEANUP(buf_free) struct buf text = {0};

    json_append(&text, newcomer->document);
    newcomer->row = (struct resource_row){
        .pk = id_new_key(),
        .type = newcomer->type->number,
        .id = newcomer->id,
        .version = 1,
        .created_us = newcomer->created_us,
        .modified_us = newcomer->modified_us,
        .document = arena_strndup(newcomer->arena, text.bytes, text.length),
        .document_length = text.length,
    };
    return resources_insert(session, newcomer->arena, newcomer->type, &newcomer->row,
                            newcomer->document, err);
}

#define POPULATION_TIME_US INT64_C(1714557600000000) /* 2024-05-01T10:00:00Z */

/* A resource from JSON text, which becomes canonical first; its row, in the fixture's arena. */
static inline struct resource_row population_add(struct population *population,
                                                 const struct resource_type *type, const char *id,
                                                 const char *text)
{
    struct fixture *fixture = &population->fixture;
    const struct resource_reader reader = {.type = type, .limits = &scim_limits_default};
    CLEANUP(json_decrefp) json_t *body = NULL;
    CLEANUP(json_decrefp) json_t *document = NULL;
    struct member_list members;
    struct newcomer newcomer = {.type = type,
                                .id = id,
                                .created_us = POPULATION_TIME_US,
                                .modified_us = POPULATION_TIME_US,
                                .arena = fixture->arena};

    if (json_parse_body(text, strlen(text), &scim_limits_default, &body, &fixture->err) < 0 ||
        resource_read(&reader, fixture->arena, body, &document, &members, &fixture->err) < 0)
        fail_msg("%s: %s", text, fixture->err.detail);
    newcomer.document = document;
    fixture_transact(fixture, population_write, &newcomer);
    return newcomer.row;
}

/* Memberships: `names` of a group, added or removed. */
struct joining {
    struct arena *arena;
    int64_t group_pk;
    struct member_list names;
    struct member_ids added;
    struct member_ids parked;
};

static inline int population_join(struct session *session, void *argument, struct err *err)
{
    struct joining *joining = argument;

    return members_add(session, joining->arena, joining->group_pk, &joining->names, &joining->added,
                       &joining->parked, err);
}

static inline struct joining population_add_member(struct population *population, int64_t group_pk,
                                                   const char *id)
{
    const struct member_name name = {.value = id};
    struct joining joining = {
        .arena = population->fixture.arena,
        .group_pk = group_pk,
        .names = {.items = &name, .count = 1, .present = true}
    };

    fixture_transact(&population->fixture, population_join, &joining);
    return joining;
}

/* What a search found: ids in order. */
#define FOUND_MAX 512
struct finding {
    const struct search *search;
    struct arena *arena;
    const char *ids[FOUND_MAX];
    size_t count;
    size_t documents; /* rows that came with one */
    struct search_result result;
};

static inline int population_take(void *context, const struct resource_row *row, struct err *err)
{
    struct finding *finding = context;

    if (finding->count == FOUND_MAX)
        return err_set(err, ERR_TOO_MANY, "more than %d found", FOUND_MAX);
    finding->documents += row->document != NULL;
    finding->ids[finding->count++] = arena_strdup(finding->arena, row->id);
    return 0;
}

static inline int population_search(struct session *session, void *argument, struct err *err)
{
    struct finding *finding = argument;

    finding->count = 0;
    finding->documents = 0;
    return search_run(session, finding->arena, finding->search, population_take, finding,
                      &finding->result, err);
}

static inline void population_find(struct population *population, const struct search *search,
                                   struct finding *finding)
{
    struct fixture *fixture = &population->fixture;

    *finding = (struct finding){.search = search, .arena = fixture->arena};
    if (store_read(fixture->scope, population_search, finding, &fixture->err) < 0)
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
}

#endif
