#include "store/json_list.h"

#include <string.h>

void json_list_texts(struct buf *json, const char *const *texts, size_t count)
{
    buf_putc(json, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(json, ',');
        buf_json_string(json, texts[i], strlen(texts[i]));
    }
    buf_putc(json, ']');
}

void json_list_numbers(struct buf *json, const int64_t *numbers, size_t count)
{
    buf_putc(json, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(json, ',');
        buf_int(json, numbers[i]);
    }
    buf_putc(json, ']');
}

static void put_name(struct buf *json, const char *name)
{
    if (json->bytes[json->length - 1] != '{')
        buf_putc(json, ',');
    buf_putc(json, '"');
    buf_puts(json, name);
    buf_puts(json, "\":");
}

void json_list_number(struct buf *json, const char *name, int64_t number)
{
    put_name(json, name);
    buf_int(json, number);
}

void json_list_text(struct buf *json, const char *name, const char *text)
{
    if (text == NULL)
        return;
    put_name(json, name);
    buf_json_string(json, text, strlen(text));
}
