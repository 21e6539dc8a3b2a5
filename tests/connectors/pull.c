/* pull.c - one source's session from the command line, for tests with real sources.
 *
 *   connectors_pull TYPE SETTINGS.json [--cursor FILE] [--wait] [--beside SETTINGS.json]
 *   connectors_pull TYPE SETTINGS.json --fetch user|group ID
 *   connectors_pull TYPE SETTINGS.json --test
 *
 * Prints a line of JSON for each change, page, finding or error; 1 after an error.  "secret:NAME"
 * is the environment's NAME.  --cursor: where to begin (if the file is there) and, page by page,
 * where to go on.  --wait: reads a line from standard input before each further page.  --beside:
 * another source's first pages, again and again in a thread of its own, as long as the pull goes;
 * the last line says how they ended. */
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "connectors/connector.h"
#include "lines.h"

struct options {
    const char *cursor_file;
    const char *beside_file;
    const char *fetch_kind;
    const char *fetch_id;
    bool wait;
    bool test;
};

static int print_error(const struct err *err)
{
    lines_error(err);
    return 1;
}

static void print_page(const struct page *page)
{
    lines_changes(page);
    lines_print(json_pack(
        "{s:I, s:b, s:s#}", "page", (json_int_t)page->count, "caught_up", page->caught_up, "cursor",
        page->next.length > 0 ? (const char *)page->next.bytes : "", (int)page->next.length));
}

static size_t load_cursor(const char *file, char *bytes)
{
    FILE *stream = file != NULL ? fopen(file, "r") : NULL;
    size_t length = stream != NULL ? fread(bytes, 1, PULL_CURSOR_BYTES_MAX, stream) : 0;

    if (stream != NULL)
        (void)fclose(stream);
    return length;
}

/* By another name first: who kills us finds a whole one. */
static void save_cursor(const char *file, const char *bytes, size_t length)
{
    char name[4096];
    FILE *stream = NULL;

    if (file == NULL || snprintf(name, sizeof(name), "%s.new", file) >= (int)sizeof(name))
        return;
    stream = fopen(name, "w");
    if (stream == NULL)
        return;
    (void)fwrite(bytes, 1, length, stream);
    (void)fclose(stream);
    (void)rename(name, file);
}

static int pull(const struct connector *connector, void *session, const struct options *options)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    static char bytes[PULL_CURSOR_BYTES_MAX];
    struct cursor from = {bytes, load_cursor(options->cursor_file, bytes)};
    struct page page = {.caught_up = false};
    struct err err = {0};

    while (!page.caught_up) {
        arena_reset(arena);
        if (connector->pull(session, from, arena, &page, &err) < 0)
            return print_error(&err);
        print_page(&page);
        if (page.next.length > sizeof(bytes))
            return 1;
        memcpy(bytes, page.next.bytes, page.next.length);
        from.length = page.next.length;
        save_cursor(options->cursor_file, bytes, from.length);
        if (options->wait && !page.caught_up && getchar() == EOF)
            return 1;
    }
    return 0;
}

static int fetch(const struct connector *connector, void *session, const struct options *options)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    enum object_kind kind = strcmp(options->fetch_kind, "group") == 0 ? OBJECT_GROUP : OBJECT_USER;
    struct page page = {.caught_up = false};
    struct err err = {0};

    if (connector->fetch(session, kind, options->fetch_id, arena, &page, &err) < 0)
        return print_error(&err);
    print_page(&page);
    return 0;
}

static int test(const struct connector *connector, const struct connector_settings *settings)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    struct findings findings = {.arena = arena};

    connector->test(settings, &findings);
    lines_findings(&findings);
    return 0;
}

/* ---- another source at the same time ---- */

struct beside {
    const struct connector *connector;
    struct connector_settings settings;
    atomic_bool stop;
    int worked;
    int failed;
    char last[ERR_TEXT_BYTES]; /* the last error's name */
};

static int pull_once(const struct beside *beside, struct err *err)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    void *session = NULL;
    struct page page;
    int result = beside->connector->open(&beside->settings, &session, err);

    if (result == 0)
        result = beside->connector->pull(session, (struct cursor){NULL, 0}, arena, &page, err);
    beside->connector->close(session);
    return result;
}

static void *pull_beside(void *argument)
{
    struct beside *beside = argument;

    do {
        struct err err = {0};

        if (pull_once(beside, &err) == 0) {
            beside->worked++;
        } else {
            beside->failed++;
            (void)snprintf(beside->last, sizeof(beside->last), "%s", err_name(err.code));
        }
    } while (!atomic_load(&beside->stop));
    return NULL;
}

static int run(const struct connector *connector, const struct connector_settings *settings,
               const struct options *options)
{
    void *session = NULL;
    struct err err = {0};
    int result;

    if (connector_settings_check(connector->settings, settings->values, NULL, &err) < 0)
        return print_error(&err);
    if (options->test)
        return test(connector, settings);
    if (connector->open(settings, &session, &err) < 0)
        return print_error(&err);
    lines_print(json_pack("{s:b}", "open", 1));
    result = options->fetch_kind != NULL ? fetch(connector, session, options)
                                         : pull(connector, session, options);
    connector->close(session);
    return result;
}

static int run_both(const struct connector *connector, const struct connector_settings *settings,
                    const struct options *options)
{
    json_t *values = json_load_file(options->beside_file, 0, NULL);
    struct beside beside = {.connector = connector, .settings = *settings};
    pthread_t thread;
    int result;

    beside.settings.values = values;
    if (values == NULL || pthread_create(&thread, NULL, pull_beside, &beside) != 0)
        return 2;
    result = run(connector, settings, options);
    atomic_store(&beside.stop, true);
    (void)pthread_join(thread, NULL);
    lines_print(json_pack("{s:i, s:i, s:s}", "beside", beside.worked, "failed", beside.failed,
                          "last", beside.last));
    json_decref(values);
    return result;
}

static bool parse(int count, char **words, struct options *options)
{
    for (int i = 3; i < count; i++) {
        if (strcmp(words[i], "--wait") == 0)
            options->wait = true;
        else if (strcmp(words[i], "--test") == 0)
            options->test = true;
        else if (strcmp(words[i], "--cursor") == 0 && i + 1 < count)
            options->cursor_file = words[++i];
        else if (strcmp(words[i], "--beside") == 0 && i + 1 < count)
            options->beside_file = words[++i];
        else if (strcmp(words[i], "--fetch") == 0 && i + 2 < count) {
            options->fetch_kind = words[++i];
            options->fetch_id = words[++i];
        } else
            return false;
    }
    return count >= 3;
}

int main(int count, char **words)
{
    struct options options = {0};
    const struct connector *connector = count >= 3 ? connector_find(words[1]) : NULL;
    json_t *values = count >= 3 ? json_load_file(words[2], 0, NULL) : NULL;
    struct connector_settings settings = {.values = values, .secret = lines_secret};
    int result;

    if (!parse(count, words, &options) || connector == NULL || values == NULL) {
        (void)fputs("usage: connectors_pull TYPE SETTINGS.json [OPTION]...\n", stderr);
        json_decref(values);
        return 2;
    }
    settings.rows = connector->settings;
    result = options.beside_file != NULL ? run_both(connector, &settings, &options)
                                         : run(connector, &settings, &options);
    json_decref(values);
    return result;
}
