#include "scim/limits.h"

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

const struct scim_limits scim_limits_default = {
    .body_bytes = MIB,
    .json_depth = 32,
    .string_bytes = 64 * KIB,
    .value_count = 2000,
    .member_count = 100000,
    .filter_bytes = 4096,
    .filter_nodes = 100,
    .patch_operations = 1000,
    .bulk_operations = 1000,
    .bulk_bytes = MIB,
    .page_default = 100,
    .page_max = 1000,
};
