/* fold.h - are the keys of a database those that this program would write?  Internal to store/.
 *
 * Comparison without regard to case is by folded keys (base/text.h).  A program that folds
 * otherwise would miss rows and take names twice, so it must not open the database. */
#ifndef SCIMD_STORE_FOLD_H
#define SCIMD_STORE_FOLD_H

#include "base/err.h"
#include "store/session.h"

/* The version that is noted, 0 where none is. */
int fold_version(struct session *session, int *out, struct err *err);
/* Is it the one we write?  Errors: ERR_CONFIGURATION. */
int fold_agrees(int version, struct err *err);

/* Notes the version in a new database.  Errors: ERR_CONFIGURATION where another one is noted. */
int fold_check(struct session *session, struct err *err);

#endif
