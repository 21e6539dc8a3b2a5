#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/embedded.h"
#include "sync/mapping.h"
#include "sync/source_yaml.h"

#define FILE_NAME_MAX 64
#define SUFFIX ".yaml"

int mapping_default(const char *source_type, const char **file, json_t **out, struct err *err)
{
    const struct embedded_file *found = embedded_mapping;
    const struct source_node *root = NULL;
    char name[FILE_NAME_MAX];
    struct arena *arena;
    int result;

    (void)snprintf(name, sizeof(name), "%s" SUFFIX, source_type);
    while (found->name != NULL && strcmp(found->name, name) != 0)
        found++;
    if (found->name == NULL) {
        *out = NULL;
        return 0;
    }
    arena = arena_new(ARENA_BLOCK_BYTES);
    result = source_yaml_parse(
        arena, &(struct source_text){found->name, found->text, found->length}, &root, err);
    if (result == 0) {
        *file = found->name;
        *out = source_yaml_texts(root);
    }
    arena_free(arena);
    return result;
}
