/* rules.h - settings that are each right and together wrong. */
#ifndef SCIMD_CONFIG_RULES_H
#define SCIMD_CONFIG_RULES_H

#include "config/check.h"

/* Errors: ERR_CONFIGURATION; detail is "FILE:LINE: what". */
int rules_check(const struct settings *settings, const char *file,
                const struct setting_lines *lines, struct err *err);

#endif
