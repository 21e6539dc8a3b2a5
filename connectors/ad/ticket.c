#include "connectors/ad/ticket.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/id.h"
#include "base/memory.h"

#define STATUS_BYTES 200

/* All that the thread works with, so that it depends on nobody who doesn't wait for it. */
struct job {
    char *principal; /* owned, as all below */
    char *service;
    struct named_file keytab;
    struct ticket ticket;
    const char *step;
    int32_t code; /* of krb5; 0: fine */
    bool failed;
    char text[STATUS_BYTES];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done; /* under lock, as is */
    bool left; /* nobody waits any more */
};

/* ---- words ---- */

/* What an error means decides whether waiting helps, and who has to do something. */
static const struct {
    int32_t code;
    enum err_code err;
    const char *advice;
} reasons[] = {
    {KRB5_KDC_UNREACH,                ERR_SOURCE_UNAVAILABLE, "no domain controller's Kerberos answers"                   },
    {KRB5_REALM_UNKNOWN,              ERR_SOURCE_UNAVAILABLE, "DNS and krb5.conf name no KDC of this realm"               },
    {KRB5_REALM_CANT_RESOLVE,         ERR_SOURCE_UNAVAILABLE, "the KDC's name can't be resolved"                          },
    {KRB5KRB_AP_ERR_SKEW,             ERR_SOURCE_UNAVAILABLE,
     "the clocks of this host and of the domain controller differ by more than five minutes"                              },
    {KRB5KRB_AP_ERR_TKT_EXPIRED,      ERR_SOURCE_UNAVAILABLE,
     "a new ticket is over at once: the clock of this host is ahead of the domain controller's"                           },
    {KRB5KRB_AP_ERR_TKT_NYV,          ERR_SOURCE_UNAVAILABLE,
     "the clock of this host is behind the domain controller's"                                                           },
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, ERR_CONFIGURATION,
     "settings.servers has to name the domain controller as the domain does, with its full name"                          },
    {KRB5KDC_ERR_CLIENT_REVOKED,      ERR_SOURCE_DENIED,      "the account is disabled, expired or locked"                },
    {KRB5KDC_ERR_KEY_EXP,             ERR_SOURCE_DENIED,      "the account's password has expired"                        },
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, ERR_SOURCE_DENIED,      "the domain has no such account"                            },
    {0,                               ERR_SOURCE_DENIED,      "is the keytab of this account and of its present password?"},
};

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

/* The library keeps the words of an error for the thread that had it. */
static void note(struct job *job, const char *step, OM_uint32 major, OM_uint32 minor)
{
    job->step = step;
    job->failed = GSS_ERROR(major) != 0;
    job->code = (int32_t)minor;
    if (!job->failed)
        return;
    append_status(minor, GSS_C_MECH_CODE, job->text, sizeof(job->text));
    if (job->text[0] == '\0')
        append_status(major, GSS_C_GSS_CODE, job->text, sizeof(job->text));
}

static int refused(const struct job *job, struct err *err)
{
    size_t i = 0;

    while (reasons[i].code != 0 && reasons[i].code != job->code)
        i++;
    (void)err_set(err, reasons[i].err, "no Kerberos ticket for %s: %s; %s", job->principal,
                  job->text, reasons[i].advice);
    return err_because(err, "%s %s: %s", job->step, job->service, job->text);
}

/* ---- in the thread ---- */

static void acquire(struct job *job)
{
    char keytab[FILE_NAME_BYTES + sizeof("FILE:")];
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)gss_mech_krb5};
    gss_key_value_element_desc elements[] = {
        {"client_keytab", keytab           },
        {"ccache",        job->ticket.cache}
    };
    gss_key_value_set_desc store = {ARRAY_LENGTH(elements), elements};
    gss_buffer_desc text = {strlen(job->principal), job->principal};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 ignored;
    OM_uint32 major =
        gss_import_name(&minor, &text, (gss_OID)(uintptr_t)GSS_KRB5_NT_PRINCIPAL_NAME, &name);

    (void)snprintf(keytab, sizeof(keytab), "FILE:%s", job->keytab.name);
    if (!GSS_ERROR(major))
        major =
            gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                                  &store, &job->ticket.credential, NULL, &job->ticket.lifetime_s);
    note(job, "gss_acquire_cred_from", major, minor);
    (void)gss_release_name(&ignored, &name);
}

/* The bind finds the service's ticket in the cache, and asks no KDC. */
static void acquire_service(struct job *job)
{
    gss_buffer_desc text = {strlen(job->service), job->service};
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;
    OM_uint32 ignored;
    OM_uint32 major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);

    if (!GSS_ERROR(major))
        major = gss_init_sec_context(&minor, job->ticket.credential, &context, name,
                                     (gss_OID)(uintptr_t)gss_mech_krb5, GSS_C_MUTUAL_FLAG, 0,
                                     GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL,
                                     NULL);
    note(job, "gss_init_sec_context", major, minor);
    (void)gss_release_buffer(&ignored, &token);
    (void)gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
    (void)gss_release_name(&ignored, &name);
}

static void job_free(struct job *job)
{
    ticket_release(&job->ticket);
    file_release(&job->keytab);
    (void)pthread_cond_destroy(&job->changed);
    (void)pthread_mutex_destroy(&job->lock);
    free(job->principal);
    free(job->service);
    free(job);
}

static void *work(void *argument)
{
    struct job *job = argument;
    bool left;

    acquire(job);
    if (!job->failed)
        acquire_service(job);
    (void)pthread_mutex_lock(&job->lock);
    job->done = true;
    left = job->left;
    (void)pthread_cond_signal(&job->changed);
    (void)pthread_mutex_unlock(&job->lock);
    if (left)
        job_free(job);
    return NULL;
}

/* ---- who waits for it ---- */

static struct job *job_new(const struct ticket_request *request, struct named_file *keytab)
{
    struct job *job = memory_calloc(1, sizeof(*job));
    char unique[ID_TEXT_BYTES];
    pthread_condattr_t attributes;

    job->principal = memory_strdup(request->principal);
    job->service = memory_strdup(request->service);
    job->keytab = *keytab;
    id_new(unique);
    (void)snprintf(job->ticket.cache, sizeof(job->ticket.cache), "MEMORY:scimd-%s", unique);
    (void)pthread_mutex_init(&job->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&job->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return job;
}

/* false: the time is over, and the job is the thread's. */
static bool await(struct job *job, int64_t timeout_s)
{
    struct timespec deadline;
    int result = 0;
    bool done;

    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += (time_t)timeout_s;
    (void)pthread_mutex_lock(&job->lock);
    while (!job->done && result == 0)
        result = pthread_cond_timedwait(&job->changed, &job->lock, &deadline);
    done = job->done;
    job->left = !done;
    (void)pthread_mutex_unlock(&job->lock);
    return done;
}

int ticket_get(const struct ticket_request *request, struct named_file *keytab, struct ticket *out,
               struct err *err)
{
    struct job *job = job_new(request, keytab);
    pthread_t thread;
    int result;

    if (pthread_create(&thread, NULL, work, job) != 0) {
        job_free(job);
        return err_set(err, ERR_INTERNAL, "no thread for Kerberos");
    }
    if (!await(job, request->timeout_s)) {
        (void)pthread_detach(thread);
        return err_set(err, ERR_SOURCE_UNAVAILABLE,
                       "no Kerberos ticket for %s: the KDC didn't answer within %lld s",
                       request->principal, (long long)request->timeout_s);
    }
    (void)pthread_join(thread, NULL);
    result = job->failed ? refused(job, err) : 0;
    if (result == 0) {
        *out = job->ticket;
        job->ticket = (struct ticket){.credential = GSS_C_NO_CREDENTIAL};
    }
    job_free(job);
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

void ticket_release(struct ticket *ticket)
{
    OM_uint32 minor;

    if (ticket->credential != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &ticket->credential);
    if (ticket->cache[0] != '\0')
        destroy_cache(ticket->cache);
    *ticket = (struct ticket){.credential = GSS_C_NO_CREDENTIAL};
}
