#include "patch_fixture.h"
#include "table.h"

static struct schema_set *set;

static struct refused_case {
    const char *name;
    const char *type;
    const char *document;
    const char *operations;
    enum err_code code;
    const char *detail; /* how it begins */
    enum profile profile;
} refused_cases[] = {
  /* clang-format off */
    {"no object", "User", BABS, "'x'", ERR_INVALID_SYNTAX, "the body must", PROFILE_AUTO},
    {"no operations", "User", BABS, "{" URN "}", ERR_INVALID_SYNTAX, "Operations must",
     PROFILE_AUTO},
    {"operations empty", "User", BABS, "[]", ERR_INVALID_SYNTAX, "Operations must", PROFILE_AUTO},
    {"operations no list", "User", BABS, "{" URN ",'Operations':{'op':'add'}}", ERR_INVALID_SYNTAX,
     "Operations must", PROFILE_AUTO},
    {"operation no object", "User", BABS, "['add']", ERR_INVALID_SYNTAX, "Operations[0]: must be",
     PROFILE_AUTO},
    {"op missing", "User", BABS, "[{'path':'title','value':'T'}]", ERR_INVALID_SYNTAX,
     "Operations[0]: op must be", PROFILE_AUTO},
    {"op no text", "User", BABS, "[{'op':1,'path':'title','value':'T'}]", ERR_INVALID_SYNTAX,
     "Operations[0]: op must be", PROFILE_AUTO},
    {"op unknown", "User", BABS, "[{'op':'move','path':'title'}]", ERR_INVALID_SYNTAX,
     "Operations[0]: op \"move\"", PROFILE_AUTO},
    {"path no text", "User", BABS, "[{'op':'add','path':7,'value':'T'}]", ERR_INVALID_SYNTAX,
     "Operations[0]: path must", PROFILE_AUTO},
    {"path empty", "User", BABS, "[{'op':'add','path':'','value':'T'}]", ERR_INVALID_PATH,
     "Operations[0]: byte 0", PROFILE_AUTO},
    {"path unknown", "User", BABS, "[{'op':'add','path':'foo','value':'T'}]", ERR_INVALID_PATH,
     "Operations[0]: byte 0: there is no attribute \"foo\"", PROFILE_AUTO},
    {"path broken", "User", BABS, "[{'op':'add','path':'emails[type eq','value':'T'}]",
     ERR_INVALID_PATH, "Operations[0]: the filter from byte 7", PROFILE_AUTO},
    {"path of the core schema", "User", BABS,
     "[{'op':'replace','path':'" SCHEMA_URN_USER "','value':{}}]", ERR_INVALID_PATH,
     "Operations[0]: ", PROFILE_AUTO},
    {"value missing", "User", BABS, "[{'op':'add','path':'title'}]", ERR_INVALID_VALUE,
     "Operations[0]: add needs a value", PROFILE_AUTO},
    {"value no object, without a path", "User", BABS, "[{'op':'add','value':'T'}]",
     ERR_INVALID_VALUE, "Operations[0]: without a path", PROFILE_AUTO},
    {"value null, without a path", "User", BABS, "[{'op':'add','value':null}]", ERR_INVALID_VALUE,
     "Operations[0]: without a path", PROFILE_AUTO},
    {"value of a wrong type", "User", BABS, "[{'op':'add','path':'title','value':7}]",
     ERR_INVALID_VALUE, "Operations[0]: title: must", PROFILE_AUTO},
    {"word for a boolean", "User", BABS, "[{'op':'add','path':'active','value':'yes'}]",
     ERR_INVALID_VALUE, "Operations[0]: active: must", PROFILE_AUTO},
    {"object for text", "User", BABS, "[{'op':'add','path':'title','value':{'a':1}}]",
     ERR_INVALID_VALUE, "Operations[0]: title: must", PROFILE_AUTO},
    {"text for an object", "User", BABS, "[{'op':'add','path':'name','value':'x'}]",
     ERR_INVALID_VALUE, "Operations[0]: name: must", PROFILE_AUTO},
    {"wrong sub-attribute in a value", "User", BABS,
     "[{'op':'add','path':'name','value':{'givenName':[]}},"
     "{'op':'add','path':'name','value':{'givenName':7}}]",
     ERR_INVALID_VALUE, "Operations[1]: name.givenName: must", PROFILE_AUTO},
    {"wrong element of a list", "User", BABS,
     "[{'op':'add','path':'emails','value':[{'value':'a@b'},7]}]", ERR_INVALID_VALUE,
     "Operations[0]: emails[1]: must", PROFILE_AUTO},
    {"wrong value behind a filter", "User", MAILS,
     "[{'op':'add','path':'emails[type eq \\'work\\'].primary','value':'x'}]", ERR_INVALID_VALUE,
     "Operations[0]: ", PROFILE_AUTO},
    {"wrong element behind a filter", "User", MAILS,
     "[{'op':'add','path':'emails[type eq \\'work\\']','value':7}]", ERR_INVALID_VALUE,
     "Operations[0]: ", PROFILE_AUTO},
    {"password no text", "User", BABS, "[{'op':'add','path':'password','value':7}]",
     ERR_INVALID_VALUE, "Operations[0]: password: must", PROFILE_AUTO},
    {"extension no object", "User", BABS, "[{'op':'add','path':'" ENTERPRISE "','value':'x'}]",
     ERR_INVALID_VALUE, "Operations[0]: " ENTERPRISE ": must", PROFILE_AUTO},
    {"a later one is bad", "User", BABS,
     "[{'op':'add','path':'title','value':'T'},{'op':'add','path':'foo','value':'T'}]",
     ERR_INVALID_PATH, "Operations[1]: ", PROFILE_AUTO},

    {"remove without a path", "User", BABS, "[{'op':'remove'}]", ERR_NO_TARGET,
     "Operations[0]: remove needs a path", PROFILE_AUTO},
    {"remove without a path, with a value", "User", BABS, "[{'op':'remove','value':{'title':'T'}}]",
     ERR_NO_TARGET, "Operations[0]: remove needs", PROFILE_AUTO},
    {"replace that matches nothing", "User", MAILS,
     "[{'op':'replace','path':'emails[type eq \\'other\\'].value','value':'x'}]", ERR_NO_TARGET,
     "Operations[0]: no value of", PROFILE_AUTO},
    {"replace that matches nothing, Entra", "User", MAILS,
     "[{'op':'Replace','path':'emails[type eq \\'other\\'].value','value':'x'}]", ERR_NO_TARGET,
     "Operations[0]: no value of", PROFILE_ENTRA},
    {"replace that matches nothing, whole", "User", "{'userName':'b'}",
     "[{'op':'replace','path':'emails[type eq \\'other\\']','value':{'value':'x'}}]", ERR_NO_TARGET,
     "Operations[0]: no value of", PROFILE_AUTO},
    {"add by a filter that describes nothing", "User", MAILS,
     "[{'op':'add','path':'emails[type sw \\'o\\'].value','value':'x'}]", ERR_NO_TARGET,
     "Operations[0]: no value of", PROFILE_AUTO},
    {"add by a filter with or", "User", "{'userName':'b'}",
     "[{'op':'add','path':'emails[type eq \\'a\\' or type eq \\'b\\'].value','value':'x'}]",
     ERR_NO_TARGET, "Operations[0]: no value of", PROFILE_AUTO},
    {"add by a filter on a simple list", "Device", "{'name':'d'}",
     "[{'op':'add','path':'labels[value eq \\'a\\']','value':'b'}]", ERR_NO_TARGET,
     "Operations[0]: no value of", PROFILE_AUTO},
    {"strict: remove that matches nothing", "User", MAILS,
     "[{'op':'remove','path':'emails[type eq \\'other\\']'}]", ERR_NO_TARGET,
     "Operations[0]: no value of", PROFILE_STRICT},
    {"a second operation without a target", "User", MAILS,
     "[{'op':'remove','path':'emails[type eq \\'work\\']'},"
     "{'op':'replace','path':'emails[type eq \\'work\\'].value','value':'x'}]",
     ERR_NO_TARGET, "Operations[1]: no value of", PROFILE_AUTO},
    {"sub-attribute of several", "User", MAILS,
     "[{'op':'replace','path':'emails.value','value':'n@x'}]", ERR_NO_TARGET,
     "Operations[0]: " SCHEMA_URN_USER ":emails has several", PROFILE_AUTO},

    {"id", "User", BABS, "[{'op':'replace','path':'id','value':'1'}]", ERR_MUTABILITY,
     "Operations[0]: id is read-only", PROFILE_AUTO},
    {"meta.version", "User", BABS, "[{'op':'replace','path':'meta.version','value':'1'}]",
     ERR_MUTABILITY, "Operations[0]: meta is read-only", PROFILE_AUTO},
    {"schemas", "User", BABS, "[{'op':'add','path':'schemas','value':['x']}]", ERR_MUTABILITY,
     "Operations[0]: schemas is read-only", PROFILE_AUTO},
    {"groups", "User", BABS, "[{'op':'add','path':'groups','value':[{'value':'1'}]}]",
     ERR_MUTABILITY, "Operations[0]: ", PROFILE_AUTO},
    {"remove groups by a filter", "User", BABS,
     "[{'op':'remove','path':'groups[value eq \\'1\\']'}]", ERR_MUTABILITY,
     "Operations[0]: ", PROFILE_AUTO},
    {"readOnly attribute of an extension", "User", BABS,
     "[{'op':'add','path':'" SCHEMA_URN_SCIMD_USER ":source','value':'x'}]", ERR_MUTABILITY,
     "Operations[0]: ", PROFILE_AUTO},
    {"extension that is all readOnly", "User", BABS,
     "[{'op':'remove','path':'" SCHEMA_URN_SCIMD_USER "'}]", ERR_MUTABILITY,
     "Operations[0]: ", PROFILE_AUTO},
    {"readOnly sub-attribute", "User", BOSS,
     "[{'op':'replace','path':'" ENTERPRISE ":manager.displayName','value':'x'}]", ERR_MUTABILITY,
     "Operations[0]: ", PROFILE_AUTO},
    {"readOnly attribute of a tenant", "Device", "{'name':'d'}",
     "[{'op':'replace','value':{'state':'x'}}]", ERR_MUTABILITY, "Operations[0]: ", PROFILE_AUTO},

    {"value path key that is broken", "User", BABS,
     "[{'op':'add','value':{'emails[type eq].value':'x'}}]", ERR_INVALID_PATH,
     "Operations[0]: ", PROFILE_AUTO},
    {"core URN's key below an extension", "User", BABS,
     "[{'op':'add','path':'" ENTERPRISE "','value':{'userName':'x'}}]", ERR_INVALID_SYNTAX,
     "Operations[0]: value: there is no attribute \"userName\"", PROFILE_STRICT},

    {"strict: Add", "User", BABS, "[{'op':'Add','path':'title','value':'T'}]", ERR_INVALID_SYNTAX,
     "Operations[0]: op \"Add\"", PROFILE_STRICT},
    {"strict: no schemas", "User", BABS, "{'Operations':[{'op':'remove','path':'title'}]}",
     ERR_INVALID_SYNTAX, "schemas must", PROFILE_STRICT},
    {"strict: operations in another case", "User", BABS,
     "{" URN ",'operations':[{'op':'remove','path':'title'}]}", ERR_INVALID_SYNTAX,
     "Operations must", PROFILE_STRICT},
    {"strict: a stray member", "User", BABS, "[{'op':'remove','path':'title','name':'x'}]",
     ERR_INVALID_SYNTAX, "Operations[0]: there is no member \"name\"", PROFILE_STRICT},
    {"strict: active as text", "User", BABS, "[{'op':'add','path':'active','value':'true'}]",
     ERR_INVALID_VALUE, "Operations[0]: active: must", PROFILE_STRICT},
    {"strict: unknown key", "User", BABS, "[{'op':'add','value':{'foo':1}}]", ERR_INVALID_SYNTAX,
     "Operations[0]: value: there is no attribute \"foo\"", PROFILE_STRICT},
    {"strict: unknown sub-attribute", "User", BABS,
     "[{'op':'add','path':'name','value':{'foo':1}}]", ERR_INVALID_SYNTAX,
     "Operations[0]: ", PROFILE_STRICT},
    {"strict: dotted key", "User", BABS, "[{'op':'add','value':{'name.givenName':'x'}}]",
     ERR_INVALID_SYNTAX, "Operations[0]: value: \"name.givenName\" is", PROFILE_STRICT},
    {"strict: URN key", "User", BABS, "[{'op':'add','value':{'" ENTERPRISE ":department':'x'}}]",
     ERR_INVALID_SYNTAX, "Operations[0]: value: ", PROFILE_STRICT},
    {"strict: value path key", "User", BABS,
     "[{'op':'add','value':{'emails[type eq \\'work\\'].value':'x'}}]", ERR_INVALID_SYNTAX,
     "Operations[0]: value: ", PROFILE_STRICT},
    {"two ids", "User", BABS, "[{'op':'add','value':{'id':'1'}},{'op':'add','value':{'ID':'2'}}]",
     ERR_MUTABILITY, "Operations[1]: value: ID", PROFILE_AUTO},
    {"id is no text", "User", BABS, "[{'op':'add','value':{'id':7}}]", ERR_MUTABILITY,
     "Operations[0]: value: id", PROFILE_AUTO},
    {"strict: manager as text", "User", BABS,
     "[{'op':'add','path':'" ENTERPRISE ":manager','value':'1'}]", ERR_INVALID_VALUE,
     "Operations[0]: ", PROFILE_STRICT},
    {"strict: one value for a list", "User", BABS,
     "[{'op':'add','path':'emails','value':{'value':'1'}}]", ERR_INVALID_VALUE,
     "Operations[0]: emails: must", PROFILE_STRICT},
    {"strict: remove with values", "User", MAILS,
     "[{'op':'remove','path':'emails','value':[{'value':'w@x'}]}]", ERR_INVALID_SYNTAX,
     "Operations[0]: remove takes no value", PROFILE_STRICT},
    {"strict: blanks in a path", "User", MAILS,
     "[{'op':'remove','path':'emails[ type eq \\'work\\']'}]", ERR_INVALID_PATH,
     "Operations[0]: ", PROFILE_STRICT},
  /* clang-format on */
};

static void refuses(void **row)
{
    const struct refused_case *expected = *row;
    struct applied applied = {0};

    apply(schema_set_type_by_name(set, expected->type), expected->document, expected->operations,
          expected->profile, &applied);
    if (applied.result == 0)
        fail_msg("accepted: %s", applied.document);
    if (applied.err.code != expected->code ||
        strncmp(applied.err.detail, expected->detail, strlen(expected->detail)) != 0)
        fail_msg("wrong reason: %s: %s", err_name(applied.err.code), applied.err.detail);
}

#define GROUP "{'displayName':'g'}"

static struct refused_case refused_members[] = {
  /* clang-format off */
    {"a membership cannot be changed", "Group", GROUP,
     "[{'op':'replace','path':'members[value eq \\'1\\']','value':{'value':'2'}}]", ERR_MUTABILITY,
     "Operations[0]: members: a membership", PROFILE_AUTO},
    {"nor added to", "Group", GROUP,
     "[{'op':'add','path':'members[value eq \\'1\\'].display','value':'x'}]", ERR_MUTABILITY,
     "Operations[0]: ", PROFILE_AUTO},
    {"nor parts of it removed", "Group", GROUP,
     "[{'op':'remove','path':'members[value eq \\'1\\'].type'}]", ERR_MUTABILITY,
     "Operations[0]: ", PROFILE_AUTO},
    {"members.type", "Group", GROUP, "[{'op':'replace','path':'members.type','value':'User'}]",
     ERR_MUTABILITY, "Operations[0]: ", PROFILE_AUTO},
    {"members.value without a value", "Group", GROUP, "[{'op':'remove','path':'members.value'}]",
     ERR_MUTABILITY, "Operations[0]: ", PROFILE_AUTO},
    {"member no object", "Group", GROUP, "[{'op':'add','path':'members','value':[7]}]",
     ERR_INVALID_VALUE, "Operations[0]: members[0]: must", PROFILE_AUTO},
    {"member without a value", "Group", GROUP,
     "[{'op':'add','path':'members','value':[{'value':'1'},{'type':'User'}]}]", ERR_INVALID_VALUE,
     "Operations[0]: members[1]: value is missing", PROFILE_AUTO},
    {"member's value no text", "Group", GROUP,
     "[{'op':'add','path':'members','value':[{'value':1}]}]", ERR_INVALID_VALUE,
     "Operations[0]: members[0].value: must", PROFILE_AUTO},
    {"unknown in the filter", "Group", GROUP, "[{'op':'remove','path':'members[foo eq \\'1\\']'}]",
     ERR_INVALID_PATH, "Operations[0]: ", PROFILE_AUTO},
    {"strict: one without a list", "Group", GROUP,
     "[{'op':'add','path':'members','value':{'value':'1'}}]", ERR_INVALID_VALUE,
     "Operations[0]: members: must", PROFILE_STRICT},
    {"strict: remove with a list", "Group", GROUP,
     "[{'op':'remove','path':'members','value':[{'value':'1'}]}]", ERR_INVALID_SYNTAX,
     "Operations[0]: members: remove takes no value", PROFILE_STRICT},
    {"members of a user", "User", BABS, "[{'op':'add','path':'members','value':[]}]",
     ERR_INVALID_PATH, "Operations[0]: ", PROFILE_AUTO},
  /* clang-format on */
};

int main(void)
{
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("refused patches", refused_cases, refuses) +
             RUN_TABLE("refused members", refused_members, refuses);
    schema_set_release(set);
    return failed;
}
