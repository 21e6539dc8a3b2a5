/* forwarded.h - who the client is and how it sees us, also from behind a reverse proxy.
 *
 * Pure.  X-Forwarded-* is believed only from trusted_proxies.  RFC 7239's Forwarded is not read:
 * a proxy that sets the one passes the client's other on. */
#ifndef SCIMD_HTTP_FORWARDED_H
#define SCIMD_HTTP_FORWARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "http/head.h"

#define ADDRESS_BYTES 16       /* IPv6, or IPv4 mapped into it */
#define ADDRESS_TEXT_BYTES 46  /* INET6_ADDRSTRLEN */
#define FORWARDED_HOST_MAX 262 /* 255 of a name, ':' and a port, and a spare */

struct address {
    uint8_t bytes[ADDRESS_BYTES];
};

struct address_range {
    struct address first;
    unsigned bits;
};

/* All the rows of trusted_proxies. */
struct proxies {
    const struct address_range *ranges;
    size_t count;
};

/* "10.0.0.0/8", "::1".  Errors: ERR_CONFIGURATION. */
int address_range_parse(const char *text, struct address_range *out, struct err *err);
/* Also "192.0.2.1:443" and "[::1]:443", as some proxies write X-Forwarded-For. */
bool address_parse(const char *text, size_t length, struct address *out);
/* Of a peer; false where it has none (Unix sockets).  `text` is without the IPv4 mapping. */
bool address_of_socket(const struct sockaddr *socket, struct address *out,
                       char text[ADDRESS_TEXT_BYTES]);
bool address_is_trusted(const struct proxies *proxies, const struct address *address);

/* The rightmost address of X-Forwarded-For that is not a trusted proxy's: what stands left of it,
 * the client may have written itself.  Without its port; `peer` where there is none. */
const char *forwarded_peer(const struct proxies *proxies, const struct head *head,
                           const char *peer);

/* host [":" port], a bracketed IPv6 address included; nothing that could break out of a URL. */
bool host_is_valid(const char *host, size_t length);

/* "scheme://host[:port]" in head->arena: from X-Forwarded-Proto, -Host and -Port where `trusted`
 * (the last value of each: the nearest proxy wrote it), else from Host; `fallback` where the client
 * sent none (HTTP/1.0).  Errors: ERR_BAD_REQUEST; detail names the header. */
int forwarded_origin(const struct head *head, const char *scheme, bool trusted,
                     const char *fallback, const char **out, struct err *err);

#endif
