#include "scim/patch.h"

#include "base/cleanup.h"
#include "schemas_fixture.h"
#include "scim/json.h"
#include "table.h"

#define URN "'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp']"
#define ENTERPRISE SCHEMA_URN_ENTERPRISE
#define LEASE "urn:example:scim:schemas:extension:2.0:Lease"

static struct schema_set *set;

/* Rows write ' for ", which JSON in C would bury in backslashes. */
static json_t *load(const char *text)
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

static char *dump(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    for (char *byte = text; *byte != '\0'; byte++)
        *byte = *byte == '"' ? '\'' : *byte;
    return text;
}

/* A row's operations as a whole body: the list itself, or all of it where it is an object. */
static json_t *load_body(const char *operations)
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

static void apply(const char *type, const char *document, const char *operations,
                  enum profile profile, struct applied *out)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body(operations);
    json_t *changed = load(document);
    const struct patch *patch = NULL;
    struct resource_reader reader = {.type = schema_set_type_by_name(set, type),
                                     .limits = &scim_limits_default,
                                     .tolerances = &out->use};

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

static struct patch_case {
    const char *name;
    const char *type;
    const char *document;
    const char *operations;
    const char *expected;
    enum profile profile;
} patch_cases[] = {
    /* clang-format off: long rows, not columns */
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

    apply(expected->type, expected->document, expected->operations, expected->profile, &applied);
    if (applied.result < 0)
        fail_msg("refused: %s", applied.err.detail);
    assert_string_equal(applied.document, expected->expected);
    free(applied.document);
}

static struct refused_case {
    const char *name;
    const char *type;
    const char *document;
    const char *operations;
    enum err_code code;
    const char *detail; /* how it begins */
    enum profile profile;
} refused_cases[] = {
    /* clang-format off: long rows, not columns */
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
    {"strict: repeated id", "User", BABS, "[{'op':'add','value':{'id':'1'}}]", ERR_MUTABILITY,
     "Operations[0]: value: id", PROFILE_STRICT},
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

    apply(expected->type, expected->document, expected->operations, expected->profile, &applied);
    if (applied.result == 0)
        fail_msg("accepted: %s", applied.document);
    if (applied.err.code != expected->code ||
        strncmp(applied.err.detail, expected->detail, strlen(expected->detail)) != 0)
        fail_msg("wrong reason: %s: %s", err_name(applied.err.code), applied.err.detail);
}

static struct members_case {
    const char *name;
    const char *operations;
    const char *steps; /* "add:1,2;remove:3;replace:;filter:value sw \"1\"" */
    bool touches_document;
    enum profile profile;
} members_cases[] = {
    /* clang-format off: long rows, not columns */
    {"add", "[{'op':'add','path':'members','value':[{'value':'1'},{'value':'2'}]}]", "add:1,2",
     false, PROFILE_STRICT},
    {"add with display and $ref",
     "[{'op':'add','path':'members','value':[{'value':'1','$ref':null,"
     "'display':'x','type':'User'}]}]",
     "add:1/User", false, PROFILE_OKTA},
    {"add twice leaves one",
     "[{'op':'add','path':'members','value':[{'value':'1'},{'value':'2'},"
     "{'value':'1'}]}]",
     "add:1,2", false, PROFILE_STRICT},
    {"add one without a list", "[{'op':'Add','path':'members','value':{'value':'1'}}]", "add:1",
     false, PROFILE_ENTRA},
    {"add plain ids", "[{'op':'add','path':'members','value':['1','2']}]", "add:1,2", false,
     PROFILE_AUTO},
    {"add to members.value", "[{'op':'add','path':'members.value','value':['1']}]", "add:1", false,
     PROFILE_AUTO},
    {"add without a path", "[{'op':'add','value':{'members':[{'value':'1'}]}}]", "add:1", false,
     PROFILE_STRICT},
    {"add none", "[{'op':'add','path':'members','value':[]}]", "", false, PROFILE_STRICT},
    {"add null", "[{'op':'add','path':'members','value':null}]", "", false, PROFILE_STRICT},
    {"replace", "[{'op':'replace','path':'members','value':[{'value':'1'}]}]", "replace:1", false,
     PROFILE_STRICT},
    {"replace by none", "[{'op':'replace','path':'members','value':[]}]", "replace:", false,
     PROFILE_STRICT},
    {"replace by null", "[{'op':'replace','path':'members','value':null}]", "replace:", false,
     PROFILE_STRICT},
    {"replace without a path",
     "[{'op':'replace','value':{'id':'9','displayName':'g','members':"
     "[{'value':'1'}]}}]",
     "replace:1", true, PROFILE_OKTA},
    {"remove all", "[{'op':'remove','path':'members'}]", "replace:", false, PROFILE_STRICT},
    {"remove by filter", "[{'op':'remove','path':'members[value eq \\'A1\\']'}]", "remove:A1",
     false, PROFILE_STRICT},
    {"remove several by filter",
     "[{'op':'remove','path':'members[value eq \\'1\\' or value eq \\'2\\' or value eq \\'3\\']'}]",
     "remove:1,2,3", false, PROFILE_STRICT},
    {"remove by another filter", "[{'op':'remove','path':'members[type eq \\'Group\\']'}]",
     "filter:type eq \"Group\"", false, PROFILE_STRICT},
    {"remove by value and type",
     "[{'op':'remove','path':'members[value eq \\'1\\' and type eq \\'User\\']'}]",
     "filter:(value eq \"1\" and type eq \"User\")", false, PROFILE_STRICT},
    {"remove by value or type",
     "[{'op':'remove','path':'members[type eq \\'User\\' or value eq \\'1\\']'}]",
     "filter:(type eq \"User\" or value eq \"1\")", false, PROFILE_STRICT},
    {"remove by not", "[{'op':'remove','path':'members[not (value eq \\'1\\')]'}]",
     "filter:not (value eq \"1\")", false, PROFILE_STRICT},
    {"remove with a list",
     "[{'op':'Remove','path':'members','value':[{'value':'1'},{'value':'2'}]"
     "}]",
     "remove:1,2", false, PROFILE_ENTRA},
    {"remove with an empty list", "[{'op':'remove','path':'members','value':[]}]", "", false,
     PROFILE_ENTRA},
    {"remove with one", "[{'op':'remove','path':'members','value':{'value':'1'}}]", "remove:1",
     false, PROFILE_AUTO},
    {"remove from members.value", "[{'op':'remove','path':'members.value','value':'1'}]",
     "remove:1", false, PROFILE_AUTO},
    {"several, in order",
     "[{'op':'remove','path':'members[value eq \\'1\\']'},"
     "{'op':'add','path':'members','value':[{'value':'2'}]},"
     "{'op':'remove','path':'members[value eq \\'3\\']'}]",
     "remove:1;add:2;remove:3", false, PROFILE_STRICT},
    {"beside the name",
     "[{'op':'replace','path':'displayName','value':'h'},"
     "{'op':'add','path':'members','value':[{'value':'2'}]}]",
     "add:2", true, PROFILE_STRICT},
    /* clang-format on */
};

static void append_step(struct buf *out, struct arena *arena, const struct member_step *step,
                        const struct attribute *members)
{
    static const char *const names[] = {[MEMBERS_ADD] = "add:",
                                        [MEMBERS_REMOVE] = "remove:",
                                        [MEMBERS_REPLACE] = "replace:",
                                        [MEMBERS_REMOVE_FILTER] = "filter:"};
    const struct filter element = {
        .kind = FILTER_ELEMENT, .attribute = members, .left = step->filter};

    if (out->length > 0)
        buf_putc(out, ';');
    buf_puts(out, names[step->kind]);
    for (size_t i = 0; i < step->names.count; i++) {
        buf_puts(out, i > 0 ? "," : "");
        buf_puts(out, step->names.items[i].value);
        if (step->names.items[i].type != NULL)
            buf_printf(out, "/%s", step->names.items[i].type);
    }
    if (step->kind == MEMBERS_REMOVE_FILTER) {
        const char *open = strchr(filter_format(arena, &element), '[');
        buf_append(out, open + 1, strlen(open) - 2);
    }
}

static void steps_members(void **row)
{
    const struct members_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body(expected->operations);
    const struct resource_type *type = schema_set_type_by_name(set, "Group");
    struct tolerance_use use = {.profile = expected->profile};
    const struct resource_reader reader = {
        .type = type, .limits = &scim_limits_default, .tolerances = &use};
    const struct patch *patch = NULL;
    CLEANUP(buf_free) struct buf steps = {0};
    struct err err = {0};

    if (patch_parse(&reader, arena, body, &patch, &err) < 0)
        fail_msg("refused: %s", err.detail);
    for (size_t i = 0; i < patch_member_step_count(patch); i++)
        append_step(&steps, arena, patch_member_step(patch, i),
                    schema_attribute(type->schema, "members", 7));
    assert_string_equal(buf_text(&steps), expected->steps);
    assert_int_equal(patch_touches_document(patch), expected->touches_document);
    assert_null(patch_member_step(patch, patch_member_step_count(patch)));
    json_decref(body);
    arena_free(arena);
}

#define GROUP "{'displayName':'g'}"

static struct refused_case refused_members[] = {
    /* clang-format off: long rows, not columns */
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

static struct use_case {
    const char *name;
    const char *document;
    const char *operations;
    enum tolerance tolerance;
    uint32_t count;
} use_cases[] = {
    /* clang-format off: long rows, not columns */
    {"Add", BABS, "[{'op':'Add','path':'title','value':'T'}]", TOLERANCE_OPERATION_CASE, 1},
    {"active as text, counted once", BABS, "[{'op':'add','path':'active','value':'False'}]",
     TOLERANCE_BOOLEAN_STRING, 1},
    {"dotted key", BABS, "[{'op':'add','value':{'name.givenName':'x'}}]", TOLERANCE_DOTTED_KEY, 1},
    {"URN key", BABS, "[{'op':'add','value':{'" ENTERPRISE ":department':'x'}}]", TOLERANCE_URN_KEY,
     1},
    {"value path key", MAILS, "[{'op':'add','value':{'emails[type eq \\'work\\'].value':'x'}}]",
     TOLERANCE_PATH_KEY, 1},
    {"element made", BABS, "[{'op':'add','path':'emails[type eq \\'work\\'].value','value':'x'}]",
     TOLERANCE_CREATE_FILTERED, 1},
    {"nothing removed", BABS, "[{'op':'remove','path':'emails[type eq \\'work\\']'}]",
     TOLERANCE_REMOVE_NO_MATCH, 1},
    {"removed by value", MAILS, "[{'op':'remove','path':'emails','value':[{'value':'w@x'}]}]",
     TOLERANCE_REMOVE_VALUE, 1},
    {"manager as text", BABS, "[{'op':'add','path':'" ENTERPRISE ":manager','value':'1'}]",
     TOLERANCE_MANAGER_STRING, 1},
    {"repeated id", BABS, "[{'op':'add','value':{'id':'1'}}]", TOLERANCE_REPEATED_ID, 1},
    {"unknown key", BABS, "[{'op':'add','value':{'foo':'1'}}]", TOLERANCE_UNKNOWN_ATTRIBUTE, 1},
    {"no schemas", BABS, "{'Operations':[{'op':'remove','path':'title'}]}",
     TOLERANCE_SCHEMAS_MISSING, 1},
    {"key in another case", BABS, "[{'op':'add','value':{'Active':true}}]",
     TOLERANCE_ATTRIBUTE_CASE, 1},
    /* clang-format on */
};

static void counts_what_it_tolerates(void **row)
{
    const struct use_case *expected = *row;
    struct applied applied = {0};

    apply("User", expected->document, expected->operations, PROFILE_AUTO, &applied);
    assert_int_equal(applied.result, 0);
    for (int i = 0; i < TOLERANCE_COUNT; i++) {
        if (applied.use.count[i] != (i == (int)expected->tolerance ? expected->count : 0))
            fail_msg("%s: %u", tolerance_name((enum tolerance)i), applied.use.count[i]);
    }
    free(applied.document);
}

static void may_be_applied_again(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body("[{'op':'add','path':'emails','value':[{'value':'n@x'}]},"
                             "{'op':'add','path':'emails[value eq \\'n@x\\'].type','value':'work'},"
                             "{'op':'add','path':'name','value':{'givenName':'G'}}]");
    char *before = dump(body);
    struct tolerance_use use = {.profile = PROFILE_AUTO};
    const struct resource_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                           .limits = &scim_limits_default,
                                           .tolerances = &use};
    const struct patch *patch = NULL;
    char *after;
    struct err err = {0};

    (void)state;
    assert_int_equal(patch_parse(&reader, arena, body, &patch, &err), 0);
    for (int i = 0; i < 3; i++) {
        json_t *document = load("{'userName':'b'}");
        char *text;

        assert_int_equal(patch_apply(patch, &reader, document, &err), 0);
        (void)json_object_del(document, "schemas");
        text = dump(document);
        assert_string_equal(text, "{'userName':'b','name':{'givenName':'G'},'emails':[{'value':"
                                  "'n@x','type':'work'}]}");
        free(text);
        json_decref(document);
    }
    after = dump(body);
    assert_string_equal(before, after);
    free(before);
    free(after);
    json_decref(body);
    arena_free(arena);
}

static void names_extensions_in_schemas(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body("[{'op':'add','path':'" ENTERPRISE ":department','value':'D'}]");
    json_t *document = load("{'schemas':['" SCHEMA_URN_USER "'],'userName':'b'}");
    const struct resource_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                           .limits = &scim_limits_default};
    const struct patch *patch = NULL;
    struct err err = {0};
    char *text;

    (void)state;
    assert_int_equal(patch_parse(&reader, arena, body, &patch, &err), 0);
    assert_int_equal(patch_apply(patch, &reader, document, &err), 0);
    text = dump(document);
    assert_string_equal(text, "{'schemas':['" SCHEMA_URN_USER "','" ENTERPRISE
                              "'],'userName':'b','" ENTERPRISE "':{'department':'D'}}");
    free(text);
    json_decref(document);
    json_decref(body);
    arena_free(arena);
}

/* A body of `count` operations, or one of `count` values. */
static int parse_many(size_t count, bool as_operations, struct err *err)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *body = load_body("[{'op':'add','path':'emails','value':[]}]");
    json_t *operations = json_object_get(body, "Operations");
    json_t *values = json_object_get(json_array_get(operations, 0), "value");
    json_t *document = load("{'userName':'b','emails':[{'value':'first'}]}");
    const struct resource_reader reader = {.type = schema_set_type_by_name(set, "User"),
                                           .limits = &scim_limits_default};
    const struct patch *patch = NULL;
    int result;

    for (size_t i = 1; as_operations && i < count; i++)
        (void)json_array_append(operations, json_array_get(operations, 0));
    for (size_t i = 0; !as_operations && i < count; i++)
        (void)json_array_append_new(values, json_pack("{s:o}", "value", json_sprintf("%zu", i)));
    result = patch_parse(&reader, arena, body, &patch, err);
    if (result == 0)
        result = patch_apply(patch, &reader, document, err);
    json_decref(document);
    json_decref(body);
    arena_free(arena);
    return result;
}

static void obeys_its_limits(void **state)
{
    const struct scim_limits *limits = &scim_limits_default;
    struct err err = {0};

    (void)state;
    assert_int_equal(parse_many(limits->patch_operations, true, &err), 0);
    assert_int_equal(parse_many(limits->patch_operations + 1, true, &err), -1);
    assert_int_equal(err.code, ERR_TOO_LARGE);
    assert_int_equal(parse_many(limits->value_count - 2, false, &err), 0);
    assert_int_equal(parse_many(limits->value_count - 1, false, &err), -1);
    assert_int_equal(err.code, ERR_INVALID_VALUE);
}

int main(void)
{
    const struct CMUnitTest whole[] = {
        cmocka_unit_test(may_be_applied_again),
        cmocka_unit_test(names_extensions_in_schemas),
        cmocka_unit_test(obeys_its_limits),
    };
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("patch", patch_cases, applies) +
             RUN_TABLE("refused patches", refused_cases, refuses) +
             RUN_TABLE("members", members_cases, steps_members) +
             RUN_TABLE("refused members", refused_members, refuses) +
             RUN_TABLE("tolerances of patches", use_cases, counts_what_it_tolerates) +
             cmocka_run_group_tests_name("whole patches", whole, NULL, NULL);
    schema_set_release(set);
    return failed;
}
