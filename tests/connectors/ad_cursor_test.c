#include "table.h"

#include <string.h>

#include "connectors/ad/cursor.h"

#define GROUPS "AAECAwQFBgcICQoLDA0ODw"
#define TEXTS                                                                                      \
    "\"scope\":\"s\",\"url\":\"ldaps://a:636\",\"service\":\"CN=x\",\"invocation\":\"g\","         \
    "\"usn\":12,\"cookie\":\"AAEC_w\",\"groups\":\"" GROUPS "\",\"pass\":\"p\",\"step\":3}"

static struct cursor_case {
    const char *name;
    const char *text;
    bool valid;
} cases[] = {
    {"dirsync",        "{\"version\":2,\"mode\":\"dirsync\"," TEXTS,                  true },
    {"usn",            "{\"version\":2,\"mode\":\"usn\"," TEXTS,                      true },
    {"full",           "{\"version\":2,\"mode\":\"full\"," TEXTS,                     true },
    {"other mode",     "{\"version\":2,\"mode\":\"other\"," TEXTS,                    false},
    {"other version",  "{\"version\":1,\"mode\":\"usn\"," TEXTS,                      false},
    {"a member more",  "{\"more\":1,\"version\":2,\"mode\":\"usn\"," TEXTS,           false},
    {"twice the same", "{\"version\":2,\"version\":2,\"mode\":\"usn\"," TEXTS,        false},
    {"other type",     "{\"version\":\"1\",\"mode\":\"usn\"," TEXTS,                  false},
    {"a member less",  "{\"version\":2," TEXTS,                                       false},
    {"cut",            "{\"version\":2,\"mode\":\"usn\",\"scope\":\"s",               false},
    {"no JSON",        "MSDS",                                                        false},
    {"bad cookie",
     "{\"version\":2,\"mode\":\"usn\",\"scope\":\"s\",\"url\":\"u\",\"service\":\"x\","
     "\"invocation\":"
     "\"g\",\"usn\":1,\"cookie\":\"!\",\"groups\":\"\",\"pass\":\"\",\"step\":0}",    false},
    {"bad groups",
     "{\"version\":2,\"mode\":\"usn\",\"scope\":\"s\",\"url\":\"u\",\"service\":\"x\","
     "\"invocation\":"
     "\"g\",\"usn\":1,\"cookie\":\"\",\"groups\":\"AAEC\",\"pass\":\"\",\"step\":0}", false},
};

static void keeps_what_it_wrote(void **row)
{
    static const unsigned char cookie[] = {0, 1, 2, 255};
    const struct cursor_case *expected = *row;
    struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    struct cursor from = {expected->text, strlen(expected->text)};
    struct ad_cursor cursor = {0};
    struct cursor again;
    struct err err = {0};

    assert_int_equal(cursor_parse(arena, from, &cursor, &err), expected->valid ? 0 : -1);
    if (expected->valid) {
        assert_int_equal(cursor.cookie_length, sizeof(cookie));
        assert_memory_equal(cursor.cookie, cookie, sizeof(cookie));
        assert_int_equal(cursor.groups_length, 16);
        assert_memory_equal(cursor.groups, "\x00\x01\x02\x03", 4);
        assert_int_equal(cursor.usn, 12);
        assert_int_equal(cursor.step, 3);
        again = cursor_format(arena, &cursor);
        assert_int_equal(again.length, from.length);
        assert_memory_equal(again.bytes, from.bytes, from.length);
    } else {
        assert_int_equal(err.code, ERR_CURSOR_EXPIRED);
    }
    arena_free(arena);
}

int main(void)
{
    return RUN_TABLE("cursor", cases, keeps_what_it_wrote);
}
