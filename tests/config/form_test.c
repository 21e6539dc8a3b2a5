#include "table.h"

#include "config/form.h"

#include <string.h>

/* clang-format off */
static struct form_case {
    const char *name;
    bool (*matches)(const char *text);
    const char *text;
    bool expected;
} form_cases[] = {
    {"IPv4", form_is_address, "192.0.2.1", true},
    {"IPv6", form_is_address, "2001:db8::1", true},
    {"all of IPv6", form_is_address, "::", true},
    {"short IPv4", form_is_address, "127.1", false},
    {"IPv4 out of range", form_is_address, "192.0.2.256", false},
    {"with port", form_is_address, "192.0.2.1:80", false},
    {"in brackets", form_is_address, "[::1]", false},
    {"no address", form_is_address, "", false},
    {"IPv4 loopback", form_is_loopback, "127.0.0.1", true},
    {"end of the loopback net", form_is_loopback, "127.255.255.254", true},
    {"IPv6 loopback", form_is_loopback, "::1", true},
    {"any address", form_is_loopback, "0.0.0.0", false},
    {"any IPv6 address", form_is_loopback, "::", false},
    {"mapped loopback", form_is_loopback, "::ffff:127.0.0.1", false},
    {"128.0.0.1", form_is_loopback, "128.0.0.1", false},
    {"one host", form_is_network, "192.0.2.1", true},
    {"all", form_is_network, "0.0.0.0/0", true},
    {"/8", form_is_network, "10.0.0.0/8", true},
    {"/31", form_is_network, "10.0.0.2/31", true},
    {"/32", form_is_network, "10.0.0.1/32", true},
    {"/33", form_is_network, "10.0.0.1/33", false},
    {"bit behind /31", form_is_network, "10.0.0.3/31", false},
    {"bit behind /8", form_is_network, "10.0.0.1/8", false},
    {"IPv6 /32", form_is_network, "2001:db8::/32", true},
    {"IPv6 /128", form_is_network, "::1/128", true},
    {"IPv6 /129", form_is_network, "::1/129", false},
    {"bit behind IPv6 /64", form_is_network, "2001:db8::1/64", false},
    {"no prefix", form_is_network, "10.0.0.0/", false},
    {"prefix with a zero", form_is_network, "10.0.0.0/08", false},
    {"prefix with a sign", form_is_network, "10.0.0.0/+8", false},
    {"netmask", form_is_network, "10.0.0.0/255.0.0.0", false},
    {"no network", form_is_network, "/8", false},
    {"a very long address", form_is_network, "1111111111111111111111111111111111111111111111111/8",
     false},
    {"path", form_is_path, "/etc/scimd/tls.key", true},
    {"blank in a path", form_is_path, "/a b", true},
    {"relative", form_is_path, "etc/scimd", false},
    {"home", form_is_path, "~/x", false},
    {"empty path", form_is_path, "", false},
    {"control byte", form_is_path, "/a\x1b", false},
    {"credential", form_is_file, "credential:tls.key", true},
    {"path as a file", form_is_file, "/tls.key", true},
    {"credential without name", form_is_file, "credential:", false},
    {"credential elsewhere", form_is_file, "credential:a/b", false},
    {"credential above", form_is_file, "credential:..", false},
    {"other case", form_is_file, "Credential:a", false},
    {"no URL", form_is_base_url, "", true},
    {"https", form_is_base_url, "https://a.example", true},
    {"port and path", form_is_base_url, "https://a.example:8443/scim", true},
    {"http and IPv6", form_is_base_url, "http://[::1]:80", true},
    {"slash at the end", form_is_base_url, "https://a.example/", false},
    {"no host", form_is_base_url, "https://", false},
    {"path without host", form_is_base_url, "https:///scim", false},
    {"query", form_is_base_url, "https://a.example?b", false},
    {"fragment", form_is_base_url, "https://a.example#b", false},
    {"line end", form_is_base_url, "https://a.example\r\nX: y", false},
    {"blank", form_is_base_url, "https://a example", false},
    {"ftp", form_is_base_url, "ftp://a.example", false},
};
/* clang-format on */

static void matches(void **row)
{
    const struct form_case *expected = *row;

    assert_int_equal(expected->matches(expected->text), expected->expected);
}

int main(void)
{
    return RUN_TABLE("settings' forms", form_cases, matches);
}
