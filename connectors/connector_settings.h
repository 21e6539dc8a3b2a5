/* connector_settings.h - what a source file may say to a connector, and how the connector reads it.
 *
 * A setting is one row: the parser, its messages and the manual come from it.  Names are paths into
 * the source file with dots between: "settings.bind.method", "scope.users". */
#ifndef SCIMD_CONNECTORS_CONNECTOR_SETTINGS_H
#define SCIMD_CONNECTORS_CONNECTOR_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"

enum connector_setting_type {
    CONNECTOR_TEXT,
    CONNECTOR_WORD,    /* one of `words` */
    CONNECTOR_SWITCH,  /* true or false */
    CONNECTOR_NUMBER,  /* from `low` to `high` */
    CONNECTOR_LIST,    /* of texts */
    CONNECTOR_SECRET,  /* "secret:NAME", or the secret itself */
    CONNECTOR_CONTENT, /* a file's path, or "secret:NAME" for its content */
};

struct connector_setting {
    const char *name;
    enum connector_setting_type type;
    bool required;
    const char *const *words; /* of a CONNECTOR_WORD; ends with NULL */
    int64_t low;
    int64_t high;
    const char *unit;     /* of a number: "s"; NULL: none */
    const char *fallback; /* as it would stand in the file; NULL: none */
    const char *help;     /* one sentence */
};

/* Resolves "secret:NAME".  Errors: ERR_CONFIGURATION, detail names the secret that isn't there. */
typedef int (*connector_secret_source)(void *context, const char *name, struct secret *out,
                                       struct err *err);

/* A source file's `settings` and `scope`, checked against the rows; absent ones are as their
 * fallback says. */
struct connector_settings {
    const json_t *values; /* {"settings": {..}, "scope": {..}} */
    const struct connector_setting *rows;
    connector_secret_source secret;
    void *secret_context;
};

/* What the file or the fallback says.  It is our own mistake to ask for a name or type that the
 * rows don't have (assert). */
const char *connector_text(const struct connector_settings *settings,
                           const char *name); /* or NULL */
bool connector_switch(const struct connector_settings *settings, const char *name);
int64_t connector_number(const struct connector_settings *settings, const char *name);
size_t connector_list_count(const struct connector_settings *settings, const char *name);
const char *connector_list_item(const struct connector_settings *settings, const char *name,
                                size_t index);

/* The secret itself, or a file's content.  1: read; 0: the setting is absent; -1: *err. */
int connector_secret(const struct connector_settings *settings, const char *name,
                     struct secret *out, struct err *err);

/* Checks {"settings": .., "scope": ..} against the rows: unknown and missing names, types, words,
 * ranges.
 * Errors: ERR_INVALID_VALUE; detail begins with the setting's path, *where (may be NULL) is that
 *         path, living in the JSON or the rows, for a caller who knows lines. */
int connector_settings_check(const struct connector_setting *rows, const json_t *values,
                             const char **where, struct err *err);

#endif
