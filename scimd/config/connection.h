/* connection.h - what an administrator may write into database.connection_file.
 *
 * An ODBC connection string on one line: KEY=VALUE with semicolons between, a value with special
 * characters in braces, a closing brace in it doubled.  It holds a password, so no message shows a
 * value. */
#ifndef SCIMD_CONFIG_CONNECTION_H
#define SCIMD_CONFIG_CONNECTION_H

#include "base/err.h"

/* Checks the text of `file`: form, that a server is named, that nothing is said which is the
 * daemon's to say (driver, database, protocol), and that a server on another machine is asked for
 * its certificate (SSLmode=verify-full).
 * Errors: ERR_CONFIGURATION; detail is "FILE:1: what". */
int connection_check(const char *text, const char *file, struct err *err);

#endif
