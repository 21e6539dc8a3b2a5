#include "ctl/follow.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/moment.h"
#include "ctl/output.h"
#include "ctl/progress.h"

#define LOOK_MS 500     /* between two looks at a run */
#define LINE_S 5        /* between two lines where no terminal shows a bar */
#define COLUMNS_ELSE 80 /* of a terminal that doesn't say */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* Ctrl-C ends the watching, not this program in the middle of a line. */
static void catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
}

static void pause_ms(long milliseconds)
{
    const struct timespec pause = {.tv_sec = milliseconds / 1000,
                                   .tv_nsec = milliseconds % 1000 * 1000000};

    if (!interrupted)
        (void)nanosleep(&pause, NULL);
}

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text != NULL ? text : "";
}

static int64_t number_of(const json_t *object, const char *member)
{
    return json_integer_value(json_object_get(object, member));
}

void follow_append_counters(const json_t *counters, struct buf *out)
{
    static const struct {
        const char *member;
        const char *what;
    } rows[] = {
        {"seen",            "read"                },
        {"created",         "created"             },
        {"updated",         "updated"             },
        {"deactivated",     "deactivated"         },
        {"deleted",         "deleted"             },
        {"members_added",   "memberships added"   },
        {"members_removed", "memberships ended"   },
        {"blanked",         "attributes blanked"  },
        {"refused",         "with a problem"      },
        {"protected",       "protected"           },
        {"staged",          "waiting for approval"}
    };
    char text[MOMENT_BYTES];
    bool any = false;

    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int64_t count = number_of(counters, rows[i].member);
        if (count == 0)
            continue;
        buf_printf(out, "%s%s %s", any ? ", " : "", moment_count(count, text), rows[i].what);
        any = true;
    }
    if (!any)
        buf_puts(out, "nothing read");
}

static unsigned terminal_columns(void)
{
    struct winsize size = {0};

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return COLUMNS_ELSE;
    return size.ws_col;
}

static void show_progress(const json_t *run, bool on_terminal)
{
    CLEANUP(buf_free) struct buf label = {0};
    CLEANUP(buf_free) struct buf line = {0};
    const json_t *counters = json_object_get(run, "counters");
    struct progress progress = {.done = number_of(counters, "seen"),
                                .expected = number_of(counters, "expected")};
    const char *started = text_of(run, "started");

    buf_printf(&label, "run %" PRId64 ", %s of %s", number_of(run, "id"), text_of(run, "kind"),
               text_of(run, "source"));
    progress.label = buf_text(&label);
    if (!clock_parse(started, strlen(started), &progress.began_us))
        progress.began_us = clock_now_us();
    progress_render(&progress, clock_now_us(), on_terminal ? terminal_columns() : 0, &line);
    (void)fprintf(stderr, on_terminal ? "\r%s\033[K" : "%s\n", buf_text(&line));
    (void)fflush(stderr);
}

static void hide_progress(bool on_terminal)
{
    if (on_terminal)
        (void)fputs("\r\033[K", stderr);
}

static void tell_held(const json_t *run)
{
    int64_t id = number_of(run, "id");
    const char *words = text_of(run, "words");
    const char *summary = text_of(run, "summary");
    const char *hash = text_of(run, "hash");

    if (*words != '\0') {
        (void)fputs("  why:     ", stdout);
        output_put(stdout, words);
        (void)putchar('\n');
    }
    if (*summary != '\0') {
        (void)fputs("  plan:    ", stdout);
        output_put(stdout, summary);
        (void)putchar('\n');
    }
    (void)printf("  look:    scimctl run plan %" PRId64 "\n"
                 "  approve: scimctl run approve %" PRId64 " --plan %s\n"
                 "  refuse:  scimctl run reject %" PRId64 "\n",
                 id, id, hash, id);
}

static void tell_ended(const json_t *run, const char *state)
{
    CLEANUP(buf_free) struct buf counters = {0};
    bool held = strcmp(state, "held") == 0;
    bool dry = json_is_true(json_object_get(run, "dryRun"));

    follow_append_counters(json_object_get(run, "counters"), &counters);
    (void)printf("run %" PRId64 " of %s/%s %s %s%s: %s\n", number_of(run, "id"),
                 text_of(run, "tenant"), text_of(run, "source"),
                 strcmp(state, "failed") == 0 ? "has" : "is", state,
                 held && dry ? ", a dry run that wrote nothing" : "", buf_text(&counters));
    if (held) {
        tell_held(run);
    } else if (*text_of(run, "words") != '\0') {
        (void)fputs("  ", stdout);
        output_put(stdout, text_of(run, "words"));
        (void)putchar('\n');
    }
}

int follow_tell(const struct invocation *invocation, const json_t *run)
{
    const char *state = text_of(run, "state");

    if (invocation->options.json)
        output_json(run);
    else
        tell_ended(run, state);
    if (strcmp(state, "held") == 0)
        return STATUS_HELD;
    return strcmp(state, "applied") == 0 || strcmp(state, "running") == 0 ? STATUS_DONE
                                                                          : STATUS_FAILED;
}

static int tell_interrupted(int64_t run)
{
    (void)fprintf(stderr, "The run goes on; look again: scimctl run show %" PRId64 " --follow\n",
                  run);
    return STATUS_INTERRUPTED;
}

int follow_run(struct invocation *invocation, int64_t id, struct err *err)
{
    bool on_terminal = isatty(STDERR_FILENO) == 1;
    int64_t next_line_us = clock_monotonic_us() + (int64_t)LINE_S * 1000000;
    char number[32];

    (void)snprintf(number, sizeof(number), "%" PRId64, id);
    catch_interrupt();
    while (!interrupted) {
        CLEANUP(json_decrefp) json_t *run = NULL;

        if (command_call(invocation, "GET", SEGMENTS("runs", number), NULL, &run, err) < 0)
            return -1;
        if (strcmp(text_of(run, "state"), "running") != 0) {
            hide_progress(on_terminal);
            return follow_tell(invocation, run);
        }
        if (on_terminal || clock_monotonic_us() >= next_line_us) {
            show_progress(run, on_terminal);
            next_line_us = clock_monotonic_us() + (int64_t)LINE_S * 1000000;
        }
        pause_ms(LOOK_MS);
    }
    hide_progress(on_terminal);
    return tell_interrupted(id);
}

int follow_newest(struct invocation *invocation, const struct followed_source *source, int64_t *run,
                  struct err *err)
{
    const struct client_parameter parameters[] = {
        {"tenant", source->tenant},
        {"source", source->name  },
        {"limit",  "1"           }
    };
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_ask(invocation,
                    client_query(SEGMENTS("runs"), parameters, ARRAY_LENGTH(parameters)), &answer,
                    err) < 0)
        return -1;
    *run = number_of(json_array_get(json_object_get(answer, "runs"), 0), "id");
    return 0;
}

int follow_begin(struct invocation *invocation, const struct followed_source *source, int64_t *run,
                 struct err *err)
{
    int64_t told_us = clock_monotonic_us() + (int64_t)LINE_S * 1000000;

    catch_interrupt();
    *run = 0;
    while (!interrupted) {
        int64_t newest = 0;

        if (follow_newest(invocation, source, &newest, err) < 0)
            return -1;
        if (newest > source->after) {
            *run = newest;
            return 0;
        }
        if (clock_monotonic_us() >= told_us) {
            (void)fprintf(stderr, "waiting for the run to begin: scimctl source show %s/%s\n",
                          source->tenant, source->name);
            told_us = INT64_MAX;
        }
        pause_ms(LOOK_MS);
    }
    (void)fprintf(stderr, "The run will begin; look again: scimctl run list %s/%s\n",
                  source->tenant, source->name);
    return 0;
}
