#include "scim/match.h"

#include "filter_fixture.h"
#include "table.h"

#define ENTERPRISE SCHEMA_URN_ENTERPRISE

static struct schema_set *set;

/* clang-format off */
static const char user[] =
    "{\"schemas\":[\"" SCHEMA_URN_USER "\",\"" ENTERPRISE "\"],\"id\":\"2819c223-7F76\","
    "\"externalId\":\"Ab\",\"userName\":\"Stra\u00dfe\",\"displayName\":\"\","
    "\"name\":{\"familyName\":\"O'Malley\",\"givenName\":\"\"},\"nickName\":\"b\u00e4r\","
    "\"profileUrl\":\"https://Example.com/B\",\"active\":true,"
    "\"emails\":[{\"value\":\"Work@x.org\",\"type\":\"work\",\"primary\":true},"
    "{\"value\":\"home@x.org\",\"type\":\"home\"}],"
    "\"ims\":[{\"value\":\"\",\"type\":\"\"}],"
    "\"groups\":[{\"value\":\"g1\",\"display\":\"Staff\",\"type\":\"direct\"}],"
    "\"" ENTERPRISE "\":{\"department\":\"R&D\",\"manager\":{\"value\":\"M1\"}},"
    "\"meta\":{\"resourceType\":\"User\",\"created\":\"2024-05-01T10:00:00.000Z\","
    "\"lastModified\":\"2024-05-01T12:30:00.250Z\",\"version\":\"W/\\\"3\\\"\"}}";

static const char device[] =
    "{\"id\":\"d\",\"name\":\"D\",\"enabled\":false,\"weight\":2.5,\"ports\":8,"
    "\"boughtAt\":\"2024-05-01T12:00:00+02:00\",\"fingerprint\":\"AbCd\","
    "\"manual\":\"https://x/M\",\"labels\":[\"Red\",\"gr\u00fcn\"],\"codes\":[\"Aa\"],"
    "\"flags\":[true],\"readings\":[1.5,-2],\"vlans\":[1,9007199254740993],"
    "\"inspections\":[\"2024-01-01T00:00:00Z\",\"2025-01-01T00:00:00Z\"],\"images\":[\"AAEC\"],"
    "\"slots\":[{\"value\":\"1\",\"weight\":1.5,\"count\":3,\"primary\":true,"
    "\"since\":\"2024-01-01T00:00:00Z\",\"blob\":\"AA==\"},{\"value\":\"2\",\"count\":7}]}";
/* clang-format on */

static struct match_case {
    const char *name; /* and the filter */
    bool matches;
} user_cases[] = {
  /* clang-format off */
    /* text by the case rule */
    {"userName eq \"STRASSE\"", true},
    {"userName eq \"stra\\u00dfe\"", true},
    {"userName eq \"strase\"", false},
    {"userName ne \"strasse\"", false},
    {"userName co \"AS\"", true},
    {"userName co \"ax\"", false},
    {"userName co \"strassen\"", false},
    {"userName sw \"STRA\"", true},
    {"userName sw \"tra\"", false},
    {"userName ew \"SSE\"", true},
    {"userName ew \"s\"", false},
    {"nickName eq \"BA\\u0308R\"", true}, /* decomposed */
    {"externalId eq \"Ab\"", true},
    {"externalId eq \"ab\"", false},
    {"id eq \"2819c223-7f76\"", false},
    {"profileUrl sw \"https://Example\"", true},
    {"profileUrl sw \"https://example\"", false},
    {"schemas eq \"" ENTERPRISE "\"", true},
    {"schemas eq \"urn:x\"", false},
    {"meta.resourceType eq \"User\"", true},

    /* order of text */
    {"userName gt \"STRASSD\"", true},
    {"userName gt \"strasse\"", false},
    {"userName ge \"strasse\"", true},
    {"userName le \"strasse\"", true},
    {"userName lt \"strassea\"", true},
    {"userName lt \"str\"", false},
    {"nickName gt \"bz\"", true}, /* by code point */

    /* absence and presence */
    {"title eq \"x\"", false},
    {"title ne \"x\"", true},
    {"title co \"\"", false},
    {"title gt \"\"", false},
    {"title pr", false},
    {"title eq null", true},
    {"title ne null", false},
    {"userName pr", true},
    {"displayName pr", false},
    {"displayName eq \"\"", true},
    {"displayName co \"\"", true},
    {"displayName eq null", true},
    {"name pr", true},
    {"name.givenName pr", false},
    {"emails pr", true},
    {"phoneNumbers pr", false},
    {"ims pr", false},
    {"emails.display pr", false},
    {"emails.primary pr", true},
    {"active pr", true},

    /* booleans and time */
    {"active eq true", true},
    {"active eq false", false},
    {"active ne true", false},
    {"meta.created eq \"2024-05-01T12:00:00+02:00\"", true},
    {"meta.created gt \"2024-05-01T09:59:59.9999999Z\"", true},
    {"meta.lastModified ge \"2024-05-01T12:30:00.25Z\"", true},
    {"meta.lastModified gt \"2024-05-01T12:30:00.25Z\"", false},
    {"meta.lastModified lt \"2024-05-01T12:30:00.251Z\"", true},
    {"meta.lastModified le \"2024-05-01T12:30:00\"", false},

    /* multi-valued and complex */
    {"emails eq \"HOME@x.org\"", true},
    {"emails co \"x.org\"", true},
    {"emails ne \"home@x.org\"", false},
    {"emails ne \"other@x.org\"", true},
    {"phoneNumbers ne \"1\"", true},
    {"emails.type eq \"home\" and emails.primary eq true", true},
    {"emails[type eq \"home\" and primary eq true]", false},
    {"emails[type eq \"work\" and primary eq true]", true},
    {"emails[type eq \"work\"].value eq \"work@x.org\"", true},
    {"emails[type eq \"home\"].value eq \"work@x.org\"", false},
    {"emails[type eq \"home\"].value ne \"work@x.org\"", true},
    {"emails[type eq \"home\"].primary eq null", true},
    {"emails[not (type eq \"work\")]", true},
    {"emails[not (type eq \"work\") and value sw \"w\"]", false},
    {"not (emails[type eq \"work\"])", false},
    {"emails[primary ne true]", true},
    {"emails[type eq \"work\" or type eq \"x\"]", true},
    {"groups.value eq \"g1\"", true},
    {"groups.display eq \"staff\"", true},
    {"manager eq \"M1\"", true},
    {ENTERPRISE ":manager.value eq \"M2\"", false},
    {ENTERPRISE ":department eq \"r&d\"", true},
    {ENTERPRISE ":division pr", false},

    /* connectives */
    {"title pr or active pr and userName pr", true},
    {"(title pr or active pr) and title pr", false},
    {"not (title pr) and not (locale pr)", true},
    {"title pr or locale pr or nickName pr", true},
    {"userName pr and active pr and title pr and id pr", false},
    {"not (not (active eq true))", true},
  /* clang-format on */
};

static void matches(const char *json, const char *type, const struct match_case *expected)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *resource = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    const struct filter *filter = NULL;
    struct err err =
        parse(arena, schema_set_type_by_name(set, type), expected->name, STRICT, &filter);

    assert_non_null(resource);
    if (err.code != 0)
        fail_msg("refused: %s", err.detail);
    assert_int_equal(match_resource(filter, resource), expected->matches);
    json_decref(resource);
    arena_free(arena);
}

static void matches_the_user(void **row)
{
    matches(user, "User", *row);
}

static struct match_case device_cases[] = {
  /* clang-format off */
    {"enabled eq false", true},
    {"enabled ne false", false},
    {"enabled pr", true},
    {"weight eq 2.5", true},
    {"weight gt 2", true},
    {"weight lt 2.5", false},
    {"ports eq 8", true},
    {"ports gt 7.5", true},
    {"ports ge 8.5", false},
    {"ports lt 8.5", true},
    {"ports eq 8.5", false},
    {"ports ne 8.5", true},
    {"ports lt 1e30", true},
    {"ports gt -1e30", true},
    {"ports gt 1e30", false},
    {"boughtAt eq \"2024-05-01T10:00:00Z\"", true},
    {"fingerprint eq \"AbCd\"", true},
    {"fingerprint eq \"abcd\"", false},
    {"manual eq \"https://x/m\"", false},
    {"labels eq \"red\"", true},
    {"labels eq \"GR\\u00dcN\"", true},
    {"labels ne \"red\"", false},
    {"labels pr", true},
    {"history pr", false},
    {"labels[value sw \"r\" and value ew \"d\"]", true},
    {"labels[value sw \"r\" and value ew \"n\"]", false},
    {"labels sw \"r\" and labels ew \"n\"", true},
    {"labels[not (value eq \"red\")]", true},
    {"codes eq \"aa\"", false},
    {"flags eq true", true},
    {"flags eq false", false},
    {"readings lt 0", true},
    {"readings gt 1.5", false},
    {"readings[value gt 0 and value lt 1]", false},
    {"vlans eq 9007199254740993", true},
    {"vlans eq 9007199254740992", false},
    {"vlans lt 1.5", true},
    {"inspections gt \"2024-12-31T23:59:59Z\"", true},
    {"inspections gt \"2025-01-01T00:00:00Z\"", false},
    {"images eq \"AAEC\"", true},
    {"slots[count gt 3 and weight pr]", false},
    {"slots[count ge 3 and weight eq 1.5]", true},
    {"slots[count eq 7].value eq \"2\"", true},
    {"slots.since le \"2024-01-01T00:00:00Z\"", true},
    {"slots.blob eq \"AA==\"", true},
    {"slots.blob eq \"aa==\"", false},
    {"owner pr", false},
    {"owner eq \"x\"", false},
  /* clang-format on */
};

static void matches_the_device(void **row)
{
    matches(device, "Device", *row);
}

static struct element_case {
    const char *name;
    const char *filter;
    const char *element;
    bool matches;
} element_cases[] = {
    {"complex",               "emails[type eq \"WORK\"]", "{\"type\":\"work\"}",    true },
    {"complex, absent",       "emails[type eq \"work\"]", "{\"value\":\"a\"}",      false},
    {"complex, ne of absent", "emails[type ne \"work\"]", "{\"value\":\"a\"}",      true },
    {"complex, wrong type",   "emails[primary eq true]",  "{\"primary\":\"true\"}", false},
    {"present",               "emails[display pr]",       "{\"display\":\"d\"}",    true },
    {"present but empty",     "emails[display pr]",       "{\"display\":\"\"}",     false},
    {"null",                  "emails[display pr]",       "{\"display\":null}",     false},
};

static void matches_an_element(void **row)
{
    const struct element_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *element = json_loads(expected->element, 0, NULL);
    const struct filter *filter = NULL;
    struct err err =
        parse(arena, schema_set_type_by_name(set, "User"), expected->filter, STRICT, &filter);

    assert_int_equal(err.code, 0);
    assert_int_equal(filter->kind, FILTER_ELEMENT);
    assert_int_equal(match_element(filter->left, element), expected->matches);
    json_decref(element);
    arena_free(arena);
}

static void never_matches_what_the_type_lacks(void **state)
{
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    json_t *resource = json_loads(user, 0, NULL);
    const struct resource_type *type = schema_set_type_by_name(set, "User");
    const struct filter *filter = NULL;

    (void)state;
    assert_int_equal(parse(arena, type, "members eq \"1\"", MIXED, &filter).code, 0);
    assert_false(match_resource(filter, resource));
    assert_int_equal(parse(arena, type, "members ne \"1\"", MIXED, &filter).code, 0);
    assert_true(match_resource(filter, resource));
    json_decref(resource);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest whole[] = {cmocka_unit_test(never_matches_what_the_type_lacks)};
    int failed;

    set = fixture_set("device.json", NULL);
    failed = RUN_TABLE("match a user", user_cases, matches_the_user) +
             RUN_TABLE("match a device", device_cases, matches_the_device) +
             RUN_TABLE("match an element", element_cases, matches_an_element) +
             cmocka_run_group_tests_name("several types", whole, NULL, NULL);
    schema_set_release(set);
    return failed;
}
