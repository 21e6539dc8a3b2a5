#include "connectors/ad/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

struct reading {
    struct arena *arena;
    struct entry *entry;
    struct range range; /* of the attribute at hand */
    const struct berval *values;
    size_t count;
};

/* ---- attributes that we understand ---- */

static bool has_value(const struct reading *reading, const char *text)
{
    for (size_t i = 0; i < reading->count; i++)
        if (text_equals_ascii(reading->values[i].bv_val, reading->values[i].bv_len, text))
            return true;
    return false;
}

static void take_class(struct reading *reading)
{
    enum entry_class class = CLASS_OTHER;

    if (has_value(reading, "group"))
        class = CLASS_GROUP;
    else if (has_value(reading, "organizationalUnit") || has_value(reading, "container"))
        class = CLASS_UNIT;
    else if (has_value(reading, "user") && !has_value(reading, "computer"))
        class = CLASS_USER;
    reading->entry->class = class;
}

static void take_deleted(struct reading *reading)
{
    reading->entry->deleted = has_value(reading, "TRUE");
    reading->entry->restored = !reading->entry->deleted; /* DirSync says "no value" */
    reading->entry->placed = true;
}

static void take_place(struct reading *reading)
{
    reading->entry->placed = true;
}

static int64_t number(const struct reading *reading)
{
    char text[32] = "";

    if (reading->count != 1 || reading->values[0].bv_len >= sizeof(text))
        return -1;
    memcpy(text, reading->values[0].bv_val, reading->values[0].bv_len);
    return strtoll(text, NULL, 10);
}

static void take_primary(struct reading *reading)
{
    reading->entry->primary = number(reading);
}

static void take_created(struct reading *reading)
{
    reading->entry->created_usn = number(reading);
}

static struct member member_of(struct arena *arena, const struct berval *value)
{
    struct extended_dn name;

    extended_dn_parse(arena, arena_strndup(arena, value->bv_val, value->bv_len), &name);
    if (dn_is_foreign(name.dn))
        return (struct member){name.sid != NULL ? name.sid : name.dn, OBJECT_OTHER};
    if (name.guid[0] == '\0')
        return (struct member){name.dn, OBJECT_OTHER};
    return (struct member){arena_strdup(arena, name.guid), OBJECT_UNKNOWN};
}

static void append(struct reading *reading, struct members *members)
{
    size_t count = members->count + reading->count;
    struct member *items = arena_array(reading->arena, count > 0 ? count : 1, sizeof(*items));

    if (members->count > 0)
        memcpy(items, members->items, members->count * sizeof(*items));
    for (size_t i = 0; i < reading->count; i++)
        items[members->count + i] = member_of(reading->arena, &reading->values[i]);
    *members = (struct members){items, count};
}

/* DirSync marks what came with 1-1 and what went with 0-0; no step of ours is that narrow (the
 * setting range_size). */
static void take_members(struct reading *reading)
{
    struct entry *entry = reading->entry;

    if (reading->range.present && !reading->range.last && reading->range.low == RANGE_REMOVED &&
        reading->range.high == RANGE_REMOVED) {
        append(reading, &entry->removed);
    } else if (reading->range.present && !reading->range.last &&
               reading->range.low == RANGE_ADDED && reading->range.high == RANGE_ADDED) {
        append(reading, &entry->added);
    } else if (reading->range.present) {
        append(reading, &entry->added);
        entry->whole_members = true;
        entry->members_end = reading->range.last;
    } else if (reading->count > 0 || !entry->whole_members) {
        /* an empty one stands beside a range: only the range speaks */
        append(reading, &entry->added);
        entry->members_end = entry->whole_members ? entry->members_end : true;
        entry->whole_members = true;
    }
}

static void take_groups(struct reading *reading)
{
    append(reading, &reading->entry->groups);
}

static void take_reports(struct reading *reading)
{
    append(reading, &reading->entry->reports);
}

static const struct {
    const char *name;
    void (*take)(struct reading *reading); /* NULL: of no use to anybody */
    bool hidden;                           /* not for the engine */
} known[] = {
    {"objectClass",    take_class,   false},
    {"primaryGroupID", take_primary, false},
    {"name",           take_place,   false},
    {"member",         take_members, true },
    {"isDeleted",      take_deleted, true },
    {"parentGUID",     take_place,   true },
    {"memberOf",       take_groups,  true },
    {"directReports",  take_reports, true },
    {"uSNCreated",     take_created, true },
    {"uSNChanged",     NULL,         true },
    {"instanceType",   NULL,         true },
};

/* ---- reading ---- */

/* true: the attribute is only ours. */
static bool understand(struct reading *reading, const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
        if (text_compare_ascii(name, known[i].name) == 0) {
            if (known[i].take != NULL)
                known[i].take(reading);
            return known[i].hidden;
        }
    return false;
}

static void give(const struct reading *reading, const char *name, json_t *attributes)
{
    json_t *values = json_array();

    for (size_t i = 0; i < reading->count; i++)
        (void)json_array_append_new(
            values,
            value_json(reading->arena, name, reading->values[i].bv_val, reading->values[i].bv_len));
    (void)json_object_set_new(attributes, name, values);
}

static bool read_attribute(struct reading *reading, const struct berval *description,
                           json_t *attributes)
{
    const char *name;

    if (!range_parse(description->bv_val, description->bv_len, &reading->range))
        return false;
    name = arena_strndup(reading->arena, description->bv_val, reading->range.name_length);
    if (!understand(reading, name) && attributes != NULL)
        give(reading, name, attributes);
    return true;
}

static bool read_attributes(LDAP *ldap, LDAPMessage *message, BerElement *ber,
                            struct reading *reading, json_t *attributes)
{
    for (;;) {
        struct berval description = {0};
        struct berval *values = NULL;
        bool fine;

        if (ldap_get_attribute_ber(ldap, message, ber, &description, &values) != LDAP_SUCCESS)
            return false;
        if (description.bv_val == NULL)
            return true;
        reading->values = values;
        reading->count = 0;
        while (values != NULL && values[reading->count].bv_val != NULL)
            reading->count++;
        fine = read_attribute(reading, &description, attributes);
        ber_memfree(values);
        if (!fine)
            return false;
    }
}

int entry_read(LDAP *ldap, LDAPMessage *message, struct arena *arena, struct entry *out,
               json_t *attributes, struct err *err)
{
    struct entry entry = {.primary = -1, .created_usn = -1};
    struct reading reading = {.arena = arena, .entry = &entry};
    BerElement *ber = NULL;
    struct berval dn = {0};
    bool fine = ldap_get_dn_ber(ldap, message, &ber, &dn) == LDAP_SUCCESS && dn.bv_val != NULL;

    if (fine) {
        extended_dn_parse(arena, arena_strndup(arena, dn.bv_val, dn.bv_len), &entry.name);
        fine = read_attributes(ldap, message, ber, &reading, attributes);
    }
    if (ber != NULL)
        ber_free(ber, 0);
    if (!fine)
        return err_set(err, ERR_SOURCE_UNAVAILABLE, "an entry can't be decoded");
    *out = entry;
    return 0;
}
