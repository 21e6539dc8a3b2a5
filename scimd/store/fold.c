#include "store/fold.h"

#include "base/cleanup.h"
#include "base/text.h"

int fold_check(struct session *session, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value version[] = {VALUE_INT(TEXT_FOLD_VERSION)};
    int64_t found;
    int more;

    if (session_execute(session,
                        "INSERT INTO scimd_meta (tenant_id, name, number) SELECT 0, 'fold', ? "
                        "WHERE NOT EXISTS (SELECT 1 FROM scimd_meta WHERE tenant_id = 0 AND "
                        "name = 'fold')",
                        version, ARRAY_LENGTH(version), NULL, err) < 0 ||
        session_query(session,
                      "SELECT number FROM scimd_meta WHERE tenant_id = 0 AND name = 'fold'", NULL,
                      0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    found = more > 0 ? rows_integer(rows, 0) : 0;
    if (found == TEXT_FOLD_VERSION)
        return 0;
    return err_set(err, ERR_CONFIGURATION,
                   "its keys were folded by version %lld, this program folds by version %d: it was "
                   "used by another scimd; install that one",
                   (long long)found, TEXT_FOLD_VERSION);
}
