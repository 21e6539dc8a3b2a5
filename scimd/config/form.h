/* form.h - what the texts among the settings must look like. */
#ifndef SCIMD_CONFIG_FORM_H
#define SCIMD_CONFIG_FORM_H

#include <stdbool.h>

bool form_is_address(const char *text);  /* IPv4 or IPv6, in numbers */
bool form_is_network(const char *text);  /* an address, or address/prefix without bits behind it */
bool form_is_loopback(const char *text); /* of an address */
bool form_is_path(const char *text);     /* absolute, without control bytes */
bool form_is_socket(const char *text);   /* a path that fits into struct sockaddr_un */
bool form_is_file(const char *text);     /* a path, or credential:NAME */
bool form_is_base_url(const char *text); /* "", or http(s)://host[:port][/path] */

#endif
