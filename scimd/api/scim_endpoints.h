/* scim_endpoints.h - the handlers that scim_routes.c puts in its table.
 *
 * A handler fills exchange->response and returns 0, or returns -1 with *err and leaves the answer
 * to its caller. */
#ifndef SCIMD_API_SCIM_ENDPOINTS_H
#define SCIMD_API_SCIM_ENDPOINTS_H

#include "api/scim_exchange.h"

typedef int scim_endpoint(struct scim_exchange *exchange, struct err *err);

scim_endpoint scim_create, scim_read, scim_replace, scim_patch, scim_delete; /* scim_resource.c */
scim_endpoint scim_list, scim_search, scim_search_root;                      /* scim_list.c */
scim_endpoint scim_bulk;                                                     /* scim_bulk.c */
scim_endpoint scim_service_provider_config, scim_resource_types, scim_resource_type, scim_schemas,
    scim_schema; /* scim_discovery.c */
scim_endpoint scim_me;

#endif
