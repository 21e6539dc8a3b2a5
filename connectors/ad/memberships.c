#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/reading.h"
#include "connectors/ad/session.h"

static const char *const nothing[] = {LDAP_NO_ATTRS, NULL};

static void add_to(struct changes *changes, const char *group, const struct wanted *one)
{
    struct member *member = arena_alloc(changes->arena, sizeof(*member));
    struct members members = {member, 1};

    *member = (struct member){arena_strdup(changes->arena, one->guid), OBJECT_UNKNOWN};
    changes_difference(changes, group, &members, NULL);
}

/* ---- primary groups ---- */

/* The name of what the filter finds, which is one object at most. */
static int read_entry_name(struct session *session, const struct query *query, struct arena *arena,
                           struct entry *out, struct err *err)
{
    const struct reading reading = {
        .query = query, .arena = arena, .take = reading_keep, .context = out};

    return reading_run(&session->link, &reading, err);
}

static int find_primary_group(struct session *session, struct arena *arena, int64_t relative_id,
                              struct primary_group *out, struct err *err)
{
    const struct scope_part *part = &session->scope.groups;
    struct entry domain = {.primary = -1};
    struct query query = {.base = session->scope.context,
                          .scope = LDAP_SCOPE_BASE,
                          .filter = "(objectClass=*)",
                          .attributes = nothing};

    *out = (struct primary_group){.relative_id = relative_id};
    if (read_entry_name(session, &query, arena, &domain, err) < 0)
        return -1;
    if (domain.name.sid == NULL)
        return 0;
    query.scope = LDAP_SCOPE_SUBTREE;
    query.filter = arena_printf(arena, "(&%s(objectSid=%s-%lld))", part->filter, domain.name.sid,
                                (long long)relative_id);
    for (size_t i = 0; i < part->base_count && out->guid[0] == '\0'; i++) {
        struct entry group = {.primary = -1};

        query.base = part->bases[i];
        if (read_entry_name(session, &query, arena, &group, err) < 0)
            return -1;
        memcpy(out->guid, group.name.guid, sizeof(out->guid));
    }
    return 0;
}

/* *guid: "" where that group is not in scope. */
static int primary_group(struct session *session, struct arena *arena, int64_t relative_id,
                         const char **guid, struct err *err)
{
    struct pass *pass = &session->pass;
    struct primary_group group;

    for (size_t i = 0; i < pass->primary_group_count; i++)
        if (pass->primary_groups[i].relative_id == relative_id) {
            *guid = pass->primary_groups[i].guid;
            return 0;
        }
    if (find_primary_group(session, arena, relative_id, &group, err) < 0)
        return -1;
    if (pass->primary_group_count < PRIMARY_GROUPS_MAX)
        pass->primary_groups[pass->primary_group_count++] = group;
    *guid = arena_strdup(arena, group.guid);
    return 0;
}

static int add_primary(struct session *session, const struct wanted_list *wanted,
                       struct changes *changes, struct err *err)
{
    for (size_t i = 0; i < wanted->count; i++) {
        const struct wanted *one = &wanted->items[i];
        const char *group = "";

        if (!one->found || one->primary < 0)
            continue;
        if (primary_group(session, changes->arena, one->primary, &group, err) < 0)
            return -1;
        if (*group != '\0')
            add_to(changes, group, one);
    }
    return 0;
}

/* ---- other groups ---- */

struct scoped {
    const struct wanted_list *wanted;
    struct changes *changes;
    const char *asked[WANTED_MAX]; /* groups of the next question */
    size_t count;
};

static void add_all_to(void *context, const struct entry *group)
{
    const struct scoped *scoped = context;

    for (size_t i = 0; i < scoped->wanted->count; i++) {
        const struct wanted *one = &scoped->wanted->items[i];

        for (size_t j = 0; one->found && j < one->groups.count; j++)
            if (strcmp(one->groups.items[j].source_id, group->name.guid) == 0)
                add_to(scoped->changes, group->name.guid, one);
    }
}

/* Which of the groups are in scope is for the server to say. */
static int ask(struct session *session, struct scoped *scoped, struct err *err)
{
    const struct scope_part *part = &session->scope.groups;
    CLEANUP(buf_free) struct buf filter = {0};
    struct query query = {.scope = LDAP_SCOPE_SUBTREE, .attributes = nothing};
    const struct reading reading = {
        .query = &query, .arena = scoped->changes->arena, .take = add_all_to, .context = scoped};
    int result = 0;

    if (scoped->count == 0)
        return 0;
    buf_printf(&filter, "(&%s(|", part->filter);
    for (size_t i = 0; i < scoped->count; i++)
        (void)guid_filter(&filter, scoped->asked[i]);
    buf_puts(&filter, "))");
    query.filter = buf_text(&filter);
    scoped->count = 0;
    for (size_t i = 0; i < part->base_count && result == 0; i++) {
        query.base = part->bases[i];
        result = reading_run(&session->link, &reading, err);
    }
    return result;
}

/* One that an earlier object was a member of, too, has been asked about. */
static bool is_repeated(const struct wanted_list *wanted, size_t before, const char *group)
{
    for (size_t i = 0; i < before; i++)
        for (size_t j = 0; j < wanted->items[i].groups.count; j++)
            if (wanted->items[i].found &&
                strcmp(wanted->items[i].groups.items[j].source_id, group) == 0)
                return true;
    return false;
}

static int add_other(struct session *session, const struct wanted_list *wanted,
                     struct changes *changes, struct err *err)
{
    struct scoped scoped = {.wanted = wanted, .changes = changes};
    uint8_t bytes[GUID_BYTES];

    for (size_t i = 0; i < wanted->count; i++)
        for (size_t j = 0; wanted->items[i].found && j < wanted->items[i].groups.count; j++) {
            const char *group = wanted->items[i].groups.items[j].source_id;

            if (!guid_parse(group, strlen(group), bytes) || is_repeated(wanted, i, group))
                continue;
            scoped.asked[scoped.count++] = group;
            if (scoped.count == WANTED_MAX && ask(session, &scoped, err) < 0)
                return -1;
        }
    return ask(session, &scoped, err);
}

int read_memberships(struct session *session, const struct wanted_list *wanted,
                     struct changes *changes, struct err *err)
{
    return add_other(session, wanted, changes, err) < 0 ||
                   add_primary(session, wanted, changes, err) < 0
               ? -1
               : 0;
}
