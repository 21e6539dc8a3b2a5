/* staged.h - staged rows with the objects they are about.  Internal to sync/. */
#ifndef SCIMD_SYNC_STAGED_H
#define SCIMD_SYNC_STAGED_H

#include "sync/turn.h"

#define STAGED_PIECE 100 /* rows of one turn */

/* Rows of the run's plan in their order, a piece at a time. */
struct staged_piece {
    struct turn turn;
    const struct staged_row *rows; /* in the turn's arena */
    size_t count;
};

int64_t staged_plan(const struct sync *sync);

/* Opens a piece behind `after`, with links and staged documents of its objects; staged_close()
 * always. */
int staged_open(struct sync *sync, const struct staged_place *after, size_t limit,
                struct staged_piece *piece, struct err *err);
void staged_close(struct staged_piece *piece);

/* The object of a row; of a membership its group. */
struct object *staged_object(const struct staged_piece *piece, const struct staged_row *row);

#endif
