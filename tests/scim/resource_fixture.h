/* resource_fixture.h - documents as text, for the tests of resources. */
#ifndef SCIMD_TESTS_SCIM_RESOURCE_FIXTURE_H
#define SCIMD_TESTS_SCIM_RESOURCE_FIXTURE_H

#include "schemas_fixture.h"
#include "scim/json.h"
#include "table.h"

#define SU "\"schemas\":[\"" SCHEMA_URN_USER "\"]"
#define SG "\"schemas\":[\"" SCHEMA_URN_GROUP "\"]"
#define DEVICE "urn:example:scim:schemas:2.0:Device"
#define LEASE "urn:example:scim:schemas:extension:2.0:Lease"
#define SD "\"schemas\":[\"" DEVICE "\"]"
#define SUE "\"schemas\":[\"" SCHEMA_URN_USER "\",\"" SCHEMA_URN_ENTERPRISE "\"]"

static inline json_t *fixture_json(const char *text)
{
    json_t *value = NULL;
    struct err err = {0};

    if (json_parse_body(text, strlen(text), &scim_limits_default, &value, &err) < 0)
        fail_msg("%s: %s", text, err.detail);
    return value;
}

static inline void assert_json(const json_t *value, const char *expected)
{
    struct buf text = {0};

    if (value != NULL)
        json_append(&text, value);
    assert_string_equal(buf_text(&text), expected);
    buf_free(&text);
}

static inline void assert_refused(int result, const struct err *err, enum err_code code,
                                  const char *detail)
{
    assert_int_equal(result, -1);
    if (strstr(err->detail, detail) == NULL)
        fail_msg("\"%s\" does not contain \"%s\"", err->detail, detail);
    assert_int_equal(err->code, code);
}

#endif
