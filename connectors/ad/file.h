/* file.h - libraries that want a file's name get one, also for what came as a secret. */
#ifndef SCIMD_CONNECTORS_AD_FILE_H
#define SCIMD_CONNECTORS_AD_FILE_H

#include "base/err.h"
#include "connectors/connector.h"

#define FILE_NAME_BYTES 4096

struct named_file {
    char name[FILE_NAME_BYTES]; /* "": the setting is absent */
    int descriptor;             /* of a file in memory; -1: the name is an ordinary path */
};

/* A CONNECTOR_CONTENT setting as a name; valid until file_release().
 * Errors: ERR_CONFIGURATION. */
int file_named(const struct connector_settings *settings, const char *setting,
               struct named_file *out, struct err *err);

void file_release(struct named_file *file);

#endif
