#define _GNU_SOURCE /* memrchr */
#include "http/forwarded.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAPPED_BYTES 12 /* ::ffff:0:0/96, before the four of IPv4 */
#define PORT_MAX 65535
#define PORT_DIGITS_MAX 5

static const uint8_t mapped_prefix[MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};

static void map_ipv4(const void *four, struct address *out)
{
    memcpy(out->bytes, mapped_prefix, MAPPED_BYTES);
    memcpy(out->bytes + MAPPED_BYTES, four, sizeof(struct in_addr));
}

static bool parse_number(const char *text, size_t length, unsigned long max, unsigned long *out)
{
    unsigned long number = 0;

    if (length == 0 || length > PORT_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (unsigned long)(text[i] - '0');
    }
    *out = number;
    return number <= max;
}

static bool is_port(const char *text, size_t length)
{
    unsigned long port = 0;

    return parse_number(text, length, PORT_MAX, &port) && port > 0;
}

/* Without a port or brackets. */
static bool parse_plain(const char *text, size_t length, struct address *out)
{
    char copy[ADDRESS_TEXT_BYTES];
    struct in_addr four;

    if (length >= sizeof(copy))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (inet_pton(AF_INET, copy, &four) == 1) {
        map_ipv4(&four, out);
        return true;
    }
    return inet_pton(AF_INET6, copy, out->bytes) == 1;
}

bool address_parse(const char *text, size_t length, struct address *out)
{
    const char *end = memchr(text, text[0] == '[' ? ']' : ':', length);
    size_t host = end != NULL ? (size_t)(end - text) : length;

    if (length > 0 && text[0] == '[') {
        if (end == NULL || !parse_plain(text + 1, host - 1, out))
            return false;
        return host + 1 == length || (end[1] == ':' && is_port(end + 2, length - host - 2));
    }
    if (end != NULL && memchr(end + 1, ':', length - host - 1) == NULL) /* one colon: a port */
        return is_port(end + 1, length - host - 1) && parse_plain(text, host, out);
    return parse_plain(text, length, out);
}

int address_range_parse(const char *text, struct address_range *out, struct err *err)
{
    size_t length = strcspn(text, "/");
    const char *slash = text[length] == '/' ? text + length + 1 : NULL;
    struct address_range range = {.bits = ADDRESS_BYTES * 8};
    unsigned long width = strchr(text, ':') != NULL ? 128 : 32;
    unsigned long bits = width;

    if (!parse_plain(text, length, &range.first) ||
        (slash != NULL && !parse_number(slash, strlen(slash), width, &bits)))
        return err_set(err, ERR_CONFIGURATION, "\"%s\" is not an address or a CIDR range", text);
    range.bits -= (unsigned)(width - bits);
    *out = range;
    return 0;
}

static void address_format(const struct address *address, char text[ADDRESS_TEXT_BYTES])
{
    bool mapped = memcmp(address->bytes, mapped_prefix, MAPPED_BYTES) == 0;

    (void)inet_ntop(mapped ? AF_INET : AF_INET6, address->bytes + (mapped ? MAPPED_BYTES : 0), text,
                    ADDRESS_TEXT_BYTES);
}

bool address_of_socket(const struct sockaddr *socket, struct address *out,
                       char text[ADDRESS_TEXT_BYTES])
{
    text[0] = '\0';
    if (socket == NULL)
        return false;
    if (socket->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, socket, sizeof(four));
        map_ipv4(&four.sin_addr, out);
    } else if (socket->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, socket, sizeof(six));
        memcpy(out->bytes, &six.sin6_addr, ADDRESS_BYTES);
    } else {
        return false;
    }
    address_format(out, text);
    return true;
}

static bool is_in_range(const struct address_range *range, const struct address *address)
{
    size_t whole = range->bits / 8;
    unsigned rest = range->bits % 8;

    if (memcmp(range->first.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || (range->first.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool address_is_trusted(const struct proxies *proxies, const struct address *address)
{
    for (size_t i = 0; i < proxies->count; i++)
        if (is_in_range(&proxies->ranges[i], address))
            return true;
    return false;
}

/* The last element of a list "a, b, c" that ends at *length; *length then ends before it. */
static const char *last_element(const char *list, size_t *length, size_t *element_length)
{
    size_t end = *length;
    size_t start;

    while (end > 0 && (list[end - 1] == ' ' || list[end - 1] == '\t'))
        end--;
    start = end;
    while (start > 0 && list[start - 1] != ',')
        start--;
    *length = start > 0 ? start - 1 : 0;
    while (start < end && (list[start] == ' ' || list[start] == '\t'))
        start++;
    *element_length = end - start;
    return list + start;
}

const char *forwarded_peer(const struct proxies *proxies, const struct head *head, const char *peer)
{
    const char *list = head->values[HEAD_FORWARDED_FOR];
    size_t left = list != NULL ? strlen(list) : 0;

    while (left > 0) {
        char canonical[ADDRESS_TEXT_BYTES];
        struct address address;
        size_t length;
        const char *text = last_element(list, &left, &length);
        if (!address_parse(text, length, &address))
            break; /* nobody we trust wrote this */
        address_format(&address, canonical);
        peer = arena_strdup(head->arena, canonical);
        if (!address_is_trusted(proxies, &address))
            break;
    }
    return peer;
}

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char byte = text[i];
        char lower = (char)(byte | 0x20);
        bool digit = byte >= '0' && byte <= '9';
        if (!digit && (lower < 'a' || lower > 'z') && byte != '-' && byte != '.' && byte != '_')
            return false;
    }
    return length > 0;
}

bool host_is_valid(const char *host, size_t length)
{
    const char *colon = memrchr(host, ':', length);
    size_t name = colon != NULL ? (size_t)(colon - host) : length;
    struct address address;

    if (length == 0 || length > FORWARDED_HOST_MAX)
        return false;
    if (host[0] == '[')
        return address_parse(host, length, &address);
    return is_name(host, name) && (colon == NULL || is_port(colon + 1, length - name - 1));
}

struct part {
    const char *text;
    size_t length;
};

static struct part last_value(const struct head *head, enum head_name name)
{
    struct part part = {.text = head->values[name]};
    size_t left = part.text != NULL ? strlen(part.text) : 0;

    if (part.text != NULL)
        part.text = last_element(part.text, &left, &part.length);
    return part;
}

static bool has_port(struct part host)
{
    const char *colon = memrchr(host.text, ':', host.length);

    return colon != NULL && memchr(colon, ']', host.length - (size_t)(colon - host.text)) == NULL;
}

static bool is_default_port(const char *scheme, struct part port)
{
    const char *number = strcmp(scheme, "https") == 0 ? "443" : "80";

    return port.length == strlen(number) && memcmp(port.text, number, port.length) == 0;
}

static int forwarded_scheme(const struct head *head, const char **scheme, struct err *err)
{
    struct part proto = last_value(head, HEAD_FORWARDED_PROTO);

    if (proto.text == NULL)
        return 0;
    if (proto.length == 5 && strncasecmp(proto.text, "https", 5) == 0)
        *scheme = "https";
    else if (proto.length == 4 && strncasecmp(proto.text, "http", 4) == 0)
        *scheme = "http";
    else
        return err_set(err, ERR_BAD_REQUEST, "X-Forwarded-Proto is neither http nor https");
    return 0;
}

static int origin_by_proxy(const struct head *head, const char *scheme, const char **out,
                           struct err *err)
{
    struct part host = last_value(head, HEAD_FORWARDED_HOST);
    struct part port = last_value(head, HEAD_FORWARDED_PORT);

    if (forwarded_scheme(head, &scheme, err) < 0)
        return -1;
    if (host.text == NULL)
        host = last_value(head, HEAD_HOST);
    if (host.text == NULL || !host_is_valid(host.text, host.length))
        return err_set(err, ERR_BAD_REQUEST, "X-Forwarded-Host or Host is not a host");
    if (port.text != NULL && !is_port(port.text, port.length))
        return err_set(err, ERR_BAD_REQUEST, "X-Forwarded-Port is not a port");
    if (port.text == NULL || has_port(host) || is_default_port(scheme, port))
        *out = arena_printf(head->arena, "%s://%.*s", scheme, (int)host.length, host.text);
    else
        *out = arena_printf(head->arena, "%s://%.*s:%.*s", scheme, (int)host.length, host.text,
                            (int)port.length, port.text);
    return 0;
}

/* Written out because every request needs it and printf is slow. */
static const char *join_origin(struct arena *arena, const char *scheme, const char *host,
                               size_t host_length)
{
    size_t scheme_length = strlen(scheme);
    char *origin = arena_alloc(arena, scheme_length + 3 + host_length + 1);

    memcpy(origin, scheme, scheme_length);
    memcpy(origin + scheme_length, "://", 3);
    memcpy(origin + scheme_length + 3, host, host_length);
    return origin;
}

int forwarded_origin(const struct head *head, const char *scheme, bool trusted,
                     const char *fallback, const char **out, struct err *err)
{
    const char *host = head->values[HEAD_HOST];
    size_t length = host != NULL ? strlen(host) : 0;

    if (trusted && (head->values[HEAD_FORWARDED_HOST] != NULL || host != NULL))
        return origin_by_proxy(head, scheme, out, err);
    if (host != NULL && !host_is_valid(host, length))
        return err_set(err, ERR_BAD_REQUEST, "The Host header is not a host");
    *out = host != NULL ? join_origin(head->arena, scheme, host, length) : fallback;
    return 0;
}
