#include "store/link_sources.h"

#include "base/cleanup.h"
#include "store/links.h"
#include "store/session.h"

int links_sources_of(struct session *session, int64_t resource_pk, int64_t sources[], size_t max,
                     size_t *count, struct err *err)
{
    CLEANUP(rows_closep) struct rows *rows = NULL;
    const struct value values[] = {VALUE_INT(store_session_tenant(session)), VALUE_INT(resource_pk),
                                   VALUE_INT(LINK_LIVE), VALUE_INT(max)};
    size_t found = 0;
    int more = 1;

    /* <> 0 is the index's condition, said again */
    if (session_query(session,
                      "SELECT DISTINCT l.source FROM scimd_link l WHERE l.tenant_id = ? AND "
                      "l.resource_pk = ? AND l.resource_pk <> 0 AND l.state = ? "
                      "ORDER BY l.source {limit}",
                      values, ARRAY_LENGTH(values), &rows, err) < 0)
        return -1;
    while (found < max && (more = rows_next(rows, err)) > 0)
        sources[found++] = rows_integer(rows, 0);
    if (more < 0)
        return -1;
    *count = found;
    return 0;
}
