/* resource_scalar.h - values that are neither lists nor complex.  Internal to scim/resource_*. */
#ifndef SCIMD_SCIM_RESOURCE_SCALAR_H
#define SCIMD_SCIM_RESOURCE_SCALAR_H

#include "scim/resource_value.h"

/* Reads a value of `type`, not null.  *out: new reference.
 * Errors: ERR_INVALID_VALUE.  Source: RFC 7643 section 2.3. */
int reading_scalar(const struct reading *reading, enum attribute_type type, const json_t *value,
                   json_t **out);

#endif
