#include "api/negotiate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

/* Steps over blanks and commas. */
static const char *skip_separators(const char *text)
{
    return text + strspn(text, " \t,");
}

static size_t element_length(const char *text)
{
    size_t length = strcspn(text, ",");

    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    return length;
}

/* Length of the media range itself, before parameters. */
static size_t range_length(const char *element, size_t length)
{
    size_t range = 0;

    while (range < length && element[range] != ';' && element[range] != ' ' &&
           element[range] != '\t')
        range++;
    return range;
}

/* ";q=0" and ";q=0.000" take a range out. */
static bool is_refused(const char *element, size_t length)
{
    for (size_t i = 0; i + 3 < length; i++)
        if (element[i] == ';') {
            size_t name = i + 1 + strspn(element + i + 1, " \t");
            if (name + 2 < length && strncasecmp(element + name, "q=0", 3) == 0) {
                size_t rest = name + 3 + strspn(element + name + 3, ".0");
                return rest >= length || element[rest] == ' ' || element[rest] == ';';
            }
        }
    return false;
}

bool negotiate_accepts(const char *accept)
{
    static const char *const ranges[] = {MEDIA_TYPE_SCIM, "application/json", "application/*",
                                         "*/*"};

    if (accept == NULL || *skip_separators(accept) == '\0')
        return true;
    for (const char *at = skip_separators(accept); *at != '\0';) {
        size_t length = element_length(at);
        size_t range = range_length(at, length);
        for (size_t i = 0; i < ARRAY_LENGTH(ranges); i++)
            if (range == strlen(ranges[i]) && strncasecmp(at, ranges[i], range) == 0 &&
                !is_refused(at, length))
                return true;
        at = skip_separators(at + strcspn(at, ","));
    }
    return false;
}

/* The value of the charset parameter, or NULL. */
static const char *charset_of(const char *parameters)
{
    for (const char *at = strchr(parameters, ';'); at != NULL; at = strchr(at, ';')) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, "charset=", strlen("charset=")) == 0)
            return at + strlen("charset=") + (at[strlen("charset=")] == '"');
    }
    return NULL;
}

static bool is_one_of(const char *media_type, size_t length, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (length == strlen(names[i]) && strncasecmp(media_type, names[i], length) == 0)
            return true;
    return false;
}

bool negotiate_content_type(const char *content_type, struct tolerance_use *use)
{
    static const char *const exact[] = {MEDIA_TYPE_SCIM, "application/json"};
    static const char *const loose[] = {"text/json", "text/plain", "application/json-patch+json",
                                        "application/merge-patch+json"};
    const char *charset;
    size_t length;

    if (content_type == NULL || *content_type == '\0')
        return tolerance_allows(use, TOLERANCE_CONTENT_TYPE);
    content_type += strspn(content_type, " \t");
    length = range_length(content_type, strlen(content_type));
    charset = charset_of(content_type + length);
    if (charset != NULL && strncasecmp(charset, "utf-8", 5) != 0 &&
        strncasecmp(charset, "us-ascii", 8) != 0 &&
        !(strncasecmp(charset, "utf8", 4) == 0 && tolerance_allows(use, TOLERANCE_CONTENT_TYPE)))
        return false;
    if (is_one_of(content_type, length, exact, ARRAY_LENGTH(exact)))
        return true;
    return is_one_of(content_type, length, loose, ARRAY_LENGTH(loose)) &&
           tolerance_allows(use, TOLERANCE_CONTENT_TYPE);
}

bool condition_names(const char *header, int64_t version)
{
    for (const char *at = skip_separators(header); *at != '\0';) {
        char *end = NULL;
        if (*at == '*')
            return true;
        if (strncmp(at, "W/", 2) == 0)
            at += 2;
        if (*at == '"') {
            long long named = strtoll(at + 1, &end, 10);
            if (end > at + 1 && *end == '"' && named == version)
                return true;
            at = strchr(at + 1, '"');
            if (at == NULL)
                return false;
        }
        at = skip_separators(at + strcspn(at, ","));
    }
    return false;
}

bool condition_single(const char *header, int64_t *version)
{
    const char *at = skip_separators(header);
    char *end = NULL;
    long long named;

    if (strncmp(at, "W/", 2) == 0)
        at += 2;
    if (*at != '"')
        return false;
    named = strtoll(at + 1, &end, 10);
    if (end == at + 1 || *end != '"' || named < 1 || *skip_separators(end + 1) != '\0')
        return false;
    *version = named;
    return true;
}
