/* A table with any number of rows of one resource gets them in one statement, as one JSON text: the
 * number of statements is what a write costs. */
#include "store/resources_index.h"

#include "base/buf.h"
#include "base/cleanup.h"

static const struct {
    const char *insert; /* markers: rtype, tenant, pk, rows */
    const char *delete; /* markers: tenant, pk, rows */
    const char *delete_all;
    const char *names[INDEX_VALUE_CELLS]; /* of the cells */
    bool has_type;                        /* insert begins with rtype */
} tables[INDEX_LISTS] = {
    [INDEX_VALUES] =
        {
                        .insert = "INSERT INTO scimd_user_value (tenant_id, pk, attr, idx, value, value_key, "
                      "value_long, type, type_key, display, display_key, is_primary) "
                      "SELECT CAST(? AS int), CAST(? AS bigint), j.attr, j.idx, j.value, "
                      "j.value_key, j.value_long, j.type, j.type_key, j.display, j.display_key, "
                      "j.is_primary FROM {rows attr bigint, idx bigint, value text, "
                      "value_key text, value_long text, type text, type_key text, display text, "
                      "display_key text, is_primary bigint}",                                        .delete = "DELETE FROM scimd_user_value WHERE tenant_id = ? AND pk = ? AND EXISTS ("
                      "SELECT 1 FROM {rows attr bigint, idx bigint} "
                      "WHERE j.attr = scimd_user_value.attr AND j.idx = scimd_user_value.idx)", .delete_all = "DELETE FROM scimd_user_value WHERE tenant_id = ? AND pk = ?",
                        .names = {"attr", "idx", "value", "value_key", "value_long", "type", "type_key",
                      "display", "display_key", "is_primary"},
                        },
    [INDEX_ATTRIBUTES] =
        {
                        .insert = "INSERT INTO scimd_attribute (rtype, tenant_id, pk, path, elem, skey, num, "
                      "long_key) SELECT CAST(? AS bigint), CAST(? AS int), CAST(? AS bigint), "
                      "j.path, j.elem, j.skey, j.num, j.long_key FROM {rows path bigint, "
                      "elem bigint, skey text, num bigint, long_key text}",                                                                           .delete = "DELETE FROM scimd_attribute WHERE tenant_id = ? AND pk = ? AND EXISTS ("
                      "SELECT 1 FROM {rows path bigint, elem bigint} "
                      "WHERE j.path = scimd_attribute.path AND j.elem = scimd_attribute.elem)",                                                                                                                                                            .delete_all = "DELETE FROM scimd_attribute WHERE tenant_id = ? AND pk = ?",
                        .names = {"path", "elem", "skey", "num", "long_key"},
                        .has_type = true,
                        },
    [INDEX_UNIQUES] =
        {
                        .insert = "INSERT INTO scimd_unique (tenant_id, pk, path, skey) SELECT CAST(? AS int), "
                      "CAST(? AS bigint), j.path, j.skey FROM {rows path bigint, skey text}", .delete = "DELETE FROM scimd_unique WHERE tenant_id = ? AND pk = ? AND EXISTS ("
                      "SELECT 1 FROM {rows path bigint, skey text} "
                      "WHERE j.path = scimd_unique.path AND j.skey = scimd_unique.skey)",                                                                                .delete_all = "DELETE FROM scimd_unique WHERE tenant_id = ? AND pk = ?",
                        .names = {"path", "skey"},
                        },
};

static void append_cell(struct buf *json, const char *name, const struct value *cell)
{
    buf_putc(json, '"');
    buf_puts(json, name);
    buf_puts(json, "\":");
    if (cell->kind == VALUE_INTEGER)
        buf_int(json, cell->integer);
    else
        buf_json_string(json, cell->text, cell->length);
}

/* The first `cells` of each row; NULL is left out. */
static void append_rows(struct buf *json, const struct index_list *list, const char *const *names,
                        size_t cells)
{
    buf_putc(json, '[');
    for (size_t i = 0; i < list->count; i++) {
        const struct value *row = list->cells + i * list->columns;
        const char *separator = i > 0 ? ",{" : "{";
        for (size_t c = 0; c < cells; c++) {
            if (row[c].kind == VALUE_NULL)
                continue;
            buf_puts(json, separator);
            append_cell(json, names[c], &row[c]);
            separator = ",";
        }
        buf_putc(json, '}'); /* no row is without a key */
    }
    buf_putc(json, ']');
}

static int insert_rows(struct session *session, int type, int64_t pk, enum index_list_name name,
                       const struct index_list *list, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};
    size_t skipped = tables[name].has_type ? 0 : 1;

    if (list->count == 0)
        return 0;
    append_rows(&json, list, tables[name].names, list->columns);
    const struct value values[] = {VALUE_INT(type), VALUE_INT(store_session_tenant(session)),
                                   VALUE_INT(pk), VALUE_STRING_N(json.bytes, json.length)};
    return session_execute(session, tables[name].insert, values + skipped,
                           ARRAY_LENGTH(values) - skipped, NULL, err);
}

static int delete_rows(struct session *session, int64_t pk, enum index_list_name name,
                       const struct index_list *list, struct err *err)
{
    CLEANUP(buf_free) struct buf json = {0};

    if (list->count == 0)
        return 0;
    append_rows(&json, list, tables[name].names, INDEX_KEY_CELLS);
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(pk),
                                   VALUE_STRING_N(json.bytes, json.length)};
    return session_execute(session, tables[name].delete, values, ARRAY_LENGTH(values), NULL, err);
}

/* The name of each cell of index_rows.typed. */
static size_t typed_names(const struct index_typed *typed, const char *names[2 * INDEX_COLUMNS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < typed->count; i++) {
        names[count++] = typed->columns[i].column;
        if (typed->columns[i].key_column != NULL)
            names[count++] = typed->columns[i].key_column;
    }
    return count;
}

static int insert_typed(struct session *session, const struct index_typed *typed,
                        const struct resource_row *row, const struct index_rows *rows,
                        struct err *err)
{
    CLEANUP(buf_free) struct buf sql = {0};
    const char *names[2 * INDEX_COLUMNS_MAX];
    struct value values[2 * INDEX_COLUMNS_MAX + 3] = {VALUE_INT(store_session_tenant(session)),
                                                      VALUE_INT(row->pk), VALUE_STRING(row->id)};
    size_t count = typed_names(typed, names);

    buf_printf(&sql, "INSERT INTO %s (tenant_id, pk, id", typed->table);
    for (size_t i = 0; i < count; i++) {
        buf_puts(&sql, ", ");
        buf_puts(&sql, names[i]);
        values[3 + i] = rows->typed[i];
    }
    buf_puts(&sql, ") VALUES (?, ?, ?");
    for (size_t i = 0; i < count; i++)
        buf_puts(&sql, ", ?");
    buf_putc(&sql, ')');
    return session_execute(session, sql.bytes, values, 3 + count, NULL, err);
}

/* Sets the columns that differ: the engine then leaves the indexes of all others alone. */
static int update_typed(struct session *session, const struct index_typed *typed, int64_t pk,
                        const struct index_rows *before, const struct index_rows *after,
                        struct err *err)
{
    CLEANUP(buf_free) struct buf sql = {0};
    const char *names[2 * INDEX_COLUMNS_MAX];
    struct value values[2 * INDEX_COLUMNS_MAX + 2];
    size_t columns = typed_names(typed, names);
    size_t count = 0;

    buf_printf(&sql, "UPDATE %s SET ", typed->table);
    for (size_t i = 0; i < columns; i++) {
        if (index_cell_equals(&before->typed[i], &after->typed[i]))
            continue;
        if (count > 0)
            buf_puts(&sql, ", ");
        buf_puts(&sql, names[i]);
        buf_puts(&sql, " = ?");
        values[count++] = after->typed[i];
    }
    if (count == 0)
        return 0;
    buf_puts(&sql, " WHERE tenant_id = ? AND pk = ?");
    values[count++] = VALUE_INT(store_session_tenant(session));
    values[count++] = VALUE_INT(pk);
    return session_execute(session, sql.bytes, values, count, NULL, err);
}

int resources_index_insert(struct session *session, const struct resource_type *type,
                           const struct resource_row *row, const struct index_rows *rows,
                           struct err *err)
{
    const struct index_typed *typed = index_typed_of(type);

    if (typed != NULL && insert_typed(session, typed, row, rows, err) < 0)
        return -1;
    for (int i = 0; i < INDEX_LISTS; i++) {
        if (insert_rows(session, type->number, row->pk, (enum index_list_name)i, &rows->lists[i],
                        err) < 0)
            return -1;
    }
    return 0;
}

int resources_index_update(struct session *session, const struct index_change *change,
                           struct err *err)
{
    const struct index_typed *typed = index_typed_of(change->type);

    if (typed != NULL &&
        update_typed(session, typed, change->pk, change->before, change->after, err) < 0)
        return -1;
    for (int i = 0; i < INDEX_LISTS; i++) {
        const enum index_list_name name = (enum index_list_name)i;
        const struct index_list *before = &change->before->lists[i];
        const struct index_list *after = &change->after->lists[i];
        struct index_list gone;
        struct index_list come;
        index_list_without(change->arena, before, after, &gone);
        index_list_without(change->arena, after, before, &come);
        if (delete_rows(session, change->pk, name, &gone, err) < 0 ||
            insert_rows(session, change->type->number, change->pk, name, &come, err) < 0)
            return -1;
    }
    return 0;
}

int resources_index_delete(struct session *session, int type, int64_t pk, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(pk)};

    for (size_t i = 0; i < INDEX_LISTS; i++) {
        if (i == INDEX_VALUES && type != RESOURCE_TYPE_USER)
            continue;
        if (session_execute(session, tables[i].delete_all, values, ARRAY_LENGTH(values), NULL,
                            err) < 0)
            return -1;
    }
    if (type == RESOURCE_TYPE_USER)
        return session_execute(session, "DELETE FROM scimd_user WHERE tenant_id = ? AND pk = ?",
                               values, ARRAY_LENGTH(values), NULL, err);
    if (type == RESOURCE_TYPE_GROUP)
        return session_execute(session, "DELETE FROM scimd_group WHERE tenant_id = ? AND pk = ?",
                               values, ARRAY_LENGTH(values), NULL, err);
    return 0;
}
