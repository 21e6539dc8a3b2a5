#include <string.h>

#include "connectors/ad/pass.h"
#include "connectors/ad/reading.h"
#include "connectors/ad/session.h"

/* Classes only: the filter sees an object as it is now, so one that stopped to match anything more
 * would leave in silence. */
#define CLASSES                                                                                    \
    "(|(objectClass=user)(objectClass=group)(objectClass=organizationalUnit)"                      \
    "(objectClass=container))"
#define NOTHING "(!(objectClass=*))"

static struct query query_of(const struct session *session, const char *filter)
{
    return (struct query){
        .base = session->link.root.naming_context, /* another one is refused */
        .scope = LDAP_SCOPE_SUBTREE,
        .filter = filter,
        .attributes = session->scope.dirsync_attributes,
        .form = QUERY_DIRSYNC,
    };
}

static void take(void *context, const struct entry *entry)
{
    struct session *session = context;
    struct touched *touched;

    if (entry->name.guid[0] == '\0' || entry->class == CLASS_OTHER)
        return;
    touched = touched_add(&session->pass.touched, entry);
    touched->moved = entry->placed && entry->class == CLASS_ABSENT && !entry->deleted;
    /* what came into the scope, or may have, brings members that no difference tells */
    touched->whole = entry->placed || entry->whole_members || session->scope.group_filter;
    touched->restored = entry->restored;
    touched->told = !entry->deleted && !entry->restored && !entry->whole_members;
    touched->arrived = entry->placed || session->scope.user_filter;
    touched->added = entry->added;
    touched->removed = entry->removed;
}

static int read_all(struct session *session, const char *filter, struct search *search,
                    struct err *err)
{
    const struct query query = query_of(session, filter);
    const struct reading reading = {
        .query = &query, .arena = session->pass.arena, .take = take, .context = session};

    return reading_continue(&session->link, &reading, search, err);
}

int dirsync_baseline(struct session *session, struct search *search, struct err *err)
{
    return read_all(session, NOTHING, search, err);
}

static bool cookie_was_refused(const struct session *session)
{
    int code = LDAP_SUCCESS;

    return session->link.ldap != NULL &&
           ldap_get_option(session->link.ldap, LDAP_OPT_RESULT_CODE, &code) == LDAP_OPT_SUCCESS &&
           (code == LDAP_UNAVAILABLE_CRITICAL_EXTENSION || code == LDAP_PROTOCOL_ERROR);
}

int dirsync_read(struct session *session, struct err *err)
{
    struct pass *pass = &session->pass;
    struct search search = {0};
    int result;

    search_set_cookie(&search, pass->before.cookie, pass->before.cookie_length);
    result = read_all(session, CLASSES, &search, err);
    if (result < 0 && cookie_was_refused(session))
        (void)err_set(err, ERR_CURSOR_EXPIRED, "the domain controller refuses the DirSync cookie");
    if (result == 0) {
        void *cookie = arena_alloc(pass->arena, search.cookie.bv_len + 1);

        memcpy(cookie, search.cookie.bv_val, search.cookie.bv_len);
        pass->after.cookie = cookie;
        pass->after.cookie_length = search.cookie.bv_len;
    }
    search_end(&session->link, &search);
    return result;
}
