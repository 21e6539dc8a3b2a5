/* cleanup.h - handles that release themselves, and the few macros a function cannot be. */
#ifndef SCIMD_BASE_CLEANUP_H
#define SCIMD_BASE_CLEANUP_H

/* A local whose address goes to `release` when its scope ends. */
#define CLEANUP(release) __attribute__((cleanup(release)))

/* Yields x and leaves NULL behind: ownership moves to the caller. */
#define TAKE(x)                                                                                    \
    __extension__({                                                                                \
        __typeof__(x) taken_ = (x);                                                                \
        (x) = NULL;                                                                                \
        taken_;                                                                                    \
    })

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
