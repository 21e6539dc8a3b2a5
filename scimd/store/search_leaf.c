#include "store/search_leaf.h"

#include <string.h>

#include "store/index_key.h"

#define MILLISECOND_US INT64_C(1000)

static const char *const order_signs[] = {
    [FILTER_EQ] = " = ?", [FILTER_GT] = " > ?",  [FILTER_GE] = " >= ?",
    [FILTER_LT] = " < ?", [FILTER_LE] = " <= ?",
};

void leaf_from(struct query *query, const struct resource_type *type,
               const struct attribute *attribute, struct index_home home)
{
    const struct index_typed *typed = index_typed_of(type);

    if (home.table == INDEX_RESOURCE) {
        query_puts(query, " FROM scimd_resource x WHERE x.tenant_id = ? AND x.rtype = ?");
        query_bind_tenant(query);
        query_bind_integer(query, type->number);
    } else if (home.table == INDEX_TYPED && typed != NULL) {
        query_puts(query, " FROM ");
        query_puts(query, typed->table);
        query_puts(query, " x WHERE x.tenant_id = ?");
        query_bind_tenant(query);
    } else if (home.table == INDEX_USER_VALUE) {
        query_puts(query, " FROM scimd_user_value x WHERE x.tenant_id = ? AND x.attr = ?");
        query_bind_tenant(query);
        query_bind_integer(query, home.list);
    } else {
        query_puts(query, " FROM scimd_attribute x WHERE x.tenant_id = ? AND x.rtype = ? AND "
                          "x.path = ?");
        query_bind_tenant(query);
        query_bind_integer(query, type->number);
        query_bind_integer(query, attribute->path_id);
    }
}

void leaf_source(struct query *query, const struct resource_type *type,
                 const struct attribute *attribute, struct index_home home, bool pairs)
{
    query_puts(query, "SELECT x.pk");
    if (pairs && home.table == INDEX_USER_VALUE)
        query_puts(query, ", x.idx AS elem");
    else if (pairs)
        query_puts(query, home.table == INDEX_TYPED ? ", 0 AS elem" : ", x.elem");
    leaf_from(query, type, attribute, home);
}

void leaf_column(struct query *query, struct index_home home)
{
    query_puts(query, "x.");
    if (home.column != NULL)
        query_puts(query, home.column);
    else
        query_puts(query, home.form == INDEX_TEXT ? "skey" : "num");
}

static void like(struct query *query, const char *column, const struct filter *leaf)
{
    const char *pattern = index_key_pattern(query->arena, leaf->value.text, leaf->value.length,
                                            leaf->op == FILTER_EW);

    query_puts(query, column); /* said aloud, for indexes that leave NULL out */
    query_puts(query, " IS NOT NULL AND ");
    query_puts(query, column);
    query_puts(query, " LIKE ? ESCAPE " INDEX_LIKE_ESCAPE);
    query_bind(query, value_string(pattern));
}

/* A range, which an index can answer on every engine; LIKE could not. */
static void starts_with(struct query *query, const char *column, const struct filter_value *value)
{
    const char *after = index_key_after(query->arena, value->text, value->length);

    query_puts(query, column);
    query_puts(query, " >= ?");
    query_bind_text(query, value->text, value->length);
    if (after == NULL)
        return;
    query_puts(query, " AND ");
    query_puts(query, column);
    query_puts(query, " < ?");
    query_bind(query, value_string(after));
}

static void compare_text(struct query *query, const char *column, const struct filter *leaf)
{
    const struct filter_value *value = &leaf->value;
    struct index_key key;

    if (leaf->op == FILTER_CO || leaf->op == FILTER_EW) {
        like(query, column, leaf);
    } else if (leaf->op == FILTER_SW) {
        starts_with(query, column, value);
    } else {
        query_puts(query, column);
        query_puts(query, order_signs[leaf->op]);
        key = index_key_of(query->arena, value->text, value->length);
        if (leaf->op == FILTER_EQ)
            query_bind_text(query, key.key.text, key.key.length);
        else
            query_bind_text(query, value->text, value->length);
    }
}

static int64_t number_of(const struct filter *leaf)
{
    if (leaf->attribute->type == ATTRIBUTE_BOOLEAN)
        return leaf->value.boolean;
    if (leaf->attribute->type == ATTRIBUTE_DECIMAL)
        return index_key_decimal(leaf->value.number);
    return leaf->value.integer;
}

static int64_t floor_to_millisecond(int64_t time_us)
{
    int64_t rest = time_us % MILLISECOND_US;

    return time_us - (rest < 0 ? rest + MILLISECOND_US : rest);
}

/* Clients see whole milliseconds of the column: `from` is the first microsecond of the first that
 * is not before the literal, `behind` of the first that is behind it. */
static void compare_milliseconds(struct query *query, const char *column, const struct filter *leaf)
{
    int64_t wanted = leaf->value.integer;
    int64_t behind = floor_to_millisecond(wanted) + MILLISECOND_US;
    int64_t from = floor_to_millisecond(wanted) == wanted ? wanted : behind;
    bool is_behind = leaf->op == FILTER_GT || leaf->op == FILTER_LE;

    query_puts(query, column);
    if (leaf->op == FILTER_EQ) { /* empty where the literal is between milliseconds */
        query_puts(query, " >= ? AND ");
        query_puts(query, column);
        query_puts(query, " < ?");
        query_bind_integer(query, from);
        query_bind_integer(query, behind);
        return;
    }
    query_puts(query, leaf->op == FILTER_GT || leaf->op == FILTER_GE ? " >= ?" : " < ?");
    query_bind_integer(query, is_behind ? behind : from);
}

void leaf_condition_on(struct query *query, const char *column, enum index_form form,
                       const struct filter *leaf)
{
    if (leaf->kind == FILTER_PRESENT) {
        query_puts(query, column);
        query_puts(query, form == INDEX_TEXT ? " > ''" : " IS NOT NULL");
        return;
    }
    switch (form) {
    case INDEX_NUMBER:
        query_puts(query, column);
        query_puts(query, order_signs[leaf->op]);
        query_bind_integer(query, number_of(leaf));
        break;
    case INDEX_MILLISECONDS:
        compare_milliseconds(query, column, leaf);
        break;
    case INDEX_VERSION:
        compare_text(query, "{etag x.version}", leaf);
        break;
    case INDEX_TEXT:
        compare_text(query, column, leaf);
        break;
    }
}

void leaf_condition(struct query *query, struct index_home home, const struct filter *leaf)
{
    struct buf column = {0};

    if (home.table == INDEX_USER_VALUE && home.column == NULL) { /* an element's presence */
        query_puts(query, "(x.value_key > '' OR x.type_key > '' OR x.display_key > '' OR "
                          "x.is_primary IS NOT NULL)");
        return;
    }
    buf_puts(&column, "x.");
    if (home.column != NULL)
        buf_puts(&column, home.column);
    else
        buf_puts(&column, home.form == INDEX_TEXT ? "skey" : "num");
    leaf_condition_on(query, column.bytes, home.form, leaf);
    buf_free(&column);
}

bool leaf_is_long(struct index_home home, const struct filter *leaf)
{
    if (leaf->kind != FILTER_COMPARE || home.form != INDEX_TEXT || home.table == INDEX_RESOURCE ||
        leaf->op == FILTER_EQ)
        return false;
    return leaf->op == FILTER_CO || leaf->op == FILTER_EW ||
           !index_key_orders(leaf->value.text, leaf->value.length);
}

/* Pairs whose key is cut.  user_value has a column for the whole text of `value`; what else is too
 * long for a column has a row in scimd_attribute. */
static const char *long_source(struct query *query, const struct resource_type *type,
                               struct index_home home, const struct filter *leaf)
{
    const bool in_row = home.table == INDEX_USER_VALUE && strcmp(home.column, "value_key") == 0;
    const struct index_home attribute = {.table = INDEX_ATTRIBUTE, .form = INDEX_TEXT};

    leaf_source(query, type, leaf->attribute, in_row ? home : attribute, true);
    return in_row ? "x.value_long" : "x.long_key";
}

void leaf_long_pairs(struct query *query, const struct resource_type *type, struct index_home home,
                     const struct filter *leaf)
{
    const char *column;

    leaf_source(query, type, leaf->attribute, home, true);
    query_puts(query, " AND ");
    leaf_condition(query, home, leaf);
    query_puts(query, " EXCEPT ");
    column = long_source(query, type, home, leaf);
    query_puts(query, " AND ");
    query_puts(query, column);
    query_puts(query, " IS NOT NULL UNION ");
    column = long_source(query, type, home, leaf);
    query_puts(query, " AND ");
    query_puts(query, column);
    query_puts(query, " IS NOT NULL AND ");
    leaf_condition_on(query, column, INDEX_TEXT, leaf);
}
