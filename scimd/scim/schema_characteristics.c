#include "scim/schema_characteristics.h"

#include "base/cleanup.h"
#include "scim/schema_member.h"
#include "scim/schema_publish.h"

static const char *const role_words[] = {"stored", "members", "groups", "secret", NULL};

static const char *const known_members[] = {
    "name",       "type",       "multiValued",     "description",
    "required",   "caseExact",  "canonicalValues", "mutability",
    "returned",   "uniqueness", "subAttributes",   "referenceTypes",
    "filterable", "scimdRole",
};

static int read_words(const json_t *definition, struct attribute *attribute, struct err *err)
{
    int type = -1;
    int mutability = READ_WRITE;
    int returned = -1;
    int uniqueness = UNIQUENESS_NONE;
    int role = ROLE_STORED;

    if (schema_member_word(definition, "type", schema_type_words, &type, err) < 0 ||
        schema_member_word(definition, "mutability", schema_mutability_words, &mutability, err) <
            0 ||
        schema_member_word(definition, "returned", schema_returned_words, &returned, err) < 0 ||
        schema_member_word(definition, "uniqueness", schema_uniqueness_words, &uniqueness, err) <
            0 ||
        schema_member_word(definition, "scimdRole", role_words, &role, err) < 0)
        return -1;
    if (type < 0)
        return err_set(err, ERR_CONFIGURATION, "type is missing");
    if (returned < 0)
        returned = mutability == WRITE_ONLY ? RETURNED_NEVER : RETURNED_DEFAULT;

    attribute->type = (enum attribute_type)type;
    attribute->mutability = (enum mutability)mutability;
    attribute->returned = (enum returned)returned;
    attribute->uniqueness = (enum uniqueness)uniqueness;
    attribute->role = (enum attribute_role)role;
    return 0;
}

static int read_flags(const json_t *definition, struct attribute *attribute, struct err *err)
{
    /* RFC 7643 sections 2.3.6 and 2.3.7: binary and references are case exact */
    attribute->case_exact =
        attribute->type == ATTRIBUTE_BINARY || attribute->type == ATTRIBUTE_REFERENCE;
    attribute->filterable = true;

    if (schema_member_flag(definition, "multiValued", &attribute->multi_valued, err) < 0 ||
        schema_member_flag(definition, "required", &attribute->required, err) < 0 ||
        schema_member_flag(definition, "caseExact", &attribute->case_exact, err) < 0 ||
        schema_member_flag(definition, "filterable", &attribute->filterable, err) < 0)
        return -1;
    return 0;
}

/* For clients to read: nothing is ever refused by them. */
static int check_lists(struct arena *arena, const json_t *definition,
                       const struct attribute *attribute, struct err *err)
{
    const char *description = NULL;
    struct schema_texts canonical = {0};
    struct schema_texts references = {0};

    if (schema_member_texts(arena, definition, "canonicalValues", &canonical, err) < 0 ||
        schema_member_texts(arena, definition, "referenceTypes", &references, err) < 0 ||
        schema_member_text(definition, "description", SCHEMA_TEXT_MAX, &description, err) < 0)
        return -1;
    if (canonical.count > 0 && attribute->type != ATTRIBUTE_STRING &&
        attribute->type != ATTRIBUTE_REFERENCE)
        return err_set(err, ERR_CONFIGURATION, "only strings and references have canonicalValues");
    if (references.count > 0 && attribute->type != ATTRIBUTE_REFERENCE)
        return err_set(err, ERR_CONFIGURATION, "only a reference has referenceTypes");
    return 0;
}

static int check_combination(const struct attribute *attribute, struct err *err)
{
    const bool complex = attribute->type == ATTRIBUTE_COMPLEX;
    const bool sub = attribute->parent != NULL;
    const bool unique = attribute->uniqueness != UNIQUENESS_NONE;
    const struct {
        bool broken;
        const char *rule;
    } rules[] = {
        {sub && complex,                                                               "a complex attribute cannot be inside another (RFC 7643 section 2.3.8)"},
        {sub && attribute->multi_valued,                                               "a sub-attribute has a single value"                                   },
        {attribute->mutability == READ_ONLY && attribute->required,
         "readOnly and required: no client could ever meet that"                                                                                              },
        {attribute->mutability == WRITE_ONLY && attribute->returned != RETURNED_NEVER,
         "a writeOnly attribute is returned never"                                                                                                            },
        {unique && complex,                                                            "a complex attribute cannot be unique"                                 },
        {unique && attribute->type == ATTRIBUTE_BOOLEAN,                               "a boolean cannot be unique"                                           },
        {unique && !attribute->filterable,                                             "a unique attribute must be filterable"                                },
    };

    for (size_t i = 0; i < ARRAY_LENGTH(rules); i++) {
        if (rules[i].broken)
            return err_set(err, ERR_CONFIGURATION, "%s", rules[i].rule);
    }
    return 0;
}

int schema_read_characteristics(const struct schema_origin *origin, const json_t *definition,
                                struct attribute *attribute, struct err *err)
{
    if (schema_members_known(definition, known_members, ARRAY_LENGTH(known_members), err) < 0)
        return -1;
    if (!origin->built_in && json_object_get(definition, "scimdRole") != NULL)
        return err_set(err, ERR_CONFIGURATION, "scimdRole is not for tenants' files");
    if (read_words(definition, attribute, err) < 0 || read_flags(definition, attribute, err) < 0 ||
        check_lists(origin->arena, definition, attribute, err) < 0)
        return -1;
    return check_combination(attribute, err);
}
