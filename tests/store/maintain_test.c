/* What commits leave to housekeeping: on SQLite, copying the log into the database file. */
#include "store_fixture.h"

#define WORKS 1000 /* after so many there is something to do */

static struct maintain_case {
    const char *name;
    int works;
    bool copied; /* the database file alone, without its log, has the rows */
} cases[] = {
    {"much was written",   WORKS,     true },
    {"little was written", WORKS - 1, false},
};

static int insert_numbered(struct session *session, void *argument, struct err *err)
{
    const int *number = argument;
    const struct value values[] = {VALUE_INT(*number)};

    return session_execute(session,
                           "INSERT INTO scimd_meta (tenant_id, name, number) "
                           "VALUES (1, CAST(? AS varchar(64)), 1)",
                           values, 1, NULL, err);
}

/* Rows in a copy of the database file alone; the empty file has none. */
static int64_t rows_without_log(const struct fixture *fixture)
{
    struct fixture copy;
    char command[256];
    int64_t count;

    fixture_start(&copy);
    store_close(copy.store);
    (void)snprintf(command, sizeof(command), "rm %s/control.db* && cp %s/control.db %s/control.db",
                   copy.directory, fixture->directory, copy.directory);
    assert_int_equal(system(command), 0);
    fixture_open_store(&copy);
    count = fixture_number(&copy, "SELECT COUNT(*) FROM scimd_meta WHERE tenant_id = 1");
    fixture_stop(&copy);
    return count;
}

static void copies_the_log_when_there_is_much(void **row)
{
    const struct maintain_case *expected = *row;
    struct fixture fixture;

    if (engine_is_postgresql())
        engine_skip("PostgreSQL has no log of ours to copy");
    fixture_start(&fixture);
    for (int i = 0; i < expected->works; i++)
        fixture_transact(&fixture, insert_numbered, &i);
    assert_int_equal(store_maintain(fixture.scope.database, &fixture.err), 0);
    assert_int_equal(rows_without_log(&fixture), expected->copied ? expected->works : 0);
    fixture_stop(&fixture);
}

int main(void)
{
    return RUN_TABLE("maintain", cases, copies_the_log_when_there_is_much);
}
