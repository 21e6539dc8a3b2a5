/* patch_list.h - changes of a multi-valued attribute's list.  Private to patch_*.c. */
#ifndef SCIMD_SCIM_PATCH_LIST_H
#define SCIMD_SCIM_PATCH_LIST_H

#include "scim/patch_build.h"

struct patch_list {
    const struct resource_reader
        *reader;                      /* counts into nothing: values were counted when checked */
    struct tolerance_use *tolerances; /* for what only shows now; may be NULL */
    struct arena *arena;              /* folded keys */
    const struct attribute *attribute;
    json_t *values;     /* canonical */
    size_t comparisons; /* made so far: each element with each is quadratic, so they are counted */
};

/* Adds the canonical `elements`.  One whose type and value are there already goes into that one. */
void patch_list_add(struct patch_list *list, const json_t *elements);

/* Removes the elements that one of the given ones describes: equal in all it names, but for
 * display, primary and $ref. */
void patch_list_remove(struct patch_list *list, const json_t *given);

/* A step whose path has a filter.
 * Errors: ERR_NO_TARGET where nothing matches, unless add can make an element of the filter. */
int patch_list_change(struct patch_list *list, const struct patch_step *step, struct err *err);

/* A step whose path names a sub-attribute and no filter: it is clear for one element, or to remove
 * it from all.
 * Errors: ERR_NO_TARGET where several elements could be meant. */
int patch_list_change_sub(struct patch_list *list, const struct patch_step *step, struct err *err);

#endif
