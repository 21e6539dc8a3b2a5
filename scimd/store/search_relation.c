#include "store/search_relation.h"

#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "scim/match.h"

static bool is_sub(const struct filter *leaf, const char *name)
{
    return leaf != NULL && strcmp(leaf->attribute->name, name) == 0;
}

/* Does the leaf, on `type`, hold for an element of that type?  NULL asks nothing. */
static bool type_holds(const struct filter *leaf, const char *type)
{
    CLEANUP(json_decrefp) json_t *element = json_pack("{s:s}", "type", type);

    return leaf == NULL || match_element(leaf, element);
}

/* A name's key where it stands; where it was cut there, the whole of it from scimd_attribute. */
static void append_name_key(struct buf *column, const char *pk, const char *key, const char *path)
{
    buf_printf(column,
               "(SELECT a.long_key FROM scimd_attribute a WHERE a.tenant_id = m.tenant_id AND "
               "a.pk = %s AND a.path = %lld AND a.elem = 0), %s",
               pk, (long long)digest_number(path), key);
}

#define PATH_USER_DISPLAY "urn:ietf:params:scim:schemas:core:2.0:user:displayname"
#define PATH_USER_NAME "urn:ietf:params:scim:schemas:core:2.0:user:username"
#define PATH_GROUP_DISPLAY "urn:ietf:params:scim:schemas:core:2.0:group:displayname"

static void close_as(struct query *query, size_t table, struct operand *out)
{
    query_close_table(query);
    *out = (struct operand){.kind = OPERAND_TABLE, .table = table};
}

static void members_by_value(struct query *query, const struct filter *leaf)
{
    query_puts(query, "SELECT m.group_pk, m.member_pk FROM scimd_resource r JOIN scimd_member m "
                      "ON m.tenant_id = r.tenant_id AND m.member_pk = r.pk WHERE r.tenant_id = ? "
                      "AND ");
    query_bind_tenant(query);
    leaf_condition_on(query, "r.id", INDEX_TEXT, leaf);
}

/* The same name that members_page() shows. */
static void members_by_display(struct query *query, const struct filter *leaf)
{
    CLEANUP(buf_free) struct buf column = {0};

    buf_puts(&column, "COALESCE(");
    if (leaf->kind == FILTER_COMPARE && leaf->op != FILTER_EQ) {
        append_name_key(&column, "u.pk", "u.display_name_key, ", PATH_USER_DISPLAY);
        append_name_key(&column, "u.pk", "u.user_name_key, ", PATH_USER_NAME);
        append_name_key(&column, "g.pk", "g.display_name_key)", PATH_GROUP_DISPLAY);
    } else {
        buf_puts(&column, "u.display_name_key, u.user_name_key, g.display_name_key)");
    }
    query_puts(query, "SELECT m.group_pk, m.member_pk FROM scimd_member m LEFT JOIN scimd_user u "
                      "ON u.tenant_id = m.tenant_id AND u.pk = m.member_pk LEFT JOIN scimd_group g "
                      "ON g.tenant_id = m.tenant_id AND g.pk = m.member_pk WHERE m.tenant_id = ? "
                      "AND ");
    query_bind_tenant(query);
    leaf_condition_on(query, column.bytes, INDEX_TEXT, leaf);
}

static void members_compile(struct query *query, const struct filter *leaf, struct operand *out)
{
    const struct filter *of_type = is_sub(leaf, "type") ? leaf : NULL;
    bool users = type_holds(of_type, "User");
    bool groups = type_holds(of_type, "Group");
    size_t table;

    if (!users && !groups) {
        *out = (struct operand){.kind = OPERAND_NOTHING};
        return;
    }
    table = query_open_table(query, true);
    if (is_sub(leaf, "value") && leaf->kind == FILTER_COMPARE) {
        members_by_value(query, leaf);
    } else if (is_sub(leaf, "display")) {
        members_by_display(query, leaf);
    } else {
        query_puts(query, "SELECT m.group_pk, m.member_pk FROM scimd_member m "
                          "WHERE m.tenant_id = ? AND m.mtype IN (?, ?)");
        query_bind_tenant(query);
        query_bind_integer(query, users ? RESOURCE_TYPE_USER : RESOURCE_TYPE_GROUP);
        query_bind_integer(query, groups ? RESOURCE_TYPE_GROUP : RESOURCE_TYPE_USER);
    }
    close_as(query, table, out);
}

static void groups_by_display(struct query *query, const struct filter *leaf)
{
    CLEANUP(buf_free) struct buf column = {0};

    query_puts(query, "SELECT m.pk, m.pk FROM scimd_group m WHERE m.tenant_id = ?");
    query_bind_tenant(query);
    if (leaf == NULL)
        return;

    if (leaf->kind == FILTER_COMPARE && leaf->op != FILTER_EQ) {
        buf_puts(&column, "COALESCE(");
        append_name_key(&column, "m.pk", "m.display_name_key)", PATH_GROUP_DISPLAY);
    } else {
        buf_puts(&column, "m.display_name_key");
    }
    query_puts(query, " AND ");
    leaf_condition_on(query, column.bytes, INDEX_TEXT, leaf);
}

/* CROSS JOIN, here and below: SQLite then keeps the order of the tables, few rows first. */

/* Pairs (root, node): the groups that `leaf` names, each with all groups inside it.  Pairs that
 * were seen before are dropped, so a cycle ends. */
static size_t group_tree(struct query *query, const struct filter *leaf)
{
    size_t table = query_open_table(query, true);

    if (is_sub(leaf, "value") && leaf->kind == FILTER_COMPARE) {
        query_puts(query, "SELECT m.pk, m.pk FROM scimd_resource m WHERE m.tenant_id = ? AND "
                          "m.rtype = ? AND ");
        query_bind_tenant(query);
        query_bind_integer(query, RESOURCE_TYPE_GROUP);
        leaf_condition_on(query, "m.id", INDEX_TEXT, leaf);
    } else {
        groups_by_display(query, is_sub(leaf, "display") ? leaf : NULL);
    }
    buf_printf(&query->sql,
               " UNION SELECT t.pk, m.member_pk FROM n%zu t CROSS JOIN scimd_member m WHERE "
               "m.tenant_id = ? AND m.group_pk = t.elem AND m.mtype = ?",
               table);
    query_bind_tenant(query);
    query_bind_integer(query, RESOURCE_TYPE_GROUP);
    query_close_table(query);
    return table;
}

static void direct_pairs(struct query *query, int type)
{
    query_puts(query, "SELECT m.member_pk, m.group_pk FROM scimd_member m "
                      "WHERE m.tenant_id = ? AND m.mtype = ?");
    query_bind_tenant(query);
    query_bind_integer(query, type);
}

static void groups_compile(struct query *query, const struct search_scope *scope,
                           const struct filter *leaf, struct operand *out)
{
    const struct filter *of_type = is_sub(leaf, "type") ? leaf : NULL;
    bool direct = type_holds(of_type, "direct");
    bool indirect = type_holds(of_type, "indirect");
    int type = scope->type->number;
    size_t tree = 0;
    size_t table;

    if (!direct && !indirect) {
        *out = (struct operand){.kind = OPERAND_NOTHING};
        return;
    }
    if (indirect)
        tree = group_tree(query, leaf);
    table = query_open_table(query, true);
    if (indirect) {
        buf_printf(&query->sql,
                   "SELECT m.member_pk, t.pk FROM n%zu t CROSS JOIN scimd_member m WHERE "
                   "m.tenant_id = ? AND m.group_pk = t.elem AND m.mtype = ?",
                   tree);
        query_bind_tenant(query);
        query_bind_integer(query, type);
    }
    if (indirect && !direct)
        query_puts(query, " EXCEPT ");
    if (!indirect || !direct)
        direct_pairs(query, type);
    close_as(query, table, out);
}

void relation_compile(struct query *query, const struct search_scope *scope,
                      const struct filter *leaf, struct operand *out)
{
    if (scope->element->role == ROLE_MEMBERS)
        members_compile(query, leaf, out);
    else
        groups_compile(query, scope, leaf, out);
}
