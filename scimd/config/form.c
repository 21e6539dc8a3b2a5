#include "config/form.h"

#include "config/rows.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#define PATH_BYTES_MAX 4096 /* PATH_MAX */
#define URL_BYTES_MAX 1024
#define PREFIX_DIGITS_MAX 3
#define ADDRESS_BYTES_MAX 16
#define PREFIX_BYTES_MAX 31 /* leaves a tenant's name as much again in PostgreSQL's 63 */
#define ROLE_BYTES_MAX 63   /* PostgreSQL, NAMEDATALEN */
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* The address's bytes, and how many there are: 4, 16, or 0 if it is none. */
static size_t address_bytes(const char *text, unsigned char bytes[ADDRESS_BYTES_MAX])
{
    if (inet_pton(AF_INET, text, bytes) == 1)
        return sizeof(struct in_addr);
    if (inet_pton(AF_INET6, text, bytes) == 1)
        return sizeof(struct in6_addr);
    return 0;
}

bool form_is_address(const char *text)
{
    unsigned char bytes[ADDRESS_BYTES_MAX];

    return address_bytes(text, bytes) > 0;
}

bool form_is_loopback(const char *text)
{
    unsigned char bytes[ADDRESS_BYTES_MAX];
    size_t count = address_bytes(text, bytes);

    if (count == sizeof(struct in_addr))
        return bytes[0] == IN_LOOPBACKNET;
    return count > 0 && memcmp(bytes, &in6addr_loopback, count) == 0;
}

/* -1: not a number in decimal digits, up to three of them. */
static int prefix_of(const char *text)
{
    size_t length = strlen(text);
    int prefix = 0;

    if (length == 0 || length > PREFIX_DIGITS_MAX || (length > 1 && text[0] == '0'))
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        prefix = prefix * 10 + (*text - '0');
    }
    return prefix;
}

/* 10.0.0.1/8 is a slip of the pen: somebody meant one address or the whole network. */
static bool has_bits_behind(const unsigned char *bytes, size_t count, int prefix)
{
    for (size_t bit = (size_t)prefix; bit < count * 8; bit++)
        if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return true;
    return false;
}

bool form_is_network(const char *text)
{
    const char *slash = strchr(text, '/');
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[ADDRESS_BYTES_MAX];
    size_t length;
    size_t count;
    int prefix;

    if (slash == NULL)
        return form_is_address(text);
    length = (size_t)(slash - text);
    if (length >= sizeof(address))
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    count = address_bytes(address, bytes);
    prefix = prefix_of(slash + 1);
    return count > 0 && prefix >= 0 && (size_t)prefix <= count * 8 &&
           !has_bits_behind(bytes, count, prefix);
}

static bool has_control_bytes(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return true;
    return false;
}

bool form_is_path(const char *text)
{
    return text[0] == '/' && strlen(text) < PATH_BYTES_MAX && !has_control_bytes(text);
}

bool form_is_socket(const char *text)
{
    return form_is_path(text) && strlen(text) < sizeof(((struct sockaddr_un *)NULL)->sun_path);
}

/* systemd.exec(5): a credential's name is a file's name. */
static bool is_credential_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) <= 255 &&
           !has_control_bytes(name);
}

bool form_is_file(const char *text)
{
    if (strncmp(text, SETTING_CREDENTIAL, strlen(SETTING_CREDENTIAL)) == 0)
        return is_credential_name(text + strlen(SETTING_CREDENTIAL));
    return form_is_path(text);
}

bool form_is_optional_file(const char *text)
{
    return text[0] == '\0' || form_is_file(text);
}

bool form_is_database_prefix(const char *text)
{
    static const char bytes[] = LOWER DIGITS "_";
    size_t length = strspn(text, bytes);

    return length > 0 && length <= PREFIX_BYTES_MAX && text[length] == '\0' &&
           strchr(LOWER, text[0]) != NULL;
}

bool form_is_role(const char *text)
{
    static const char bytes[] = LOWER UPPER DIGITS "_-";
    size_t length = strspn(text, bytes);

    return length > 0 && length <= ROLE_BYTES_MAX && text[length] == '\0';
}

bool form_is_optional_role(const char *text)
{
    return text[0] == '\0' || form_is_role(text);
}

/* Characters that need no escape in a URL (RFC 3986 section 2), less "?" and "#": Location headers
 * are made by appending to it. */
static bool is_url_text(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~:/[]@!$&'()*+,;=%";

    return text[strspn(text, allowed)] == '\0';
}

bool form_is_base_url(const char *text)
{
    size_t length = strlen(text);
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;

    if (length == 0)
        return true;
    return scheme > 0 && length > scheme && length <= URL_BYTES_MAX && text[scheme] != '/' &&
           text[length - 1] != '/' && is_url_text(text);
}
