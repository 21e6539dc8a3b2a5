"""POST /Bulk: references in every direction, failOnErrors, limits, and every form of error."""

import pytest

from people import found, ids_of, make_group, make_user, member_ids, memberships, path_of, read, reference, references
from scimclient import BULK, ENTERPRISE, ERROR, GROUP, PATCH_OP, USER, patch_op

RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"


def bulk(*operations, **members):
    return {"schemas": [BULK], "Operations": list(operations), **members}


def run(scim, *operations, **members):
    """The results of a bulk request, which answers 200 whatever became of its operations."""
    answer = scim.post("/Bulk", bulk(*operations, **members)).expect(200).json
    assert answer["schemas"] == [RESPONSE]
    return answer["Operations"]


def new_user(name, bulk_id=None, **attributes):
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id or name,
            "data": {"schemas": [USER], "userName": name, **attributes}}


def new_group(name, *members, bulk_id=None):
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id or name,
            "data": {"schemas": [GROUP], "displayName": name, "members": [reference(one) for one in members]}}


def statuses(results):
    return [one["status"] for one in results]


def created(scim, result):
    assert result["status"] == "201", result
    return scim.get(result["location"]).expect(200).json


def refused(result, status, scim_type=None):
    """The error of a result: its status is a string, its error body is under response."""
    assert result["status"] == str(status), result
    error = result["response"]
    assert error["schemas"] == [ERROR] and error["status"] == str(status) and error["detail"]
    assert error.get("scimType") == scim_type, error
    return error


# -- what an operation does, and what its result says


def test_each_operation_has_one_result_in_the_order_of_the_request(scim):
    ben, cleo, dora = (make_user(scim, name) for name in ("ben", "cleo", "dora"))
    results = run(
        scim,
        new_user("ada", "a"),
        {"method": "PUT", "path": path_of(ben), "data": {"schemas": [USER], "userName": "benjamin"}},
        {"method": "PATCH", "path": path_of(cleo), "data": patch_op(op="replace", path="title", value="Dr")},
        {"method": "DELETE", "path": path_of(dora)},
    )
    assert [one["method"] for one in results] == ["POST", "PUT", "PATCH", "DELETE"]
    assert statuses(results) == ["201", "200", "200", "204"]
    assert created(scim, results[0])["userName"] == "ada"
    assert read(scim, ben)["userName"] == "benjamin"
    assert read(scim, cleo)["title"] == "Dr"
    scim.get(path_of(dora)).expect(404)


def test_a_result_names_bulk_id_location_and_version(scim):
    ben = make_user(scim, "ben")
    results = run(
        scim,
        new_user("ada", "the first"),
        {"method": "PATCH", "path": path_of(ben), "bulkId": "x", "data": patch_op(op="add", path="title", value="Dr")},
    )
    ada = created(scim, results[0])
    assert results[0]["bulkId"] == "the first" and results[1]["bulkId"] == "x"
    assert results[0]["location"] == ada["meta"]["location"]
    assert results[0]["version"] == ada["meta"]["version"]
    assert results[1]["location"] == ben["meta"]["location"]
    assert results[1]["version"] == read(scim, ben)["meta"]["version"] != ben["meta"]["version"]


def test_a_deletion_names_its_location(scim):
    ben = make_user(scim, "ben")
    (result,) = run(scim, {"method": "DELETE", "path": path_of(ben)})
    assert result["location"] == ben["meta"]["location"]


def test_methods_and_names_are_read_without_regard_to_case(scim):
    answer = scim.post("/Bulk", {"schemas": [BULK.upper()], "operations": [
        {"Method": "post", "Path": "/Users", "BulkId": "a", "Data": {"schemas": [USER], "userName": "ada"}}
    ]}).expect(200).json
    assert statuses(answer["Operations"]) == ["201"]


def test_an_empty_list_of_operations_has_no_results(scim):
    assert run(scim) == []


def test_one_operation_that_fails_leaves_the_others(scim):
    make_user(scim, "taken")
    results = run(scim, new_user("ada"), new_user("Taken"), new_user("ben"))
    assert statuses(results) == ["201", "409", "201"]
    assert found(scim, "/Users", 'userName eq "ben"')


# -- references


def test_a_reference_backwards_is_resolved(scim):
    results = run(scim, new_user("ada"), new_group("Staff", "bulkId:ada"))
    ada, staff = (created(scim, one) for one in results)
    assert member_ids(scim, staff) == ids_of(ada)
    assert memberships(scim, ada) == {"Staff": "direct"}


def test_a_reference_forwards_is_resolved(scim):
    results = run(scim, new_group("Staff", "bulkId:ada", "bulkId:ben"), new_user("ada"), new_user("ben"))
    staff, ada, ben = (created(scim, one) for one in results)
    assert member_ids(scim, staff) == ids_of(ada, ben)


def test_a_reference_in_a_path_is_resolved(scim):
    results = run(
        scim,
        {"method": "PATCH", "path": "/Groups/bulkId:staff",
         "data": patch_op(op="add", path="members", value=references("bulkId:ada"))},
        new_user("ada"), new_group("Staff", bulk_id="staff"),
        {"method": "PUT", "path": "/Users/bulkId:ada", "data": {"schemas": [USER], "userName": "countess"}},
    )
    assert statuses(results) == ["200", "201", "201", "200"]
    ada, staff = created(scim, results[1]), created(scim, results[2])
    assert member_ids(scim, staff) == ids_of(ada)
    assert ada["userName"] == "countess"
    assert results[0]["location"] == staff["meta"]["location"]


def test_a_reference_in_a_patch_path_is_resolved(scim):
    ben = make_user(scim, "ben")
    results = run(
        scim, new_user("ada"), new_group("Staff", "bulkId:ada", ben, bulk_id="staff"),
        {"method": "PATCH", "path": "/Groups/bulkId:staff",
         "data": patch_op(op="remove", path='members[value eq "bulkId:ada"]')},
    )
    assert statuses(results) == ["201", "201", "200"]
    assert member_ids(scim, created(scim, results[1])) == ids_of(ben)


def test_a_reference_outside_of_members_is_resolved(scim):
    results = run(
        scim,
        new_user("ada", schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"manager": {"value": "bulkId:boss"}}}),
        new_user("boss"),
    )
    ada, boss = (created(scim, one) for one in results)
    assert ada[ENTERPRISE]["manager"]["value"] == boss["id"]


@pytest.mark.parametrize("profile", ["auto", "strict"])
def test_groups_that_name_each_other_are_created_in_every_profile(tenant, profile):
    scim = tenant.client(profile=profile)
    results = run(
        scim, new_group("One", "bulkId:Two", "bulkId:ada"), new_group("Two", "bulkId:Three"),
        new_group("Three", "bulkId:One"), new_user("ada"),
    )
    assert statuses(results) == ["201"] * 4
    one, two, three, ada = (created(scim, result) for result in results)
    assert member_ids(scim, one) == ids_of(two, ada)
    assert member_ids(scim, two) == ids_of(three)
    assert member_ids(scim, three) == ids_of(one)
    assert [result["version"] for result in results] == [
        one["meta"]["version"], two["meta"]["version"], three["meta"]["version"], ada["meta"]["version"]
    ], "a version in the answer is out of date"


def test_people_who_manage_each_other_are_created(scim):
    def person(name, boss):
        return new_user(name, schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"manager": {"value": f"bulkId:{boss}"}}})

    ada, ben = (created(scim, one) for one in run(scim, person("ada", "ben"), person("ben", "ada")))
    assert ada[ENTERPRISE]["manager"]["value"] == ben["id"]
    assert ben[ENTERPRISE]["manager"]["value"] == ada["id"]


def test_a_group_that_names_itself_by_bulk_id_is_refused(scim):
    (result,) = run(scim, new_group("Self", "bulkId:Self"))
    refused(result, 400, "invalidValue")
    assert scim.all("/Groups") == []


def test_a_circle_with_a_bad_group_is_refused_as_a_whole(scim):
    results = run(scim, new_group("One", "bulkId:Two"),
                  {**new_group("Two", "bulkId:One"), "data": {"schemas": [GROUP], "members": references("bulkId:One")}})
    refused(results[1], 400, "invalidValue")
    refused(results[0], 409)
    assert scim.all("/Groups") == []


def test_a_reference_to_nothing_fails_its_operation_alone(scim):
    results = run(scim, new_group("Staff", "bulkId:nobody"), new_user("ada"))
    assert "nobody" in refused(results[0], 400, "invalidValue")["detail"]
    assert results[1]["status"] == "201"
    assert scim.all("/Groups") == []


def test_a_reference_to_what_could_not_be_created_fails_with_it(scim):
    make_user(scim, "taken")
    results = run(scim, new_group("Staff", "bulkId:t"), new_user("taken", "t"), new_group("Others", "bulkId:Staff"))
    refused(results[1], 409, "uniqueness")
    refused(results[0], 409)
    refused(results[2], 409)
    assert scim.all("/Groups") == []


def test_a_long_chain_of_references_is_resolved(scim):
    names = [f"g{number}" for number in range(100)]
    results = run(scim, *(
        new_group(name, *([f"bulkId:{names[number + 1]}"] if number < 99 else []))
        for number, name in enumerate(names)
    ))
    assert set(statuses(results)) == {"201"}
    first, second = created(scim, results[0]), created(scim, results[1])
    assert member_ids(scim, first) == ids_of(second)


def test_a_bulk_id_used_twice_is_refused(scim):
    results = run(scim, new_user("ada", "same"), new_user("ben", "same"))
    assert results[0]["status"] == "201"
    refused(results[1], 400, "invalidValue")


def test_text_that_only_looks_like_a_reference_elsewhere_stays(scim):
    results = run(scim, new_user("ada", displayName="see bulkId:ada", nickName="x bulkId:"))
    ada = created(scim, results[0])
    assert ada["displayName"] == "see bulkId:ada" and ada["nickName"] == "x bulkId:"


# -- failOnErrors


def test_fail_on_errors_stops_after_that_many(scim):
    make_user(scim, "taken")
    operations = [new_user("ada"), new_user("taken", "1"), new_user("ben"), new_user("taken", "2"), new_user("cleo")]
    assert statuses(run(scim, *operations, failOnErrors=2)) == ["201", "409", "201", "409"]
    assert found(scim, "/Users", 'userName eq "cleo"') == set()
    assert found(scim, "/Users", 'userName eq "ben"') != set()


def test_fail_on_errors_1_stops_at_the_first(scim):
    make_user(scim, "taken")
    assert statuses(run(scim, new_user("taken"), new_user("ada"), failOnErrors=1)) == ["409"]
    assert found(scim, "/Users", 'userName eq "ada"') == set()


def test_without_fail_on_errors_all_operations_are_tried(scim):
    make_user(scim, "taken")
    results = run(scim, *(new_user("taken", str(number)) for number in range(5)), new_user("ada"))
    assert statuses(results) == ["409"] * 5 + ["201"]


@pytest.mark.parametrize("value", [0, -1, "2", 1.5, True, []], ids=repr)
def test_fail_on_errors_must_be_a_positive_integer(scim, value):
    scim.post("/Bulk", bulk(new_user("ada"), failOnErrors=value)).expect(400)
    assert scim.all("/Users") == []


# -- the request as a whole


@pytest.mark.parametrize(
    "body",
    [{"Operations": []}, {"schemas": [], "Operations": []}, {"schemas": [PATCH_OP], "Operations": []},
     {"schemas": BULK, "Operations": []}, {"schemas": [BULK]}, {"schemas": [BULK], "Operations": {}},
     {"schemas": [BULK], "Operations": None}, [], "text", 7, None],
    ids=["no schemas", "empty schemas", "another URN", "schemas is text", "no operations", "object", "null",
         "list", "string", "number", "nothing"],
)
def test_what_is_no_bulk_request_is_refused_as_a_whole(scim, body):
    scim.post("/Bulk", body if body is None or isinstance(body, (dict, list)) else f'"{body}"').expect(400)


def test_broken_json_is_refused_with_its_place(scim):
    answer = scim.post("/Bulk", b'{"schemas":["' + BULK.encode() + b'"],"Operations":[}').expect(400, "invalidSyntax")
    assert any(character.isdigit() for character in answer.json["detail"])


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_only_post_is_allowed(scim, method):
    answer = scim.request(method, "/Bulk", bulk() if method != "GET" else None).expect(405)
    assert answer.headers["Allow"] == "POST"


def test_bulk_without_a_token_is_401(scim):
    scim.with_token(None).post("/Bulk", bulk(new_user("ada"))).expect(401)


# -- limits


@pytest.fixture(scope="module")
def small_limits(tmp_path_factory):
    """A daemon with small limits for bulk, that the tests of limits share."""
    from daemon import Daemon

    one = Daemon(tmp_path_factory.mktemp("bulk"), settings={
        "limits": {"bulk_operations": 3, "bulk_bytes": 4096, "body_bytes": 65536}
    }).start()
    yield one
    one.stop()


def test_the_limits_are_published_as_numbers(small_limits, make_tenant):
    published = make_tenant(small_limits).client().get("/ServiceProviderConfig").expect(200).json["bulk"]
    assert published == {"supported": True, "maxOperations": 3, "maxPayloadSize": 4096}


def test_too_many_operations_are_413_and_none_is_done(small_limits, make_tenant):
    scim = make_tenant(small_limits).client()
    scim.post("/Bulk", bulk(*(new_user(f"u{number}") for number in range(4)))).expect(413)
    assert scim.all("/Users") == []
    assert statuses(run(scim, *(new_user(f"u{number}") for number in range(3)))) == ["201"] * 3


def test_too_large_a_body_is_413_and_nothing_is_done(small_limits, make_tenant):
    scim = make_tenant(small_limits).client()
    scim.post("/Bulk", bulk(new_user("ada", displayName="x" * 4096))).expect(413)
    scim.close()
    assert scim.all("/Users") == []
    scim.post("/Users", {"schemas": [USER], "userName": "ada", "displayName": "x" * 8192}).expect(201)


def test_the_largest_body_allowed_is_taken(small_limits, make_tenant):
    import json

    scim = make_tenant(small_limits).client()
    body = json.dumps(bulk(new_user("ada")))
    scim.post("/Bulk", body + " " * (4096 - len(body))).expect(200)
    scim.post("/Bulk", body + " " * (4097 - len(body))).expect(413)


def test_a_chunked_body_beyond_the_limit_is_413(small_limits, make_tenant):
    scim = make_tenant(small_limits).client()
    head = (f"POST {scim.root}/Bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {scim.token}\r\n"
            "Content-Type: application/scim+json\r\nTransfer-Encoding: chunked\r\n\r\n")
    answer = scim.raw(head.encode() + b"1388\r\n" + b" " * 5000 + b"\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]


# -- every form of error of an operation

ADA = {"schemas": [USER], "userName": "ada"}


@pytest.mark.parametrize(
    ("operation", "status", "scim_type"),
    [
        ({"path": "/Users", "bulkId": "1", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "GET", "path": "/Users", "bulkId": "1"}, 400, "invalidSyntax"),
        ({"method": "BREW", "path": "/Users", "bulkId": "1", "data": ADA}, 400, "invalidSyntax"),
        ({"method": 7, "path": "/Users", "bulkId": "1", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "POST", "path": "/Users", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "POST", "path": "/Users", "bulkId": 7, "data": ADA}, 400, "invalidSyntax"),
        ({"method": "POST", "path": "/Users", "bulkId": "x" * 200, "data": ADA}, 400, "invalidValue"),
        ({"method": "POST", "bulkId": "1", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "POST", "path": 7, "bulkId": "1", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "POST", "path": "/Users/x", "bulkId": "1", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "POST", "path": "/Things", "bulkId": "1", "data": ADA}, 404, None),
        ({"method": "POST", "path": "/", "bulkId": "1", "data": ADA}, 404, None),
        ({"method": "POST", "path": "/Bulk", "bulkId": "1", "data": {"schemas": [BULK]}}, 404, None),
        ({"method": "POST", "path": "/Users", "bulkId": "1"}, 400, "invalidSyntax"),
        ({"method": "POST", "path": "/Users", "bulkId": "1", "data": []}, 400, "invalidSyntax"),
        ({"method": "POST", "path": "/Users", "bulkId": "1", "data": {"schemas": [USER]}}, 400, "invalidValue"),
        ({"method": "PUT", "path": "/Users", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "PUT", "path": "/Users/", "data": ADA}, 400, "invalidSyntax"),
        ({"method": "PUT", "path": "/Users/unknown", "data": ADA}, 404, None),
        ({"method": "PATCH", "path": "/Users/unknown", "data": patch_op(op="remove", path="title")}, 404, None),
        ({"method": "PATCH", "path": "/Users/unknown"}, 400, "invalidSyntax"),
        ({"method": "PATCH", "path": "/Users/unknown", "data": {"schemas": [PATCH_OP]}}, 400, "invalidSyntax"),
        ({"method": "PATCH", "path": "/Users/unknown", "data": patch_op(op="add", path="[", value=1)}, 400, "invalidPath"),
        ({"method": "DELETE", "path": "/Users/unknown"}, 404, None),
        ({"method": "DELETE", "path": "/Users/bulkId:none"}, 400, "invalidValue"),
        ({"method": "DELETE", "path": "/Groups"}, 400, "invalidSyntax"),
        ({}, 400, "invalidSyntax"),
        (7, 400, "invalidSyntax"),
        (None, 400, "invalidSyntax"),
        ([], 400, "invalidSyntax"),
    ],
    ids=["no method", "GET", "unknown method", "method is a number", "POST without bulkId", "bulkId is a number",
         "bulkId too long", "no path", "path is a number", "POST to a resource", "unknown endpoint", "root",
         "bulk in bulk", "no data", "data is a list", "data without userName", "PUT without id", "PUT with empty id",
         "PUT unknown", "PATCH unknown", "PATCH without data", "PATCH without operations", "PATCH with a broken path",
         "DELETE unknown", "DELETE unknown bulkId", "DELETE a collection", "empty operation", "number", "null", "list"],
)
def test_an_operation_that_cannot_be_done_has_its_error_and_the_next_is_done(scim, operation, status, scim_type):
    results = run(scim, operation, new_user("next"))
    refused(results[0], status, scim_type)
    if isinstance(operation, dict) and isinstance(operation.get("bulkId"), str):
        assert results[0]["bulkId"] == operation["bulkId"]
    assert results[1]["status"] == "201"
    assert len(scim.all("/Users")) == 1


def test_a_failed_creation_has_no_location_and_a_failed_change_has_one(scim):
    ben = make_user(scim, "ben")
    results = run(
        scim, new_user("BEN", "b"),
        {"method": "PATCH", "path": path_of(ben), "data": patch_op(op="remove", path="userName")},
    )
    refused(results[0], 409, "uniqueness")
    assert "location" not in results[0]
    assert results[1]["location"] == ben["meta"]["location"]


def test_an_operation_with_an_old_version_is_412(scim):
    ben = make_user(scim, "ben")
    rename = {"method": "PATCH", "path": path_of(ben), "data": patch_op(op="replace", path="title", value="Dr")}
    (first,) = run(scim, {**rename, "version": ben["meta"]["version"]})
    assert first["status"] == "200"
    results = run(
        scim, {**rename, "version": ben["meta"]["version"]},
        {"method": "PUT", "path": path_of(ben), "version": ben["meta"]["version"], "data": {"schemas": [USER], "userName": "x"}},
        {"method": "DELETE", "path": path_of(ben), "version": ben["meta"]["version"]},
        {"method": "DELETE", "path": path_of(ben), "version": first["version"]},
    )
    for result in results[:3]:
        refused(result, 412)
    assert results[3]["status"] == "204"


# -- what bulk shares with single requests


def test_a_group_is_filled_by_many_operations(scim):
    group = make_group(scim, "G")
    users = [make_user(scim, f"u{number}") for number in range(10)]
    results = run(scim, *(
        {"method": "PATCH", "path": path_of(group), "data": patch_op(op="add", path="members", value=references(one))}
        for one in users
    ))
    assert statuses(results) == ["200"] * 10
    assert member_ids(scim, group) == ids_of(*users)
    assert results[-1]["version"] == read(scim, group)["meta"]["version"]


def test_operations_on_one_resource_run_in_order(scim):
    results = run(
        scim, new_user("ada"),
        *({"method": "PATCH", "path": "/Users/bulkId:ada", "data": patch_op(op="replace", path="title", value=str(number))}
          for number in range(5)),
        {"method": "DELETE", "path": "/Users/bulkId:ada"},
        new_user("ada", "again", title="new"),
    )
    assert statuses(results) == ["201"] + ["200"] * 5 + ["204", "201"]
    assert created(scim, results[-1])["title"] == "new"


def test_tolerances_hold_in_bulk(scim):
    ben = make_user(scim, "ben")
    (result,) = run(scim, {"method": "PATCH", "path": path_of(ben), "data": patch_op(op="Replace", path="active", value="False")})
    assert result["status"] == "200"
    assert read(scim, ben)["active"] is False


def test_a_bulk_path_may_end_in_a_slash(scim):
    (result,) = run(scim, {**new_user("ada"), "path": "/Users/"})
    assert created(scim, result)["userName"] == "ada"


def test_nothing_of_another_tenant_is_reached(scim, daemon, make_tenant):
    stranger = make_user(make_tenant(daemon).client(), "stranger")
    (result,) = run(scim, {"method": "DELETE", "path": path_of(stranger)})
    refused(result, 404)
