#include "connectors/ad/srv.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BYTES 16384 /* a site with hundreds of controllers comes over TCP */
#define SRV_FIXED_BYTES 6  /* priority, weight, port */

static int compare(const void *left, const void *right)
{
    const struct srv_target *a = left;
    const struct srv_target *b = right;

    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return strcmp(a->host, b->host);
}

/* false: not an SRV record, or a broken one. */
static bool read_record(struct arena *arena, ns_msg *message, int number, struct srv_target *out)
{
    ns_rr record;
    char host[NS_MAXDNAME];
    const unsigned char *data;

    if (ns_parserr(message, ns_s_an, number, &record) < 0 || ns_rr_type(record) != ns_t_srv ||
        ns_rr_rdlen(record) <= SRV_FIXED_BYTES)
        return false;
    data = ns_rr_rdata(record);
    if (dn_expand(ns_msg_base(*message), ns_msg_end(*message), data + SRV_FIXED_BYTES, host,
                  sizeof(host)) < 0 ||
        host[0] == '\0') /* ".": the service is decidedly not there */
        return false;
    *out = (struct srv_target){
        .priority = ns_get16(data),
        .weight = ns_get16(data + 2),
        .port = ns_get16(data + 4),
        .host = arena_strdup(arena, host),
    };
    return true;
}

size_t srv_lookup(struct arena *arena, const char *name, struct srv_target *targets, size_t room)
{
    struct __res_state state = {0};
    unsigned char *answer = arena_alloc(arena, ANSWER_BYTES);
    ns_msg message;
    size_t count = 0;
    int length;

    if (res_ninit(&state) < 0)
        return 0;
    length = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, ANSWER_BYTES);
    res_nclose(&state);
    if (length < 0 || length > ANSWER_BYTES || ns_initparse(answer, length, &message) < 0)
        return 0;
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && count < room; i++)
        if (read_record(arena, &message, i, &targets[count]))
            count++;
    if (count > 0)
        qsort(targets, count, sizeof(*targets), compare);
    return count;
}
