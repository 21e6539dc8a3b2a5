/* fake_source.h - a directory made of numbers.
 *
 * It has one user a page; tests say how many pages there are, what fails, and where a pull waits.
 * It counts its open sessions: more than one would be an overlap. */
#ifndef SCIMD_TESTS_SYNC_FAKE_SOURCE_H
#define SCIMD_TESTS_SYNC_FAKE_SOURCE_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "connectors/connector.h"

#define FAKE_PATIENCE_US INT64_C(60000000) /* sanitizers and other tests are slow */

static struct {
    atomic_int pages;
    atomic_int error;    /* enum err_code of open(); 0: none */
    atomic_int page_ms;  /* how long a page takes */
    atomic_bool shut;    /* pulls wait until it is opened */
    atomic_int sessions; /* open now */
    atomic_int most;     /* that were open at once */
    atomic_int opened;   /* so far */
    atomic_int pulled;   /* pages so far */
} fake;

static inline void fake_reset(void)
{
    atomic_store(&fake.pages, 2);
    atomic_store(&fake.error, 0);
    atomic_store(&fake.page_ms, 0);
    atomic_store(&fake.shut, false);
    atomic_store(&fake.sessions, 0);
    atomic_store(&fake.most, 0);
    atomic_store(&fake.opened, 0);
    atomic_store(&fake.pulled, 0);
}

static inline void fake_sleep(int milliseconds)
{
    const struct timespec time = {.tv_sec = milliseconds / 1000,
                                  .tv_nsec = milliseconds % 1000 * 1000000L};

    (void)nanosleep(&time, NULL);
}

/* What was read last: it must live until the next call. */
struct fake_session {
    json_t *attributes;
};

static inline int fake_open(const struct connector_settings *settings, void **session,
                            struct err *err)
{
    struct secret password = {0};
    enum err_code code = (enum err_code)atomic_load(&fake.error);

    if (connector_secret(settings, "settings.password", &password, err) < 0)
        return -1;
    secret_free(&password);
    if (code != 0)
        return err_set(err, code, "the fake source is told to fail");
    *session = memory_calloc(1, sizeof(struct fake_session));
    atomic_fetch_add(&fake.opened, 1);
    if (atomic_fetch_add(&fake.sessions, 1) + 1 > atomic_load(&fake.most))
        atomic_store(&fake.most, atomic_load(&fake.sessions));
    return 0;
}

static inline void fake_close(void *session)
{
    struct fake_session *own = session;

    if (own == NULL)
        return;
    json_decref(own->attributes);
    free(own);
    atomic_fetch_sub(&fake.sessions, 1);
}

static inline void fake_user(struct fake_session *session, int number, struct arena *arena,
                             struct page *page)
{
    struct change *change = arena_alloc(arena, sizeof(*change));

    json_decref(session->attributes);
    session->attributes = json_pack("{s:[o], s:[s], s:[s]}", "userPrincipalName",
                                    json_sprintf("u%d@example.com", number), "sn", "Name",
                                    "userAccountControl", "512");
    *change = (struct change){.kind = CHANGE_UPSERT,
                              .object = OBJECT_USER,
                              .source_id = arena_printf(arena, "id-%d", number),
                              .attributes = session->attributes};
    page->changes = change;
    page->count = 1;
}

/* Cursors are page numbers, and "end". */
static inline int fake_pull(void *session, struct cursor from, struct arena *arena,
                            struct page *page, struct err *err)
{
    const char *text = from.length > 0 ? arena_strndup(arena, from.bytes, from.length) : "0";
    int number = atoi(text);
    const char *next;

    (void)err;
    while (atomic_load(&fake.shut))
        fake_sleep(5);
    fake_sleep(atomic_load(&fake.page_ms));
    atomic_fetch_add(&fake.pulled, 1);
    *page = (struct page){.expected_users = -1, .expected_groups = -1};
    if (strcmp(text, "end") != 0)
        fake_user(session, number, arena, page);
    page->caught_up = strcmp(text, "end") == 0 || number + 1 >= atomic_load(&fake.pages);
    next = page->caught_up ? "end" : arena_printf(arena, "%d", number + 1);
    page->next = (struct cursor){next, strlen(next)};
    return 0;
}

static inline int fake_fetch(void *session, enum object_kind object, const char *source_id,
                             struct arena *arena, struct page *page, struct err *err)
{
    (void)object;
    (void)err;
    *page = (struct page){.expected_users = -1, .expected_groups = -1, .caught_up = true};
    fake_user(session, atoi(source_id + strlen("id-")), arena, page);
    return 0;
}

static inline void fake_test(const struct connector_settings *settings, struct findings *findings)
{
    findings_add(findings, &(struct finding){.verdict = FINDING_FINE,
                                             .subject = "url",
                                             .text = connector_text(settings, "settings.url")});
    findings_add(findings, &(struct finding){.verdict = FINDING_FAILURE,
                                             .subject = "door",
                                             .text = "is shut",
                                             .advice = "open it"});
}

static const struct connector_setting fake_rows[] = {
    {.name = "settings.url",      .type = CONNECTOR_TEXT, .required = true},
    {.name = "settings.password",           .type = CONNECTOR_SECRET},
    {.name = NULL},
};

/* Called as one that has a default mapping. */
static const struct connector fake_connector = {.name = "ad",
                                                .reports_deletes = true,
                                                .settings = fake_rows,
                                                .open = fake_open,
                                                .pull = fake_pull,
                                                .fetch = fake_fetch,
                                                .test = fake_test,
                                                .close = fake_close};
static const struct connector *const fake_connectors[] = {&fake_connector, NULL};

static inline bool fake_reaches(atomic_int *counter, int number)
{
    int64_t until_us = clock_monotonic_us() + FAKE_PATIENCE_US;

    while (atomic_load(counter) < number && clock_monotonic_us() < until_us)
        fake_sleep(5);
    return atomic_load(counter) >= number;
}

#endif
