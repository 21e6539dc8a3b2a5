#include "sync/access.h"

#include <string.h>

#include "base/cleanup.h"
#include "directory/tenants_sources.h"

static int missing(const struct access *access, const char *name, struct err *err)
{
    return err_set(err, ERR_CONFIGURATION,
                   "there is no secret \"%s\": store it with scimctl secret set %s %s", name,
                   access->tenant->name, name);
}

static int read_secret(void *context, const char *name, struct secret *out, struct err *err)
{
    const struct access *access = context;
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const char *sealed = NULL;

    if (tenants_secret_read(access->engine->tenants, arena, access->tenant->name, name, &sealed,
                            err) < 0)
        return err->code == ERR_NOT_FOUND ? missing(access, name, err) : -1;
    return access->engine->open_secret(access->engine->context, access->tenant->number, name,
                                       sealed, out, err);
}

int access_open(const struct sync_engine_settings *engine, const char *tenant,
                const struct source_text *text, struct access *out, struct err *err)
{
    struct source_reader reader = {.connectors = engine->connectors};

    *out = (struct access){.engine = engine};
    if (tenants_find(engine->tenants, tenant, &out->tenant, err) < 0)
        return -1;
    reader.schemas = out->tenant->schemas;
    if (source_file_read(&reader, text, &out->definition, err) < 0) {
        access_close(out);
        return -1;
    }
    out->settings = (struct connector_settings){.values = out->definition->values,
                                                .rows = out->definition->connector->settings,
                                                .secret = read_secret,
                                                .secret_context = out};
    return 0;
}

void access_close(struct access *access)
{
    source_definition_free(access->definition);
    tenant_release(access->tenant);
    *access = (struct access){0};
}

int access_check_secrets(const struct access *access, struct err *err)
{
    CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BLOCK_BYTES);
    const struct source_texts *secrets = &access->definition->secrets;
    const struct stored_secret *stored = NULL;
    size_t count = 0;

    if (secrets->count == 0)
        return 0;
    if (tenants_secret_list(access->engine->tenants, arena, access->tenant->name, &stored, &count,
                            err) < 0)
        return -1;
    for (size_t i = 0; i < secrets->count; i++) {
        size_t at = 0;

        while (at < count && strcmp(stored[at].name, secrets->items[i]) != 0)
            at++;
        if (at == count)
            return missing(access, secrets->items[i], err);
    }
    return 0;
}
