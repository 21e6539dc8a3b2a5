/* filter.h - SCIM filter expressions: text in, resolved tree out.
 *
 * Pure: no I/O, no globals.  store/search turns the tree into SQL and scim/match evaluates it in
 * memory; neither ever sees filter text, and both must give one answer (tests/store holds them
 * together).
 *
 * The tree is already normalised: `ne` is NOT(eq); `eq null` is NOT(pr), `ne null` is pr; a
 * comparison of a complex attribute without sub-attribute is one of its `value`; `a.b op v` on a
 * multi-valued a is ELEMENT(a, b op v); `a[f].b op v` is ELEMENT(a, f and b op v); the literal is
 * typed by the attribute.
 *
 * What a tree means, in SQL and in memory:
 * - COMPARE is true if any value of the attribute matches; of an absent attribute it is false, so
 *   `ne` of an absent one is true.
 * - PRESENT is true if the attribute has a value that is not the empty string; a complex value is
 *   present if one of its sub-attributes is.
 * - Text compares by its folded key (text_fold by caseExact), byte for byte, which for gt and its
 *   like is the order of code points.  `eq ""` finds the empty string; co, sw and ew "" any value.
 * - dateTime compares as time in microseconds; created and lastModified of `meta` in the whole
 *   milliseconds that clients see.  Numbers compare as numbers.
 * - Strings and references have all operators; dateTime, integer and decimal have eq, ne, gt, ge,
 *   lt, le; boolean and binary eq and ne; complex without `value` only pr.  The rest, and
 *   attributes that are never returned, are refused.
 * - A fraction against an integer attribute is turned into what holds for integers (n gt 1.5 into
 *   n gt 1); what no integer fulfils is NEVER, what each does is PRESENT.
 * - Brackets stand after multi-valued attributes only.  Of a simple one they may hold `value`: the
 *   nodes below ELEMENT then name the attribute itself. */
#ifndef SCIMD_SCIM_FILTER_H
#define SCIMD_SCIM_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "scim/limits.h"
#include "scim/schema.h"
#include "scim/tolerance.h"

/* Groups, brackets and nots (with their parentheses) inside each other; deeper input is refused,
 * never recursed into.  A chain of and/or is no nesting: it leans to the left, whatever its length.
 */
#define FILTER_DEPTH_MAX 32

enum filter_kind {
    FILTER_AND,
    FILTER_OR,
    FILTER_NOT,     /* left */
    FILTER_COMPARE, /* attribute op value: true if any value of it matches */
    FILTER_PRESENT, /* attribute pr: has a non-empty value */
    FILTER_ELEMENT, /* attribute[left]: one element of a multi-valued complex attribute satisfies
                       left */
    FILTER_NEVER    /* false: an attribute this type doesn't have, in a search over several types */
};

enum filter_operator {
    FILTER_EQ,
    FILTER_CO,
    FILTER_SW,
    FILTER_EW,
    FILTER_GT,
    FILTER_GE,
    FILTER_LT,
    FILTER_LE
};

/* The literal, as the attribute's type compares: text already folded by the attribute's case rule.
 */
struct filter_value {
    const char *text; /* folded key: string, reference, binary; as written for canonical form */
    size_t length;
    bool boolean;
    double number;       /* decimal */
    int64_t integer;     /* integer, and microseconds of a dateTime */
    const char *written; /* the literal as JSON, not folded: for filter_format(), and for PATCH */
};

/* Nodes under an ELEMENT name sub-attributes of its attribute; others name an attribute that is not
 * a sub-attribute of a multi-valued one.  `attribute` of a common attribute has schema NULL. */
struct filter {
    enum filter_kind kind;
    const struct filter *left;
    const struct filter *right;
    const struct attribute *attribute;
    enum filter_operator op;
    struct filter_value value;
};

struct filter_reader {
    const struct resource_type *type;
    const struct scim_limits *limits;
    struct tolerance_use *tolerances; /* may be NULL */
    bool unknown_is_never; /* search over several types: FILTER_NEVER instead of an error */
};

/* Parses `text` into *out.
 *
 * Lifetime: *out and all it points to live in `arena`; `text` may be freed afterwards.
 * Errors:   ERR_INVALID_FILTER for bad syntax, nesting, size, an unknown or unfilterable attribute,
 *           an operator the type doesn't have; detail names the byte offset (from 0).
 * Source:   RFC 7644 section 3.4.2.2; attribute names and operators are case-insensitive. */
int filter_parse(const struct filter_reader *reader, struct arena *arena, const char *text,
                 size_t length, const struct filter **out, struct err *err);

/* Parses what stands between the brackets of a value path on `attribute`, up to the matching "]".
 * *used is the number of bytes read, without the bracket.  Names are sub-attributes. */
int filter_parse_element(const struct filter_reader *reader, struct arena *arena,
                         const struct attribute *attribute, const char *text, size_t length,
                         const struct filter **out, size_t *used, struct err *err);

/* Canonical text, fully parenthesised but for chains: "(a and b and c)"; for tests, cursors and
 * logs of shape. */
const char *filter_format(struct arena *arena, const struct filter *filter);

#endif
