/* json_list.h - the one parameter of a bulk statement: a JSON list for {list ..} or {rows ..}. */
#ifndef SCIMD_STORE_JSON_LIST_H
#define SCIMD_STORE_JSON_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* For {list text} and {list bigint}. */
void json_list_texts(struct buf *json, const char *const *texts, size_t count);
void json_list_numbers(struct buf *json, const int64_t *numbers, size_t count);

/* A member of an object of {rows ..}, with a comma before it where it is not the first one; `name`
 * needs no escape.  A NULL text is left out: it reads as NULL. */
void json_list_number(struct buf *json, const char *name, int64_t number);
void json_list_text(struct buf *json, const char *name, const char *text);

#endif
