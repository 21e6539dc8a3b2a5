#include "base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct meaning {
    int status;
    const char *scim_type;
    const char *name;
} meanings[ERR_CODE_COUNT] = {
    [ERR_INVALID_FILTER] = {400, "invalidFilter", "invalid_filter"},
    [ERR_TOO_MANY] = {400, "tooMany", "too_many"},
    [ERR_UNIQUENESS] = {409, "uniqueness", "uniqueness"},
    [ERR_MUTABILITY] = {400, "mutability", "mutability"},
    [ERR_INVALID_SYNTAX] = {400, "invalidSyntax", "invalid_syntax"},
    [ERR_INVALID_PATH] = {400, "invalidPath", "invalid_path"},
    [ERR_NO_TARGET] = {400, "noTarget", "no_target"},
    [ERR_INVALID_VALUE] = {400, "invalidValue", "invalid_value"},
    [ERR_INVALID_VERSION] = {400, "invalidVers", "invalid_version"},
    /* RFC 7644 section 7.5.2 asks for 403 */
    [ERR_SENSITIVE] = {403, "sensitive", "sensitive"},
    [ERR_INVALID_CURSOR] = {400, "invalidCursor", "invalid_cursor"},
    [ERR_EXPIRED_CURSOR] = {400, "expiredCursor", "expired_cursor"},
    [ERR_INVALID_COUNT] = {400, "invalidCount", "invalid_count"},
    [ERR_BAD_REQUEST] = {400, NULL, "bad_request"},
    [ERR_UNAUTHORIZED] = {401, NULL, "unauthorized"},
    [ERR_FORBIDDEN] = {403, NULL, "forbidden"},
    [ERR_NOT_FOUND] = {404, NULL, "not_found"},
    [ERR_METHOD_NOT_ALLOWED] = {405, NULL, "method_not_allowed"},
    [ERR_NOT_ACCEPTABLE] = {406, NULL, "not_acceptable"},
    [ERR_CONFLICT] = {409, NULL, "conflict"},
    [ERR_PRECONDITION] = {412, NULL, "precondition_failed"},
    [ERR_TOO_LARGE] = {413, NULL, "too_large"},
    [ERR_URI_TOO_LONG] = {414, NULL, "uri_too_long"},
    [ERR_UNSUPPORTED_MEDIA_TYPE] = {415, NULL, "unsupported_media_type"},
    [ERR_TOO_MANY_REQUESTS] = {429, NULL, "too_many_requests"},
    [ERR_NOT_IMPLEMENTED] = {501, NULL, "not_implemented"},
    [ERR_UNAVAILABLE] = {503, NULL, "unavailable"},
    [ERR_RETRY] = {503, NULL, "retry"},
    [ERR_CONFIGURATION] = {500, NULL, "configuration"},
    [ERR_CURSOR_EXPIRED] = {500, NULL, "source_cursor_expired"},
    [ERR_SOURCE_UNAVAILABLE] = {502, NULL, "source_unavailable"},
    [ERR_SOURCE_DENIED] = {502, NULL, "source_denied"},
    [ERR_INTERNAL] = {500, NULL, "internal"},
};
/* clang-format on */

static const struct meaning *meaning_of(enum err_code code)
{
    unsigned index = (unsigned)code;

    return &meanings[index > 0 && index < ERR_CODE_COUNT ? index : ERR_INTERNAL];
}

/* Drops the beginning of a UTF-8 sequence whose rest was cut off. */
static void cut_at_boundary(char *text)
{
    size_t end = strlen(text);
    size_t lead = end;
    unsigned char first;
    size_t whole;

    while (lead > 0 && end - lead < 3 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    first = (unsigned char)text[lead - 1];
    whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (end - (lead - 1) < whole)
        text[lead - 1] = '\0';
}

/* By way of a local, because the arguments may point into `text` itself. */
__attribute__((format(printf, 2, 0))) static void format_into(char text[ERR_TEXT_BYTES],
                                                              const char *format, va_list arguments)
{
    char formatted[ERR_TEXT_BYTES] = "";
    int length = vsnprintf(formatted, sizeof(formatted), format, arguments);

    if (length < 0)
        formatted[0] = '\0';
    if (length >= (int)sizeof(formatted))
        cut_at_boundary(formatted);
    memcpy(text, formatted, sizeof(formatted));
}

int err_set(struct err *err, enum err_code code, const char *detail, ...)
{
    va_list arguments;

    va_start(arguments, detail);
    format_into(err->detail, detail, arguments);
    va_end(arguments);
    err->code = code;
    err->cause[0] = '\0';
    return -1;
}

int err_at(struct err *err, const char *file, size_t line, const char *what, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list arguments;

    va_start(arguments, what);
    (void)vsnprintf(text, sizeof(text), what, arguments); /* err_set() cuts between characters */
    va_end(arguments);
    return err_set(err, ERR_CONFIGURATION, "%s:%zu: %s", file, line, text);
}

int err_because(struct err *err, const char *cause, ...)
{
    va_list arguments;

    va_start(arguments, cause);
    format_into(err->cause, cause, arguments);
    va_end(arguments);
    return -1;
}

int err_because_errno(struct err *err, const char *call, int number)
{
    char text[128];

    if (strerror_r(number, text, sizeof(text)) != 0)
        return err_because(err, "%s: errno %d", call, number);
    return err_because(err, "%s: %s", call, text);
}

int err_http_status(enum err_code code)
{
    return meaning_of(code)->status;
}

const char *err_scim_type(enum err_code code)
{
    return meaning_of(code)->scim_type;
}

const char *err_name(enum err_code code)
{
    return meaning_of(code)->name;
}

enum err_code err_from_name(const char *name)
{
    for (unsigned code = 1; code < ERR_CODE_COUNT; code++) {
        if (strcmp(meanings[code].name, name) == 0)
            return (enum err_code)code;
    }
    return ERR_INTERNAL;
}
