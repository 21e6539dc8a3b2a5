"""Versions and conditional requests: RFC 7644 section 3.14."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from bodies import create, group, user
from scimclient import patch_op


_numbers = itertools.count(1)


@pytest.fixture
def scim(library):
    """One tenant for all: each test has resources of its own."""
    return library


@pytest.fixture(params=["/Users", "/Groups"])
def made(scim, request):
    """(path, a body to replace it by, a PATCH that changes it) of a new user and a new group."""
    if request.param == "/Users":
        name = f"ada-{next(_numbers)}"
        resource = create(scim, user(name))
        change = patch_op(op="replace", path="title", value="x")
        return f"/Users/{resource['id']}", user(name, title="y"), change
    resource = create(scim, group("staff"))
    change = patch_op(op="replace", path="displayName", value="crew")
    return f"/Groups/{resource['id']}", group("team"), change


def etag(scim, path):
    answer = scim.get(path).expect(200)
    assert answer.headers["ETag"] == answer.json["meta"]["version"]
    return answer.headers["ETag"]


def test_ETag_and_meta_version_agree_and_grow(scim, made):
    path, body, change = made
    assert etag(scim, path) == 'W/"1"'
    assert scim.put(path, body).expect(200).headers["ETag"] == etag(scim, path) == 'W/"2"'
    assert scim.patch(path, change).headers["ETag"] == etag(scim, path) == 'W/"3"'


def test_POST_answers_with_an_ETag(scim):
    answer = scim.post("/Users", user("bob")).expect(201)
    assert answer.headers["ETag"] == answer.json["meta"]["version"] == 'W/"1"'


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', '*', 'W/"7", W/"1"', 'W/"7" ,"1"'])
def test_If_None_Match_with_the_version_is_304_without_a_body(scim, made, tag):
    answer = scim.get(made[0], headers={"If-None-Match": tag})
    assert answer.status == 304 and answer.content == b""
    assert answer.headers["ETag"] == 'W/"1"'
    assert scim.head(made[0], headers={"If-None-Match": tag}).status == 304


@pytest.mark.parametrize("tag", ['W/"2"', '"x"', "", "garbage", 'W/"11"', '"01x"'])
def test_If_None_Match_with_another_version_is_200(scim, made, tag):
    scim.get(made[0], headers={"If-None-Match": tag}).expect(200)


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', "*", 'W/"7", W/"1"'])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_If_Match_with_the_version_lets_a_change_through(scim, made, method, tag):
    path, body, change = made
    content = {"PUT": body, "PATCH": change, "DELETE": None}[method]
    answer = scim.request(method, path, content, headers={"If-Match": tag})
    assert answer.status in (200, 204)


@pytest.mark.parametrize("tag", ['W/"2"', '"0"', "garbage", 'W/"7", W/"8"', '"1x"'])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_If_Match_with_another_version_is_412_and_changes_nothing(scim, made, method, tag):
    path, body, change = made
    before = scim.get(path).json
    content = {"PUT": body, "PATCH": change, "DELETE": None}[method]
    scim.request(method, path, content, headers={"If-Match": tag}).expect(412)
    assert scim.get(path).json == before


def test_an_old_version_is_412_after_a_change(scim, made):
    path, body, change = made
    old = etag(scim, path)
    assert scim.patch(path, change, headers={"If-Match": old}).status in (200, 204)
    scim.put(path, body, headers={"If-Match": old}).expect(412)
    scim.patch(path, change, headers={"If-Match": old}).expect(412)
    scim.delete(path, headers={"If-Match": old}).expect(412)
    scim.delete(path, headers={"If-Match": etag(scim, path)}).expect(204)


@pytest.mark.parametrize("tag", ['W/"1"', "*", 'W/"1", W/"2"'])
def test_a_condition_on_what_does_not_exist_is_404(scim, tag):
    for path in ("/Users/none", "/Groups/none"):
        scim.delete(path, headers={"If-Match": tag}).expect(404)
        scim.patch(path, patch_op(op="remove", path="externalId"), headers={"If-Match": tag}).expect(404)


def test_a_change_of_nothing_keeps_version_and_time(scim):
    made = create(scim, user("cyd", title="x", emails=[{"value": "a@x", "type": "work"}]))
    path = f"/Users/{made['id']}"
    for change in (
        {"op": "replace", "path": "title", "value": "x"},
        {"op": "add", "path": "title", "value": "x"},
        {"op": "add", "path": "emails", "value": [{"value": "a@x", "type": "work"}]},
        {"op": "add", "value": {"title": "x"}},
        {"op": "remove", "path": "nickName"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@x"},
    ):
        answer = scim.patch(path, patch_op(change)).expect(200)
        assert answer.json == made, change
    assert scim.put(path, made).expect(200).json["meta"] == made["meta"]


def test_a_change_of_members_changes_the_version_of_the_group_only(scim):
    ada = create(scim, user("dan"))
    staff = f"/Groups/{create(scim, group('staff'))['id']}"
    body = patch_op(op="add", path="members", value=[{"value": ada["id"]}])
    scim.patch(staff, body).expect(204)
    assert etag(scim, staff) == 'W/"2"'
    scim.patch(staff, body).expect(204)
    assert etag(scim, staff) == 'W/"2"'
    assert scim.get(f"/Users/{ada['id']}").json["meta"]["version"] == 'W/"1"'


@pytest.mark.threads
def test_of_many_writers_with_one_version_one_wins(scim):
    path = f"/Users/{create(scim, user('eve'))['id']}"

    def write(number):
        body = patch_op(op="replace", path="title", value=f"t{number}")
        return scim.patch(path, body, headers={"If-Match": 'W/"1"'}).status

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == [200] + [412] * 7
    assert etag(scim, path) == 'W/"2"'
