/* exchange.h - one request and its response, from the request line to the last byte sent.
 *
 * Exchanges are kept and used again with their memory, so that a steady load allocates nothing. */
#ifndef SCIMD_HTTP_EXCHANGE_H
#define SCIMD_HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>

#include "base/id.h"
#include "http/connection.h"
#include "http/http.h"

#define EXCHANGE_KEPT_BYTES ((size_t)64 * 1024) /* a larger buffer is given back after use */
#define EXCHANGE_DRAIN_BYTES                                                                       \
    ((uint64_t)16 * 1024 * 1024)       /* of a body that was refused: who is cut                   \
                                          while sending never reads why */
#define EXCHANGE_SEND_BYTES_PER_S 4096 /* slower readers are cut */

struct exchange {
    struct exchange *next; /* while it is spare */
    struct http_listener *listener;
    struct connection *connection;
    struct MHD_Connection *handle;
    struct http_request request;
    struct http_response response;
    struct arena *arena; /* owned */
    struct buf body;     /* owned */
    size_t body_limit;
    uint64_t drained_bytes;
    enum { EXCHANGE_BEGUN, EXCHANGE_RECEIVES, EXCHANGE_DRAINS } state;
    struct err refusal;     /* why, where it drains */
    const char *raw_target; /* in `arena` */
    const char *sent_at;    /* where the target stands in the receive buffer: never read there */
    size_t sent_length;
    bool expects_continue;
    char request_id[ID_TEXT_BYTES];
};

struct exchanges {
    pthread_mutex_t lock;
    pthread_cond_t finished; /* when the last in hand was; on the monotonic clock */
    struct exchange *spare;  /* under lock */
    unsigned spare_count;    /* under lock */
    unsigned spare_limit;
    unsigned in_hand; /* under lock */
};

/* Waits until none is in hand, at most until `deadline_us` (clock_monotonic_us()). */
void exchanges_wait(struct exchanges *exchanges, int64_t deadline_us);
void exchanges_free(struct exchanges *exchanges);

/* libmicrohttpd's callbacks; the context is the struct http_listener. */
void *exchange_begin(void *context, const char *uri, struct MHD_Connection *handle);
enum MHD_Result exchange_handle(void *context, struct MHD_Connection *handle, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_length, void **state);
void exchange_end(void *context, struct MHD_Connection *handle, void **state,
                  enum MHD_RequestTerminationCode how);

#endif
