#include "base/cleanup.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/reading.h"
#include "connectors/ad/session.h"

struct context {
    struct session *session;
    struct arena *arena; /* of one entry */
};

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

static void take_and_forget(void *context, const struct entry *entry)
{
    const struct context *taking = context;

    take(taking->session, entry);
    arena_reset(taking->arena);
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
    struct context context = {.session = session, .arena = arena};
    const struct reading reading = {
        .query = &query, .arena = arena, .take = take_and_forget, .context = &context};

    return reading_run(&session->link, &reading, err);
}
