"""Creating, reading, replacing and deleting users."""

import re

import pytest

from bodies import create, employee, group, members, names, user
from scimclient import ENTERPRISE, MEDIA_TYPE, SCIMD, USER, patch_op

ADSCIM_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

FULL = user(
    "babs@example.com",
    externalId="701984",
    name={
        "formatted": "Ms. Barbara J Jensen, III",
        "familyName": "Jensen",
        "givenName": "Barbara",
        "middleName": "Jane",
        "honorificPrefix": "Ms.",
        "honorificSuffix": "III",
    },
    displayName="Babs Jensen",
    nickName="Babs",
    profileUrl="https://login.example.com/bjensen",
    title="Tour Guide",
    userType="Employee",
    preferredLanguage="en-US",
    locale="en-US",
    timezone="America/Los_Angeles",
    active=True,
    emails=[
        {"value": "babs@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.org", "type": "home"},
    ],
    phoneNumbers=[{"value": "+1 (555) 555-5555", "type": "work"}, {"value": "tel:+1-201", "type": "mobile"}],
    addresses=[{"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood"}],
    roles=[{"value": "guide", "primary": True}],
    x509Certificates=[{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAw"}],
    **{ENTERPRISE: {"employeeNumber": "701984", "department": "Tours", "manager": {"value": "26118915"}}},
)


def sent(resource):
    """What the client wrote of a resource."""
    return {key: value for key, value in resource.items() if key not in ("id", "meta", "schemas")}


# -- create


def test_POST_answers_201_with_the_resource_and_its_location(scim):
    answer = scim.post("/Users", FULL).expect(201)
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.headers["Location"] == answer.json["meta"]["location"]
    assert answer.headers["Location"] == f"{scim.url}/Users/{answer.json['id']}"
    assert scim.get(answer.headers["Location"]).expect(200).json == answer.json


def test_values_come_back_as_they_were_sent(scim):
    made = create(scim, FULL)
    assert sent(made) == sent(FULL)
    assert made["schemas"] == [USER, ENTERPRISE]


def test_meta_tells_type_times_location_and_version(scim):
    meta = create(scim, user("ada"))["meta"]
    assert meta["resourceType"] == "User"
    assert TIME.fullmatch(meta["created"]) and meta["created"] == meta["lastModified"]
    assert meta["version"] == 'W/"1"'


def test_a_single_resource_has_its_content_location(scim):
    answer = scim.post("/Users", user("ada")).expect(201)
    assert answer.headers["Content-Location"] == answer.json["meta"]["location"]
    read = scim.get(answer.headers["Location"]).expect(200)
    assert read.headers["Content-Location"] == answer.json["meta"]["location"]


def test_a_client_cannot_choose_id_meta_or_groups(scim):
    body = user(
        "ada",
        id="mine",
        meta={"resourceType": "User", "created": "2000-01-01T00:00:00Z", "version": 'W/"9"'},
        groups=[{"value": "g", "display": "admins"}],
    )
    made = create(scim, body)
    assert made["id"] != "mine" and "groups" not in made
    assert made["meta"]["version"] == 'W/"1"' and not made["meta"]["created"].startswith("2000")


def test_a_meta_with_only_resourceType_is_ignored(scim, strict):
    create(strict, user("ada", meta={"resourceType": "User"}))
    create(scim, user("bob", meta={"resourceType": "User"}))


@pytest.mark.parametrize("attribute", ["roles", "groups", "emails", "phoneNumbers", "entitlements"])
def test_an_empty_list_means_absent(scim, attribute):
    assert attribute not in create(scim, user("ada", **{attribute: []}))


def test_null_means_absent(scim):
    body = user("ada", title=None, name={"givenName": None, "familyName": "L"}, emails=None,
                roles=[{"value": "r", "display": None, "primary": None}])
    made = create(scim, body)
    assert sent(made) == {"userName": "ada", "name": {"familyName": "L"}, "roles": [{"value": "r"}]}


def test_an_extension_urn_without_any_attribute_of_it_is_fine(scim, strict):
    body = {"schemas": [USER, ENTERPRISE], "userName": "ada"}
    assert create(strict, body)["schemas"] == [USER]
    assert create(scim, {**body, "userName": "bob", ENTERPRISE: {}})["schemas"] == [USER]


def test_an_extension_with_content_is_named_in_schemas_though_the_client_forgot_it(scim):
    made = create(scim, {"schemas": [USER], "userName": "ada", ENTERPRISE: {"department": "R&D"}})
    assert made["schemas"] == [USER, ENTERPRISE]


def test_attribute_names_have_no_case(scim, strict):
    for client, name in ((scim, "ada"), (strict, "bob")):
        body = {"Schemas": [USER], "UserName": name, "Active": True,
                "EMAILS": [{"Value": "a@example.com", "Primary": True}]}
        made = client.post("/Users", body).expect(201).json
        assert made["userName"] == name and made["active"] is True
        assert made["emails"] == [{"value": "a@example.com", "primary": True}]


@pytest.mark.parametrize("text, value", [("True", True), ("False", False), ("true", True), ("FALSE", False)])
def test_booleans_as_strings_are_booleans(scim, text, value):
    made = create(scim, user("ada", active=text, roles=[{"value": "r", "primary": text}]))
    assert made["active"] is value and made["roles"][0]["primary"] is value


def test_a_missing_userName_is_invalidValue(scim):
    answer = scim.post("/Users", {"schemas": [USER], "displayName": "Ada"}).expect(400, "invalidValue")
    assert "userName" in answer.json["detail"]


@pytest.mark.parametrize("value", [None, "", [], {}], ids=["null", "empty", "list", "object"])
def test_an_empty_userName_is_refused(scim, value):
    scim.post("/Users", user(value)).expect(400)


def test_missing_schemas_are_400_in_strict(strict):
    strict.post("/Users", {"userName": "ada"}).expect(400, "invalidSyntax")


@pytest.mark.parametrize("schemas", ["urn", 7, {}, [7], [None]], ids=str)
def test_schemas_that_are_no_list_of_texts_are_refused(scim, schemas):
    scim.post("/Users", {"schemas": schemas, "userName": "ada"}).expect(400, "invalidSyntax")


def test_an_unknown_attribute_is_dropped(scim):
    made = create(scim, user("ada", favouriteColour="blue", name={"givenName": "A", "nick": "x"}))
    assert sent(made) == {"userName": "ada", "name": {"givenName": "A"}}


def test_an_unknown_attribute_is_named_and_refused_in_strict(strict):
    answer = strict.post("/Users", user("ada", favouriteColour="blue")).expect(400, "invalidSyntax")
    assert "favouriteColour" in answer.json["detail"]


@pytest.mark.parametrize(
    "attributes, place",
    [
        ({"active": "perhaps"}, "active"),
        ({"active": 1}, "active"),
        ({"title": 7}, "title"),
        ({"title": {"a": 1}}, "title"),
        ({"title": ["a", "b"]}, "title"),
        ({"name": "Ada"}, "name"),
        ({"name": {"givenName": True}}, "name.givenName"),
        ({"emails": 7}, "emails"),
        ({"emails": [{"value": "a"}, {"value": 7}]}, "emails[1].value"),
        ({"emails": [[]], "roles": [[{"value": "x"}]]}, "roles[0]"),
        ({"x509Certificates": [{"value": "no base64!"}]}, "x509Certificates[0].value"),
        ({ENTERPRISE: "x"}, ENTERPRISE),
        ({ENTERPRISE: {"department": 7}}, "department"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_of_another_type_is_invalidValue_and_named(scim, attributes, place):
    answer = scim.post("/Users", user("ada", **attributes)).expect(400, "invalidValue")
    assert place in answer.json["detail"]
    assert names(scim) == set()


def test_values_beyond_the_canonical_ones_are_accepted(scim, strict):
    emails = [{"value": "a@example.com", "type": "secret lair"}]
    assert create(strict, user("ada", emails=emails))["emails"] == emails


def test_at_most_one_value_is_primary(scim):
    roles = [{"value": "a", "primary": True}, {"value": "b", "primary": True}]
    made = create(scim, user("ada", roles=roles))
    assert [role["value"] for role in made["roles"] if role.get("primary")] == ["b"]


def test_several_primaries_are_refused_in_strict(strict):
    roles = [{"value": "a", "primary": True}, {"value": "b", "primary": True}]
    strict.post("/Users", user("ada", roles=roles)).expect(400, "invalidValue")


def test_the_same_type_and_value_is_not_stored_twice(scim):
    email = {"value": "a@example.com", "type": "work"}
    assert create(scim, user("ada", emails=[email, dict(email)]))["emails"] == [email]


def test_the_same_value_with_another_type_is_another_value(scim):
    emails = [{"value": "a@example.com", "type": "work"}, {"value": "a@example.com", "type": "home"}]
    assert create(scim, user("ada", emails=emails))["emails"] == emails


# -- password


def test_a_password_is_accepted_and_never_returned(scim):
    made = scim.post("/Users", user("ada", password="s3cret-pass")).expect(201)
    path = f"/Users/{made.json['id']}"
    put = scim.put(path, user("ada", password="s3cret-pass")).expect(200)
    patched = scim.patch(path, patch_op(op="replace", path="password", value="s3cret-pass")).expect(200)
    asked = scim.get(path, attributes="password,userName").expect(200)
    for answer in (made, put, patched, asked, scim.get("/Users", attributes="password")):
        assert '"password"' not in answer.text and "s3cret" not in answer.text


def test_a_password_is_stored_nowhere(daemon, tenant, scim):
    create(scim, user("ada", password="correct-horse-battery"))
    files = [file for file in (daemon.directory / "data").rglob("*") if file.is_file()]
    assert files and not any(b"correct-horse-battery" in file.read_bytes() for file in files)
    assert "correct-horse-battery" not in daemon.log


def test_a_password_cannot_be_asked_for_in_a_filter(scim):
    scim.get("/Users", filter='password eq "x"').expect(400, "invalidFilter")


# -- uniqueness


@pytest.mark.parametrize("taken", ["ada@example.com", "ADA@EXAMPLE.COM", "Ada@Example.com"])
def test_a_userName_is_unique_without_regard_to_case_on_POST(scim, taken):
    create(scim, user("ada@example.com"))
    scim.post("/Users", user(taken)).expect(409, "uniqueness")


def test_a_userName_is_unique_on_PUT_and_PATCH(scim):
    create(scim, user("ada"))
    path = f"/Users/{create(scim, user('bob'))['id']}"
    scim.put(path, user("ADA")).expect(409, "uniqueness")
    scim.patch(path, patch_op(op="replace", path="userName", value="ADA")).expect(409, "uniqueness")
    assert scim.get(path).json["userName"] == "bob"


def test_a_userName_keeps_its_case_as_sent(scim):
    made = create(scim, user("Ada@Example.com"))
    assert scim.get(f"/Users/{made['id']}").json["userName"] == "Ada@Example.com"


def test_a_user_may_change_the_case_of_its_own_userName(scim):
    path = f"/Users/{create(scim, user('ada'))['id']}"
    assert scim.patch(path, patch_op(op="replace", path="userName", value="Ada")).expect(200).json["userName"] == "Ada"
    assert scim.put(path, user("ADA")).expect(200).json["userName"] == "ADA"


def test_two_tenants_may_have_the_same_userName(scim, daemon, make_tenant):
    create(scim, user("ada"))
    create(make_tenant(daemon).client(), user("ada"))


def test_an_inactive_user_still_holds_its_userName(scim):
    create(scim, user("ada", active=False))
    scim.post("/Users", user("ada")).expect(409, "uniqueness")


@pytest.mark.parametrize("profile", ["onelogin", "jumpcloud", "google"])
def test_a_second_POST_of_an_inactive_user_revives_it_where_the_profile_says_so(tenant, profile):
    scim = tenant.client(profile=profile)
    made = create(scim, user("ada", active=False, title="old"))
    again = scim.post("/Users", user("Ada", displayName="Ada")).expect(201).json
    assert again["id"] == made["id"] and again["active"] is True
    assert again["displayName"] == "Ada" and "title" not in again
    assert len(scim.all("/Users")) == 1


@pytest.mark.parametrize("profile", ["onelogin", "google"])
def test_a_second_POST_of_an_active_user_is_409_whatever_the_profile(tenant, profile):
    scim = tenant.client(profile=profile)
    create(scim, user("ada", active=True))
    create(scim, user("bob"))
    scim.post("/Users", user("ada")).expect(409, "uniqueness")
    scim.post("/Users", user("bob")).expect(409, "uniqueness")


# -- read


def test_a_user_that_does_not_exist_is_404(scim):
    for path in ("/Users/none", "/Users/01a210a7-1d69-7072-9ee7-4137082dfc61"):
        scim.get(path).expect(404)
        scim.put(path, user("ada")).expect(404)
        scim.patch(path, patch_op(op="add", path="title", value="x")).expect(404)
        scim.delete(path).expect(404)


def test_a_user_is_not_found_as_a_group(scim):
    made = create(scim, user("ada"))
    scim.get(f"/Groups/{made['id']}").expect(404)
    scim.delete(f"/Groups/{made['id']}").expect(404)
    scim.get(f"/Users/{made['id']}").expect(200)


def test_HEAD_answers_as_GET_without_a_body(scim):
    path = f"/Users/{create(scim, FULL)['id']}"
    head, get = scim.head(path).expect(200), scim.get(path).expect(200)
    assert head.content == b""
    for name in ("ETag", "Content-Location", "Content-Type", "Content-Length"):
        assert head.headers[name] == get.headers[name]
    assert scim.head("/Users").expect(200).content == b""
    assert scim.head("/Users/none").status == 404


def test_a_disabled_user_stays_visible(scim):
    ada = create(scim, user("ada", active=True))
    scim.patch(f"/Users/{ada['id']}", patch_op(op="replace", value={"active": False})).expect(200)
    assert scim.get(f"/Users/{ada['id']}").expect(200).json["active"] is False
    assert [one["active"] for one in scim.all("/Users")] == [False]
    assert names(scim, 'userName eq "ada"') == names(scim, "active eq false") == {"ada"}


def test_a_deactivated_user_has_the_time_of_it_until_it_is_active_again(scim):
    path = f"/Users/{create(scim, user('ada', active=True))['id']}"
    assert SCIMD not in scim.get(path).json
    off = scim.patch(path, patch_op(op="replace", path="active", value=False)).json
    assert TIME.fullmatch(off[SCIMD]["deactivatedAt"]) and SCIMD in off["schemas"]
    again = scim.patch(path, patch_op(op="replace", path="title", value="x")).json
    assert again[SCIMD] == off[SCIMD]
    on = scim.patch(path, patch_op(op="replace", path="active", value=True)).json
    assert SCIMD not in on and SCIMD not in on["schemas"]


def test_our_own_extension_is_read_only(scim):
    made = create(scim, user("ada", **{SCIMD: {"source": "hr", "lastLogin": "2026-01-01T00:00:00Z"}}))
    assert SCIMD not in made
    path = f"/Users/{made['id']}"
    for attribute in ("lastLogin", "source", "sourceId", "deactivatedAt"):
        body = patch_op(op="replace", path=f"{SCIMD}:{attribute}", value="2026-01-01T00:00:00Z")
        scim.patch(path, body).expect(400, "mutability")


# -- replace


def test_PUT_clears_what_it_does_not_name(scim):
    made = create(scim, FULL)
    answer = scim.put(f"/Users/{made['id']}", user("babs", title="Guide")).expect(200)
    assert sent(answer.json) == {"userName": "babs", "title": "Guide"}
    assert answer.json["schemas"] == [USER]
    assert scim.get(f"/Users/{made['id']}").json == answer.json


def test_PUT_keeps_id_and_creation_and_ignores_what_is_read_only(scim):
    made = create(scim, user("ada"))
    body = user("ada", id="other", title="x", groups=[], meta={"created": "2000-01-01T00:00:00Z"})
    answer = scim.put(f"/Users/{made['id']}", body).expect(200).json
    assert answer["id"] == made["id"] and answer["meta"]["created"] == made["meta"]["created"]
    assert answer["meta"]["version"] == 'W/"2"'


def test_PUT_of_what_was_read_changes_nothing(scim):
    made = create(scim, FULL)
    answer = scim.put(f"/Users/{made['id']}", made).expect(200).json
    assert answer == made


def test_PUT_without_userName_is_refused_and_changes_nothing(scim):
    made = create(scim, user("ada", title="x"))
    scim.put(f"/Users/{made['id']}", {"schemas": [USER], "title": "y"}).expect(400, "invalidValue")
    assert scim.get(f"/Users/{made['id']}").json == made


def test_PUT_keeps_memberships(scim):
    ada = create(scim, user("ada"))
    staff = create(scim, group("staff", ada["id"]))
    scim.put(f"/Users/{ada['id']}", user("ada", title="x")).expect(200)
    assert members(scim, staff["id"]) == [ada["id"]]
    assert scim.get(f"/Users/{ada['id']}").json["groups"][0]["value"] == staff["id"]


def test_PUT_does_not_create(scim):
    scim.put("/Users/01a210a7-1d69-7072-9ee7-4137082dfc61", user("ada")).expect(404)
    assert names(scim) == set()


# -- delete


def test_DELETE_is_204_without_a_body_then_404(scim):
    path = f"/Users/{create(scim, user('ada'))['id']}"
    answer = scim.delete(path).expect(204)
    assert answer.content == b""
    scim.delete(path).expect(404)
    scim.get(path).expect(404)
    scim.put(path, user("ada")).expect(404)
    scim.patch(path, patch_op(op="add", path="title", value="x")).expect(404)


def test_a_deleted_user_is_gone_from_filters_and_lists_at_once(scim):
    made = create(scim, user("ada"))
    create(scim, user("bob"))
    scim.delete(f"/Users/{made['id']}").expect(204)
    assert names(scim) == {"bob"}
    assert scim.get("/Users", filter='userName eq "ada"').json["totalResults"] == 0
    assert scim.get("/Users", filter=f'id eq "{made["id"]}"').json["totalResults"] == 0


def test_a_deleted_user_can_be_made_again_and_gets_a_new_id(scim):
    old = create(scim, user("ada"))
    scim.delete(f"/Users/{old['id']}").expect(204)
    new = create(scim, user("ada"))
    assert new["id"] != old["id"]
    scim.get(f"/Users/{old['id']}").expect(404)
    scim.get(f"/Users/{new['id']}").expect(200)


def test_deleting_a_user_ends_its_memberships(scim):
    ada, bob = create(scim, user("ada")), create(scim, user("bob"))
    staff = create(scim, group("staff", ada["id"], bob["id"]))
    scim.delete(f"/Users/{ada['id']}").expect(204)
    assert members(scim, staff["id"]) == [bob["id"]]


def test_a_user_shows_its_groups_direct_and_indirect(scim):
    ada = create(scim, user("ada"))
    team = create(scim, group("team", ada["id"]))
    create(scim, group("staff", team["id"]))
    groups = scim.get(f"/Users/{ada['id']}").json["groups"]
    assert {(one["display"], one["type"]) for one in groups} == {("team", "direct"), ("staff", "indirect")}
    for one in groups:
        assert scim.get(one["$ref"]).expect(200).json["id"] == one["value"]


def test_groups_of_a_user_cannot_be_written(scim):
    ada = create(scim, user("ada"))
    staff = create(scim, group("staff"))
    body = patch_op(op="add", path="groups", value=[{"value": staff["id"]}])
    scim.patch(f"/Users/{ada['id']}", body).expect(400, "mutability")
    assert members(scim, staff["id"]) == []


# -- extension


def test_an_employee_keeps_the_enterprise_extension(scim):
    made = create(scim, employee("ada", department="R&D", manager={"value": "42", "displayName": "Boss"}))
    assert made[ENTERPRISE]["department"] == "R&D"
    assert made[ENTERPRISE]["manager"] == {"value": "42"}  # displayName is readOnly
