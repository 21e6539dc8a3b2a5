/* patch_build.h - how a PATCH body becomes steps.  Private to patch_*.c. */
#ifndef SCIMD_SCIM_PATCH_BUILD_H
#define SCIMD_SCIM_PATCH_BUILD_H

#include "scim/patch.h"

/* One change of one target.  An operation without a path makes as many as its value has keys. */
struct patch_step {
    enum patch_verb verb;
    struct path path;
    const json_t *value; /* borrowed; NULL only if verb is PATCH_REMOVE */
    size_t operation;    /* whose index errors name */
};

struct patch {
    const struct patch_step *steps; /* none on members */
    size_t step_count;
    const struct member_step *members;
    size_t member_step_count;
    bool touches_document;
    const char *repeated_id; /* borrowed; NULL: none */
};

struct patch_builder {
    const struct resource_reader *reader;
    struct arena *arena;
    size_t operation; /* that is being read */
    struct patch_step *steps;
    size_t step_count;
    size_t step_capacity;
    struct member_step *members;
    size_t member_step_count;
    size_t member_step_capacity;
    size_t members_named;
    bool touches_document;
    const char *repeated_id;
};

/* Checks one step and adds it, as a member step where it is one.  `step->value` may be JSON null.
 */
int patch_add_step(struct patch_builder *builder, const struct patch_step *step, struct err *err);

/* An operation without a path, or with an extension's URN for one: each key of `object` names a
 * target, below `extension` unless that is NULL. */
int patch_add_keys(struct patch_builder *builder, enum patch_verb verb,
                   const struct schema *extension, const json_t *object, struct err *err);

/* A step whose path names members. */
int patch_add_members(struct patch_builder *builder, const struct patch_step *step,
                      struct err *err);

void patch_push_members(struct patch_builder *builder, const struct member_step *step);

/* Reads a path with the builder's type, limits and tolerances. */
int patch_read_path(const struct patch_builder *builder, const char *text, size_t length,
                    struct path *out, struct err *err);

/* Puts "Operations[N]: " before the detail of an error; returns -1. */
int patch_failed(size_t operation, struct err *err);

#endif
