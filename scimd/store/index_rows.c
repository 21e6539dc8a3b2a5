#include "store/index_rows.h"

#include <string.h>

#include "base/text.h"
#include "scim/resource.h"
#include "store/index_unique.h"

struct projection {
    struct arena *arena;
    const struct resource_type *type;
    struct index_rows *rows;
};

/* A row of scimd_attribute: path, elem, skey, num, long_key. */
static void add_attribute(struct projection *projection, const struct attribute *attribute,
                          size_t place, struct index_cells text, struct value number)
{
    struct value *row;

    if (text.key.kind == VALUE_NULL && number.kind == VALUE_NULL)
        return;
    row = index_list_add(projection->arena, &projection->rows->lists[INDEX_ATTRIBUTES]);
    row[0] = VALUE_INT(attribute->path_id);
    row[1] = VALUE_INT(place);
    row[2] = text.key;
    row[3] = number;
    row[4] = text.full;
}

static void add_value(struct projection *projection, const struct attribute *attribute,
                      size_t place, const json_t *value)
{
    add_attribute(projection, attribute, place,
                  index_cells_of_text(projection->arena, attribute, value),
                  index_cell_of_number(attribute, value));
}

/* What a column of another table had to cut. */
static void add_overflow(struct projection *projection, const struct attribute *attribute,
                         size_t place, struct index_cells text)
{
    if (text.full.kind != VALUE_NULL)
        add_attribute(projection, attribute, place, text, (struct value){.kind = VALUE_NULL});
}

static bool is_nonempty(const json_t *value)
{
    return value != NULL && !json_is_null(value) &&
           !(json_is_string(value) && json_string_length(value) == 0);
}

static void add_presence(struct projection *projection, const struct attribute *attribute,
                         size_t place, const json_t *element)
{
    bool present = false;

    for (size_t i = 0; !present && i < attribute->sub_count; i++)
        present = is_nonempty(json_object_get(element, attribute->subs[i].name));
    add_attribute(projection, attribute, place,
                  (struct index_cells){.key = value_string(present ? "1" : "")},
                  (struct value){.kind = VALUE_NULL});
}

static void add_subs(struct projection *projection, const struct attribute *attribute, size_t place,
                     const json_t *element)
{
    if (!json_is_object(element))
        return;
    if (index_has_presence(attribute))
        add_presence(projection, attribute, place, element);
    for (size_t i = 0; i < attribute->sub_count; i++) {
        const struct attribute *sub = &attribute->subs[i];
        const json_t *value = json_object_get(element, sub->name);
        if (value != NULL && index_is_filterable(sub) &&
            index_home_of(projection->type, sub).table == INDEX_ATTRIBUTE)
            add_value(projection, sub, place, value);
    }
}

/* A row of scimd_user_value: attr, idx, value, value_key, value_long, type, type_key, display,
 * display_key, is_primary. */
static void add_user_value(struct projection *projection, const struct attribute *attribute,
                           size_t place, const json_t *element)
{
    struct value *row = index_list_add(projection->arena, &projection->rows->lists[INDEX_VALUES]);

    row[0] = VALUE_INT(index_home_of(projection->type, attribute).list);
    row[1] = VALUE_INT(place);
    for (size_t i = 0; i < attribute->sub_count; i++) {
        const struct attribute *sub = &attribute->subs[i];
        const json_t *value = json_object_get(element, sub->name);
        struct index_cells text = index_cells_of_text(projection->arena, sub, value);
        if (strcmp(sub->name, "value") == 0) {
            row[2] = text.text;
            row[3] = text.key;
            row[4] = text.full;
        } else if (strcmp(sub->name, "type") == 0) {
            row[5] = text.text;
            row[6] = text.key;
            add_overflow(projection, sub, place, text);
        } else if (strcmp(sub->name, "display") == 0) {
            row[7] = text.text;
            row[8] = text.key;
            add_overflow(projection, sub, place, text);
        } else if (strcmp(sub->name, "primary") == 0) {
            row[9] = index_cell_of_number(sub, value);
        }
    }
}

static void add_element(struct projection *projection, const struct attribute *attribute,
                        size_t place, const json_t *element)
{
    if (index_home_of(projection->type, attribute).table == INDEX_USER_VALUE)
        add_user_value(projection, attribute, place, element);
    else if (attribute->type == ATTRIBUTE_COMPLEX)
        add_subs(projection, attribute, place, element);
    else
        add_value(projection, attribute, place, element);
}

/* The primary element stands first, so that sorting finds what it sorts by at place 0. */
static void add_elements(struct projection *projection, const struct attribute *attribute,
                         const json_t *list)
{
    size_t count = json_array_size(list);
    size_t primary = 0;

    for (size_t i = 0; i < count; i++) {
        if (json_is_true(json_object_get(json_array_get(list, i), "primary")))
            primary = i;
    }
    for (size_t i = 0; i < count; i++) {
        size_t place = i == primary ? 0 : i < primary ? i + 1 : i;
        add_element(projection, attribute, place, json_array_get(list, i));
    }
}

static void add_schema(struct projection *projection, const struct schema *schema,
                       const json_t *container)
{
    if (!json_is_object(container))
        return;
    for (size_t i = 0; i < schema->attribute_count; i++) {
        const struct attribute *attribute = &schema->attributes[i];
        const json_t *value = json_object_get(container, attribute->name);
        enum index_table table;
        if (value == NULL || !index_is_filterable(attribute))
            continue;
        table = index_home_of(projection->type, attribute).table;
        if (attribute->multi_valued && (table == INDEX_ATTRIBUTE || table == INDEX_USER_VALUE))
            add_elements(projection, attribute, value);
        else if (attribute->type == ATTRIBUTE_COMPLEX)
            add_subs(projection, attribute, 0, value);
        else if (table == INDEX_ATTRIBUTE)
            add_value(projection, attribute, 0, value);
    }
}

/* The schema of the type is in every resource's list: only extensions need rows. */
static void add_schemas(struct projection *projection, const json_t *list)
{
    const struct attribute *attribute = schema_common_attribute("schemas", strlen("schemas"));
    size_t place = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *urn = json_array_get(list, i);
        if (json_is_string(urn) &&
            text_compare_ascii(json_string_value(urn), projection->type->schema->id) != 0)
            add_value(projection, attribute, place++, urn);
    }
}

static const struct attribute *column_attribute(const struct resource_type *type,
                                                const struct index_column *column)
{
    const char *outer = column->parent != NULL ? column->parent : column->name;
    const struct attribute *attribute = schema_attribute(type->schema, outer, strlen(outer));

    if (attribute == NULL)
        attribute = schema_common_attribute(outer, strlen(outer));
    if (attribute != NULL && column->parent != NULL)
        attribute = schema_sub_attribute(attribute, column->name, strlen(column->name));
    return attribute;
}

static void fill_typed(struct projection *projection, const struct index_typed *typed,
                       const json_t *document)
{
    struct index_rows *rows = projection->rows;

    for (size_t i = 0; i < typed->count; i++) {
        const struct index_column *column = &typed->columns[i];
        const struct attribute *attribute = column_attribute(projection->type, column);
        const json_t *object =
            column->parent != NULL ? json_object_get(document, column->parent) : document;
        const json_t *value = json_object_get(object, column->name);
        struct index_cells text = {0};

        if (column->key_column == NULL) {
            rows->typed[rows->typed_count++] =
                attribute != NULL ? index_cell_of_number(attribute, value) : text.text;
            continue;
        }
        if (attribute != NULL) {
            text = index_cells_of_text(projection->arena, attribute, value);
            add_overflow(projection, attribute, 0, text);
        }
        rows->typed[rows->typed_count++] = text.text;
        rows->typed[rows->typed_count++] = text.key;
    }
}

/* One row of scimd_unique: path, skey. */
static void add_unique(struct projection *projection, const struct attribute *attribute,
                       const json_t *value)
{
    struct index_list *list = &projection->rows->lists[INDEX_UNIQUES];
    const char *key = index_unique_key(projection->arena, attribute, value);
    struct value *row;

    if (key == NULL)
        return;
    row = index_list_add(projection->arena, list);
    row[0] = VALUE_INT(attribute->path_id);
    row[1] = value_string(key);
}

static void add_uniques(struct projection *projection, const json_t *document)
{
    size_t count = 0;
    const struct attribute **attributes =
        index_unique_attributes(projection->arena, projection->type, &count);

    for (size_t i = 0; i < count; i++) {
        const struct attribute *attribute = attributes[i];
        const struct attribute *outer = attribute->parent != NULL ? attribute->parent : attribute;
        const json_t *value = resource_value(document, outer);
        size_t elements = json_is_array(value) ? json_array_size(value) : 1;
        if (index_home_of(projection->type, attribute).table == INDEX_TYPED)
            continue; /* the column has a unique index */
        for (size_t e = 0; e < elements; e++) {
            const json_t *element = json_is_array(value) ? json_array_get(value, e) : value;
            if (attribute != outer)
                element = json_object_get(element, attribute->name);
            add_unique(projection, attribute, element);
        }
    }
}

void index_rows_of(struct arena *arena, const struct resource_type *type, const json_t *document,
                   struct index_rows *out)
{
    static const size_t columns[INDEX_LISTS] = {
        [INDEX_VALUES] = INDEX_VALUE_CELLS,
        [INDEX_ATTRIBUTES] = INDEX_ATTRIBUTE_CELLS,
        [INDEX_UNIQUES] = INDEX_UNIQUE_CELLS,
    };
    struct projection projection = {.arena = arena, .type = type, .rows = out};
    const struct index_typed *typed = index_typed_of(type);
    const struct attribute *external = schema_common_attribute("externalId", strlen("externalId"));

    *out = (struct index_rows){0};
    for (size_t i = 0; i < INDEX_LISTS; i++)
        out->lists[i].columns = columns[i];
    if (typed != NULL)
        fill_typed(&projection, typed, document);
    else
        add_value(&projection, external, 0, json_object_get(document, external->name));
    add_schemas(&projection, json_object_get(document, "schemas"));
    add_schema(&projection, type->schema, document);
    for (size_t i = 0; i < type->extension_count; i++) {
        const struct schema *schema = type->extensions[i].schema;
        add_schema(&projection, schema, json_object_get(document, schema->id));
    }
    add_uniques(&projection, document);
    for (size_t i = 0; i < INDEX_LISTS; i++)
        index_list_settle(&out->lists[i]);
}
