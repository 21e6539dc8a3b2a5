#include "connectors/ad/servers.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "connectors/ad/srv.h"

#define LDAP_PORT "389"
#define LDAPS_PORT "636"
#define GLOBAL_CATALOG_PORT "3268"
#define GLOBAL_CATALOG_TLS_PORT "3269"
#define PORT_MAX 65535

static bool starts_with(const char *text, const char *prefix)
{
    return strlen(text) >= strlen(prefix) && text_equals_ascii(text, strlen(prefix), prefix);
}

static int refuse(struct err *err, const char *url, const char *what)
{
    return err_set(err, ERR_CONFIGURATION, "settings.servers: %s: %s", url, what);
}

static bool port_is_valid(const char *port)
{
    return strspn(port, "0123456789") == strlen(port) && strlen(port) >= 1 && strlen(port) <= 5 &&
           strtol(port, NULL, 10) >= 1 && strtol(port, NULL, 10) <= PORT_MAX;
}

int server_parse(struct arena *arena, const char *url, struct server *out, struct err *err)
{
    struct server server = {.tls = starts_with(url, "ldaps://")};
    const char *host = strstr(url, "://");
    size_t length;

    if (host == NULL || (!server.tls && !starts_with(url, "ldap://")))
        return refuse(err, url, "must begin with ldaps:// or ldap://");
    host += strlen("://");
    length = *host == '[' ? strcspn(host, "]") + (strchr(host, ']') != NULL) : strcspn(host, ":/");
    if (length == 0 || strcspn(host, "@?# ") < length)
        return refuse(err, url, "has no host name");
    server.host = arena_strndup(arena, host, length);
    host += length;
    server.port = server.tls ? LDAPS_PORT : LDAP_PORT;
    if (*host == ':') {
        length = strcspn(++host, "/");
        server.port = arena_strndup(arena, host, length);
        host += length;
    }
    if (!port_is_valid(server.port))
        return refuse(err, url, "has an impossible port");
    if (*host != '\0' && strcmp(host, "/") != 0)
        return refuse(err, url, "must end after host and port");
    /* it has a part of the attributes only, and not all members of groups */
    if (strcmp(server.port, GLOBAL_CATALOG_PORT) == 0 ||
        strcmp(server.port, GLOBAL_CATALOG_TLS_PORT) == 0)
        return refuse(err, url, "is a global catalog; name a domain controller's port 636 or 389");
    server.url =
        arena_printf(arena, "ldap%s://%s:%s", server.tls ? "s" : "", server.host, server.port);
    *out = server;
    return 0;
}

static int listed(struct arena *arena, const struct connector_settings *settings,
                  struct servers *out, struct err *err)
{
    size_t count = connector_list_count(settings, "settings.servers");

    if (count > SERVERS_MAX)
        return err_set(err, ERR_CONFIGURATION, "settings.servers: has more than %d", SERVERS_MAX);
    for (size_t i = 0; i < count; i++)
        if (server_parse(arena, connector_list_item(settings, "settings.servers", i),
                         &out->items[out->count++], err) < 0)
            return -1;
    return 0;
}

static void add(struct arena *arena, const struct connector_settings *settings,
                const struct srv_target *target, struct servers *out)
{
    /* a password travels inside TLS only; DNS tells the port of plain LDAP */
    bool tls = strcmp(connector_text(settings, "settings.bind.method"), "simple") == 0 &&
               !connector_switch(settings, "settings.start_tls");
    struct server server = {.host = target->host, .tls = tls};

    server.port = tls ? LDAPS_PORT : arena_printf(arena, "%u", target->port);
    server.url = arena_printf(arena, "ldap%s://%s:%s", tls ? "s" : "", server.host, server.port);
    for (size_t i = 0; i < out->count; i++)
        if (text_compare_ascii(out->items[i].url, server.url) == 0)
            return;
    if (out->count < SERVERS_MAX)
        out->items[out->count++] = server;
}

static int ask_dns(struct arena *arena, const struct connector_settings *settings,
                   const char *domain, struct servers *out, struct err *err)
{
    const char *site = connector_text(settings, "settings.site");
    const char *names[] = {
        site != NULL ? arena_printf(arena, "_ldap._tcp.%s._sites.dc._msdcs.%s", site, domain)
                     : NULL,
        arena_printf(arena, "_ldap._tcp.dc._msdcs.%s", domain),
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct srv_target targets[SERVERS_MAX];
        size_t count = names[i] != NULL ? srv_lookup(arena, names[i], targets, SERVERS_MAX) : 0;

        for (size_t j = 0; j < count; j++)
            add(arena, settings, &targets[j], out);
    }
    if (out->count == 0)
        return err_set(err, ERR_SOURCE_UNAVAILABLE,
                       "DNS names no domain controller: no answer for the SRV records of %s",
                       names[1]);
    return 0;
}

int servers_find(struct arena *arena, const struct connector_settings *settings,
                 struct servers *out, struct err *err)
{
    const char *domain = connector_text(settings, "settings.domain");
    struct servers found = {.count = 0};

    if ((connector_list_count(settings, "settings.servers") > 0) == (domain != NULL))
        return err_set(err, ERR_CONFIGURATION, "settings: needs either servers or domain");
    if (domain != NULL ? ask_dns(arena, settings, domain, &found, err) < 0
                       : listed(arena, settings, &found, err) < 0)
        return -1;
    *out = found;
    return 0;
}
