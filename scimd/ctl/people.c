/* People and groups as they are stored, read-only. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/output.h"

#define PAGE "200"

static const char *const times[] = {"created", "lastModified", NULL};
static const struct column user_columns[] = {
    {"USERNAME", "userName"    },
    {"NAME",     "displayName" },
    {"ACTIVE",   "active"      },
    {"CHANGED",  "lastModified"},
    {"ID",       "id"          }
};
static const struct column group_columns[] = {
    {"GROUP",   "displayName" },
    {"CHANGED", "lastModified"},
    {"ID",      "id"          }
};
static const struct column link_columns[] = {
    {"SOURCE",    "source"  },
    {"SOURCE ID", "sourceId"},
    {"STATE",     "state"   },
    {"PROBLEM",   "problem" }
};
static const struct column member_columns[] = {
    {"GROUP", "display"},
    {"HOW",   "type"   },
    {"ID",    "value"  }
};

struct kind {
    const char *segment; /* "users" */
    const struct column *columns;
    size_t column_count;
};
static const struct kind users = {"users", user_columns, ARRAY_LENGTH(user_columns)};
static const struct kind groups = {"groups", group_columns, ARRAY_LENGTH(group_columns)};

/* ---- list ---- */

/* A resource with the times of its meta at the top; the caller's. */
static json_t *flat(const json_t *resource)
{
    CLEANUP(json_decrefp) json_t *copy = json_copy((json_t *)(uintptr_t)resource);

    json_object_update_missing(copy, json_object_get(resource, "meta"));
    return output_moments(copy, times);
}

/* --json streams: a tenant may have a million people. */
static void print_json_page(const json_t *resources, bool first)
{
    const json_t *resource;
    size_t i;

    json_array_foreach(resources, i, resource)
    {
        (void)fputs(first && i == 0 ? "\n" : ",\n", stdout);
        (void)json_dumpf(resource, stdout, JSON_COMPACT);
    }
}

static void print_page(const struct kind *kind, const json_t *resources)
{
    CLEANUP(json_decrefp) json_t *list = json_array();
    const json_t *resource;
    size_t i;

    json_array_foreach(resources, i, resource)
    {
        json_array_append_new(list, flat(resource));
    }
    output_table(list, kind->columns, kind->column_count);
}

static void trim(json_t *resources, int64_t room)
{
    while (json_array_size(resources) > 0 && (int64_t)json_array_size(resources) > room)
        (void)json_array_remove(resources, json_array_size(resources) - 1);
}

struct listing {
    const struct kind *kind;
    int64_t room; /* how many more may be shown */
    bool json;
    bool any;
    char *cursor; /* NULL: there are no more; owned */
};

static int list_page(struct invocation *invocation, struct listing *listing, struct err *err)
{
    const struct client_parameter parameters[] = {
        {"filter",             invocation->options.filter},
        {"count",              PAGE                      },
        {"excludedAttributes", "members,groups"          },
        {"cursor",             listing->cursor           }
    };
    CLEANUP(json_decrefp) json_t *answer = NULL;
    const char *next;
    json_t *resources;

    if (command_ask(
            invocation,
            client_query(SEGMENTS("tenants", invocation->arguments[0], listing->kind->segment),
                         parameters, ARRAY_LENGTH(parameters)),
            &answer, err) < 0)
        return -1;
    resources = json_object_get(answer, "Resources");
    trim(resources, listing->room);
    if (listing->json)
        print_json_page(resources, !listing->any);
    else if (json_array_size(resources) > 0 || !listing->any)
        print_page(listing->kind, resources);
    listing->any = listing->any || json_array_size(resources) > 0;
    listing->room -= (int64_t)json_array_size(resources);
    next = json_string_value(json_object_get(answer, "nextCursor"));
    free(listing->cursor);
    listing->cursor = next != NULL && listing->room > 0 ? strdup(next) : NULL;
    return ferror(stdout) != 0 ? err_set(err, ERR_INTERNAL, "cannot write the output") : 0;
}

static int list(struct invocation *invocation, const struct kind *kind, struct err *err)
{
    const struct options *options = &invocation->options;
    struct listing listing = {.kind = kind, .room = INT64_MAX, .json = options->json};
    int result;

    if (options->limit != NULL) {
        char *end = NULL;
        listing.room = strtoll(options->limit, &end, 10);
        if (listing.room < 1 || *end != '\0')
            return err_set(err, ERR_BAD_REQUEST, "--limit %.40s: must be a number from 1",
                           options->limit);
    }
    if (options->json)
        (void)printf("{\"%s\": [", kind->segment);
    listing.cursor = strdup("");
    do
        result = list_page(invocation, &listing, err);
    while (result == 0 && listing.cursor != NULL);
    free(listing.cursor);
    if (options->json && result == 0)
        (void)puts("\n]}");
    return result < 0 ? -1 : STATUS_DONE;
}

int command_user_list(struct invocation *invocation, struct err *err)
{
    return list(invocation, &users, err);
}

int command_group_list(struct invocation *invocation, struct err *err)
{
    return list(invocation, &groups, err);
}

/* ---- show ---- */

static void print_links(const json_t *links)
{
    const json_t *link;
    size_t i;

    if (json_array_size(links) == 0) {
        (void)puts("\nNo source stands behind it: it was pushed.");
        return;
    }
    (void)puts("");
    output_table(links, link_columns, ARRAY_LENGTH(link_columns));
    json_array_foreach(links, i, link)
    {
        const json_t *attributes = json_object_get(link, "attributes");

        if (!json_is_object(attributes))
            continue;
        (void)printf("\nas %s has it: ", json_string_value(json_object_get(link, "source")));
        output_json(attributes);
    }
}

static void print_shown(const struct kind *kind, const json_t *answer)
{
    CLEANUP(json_decrefp) json_t *document = json_copy(json_object_get(answer, "resource"));
    CLEANUP(json_decrefp) json_t *said = flat(document);
    const json_t *in = json_object_get(document, "groups");
    const json_t *people = json_object_get(answer, "people");

    output_object(said, kind->columns, kind->column_count);
    if (json_is_integer(people))
        (void)printf("PEOPLE: %" PRId64 "\n", (int64_t)json_integer_value(people));
    if (json_array_size(in) > 0) {
        (void)puts("");
        output_table(in, member_columns, ARRAY_LENGTH(member_columns));
    }
    (void)fputs("\nas it is stored: ", stdout);
    (void)json_object_del(document, "groups");
    (void)json_object_del(document, "meta");
    (void)json_object_del(document, "schemas");
    output_json(document);
    print_links(json_object_get(answer, "links"));
}

static int show(struct invocation *invocation, const struct kind *kind, struct err *err)
{
    CLEANUP(json_decrefp) json_t *answer = NULL;

    if (command_call(
            invocation, "GET",
            SEGMENTS("tenants", invocation->arguments[0], kind->segment, invocation->arguments[1]),
            NULL, &answer, err) < 0)
        return -1;
    if (invocation->options.json)
        output_json(answer);
    else
        print_shown(kind, answer);
    return STATUS_DONE;
}

int command_user_show(struct invocation *invocation, struct err *err)
{
    return show(invocation, &users, err);
}

int command_group_show(struct invocation *invocation, struct err *err)
{
    return show(invocation, &groups, err);
}
