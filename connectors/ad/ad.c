#include "connectors/ad/ad.h"

#include "connectors/ad/session.h"

static const char *const methods[] = {"simple", "gssapi", NULL};
static const char *const deltas[] = {"auto", "dirsync", "usn", NULL};

static const struct connector_setting rows[] = {
    {.name = "settings.servers",
     .type = CONNECTOR_LIST,
     .help = "Domain controllers, ldaps://HOST[:PORT] or ldap://HOST[:PORT], in the order to try "
             "them."},
    {.name = "settings.domain",
     .type = CONNECTOR_TEXT,
     .help = "The DNS domain whose SRV records name the domain controllers, instead of servers."},
    {.name = "settings.site",
     .type = CONNECTOR_TEXT,
     .help = "The AD site whose domain controllers come first."},
    {.name = "settings.start_tls",
     .type = CONNECTOR_SWITCH,
     .fallback = "false",
     .help = "Go over to TLS on ldap:// before anything else."},
    {.name = "settings.ca_file",
     .type = CONNECTOR_CONTENT,
     .help = "The certificate authorities, PEM; without it those of the system."},
    {.name = "settings.bind.method",
     .type = CONNECTOR_WORD,
     .required = true,
     .words = methods,
     .help = "simple sends a password, inside TLS only; gssapi is Kerberos with a keytab."},
    {.name = "settings.bind.user",
     .type = CONNECTOR_TEXT,
     .help = "Of simple: user@domain, DOMAIN\\user or a DN."},
    {.name = "settings.bind.password",                                                                         .type = CONNECTOR_SECRET, .help = "Of simple."},
    {.name = "settings.bind.principal",                                                                                           .type = CONNECTOR_TEXT, .help = "Of gssapi: user@REALM."},
    {.name = "settings.bind.keytab",
     .type = CONNECTOR_CONTENT,
     .help = "Of gssapi: the keytab with the principal's keys."},
    {.name = "settings.base",
     .type = CONNECTOR_TEXT,
     .help = "Where to look if the scope names no place; without it the whole domain."},
    {.name = "settings.delta",
     .type = CONNECTOR_WORD,
     .words = deltas,
     .fallback = "auto",
     .help = "How changes are found: dirsync needs the right DS-Replication-Get-Changes, usn does "
             "not."},
    {.name = "settings.attributes",
     .type = CONNECTOR_LIST,
     .help = "Attributes to read besides those of the default mapping."},
    {.name = "settings.timeout",
     .type = CONNECTOR_NUMBER,
     .low = 1,
     .high = 600,
     .unit = "s",
     .fallback = "30",
     .help = "How long to wait for a connection and for each answer."},
    {.name = "settings.page_size",
     .type = CONNECTOR_NUMBER,
     .low = 1,
     .high = 20000,
     .fallback = "1000",
     .help = "Entries of one page; AD gives at most MaxPageSize."},
    {.name = "settings.range_size",
     .type = CONNECTOR_NUMBER,
     .low = 2,
     .high = 5000,
     .fallback = "1500",
     .help = "Members of a group read at once; AD gives at most MaxValRange."},
    {.name = "scope.users",.type = CONNECTOR_LIST, .help = "The DNs below which people are read."},
    {.name = "scope.user_filter",
     .type = CONNECTOR_TEXT,
     .help = "An LDAP filter that people have to match."},
    {.name = "scope.groups",
     .type = CONNECTOR_LIST,
     .help = "The DNs below which groups are read."},
    {.name = "scope.group_filter",
     .type = CONNECTOR_TEXT,
     .help = "An LDAP filter that groups have to match."},
    {.name = "scope.member_of",
     .type = CONNECTOR_LIST,
     .help = "The DNs of groups of this domain: people only who are members of one of them, also "
             "through nested groups, or have it as their primary group."},
    {.name = NULL                                                                                          },
};

static int ad_open(const struct connector_settings *settings, void **session, struct err *err)
{
    struct session *opened = NULL;

    if (ad_session_open(settings, &opened, err) < 0)
        return -1;
    *session = opened;
    return 0;
}

static int ad_pull(void *handle, struct cursor from, struct arena *arena, struct page *page,
                   struct err *err)
{
    struct session *session = handle;

    if (pass_pull(session, from, arena, page, err) == 0)
        return 0;
    ad_session_failed(session, err);
    return -1;
}

static int ad_fetch(void *handle, enum object_kind object, const char *source_id,
                    struct arena *arena, struct page *page, struct err *err)
{
    struct session *session = handle;
    struct changes changes = {.arena = arena, .kept = session->fetched};

    (void)json_array_clear(session->fetched);
    if ((session->link.ldap == NULL && session_connect(session, NULL, err) < 0) ||
        read_object(session, object, source_id, &changes, err) < 0) {
        ad_session_failed(session, err);
        return -1;
    }
    *page = (struct page){
        .changes = changes.items,
        .count = changes.count,
        .caught_up = true,
        .expected_users = -1,
        .expected_groups = -1,
    };
    return 0;
}

static void ad_close(void *handle)
{
    ad_session_close(handle);
}

const struct connector connector_ad = {
    .name = "ad",
    .reports_deletes = true,
    .settings = rows,
    .open = ad_open,
    .pull = ad_pull,
    .fetch = ad_fetch,
    .test = ad_test,
    .close = ad_close,
};
