"""Pages by index and by cursor (RFC 9865), totals and sorting."""

import base64
import hashlib
import hmac
import struct

import pytest

from bodies import create, group, user
from scimclient import ENTERPRISE, SEARCH, USER, patch_op

COUNT = 25


@pytest.fixture(scope="module")
def people(library):
    """25 users, made in an order that is not that of their names; 5 have no title."""
    for number in range(COUNT):
        key = (number * 7) % COUNT
        title = {} if key % 5 == 0 else {"title": f"{'aA'[key % 2]}-{key % 3}"}
        create(library, user(f"user-{key:02}", active=key % 2 == 0, **title))
    return library


def page(scim, **parameters):
    answer = scim.get("/Users", **parameters).expect(200).json
    for number in ("totalResults", "itemsPerPage"):
        assert type(answer[number]) is int, number
    assert answer["itemsPerPage"] == len(answer["Resources"])
    return answer


def listed(answer):
    return [resource["userName"] for resource in answer["Resources"]]


def everybody():
    return [f"user-{number:02}" for number in range(COUNT)]


# -- by index


@pytest.mark.parametrize("name", ["count", "startIndex", "sortBy", "sortOrder", "filter"])
def test_an_empty_parameter_is_an_absent_one(people, name):
    assert page(people, **{name: ""}) == page(people)


def test_an_empty_sortOrder_of_a_search_request_is_an_absent_one(people):
    search = {"schemas": [SEARCH], "sortBy": "userName", "sortOrder": ""}
    assert listed(people.post("/Users/.search", search).expect(200).json) == everybody()


def test_a_list_has_total_start_and_items_as_integers(people):
    answer = page(people)
    assert answer["totalResults"] == COUNT and answer["startIndex"] == 1 and answer["itemsPerPage"] == COUNT


def test_the_total_counts_all_matches_not_the_page(people):
    answer = page(people, filter="active eq true", count=2)
    assert answer["totalResults"] == 13 and answer["itemsPerPage"] == 2


def test_pages_put_together_are_everybody_once_in_a_stable_order(people):
    whole = listed(page(people))
    for size in (1, 4, 10, 25, 100):
        parts = [name for start in range(1, COUNT + 1, size)
                 for name in listed(page(people, startIndex=start, count=size))]
        assert parts == whole, size
    assert sorted(whole) == everybody()


def test_count_0_gives_the_total_and_no_resources(people):
    answer = page(people, count=0)
    assert answer["totalResults"] == COUNT and answer["Resources"] == []


@pytest.mark.parametrize("count", [-1, -1000, -9223372036854775808])
def test_a_negative_count_counts_as_0(people, count):
    answer = page(people, count=count)
    assert answer["totalResults"] == COUNT and answer["Resources"] == []


@pytest.mark.parametrize("start", [0, -1, -9223372036854775808])
def test_a_startIndex_below_1_counts_as_1(people, start):
    answer = page(people, startIndex=start, count=3)
    assert answer == page(people, startIndex=1, count=3) and answer["startIndex"] == 1


@pytest.mark.parametrize("start", [COUNT + 1, 1000, 9223372036854775807])
def test_a_startIndex_past_the_end_gives_an_empty_page(people, start):
    answer = page(people, startIndex=start, count=10)
    assert answer["totalResults"] == COUNT and answer["Resources"] == []


def test_the_last_page_holds_what_is_left(people):
    answer = page(people, startIndex=21, count=10)
    assert answer["itemsPerPage"] == 5 and answer["startIndex"] == 21


def test_startIndex_and_count_work_alone(people):
    assert page(people, startIndex=1)["itemsPerPage"] == COUNT
    assert page(people, count=1)["itemsPerPage"] == 1
    assert page(people, startIndex=COUNT)["itemsPerPage"] == 1


def test_parameter_names_have_no_case(people):
    assert page(people, startindex=25, COUNT=10)["itemsPerPage"] == 1


@pytest.mark.parametrize("text", ["x", "1x", "1.5", " ", "99999999999999999999", "0x10", "--1"])
@pytest.mark.parametrize("name", ["startIndex", "count"])
def test_a_number_that_is_none_is_invalidValue(people, name, text):
    answer = people.get("/Users", **{name: text}).expect(400, "invalidValue")
    assert name in answer.json["detail"]


def test_a_page_is_never_larger_than_published(start_daemon, make_tenant):
    one = start_daemon(settings={"limits": {"page_default": 2, "page_max": 3}})
    scim = make_tenant(one).client()
    for number in range(5):
        create(scim, user(f"u{number}"))
    assert page(scim)["itemsPerPage"] == 2
    assert page(scim, count=5)["itemsPerPage"] == 3
    config = scim.get("/ServiceProviderConfig").json
    assert config["filter"]["maxResults"] == 3
    assert config["pagination"]["maxPageSize"] == 3 and config["pagination"]["defaultPageSize"] == 2
    assert len(scim.all("/Users")) == 5


def test_a_list_of_nobody_is_empty(scim):
    for path in ("/Users", "/Groups"):
        answer = scim.get(path).expect(200).json
        assert answer["totalResults"] == 0 and answer["Resources"] == [] and answer["itemsPerPage"] == 0


# -- by cursor


def walk(scim, path="/Users", **parameters):
    """All pages by cursor: a list of lists of names."""
    pages, cursor = [], ""
    while cursor is not None:
        answer = scim.get(path, cursor=cursor, **parameters).expect(200).json
        assert "startIndex" not in answer
        assert answer["itemsPerPage"] == len(answer["Resources"])
        pages.append([one.get("userName", one.get("displayName")) for one in answer["Resources"]])
        cursor = answer.get("nextCursor")
        assert cursor != ""
    return pages


@pytest.mark.parametrize("size", [1, 7, 25, 100])
def test_cursors_lead_through_everybody_once(people, size):
    pages = walk(people, count=size)
    assert [name for one in pages for name in one] == listed(page(people))
    assert [len(one) for one in pages[:-1]] == [size] * (len(pages) - 1)
    assert pages[-1] != [] and len(pages) == -(-COUNT // size)


def test_the_last_page_has_no_nextCursor(people):
    assert "nextCursor" not in people.get("/Users", cursor="", count=COUNT).json
    assert "nextCursor" in people.get("/Users", cursor="", count=COUNT - 1).json


def test_without_a_cursor_parameter_there_is_no_nextCursor(people):
    assert "nextCursor" not in people.get("/Users", count=1).json


def test_a_cursor_keeps_the_total(people):
    answer = people.get("/Users", cursor="", count=10).json
    assert answer["totalResults"] == COUNT
    assert people.get("/Users", cursor=answer["nextCursor"], count=10).json["totalResults"] == COUNT


def test_a_cursor_works_with_a_filter_and_a_sort(people):
    expected = [name for name in everybody() if int(name[-2:]) % 2 == 0]
    pages = walk(people, filter="active eq true", sortBy="userName", count=4)
    assert [name for one in pages for name in one] == expected
    pages = walk(people, filter="active eq true", sortBy="userName", sortOrder="descending", count=4)
    assert [name for one in pages for name in one] == expected[::-1]


def test_a_cursor_works_where_values_are_alike_or_absent(people):
    for order in ("ascending", "descending"):
        whole = listed(page(people, sortBy="title", sortOrder=order))
        pages = walk(people, sortBy="title", sortOrder=order, count=3)
        assert [name for one in pages for name in one] == whole


def test_the_page_size_may_change_on_the_way(people):
    first = people.get("/Users", cursor="", count=3).json
    second = people.get("/Users", cursor=first["nextCursor"], count=50).expect(200).json
    assert listed(first) + listed(second) == listed(page(people))


def test_a_cursor_may_be_used_again(people):
    first = people.get("/Users", cursor="", count=3).json
    answers = [people.get("/Users", cursor=first["nextCursor"], count=3).expect(200).json for _ in range(2)]
    assert listed(answers[0]) == listed(answers[1])


def test_count_0_with_a_cursor_gives_the_total(people):
    answer = people.get("/Users", cursor="", count=0).expect(200).json
    assert answer["totalResults"] == COUNT and answer["Resources"] == []


def test_search_pages_by_cursor(people):
    found, cursor = [], ""
    while cursor is not None:
        body = {"schemas": [SEARCH], "cursor": cursor, "count": 10, "sortBy": "userName"}
        answer = people.post("/Users/.search", body).expect(200).json
        found += listed(answer)
        cursor = answer.get("nextCursor")
    assert found == everybody()


def test_a_cursor_over_several_types_meets_each_resource_once(scim):
    for number in range(4):
        create(scim, user(f"u{number}"))
        create(scim, group(f"g{number}"))
    found, cursor = [], ""
    while cursor is not None:
        answer = scim.post("/.search", {"schemas": [SEARCH], "cursor": cursor, "count": 3}).expect(200).json
        found += [one["id"] for one in answer["Resources"]]
        cursor = answer.get("nextCursor")
    assert len(found) == len(set(found)) == 8


def test_resources_that_come_or_go_between_pages_neither_repeat_nor_hide_others(scim):
    made = [create(scim, user(f"u{number}")) for number in range(6)]
    first = scim.get("/Users", cursor="", count=3).json
    scim.delete(f"/Users/{made[0]['id']}").expect(204)
    scim.delete(f"/Users/{made[2]['id']}").expect(204)  # the one the cursor stands on
    create(scim, user("late"))
    second = scim.get("/Users", cursor=first["nextCursor"], count=10).expect(200).json
    assert listed(first) + listed(second) == ["u0", "u1", "u2", "u3", "u4", "u5", "late"]


def test_a_cursor_survives_a_restart(start_daemon, make_tenant):
    one = start_daemon()
    scim = make_tenant(one).client()
    for number in range(4):
        create(scim, user(f"u{number}"))
    first = scim.get("/Users", cursor="", count=2).json
    scim.close()
    one.restart()
    second = scim.get("/Users", cursor=first["nextCursor"], count=2).expect(200).json
    assert listed(second) == ["u2", "u3"]


# -- errors of cursors


@pytest.fixture
def cursor(people):
    return people.get("/Users", cursor="", count=3).json["nextCursor"]


def flip(text, at):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]


def test_a_forged_cursor_is_invalidCursor(people, cursor):
    for at in (0, len(cursor) // 2, len(cursor) - 2):
        people.get("/Users", cursor=flip(cursor, at), count=3).expect(400, "invalidCursor")


@pytest.mark.parametrize("text", ["x", "42", "AAAA", "A" * 10000, "a+b/", "\u00e9", "null", " "])
def test_what_is_no_cursor_is_invalidCursor(people, text):
    people.get("/Users", cursor=text).expect(400, "invalidCursor")


def test_a_cut_cursor_is_invalidCursor(people, cursor):
    for length in (1, len(cursor) // 2, len(cursor) - 1):
        people.get("/Users", cursor=cursor[:length]).expect(400, "invalidCursor")


@pytest.mark.parametrize(
    "other",
    [{"filter": "active eq true"}, {"sortBy": "userName"}, {"sortOrder": "descending", "sortBy": "id"}],
    ids=["filter", "sort", "order"],
)
def test_a_cursor_of_another_query_is_invalidCursor(people, cursor, other):
    people.get("/Users", cursor=cursor, **other).expect(400, "invalidCursor")


def test_a_cursor_of_another_type_is_invalidCursor(people, cursor):
    people.get("/Groups", cursor=cursor).expect(400, "invalidCursor")
    people.post("/.search", {"schemas": [SEARCH], "cursor": cursor}).expect(400, "invalidCursor")


def test_a_cursor_of_another_tenant_is_invalidCursor(scim, cursor):
    create(scim, user("ada"))
    scim.get("/Users", cursor=cursor).expect(400, "invalidCursor")


def test_cursor_and_startIndex_exclude_each_other(people, cursor):
    people.get("/Users", cursor=cursor, startIndex=1).expect(400, "invalidCursor")


@pytest.mark.parametrize("count", [-1, -100])
def test_a_negative_count_with_a_cursor_is_invalidCount(people, cursor, count):
    people.get("/Users", cursor=cursor, count=count).expect(400, "invalidCount")
    people.get("/Users", cursor="", count=count).expect(400, "invalidCount")


def hkdf(secret, label):
    """HKDF-SHA-256 (RFC 5869) without salt, one block."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, label + b"\x01", "sha256")


def test_an_expired_cursor_is_expiredCursor(daemon, people, cursor):
    """The clock cannot be asked to wait, so the test signs an old cursor with the server's own key.

    What is signed: the digest of the query, then version, part, has-a-key (a byte each), expiry in
    microseconds, total, number and row (8 bytes each)."""
    secret = bytes.fromhex((daemon.directory / "data" / "secret.key").read_text().strip())
    key = hkdf(secret, b"scimd cursors 1")
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    payload, mac = raw[:-16], raw[-16:]
    digest = next(
        (candidate for candidate in query_digests() if hmac.digest(key, candidate + payload, "sha256")[:16] == mac),
        None,
    )
    assert digest is not None, "this test no longer knows what a cursor signs"
    old = payload[:3] + struct.pack(">q", 1) + payload[11:]
    forged = base64.urlsafe_b64encode(old + hmac.digest(key, digest + old, "sha256")[:16]).rstrip(b"=").decode()
    people.get("/Users", cursor=forged, count=3).expect(400, "expiredCursor")


def query_digests():
    """Digests of the plain list of users, for each number that the tenant may have."""
    for tenant in range(1, 10000):
        yield hashlib.sha256(f"{tenant}\n\n\n0\n1,".encode()).digest()


# -- sorting


def test_sortBy_sorts_ascending_and_descending(people):
    assert listed(page(people, sortBy="userName")) == everybody()
    assert listed(page(people, sortBy="userName", sortOrder="ascending")) == everybody()
    assert listed(page(people, sortBy="userName", sortOrder="descending")) == everybody()[::-1]
    assert listed(page(people, sortBy="USERNAME", sortOrder="Descending")) == everybody()[::-1]


def test_a_sort_ignores_case_where_the_attribute_does(scim):
    for name in ("b", "A", "c", "B2", "a1"):
        create(scim, user(name, externalId=name))
    assert listed(page(scim, sortBy="userName")) == ["A", "a1", "b", "B2", "c"]
    assert listed(page(scim, sortBy="externalId")) == ["A", "B2", "a1", "b", "c"]


def test_what_lacks_the_attribute_comes_last_ascending_and_first_descending(people):
    ascending = page(people, sortBy="title")["Resources"]
    assert ["title" in one for one in ascending] == [True] * 20 + [False] * 5
    titles = [one["title"].lower() for one in ascending[:20]]
    assert titles == sorted(titles)
    descending = page(people, sortBy="title", sortOrder="descending")["Resources"]
    assert ["title" in one for one in descending] == [False] * 5 + [True] * 20
    titles = [one["title"].lower() for one in descending[5:]]
    assert titles == sorted(titles, reverse=True)


def test_a_multi_valued_attribute_sorts_by_its_primary_value(scim):
    create(scim, user("one", emails=[{"value": "z@x"}, {"value": "b@x", "primary": True}]))
    create(scim, user("two", emails=[{"value": "c@x"}, {"value": "a@x"}]))
    create(scim, user("three", emails=[{"value": "a@x", "primary": True}, {"value": "q@x"}]))
    create(scim, user("four"))
    expected = ["three", "one", "two", "four"]
    assert listed(page(scim, sortBy="emails")) == expected
    assert listed(page(scim, sortBy="emails.value")) == expected
    assert listed(page(scim, sortBy="emails.value", sortOrder="descending")) == expected[::-1]


@pytest.mark.parametrize(
    "path",
    ["name.familyName", f"{USER}:name.familyName", f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager.value",
     "active", "externalId", "profileUrl"],
)
def test_every_kind_of_attribute_sorts(scim, path):
    values = {
        "name.familyName": [{"name": {"familyName": text}} for text in "abc"],
        f"{USER}:name.familyName": [{"name": {"familyName": text}} for text in "aBc"],
        f"{ENTERPRISE}:manager.value": [{ENTERPRISE: {"manager": {"value": text}}} for text in "Bab"],
        f"{ENTERPRISE}:department": [{ENTERPRISE: {"department": text}} for text in "abc"],
        "active": [{"active": False}, {"active": True}, {}],
        "externalId": [{"externalId": text} for text in "abc"],
        "profileUrl": [{"profileUrl": f"https://{text}"} for text in "abc"],
    }[path]
    for number in (2, 0, 1):
        create(scim, user(f"u{number}", **values[number]))
    assert listed(page(scim, sortBy=path)) == ["u0", "u1", "u2"]


def test_times_and_ids_sort(people):
    for path, key in (("meta.created", lambda one: one["meta"]["created"]), ("id", lambda one: one["id"])):
        found = [key(one) for one in page(people, sortBy=path)["Resources"]]
        assert found == sorted(found), path


def test_a_sorted_list_pages_like_an_unsorted_one(people):
    parts = [name for start in range(1, COUNT + 1, 4)
             for name in listed(page(people, startIndex=start, count=4, sortBy="title"))]
    assert parts == listed(page(people, sortBy="title"))


def test_a_change_moves_a_resource_in_the_order(scim):
    first = create(scim, user("a", title="1"))
    create(scim, user("b", title="2"))
    scim.patch(f"/Users/{first['id']}", patch_op(op="replace", path="title", value="3")).expect(200)
    assert listed(page(scim, sortBy="title")) == ["b", "a"]
    scim.patch(f"/Users/{first['id']}", patch_op(op="remove", path="title")).expect(200)
    assert listed(page(scim, sortBy="title")) == ["b", "a"]


@pytest.mark.parametrize("path", ["colour", "name", "name.colour", "password", "addresses", "groups", "["])
def test_what_cannot_be_sorted_by_is_refused(people, path):
    people.get("/Users", sortBy=path).expect(400)


@pytest.mark.parametrize("order", ["up", "asc", "descending "])
def test_an_unknown_sortOrder_is_invalidValue(people, order):
    people.get("/Users", sortBy="userName", sortOrder=order).expect(400, "invalidValue")
