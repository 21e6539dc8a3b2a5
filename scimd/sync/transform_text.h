/* transform_text.h - one value from a source's own notation to ours.  Internal to transform.c.
 *
 * Each returns the text in `arena`, NULL for "never", or fails with ERR_INVALID_VALUE, whose detail
 * says what the value is not, and does not show it. */
#ifndef SCIMD_SYNC_TRANSFORM_TEXT_H
#define SCIMD_SYNC_TRANSFORM_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

int transform_sid(struct arena *arena, const char *value, const char **out, struct err *err);
int transform_guid(struct arena *arena, const char *value, const char **out, struct err *err);
int transform_filetime(struct arena *arena, const char *value, const char **out, struct err *err);
int transform_generalized_time(struct arena *arena, const char *value, const char **out,
                               struct err *err);

/* The whole text as a number. */
bool transform_number(const char *value, int64_t *out);
/* A FILETIME as microseconds since 1970; false: never (0 and the largest). */
bool transform_filetime_us(int64_t filetime, int64_t *out);

#endif
