#include "scim/patch.h"

#include "patch_fixture.h"
#include "table.h"

static struct schema_set *set;

static struct patch_case {
    const char *name;
    const char *type;
    const char *document;
    const char *operations;
    const char *expected;
    enum profile profile;
} patch_cases[] = {
  /* clang-format off */
    /* simple attributes */
    {"add a value", "User", "{'userName':'b'}", "[{'op':'add','path':'title','value':'T'}]",
     "{'userName':'b','title':'T'}", PROFILE_STRICT},
    {"add replaces a single value", "User", "{'userName':'b','title':'T'}",
     "[{'op':'add','path':'title','value':'U'}]", "{'userName':'b','title':'U'}", PROFILE_STRICT},
    {"replace a value", "User", BABS, "[{'op':'replace','path':'userName','value':'c'}]",
     "{'userName':'c','name':{'familyName':'J','givenName':'B'},'active':true}", PROFILE_STRICT},
    {"replace what is absent adds it", "User", "{'userName':'b'}",
     "[{'op':'replace','path':'externalId','value':'E'}]", "{'externalId':'E','userName':'b'}",
     PROFILE_STRICT},
    {"remove a value", "User", "{'userName':'b','title':'T'}", "[{'op':'remove','path':'title'}]",
     "{'userName':'b'}", PROFILE_STRICT},
    {"remove what is absent", "User", "{'userName':'b'}", "[{'op':'remove','path':'title'}]",
     "{'userName':'b'}", PROFILE_STRICT},
    {"null removes", "User", "{'userName':'b','title':'T'}",
     "[{'op':'replace','path':'title','value':null}]", "{'userName':'b'}", PROFILE_STRICT},
    {"adding null to a single value removes", "User", "{'userName':'b','title':'T'}",
     "[{'op':'add','path':'title','value':null}]", "{'userName':'b'}", PROFILE_STRICT},
    {"path in another case", "User", "{'userName':'b'}",
     "[{'op':'add','path':'TITLE','value':'T'}]", "{'userName':'b','title':'T'}", PROFILE_STRICT},
    {"path with the core URN", "User", "{'userName':'b'}",
     "[{'op':'add','path':'" SCHEMA_URN_USER ":title','value':'T'}]",
     "{'userName':'b','title':'T'}", PROFILE_STRICT},
    {"equal value is no change", "User", BABS, "[{'op':'replace','path':'active','value':true}]",
     BABS, PROFILE_STRICT},
    {"active as text", "User", BABS, "[{'op':'Replace','path':'active','value':'False'}]",
     "{'userName':'babs','name':{'familyName':'J','givenName':'B'},'active':false}", PROFILE_ENTRA},
    {"password is checked and dropped", "User", "{'userName':'b'}",
     "[{'op':'replace','path':'password','value':'secret'}]", "{'userName':'b'}", PROFILE_STRICT},
    {"op in any case", "User", "{'userName':'b','title':'T'}",
     "[{'op':'Add','path':'locale','value':'de'},{'op':'REMOVE','path':'title'}]",
     "{'userName':'b','locale':'de'}", PROFILE_AUTO},
    {"names of members in any case", "User", "{'userName':'b'}",
     "[{'OP':'add','Path':'title','VALUE':'T'}]", "{'userName':'b','title':'T'}", PROFILE_AUTO},
    {"a stray member of an operation", "User", "{'userName':'b'}",
     "[{'name':'addTitle','op':'add','path':'title','value':'T'}]", "{'userName':'b','title':'T'}",
     PROFILE_AUTO},
    {"several, in order", "User", "{'userName':'b'}",
     "[{'op':'add','path':'title','value':'1'},{'op':'remove','path':'title'},"
     "{'op':'replace','path':'title','value':'3'}]",
     "{'userName':'b','title':'3'}", PROFILE_STRICT},
    {"required, removed and set again", "User", "{'userName':'b'}",
     "[{'op':'remove','path':'userName'},{'op':'add','path':'userName','value':'c'}]",
     "{'userName':'c'}", PROFILE_STRICT},
    {"canonical order", "User", "{'userName':'b','active':true}",
     "[{'op':'add','path':'title','value':'T'},{'op':'add','path':'name.givenName','value':'G'}]",
     "{'userName':'b','name':{'givenName':'G'},'title':'T','active':true}", PROFILE_STRICT},

    /* complex attributes */
    {"replace keeps sub-attributes that are not named", "User", BABS,
     "[{'op':'replace','path':'name','value':{'familyName':'K'}}]",
     "{'userName':'babs','name':{'familyName':'K','givenName':'B'},'active':true}", PROFILE_STRICT},
    {"add does so too", "User", BABS, "[{'op':'add','path':'name','value':{'middleName':'M'}}]",
     "{'userName':'babs','name':{'familyName':'J','givenName':'B','middleName':'M'},'active':true}",
     PROFILE_STRICT},
    {"null sub-attribute removes it", "User", BABS,
     "[{'op':'replace','path':'name','value':{'givenName':null}}]",
     "{'userName':'babs','name':{'familyName':'J'},'active':true}", PROFILE_STRICT},
    {"sub-attribute", "User", BABS, "[{'op':'replace','path':'name.familyName','value':'K'}]",
     "{'userName':'babs','name':{'familyName':'K','givenName':'B'},'active':true}", PROFILE_STRICT},
    {"sub-attribute of what is absent", "User", "{'userName':'b'}",
     "[{'op':'add','path':'name.familyName','value':'K'}]",
     "{'userName':'b','name':{'familyName':'K'}}", PROFILE_STRICT},
    {"remove a sub-attribute", "User", BABS, "[{'op':'remove','path':'name.familyName'}]",
     "{'userName':'babs','name':{'givenName':'B'},'active':true}", PROFILE_STRICT},
    {"remove the last sub-attribute", "User", "{'userName':'b','name':{'givenName':'B'}}",
     "[{'op':'remove','path':'name.givenName'}]", "{'userName':'b'}", PROFILE_STRICT},
    {"remove a sub-attribute of what is absent", "User", "{'userName':'b'}",
     "[{'op':'remove','path':'name.givenName'}]", "{'userName':'b'}", PROFILE_STRICT},
    {"remove it all", "User", BABS, "[{'op':'remove','path':'name'}]",
     "{'userName':'babs','active':true}", PROFILE_STRICT},
    {"a list of one for a complex value", "User", "{'userName':'b'}",
     "[{'op':'add','path':'name','value':[{'givenName':'G'}]}]",
     "{'userName':'b','name':{'givenName':'G'}}", PROFILE_ENTRA},
    {"unknown sub-attribute is dropped", "User", "{'userName':'b'}",
     "[{'op':'add','path':'name','value':{'givenName':'G','foo':1}}]",
     "{'userName':'b','name':{'givenName':'G'}}", PROFILE_AUTO},
    {"readOnly sub-attribute in a value is ignored", "User", "{'userName':'b'}",
     "[{'op':'add','path':'" ENTERPRISE ":manager','value':{'value':'2','displayName':'X'}}]",
     "{'userName':'b','" ENTERPRISE "':{'manager':{'value':'2'}}}", PROFILE_STRICT},

    /* without a path */
    {"merge keys", "User", BABS,
     "[{'op':'replace','value':{'active':false,'name':{'familyName':'K'}}}]",
     "{'userName':'babs','name':{'familyName':'K','givenName':'B'},'active':false}",
     PROFILE_STRICT},
    {"add keys", "User", "{'userName':'b'}", "[{'op':'add','value':{'title':'T','nickName':'N'}}]",
     "{'userName':'b','nickName':'N','title':'T'}", PROFILE_STRICT},
    {"active alone, as Okta has it", "User", BABS, "[{'op':'replace','value':{'active':false}}]",
     "{'userName':'babs','name':{'familyName':'J','givenName':'B'},'active':false}", PROFILE_OKTA},
    {"path null is no path", "User", "{'userName':'b'}",
     "[{'op':'add','path':null,'value':{'title':'T'}}]", "{'userName':'b','title':'T'}",
     PROFILE_STRICT},
    {"keys in another case", "User", "{'userName':'b','active':true}",
     "[{'op':'replace','value':{'Active':false}}]", "{'userName':'b','active':false}",
     PROFILE_STRICT},
    {"dotted keys", "User", BABS, "[{'op':'Add','value':{'name.givenName':'X','title':'T'}}]",
     "{'userName':'babs','name':{'familyName':'J','givenName':'X'},'title':'T','active':true}",
     PROFILE_ENTRA},
    {"URN keys", "User", "{'userName':'b'}",
     "[{'op':'Add','value':{'" ENTERPRISE ":department':'D','" ENTERPRISE ":manager':'7'}}]",
     "{'userName':'b','" ENTERPRISE "':{'department':'D','manager':{'value':'7'}}}", PROFILE_ENTRA},
    {"URN-dotted keys", "User", BOSS,
     "[{'op':'replace','value':{'" ENTERPRISE ":manager.value':'9'}}]",
     "{'userName':'b','" ENTERPRISE "':{'department':'D','manager':{'value':'9','$ref':'../1'}}}",
     PROFILE_ENTRA},
    {"value path keys", "User", MAILS,
     "[{'op':'replace','value':{'emails[type eq \\'work\\'].value':'n@x'}}]",
     "{'userName':'b','emails':[{'value':'n@x','type':'work','primary':true},{'value':'h@x','type':"
     "'home'}]}",
     PROFILE_ENTRA},
    {"extension object", "User", BOSS,
     "[{'op':'replace','value':{'" ENTERPRISE "':{'division':'V'}}}]",
     "{'userName':'b','" ENTERPRISE
     "':{'division':'V','department':'D','manager':{'value':'1','$ref':'../1'}}}",
     PROFILE_STRICT},
    {"repeated id, schemas, meta, groups", "User", "{'userName':'b'}",
     "[{'op':'replace','value':{'id':'1','schemas':['x'],'meta':{'version':'1'},'groups':[],"
     "'title':'T'}}]",
     "{'userName':'b','title':'T'}", PROFILE_OKTA},
    {"unknown keys are dropped", "User", "{'userName':'b'}",
     "[{'op':'add','value':{'foo':1,'foo.bar':2,'urn:x:y':3,'title':'T'}}]",
     "{'userName':'b','title':'T'}", PROFILE_AUTO},
    {"null key removes", "User", "{'userName':'b','title':'T'}",
     "[{'op':'replace','value':{'title':null}}]", "{'userName':'b'}", PROFILE_STRICT},
    {"empty value changes nothing", "User", BABS, "[{'op':'add','value':{}}]", BABS,
     PROFILE_STRICT},
    {"displayName and id of a group", "Group", "{'displayName':'g'}",
     "[{'op':'replace','value':{'id':'1','displayName':'h'}}]", "{'displayName':'h'}",
     PROFILE_OKTA},

    /* extensions */
    {"extension attribute", "User", "{'userName':'b'}",
     "[{'op':'add','path':'" ENTERPRISE ":department','value':'D'}]",
     "{'userName':'b','" ENTERPRISE "':{'department':'D'}}", PROFILE_STRICT},
    {"extension by its URN", "User", BOSS,
     "[{'op':'replace','path':'" ENTERPRISE "','value':{'department':'E'}}]",
     "{'userName':'b','" ENTERPRISE "':{'department':'E','manager':{'value':'1','$ref':'../1'}}}",
     PROFILE_STRICT},
    {"remove an extension", "User", BOSS, "[{'op':'remove','path':'" ENTERPRISE "'}]",
     "{'userName':'b'}", PROFILE_STRICT},
    {"remove an absent extension", "User", "{'userName':'b'}",
     "[{'op':'remove','path':'" ENTERPRISE "'}]", "{'userName':'b'}", PROFILE_STRICT},
    {"null for an extension", "User", BOSS,
     "[{'op':'replace','path':'" ENTERPRISE "','value':null}]", "{'userName':'b'}", PROFILE_STRICT},
    {"the last attribute takes the extension with it", "User",
     "{'userName':'b','" ENTERPRISE "':{'manager':{'value':'1'}}}",
     "[{'op':'Remove','path':'" ENTERPRISE ":manager'}]", "{'userName':'b'}", PROFILE_ENTRA},
    {"manager as text", "User", BOSS,
     "[{'op':'Replace','path':'" ENTERPRISE ":manager','value':'8'}]",
     "{'userName':'b','" ENTERPRISE "':{'department':'D','manager':{'value':'8'}}}", PROFILE_ENTRA},
    {"manager as object", "User", "{'userName':'b'}",
     "[{'op':'add','path':'" ENTERPRISE ":manager','value':{'value':'8'}}]",
     "{'userName':'b','" ENTERPRISE "':{'manager':{'value':'8'}}}", PROFILE_STRICT},
    {"empty manager is none", "User", BOSS,
     "[{'op':'Replace','path':'" ENTERPRISE ":manager','value':''}]",
     "{'userName':'b','" ENTERPRISE "':{'department':'D'}}", PROFILE_ENTRA},
    {"extension of a tenant", "Device", "{'name':'d'}",
     "[{'op':'add','path':'" LEASE ":contract.signed','value':true}]",
     "{'name':'d','" LEASE "':{'contract':{'signed':true}}}", PROFILE_STRICT},

    /* bodies */
    {"no schemas", "User", "{'userName':'b'}",
     "{'Operations':[{'op':'add','path':'title','value':'T'}]}", "{'userName':'b','title':'T'}",
     PROFILE_ENTRA},
    {"schemas of an old draft", "User", "{'userName':'b'}",
     "{'schemas':['urn:scim:schemas:core:1.0'],'operations':[{'op':'add','path':'title','value':"
     "'T'}]}",
     "{'userName':'b','title':'T'}", PROFILE_AUTO},
  /* clang-format on */
};

static void applies(void **row)
{
    const struct patch_case *expected = *row;
    struct applied applied = {0};

    apply(schema_set_type_by_name(set, expected->type), expected->document, expected->operations,
          expected->profile, &applied);
    if (applied.result < 0)
        fail_msg("refused: %s", applied.err.detail);
    assert_string_equal(applied.document, expected->expected);
    free(applied.document);
}

int main(void)
{
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("patch", patch_cases, applies);
    schema_set_release(set);
    return failed;
}
