#include "sync/transform.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "sync/transform_text.h"

#define BLANKS " \t\r\n"
#define UAC "userAccountControl"
#define UAC_COMPUTED "msDS-User-Account-Control-Computed"
#define ACCOUNT_EXPIRES "accountExpires"
#define UAC_DISABLED 0x2 /* ADS_UF_ACCOUNTDISABLE */
#define UAC_LOCKED 0x10  /* ADS_UF_LOCKOUT, in the computed attribute */

/* A step for each value, or for all. */
struct step;
typedef int (*apply_each)(const struct transform *transform, struct arena *arena, const char *value,
                          const char **out, struct err *err);
typedef int (*apply_all)(const struct transform *transform, const struct transform_input *input,
                         struct arena *arena, struct values *values, struct err *err);

enum argument { ARGUMENT_NONE, ARGUMENT_TEXT, ARGUMENT_NUMBER, ARGUMENT_OBJECT };

struct step {
    const char *name;
    enum argument argument;
    apply_each each; /* or ... */
    apply_all all;
};

struct transform {
    const struct step *step;
    const char *text;
    int64_t number;
    const json_t *object;
};

static void make_room(struct values *values, struct arena *arena, size_t more)
{
    const char **items = arena_array(arena, values->count + more, sizeof(*items));

    if (values->count > 0)
        memcpy(items, values->items, values->count * sizeof(*items));
    values->items = items;
}

void values_add(struct values *values, struct arena *arena, const char *value)
{
    make_room(values, arena, 1);
    values->items[values->count++] = value;
}

void values_of(const json_t *attributes, const char *name, struct arena *arena,
               struct values *values)
{
    const char *key;
    json_t *list;

    json_object_foreach((json_t *)(uintptr_t)attributes, key, list)
    {
        if (!text_equals_ascii(key, strlen(key), name) || json_array_size(list) == 0)
            continue;
        make_room(values, arena, json_array_size(list));
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *text = json_string_value(json_array_get(list, i));

            if (text != NULL)
                values->items[values->count++] = text;
        }
    }
}

/* NULL: there is none. */
static const char *first_of(const json_t *attributes, const char *name, struct arena *arena)
{
    struct values values = {0};

    values_of(attributes, name, arena, &values);
    return values.count > 0 ? values.items[0] : NULL;
}

static void set_one(struct values *values, struct arena *arena, const char *value)
{
    values->items = arena_array(arena, 1, sizeof(*values->items));
    values->items[0] = value;
    values->count = 1;
}

/* ---- steps for all values ---- */

static int keep_first(const struct transform *transform, const struct transform_input *input,
                      struct arena *arena, struct values *values, struct err *err)
{
    (void)transform, (void)input, (void)arena, (void)err;
    values->count = values->count > 0;
    return 0;
}

static int keep_all(const struct transform *transform, const struct transform_input *input,
                    struct arena *arena, struct values *values, struct err *err)
{
    (void)transform, (void)input, (void)arena, (void)values, (void)err;
    return 0;
}

static int set_constant(const struct transform *transform, const struct transform_input *input,
                        struct arena *arena, struct values *values, struct err *err)
{
    (void)input, (void)err;
    set_one(values, arena, transform->text);
    return 0;
}

static int set_default(const struct transform *transform, const struct transform_input *input,
                       struct arena *arena, struct values *values, struct err *err)
{
    (void)input, (void)err;
    if (values->count == 0)
        set_one(values, arena, transform->text);
    return 0;
}

/* parse_template() has seen to it that braces are in pairs. */
static int fill_template(const struct transform *transform, const struct transform_input *input,
                         struct arena *arena, struct values *values, struct err *err)
{
    CLEANUP(buf_free) struct buf text = {0};
    bool any = false;

    (void)err;
    for (const char *at = transform->text; *at != '\0';) {
        size_t plain = strcspn(at, "{");
        size_t name;
        const char *value;

        buf_append(&text, at, plain);
        at += plain;
        if (*at == '\0')
            break;
        name = strcspn(at, "}");
        value = first_of(input->attributes, arena_strndup(arena, at + 1, name - 1), arena);
        any = any || value != NULL;
        buf_puts(&text, value != NULL ? value : "");
        at += name + 1;
    }
    values->count = 0;
    if (any)
        set_one(values, arena, arena_strndup(arena, buf_text(&text), text.length));
    return 0;
}

static int read_number(const struct transform_input *input, const char *name, struct arena *arena,
                       int64_t *out, struct err *err)
{
    const char *text = first_of(input->attributes, name, arena);

    if (text != NULL && !transform_number(text, out))
        return err_set(err, ERR_INVALID_VALUE, "%s: not a number", name);
    return 0;
}

static bool is_expired(const struct transform_input *input, int64_t expires)
{
    int64_t time_us;

    if (!transform_filetime_us(expires, &time_us))
        return false;
    if (time_us > input->now_us && input->stale_at_us != NULL && time_us < *input->stale_at_us)
        *input->stale_at_us = time_us;
    return time_us <= input->now_us;
}

/* An account whose control we may not read is neither active nor inactive: rights that were taken
 * away must not bring people back. */
static int find_active(const struct transform_input *input, bool locked_is_inactive,
                       struct arena *arena, struct values *values, struct err *err)
{
    bool known = first_of(input->attributes, UAC, arena) != NULL;
    int64_t control = 0;
    int64_t computed = 0;
    int64_t expires = 0;
    bool active;

    if (read_number(input, UAC, arena, &control, err) < 0 ||
        read_number(input, UAC_COMPUTED, arena, &computed, err) < 0 ||
        read_number(input, ACCOUNT_EXPIRES, arena, &expires, err) < 0)
        return -1;
    active = (control & UAC_DISABLED) == 0 && !is_expired(input, expires) &&
             !(locked_is_inactive && (computed & UAC_LOCKED) != 0);
    values->count = 0;
    if (known)
        set_one(values, arena, active ? "true" : "false");
    return 0;
}

static int account_active(const struct transform *transform, const struct transform_input *input,
                          struct arena *arena, struct values *values, struct err *err)
{
    (void)transform;
    return find_active(input, false, arena, values, err);
}

static int account_active_unlocked(const struct transform *transform,
                                   const struct transform_input *input, struct arena *arena,
                                   struct values *values, struct err *err)
{
    (void)transform;
    return find_active(input, true, arena, values, err);
}

/* ---- steps for each value ---- */

static int change_case(struct arena *arena, const char *value, bool upper, const char **out)
{
    char *copy = arena_strdup(arena, value);

    for (char *at = copy; *at != '\0'; at++) {
        unsigned char lower = text_lower_ascii((unsigned char)*at);

        *at = (char)(upper && lower >= 'a' && lower <= 'z' ? lower - 'a' + 'A' : lower);
    }
    *out = copy;
    return 0;
}

static int to_lower(const struct transform *transform, struct arena *arena, const char *value,
                    const char **out, struct err *err)
{
    (void)transform, (void)err;
    return change_case(arena, value, false, out);
}

static int to_upper(const struct transform *transform, struct arena *arena, const char *value,
                    const char **out, struct err *err)
{
    (void)transform, (void)err;
    return change_case(arena, value, true, out);
}

static int trim(const struct transform *transform, struct arena *arena, const char *value,
                const char **out, struct err *err)
{
    size_t length;

    (void)transform, (void)err;
    value += strspn(value, BLANKS);
    length = strlen(value);
    while (length > 0 && strchr(BLANKS, value[length - 1]) != NULL)
        length--;
    *out = length > 0 ? arena_strndup(arena, value, length) : NULL;
    return 0;
}

static int strip_prefix(const struct transform *transform, struct arena *arena, const char *value,
                        const char **out, struct err *err)
{
    size_t length = strlen(transform->text);

    (void)arena, (void)err;
    *out = strncmp(value, transform->text, length) == 0 ? value + length : NULL;
    return 0;
}

static int look_up(const struct transform *transform, struct arena *arena, const char *value,
                   const char **out, struct err *err)
{
    const json_t *found = json_object_get(transform->object, value);

    (void)arena, (void)err;
    *out = json_string_value(found != NULL ? found : json_object_get(transform->object, "*"));
    return 0;
}

static int read_boolean(const char *value, bool *out, struct err *err)
{
    static const char *const words[] = {"false", "0", "no", "true", "1", "yes"};

    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (text_equals_ascii(value, strlen(value), words[i])) {
            *out = i >= ARRAY_LENGTH(words) / 2;
            return 0;
        }
    return err_set(err, ERR_INVALID_VALUE, "not a boolean");
}

static int to_boolean(const struct transform *transform, struct arena *arena, const char *value,
                      const char **out, struct err *err)
{
    bool is = false;

    (void)transform, (void)arena;
    if (read_boolean(value, &is, err) < 0)
        return -1;
    *out = is ? "true" : "false";
    return 0;
}

static int turn_over(const struct transform *transform, struct arena *arena, const char *value,
                     const char **out, struct err *err)
{
    bool is = false;

    (void)transform, (void)arena;
    if (read_boolean(value, &is, err) < 0)
        return -1;
    *out = is ? "false" : "true";
    return 0;
}

static int test_bit(const struct transform *transform, struct arena *arena, const char *value,
                    const char **out, struct err *err)
{
    int64_t number = 0;

    (void)arena;
    if (!transform_number(value, &number))
        return err_set(err, ERR_INVALID_VALUE, "not a number");
    *out = (number & transform->number) != 0 ? "true" : "false";
    return 0;
}

#define AS_TEXT(function_)                                                                         \
    static int each_##function_(const struct transform *transform, struct arena *arena,            \
                                const char *value, const char **out, struct err *err)              \
    {                                                                                              \
        (void)transform;                                                                           \
        return transform_##function_(arena, value, out, err);                                      \
    }
AS_TEXT(sid)
AS_TEXT(guid)
AS_TEXT(filetime)
AS_TEXT(generalized_time)

static const struct step steps[] = {
    {"first",                   ARGUMENT_NONE,   NULL,                  keep_first             },
    {"all",                     ARGUMENT_NONE,   NULL,                  keep_all               },
    {"lower",                   ARGUMENT_NONE,   to_lower,              NULL                   },
    {"upper",                   ARGUMENT_NONE,   to_upper,              NULL                   },
    {"trim",                    ARGUMENT_NONE,   trim,                  NULL                   },
    {"prefix",                  ARGUMENT_TEXT,   strip_prefix,          NULL                   },
    {"template",                ARGUMENT_TEXT,   NULL,                  fill_template          },
    {"constant",                ARGUMENT_TEXT,   NULL,                  set_constant           },
    {"default",                 ARGUMENT_TEXT,   NULL,                  set_default            },
    {"map",                     ARGUMENT_OBJECT, look_up,               NULL                   },
    {"boolean",                 ARGUMENT_NONE,   to_boolean,            NULL                   },
    {"not",                     ARGUMENT_NONE,   turn_over,             NULL                   },
    {"bit",                     ARGUMENT_NUMBER, test_bit,              NULL                   },
    {"sid",                     ARGUMENT_NONE,   each_sid,              NULL                   },
    {"guid",                    ARGUMENT_NONE,   each_guid,             NULL                   },
    {"filetime",                ARGUMENT_NONE,   each_filetime,         NULL                   },
    {"generalized_time",        ARGUMENT_NONE,   each_generalized_time, NULL                   },
    {"account_active",          ARGUMENT_NONE,   NULL,                  account_active         },
    {"account_active_unlocked", ARGUMENT_NONE,   NULL,                  account_active_unlocked},
};

/* ---- parsing ---- */

static int check_template(const char *text, struct err *err)
{
    for (const char *at = text; *at != '\0';) {
        at += strcspn(at, "{}");
        if (*at == '\0')
            return 0;
        if (*at == '}' || at[1 + strcspn(at + 1, "{}")] != '}' || at[1] == '}')
            return err_set(err, ERR_INVALID_VALUE,
                           "template: braces enclose an attribute's name: \"%s\"", text);
        at += strcspn(at, "}") + 1;
    }
    return 0;
}

static int check_map(const json_t *object, struct err *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(
        (json_t *)(uintptr_t)object, key,
        value) if (!json_is_string(value)) return err_set(err, ERR_INVALID_VALUE,
                                                          "map: \"%s\" must become a text", key);
    return 0;
}

static int read_argument(const struct step *step, const json_t *argument, struct transform *out,
                         struct err *err)
{
    static const char *const wanted[] = {
        [ARGUMENT_NONE] = "no argument",
        [ARGUMENT_TEXT] = "a text",
        [ARGUMENT_NUMBER] = "a number above 0",
        [ARGUMENT_OBJECT] = "an object of texts",
    };
    const char *text = json_string_value(argument);
    int64_t number = json_integer_value(argument);
    const bool fits[] = {
        /* a source file's scalars are texts */
        [ARGUMENT_NUMBER] = (text == NULL || transform_number(text, &number)) && number > 0,
        [ARGUMENT_NONE] = argument == NULL,
        [ARGUMENT_TEXT] = text != NULL,
        [ARGUMENT_OBJECT] = json_is_object(argument),
    };

    if (!fits[step->argument])
        return err_set(err, ERR_INVALID_VALUE, "%s: takes %s", step->name, wanted[step->argument]);
    out->text = text;
    out->number = number;
    out->object = argument;
    if (step->all == fill_template && text != NULL)
        return check_template(text, err);
    return step->argument == ARGUMENT_OBJECT ? check_map(argument, err) : 0;
}

int transform_parse(struct arena *arena, const json_t *step, const struct transform **out,
                    struct err *err)
{
    struct transform *transform = arena_alloc(arena, sizeof(*transform));
    const char *name = json_string_value(step);
    const json_t *argument = NULL;

    if (json_object_size(step) == 1) {
        void *iterator = json_object_iter((json_t *)(uintptr_t)step);

        name = json_object_iter_key(iterator);
        argument = json_object_iter_value(iterator);
    }
    if (name == NULL)
        return err_set(err, ERR_INVALID_VALUE,
                       "a transform is a name, or one name with its argument");
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
        if (strcmp(steps[i].name, name) == 0)
            transform->step = &steps[i];
    if (transform->step == NULL)
        return err_set(err, ERR_INVALID_VALUE, "there is no transform \"%s\"", name);
    if (read_argument(transform->step, argument, transform, err) < 0)
        return -1;
    *out = transform;
    return 0;
}

int transform_apply(const struct transform *transform, const struct transform_input *input,
                    struct arena *arena, struct values *values, struct err *err)
{
    const char **items;
    size_t count = 0;

    if (transform->step->all != NULL)
        return transform->step->all(transform, input, arena, values, err);
    items = arena_array(arena, values->count, sizeof(*items));
    for (size_t i = 0; i < values->count; i++) {
        const char *value = NULL;

        if (transform->step->each(transform, arena, values->items[i], &value, err) < 0)
            return -1;
        if (value != NULL)
            items[count++] = value;
    }
    *values = (struct values){.items = items, .count = count};
    return 0;
}

bool transform_yields(const struct transform *transform)
{
    apply_all all = transform->step->all;

    return all != NULL && all != keep_first && all != keep_all;
}

void transform_attributes(const struct transform *transform, struct arena *arena,
                          struct values *names)
{
    apply_all all = transform->step->all;

    if (all == account_active || all == account_active_unlocked) {
        values_add(names, arena, UAC);
        values_add(names, arena, ACCOUNT_EXPIRES);
    }
    if (all == account_active_unlocked)
        values_add(names, arena, UAC_COMPUTED);
    if (all != fill_template)
        return;
    for (const char *at = strchr(transform->text, '{'); at != NULL; at = strchr(at, '{')) {
        size_t length = strcspn(++at, "}");

        values_add(names, arena, arena_strndup(arena, at, length));
    }
}
