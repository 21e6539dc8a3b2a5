/* session_failed.h - what a failed statement does to its session; for session*.c and rows.c. */
#ifndef SCIMD_STORE_SESSION_FAILED_H
#define SCIMD_STORE_SESSION_FAILED_H

#include "store/dialect.h"

/* Poisons the open transaction with *err and notes what is lost; returns -1. */
int session_failed(struct session *session, struct failure failure, const struct err *err);

#endif
