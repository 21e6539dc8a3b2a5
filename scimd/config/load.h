/* load.h - lets libcyaml build the struct, by a schema made of the rows. */
#ifndef SCIMD_CONFIG_LOAD_H
#define SCIMD_CONFIG_LOAD_H

#include "config/rows.h"

/* Fills what the file sets; all else is left zero.  For texts that check_text() let through and
 * that are not empty.
 *
 * Errors: ERR_CONFIGURATION; detail is "FILE: what". */
int load_text(const struct settings_text *text, struct settings *out, struct err *err);

#endif
