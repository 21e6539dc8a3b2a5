#include "connectors/ad/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"

#define OID_EXTENDED_DN "1.2.840.113556.1.4.529"
#define OID_SHOW_DELETED "1.2.840.113556.1.4.417"
#define OID_SHOW_RECYCLED "1.2.840.113556.1.4.2064"
#define OID_DIRSYNC "1.2.840.113556.1.4.841"
#define DIRSYNC_INCREMENTAL                                                                        \
    ((ber_int_t)INT32_MIN)    /* 0x80000000: LDAP_DIRSYNC_INCREMENTAL_VALUES                       \
                               */
#define DIRSYNC_BYTES 1000000 /* of one answer; a wish */
#define CONTROLS_MAX 5

struct controls {
    LDAPControl items[CONTROLS_MAX];
    LDAPControl *list[CONTROLS_MAX + 1];
    size_t count;
};

static void ber_freep(BerElement **ber)
{
    if (*ber != NULL)
        ber_free(*ber, 1);
}

static void controls_free(struct controls *controls)
{
    for (size_t i = 0; i < controls->count; i++)
        ber_memfree(controls->items[i].ldctl_value.bv_val);
}

/* Takes what is in `ber` (may be NULL). */
static void add(struct controls *controls, const char *oid, BerElement *ber)
{
    LDAPControl *control = &controls->items[controls->count];

    *control = (LDAPControl){.ldctl_oid = (char *)(uintptr_t)oid, .ldctl_iscritical = 1};
    if (ber != NULL) {
        struct berval *value = NULL;

        if (ber_flatten(ber, &value) < 0)
            abort(); /* no memory; what is encoded is ours */
        control->ldctl_value = *value;
        ber_memfree(value);
    }
    controls->list[controls->count++] = control;
}

static BerElement *ber_new(void)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    if (ber == NULL)
        abort();
    return ber;
}

static void add_controls(struct controls *controls, const struct query *query,
                         const struct berval *cookie)
{
    CLEANUP(ber_freep) BerElement *extended = ber_new();
    CLEANUP(ber_freep) BerElement *form = ber_new();

    (void)ber_printf(extended, "{i}", 1); /* GUID and SID as text */
    add(controls, OID_EXTENDED_DN, extended);
    if (query->deleted) {
        add(controls, OID_SHOW_DELETED, NULL);
        add(controls, OID_SHOW_RECYCLED, NULL);
    }
    if (query->form == QUERY_PAGED) {
        (void)ber_printf(form, "{iO}", (ber_int_t)query->page_size, cookie);
        add(controls, LDAP_CONTROL_PAGEDRESULTS, form);
    } else if (query->form == QUERY_DIRSYNC) {
        (void)ber_printf(form, "{iiO}", DIRSYNC_INCREMENTAL, (ber_int_t)DIRSYNC_BYTES, cookie);
        add(controls, OID_DIRSYNC, form);
    }
}

int search_send(struct link *link, const struct query *query, struct search *search,
                struct err *err)
{
    static const struct berval none = {0, NULL};
    CLEANUP(controls_free) struct controls controls = {.count = 0};
    int code;

    add_controls(&controls, query, search->cookie.bv_val != NULL ? &search->cookie : &none);
    code = ldap_search_ext(link->ldap, query->base, query->scope, query->filter,
                           (char **)(uintptr_t)query->attributes, 0, controls.list, NULL, NULL,
                           LDAP_NO_LIMIT, &search->message);
    if (code != LDAP_SUCCESS) {
        search->message = 0;
        return link_failed(link, code, query->filter, err);
    }
    search->owes_control = query->form != QUERY_PLAIN;
    return 0;
}

void search_set_cookie(struct search *search, const void *bytes, size_t length)
{
    free(search->cookie.bv_val);
    search->cookie = (struct berval){.bv_len = length, .bv_val = memory_alloc(length + 1)};
    if (length > 0)
        memcpy(search->cookie.bv_val, bytes, length);
    search->cookie.bv_val[length] = '\0';
}

/* false: a control that can't be read. */
static bool take_control(struct search *search, const LDAPControl *control)
{
    bool dirsync = strcmp(control->ldctl_oid, OID_DIRSYNC) == 0;
    CLEANUP(ber_freep) BerElement *ber = NULL;
    struct berval cookie = {0};
    ber_int_t first = 0;
    ber_int_t unused = 0;

    if (!dirsync && strcmp(control->ldctl_oid, LDAP_CONTROL_PAGEDRESULTS) != 0)
        return true;
    ber = ber_init((struct berval *)(uintptr_t)&control->ldctl_value);
    if (ber == NULL || (dirsync ? ber_scanf(ber, "{iim}", &first, &unused, &cookie)
                                : ber_scanf(ber, "{im}", &first, &cookie)) == LBER_ERROR)
        return false;
    search_set_cookie(search, cookie.bv_val, cookie.bv_len);
    search->more = dirsync ? first != 0 : cookie.bv_len > 0;
    search->owes_control = false;
    return true;
}

static int finish(struct link *link, struct search *search, LDAPMessage *result, struct err *err)
{
    LDAPControl **controls = NULL;
    bool readable = true;
    int code = LDAP_SUCCESS;
    int parsed;

    search->message = 0;
    search->more = false;
    parsed = ldap_parse_result(link->ldap, result, &code, NULL, NULL, NULL, &controls, 0);
    if (parsed == LDAP_SUCCESS && code == LDAP_SUCCESS)
        for (LDAPControl **control = controls; control != NULL && *control != NULL; control++)
            readable = readable && take_control(search, *control);
    ldap_controls_free(controls);
    if (parsed != LDAP_SUCCESS || !readable)
        return link_failed(link, LDAP_DECODING_ERROR, "search", err);
    if (code == LDAP_SUCCESS && search->owes_control)
        return link_failed(link, LDAP_CONTROL_NOT_FOUND, "search", err);
    return code == LDAP_SUCCESS ? 0 : link_failed(link, code, "search", err);
}

int search_next(struct link *link, struct search *search, LDAPMessage **out, struct err *err)
{
    for (;;) {
        LDAPMessage *message = NULL;
        struct timeval timeout = link->timeout;
        int type = ldap_result(link->ldap, search->message, LDAP_MSG_ONE, &timeout, &message);
        int result;

        if (type == LDAP_RES_SEARCH_ENTRY) {
            *out = message;
            return 1;
        }
        if (type <= 0) {
            int code = LDAP_TIMEOUT;

            if (type < 0)
                (void)ldap_get_option(link->ldap, LDAP_OPT_RESULT_CODE, &code);
            return link_failed(link, code, "search", err);
        }
        result = type == LDAP_RES_SEARCH_RESULT ? finish(link, search, message, err) : 1;
        (void)ldap_msgfree(message);
        if (result <= 0) /* else a reference to another domain, which is another source */
            return result;
    }
}

void search_end(struct link *link, struct search *search)
{
    if (search->message > 0 && link->ldap != NULL)
        (void)ldap_abandon_ext(link->ldap, search->message, NULL, NULL);
    free(search->cookie.bv_val);
    *search = (struct search){.message = 0};
}

void search_message_free(LDAPMessage **message)
{
    if (*message != NULL)
        (void)ldap_msgfree(*message);
}
