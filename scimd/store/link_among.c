#include "store/link_among.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/control_list.h"
#include "store/links.h"
#include "store/session.h"

int link_members_among(struct session *session, int64_t group_pk, const int64_t *keys, size_t count,
                       bool *is_member, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf json = {0};
    int more;

    for (size_t i = 0; i < count; i++) {
        is_member[i] = false;
        if (keys[i] != 0)
            buf_printf(&json, "%s{\"place\":%zu,\"pk\":%lld}", json.length > 0 ? "," : "[", i,
                       (long long)keys[i]);
    }
    if (json.length == 0)
        return 0;
    buf_putc(&json, ']');
    const struct value values[] = {VALUE_STRING_N(json.bytes, json.length),
                                   VALUE_INT(store_session_tenant(session)), VALUE_INT(group_pk)};
    if (session_query(session,
                      "SELECT j.place FROM {rows place bigint, pk bigint} JOIN scimd_member m "
                      "ON m.tenant_id = ? AND m.group_pk = ? AND m.member_pk = j.pk",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        size_t place = (size_t)rows_integer(rows, 0);

        if (place < count)
            is_member[place] = true;
    }
    return more;
}

static void read_id(struct rows *rows, struct arena *arena, void *item)
{
    *(const char **)item = rows_text(rows, 0, arena, NULL);
}

int link_groups_naming(struct session *session, struct arena *arena, int64_t source,
                       int64_t resource_pk, const char *const **out, size_t *count, struct err *err)
{
    const struct value tenant = VALUE_INT(store_session_tenant(session));
    const struct value values[] = {tenant, VALUE_INT(resource_pk), tenant, VALUE_INT(source),
                                   VALUE_INT(LINK_LIVE)};
    struct control_list list = {.arena = arena, .item_bytes = sizeof(const char *)};

    if (control_query(session,
                      "SELECT l.source_id FROM scimd_member m JOIN scimd_link l "
                      "ON l.resource_pk = m.group_pk AND l.resource_pk <> 0 "
                      "WHERE m.tenant_id = ? AND m.member_pk = ? AND l.tenant_id = ? "
                      "AND l.source = ? AND l.state = ? ORDER BY l.pk",
                      values, ARRAY_LENGTH(values), read_id, &list, err) < 0)
        return -1;
    *out = list.items;
    *count = list.count;
    return 0;
}
