#include "connectors/ad/bind.h"

#include <sasl/sasl.h>
#include <string.h>

#include "base/cleanup.h"

/* AD puts the Windows error, in hexadecimal, into the text of result 49. */
static const struct {
    const char *data;
    const char *text;
} reasons[] = {
    {"525",      "there is no such account"                                         },
    {"52e",      "wrong password, or there is no such account"                      },
    {"52f",      "an account restriction forbids it"                                },
    {"530",      "not allowed at this hour"                                         },
    {"531",      "not allowed from this computer"                                   },
    {"532",      "the password has expired"                                         },
    {"533",      "the account is disabled"                                          },
    {"701",      "the account has expired"                                          },
    {"773",      "the password must be changed first"                               },
    {"775",      "the account is locked"                                            },
    {"80090346", "the controller wants channel binding, which this connection lacks"},
};

const char *bind_reason(const char *diagnostic)
{
    const char *data = diagnostic != NULL ? strstr(diagnostic, " data ") : NULL;
    size_t length;

    if (data == NULL)
        return NULL;
    data += strlen(" data ");
    length = strcspn(data, ", ");
    for (size_t i = 0; i < ARRAY_LENGTH(reasons); i++)
        if (strlen(reasons[i].data) == length && strncmp(reasons[i].data, data, length) == 0)
            return reasons[i].text;
    return NULL;
}

static int bind_failed(const struct link *link, int code, const char *account, struct err *err)
{
    char *diagnostic = NULL;
    const char *reason;

    (void)link_failed(link, code, "bind", err);
    (void)ldap_get_option(link->ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, (void *)&diagnostic);
    reason = bind_reason(diagnostic);
    if (reason != NULL) {
        (void)err_set(err, ERR_SOURCE_DENIED, "%s refuses %s: %s", link->url, account, reason);
        (void)err_because(err, "LDAP result %d: %s", code, diagnostic);
    }
    ldap_memfree(diagnostic);
    return -1;
}

int bind_simple(struct link *link, const struct connector_settings *settings, bool tls,
                struct err *err)
{
    const char *user = connector_text(settings, "settings.bind.user");
    CLEANUP(secret_free) struct secret password = {0};
    struct berval credential;
    int code;

    if (!tls)
        return err_set(err, ERR_CONFIGURATION,
                       "settings.bind: a password is sent inside TLS only: use ldaps:// or "
                       "start_tls");
    if (connector_secret(settings, "settings.bind.password", &password, err) < 0)
        return -1;
    /* AD takes an empty password for an anonymous bind, and says "success" */
    if (user == NULL || password.length == 0)
        return err_set(err, ERR_CONFIGURATION, "settings.bind: simple needs a user and a password");
    credential = (struct berval){.bv_len = password.length, .bv_val = password.bytes};
    code = ldap_sasl_bind_s(link->ldap, user, LDAP_SASL_SIMPLE, &credential, NULL, NULL, NULL);
    return code == LDAP_SUCCESS ? 0 : bind_failed(link, code, user, err);
}

/* There is no SASL context to put the credential into before the library asks its questions. */
static int answer(LDAP *ldap, unsigned flags, void *defaults, void *interact)
{
    (void)flags;
    for (sasl_interact_t *question = interact; question->id != SASL_CB_LIST_END; question++) {
        const char *text = question->defresult != NULL ? question->defresult : "";

        question->result = text;
        question->len = (unsigned)strlen(text);
    }
    return ldap_set_option(ldap, LDAP_OPT_X_SASL_GSS_CREDS, defaults) == LDAP_OPT_SUCCESS
               ? LDAP_SUCCESS
               : LDAP_LOCAL_ERROR;
}

int bind_gssapi(struct link *link, const struct connector_settings *settings,
                const struct server *server, bool tls, struct err *err)
{
    static const int binding = LDAP_OPT_X_SASL_CBINDING_TLS_ENDPOINT;
    const char *principal = connector_text(settings, "settings.bind.principal");
    int code;

    if (identity_acquire(&link->identity, settings, server->host, err) < 0)
        return -1;
    if (ldap_set_option(link->ldap, LDAP_OPT_X_SASL_SECPROPS, tls ? "maxssf=0" : "minssf=56") !=
            LDAP_OPT_SUCCESS ||
        (tls &&
         ldap_set_option(link->ldap, LDAP_OPT_X_SASL_CBINDING, &binding) != LDAP_OPT_SUCCESS))
        return err_set(err, ERR_INTERNAL, "the LDAP library lacks SASL");
    code = ldap_sasl_interactive_bind_s(link->ldap, NULL, "GSSAPI", NULL, NULL, LDAP_SASL_QUIET,
                                        answer, link->identity.ticket.credential);
    if (code == LDAP_LOCAL_ERROR) { /* what our side of Kerberos or SASL makes of the tickets */
        (void)link_failed(link, code, "Kerberos", err);
        (void)err_set(err, ERR_SOURCE_DENIED, "%s: Kerberos fails for %s: %s", link->url, principal,
                      err->cause);
        return -1;
    }
    return code == LDAP_SUCCESS ? 0 : bind_failed(link, code, principal, err);
}
