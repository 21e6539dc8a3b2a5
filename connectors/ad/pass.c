#include "connectors/ad/pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "connectors/ad/session.h"

void pass_end(struct session *session)
{
    struct pass *pass = &session->pass;

    search_end(&session->link, &pass->search);
    free(pass->pending.items);
    free(pass->primaries.items);
    free(pass->touched.items);
    arena_free(pass->arena);
    *pass = (struct pass){.id = ""};
}

static void begin(struct session *session, bool full)
{
    pass_end(session);
    session->pass.arena = arena_new(ARENA_BLOCK_BYTES);
    session->pass.full = full;
    id_new(session->pass.id);
}

/* A position is one of a scope and, in it, of a domain controller's database. */
static int check(struct session *session, const struct ad_cursor *from, struct err *err)
{
    const struct root *root = &session->link.root;

    if (strcmp(from->scope, session->scope.digest) != 0)
        return err_set(err, ERR_CURSOR_EXPIRED, "the scope was changed");
    if (strcmp(from->service, root->service) != 0 && strcmp(from->url, session->link.url) != 0 &&
        session_connect(session, from->url, err) < 0)
        return -1;
    if (root_read(&session->link, err) < 0)
        return -1;
    if (strcmp(from->service, root->service) != 0)
        return err_set(err, ERR_CURSOR_EXPIRED, "another domain controller answers: %s",
                       session->link.url);
    if (strcmp(from->invocation, root->invocation) != 0)
        return err_set(err, ERR_CURSOR_EXPIRED, "the domain controller %s was restored",
                       session->link.url);
    if (root->highest_usn < from->usn)
        return err_set(err, ERR_CURSOR_EXPIRED, "the domain controller %s lost changes",
                       session->link.url);
    return 0;
}

static const void *copy(struct arena *arena, const void *bytes, size_t length)
{
    void *out = arena_alloc(arena, length + 1);

    if (length > 0)
        memcpy(out, bytes, length);
    return out;
}

static int begin_delta(struct session *session, const struct ad_cursor *from, struct err *err)
{
    const char *delta = connector_text(session->settings, "settings.delta");
    struct pass *pass = &session->pass;

    if (from->mode == CURSOR_FULL)
        return err_set(err, ERR_CURSOR_EXPIRED, "a full pass was interrupted");
    if (strcmp(delta, "auto") != 0 &&
        strcmp(delta, from->mode == CURSOR_DIRSYNC ? "dirsync" : "usn") != 0)
        return err_set(err, ERR_CURSOR_EXPIRED, "settings.delta was changed");
    if (check(session, from, err) < 0)
        return -1;
    begin(session, false);
    pass->before = *from; /* its texts live in the arena of this pull */
    pass->before.scope = session->scope.digest;
    pass->before.url = session->link.url;
    pass->before.service = session->link.root.service;
    pass->before.invocation = session->link.root.invocation;
    pass->before.pass = "";
    pass->before.cookie = copy(pass->arena, from->cookie, from->cookie_length);
    pass->before.groups = copy(pass->arena, from->groups, from->groups_length);
    return delta_begin(session, err);
}

/* Finds out what `from` means: the middle of our pass, or the beginning of a new one. */
static int resume(struct session *session, struct cursor from, struct arena *arena, struct err *err)
{
    struct ad_cursor cursor;

    if (from.length > 0 && cursor_parse(arena, from, &cursor, err) < 0)
        return -1;
    if (from.length > 0 && session->pass.id[0] != '\0' && session->link.ldap != NULL &&
        strcmp(cursor.pass, session->pass.id) == 0 && cursor.step == session->pass.step)
        return 0;
    if ((session->link.ldap == NULL || identity_is_old(&session->link.identity, clock_now_us())) &&
        session_connect(session, NULL, err) < 0)
        return -1;
    if (from.length == 0) {
        begin(session, true);
        return full_begin(session, err);
    }
    return begin_delta(session, &cursor, err);
}

static int step(struct session *session, struct changes *changes, struct err *err)
{
    struct pass *pass = &session->pass;

    if (pass->pending.at < pass->pending.count)
        return ad_members_step(session, changes, err);
    return pass->full ? full_step(session, changes, err) : delta_step(session, changes, err);
}

static bool is_done(const struct pass *pass)
{
    return pass->pending.at == pass->pending.count &&
           (pass->full ? pass->searched : pass->touched.at == pass->touched.count);
}

int pass_pull(struct session *session, struct cursor from, struct arena *arena, struct page *page,
              struct err *err)
{
    struct pass *pass = &session->pass;
    struct changes changes = {.arena = arena, .kept = session->pulled};
    struct ad_cursor next;
    bool done;

    (void)json_array_clear(session->pulled);
    if (resume(session, from, arena, err) < 0 || step(session, &changes, err) < 0)
        return -1;
    done = is_done(pass);
    pass->step++;
    next = done ? pass->after : pass->before;
    next.pass = done ? "" : pass->id;
    next.step = done ? 0 : pass->step;
    *page = (struct page){
        .changes = changes.items,
        .count = changes.count,
        .next = cursor_format(arena, &next),
        .caught_up = done,
        .expected_users = -1,
        .expected_groups = -1,
    };
    if (done)
        pass_end(session);
    return 0;
}
