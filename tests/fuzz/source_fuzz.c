/* Any text as a source file: it is refused with file and line, or read; what is read has a normal
 * form, which is read as the same. */
#include <stdint.h>
#include <string.h>

#include "../sync/source_fixture.h"
#include "schemas.h"
#include "sync/source_file.h"

#define NAME "fuzz.yaml"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int read_source(const char *bytes, size_t length, struct source_definition **out,
                       struct err *err)
{
    const struct source_reader reader = {.schemas = fuzz_schemas(),
                                         .connectors = fixture_connectors};
    const struct source_text text = {.file = NAME, .bytes = bytes, .length = length};

    return source_file_read(&reader, &text, out, err);
}

static void check_refusal(const struct err *err)
{
    const char *line = err->detail + strlen(NAME ":");

    if (err->code != ERR_CONFIGURATION || strncmp(err->detail, NAME ":", strlen(NAME ":")) != 0 ||
        *line < '1' || *line > '9')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct source_definition *definition = NULL;
    struct source_definition *again = NULL;
    struct err err = {0};

    if (read_source((const char *)bytes, length, &definition, &err) < 0) {
        check_refusal(&err);
        return 0;
    }
    if (read_source(definition->json, definition->json_length, &again, &err) < 0 ||
        strcmp(definition->json, again->json) != 0)
        abort();
    source_definition_free(again);
    source_definition_free(definition);
    return 0;
}
