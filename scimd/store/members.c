/* Reading memberships, and what becomes of them when resources come and go.  Names come from the
 * narrow tables: a group of a hundred thousand is listed without reading a document. */
#include "store/members.h"

#include <string.h>

#include "base/cleanup.h"
#include "store/session.h"

#define FIRST_CAPACITY 16

static const char *type_name(int64_t type)
{
    return type == RESOURCE_TYPE_GROUP ? "Group" : "User";
}

/* Room for one more in an array in the arena that doubles; `count` are in use. */
static void *grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t bytes)
{
    void *grown;

    if (count < *capacity)
        return items;
    *capacity = *capacity > 0 ? 2 * *capacity : FIRST_CAPACITY;
    grown = arena_array(arena, *capacity, bytes);
    if (count > 0)
        memcpy(grown, items, count * bytes);
    return grown;
}

int members_page(struct session *session, struct arena *arena, int64_t group_pk, int64_t after,
                 size_t limit, const struct member_row **out, size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(group_pk),
                                   VALUE_INT(after), VALUE_INT(limit)};
    struct member_row *members = arena_array(arena, limit, sizeof(*members));
    size_t used = 0;
    int more;

    if (session_query(session,
                      "SELECT m.member_pk, m.mtype, COALESCE(u.id, g.id), "
                      "COALESCE(u.display_name, u.user_name, g.display_name) FROM scimd_member m "
                      "LEFT JOIN scimd_user u ON u.tenant_id = m.tenant_id AND u.pk = m.member_pk "
                      "LEFT JOIN scimd_group g ON g.tenant_id = m.tenant_id AND "
                      "g.pk = m.member_pk WHERE m.tenant_id = ? AND m.group_pk = ? AND "
                      "m.member_pk > ? ORDER BY m.member_pk {limit}",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while (used < limit && (more = rows_next(rows, err)) != 0) {
        if (more < 0)
            return -1;
        members[used++] = (struct member_row){.pk = rows_integer(rows, 0),
                                              .type = type_name(rows_integer(rows, 1)),
                                              .id = rows_text(rows, 2, arena, NULL),
                                              .display = rows_text(rows, 3, arena, NULL)};
    }
    *out = members;
    *count = used;
    return 0;
}

static int parked_groups(struct session *session, struct arena *arena, const struct value values[4],
                         const int64_t **groups, size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int64_t *found = NULL;
    size_t used = 0;
    size_t capacity = 0;
    int more;

    if (session_query(session,
                      "SELECT p.group_pk FROM scimd_member_parked p JOIN scimd_resource r "
                      "ON r.tenant_id = ? AND r.pk = ? AND r.rtype IN (1, 2) "
                      "WHERE p.tenant_id = ? AND p.member_id = ? ORDER BY p.group_pk",
                      values, 4, &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        found = grow(arena, found, used, &capacity, sizeof(*found));
        found[used++] = rows_integer(rows, 0);
    }
    if (more < 0)
        return -1;
    *groups = found;
    *count = used;
    return 0;
}

/* Whoever changes members of these groups waits until we are done, and we for them; in the order of
 * their keys, so that two of us don't meet crosswise. */
static int lock_groups(struct session *session, const char *sql, const struct value values[3],
                       struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session, sql, values, 3, &rows, err) < 0)
        return -1;
    do {
        more = rows_next(rows, err);
    } while (more > 0);
    return more;
}

int members_attach(struct session *session, struct arena *arena, const char *id, int64_t pk,
                   const int64_t **groups, size_t *count, struct err *err)
{
    const int tenant = store_session_tenant(session);
    const struct value values[] = {VALUE_INT(tenant), VALUE_INT(pk), VALUE_INT(tenant),
                                   VALUE_STRING(id)};
    const struct value lock[] = {VALUE_INT(tenant), VALUE_INT(tenant), VALUE_STRING(id)};
    const int64_t *found = NULL;
    size_t used = 0;

    if (parked_groups(session, arena, values, &found, &used, err) < 0)
        return -1;
    if (used > 0 && session_has_rivals(session) && /* one of them may let go of it meanwhile */
        (lock_groups(session,
                     "SELECT g.pk FROM scimd_resource g{lock} WHERE g.tenant_id = ? AND g.pk IN ("
                     "SELECT p.group_pk FROM scimd_member_parked p WHERE p.tenant_id = ? AND "
                     "p.member_id = ?) ORDER BY g.pk{for update}",
                     lock, err) < 0 ||
         parked_groups(session, arena, values, &found, &used, err) < 0))
        return -1;
    if (used > 0 &&
        (session_execute(session,
                         "INSERT INTO scimd_member (tenant_id, group_pk, member_pk, mtype) "
                         "SELECT p.tenant_id, p.group_pk, r.pk, r.rtype "
                         "FROM scimd_member_parked p JOIN scimd_resource r "
                         "ON r.tenant_id = ? AND r.pk = ? WHERE p.tenant_id = ? AND "
                         "p.member_id = ?",
                         values, ARRAY_LENGTH(values), NULL, err) < 0 ||
         session_execute(session,
                         "DELETE FROM scimd_member_parked WHERE tenant_id = ? AND member_id = ?",
                         values + 2, 2, NULL, err) < 0))
        return -1;
    *groups = found;
    *count = used;
    return 0;
}

static int direct_groups(struct session *session, struct arena *arena, int64_t pk,
                         struct member_ids *groups, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(pk)};
    struct member_ids found = {0};
    size_t capacity = 0;
    int more;

    if (session_query(session,
                      "SELECT g.id FROM scimd_member m JOIN scimd_group g "
                      "ON g.tenant_id = m.tenant_id AND g.pk = m.group_pk "
                      "WHERE m.tenant_id = ? AND m.member_pk = ? ORDER BY g.pk",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        found.ids = grow(arena, found.ids, found.count, &capacity, sizeof(*found.ids));
        found.ids[found.count++] = rows_text(rows, 0, arena, NULL);
    }
    if (more < 0)
        return -1;
    *groups = found;
    return 0;
}

static int leave_groups(struct session *session, int64_t pk, int64_t modified_us, struct err *err)
{
    const struct value tenant = VALUE_INT(store_session_tenant(session));
    const struct value bump[] = {VALUE_INT(modified_us), tenant, tenant, VALUE_INT(pk)};
    const struct value member[] = {tenant, VALUE_INT(pk)};

    if (session_execute(session,
                        "UPDATE scimd_resource SET version = version + 1, modified_us = ? "
                        "WHERE tenant_id = ? AND pk IN (SELECT m.group_pk FROM scimd_member m "
                        "WHERE m.tenant_id = ? AND m.member_pk = ?)",
                        bump, ARRAY_LENGTH(bump), NULL, err) < 0)
        return -1;
    return session_execute(session,
                           "DELETE FROM scimd_member WHERE tenant_id = ? AND member_pk = ?", member,
                           ARRAY_LENGTH(member), NULL, err);
}

int members_detach(struct session *session, struct arena *arena, int64_t pk, int64_t modified_us,
                   struct member_ids *groups, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(pk)};
    const struct value lock[] = {values[0], values[0], values[1]};
    struct member_ids left = {0};

    if (session_has_rivals(session) &&
        lock_groups(session,
                    "SELECT g.pk FROM scimd_resource g{lock} WHERE g.tenant_id = ? AND g.pk IN ("
                    "SELECT m.group_pk FROM scimd_member m WHERE m.tenant_id = ? AND "
                    "m.member_pk = ?) ORDER BY g.pk{for update}",
                    lock, err) < 0)
        return -1;
    if (direct_groups(session, arena, pk, &left, err) < 0 ||
        (left.count > 0 && leave_groups(session, pk, modified_us, err) < 0) ||
        session_execute(session, "DELETE FROM scimd_member WHERE tenant_id = ? AND group_pk = ?",
                        values, ARRAY_LENGTH(values), NULL, err) < 0 ||
        session_execute(session,
                        "DELETE FROM scimd_member_parked WHERE tenant_id = ? AND group_pk = ?",
                        values, ARRAY_LENGTH(values), NULL, err) < 0)
        return -1;
    *groups = left;
    return 0;
}

int members_groups_of(struct session *session, struct arena *arena, int64_t pk,
                      const struct membership **out, size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value tenant = VALUE_INT(store_session_tenant(session));
    const struct value values[] = {tenant, VALUE_INT(pk), tenant, VALUE_INT(pk), tenant};
    struct membership *found = NULL;
    size_t used = 0;
    size_t capacity = 0;
    int more;

    /* UNION drops what was seen before, so a cycle ends; CROSS JOIN: the few holders first */
    if (session_query(
            session,
            "WITH RECURSIVE holders (pk) AS (SELECT m.group_pk FROM scimd_member m "
            "WHERE m.tenant_id = ? AND m.member_pk = ? UNION SELECT m.group_pk "
            "FROM holders h CROSS JOIN scimd_member m WHERE m.tenant_id = ? AND "
            "m.member_pk = h.pk) SELECT g.id, g.display_name, CASE WHEN EXISTS ("
            "SELECT 1 FROM scimd_member d WHERE d.tenant_id = g.tenant_id AND "
            "d.group_pk = g.pk AND d.member_pk = ?) THEN 1 ELSE 0 END FROM holders h "
            "CROSS JOIN scimd_group g WHERE g.tenant_id = ? AND g.pk = h.pk ORDER BY g.pk",
            values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        found = grow(arena, found, used, &capacity, sizeof(*found));
        found[used++] = (struct membership){.id = rows_text(rows, 0, arena, NULL),
                                            .display = rows_text(rows, 1, arena, NULL),
                                            .direct = rows_integer(rows, 2) != 0};
    }
    if (more < 0)
        return -1;
    *out = found;
    *count = used;
    return 0;
}
