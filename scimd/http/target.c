#include "http/target.h"

#include "base/text.h"

#include <string.h>

struct piece {
    const char *text;
    size_t length;
};

static struct piece piece_until(const char *text, const char *stops)
{
    return (struct piece){.text = text, .length = strcspn(text, stops)};
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The byte that an escape "%XX" stands for, or -1. */
static int unescape(const char *text, size_t length)
{
    int high = length >= 3 ? hex_digit(text[1]) : -1;
    int low = length >= 3 ? hex_digit(text[2]) : -1;

    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Writes the decoded piece and a NUL to *at and moves *at behind them; it is never longer than the
 * piece.  Returns NULL, or what is wrong with the piece. */
static const char *decode(struct piece piece, bool plus_is_blank, char **at)
{
    char *out = *at;

    for (size_t i = 0; i < piece.length; i++) {
        int byte = (unsigned char)piece.text[i];
        if (byte == '%') {
            byte = unescape(piece.text + i, piece.length - i);
            if (byte < 0)
                return "has an invalid percent escape";
            i += 2;
        } else if (byte == '+' && plus_is_blank) {
            byte = ' ';
        }
        *out++ = (char)byte;
    }
    *out = '\0';
    if (!text_is_valid(*at, (size_t)(out - *at)))
        return "is not valid UTF-8, or holds a NUL";
    *at = out + 1;
    return NULL;
}

static int check_form(const char *text, struct err *err)
{
    if (text[0] != '/')
        return err_set(err, ERR_BAD_REQUEST, "The request target must be a path");
    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte <= ' ' || byte == 0x7f || byte == '#')
            return err_set(err, ERR_BAD_REQUEST,
                           "The request target holds byte 0x%02x at offset %zu", byte, i);
    }
    return 0;
}

static size_t count_of(struct piece piece, char byte)
{
    size_t count = 0;

    for (size_t i = 0; i < piece.length; i++)
        count += piece.text[i] == byte;
    return count;
}

/* "/a//b/" has the segments "a", "" and "b", and a trailing slash. */
static int parse_path(struct piece path, struct http_request *request, struct err *err)
{
    bool trailing_slash = path.length > 1 && path.text[path.length - 1] == '/';
    size_t count = path.length == 1 ? 0 : count_of(path, '/') - trailing_slash;
    const char **segments;
    char *at;

    if (count > HTTP_SEGMENTS_MAX)
        return err_set(err, ERR_NOT_FOUND, "The path has more than %d segments", HTTP_SEGMENTS_MAX);
    segments = arena_array(request->arena, count, sizeof(*segments));
    at = arena_alloc(request->arena, path.length + 1);
    for (size_t i = 0; i < count; i++) {
        struct piece segment = piece_until(path.text + 1, "/?");
        const char *fault;
        segments[i] = at;
        fault = decode(segment, false, &at);
        if (fault != NULL)
            return err_set(err, ERR_BAD_REQUEST, "Path segment %zu %s", i + 1, fault);
        path.text += segment.length + 1;
    }
    request->segments = segments;
    request->segment_count = count;
    request->trailing_slash = trailing_slash;
    return 0;
}

/* "name=value" or "name", which has the value "". */
static const char *parse_parameter(struct piece piece, struct http_parameter *out, char **at)
{
    const char *equals = memchr(piece.text, '=', piece.length);
    struct piece name = piece;
    struct piece value = {.text = "", .length = 0};
    const char *fault;

    if (equals != NULL) {
        name.length = (size_t)(equals - piece.text);
        value = (struct piece){.text = equals + 1, .length = piece.length - name.length - 1};
    }
    out->name = *at;
    fault = decode(name, true, at);
    if (fault != NULL)
        return fault;
    out->value = *at;
    return decode(value, true, at);
}

static int parse_query(const char *query, struct http_request *request, struct err *err)
{
    struct piece whole = piece_until(query, "");
    size_t room = count_of(whole, '&') + 1;
    size_t count = 0;
    struct http_parameter *parameters;
    char *at;

    if (room > HTTP_QUERY_MAX)
        return err_set(err, ERR_BAD_REQUEST, "The query has more than %d parameters",
                       HTTP_QUERY_MAX);
    parameters = arena_array(request->arena, room, sizeof(*parameters));
    at = arena_alloc(request->arena, whole.length + room + 1); /* a NUL more where "=" is missing */
    for (size_t i = 0; i < room; i++) {
        struct piece piece = piece_until(query, "&");
        const char *fault = NULL;
        if (piece.length > 0)
            fault = parse_parameter(piece, &parameters[count++], &at);
        if (fault != NULL)
            return err_set(err, ERR_BAD_REQUEST, "Query parameter %zu %s", i + 1, fault);
        query += piece.length + 1;
    }
    request->parameters = parameters;
    request->parameter_count = count;
    return 0;
}

int target_parse(const char *text, struct http_request *request, struct err *err)
{
    struct piece path = piece_until(text, "?");

    request->target = arena_strndup(request->arena, path.text, path.length);
    if (check_form(text, err) < 0 || parse_path(path, request, err) < 0)
        return -1;
    return text[path.length] == '?' ? parse_query(text + path.length + 1, request, err) : 0;
}
