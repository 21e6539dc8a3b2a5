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
bool form_is_optional_file(const char *text);   /* "", or a file */
bool form_is_database_prefix(const char *text); /* at most 31 of a-z, 0-9 and _, first a letter */
bool form_is_role(const char *text);            /* at most 63 letters, digits, _ and - */
bool form_is_optional_role(const char *text);
bool form_is_base_url(const char *text); /* "", or http(s)://host[:port][/path] */

#endif
