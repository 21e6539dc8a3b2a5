/* lines.h - what a connector yields as lines of JSON on standard output. */
#ifndef SCIMD_TESTS_CONNECTORS_LINES_H
#define SCIMD_TESTS_CONNECTORS_LINES_H

#include <jansson.h>

#include "connectors/connector.h"

/* Takes `line`. */
void lines_print(json_t *line);

void lines_error(const struct err *err);
void lines_changes(const struct page *page);
void lines_findings(const struct findings *findings);

/* "secret:NAME" is the environment's NAME; a connector_secret_source. */
int lines_secret(void *context, const char *name, struct secret *out, struct err *err);

#endif
