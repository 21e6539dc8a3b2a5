/* schemas_fixture.h - the schema set that the tests of scim/ work with: ours, and those of a tenant
 * in fixtures/. */
#ifndef SCIMD_TESTS_SCIM_SCHEMAS_FIXTURE_H
#define SCIMD_TESTS_SCIM_SCHEMAS_FIXTURE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "scim/schema.h"

#define FIXTURE_SOURCES_MAX 16
#define FIXTURE_BYTES_MAX ((size_t)256 * 1024)

/* Our own documents; returns how many. */
static inline size_t fixture_own(struct schema_source sources[FIXTURE_SOURCES_MAX])
{
    size_t count = 0;

    for (const struct embedded_file *file = embedded_schemas; file->name != NULL; file++)
        sources[count++] = (struct schema_source){file->name, file->text, file->length, true};
    return count;
}

/* A file of tests/scim/fixtures; the caller frees it. */
static inline char *fixture_file(const char *name, size_t *length)
{
    char path[512];
    char *text = malloc(FIXTURE_BYTES_MAX);
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/tests/scim/fixtures/%s", SCIMD_SOURCE_DIR, name);
    file = fopen(path, "r");
    if (file == NULL || text == NULL) {
        perror(path);
        abort();
    }
    *length = fread(text, 1, FIXTURE_BYTES_MAX, file);
    (void)fclose(file);
    return text;
}

/* Our own documents and the given ones on top, NULL for none; aborts where that fails. */
static inline struct schema_set *fixture_set(const char *first, const char *second)
{
    struct schema_source sources[FIXTURE_SOURCES_MAX];
    const char *names[] = {first, second};
    char *texts[] = {NULL, NULL};
    size_t count = fixture_own(sources);
    struct schema_set *set = NULL;
    struct err err = {0};

    for (size_t i = 0; i < 2; i++) {
        size_t length = 0;

        if (names[i] == NULL)
            continue;
        texts[i] = fixture_file(names[i], &length);
        sources[count++] = (struct schema_source){names[i], texts[i], length, false};
    }
    if (schema_set_new(sources, count, &set, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.detail);
        abort();
    }
    free(texts[0]);
    free(texts[1]);
    return set;
}

#endif
