#include "connectors/connector.h"

#include <string.h>

#define FINDINGS_FIRST 8

void findings_add(struct findings *findings, const struct finding *finding)
{
    struct finding *copy;

    if (findings->count == findings->capacity) {
        size_t capacity = findings->capacity > 0 ? 2 * findings->capacity : FINDINGS_FIRST;
        struct finding *items = arena_array(findings->arena, capacity, sizeof(*items));

        if (findings->count > 0)
            memcpy(items, findings->items, findings->count * sizeof(*items));
        findings->items = items;
        findings->capacity = capacity;
    }
    copy = &findings->items[findings->count++];
    *copy = *finding;
    copy->text = arena_strdup(findings->arena, finding->text);
    copy->advice = finding->advice != NULL ? arena_strdup(findings->arena, finding->advice) : NULL;
}
