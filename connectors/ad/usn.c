#include "base/cleanup.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/session.h"

static void take(struct session *session, const struct entry *entry)
{
    struct pass *pass = &session->pass;
    struct touched *touched;

    if (entry->name.guid[0] == '\0' || entry->class == CLASS_OTHER)
        return;
    touched = touched_add(&pass->touched, entry);
    touched->moved = !entry->deleted && entry->created_usn <= pass->before.usn;
    touched->arrived = true;
    touched->whole = true; /* a USN says that something changed, not what: one that was deleted
                            * and restored since looks like any other, and keeps memberships that
                            * it lost until the next full pass */
}

static int read_page(struct session *session, struct search *search, struct arena *arena,
                     struct err *err)
{
    for (;;) {
        CLEANUP(search_message_free) LDAPMessage *message = NULL;
        int more = search_next(&session->link, search, &message, err);
        struct entry entry;

        if (more <= 0)
            return more;
        if (entry_read(session->link.ldap, message, arena, &entry, NULL, err) < 0)
            return -1;
        take(session, &entry);
        arena_reset(arena);
    }
}

int usn_read(struct session *session, struct err *err)
{
    static const char *const attributes[] = {"objectClass", "isDeleted", "uSNCreated", NULL};
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    const struct query query = {
        .base = session->link.root.naming_context,
        .scope = LDAP_SCOPE_SUBTREE,
        .filter = arena_printf(session->pass.arena,
                               "(&(uSNChanged>=%lld)(|(objectClass=user)(objectClass=group)"
                               "(objectClass=organizationalUnit)(objectClass=container)))",
                               (long long)session->pass.before.usn + 1),
        .attributes = attributes,
        .form = QUERY_PAGED,
        .page_size = session->scope.page_size,
        .deleted = true,
    };
    struct search search = {0};
    int result;

    do {
        result = search_send(&session->link, &query, &search, err) < 0
                     ? -1
                     : read_page(session, &search, arena, err);
    } while (result == 0 && search.more);
    search_end(&session->link, &search);
    return result;
}
