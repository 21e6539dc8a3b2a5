#include "scim/diff.h"

#include <string.h>

#include "table.h"

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

static struct diff_case {
    const char *name;
    const char *before;
    const char *after;
    const char *forward;
    const char *reverse;
} cases[] = {
    {"equal documents",                               "{'userName':'a','name':{'givenName':'A'}}",
     "{'name':{'givenName':'A'},'userName':'a'}",                                                                                        "[]",                                                                           "[]"                                              },
    {"a changed value",                               "{'userName':'a'}",                             "{'userName':'b'}",
     "[{'op':'replace','path':'userName','value':'b'}]",                                                                                                                                                                 "[{'op':'replace','path':'userName','value':'a'}]"},
    {"a new value",                                   "{'userName':'a'}",                             "{'userName':'a','active':false}",
     "[{'op':'add','path':'active','value':false}]",                                                                                                                                                                     "[{'op':'remove','path':'active'}]"               },
    {"sub-attributes one by one",                     "{'name':{'givenName':'A','familyName':'B'}}",
     "{'name':{'givenName':'C','middleName':'D'}}",                                                                                      "[{'op':'remove','path':'name.familyName'},"
     "{'op':'replace','path':'name.givenName','value':'C'},"
     "{'op':'add','path':'name.middleName','value':'D'}]",                                                                                                            "[{'op':'remove','path':'name.middleName'},"
     "{'op':'replace','path':'name.givenName','value':'A'},"
     "{'op':'add','path':'name.familyName','value':'B'}]"                                                                                                     },
    {"a complex value that was not there",            "{}",                                           "{'name':{'givenName':'A'}}",
     "[{'op':'add','path':'name','value':{'givenName':'A'}}]",                                                                                                                                                           "[{'op':'remove','path':'name'}]"                 },
    {"multi-valued attributes whole",                 "{'emails':[{'value':'a@x'}]}",
     "{'emails':[{'value':'a@x'},{'value':'b@x'}]}",                                                                                     "[{'op':'replace','path':'emails','value':[{'value':'a@x'},{'value':'b@x'}]}]",
     "[{'op':'replace','path':'emails','value':[{'value':'a@x'}]}]"                                                                                                                                                                                                        },
    {"an extension by attribute, schemas not",        "{'schemas':['u'],'userName':'a'}",
     "{'schemas':['u','" ENTERPRISE "'],'userName':'a','" ENTERPRISE
     "':{'department':'D','manager':{'value':'1'}}}",                                                                                    "[{'op':'add','path':'" ENTERPRISE ":department','value':'D'},"
     "{'op':'add','path':'" ENTERPRISE ":manager','value':{'value':'1'}}]",
     "[{'op':'remove','path':'" ENTERPRISE ":department'},"
     "{'op':'remove','path':'" ENTERPRISE ":manager'}]"                                                                                                                                                                                                                    },
    {"a sub-attribute of an extension",               "{'" ENTERPRISE "':{'manager':{'value':'1'}}}",
     "{'" ENTERPRISE "':{'manager':{'value':'2'}}}",
     "[{'op':'replace','path':'" ENTERPRISE ":manager.value','value':'2'}]",
     "[{'op':'replace','path':'" ENTERPRISE ":manager.value','value':'1'}]"                                                                                                                                                                                                },
    {"order of members is no change, of elements is", "{'a':[1,2],'b':1}",                            "{'b':1,'a':[2,1]}",
     "[{'op':'replace','path':'a','value':[2,1]}]",                                                                                                                                                                      "[{'op':'replace','path':'a','value':[1,2]}]"     },
    {"text is escaped",                               "{}",                                           "{'title':'a\\\"b\\nc'}",
     "[{'op':'add','path':'title','value':'a\\\"b\\nc'}]",                                                                                                                                                               "[{'op':'remove','path':'title'}]"                },
};

/* JSON with ' for ", to be readable in a table. */
static char *quoted(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        abort();
    for (char *byte = copy; *byte != '\0'; byte++) {
        if (*byte == '\'')
            *byte = '"';
    }
    return copy;
}

static json_t *parsed(const char *text)
{
    char *copy = quoted(text);
    json_t *value = json_loads(copy, 0, NULL);

    free(copy);
    return value;
}

static void assert_diff(const json_t *before, const json_t *after, const char *expected)
{
    char *text = quoted(expected);
    struct buf buf = {0};

    diff_append(&buf, before, after);
    assert_string_equal(buf_text(&buf), text);
    buf_free(&buf);
    free(text);
}

static void leads_there_and_back(void **row)
{
    const struct diff_case *expected = *row;
    json_t *before = parsed(expected->before);
    json_t *after = parsed(expected->after);

    assert_non_null(before);
    assert_non_null(after);
    assert_diff(before, after, expected->forward);
    assert_diff(after, before, expected->reverse);
    json_decref(before);
    json_decref(after);
}

static struct members_case {
    const char *name;
    size_t count;
    const char *expected;
} members_cases[] = {
    {"none", 0, "[{'op':'add','path':'members','value':[]}]"                                },
    {"one",  1, "[{'op':'add','path':'members','value':[{'value':'1'}]}]"                   },
    {"two",  2, "[{'op':'add','path':'members','value':[{'value':'1'},{'value':'a\\\"b'}]}]"},
};

static void names_members(void **row)
{
    static const char *const ids[] = {"1", "a\"b"};
    const struct members_case *expected = *row;
    char *text = quoted(expected->expected);
    struct buf buf = {0};

    diff_append_members(&buf, "add", ids, expected->count);
    assert_string_equal(buf_text(&buf), text);
    buf_free(&buf);
    free(text);
}

int main(void)
{
    return RUN_TABLE("diff", cases, leads_there_and_back) |
           RUN_TABLE("diff of members", members_cases, names_members);
}
