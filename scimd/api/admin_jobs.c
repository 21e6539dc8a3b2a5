/* What only the sync engine can do: asked by a row in a table, and waited for. */
#include "api/admin_endpoints.h"
#include "base/cleanup.h"

int admin_wait_begin(struct admin_exchange *exchange, struct err *err)
{
    if (atomic_fetch_add(&exchange->service->waiting, 1) < ADMIN_WAITING_MAX)
        return 0;
    admin_wait_end(exchange);
    return err_set(err, ERR_TOO_MANY_REQUESTS,
                   "%d commands wait for an answer already: try again, or end one of them",
                   ADMIN_WAITING_MAX);
}

void admin_wait_end(struct admin_exchange *exchange)
{
    atomic_fetch_sub(&exchange->service->waiting, 1);
}

int admin_ask(struct admin_exchange *exchange, const char *kind, json_t *request, struct err *err)
{
    CLEANUP(json_decrefp) json_t *taken = request;
    const struct job_question question = {
        .tenant = exchange->tenant, .kind = kind, .actor = &exchange->actor, .request = request};
    json_t *answer = NULL;
    int result;

    if (admin_wait_begin(exchange, err) < 0)
        return -1;
    result = jobs_ask(exchange->service->jobs, &question, &answer, err);
    admin_wait_end(exchange);
    return result < 0 ? -1 : admin_answer(exchange, answer);
}
