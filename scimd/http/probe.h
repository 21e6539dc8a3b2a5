/* probe.h - asks our own Unix socket whether a thread answers; for the watchdog. */
#ifndef SCIMD_HTTP_PROBE_H
#define SCIMD_HTTP_PROBE_H

#include <stdbool.h>

/* Sends GET /healthz; true if a 200 came within `timeout_ms`. */
bool http_probe(const char *unix_path, unsigned timeout_ms);

#endif
