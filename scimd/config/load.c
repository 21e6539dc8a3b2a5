#include "config/load.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Each section's rows and its end mark, then the top. */
struct schema {
    cyaml_schema_field_t fields[SETTING_ROWS_MAX + 2 * SETTING_SECTIONS_MAX + 1];
    size_t count;
};

static const cyaml_schema_value_t list_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED),
};

static cyaml_schema_value_t value_of(const struct setting *row)
{
    switch (row->type) {
    case SETTING_NUMBER:
        return (cyaml_schema_value_t){CYAML_VALUE_UINT(CYAML_FLAG_OPTIONAL, unsigned)};
    case SETTING_SWITCH: /* libcyaml's own takes any word for a boolean */
        return (cyaml_schema_value_t){CYAML_VALUE_ENUM(CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,
                                                       bool, row->words, row->word_count)};
    case SETTING_WORD:
        return (cyaml_schema_value_t){CYAML_VALUE_ENUM(CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,
                                                       unsigned, row->words, row->word_count)};
    case SETTING_TEXT:
        return (cyaml_schema_value_t){
            CYAML_VALUE_STRING(CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
    case SETTING_LIST:
        break;
    }
    return (cyaml_schema_value_t){CYAML_VALUE_SEQUENCE(CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER,
                                                       char *, &list_entry, 0, SETTING_LIST_MAX)};
}

static void add_row(struct schema *schema, const struct setting *row)
{
    size_t items = row->offset + offsetof(struct settings_list, items);
    size_t count = row->offset + offsetof(struct settings_list, count);

    schema->fields[schema->count++] = (cyaml_schema_field_t){
        .key = setting_key(row),
        .data_offset = (uint32_t)(row->type == SETTING_LIST ? items : row->offset),
        .count_offset = (uint32_t)(row->type == SETTING_LIST ? count : 0),
        .count_size = sizeof(unsigned),
        .value = value_of(row),
    };
}

static void add_end(struct schema *schema)
{
    schema->fields[schema->count++] = (cyaml_schema_field_t)CYAML_FIELD_END;
}

/* Returns the section's fields.  A section has no struct of its own for libcyaml: offsets in it
 * count from the start of struct settings, as the rows have them. */
static const cyaml_schema_field_t *add_section(struct schema *schema,
                                               const struct setting_section *section)
{
    const cyaml_schema_field_t *first = schema->fields + schema->count;

    for (size_t i = 0; i < setting_row_count; i++)
        if (setting_is_in(&setting_rows[i], section))
            add_row(schema, &setting_rows[i]);
    add_end(schema);
    return first;
}

/* Returns the top's fields. */
static const cyaml_schema_field_t *build(struct schema *schema)
{
    const cyaml_schema_field_t *sections[SETTING_SECTIONS_MAX];
    const cyaml_schema_field_t *top;

    for (size_t i = 0; i < setting_section_count; i++)
        sections[i] = add_section(schema, &setting_sections[i]);
    top = schema->fields + schema->count;
    for (size_t i = 0; i < setting_section_count; i++)
        schema->fields[schema->count++] = (cyaml_schema_field_t){
            .key = setting_sections[i].name,
            .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_OPTIONAL, struct settings, sections[i])},
        };
    for (size_t i = 0; i < setting_row_count; i++)
        if (strchr(setting_rows[i].name, '.') == NULL)
            add_row(schema, &setting_rows[i]);
    add_end(schema);
    return top;
}

/* As cyaml_mem_fn_t: a size of 0 frees. */
static void *memory(void *context, void *pointer, size_t size)
{
    (void)context;
    if (size > 0)
        return memory_resize(pointer, size);
    free(pointer);
    return NULL;
}

int load_text(const struct settings_text *text, struct settings *out, struct err *err)
{
    const cyaml_config_t config = {.mem_fn = memory, .flags = CYAML_CFG_NO_ALIAS};
    struct schema schema = {.count = 0};
    const cyaml_schema_value_t top = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct settings, build(&schema))};
    struct settings *loaded = NULL;
    cyaml_err_t result;

    result = cyaml_load_data((const uint8_t *)text->text, text->length, &config, &top,
                             (cyaml_data_t **)&loaded, NULL);
    if (result != CYAML_OK) {
        (void)err_set(err, ERR_CONFIGURATION, "%s: cannot be loaded", text->file);
        return err_because(err, "libcyaml: %s", cyaml_strerror(result));
    }
    *out = *loaded;
    free(loaded);
    return 0;
}
