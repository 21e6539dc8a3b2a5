/* patch_value.h - the values of a PATCH, checked and put into objects.  Private to patch_*.c. */
#ifndef SCIMD_SCIM_PATCH_VALUE_H
#define SCIMD_SCIM_PATCH_VALUE_H

#include "scim/patch_build.h"

/* Checks a step's value as applying it would.
 * Errors: ERR_INVALID_VALUE; ERR_INVALID_SYNTAX for what only a tolerance would let pass. */
int patch_value_check(const struct resource_reader *reader, const struct patch_step *step,
                      struct err *err);

/* Sets (or removes, where the value is null or empty) the member of `object` that `attribute`
 * names: a sub-attribute, or a simple single-valued attribute. */
int patch_set(const struct resource_reader *reader, const struct attribute *attribute,
              json_t *object, const json_t *value, struct err *err);

/* Sets the sub-attributes that `value` names in `object`, a value of the complex `attribute`, and
 * leaves the others; null removes one.  A tolerated plain text becomes the whole value. */
int patch_merge(const struct resource_reader *reader, const struct attribute *attribute,
                json_t *object, const json_t *value, struct err *err);

/* Reads one value of a simple multi-valued attribute; *out is the caller's, NULL where empty. */
int patch_read_element(const struct resource_reader *reader, const struct attribute *attribute,
                       const json_t *value, json_t **out, struct err *err);

#endif
