#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/reading.h"
#include "connectors/ad/session.h"

int delta_begin(struct session *session, struct err *err)
{
    struct pass *pass = &session->pass;

    pass->after = pass->before;
    pass->after.usn = session->link.root.highest_usn; /* read before the search */
    if ((pass->before.mode == CURSOR_DIRSYNC ? dirsync_read(session, err)
                                             : usn_read(session, err)) < 0)
        return -1;
    return within_touch(session, err);
}

/* ---- what the touched objects are ---- */

struct piece {
    struct touched *items;
    size_t count;
};

static void identified(void *context, const struct entry *entry)
{
    const struct piece *piece = context;

    for (size_t i = 0; i < piece->count; i++)
        if (strcmp(piece->items[i].guid, entry->name.guid) == 0) {
            piece->items[i].class = entry->class;
            piece->items[i].deleted = piece->items[i].deleted || entry->deleted;
            piece->items[i].visible = true;
        }
}

/* DirSync tells the class of new objects only; and what may be read can change at any time. */
static int identify(struct session *session, struct piece *piece, struct arena *arena,
                    struct err *err)
{
    static const char *const attributes[] = {"objectClass", "isDeleted", NULL};
    CLEANUP(buf_free) struct buf filter = {0};
    struct query query = {.base = session->scope.context,
                          .scope = LDAP_SCOPE_SUBTREE,
                          .attributes = attributes,
                          .deleted = true};
    const struct reading reading = {
        .query = &query, .arena = arena, .take = identified, .context = piece};
    bool any = false;

    buf_puts(&filter, "(|");
    for (size_t i = 0; i < piece->count; i++)
        any = guid_filter(&filter, piece->items[i].guid) || any;
    buf_putc(&filter, ')');
    if (!any)
        return 0;
    query.filter = buf_text(&filter);
    return reading_run(&session->link, &reading, err);
}

/* The objects below a unit change their DNs with it, and nothing says so. */
static int check_units(const struct session *session, const struct piece *piece, struct err *err)
{
    for (size_t i = 0; i < piece->count; i++)
        if (piece->items[i].class == CLASS_UNIT && piece->items[i].moved &&
            !session->scope.whole_domain)
            return err_set(err, ERR_CURSOR_EXPIRED,
                           "an organizational unit was changed or moved: what is below it may have "
                           "left the scope, or come into it");
    return 0;
}

/* ---- changes ---- */

static void choose(const struct piece *piece, enum entry_class class, struct wanted_list *out)
{
    out->count = 0;
    for (size_t i = 0; i < piece->count && out->count < WANTED_MAX; i++)
        if (piece->items[i].class == class && !piece->items[i].deleted)
            out->items[out->count++] = (struct wanted){
                .guid = piece->items[i].guid, .arrived = piece->items[i].arrived, .primary = -1};
}

static const struct wanted *find(const struct wanted_list *wanted, const char *guid)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (wanted->items[i].found && strcmp(wanted->items[i].guid, guid) == 0)
            return &wanted->items[i];
    return NULL;
}

/* A deleted object that doesn't say its class may have been either.  One that is there but can't be
 * read has not been deleted, nor can be said to have left the scope: a right was taken away. */
static void yield_gone(const struct piece *piece, const struct wanted_list *people,
                       const struct wanted_list *groups, struct changes *changes)
{
    for (size_t i = 0; i < piece->count; i++) {
        const struct touched *touched = &piece->items[i];
        bool unknown = touched->class == CLASS_ABSENT;

        if ((!touched->deleted && !touched->visible) || find(people, touched->guid) != NULL ||
            find(groups, touched->guid) != NULL)
            continue;
        if (unknown || touched->class == CLASS_USER)
            changes_delete(changes, OBJECT_USER, touched->guid);
        if (unknown || touched->class == CLASS_GROUP)
            changes_delete(changes, OBJECT_GROUP, touched->guid);
    }
}

/* Deleted and restored since the last pass: it lost its memberships in between. */
static void yield_restored(const struct piece *piece, struct changes *changes)
{
    for (size_t i = 0; i < piece->count; i++)
        if (piece->items[i].restored &&
            (piece->items[i].class == CLASS_USER || piece->items[i].class == CLASS_GROUP))
            changes_delete(changes,
                           piece->items[i].class == CLASS_GROUP ? OBJECT_GROUP : OBJECT_USER,
                           piece->items[i].guid);
}

static int yield_members(struct session *session, struct touched *touched,
                         const struct wanted *group, struct changes *changes, struct err *err)
{
    struct pending pending = {.relative_id = group->relative_id};

    if (touched->whole) {
        memcpy(pending.guid, touched->guid, sizeof(pending.guid));
        pending_add(&session->pass.pending, &pending);
        return 0;
    }
    if (touched->removed.count > 0 && group->relative_id >= 0 &&
        members_keep_primary(session, session->pass.arena, group->relative_id, &touched->removed,
                             err) < 0)
        return -1;
    changes_difference(changes, touched->guid, &touched->added, &touched->removed);
    return 0;
}

static int yield_groups(struct session *session, const struct piece *piece,
                        const struct wanted_list *groups, struct changes *changes, struct err *err)
{
    for (size_t i = 0; i < piece->count; i++) {
        const struct wanted *group = find(groups, piece->items[i].guid);

        if (group != NULL && yield_members(session, &piece->items[i], group, changes, err) < 0)
            return -1;
    }
    return 0;
}

int delta_step(struct session *session, struct changes *changes, struct err *err)
{
    struct touched_list *list = &session->pass.touched;
    const struct within *within = &session->pass.within;
    size_t left = list->count - list->at;
    struct wanted_list people;
    struct wanted_list groups;
    struct piece piece;

    if (left == 0)
        return 0;
    piece = (struct piece){&list->items[list->at], left < WANTED_MAX ? left : WANTED_MAX};
    list->at += piece.count;
    if (identify(session, &piece, changes->arena, err) < 0 || check_units(session, &piece, err) < 0)
        return -1;
    yield_restored(&piece, changes);
    choose(&piece, CLASS_USER, &people);
    choose(&piece, CLASS_GROUP, &groups);
    if (read_in_scope(session, within, OBJECT_USER, &people, changes, err) < 0 ||
        read_in_scope(session, within, OBJECT_GROUP, &groups, changes, err) < 0)
        return -1;
    yield_gone(&piece, &people, &groups, changes);
    if (yield_groups(session, &piece, &groups, changes, err) < 0)
        return -1;
    return read_reports(session, &people, changes, err) < 0 ||
                   read_memberships(session, &people, changes, err) < 0 ||
                   read_memberships(session, &groups, changes, err) < 0
               ? -1
               : 0;
}
