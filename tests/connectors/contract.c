/* contract.c - a connector at the end of a pipe: each command of the contract test is one call of
 * connector.h, and its answer lines of JSON, the last with "done" or "error".
 *
 *   connectors_contract TYPE
 *     ["open", N, SETTINGS]        ["close", N]                  N: 0 to 7, several sessions
 *     ["pull", N, CURSOR]          one page; cursors are bytes in hexadecimal
 *     ["fetch", N, "user", ID]
 *     ["test", SETTINGS]           ["check", SETTINGS]           ["rows"]     ["types"]
 *
 * What goes into a call is gone after it, cursor and arena too, so that AddressSanitizer tells who
 * kept something that wasn't his. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "connectors/connector.h"
#include "lines.h"

#define SESSIONS 8

static const struct connector *connector;

static struct slot {
    json_t *values;
    struct connector_settings settings;
    void *session;
} slots[SESSIONS];

static struct connector_settings settings_of(const json_t *values)
{
    return (struct connector_settings){
        .values = values, .rows = connector->settings, .secret = lines_secret};
}

static struct slot *slot_of(const json_t *command)
{
    return &slots[json_integer_value(json_array_get(command, 1)) % SESSIONS];
}

static void slot_close(struct slot *slot)
{
    connector->close(slot->session); /* NULL where it never was open */
    json_decref(slot->values);
    *slot = (struct slot){.session = NULL};
}

/* ---- commands ---- */

/* A session that didn't open is released, too. */
static int do_open(const json_t *command, struct err *err)
{
    struct slot *slot = slot_of(command);

    slot_close(slot);
    slot->values = json_deep_copy(json_array_get(command, 2));
    slot->settings = settings_of(slot->values);
    if (connector->open(&slot->settings, &slot->session, err) == 0)
        return 0;
    slot_close(slot);
    return -1;
}

static int do_close(const json_t *command, struct err *err)
{
    (void)err;
    slot_close(slot_of(command));
    return 0;
}

static char *to_hex(const unsigned char *bytes, size_t length)
{
    char *text = memory_alloc(2 * length + 1);

    text[0] = '\0';
    for (size_t i = 0; i < length; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return text;
}

/* Exactly as long as the cursor, so that reading on is noticed. */
static unsigned char *from_hex(const char *text, size_t length)
{
    unsigned char *bytes = memory_alloc(length > 0 ? length : 1);

    for (size_t i = 0; i < length; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};

        bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    return bytes;
}

static void print_page(const struct page *page)
{
    char *next = to_hex(page->next.bytes, page->next.length);

    lines_changes(page);
    lines_print(json_pack("{s:I, s:b, s:s, s:I, s:I}", "page", (json_int_t)page->count, "caught_up",
                          page->caught_up, "next", next, "users", (json_int_t)page->expected_users,
                          "groups", (json_int_t)page->expected_groups));
    free(next);
}

static int do_pull(const json_t *command, struct err *err)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    const char *text = json_string_value(json_array_get(command, 2));
    size_t length = strlen(text) / 2;
    unsigned char *bytes = from_hex(text, length);
    struct page page = {.count = 0};
    int result = connector->pull(slot_of(command)->session, (struct cursor){bytes, length}, arena,
                                 &page, err);

    free(bytes);
    if (result == 0)
        print_page(&page);
    return result;
}

static int do_fetch(const json_t *command, struct err *err)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    const char *kind = json_string_value(json_array_get(command, 2));
    char *id = memory_strdup(json_string_value(json_array_get(command, 3)));
    struct page page = {.count = 0};
    int result = connector->fetch(slot_of(command)->session,
                                  strcmp(kind, "group") == 0 ? OBJECT_GROUP : OBJECT_USER, id,
                                  arena, &page, err);

    memset(id, 'x', strlen(id));
    if (result == 0)
        lines_changes(&page);
    free(id);
    return result;
}

static int do_test(const json_t *command, struct err *err)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    const struct connector_settings settings = settings_of(json_array_get(command, 1));
    struct findings findings = {.arena = arena};

    (void)err;
    connector->test(&settings, &findings);
    lines_findings(&findings);
    return 0;
}

static int do_check(const json_t *command, struct err *err)
{
    return connector_settings_check(connector->settings, json_array_get(command, 1), NULL, err);
}

static int do_rows(const json_t *command, struct err *err)
{
    (void)command;
    (void)err;
    for (const struct connector_setting *row = connector->settings; row->name != NULL; row++)
        lines_print(json_pack("{s:s, s:s*, s:b, s:s*}", "name", row->name, "help", row->help,
                              "required", row->required, "fallback", row->fallback));
    return 0;
}

static int do_types(const json_t *command, struct err *err)
{
    (void)command;
    (void)err;
    for (const struct connector *const *one = connector_all(); *one != NULL; one++)
        lines_print(json_pack("{s:s, s:b}", "name", (*one)->name, "reports_deletes",
                              (*one)->reports_deletes));
    return 0;
}

static const struct command {
    const char *name;
    int (*run)(const json_t *command, struct err *err);
} commands[] = {
    {"open",  do_open },
    {"close", do_close},
    {"pull",  do_pull },
    {"fetch", do_fetch},
    {"test",  do_test },
    {"check", do_check},
    {"rows",  do_rows },
    {"types", do_types},
};

static bool run(const json_t *command)
{
    const char *name = json_string_value(json_array_get(command, 0));

    for (size_t i = 0; name != NULL && i < ARRAY_LENGTH(commands); i++)
        if (strcmp(commands[i].name, name) == 0) {
            struct err err = {0};

            if (commands[i].run(command, &err) == 0)
                lines_print(json_pack("{s:b}", "done", 1));
            else
                lines_error(&err);
            return true;
        }
    return false;
}

int main(int count, char **words)
{
    json_t *command;
    bool known = true;

    connector = count == 2 ? connector_find(words[1]) : NULL;
    if (connector == NULL) {
        (void)fputs("usage: connectors_contract TYPE\n", stderr);
        return 2;
    }
    connector->close(NULL);
    while (known && (command = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
        known = run(command);
        json_decref(command);
    }
    for (size_t i = 0; i < SESSIONS; i++)
        slot_close(&slots[i]);
    return known ? 0 : 2;
}
