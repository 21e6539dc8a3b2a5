/* expect.h - what a row takes, in words, and whether a value is that. */
#ifndef SCIMD_CONFIG_EXPECT_H
#define SCIMD_CONFIG_EXPECT_H

#include "config/rows.h"

/* Appends "a number from 0 to 65535", "error, warning or debug" ...; of a list, its entries. */
void expect_describe(const struct setting *row, struct buf *out);

/* Of a list: whether `text` can be an entry.  `quoted`: "8443" is a text, not a number. */
bool expect_matches(const struct setting *row, const char *text, bool quoted);

#endif
