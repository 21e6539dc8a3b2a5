/* The common attributes (RFC 7643 section 3.1) and `schemas`: part of every resource, of no schema.
 * path_id is digest_number() of the path in lower case, worked out beforehand so that all of this
 * is constant; the test holds the two together. */
#include "scim/schema_common.h"

#include "base/cleanup.h"
#include "base/text.h"

#define COMMON(name_, key_, ...)                                                                   \
    {                                                                                              \
        .name = (name_), .name_key = (key_), .name_length = sizeof(name_) - 1, .filterable = true, \
        __VA_ARGS__                                                                                \
    }

/* clang-format off */
static const struct attribute meta_subs[] = {
    COMMON("resourceType", "resourcetype", .type = ATTRIBUTE_STRING, .mutability = READ_ONLY,
           .case_exact = true, .parent = &schema_common_attributes[SCHEMA_COMMON_META],
           .path = "meta.resourceType", .path_id = INT64_C(3817765491014281908)),
    COMMON("created", "created", .type = ATTRIBUTE_DATETIME, .mutability = READ_ONLY,
           .parent = &schema_common_attributes[SCHEMA_COMMON_META],
           .path = "meta.created", .path_id = INT64_C(5732292425886032305)),
    COMMON("lastModified", "lastmodified", .type = ATTRIBUTE_DATETIME, .mutability = READ_ONLY,
           .parent = &schema_common_attributes[SCHEMA_COMMON_META],
           .path = "meta.lastModified", .path_id = INT64_C(5530832902035202256)),
    COMMON("location", "location", .type = ATTRIBUTE_REFERENCE, .mutability = READ_ONLY,
           .case_exact = true, .parent = &schema_common_attributes[SCHEMA_COMMON_META],
           .path = "meta.location", .path_id = INT64_C(8995915325667398662)),
    COMMON("version", "version", .type = ATTRIBUTE_STRING, .mutability = READ_ONLY,
           .case_exact = true, .parent = &schema_common_attributes[SCHEMA_COMMON_META],
           .path = "meta.version", .path_id = INT64_C(483019477088410870)),
};

static const struct attribute *const meta_subs_by_key[] = {
    &meta_subs[1], &meta_subs[4], &meta_subs[3], &meta_subs[2], &meta_subs[0],
};

const struct attribute schema_common_attributes[SCHEMA_COMMON_COUNT] = {
    [SCHEMA_COMMON_SCHEMAS] = COMMON(
        "schemas", "schemas", .type = ATTRIBUTE_REFERENCE, .mutability = READ_ONLY,
        .returned = RETURNED_ALWAYS, .multi_valued = true, .case_exact = false,
        .path = "schemas", .path_id = INT64_C(9038981866326056114)),
    [SCHEMA_COMMON_ID] = COMMON(
        "id", "id", .type = ATTRIBUTE_STRING, .mutability = READ_ONLY,
        .returned = RETURNED_ALWAYS, .uniqueness = UNIQUENESS_SERVER, .case_exact = true,
        .path = "id", .path_id = INT64_C(2693510086166754238)),
    [SCHEMA_COMMON_EXTERNAL_ID] = COMMON(
        "externalId", "externalid", .type = ATTRIBUTE_STRING, .mutability = READ_WRITE,
        .case_exact = true, .path = "externalId", .path_id = INT64_C(8118313437118339268)),
    [SCHEMA_COMMON_META] = COMMON(
        "meta", "meta", .type = ATTRIBUTE_COMPLEX, .mutability = READ_ONLY,
        .subs = meta_subs, .sub_count = ARRAY_LENGTH(meta_subs),
        .subs_by_key = meta_subs_by_key, .path = "meta", .path_id = INT64_C(7654948653660925440)),
};
/* clang-format on */

const struct attribute *schema_common_attribute(const char *name, size_t length)
{
    for (size_t i = 0; i < SCHEMA_COMMON_COUNT; i++) {
        const struct attribute *attribute = &schema_common_attributes[i];

        if (length == attribute->name_length && text_equals_ascii(name, length, attribute->name))
            return attribute;
    }
    return NULL;
}
