/* turn.h - one transaction of a run, and the objects it is about.  Internal to sync/.
 *
 * A turn is prepared outside of its transaction: links are read and objects mapped where nobody
 * waits for us.  That is safe, because only the holder of the lease writes a source's links, and
 * the transaction proves the lease.  The transaction may run more than once: it starts from what
 * was prepared each time. */
#ifndef SCIMD_SYNC_TURN_H
#define SCIMD_SYNC_TURN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "directory/directory.h"
#include "store/links.h"
#include "store/sync_rows.h"
#include "sync/compose.h"
#include "sync/mapping_places.h"
#include "sync/run.h"

#define TURN_BUCKETS 512

/* What is the same for all turns of a run. */
struct sync {
    const struct run_order *order;
    void *session;                                       /* the connector's; NULL: not open */
    struct compose_places places[3];                     /* by RESOURCE_TYPE_* */
    const struct mapping_reference_place *references[3]; /* likewise */
    size_t reference_count[3];
    uint8_t mapping_digest[DIGEST_BYTES];
    struct arena *arena; /* owned; of the run */

    /* As committed. */
    struct run_counters counters;
    enum run_phase phase;
    bool full;
    int64_t page;
    struct buf cursor;      /* bytes; of deltas */
    struct buf pass_cursor; /* of the pass under way */
    char doubt[512];
    bool staged;       /* something may be staged under the plan */
    int open_sets;     /* groups whose set is read in part */
    bool resumed;      /* another process may have left sets open */
    bool strangers[3]; /* there are resources that are not this source's: worth matching */
    /* Objects of a full pass that its own rows don't show: of a dry run. */
    int64_t *dry_seen; /* owned; keys of links */
    size_t dry_seen_count;
    size_t dry_seen_capacity;
    int64_t dry_new[3]; /* objects without a link */
    int64_t expected[3];
    int restarts;
    bool left; /* it was stopped, cancelled, or its lease lost */
};

/* One object of the source. */
struct object {
    const char *source_id;
    int type;            /* RESOURCE_TYPE_* */
    struct link_row was; /* pk 0: there is no link */
    struct object *next; /* of its bucket */

    /* What the source says, folded. */
    bool spoken; /* upsert or delete; else it is here for a group's sake */
    bool deleted;
    bool returned;      /* deleted, and said again behind that */
    bool reviewed;      /* looked at again, whether it changed or not */
    json_t *attributes; /* the turn's */
    const char *text;   /* as it is stored */
    char fingerprint[DIGEST_HEX_BYTES];
    bool unchanged;

    /* Mapped, where it changed. */
    bool mapped;
    bool usable;
    json_t *mapped_before; /* the link's document; NULL: none */
    json_t *desired;       /* less references */
    json_t *refs;          /* [{"target":.., "source_id":..}] */
    int64_t stale_at_us;
    const char *mapped_problem;

    /* Of this run of the transaction. */
    const char *problem;
    json_t *before; /* what this source has brought so far; NULL: nothing */
    struct link_row link;
    bool stored;        /* has a row */
    bool dirty;         /* to be written */
    bool arrived;       /* has a resource, and had none */
    const char *new_id; /* chosen for a resource that is to be made */
};

struct turn {
    struct sync *sync;
    struct arena *arena;   /* prepared; until the turn ends */
    struct arena *scratch; /* of one run of the transaction */
    struct object **objects;
    size_t count;
    size_t capacity;
    struct object *buckets[TURN_BUCKETS];
    json_t **kept; /* owned; released with the turn */
    size_t kept_count;
    size_t kept_capacity;
    int64_t now_us;
    const struct page *page; /* the last piece of it; else NULL */
    bool careful; /* ask for unique values before they are written, as the database refused one */
    const struct err *refusal; /* why it refuses the one object of this turn; or NULL */

    /* Of this run of the transaction. */
    struct directory_writer *writer;
    struct session *session;
    struct run_counters counters;
    bool staged;
    int open_sets;
};

void turn_init(struct turn *turn, struct sync *sync);
void turn_free(struct turn *turn);
/* At the beginning of each run of the transaction. */
void turn_start(struct turn *turn, struct directory_writer *writer);

/* The same without one: to look, not to write. */
void turn_read(struct turn *turn, struct session *session);

/* The object of that id; made where the turn has none. */
struct object *turn_object(struct turn *turn, const char *source_id, int type);
struct object *turn_find(const struct turn *turn, const char *source_id); /* or NULL */
/* Takes the value: it is released with the turn. */
json_t *turn_keep(struct turn *turn, json_t *value);
json_t *turn_parse(struct turn *turn, const char *text); /* NULL for NULL and for what is damaged */

/* Reads the links of all objects that have none yet; heads only, or whole ones of `whole`. */
int turn_load(struct turn *turn, struct session *session, struct err *err);
int turn_load_whole(struct turn *turn, struct session *session, struct err *err);

/* Writes links that changed, in bulk. */
int turn_flush(struct turn *turn, struct err *err);

int64_t turn_plan(const struct turn *turn);
/* Whose sets these are: the source's, whose pull may go on in another run, or a number of its own
 * where the run is none of its pulls. */
int64_t turn_sets(const struct turn *turn);
bool turn_is_dry(const struct turn *turn);
/* Drops what is staged for an object, if anything can be. */
int turn_unstage(struct turn *turn, enum staged_kind kind, const char *source_id, struct err *err);
int turn_stage(struct turn *turn, const struct staged_row *row, struct err *err);

/* The number of a kind of object. */
int turn_type(enum object_kind object);

#endif
