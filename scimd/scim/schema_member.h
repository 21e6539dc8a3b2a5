/* schema_member.h - reads members of definitions that an administrator wrote.  Absent and null are
 * the same; a value of another kind is ERR_CONFIGURATION.  Internal to scim/schema_*. */
#ifndef SCIMD_SCIM_SCHEMA_MEMBER_H
#define SCIMD_SCIM_SCHEMA_MEMBER_H

#include "base/arena.h"
#include "scim/schema.h"

/* *out is borrowed from `object`, and NULL where the member is absent. */
int schema_member_text(const json_t *object, const char *member, size_t max, const char **out,
                       struct err *err);
/* *out keeps its value where the member is absent. */
int schema_member_flag(const json_t *object, const char *member, bool *out, struct err *err);
/* *out becomes the index in `words`, a list that ends with NULL. */
int schema_member_word(const json_t *object, const char *member, const char *const *words, int *out,
                       struct err *err);

struct schema_texts {
    const char *const *items;
    size_t count;
};

/* Copies a list of strings into `arena`; an absent one is empty. */
int schema_member_texts(struct arena *arena, const json_t *object, const char *member,
                        struct schema_texts *out, struct err *err);

/* Refuses a member that is not in `names`: a typing error must not pass as a default. */
int schema_members_known(const json_t *object, const char *const *names, size_t count,
                         struct err *err);

/* RFC 7643 section 2.1: a letter, then letters, digits, "-", "_" or "$". */
bool schema_is_name(const char *name);

#endif
