/* What a source would do, before it does: test, preview. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "ctl/commands.h"
#include "ctl/moment.h"
#include "ctl/output.h"

#define LEFT_COLUMNS 52 /* of the source's own values */
#define CELL_BYTES 512

/* Of a source that there is (TENANT/SOURCE), or of a file that was not applied (TENANT -f FILE). */
static int ask(struct invocation *invocation, const char *verb, json_t **out, struct err *err)
{
    const char *file = invocation->options.file;
    char tenant[NAME_BYTES];
    char source[NAME_BYTES];
    json_t *body = NULL;

    if (file == NULL) {
        if (command_source_name(invocation->arguments[0], tenant, source, err) < 0)
            return -1;
        return command_call(invocation, "POST",
                            SEGMENTS("tenants", tenant, "sources", source, verb), NULL, out, err);
    }
    if (strchr(invocation->arguments[0], '/') != NULL)
        return err_set(err, ERR_BAD_REQUEST, "%.100s: with -f name the tenant alone",
                       invocation->arguments[0]);
    if (command_source_file(file, &body, err) < 0)
        return -1;
    return command_call(invocation, "POST",
                        SEGMENTS("tenants", invocation->arguments[0], "sources", verb), body, out,
                        err);
}

/* ---- test ---- */

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text != NULL ? text : "";
}

static void print_finding(const json_t *finding)
{
    static const struct {
        const char *verdict;
        const char *mark;
    } marks[] = {
        {"fine",    "ok     "},
        {"warning", "warning"},
        {"failure", "FAILED "}
    };
    const char *mark = "-      ";
    const char *advice = text_of(finding, "advice");

    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++)
        if (strcmp(marks[i].verdict, text_of(finding, "verdict")) == 0)
            mark = marks[i].mark;
    (void)printf("%s  ", mark);
    output_put(stdout, text_of(finding, "subject"));
    (void)fputs(": ", stdout);
    output_put(stdout, text_of(finding, "text"));
    (void)putchar('\n');
    if (*advice == '\0')
        return;
    (void)fputs("         -> ", stdout);
    output_put(stdout, advice);
    (void)putchar('\n');
}

int command_source_test(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    const json_t *finding;
    bool failed = false;
    size_t i;

    if (ask(invocation, "test", &answer, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(answer);
    json_array_foreach(json_object_get(answer, "findings"), i, finding)
    {
        if (!invocation->options.json)
            print_finding(finding);
        failed = failed || strcmp(text_of(finding, "verdict"), "failure") == 0;
    }
    return failed ? STATUS_FAILED : STATUS_DONE;
}

/* ---- preview ---- */

/* On one line: an address has several. */
static json_t *line_of(const char *path, const char *text)
{
    CLEANUP(buf_free) struct buf line = {0};

    buf_printf(&line, "%s: ", path);
    for (; *text != '\0'; text++)
        if (*text == '\n')
            buf_puts(&line, "\\n");
        else if (*text != '\r')
            buf_putc(&line, *text);
    return json_string(buf_text(&line));
}

/* Appends "path: value" for each value below. */
static void flatten(json_t *lines, const char *path, const json_t *value)
{
    char below[CELL_BYTES];
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            (void)snprintf(below, sizeof(below), "%s%s%s", path, *path != '\0' ? "." : "", key);
            flatten(lines, below, item);
        }
    } else if (json_is_array(value) && json_array_size(value) != 1) {
        json_array_foreach(value, i, item)
        {
            (void)snprintf(below, sizeof(below), "%s[%zu]", path, i);
            flatten(lines, below, item);
        }
    } else if (json_is_array(value)) {
        flatten(lines, path, json_array_get(value, 0));
    } else {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);

        json_array_append_new(lines, line_of(path, text != NULL ? text : json_string_value(value)));
        free(text);
    }
}

static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* Cut between characters, padded. */
static void print_left(const char *text)
{
    size_t count = characters(text);
    char cell[CELL_BYTES];
    size_t used = 0;
    size_t shown = 0;

    for (; *text != '\0' && used + 1 < sizeof(cell); text++) {
        shown += ((unsigned char)*text & 0xc0) != 0x80;
        if (count > LEFT_COLUMNS && shown > LEFT_COLUMNS - 3)
            break;
        cell[used++] = *text;
    }
    cell[used] = '\0';
    output_put(stdout, cell);
    if (count > LEFT_COLUMNS)
        (void)fputs("...", stdout);
    else
        (void)printf("%*s", (int)(LEFT_COLUMNS - count), "");
}

static void print_side_by_side(const json_t *left, const json_t *right)
{
    size_t count = json_array_size(left) > json_array_size(right) ? json_array_size(left)
                                                                  : json_array_size(right);

    for (size_t i = 0; i < count; i++) {
        const char *own = json_string_value(json_array_get(left, i));
        const char *mapped = json_string_value(json_array_get(right, i));

        (void)fputs("  ", stdout);
        if (mapped != NULL) {
            print_left(own != NULL ? own : "");
            (void)fputs(" | ", stdout);
            output_put(stdout, mapped);
        } else {
            output_put(stdout, own != NULL ? own : "");
        }
        (void)putchar('\n');
    }
}

static void print_object(const json_t *object)
{
    CLEANUP(json_decrefp) json_t *left = json_array();
    CLEANUP(json_decrefp) json_t *right = json_array();
    CLEANUP(json_decrefp) json_t *document = json_deep_copy(json_object_get(object, "document"));
    const char *problem = text_of(object, "problem");

    (void)json_object_del(document, "schemas");
    flatten(left, "", json_object_get(object, "attributes"));
    if (document != NULL && !json_is_null(document))
        flatten(right, "", document);
    (void)printf("%s ", text_of(object, "type"));
    output_put(stdout, text_of(object, "source_id"));
    (void)putchar('\n');
    print_side_by_side(left, right);
    if (*problem != '\0') {
        (void)fputs("  problem: ", stdout);
        output_put(stdout, problem);
        (void)putchar('\n');
    }
    (void)putchar('\n');
}

int command_source_preview(struct invocation *invocation, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;
    const json_t *objects;
    const json_t *object;
    size_t i;

    if (ask(invocation, "preview", &answer, err) < 0)
        return -1;
    objects = json_object_get(answer, "objects");
    if (invocation->options.json) {
        output_json(answer);
        return STATUS_DONE;
    }
    json_array_foreach(objects, i, object)
    {
        print_object(object);
    }
    if (json_array_size(objects) == 0)
        (void)puts("The source shows nobody and nothing: look at scope, base and filters.");
    else
        (void)puts("Left: as the source has it; right: as it would be stored. Nothing was stored.");
    return STATUS_DONE;
}
