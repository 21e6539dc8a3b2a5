/* pull.h - something of everything that a pull keeps for a tenant: the same keys and ids in each,
 * as far as they are the source's. */
#ifndef SCIMD_TESTS_STORE_PULL_H
#define SCIMD_TESTS_STORE_PULL_H

#include "population.h"

#include "store/links.h"
#include "store/sync_rows.h"

#define SOURCE 7

struct pull {
    const char *name;
    int64_t user;
    int64_t group;
};

static inline int pull_write(struct session *session, void *argument, struct err *err)
{
    const struct pull *pull = argument;
    const struct link_row rows[] = {
        {.pk = 1,
         .source_id = "a",
         .object = RESOURCE_TYPE_USER,
         .state = LINK_LIVE,
         .resource_pk = pull->user,
         .due_us = 1,
         .problem = pull->name,
         .document = pull->name},
        {.pk = 2,
         .source_id = "g",
         .object = RESOURCE_TYPE_GROUP,
         .state = LINK_LIVE,
         .resource_pk = pull->group         },
    };
    const struct staged_row staged = {
        .kind = STAGED_UPSERT, .source_id = "a", .object = 1, .document = pull->name};
    const int64_t item = pull->user;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct sync_row row;
    int result;

    result =
        links_insert(session, SOURCE, rows, ARRAY_LENGTH(rows), err) < 0 ||
                link_waits_add(session, SOURCE, 1, 0, &pull->name, 1, err) < 0 ||
                link_waits_add(session, SOURCE, 1, 0, (const char *const[]){"both"}, 1, err) < 0 ||
                sync_row_take(session, arena, SOURCE, pull->name[0], &row, err) < 0 ||
                sync_set_put(session, SOURCE, "", 1, &item, 1, err) < 0 ||
                staged_put(session, SOURCE, STAGED_LIVE, &staged, err) < 0 ||
                plan_text_put(session, 1, 0, pull->name, strlen(pull->name), err) < 0
            ? -1
            : 0;
    arena_free(arena);
    return result;
}

#endif
