/* search.h - LDAP searches: one request, its entries one by one, and the cookie to go on with.
 *
 * Every search asks for extended DNs, so that each DN that is a value carries its objectGUID. */
#ifndef SCIMD_CONNECTORS_AD_SEARCH_H
#define SCIMD_CONNECTORS_AD_SEARCH_H

#include <ldap.h>
#include <stdbool.h>

#include "connectors/ad/link.h"

struct query {
    const char *base;
    int scope; /* LDAP_SCOPE_... */
    const char *filter;
    const char *const *attributes; /* ends with NULL */
    enum {
        QUERY_PLAIN,
        QUERY_PAGED,
        QUERY_DIRSYNC, /* links as values that came and went; `base` is the domain's DN */
    } form;
    int page_size; /* QUERY_PAGED */
    bool deleted;  /* tombstones as well; DirSync has them always */
};

struct search {
    int message;          /* outstanding; 0: none */
    struct berval cookie; /* owned */
    bool more;            /* the request with `cookie` gives more */
    bool owes_control;    /* the answer must say whether there is more: one that doesn't was cut */
};

/* Sends the request with search->cookie. */
int search_send(struct link *link, const struct query *query, struct search *search,
                struct err *err);

/* 1: an entry (ldap_msgfree); 0: the request is answered, cookie and more are set; -1: *err. */
int search_next(struct link *link, struct search *search, LDAPMessage **out, struct err *err);

/* Abandons what is outstanding; `link` may be closed. */
void search_end(struct link *link, struct search *search);

void search_set_cookie(struct search *search, const void *bytes, size_t length);

void search_message_free(LDAPMessage **message); /* for CLEANUP */

#endif
