#include "ctl/output.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/moment.h"

#define CELL_BYTES 256
#define COLUMNS_MAX 8

/* Terminals are not to be steered by what a client sent. */
static void append_safe(char *cell, const char *text)
{
    size_t length = 0;

    for (; *text != '\0' && length < CELL_BYTES - 1; text++)
        cell[length++] = (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text;
    cell[length] = '\0';
}

static void format_cell(const json_t *object, const char *member, char *cell)
{
    const json_t *value = json_object_get(object, member);

    if (json_is_string(value))
        append_safe(cell, json_string_value(value));
    else if (json_is_integer(value))
        (void)snprintf(cell, CELL_BYTES, "%" PRId64, (int64_t)json_integer_value(value));
    else if (json_is_boolean(value))
        (void)snprintf(cell, CELL_BYTES, "%s", json_is_true(value) ? "yes" : "no");
    else
        (void)snprintf(cell, CELL_BYTES, "-");
}

/* Characters, not bytes: names may hold umlauts. */
static int width(const char *text)
{
    int count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static void print_padded(const char *text, int columns, int last)
{
    (void)fputs(text, stdout);
    if (!last)
        (void)printf("%*s", columns - width(text) + 2, "");
}

void output_table(const json_t *list, const struct column *columns, size_t count)
{
    int widths[COLUMNS_MAX];
    char cell[CELL_BYTES];

    for (size_t c = 0; c < count; c++) {
        widths[c] = width(columns[c].title);
        for (size_t i = 0; i < json_array_size(list); i++) {
            format_cell(json_array_get(list, i), columns[c].member, cell);
            widths[c] = width(cell) > widths[c] ? width(cell) : widths[c];
        }
    }
    for (size_t c = 0; c < count; c++)
        print_padded(columns[c].title, widths[c], c + 1 == count);
    (void)putchar('\n');
    for (size_t i = 0; i < json_array_size(list); i++) {
        for (size_t c = 0; c < count; c++) {
            format_cell(json_array_get(list, i), columns[c].member, cell);
            print_padded(cell, widths[c], c + 1 == count);
        }
        (void)putchar('\n');
    }
}

void output_object(const json_t *object, const struct column *columns, size_t count)
{
    char cell[CELL_BYTES];

    for (size_t c = 0; c < count; c++) {
        format_cell(object, columns[c].member, cell);
        (void)printf("%s: %s\n", columns[c].title, cell);
    }
}

void output_put(FILE *stream, const char *text)
{
    for (; *text != '\0'; text++)
        (void)fputc(((unsigned char)*text < ' ' && *text != '\n') || *text == 0x7f ? '?' : *text,
                    stream);
}

json_t *output_moments(const json_t *object, const char *const *members)
{
    json_t *copy = json_object();
    int64_t now_us = clock_now_us();
    char text[MOMENT_BYTES];
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        json_object_set(copy, name, value);
    }
    for (size_t i = 0; members[i] != NULL; i++) {
        const char *time = json_string_value(json_object_get(object, members[i]));
        int64_t then_us = 0;

        if (time != NULL && clock_parse(time, strlen(time), &then_us))
            json_object_set_new(copy, members[i], json_string(moment_from(then_us, now_us, text)));
    }
    return copy;
}

json_t *output_moments_list(const json_t *list, const char *const *members)
{
    json_t *copy = json_array();

    for (size_t i = 0; i < json_array_size(list); i++)
        json_array_append_new(copy, output_moments(json_array_get(list, i), members));
    return copy;
}

void output_json(const json_t *value)
{
    (void)json_dumpf(value, stdout, JSON_INDENT(2));
    (void)putchar('\n');
}
