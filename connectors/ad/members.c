#include "connectors/ad/pass.h"
#include "connectors/ad/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "connectors/ad/session.h"

#define FIRST 64
#define REMOVED_MAX 100 /* in one filter */

static const char *const nothing[] = {LDAP_NO_ATTRS, NULL};

/* ---- lists ---- */

static void *grown(void *items, size_t count, size_t *capacity, size_t bytes)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity > 0 ? 2 * *capacity : FIRST;
    return memory_resize(items, *capacity * bytes);
}

void pending_add(struct pendings *pendings, const struct pending *pending)
{
    pendings->items =
        grown(pendings->items, pendings->count, &pendings->capacity, sizeof(*pendings->items));
    pendings->items[pendings->count++] = *pending;
}

struct touched *touched_add(struct touched_list *list, const struct entry *entry)
{
    struct touched *touched;

    list->items = grown(list->items, list->count, &list->capacity, sizeof(*list->items));
    touched = &list->items[list->count++];
    *touched = (struct touched){
        .class = entry->class,
        .deleted = entry->deleted,
    };
    memcpy(touched->guid, entry->name.guid, sizeof(touched->guid));
    return touched;
}

void primaries_add(struct primaries *primaries, const char *guid, int64_t relative_id)
{
    struct primary primary = {.relative_id = (uint32_t)relative_id};

    if (relative_id < 0 || !guid_parse(guid, strlen(guid), primary.guid))
        return;
    primaries->items =
        grown(primaries->items, primaries->count, &primaries->capacity, sizeof(*primaries->items));
    primaries->items[primaries->count++] = primary;
}

bool primaries_has(const struct primaries *primaries, int64_t relative_id)
{
    for (size_t i = 0; i < primaries->count; i++)
        if (primaries->items[i].relative_id == relative_id)
            return true;
    return false;
}

/* ---- ranges ---- */

static int read_range(struct session *session, struct arena *arena, const char *guid, uint32_t low,
                      struct entry *out, struct err *err)
{
    const char *const attributes[] = {scope_range(arena, &session->scope, low), NULL};
    const struct query query = {
        .base = arena_printf(arena, "<GUID=%s>", guid),
        .scope = LDAP_SCOPE_BASE,
        .filter = "(objectClass=*)",
        .attributes = attributes,
    };
    const struct reading reading = {
        .query = &query, .arena = arena, .take = reading_keep, .context = out};

    *out = (struct entry){.members_end = true};
    if (reading_run(&session->link, &reading, err) < 0)
        return -1;
    /* past the end there is no range at all, or an empty one */
    out->members_end = out->members_end || out->added.count == 0;
    return 0;
}

static struct members primary_members(struct arena *arena, const struct primaries *primaries,
                                      struct pending *pending, size_t room)
{
    struct members out = {arena_array(arena, room, sizeof(struct member)), 0};

    for (; pending->primary_from < primaries->count && out.count < room; pending->primary_from++) {
        const struct primary *one = &primaries->items[pending->primary_from];
        char *guid;

        if (one->relative_id != pending->relative_id)
            continue;
        guid = arena_alloc(arena, GUID_TEXT_BYTES);
        guid_format(one->guid, guid);
        out.items[out.count++] = (struct member){guid, OBJECT_USER};
    }
    return out;
}

static int search_primary(struct session *session, struct arena *arena, int64_t relative_id,
                          struct members *out, struct err *err);

/* The ranges are through; what follows are those whose primary group it is.  A delta has not seen
 * everybody, and asks. */
static int primary_step(struct session *session, struct pending *pending, struct changes *changes,
                        struct err *err)
{
    struct pass *pass = &session->pass;
    struct members members = {NULL, 0};

    if (pass->full)
        members =
            primary_members(changes->arena, &pass->primaries, pending, session->scope.range_size);
    else if (search_primary(session, changes->arena, pending->relative_id, &members, err) < 0)
        return -1;
    if (!pass->full || pending->primary_from == pass->primaries.count)
        pass->pending.at++;
    changes_whole(changes, pending->guid, &members,
                  pass->full && pending->primary_from < pass->primaries.count);
    return 0;
}

int ad_members_step(struct session *session, struct changes *changes, struct err *err)
{
    struct pendings *queue = &session->pass.pending;
    struct pending *pending = &queue->items[queue->at];
    struct entry entry;

    if (pending->primary)
        return primary_step(session, pending, changes, err);
    if (read_range(session, changes->arena, pending->guid, pending->low, &entry, err) < 0)
        return -1;
    pending->low += (uint32_t)entry.added.count;
    pending->primary = entry.members_end;
    changes_whole(changes, pending->guid, &entry.added, true);
    return 0;
}

int members_all(struct session *session, const char *guid, int64_t relative_id,
                struct changes *changes, struct err *err)
{
    uint32_t low = 0;
    struct entry entry = {.members_end = false};
    struct members primary = {NULL, 0};

    while (!entry.members_end) {
        if (read_range(session, changes->arena, guid, low, &entry, err) < 0)
            return -1;
        low += (uint32_t)entry.added.count;
        changes_whole(changes, guid, &entry.added, true);
    }
    if (search_primary(session, changes->arena, relative_id, &primary, err) < 0)
        return -1;
    changes_whole(changes, guid, &primary, false);
    return 0;
}

/* ---- primary groups ---- */

struct found {
    struct arena *arena;
    struct members members;
    size_t capacity;
};

static void found_add(void *context, const struct entry *entry)
{
    struct found *found = context;

    if (found->members.count == found->capacity) {
        size_t capacity = found->capacity > 0 ? 2 * found->capacity : FIRST;
        struct member *items = arena_array(found->arena, capacity, sizeof(*items));

        if (found->members.count > 0)
            memcpy(items, found->members.items, found->members.count * sizeof(*items));
        found->members.items = items;
        found->capacity = capacity;
    }
    found->members.items[found->members.count++] =
        (struct member){arena_strdup(found->arena, entry->name.guid), OBJECT_USER};
}

/* The names of all that the query finds. */
static int collect(struct session *session, const struct query *query, struct found *found,
                   struct err *err)
{
    const struct reading reading = {
        .query = query, .arena = found->arena, .take = found_add, .context = found};

    return reading_run(&session->link, &reading, err);
}

static int search_primary(struct session *session, struct arena *arena, int64_t relative_id,
                          struct members *out, struct err *err)
{
    const struct query query = {
        .base = session->scope.context,
        .scope = LDAP_SCOPE_SUBTREE,
        .filter =
            arena_printf(arena, "(&(objectCategory=person)(objectClass=user)(primaryGroupID=%lld))",
                         (long long)relative_id),
        .attributes = nothing,
        .form = QUERY_PAGED,
        .page_size = session->scope.page_size,
    };
    struct found found = {.arena = arena};

    if (relative_id >= 0 && collect(session, &query, &found, err) < 0)
        return -1;
    *out = found.members;
    return 0;
}

static bool is_among(const struct members *members, const char *guid)
{
    for (size_t i = 0; i < members->count; i++)
        if (strcmp(members->items[i].source_id, guid) == 0)
            return true;
    return false;
}

int members_keep_primary(struct session *session, struct arena *arena, int64_t relative_id,
                         struct members *removed, struct err *err)
{
    struct members left = {arena_array(arena, removed->count + 1, sizeof(struct member)), 0};

    for (size_t from = 0; from < removed->count; from += REMOVED_MAX) {
        size_t end = from + REMOVED_MAX < removed->count ? from + REMOVED_MAX : removed->count;
        CLEANUP(buf_free) struct buf filter = {0};
        struct query query = {
            .base = session->scope.context, .scope = LDAP_SCOPE_SUBTREE, .attributes = nothing};
        struct found found = {.arena = arena};

        bool any = false;

        buf_printf(&filter, "(&(primaryGroupID=%lld)(|", (long long)relative_id);
        for (size_t i = from; i < end; i++)
            any = guid_filter(&filter, removed->items[i].source_id) || any;
        buf_puts(&filter, "))");
        query.filter = buf_text(&filter);
        if (any && collect(session, &query, &found, err) < 0)
            return -1;
        for (size_t i = from; i < end; i++)
            if (!is_among(&found.members, removed->items[i].source_id))
                left.items[left.count++] = removed->items[i];
    }
    *removed = left;
    return 0;
}
