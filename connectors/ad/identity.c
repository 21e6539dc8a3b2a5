#include "connectors/ad/identity.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/id.h"
#include "connectors/ad/file.h"

#define STATUS_BYTES 200

static void append_status(OM_uint32 code, int type, char *text, size_t room)
{
    OM_uint32 more = 0;
    OM_uint32 minor;

    do {
        gss_buffer_desc part = GSS_C_EMPTY_BUFFER;
        size_t used = strlen(text);

        if (gss_display_status(&minor, code, type, GSS_C_NO_OID, &more, &part) != GSS_S_COMPLETE)
            return;
        (void)snprintf(text + used, room - used, "%s%.*s", used > 0 ? ": " : "", (int)part.length,
                       (const char *)part.value);
        (void)gss_release_buffer(&minor, &part);
    } while (more != 0);
}

/* Which of the two an error is decides whether waiting helps. */
static int refused(OM_uint32 major, OM_uint32 minor, const char *principal, struct err *err)
{
    char text[STATUS_BYTES] = "";
    int32_t code = (int32_t)minor;
    bool network = code == KRB5_KDC_UNREACH || code == KRB5_REALM_UNKNOWN ||
                   code == KRB5_REALM_CANT_RESOLVE || code == KRB5KRB_AP_ERR_SKEW;

    append_status(minor, GSS_C_MECH_CODE, text, sizeof(text));
    if (text[0] == '\0')
        append_status(major, GSS_C_GSS_CODE, text, sizeof(text));
    if (network)
        (void)err_set(err, ERR_SOURCE_UNAVAILABLE, "no Kerberos ticket for %s: %s", principal,
                      text);
    else
        (void)err_set(err, ERR_SOURCE_DENIED,
                      "no Kerberos ticket for %s: %s; is the keytab of the account's present "
                      "password?",
                      principal, text);
    return err_because(err, "gss_acquire_cred_from: %s", text);
}

static int acquire(struct identity *identity, const char *principal, const char *keytab,
                   struct err *err)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)gss_mech_krb5};
    gss_key_value_element_desc elements[] = {
        {"client_keytab", keytab         },
        {"ccache",        identity->cache}
    };
    gss_key_value_set_desc store = {ARRAY_LENGTH(elements), elements};
    gss_buffer_desc text = {strlen(principal), (void *)(uintptr_t)principal};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 ignored;
    OM_uint32 major =
        gss_import_name(&minor, &text, (gss_OID)(uintptr_t)GSS_KRB5_NT_PRINCIPAL_NAME, &name);

    if (!GSS_ERROR(major))
        major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                                      &store, &identity->credential, NULL, NULL);
    (void)gss_release_name(&ignored, &name);
    return GSS_ERROR(major) ? refused(major, minor, principal, err) : 0;
}

int identity_acquire(struct identity *identity, const struct connector_settings *settings,
                     struct err *err)
{
    const char *principal = connector_text(settings, "settings.bind.principal");
    char unique[ID_TEXT_BYTES];
    char keytab[FILE_NAME_BYTES + 8];
    struct named_file file;
    int result;

    if (principal == NULL || connector_text(settings, "settings.bind.keytab") == NULL)
        return err_set(err, ERR_CONFIGURATION,
                       "settings.bind: gssapi needs a principal and a keytab");
    if (file_named(settings, "settings.bind.keytab", &file, err) < 0) {
        file_release(&file);
        return -1;
    }
    id_new(unique);
    (void)snprintf(identity->cache, sizeof(identity->cache), "MEMORY:scimd-%s", unique);
    (void)snprintf(keytab, sizeof(keytab), "FILE:%s", file.name);
    result = acquire(identity, principal, keytab, err);
    file_release(&file); /* the ticket is there; the next connection reads the keytab again */
    return result;
}

/* Releasing the credential leaves a named cache behind, keys and all. */
static void destroy_cache(const char *name)
{
    krb5_context context;
    krb5_ccache cache;

    if (krb5_init_context(&context) != 0)
        return;
    if (krb5_cc_resolve(context, name, &cache) == 0)
        (void)krb5_cc_destroy(context, cache);
    krb5_free_context(context);
}

void identity_release(struct identity *identity)
{
    OM_uint32 minor;

    if (identity->credential != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &identity->credential);
    if (identity->cache[0] != '\0')
        destroy_cache(identity->cache);
    *identity = (struct identity){.credential = GSS_C_NO_CREDENTIAL};
}
