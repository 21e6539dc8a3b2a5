#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/changes.h"
#include "store/changes_chain.h"

#define VERIFY_ROWS 1000 /* read by one statement */

struct chain {
    int64_t position; /* of the newest sealed row; 0: none */
    char hash[DIGEST_HEX_BYTES];
};

/* The newest sealed row up to `position`. */
static int read_head(struct session *session, int64_t position, struct chain *chain,
                     struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(position),
                                   VALUE_INT(1)};
    const char *hash = CHAIN_START;
    int more;

    if (session_query(session,
                      "SELECT position, hash FROM scimd_seal WHERE tenant_id = ? AND position <= ? "
                      "ORDER BY position DESC {limit}",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    more = rows_next(rows, err);
    if (more < 0)
        return -1;
    chain->position = more > 0 ? rows_integer(rows, 0) : 0;
    if (more > 0)
        hash = rows_borrow(rows, 1, NULL);
    (void)snprintf(chain->hash, sizeof(chain->hash), "%s", hash != NULL ? hash : "");
    return 0;
}

/* Chains the unsealed rows in order: as rows of scimd_seal, and as the list of their keys. */
static int chain_rows(struct session *session, size_t limit, struct chain *chain, struct buf *seals,
                      struct buf *keys, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf scratch = {0};
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(limit)};
    int more;

    if (session_query(session,
                      "SELECT " CHAIN_COLUMNS_TEXT ", c.pk FROM scimd_change_unsealed u "
                      "JOIN scimd_change c ON c.tenant_id = u.tenant_id AND c.pk = u.pk "
                      "WHERE u.tenant_id = ? ORDER BY u.pk {limit}",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        int64_t pk = rows_integer(rows, CHAIN_COLUMNS);

        (void)chain_next(rows, ++chain->position, chain->hash, &scratch);
        buf_printf(seals, "%c{\"p\":%lld,\"k\":%lld,\"h\":\"%s\"}", seals->length == 0 ? '[' : ',',
                   (long long)chain->position, (long long)pk, chain->hash);
        buf_putc(keys, keys->length == 0 ? '[' : ',');
        buf_int(keys, pk);
    }
    buf_putc(seals, ']');
    buf_putc(keys, ']');
    return more;
}

static int write_seals(struct session *session, const struct buf *seals, const struct buf *keys,
                       struct err *err)
{
    const struct value seal_values[] = {VALUE_INT(store_session_tenant(session)),
                                        VALUE_STRING(seals->bytes)};
    const struct value key_values[] = {VALUE_INT(store_session_tenant(session)),
                                       VALUE_STRING(keys->bytes)};

    if (session_execute(session,
                        "INSERT INTO scimd_seal (tenant_id, position, pk, hash) "
                        "SELECT ?, j.p, j.k, j.h FROM {rows p bigint, k bigint, h text}",
                        seal_values, ARRAY_LENGTH(seal_values), NULL, err) < 0) {
        if (err->code == ERR_UNIQUENESS) /* another replica's sealer was faster */
            (void)err_set(err, ERR_RETRY, "another sealer was faster");
        return -1;
    }
    return session_execute(session,
                           "DELETE FROM scimd_change_unsealed WHERE tenant_id = ? AND pk IN "
                           "(SELECT j.item FROM {list bigint})",
                           key_values, ARRAY_LENGTH(key_values), NULL, err);
}

int changes_seal(struct session *session, size_t limit, size_t *sealed, struct err *err)
{
    CLEANUP(buf_free) struct buf seals = {0};
    CLEANUP(buf_free) struct buf keys = {0};
    struct chain chain;
    int64_t first;

    if (read_head(session, INT64_MAX, &chain, err) < 0)
        return -1;
    first = chain.position;
    if (chain_rows(session, limit, &chain, &seals, &keys, err) < 0)
        return -1;
    if (chain.position > first && write_seals(session, &seals, &keys, err) < 0)
        return -1;
    *sealed = (size_t)(chain.position - first);
    return 0;
}

/* Goes on from *chain over one statement's rows.  *broken as in changes_verify(); *ended: no more
 * rows. */
static int verify_rows(struct session *session, struct chain *chain, int64_t *broken, bool *ended,
                       struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    CLEANUP(buf_free) struct buf scratch = {0};
    const struct value values[] = {VALUE_INT(store_session_tenant(session)),
                                   VALUE_INT(chain->position), VALUE_INT(VERIFY_ROWS)};
    size_t count = 0;
    int more;

    if (session_query(session,
                      "SELECT " CHAIN_COLUMNS_TEXT ", s.position, s.hash FROM scimd_seal s "
                      "LEFT JOIN scimd_change c ON c.tenant_id = s.tenant_id AND c.pk = s.pk "
                      "WHERE s.tenant_id = ? AND s.position > ? ORDER BY s.position {limit}",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while ((more = rows_next(rows, err)) > 0) {
        const char *hash = rows_borrow(rows, CHAIN_COLUMNS + 1, NULL);

        count++;
        chain->position++;
        if (rows_integer(rows, CHAIN_COLUMNS) != chain->position || hash == NULL ||
            !chain_next(rows, chain->position, chain->hash, &scratch) ||
            strcmp(hash, chain->hash) != 0) {
            *broken = chain->position;
            break;
        }
    }
    *ended = count < VERIFY_ROWS;
    return more < 0 ? -1 : 0;
}

int changes_verify(struct session *session, int64_t position, int64_t *broken, struct err *err)
{
    struct chain chain;
    int64_t before = position > 1 ? position - 1 : 0;
    int64_t found = 0;
    bool ended = false;

    if (read_head(session, before, &chain, err) < 0)
        return -1;
    if (chain.position != before) { /* nothing to go on from */
        *broken = before;
        return 0;
    }
    while (!ended && found == 0)
        if (verify_rows(session, &chain, &found, &ended, err) < 0)
            return -1;
    *broken = found;
    return 0;
}
