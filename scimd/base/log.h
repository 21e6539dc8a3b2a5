/* log.h - one event, one line: `event key=value` or JSON.
 *
 * Only the layer that decides what happens next logs.  Never a token, a password or an attribute
 * value. The level is the only mutable global of the program. */
#ifndef SCIMD_BASE_LOG_H
#define SCIMD_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
    const char *key;  /* NULL ends the list */
    const char *text; /* NULL: `number` counts */
    int64_t number;
};

/* Fields of log_event().  A NULL text is logged as "-". */
#define LOG_TEXT(key_, text_) ((struct log_field){.key = (key_), .text = log_or_dash(text_)})
#define LOG_INT(key_, number_) ((struct log_field){.key = (key_), .number = (int64_t)(number_)})

/* log_event(LOG_LEVEL_INFO, "http.request", LOG_TEXT("method", m), LOG_INT("status", s)); */
#define log_event(level, event, ...)                                                               \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__, {.key = NULL}})

/* Writes one line to standard error with one write(2).  Text with blanks, quotes or control bytes
 * is quoted and escaped, so that input cannot forge a line.  Under journald (JOURNAL_STREAM) the
 * line carries a <N> priority prefix and no time. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

void log_set_level(enum log_level level);
void log_set_format(enum log_format format);
bool log_is_on(enum log_level level);
const char *log_or_dash(const char *text);

#endif
