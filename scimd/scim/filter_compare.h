/* filter_compare.h - a comparison, typed by its attribute.  Private to filter_*.c. */
#ifndef SCIMD_SCIM_FILTER_COMPARE_H
#define SCIMD_SCIM_FILTER_COMPARE_H

#include "scim/filter.h"
#include "scim/filter_literal.h"

struct filter_comparison {
    const struct attribute *attribute; /* not complex */
    enum filter_operator op;
    const struct filter_literal *literal; /* not null */
};

/* Fills *out: COMPARE, or what a comparison of numbers comes down to.
 * Errors: ERR_INVALID_FILTER where the type has no such operator or takes no such literal. */
int filter_compare(const struct filter_reader *reader, struct arena *arena,
                   const struct filter_comparison *comparison, struct filter *out, struct err *err);

const char *filter_operator_name(enum filter_operator op);

#endif
