/* text.h - Unicode text: validity, and the folded keys that comparison uses.
 *
 * Only user of utf8proc.  Case-blind comparison is decided here and stored, never by a database's
 * collation: three engines, one answer. */
#ifndef SCIMD_BASE_TEXT_H
#define SCIMD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

#define TEXT_FOLD_VERSION 1 /* stored beside the keys; another value asks for a rebuild */

/* Well-formed UTF-8 without U+0000 (odbc drivers cut text there), overlongs or surrogates. */
bool text_is_valid(const char *text, size_t length);

/* Bytes of the well-formed UTF-8 sequence that `text` starts with; 0 where there is none. */
size_t text_sequence_length(const char *text, size_t length);

/* The key that stands for `text` in comparisons: NFC, and full Unicode case folding unless
 * `case_exact` (then the text itself, unchanged).  STRASSE and straße share a key; dotted and
 * dotless i do not.  The key is NUL-terminated.
 *
 * `text` is valid UTF-8, and its byte at `length` is readable (a string's NUL, or what follows in
 * the same buffer): where that is NUL and nothing changes, the key is `text` itself.  Otherwise it
 * lives in `arena`. */
const char *text_fold(struct arena *arena, const char *text, size_t length, bool case_exact,
                      size_t *key_length);

/* ASCII only: attribute names, URNs, operators (RFC 7643 section 2.1). */
bool text_equals_ascii(const char *left, size_t left_length, const char *right);
int text_compare_ascii(const char *left, const char *right);
unsigned char text_lower_ascii(unsigned char byte);

#endif
