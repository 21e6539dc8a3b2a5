#include "store/search_filter.h"

#include <jansson.h>
#include <string.h>

#include "base/cleanup.h"
#include "scim/match.h"
#include "store/search_relation.h"

static const struct operand nothing = {.kind = OPERAND_NOTHING};
static const struct operand everything = {.kind = OPERAND_NOTHING, .negated = true};

bool operand_is_everything(const struct operand *operand)
{
    return operand->kind == OPERAND_NOTHING && operand->negated;
}

bool operand_is_nothing(const struct operand *operand)
{
    return operand->kind == OPERAND_NOTHING && !operand->negated;
}

static bool is_pairs(const struct search_scope *scope)
{
    return scope->element != NULL;
}

static void select_leaf(struct query *query, const struct operand *operand, bool pairs)
{
    const struct search_scope *scope = &operand->scope;
    struct index_home home = index_home_of(scope->type, operand->leaf->attribute);

    leaf_source(query, scope->type, operand->leaf->attribute, home, pairs);
    query_puts(query, " AND ");
    leaf_condition(query, home, operand->leaf);
}

/* The SELECT of its keys, negated or not. */
static void select_keys(struct query *query, const struct operand *operand, bool pairs)
{
    if (operand->kind == OPERAND_TABLE)
        query_select_table(query, operand->table, pairs);
    else
        select_leaf(query, operand, pairs);
}

void operand_restrict(struct query *query, const struct operand *operand, const char *column)
{
    if (operand_is_everything(operand))
        return;
    if (operand_is_nothing(operand)) {
        query_puts(query, " AND 1 = 0");
        return;
    }
    query_puts(query, " AND ");
    query_puts(query, column);
    query_puts(query, operand->negated ? " NOT IN (" : " IN (");
    select_keys(query, operand, false);
    query_puts(query, ")");
}

static struct operand leaf_operand(const struct search_scope *scope, const struct filter *leaf)
{
    return (struct operand){.kind = OPERAND_LEAF, .scope = *scope, .leaf = leaf};
}

/* Can the leaves stand in one WHERE, because they ask columns of the same row? */
static bool shares_row(const struct search_scope *scope, const struct operand *left,
                       const struct operand *right)
{
    enum index_table table;

    if (left->kind != OPERAND_LEAF || right->kind != OPERAND_LEAF ||
        left->scope.element != scope->element || right->scope.element != scope->element)
        return false;
    table = index_home_of(scope->type, left->leaf->attribute).table;
    if (index_home_of(scope->type, right->leaf->attribute).table != table)
        return false;
    return table == INDEX_TYPED || table == INDEX_RESOURCE ||
           (table == INDEX_USER_VALUE && is_pairs(scope));
}

/* Writes operands[0] and all later ones that share its row, and marks these as nothing. */
static void select_row(struct query *query, const struct search_scope *scope,
                       struct operand *operands, size_t count)
{
    select_keys(query, &operands[0], is_pairs(scope));
    for (size_t i = 1; i < count; i++) {
        if (operands[i].negated || !shares_row(scope, &operands[0], &operands[i]))
            continue;
        query_puts(query, " AND ");
        leaf_condition(query, index_home_of(scope->type, operands[i].leaf->attribute),
                       operands[i].leaf);
        operands[i] = everything;
    }
}

/* The keys of all operands that are not negated, less those of the negated ones. */
static void write_and(struct query *query, const struct search_scope *scope,
                      struct operand *operands, size_t count)
{
    const char *separator = "";

    for (size_t i = 0; i < count; i++) {
        if (operands[i].negated)
            continue;
        query_puts(query, separator);
        select_row(query, scope, operands + i, count - i);
        separator = " INTERSECT ";
    }
    for (size_t i = 0; i < count; i++) {
        if (!operands[i].negated || operand_is_everything(&operands[i]))
            continue;
        query_puts(query, " EXCEPT ");
        select_keys(query, &operands[i], is_pairs(scope));
    }
}

static void write_union(struct query *query, const struct search_scope *scope,
                        const struct operand *operands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            query_puts(query, " UNION ");
        select_keys(query, &operands[i], is_pairs(scope));
    }
}

/* Drops what restricts nothing; false where one operand is nothing, and so all of it. */
static bool drop_constants(struct operand *operands, size_t *count, size_t *positive)
{
    size_t kept = 0;

    *positive = 0;
    for (size_t i = 0; i < *count; i++) {
        if (operand_is_nothing(&operands[i]))
            return false;
        if (operand_is_everything(&operands[i]))
            continue;
        *positive += !operands[i].negated;
        operands[kept++] = operands[i];
    }
    *count = kept;
    return true;
}

/* All operands together. */
static struct operand and_all(struct query *query, const struct search_scope *scope,
                              struct operand *operands, size_t count)
{
    struct operand out = {.kind = OPERAND_TABLE};
    size_t positive = 0;

    if (!drop_constants(operands, &count, &positive))
        return nothing;
    if (count == 0)
        return everything;
    if (count == 1)
        return operands[0];
    out.table = query_open_table(query, is_pairs(scope));
    out.negated = positive == 0; /* not a and not b: not (a or b) */
    if (positive > 0)
        write_and(query, scope, operands, count);
    else
        write_union(query, scope, operands, count);
    query_close_table(query);
    return out;
}

static int compile(struct query *query, const struct search_scope *scope,
                   const struct filter *filter, struct operand *out, struct err *err);

/* A chain of one connective, which leans to the left however long it is. */
static int compile_chain(struct query *query, const struct search_scope *scope,
                         const struct filter *filter, struct operand *out, struct err *err)
{
    const enum filter_kind kind = filter->kind;
    const bool is_or = kind == FILTER_OR;
    struct operand *operands;
    size_t count = 1;
    size_t at;

    for (const struct filter *f = filter; f->kind == kind; f = f->left)
        count++;
    operands = arena_array(query->arena, count, sizeof(*operands));
    for (at = count - 1; filter->kind == kind; filter = filter->left) {
        if (compile(query, scope, filter->right, &operands[at--], err) < 0)
            return -1;
    }
    if (compile(query, scope, filter, &operands[0], err) < 0)
        return -1;
    for (size_t i = 0; is_or && i < count; i++) /* a or b: not (not a and not b) */
        operands[i].negated = !operands[i].negated;
    *out = and_all(query, scope, operands, count);
    if (is_or)
        out->negated = !out->negated;
    return 0;
}

static int refuse(const struct attribute *attribute, struct err *err)
{
    return err_set(err, ERR_INVALID_FILTER, "%s%s%s cannot be filtered by",
                   attribute->parent != NULL ? attribute->parent->name : "",
                   attribute->parent != NULL ? "." : "", attribute->name);
}

/* What follows from the type: decided here, but for extensions in `schemas`. */
static void compile_fixed(const struct search_scope *scope, const struct filter *leaf,
                          struct operand *out)
{
    CLEANUP(json_decrefp)
    json_t *resource = json_pack("{s:[s], s:{s:s}}", "schemas", scope->type->schema->id, "meta",
                                 "resourceType", scope->type->name);

    if (!is_pairs(scope) && match_resource(leaf, resource))
        *out = everything;
    else if (leaf->attribute->multi_valued)
        *out = leaf_operand(scope, leaf);
    else
        *out = nothing;
}

/* A complex attribute is present where one of its sub-attributes is. */
static int compile_presence_of_subs(struct query *query, const struct search_scope *scope,
                                    const struct attribute *attribute, struct operand *out,
                                    struct err *err)
{
    struct filter *chain = NULL;

    for (size_t i = 0; i < attribute->sub_count; i++) {
        struct filter *leaf = arena_alloc(query->arena, sizeof(*leaf));
        struct filter *link = arena_alloc(query->arena, sizeof(*link));
        *leaf = (struct filter){.kind = FILTER_PRESENT, .attribute = &attribute->subs[i]};
        *link = (struct filter){.kind = FILTER_OR, .left = chain, .right = leaf};
        chain = chain == NULL ? leaf : link;
    }
    if (chain != NULL)
        return compile(query, scope, chain, out, err);
    *out = nothing;
    return 0;
}

static void compile_long(struct query *query, const struct search_scope *scope,
                         struct index_home home, const struct filter *leaf, struct operand *out)
{
    *out = (struct operand){.kind = OPERAND_TABLE, .table = query_open_table(query, true)};
    leaf_long_pairs(query, scope->type, home, leaf);
    query_close_table(query);
}

/* Members or groups; outside of brackets only their presence can be asked for. */
static void compile_relation(struct query *query, const struct search_scope *scope,
                             const struct filter *leaf, struct operand *out)
{
    const struct search_scope inside = {
        .type = scope->type,
        .element = leaf->attribute->parent != NULL ? leaf->attribute->parent : leaf->attribute};

    relation_compile(query, &inside, leaf->attribute->parent != NULL ? leaf : NULL, out);
}

static int compile_leaf(struct query *query, const struct search_scope *scope,
                        const struct filter *leaf, struct operand *out, struct err *err)
{
    const struct attribute *attribute = leaf->attribute;
    const struct index_home home = index_home_of(scope->type, attribute);
    const bool is_presence = leaf->kind == FILTER_PRESENT;

    if (home.table == INDEX_NOWHERE && !is_presence)
        return refuse(attribute, err);
    if (is_presence && home.always)
        *out = everything;
    else if (home.table == INDEX_FIXED)
        compile_fixed(scope, leaf, out);
    else if (home.table == INDEX_MEMBERS || home.table == INDEX_GROUPS ||
             home.table == INDEX_NOWHERE)
        compile_relation(query, scope, leaf, out);
    else if (attribute->type == ATTRIBUTE_COMPLEX && home.table == INDEX_ATTRIBUTE &&
             !index_has_presence(attribute))
        return compile_presence_of_subs(query, scope, attribute, out, err);
    else if (leaf_is_long(home, leaf))
        compile_long(query, scope, home, leaf, out);
    else
        *out = leaf_operand(scope, leaf);
    return 0;
}

/* All elements of an attribute, less those of `inner`. */
static struct operand other_elements(struct query *query, const struct search_scope *scope,
                                     const struct operand *inner)
{
    const struct index_home home = index_home_of(scope->type, scope->element);
    struct operand all = nothing;
    struct operand out = {.kind = OPERAND_TABLE};

    if (home.table == INDEX_MEMBERS || home.table == INDEX_GROUPS)
        relation_compile(query, scope, NULL, &all);
    out.table = query_open_table(query, true);
    if (all.kind == OPERAND_TABLE)
        query_select_table(query, all.table, true);
    else
        leaf_source(query, scope->type, scope->element, home, true);
    if (inner->kind != OPERAND_NOTHING) {
        query_puts(query, " EXCEPT ");
        select_keys(query, inner, true);
    }
    query_close_table(query);
    return out;
}

/* `schemas` names the type's own schema in every resource; only its other elements have rows. */
static bool own_schema_matches(const struct search_scope *inside, const struct filter *filter)
{
    CLEANUP(json_decrefp) json_t *own = NULL;

    if (index_home_of(inside->type, inside->element).table != INDEX_FIXED)
        return false;
    own = json_string(inside->type->schema->id);
    return match_element(filter, own);
}

static int compile_element(struct query *query, const struct search_scope *scope,
                           const struct filter *filter, struct operand *out, struct err *err)
{
    const struct search_scope inside = {.type = scope->type, .element = filter->attribute};
    struct operand inner = nothing;

    if (own_schema_matches(&inside, filter->left)) {
        *out = everything;
        return 0;
    }
    if (compile(query, &inside, filter->left, &inner, err) < 0)
        return -1;
    *out = inner.negated ? other_elements(query, &inside, &inner) : inner;
    return 0;
}

/* Recursion ends: a filter nests no deeper than FILTER_DEPTH_MAX. */
static int compile(struct query *query, const struct search_scope *scope,
                   const struct filter *filter, struct operand *out, struct err *err)
{
    switch (filter->kind) {
    case FILTER_AND:
    case FILTER_OR:
        return compile_chain(query, scope, filter, out, err);
    case FILTER_NOT:
        if (compile(query, scope, filter->left, out, err) < 0)
            return -1;
        out->negated = !out->negated;
        return 0;
    case FILTER_COMPARE:
    case FILTER_PRESENT:
        return compile_leaf(query, scope, filter, out, err);
    case FILTER_ELEMENT:
        return compile_element(query, scope, filter, out, err);
    case FILTER_NEVER:
        break;
    }
    *out = nothing;
    return 0;
}

int search_filter_compile(struct query *query, const struct search_scope *scope,
                          const struct filter *filter, struct operand *out, struct err *err)
{
    if (filter != NULL)
        return compile(query, scope, filter, out, err);
    *out = everything;
    return 0;
}

static bool is_identifying(const struct filter *leaf)
{
    return leaf->kind == FILTER_COMPARE && leaf->op == FILTER_EQ &&
           (leaf->attribute->uniqueness != UNIQUENESS_NONE ||
            (leaf->attribute->schema == NULL && leaf->attribute->parent == NULL &&
             strcmp(leaf->attribute->name, "externalId") == 0));
}

bool search_filter_is_selective(const struct filter *filter)
{
    for (; filter != NULL && filter->kind == FILTER_AND; filter = filter->left) {
        if (is_identifying(filter->right))
            return true;
    }
    return filter != NULL && is_identifying(filter);
}
