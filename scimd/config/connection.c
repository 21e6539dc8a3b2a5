#include "config/connection.h"

#include "base/cleanup.h"
#include "config/check.h"
#include "config/form.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define SERVER_BYTES_MAX 256

/* One KEY=VALUE. */
struct pair {
    const char *key;
    size_t key_length;
    const char *value; /* without the braces around it */
    size_t value_length;
};

struct found {
    char server[SERVER_BYTES_MAX];
    bool verifies;
};

static bool is_key(const struct pair *pair, const char *key)
{
    return pair->key_length == strlen(key) && strncasecmp(pair->key, key, pair->key_length) == 0;
}

/* Does a list such as "sslrootcert=/x connect_timeout=5" name an option that begins so?  libpq
 * takes what stands behind a quote for the next name. */
static bool has_option(const struct pair *pair, const char *beginning)
{
    size_t length = strlen(beginning);

    for (size_t i = 0; i + length <= pair->value_length; i++)
        if ((i == 0 || strchr(" \t'", pair->value[i - 1]) != NULL) &&
            strncasecmp(pair->value + i, beginning, length) == 0)
            return true;
    return false;
}

/* The end of a value in braces: its closing one; NULL where there is none. */
static const char *end_of_braces(const char *value)
{
    for (const char *at = value; (at = strchr(at, '}')) != NULL; at += 2)
        if (at[1] != '}')
            return at;
    return NULL;
}

/* Takes a pair off *text; what is wrong, or NULL. */
static const char *take(const char **text, struct pair *out)
{
    const char *equals = strpbrk(*text, "=;");
    const char *end;

    if (equals == NULL || *equals != '=' || equals == *text)
        return "expected KEY=VALUE with semicolons between";
    *out = (struct pair){.key = *text, .key_length = (size_t)(equals - *text), .value = equals + 1};
    if (*out->value == '{') {
        out->value++;
        end = end_of_braces(out->value);
        if (end == NULL)
            return "a brace is left open";
        out->value_length = (size_t)(end - out->value);
        end++;
    } else {
        out->value_length = strcspn(out->value, ";{}");
        end = out->value + out->value_length;
    }
    if (*end != '\0' && *end != ';')
        return "a value with braces or a semicolon stands in braces, a closing one in it doubled";
    *text = *end == ';' ? end + 1 : end;
    return NULL;
}

/* libpq's options would have the last word. */
static const char *look_at_options(const struct pair *pair)
{
    static const char *const ours[] = {"sslmode", "host", "port", "dbname", "service"};

    for (size_t i = 0; i < ARRAY_LENGTH(ours); i++)
        if (has_option(pair, ours[i]))
            return "pqopt: server, database and SSLmode are not named in it";
    return NULL;
}

/* The driver knows dozens of keys, some by two names: these are the administrator's to set. */
static bool is_known(const struct pair *pair)
{
    static const char *const keys[] = {"Server", "Servername", "Port",          "Uid",
                                       "Pwd",    "SSLmode",    "KeepaliveTime", "KeepaliveInterval",
                                       "pqopt"};

    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
        if (is_key(pair, keys[i]))
            return true;
    return false;
}

static const char *look_at(const struct pair *pair, struct found *found)
{
    if (!is_known(pair))
        return "a key is not one of Server, Port, Uid, Pwd, SSLmode, KeepaliveTime, "
               "KeepaliveInterval and pqopt";
    if (is_key(pair, "SSLmode"))
        found->verifies = pair->value_length == strlen("verify-full") &&
                          strncasecmp(pair->value, "verify-full", pair->value_length) == 0;
    if (is_key(pair, "pqopt"))
        return look_at_options(pair);
    if (!is_key(pair, "Server") && !is_key(pair, "Servername"))
        return NULL;
    if (found->server[0] != '\0')
        return "Server is named twice";
    if (pair->value_length == 0 || pair->value_length >= sizeof(found->server))
        return "Server: expected a host or a socket's directory";
    memcpy(found->server, pair->value, pair->value_length);
    found->server[pair->value_length] = '\0';
    return NULL;
}

static bool is_here(const char *server)
{
    return server[0] == '/' || strcasecmp(server, "localhost") == 0 || form_is_loopback(server);
}

int connection_check(const char *text, const char *file, struct err *err)
{
    struct found found = {.server = ""};
    struct pair pair;
    const char *wrong = text[strcspn(text, "\r\n")] != '\0' ? "more than one line" : NULL;

    while (wrong == NULL && *text != '\0') {
        wrong = take(&text, &pair);
        if (wrong == NULL)
            wrong = look_at(&pair, &found);
    }
    if (wrong == NULL && found.server[0] == '\0')
        wrong = "Server is missing";
    if (wrong == NULL && !found.verifies && !is_here(found.server))
        wrong = "SSLmode=verify-full is missing, and the server is on another machine";
    return wrong != NULL ? err_at(err, file, 1, "%s", wrong) : 0;
}
