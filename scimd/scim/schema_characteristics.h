/* schema_characteristics.h - the characteristics of one attribute, and which of them contradict
 * each other.  Internal to scim/schema_*. */
#ifndef SCIMD_SCIM_SCHEMA_CHARACTERISTICS_H
#define SCIMD_SCIM_SCHEMA_CHARACTERISTICS_H

#include "scim/schema_parse.h"

/* Fills all of `attribute` but its name, place and subs; attribute->parent is set already.
 * Source: RFC 7643 section 2.2 (defaults) and 7. */
int schema_read_characteristics(const struct schema_origin *origin, const json_t *definition,
                                struct attribute *attribute, struct err *err);

#endif
