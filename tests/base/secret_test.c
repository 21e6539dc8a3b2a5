#include "table.h"

#include "base/err.h"
#include "base/secret.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/secret_test.XXXXXX";
static char path[sizeof(directory) + 8];
static char large[SECRET_BYTES_MAX + 2];

/* clang-format off */
static struct load_case {
    const char *name;
    const char *content;
    size_t length;
    mode_t mode;
    const char *secret; /* NULL: must be refused */
    size_t secret_length;
    const char *what; /* the detail after the file's name */
} load_cases[] = {
    {"plain", "s3cret", 6, 0600, "s3cret", 6, NULL},
    {"one line end", "s3cret\n", 7, 0400, "s3cret", 6, NULL},
    {"DOS line end", "s3cret\r\n", 8, 0600, "s3cret", 6, NULL},
    {"only the last", "a\n\n", 3, 0600, "a\n", 2, NULL},
    {"carriage return stays", "a\r", 2, 0600, "a\r", 2, NULL},
    {"blanks stay", " a \n", 4, 0600, " a ", 3, NULL},
    {"binary", "a\0b", 3, 0600, "a\0b", 3, NULL},
    {"readable for group", "x", 1, 0640, "x", 1, NULL},
    {"as large as allowed", large, SECRET_BYTES_MAX, 0600, large, SECRET_BYTES_MAX, NULL},
    {"too large", large, SECRET_BYTES_MAX + 1, 0600, NULL, 0, "larger than 65536 bytes"},
    {"empty", "", 0, 0600, NULL, 0, "is empty"},
    {"line end only", "\n", 1, 0600, NULL, 0, "is empty"},
    {"readable for others", "x", 1, 0604, NULL, 0,
     "mode 0604 lets others in; a secret has 0600, or 0640 for its group"},
    {"writable for group", "x", 1, 0660, NULL, 0,
     "mode 0660 lets others in; a secret has 0600, or 0640 for its group"},
};
/* clang-format on */

static void write_file(const struct load_case *expected)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    assert_int_equal(write(file, expected->content, expected->length), expected->length);
    assert_int_equal(fchmod(file, expected->mode), 0);
    (void)close(file);
}

static void assert_refused(const struct err *err, const char *file, const char *what)
{
    char detail[sizeof(err->detail)];

    (void)snprintf(detail, sizeof(detail), "%s: %s", file, what);
    assert_int_equal(err->code, ERR_CONFIGURATION);
    assert_string_equal(err->detail, detail);
}

static void loads(void **row)
{
    const struct load_case *expected = *row;
    struct secret secret = {0};
    struct err err = {0};

    write_file(expected);
    if (expected->secret == NULL) {
        assert_int_equal(secret_load(path, &secret, &err), -1);
        assert_refused(&err, path, expected->what);
        assert_null(secret.bytes);
    } else {
        assert_int_equal(secret_load(path, &secret, &err), 0);
        assert_int_equal(secret.length, expected->secret_length);
        assert_memory_equal(secret.bytes, expected->secret, secret.length);
        assert_int_equal(secret.bytes[secret.length], '\0');
    }
    secret_free(&secret);
    assert_int_equal(unlink(path), 0);
}

static struct odd_case {
    const char *name;
    const char *path;
    const char *what;
    const char *cause;
} odd_cases[] = {
    {"missing",     "/nonexistent/key", "cannot be read",     "open: No such file or directory"},
    {"a directory", "/tmp",             "not a regular file", ""                               },
    {"a device",    "/dev/zero",        "not a regular file", ""                               },
};

static void refuses_what_is_no_file(void **row)
{
    const struct odd_case *expected = *row;
    struct secret secret = {0};
    struct err err = {0};

    assert_int_equal(secret_load(expected->path, &secret, &err), -1);
    assert_refused(&err, expected->path, expected->what);
    assert_string_equal(err.cause, expected->cause);
}

static struct single {
    const char *name;
} singles[] = {{"set again"}};

static void sets_again(void **row)
{
    struct secret secret = {0};

    (void)row;
    secret_set(&secret, "first", 5);
    secret_set(&secret, secret.bytes + 1, 3); /* out of itself */
    assert_string_equal(secret.bytes, "irs");
    secret_free(&secret);
    assert_null(secret.bytes);
    assert_int_equal(secret.length, 0);
    secret_free(&secret);
}

int main(void)
{
    int failed;

    memset(large, 'k', sizeof(large));
    if (mkdtemp(directory) == NULL)
        return 1;
    (void)snprintf(path, sizeof(path), "%s/key", directory);
    failed = RUN_TABLE("secret_load", load_cases, loads) +
             RUN_TABLE("secret_load refuses", odd_cases, refuses_what_is_no_file) +
             RUN_TABLE("secret_set", singles, sets_again);
    (void)rmdir(directory);
    return failed;
}
