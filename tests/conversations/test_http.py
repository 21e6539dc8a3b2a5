"""HTTP itself, byte by byte: what could be read in two ways, odd forms, limits, slow clients, proxies."""

import json
import socket
import time

import pytest

from people import make_user, path_of, read
from scimclient import BULK, USER

OK = b"HTTP/1.1 200 "


def status_of(answer):
    """The status of each response in what came back; [] where there was none."""
    statuses = []
    while answer.startswith(b"HTTP/1."):
        head, _, rest = answer.partition(b"\r\n\r\n")
        statuses.append(int(head.split(b" ", 2)[1]))
        length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        answer = rest[length[0]:] if length and b"HTTP/1." in rest[length[0]:] else b""
    return statuses


@pytest.fixture
def send(scim):
    """send(lines, body): one request whose head is `lines` (bytes; {root}, {token} are filled), as it is; what
    comes back until the daemon closes."""

    def run(*lines, body=b"", shut=True):
        head = b"\r\n".join(lines) + b"\r\n\r\n"
        head = head.replace(b"{root}", scim.root.encode()).replace(b"{token}", scim.token.encode())
        return scim.raw(head + body, shut=shut)

    return run


HOST = b"Host: 127.0.0.1"
TOKEN = b"Authorization: Bearer {token}"
TYPE = b"Content-Type: application/scim+json"
CLOSE = b"Connection: close"
ADA = json.dumps({"schemas": [USER], "userName": "ada"}).encode()
LENGTH = b"Content-Length: %d" % len(ADA)
SMUGGLED = b"DELETE /x HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST {root}/Users HTTP/1.1"
GET = b"GET {root}/Users HTTP/1.1"


def test_a_plain_request_byte_by_byte_is_answered(send):
    assert send(GET, HOST, TOKEN, CLOSE).startswith(OK)
    assert status_of(send(POST, HOST, TOKEN, TYPE, LENGTH, CLOSE, body=ADA)) == [201]


# -- where a request ends: nothing can be smuggled


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ([b"Content-Length: 5", b"Content-Length: 30"], SMUGGLED, 400),
        ([b"Content-Length: 5", b"Content-Length: 5"], b"12345" + SMUGGLED, 400),
        ([b"Content-Length: 5, 5"], b"12345" + SMUGGLED, 400),
        ([b"Content-Length: 5", b"Transfer-Encoding: chunked"], b"0\r\n\r\n" + SMUGGLED, 400),
        ([b"Transfer-Encoding: chunked", b"Content-Length: 5"], b"0\r\n\r\n" + SMUGGLED, 400),
        ([b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"], b"0\r\n\r\n" + SMUGGLED, 400),
        ([b"Transfer-Encoding: gzip, chunked"], b"0\r\n\r\n" + SMUGGLED, 501),
        ([b"Transfer-Encoding: identity"], b"12345" + SMUGGLED, 501),
        ([b"Transfer-Encoding: xchunked"], b"0\r\n\r\n" + SMUGGLED, 501),
        ([b"Content-Length : 5"], b"12345" + SMUGGLED, 400),
        ([b"Content-Length: +5"], b"12345" + SMUGGLED, 400),
        ([b"Content-Length: -1"], SMUGGLED, 400),
        ([b"Content-Length: 0x5"], b"12345" + SMUGGLED, 400),
        ([b"Content-Length: 5 5"], b"12345" + SMUGGLED, 400),
        ([b"Content-Length: five"], b"12345" + SMUGGLED, 400),
        ([b"Content-Length:"], SMUGGLED, 400),
        ([b"Content-Length: 18446744073709551615"], SMUGGLED, None),
        ([b"Content-Length: 99999999999999999999999"], SMUGGLED, None),
        ([b"Host: other.example"], b"", 400),
        ([b"X-Folded: a", b" b"], b"", 400),
        ([b"X-Control: a\x01b"], b"", 400),
        ([b"X-Return: a\rb"], b"", 400),
        ([b"X-Null: a\x00b"], b"", 400),
        ([b"Bad Name: x"], b"", 400),
        ([b": x"], b"", 400),
        ([b"no colon"], b"", 400),
    ],
    ids=["two lengths", "the same length twice", "list of lengths", "length and chunked", "chunked and length",
         "chunked twice", "gzip, chunked", "identity", "unknown coding", "blank before the colon", "plus", "minus", "hex",
         "two numbers", "no number", "empty", "2^64-1", "huge", "two hosts", "folded line", "control byte", "bare return",
         "NUL", "blank in a name", "no name", "no colon"],
)
def test_a_head_that_could_be_read_in_two_ways_is_refused_and_the_connection_closed(send, headers, body, status):
    statuses = status_of(send(POST, HOST, TOKEN, TYPE, *headers, body=body, shut=False))
    assert len(statuses) == 1, f"a second request was read out of the first: {statuses}"
    assert statuses[0] == status or (status is None and statuses[0] in (400, 413))


@pytest.mark.parametrize(
    "request_text",
    ["GET {root}/Users HTTP/1.1\nHost: x\nAuthorization: Bearer {token}\n\n",
     "GET {root}/Users HTTP/1.1\r\nHost: x\r\nX-A: b\nX-B: c\r\nAuthorization: Bearer {token}\r\n\r\n",
     "GET {root}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\n\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
     "GET {root}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"],
    ids=["every line", "one header", "end of the head", "empty line"],
)
def test_a_line_that_ends_in_a_bare_line_feed_is_refused(scim, request_text):
    data = request_text.format(root=scim.root, token=scim.token).encode()
    assert status_of(scim.raw(data, shut=False)) == [400]


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(ADA), ADA), [201]),
        (b"%x;ext=1\r\n%s\r\n0\r\n\r\n" % (len(ADA), ADA), [201]),
        (b"".join(b"1\r\n%c\r\n" % byte for byte in ADA) + b"0\r\n\r\n", [201]),
        (b"zz\r\n%s\r\n0\r\n\r\n" % ADA, [400]),
        (b"-5\r\n%s\r\n0\r\n\r\n" % ADA, [400]),
        (b"fffffffffffffffff\r\n%s\r\n0\r\n\r\n" % ADA, [400, 413]),
    ],
    ids=["one chunk", "extension", "single bytes", "no number", "negative", "beyond 64 bits"],
)
def test_chunked_bodies_are_read(send, body, statuses):
    answer = send(POST, HOST, TOKEN, TYPE, b"Transfer-Encoding: chunked", CLOSE, body=body)
    assert len(status_of(answer)) == 1 and status_of(answer)[0] in statuses, answer[:200]


def test_a_body_that_is_shorter_than_announced_does_nothing(send, scim):
    assert status_of(send(POST, HOST, TOKEN, TYPE, b"Content-Length: %d" % (len(ADA) + 1), body=ADA)) in ([], [400])
    assert scim.all("/Users") == []


def test_a_body_longer_than_announced_is_no_part_of_it(send, scim):
    statuses = status_of(send(POST, HOST, TOKEN, TYPE, LENGTH, body=ADA + b"garbage"))
    assert statuses[0] == 201 and statuses[1:] in ([], [400])
    assert [user["userName"] for user in scim.all("/Users")] == ["ada"]


def test_pipelined_requests_are_answered_in_order(send, scim):
    request = POST + b"\r\n" + b"\r\n".join([HOST, TOKEN, TYPE, LENGTH]) + b"\r\n\r\n"
    request = request.replace(b"{root}", scim.root.encode()).replace(b"{token}", scim.token.encode())
    answer = scim.raw((request + ADA) * 3)
    assert status_of(answer) == [201, 409, 409]


# -- forms of the target and the method


@pytest.mark.parametrize(
    ("line", "statuses"),
    [
        (b"GET http://127.0.0.1{root}/Users HTTP/1.1", (400,)),
        (b"GET * HTTP/1.1", (400, 404)),
        (b"OPTIONS * HTTP/1.1", (400, 404, 405)),
        (b"GET {root}/Users#fragment HTTP/1.1", (400,)),
        (b"get {root}/Users HTTP/1.1", (400, 405, 501)),
        (b"G\x01T {root}/Users HTTP/1.1", (400, 405, 501)),
        (b"CONNECT {root}/Users HTTP/1.1", (400, 405)),
        (b"TRACE {root}/Users HTTP/1.1", (405,)),
        (b"GET  HTTP/1.1", (400,)),
        (b"GET {root}/Users", (400, 505)),
        (b"GET {root}/Users HTTP/2.0", (400, 505)),
        (b"GET {root}/Users HTTP/0.9", (400, 505)),
        (b"PRI * HTTP/2.0", (400, 505)),
        (b"GET {root}/Users\x00 HTTP/1.1", (400,)),
        (b"GET {root}/Us\x07ers HTTP/1.1", (400,)),
        (b"GET {root}/Users/%00 HTTP/1.1", (400,)),
        (b"GET {root}/Users/%zz HTTP/1.1", (400,)),
        (b"GET {root}/Users/%4 HTTP/1.1", (400,)),
        (b"GET {root}/Users/%ff HTTP/1.1", (400,)),
        (b"GET {root}/Users?filter=%00 HTTP/1.1", (400,)),
        (b"GET {root}/Users?filter=%c3%28 HTTP/1.1", (400,)),
        (b"GET {root}/../../etc/passwd HTTP/1.1", (400, 401, 404)),
        (b"GET {root}/Users%2F.. HTTP/1.1", (400, 404)),
        (b"GET " + b"/a" * 100 + b" HTTP/1.1", (404,)),
        (b"GET /" + b"a" * 200000 + b" HTTP/1.1", (414, 431)),
    ],
    ids=["absolute form", "asterisk", "OPTIONS *", "fragment", "method in lower case", "control byte in the method",
         "CONNECT", "TRACE", "no target", "no version", "HTTP/2.0", "HTTP/0.9", "HTTP/2 preface", "NUL", "control byte",
         "%00", "%zz", "half an escape", "invalid UTF-8", "%00 in the query", "invalid UTF-8 in the query", "dots",
         "encoded slash", "too many segments", "too long"],
)
def test_an_odd_target_or_method_is_refused(send, line, statuses):
    answer = status_of(send(line, HOST, TOKEN, CLOSE, shut=False))
    assert len(answer) <= 1 and (answer == [] or answer[0] in statuses), answer
    assert answer or statuses == (400, 505), "no answer"


def test_no_host_is_400(send):
    assert status_of(send(GET, TOKEN, CLOSE)) == [400]


def test_http_1_0_is_answered_and_closed(send):
    answer = send(b"GET {root}/ServiceProviderConfig HTTP/1.0", TOKEN, shut=False)
    assert b" 200 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize("headers", [[b"X: " + b"a" * 200000], [b"X-%d: a" % number for number in range(20000)]], ids=["long", "many"])
def test_headers_beyond_the_limit_are_431(send, headers):
    statuses = status_of(send(GET, HOST, TOKEN, *headers, CLOSE, shut=False))
    assert statuses in ([431], [413], []), statuses


def test_32_kib_of_headers_fit(send):
    assert send(GET, HOST, TOKEN, b"X: " + b"a" * 32000, CLOSE).startswith(OK)


# -- paths


def test_segments_are_decoded_once(scim):
    ada = make_user(scim, "ada")
    encoded = "".join(f"%{byte:02x}" for byte in ada["id"].encode())
    assert scim.get(f"/Users/{encoded}").expect(200).json == read(scim, ada)
    assert scim.get("/%55sers").expect(200).json["totalResults"] == 1
    scim.get(f"/Users/{encoded.replace('%', '%25')}").expect(404)


def test_an_encoded_slash_is_no_separator(scim):
    ada = make_user(scim, "ada")
    scim.get(f"/Users%2F{ada['id']}").expect(404)


def test_a_urn_in_a_path_may_be_encoded(scim):
    assert scim.get("/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser").expect(200).json["id"] == USER


def test_plus_and_percent_20_are_blanks_in_the_query(scim):
    ada = make_user(scim, "ada l")
    for query in ("userName+eq+%22ada+l%22", "userName%20eq%20%22ada%20l%22"):
        assert scim.get(f"/Users?filter={query}").expect(200).json["Resources"][0]["id"] == ada["id"]


@pytest.mark.parametrize("path", ["/Users/", "/Users/?count=1", "/Groups/", "/ServiceProviderConfig/", "/ResourceTypes/User/", "/Schemas/"])
def test_a_slash_at_the_end_is_tolerated(scim, path):
    scim.get(path).expect(200)


def test_a_slash_behind_a_resource_is_tolerated(scim):
    ada = make_user(scim, "ada")
    assert scim.get(f"{path_of(ada)}/").expect(200).json["id"] == ada["id"]
    scim.delete(f"{path_of(ada)}/").expect(204)


def test_a_slash_at_the_end_is_404_in_the_strict_profile(strict):
    strict.get("/Users/").expect(404)


@pytest.mark.parametrize("path", ["//Users", "/Users//", "/Users//x", "/", "", "/Users/a/b", "/Users/a/b/c/d/e/f"])
def test_paths_that_are_none_are_404_with_a_scim_body(scim, path):
    scim.get(f"//{scim.root.lstrip('/')}{path}").expect(404)


@pytest.mark.parametrize("path", ["//", "//x", "//x/scim", "//x/scim/v1/Users", "//x/y/z", "//favicon.ico", "//.well-known/x"])
def test_paths_below_no_tenant_are_404(scim, path):
    scim.get(path).expect(404)


# -- methods


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/Users", "GET, HEAD, POST"), ("/Users/x", "GET, HEAD, PUT, PATCH, DELETE"), ("/Schemas", "GET, HEAD"), ("/Bulk", "POST"),
     ("/ServiceProviderConfig", "GET, HEAD"), ("/ResourceTypes/User", "GET, HEAD"), ("/.search", "POST"), ("/Users/.search", "POST")],
)
def test_a_method_that_is_not_known_is_405_with_allow(scim, path, allow):
    answer = scim.request("OPTIONS", path).expect(405)
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == set(allow.replace(" ", "").split(","))
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        if method not in allow:
            scim.request(method, path, {}).expect(405)


def test_head_answers_as_get_without_the_body(scim):
    ada = make_user(scim, "ada")
    for path in (path_of(ada), "/Users", "/ServiceProviderConfig", "/Users/none"):
        get, head = scim.get(path), scim.head(path)
        assert head.status == get.status and head.content == b""
        for name in ("Content-Type", "ETag", "Content-Location", "Content-Length"):
            assert head.headers[name] == get.headers[name], name
    scim.head(path_of(ada), headers={"If-None-Match": ada["meta"]["version"]}).expect(304)


def test_head_leaves_the_connection_in_step(scim):
    make_user(scim, "ada")
    for _ in range(3):
        scim.head("/Users").expect(200)
        assert scim.get("/Users").expect(200).json["totalResults"] == 1


# -- connections and bodies


def test_a_connection_is_kept_alive_over_success_and_errors(scim):
    with socket.create_connection((scim.host, scim.port)) as stream:
        reader = stream.makefile("rb")

        def exchange(line, *headers, body=b""):
            lines = [line, HOST, TOKEN, *headers]
            head = b"\r\n".join(lines) + b"\r\n\r\n"
            stream.sendall(head.replace(b"{root}", scim.root.encode()).replace(b"{token}", scim.token.encode()) + body)
            status, length = int(reader.readline().split()[1]), 0
            while (header := reader.readline()) != b"\r\n":
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            reader.read(length)
            return status

        statuses = [exchange(GET), exchange(POST, TYPE, LENGTH, body=ADA), exchange(POST, TYPE, LENGTH, body=ADA),
                    exchange(b"GET {root}/Nothing HTTP/1.1"), exchange(POST, TYPE, b"Content-Length: 1", body=b"{"),
                    exchange(POST, b"Content-Type: image/png", b"Content-Length: 1", body=b"x"), exchange(GET)]
    assert statuses == [200, 201, 409, 404, 400, 415, 200]


def test_connection_close_is_honoured(send):
    assert b"connection: close" in send(GET, HOST, TOKEN, CLOSE, shut=False).lower()


def test_every_answer_names_its_request(scim):
    ids = {answer.headers["X-Request-Id"] for answer in (scim.get("/Users"), scim.get("/Users"), scim.get("/None"))}
    assert len(ids) == 3 and None not in ids


def test_a_body_beyond_the_limit_is_413_before_it_is_sent(send):
    answer = send(POST, HOST, TOKEN, TYPE, b"Content-Length: 1048577", b"Expect: 100-continue", shut=False)
    assert status_of(answer) == [413]


def test_expect_100_continue_is_answered(send):
    answer = send(POST, HOST, TOKEN, TYPE, LENGTH, b"Expect: 100-continue", CLOSE, body=ADA)
    assert answer.startswith(b"HTTP/1.1 100 ") and b" 201 " in answer


def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_not(scim):
    body = json.dumps({"schemas": [USER], "userName": "ada"})
    scim.post("/Users", body.ljust(1048576)).expect(201)
    scim.post("/Users", body.ljust(1048577)).expect(413)


def test_a_body_on_get_and_delete_is_ignored(send, scim):
    ada = make_user(scim, "ada")
    assert status_of(send(GET, HOST, TOKEN, TYPE, LENGTH, CLOSE, body=ADA)) == [200]
    line = f"DELETE {scim.root}{path_of(ada)} HTTP/1.1".encode()
    assert status_of(send(line, HOST, TOKEN, TYPE, LENGTH, CLOSE, body=ADA)) == [204]


def test_204_and_304_have_no_body(send, scim):
    ada = make_user(scim, "ada")
    line = f"GET {scim.root}{path_of(ada)} HTTP/1.1".encode()
    answer = send(line, HOST, TOKEN, b'If-None-Match: W/"1"', CLOSE)
    assert answer.startswith(b"HTTP/1.1 304 ") and answer.endswith(b"\r\n\r\n")
    answer = send(line.replace(b"GET", b"DELETE", 1), HOST, TOKEN, CLOSE)
    assert answer.startswith(b"HTTP/1.1 204 ") and answer.endswith(b"\r\n\r\n")


# -- slow clients


@pytest.fixture
def hasty(start_daemon, make_tenant):
    """A client of a daemon that waits a second for a whole request."""
    one = start_daemon(settings={"listen": {"request_timeout": 1, "idle_timeout": 60, "threads": 2}})
    return make_tenant(one).client()


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_client_that_sends_a_byte_now_and_then_is_cut_off(hasty, part):
    """One byte each tenth of a second keeps an idle time-out quiet; a whole request has its deadline."""
    head = f"POST {hasty.root}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hasty.token}\r\n".encode()
    if part == "body":
        head += b"Content-Type: application/scim+json\r\nContent-Length: 100000\r\n\r\n"
    with socket.create_connection((hasty.host, hasty.port)) as stream:
        stream.sendall(head)
        stream.settimeout(0.1)
        deadline = time.monotonic() + 30
        cut = False
        while not cut and time.monotonic() < deadline:
            try:
                stream.sendall(b"a")
                cut = stream.recv(1000) == b""
            except TimeoutError:
                continue
            except OSError:
                cut = True
        assert cut, "a slow client holds its connection for ever"
    hasty.get("/Users").expect(200)


def test_slow_clients_on_every_thread_do_not_keep_others_waiting(hasty):
    slow = [socket.create_connection((hasty.host, hasty.port)) for _ in range(20)]
    try:
        for stream in slow:
            stream.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Le")
        for number in range(10):
            make_user(hasty, f"user-{number}")
    finally:
        for stream in slow:
            stream.close()


def test_clients_that_hang_up_while_they_are_answered_harm_nobody(scim):
    for number in range(20):
        make_user(scim, f"user-{number}", displayName="x" * 20000)
    request = f"GET {scim.root}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {scim.token}\r\n\r\n".encode()
    for _ in range(20):
        with socket.create_connection((scim.host, scim.port)) as stream:
            stream.sendall(request * 3)
            stream.recv(1)
    assert scim.get("/Users", count=0).expect(200).json["totalResults"] == 20


# -- behind a reverse proxy

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "scim.example.com"}


@pytest.fixture
def behind_proxy(start_daemon, make_tenant):
    one = start_daemon(settings={"listen": {"trusted_proxies": ["127.0.0.1", "10.0.0.0/8"]}})
    return make_tenant(one).client()


def base_of(answer, scim):
    location = answer.expect(201).headers["Location"]
    assert location == answer.json["meta"]["location"] == answer.headers["Content-Location"]
    return location.partition(scim.root)[0]


def new(scim, name, headers):
    return base_of(scim.post("/Users", {"schemas": [USER], "userName": name}, headers=headers), scim)


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        (FORWARDED, "https://scim.example.com"),
        ({**FORWARDED, "X-Forwarded-Port": "8443"}, "https://scim.example.com:8443"),
        ({**FORWARDED, "X-Forwarded-Port": "443"}, "https://scim.example.com"),
        ({**FORWARDED, "X-Forwarded-Host": "scim.example.com:444"}, "https://scim.example.com:444"),
        ({**FORWARDED, "X-Forwarded-Host": "evil.example, scim.example.com"}, "https://scim.example.com"),
        ({"X-Forwarded-Proto": "https", "Host": "scim.example.com"}, "https://scim.example.com"),
        ({**FORWARDED, "X-Forwarded-Host": "[2001:db8::1]"}, "https://[2001:db8::1]"),
    ],
    ids=["host and scheme", "port", "default port", "port in the host", "nearest of several", "scheme alone", "IPv6"],
)
def test_urls_are_those_that_a_trusted_proxy_names(behind_proxy, headers, base):
    assert new(behind_proxy, "ada", headers) == base


def test_every_url_of_an_answer_follows_the_proxy(behind_proxy):
    scim = behind_proxy
    ada = make_user(scim, "ada")
    group = scim.post("/Groups", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "G",
                                  "members": [{"value": ada["id"]}]}, headers=FORWARDED).expect(201).json
    base = f"https://scim.example.com{scim.root}"
    assert group["members"][0]["$ref"] == f"{base}/Users/{ada['id']}"
    assert scim.get(path_of(ada), headers=FORWARDED).json["groups"][0]["$ref"] == f"{base}/Groups/{group['id']}"
    (listed,) = scim.get("/Users", headers=FORWARDED).json["Resources"]
    assert listed["meta"]["location"] == f"{base}/Users/{ada['id']}"
    assert scim.get("/ServiceProviderConfig", headers=FORWARDED).json["meta"]["location"].startswith(base)
    bulk = {"schemas": [BULK], "Operations": [{"method": "DELETE", "path": path_of(ada)}]}
    assert scim.post("/Bulk", bulk, headers=FORWARDED).json["Operations"][0]["location"].startswith(base)


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-Host": 'a"b'}, {"X-Forwarded-Host": "a b"}, {"X-Forwarded-Host": "a/b"}, {"X-Forwarded-Host": "a@b"},
     {"X-Forwarded-Proto": "javascript"}, {"X-Forwarded-Host": "x" * 300}, {"X-Forwarded-Host": "a", "X-Forwarded-Port": "x"}],
    ids=["quote", "blank", "path", "user", "scheme", "too long", "port"],
)
def test_what_could_break_out_of_a_url_is_refused(behind_proxy, headers):
    behind_proxy.post("/Users", {"schemas": [USER], "userName": "ada"}, headers=headers).expect(400)


@pytest.mark.parametrize("host", ["a/b", "a b", 'a"', "a@b", "a\\b", "<x>", "x" * 300], ids=["path", "blank", "quote", "user", "backslash", "tag", "long"])
def test_a_host_that_could_break_out_of_a_url_is_refused(scim, host):
    scim.get("/Users", headers={"Host": host}).expect(400)


def test_what_a_client_forwards_is_not_believed_without_a_trusted_proxy(scim):
    assert new(scim, "ada", {**FORWARDED, "X-Forwarded-For": "10.0.0.1"}) == f"http://127.0.0.1:{scim.port}"


def test_what_an_unknown_proxy_forwards_is_not_believed(start_daemon, make_tenant):
    one = start_daemon(settings={"listen": {"trusted_proxies": ["192.0.2.0/24"]}})
    scim = make_tenant(one).client()
    assert new(scim, "ada", FORWARDED) == f"http://127.0.0.1:{scim.port}"


def test_the_public_url_wins_over_everything(start_daemon, make_tenant):
    one = start_daemon(settings={"listen": {"public_url": "https://public.example/idp", "trusted_proxies": ["127.0.0.1"]}})
    scim = make_tenant(one).client()
    assert new(scim, "ada", FORWARDED) == "https://public.example/idp"
    assert new(scim, "ben", {}) == "https://public.example/idp"
