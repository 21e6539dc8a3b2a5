/* rows.h - the one list of settings.  A new setting is a row in rows.c and a field in settings.h.
 */
#ifndef SCIMD_CONFIG_ROWS_H
#define SCIMD_CONFIG_ROWS_H

#include "config/settings.h"

#include <cyaml/cyaml.h>

#define SETTING_ROWS_MAX 64
#define SETTING_SECTIONS_MAX 16
#define SETTING_LIST_MAX 256 /* entries of one list */

enum setting_type { SETTING_NUMBER, SETTING_SWITCH, SETTING_WORD, SETTING_TEXT, SETTING_LIST };

/* What a text must look like. */
struct setting_form {
    const char *what; /* after "expected" */
    bool (*matches)(const char *text);
};

/* Where a default comes from if systemd says so. */
enum setting_variable { VARIABLE_NONE, VARIABLE_STATE_DIRECTORY, VARIABLE_RUNTIME_DIRECTORY };

struct setting {
    const char *name; /* "listen.port"; rows of a section stand together */
    enum setting_type type;
    size_t
        offset; /* in struct settings: unsigned, bool, an int-sized enum, char *, settings_list */

    unsigned standard; /* the default of numbers, switches and words */
    unsigned minimum;
    unsigned maximum;
    const cyaml_strval_t *words; /* SETTING_SWITCH and SETTING_WORD */
    unsigned word_count;

    const char *text; /* the default of texts; NULL: state_directory with `below` */
    const struct setting_form *form;
    enum setting_variable variable; /* the default is $VARIABLE with `below`, if that is set */
    const char *below;

    const char *unit; /* NULL: none */
    const char *help;
    bool reloads; /* SIGHUP is enough */
};

struct setting_section {
    const char *name; /* "listen" */
    const char *help;
};

extern const struct setting setting_rows[];
extern const size_t setting_row_count;
extern const struct setting_section setting_sections[];
extern const size_t setting_section_count;

/* A path that `credential:NAME` may stand for. */
extern const struct setting_form setting_form_file;
extern const struct setting_form setting_form_optional_file;
#define SETTING_CREDENTIAL "credential:"

/* The row of `key` in `section` (NULL: at the top); NULL where there is none. */
const struct setting *setting_find(const struct setting_section *section, const char *key);
const struct setting_section *setting_section_find(const char *name);
bool setting_is_in(const struct setting *row, const struct setting_section *section);
const char *setting_key(const struct setting *row); /* "port" of "listen.port" */

#endif
