/* embedded.h - files of schemas/ that the build puts into the program (cmake/embed.cmake), so that
 * the daemon starts without looking for them.  The arrays end with a row whose name is NULL. */
#ifndef SCIMD_BASE_EMBEDDED_H
#define SCIMD_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* "user.json", "0001_tenant.sql" */
    const char *text; /* NUL-terminated */
    size_t length;
};

extern const struct embedded_file embedded_schemas[];        /* schemas/scim, by name */
extern const struct embedded_file embedded_mapping[];        /* schemas/mapping, by name */
extern const struct embedded_file embedded_sql_sqlite[];     /* schemas/sql/sqlite, by name */
extern const struct embedded_file embedded_sql_postgresql[]; /* schemas/sql/postgresql */

#endif
