#include "connectors/ad/pass.h"

#include <string.h>

#include "base/cleanup.h"
#include "connectors/ad/session.h"

/* ---- the beginning ---- */

/* Where the delta after this pass will begin: now, so that nothing between is lost. */
static int take_baseline(struct session *session, struct err *err)
{
    const char *delta = connector_text(session->settings, "settings.delta");
    struct pass *pass = &session->pass;
    int result = 0;

    if (root_read(&session->link, err) < 0)
        return -1;
    pass->after = (struct ad_cursor){
        .mode = CURSOR_USN,
        .scope = session->scope.digest,
        .url = session->link.url,
        .service = session->link.root.service,
        .invocation = session->link.root.invocation,
        .usn = session->link.root.highest_usn,
        .pass = "",
    };
    if (strcmp(delta, "usn") != 0) {
        struct search search = {0};

        result = dirsync_baseline(session, &search, err);
        if (result == 0) {
            void *cookie = arena_alloc(pass->arena, search.cookie.bv_len + 1);

            memcpy(cookie, search.cookie.bv_val, search.cookie.bv_len);
            pass->after.mode = CURSOR_DIRSYNC;
            pass->after.cookie = cookie;
            pass->after.cookie_length = search.cookie.bv_len;
        } else if (err->code == ERR_SOURCE_DENIED && strcmp(delta, "auto") == 0) {
            result = 0; /* not for this account: USNs are for everybody */
        }
        search_end(&session->link, &search);
    }
    if (result < 0 || within_read(session, pass->arena, &pass->within, err) < 0)
        return -1;
    within_keep(pass->arena, &pass->within, &pass->after);
    pass->before = pass->after;
    pass->before.mode = CURSOR_FULL;
    pass->before.cookie_length = 0;
    pass->before.groups_length = 0;
    return 0;
}

static int send(struct session *session, struct err *err)
{
    struct pass *pass = &session->pass;
    const struct scope *scope = &session->scope;
    const struct scope_part *part = pass->groups ? &scope->groups : &scope->users;
    const struct query query = {
        .base = part->bases[pass->base],
        .scope = LDAP_SCOPE_SUBTREE,
        .filter = pass->groups ? part->filter : pass->within.filters[pass->filter],
        .attributes = pass->groups ? scope->scan_attributes : part->attributes,
        .form = QUERY_PAGED,
        .page_size = scope->page_size,
    };

    return search_send(&session->link, &query, &pass->search, err);
}

int full_begin(struct session *session, struct err *err)
{
    return take_baseline(session, err) < 0 || send(session, err) < 0 ? -1 : 0;
}

/* ---- a page ---- */

static void yield_group(struct session *session, const struct entry *entry, json_t *attributes,
                        struct changes *changes)
{
    struct pass *pass = &session->pass;
    int64_t relative_id = sid_relative_id(entry->name.sid);
    bool ranges = entry->whole_members && !entry->members_end;
    bool primary = primaries_has(&pass->primaries, relative_id);
    struct pending pending = {
        .relative_id = relative_id, .low = (uint32_t)entry->added.count, .primary = !ranges};

    changes_upsert(changes, OBJECT_GROUP, entry->name.guid, attributes);
    changes_whole(changes, entry->name.guid, &entry->added, ranges || primary);
    if (ranges || primary) {
        memcpy(pending.guid, entry->name.guid, sizeof(pending.guid));
        pending_add(&pass->pending, &pending);
    }
}

static int yield(struct session *session, LDAPMessage *message, struct changes *changes,
                 struct err *err)
{
    struct pass *pass = &session->pass;
    json_t *attributes = json_object();
    struct entry entry;

    if (entry_read(session->link.ldap, message, changes->arena, &entry, attributes, err) < 0) {
        json_decref(attributes);
        return -1;
    }
    if (entry.name.guid[0] == '\0' || entry.class == CLASS_OTHER) {
        json_decref(attributes); /* a computer is a user, too, but no person */
    } else if (pass->groups) {
        yield_group(session, &entry, attributes, changes);
    } else {
        primaries_add(&pass->primaries, entry.name.guid, entry.primary);
        changes_upsert(changes, OBJECT_USER, entry.name.guid, attributes);
    }
    return 0;
}

/* The request for the next page leaves before the engine applies this one. */
static int go_on(struct session *session, struct err *err)
{
    struct pass *pass = &session->pass;
    const struct scope *scope = &session->scope;

    if (!pass->search.more) {
        search_end(&session->link, &pass->search);
        if (!pass->groups && pass->within.filters[++pass->filter] != NULL)
            return send(session, err);
        pass->filter = 0;
        pass->base++;
        if (!pass->groups && pass->base == scope->users.base_count) {
            pass->groups = true;
            pass->base = 0;
        }
        if (pass->groups && pass->base == scope->groups.base_count) {
            pass->searched = true;
            return 0;
        }
    }
    return send(session, err);
}

int full_step(struct session *session, struct changes *changes, struct err *err)
{
    for (;;) {
        CLEANUP(search_message_free) LDAPMessage *message = NULL;
        int more = search_next(&session->link, &session->pass.search, &message, err);

        if (more == 0)
            return go_on(session, err);
        if (more < 0 || yield(session, message, changes, err) < 0)
            return -1;
    }
}
