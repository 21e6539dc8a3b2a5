/* output.h - answers for people and for scripts. */
#ifndef SCIMD_CTL_OUTPUT_H
#define SCIMD_CTL_OUTPUT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

struct column {
    const char *title;
    const char *member; /* of each object; numbers, texts, booleans; null or absent is "-" */
};

/* One aligned line for each object of a list, below a line of titles. */
void output_table(const json_t *list, const struct column *columns, size_t count);
/* "title: value" lines for one object. */
void output_object(const json_t *object, const struct column *columns, size_t count);
void output_json(const json_t *value); /* indented, with a newline */
/* A text that others wrote: what would steer a terminal becomes "?". */
void output_put(FILE *stream, const char *text);
/* A copy of `object` in which these members, RFC 3339 times, read "3 min ago"; the caller's.
 * `members` ends with NULL. */
json_t *output_moments(const json_t *object, const char *const *members);
json_t *output_moments_list(const json_t *list, const char *const *members);

#endif
