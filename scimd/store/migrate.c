#include "store/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "store/session_private.h"

#define VERSION_DIGITS 4

static int file_version(const struct embedded_file *file)
{
    return (int)strtol(file->name, NULL, 10);
}

static bool in_scope(const struct embedded_file *file, bool control)
{
    const char *scope = file->name + VERSION_DIGITS;

    return strncmp(scope, "_tenant_", strlen("_tenant_")) == 0 ||
           (control && strncmp(scope, "_control_", strlen("_control_")) == 0);
}

static void checksum(const struct embedded_file *file, char text[DIGEST_HEX_BYTES])
{
    uint8_t digest[DIGEST_BYTES];

    digest_sha256(file->text, file->length, digest);
    digest_hex(digest, text);
}

int migrate_known(const struct embedded_file *files, bool control)
{
    int version = 0;

    for (; files->name != NULL; files++)
        if (in_scope(files, control) && file_version(files) > version)
            version = file_version(files);
    return version;
}

int migrate_applied(struct session *session, int *version, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session, "SELECT MAX(version) FROM scimd_migration", NULL, 0, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    *version = more > 0 ? (int)rows_integer(rows, 0) : 0;
    return 0;
}

/* 1: applied; 0: not yet; -1: *err, also where it was changed since. */
static int is_applied(struct session *session, const struct embedded_file *file, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(file_version(file))};
    char expected[DIGEST_HEX_BYTES];
    const char *found;
    int more;

    if (session_query(session, "SELECT checksum FROM scimd_migration WHERE version = ?", values,
                      ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more <= 0)
        return more;
    checksum(file, expected);
    found = rows_borrow(rows, 0, NULL);
    if (found != NULL && strcmp(found, expected) == 0)
        return 1;
    return err_set(err, ERR_CONFIGURATION,
                   "migration %s was applied with another content: this program doesn't fit the "
                   "database",
                   file->name);
}

/* Begins or ends the line a text in $$? */
static bool has_one_quote(const char *line, size_t length)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < length; i++)
        if (line[i] == '$' && line[i + 1] == '$') {
            count++;
            i++;
        }
    return count % 2 == 1;
}

/* The next statement: up to a semicolon at the end of a line outside of $$, without lines that are
 * comments. */
static const char *next_statement(const char *text, struct buf *statement)
{
    bool quoted = false;

    buf_reset(statement);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        const char *line = text;
        bool ends;

        text += length + (text[length] == '\n');
        if (strncmp(line, "--", 2) == 0 || length == 0)
            continue;
        quoted ^= has_one_quote(line, length);
        ends = line[length - 1] == ';' && !quoted;
        buf_append(statement, line, ends ? length - 1 : length);
        if (ends)
            return text;
        buf_putc(statement, '\n');
    }
    return text;
}

static int run_statements(struct session *session, const struct embedded_file *file,
                          struct err *err)
{
    CLEANUP(buf_free) struct buf statement = {0};
    const char *text = next_statement(file->text, &statement);

    while (statement.length > 0) {
        if (session_run_text(session, statement.bytes, err) < 0)
            return -1;
        text = next_statement(text, &statement);
    }
    return 0;
}

static int record(struct session *session, const struct embedded_file *file, struct err *err)
{
    char sum[DIGEST_HEX_BYTES];
    struct value values[4];

    checksum(file, sum);
    values[0] = VALUE_INT(file_version(file));
    values[1] = VALUE_STRING(file->name);
    values[2] = VALUE_STRING(sum);
    values[3] = VALUE_INT(clock_now_us());
    return session_execute(
        session,
        "INSERT INTO scimd_migration (version, name, checksum, applied_us) VALUES (?, ?, ?, ?)",
        values, ARRAY_LENGTH(values), NULL, err);
}

/* Asks again inside the transaction: another process may have been faster. */
static int apply(struct session *session, const struct embedded_file *file, struct err *err)
{
    int applied;

    if (session_begin(session, session_dialect(session)->begin, err) < 0)
        return -1;
    applied = is_applied(session, file, err);
    if (applied < 0 || (applied == 0 && (run_statements(session, file, err) < 0 ||
                                         record(session, file, err) < 0))) {
        session_rollback(session);
        return -1;
    }
    return session_commit(session, err);
}

/* What one file's turn is: to be applied, or only to be looked at. */
static int take_turn(struct session *session, const struct embedded_file *file, int newest,
                     bool applies, struct err *err)
{
    int applied = is_applied(session, file, err);

    if (applied != 0)
        return applied < 0 ? -1 : 0;
    if (file_version(file) < newest)
        return err_set(err, ERR_CONFIGURATION,
                       "migration %s is missing though later ones were applied: this program "
                       "doesn't fit the database",
                       file->name);
    return applies ? apply(session, file, err) : 0;
}

static int walk(struct session *session, const struct embedded_file *files, bool control,
                bool applies, struct err *err)
{
    int known = migrate_known(files, control);
    int newest = 0;

    if (migrate_applied(session, &newest, err) < 0)
        return -1;
    if (newest > known)
        return err_set(err, ERR_CONFIGURATION,
                       "its schema has version %d, this program knows %d: it was used by a newer "
                       "scimd; install that one, or restore a backup",
                       newest, known);
    for (; files->name != NULL; files++)
        if (in_scope(files, control) && take_turn(session, files, newest, applies, err) < 0)
            return -1;
    return 0;
}

int migrate_check(struct session *session, const struct embedded_file *files, bool control,
                  struct err *err)
{
    return walk(session, files, control, false, err);
}

int migrate(struct session *session, const struct embedded_file *files, bool control,
            struct err *err)
{
    const struct dialect *dialect = session_dialect(session);
    struct err ignored = {0};
    int result;

    if (dialect->lock_migrations != NULL &&
        session_run_text(session, dialect->lock_migrations, err) < 0)
        return -1;
    result = session_run_text(session, dialect->create_migrations, err);
    if (result == 0)
        result = walk(session, files, control, true, err);
    if (dialect->unlock_migrations != NULL) /* closing the session would do it as well */
        (void)session_run_text(session, dialect->unlock_migrations, &ignored);
    return result;
}
