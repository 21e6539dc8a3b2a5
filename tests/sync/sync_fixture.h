/* sync_fixture.h - JSON that is easy to read in a table, and our own schemas. */
#ifndef SCIMD_TESTS_SYNC_FIXTURE_H
#define SCIMD_TESTS_SYNC_FIXTURE_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "scim/schema.h"

#define FIXTURE_TEXT_MAX 8192
#define FIXTURE_SCHEMAS_MAX 16

/* JSON with single quotes, which are easier to read in C; aborts where it is none.  NULL: NULL. */
static inline json_t *fixture_json(const char *text)
{
    char quoted[FIXTURE_TEXT_MAX];
    json_error_t error;
    json_t *json;

    if (text == NULL)
        return NULL;
    if (strlen(text) >= sizeof(quoted))
        abort();
    for (size_t i = 0; i <= strlen(text); i++)
        quoted[i] = (char)(text[i] == '\'' ? '"' : text[i]);
    json = json_loads(quoted, JSON_DECODE_ANY, &error);
    if (json == NULL) {
        (void)fprintf(stderr, "%s: %s\n", text, error.text);
        abort();
    }
    return json;
}

static inline struct schema_set *fixture_schemas(void)
{
    struct schema_source sources[FIXTURE_SCHEMAS_MAX];
    struct schema_set *set = NULL;
    size_t count = 0;
    struct err err = {0};

    for (const struct embedded_file *file = embedded_schemas; file->name != NULL; file++)
        sources[count++] = (struct schema_source){file->name, file->text, file->length, true};
    if (schema_set_new(sources, count, &set, &err) < 0)
        abort();
    return set;
}

#endif
