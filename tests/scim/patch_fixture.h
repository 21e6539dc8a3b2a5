/* patch_fixture.h - what the tests of PATCH share: JSON that can be read in C, and one whole
 * application. */
#ifndef SCIMD_TESTS_SCIM_PATCH_FIXTURE_H
#define SCIMD_TESTS_SCIM_PATCH_FIXTURE_H

#include <jansson.h>

#include "schemas_fixture.h"
#include "scim/patch.h"

#define URN "'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp']"
#define ENTERPRISE SCHEMA_URN_ENTERPRISE
#define LEASE "urn:example:scim:schemas:extension:2.0:Lease"

/* Rows write ' for ", which JSON in C would bury in backslashes. */
static inline json_t *load(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;
    json_t *value;

    for (char *byte = copy; *byte != '\0'; byte++)
        *byte = *byte == '\'' ? '"' : *byte;
    value = json_loads(copy, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        (void)fprintf(stderr, "%s\n%s\n", error.text, copy);
        abort();
    }
    free(copy);
    return value;
}

static inline char *dump(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    for (char *byte = text; *byte != '\0'; byte++)
        *byte = *byte == '"' ? '\'' : *byte;
    return text;
}

/* A row's operations as a whole body: the list itself, or all of it where it is an object. */
static inline json_t *load_body(const char *operations)
{
    json_t *list = load(operations);
    json_t *body;

    if (!json_is_array(list))
        return list;
    body = load("{" URN "}");
    (void)json_object_set_new(body, "Operations", list);
    return body;
}

struct applied {
    int result;
    struct err err;
    char *document; /* free() */
    struct tolerance_use use;
};

static inline void apply(const struct resource_type *type, const char *document,
                         const char *operations, enum profile profile, struct applied *out)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body(operations);
    json_t *changed = load(document);
    const struct patch *patch = NULL;
    struct resource_reader reader = {
        .type = type, .limits = &scim_limits_default, .tolerances = &out->use};

    out->use.profile = profile;
    out->result = patch_parse(&reader, arena, body, &patch, &out->err);
    if (out->result == 0)
        out->result = patch_apply(patch, &reader, changed, &out->err);
    if (out->result == 0) {
        (void)json_object_del(changed, "schemas");
        out->document = dump(changed);
    }
    json_decref(changed);
    json_decref(body);
    arena_free(arena);
}

#define BABS "{'userName':'babs','name':{'familyName':'J','givenName':'B'},'active':true}"
#define MAILS                                                                                      \
    "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':true},{'value':'h@x',"       \
    "'type':'home'}]}"
#define BOSS                                                                                       \
    "{'userName':'b','" ENTERPRISE "':{'department':'D','manager':{'value':'1','$ref':'../1'}}}"

#endif
