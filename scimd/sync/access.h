/* access.h - a source as its connector sees it: tenant, definition, settings with their secrets.
 * Internal to sync/. */
#ifndef SCIMD_SYNC_ACCESS_H
#define SCIMD_SYNC_ACCESS_H

#include "base/err.h"
#include "connectors/connector.h"
#include "directory/tenants.h"
#include "sync/engine.h"
#include "sync/source_file.h"

struct access {
    const struct sync_engine_settings *engine;
    struct tenant *tenant;                /* held */
    struct source_definition *definition; /* owned */
    struct connector_settings settings;   /* points into both */
};

/* Reads a definition, stored or from a file, with the tenant's schemas.  *out must not move.
 * Errors: ERR_NOT_FOUND, no such tenant; those of source_file_read(). */
int access_open(const struct sync_engine_settings *engine, const char *tenant,
                const struct source_text *text, struct access *out, struct err *err);
void access_close(struct access *access); /* a zeroed one is allowed */

/* Errors: ERR_CONFIGURATION: the definition names a secret that is not stored. */
int access_check_secrets(const struct access *access, struct err *err);

#endif
