#include "scim/resource_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "scim/json.h"
#include "scim/resource_scalar.h"
#include "scim/resource_settle.h"

#define PLACE_BYTES 192

/* An extension's attribute is named with its URN, as a client would have to write it. */
static void write_place(const struct reading *reading, char place[PLACE_BYTES])
{
    const struct attribute *attribute = reading->attribute;
    const char *name = "";
    char index[32] = "";

    if (attribute != NULL)
        name = attribute->schema != NULL && attribute->schema->extension ? attribute->path
                                                                         : attribute->name;
    if (reading->index != READING_NO_INDEX)
        (void)snprintf(index, sizeof(index), "[%zu]", reading->index);
    (void)snprintf(place, PLACE_BYTES, "%s%s%s%s%s", name, index, reading->sub != NULL ? "." : "",
                   reading->sub != NULL ? reading->sub->name : "", attribute != NULL ? ": " : "");
}

int reading_refuse(const struct reading *reading, enum err_code code, const char *what, ...)
{
    char place[PLACE_BYTES];
    char text[PLACE_BYTES];
    va_list arguments;

    write_place(reading, place);
    va_start(arguments, what);
    (void)vsnprintf(text, sizeof(text), what, arguments);
    va_end(arguments);
    return err_set(reading->err, code, "%s%s", place, text);
}

bool reading_allows(const struct reading *reading, enum tolerance tolerance)
{
    return tolerance_allows(reading->reader->tolerances, tolerance);
}

int reading_unknown(const struct reading *reading, const char *name)
{
    if (reading_allows(reading, TOLERANCE_UNKNOWN_ATTRIBUTE))
        return 0;
    return reading_refuse(reading, ERR_INVALID_SYNTAX, "unknown attribute \"%.64s\"", name);
}

int reading_find_sub(const struct reading *reading, const char *name, const struct attribute **sub)
{
    *sub = schema_sub_attribute(reading->attribute, name, strlen(name));
    if (*sub == NULL)
        return reading_unknown(reading, name);
    /* RFC 7643 section 2.1 allows any case, so this is counted and never refused */
    if (strcmp((*sub)->name, name) != 0)
        (void)reading_allows(reading, TOLERANCE_ATTRIBUTE_CASE);
    return 0;
}

int reading_sub_value(struct reading *reading, const json_t *value, json_t **out)
{
    *out = NULL;
    if (settle_is_empty(value)) {
        (void)reading_allows(reading, TOLERANCE_NULL_SUB_ATTRIBUTE);
        return 0;
    }
    if (json_is_array(value) && json_array_size(value) == 1 &&
        reading_allows(reading, TOLERANCE_MULTI_FOR_SINGLE))
        value = json_array_get(value, 0);
    return reading_scalar(reading, reading->sub->type, value, out);
}

static int read_sub(struct reading *reading, json_t *object, const char *key, const json_t *value)
{
    json_t *read = NULL;

    if (reading_find_sub(reading, key, &reading->sub) < 0)
        return -1;
    if (reading->sub == NULL || reading->sub->mutability == READ_ONLY)
        return 0;
    if (json_object_get(object, reading->sub->name) != NULL)
        return reading_refuse(reading, ERR_INVALID_SYNTAX, "is there twice");
    if (reading_sub_value(reading, value, &read) < 0)
        return -1;
    if (read != NULL)
        (void)json_object_set_new_nocheck(object, reading->sub->name, read);
    return 0;
}

static int read_object(struct reading *reading, const json_t *value, json_t **out)
{
    CLEANUP(json_decrefp) json_t *object = json_object();
    const char *key;
    json_t *member;

    json_object_foreach(json_iterable(value), key, member)
    {
        if (read_sub(reading, object, key, member) < 0)
            return -1;
    }
    reading->sub = NULL;
    *out = json_object_size(object) > 0 ? TAKE(object) : NULL;
    return 0;
}

/* "a@b" for {"value": "a@b"}. */
static int read_bare(struct reading *reading, const json_t *value, json_t **out)
{
    enum tolerance tolerance =
        reading->attribute->multi_valued ? TOLERANCE_STRING_FOR_COMPLEX : TOLERANCE_MANAGER_STRING;
    json_t *read = NULL;

    reading->sub = schema_sub_attribute(reading->attribute, "value", 5);
    if (reading->sub == NULL || !json_is_string(value) || !reading_allows(reading, tolerance)) {
        reading->sub = NULL;
        return reading_refuse(reading, ERR_INVALID_VALUE, "must be an object");
    }
    if (json_string_length(value) > 0 && reading_sub_value(reading, value, &read) < 0)
        return -1;
    *out = read != NULL ? json_pack("{s:o}", reading->sub->name, read) : NULL;
    reading->sub = NULL;
    return 0;
}

/* One element of a list, or a single value. */
static int read_one(struct reading *reading, const json_t *value, json_t **out)
{
    *out = NULL;
    if (settle_is_empty(value))
        return 0;
    if (++reading->values > reading->reader->limits->value_count)
        return reading_refuse(reading, ERR_INVALID_VALUE, "the resource has more than %zu values",
                              reading->reader->limits->value_count);
    if (reading->attribute->type != ATTRIBUTE_COMPLEX)
        return reading_scalar(reading, reading->attribute->type, value, out);
    return json_is_object(value) ? read_object(reading, value, out)
                                 : read_bare(reading, value, out);
}

static int read_elements(struct reading *reading, const json_t *value, json_t *list)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *element = NULL;

        reading->index = i;
        if (read_one(reading, json_array_get(value, i), &element) < 0)
            return -1;
        if (element != NULL)
            (void)json_array_append_new(list, element);
    }
    reading->index = READING_NO_INDEX;
    return 0;
}

static int read_list(struct reading *reading, const json_t *value, json_t **out)
{
    CLEANUP(json_decrefp) json_t *list = json_array();
    json_t *single = NULL;

    if (json_is_array(value)) {
        if (read_elements(reading, value, list) < 0)
            return -1;
    } else {
        if (!reading_allows(reading, TOLERANCE_SINGLE_FOR_MULTI))
            return reading_refuse(reading, ERR_INVALID_VALUE, "must be a list");
        if (read_one(reading, value, &single) < 0)
            return -1;
        if (single != NULL)
            (void)json_array_append_new(list, single);
    }
    *out = json_array_size(list) > 0 ? TAKE(list) : NULL;
    return 0;
}

/* Brings what was read into canonical form; what had to be put right must be tolerated. */
static int settle_read(const struct reading *reading, json_t *value)
{
    struct settle_report report = {0};

    settle_value(reading->attribute, value, &report);
    if (report.extra_primaries > 0 && !reading_allows(reading, TOLERANCE_SEVERAL_PRIMARIES))
        return reading_refuse(reading, ERR_INVALID_VALUE, "more than one value is primary");
    if (report.duplicates > 0 && !reading_allows(reading, TOLERANCE_DUPLICATE_VALUE))
        return reading_refuse(reading, ERR_INVALID_VALUE, "the same type and value is there twice");
    return 0;
}

int reading_value(struct reading *reading, const json_t *value, json_t **out)
{
    CLEANUP(json_decrefp) json_t *read = NULL;
    int result;

    *out = NULL;
    reading->index = READING_NO_INDEX;
    reading->sub = NULL;
    if (settle_is_empty(value))
        return 0;
    if (reading->attribute->multi_valued) {
        result = read_list(reading, value, &read);
    } else {
        if (json_is_array(value) && json_array_size(value) == 1 &&
            reading_allows(reading, TOLERANCE_MULTI_FOR_SINGLE))
            value = json_array_get(value, 0);
        result = read_one(reading, value, &read);
    }
    if (result < 0 || (read != NULL && settle_read(reading, read) < 0))
        return -1;
    *out = TAKE(read);
    return 0;
}

int resource_read_value(const struct resource_reader *reader, const struct attribute *attribute,
                        const json_t *value, json_t **out, struct err *err)
{
    struct reading reading = {.reader = reader, .err = err, .index = READING_NO_INDEX};
    json_t *read = NULL;
    int result;

    if (attribute->parent != NULL) {
        reading.attribute = attribute->parent;
        reading.sub = attribute;
        result = reading_sub_value(&reading, value, &read);
    } else {
        reading.attribute = attribute;
        result = reading_value(&reading, value, &read);
    }
    if (result == 0)
        *out = read;
    return result;
}
