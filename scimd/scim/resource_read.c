#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "scim/json.h"
#include "scim/resource_settle.h"
#include "scim/resource_value.h"

/* A body on its way into a document. */
struct body {
    struct reading reading;
    struct arena *arena;
    json_t *document; /* borrowed */
    struct member_list *members;
    const json_t *schemas; /* as sent; NULL where absent */
};

/* Puts a value into the document.  A complex one may have got a sub-attribute by a dotted key
 * already. */
static int put_value(const struct body *body, const struct attribute *attribute, json_t *value)
{
    json_t *container = resource_container(body->document, attribute, true);
    json_t *present = json_object_get(container, attribute->name);

    if (present == NULL)
        return json_object_set_new_nocheck(container, attribute->name, value);
    if (json_is_object(present) && json_is_object(value)) {
        (void)json_object_update(present, value);
        json_decref(value);
        return 0;
    }
    json_decref(value);
    return reading_refuse(&body->reading, ERR_INVALID_SYNTAX, "is there twice");
}

static int read_attribute(struct body *body, const struct attribute *attribute, const json_t *value)
{
    json_t *read = NULL;

    if (attribute->role == ROLE_MEMBERS)
        return resource_read_members(body->reading.reader, body->arena, attribute, value,
                                     body->members, body->reading.err);
    if (attribute->mutability == READ_ONLY) /* RFC 7644 sections 3.3 and 3.5.1: ignored */
        return 0;
    body->reading.attribute = attribute;
    if (reading_value(&body->reading, value, &read) < 0)
        return -1;
    if (read == NULL || attribute->role == ROLE_SECRET) {
        json_decref(read);
        return 0;
    }
    return put_value(body, attribute, read);
}

/* "name.givenName": a sub-attribute of a single complex value. */
static int read_dotted(struct body *body, const struct attribute *attribute,
                       const struct attribute *sub, const json_t *value)
{
    json_t *read = NULL;

    if (attribute->mutability == READ_ONLY || sub->mutability == READ_ONLY)
        return 0;
    body->reading.attribute = attribute;
    body->reading.index = READING_NO_INDEX;
    body->reading.sub = sub;
    if (reading_sub_value(&body->reading, value, &read) < 0)
        return -1;
    if (read == NULL)
        return 0;
    return put_value(body, attribute, json_pack("{s:o}", sub->name, read));
}

/* A key that is a path: the tolerances for it are two, and both may be needed. */
static int read_path_key(struct body *body, const char *key, const json_t *value)
{
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;
    const struct reading *reading = &body->reading;

    if (!schema_resolve(reading->reader->type, key, strlen(key), &schema, &attribute, &sub) ||
        attribute == NULL || (sub != NULL && attribute->multi_valued))
        return reading_unknown(reading, key);
    if (strchr(key, ':') != NULL && !reading_allows(reading, TOLERANCE_URN_KEY))
        return reading_unknown(reading, key);
    if (sub != NULL && !reading_allows(reading, TOLERANCE_DOTTED_KEY))
        return reading_unknown(reading, key);
    return sub != NULL ? read_dotted(body, attribute, sub, value)
                       : read_attribute(body, attribute, value);
}

static void forget_place(struct body *body)
{
    body->reading.attribute = NULL;
    body->reading.sub = NULL;
    body->reading.index = READING_NO_INDEX;
}

/* Counts a name in another case, which RFC 7643 section 2.1 allows. */
static void count_case(const struct body *body, const char *key, const char *name)
{
    if (strcmp(key, name) != 0)
        (void)reading_allows(&body->reading, TOLERANCE_ATTRIBUTE_CASE);
}

static int read_extension(struct body *body, const struct schema *schema, const json_t *object)
{
    const char *key;
    json_t *value;

    if (settle_is_empty(object))
        return 0;
    if (!json_is_object(object))
        return reading_refuse(&body->reading, ERR_INVALID_VALUE, "%.128s: must be an object",
                              schema->id);
    json_object_foreach(json_iterable(object), key, value)
    {
        const struct attribute *attribute = schema_attribute(schema, key, strlen(key));

        forget_place(body);
        if (attribute != NULL)
            count_case(body, key, attribute->name);
        if (attribute == NULL ? reading_unknown(&body->reading, key) < 0
                              : read_attribute(body, attribute, value) < 0)
            return -1;
    }
    return 0;
}

static int read_common(struct body *body, const struct attribute *attribute, const json_t *value)
{
    if (strcmp(attribute->name, "schemas") == 0)
        body->schemas = value;
    return read_attribute(body, attribute, value);
}

static int read_member(struct body *body, const char *key, const json_t *value)
{
    const struct resource_type *type = body->reading.reader->type;
    size_t length = strlen(key);
    const struct attribute *attribute = schema_attribute(type->schema, key, length);
    const struct schema *extension;

    forget_place(body);
    if (attribute != NULL) {
        count_case(body, key, attribute->name);
        return read_attribute(body, attribute, value);
    }
    attribute = schema_common_attribute(key, length);
    if (attribute != NULL) {
        count_case(body, key, attribute->name);
        return read_common(body, attribute, value);
    }
    extension = schema_of_type(type, key, length);
    if (extension != NULL &&
        (extension != type->schema || reading_allows(&body->reading, TOLERANCE_URN_KEY)))
        return read_extension(body, extension, value);
    if (strpbrk(key, ":.") != NULL)
        return read_path_key(body, key, value);
    return reading_unknown(&body->reading, key);
}

/* What `schemas` says: the core schema must be there, others we know or tolerate. */
static int check_schemas(const struct body *body)
{
    const struct reading *reading = &body->reading;
    const struct resource_type *type = reading->reader->type;
    bool has_core = false;

    if (body->schemas != NULL && !json_is_array(body->schemas) && !json_is_null(body->schemas))
        return reading_refuse(reading, ERR_INVALID_SYNTAX, "schemas must be a list of URNs");
    for (size_t i = 0; i < json_array_size(body->schemas); i++) {
        const char *urn = json_string_value(json_array_get(body->schemas, i));

        if (urn == NULL)
            return reading_refuse(reading, ERR_INVALID_SYNTAX, "schemas[%zu] must be a string", i);
        if (text_compare_ascii(urn, type->schema->id) == 0)
            has_core = true;
        else if (schema_of_type(type, urn, strlen(urn)) == NULL &&
                 !reading_allows(reading, TOLERANCE_FOREIGN_SCHEMA))
            return reading_refuse(reading, ERR_INVALID_VALUE,
                                  "schemas[%zu]: %.128s is not a schema of %s", i, urn, type->name);
    }
    if (!has_core && !reading_allows(reading, TOLERANCE_SCHEMAS_MISSING))
        return reading_refuse(reading, ERR_INVALID_SYNTAX, "schemas must contain \"%.128s\"",
                              type->schema->id);
    return 0;
}

int resource_read(const struct resource_reader *reader, struct arena *arena, const json_t *body,
                  json_t **document, struct member_list *members, struct err *err)
{
    CLEANUP(json_decrefp) json_t *made = json_object();
    struct member_list named = {0};
    struct body work = {
        .reading = {.reader = reader, .err = err, .index = READING_NO_INDEX},
        .arena = arena,
        .document = made,
        .members = &named
    };
    const char *key;
    json_t *value;

    if (!json_is_object(body))
        return err_set(err, ERR_INVALID_SYNTAX, "the body must be an object");
    json_object_foreach(json_iterable(body), key, value)
    {
        if (read_member(&work, key, value) < 0)
            return -1;
    }
    forget_place(&work);
    if (check_schemas(&work) < 0)
        return -1;
    resource_settle(reader->type, made);
    *document = TAKE(made);
    *members = named;
    return 0;
}
