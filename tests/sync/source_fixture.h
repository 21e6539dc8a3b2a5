/* source_fixture.h - connectors that have rows and nothing else: for the parser of source files. */
#ifndef SCIMD_TESTS_SYNC_SOURCE_FIXTURE_H
#define SCIMD_TESTS_SYNC_SOURCE_FIXTURE_H

#include "connectors/connector.h"

static const char *const fixture_methods[] = {"simple", "gssapi", NULL};

static const struct connector_setting fixture_rows[] = {
    {.name = "settings.servers",    .type = CONNECTOR_LIST, .required = true},
    {.name = "settings.attributes",             .type = CONNECTOR_LIST},
    {.name = "settings.start_tls", .type = CONNECTOR_SWITCH, .fallback = "false"},
    {.name = "settings.timeout",                             .type = CONNECTOR_NUMBER, .low = 1, .high = 600, .fallback = "30"},
    {.name = "settings.bind.method",     .type = CONNECTOR_WORD, .words = fixture_methods},
    {.name = "settings.bind.user",                             .type = CONNECTOR_TEXT},
    {.name = "settings.bind.password",.type = CONNECTOR_SECRET},
    {.name = "settings.bind.keytab",                  .type = CONNECTOR_CONTENT},
    {.name = "scope.users",                             .type = CONNECTOR_LIST},
    {.name = "scope.user_filter",   .type = CONNECTOR_TEXT},
    {.name = NULL                            },
};

static const struct connector fixture_ad = {.name = "ad", .settings = fixture_rows};
static const struct connector fixture_okta = {.name = "okta", .settings = fixture_rows};
static const struct connector *const fixture_connectors[] = {&fixture_ad, &fixture_okta, NULL};

#endif
