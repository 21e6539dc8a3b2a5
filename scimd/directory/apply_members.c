#include <string.h>

#include "base/cleanup.h"
#include "directory/apply.h"
#include "scim/match.h"

bool type_has_members(const struct resource_type *type)
{
    const struct attribute *members = schema_attribute(type->schema, "members", 7);

    return members != NULL && members->role == ROLE_MEMBERS;
}

static struct member_list slice(const struct member_list *names, size_t from)
{
    size_t left = names->count - from;

    return (struct member_list){.items = names->items + from,
                                .count = left < MEMBERS_CHUNK ? left : MEMBERS_CHUNK,
                                .present = true};
}

int members_refuse_itself(const struct resource_row *group, const struct member_list *names,
                          struct err *err)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].value, group->id) == 0)
            return err_set(err, ERR_INVALID_VALUE,
                           "members[%zu].value: a group is no member of "
                           "itself",
                           i);
    }
    return 0;
}

/* Members that nobody may park have until the end of the transaction to come: in bulk, groups can
 * name each other. */
static void expect(struct apply *apply, const struct member_ids *parked)
{
    size_t count = apply->unknown_count + parked->count;

    if (count > apply->unknown_capacity) {
        struct member_name *larger = arena_array(apply->arena, 2 * count, sizeof(*larger));
        if (apply->unknown_count > 0)
            memcpy(larger, apply->unknown, apply->unknown_count * sizeof(*larger));
        apply->unknown = larger;
        apply->unknown_capacity = 2 * count;
    }
    for (size_t i = 0; i < parked->count; i++)
        apply->unknown[apply->unknown_count++] = (struct member_name){.value = parked->ids[i]};
}

int members_must_exist(const struct apply *apply, const struct member_list *names, struct err *err)
{
    struct member_ids unknown = {0};

    if (names->count == 0)
        return 0;
    if (members_unknown(apply->session, apply->arena, names, &unknown, err) < 0)
        return -1;
    if (unknown.count == 0)
        return 0;
    return err_set(err, ERR_INVALID_VALUE, "members: there is no resource with the id %s",
                   unknown.ids[0]);
}

int members_check_unknown(const struct apply *apply, struct err *err)
{
    return members_must_exist(apply,
                              &(struct member_list){.items = apply->unknown,
                                                    .count = apply->unknown_count,
                                                    .present = true},
                              err);
}

int members_bring(struct apply *apply, const struct resource_row *group,
                  const struct member_list *names, bool *changed, struct err *err)
{
    if (members_refuse_itself(group, names, err) < 0)
        return -1;
    for (size_t done = 0; done < names->count; done += MEMBERS_CHUNK) {
        struct member_list some = slice(names, done);
        struct member_ids added = {0};
        struct member_ids parked = {0};

        if (members_add(apply->session, apply->arena, group->pk, &some, &added, &parked, err) < 0 ||
            log_members(apply, group->id, true, &added, err) < 0)
            return -1;
        if (apply->actor->park_members)
            apply->parked += parked.count;
        else
            expect(apply, &parked);
        *changed = *changed || added.count > 0;
    }
    return 0;
}

static int let_go(struct apply *apply, const struct resource_row *group,
                  const struct member_list *names, size_t *gone, struct err *err)
{
    for (size_t done = 0; done < names->count; done += MEMBERS_CHUNK) {
        struct member_list some = slice(names, done);
        struct member_ids removed = {0};

        if (members_remove(apply->session, apply->arena, group->pk, &some, &removed, err) < 0 ||
            log_members(apply, group->id, false, &removed, err) < 0)
            return -1;
        *gone += removed.count;
    }
    return 0;
}

int members_replace(struct apply *apply, const struct resource_row *group,
                    const struct member_list *names, bool *changed, struct err *err)
{
    CLEANUP(arena_freep) struct arena *scratch = arena_new(ARENA_BLOCK_BYTES);
    struct member_ids removed = {0};

    do { /* chunk by chunk: memory does not depend on the group */
        arena_reset(scratch);
        if (members_remove_others(apply->session, scratch, group->pk, names, &removed, err) < 0 ||
            log_members(apply, group->id, false, &removed, err) < 0)
            return -1;
        *changed = *changed || removed.count > 0;
    } while (removed.count > 0);
    return members_bring(apply, group, names, changed, err);
}

/* A member as a value path sees it.  Its $ref is relative: nobody here knows our address. */
static json_t *member_element(const struct apply *apply, const struct member_row *member)
{
    const struct resource_type *type =
        member->type == NULL ? NULL : schema_set_type_by_name(apply->tenant->schemas, member->type);
    json_t *element = json_object();

    (void)json_object_set_new(element, "value", json_string(member->id));
    if (member->display != NULL)
        (void)json_object_set_new(element, "display", json_string(member->display));
    if (type != NULL) {
        (void)json_object_set_new(element, "type", json_string(type->name));
        (void)json_object_set_new(element, "$ref",
                                  json_sprintf("%s/%s", type->endpoint, member->id));
    }
    return element;
}

/* Those of a page that the filter matches, as names to remove. */
static struct member_list matching(const struct apply *apply, struct arena *arena,
                                   const struct filter *filter, const struct member_row *page,
                                   size_t count)
{
    struct member_name *items = arena_array(arena, count, sizeof(*items));
    struct member_list names = {.items = items, .present = true};

    for (size_t i = 0; i < count; i++) {
        CLEANUP(json_decrefp) json_t *element = member_element(apply, &page[i]);

        if (match_element(filter, element))
            items[names.count++].value = page[i].id;
    }
    return names;
}

static int let_go_matching(struct apply *apply, const struct resource_row *group,
                           const struct filter *filter, size_t *gone, struct err *err)
{
    CLEANUP(arena_freep) struct arena *scratch = arena_new(ARENA_BLOCK_BYTES);
    const struct member_row *page = NULL;
    size_t count = 0;
    int64_t after = 0;

    do {
        struct member_list names;

        arena_reset(scratch);
        if (members_page(apply->session, scratch, group->pk, after, MEMBERS_CHUNK, &page, &count,
                         err) < 0)
            return -1;
        if (count == 0)
            break;
        after = page[count - 1].pk;
        names = matching(apply, scratch, filter, page, count);
        if (let_go(apply, group, &names, gone, err) < 0)
            return -1;
    } while (count == MEMBERS_CHUNK);
    return 0;
}

static int take_away(struct apply *apply, const struct resource_row *group,
                     const struct member_step *step, bool *changed, struct err *err)
{
    size_t gone = 0;
    int result = step->kind == MEMBERS_REMOVE
                     ? let_go(apply, group, &step->names, &gone, err)
                     : let_go_matching(apply, group, step->filter, &gone, err);

    if (result < 0)
        return -1;
    if (gone == 0 &&
        !tolerance_allows(apply->change->reader->tolerances, TOLERANCE_REMOVE_NO_MATCH))
        return err_set(err, ERR_NO_TARGET, "members: none of them is a member");
    *changed = *changed || gone > 0;
    return 0;
}

int members_step(struct apply *apply, const struct resource_row *group,
                 const struct member_step *step, bool *changed, struct err *err)
{
    switch (step->kind) {
    case MEMBERS_ADD:
        return members_bring(apply, group, &step->names, changed, err);
    case MEMBERS_REPLACE:
        return members_replace(apply, group, &step->names, changed, err);
    case MEMBERS_REMOVE:
    case MEMBERS_REMOVE_FILTER:
        break;
    }
    return take_away(apply, group, step, changed, err);
}
