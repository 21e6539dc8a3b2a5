#include "connectors/ad/scope.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"

#define PERSON "(objectCategory=person)(objectClass=user)"
#define GROUP "(objectClass=group)"
#define NAMES_FIRST 128 /* attributes of one list */

/* What the default mapping and its transforms read; others are named in the settings. */
static const char *const user_names[] = {"objectClass",
                                         "objectGUID",
                                         "objectSid",
                                         "distinguishedName",
                                         "cn",
                                         "name",
                                         "sAMAccountName",
                                         "userPrincipalName",
                                         "givenName",
                                         "sn",
                                         "middleName",
                                         "initials",
                                         "displayName",
                                         "personalTitle",
                                         "generationQualifier",
                                         "title",
                                         "description",
                                         "employeeType",
                                         "employeeID",
                                         "employeeNumber",
                                         "preferredLanguage",
                                         "mail",
                                         "proxyAddresses",
                                         "telephoneNumber",
                                         "otherTelephone",
                                         "mobile",
                                         "otherMobile",
                                         "homePhone",
                                         "facsimileTelephoneNumber",
                                         "pager",
                                         "streetAddress",
                                         "l",
                                         "st",
                                         "postalCode",
                                         "c",
                                         "co",
                                         "company",
                                         "division",
                                         "department",
                                         "physicalDeliveryOfficeName",
                                         "manager",
                                         "primaryGroupID",
                                         "userAccountControl",
                                         "msDS-User-Account-Control-Computed",
                                         "accountExpires",
                                         "lastLogonTimestamp"};
static const char *const group_names[] = {
    "objectClass", "objectGUID", "objectSid",      "distinguishedName",
    "cn",          "name",       "sAMAccountName", "displayName",
    "description", "mail",       "groupType",      "managedBy"};
/* What a delta has to hear of besides. */
static const char *const change_names[] = {"member", "isDeleted", "parentGUID", "lockoutTime"};

struct names {
    struct arena *arena;
    const char **items; /* ends with NULL */
    size_t count;
    size_t capacity;
};

static void add_name(void *context, const char *name)
{
    struct names *names = context;

    for (size_t i = 0; i < names->count; i++)
        if (text_compare_ascii(names->items[i], name) == 0)
            return;
    if (names->count + 1 == names->capacity) {
        const char **items = arena_array(names->arena, 2 * names->capacity, sizeof(*items));

        memcpy(items, names->items, names->count * sizeof(*items));
        names->items = items;
        names->capacity *= 2;
    }
    names->items[names->count++] = name;
}

static void add_names(struct names *names, const char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_name(names, items[i]);
}

static void add_listed(struct names *names, const struct connector_settings *settings)
{
    for (size_t i = 0; i < connector_list_count(settings, "settings.attributes"); i++)
        add_name(names, connector_list_item(settings, "settings.attributes", i));
}

static struct names names_new(struct arena *arena)
{
    return (struct names){.arena = arena,
                          .items = arena_array(arena, NAMES_FIRST, sizeof(const char *)),
                          .capacity = NAMES_FIRST};
}

bool scope_filter_is_one(const char *filter)
{
    size_t depth = 0;

    for (const char *at = filter; *at != '\0'; at++) {
        if (*at == '(')
            depth++;
        if (*at == ')' && depth-- == 0)
            return false;
        if (depth == 0 && (at[1] != '\0' || *at != ')'))
            return false;
    }
    return depth == 0 && *filter == '(';
}

void scope_filter_names(struct arena *arena, const char *filter,
                        void (*take)(void *context, const char *name), void *context)
{
    for (const char *at = strchr(filter, '('); at != NULL; at = strchr(at + 1, '(')) {
        size_t length = strcspn(at + 1, "(&|!=<>~:)");

        if (length > 0)
            take(context, arena_strndup(arena, at + 1, length));
    }
}

static const char *range_name(struct arena *arena, uint32_t low, uint32_t size)
{
    return arena_printf(arena, "member;range=%lu-%lu", (unsigned long)low,
                        (unsigned long)low + size - 1);
}

const char *scope_range(struct arena *arena, const struct scope *scope, uint32_t low)
{
    return range_name(arena, low, scope->range_size);
}

static int make_filter(struct arena *arena, const struct connector_settings *settings,
                       const char *setting, const char *classes, const char **out, struct err *err)
{
    const char *narrower = connector_text(settings, setting);

    if (narrower != NULL && !scope_filter_is_one(narrower))
        return err_set(err, ERR_CONFIGURATION, "%s: must be one LDAP filter in parentheses",
                       setting);
    *out = arena_printf(arena, "(&%s%s)", classes, narrower != NULL ? narrower : "");
    return 0;
}

static void make_bases(struct arena *arena, const struct connector_settings *settings,
                       const char *setting, struct scope *scope, struct scope_part *part)
{
    const char *base = connector_text(settings, "settings.base");
    size_t count = connector_list_count(settings, setting);
    const char **bases = arena_array(arena, count > 0 ? count : 1, sizeof(*bases));

    for (size_t i = 0; i < count; i++)
        bases[i] = connector_list_item(settings, setting, i);
    if (count == 0)
        bases[0] = base != NULL ? base : scope->context;
    part->bases = bases;
    part->base_count = count > 0 ? count : 1;
    for (size_t i = 0; i < part->base_count; i++)
        scope->whole_domain =
            scope->whole_domain && text_compare_ascii(bases[i], scope->context) == 0;
}

static const char *const *with_links(struct arena *arena, const struct names *names)
{
    struct names out = names_new(arena);

    add_names(&out, names->items, names->count);
    add_name(&out, "memberOf");
    add_name(&out, "directReports");
    return out.items;
}

static void make_attributes(struct arena *arena, const struct connector_settings *settings,
                            struct scope *scope)
{
    struct names users = names_new(arena);
    struct names groups = names_new(arena);
    struct names scan = names_new(arena);
    struct names changes = names_new(arena);

    add_names(&users, user_names, ARRAY_LENGTH(user_names));
    add_listed(&users, settings);
    add_names(&groups, group_names, ARRAY_LENGTH(group_names));
    add_listed(&groups, settings);
    add_names(&scan, groups.items, groups.count);
    add_name(&scan, range_name(arena, 0, scope->range_size));
    add_names(&changes, change_names, ARRAY_LENGTH(change_names));
    add_names(&changes, users.items, users.count);
    add_names(&changes, groups.items, groups.count);
    scope_filter_names(arena, scope->users.filter, add_name, &changes);
    scope_filter_names(arena, scope->groups.filter, add_name, &changes);
    scope->users.with_links = with_links(arena, &users);
    scope->groups.with_links = with_links(arena, &groups);
    scope->users.attributes = users.items;
    scope->groups.attributes = groups.items;
    scope->scan_attributes = scan.items;
    scope->dirsync_attributes = changes.items;
}

static void digest_part(struct buf *buf, const struct scope_part *part)
{
    for (size_t i = 0; i < part->base_count; i++)
        buf_printf(buf, "%s\n", part->bases[i]);
    buf_printf(buf, "%s\n", part->filter);
    for (const char *const *name = part->attributes; *name != NULL; name++)
        buf_printf(buf, "%s\n", *name);
    buf_putc(buf, '\n');
}

static void make_digest(const struct connector_settings *settings, struct scope *scope)
{
    CLEANUP(buf_free) struct buf buf = {0};
    uint8_t digest[DIGEST_BYTES];

    digest_part(&buf, &scope->users);
    digest_part(&buf, &scope->groups);
    for (size_t i = 0; i < connector_list_count(settings, "scope.member_of"); i++)
        buf_printf(&buf, "%s\n", connector_list_item(settings, "scope.member_of", i));
    digest_sha256(buf.bytes, buf.length, digest);
    digest_hex(digest, scope->digest);
}

int scope_make(struct arena *arena, const struct connector_settings *settings, const char *context,
               struct scope *out, struct err *err)
{
    struct scope scope = {
        .context = arena_strdup(arena, context),
        .whole_domain = true,
        .user_filter = connector_text(settings, "scope.user_filter") != NULL,
        .group_filter = connector_text(settings, "scope.group_filter") != NULL,
        .page_size = (int)connector_number(settings, "settings.page_size"),
        .range_size = (uint32_t)connector_number(settings, "settings.range_size"),
    };

    if (make_filter(arena, settings, "scope.user_filter", PERSON, &scope.users.filter, err) < 0 ||
        make_filter(arena, settings, "scope.group_filter", GROUP, &scope.groups.filter, err) < 0)
        return -1;
    make_bases(arena, settings, "scope.users", &scope, &scope.users);
    make_bases(arena, settings, "scope.groups", &scope, &scope.groups);
    make_attributes(arena, settings, &scope);
    make_digest(settings, &scope);
    *out = scope;
    return 0;
}
