#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/session.h"

static const char *make_filter(struct arena *arena, const struct scope_part *part,
                               const struct wanted_list *wanted)
{
    CLEANUP(buf_free) struct buf filter = {0};

    buf_printf(&filter, "(&%s(|", part->filter);
    for (size_t i = 0; i < wanted->count; i++)
        (void)guid_filter(&filter, wanted->items[i].guid);
    buf_puts(&filter, "))");
    return arena_strdup(arena, buf_text(&filter));
}

static void take(struct wanted_list *wanted, const struct entry *entry)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (strcmp(wanted->items[i].guid, entry->name.guid) == 0) {
            wanted->items[i].found = true;
            wanted->items[i].relative_id = sid_relative_id(entry->name.sid);
            wanted->items[i].primary = entry->primary;
        }
}

static int read_page(struct session *session, enum object_kind object, struct search *search,
                     struct wanted_list *wanted, struct changes *changes, struct err *err)
{
    enum entry_class class = object == OBJECT_GROUP ? CLASS_GROUP : CLASS_USER;

    for (;;) {
        CLEANUP(search_message_free) LDAPMessage *message = NULL;
        int more = search_next(&session->link, search, &message, err);
        json_t *attributes;
        struct entry entry;

        if (more <= 0)
            return more;
        attributes = json_object();
        if (entry_read(session->link.ldap, message, changes->arena, &entry, attributes, err) < 0) {
            json_decref(attributes);
            return -1;
        }
        if (entry.class == class) {
            take(wanted, &entry);
            changes_upsert(changes, object, entry.name.guid, attributes);
        } else {
            json_decref(attributes);
        }
    }
}

int read_in_scope(struct session *session, enum object_kind object, struct wanted_list *wanted,
                  struct changes *changes, struct err *err)
{
    const struct scope_part *part =
        object == OBJECT_GROUP ? &session->scope.groups : &session->scope.users;
    struct query query = {
        .scope = LDAP_SCOPE_SUBTREE,
        .attributes = part->attributes,
    };
    int result = 0;

    if (wanted->count == 0)
        return 0;
    query.filter = make_filter(changes->arena, part, wanted);
    for (size_t i = 0; i < part->base_count && result == 0; i++) {
        struct search search = {0};

        query.base = part->bases[i];
        result = search_send(&session->link, &query, &search, err) < 0
                     ? -1
                     : read_page(session, object, &search, wanted, changes, err);
        search_end(&session->link, &search);
    }
    return result;
}

/* ---- primary groups ---- */

/* The domain's SID, which all of its groups' SIDs begin with. */
static int read_entry_name(struct session *session, const char *base, const char *filter, int scope,
                           struct arena *arena, struct entry *out, struct err *err)
{
    static const char *const nothing[] = {LDAP_NO_ATTRS, NULL};
    const struct query query = {
        .base = base, .scope = scope, .filter = filter, .attributes = nothing};
    struct search search = {0};
    int more;

    if (search_send(&session->link, &query, &search, err) < 0)
        return -1;
    do {
        CLEANUP(search_message_free) LDAPMessage *message = NULL;

        more = search_next(&session->link, &search, &message, err);
        if (more > 0 && entry_read(session->link.ldap, message, arena, out, NULL, err) < 0)
            more = -1;
    } while (more > 0);
    search_end(&session->link, &search);
    return more;
}

static int find_primary_group(struct session *session, struct arena *arena, int64_t relative_id,
                              struct primary_group *out, struct err *err)
{
    const struct scope_part *part = &session->scope.groups;
    struct entry domain = {.primary = -1};
    const char *filter;

    *out = (struct primary_group){.relative_id = relative_id};
    if (read_entry_name(session, session->scope.context, "(objectClass=*)", LDAP_SCOPE_BASE, arena,
                        &domain, err) < 0)
        return -1;
    if (domain.name.sid == NULL)
        return 0;
    filter = arena_printf(arena, "(&%s(objectSid=%s-%lld))", part->filter, domain.name.sid,
                          (long long)relative_id);
    for (size_t i = 0; i < part->base_count && out->guid[0] == '\0'; i++) {
        struct entry group = {.primary = -1};

        if (read_entry_name(session, part->bases[i], filter, LDAP_SCOPE_SUBTREE, arena, &group,
                            err) < 0)
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

int read_primary_groups(struct session *session, const struct wanted_list *people,
                        struct changes *changes, struct err *err)
{
    for (size_t i = 0; i < people->count; i++) {
        const struct wanted *one = &people->items[i];
        const char *group = "";

        if (!one->found || one->primary < 0)
            continue;
        if (primary_group(session, changes->arena, one->primary, &group, err) < 0)
            return -1;
        if (*group != '\0') {
            struct member *member = arena_alloc(changes->arena, sizeof(*member));
            struct members members = {member, 1};

            *member = (struct member){arena_strdup(changes->arena, one->guid), OBJECT_USER};
            changes_difference(changes, group, &members, NULL);
        }
    }
    return 0;
}

/* ---- one object ---- */

int read_object(struct session *session, enum object_kind object, const char *guid,
                struct changes *changes, struct err *err)
{
    struct wanted_list wanted = {.items = {{.guid = guid}}, .count = 1};
    uint8_t bytes[GUID_BYTES];

    if (!guid_parse(guid, strlen(guid), bytes))
        return err_set(err, ERR_INVALID_VALUE, "\"%s\" is no objectGUID", guid);
    if (read_in_scope(session, object, &wanted, changes, err) < 0)
        return -1;
    if (!wanted.items[0].found) {
        changes_delete(changes, object, guid);
        return 0;
    }
    if (object == OBJECT_GROUP)
        return members_all(session, guid, wanted.items[0].relative_id, changes, err);
    return 0;
}
