#include "store/search_sort.h"

#include <string.h>

static struct sort_source source_of(const struct search_part *part)
{
    struct sort_source source = {.attribute = part->sort};

    if (source.attribute != NULL && source.attribute->type == ATTRIBUTE_COMPLEX)
        source.attribute = schema_sub_attribute(source.attribute, "value", strlen("value"));
    if (source.attribute == NULL || !index_is_filterable(source.attribute))
        return source;
    source.home = index_home_of(part->type, source.attribute);
    source.exists = source.home.table == INDEX_ATTRIBUTE || source.home.table == INDEX_TYPED ||
                    source.home.table == INDEX_USER_VALUE || source.home.table == INDEX_RESOURCE;
    source.is_text = source.home.form == INDEX_TEXT;
    source.always = source.exists && source.home.always;
    return source;
}

struct sort_source sort_source_of(const struct search *search, size_t part)
{
    struct sort_source source = source_of(&search->parts[part]);

    for (size_t i = 0; i < part; i++) {
        struct sort_source earlier = source_of(&search->parts[i]);
        if (!earlier.exists)
            continue;
        if (earlier.is_text != source.is_text)
            return (struct sort_source){.attribute = source.attribute};
        break;
    }
    return source;
}

void sort_from(struct query *query, const struct resource_type *type,
               const struct sort_source *source)
{
    leaf_from(query, type, source->attribute, source->home);
    if (source->home.table == INDEX_USER_VALUE)
        query_puts(query, " AND x.idx = 0");
    else if (source->home.table == INDEX_ATTRIBUTE)
        query_puts(query, " AND x.elem = 0");
    query_puts(query, " AND ");
    leaf_column(query, source->home);
    query_puts(query, " IS NOT NULL");
}

void sort_select(struct query *query, const struct resource_type *type,
                 const struct sort_source *source)
{
    query_puts(query, "SELECT x.pk AS pk, ");
    leaf_column(query, source->home);
    query_puts(query, " AS skey");
    sort_from(query, type, source);
}
