#include "sync/mapping_places.h"

#include "sync/mapping_rules.h"

static bool has(const struct attribute *const *places, size_t count,
                const struct attribute *attribute)
{
    for (size_t i = 0; i < count; i++)
        if (places[i] == attribute)
            return true;
    return false;
}

const struct attribute *const *mapping_places(const struct mapping *mapping, struct arena *arena,
                                              size_t *count)
{
    const struct attribute **places = arena_array(arena, mapping->count, sizeof(*places));

    *count = 0;
    for (size_t i = 0; i < mapping->count; i++) {
        const struct attribute *attribute = mapping->rules[i].target.attribute;

        if (!has(places, *count, attribute))
            places[(*count)++] = attribute;
    }
    return places;
}

const struct mapping_reference_place *mapping_reference_places(const struct mapping *mapping,
                                                               struct arena *arena, size_t *count)
{
    struct mapping_reference_place *places = arena_array(arena, mapping->count, sizeof(*places));

    *count = 0;
    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_rule *rule = &mapping->rules[i];

        if (rule->reference)
            places[(*count)++] = (struct mapping_reference_place){
                .target = rule->text, .attribute = rule->target.attribute, .sub = rule->target.sub};
    }
    return places;
}
