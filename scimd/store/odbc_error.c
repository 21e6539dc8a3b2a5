#include "store/odbc_error.h"

#include <stdio.h>
#include <string.h>

struct failure odbc_error(const struct dialect *dialect, SQLSMALLINT kind, SQLHANDLE handle,
                          const char *call, struct err *err)
{
    struct diagnostic diagnostic = {.state = "?????"};
    SQLCHAR state[6] = "";
    SQLCHAR message[sizeof(diagnostic.message)] = "";
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    struct failure failure;

    if (SQL_SUCCEEDED(SQLGetDiagRec(kind, handle, 1, state, &native, message,
                                    (SQLSMALLINT)sizeof(message), &length))) {
        memcpy(diagnostic.state, state, sizeof(diagnostic.state));
        memcpy(diagnostic.message, message, sizeof(diagnostic.message));
        diagnostic.message[sizeof(diagnostic.message) - 1] = '\0';
        diagnostic.native = native;
    }
    failure = dialect->classify(&diagnostic);
    /* what follows on further lines may be a value, which no log gets to see */
    diagnostic.message[strcspn(diagnostic.message, "\n")] = '\0';
    (void)err_set(err, failure.code, "%s", failure.detail);
    (void)err_because(err, "%s: %s native %d: %s", call, diagnostic.state, diagnostic.native,
                      diagnostic.message);
    return failure;
}
