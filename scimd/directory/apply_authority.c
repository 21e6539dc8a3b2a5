/* What a source owns of a resource that it is linked to, a client that pushes may not change: a PUT
 * leaves it as it is, as it does with readOnly attributes (RFC 7644 section 3.5.1), anything else
 * is refused. */
#include <string.h>

#include "directory/apply.h"
#include "directory/apply_authority.h"
#include "scim/json.h"
#include "store/link_sources.h"

int authority_find(const struct apply *apply, int64_t resource_pk, struct authority *out,
                   struct err *err)
{
    const struct tenant *tenant = apply->tenant;
    int64_t linked[AUTHORITY_SOURCES_MAX];
    size_t count = 0;

    *out = (struct authority){0};
    if (tenant->source_count == 0 || apply->actor->is_source)
        return 0;
    if (links_sources_of(apply->session, resource_pk, linked, AUTHORITY_SOURCES_MAX, &count, err) <
        0)
        return -1;
    for (size_t i = 0; i < tenant->source_count; i++) { /* the first by precedence is named */
        for (size_t k = 0; k < count; k++) {
            if (tenant->sources[i].id == linked[k])
                out->sources[out->count++] = &tenant->sources[i];
        }
    }
    return 0;
}

/* The attribute that a path of a source's list means in this type; NULL: none. */
static const struct attribute *owned_attribute(const struct resource_type *type, const char *path)
{
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;

    if (!schema_resolve(type, path, strlen(path), &schema, &attribute, &sub))
        return NULL;
    return attribute;
}

/* A walk over what the sources own of the type; false at its end. */
struct owned {
    size_t source;
    size_t path;
    const struct attribute *attribute;
};

static bool next_owned(const struct resource_type *type, const struct authority *authority,
                       struct owned *owned)
{
    for (; owned->source < authority->count; owned->source++, owned->path = 0) {
        const struct tenant_source *source = authority->sources[owned->source];

        while (owned->path < source->owned_count) {
            owned->attribute = owned_attribute(type, source->owned[owned->path++]);
            if (owned->attribute != NULL)
                return true;
        }
    }
    return false;
}

void authority_keep(const struct apply *apply, const struct authority *authority,
                    const json_t *before, json_t *after)
{
    const struct resource_type *type = apply->change->type;
    struct owned owned = {0};

    while (next_owned(type, authority, &owned)) {
        const struct attribute *attribute = owned.attribute;
        const json_t *value = resource_value(before, attribute);

        if (attribute->role == ROLE_STORED && !json_same(value, resource_value(after, attribute)))
            document_put(type, attribute, after, json_deep_copy(value));
    }
}

int authority_check(const struct apply *apply, const struct authority *authority,
                    const json_t *before, const json_t *after, struct err *err)
{
    struct owned owned = {0};

    while (next_owned(apply->change->type, authority, &owned)) {
        const struct attribute *attribute = owned.attribute;
        bool extends = attribute->schema != NULL && attribute->schema->extension;

        if (attribute->role == ROLE_STORED &&
            !json_same(resource_value(before, attribute), resource_value(after, attribute)))
            return err_set(err, ERR_MUTABILITY, "%s: comes from the source \"%s\"",
                           extends ? attribute->path : attribute->name,
                           authority->sources[owned.source]->name);
    }
    return 0;
}

const struct tenant_source *authority_of_members(const struct apply *apply,
                                                 const struct authority *authority)
{
    struct owned owned = {0};

    while (next_owned(apply->change->type, authority, &owned)) {
        if (owned.attribute->role == ROLE_MEMBERS)
            return authority->sources[owned.source];
    }
    return NULL;
}

int authority_check_deletion(const struct authority *authority, struct err *err)
{
    if (authority->count == 0)
        return 0;
    return err_set(err, ERR_MUTABILITY,
                   "comes from the source \"%s\": remove it there, or give up the source with "
                   "scimctl source delete",
                   authority->sources[0]->name);
}
