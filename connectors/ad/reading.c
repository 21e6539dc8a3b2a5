#include "connectors/ad/reading.h"

#include "base/cleanup.h"

static int read_page(struct link *link, const struct reading *reading, struct search *search,
                     struct err *err)
{
    for (;;) {
        CLEANUP(search_message_free) LDAPMessage *message = NULL;
        int more = search_next(link, search, &message, err);
        struct entry entry;

        if (more <= 0)
            return more;
        if (entry_read(link->ldap, message, reading->arena, &entry, NULL, err) < 0)
            return -1;
        reading->take(reading->context, &entry);
    }
}

int reading_continue(struct link *link, const struct reading *reading, struct search *search,
                     struct err *err)
{
    do {
        if (search_send(link, reading->query, search, err) < 0 ||
            read_page(link, reading, search, err) < 0)
            return -1;
    } while (search->more);
    return 0;
}

int reading_run(struct link *link, const struct reading *reading, struct err *err)
{
    struct search search = {0};
    int result = reading_continue(link, reading, &search, err);

    search_end(link, &search);
    return result;
}

void reading_keep(void *context, const struct entry *entry)
{
    struct entry *kept = context;

    *kept = *entry;
}
