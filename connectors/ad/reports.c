#include "connectors/ad/pass.h"
#include "connectors/ad/session.h"

static int flush(struct session *session, struct wanted_list *batch, struct changes *changes,
                 struct err *err)
{
    int result = read_in_scope(session, &session->pass.within, OBJECT_USER, batch, changes, err);

    batch->count = 0;
    return result;
}

int read_reports(struct session *session, const struct wanted_list *people, struct changes *changes,
                 struct err *err)
{
    struct wanted_list batch = {.count = 0};

    for (size_t i = 0; i < people->count; i++) {
        const struct wanted *one = &people->items[i];

        for (size_t j = 0; one->found && one->arrived && j < one->reports.count; j++) {
            if (one->reports.items[j].kind == OBJECT_OTHER)
                continue;
            batch.items[batch.count++] =
                (struct wanted){.guid = one->reports.items[j].source_id, .primary = -1};
            if (batch.count == WANTED_MAX && flush(session, &batch, changes, err) < 0)
                return -1;
        }
    }
    return flush(session, &batch, changes, err);
}
