#include "http/head.h"

#include <string.h>
#include <strings.h>

#define LINE_END_BYTES 2 /* CR LF */

static const struct known_field {
    const char *name;
    size_t length;
    enum { REFUSE_SECOND, JOIN_LINES, LAST_LINE } repeated;
} known_fields[HEAD_NAME_COUNT] = {
    [HEAD_HOST] = {"Host",              4,  REFUSE_SECOND},
    [HEAD_CONTENT_LENGTH] = {"Content-Length",    14, REFUSE_SECOND},
    [HEAD_TRANSFER_ENCODING] = {"Transfer-Encoding", 17, REFUSE_SECOND},
    [HEAD_AUTHORIZATION] = {"Authorization",     13, REFUSE_SECOND},
    [HEAD_EXPECT] = {"Expect",            6,  REFUSE_SECOND},
    [HEAD_FORWARDED_FOR] = {"X-Forwarded-For",   15, JOIN_LINES   },
    [HEAD_FORWARDED_PROTO] = {"X-Forwarded-Proto", 17, LAST_LINE    },
    [HEAD_FORWARDED_HOST] = {"X-Forwarded-Host",  16, LAST_LINE    },
    [HEAD_FORWARDED_PORT] = {"X-Forwarded-Port",  16, LAST_LINE    },
};

static bool is_alphanumeric(unsigned char byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

bool head_is_token(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (!is_alphanumeric(byte) && (byte == '\0' || strchr("!#$%&'*+-.^_`|~", byte) == NULL))
            return false;
    }
    return length > 0;
}

static bool is_field_value(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

static bool fail(struct head *head, const char *what)
{
    head->failed = true;
    (void)err_set(head->err, ERR_BAD_REQUEST, "%s", what);
    return false;
}

static bool keep(struct head *head, enum head_name name, const char *value)
{
    const struct known_field *known = &known_fields[name];
    const char **kept = &head->values[name];

    if (*kept != NULL && known->repeated == REFUSE_SECOND) {
        head->failed = true;
        (void)err_set(head->err, ERR_BAD_REQUEST, "There is more than one %s header", known->name);
        return false;
    }
    if (*kept != NULL && known->repeated == JOIN_LINES)
        value = arena_printf(head->arena, "%s, %s", *kept, value);
    *kept = value;
    return true;
}

/* The library cuts lines at NUL, joins folded ones and takes a bare LF for their end: then the next
 * field does not begin right behind this one's CR LF. */
bool head_take(struct head *head, const struct head_field *field)
{
    if (head->next != NULL && field->name != head->next)
        return fail(head, "A header line is folded, holds a NUL, or does not end in CR LF");
    if (!head_is_token(field->name, field->name_length))
        return fail(head, "A header name holds a blank or another byte that is not allowed");
    if (!is_field_value(field->value, field->value_length))
        return fail(head, "A header value holds a control character");
    if (head->next != NULL)
        head->next = field->value + field->value_length + LINE_END_BYTES;

    for (size_t i = 0; i < HEAD_NAME_COUNT; i++)
        if (field->name_length == known_fields[i].length &&
            strncasecmp(field->name, known_fields[i].name, field->name_length) == 0)
            return keep(head, (enum head_name)i, field->value);
    return true;
}

int head_check(const struct head *head, bool is_http_1_0, struct err *err)
{
    const char *coding = head->values[HEAD_TRANSFER_ENCODING];

    if (head->values[HEAD_HOST] == NULL && !is_http_1_0) /* RFC 9112 section 3.2 */
        return err_set(err, ERR_BAD_REQUEST, "The Host header is missing");
    if (coding != NULL && head->values[HEAD_CONTENT_LENGTH] != NULL)
        return err_set(err, ERR_BAD_REQUEST,
                       "Content-Length and Transfer-Encoding exclude each other");
    if (coding != NULL && is_http_1_0)
        return err_set(err, ERR_BAD_REQUEST, "Transfer-Encoding needs HTTP/1.1");
    if (coding != NULL && strcasecmp(coding, "chunked") != 0)
        return err_set(err, ERR_NOT_IMPLEMENTED,
                       "The only transfer coding understood here is chunked");
    return 0;
}
