#include "table.h"

#include "sync/protect.h"

static const char *const names[] = {"Root@Corp.Example", "0190f0e2-7c1a-7000-8000-000000000001",
                                    "JÜRGEN@corp.example"};

static struct protect_case {
    const char *name;
    const char *id;
    const char *user_name;
    const char *entry; /* NULL: not protected */
} protect_cases[] = {
    {"by userName",           "x",                                    "Root@Corp.Example",    "Root@Corp.Example"   },
    {"in another case",       "x",                                    "root@corp.example",    "Root@Corp.Example"   },
    {"by Unicode's cases",    "x",                                    "jürgen@CORP.example", "JÜRGEN@corp.example"},
    {"by id",                 "0190f0e2-7c1a-7000-8000-000000000001", "ada",
     "0190f0e2-7c1a-7000-8000-000000000001"                                                                         },
    {"by id, without a name", "0190F0E2-7C1A-7000-8000-000000000001", NULL,
     "0190f0e2-7c1a-7000-8000-000000000001"                                                                         },
    {"others",                "x",                                    "ada",                  NULL                  },
    {"beginning of a name",   "x",                                    "Root@Corp",            NULL                  },
    {"without a name",        "x",                                    NULL,                   NULL                  },
};

static void protects(void **row)
{
    const struct protect_case *expected = *row;
    struct arena *arena = arena_new(1024);
    const struct protection *protection = protection_new(arena, names, 3);
    const struct protection *nobody = protection_new(arena, NULL, 0);
    const char *found = protection_find(protection, arena, expected->id, expected->user_name);

    assert_int_equal(found != NULL, expected->entry != NULL);
    if (found != NULL)
        assert_string_equal(found, expected->entry);
    assert_null(protection_find(nobody, arena, expected->id, expected->user_name));
    arena_free(arena);
}

int main(void)
{
    return RUN_TABLE("protection", protect_cases, protects);
}
