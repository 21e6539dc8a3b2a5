/* resource_value.h - values of a body: checked against their attribute and brought into canonical
 * form.  Internal to scim/resource_*. */
#ifndef SCIMD_SCIM_RESOURCE_VALUE_H
#define SCIMD_SCIM_RESOURCE_VALUE_H

#include "scim/resource.h"

#define READING_NO_INDEX SIZE_MAX

/* Where reading stands: what errors name, and what limits count. */
struct reading {
    const struct resource_reader *reader;
    struct err *err;
    const struct attribute *attribute;
    size_t index; /* of an element; else READING_NO_INDEX */
    const struct attribute *sub;
    size_t values; /* read so far */
};

/* Fills the error, beginning with the place: "emails[2].value: ".  Returns -1. */
int reading_refuse(const struct reading *reading, enum err_code code, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

/* True where the profile allows it, and then it's counted. */
bool reading_allows(const struct reading *reading, enum tolerance tolerance);

/* An attribute nobody knows: dropped where tolerated, else refused (-1). */
int reading_unknown(const struct reading *reading, const char *name);

/* The sub-attribute of that name in any case.  0 and NULL: unknown, but tolerated. */
int reading_find_sub(const struct reading *reading, const char *name, const struct attribute **sub);

/* Reads the value of reading->attribute.  *out: new reference, or NULL for absent. */
int reading_value(struct reading *reading, const json_t *value, json_t **out);

/* Reads the value of reading->sub. */
int reading_sub_value(struct reading *reading, const json_t *value, json_t **out);

#endif
