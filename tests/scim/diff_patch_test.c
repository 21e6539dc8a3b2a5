/* What diff says, PATCH does: each document becomes each other one, and the change is told the same
 * way back.  (readOnly attributes are left out: a PATCH of a client may not write them.) */
#include "scim/diff.h"

#include <string.h>

#include "base/embedded.h"
#include "scim/json.h"
#include "scim/patch.h"
#include "scim/schema.h"

#include "table.h"

#define SCHEMA_FILES_MAX 32

#define ENTERPRISE SCHEMA_URN_ENTERPRISE

static struct document_case {
    const char *name;
    const char *body; /* ' for " */
} documents[] = {
    {"a name",              "{'userName':'a'}"                                                        },
    {"another name",        "{'userName':'b'}"                                                        },
    {"active",              "{'userName':'a','active':true}"                                          },
    {"inactive",            "{'userName':'a','active':false,'externalId':'x'}"                        },
    {"escapes",             "{'userName':'a\\\\b\\\"c\\u00df\\n','title':'\\t'}"                      },
    {"a complex value",     "{'userName':'a','name':{'givenName':'A','familyName':'B'}}"              },
    {"a smaller one",       "{'userName':'a','name':{'givenName':'C'}}"                               },
    {"a disjoint one",      "{'userName':'a','name':{'middleName':'D'}}"                              },
    {"one e-mail",          "{'userName':'a','emails':[{'value':'a@x','type':'work','primary':true}]}"},
    {"its type changed",    "{'userName':'a','emails':[{'value':'a@x','type':'home'}]}"               },
    {"two e-mails",         "{'userName':'a','emails':[{'value':'b@x','type':'home','primary':true},"
                    "{'value':'a@x','type':'work'}]}"                              },
    {"in other order",      "{'userName':'a','emails':[{'value':'a@x','type':'work'},"
                       "{'value':'b@x','type':'home','primary':true}]}"         },
    {"roles and addresses", "{'userName':'a','roles':[{'value':'r'},{'value':'s','primary':true}],"
                            "'addresses':[{'type':'work','country':'DE'}]}"},
    {"an extension",
     "{'userName':'a','" ENTERPRISE "':{'department':'D','manager':{'value':'1'}}}"                   },
    {"another manager",     "{'userName':'a','title':'t','" ENTERPRISE "':{'manager':{'value':'2'}}}" },
    {"no manager",          "{'userName':'a','" ENTERPRISE "':{'employeeNumber':'7'}}"                },
};

static struct schema_set *schemas;

static void open_schemas(void)
{
    struct schema_source sources[SCHEMA_FILES_MAX];
    struct err err = {0};
    size_t count = 0;

    while (embedded_schemas[count].name != NULL && count < SCHEMA_FILES_MAX) {
        sources[count] = (struct schema_source){.name = embedded_schemas[count].name,
                                                .json = embedded_schemas[count].text,
                                                .length = embedded_schemas[count].length,
                                                .built_in = true};
        count++;
    }
    if (schema_set_new(sources, count, &schemas, &err) < 0)
        abort();
}

static json_t *read_document(const struct resource_reader *reader, struct arena *arena,
                             const char *body)
{
    char *text = arena_strdup(arena, body);
    struct member_list members;
    struct err err = {0};
    json_t *document = NULL;
    json_t *json;

    for (char *byte = text; *byte != '\0'; byte++) {
        if (*byte == '\'')
            *byte = '"';
    }
    json = json_loads(text, 0, NULL);
    if (json == NULL || resource_read(reader, arena, json, &document, &members, &err) < 0)
        print_message("%s: %s\n", body, err.detail);
    json_decref(json);
    return document;
}

/* Applies what diff says to a copy of `before`; NULL where PATCH refuses it. */
static json_t *patched(const struct resource_reader *reader, struct arena *arena,
                       const json_t *before, const json_t *after)
{
    struct buf operations = {0};
    const struct patch *patch = NULL;
    struct err err = {0};
    json_t *document = json_deep_copy(before);
    json_t *body;
    bool good;

    diff_append(&operations, before, after);
    body = json_pack("{s:[s], s:o}", "schemas", "urn:ietf:params:scim:api:messages:2.0:PatchOp",
                     "Operations", json_loads(buf_text(&operations), 0, NULL));
    good = patch_parse(reader, arena, body, &patch, &err) == 0 &&
           patch_apply(patch, reader, document, &err) == 0;
    if (!good) {
        print_message("%s: %s\n", buf_text(&operations), err.detail);
        json_decref(document);
        document = NULL;
    }
    json_decref(body);
    buf_free(&operations);
    return document;
}

static void becomes_every_other(void **row)
{
    const struct document_case *given = *row;
    struct tolerance_use use = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {.type = schema_set_type_by_name(schemas, "User"),
                                           .limits = &scim_limits_default,
                                           .tolerances = &use};
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *before = read_document(&reader, arena, given->body);

    assert_non_null(before);
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        json_t *after = read_document(&reader, arena, documents[i].body);
        json_t *reached;

        assert_non_null(after);
        if (json_same(before, after)) { /* PATCH refuses an empty list of operations */
            json_decref(after);
            continue;
        }
        reached = patched(&reader, arena, before, after);
        assert_non_null(reached);
        if (!json_same(reached, after))
            print_message("to \"%s\"\n", documents[i].name);
        assert_true(json_same(reached, after));
        json_decref(reached);
        json_decref(after);
    }
    json_decref(before);
    arena_free(arena);
}

int main(void)
{
    int failed;

    open_schemas();
    failed = RUN_TABLE("diff and PATCH", documents, becomes_every_other);
    schema_set_release(schemas);
    return failed;
}
