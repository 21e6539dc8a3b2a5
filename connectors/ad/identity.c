#include "connectors/ad/identity.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define SECOND_US INT64_C(1000000)

int identity_acquire(struct identity *identity, const struct connector_settings *settings,
                     const char *host, struct err *err)
{
    const char *principal = connector_text(settings, "settings.bind.principal");
    CLEANUP(buf_free) struct buf service = {0};
    struct ticket_request request = {.principal = principal,
                                     .timeout_s = connector_number(settings, "settings.timeout")};
    struct named_file keytab;
    int64_t now_us = clock_now_us();

    if (principal == NULL || connector_text(settings, "settings.bind.keytab") == NULL)
        return err_set(err, ERR_CONFIGURATION,
                       "settings.bind: gssapi needs a principal and a keytab");
    if (file_named(settings, "settings.bind.keytab", &keytab, err) < 0) {
        file_release(&keytab);
        return -1;
    }
    buf_printf(&service, "ldap@%s", host);
    request.service = buf_text(&service);
    /* the tickets are there then; the next connection reads the keytab again */
    if (ticket_get(&request, &keytab, &identity->ticket, err) < 0)
        return -1;
    identity->renew_at_us = now_us + identity->ticket.lifetime_s * SECOND_US / 4 * 3;
    return 0;
}

bool identity_is_old(const struct identity *identity, int64_t now_us)
{
    return identity->renew_at_us > 0 && now_us >= identity->renew_at_us;
}

void identity_release(struct identity *identity)
{
    ticket_release(&identity->ticket);
    identity->renew_at_us = 0;
}
