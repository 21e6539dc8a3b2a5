#include "store/index_home.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

static const struct index_column user_columns[] = {
    {NULL,   "active",            "active",             NULL,                     false},
    {NULL,   "userName",          "user_name",          "user_name_key",          true },
    {NULL,   "externalId",        "external_id",        "external_id_key",        false},
    {NULL,   "displayName",       "display_name",       "display_name_key",       false},
    {"name", "familyName",        "family_name",        "family_name_key",        false},
    {"name", "givenName",         "given_name",         "given_name_key",         false},
    {"name", "formatted",         "formatted_name",     "formatted_name_key",     false},
    {NULL,   "title",             "title",              "title_key",              false},
    {NULL,   "userType",          "user_type",          "user_type_key",          false},
    {NULL,   "preferredLanguage", "preferred_language", "preferred_language_key", false},
    {NULL,   "locale",            "locale",             "locale_key",             false},
    {NULL,   "timezone",          "timezone",           "timezone_key",           false},
};

static const struct index_column group_columns[] = {
    {NULL, "displayName", "display_name", "display_name_key", false},
    {NULL, "externalId",  "external_id",  "external_id_key",  false},
};

static const struct index_typed typed_user = {"scimd_user", user_columns,
                                              ARRAY_LENGTH(user_columns)};
static const struct index_typed typed_group = {"scimd_group", group_columns,
                                               ARRAY_LENGTH(group_columns)};

/* scimd_user_value.attr is the place in this list. */
static const char *const value_lists[] = {
    NULL, "emails", "phoneNumbers", "ims", "photos", "entitlements", "roles", "x509Certificates",
};

static const struct {
    const char *name;
    const char *column;
} value_columns[] = {
    {"value",   "value_key"  },
    {"type",    "type_key"   },
    {"display", "display_key"},
    {"primary", "is_primary" },
};

static const struct {
    const char *name;
    const char *parent;
    struct index_home home;
} common_homes[] = {
    {"schemas",      NULL,   {.table = INDEX_FIXED, .form = INDEX_TEXT, .always = true}  },
    {"id",           NULL,   {INDEX_RESOURCE, INDEX_TEXT, "id", 0, true}                 },
    {"meta",         NULL,   {.table = INDEX_FIXED, .form = INDEX_TEXT, .always = true}  },
    {"resourceType", "meta", {.table = INDEX_FIXED, .form = INDEX_TEXT, .always = true}  },
    {"created",      "meta", {INDEX_RESOURCE, INDEX_MILLISECONDS, "created_us", 0, true} },
    {"lastModified", "meta", {INDEX_RESOURCE, INDEX_MILLISECONDS, "modified_us", 0, true}},
    {"version",      "meta", {INDEX_RESOURCE, INDEX_VERSION, "version", 0, true}         },
    {"location",     "meta", {.table = INDEX_NOWHERE, .form = INDEX_TEXT, .always = true}},
};

static bool same_name(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static const char *parent_name(const struct attribute *attribute)
{
    return attribute->parent != NULL ? attribute->parent->name : NULL;
}

const struct index_typed *index_typed_of(const struct resource_type *type)
{
    if (type->number == RESOURCE_TYPE_USER)
        return &typed_user;
    return type->number == RESOURCE_TYPE_GROUP ? &typed_group : NULL;
}

/* Common attributes and those of the type's own schema; an extension may use the same names. */
static bool is_core(const struct resource_type *type, const struct attribute *attribute)
{
    return attribute->schema == NULL || attribute->schema == type->schema;
}

static bool find_common(const struct attribute *attribute, struct index_home *home)
{
    if (attribute->schema != NULL)
        return false;
    for (size_t i = 0; i < ARRAY_LENGTH(common_homes); i++) {
        if (same_name(common_homes[i].name, attribute->name) &&
            same_name(common_homes[i].parent, parent_name(attribute))) {
            *home = common_homes[i].home;
            return true;
        }
    }
    return false;
}

static bool find_typed(const struct resource_type *type, const struct attribute *attribute,
                       struct index_home *home)
{
    const struct index_typed *typed = index_typed_of(type);

    if (typed == NULL || !is_core(type, attribute))
        return false;
    for (size_t i = 0; i < typed->count; i++) {
        const struct index_column *column = &typed->columns[i];
        if (!same_name(column->name, attribute->name) ||
            !same_name(column->parent, parent_name(attribute)))
            continue;
        *home = (struct index_home){
            .table = INDEX_TYPED,
            .form = column->key_column != NULL ? INDEX_TEXT : INDEX_NUMBER,
            .column = column->key_column != NULL ? column->key_column : column->column,
            .always = column->always,
        };
        return true;
    }
    return false;
}

static int list_number(const char *name)
{
    for (size_t i = 1; i < ARRAY_LENGTH(value_lists); i++) {
        if (strcmp(value_lists[i], name) == 0)
            return (int)i;
    }
    return 0;
}

static enum index_form form_of(const struct attribute *attribute)
{
    switch (attribute->type) {
    case ATTRIBUTE_BOOLEAN:
    case ATTRIBUTE_DECIMAL:
    case ATTRIBUTE_INTEGER:
    case ATTRIBUTE_DATETIME:
        return INDEX_NUMBER;
    case ATTRIBUTE_STRING:
    case ATTRIBUTE_BINARY:
    case ATTRIBUTE_REFERENCE:
    case ATTRIBUTE_COMPLEX: /* "1" or "": see index_has_presence() */
        break;
    }
    return INDEX_TEXT;
}

static bool find_value(const struct resource_type *type, const struct attribute *attribute,
                       struct index_home *home)
{
    const struct attribute *outer = attribute->parent != NULL ? attribute->parent : attribute;

    if (type->number != RESOURCE_TYPE_USER || outer->schema != type->schema || !outer->multi_valued)
        return false;
    *home = (struct index_home){
        .table = INDEX_USER_VALUE, .form = form_of(attribute), .list = list_number(outer->name)};
    if (home->list == 0)
        return false;
    for (size_t i = 0; attribute != outer && i < ARRAY_LENGTH(value_columns); i++) {
        if (strcmp(value_columns[i].name, attribute->name) == 0)
            home->column = value_columns[i].column;
    }
    return attribute == outer || home->column != NULL;
}

static bool find_relation(const struct attribute *attribute, struct index_home *home)
{
    const struct attribute *outer = attribute->parent != NULL ? attribute->parent : attribute;

    if (outer->role != ROLE_MEMBERS && outer->role != ROLE_GROUPS)
        return false;
    home->table = outer->role == ROLE_MEMBERS ? INDEX_MEMBERS : INDEX_GROUPS;
    if (strcmp(attribute->name, "$ref") == 0)
        home->table = INDEX_NOWHERE;
    return true;
}

struct index_home index_home_of(const struct resource_type *type, const struct attribute *attribute)
{
    struct index_home home = {.table = INDEX_ATTRIBUTE, .form = form_of(attribute)};

    if (!find_common(attribute, &home) && !find_typed(type, attribute, &home) &&
        !find_value(type, attribute, &home) && !find_relation(attribute, &home))
        home = (struct index_home){.table = INDEX_ATTRIBUTE, .form = form_of(attribute)};
    return home;
}

bool index_is_filterable(const struct attribute *attribute)
{
    return attribute->filterable && attribute->returned != RETURNED_NEVER;
}

bool index_has_presence(const struct attribute *attribute)
{
    if (attribute->type != ATTRIBUTE_COMPLEX || attribute->multi_valued)
        return attribute->type == ATTRIBUTE_COMPLEX;
    for (size_t i = 0; i < attribute->sub_count; i++) {
        if (!index_is_filterable(&attribute->subs[i]))
            return true;
    }
    return false;
}
