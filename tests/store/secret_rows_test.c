/* Sealed secrets: one text a name and tenant. */
#include "control_fixture.h"

#include "store/secret_rows.h"

#define OK (enum err_code)0

static int insert_some(struct session *session, struct err *err)
{
    return stored_secret_put(session, 1, "b", "sealed-b", 1, err) < 0 ||
                   stored_secret_put(session, 1, "a", "old", 2, err) < 0 ||
                   stored_secret_put(session, 2, "a", "foreign", 3, err) < 0 ||
                   stored_secret_put(session, 1, "a", "sealed-a", 4, err) < 0
               ? -1
               : 0;
}

static int see(struct session *session, struct control_world *world, int tenant, const char *name,
               struct err *err)
{
    const char *sealed = NULL;

    if (stored_secret_read(session, world->fixture.arena, tenant, name, &sealed, err) < 0)
        return -1;
    buf_printf(&world->text, "%s ", sealed);
    return 0;
}

static int read_some(struct session *session, struct control_world *world, struct err *err)
{
    return insert_some(session, err) < 0 || see(session, world, 1, "a", err) < 0 ||
                   see(session, world, 1, "b", err) < 0
               ? -1
               : see(session, world, 2, "a", err);
}

static int read_in_another_tenant(struct session *session, struct control_world *world,
                                  struct err *err)
{
    return insert_some(session, err) < 0 ? -1 : see(session, world, 2, "b", err);
}

static int names(struct session *session, struct control_world *world, struct err *err)
{
    const struct stored_secret *secrets = NULL;
    size_t count = 0;

    if (stored_secret_names(session, world->fixture.arena, 1, &secrets, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        buf_printf(&world->text, "%s@%lld ", secrets[i].name, (long long)secrets[i].changed_us);
    return 0;
}

static int list(struct session *session, struct control_world *world, struct err *err)
{
    return insert_some(session, err) < 0 ? -1 : names(session, world, err);
}

static int delete_one(struct session *session, struct control_world *world, struct err *err)
{
    return insert_some(session, err) < 0 || stored_secret_delete(session, 1, "a", err) < 0 ||
                   names(session, world, err) < 0
               ? -1
               : see(session, world, 2, "a", err);
}

static int delete_in_another_tenant(struct session *session, struct control_world *world,
                                    struct err *err)
{
    (void)world;
    return insert_some(session, err) < 0 ? -1 : stored_secret_delete(session, 2, "b", err);
}

static struct control_act acts[] = {
    {"the last one written is read", read_some,                "sealed-a sealed-b foreign ", OK           },
    {"read in another tenant",       read_in_another_tenant,   "there is no secret \"b\"",   ERR_NOT_FOUND},
    {"names of a tenant",            list,                     "a@4 b@1 ",                   OK           },
    {"delete of this tenant alone",  delete_one,               "b@1 foreign ",               OK           },
    {"delete in another tenant",     delete_in_another_tenant, "there is no secret \"b\"",
     ERR_NOT_FOUND                                                                                        },
};

int main(void)
{
    return RUN_TABLE("secrets", acts, control_acts);
}
