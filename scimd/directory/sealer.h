/* sealer.h - the thread that gives change log rows their positions (store/changes.h). */
#ifndef SCIMD_DIRECTORY_SEALER_H
#define SCIMD_DIRECTORY_SEALER_H

#include "directory/tenants.h"

struct sealer;

/* Seals what earlier runs left first, then whatever directory_apply() announces, `interval_ms`
 * apart. */
int sealer_start(struct tenants *tenants, unsigned interval_ms, struct sealer **out,
                 struct err *err);
void sealer_stop(struct sealer *sealer); /* seals what is left; NULL is allowed */

#endif
