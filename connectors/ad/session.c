#include "connectors/ad/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"

/* DOMAIN\name, name@domain or a DN: each of them finds the account. */
static void account_filter(struct buf *buf, const char *name)
{
    const char *domain = strchr(name, '\\');
    const char *at = strchr(name, '@');

    if (domain == NULL && at == NULL && strchr(name, '=') != NULL) {
        buf_puts(buf, "(distinguishedName=");
        filter_value(buf, name);
        buf_putc(buf, ')');
        return;
    }
    buf_puts(buf, "(|(userPrincipalName=");
    filter_value(buf, name);
    buf_puts(buf, ")(sAMAccountName=");
    if (domain != NULL) {
        filter_value(buf, domain + 1);
    } else {
        CLEANUP(buf_free) struct buf first = {0};

        buf_append(&first, name, at != NULL ? (size_t)(at - name) : strlen(name));
        filter_value(buf, buf_text(&first));
    }
    buf_puts(buf, "))");
}

int session_check_account(struct session *session, struct err *err)
{
    static const char *const attributes[] = {"objectSid", NULL};
    bool simple = strcmp(connector_text(session->settings, "settings.bind.method"), "simple") == 0;
    const char *name = connector_text(session->settings,
                                      simple ? "settings.bind.user" : "settings.bind.principal");
    CLEANUP(buf_free) struct buf filter = {0};
    struct query query = {.base = session->link.root.naming_context,
                          .scope = LDAP_SCOPE_SUBTREE,
                          .attributes = attributes};
    struct search search = {0};
    bool seen = false;
    int more;

    account_filter(&filter, name);
    query.filter = buf_text(&filter);
    if (search_send(&session->link, &query, &search, err) < 0)
        return -1;
    do {
        CLEANUP(search_message_free) LDAPMessage *message = NULL;

        more = search_next(&session->link, &search, &message, err);
        seen = seen || more > 0;
    } while (more > 0);
    search_end(&session->link, &search);
    if (more == 0 && !seen)
        return err_set(err, ERR_SOURCE_DENIED,
                       "the account %s can't read its own entry in %s: what it sees of others "
                       "can't be trusted",
                       name, query.base);
    return more;
}

static int try_server(struct session *session, const struct server *server, struct err *err)
{
    if (link_open(&session->link, session->settings, server, err) < 0)
        return -1;
    if (session_check_account(session, err) < 0) {
        link_close(&session->link);
        return -1;
    }
    return 0;
}

int session_connect(struct session *session, const char *url, struct err *err)
{
    struct arena *arena CLEANUP(arena_freep) = arena_new(ARENA_BLOCK_BYTES);
    struct servers servers;
    struct server preferred;

    pass_end(session);
    link_close(&session->link);
    if (servers_find(arena, session->settings, &servers, err) < 0)
        return -1;
    if (url != NULL && server_parse(arena, url, &preferred, err) == 0)
        for (size_t i = 0; i < servers.count; i++) /* the settings decide, not an old cursor */
            if (strcmp(servers.items[i].url, preferred.url) == 0 &&
                try_server(session, &servers.items[i], err) == 0)
                return 0;
    for (size_t i = 0; i < servers.count; i++) {
        if (try_server(session, &servers.items[i], err) == 0)
            return 0;
        if (err->code != ERR_SOURCE_UNAVAILABLE)
            return -1; /* another server would say the same, and lock the account */
    }
    return -1;
}

int ad_session_open(const struct connector_settings *settings, struct session **out,
                    struct err *err)
{
    struct session *session = memory_calloc(1, sizeof(*session));
    struct within within; /* wrong names are told at once; each pass reads it anew */

    session->settings = settings;
    session->arena = arena_new(ARENA_BLOCK_BYTES);
    session->pulled = json_array();
    session->fetched = json_array();
    if (session_connect(session, NULL, err) < 0 ||
        scope_make(session->arena, settings, session->link.root.naming_context, &session->scope,
                   err) < 0 ||
        within_read(session, session->arena, &within, err) < 0) {
        ad_session_close(session);
        return -1;
    }
    *out = session;
    return 0;
}

void ad_session_failed(struct session *session, const struct err *err)
{
    pass_end(session);
    if (err->code == ERR_SOURCE_UNAVAILABLE)
        link_close(&session->link);
}

void ad_session_close(struct session *session)
{
    if (session == NULL)
        return;
    pass_end(session);
    link_close(&session->link);
    json_decref(session->pulled);
    json_decref(session->fetched);
    arena_free(session->arena);
    free(session);
}
