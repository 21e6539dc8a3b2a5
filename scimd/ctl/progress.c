#include "ctl/progress.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/moment.h"

#define US_PER_S INT64_C(1000000)
#define BAR_MIN 10 /* cells; a shorter one shows nothing */

/* Objects a second since the beginning; 0 in the first second, when it is mere chance. */
static int64_t rate_of(const struct progress *progress, int64_t now_us)
{
    int64_t elapsed_us = now_us - progress->began_us;

    return elapsed_us < US_PER_S
               ? 0
               : (int64_t)((double)progress->done * (double)US_PER_S / (double)elapsed_us);
}

static void append_rate(const struct progress *progress, int64_t now_us, struct buf *line)
{
    int64_t rate = rate_of(progress, now_us);
    char text[MOMENT_BYTES];

    if (rate > 0)
        buf_printf(line, "  %s/s", moment_count(rate, text));
}

/* What follows the bar where the total is known. */
static void append_share(const struct progress *progress, int64_t now_us, struct buf *line)
{
    int64_t rate = rate_of(progress, now_us);
    int64_t left = progress->expected - progress->done;
    char done[MOMENT_BYTES];
    char expected[MOMENT_BYTES];

    buf_printf(line, "  %s of %s", moment_count(progress->done, done),
               moment_count(progress->expected, expected));
    append_rate(progress, now_us, line);
    if (rate > 0 && left > 0)
        buf_printf(line, "  %s left", moment_span(left * US_PER_S / rate, done));
}

static void append_tally(const struct progress *progress, int64_t now_us, struct buf *line)
{
    char text[MOMENT_BYTES];

    buf_printf(line, "  %s read", moment_count(progress->done, text));
    append_rate(progress, now_us, line);
    buf_printf(line, "  for %s", moment_span(now_us - progress->began_us, text));
}

/* Of 1,000; a source that counts too low doesn't make more than all. */
static int64_t share_of(const struct progress *progress)
{
    double share = 1000.0 * (double)progress->done / (double)progress->expected;

    return share > 1000.0 ? 1000 : (int64_t)share;
}

static void append_bar(int64_t share, size_t cells, struct buf *line)
{
    size_t full = (size_t)share * cells / 1000;

    buf_puts(line, " [");
    for (size_t i = 0; i < cells; i++)
        buf_putc(line, i < full ? '#' : '-');
    buf_putc(line, ']');
}

void progress_render(const struct progress *progress, int64_t now_us, unsigned columns,
                     struct buf *line)
{
    CLEANUP(buf_free) struct buf text = {0};
    size_t used;
    int64_t share;

    buf_puts(&text, progress->label);
    if (progress->expected <= 0) {
        append_tally(progress, now_us, &text);
    } else {
        CLEANUP(buf_free) struct buf after = {0};

        share = share_of(progress);
        buf_printf(&after, "  %" PRId64 " %%", share / 10);
        append_share(progress, now_us, &after);
        used = text.length + after.length + strlen(" []");
        if (columns >= used + BAR_MIN)
            append_bar(share, columns - used > PROGRESS_BAR_MAX ? PROGRESS_BAR_MAX : columns - used,
                       &text);
        buf_puts(&text, buf_text(&after));
    }
    buf_append(line, text.bytes, columns > 0 && text.length > columns ? columns : text.length);
}
