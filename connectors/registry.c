#include "connectors/connector.h"

#include <string.h>

#include "connectors/ad/ad.h"

static const struct connector *const connectors[] = {
    &connector_ad,
    NULL,
};

const struct connector *const *connector_all(void)
{
    return connectors;
}

const struct connector *connector_find(const char *name)
{
    for (const struct connector *const *one = connectors; *one != NULL; one++)
        if (strcmp((*one)->name, name) == 0)
            return *one;
    return NULL;
}
