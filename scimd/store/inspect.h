/* inspect.h - where a database stands: for `scimctl doctor`.
 *
 * Looks and changes nothing: a database that is missing is not made, one that is behind is not
 * migrated.  It connects by itself, so that a report holds for the next connection and doesn't wait
 * for the pool. */
#ifndef SCIMD_STORE_INSPECT_H
#define SCIMD_STORE_INSPECT_H

#include "base/arena.h"
#include "store/store.h"

#define REPORT_SETTINGS_MAX 4
#define REPORT_PROBLEMS_MAX 8

struct report {
    const char *engine; /* "sqlite", "postgresql" */
    const char *server; /* "PostgreSQL 15.18"; NULL: it was not reached, and all below is 0 */
    int schema;         /* the newest migration that was applied */
    int schema_known;   /* the newest that this program has; a database is migrated when it is
                           opened, so one that is behind is not wrong */
    int keys;           /* how names were folded (text.h, TEXT_FOLD_VERSION) */
    int keys_known;
    struct report_setting {
        const char *name; /* "synchronous_commit" */
        const char *value;
    } settings[REPORT_SETTINGS_MAX]; /* those that keep what was acknowledged */
    size_t setting_count;
    struct report_problem {
        const char *what;  /* a sentence */
        const char *cause; /* the driver's words; NULL: there are none */
    } problems[REPORT_PROBLEMS_MAX];
    size_t problem_count; /* 0: the database is sound */
};

/* Reports on the database of that name, a name for store_database(); texts live in `arena`.
 * Errors: ERR_INVALID_VALUE for what can't be a name.  All else is in the report. */
int store_inspect(struct store *store, const char *name, struct arena *arena, struct report *out,
                  struct err *err);

#endif
