"""Refusals: each with its status, its scimType and a SCIM error body; and bad input of every kind."""

import pathlib

import pytest

from bodies import create, group, user
from scimclient import ERROR, LIST, MEDIA_TYPE, SEARCH, USER, patch_op


def check(answer, status, scim_type=None):
    """A refusal as RFC 7644 section 3.12 wants it."""
    answer.expect(status, scim_type)
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    body = answer.json
    assert body["schemas"] == [ERROR] and body["status"] == str(status)
    assert isinstance(body["detail"], str) and body["detail"]
    assert set(body) <= {"schemas", "status", "scimType", "detail"}
    return answer


# -- 401, 403, 404 of tenants


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer scimd_aaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "word",
        "Basic dXNlcjpwYXNz",
        "Bearer a b c",
        "Bearer " + "x" * 5000,
        "\u00ff\u00fe",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_without_a_valid_token_it_is_401_with_WWW_Authenticate(library, authorization):
    headers = {"Authorization": authorization and authorization.encode("latin-1")}
    for path in ("/Users", "/Users/x", "/ServiceProviderConfig", "/nothing"):
        answer = check(library.get(path, headers=headers), 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_with_a_changed_character_is_401(library):
    token = library.token
    for at in (10, len(token) // 2, len(token) - 1):
        changed = token[:at] + ("x" if token[at] != "x" else "y") + token[at + 1:]
        check(library.with_token(changed).get("/Users"), 401)


def test_the_scheme_of_a_token_has_no_case(library):
    for scheme in ("bearer", "BEARER", "Bearer "):
        library.get("/Users", headers={"Authorization": f"{scheme} {library.token}"}).expect(200)


def test_another_tenants_token_is_401_as_if_the_tenant_did_not_exist(daemon, tenant, scim, make_tenant):
    other = make_tenant(daemon)
    real = check(daemon.client(other.name, scim.token).get("/Users"), 401)
    none = check(daemon.client("no-such-tenant", scim.token).get("/Users"), 401)
    assert real.json == none.json
    assert real.headers["WWW-Authenticate"] == none.headers["WWW-Authenticate"]


def test_a_revoked_token_is_401_at_once(daemon, tenant):
    made = daemon.ctl_json("token", "create", tenant.name, "--name", "short")
    scim = daemon.client(tenant.name, made["token"])
    scim.get("/Users").expect(200)
    daemon.ctl("token", "revoke", tenant.name, made["id"])
    check(scim.get("/Users"), 401)


def test_a_suspended_tenant_is_403_until_it_is_resumed(daemon, tenant, scim):
    daemon.ctl("tenant", "suspend", tenant.name)
    check(scim.get("/Users"), 403)
    check(scim.post("/Users", user("ada")), 403)
    check(scim.with_token(None).get("/Users"), 401)
    daemon.ctl("tenant", "resume", tenant.name)
    scim.get("/Users").expect(200)


# -- 404, 405


@pytest.mark.parametrize(
    "path",
    ["", "/", "/nothing", "/users", "/Users/a/b", "/Users/a/b/c", "/Groups/none", "/Schemas/a/b",
     "/" + "/".join("abcdefghijklmnopqrst"), "/Users/none", "/Bulk/x", "/ServiceProviderConfigs"],
)
def test_an_unknown_path_is_404(library, path):
    check(library.get(path), 404)


@pytest.mark.parametrize("path", ["//", "//nothing", "//x/scim/v1/Users", "//favicon.ico", "//x/scim"])
def test_a_path_outside_of_every_tenant_is_404(library, path):
    check(library.get(path), 404)


@pytest.mark.parametrize(
    "method, path, allow",
    [
        ("PUT", "/Users", "GET, HEAD, POST"),
        ("PATCH", "/Users", "GET, HEAD, POST"),
        ("DELETE", "/Users", "GET, HEAD, POST"),
        ("POST", "/Users/x", "GET, HEAD, PUT, PATCH, DELETE"),
        ("POST", "/Groups/x", "GET, HEAD, PUT, PATCH, DELETE"),
        ("GET", "/Bulk", "POST"),
        ("PUT", "/Bulk", "POST"),
        ("DELETE", "/Bulk", "POST"),
        ("GET", "/.search", "POST"),
        ("POST", "/ServiceProviderConfig", "GET, HEAD"),
        ("DELETE", "/Schemas", "GET, HEAD"),
        ("PUT", f"/Schemas/{USER}", "GET, HEAD"),
        ("OPTIONS", "/Users", "GET, HEAD, POST"),
        ("TRACE", "/Users", "GET, HEAD, POST"),
        ("FROB", "/Users", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_an_endpoint_lacks_is_405_with_Allow(library, method, path, allow):
    answer = check(library.request(method, path, {} if method in ("PUT", "POST", "PATCH") else None), 405)
    assert answer.headers["Allow"] == allow


# -- 406, 415


@pytest.mark.parametrize(
    "accept",
    [None, "application/scim+json", "application/json", "application/*", "*/*", "",
     "text/html, application/scim+json;q=0.9", "APPLICATION/JSON", "application/json; charset=utf-8",
     "text/html;q=1, */*;q=0.1"],
    ids=repr,
)
def test_an_Accept_that_has_room_for_us_is_answered_with_our_type(library, accept):
    answer = library.get("/Users", headers={"Accept": accept}).expect(200)
    assert answer.headers["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "application/scim+json;q=0"])
def test_an_Accept_without_room_for_us_is_406(library, accept):
    check(library.get("/Users", headers={"Accept": accept}), 406)


@pytest.mark.parametrize(
    "content_type",
    ["application/scim+json", "application/json", "application/json; charset=utf-8", "Application/JSON",
     "application/scim+json;charset=UTF-8", 'application/json; charset="utf-8"', "application/json ; a=b"],
)
def test_both_media_types_are_taken_with_and_without_charset(scim, content_type):
    answer = scim.post("/Users", user("ada"), headers={"Content-Type": content_type}).expect(201)
    assert answer.headers["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize(
    "content_type",
    ["application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "text/html",
     "application/json; charset=utf-16", "application/jsonx", "json"],
)
@pytest.mark.parametrize("path", ["/Users", "/Users/.search", "/Bulk"])
def test_another_media_type_is_415(library, path, content_type):
    check(library.post(path, user("nobody"), headers={"Content-Type": content_type}), 415)


# -- 413, 414, 429


def send(scim, data):
    """What comes back; nothing where the server hangs up on what is still being sent."""
    try:
        return scim.raw(data, shut=False)
    except (BrokenPipeError, ConnectionResetError):
        return b""


def test_a_body_beyond_the_limit_is_413(library):
    check(library.post("/Users", user("nobody", title="x" * 2_000_000)), 413)
    library.get("/Users", count=0).expect(200)


def test_the_limits_are_settings(start_daemon, make_tenant):
    limits = {"body_bytes": 2048, "string_bytes": 300, "json_depth": 5, "value_count": 16, "filter_bytes": 64,
              "filter_nodes": 3, "patch_operations": 2, "bulk_operations": 2, "bulk_bytes": 4096,
              "member_count": 2}
    scim = make_tenant(start_daemon(settings={"limits": limits})).client()
    made = create(scim, user("ada"))
    path = f"/Users/{made['id']}"
    check(scim.post("/Users", user("x", title="x" * 2048)), 413)
    check(scim.post("/Users", user("x", title="x" * 301)), 400)
    check(scim.post("/Users", user("x", colour=[[[[[1]]]]])), 400, "invalidSyntax")
    check(scim.post("/Users", user("x", emails=[{"value": f"{n}"} for n in range(17)])), 400, "invalidValue")
    check(scim.get("/Users", filter="title eq \"" + "x" * 64 + '"'), 400, "invalidFilter")
    check(scim.get("/Users", filter=" or ".join(["title pr"] * 3)), 400, "invalidFilter")
    check(scim.patch(path, patch_op(*[{"op": "remove", "path": "title"}] * 3)), 413)
    check(scim.post("/Groups", group("g", "a", "b", "c")), 400, "invalidValue")
    config = scim.get("/ServiceProviderConfig").json
    assert config["bulk"] == {"supported": True, "maxOperations": 2, "maxPayloadSize": 4096}


def test_a_target_or_header_without_end_is_refused_and_the_connection_survives_for_others(library):
    for request in (
        f"GET {library.root}/Users?filter={'x' * 3_000_000} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET {library.root}/Users HTTP/1.1\r\nHost: x\r\nX-A: {'x' * 3_000_000}\r\n\r\n",
    ):
        answer = send(library, request.encode())
        assert answer == b"" or int(answer.split()[1]) in (400, 413, 414, 431)
    library.get("/Users").expect(200)


def test_requests_beyond_the_rate_are_429_with_Retry_After(start_daemon, make_tenant):
    one = start_daemon(settings={"limits": {"rate_per_second": 1, "rate_burst": 3}})
    tenant = make_tenant(one)
    scim = tenant.client()
    answers = [scim.get("/Users") for _ in range(8)]
    assert [answer.status for answer in answers[:3]] == [200] * 3
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) >= 4
    for answer in refused:
        check(answer, 429)
        assert int(answer.headers["Retry-After"]) >= 1
    make_tenant(one, "another").client().get("/Users").expect(200)  # a tenant has its own


# -- JSON


def post(scim, text, **options):
    return scim.post("/Users", text, **options)


def body(text):
    """A user whose title is the given JSON text."""
    return b'{"schemas":["' + USER.encode() + b'"],"userName":"nobody","title":' + text + b"}"


@pytest.mark.parametrize(
    "text, offset",
    [
        (b"", 0),
        (b"{", 1),
        (b"}", 0),
        (b"nothing", 0),
        (b'{"a":}', 5),
        (b'{"a":1,}', 7),
        (b'{"a" 1}', 5),
        (b"{'a':1}", 1),
        (b'{"a":1}}', 7),
        (b'{"a":1} x', 8),
        (b'{"a":[1,2}', 9),
        (b'{"a":tru}', 5),
        (b'{"a":NaN}', 5),
        (b'{"a":01}', None),
        (b'{"a":1.}', None),
        (b'{"a":+1}', 5),
        (b'{"a":"x', None),
        (b'{"a":"\\x"}', None),
        (b'{"a":"\\u12"}', None),
        (b'{"a":"tab\there"}', None),
        (b'// comment\n{}', 0),
        (b'<user/>', 0),
    ],
    ids=repr,
)
def test_malformed_JSON_is_invalidSyntax_and_names_the_byte(library, text, offset):
    """Of a wrong word it is the first byte."""
    answer = check(post(library, text), 400, "invalidSyntax")
    assert "byte" in answer.json["detail"]
    if offset is not None:
        assert f"byte {offset}" in answer.json["detail"], answer.json["detail"]


@pytest.mark.parametrize("text", [b"[]", b'"x"', b"7", b"true", b"null"], ids=repr)
@pytest.mark.parametrize("path", ["/Users", "/Groups", "/Users/.search", "/.search", "/Bulk"])
def test_a_body_that_is_no_object_is_invalidSyntax(library, path, text):
    check(library.post(path, text), 400, "invalidSyntax")


@pytest.mark.parametrize(
    "text",
    [
        b'{"schemas":["' + USER.encode() + b'"],"userName":"a","userName":"b"}',
        body(b'"a","title":"b"'),
        body(b'"a","name":{"givenName":"a","givenName":"b"}'),
    ],
    ids=["top", "title", "nested"],
)
def test_a_key_twice_is_invalidSyntax(library, text):
    answer = check(post(library, text), 400, "invalidSyntax")
    assert "byte" in answer.json["detail"]


def test_a_key_twice_in_another_case_is_refused(library):
    check(post(library, body(b'"a","TITLE":"b"')), 400)


@pytest.mark.parametrize(
    "text",
    [b'"a\\u0000b"', b'"a\x00b"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\ud800x"', b'"\xff"', b'"\xc3("',
     b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"'],
    ids=repr,
)
@pytest.mark.parametrize("place", ["value", "key"])
def test_NUL_invalid_UTF_8_and_lone_surrogates_are_refused(library, place, text):
    whole = body(text) if place == "value" else body(b'"x",' + text + b":1")
    check(post(library, whole), 400)
    assert library.get("/Users", filter='userName eq "nobody"').json["totalResults"] == 0


def test_a_byte_order_mark_is_refused_or_skipped_but_no_5xx(library):
    assert post(library, b"\xef\xbb\xbf" + body(b"7")).status == 400


@pytest.mark.parametrize("depth", [33, 10_000, 200_000])
@pytest.mark.parametrize("bracket", [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_nesting_without_end_is_invalidSyntax(library, depth, bracket, closed):
    text = bracket[0] * depth + b"1" + (bracket[1] * depth if closed else b"")
    status = 413 if len(body(text)) > 1 << 20 else 400
    check(post(library, body(text)), status)
    check(library.patch("/Users/x", patch_text(text)), status)


def patch_text(value):
    return b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","value":' \
        + value + b"}]}"


@pytest.mark.parametrize(
    "number",
    [b"1e999", b"-1e999", b"1e-99999", b"9" * 400, b"99999999999999999999", b"-9223372036854775809",
     b"1" * 100_000, b"0." + b"1" * 100_000],
    ids=lambda number: number[:24].decode(),
)
def test_a_huge_number_is_refused(library, number):
    check(post(library, body(number)), 400)
    check(library.post("/Users/.search", b'{"schemas":["' + SEARCH.encode() + b'"],"count":' + number + b"}"), 400)


def test_a_string_beyond_the_limit_is_refused_and_named(library):
    answer = check(post(library, user("nobody", title="x" * 70_000)), 400)
    assert "65536" in answer.json["detail"]


def test_a_user_with_too_many_values_is_refused(library):
    emails = [{"value": f"{number}@x"} for number in range(2001)]
    check(post(library, user("nobody", emails=emails)), 400, "invalidValue")


def test_an_object_with_very_many_keys_is_read_in_good_time(library):
    text = b",".join(b'"k%d":1' % number for number in range(60_000))
    assert post(library, body(b'"x",' + text)).status in (201, 400)


def test_what_a_client_sent_is_not_logged(start_daemon, make_tenant):
    one = start_daemon(settings={"log": {"level": "debug"}})
    scim = make_tenant(one).client()
    for text in (b'"\\ud800secret-value"', b'{"secret-value":1}', b'["secret-value",1]'):
        check(post(scim, body(text)), 400)
    create(scim, user("secret-value", title="secret-value", password="secret-value"))
    check(scim.post("/Users", user("secret-value")), 409)
    scim.get("/Users", filter='userName eq "secret-value"').expect(200)
    assert "http.request" in one.log
    for secret in ("secret-value", scim.token, scim.token.split("_", 2)[-1]):
        assert secret not in one.log


# -- HTTP


@pytest.mark.parametrize(
    "request_text",
    [
        b"GARBAGE\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
        b"POST /x/scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /x/scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /x/scim/v2/Users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /x/scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /x/scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_garbage_instead_of_HTTP_ends_the_connection_and_nothing_else(library, request_text):
    answer = library.raw(request_text)
    assert answer == b"" or int(answer.split()[1]) >= 400
    library.get("/Users").expect(200)


def test_a_chunked_body_is_taken(scim):
    text = body(b'"x"')
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, text[at:at + 1]) for at in range(len(text))) + b"0\r\n\r\n"
    head = (f"POST {scim.root}/Users HTTP/1.1\r\nHost: {scim.host}:{scim.port}\r\nConnection: close\r\n"
            f"Authorization: Bearer {scim.token}\r\nContent-Type: {MEDIA_TYPE}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()
    assert b" 201 " in scim.raw(head + chunks, shut=False).split(b"\r\n")[0]


def test_a_chunked_body_beyond_the_limit_is_413(library):
    head = (f"POST {library.root}/Users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {library.token}\r\nContent-Type: {MEDIA_TYPE}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    answer = send(library, head + chunk * 40 + b"0\r\n\r\n")
    assert answer == b"" or b" 413 " in answer.split(b"\r\n")[0]
    library.get("/Users").expect(200)


def test_every_answer_has_a_request_id(library):
    seen = {library.get("/Users").headers["X-Request-Id"], library.get("/none").headers["X-Request-Id"]}
    assert len(seen) == 2 and None not in seen


def test_too_many_query_parameters_are_refused(library):
    assert library.get("/Users", query={f"p{number}": "x" for number in range(100)}).status == 400


# -- memory


def resident_kib(daemon):
    for line in pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


HOSTILE = [
    ("POST", "/Users", body(b"[" * 10_000)),
    ("POST", "/Users", body(b'{"a":' * 10_000)),
    ("POST", "/Users", body(b'"' + b"x" * 900_000 + b'"')),
    ("POST", "/Users", body(b"9" * 900_000)),
    ("POST", "/Users", body(b'"\\ud800"')),
    ("POST", "/Users", b" " * 1_000_000),
    ("POST", "/Users", body(b'"x",' + b",".join(b'"k%d":1' % number for number in range(30_000)))[:-1]),
    ("POST", "/Bulk", b"[" * 500_000),
    ("POST", "/Users/.search", b'{"filter":"' + b"(" * 60_000 + b'"}'),
    ("PATCH", "/Users/x", patch_text(b"[" * 10_000)),
]


def test_bad_input_again_and_again_leaves_the_process_up_and_its_memory_flat(start_daemon, make_tenant):
    # or AddressSanitizer would keep up to 256 MiB of what was freed
    one = start_daemon(environment={"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=64"})
    scim = make_tenant(one).client()

    def attack(rounds):
        for _ in range(rounds):
            for method, path, text in HOSTILE:
                assert scim.request(method, path, text).status in (400, 404, 413)

    attack(20)
    before = resident_kib(one)
    attack(20)
    assert resident_kib(one) < before + 24 * 1024  # were what is sent kept, it would be 90 MiB more
    assert scim.get("/Users").expect(200).json["schemas"] == [LIST]
