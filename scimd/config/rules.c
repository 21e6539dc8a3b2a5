#include "config/rules.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "config/form.h"

#include <string.h>

static bool is_safe_transport(const struct settings *settings)
{
    return !settings->listen.plain || form_is_loopback(settings->listen.address);
}

static bool has_connection_per_thread(const struct settings *settings)
{
    return settings->listen.connections >= settings->listen.threads;
}

static bool is_default_page_allowed(const struct settings *settings)
{
    return settings->limits.page_default <= settings->limits.page_max;
}

static bool has_connection(const struct settings *settings)
{
    return settings->database.driver == SETTINGS_DRIVER_SQLITE ||
           settings->database.connection_file[0] != '\0';
}

static bool has_no_idle_connection(const struct settings *settings)
{
    return settings->database.driver != SETTINGS_DRIVER_SQLITE ||
           settings->database.connection_file[0] == '\0';
}

/* Blame goes to the first of the two that stands in the file: the other one is a default. */
static const struct rule {
    bool (*holds)(const struct settings *settings);
    const char *names[2];
    const char *what;
} rules[] = {
    {is_safe_transport,
     {"listen.plain", "listen.address"},
     "listen.plain: HTTP without TLS needs a loopback address in listen.address"                 },
    {has_connection_per_thread,
     {"listen.connections", "listen.threads"},
     "listen.connections: fewer than listen.threads"                                             },
    {is_default_page_allowed,
     {"limits.page_default", "limits.page_max"},
     "limits.page_default: more than limits.page_max"                                            },
    {has_connection,
     {"database.driver", "database.connection_file"},
     "database.driver: postgresql needs a database.connection_file, or a credential \"database\""},
    {has_no_idle_connection,
     {"database.connection_file", "database.driver"},
     "database.connection_file: sqlite has no use for it"                                        },
};

static size_t line_of(const char *name, const struct setting_lines *lines)
{
    for (size_t i = 0; i < setting_row_count; i++)
        if (strcmp(setting_rows[i].name, name) == 0)
            return lines->rows[i];
    return 0;
}

int rules_check(const struct settings *settings, const char *file,
                const struct setting_lines *lines, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rules); i++) {
        size_t line = line_of(rules[i].names[0], lines);

        if (rules[i].holds(settings))
            continue;
        if (line == 0)
            line = line_of(rules[i].names[1], lines);
        return err_at(err, file, line, "%s", rules[i].what);
    }
    return 0;
}
