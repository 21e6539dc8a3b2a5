#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "connectors/ad/ad.h"
#include "connectors/ad/session.h"

#define SKEW_MAX_S 300 /* Kerberos allows five minutes */
#define SECOND_US 1000000

static void say(struct findings *findings, const struct finding *finding)
{
    findings_add(findings, finding);
}

static void fine(struct findings *findings, const char *subject, const char *text)
{
    say(findings, &(struct finding){FINDING_FINE, subject, text, NULL});
}

static void failed(struct findings *findings, const char *subject, const struct err *err,
                   const char *advice)
{
    say(findings, &(struct finding){FINDING_FAILURE, subject,
                                    arena_printf(findings->arena, "%s%s%s%s", err->detail,
                                                 err->cause[0] != '\0' ? " (" : "", err->cause,
                                                 err->cause[0] != '\0' ? ")" : ""),
                                    advice});
}

/* "20261125081500.0Z" */
static bool time_of(const char *text, int64_t *time_us)
{
    char written[sizeof("2026-11-25T08:15:00Z")];

    if (strspn(text, "0123456789") != strlen("20261125081500"))
        return false;
    (void)snprintf(written, sizeof(written), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4,
                   text + 6, text + 8, text + 10, text + 12);
    return clock_parse(written, strlen(written), time_us);
}

static void test_clock(const struct session *session, struct findings *findings)
{
    int64_t time_us = 0;
    int64_t skew;

    if (!time_of(session->link.root.current_time, &time_us)) {
        say(findings, &(struct finding){FINDING_WARNING, "clock",
                                        "the domain controller doesn't tell its time", NULL});
        return;
    }
    skew = (time_us - clock_now_us()) / SECOND_US;
    if (skew > SKEW_MAX_S || skew < -SKEW_MAX_S)
        say(findings,
            &(struct finding){FINDING_WARNING, "clock",
                              arena_printf(findings->arena,
                                           "the domain controller's clock differs by %lld s",
                                           (long long)skew),
                              "Let both follow the same time servers: Kerberos fails beyond five "
                              "minutes, and accounts expire at another time."});
    else
        fine(findings, "clock", "agrees with the domain controller's");
}

static void test_dirsync(struct session *session, struct findings *findings)
{
    struct search search = {0};
    struct err err = {0};

    if (dirsync_baseline(session, &search, &err) == 0)
        fine(findings, "rights", "the account may use DirSync");
    else
        say(findings,
            &(struct finding){
                strcmp(connector_text(session->settings, "settings.delta"), "dirsync") == 0
                    ? FINDING_FAILURE
                    : FINDING_WARNING,
                "rights",
                arena_printf(findings->arena, "no DirSync: %s; changes are found by USN",
                             err.detail),
                "Grant the account \"Replicating Directory Changes\" on the domain (not \"... "
                "All\")."});
    search_end(&session->link, &search);
}

/* Without the right the container is there and shows nothing, and tombstones are left out without
 * a word. */
static void test_tombstones(struct session *session, struct findings *findings)
{
    static const char *const attributes[] = {"name", NULL};
    const struct query query = {
        .base = arena_printf(findings->arena, "CN=Deleted Objects,%s",
                             session->link.root.naming_context),
        .scope = LDAP_SCOPE_BASE,
        .filter = "(objectClass=*)",
        .attributes = attributes,
        .deleted = true,
    };
    CLEANUP(search_message_free) LDAPMessage *message = NULL;
    struct search search = {0};
    struct entry entry = {.placed = false};
    struct err err = {0};
    bool visible =
        search_send(&session->link, &query, &search, &err) == 0 &&
        search_next(&session->link, &search, &message, &err) == 1 &&
        entry_read(session->link.ldap, message, findings->arena, &entry, NULL, &err) == 0 &&
        entry.placed;

    search_end(&session->link, &search);
    if (visible)
        fine(findings, "rights", "deleted objects are visible");
    else
        say(findings, &(struct finding){FINDING_WARNING, "rights",
                                        "deleted objects are not visible: deletions show in full "
                                        "passes only",
                                        "Give the account List Contents and Read Property on "
                                        "CN=Deleted Objects (dsacls ... /G ACCOUNT:LCRP)."});
}

static void test_groups(struct session *session, struct findings *findings)
{
    struct within within = {.count = 0};
    struct err err = {0};

    if (within_read(session, findings->arena, &within, &err) < 0)
        failed(findings, "scope", &err, "Correct scope.member_of in the source file.");
    else if (within.count > 0)
        fine(findings, "scope",
             arena_printf(findings->arena, "scope.member_of: %zu groups with those nested in them",
                          within.count));
}

/* Returns false where nothing more can be looked at. */
static bool test_server(struct session *session, const struct server *server,
                        struct findings *findings)
{
    struct err err = {0};

    if (link_connect(&session->link, session->settings, server, &err) < 0) {
        failed(findings, "connection", &err,
               "Check that host and port can be reached, that settings.ca_file issued the "
               "server's certificate, that it names this host, and that it is in force.");
        return false;
    }
    fine(findings, server->tls ? "TLS" : "connection",
         arena_printf(findings->arena, "%s answers", server->url));
    if (link_bind(&session->link, session->settings, server, &err) < 0 ||
        root_read(&session->link, &err) < 0) {
        failed(findings, "bind", &err,
               "Check the account, its password or keytab, and the method.");
        return false;
    }
    fine(findings, "bind", "the account is accepted");
    if (session_check_account(session, &err) < 0) {
        failed(findings, "account", &err, "Let the account read the domain.");
        return false;
    }
    return true;
}

static void test_scope(struct session *session, struct findings *findings)
{
    struct err err = {0};

    if (scope_make(session->arena, session->settings, session->link.root.naming_context,
                   &session->scope, &err) < 0) {
        failed(findings, "scope", &err, "Correct the filter in the source file.");
        return;
    }
    test_groups(session, findings);
    test_dirsync(session, findings);
    test_tombstones(session, findings);
    test_clock(session, findings);
}

void ad_test(const struct connector_settings *settings, struct findings *findings)
{
    struct session session = {.settings = settings, .arena = arena_new(ARENA_BLOCK_BYTES)};
    struct servers servers = {.count = 0};
    struct err err = {0};

    if (servers_find(session.arena, settings, &servers, &err) < 0)
        failed(findings, "name resolution", &err, "Name the controllers in settings.servers.");
    else
        fine(findings, "name resolution",
             arena_printf(findings->arena, "%zu domain controllers, %s first", servers.count,
                          servers.items[0].url));
    for (size_t i = 0; i < servers.count; i++) {
        bool works = test_server(&session, &servers.items[i], findings);

        if (works)
            test_scope(&session, findings);
        link_close(&session.link);
        if (works)
            break;
    }
    arena_free(session.arena);
}
