/* `settings` and `scope` are the connector's: its rows say what they may be. */
#include <string.h>

#include "sync/source_reading.h"

#define SECRET_PREFIX "secret:"
#define SECRET_LETTERS                                                                             \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-" /* of a name */

#define ATTRIBUTES                                                                                 \
    "attributes" /* below settings: what to read besides the connector's own list                  \
                  */

static const char *const sections[] = {"settings", "scope"};

static const struct connector_setting *find_row(const struct source_reading *reading,
                                                const char *path)
{
    for (const struct connector_setting *row = reading->out->connector->settings; row->name != NULL;
         row++)
        if (strcmp(row->name, path) == 0)
            return row;
    return NULL;
}

/* A row knows what is a text, also where it looks like a number: passwords do. */
static json_t *value_json(const struct source_reading *reading, const struct source_node *node,
                          const char *path)
{
    const struct connector_setting *row = find_row(reading, path);
    json_t *object;

    if (row != NULL && row->type != CONNECTOR_SWITCH && row->type != CONNECTOR_NUMBER)
        return source_yaml_texts(node);
    if (row != NULL || node->kind != SOURCE_NODE_MAPPING)
        return source_yaml_json(node);
    object = json_object();
    for (const struct source_node *child = node->first; child != NULL; child = child->next)
        (void)json_object_set_new_nocheck(
            object, child->key,
            value_json(reading, child, arena_printf(reading->arena, "%s.%s", path, child->key)));
    return object;
}

/* ---- where something stands ---- */

/* The node at a path with dots; as far as there is one. */
static const struct source_node *walk(const struct source_reading *reading, const char *path)
{
    const struct source_node *node = reading->root;

    while (*path != '\0') {
        size_t length = strcspn(path, ".");
        const struct source_node *child =
            source_yaml_member(node, arena_strndup(reading->arena, path, length));

        if (child == NULL)
            return node;
        node = child;
        path += length;
        path += *path == '.';
    }
    return node;
}

/* The first member of that name below `node`. */
static const struct source_node *search(const struct source_node *node, const char *key)
{
    const struct source_node *found = source_yaml_member(node, key);

    for (const struct source_node *child = node->first; child != NULL && found == NULL;
         child = child->next)
        found = search(child, key);
    return found;
}

static size_t line_of(const struct source_reading *reading, const char *where)
{
    const struct source_node *node = NULL;

    if (where == NULL)
        return reading->root->line;
    if (find_row(reading, where) != NULL)
        return walk(reading, where)->key_line;
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]) && node == NULL; i++) {
        const struct source_node *section = source_yaml_member(reading->root, sections[i]);

        node = section != NULL ? search(section, where) : NULL;
    }
    return node != NULL ? node->key_line : reading->root->line;
}

/* ---- secrets ---- */

static void note_secret(struct source_reading *reading, const char *name)
{
    for (size_t i = 0; i < reading->secrets.count; i++)
        if (strcmp(reading->secrets.items[i], name) == 0)
            return;
    values_add(&reading->secrets, reading->arena, name);
}

static int read_secret(struct source_reading *reading, const struct connector_setting *row)
{
    const struct source_node *node = walk(reading, row->name);
    const char *name = node->text;
    bool is_there = node->key != NULL && node->kind == SOURCE_NODE_SCALAR &&
                    strcmp(strrchr(row->name, '.') + 1, node->key) == 0;

    if (!is_there || source_yaml_is_null(node))
        return 0;
    if (strncmp(name, SECRET_PREFIX, strlen(SECRET_PREFIX)) != 0) {
        if (row->type == CONNECTOR_SECRET)
            values_add(&reading->warnings, reading->arena,
                       arena_printf(reading->arena,
                                    "%s:%zu: %s: the secret itself; secret:NAME keeps it out of "
                                    "files",
                                    reading->text->file, node->line, row->name));
        return 0;
    }
    name += strlen(SECRET_PREFIX);
    if (name[0] == '\0' || strlen(name) > SOURCE_SECRET_NAME_MAX ||
        name[strspn(name, SECRET_LETTERS)] != '\0')
        return source_refuse(reading, node,
                             "%s: expected a name of letters, digits, \".\", \"_\" and \"-\" "
                             "behind " SECRET_PREFIX,
                             row->name);
    note_secret(reading, name);
    return 0;
}

static int read_secrets(struct source_reading *reading)
{
    for (const struct connector_setting *row = reading->out->connector->settings; row->name != NULL;
         row++)
        if ((row->type == CONNECTOR_SECRET || row->type == CONNECTOR_CONTENT) &&
            read_secret(reading, row) < 0)
            return -1;
    return 0;
}

int source_read_settings(struct source_reading *reading)
{
    const char *where = NULL;
    json_t *values = json_object();
    struct err inner;

    /* the normal form owns them; it has keys that are not written of its own */
    (void)json_object_set_new_nocheck(reading->normal, "values", values);
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        const struct source_node *node = source_yaml_member(reading->root, sections[i]);
        json_t *value;

        if (node == NULL)
            continue;
        if (node->kind != SOURCE_NODE_MAPPING)
            return source_expected(reading, node, "settings below it");
        value = value_json(reading, node, sections[i]);
        (void)json_object_set_new_nocheck(values, sections[i], value);
        (void)json_object_set_nocheck(reading->normal, sections[i], value);
    }
    if (connector_settings_check(reading->out->connector->settings, values, &where, reading->err) <
        0) {
        inner = *reading->err;
        return err_at(reading->err, reading->text->file, line_of(reading, where), "%s",
                      inner.detail);
    }
    reading->out->values = values;
    return read_secrets(reading);
}

static void add_attributes(json_t *list, const struct mapping *mapping)
{
    size_t count = 0;
    const char *const *names = mapping_attributes(mapping, &count);

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, json_string_nocheck(names[i]));
}

/* The normal form has what the file says, so the list is a copy. */
void source_add_attributes(struct source_reading *reading)
{
    const struct connector_setting *row = find_row(reading, "settings." ATTRIBUTES);
    json_t *values = json_object_get(reading->normal, "values");
    json_t *settings = json_object_get(values, "settings");
    json_t *list;

    if (row == NULL || row->type != CONNECTOR_LIST)
        return;
    settings = settings != NULL ? json_copy(settings) : json_object();
    list = json_copy(json_object_get(settings, ATTRIBUTES));
    if (list == NULL)
        list = json_array();
    add_attributes(list, reading->out->users);
    add_attributes(list, reading->out->groups);
    (void)json_object_set_new_nocheck(settings, ATTRIBUTES, list);
    (void)json_object_set_new_nocheck(values, "settings", settings);
}
