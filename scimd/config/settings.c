#include "config/settings.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/memory.h"
#include "config/check.h"
#include "config/load.h"
#include "config/rules.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 16384
#define CONNECTION_CREDENTIAL "database" /* as in scimd.service */

static void *field_of(struct settings *settings, const struct setting *row)
{
    return (char *)settings + row->offset;
}

static const void *field_in(const struct settings *settings, const struct setting *row)
{
    return (const char *)settings + row->offset;
}

static const char *variable_of(const struct setting *row,
                               const struct settings_environment *environment)
{
    switch (row->variable) {
    case VARIABLE_STATE_DIRECTORY:
        return environment->state_directory;
    case VARIABLE_RUNTIME_DIRECTORY:
        return environment->runtime_directory;
    case VARIABLE_NONE:
        break;
    }
    return NULL;
}

/* systemd puts ":" between several directories; the first is ours. */
static char *default_text(const struct setting *row, const struct settings *settings,
                          const struct settings_environment *environment)
{
    const char *variable = variable_of(row, environment);
    CLEANUP(buf_free) struct buf text = {0};

    if (variable != NULL && variable[0] != '\0') {
        buf_append(&text, variable, strcspn(variable, ":"));
        buf_puts(&text, row->below);
    } else if (row->text != NULL) {
        buf_puts(&text, row->text);
    } else {
        buf_puts(&text, settings->state_directory);
        buf_puts(&text, row->below);
    }
    return memory_strdup(buf_text(&text));
}

/* Rows stand in such an order that state_directory comes before what is made of it. */
static void set_default(const struct setting *row, struct settings *settings,
                        const struct settings_environment *environment)
{
    void *field = field_of(settings, row);

    switch (row->type) {
    case SETTING_NUMBER:
    case SETTING_WORD:
        memcpy(field, &row->standard, sizeof(row->standard));
        break;
    case SETTING_SWITCH:
        *(bool *)field = row->standard != 0;
        break;
    case SETTING_TEXT:
        *(char **)field = default_text(row, settings, environment);
        break;
    case SETTING_LIST:
        break; /* empty */
    }
}

/* credential:NAME becomes the path of the file that systemd passed. */
static int resolve(const struct setting *row, struct settings *settings,
                   const struct settings_environment *environment, struct err *err)
{
    char **field = field_of(settings, row);
    size_t prefix = strlen(SETTING_CREDENTIAL);
    struct buf path = {0};

    if (strncmp(*field, SETTING_CREDENTIAL, prefix) != 0)
        return 0;
    if (environment->credentials_directory == NULL || environment->credentials_directory[0] == '\0')
        return err_set(err, ERR_CONFIGURATION,
                       "%s: no credentials were passed ($CREDENTIALS_DIRECTORY is not set)",
                       row->name);
    buf_printf(&path, "%s/%s", environment->credentials_directory, *field + prefix);
    free(*field);
    *field = path.bytes;
    return 0;
}

/* The default path written out, as the example has it, is the default as well. */
static bool is_default_path(const struct setting *row, const char *value,
                            const struct settings *settings,
                            const struct settings_environment *environment)
{
    char *standard = default_text(row, settings, environment);
    bool same;

    assert(value != NULL); /* set or filled in */
    same = strcmp(value, standard) == 0;

    free(standard);
    return same;
}

/* Without a word about it, the connection is the credential of that name, if one was passed. */
static void find_connection(struct settings *settings,
                            const struct settings_environment *environment)
{
    CLEANUP(buf_free) struct buf path = {0};
    char **field = &settings->database.connection_file;

    if (settings->database.driver == SETTINGS_DRIVER_SQLITE || (*field)[0] != '\0' ||
        environment->credentials_directory == NULL || environment->credentials_directory[0] == '\0')
        return;
    buf_printf(&path, "%s/" CONNECTION_CREDENTIAL, environment->credentials_directory);
    if (access(path.bytes, F_OK) != 0)
        return;
    free(*field);
    *field = TAKE(path.bytes);
}

/* Defaults, and what depends on the environment. */
static int complete(struct settings *settings, const char *file, const struct setting_lines *lines,
                    const struct settings_environment *environment, struct err *err)
{
    for (size_t i = 0; i < setting_row_count; i++) {
        const struct setting *row = &setting_rows[i];
        struct err cause = {0};

        if (lines->rows[i] == 0)
            set_default(row, settings, environment);
        if ((row->form == &setting_form_file || row->form == &setting_form_optional_file) &&
            resolve(row, settings, environment, &cause) < 0)
            return err_at(err, file, lines->rows[i], "%s", cause.detail);
        if (strcmp(row->name, "secret_key") == 0)
            settings->secret_key_is_default =
                is_default_path(row, settings->secret_key, settings, environment);
    }
    find_connection(settings, environment);
    return 0;
}

int settings_parse(const struct settings_text *text, const struct settings_environment *environment,
                   struct settings *out, struct err *err)
{
    CLEANUP(settings_free) struct settings settings = {0};
    struct setting_lines lines = {0};

    if (check_text(text, &lines, err) < 0 ||
        (!lines.is_empty && load_text(text, &settings, err) < 0) ||
        complete(&settings, text->file, &lines, environment, err) < 0 ||
        rules_check(&settings, text->file, &lines, err) < 0)
        return -1;
    *out = settings;
    settings = (struct settings){0};
    return 0;
}

static void close_file(const int *file)
{
    if (*file >= 0)
        (void)close(*file);
}

static int read_file(const char *file, struct buf *text, struct err *err)
{
    CLEANUP(close_file) int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char bytes[READ_BYTES];
    ssize_t got = descriptor;

    while (got >= 0 && text->length <= SETTINGS_BYTES_MAX) {
        got = read(descriptor, bytes, sizeof(bytes));
        if (got == 0)
            return 0;
        if (got > 0)
            buf_append(text, bytes, (size_t)got);
    }
    if (got >= 0)
        return err_set(err, ERR_CONFIGURATION, "%s: larger than %zu bytes", file,
                       SETTINGS_BYTES_MAX);
    return err_set(err, ERR_CONFIGURATION, "%s: cannot be read: %s", file, strerror(errno));
}

int settings_load(const char *file, struct settings *out, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    const struct settings_environment environment = {
        .state_directory = getenv("STATE_DIRECTORY"),
        .runtime_directory = getenv("RUNTIME_DIRECTORY"),
        .credentials_directory = getenv("CREDENTIALS_DIRECTORY"),
    };

    if (read_file(file, &text, err) < 0)
        return -1;
    return settings_parse(&(struct settings_text){file, buf_text(&text), text.length}, &environment,
                          out, err);
}

static void free_list(struct settings_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

void settings_free(struct settings *settings)
{
    for (size_t i = 0; i < setting_row_count; i++) {
        if (setting_rows[i].type == SETTING_TEXT)
            free(*(char **)field_of(settings, &setting_rows[i]));
        if (setting_rows[i].type == SETTING_LIST)
            free_list(field_of(settings, &setting_rows[i]));
    }
    *settings = (struct settings){0};
}

static bool are_equal_lists(const struct settings_list *left, const struct settings_list *right)
{
    if (left->count != right->count)
        return false;
    for (unsigned i = 0; i < left->count; i++)
        if (strcmp(left->items[i], right->items[i]) != 0)
            return false;
    return true;
}

static bool are_equal(const struct setting *row, const void *left, const void *right)
{
    switch (row->type) {
    case SETTING_NUMBER:
    case SETTING_WORD:
        return memcmp(left, right, sizeof(unsigned)) == 0;
    case SETTING_SWITCH:
        return *(const bool *)left == *(const bool *)right;
    case SETTING_TEXT:
        return strcmp(*(char *const *)left, *(char *const *)right) == 0;
    case SETTING_LIST:
        break;
    }
    return are_equal_lists(left, right);
}

void settings_unapplied(const struct settings *running, const struct settings *loaded,
                        struct buf *names)
{
    for (size_t i = 0; i < setting_row_count; i++) {
        const struct setting *row = &setting_rows[i];

        if (row->reloads || are_equal(row, field_in(running, row), field_in(loaded, row)))
            continue;
        if (names->length > 0)
            buf_puts(names, ", ");
        buf_puts(names, row->name);
    }
}
