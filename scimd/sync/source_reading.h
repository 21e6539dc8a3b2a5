/* source_reading.h - a source file while it is read.  Internal to source_*.c. */
#ifndef SCIMD_SYNC_SOURCE_READING_H
#define SCIMD_SYNC_SOURCE_READING_H

#include "sync/source_file.h"
#include "sync/transform.h"

struct source_reading {
    const struct source_reader *reader;
    const struct source_text *text;
    const struct source_node *root;
    struct arena *arena;
    struct source_definition *out;
    json_t *normal;            /* what of the file was read */
    json_t *defaults;          /* the type's mapping; NULL: none */
    struct schedule *schedule; /* owned, until the definition has them */
    struct schedule *full_schedule;
    struct values secrets;
    struct values warnings;
    struct err *err;
};

/* A key of the file: reads its value. */
typedef int (*source_key_read)(struct source_reading *reading, const struct source_node *node);

/* "FILE:LINE: what". */
int source_refuse(const struct source_reading *reading, const struct source_node *node,
                  const char *what, ...) __attribute__((format(printf, 3, 4)));

/* "FILE:LINE: KEY: expected WHAT, not VALUE". */
int source_expected(const struct source_reading *reading, const struct source_node *node,
                    const char *what);

/* "KEY: " as part of a message; "" for an entry of a list. */
const char *source_key_of(const struct source_reading *reading, const struct source_node *node);

/* Refuses members that are in none of `names`, which NULL ends. */
int source_check_keys(const struct source_reading *reading, const struct source_node *mapping,
                      const char *const *names);

/* source_keys.c */
int source_read_name(struct source_reading *reading, const struct source_node *node);
int source_read_type(struct source_reading *reading, const struct source_node *node);
int source_read_time_zone(struct source_reading *reading, const struct source_node *node);
int source_read_schedule(struct source_reading *reading, const struct source_node *node);
int source_read_full_schedule(struct source_reading *reading, const struct source_node *node);
int source_read_match(struct source_reading *reading, const struct source_node *node);
int source_read_removal(struct source_reading *reading, const struct source_node *node);
int source_read_guard(struct source_reading *reading, const struct source_node *node);
int source_read_canaries(struct source_reading *reading, const struct source_node *node);
int source_read_protect(struct source_reading *reading, const struct source_node *node);
int source_read_precedence(struct source_reading *reading, const struct source_node *node);

/* source_settings.c: `settings` and `scope` at once; either may be absent. */
int source_read_settings(struct source_reading *reading);
/* After the mappings: a connector that is told what to read is told what they read. */
void source_add_attributes(struct source_reading *reading);

#endif
