"""What providers send against the letter of the RFC: taken and counted, refused where strict.

Each rule is sent in the profile auto, where `scimctl connection show` must count it, and in the
profile strict, where it must be refused unless the RFC allows it after all."""

import itertools
import json

import pytest

from bodies import create, group, user
from scimclient import BULK, ENTERPRISE, PATCH_OP, SEARCH, USER, patch_op

_numbers = itertools.count(1)


class Seat:
    """A connection of some profile in the library's tenant, and a fresh user and group to talk about."""

    def __init__(self, tenant, profile):
        self.daemon, self.tenant, self.profile = tenant.daemon, tenant.name, profile
        self.scim = tenant.client(profile=profile)

    def show(self):
        return self.daemon.administer("GET", f"/tenants/{self.tenant}/connections/{self.profile}")

    def counts(self):
        """How often each tolerance was used."""
        return {one["name"]: one["count"] for one in self.show()["tolerances"]}

    def subjects(self):
        number = next(_numbers)
        body = user(f"subject-{number}", emails=[{"value": "h@x", "type": "home"}], title="x")
        person = create(self.scim, body)
        other = create(self.scim, user(f"other-{number}"))
        staff = create(self.scim, group(f"staff-{number}", person["id"]))
        return number, person["id"], other["id"], staff["id"]


def patch(op, path=None, value=None, which="person"):
    """A request of one PATCH operation."""
    operation = {"op": op}
    if path is not None:
        operation["path"] = path
    if value is not None:
        operation["value"] = value
    return lambda number, person, other, staff: (
        "PATCH", f"/Users/{person}" if which == "person" else f"/Groups/{staff}", patch_op(operation), {}
    )


def post(**attributes):
    """A request that creates a user."""
    return lambda number, *_: ("POST", "/Users", user(f"new-{number}", **attributes), {})


def get(path, **query):
    return lambda *_: ("GET", path, None, {"query": query})


# rule, what is sent, statuses where it is tolerated, status in strict (0: allowed there, too)
CASES = {
    "op in capitals": ("operation-case", patch("Replace", "title", "y"), 200, 400),
    "op all capitals": ("operation-case", patch("ADD", "title", "y"), 200, 400),
    "Remove": ("operation-case", patch("Remove", "title"), 200, 400),
    "active as text": ("boolean-string", post(active="True"), 201, 400),
    "primary as text": ("boolean-string", post(roles=[{"value": "r", "primary": "False"}]), 201, 400),
    "active as text in PATCH": ("boolean-string", patch("replace", "active", "false"), 200, 400),
    "boolean as text in a value filter": ("boolean-string", get("/Users", filter='roles[primary eq "True"]'), 200, 400),
    "dotted key": ("dotted-key", patch("replace", value={"name.givenName": "A"}), 200, 400),
    "dotted key in a body": ("dotted-key", post(**{"name.givenName": "A"}), 201, 400),
    "URN key": ("urn-key", patch("replace", value={f"{ENTERPRISE}:department": "D"}), 200, 400),
    "URN key with a dot": ("urn-key", patch("add", value={f"{ENTERPRISE}:manager.value": "m"}), 200, 400),
    "path with a filter as a key": ("path-key", patch("add", value={'emails[type eq "home"].value': "n@x"}), 200, 400),
    "add makes the element": ("create-filtered", patch("add", 'emails[type eq "work"].value', "w@x"), 200, 0),
    "manager as text": ("manager-string", patch("add", f"{ENTERPRISE}:manager", "boss"), 200, 400),
    "manager as text in a body": ("manager-string", post(**{ENTERPRISE: {"manager": "boss"}}), 201, 400),
    "one value for a list": ("single-for-multi", post(emails={"value": "a@x"}), 201, 400),
    "one value for a list in PATCH": ("single-for-multi", patch("add", "emails", {"value": "a@x"}), 200, 400),
    "a list for one value": ("multi-for-single", post(title=["x"]), 201, 400),
    "a text for a complex value": ("string-for-complex", post(emails=["a@x"]), 201, 400),
    "remove with a value list": ("remove-value", lambda number, person, other, staff: (
        "PATCH", f"/Groups/{staff}", patch_op(op="remove", path="members", value=[{"value": person}]), {}), 204, 400),
    "members as one object": ("single-for-multi", lambda number, person, other, staff: (
        "PATCH", f"/Groups/{staff}", patch_op(op="add", path="members", value={"value": other}), {}), 204, 400),
    "members as texts": ("string-for-complex", lambda number, person, other, staff: (
        "PATCH", f"/Groups/{staff}", patch_op(op="add", path="members", value=[other]), {}), 204, 400),
    "body without schemas": ("schemas-missing", lambda number, *_: (
        "POST", "/Users", {"userName": f"new-{number}"}, {}), 201, 400),
    "PatchOp without schemas": ("schemas-missing", lambda number, person, *_: (
        "PATCH", f"/Users/{person}", {"Operations": [{"op": "remove", "path": "title"}]}, {}), 200, 400),
    "PatchOp of SCIM 1": ("schemas-missing", lambda number, person, *_: (
        "PATCH", f"/Users/{person}",
        {"schemas": ["urn:scim:schemas:core:1.0"], "Operations": [{"op": "remove", "path": "title"}]}, {}), 200, 400),
    "search without schemas": ("schemas-missing", lambda *_: ("POST", "/Users/.search", {"count": 0}, {}), 200, 400),
    "a foreign URN in schemas": ("foreign-schema", lambda number, *_: (
        "POST", "/Users", {"schemas": [USER, "urn:example:ADSCIM"], "userName": f"new-{number}"}, {}), 201, 400),
    "an unknown attribute": ("unknown-attribute", post(colour="red"), 201, 400),
    "an unknown sub-attribute": ("unknown-attribute", post(name={"colour": "red"}), 201, 400),
    "an unknown key in PATCH": ("unknown-attribute", patch("replace", value={"colour": "red"}), 200, 400),
    "id repeated in PATCH": ("repeated-id", lambda number, person, other, staff: (
        "PATCH", f"/Groups/{staff}",
        patch_op(op="replace", value={"id": staff, "displayName": f"renamed-{number}"}), {}), 204, 0),
    "groups repeated in PATCH": ("repeated-id", patch("replace", value={"groups": [], "title": "y"}), 200, 400),
    "null inside a value": ("null-sub-attribute", post(roles=[{"value": "r", "display": None}]), 201, 0),
    "remove by a filter without a match": ("remove-no-match", patch("remove", 'emails[type eq "work"]'), 200, 400),
    "remove of a member who is none": ("remove-no-match", lambda number, person, other, staff: (
        "PATCH", f"/Groups/{staff}", patch_op(op="remove", path=f'members[value eq "{other}"]'), {}), 204, 400),
    "attribute in another case": ("attribute-case", lambda number, *_: (
        "POST", "/Users", {"schemas": [USER], "UserName": f"new-{number}"}, {}), 201, 0),
    "blanks around a filter": ("filter-spacing", get("/Users", filter='  userName   eq  "a" '), 200, 400),
    "blanks inside brackets": ("filter-spacing", get("/Users", filter='emails[ type eq "work" ]'), 200, 400),
    "blanks inside parentheses": ("filter-spacing", get("/Users", filter='( userName eq "a" )'), 200, 400),
    "a slash at the end": ("trailing-slash", get("/Users/", filter='userName eq "a"'), 200, 404),
    "the same value twice": ("duplicate-value", post(roles=[{"value": "r"}, {"value": "r"}]), 201, 400),
    "several primaries": ("several-primaries", post(
        roles=[{"value": "a", "primary": True}, {"value": "b", "primary": True}]), 201, 400),
    "a member that is not there yet": ("parked-member", lambda number, *_: (
        "POST", "/Groups", group(f"parked-{number}", "00000000-0000-7000-8000-000000000000"), {}), 201, 400),
    "no Content-Type": ("content-type", lambda number, *_: (
        "POST", "/Users", user(f"new-{number}"), {"headers": {"Content-Type": None}}), 201, 415),
    "text/json": ("content-type", lambda number, *_: (
        "POST", "/Users", user(f"new-{number}"), {"headers": {"Content-Type": "text/json"}}), 201, 415),
    "charset=utf8": ("content-type", lambda number, *_: (
        "POST", "/Users", user(f"new-{number}"), {"headers": {"Content-Type": "application/json; charset=utf8"}}),
        201, 415),
}


@pytest.fixture(scope="module")
def seats(library_tenant):
    return {profile: Seat(library_tenant, profile) for profile in ("auto", "strict")}


every_case = pytest.mark.parametrize("rule, request_of, tolerated, strictly", CASES.values(), ids=list(CASES))


@every_case
def test_a_tolerance_works_in_auto_and_is_counted(seats, rule, request_of, tolerated, strictly):
    seat = seats["auto"]
    method, path, body, options = request_of(*seat.subjects())
    before = seat.counts().get(rule, 0)
    seat.scim.request(method, path, body, **options).expect(tolerated)
    assert seat.counts().get(rule, 0) > before


@every_case
def test_strict_refuses_it_or_the_RFC_allows_it(seats, rule, request_of, tolerated, strictly):
    seat = seats["strict"]
    method, path, body, options = request_of(*seat.subjects())
    seat.scim.request(method, path, body, **options).expect(strictly or tolerated)
    assert seat.counts() == {}


def test_a_token_without_a_scheme_is_taken_and_counted_in_auto_and_401_in_strict(seats):
    seat = seats["auto"]
    seat.scim.get("/Users", headers={"Authorization": seat.scim.token}).expect(200)
    assert seat.counts()["bare-authorization"] >= 1
    seat = seats["strict"]
    answer = seat.scim.get("/Users", headers={"Authorization": seat.scim.token}).expect(401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_number_as_text_is_taken_and_counted_where_a_schema_has_numbers(tenant, tmp_path):
    urn = "urn:example:params:scim:schemas:extension:numbers:2.0:User"
    plain = {"multiValued": False, "required": False, "mutability": "readWrite", "returned": "default",
             "description": "a number"}
    extension = tmp_path / "numbers.json"
    extension.write_text(json.dumps([
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": urn, "name": "Numbers",
         "description": "Numbers of a person.",
         "attributes": [{"name": "age", "type": "integer", **plain}, {"name": "size", "type": "decimal", **plain}]},
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "name": "User", "extends": True,
         "schemaExtensions": [{"schema": urn, "required": False}]},
    ]))
    tenant.daemon.ctl("schema", "add", tenant.name, extension)
    seats = {profile: Seat(tenant, profile) for profile in ("auto", "strict")}
    made = create(seats["auto"].scim, user("ada", **{urn: {"age": "7", "size": "1.5"}}))
    assert made[urn] == {"age": 7, "size": 1.5}
    assert seats["auto"].counts()["number-string"] == 2
    seats["strict"].scim.post("/Users", user("bob", **{urn: {"age": "7"}})).expect(400, "invalidValue")
    for text in ("x", "7x", "", "0x7", "7.5", "1e999", " 7"):
        seats["auto"].scim.post("/Users", user("bob", **{urn: {"age": text}})).expect(400, "invalidValue")


def test_a_client_that_keeps_to_the_RFC_uses_no_tolerance(tenant):
    seat = Seat(tenant, "auto")
    number, person, other, staff = seat.subjects()
    scim = seat.scim
    scim.get("/Users", filter='userName eq "x" and (active eq true or emails[type eq "work"])').expect(200)
    scim.put(f"/Users/{person}", scim.get(f"/Users/{person}").json).expect(200)
    body = patch_op({"op": "add", "path": "emails", "value": [{"value": "n@x", "type": "work"}]},
                    {"op": "replace", "path": "active", "value": True},
                    {"op": "remove", "path": 'emails[type eq "home"]'},
                    {"op": "add", "value": {"title": "t", ENTERPRISE: {"department": "d"}}})
    scim.patch(f"/Users/{person}", body).expect(200)
    body = patch_op({"op": "add", "path": "members", "value": [{"value": other, "type": "User"}]},
                    {"op": "remove", "path": f'members[value eq "{person}"]'})
    scim.patch(f"/Groups/{staff}", body).expect(204)
    scim.put(f"/Groups/{staff}", scim.get(f"/Groups/{staff}").json).expect(200)
    scim.post("/.search", {"schemas": [SEARCH], "count": 1}).expect(200)
    scim.delete(f"/Users/{person}").expect(204)
    assert seat.counts() == {}


def test_the_counts_are_of_the_connection_and_add_up(tenant):
    one, other = Seat(tenant, "auto"), Seat(tenant, "entra")
    for number in range(3):
        create(one.scim, user(f"u{number}", colour="red"))
    assert one.counts() == {"unknown-attribute": 3} and other.counts() == {}


def test_the_counts_survive_a_restart(start_daemon, make_tenant):
    daemon = start_daemon()
    seat = Seat(make_tenant(daemon), "auto")
    create(seat.scim, user("ada", colour="red"))
    seat.scim.close()
    daemon.restart()
    create(seat.scim, user("bob", colour="red"))
    assert seat.counts() == {"unknown-attribute": 2}


def test_a_refused_request_leaves_nothing_behind_though_it_leaned_on_a_tolerance(seats):
    seat = seats["auto"]
    seat.scim.post("/Users", user("refused", colour="red", active="perhaps")).expect(400, "invalidValue")
    assert seat.scim.get("/Users", filter='userName eq "refused"').json["totalResults"] == 0


def test_scimctl_tells_each_count_with_its_meaning(seats):
    seat = seats["auto"]
    create(seat.scim, user("meaning", colour="red"))
    shown = seat.daemon.ctl_json("connection", "show", seat.tenant, "auto")
    assert shown["profile"] == "auto" and shown == seat.show()
    assert all(one["help"] and one["count"] > 0 for one in shown["tolerances"])
    assert "unknown-attribute" in seat.daemon.ctl("connection", "show", seat.tenant, "auto").stdout


@pytest.mark.parametrize(
    "agent, seen",
    [("Okta SCIM Client 1.0.0", "okta"), ("OneLogin SCIM", "onelogin"), ("Microsoft-Azure-AD", "entra"),
     ("JumpCloud SCIM", "jumpcloud"), ("PingOne", "ping"), ("Google-SCIM", "google"), ("curl/7.88", None)],
)
def test_auto_recognises_the_provider_for_display(tenant, agent, seen):
    seat = Seat(tenant, "auto")
    seat.scim.get("/Users", headers={"User-Agent": agent}).expect(200)
    assert seat.daemon.ctl_json("connection", "show", seat.tenant, "auto")["seen"] == seen


def test_a_profile_takes_what_its_provider_sends_and_no_more(tenant):
    okta, entra = Seat(tenant, "okta"), Seat(tenant, "entra")
    create(okta.scim, user("ada"))
    okta.scim.post("/Users", user("bob", active="True")).expect(400, "invalidValue")
    create(entra.scim, user("bob", active="True"))
    assert entra.counts() == {"boolean-string": 1} and okta.counts() == {}


def test_the_profile_of_a_connection_can_be_changed(tenant):
    seat = Seat(tenant, "strict")
    seat.scim.post("/Users", user("ada", colour="red")).expect(400)
    tenant.daemon.ctl("connection", "set", tenant.name, "strict", "--profile", "auto")
    seat.scim.post("/Users", user("ada", colour="red")).expect(201)


def test_the_PatchOp_members_may_be_in_any_case_where_tolerated(seats):
    number, person, _, _ = seats["auto"].subjects()
    body = {"Schemas": [PATCH_OP], "operations": [{"OP": "replace", "Path": "title", "Value": "y"}]}
    seats["auto"].scim.patch(f"/Users/{person}", body).expect(200)
    number, person, _, _ = seats["strict"].subjects()
    seats["strict"].scim.patch(f"/Users/{person}", body).expect(400, "invalidSyntax")


def test_strict_refuses_an_unknown_member_also_of_groups_that_name_each_other_in_bulk(seats):
    def operation(name, other, *more):
        body = group(name, f"bulkId:{other}", *more)
        return {"method": "POST", "path": "/Groups", "bulkId": name, "data": body}

    nobody = "00000000-0000-7000-8000-000000000000"
    body = {"schemas": [BULK], "Operations": [operation("one", "two", nobody), operation("two", "one")]}
    answer = seats["strict"].scim.post("/Bulk", body).expect(200).json
    assert sorted(one["status"] for one in answer["Operations"]) == ["400", "409"]
    body["Operations"][0] = operation("one", "two")
    answer = seats["strict"].scim.post("/Bulk", body).expect(200).json
    assert [one["status"] for one in answer["Operations"]] == ["201", "201"]
