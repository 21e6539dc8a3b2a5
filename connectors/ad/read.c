#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/session.h"

static const char *make_filter(struct arena *arena, const char *in_scope,
                               const struct wanted_list *wanted)
{
    CLEANUP(buf_free) struct buf filter = {0};

    buf_printf(&filter, "(&%s(|", in_scope);
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
            wanted->items[i].groups = entry->groups;
            wanted->items[i].reports = entry->reports;
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

static int read_below(struct session *session, const struct query *query, enum object_kind object,
                      struct wanted_list *wanted, struct changes *changes, struct err *err)
{
    struct search search = {0};
    int result = search_send(&session->link, query, &search, err) < 0
                     ? -1
                     : read_page(session, object, &search, wanted, changes, err);

    search_end(&session->link, &search);
    return result;
}

int read_in_scope(struct session *session, const struct within *within, enum object_kind object,
                  struct wanted_list *wanted, struct changes *changes, struct err *err)
{
    const char *const of_groups[] = {session->scope.groups.filter, NULL};
    const struct scope_part *part =
        object == OBJECT_GROUP ? &session->scope.groups : &session->scope.users;
    struct query query = {
        .scope = LDAP_SCOPE_SUBTREE,
        .attributes = part->with_links,
    };
    const char *const *filter = object == OBJECT_GROUP ? of_groups : within->filters;
    int result = 0;

    if (wanted->count == 0)
        return 0;
    for (; *filter != NULL; filter++) {
        query.filter = make_filter(changes->arena, *filter, wanted);
        for (size_t i = 0; i < part->base_count && result == 0; i++) {
            query.base = part->bases[i];
            result = read_below(session, &query, object, wanted, changes, err);
        }
    }
    return result;
}

/* ---- one object ---- */

int read_object(struct session *session, enum object_kind object, const char *guid,
                struct changes *changes, struct err *err)
{
    struct wanted_list wanted = {.items = {{.guid = guid}}, .count = 1};
    struct within within;
    uint8_t bytes[GUID_BYTES];

    if (!guid_parse(guid, strlen(guid), bytes))
        return err_set(err, ERR_INVALID_VALUE, "\"%s\" is no objectGUID", guid);
    if (within_read(session, changes->arena, &within, err) < 0 ||
        read_in_scope(session, &within, object, &wanted, changes, err) < 0)
        return -1;
    if (!wanted.items[0].found) {
        changes_delete(changes, object, guid);
        return 0;
    }
    if (object == OBJECT_GROUP)
        return members_all(session, guid, wanted.items[0].relative_id, changes, err);
    return 0;
}
