"""OneLogin, Ping, JumpCloud, Google, and others: what each does in its own way."""

import pytest

from bodies import create, group, members, names, user
from scimclient import ENTERPRISE, GROUP, PATCH_OP, USER, patch_op


@pytest.fixture
def onelogin(tenant):
    return tenant.client(profile="onelogin")


@pytest.fixture
def ping(tenant):
    return tenant.client(profile="ping")


@pytest.fixture
def jumpcloud(tenant):
    return tenant.client(profile="jumpcloud")


@pytest.fixture
def google(tenant):
    return tenant.client(profile="google")


# -- OneLogin


def test_OneLogin_adds_members_without_a_path(onelogin):
    ada = create(onelogin, user("ada"))
    staff = create(onelogin, group("staff"))
    body = {"schemas": [PATCH_OP], "Operations": [{"op": "add", "value": {"members": [{"value": ada["id"]}]}}]}
    onelogin.patch(f"/Groups/{staff['id']}", body).expect(204)
    onelogin.patch(f"/Groups/{staff['id']}", body).expect(204)
    assert members(onelogin, staff["id"]) == [ada["id"]]


def test_OneLogin_removes_a_member_by_filter_or_value(onelogin):
    ada, bob = create(onelogin, user("ada")), create(onelogin, user("bob"))
    staff = create(onelogin, group("staff", ada["id"], bob["id"]))
    path = f"/Groups/{staff['id']}"
    onelogin.patch(path, patch_op(op="remove", path=f'members[value eq "{ada["id"]}"]')).expect(204)
    onelogin.patch(path, patch_op(op="remove", path="members", value=[{"value": bob["id"]}])).expect(204)
    assert members(onelogin, staff["id"]) == []


def test_OneLogin_sends_application_json_or_no_type_at_all(onelogin):
    for number, content_type in enumerate(("application/json", "text/json", None)):
        onelogin.post("/Users", user(f"u{number}"), headers={"Content-Type": content_type}).expect(201)


def test_OneLogin_creates_a_person_anew_whom_it_had_deactivated(onelogin):
    made = create(onelogin, user("ada", active=True, title="old"))
    onelogin.patch(f"/Users/{made['id']}", patch_op(op="replace", path="active", value="false")).expect(200)
    again = onelogin.post("/Users", user("ada", displayName="Ada")).expect(201).json
    assert again["id"] == made["id"] and again["active"] is True


# -- Ping


def test_Ping_pushes_a_whole_person_with_empty_lists_and_booleans_as_text(ping):
    body = user("ada", active="true", emails=[{"value": "a@x", "type": "work", "primary": "true"}],
                phoneNumbers=[], entitlements=[], **{ENTERPRISE: {"department": "Sales"}})
    made = ping.post("/Users", body).expect(201).json
    assert made["active"] is True and made["emails"][0]["primary"] is True
    after = ping.put(f"/Users/{made['id']}", {**body, "id": made["id"], "title": "x"}).expect(200).json
    assert after["title"] == "x" and after[ENTERPRISE] == {"department": "Sales"}


def test_Ping_asks_with_odd_spacing_and_case(ping):
    create(ping, user("ada"))
    for expression in ('userName  eq  "ada"', 'username Eq "ADA"', '( userName eq "ada" )'):
        assert names(ping, expression) == {"ada"}, expression


def test_Ping_patches_with_URN_keys(ping):
    made = create(ping, user("ada"))
    body = {"schemas": [PATCH_OP], "Operations": [
        {"op": "replace", "value": {f"{USER}:title": "x", f"{ENTERPRISE}:department": "Sales"}}]}
    after = ping.patch(f"/Users/{made['id']}", body).expect(200).json
    assert after["title"] == "x" and after[ENTERPRISE] == {"department": "Sales"}


# -- JumpCloud


def test_JumpCloud_tests_a_connection_with_a_person_and_a_group_of_its_own(jumpcloud):
    """Activation: create, look up, change, deactivate; then the same with a group."""
    body = user("jc-test@example.com", active=True, externalId="jc", password="x",
                name={"givenName": "Test", "familyName": "User"},
                emails=[{"value": "jc-test@example.com", "type": "work", "primary": True}],
                phoneNumbers=None, addresses=[])
    made = jumpcloud.post("/Users", body, headers={"Content-Type": "application/json"}).expect(201).json
    found = jumpcloud.get("/Users/", filter='userName eq "jc-test@example.com"', startIndex=1, count=1).expect(200)
    assert found.json["Resources"][0]["id"] == made["id"]
    after = jumpcloud.put(f"/Users/{made['id']}", {**body, "active": False}).expect(200).json
    assert after["active"] is False
    staff = jumpcloud.post("/Groups", {"schemas": [GROUP], "displayName": "jc-test", "members": []}).expect(201).json
    member = {"value": made["id"], "display": None, "$ref": None, "type": None}
    after = jumpcloud.put(f"/Groups/{staff['id']}", {**staff, "members": [member]}).expect(200).json
    assert [one["value"] for one in after["members"]] == [made["id"]]
    jumpcloud.delete(f"/Groups/{staff['id']}").expect(204)
    jumpcloud.delete(f"/Users/{made['id']}").expect(204)


def test_JumpCloud_removes_members_by_a_value_list_and_just_those(jumpcloud):
    people = [create(jumpcloud, user(f"u{number}"))["id"] for number in range(3)]
    staff = create(jumpcloud, group("staff", *people))
    value = [{"value": people[0], "display": None, "$ref": None}]
    jumpcloud.patch(f"/Groups/{staff['id']}", patch_op(op="remove", path="members", value=value)).expect(204)
    assert members(jumpcloud, staff["id"]) == sorted(people[1:])


def test_JumpCloud_sends_the_token_without_a_scheme(jumpcloud):
    jumpcloud.get("/Users", headers={"Authorization": jumpcloud.token}).expect(200)


# -- Google


def test_Google_looks_for_one_person_and_updates_it_by_PUT_or_PATCH(google):
    assert google.get("/Users", filter='userName eq "ada@example.com"', startIndex=1).expect(200).json["Resources"] == []
    made = google.post("/Users", user("ada@example.com", active=True, emails=[
        {"value": "ada@example.com", "type": "work", "primary": True}])).expect(201).json
    (found,) = google.get("/Users", filter='userName eq "ada@example.com"', count=1).expect(200).json["Resources"]
    assert found["id"] == made["id"]
    body = patch_op({"op": "replace", "path": "name.givenName", "value": "Ada"},
                    {"op": "replace", "path": "active", "value": False})
    after = google.patch(f"/Users/{made['id']}", body).expect(200).json
    assert after["name"] == {"givenName": "Ada"} and after["active"] is False
    assert google.put(f"/Users/{made['id']}", user("ada@example.com", active=True)).expect(200).json["active"] is True


def test_Google_creates_a_suspended_person_anew_and_gets_the_old_one(google):
    made = create(google, user("ada", active=False))
    assert google.post("/Users", user("ada", active=True)).expect(201).json["id"] == made["id"]


# -- others, with the profile auto


def test_authentik_adds_each_member_with_an_operation_of_its_own(scim):
    config = scim.get("/ServiceProviderConfig").json
    assert config["bulk"]["maxOperations"] >= 1
    people = [create(scim, user(f"u{number}"))["id"] for number in range(3)]
    staff = create(scim, group("staff"))
    operations = [{"op": "add", "path": "members", "value": [{"value": person}]} for person in people]
    scim.patch(f"/Groups/{staff['id']}", patch_op(*operations)).expect(204)
    assert members(scim, staff["id"]) == sorted(people)


def test_authentik_repeats_id_and_schemas_inside_a_value(scim):
    staff = create(scim, group("staff"))
    value = {"id": staff["id"], "schemas": [GROUP], "displayName": "crew", "externalId": "7"}
    scim.patch(f"/Groups/{staff['id']}", patch_op(op="replace", value=value)).expect(204)
    after = scim.get(f"/Groups/{staff['id']}").json
    assert after["displayName"] == "crew" and after["externalId"] == "7"


def test_SailPoint_asks_for_what_changed_since_a_time(scim):
    made = create(scim, user("ada"))
    since = made["meta"]["lastModified"]
    assert names(scim, f'meta.lastModified ge "{since}"') == {"ada"}
    assert names(scim, 'meta.lastModified ge "2999-01-01T00:00:00.0000000Z"') == set()


def test_members_of_unknown_users_are_kept_for_when_they_come(scim, strict):
    body = group("staff", "01a210a7-0000-7000-8000-000000000000")
    strict.post("/Groups", body).expect(400, "invalidValue")
    made = scim.post("/Groups", body).expect(201).json
    assert members(scim, made["id"]) == []
