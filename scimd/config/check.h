/* check.h - reads the YAML for what is wrong with it, before libcyaml builds anything.
 *
 * After it returned 0, load_text() takes the same text. */
#ifndef SCIMD_CONFIG_CHECK_H
#define SCIMD_CONFIG_CHECK_H

#include "config/rows.h"

/* Where a setting or a section stands in the file, counted from 1; 0: it does not. */
struct setting_lines {
    size_t rows[SETTING_ROWS_MAX];
    size_t sections[SETTING_SECTIONS_MAX];
    bool is_empty; /* no settings at all, not even {} */
};

/* Fills *lines.  Errors: ERR_CONFIGURATION; detail is "FILE:LINE: what". */
int check_text(const struct settings_text *text, struct setting_lines *lines, struct err *err);

#endif
