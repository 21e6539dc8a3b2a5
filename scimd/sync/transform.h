/* transform.h - what a mapping may do to a source's values: a fixed list of small steps, no
 * language.
 *
 *   first  all                       keep the first value, or each
 *   lower  upper  trim               ASCII letters; blanks at both ends
 *   {prefix: "SMTP:"}                keep values that begin so, without it
 *   {template: "{givenName} {sn}"}   the attributes' first values; none where all are absent
 *   {constant: "x"}  {default: "x"}  always; where there is no value
 *   {map: {"F": "female", "*": "-"}} by value; what is not named goes by "*", or is dropped
 *   boolean  not                     to true or false; the opposite
 *   {bit: 2}                         true where the number has one of these bits
 *   sid  guid                        [MS-DTYP] 2.4.2, 2.3.4 from base64 to text; text stays
 *   filetime  generalized_time       100 ns since 1601, and RFC 4517 3.3.13, to xsd:dateTime; what
 *                                    means "never" is no value
 *   account_active                   Active Directory: not disabled and not expired; no value
 *                                    where userAccountControl is not to be read
 *   account_active_unlocked          ... and not locked out
 *
 * Pure: the time is an argument. */
#ifndef SCIMD_SYNC_TRANSFORM_H
#define SCIMD_SYNC_TRANSFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct transform; /* one step, in the arena that it was parsed into */

/* Values of a target on their way; at most what the source has, or one. */
struct values {
    const char **items;
    size_t count;
};

struct transform_input {
    const json_t *attributes; /* the source's names, each with an array of strings */
    int64_t now_us;
    int64_t *stale_at_us; /* lowered to when the same attributes will mean something else; may be
                             NULL */
};

/* `step` is a name, or an object of one name with its argument.
 * Lifetime: *out lives in `arena` and points into `step`.
 * Errors:   ERR_INVALID_VALUE; detail names the step. */
int transform_parse(struct arena *arena, const json_t *step, const struct transform **out,
                    struct err *err);

/* Errors: ERR_INVALID_VALUE, a value is not what the step needs; detail does not show it. */
int transform_apply(const struct transform *transform, const struct transform_input *input,
                    struct arena *arena, struct values *values, struct err *err);

/* Whether a step has values where none came to it: a constant, a template. */
bool transform_yields(const struct transform *transform);

/* Appends the names of attributes that a step reads by itself. */
void transform_attributes(const struct transform *transform, struct arena *arena,
                          struct values *names);

void values_add(struct values *values, struct arena *arena, const char *value);

/* Appends the values of an attribute; the names of attributes compare without regard to ASCII case.
 */
void values_of(const json_t *attributes, const char *name, struct arena *arena,
               struct values *values);

#endif
