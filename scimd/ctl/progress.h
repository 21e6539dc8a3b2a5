/* progress.h - how far a run is, as one line.  Pure: time and room are arguments. */
#ifndef SCIMD_CTL_PROGRESS_H
#define SCIMD_CTL_PROGRESS_H

#include <stdint.h>

#include "base/buf.h"

#define PROGRESS_BAR_MAX 40 /* cells */

struct progress {
    const char *label; /* "full pass of corp-ad" */
    int64_t began_us;
    int64_t done;
    int64_t expected; /* 0: nobody knows */
};

/* Appends a line without its end, of at most `columns` characters; 0: as long as it is, and
 * without a bar, for logs.
 *
 *   full pass of corp-ad [########--------]  50 %  50,000 of 100,000  1,250/s  40 s left
 *   full pass of corp-ad  50,000 read  1,250/s  for 40 s */
void progress_render(const struct progress *progress, int64_t now_us, unsigned columns,
                     struct buf *line);

#endif
