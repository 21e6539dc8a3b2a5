/* schema_common.h - the table of common attributes.  Internal to scim/schema_*; others ask
 * schema_common_attribute(). */
#ifndef SCIMD_SCIM_SCHEMA_COMMON_H
#define SCIMD_SCIM_SCHEMA_COMMON_H

#include "scim/schema.h"

enum schema_common {
    SCHEMA_COMMON_SCHEMAS,
    SCHEMA_COMMON_ID,
    SCHEMA_COMMON_EXTERNAL_ID,
    SCHEMA_COMMON_META,
    SCHEMA_COMMON_COUNT
};

extern const struct attribute schema_common_attributes[SCHEMA_COMMON_COUNT];

#endif
