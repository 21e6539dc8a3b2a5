#include "connectors/ad/within.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "connectors/ad/pass.h"
#include "connectors/ad/reading.h"
#include "connectors/ad/session.h"

#define SETTING "scope.member_of"
#define GROUPS_FIRST 16
#define GROUPS_OF_FILTER 50 /* their names are long */
#define GROUPS_KEPT_MAX 4096

static const char *const nothing[] = {LDAP_NO_ATTRS, NULL};

/* ---- the groups ---- */

struct reader {
    struct arena *arena;
    struct within *within;
};

static const struct within_group *find(const struct within *within, const char *guid)
{
    for (size_t i = 0; i < within->count; i++)
        if (strcmp(within->groups[i].guid, guid) == 0)
            return &within->groups[i];
    return NULL;
}

/* Loops are legal: a group that is there already is not followed again. */
static void take_group(void *context, const struct entry *entry)
{
    const struct reader *reader = context;
    struct within *within = reader->within;

    if (entry->name.guid[0] == '\0' || find(within, entry->name.guid) != NULL)
        return;
    if (within->count == within->capacity) {
        size_t capacity = within->capacity > 0 ? 2 * within->capacity : GROUPS_FIRST;
        struct within_group *groups = arena_array(reader->arena, capacity, sizeof(*groups));

        if (within->count > 0)
            memcpy(groups, within->groups, within->count * sizeof(*groups));
        within->groups = groups;
        within->capacity = capacity;
    }
    within->groups[within->count++] = (struct within_group){
        .guid = arena_strdup(reader->arena, entry->name.guid),
        .dn = arena_strdup(reader->arena, entry->name.dn),
        .relative_id = sid_relative_id(entry->name.sid),
    };
}

static int read_root(struct session *session, const char *dn, struct reader *reader,
                     struct err *err)
{
    struct entry entry = {.primary = -1};
    const struct query query = {.base = dn,
                                .scope = LDAP_SCOPE_BASE,
                                .filter = "(objectClass=group)",
                                .attributes = nothing};
    const struct reading reading = {
        .query = &query, .arena = reader->arena, .take = reading_keep, .context = &entry};
    int result = reading_run(&session->link, &reading, err);

    if (result < 0 && err->code != ERR_CONFIGURATION)
        return -1;
    if (result < 0 || entry.name.guid[0] == '\0')
        return err_set(err, ERR_CONFIGURATION,
                       SETTING ": %s: there is no such group, or the account can't read it", dn);
    take_group(reader, &entry);
    return 0;
}

/* "(memberOf=A)(memberOf=B)..." of the groups from `first` on; returns where the next go on. */
static size_t name_groups(struct buf *filter, const struct within *within, size_t first,
                          bool with_primary)
{
    size_t at = first;

    for (; at < within->count && at < first + GROUPS_OF_FILTER; at++) {
        buf_puts(filter, "(memberOf=");
        filter_value(filter, within->groups[at].dn);
        buf_putc(filter, ')');
        if (with_primary && within->groups[at].relative_id >= 0)
            buf_printf(filter, "(primaryGroupID=%lld)", (long long)within->groups[at].relative_id);
    }
    return at;
}

/* What is found is looked into as well: the list grows until nothing new comes. */
static int read_nested(struct session *session, struct reader *reader, struct err *err)
{
    size_t at = 0;

    while (at < reader->within->count) {
        CLEANUP(buf_free) struct buf filter = {0};
        struct query query = {.base = session->link.root.naming_context,
                              .scope = LDAP_SCOPE_SUBTREE,
                              .attributes = nothing,
                              .form = QUERY_PAGED,
                              .page_size = session->scope.page_size};
        const struct reading reading = {
            .query = &query, .arena = reader->arena, .take = take_group, .context = reader};

        buf_puts(&filter, "(&(objectClass=group)(|");
        at = name_groups(&filter, reader->within, at, false);
        buf_puts(&filter, "))");
        query.filter = buf_text(&filter);
        if (reading_run(&session->link, &reading, err) < 0)
            return -1;
    }
    return 0;
}

static void make_filters(const struct scope *scope, struct arena *arena, struct within *within)
{
    size_t count = (within->count + GROUPS_OF_FILTER - 1) / GROUPS_OF_FILTER;
    const char **filters = arena_array(arena, count + 2, sizeof(*filters));
    size_t at = 0;

    if (count == 0)
        filters[0] = scope->users.filter;
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_free) struct buf filter = {0};

        buf_printf(&filter, "(&%s(|", scope->users.filter);
        at = name_groups(&filter, within, at, true);
        buf_puts(&filter, "))");
        filters[i] = arena_strdup(arena, buf_text(&filter));
    }
    within->filters = filters;
}

int within_read(struct session *session, struct arena *arena, struct within *out, struct err *err)
{
    struct within within = {.count = 0};
    struct reader reader = {arena, &within};
    size_t count = connector_list_count(session->settings, SETTING);

    for (size_t i = 0; i < count; i++)
        if (read_root(session, connector_list_item(session->settings, SETTING, i), &reader, err) <
            0)
            return -1;
    if (read_nested(session, &reader, err) < 0)
        return -1;
    make_filters(&session->scope, arena, &within);
    *out = within;
    return 0;
}

void within_keep(struct arena *arena, const struct within *within, struct ad_cursor *cursor)
{
    size_t count = within->count <= GROUPS_KEPT_MAX ? within->count : 0;
    uint8_t *bytes = arena_alloc(arena, count * GUID_BYTES + 1);

    for (size_t i = 0; i < count; i++)
        (void)guid_parse(within->groups[i].guid, strlen(within->groups[i].guid),
                         bytes + i * GUID_BYTES);
    cursor->groups = bytes;
    cursor->groups_length = count * GUID_BYTES;
}

/* ---- who came and went with them ---- */

static void touch(void *context, const struct entry *entry)
{
    struct touched_list *list = context;

    if (entry->name.guid[0] != '\0')
        touched_add(list, entry)->arrived = true;
}

static void touch_members(struct touched_list *list, const struct members *members)
{
    struct entry entry = {.class = CLASS_ABSENT};

    for (size_t i = 0; i < members->count; i++) {
        if (members->items[i].kind == OBJECT_OTHER)
            continue;
        memcpy(entry.name.guid, members->items[i].source_id, sizeof(entry.name.guid));
        touch(list, &entry);
    }
}

/* Adds the people below a base who match. */
static int touch_found(struct session *session, const char *base, const char *filter,
                       struct err *err)
{
    static const char *const attributes[] = {"objectClass", NULL};
    const struct query query = {.base = base,
                                .scope = LDAP_SCOPE_SUBTREE,
                                .filter = filter,
                                .attributes = attributes,
                                .form = QUERY_PAGED,
                                .page_size = session->scope.page_size};
    const struct reading reading = {.query = &query,
                                    .arena = session->pass.arena,
                                    .take = touch,
                                    .context = &session->pass.touched};

    return reading_run(&session->link, &reading, err);
}

/* Who is none of the group's members any more can't be told but by looking at everybody. */
static int touch_everybody(struct session *session, struct err *err)
{
    const struct scope_part *part = &session->scope.users;

    for (size_t i = 0; i < part->base_count; i++)
        if (touch_found(session, part->bases[i], part->filter, err) < 0)
            return -1;
    return 0;
}

static int touch_members_of(struct session *session, const struct within_group *group,
                            struct err *err)
{
    struct within one = {.groups = (struct within_group *)(uintptr_t)group, .count = 1};
    CLEANUP(buf_free) struct buf filter = {0};

    buf_puts(&filter, "(&(objectCategory=person)(objectClass=user)(|");
    (void)name_groups(&filter, &one, 0, true);
    buf_puts(&filter, "))");
    return touch_found(session, session->link.root.naming_context, buf_text(&filter), err);
}

static bool kept(const struct ad_cursor *cursor, const char *guid)
{
    const uint8_t *groups = cursor->groups;
    uint8_t bytes[GUID_BYTES];

    if (!guid_parse(guid, strlen(guid), bytes))
        return false;
    for (size_t at = 0; at < cursor->groups_length; at += GUID_BYTES)
        if (memcmp(groups + at, bytes, GUID_BYTES) == 0)
            return true;
    return false;
}

/* A group whose members counted, and don't any more.  *found: false where there is none by now. */
static int touch_left(struct session *session, const uint8_t *guid, bool *found, struct err *err)
{
    struct arena *arena = session->pass.arena;
    char text[GUID_TEXT_BYTES];
    struct within one = {.count = 0};
    struct reader reader = {arena, &one};
    struct query query = {.base = session->link.root.naming_context,
                          .scope = LDAP_SCOPE_SUBTREE,
                          .attributes = nothing};
    const struct reading reading = {
        .query = &query, .arena = arena, .take = take_group, .context = &reader};
    CLEANUP(buf_free) struct buf filter = {0};

    guid_format(guid, text);
    (void)guid_filter(&filter, text);
    query.filter = buf_text(&filter);
    if (reading_run(&session->link, &reading, err) < 0)
        return -1;
    *found = one.count > 0;
    return *found ? touch_members_of(session, &one.groups[0], err) : 0;
}

/* Groups that came to the others, or left them, with their members. */
static int touch_moved(struct session *session, const struct within *now, bool *everybody,
                       struct err *err)
{
    const struct ad_cursor *before = &session->pass.before;
    const uint8_t *groups = before->groups;

    for (size_t i = 0; i < now->count; i++)
        if (!kept(before, now->groups[i].guid) &&
            touch_members_of(session, &now->groups[i], err) < 0)
            return -1;
    for (size_t at = 0; at < before->groups_length; at += GUID_BYTES) {
        char text[GUID_TEXT_BYTES];
        bool found = true;

        guid_format(groups + at, text);
        if (find(now, text) == NULL && touch_left(session, groups + at, &found, err) < 0)
            return -1;
        *everybody = *everybody || !found;
    }
    return 0;
}

/* The members whom a difference of one of the groups names. */
static void touch_named(struct session *session, bool *everybody)
{
    struct touched_list *list = &session->pass.touched;
    size_t count = list->count;

    for (size_t i = 0; i < count; i++) {
        struct touched group = list->items[i]; /* a copy: the list moves as it grows */

        if (!kept(&session->pass.before, group.guid))
            continue; /* all of a new one's members are looked at */
        *everybody = *everybody || !group.told;
        touch_members(list, &group.added);
        touch_members(list, &group.removed);
    }
}

int within_touch(struct session *session, struct err *err)
{
    struct pass *pass = &session->pass;
    bool everybody = false;

    if (within_read(session, pass->arena, &pass->within, err) < 0)
        return -1;
    within_keep(pass->arena, &pass->within, &pass->after);
    if (pass->within.count == 0)
        return 0;
    if (pass->before.groups_length == 0) { /* too many to be kept */
        everybody = pass->touched.count > 0;
    } else {
        touch_named(session, &everybody);
        if (touch_moved(session, &pass->within, &everybody, err) < 0)
            return -1;
    }
    return everybody ? touch_everybody(session, err) : 0;
}
