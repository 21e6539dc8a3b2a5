/* limits.h - how much a client may ask of us.  The configuration fills it; scim/ obeys it. */
#ifndef SCIMD_SCIM_LIMITS_H
#define SCIMD_SCIM_LIMITS_H

#include <stddef.h>

struct scim_limits {
    size_t body_bytes;       /* a request's body;                        default 1 MiB  */
    size_t json_depth;       /* nested arrays and objects;               default 32     */
    size_t string_bytes;     /* one string value;                        default 64 KiB */
    size_t value_count;      /* values in one resource, all attributes;  default 2000; members don't
                                count */
    size_t member_count;     /* members named in one request;            default 100000 */
    size_t filter_bytes;     /* text of a filter;                        default 4096   */
    size_t filter_nodes;     /* comparisons and connectives;             default 100    */
    size_t patch_operations; /* in one PATCH;                            default 1000   */
    size_t bulk_operations;  /* published as bulk.maxOperations;         default 1000   */
    size_t bulk_bytes;       /* published as bulk.maxPayloadSize;        default 1 MiB  */
    size_t page_default;     /* resources on a page when count is absent; default 100   */
    size_t page_max;         /* published as filter.maxResults;          default 1000   */
};

extern const struct scim_limits scim_limits_default;

#endif
