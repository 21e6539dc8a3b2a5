#include "table.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/key.h"

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static char folder[64];
static char path[80];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/scimd-key-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/key", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder); /* fails if anything was left behind */
}

static void write_file(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static struct file_case {
    const char *name;
    const char *text;
    mode_t mode;
    const char *detail; /* NULL: accepted */
} files[] = {
    {"64 digits",           DIGITS,                                                             0600, NULL            },
    {"with a line end",     DIGITS "\n",                                                        0400, NULL            },
    {"63 digits",           "00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",  0600,
     "64 hexadecimal"                                                                                                 },
    {"65 digits",           DIGITS "0",                                                         0600, "64 hexadecimal"},
    {"other letters",       "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0600,
     "64 hexadecimal"                                                                                                 },
    {"two lines",           DIGITS "\n" DIGITS "\n",                                            0600, "64 hexadecimal"},
    {"empty",               "",                                                                 0600, "empty"         },
    {"readable for others", DIGITS,                                                             0604, "lets others in"},
};

static void reads_file(void **state)
{
    const struct file_case *row = *state;
    struct server_keys keys = {0};
    struct err err = {0};
    int result;

    assert_int_equal(make_folder(NULL), 0);
    write_file(row->text, row->mode);
    result = server_keys_load(path, true, &keys, &err);
    assert_int_equal(remove_folder(NULL), 0);
    assert_int_equal(result, row->detail == NULL ? 0 : -1);
    if (row->detail == NULL)
        return;
    assert_int_equal(err.code, ERR_CONFIGURATION);
    assert_non_null(strstr(err.detail, path));
    if (strstr(err.detail, row->detail) == NULL)
        fail_msg("\"%s\" is not in: %s", row->detail, err.detail);
}

static void makes_a_key_once(void **state)
{
    struct server_keys first;
    struct server_keys second;
    struct stat status;
    struct err err = {0};

    (void)state;
    assert_int_equal(server_keys_load(path, true, &first, &err), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_size, 65);
    assert_int_equal(server_keys_load(path, true, &second, &err), 0);
    assert_memory_equal(&first, &second, sizeof(first));
    assert_memory_not_equal(first.tokens, first.cursors, DIGEST_BYTES);
    assert_memory_not_equal(first.tokens, first.secrets, DIGEST_BYTES);
    assert_memory_not_equal(first.cursors, first.secrets, DIGEST_BYTES);
    server_keys_wipe(&first);
    assert_memory_not_equal(&first, &second, sizeof(first));
}

static void makes_none_unasked(void **state)
{
    struct server_keys keys = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(server_keys_load(path, false, &keys, &err), -1);
    assert_int_equal(err.code, ERR_CONFIGURATION);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void names_a_folder_that_is_missing(void **state)
{
    struct server_keys keys = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(server_keys_load("/tmp/scimd-none/key", true, &keys, &err), -1);
    assert_non_null(strstr(err.detail, "/tmp/scimd-none/key"));
    assert_non_null(strstr(err.cause, "No such file"));
}

/* A release must go on reading what another has hashed: values by another HKDF (Python's hmac). */
static void derives_what_it_always_did(void **state)
{
    struct server_keys keys;
    struct err err = {0};
    char tokens[DIGEST_HEX_BYTES];

    (void)state;
    write_file(DIGITS, 0600);
    assert_int_equal(server_keys_load(path, false, &keys, &err), 0);
    digest_hex(keys.tokens, tokens);
    assert_string_equal(tokens, "40bc8c26b96c2cda7d9eb49212a238eb70b7004c1ad7deef03c5c94f99f2594d");
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test_setup_teardown(makes_a_key_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(makes_none_unasked, make_folder, remove_folder),
        cmocka_unit_test(names_a_folder_that_is_missing),
        cmocka_unit_test_setup_teardown(derives_what_it_always_did, make_folder, remove_folder),
    };
    int failed = RUN_TABLE("file", files, reads_file);

    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
