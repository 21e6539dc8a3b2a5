/* config_fuzz.c - any text as scimd.yaml: it is refused with file and line, or it loads. */
#include "base/err.h"
#include "config/settings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NAME "fuzz.yaml"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct settings_environment environment = {.credentials_directory = "/run/c"};
    struct settings settings = {0};
    struct err err = {0};

    if (settings_parse(&(struct settings_text){NAME, (const char *)data, size}, &environment,
                       &settings, &err) == 0) {
        if (settings.listen.address == NULL ||
            settings.limits.page_default > settings.limits.page_max)
            abort();
        settings_free(&settings);
        return 0;
    }
    /* libcyaml knows no line: what check.c lets through must load */
    if (err.code != ERR_CONFIGURATION || strncmp(err.detail, NAME ":", strlen(NAME ":")) != 0 ||
        err.detail[strlen(NAME ":")] < '1' || err.detail[strlen(NAME ":")] > '9')
        abort();
    return 0;
}
