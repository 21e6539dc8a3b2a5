/* table.h - a row is a test in the report.
 *
 * int main(void) { return RUN_TABLE("filter", cases, parses_to_canonical_form); }
 * Each row's first member is `const char *name`; the test function gets a pointer to the row. */
#ifndef SCIMD_TESTS_TABLE_H
#define SCIMD_TESTS_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#define RUN_TABLE(group, rows, function)                                                           \
    table_run((group), (rows), sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0]), (function))

static inline int table_run(const char *group, void *rows, size_t count, size_t row_bytes,
                            CMUnitTestFunction function)
{
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    int failed;

    if (tests == NULL)
        abort();
    for (size_t i = 0; i < count; i++) {
        void *row = (char *)rows + i * row_bytes;
        /* cmocka hands initial_state to the test through a pointer to it */
        tests[i] = (struct CMUnitTest){
            .name = *(const char **)row, .test_func = function, .initial_state = row};
    }
    failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
    free(tests);
    return failed;
}

#endif
