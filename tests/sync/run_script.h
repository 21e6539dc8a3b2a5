/* run_script.h - a connector that plays pages written as JSON, for tests of runs.
 *
 * A page is a list of changes; {..} with ' for ":
 *   {'u': ID, 'a': {NAME: VALUE or [VALUES]}, 'partial': true}     a person
 *   {'g': ID, 'a': {..}}                                           a group
 *   {'d': ID} {'dg': ID}                                           deleted
 *   {'m': GROUP, 'whole': [IDS], 'more': true} {'m': GROUP, 'add': [IDS], 'remove': [IDS]}
 * or a text: "unavailable", "denied", "expired".  The last page of a list is the source's end. */
#ifndef SCIMD_TESTS_SYNC_RUN_SCRIPT_H
#define SCIMD_TESTS_SYNC_RUN_SCRIPT_H

#include <jansson.h>

#include "connectors/connector.h"

extern const struct connector run_script_connector; /* type "ad": its mapping is the default */

/* What the next pulls yield; borrowed until the next call. */
void run_script_play(const json_t *pages);
/* What the source counts at its end; -1: it doesn't. */
void run_script_expect(int64_t users, int64_t groups);

#endif
