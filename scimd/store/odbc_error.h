/* odbc_error.h - a failed ODBC call as our error. */
#ifndef SCIMD_STORE_ODBC_ERROR_H
#define SCIMD_STORE_ODBC_ERROR_H

#include <sql.h>
#include <sqlext.h>

#include "store/dialect.h"

/* Fills *err from the handle's first diagnostic and says what the failure means. */
struct failure odbc_error(const struct dialect *dialect, SQLSMALLINT kind, SQLHANDLE handle,
                          const char *call, struct err *err);

#endif
