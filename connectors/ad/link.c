#include "connectors/ad/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "connectors/ad/bind.h"
#include "connectors/ad/file.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

static void message_freep(LDAPMessage **message)
{
    if (*message != NULL)
        (void)ldap_msgfree(*message);
}

/* ---- errors ---- */

static enum err_code meaning(int code)
{
    switch (code) {
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_AUTH_METHOD_NOT_SUPPORTED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
        return ERR_SOURCE_DENIED;
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
    case LDAP_REFERRAL:
    case LDAP_FILTER_ERROR:
    case LDAP_NO_SUCH_ATTRIBUTE:
        return ERR_CONFIGURATION;
    default:
        return ERR_SOURCE_UNAVAILABLE;
    }
}

int link_failed(const struct link *link, int code, const char *doing, struct err *err)
{
    char *diagnostic = NULL;

    if (link->ldap != NULL)
        (void)ldap_get_option(link->ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, (void *)&diagnostic);
    (void)err_set(err, meaning(code), "%s: %s: %s", link->url, doing, ldap_err2string(code));
    (void)err_because(err, "LDAP result %d: %s", code, diagnostic != NULL ? diagnostic : "");
    ldap_memfree(diagnostic);
    return -1;
}

/* ---- options ---- */

struct option {
    int name;
    const void *value;
};

static int set_options(const struct link *link, const struct option *options, size_t count,
                       struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (ldap_set_option(link->ldap, options[i].name, options[i].value) != LDAP_OPT_SUCCESS)
            return err_set(err, ERR_CONFIGURATION, "LDAP option %d is not accepted by the library",
                           options[i].name);
    return 0;
}

static int set_general_options(const struct link *link, struct err *err)
{
    static const int version = LDAP_VERSION3;
    const struct option options[] = {
        {LDAP_OPT_PROTOCOL_VERSION, &version      },
        {LDAP_OPT_REFERRALS,        LDAP_OPT_OFF  }, /* they would be chased anonymously */
        {LDAP_OPT_NETWORK_TIMEOUT,  &link->timeout},
        {LDAP_OPT_TIMEOUT,          &link->timeout},
        {LDAP_OPT_CONNECT_ASYNC,    LDAP_OPT_ON   }, /* else no time limit in TLS handshakes */
        {LDAP_OPT_X_SASL_NOCANON,   LDAP_OPT_ON   }, /* the name asked for, not what DNS makes of it */
    };

    return set_options(link, options, ARRAY_LENGTH(options), err);
}

static int set_tls_options(const struct link *link, const struct connector_settings *settings,
                           struct err *err)
{
    static const int demand = LDAP_OPT_X_TLS_DEMAND;
    static const int minimum = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    static const int client = 0;
    struct named_file authorities;
    int result = file_named(settings, "settings.ca_file", &authorities, err);

    if (result == 0) {
        const struct option options[] = {
            {LDAP_OPT_X_TLS_CACERTFILE,
             authorities.name[0] != '\0' ? authorities.name : SYSTEM_CA_FILE},
            {LDAP_OPT_X_TLS_REQUIRE_CERT, &demand                           },
            {LDAP_OPT_X_TLS_REQUIRE_SAN,  &demand                           },
            {LDAP_OPT_X_TLS_PROTOCOL_MIN, &minimum                          },
            {LDAP_OPT_X_TLS_NEWCTX,       &client                           }, /* reads the file: last */
        };

        result = set_options(link, options, ARRAY_LENGTH(options), err);
        if (result < 0)
            (void)err_set(err, ERR_CONFIGURATION,
                          "settings.ca_file: %s holds no certificates that can be used",
                          authorities.name[0] != '\0' ? authorities.name : SYSTEM_CA_FILE);
    }
    file_release(&authorities);
    return result;
}

/* ---- root entry ---- */

static void take_text(LDAP *ldap, LDAPMessage *entry, const char *name, char *out, size_t room)
{
    struct berval **values = ldap_get_values_len(ldap, entry, name);

    out[0] = '\0';
    if (values != NULL && values[0] != NULL && values[0]->bv_len < room) {
        memcpy(out, values[0]->bv_val, values[0]->bv_len);
        out[values[0]->bv_len] = '\0';
    }
    ldap_value_free_len(values);
}

static int read_entry(struct link *link, const char *dn, const char *const *attributes,
                      LDAPMessage **out, struct err *err)
{
    int code =
        ldap_search_ext_s(link->ldap, dn, LDAP_SCOPE_BASE, "(objectClass=*)",
                          (char **)(uintptr_t)attributes, 0, NULL, NULL, &link->timeout, 0, out);

    if (code != LDAP_SUCCESS)
        return link_failed(link, code, *dn == '\0' ? "reading the root entry" : "reading", err);
    if (ldap_first_entry(link->ldap, *out) == NULL)
        return err_set(err, ERR_SOURCE_UNAVAILABLE, "%s: shows no entry %s", link->url, dn);
    return 0;
}

static int read_invocation(struct link *link, struct err *err)
{
    static const char *const attributes[] = {"invocationId", NULL};
    CLEANUP(message_freep) LDAPMessage *message = NULL;
    struct berval **values;

    if (read_entry(link, link->root.service, attributes, &message, err) < 0)
        return -1;
    values = ldap_get_values_len(link->ldap, ldap_first_entry(link->ldap, message), "invocationId");
    if (values != NULL && values[0] != NULL && values[0]->bv_len == GUID_BYTES)
        guid_format((const uint8_t *)values[0]->bv_val, link->root.invocation);
    ldap_value_free_len(values);
    return 0;
}

int root_read(struct link *link, struct err *err)
{
    static const char *const attributes[] = {"defaultNamingContext", "dsServiceName",
                                             "highestCommittedUSN", "currentTime", NULL};
    CLEANUP(message_freep) LDAPMessage *message = NULL;
    LDAPMessage *entry;
    char usn[32];

    if (read_entry(link, "", attributes, &message, err) < 0)
        return -1;
    entry = ldap_first_entry(link->ldap, message);
    take_text(link->ldap, entry, "defaultNamingContext", link->root.naming_context,
              sizeof(link->root.naming_context));
    take_text(link->ldap, entry, "dsServiceName", link->root.service, sizeof(link->root.service));
    take_text(link->ldap, entry, "currentTime", link->root.current_time,
              sizeof(link->root.current_time));
    take_text(link->ldap, entry, "highestCommittedUSN", usn, sizeof(usn));
    link->root.highest_usn = strtoll(usn, NULL, 10);
    if (link->root.naming_context[0] == '\0' || link->root.service[0] == '\0' || usn[0] == '\0')
        return err_set(err, ERR_CONFIGURATION, "%s is no Active Directory domain controller",
                       link->url);
    return 0;
}

/* ---- life ---- */

int link_connect(struct link *link, const struct connector_settings *settings,
                 const struct server *server, struct err *err)
{
    bool start_tls = connector_switch(settings, "settings.start_tls") && !server->tls;
    int code;

    *link = (struct link){.timeout.tv_sec = (time_t)connector_number(settings, "settings.timeout")};
    (void)snprintf(link->url, sizeof(link->url), "%s", server->url);
    code = ldap_initialize(&link->ldap, server->url);
    if (code != LDAP_SUCCESS)
        return link_failed(link, code, "settings.servers", err);
    if (set_general_options(link, err) < 0 || set_tls_options(link, settings, err) < 0)
        return -1;
    if (start_tls) {
        code = ldap_start_tls_s(link->ldap, NULL, NULL);
        if (code != LDAP_SUCCESS)
            return link_failed(link, code,
                               "StartTLS: no connection, or the certificate is not of "
                               "settings.ca_file, of this host or of today",
                               err);
    }
    if (root_read(link, err) == 0)
        return 0;
    if (err->code == ERR_SOURCE_UNAVAILABLE && server->tls)
        (void)err_set(err, ERR_SOURCE_UNAVAILABLE,
                      "%s: no connection, or its certificate is not of settings.ca_file, of this "
                      "host or of today",
                      link->url);
    return -1;
}

int link_bind(struct link *link, const struct connector_settings *settings,
              const struct server *server, struct err *err)
{
    bool tls = server->tls || connector_switch(settings, "settings.start_tls");

    if (strcmp(connector_text(settings, "settings.bind.method"), "simple") == 0)
        return bind_simple(link, settings, tls, err);
    return bind_gssapi(link, settings, server, tls, err);
}

int link_open(struct link *link, const struct connector_settings *settings,
              const struct server *server, struct err *err)
{
    if (link_connect(link, settings, server, err) < 0 ||
        link_bind(link, settings, server, err) < 0 || root_read(link, err) < 0 ||
        read_invocation(link, err) < 0) {
        link_close(link);
        return -1;
    }
    return 0;
}

void link_close(struct link *link)
{
    if (link->ldap != NULL)
        (void)ldap_unbind_ext(link->ldap, NULL, NULL);
    identity_release(&link->identity);
    *link = (struct link){.ldap = NULL};
}
