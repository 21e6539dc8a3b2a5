/* PostgreSQL through psqlODBC.  Its quirks:
 *
 * - without Protocol=7.4-0 (dialect_postgresql_database.c) each statement gets a savepoint;
 * - a parameter in a list of columns has no type unless it is cast;
 * - INTERSECT binds closer than UNION and EXCEPT;
 * - two texts with different collations can't be compared: keys are COLLATE "C", and so is what
 *   comes from JSON;
 * - after a prepared COMMIT it takes the transaction for open, and can't drop statements any more;
 * - with every connection it takes over the locale of the environment, in whatever thread;
 * - COMMIT of a transaction that the server has given up succeeds: see poison in session.h. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/dialect_postgresql.h"
#include "store/session_private.h"

#define CONNECT_TIMEOUT_S 5 /* libpq waits for each address of the server as long */
#define BEGIN_WRITE "BEGIN"
#define BEGIN_SNAPSHOT "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

/* What states mean, by their beginning: https://www.postgresql.org/docs/15/errcodes-appendix.html;
 * the first row that fits counts. */
static const struct meaning {
    const char *state;
    enum err_code code;
    bool lost; /* the session is of no use any more */
    const char *detail;
} meanings[] = {
    {"23505", ERR_UNIQUENESS,  false, ""                                                      },
    {"40001", ERR_RETRY,       false, "two transactions met"                                  },
    {"40P01", ERR_RETRY,       false, "two transactions waited for each other"                },
    {"0A000", ERR_RETRY,       true,  "a table was changed"                                   },
    {"26000", ERR_RETRY,       true,  "a prepared statement is gone"                          },
    {"25006", ERR_UNAVAILABLE, true,  "the database is read-only"                             },
    {"25P03", ERR_RETRY,       true,  "the server ended an idle transaction"                  },
    {"55P03", ERR_UNAVAILABLE, false, "the database is locked by another process"             },
    {"57014", ERR_UNAVAILABLE, false, "the statement took too long"                           },
    {"57P",   ERR_RETRY,       true,  "the database server stops or starts"                   },
    {"53100", ERR_UNAVAILABLE, false, "the disk is full"                                      },
    {"53200", ERR_UNAVAILABLE, false, "the database is out of memory"                         },
    {"53300", ERR_UNAVAILABLE, true,  "the database server has no free connection"            },
    {"53",    ERR_UNAVAILABLE, false, "the database server is short of something"             },
    {"58",    ERR_UNAVAILABLE, true,  "the database server cannot read or write its files"    },
    {"XX001", ERR_UNAVAILABLE, true,  "the database is damaged"                               },
    {"XX002", ERR_UNAVAILABLE, true,  "the database is damaged"                               },
    {"28",    ERR_UNAVAILABLE, true,  "the database server does not accept our role"          },
    {"3D000", ERR_UNAVAILABLE, true,  "there is no such database"                             },
    {"42501", ERR_UNAVAILABLE, false, "our role in the database lacks a permission"           },
    {"08001", ERR_UNAVAILABLE, true,  "cannot connect to the database server"                 },
    {"08",    ERR_RETRY,       true,  "the connection to the database was lost"               },
    {"01000", ERR_UNAVAILABLE, true,  "the ODBC driver " POSTGRESQL_DRIVER " cannot be loaded"},
    {"IM",    ERR_UNAVAILABLE, true,  "the ODBC driver " POSTGRESQL_DRIVER " cannot be used"  },
};

static struct failure classify(const struct diagnostic *diagnostic)
{
    /* 0002_tenant_resources.sql: the other end of a membership was deleted meanwhile */
    if (strcmp(diagnostic->state, "23503") == 0 &&
        strstr(diagnostic->message, "\"scimd_member_") != NULL)
        return (struct failure){.code = ERR_RETRY, .detail = "two transactions met"};
    /* a statement that is prepared when the connection is lost says no more than that */
    if (strcmp(diagnostic->state, "HY000") == 0 &&
        strstr(diagnostic->message, "connection") != NULL)
        return (struct failure){.code = ERR_RETRY,
                                .detail = "the connection to the database was lost",
                                .transaction_lost = true,
                                .connection_lost = true};
    for (size_t i = 0; i < ARRAY_LENGTH(meanings); i++)
        if (strncmp(meanings[i].state, diagnostic->state, strlen(meanings[i].state)) == 0)
            return (struct failure){.code = meanings[i].code,
                                    .detail = meanings[i].detail,
                                    .transaction_lost = meanings[i].lost,
                                    .connection_lost = meanings[i].lost};
    return (struct failure){.code = ERR_INTERNAL, .detail = "internal error"};
}

/* One round trip: begins, lets row-level security know the tenant, and asks for the id by which the
 * transaction can be found again.  A snapshot writes nothing and has none. */
static void write_begin(const char *begin, int tenant, struct buf *out)
{
    buf_printf(out, "%s; SELECT %s, set_config('scimd.tenant', '%d', true)", begin,
               strcmp(begin, BEGIN_WRITE) == 0 ? "pg_current_xact_id()" : "''", tenant);
}

static void text_of(const char *items, size_t length, struct buf *out)
{
    const char *const end = items + length;
    const char *separator = "concat(";
    struct dialect_item item;

    for (const char *at = items; dialect_next_item(&at, end, &item); separator = ", ' ', ") {
        buf_puts(out, separator);
        buf_append(out, item.expression, item.length);
    }
    buf_putc(out, ')');
}

/* setlocale() frees the names of the locale before, which another thread's connection may be
 * reading. "C" is what we run in: taking it over once more frees and changes nothing.  Texts are
 * UTF-8 all the same (client_encoding). */
static void prepare(void)
{
    (void)setenv("LC_ALL", "C", 1);
}

/* A server that was told to forget commits at a crash is told otherwise for our sessions. */
static int set_up(struct session *session, const struct store_settings *settings, struct err *err)
{
    (void)settings;
    return session_run_text(session,
                            "SELECT set_config('synchronous_commit', 'on', false) "
                            "WHERE current_setting('synchronous_commit') = 'off'",
                            err);
}

static const struct dialect_promise promises[] = {
    {"fsync",              "SELECT current_setting('fsync')",              "on",
     "commits are lost, and the database may be damaged, when the power fails"                                             },
    {"full_page_writes",   "SELECT current_setting('full_page_writes')",   "on",
     "a crash may damage the database"                                                                                     },
    {"synchronous_commit", "SELECT current_setting('synchronous_commit')",
     "on local remote_write remote_apply",                                       "commits are lost when the server crashes"},
    {NULL,                 NULL,                                           NULL, NULL                                      },
};

const struct dialect dialect_postgresql = {
    .name = "postgresql",
    .migrations = embedded_sql_postgresql,
    .create_migrations = "CREATE TABLE IF NOT EXISTS scimd_migration ("
                         "version int NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, "
                         "checksum varchar(64) NOT NULL, applied_us bigint NOT NULL)",
    .lock_migrations = "SELECT pg_advisory_lock(hashtext('scimd_migration'))",
    .unlock_migrations = "SELECT pg_advisory_unlock(hashtext('scimd_migration'))",
    .begin = BEGIN_WRITE,
    .begin_snapshot = BEGIN_SNAPSHOT,
    .commit = "COMMIT",
    .rollback = "ROLLBACK",
    .savepoint = "SAVEPOINT work",
    .release = "RELEASE work",
    .rollback_to = "ROLLBACK TO work",
    .direct = true,
    .write_begin = write_begin,
    .tell_tenant = "SELECT set_config('scimd.tenant', CAST(? AS text), false)",
 /* the timeline: a server that took over may have given our id to another transaction */
    .origin = "SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' "
              "ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END",
    .outcome = "SELECT CASE WHEN CAST(? AS text) <> CASE WHEN pg_is_in_recovery() THEN '' "
               "ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END THEN 3 "
               "ELSE CASE pg_xact_status(CAST(CAST(? AS text) AS xid8)) WHEN 'aborted' THEN 0 "
               "WHEN 'committed' THEN 1 WHEN 'in progress' THEN 2 ELSE 3 END END",
    .limit = "LIMIT ?",
    .page = "OFFSET ? LIMIT ?",
    .lock = "",
    .for_update =
        " FOR NO KEY UPDATE", /* a row that is only read by a foreign key's check is free */
    .json_rows = {"jsonb_to_recordset(CAST(? AS jsonb)) AS j(", ", ",             ")"},
    .json_column_bigint = {"",                                            NULL,                                                           " bigint"},
    .json_column_text = {"",                                   NULL," text COLLATE \"C\""},
    .text_of = text_of,
    .json_list_bigint = "(SELECT CAST(value AS bigint) AS item "
                        "FROM jsonb_array_elements_text(CAST(? AS jsonb))) j",
    .json_list_text = "(SELECT value COLLATE \"C\" AS item "
                      "FROM jsonb_array_elements_text(CAST(? AS jsonb))) j",
    .etag = {"(concat('W/\"', ",      ", '\"') COLLATE \"C\")"        },
    .blocks = "scimd_block_now",
    .merge_blocks = "SELECT scimd_block_merge(CAST(? AS int))",
    .forget_blocks = "DELETE FROM scimd_block_delta WHERE tenant_id = ?",
    .connect_timeout_s = CONNECT_TIMEOUT_S,
    .server = "SELECT concat('PostgreSQL ', current_setting('server_version'))",
    .promises = promises,
    .prepare = prepare,
    .locate = postgresql_locate,
    .create = postgresql_create,
    .remove = postgresql_remove,
    .become_owner = postgresql_become_owner,
    .resign = postgresql_resign,
    .set_up = set_up,
    .check = postgresql_check,
    .classify = classify,
};
