/* source_file.h - what an administrator says about a source: the YAML file as a struct.
 *
 * Pure.  All is checked here that can be checked without asking the source: unknown keys and types,
 * schedules that never come, transforms and attributes that there are not, a guard that is none.
 * What is stored is the file in normal form (JSON, keys in a fixed order, no comments, no
 * defaults), which is read back by the same function: JSON is YAML.
 *
 *   name           of the connection: [a-z0-9] and inner "-"
 *   type           a connector
 *   schedule       of delta runs; full_schedule: of complete passes; "never": only when asked
 *   timezone       of both; UTC
 *   settings       the connector's rows, likewise scope
 *   mapping        what differs from the type's default (mapping.h), group_mapping for groups
 *   match          [sourceId], then userName or email: how a person that is there already is found
 *   removal        {action: deactivate|delete|keep, delete_after: 30d}
 *   guard          {percent: 10, count: 50}, and the same for one kind: {members: {percent: 30}};
 *                  kinds are users, groups, members, values
 *   canaries       source ids that a healthy pass must contain
 *   protect        SCIM ids or userNames that no run may remove
 *   precedence     of several sources of one person, the lowest number's values hold; of single
 *                  attributes: {default: 100, title: 10} */
#ifndef SCIMD_SYNC_SOURCE_FILE_H
#define SCIMD_SYNC_SOURCE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "connectors/connector.h"
#include "scim/schema.h"
#include "sync/guard.h"
#include "sync/mapping.h"
#include "sync/protect.h"
#include "sync/schedule.h"
#include "sync/source_yaml.h"

#define SOURCE_SCHEDULE_DEFAULT "every 15m"
#define SOURCE_FULL_SCHEDULE_DEFAULT "@daily"
#define SOURCE_PRECEDENCE_DEFAULT 100
#define SOURCE_PRECEDENCE_MAX 1000
#define SOURCE_TEXT_MAX 1024 /* bytes of an entry of canaries or protect */
#define SOURCE_LIST_MAX 10000
#define SOURCE_GUARD_COUNT_MAX 1000000000
#define SOURCE_SECRET_NAME_MAX 64
#define SOURCE_DELETE_AFTER_S_MAX ((int64_t)10 * 366 * 86400)
#define SOURCE_NEVER INT64_MAX

enum source_match { MATCH_SOURCE_ID, MATCH_USER_NAME, MATCH_EMAIL, MATCH_KINDS };
enum source_removal { REMOVAL_DEACTIVATE, REMOVAL_DELETE, REMOVAL_KEEP };

struct source_precedence {
    const char *path; /* attribute.path of a top-level attribute */
    int64_t precedence;
};

struct source_texts {
    const char *const *items;
    size_t count;
};

struct source_definition {
    const char *name;
    const struct connector *connector;
    const struct schedule *schedule; /* NULL: only when asked */
    const struct schedule *full_schedule;
    /* {"settings": .., "scope": ..}, for struct connector_settings; a connector with a list
     * settings.attributes finds what the mappings read there, too. */
    const json_t *values;
    const struct mapping *users;
    const struct mapping *groups;
    enum source_match match[MATCH_KINDS]; /* in order; the first is MATCH_SOURCE_ID */
    size_t match_count;
    enum source_removal removal;
    int64_t delete_after_us; /* deactivated people are deleted then; SOURCE_NEVER */
    struct guard_settings guards[GUARD_KINDS];
    struct source_texts canaries;
    const struct protection *protection;
    int64_t precedence;
    const struct source_precedence *precedences; /* of single attributes */
    size_t precedence_count;

    struct source_texts secrets;  /* names that "secret:NAME" asks for, each once */
    struct source_texts warnings; /* "FILE:LINE: what": a secret that stands in clear */
    const char *json;             /* the normal form */
    size_t json_length;
};

struct source_reader {
    const struct schema_set *schemas; /* of the tenant; held until the definition is freed */
    const struct connector *const *connectors; /* connector_all() */
};

/* Lifetime: *out and all it points to are the caller's, for source_definition_free().
 * Errors:   ERR_CONFIGURATION; detail is "FILE:LINE: what". */
int source_file_read(const struct source_reader *reader, const struct source_text *text,
                     struct source_definition **out, struct err *err);
void source_definition_free(struct source_definition *definition); /* NULL is allowed */
void source_definition_freep(struct source_definition **definition);

#endif
