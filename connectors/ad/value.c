#include "connectors/ad/value.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define RANGE_OPTION ";range="

/* Octet strings whose bytes may happen to be UTF-8. */
static const char *const binary[] = {
    "thumbnailPhoto",  "jpegPhoto",         "photo",
    "userCertificate", "sIDHistory",        "mS-DS-ConsistencyGuid",
    "thumbnailLogo",   "msExchMailboxGuid", "userSMIMECertificate",
};

static bool read_number(const char **at, const char *end, uint32_t *out)
{
    uint64_t number = 0;
    const char *start = *at;

    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
        number = number * 10 + (uint64_t)(**at - '0');
        if (number > UINT32_MAX)
            return false;
    }
    *out = (uint32_t)number;
    return *at > start;
}

bool range_parse(const char *description, size_t length, struct range *out)
{
    const char *end = description + length;
    const char *options = memchr(description, ';', length);
    const char *at;

    *out =
        (struct range){.name_length = options != NULL ? (size_t)(options - description) : length};
    for (at = options; at != NULL; at = memchr(at + 1, ';', (size_t)(end - at) - 1)) {
        if ((size_t)(end - at) < strlen(RANGE_OPTION) ||
            !text_equals_ascii(at, strlen(RANGE_OPTION), RANGE_OPTION))
            continue;
        at += strlen(RANGE_OPTION);
        if (!read_number(&at, end, &out->low) || at == end || *at++ != '-')
            return false;
        out->present = true;
        out->last = at < end && *at == '*';
        if (out->last)
            return at + 1 == end || at[1] == ';';
        return read_number(&at, end, &out->high) && (at == end || *at == ';');
    }
    return true;
}

void extended_dn_parse(struct arena *arena, const char *value, struct extended_dn *out)
{
    static const char guid[] = "<GUID=";
    static const char sid[] = "<SID=";
    uint8_t bytes[GUID_BYTES];

    *out = (struct extended_dn){.dn = value};
    if (strncmp(value, guid, strlen(guid)) == 0) {
        const char *text = value + strlen(guid);
        const char *end = strstr(text, ">;");

        if (end == NULL || !guid_parse(text, (size_t)(end - text), bytes))
            return;
        guid_format(bytes, out->guid);
        value = end + 2;
    }
    if (strncmp(value, sid, strlen(sid)) == 0) {
        const char *end = strstr(value, ">;");

        if (end != NULL) {
            out->sid =
                arena_strndup(arena, value + strlen(sid), (size_t)(end - value) - strlen(sid));
            value = end + 2;
        }
    }
    out->dn = value;
}

bool dn_is_foreign(const char *dn)
{
    static const char container[] = ",CN=ForeignSecurityPrincipals,";
    const char *rest = strchr(dn, ',');

    return strncmp(dn, "CN=S-1-", strlen("CN=S-1-")) == 0 && rest != NULL &&
           strncmp(rest, container, strlen(container)) == 0;
}

const char *value_base64(struct arena *arena, const void *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *from = bytes;
    char *text = arena_alloc(arena, (length + 2) / 3 * 4 + 1);
    char *to = text;

    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)from[i] << 16;

        if (i + 1 < length)
            three |= (uint32_t)from[i + 1] << 8;
        if (i + 2 < length)
            three |= from[i + 2];
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = i + 1 < length ? digits[three >> 6 & 63] : '=';
        *to++ = i + 2 < length ? digits[three & 63] : '=';
    }
    return text;
}

static bool is_binary(const char *attribute)
{
    for (size_t i = 0; i < ARRAY_LENGTH(binary); i++)
        if (text_compare_ascii(attribute, binary[i]) == 0)
            return true;
    return false;
}

static json_t *special(struct arena *arena, const char *attribute, const char *bytes, size_t length)
{
    if (text_compare_ascii(attribute, "objectGUID") == 0 && length == GUID_BYTES) {
        char text[GUID_TEXT_BYTES];

        guid_format((const uint8_t *)bytes, text);
        return json_string(text);
    }
    if (text_compare_ascii(attribute, "objectSid") == 0) {
        const char *text = sid_format(arena, bytes, length);

        return text != NULL ? json_string(text) : NULL;
    }
    if (length > 0 && bytes[0] == '<' && text_is_valid(bytes, length)) {
        struct extended_dn name;

        extended_dn_parse(arena, arena_strndup(arena, bytes, length), &name);
        if (name.guid[0] != '\0' && text_compare_ascii(attribute, "distinguishedName") != 0)
            return json_string(name.guid);
        return json_string(name.dn);
    }
    return NULL;
}

json_t *value_json(struct arena *arena, const char *attribute, const void *bytes, size_t length)
{
    json_t *value = special(arena, attribute, bytes, length);

    if (value != NULL)
        return value;
    if (!is_binary(attribute) && text_is_valid(bytes, length))
        return json_stringn_nocheck(bytes, length);
    return json_string(value_base64(arena, bytes, length));
}
