#include "store/fold.h"

#include "base/cleanup.h"
#include "base/text.h"

int fold_version(struct session *session, int *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session,
                      "SELECT number FROM scimd_meta WHERE tenant_id = 0 AND name = 'fold'", NULL,
                      0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *out = more > 0 ? (int)rows_integer(rows, 0) : 0;
    return 0;
}

int fold_agrees(int version, struct err *err)
{
    if (version == TEXT_FOLD_VERSION)
        return 0;
    return err_set(err, ERR_CONFIGURATION,
                   "its keys were folded by version %d, this program folds by version %d: it was "
                   "used by another scimd; install that one",
                   version, TEXT_FOLD_VERSION);
}

int fold_check(struct session *session, struct err *err)
{
    const struct value known[] = {VALUE_INT(TEXT_FOLD_VERSION)};
    int found = 0;

    if (session_execute(session,
                        "INSERT INTO scimd_meta (tenant_id, name, number) SELECT 0, 'fold', ? "
                        "WHERE NOT EXISTS (SELECT 1 FROM scimd_meta WHERE tenant_id = 0 AND "
                        "name = 'fold')",
                        known, ARRAY_LENGTH(known), NULL, err) < 0 ||
        fold_version(session, &found, err) < 0)
        return -1;
    return fold_agrees(found, err);
}
