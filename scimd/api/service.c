#include "api/service.h"

#include <string.h>

#include "api/negotiate.h"
#include "base/log.h"
#include "scim/list.h"

void service_answer_error(struct http_response *response, const struct err *err)
{
    int status = err_http_status(err->code);
    enum log_level level = status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG;

    if (log_is_on(level) && (status >= 500 || err->cause[0] != '\0'))
        log_event(
            level, "request.failed",
            LOG_TEXT("request", response->request != NULL ? response->request->request_id : NULL),
            LOG_TEXT("error", err_name(err->code)), LOG_TEXT("detail", err->detail),
            LOG_TEXT("cause", err->cause));
    http_response_clear(response);
    response->status = status;
    response->content_type = MEDIA_TYPE_SCIM;
    error_append(&response->body, err);
    if (status == 503)
        http_response_header(response, "Retry-After", "1");
}

void service_refuse(void *context, const struct err *err, struct http_response *response)
{
    (void)context;
    service_answer_error(response, err);
}

void service_finished(void *context, const struct http_request *request, int status,
                      int64_t duration_us)
{
    struct service *service = context;

    metrics_count(&service->metrics, request->method, status, duration_us);
    if (log_is_on(LOG_LEVEL_DEBUG))
        log_event(LOG_LEVEL_DEBUG, "http.request", LOG_TEXT("request", request->request_id),
                  LOG_TEXT("method", request->method_text), LOG_TEXT("target", request->target),
                  LOG_INT("status", status), LOG_INT("duration_us", duration_us));
}

size_t service_body_limit(void *context, const struct http_request *head)
{
    const struct service *service = context;

    if (head->segment_count == 4 && strcmp(head->segments[3], "Bulk") == 0)
        return service->limits.bulk_bytes;
    return service->limits.body_bytes;
}
