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
    /* lists */
    {"add appends", "User", MAILS,
     "[{'op':'add','path':'emails','value':[{'value':'o@x','type':'other'}]}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':true},{'value':'h@x','type':"
     "'home'},{'value':'o@x','type':'other'}]}",
     PROFILE_STRICT},
    {"add what is there", "User", MAILS,
     "[{'op':'add','path':'emails','value':[{'value':'W@X','type':'Work'}]}]", MAILS,
     PROFILE_STRICT},
    {"a single value for a list", "User", "{'userName':'b'}",
     "[{'op':'add','path':'emails','value':{'value':'o@x'}}]",
     "{'userName':'b','emails':[{'value':'o@x'}]}", PROFILE_AUTO},
    {"texts for objects", "User", "{'userName':'b'}",
     "[{'op':'add','path':'emails','value':['o@x','p@x']}]",
     "{'userName':'b','emails':[{'value':'o@x'},{'value':'p@x'}]}", PROFILE_AUTO},
    {"three that become one", "User",
     "{'userName':'b','emails':[{'value':'x','type':'a'},{'value':'x','type':'b','display':'B'},"
     "{'value':'x','type':'c','primary':true}]}",
     "[{'op':'remove','path':'emails.type'}]",
     "{'userName':'b','emails':[{'value':'x','display':'B','primary':true}]}", PROFILE_STRICT},
    {"replace replaces all", "User", MAILS,
     "[{'op':'replace','path':'emails','value':[{'value':'o@x'}]}]",
     "{'userName':'b','emails':[{'value':'o@x'}]}", PROFILE_STRICT},
    {"replace by an empty list", "User", MAILS, "[{'op':'replace','path':'emails','value':[]}]",
     "{'userName':'b'}", PROFILE_STRICT},
    {"add an empty list", "User", MAILS, "[{'op':'add','path':'emails','value':[]}]", MAILS,
     PROFILE_STRICT},
    {"add null to a list", "User", MAILS, "[{'op':'add','path':'emails','value':null}]", MAILS,
     PROFILE_STRICT},
    {"remove a list", "User", MAILS, "[{'op':'remove','path':'emails'}]", "{'userName':'b'}",
     PROFILE_STRICT},
    {"remove with values takes just those", "User", MAILS,
     "[{'op':'Remove','path':'emails','value':[{'value':'H@x'}]}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':true}]}", PROFILE_ENTRA},
    {"remove with one value", "User", MAILS,
     "[{'op':'remove','path':'emails','value':{'value':'w@x','type':'work','display':'W'}}]",
     "{'userName':'b','emails':[{'value':'h@x','type':'home'}]}", PROFILE_AUTO},
    {"remove with a value of another type", "User", MAILS,
     "[{'op':'remove','path':'emails','value':[{'value':'w@x','type':'home'}]}]", MAILS,
     PROFILE_AUTO},
    {"remove with an empty list takes nothing", "User", MAILS,
     "[{'op':'remove','path':'emails','value':[]}]", MAILS, PROFILE_AUTO},
    {"remove with a value that describes nothing", "User", MAILS,
     "[{'op':'remove','path':'emails','value':[{'display':'W'}]}]", MAILS, PROFILE_AUTO},
    {"a new primary takes it from the old one", "User", MAILS,
     "[{'op':'add','path':'emails','value':[{'value':'o@x','primary':true}]}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':false},{'value':'h@x','type'"
     ":'home'},{'value':'o@x','primary':true}]}",
     PROFILE_STRICT},
    {"add primary to what is there", "User", MAILS,
     "[{'op':'add','path':'emails','value':[{'value':'h@x','type':'home','primary':true}]}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':false},{'value':'h@x','type'"
     ":'home','primary':true}]}",
     PROFILE_STRICT},
    {"simple list", "Device", "{'name':'d','labels':['a']}",
     "[{'op':'add','path':'labels','value':['b','A']}]", "{'name':'d','labels':['a','b']}",
     PROFILE_STRICT},
    {"simple list with regard to case", "Device", "{'name':'d','codes':['a']}",
     "[{'op':'add','path':'codes','value':['A','a']}]", "{'name':'d','codes':['a','A']}",
     PROFILE_STRICT},
    {"remove from a simple list", "Device", "{'name':'d','labels':['a','b']}",
     "[{'op':'remove','path':'labels','value':['B']}]", "{'name':'d','labels':['a']}",
     PROFILE_AUTO},
    {"numbers", "Device", "{'name':'d','vlans':[1,2]}",
     "[{'op':'remove','path':'vlans[value gt 1]'},{'op':'add','path':'vlans','value':[3]}]",
     "{'name':'d','vlans':[1,3]}", PROFILE_STRICT},

    /* value paths */
    {"replace a sub-attribute of the match", "User", MAILS,
     "[{'op':'replace','path':'emails[type eq \\'work\\'].value','value':'n@x'}]",
     "{'userName':'b','emails':[{'value':'n@x','type':'work','primary':true},{'value':'h@x','type':"
     "'home'}]}",
     PROFILE_STRICT},
    {"filters have no regard to case", "User", MAILS,
     "[{'op':'replace','path':'emails[TYPE EQ \\'WORK\\'].value','value':'n@x'}]",
     "{'userName':'b','emails':[{'value':'n@x','type':'work','primary':true},{'value':'h@x','type':"
     "'home'}]}",
     PROFILE_STRICT},
    {"replace the match keeps what is not named", "User", MAILS,
     "[{'op':'replace','path':'emails[type eq \\'work\\']','value':{'value':'n@x'}}]",
     "{'userName':'b','emails':[{'value':'n@x','type':'work','primary':true},{'value':'h@x','type':"
     "'home'}]}",
     PROFILE_STRICT},
    {"add to the match", "User", MAILS,
     "[{'op':'add','path':'emails[type eq \\'home\\']','value':{'display':'H'}}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':true},{'value':'h@x',"
     "'display':'H','type':'home'}]}",
     PROFILE_STRICT},
    {"primary of the match", "User", MAILS,
     "[{'op':'replace','path':'emails[type eq \\'home\\'].primary','value':true}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':false},{'value':'h@x','type'"
     ":'home','primary':true}]}",
     PROFILE_STRICT},
    {"remove the match", "User", MAILS, "[{'op':'remove','path':'emails[type eq \\'work\\']'}]",
     "{'userName':'b','emails':[{'value':'h@x','type':'home'}]}", PROFILE_STRICT},
    {"remove all that match", "User", MAILS, "[{'op':'remove','path':'emails[value ew \\'@x\\']'}]",
     "{'userName':'b'}", PROFILE_STRICT},
    {"remove a sub-attribute of the match", "User", MAILS,
     "[{'op':'remove','path':'emails[type eq \\'work\\'].primary'}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work'},{'value':'h@x','type':'home'}]}",
     PROFILE_STRICT},
    {"remove the value of the match takes it away", "User", MAILS,
     "[{'op':'remove','path':'emails[type eq \\'work\\'].value'}]",
     "{'userName':'b','emails':[{'value':'h@x','type':'home'}]}", PROFILE_STRICT},
    {"null for the value of the match", "User", MAILS,
     "[{'op':'replace','path':'emails[type eq \\'home\\'].value','value':null}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':true}]}", PROFILE_STRICT},
    {"remove that matches nothing", "User", MAILS,
     "[{'op':'remove','path':'emails[type eq \\'other\\']'}]", MAILS, PROFILE_AUTO},
    {"remove from nothing", "User", "{'userName':'b'}",
     "[{'op':'remove','path':'emails[type eq \\'other\\'].value'}]", "{'userName':'b'}",
     PROFILE_AUTO},
    {"add that matches nothing makes it", "User", "{'userName':'b'}",
     "[{'op':'Add','path':'phoneNumbers[type eq \\'mobile\\'].value','value':'1'}]",
     "{'userName':'b','phoneNumbers':[{'value':'1','type':'mobile'}]}", PROFILE_ENTRA},
    {"strict makes it too", "User", "{'userName':'b'}",
     "[{'op':'add','path':'phoneNumbers[type eq \\'mobile\\'].value','value':'1'}]",
     "{'userName':'b','phoneNumbers':[{'value':'1','type':'mobile'}]}", PROFILE_STRICT},
    {"two adds make one", "User", "{'userName':'b'}",
     "[{'op':'Add','path':'addresses[type eq \\'work\\'].locality','value':'L'},"
     "{'op':'Add','path':'addresses[type eq \\'work\\'].country','value':'DE'}]",
     "{'userName':'b','addresses':[{'locality':'L','country':'DE','type':'work'}]}", PROFILE_ENTRA},
    {"made with all the filter says", "User", MAILS,
     "[{'op':'add','path':'emails[type eq \\'Other\\' and primary eq \\'True\\'].value','value':"
     "'o@x'}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work','primary':false},{'value':'h@x','type'"
     ":'home'},{'value':'o@x','type':'Other','primary':true}]}",
     PROFILE_AUTO},
    {"made of an object", "User", "{'userName':'b'}",
     "[{'op':'add','path':'emails[type eq \\'work\\']','value':{'value':'w@x'}}]",
     "{'userName':'b','emails':[{'value':'w@x','type':'work'}]}", PROFILE_STRICT},
    {"roles by primary as text", "User",
     "{'userName':'b','roles':[{'value':'admin','primary':true}]}",
     "[{'op':'Replace','path':'roles[primary eq \\'True\\'].value','value':'user'}]",
     "{'userName':'b','roles':[{'value':'user','primary':true}]}", PROFILE_ENTRA},
    {"replace in a simple list", "Device", "{'name':'d','labels':['a','b']}",
     "[{'op':'replace','path':'labels[value eq \\'A\\']','value':'c'}]",
     "{'name':'d','labels':['c','b']}", PROFILE_STRICT},

    /* sub-attributes of lists, without a filter */
    {"of the only value", "User", "{'userName':'b','emails':[{'value':'w@x','type':'work'}]}",
     "[{'op':'replace','path':'emails.value','value':'n@x'}]",
     "{'userName':'b','emails':[{'value':'n@x','type':'work'}]}", PROFILE_STRICT},
    {"of none makes one", "User", "{'userName':'b'}",
     "[{'op':'add','path':'emails.value','value':'n@x'}]",
     "{'userName':'b','emails':[{'value':'n@x'}]}", PROFILE_STRICT},
    {"removed from all", "User", MAILS, "[{'op':'remove','path':'emails.type'}]",
     "{'userName':'b','emails':[{'value':'w@x','primary':true},{'value':'h@x'}]}", PROFILE_STRICT},
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
    failed = RUN_TABLE("patch of lists", patch_cases, applies);
    schema_set_release(set);
    return failed;
}
