/* Searching a small world by hand: order, pages, cursors, several types, and texts that could break
 * SQL.  That filters mean the right thing is semantics_test.c's business. */
#include "population.h"

#define USER(body) "{\"schemas\":[\"" SCHEMA_URN_USER "\"]," body "}"
#define GROUP(body) "{\"schemas\":[\"" SCHEMA_URN_GROUP "\"]," body "}"
#define DEVICE(body) "{\"schemas\":[\"urn:example:scim:schemas:2.0:Device\"]," body "}"

static const struct {
    const char *type;
    const char *id;
    const char *document;
} world[] = {
    {"User",   "u1",
     USER("\"userName\":\"dora\",\"title\":\"Boss\",\"active\":true,"
          "\"emails\":[{\"value\":\"z@x\"},{\"value\":\"a@x\",\"primary\":true}]")          },
    {"User",   "u2",
     USER("\"userName\":\"Anna\",\"title\":\"aide\",\"active\":false,"
          "\"emails\":[{\"value\":\"m@x\"},{\"value\":\"b@x\"}]")                           },
    {"Group",  "g1", GROUP("\"displayName\":\"Bees\"")                                      },
    {"User",   "u3", USER("\"userName\":\"100%_sure!\",\"displayName\":\"[brackets]\"")     },
    {"User",   "u4", USER("\"userName\":\"100 percent sure\",\"displayName\":\"ants\"")     },
    {"Group",  "g2", GROUP("\"displayName\":\"cats\"")                                      },
    {"User",   "u5", USER("\"userName\":\"o'neil\",\"title\":\"\\\\\",\"externalId\":\"E\"")},
    {"Device", "d1",
     DEVICE("\"name\":\"D1\",\"ports\":10,\"weight\":-1.5,\"boughtAt\":"
            "\"2024-05-01T12:00:00+02:00\",\"labels\":[\"m\",\"a\"]")                       },
    {"Device", "d2",
     DEVICE("\"name\":\"D2\",\"ports\":9,\"weight\":-2,\"boughtAt\":"
            "\"2024-05-01T09:00:00Z\",\"labels\":[\"z\"]")                                  },
    {"Device", "d3", DEVICE("\"name\":\"D3\"")                                              },
};

static void world_start(struct population *population)
{
    population_start(population);
    for (size_t i = 0; i < ARRAY_LENGTH(world); i++)
        (void)population_add(population, schema_set_type_by_name(population->set, world[i].type),
                             world[i].id, world[i].document);
}

#define TYPES_MAX 3

/* A search over types, as text of ids; pages of `count` are put together both ways. */
static struct search_case {
    const char *name;
    const char *types[TYPES_MAX];
    const char *filter; /* NULL: all */
    const char *sort;   /* NULL: unsorted */
    bool descending;
    const char *ids;
} search_cases[] = {
  /* order */
    {"creation order",                {"User"},            NULL,                                         NULL,           false, "u1 u2 u3 u4 u5"      },
    {"types one after the other",     {"User", "Group"},   NULL,                                         NULL,           false, "u1 u2 u3 u4 u5 g1 g2"},
    {"types the other way round",     {"Group", "User"},   NULL,                                         NULL,           false, "g1 g2 u1 u2 u3 u4 u5"},
    {"text without regard to case",   {"User"},            NULL,                                         "userName",     false, "u4 u3 u2 u1 u5"      },
    {"descending",                    {"User"},            NULL,                                         "userName",     true,  "u5 u1 u2 u3 u4"      },
    {"absent last",                   {"User"},            NULL,                                         "title",        false, "u5 u2 u1 u3 u4"      },
    {"absent first when descending",  {"User"},            NULL,                                         "title",        true,  "u3 u4 u1 u2 u5"      },
    {"boolean",                       {"User"},            NULL,                                         "active",       false, "u2 u1 u3 u4 u5"      },
    {"primary, else first element",   {"User"},            NULL,                                         "emails",       false, "u1 u2 u3 u4 u5"      },
    {"its sub-attribute",             {"User"},            NULL,                                         "emails.value", true,  "u3 u4 u5 u2 u1"      },
    {"integers as numbers",           {"Device"},          NULL,                                         "ports",        false, "d2 d1 d3"            },
    {"decimals as numbers",           {"Device"},          NULL,                                         "weight",       false, "d2 d1 d3"            },
    {"times as times",                {"Device"},          NULL,                                         "boughtAt",     false, "d2 d1 d3"            },
    {"first value of a simple list",  {"Device"},          NULL,                                         "labels",       false, "d1 d2 d3"            },
    {"id",                            {"User"},            NULL,                                         "id",           true,  "u5 u4 u3 u2 u1"      },
    {"equal keys by creation",        {"User"},            NULL,                                         "meta.created", false, "u1 u2 u3 u4 u5"      },
    {"nobody has it",                 {"User"},            NULL,                                         "nickName",     false, "u1 u2 u3 u4 u5"      },
    {"complex without value",         {"User"},            NULL,                                         "name",         false, "u1 u2 u3 u4 u5"      },
    {"types sorted together",
     {"User", "Group"},
     NULL,                                                                                               "displayName",
     false,                                                                                                                     "u3 u4 g1 g2 u1 u2 u5"},
    {"one of them lacks it",          {"Device", "Group"}, NULL,                                         "displayName",  true,  "d1 d2 d3 g2 g1"      },
    {"sorted and filtered",           {"User"},            "userName sw \"100\"",                        "displayName",  false, "u3 u4"               },
    {"sorted, filtered, some absent",
     {"User"},
     "title pr or externalId pr",                                                                        "emails",
     true,                                                                                                                      "u5 u2 u1"            },

 /* filters over several types */
    {"one type lacks the attribute",  {"User", "Group"},   "userName eq \"anna\"",                       NULL,           false, "u2"                  },
    {"negated",                       {"User", "Group"},   "not (userName eq \"anna\")",                 NULL,           false, "u1 u3 u4 u5 g1 g2"   },
    {"by type",                       {"User", "Group"},   "meta.resourceType eq \"Group\"",             NULL,           false, "g1 g2"               },
    {"nothing of any type",           {"User", "Group"},   "ports eq 1",                                 NULL,           false, ""                    },

 /* presences of two lists are two rows */
    {"one list and another",          {"User"},            "emails pr and roles pr",                     NULL,           false, ""                    },
    {"one list and not another",      {"User"},            "emails pr and not (roles pr)",               NULL,           false, "u1 u2"               },

 /* LIKE's wildcards are characters */
    {"percent",                       {"User"},            "userName co \"%\"",                          NULL,           false, "u3"                  },
    {"underscore",                    {"User"},            "userName co \"_\"",                          NULL,           false, "u3"                  },
    {"both and the escape",           {"User"},            "userName co \"%_sure!\"",                    NULL,           false, "u3"                  },
    {"escape at the end",             {"User"},            "userName ew \"!\"",                          NULL,           false, "u3"                  },
    {"percent at the end",            {"User"},            "userName ew \"100%\"",                       NULL,           false, ""                    },
    {"percent at the start",          {"User"},            "userName sw \"100%\"",                       NULL,           false, "u3"                  },
    {"bracket",                       {"User"},            "displayName sw \"[b\"",                      NULL,           false, "u3"                  },
    {"set of T-SQL",                  {"User"},            "displayName co \"[a-z]\"",                   NULL,           false, ""                    },
    {"backslash",                     {"User"},            "title co \"\\\\\"",                          NULL,           false, "u5"                  },
    {"case where it counts",          {"User"},            "externalId co \"e\"",                        NULL,           false, ""                    },

 /* what would be SQL is text */
    {"quote",                         {"User"},            "userName eq \"O'NEIL\"",                     NULL,           false, "u5"                  },
    {"injection by eq",               {"User"},            "userName eq \"x' OR '1'='1\"",               NULL,           false, ""                    },
    {"injection by co",               {"User"},            "userName co \"%' OR 1=1 --\"",               NULL,           false, ""                    },
    {"statement",                     {"User"},            "title eq \"'; DELETE FROM scimd_user; --\"", NULL,           false, ""                    },
    {"brace and marker",              {"User"},            "title eq \"{page} ? {limit}\"",              NULL,           false, ""                    },
    {"injection in an element",       {"User"},            "emails[value eq \"a@x\\\") OR (1=1\"]",      NULL,           false, ""                    },
};

struct parts {
    struct search_part items[TYPES_MAX];
    size_t count;
};

static void fill_part(struct population *population, const struct search_case *row,
                      struct search_part *part)
{
    struct fixture *fixture = &population->fixture;
    const struct filter_reader reader = {
        .type = part->type, .limits = &scim_limits_default, .unknown_is_never = true};
    const struct schema *schema = NULL;
    const struct attribute *attribute = NULL;
    const struct attribute *sub = NULL;

    if (row->filter != NULL && filter_parse(&reader, fixture->arena, row->filter,
                                            strlen(row->filter), &part->filter, &fixture->err) < 0)
        fail_msg("%s: %s", row->filter, fixture->err.detail);
    if (row->sort != NULL &&
        schema_resolve(part->type, row->sort, strlen(row->sort), &schema, &attribute, &sub))
        part->sort = sub != NULL ? sub : attribute;
}

static struct search search_of(struct population *population, const struct search_case *row,
                               struct parts *parts)
{
    *parts = (struct parts){0};
    for (size_t i = 0; i < TYPES_MAX && row->types[i] != NULL; i++) {
        struct search_part *part = &parts->items[parts->count++];
        part->type = schema_set_type_by_name(population->set, row->types[i]);
        fill_part(population, row, part);
    }
    return (struct search){.parts = parts->items,
                           .part_count = parts->count,
                           .sorted = row->sort != NULL,
                           .descending = row->descending,
                           .start_index = 1,
                           .count = FOUND_MAX,
                           .documents = true};
}

static const char *add_ids(struct arena *arena, const char *text, const struct finding *finding)
{
    for (size_t i = 0; i < finding->count; i++)
        text = arena_printf(arena, "%s%s%s", text, text[0] != '\0' ? " " : "", finding->ids[i]);
    return text;
}

static size_t words(const char *text)
{
    size_t count = text[0] != '\0';

    for (; *text != '\0'; text++)
        count += *text == ' ';
    return count;
}

static void assert_pages(struct population *population, struct search search, const char *ids)
{
    struct arena *arena = population->fixture.arena;
    struct finding finding;
    const char *found = "";

    for (; search.start_index <= (int64_t)words(ids) + 2; search.start_index += search.count) {
        population_find(population, &search, &finding);
        assert_int_equal(finding.result.total, words(ids));
        assert_int_equal(finding.result.items, finding.count);
        assert_int_equal(finding.documents, finding.count);
        assert_true(finding.count <= (size_t)search.count);
        found = add_ids(arena, found, &finding);
    }
    assert_string_equal(found, ids);
}

static void assert_cursors(struct population *population, struct search search, const char *ids)
{
    struct arena *arena = population->fixture.arena;
    struct page_cursor cursor;
    struct finding finding;
    const char *found = "";
    size_t pages = 0;

    search.by_cursor = true;
    do {
        population_find(population, &search, &finding);
        assert_int_equal(finding.result.total, words(ids));
        found = add_ids(arena, found, &finding);
        cursor = finding.result.next;
        search.cursor = &cursor;
        pages++;
    } while (finding.result.more && pages <= words(ids));
    assert_string_equal(found, ids);
    assert_true(pages == 1 ||
                pages == (words(ids) + (size_t)search.count - 1) / (size_t)search.count);
}

static void searches(void **state)
{
    const struct search_case *row = *state;
    struct population population;
    struct parts parts;
    struct search search;

    world_start(&population);
    search = search_of(&population, row, &parts);
    assert_pages(&population, search, row->ids);
    assert_cursors(&population, search, row->ids);
    for (search.count = 1; search.count <= 3; search.count++) {
        assert_pages(&population, search, row->ids);
        assert_cursors(&population, search, row->ids);
    }
    population_stop(&population);
}

/* Where a page begins and ends, over five users. */
static struct range_case {
    const char *name;
    int64_t start_index;
    int64_t count;
    const char *ids;
} range_cases[] = {
    {"count 0: the total alone", 1,                      0,  ""        },
    {"negative count is 0",      1,                      -1, ""        },
    {"start 0 is 1",             0,                      2,  "u1 u2"   },
    {"negative start is 1",      -5,                     2,  "u1 u2"   },
    {"middle",                   2,                      3,  "u2 u3 u4"},
    {"past the end",             6,                      3,  ""        },
    {"far past the end",         INT64_C(4000000000000), 3,  ""        },
    {"last one",                 5,                      3,  "u5"      },
};

static void keeps_to_range(void **state)
{
    const struct range_case *row = *state;
    const struct search_case all = {.types = {"User"}};
    const struct search_case sorted = {.types = {"User"}, .sort = "id"};
    const struct search_case filtered = {.types = {"User"}, .filter = "userName pr"};
    const struct search_case *const searches_of[] = {&all, &sorted, &filtered};
    struct population population;
    struct finding finding;
    struct parts parts;

    world_start(&population);
    for (size_t i = 0; i < ARRAY_LENGTH(searches_of); i++) {
        struct search search = search_of(&population, searches_of[i], &parts);
        search.start_index = row->start_index;
        search.count = row->count;
        population_find(&population, &search, &finding);
        assert_string_equal(add_ids(population.fixture.arena, "", &finding), row->ids);
        assert_int_equal(finding.result.total, 5);
        assert_int_equal(finding.result.items, words(row->ids));
    }
    population_stop(&population);
}

/* Filters of the largest size that the parser lets through, and what is refused. */
static struct shape_case {
    const char *name;
    const char *repeated; /* this often: */
    size_t times;
    const char *middle;
    const char *closed; /* as often */
    const char *type;
    enum err_code code; /* 0: finds `total` */
    int64_t total;
} shape_cases[] = {
    {"a long chain of or",            "title eq \"x\" or ",                45, "title eq \"boss\"",      "",   "User",
     (enum err_code)0,                                                                                                                      1},
    {"a long chain of and",           "userName co \"o\" and ",            45, "title eq \"boss\"",      "",   "User",
     (enum err_code)0,                                                                                                                      1},
    {"deep groups",                   "(title eq \"x\" or ",               30, "title eq \"boss\"",      ")",  "User",  (enum err_code)0,
     1                                                                                                                                       },
    {"deep groups of both",           "(title pr and (title eq \"x\" or ", 15, "title eq \"boss\"",      "))",
     "User",                                                                                                            (enum err_code)0,   1},
    {"deep negation",                 "not (",                             30, "title eq \"boss\"",      ")",  "User",  (enum err_code)0,   1},
    {"negated groups",                "not (title eq \"x\" or ",           30, "title eq \"boss\"",      ")",  "User",
     (enum err_code)0,                                                                                                                      1},
    {"deep inside brackets",          "",                                  1,
     "emails[(value co \"a\" and (not (type pr) and ((((((((((((((((value eq \"a@x\" or "
     "type eq \"q\"))))))))))))))) and primary eq true)))]",                                             "",   "User",  (enum err_code)0,   1},
    {"the address is not known here", "",                                  1,  "meta.location eq \"x\"", "",   "User",
     ERR_INVALID_FILTER,                                                                                                                    0},
    {"nor in groups",                 "",                                  1,  "groups[$ref eq \"x\"]",  "",   "User",  ERR_INVALID_FILTER, 0},
    {"nor in members",                "",                                  1,  "members.$ref co \"x\"",  "",   "Group", ERR_INVALID_FILTER, 0},
    {"but it is there",               "",                                  1,  "meta.location pr",       "",   "User",  (enum err_code)0,   5},
};

static void takes_any_shape(void **state)
{
    const struct shape_case *row = *state;
    struct population population;
    struct fixture *fixture = &population.fixture;
    CLEANUP(buf_free) struct buf text = {0};
    struct search_case built = {.types = {row->type}};
    struct finding finding = {0};
    struct parts parts;
    struct search search;
    int result;

    for (size_t i = 0; i < row->times; i++)
        buf_puts(&text, row->repeated);
    buf_puts(&text, row->middle);
    for (size_t i = 0; i < row->times; i++)
        buf_puts(&text, row->closed);
    built.filter = text.bytes;

    world_start(&population);
    search = search_of(&population, &built, &parts);
    finding.search = &search;
    finding.arena = fixture->arena;
    result = store_read(fixture->scope, population_search, &finding, &fixture->err);
    if (result != (row->code == 0 ? 0 : -1))
        fail_msg("%s (%s)", fixture->err.detail, fixture->err.cause);
    if (row->code != 0)
        assert_int_equal(fixture->err.code, row->code);
    else
        assert_int_equal(finding.result.total, row->total);
    population_stop(&population);
}

/* More rows than one statement reads, and documents that only fit one by one. */
static struct bulk_case {
    const char *name;
    int resources;
    int title_bytes;
    const char *filter;
} bulk_cases[] = {
    {"several chunks",                           250, 1,     NULL                    },
    {"large documents",                          12,  60000, NULL                    },
    {"one chunk and one row",                    101, 1,     "title pr"              },
    {"identifying, but more than a few",         40,  1,     "externalId eq \"same\""},
    {"identifying, as many as are read at once", 16,  1,     "externalId eq \"same\""},
    {"beyond one block of counts",               300, 1,     "title pr"              },
};

struct bulk {
    struct population *population;
    const struct bulk_case *row;
};

static int write_bulk(struct session *session, void *argument, struct err *err)
{
    const struct bulk *bulk = argument;
    char *title = malloc((size_t)bulk->row->title_bytes + 1);
    int result = 0;

    memset(title, 't', (size_t)bulk->row->title_bytes);
    title[bulk->row->title_bytes] = '\0';
    for (int i = 0; result == 0 && i < bulk->row->resources; i++) {
        struct arena *arena = bulk->population->fixture.arena;
        json_t *document =
            json_pack("{s:[s], s:s, s:o, s:s}", "schemas", SCHEMA_URN_USER, "externalId", "same",
                      "userName", json_sprintf("user%d", i), "title", title);
        struct newcomer newcomer = {.type = bulk->population->user,
                                    .id = arena_printf(arena, "%d", i),
                                    .document = document,
                                    .arena = arena};
        result = population_write(session, &newcomer, err);
        json_decref(document);
    }
    free(title);
    return result;
}

static void reads_in_chunks(void **state)
{
    const struct bulk_case *row = *state;
    struct population population;
    struct bulk bulk = {.population = &population, .row = row};
    struct search_case built = {.types = {"User"}, .filter = row->filter};
    struct finding finding;
    struct parts parts;
    struct search search;

    population_start(&population);
    fixture_transact(&population.fixture, write_bulk, &bulk);
    search = search_of(&population, &built, &parts);
    population_find(&population, &search, &finding);
    assert_int_equal(finding.count, row->resources);
    assert_int_equal(finding.result.total, row->resources);
    assert_int_equal(finding.documents, row->resources);
    for (int i = 0; i < row->resources; i++)
        assert_int_equal(strtol(finding.ids[i], NULL, 10), i);
    search.start_index = row->resources; /* the last one */
    search.documents = false;
    population_find(&population, &search, &finding);
    assert_int_equal(finding.count, 1);
    assert_int_equal(finding.documents, 0);
    assert_int_equal(finding.result.total, row->resources);
    population_stop(&population);
}

int main(void)
{
    int failed = RUN_TABLE("search", search_cases, searches);

    failed += RUN_TABLE("search_range", range_cases, keeps_to_range);
    failed += RUN_TABLE("search_shape", shape_cases, takes_any_shape);
    failed += RUN_TABLE("search_bulk", bulk_cases, reads_in_chunks);
    return failed;
}
