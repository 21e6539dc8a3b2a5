/* index_home.h - where the values of an attribute stand for filters and sorting.
 *
 * Pure.  The tables themselves: schemas/sql/..._tenant_resources.sql.  One table of columns serves
 * the writer (index_rows.h) and the reader (search.h), so that they cannot disagree. */
#ifndef SCIMD_STORE_INDEX_HOME_H
#define SCIMD_STORE_INDEX_HOME_H

#include <stdbool.h>
#include <stddef.h>

#include "scim/schema.h"

enum index_table {
    INDEX_ATTRIBUTE,  /* scimd_attribute, by path: skey or num */
    INDEX_TYPED,      /* a column of scimd_user or scimd_group */
    INDEX_USER_VALUE, /* a column of scimd_user_value, one row an element */
    INDEX_RESOURCE,   /* a column of scimd_resource: id, times, version */
    INDEX_MEMBERS,    /* scimd_member, from the group's side */
    INDEX_GROUPS,     /* the same from the member's side, through nested groups */
    INDEX_FIXED,      /* follows from the type: meta.resourceType, schemas (but for extensions) */
    INDEX_NOWHERE     /* depends on the address that was asked: meta.location, members.$ref */
};

/* What the numbers or texts of a home are compared as. */
enum index_form {
    INDEX_TEXT,         /* keys (index_key.h) */
    INDEX_NUMBER,       /* boolean 0 or 1, integer, microseconds, index_key_decimal() */
    INDEX_MILLISECONDS, /* a column of microseconds of which clients see whole milliseconds */
    INDEX_VERSION       /* a number that is shown as the text W/"N" */
};

struct index_home {
    enum index_table table;
    enum index_form form;
    const char *column; /* of keys or numbers; NULL where the table has none: INDEX_ATTRIBUTE and
                           complex attributes */
    int list;           /* INDEX_USER_VALUE: its column attr */
    bool always;        /* every resource of the type has a value */
};

struct index_home index_home_of(const struct resource_type *type,
                                const struct attribute *attribute);

/* Do its values stand in index rows at all?  Not those that no filter may name. */
bool index_is_filterable(const struct attribute *attribute);

/* Does a complex attribute have a row of its own for each element: skey "1", or "" while all its
 * sub-attributes are empty?  Others are present where one of their sub-attributes is. */
bool index_has_presence(const struct attribute *attribute);

/* A typed column: an attribute with a single value. */
struct index_column {
    const char *parent; /* NULL: a top-level attribute */
    const char *name;
    const char *column;
    const char *key_column; /* NULL for a boolean */
    bool always;
};

struct index_typed {
    const char *table;
    const struct index_column *columns;
    size_t count;
};

#define INDEX_COLUMNS_MAX 16

/* The typed table of a resource type; NULL where it has none: types of tenants. */
const struct index_typed *index_typed_of(const struct resource_type *type);

#endif
