/* SQLite through sqliteodbc.  Its quirks:
 *
 * - it prepares INSERT, UPDATE and DELETE anew on every execution and keeps only what starts like a
 *   query, so ours start with WITH; their row count is then asked for;
 * - it opens with synchronous=NORMAL, which forgets acknowledged commits at a power failure;
 * - it doubles the timeout (SQLite's handler waits, then the driver waits again);
 * - a busy, full or broken database may end the whole transaction, not just the statement. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/dialect.h"
#include "store/session_private.h"

#define DRIVER "libsqlite3odbc.so"
#define LIBRARY "libsqlite3.so.0" /* what the driver links */
#define CONFIG_MEMORY_STATUS 9    /* SQLITE_CONFIG_MEMSTATUS */
#define PATH_FORBIDDEN ";{}\n"    /* can't be quoted in a connection string */
#define CHECKPOINT_PAGES 16000    /* when a commit must copy what nobody else has */
#define REMAINDER_PAGES 1000      /* that a commit may copy without its caller noticing */
#define JOURNAL_BYTES 67108864    /* what a WAL may keep on disk after a burst */
#define TIMEOUT_MS_MIN 10         /* the driver reads 0 as a thousand seconds */
#define DIRECTORY_MODE 0700
#define FILE_MODE 0600

/* Primary result codes of SQLite, https://www.sqlite.org/rescode.html */
enum {
    CODE_BUSY = 5,
    CODE_LOCKED = 6,
    CODE_NO_MEMORY = 7,
    CODE_READ_ONLY = 8,
    CODE_INTERRUPT = 9,
    CODE_IO = 10,
    CODE_CORRUPT = 11,
    CODE_FULL = 13,
    CODE_CANNOT_OPEN = 14,
    CODE_SCHEMA = 17,
    CODE_CONSTRAINT = 19,
    CODE_NOT_A_DATABASE = 26
};

/* What ends a transaction, or may have; `broken` files end the session too. */
static const struct meaning {
    int native;
    bool broken;
    const char *detail;
} meanings[] = {
    {CODE_BUSY,           false, "the database is locked by another process"  },
    {CODE_LOCKED,         false, "the database is locked by another process"  },
    {CODE_NO_MEMORY,      false, "the database is out of memory"              },
    {CODE_READ_ONLY,      false, "the database is read-only"                  },
    {CODE_INTERRUPT,      false, "the statement was interrupted"              },
    {CODE_IO,             true,  "the database file cannot be read or written"},
    {CODE_CORRUPT,        true,  "the database file is damaged"               },
    {CODE_FULL,           false, "the disk is full"                           },
    {CODE_CANNOT_OPEN,    true,  "the database file cannot be opened"         },
    {CODE_NOT_A_DATABASE, true,  "the file is not a database"                 },
};

static struct failure classify(const struct diagnostic *diagnostic)
{
    if (diagnostic->native == CODE_CONSTRAINT &&
        strstr(diagnostic->message, "UNIQUE constraint failed") != NULL)
        return (struct failure){.code = ERR_UNIQUENESS, .detail = ""};
    if (diagnostic->native == CODE_SCHEMA)
        return (struct failure){.code = ERR_RETRY, .detail = "", .transaction_lost = true};
    for (size_t i = 0; i < ARRAY_LENGTH(meanings); i++)
        if (meanings[i].native == diagnostic->native)
            return (struct failure){.code = ERR_UNAVAILABLE,
                                    .detail = meanings[i].detail,
                                    .transaction_lost = true,
                                    .connection_lost = meanings[i].broken};
    return (struct failure){.code = ERR_INTERNAL, .detail = "internal error"};
}

static void database_path(const struct store_settings *settings, const char *name, struct buf *path)
{
    if (strcmp(name, STORE_CONTROL) == 0)
        buf_printf(path, "%s/control.db", settings->state_directory);
    else
        buf_printf(path, "%s/tenants/%s.db", settings->state_directory, name);
}

static int find(const struct store_settings *settings, const char *name, struct err *err)
{
    CLEANUP(buf_free) struct buf path = {0};

    database_path(settings, name, &path);
    if (access(path.bytes, F_OK) == 0)
        return 0;
    (void)err_set(err, ERR_UNAVAILABLE, "%s: the database's file is gone", path.bytes);
    return err_because_errno(err, "access", errno);
}

static int make_directory(const struct store_settings *settings, struct err *err)
{
    CLEANUP(buf_free) struct buf path = {0};

    buf_printf(&path, "%s/tenants", settings->state_directory);
    if (mkdir(path.bytes, DIRECTORY_MODE) == 0 || errno == EEXIST)
        return 0;
    (void)err_set(err, ERR_CONFIGURATION, "%s: cannot create the directory", path.bytes);
    return err_because_errno(err, "mkdir", errno);
}

/* Created here, because the WAL and its index inherit the mode of the database file. */
static int make_file(const char *path, struct err *err)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);

    if (file < 0) {
        (void)err_set(err, ERR_CONFIGURATION, "%s: cannot open or create the database", path);
        return err_because_errno(err, "open", errno);
    }
    (void)close(file);
    return 0;
}

static int locate(const struct store_settings *settings, const char *name,
                  struct buf *connection_string, struct err *err)
{
    CLEANUP(buf_free) struct buf path = {0};
    int timeout_ms = settings->busy_timeout_ms / 2;

    database_path(settings, name, &path);
    if (strpbrk(path.bytes, PATH_FORBIDDEN) != NULL)
        return err_set(err, ERR_CONFIGURATION,
                       "%s: the state directory's name has a semicolon, brace or line end",
                       settings->state_directory);
    if (strcmp(name, STORE_CONTROL) != 0 && make_directory(settings, err) < 0)
        return -1;
    if (make_file(path.bytes, err) < 0)
        return -1;
    buf_printf(connection_string,
               "Driver=" DRIVER ";Database=%s;JournalMode=WAL;SyncPragma=FULL;FKSupport=1;"
               "NoCreat=1;NoWCHAR=1;BigInt=1;Timeout=%d",
               path.bytes, timeout_ms > TIMEOUT_MS_MIN ? timeout_ms : TIMEOUT_MS_MIN);
    return 0;
}

static int remove_files(void *environment, const struct store_settings *settings, const char *name,
                        struct err *err)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    CLEANUP(buf_free) struct buf path = {0};
    size_t length;

    (void)environment;
    database_path(settings, name, &path);
    length = path.length;
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        path.length = length;
        buf_puts(&path, endings[i]);
        if (unlink(path.bytes) < 0 && errno != ENOENT) {
            (void)err_set(err, ERR_UNAVAILABLE, "%s: cannot delete the database", path.bytes);
            return err_because_errno(err, "unlink", errno);
        }
    }
    return 0;
}

/* The first column of the first row; "" where there is none. */
static int ask(struct session *session, const char *sql, char *answer, size_t bytes,
               struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const char *text = NULL;
    int more;

    answer[0] = '\0';
    if (session_query(session, sql, NULL, 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    if (more > 0)
        text = rows_borrow(rows, 0, NULL);
    if (text != NULL && strlen(text) < bytes)
        memcpy(answer, text, strlen(text) + 1);
    return 0;
}

static const struct dialect_promise promises[] = {
    {"journal_mode", "PRAGMA journal_mode", "wal", "a crash may damage the database"         },
    {"synchronous",  "PRAGMA synchronous",  "2",   "commits are lost when the power fails"   },
    {"foreign_keys", "PRAGMA foreign_keys", "1",   "rows may outlive the rows they belong to"},
    {NULL,           NULL,                  NULL,  NULL                                      },
};

static int set_up(struct session *session, const struct store_settings *settings, struct err *err)
{
    CLEANUP(buf_free) struct buf cache = {0};
    char answer[32];

    buf_printf(&cache, "PRAGMA cache_size=-%zu", settings->cache_kib);
    if (session_run_text(session, cache.bytes, err) < 0 ||
        session_run_text(session, "PRAGMA temp_store=MEMORY", err) < 0 ||
        session_run_text(session, "PRAGMA case_sensitive_like=1", err) < 0) /* as elsewhere */
        return -1;
    cache.length = 0;
    buf_printf(&cache, "PRAGMA wal_autocheckpoint=%d", CHECKPOINT_PAGES);
    if (session_run_text(session, cache.bytes, err) < 0)
        return -1;
    cache.length = 0;
    buf_printf(&cache, "PRAGMA journal_size_limit=%d", JOURNAL_BYTES);
    if (session_run_text(session, cache.bytes, err) < 0)
        return -1;
    for (const struct dialect_promise *promise = promises; promise->name != NULL; promise++) {
        if (ask(session, promise->sql, answer, sizeof(answer), err) < 0)
            return -1;
        if (strcmp(answer, promise->values) != 0)
            return err_set(err, ERR_UNAVAILABLE, "%s is %s, not %s: %s", promise->name, answer,
                           promise->values, promise->risk);
    }
    return 0;
}

/* SQLite counts its memory under one lock for all threads unless it is told not to before its first
 * use.  We have no use for the numbers, and the driver has no setting for it.  Where the library
 * cannot be had by this name nothing is lost but time. */
static void prepare(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_GLOBAL);
    int (*config)(int, ...) = NULL;

    if (library != NULL)
        *(void **)&config = dlsym(library, "sqlite3_config");
    if (config != NULL)
        (void)config(CONFIG_MEMORY_STATUS, 0);
}

/* One call of printf(): a chain of || would make a string for every link. */
static void text_of(const char *items, size_t length, struct buf *out)
{
    const char *const end = items + length;
    const char *separator = "printf('";
    struct dialect_item item;

    for (const char *at = items; dialect_next_item(&at, end, &item); separator = " ")
        buf_printf(out, "%s%s", separator, item.is_text ? "%s" : "%lld");
    separator = "', ";
    for (const char *at = items; dialect_next_item(&at, end, &item); separator = ", ") {
        buf_puts(out, separator);
        buf_append(out, item.expression, item.length);
    }
    buf_putc(out, ')');
}

/* Copies the WAL into the database while others write: a commit that had to would take as long as
 * the disk needs for thousands of pages all over the file. */
static int maintain(struct session *session, bool *again, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    *again = false;
    if (session_query(session, "PRAGMA wal_checkpoint(PASSIVE)", NULL, 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more > 0)
        *again = rows_integer(rows, 1) - rows_integer(rows, 2) > REMAINDER_PAGES;
    return more < 0 ? -1 : 0;
}

const struct dialect dialect_sqlite = {
    .name = "sqlite",
    .migrations = embedded_sql_sqlite,
    .create_migrations = "CREATE TABLE IF NOT EXISTS scimd_migration ("
                         "version int NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, "
                         "checksum varchar(64) NOT NULL, applied_us bigint NOT NULL) WITHOUT ROWID",
    .combines = true,
    .begin = "BEGIN IMMEDIATE",
    .begin_snapshot = "BEGIN",
    .commit = "COMMIT",
    .rollback = "ROLLBACK",
    .savepoint = "SAVEPOINT work",
    .release = "RELEASE work",
    .rollback_to = "ROLLBACK TO work",
    .limit = "LIMIT ?",
    .page = "LIMIT ?, ?",
    .lock = "",
    .for_update = "",
    .json_rows = {"(SELECT ", ", ",            " FROM json_each(?)) j"},
    .json_column_bigint = {"json_extract(value, '$.",          "') AS ", ""},
    .json_column_text = {"json_extract(value, '$.",        "') AS ",                       ""},
    .text_of = text_of,
    .json_list_bigint = "(SELECT value AS item FROM json_each(?)) j",
    .json_list_text = "(SELECT value AS item FROM json_each(?)) j",
    .etag = {"('W/\"' || "," || '\"')"},
    .blocks = "scimd_block",
    .keep_prefix = "WITH kept(n) AS (SELECT 1) ",
    .keep_count = "SELECT changes()",
    .prepare = prepare,
    .server = "SELECT 'SQLite ' || sqlite_version()",
    .promises = promises,
    .find = find,
    .locate = locate,
    .remove = remove_files,
    .set_up = set_up,
    .classify = classify,
    .maintain = maintain,
};
