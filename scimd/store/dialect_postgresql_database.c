#include "store/dialect_postgresql.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "store/session_private.h"

#define PREFIX_DEFAULT "scimd_"
#define MAINTENANCE_DEFAULT "postgres"
#define NAME_BYTES_MAX 63 /* PostgreSQL cuts longer ones: NAMEDATALEN */
#define NAME_BYTES        /* what goes into a connection string as it is */                        \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define NAME_HASH_DIGITS 16
#define VERSION_MIN 130000     /* pg_current_xact_id(), DROP DATABASE .. WITH (FORCE) */
#define LOCK_TIMEOUT_MS_MIN 10 /* 0 would wait for ever */

static const char *or_default(const char *text, const char *fallback)
{
    return text != NULL ? text : fallback;
}

/* One that is too long ends with a hash of the whole name. */
static int database_name(const struct store_settings *settings, const char *name, struct buf *out,
                         struct err *err)
{
    const char *prefix = or_default(settings->database_prefix, PREFIX_DEFAULT);
    uint8_t digest[DIGEST_BYTES];
    char hash[DIGEST_HEX_BYTES];
    int left = NAME_BYTES_MAX - 1 - NAME_HASH_DIGITS - (int)strnlen(prefix, NAME_BYTES_MAX);

    if (left <= 0)
        return err_set(err, ERR_CONFIGURATION, "the prefix of databases' names is too long: %s",
                       prefix);
    if (strlen(prefix) + strlen(name) <= NAME_BYTES_MAX) {
        buf_printf(out, "%s%s", prefix, name);
        return 0;
    }
    digest_sha256(name, strlen(name), digest);
    digest_hex(digest, hash);
    buf_printf(out, "%s%.*s_%.*s", prefix, left, name, NAME_HASH_DIGITS, hash);
    return 0;
}

static void put_identifier(struct buf *out, const char *name)
{
    buf_putc(out, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            buf_putc(out, '"');
        buf_putc(out, *name);
    }
    buf_putc(out, '"');
}

/* The last of two equal keywords counts: what we add is not the template's to decide. */
static int put_connection_string(const struct store_settings *settings, const char *database,
                                 struct buf *out, struct err *err)
{
    const char *template = settings->connection;
    int timeout_ms = settings->busy_timeout_ms;

    if (strspn(database, NAME_BYTES) != strlen(database))
        return err_set(err, ERR_CONFIGURATION,
                       "PostgreSQL's name for it may have letters, digits, _ and - only: %s",
                       database);
    if (template == NULL || *template == '\0')
        return err_set(err, ERR_CONFIGURATION,
                       "no connection string says where the PostgreSQL server is");
    buf_printf(out, "Driver=" POSTGRESQL_DRIVER ";%s;Database=%s", template, database);
    buf_printf(out,
               ";Protocol=7.4-0;ConnSettings={set jit=off;set application_name='scimd';"
               "set timezone='UTC';set scimd.tenant='0';set lock_timeout=%d}",
               timeout_ms > LOCK_TIMEOUT_MS_MIN ? timeout_ms : LOCK_TIMEOUT_MS_MIN);
    return 0;
}

int postgresql_locate(const struct store_settings *settings, const char *name,
                      struct buf *connection_string, struct err *err)
{
    CLEANUP(buf_free) struct buf database = {0};

    if (database_name(settings, name, &database, err) < 0)
        return -1;
    return put_connection_string(settings, buf_text(&database), connection_string, err);
}

static int open_maintenance(void *environment, const struct store_settings *settings,
                            struct session **out, struct err *err)
{
    CLEANUP(buf_free) struct buf connection_string = {0};

    if (put_connection_string(settings,
                              or_default(settings->maintenance_database, MAINTENANCE_DEFAULT),
                              &connection_string, err) < 0)
        return -1;
    return session_open(environment, &dialect_postgresql, settings, connection_string.bytes, out,
                        err);
}

/* The first number that the query answers, 0 where there is no row. */
static int ask_number(struct session *session, const char *sql, const struct value *value,
                      int64_t *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session, sql, value, value != NULL ? 1 : 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *out = more > 0 ? rows_integer(rows, 0) : 0;
    return 0;
}

static int refuse_create(const char *statement, struct err *err)
{
    struct err inner = *err;

    (void)err_set(err, ERR_CONFIGURATION,
                  "it does not exist, and our role may not create it; run, as a role that may: %s",
                  statement);
    return err_because(err, "%s", inner.cause);
}

static int create_on(struct session *session, const struct store_settings *settings,
                     const char *database, struct err *err)
{
    CLEANUP(buf_free) struct buf statement = {0};
    const struct value name = VALUE_STRING(database);
    int64_t found = 0;

    buf_puts(&statement, "CREATE DATABASE ");
    put_identifier(&statement, database);
    if (settings->owner != NULL) {
        buf_puts(&statement, " OWNER ");
        put_identifier(&statement, settings->owner);
    }
    buf_puts(&statement, " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
    if (session_run_text(session, statement.bytes, err) == 0)
        return 0;
    if (session_is_lost(session))
        return -1;
    /* another replica may have been faster */
    struct err ignored = {0};
    if (ask_number(session, "SELECT 1 FROM pg_database WHERE datname = ?", &name, &found,
                   &ignored) == 0 &&
        found > 0)
        return 0;
    return refuse_create(statement.bytes, err);
}

int postgresql_create(void *environment, const struct store_settings *settings, const char *name,
                      const struct err *refused, struct err *err)
{
    CLEANUP(buf_free) struct buf database = {0};
    struct session *session = NULL;
    struct err ignored = {0};
    int64_t found = 0;
    int result = 0;

    if (database_name(settings, name, &database, err) < 0)
        return -1;
    const struct value value = VALUE_STRING(buf_text(&database));
    if (open_maintenance(environment, settings, &session, &ignored) < 0 ||
        ask_number(session, "SELECT 1 FROM pg_database WHERE datname = ?", &value, &found,
                   &ignored) < 0) {
        *err = *refused; /* whether it is missing nobody knows */
        result = -1;
    } else if (found == 0) { /* else another replica was faster, or connecting says why not */
        result = create_on(session, settings, buf_text(&database), err);
    }
    session_close(session);
    return result;
}

/* Sessions of other replicas are ended.  We may not end the server's own work on the database,
 * which it does itself when it isn't asked to end anybody. */
static int drop(struct session *session, const struct buf *statement, struct err *err)
{
    CLEANUP(buf_free) struct buf force = {0};

    buf_printf(&force, "%s WITH (FORCE)", statement->bytes);
    if (session_run_text(session, force.bytes, err) == 0)
        return 0;
    return session_is_lost(session) ? -1 : session_run_text(session, statement->bytes, err);
}

int postgresql_remove(void *environment, const struct store_settings *settings, const char *name,
                      struct err *err)
{
    CLEANUP(buf_free) struct buf statement = {0};
    CLEANUP(buf_free) struct buf database = {0};
    struct session *session = NULL;
    int result;

    if (database_name(settings, name, &database, err) < 0 ||
        open_maintenance(environment, settings, &session, err) < 0)
        return -1;
    buf_puts(&statement, "DROP DATABASE IF EXISTS ");
    put_identifier(&statement, buf_text(&database));
    result = postgresql_become_owner(session, settings, err);
    if (result == 0)
        result = drop(session, &statement, err);
    session_close(session);
    return result;
}

int postgresql_become_owner(struct session *session, const struct store_settings *settings,
                            struct err *err)
{
    CLEANUP(buf_free) struct buf statement = {0};

    if (settings->owner == NULL)
        return 0;
    buf_puts(&statement, "SET ROLE ");
    put_identifier(&statement, settings->owner);
    return session_run_text(session, statement.bytes, err);
}

/* What the owner has made is for us to use, not to change. */
int postgresql_resign(struct session *session, const struct store_settings *settings,
                      struct err *err)
{
    if (settings->owner == NULL)
        return 0;
    if (session_run_text(
            session,
            "DO $$ DECLARE name text; BEGIN FOR name IN SELECT c.relname FROM pg_class c "
            "WHERE c.relkind IN ('r', 'v') AND c.relowner = CAST(current_user AS regrole) "
            "AND c.relname LIKE 'scimd!_%' ESCAPE '!' LOOP EXECUTE format("
            "'GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO SESSION_USER', name); END LOOP; END $$",
            err) < 0)
        return -1;
    return session_run_text(session, "RESET ROLE", err);
}

int postgresql_check(struct session *session, struct err *err)
{
    int64_t version = 0;
    int64_t found = 0;

    if (ask_number(session, "SELECT current_setting('server_version_num')", NULL, &version, err) <
        0)
        return -1;
    if (version < VERSION_MIN)
        return err_set(err, ERR_CONFIGURATION, "PostgreSQL %d is needed, this is %lld",
                       VERSION_MIN / 10000, (long long)version / 10000);
    if (ask_number(session,
                   "SELECT CASE WHEN current_setting('server_encoding') = 'UTF8' THEN 1 ELSE 0 END",
                   NULL, &found, err) < 0)
        return -1;
    if (found == 0)
        return err_set(err, ERR_CONFIGURATION, "its encoding must be UTF8");
    if (ask_number(session,
                   "SELECT 1 FROM pg_roles WHERE rolname = current_user AND "
                   "(rolsuper OR rolbypassrls)",
                   NULL, &found, err) < 0)
        return -1;
    if (found > 0)
        return err_set(err, ERR_CONFIGURATION,
                       "row-level security does not hold for our role, which is a superuser or has "
                       "BYPASSRLS: use one that is neither");
    return 0;
}
