/* References that wait for their targets, in chunks of one JSON list. */
#include "base/cleanup.h"
#include "store/control_list.h"
#include "store/json_list.h"
#include "store/links.h"
#include "store/session.h"

struct waiting {
    struct session *session;
    int64_t source;
    int64_t owner;
    int64_t path;
};

typedef int (*chunk_work)(const struct waiting *waiting, const struct buf *targets,
                          struct err *err);

static int each_chunk(const struct waiting *waiting, const char *const *targets, size_t count,
                      chunk_work work, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};
    size_t chunk;

    for (size_t from = 0; from < count; from += chunk) {
        chunk = count - from < LINKS_CHUNK ? count - from : LINKS_CHUNK;
        buf_reset(&json);
        json_list_texts(&json, targets + from, chunk);
        if (work(waiting, &json, err) < 0)
            return -1;
    }
    return 0;
}

static int add_chunk(const struct waiting *waiting, const struct buf *targets, struct err *err)
{
    const struct value tenant = VALUE_INT(store_session_tenant(waiting->session));
    const struct value source = VALUE_INT(waiting->source);
    const struct value owner = VALUE_INT(waiting->owner);
    const struct value path = VALUE_INT(waiting->path);
    const struct value values[] = {
        tenant, source, owner, path, VALUE_STRING_N(targets->bytes, targets->length),
        tenant, source, owner, path};

    return session_execute(
        waiting->session,
        "INSERT INTO scimd_link_wait (tenant_id, source, owner, path, target) "
        "SELECT CAST(? AS int), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), d.item "
        "FROM (SELECT DISTINCT j.item AS item FROM {list text}) d WHERE NOT EXISTS ("
        "SELECT 1 FROM scimd_link_wait w WHERE w.tenant_id = ? AND w.source = ? AND w.owner = ? "
        "AND w.path = ? AND w.target = d.item)",
        values, ARRAY_LENGTH(values), NULL, err);
}

int link_waits_add(struct session *session, int64_t source, int64_t owner, int64_t path,
                   const char *const *targets, size_t count, struct err *err)
{
    const struct waiting waiting = {session, source, owner, path};

    return each_chunk(&waiting, targets, count, add_chunk, err);
}

static int drop_chunk(const struct waiting *waiting, const struct buf *targets, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(waiting->session)),
                                   VALUE_INT(waiting->source), VALUE_INT(waiting->owner),
                                   VALUE_INT(waiting->path),
                                   VALUE_STRING_N(targets->bytes, targets->length)};

    return session_execute(waiting->session,
                           "DELETE FROM scimd_link_wait WHERE tenant_id = ? AND source = ? AND "
                           "owner = ? AND path = ? AND target IN (SELECT j.item FROM {list text})",
                           values, ARRAY_LENGTH(values), NULL, err);
}

int link_waits_drop(struct session *session, int64_t source, int64_t owner, int64_t path,
                    const char *const *targets, size_t count, struct err *err)
{
    const struct waiting waiting = {session, source, owner, path};
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(owner), VALUE_INT(path)};

    if (targets != NULL)
        return each_chunk(&waiting, targets, count, drop_chunk, err);
    return session_execute(session,
                           "DELETE FROM scimd_link_wait WHERE tenant_id = ? AND source = ? AND "
                           "owner = ? AND path = ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}

static void read_wait(struct rows *rows, struct arena *arena, void *item)
{
    struct link_wait *wait = item;

    wait->owner = rows_integer(rows, 0);
    wait->path = rows_integer(rows, 1);
    wait->target = rows_text(rows, 2, arena, NULL);
}

int link_waits_for(struct session *session, struct arena *arena, int64_t source,
                   const char *const *targets, size_t count, const struct link_wait **out,
                   size_t *found, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    json_list_texts(&json, targets, count);
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_STRING_N(json.bytes, json.length)};
    if (control_query(session,
                      "SELECT owner, path, target FROM scimd_link_wait WHERE tenant_id = ? AND "
                      "source = ? AND target IN (SELECT j.item FROM {list text}) "
                      "ORDER BY owner, path, target",
                      values, ARRAY_LENGTH(values), read_wait, &list, err) < 0)
        return -1;
    *out = list.items;
    *found = list.count;
    return 0;
}

int link_waits_of(struct session *session, struct arena *arena, int64_t source, int64_t owner,
                  const struct link_wait **out, size_t *found, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(source),
                                   VALUE_INT(owner)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(**out)};

    if (control_query(session,
                      "SELECT owner, path, target FROM scimd_link_wait WHERE tenant_id = ? AND "
                      "source = ? AND owner = ? ORDER BY path, target",
                      values, ARRAY_LENGTH(values), read_wait, &list, err) < 0)
        return -1;
    *out = list.items;
    *found = list.count;
    return 0;
}
