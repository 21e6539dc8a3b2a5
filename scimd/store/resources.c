#include "store/resources.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/index_unique.h"
#include "store/resources_index.h"
#include "store/resources_row.h"

#define BY_ID " WHERE r.tenant_id = ? AND r.id = ? AND r.rtype = ?"

/* The number at *text, and the blank behind it. */
static int64_t take_number(const char **text)
{
    char *end = NULL;
    int64_t number = strtoll(*text, &end, 10);

    *text = *end == ' ' ? end + 1 : end;
    return number;
}

void resources_read_row(struct rows *rows, struct arena *arena, struct resource_row *out,
                        int64_t *document_bytes)
{
    size_t length = 0;
    const char *text = rows_borrow(rows, 0, &length);
    const char *end = text + length;
    int64_t bytes;
    size_t id;

    out->pk = take_number(&text);
    out->type = (int)take_number(&text);
    out->version = take_number(&text);
    out->created_us = take_number(&text);
    out->modified_us = take_number(&text);
    out->in_groups = take_number(&text) != 0;
    bytes = take_number(&text);
    id = strcspn(text, " ");
    out->id = arena_strndup(arena, text, id);
    text += id + 1;
    out->document_length = (size_t)(end - text);
    out->document =
        out->document_length > 0 ? arena_strndup(arena, text, out->document_length) : NULL;
    if (document_bytes != NULL)
        *document_bytes = bytes;
}

struct question {
    const char *sql;
    const struct value *values;
    size_t count;
};

static int ask(struct session *session, struct arena *arena, const struct question *question,
               struct resource_row *out, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    int more;

    if (session_query(session, question->sql, question->values, question->count, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    if (more == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such resource");
    resources_read_row(rows, arena, out, NULL);
    return 0;
}

int resources_find(struct session *session, struct arena *arena, int type, const char *id,
                   bool lock, struct resource_row *out, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_STRING(id),
                                   VALUE_INT(type)};
    const struct question question = {
        .sql = lock ? RESOURCES_WHOLE "{lock}" BY_ID "{for update}" : RESOURCES_WHOLE BY_ID,
        .values = values,
        .count = ARRAY_LENGTH(values),
    };

    return ask(session, arena, &question, out, err);
}

int resources_find_head(struct session *session, struct arena *arena, int type, const char *id,
                        bool lock, struct resource_row *out, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_STRING(id),
                                   VALUE_INT(type)};
    const struct question question = {
        .sql = lock ? RESOURCES_HEAD "{lock}" BY_ID "{for update}" : RESOURCES_HEAD BY_ID,
        .values = values,
        .count = ARRAY_LENGTH(values),
    };

    return ask(session, arena, &question, out, err);
}

/* `text` as a value of the attribute's type. */
static json_t *value_of(const struct attribute *attribute, const char *text)
{
    if (attribute->type == ATTRIBUTE_INTEGER)
        return json_integer(strtoll(text, NULL, 10));
    if (attribute->type == ATTRIBUTE_DECIMAL)
        return json_real(strtod(text, NULL));
    return json_string(text);
}

int resources_find_unique(struct session *session, struct arena *arena,
                          const struct resource_type *type, const struct attribute *attribute,
                          const char *value, struct resource_row *out, struct err *err)
{
    CLEANUP(json_decrefp) json_t *json = value_of(attribute, value);
    const char *key = index_unique_key(arena, attribute, json);
    const bool typed = index_home_of(type, attribute).table == INDEX_TYPED;
    const int tenant = store_session_tenant(session);
    const struct value values[] = {VALUE_INT(tenant), VALUE_INT(tenant), VALUE_STRING(key),
                                   VALUE_INT(attribute->path_id)};
    const struct question question = {
        .sql = typed ? RESOURCES_WHOLE " WHERE r.tenant_id = ? AND r.pk IN (SELECT u.pk FROM "
                                       "scimd_user u WHERE u.tenant_id = ? AND u.user_name_key = ?)"
                     : RESOURCES_WHOLE " WHERE r.tenant_id = ? AND r.pk IN (SELECT u.pk FROM "
                                       "scimd_unique u WHERE u.tenant_id = ? AND u.skey = ? "
                                       "AND u.path = ?)",
        .values = values,
        .count = typed ? 3 : 4,
    };

    if (key == NULL)
        return err_set(err, ERR_NOT_FOUND, "there is no such resource");
    if (attribute->schema == NULL)
        return resources_find(session, arena, type->number, value, false, out, err);
    return ask(session, arena, &question, out, err);
}

static void append_name(struct buf *names, const struct attribute *attribute)
{
    if (names->length > 0)
        buf_puts(names, ", ");
    if (attribute->parent != NULL)
        buf_printf(names, "%s.", attribute->parent->name);
    buf_puts(names, attribute->name);
}

/* Says which attribute a refused row is about.  Rows of scimd_unique are written together, so where
 * a type has several such attributes, all of them are named. */
static int name_unique(struct arena *arena, const struct resource_type *type, struct err *err)
{
    CLEANUP(buf_free) struct buf names = {0};
    struct err refused = *err;
    size_t count = 0;
    const struct attribute **attributes = index_unique_attributes(arena, type, &count);

    if (err->code != ERR_UNIQUENESS)
        return -1;
    for (size_t i = 0; i < count; i++) {
        bool typed = index_home_of(type, attributes[i]).table == INDEX_TYPED;
        if (typed ? strstr(refused.cause, "user_name") != NULL
                  : strstr(refused.cause, "scimd_unique") != NULL)
            append_name(&names, attributes[i]);
    }
    (void)err_set(err, ERR_UNIQUENESS, "%s: already taken",
                  names.length > 0 ? buf_text(&names) : "id");
    return err_because(err, "%s", refused.cause);
}

int resources_insert(struct session *session, struct arena *arena, const struct resource_type *type,
                     const struct resource_row *row, const json_t *document, struct err *err)
{
    const struct value values[] = {
        VALUE_INT(store_session_tenant(session)),
        VALUE_INT(row->pk),
        VALUE_INT(row->type),
        VALUE_STRING(row->id),
        VALUE_INT(row->version),
        VALUE_INT(row->created_us),
        VALUE_INT(row->modified_us),
        VALUE_INT(row->document_length),
        VALUE_STRING_N(row->document, row->document_length),
    };
    struct index_rows rows;

    index_rows_of(arena, type, document, &rows);
    if (session_execute(session,
                        "INSERT INTO scimd_resource (tenant_id, pk, rtype, id, version, "
                        "created_us, modified_us, document_bytes, document) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        values, ARRAY_LENGTH(values), NULL, err) < 0 ||
        resources_index_insert(session, type, row, &rows, err) < 0)
        return name_unique(arena, type, err);
    return 0;
}

int resources_update(struct session *session, struct arena *arena, const struct resource_type *type,
                     const struct resource_row *row, const json_t *before, const json_t *after,
                     struct err *err)
{
    const struct value values[] = {
        VALUE_INT(row->version),
        VALUE_INT(row->modified_us),
        VALUE_INT(row->document_length),
        VALUE_STRING_N(row->document, row->document_length),
        VALUE_INT(store_session_tenant(session)),
        VALUE_INT(row->pk),
    };
    struct index_rows rows_before;
    struct index_rows rows_after;
    const struct index_change change = {
        .arena = arena, .type = type, .pk = row->pk, .before = &rows_before, .after = &rows_after};
    int64_t affected = 0;

    index_rows_of(arena, type, before, &rows_before);
    index_rows_of(arena, type, after, &rows_after);
    if (session_execute(session,
                        "UPDATE scimd_resource SET version = ?, modified_us = ?, "
                        "document_bytes = ?, document = ? WHERE tenant_id = ? AND pk = ?",
                        values, ARRAY_LENGTH(values), &affected, err) < 0)
        return -1;
    if (affected == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such resource");
    if (resources_index_update(session, &change, err) < 0)
        return name_unique(arena, type, err);
    return 0;
}

int resources_bump(struct session *session, int64_t pk, int64_t modified_us, int64_t *version,
                   struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(modified_us), VALUE_INT(store_session_tenant(session)),
                                   VALUE_INT(pk)};
    int more;

    if (session_execute(session,
                        "UPDATE scimd_resource SET version = version + 1, modified_us = ? "
                        "WHERE tenant_id = ? AND pk = ?",
                        values, ARRAY_LENGTH(values), NULL, err) < 0 ||
        session_query(session, "SELECT version FROM scimd_resource WHERE tenant_id = ? AND pk = ?",
                      values + 1, ARRAY_LENGTH(values) - 1, &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    if (more == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no such resource");
    *version = rows_integer(rows, 0);
    return 0;
}

int resources_delete(struct session *session, int type, int64_t pk, struct err *err)
{
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(pk)};

    if (resources_index_delete(session, type, pk, err) < 0)
        return -1;
    return session_execute(session, "DELETE FROM scimd_resource WHERE tenant_id = ? AND pk = ?",
                           values, ARRAY_LENGTH(values), NULL, err);
}
