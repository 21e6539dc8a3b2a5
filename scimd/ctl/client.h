/* client.h - JSON over the admin socket.  Only user of libcurl in scimctl. */
#ifndef SCIMD_CTL_CLIENT_H
#define SCIMD_CTL_CLIENT_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct client;

/* Nothing is connected yet.  `socket` must outlive the client. */
int client_new(const char *socket, struct client **out, struct err *err);
void client_free(struct client *client); /* NULL is allowed */

struct client_request {
    const char *method;
    const char *path; /* "/v1/tenants/acme": from client_path() */
    const char *body; /* JSON text, or NULL */
    size_t length;
};

/* Asks and waits.  *out is the caller's; NULL out: the answer is not wanted.
 * Errors: the daemon's own, by its name and detail; ERR_UNAVAILABLE: nobody answers on the socket,
 * and detail says what to look at. */
int client_call(struct client *client, const struct client_request *request, json_t **out,
                struct err *err);

struct client_parameter {
    const char *name;
    const char *value; /* NULL: left out */
};
/* The path of `segments` with a query; the caller's (free). */
char *client_query(const char *const *segments, const struct client_parameter *parameters,
                   size_t count);

/* "/v1" and segments, each percent-encoded; the list ends with NULL; the caller's (free). */
char *client_path(const char *const *segments);

#endif
