#include "scim/resource.h"

const json_t *resource_value(const json_t *document, const struct attribute *attribute)
{
    if (attribute->parent != NULL)
        document = resource_value(document, attribute->parent); /* two levels, never more */
    else if (attribute->schema != NULL && attribute->schema->extension)
        document = json_object_get(document, attribute->schema->id);
    return json_object_get(document, attribute->name);
}

json_t *resource_container(json_t *document, const struct attribute *attribute, bool make)
{
    const struct schema *schema = attribute->schema;
    json_t *container;

    if (schema == NULL || !schema->extension)
        return document;
    container = json_object_get(document, schema->id);
    if (container == NULL && make) {
        container = json_object();
        (void)json_object_set_new_nocheck(document, schema->id, container);
    }
    return container;
}
