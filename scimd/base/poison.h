/* poison.h - tells AddressSanitizer which memory of ours nobody may touch; nothing without it.
 *
 * The only place that asks which sanitizer is on (gcc has a macro, clang a feature test). */
#ifndef SCIMD_BASE_POISON_H
#define SCIMD_BASE_POISON_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_IS_ON
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define POISON_IS_ON
#endif

#ifdef POISON_IS_ON
#include <sanitizer/asan_interface.h>
#define POISON_GAP_BYTES 16 /* left between two allocations, so that an overrun is caught */
#define POISON(memory, bytes) ASAN_POISON_MEMORY_REGION(memory, bytes)
#define UNPOISON(memory, bytes) ASAN_UNPOISON_MEMORY_REGION(memory, bytes)
#else
#define POISON_GAP_BYTES 0
#define POISON(memory, bytes) ((void)(memory), (void)(bytes))
#define UNPOISON(memory, bytes) ((void)(memory), (void)(bytes))
#endif

#endif
