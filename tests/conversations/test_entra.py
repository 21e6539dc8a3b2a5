"""Entra ID's provisioning service, request by request: initial cycle, changes, disabling, restoring,
groups.  Once with a connection of the profile auto, once with entra."""

import pytest

from bodies import members
from scimclient import BULK, ENTERPRISE, GROUP, PATCH_OP, USER

ADSCIM = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
ADSCIM_USER = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User"
JSON = {"Content-Type": "application/scim+json; charset=utf-8", "User-Agent": "Microsoft-Azure-AD-Provisioning"}


@pytest.fixture(params=["auto", "entra"])
def entra(tenant, request):
    scim = tenant.client(profile=request.param)
    scim.headers.update(JSON)
    return scim


def entra_user(name, **attributes):
    """A creation as the service sends it: everything that is mapped, absent or not."""
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": f"ext-{name}",
        "userName": f"{name}@contoso.com",
        "active": True,
        "addresses": None,
        "displayName": name.capitalize(),
        "emails": [{"primary": True, "type": "work", "value": f"{name}@contoso.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": f"{name} x", "familyName": "x", "givenName": name},
        "phoneNumbers": None,
        "preferredLanguage": None,
        "roles": [],
        "title": None,
        ENTERPRISE: {"department": "Sales", "manager": None},
        **attributes,
    }


def entra_group(name):
    return {"schemas": [GROUP, ADSCIM], "externalId": f"ext-{name}", "displayName": name,
            "meta": {"resourceType": "Group"}}


def operations(*list_of):
    return {"schemas": [PATCH_OP],
            "Operations": [dict(zip(("op", "path", "value"), one)) for one in list_of]}


def lookup(entra, name):
    """The question before each change: is somebody there with that userName?"""
    return entra.get("/Users", filter=f'userName eq "{name}"').expect(200).json


def provision(entra, name, **attributes):
    assert lookup(entra, f"{name}@contoso.com")["totalResults"] == 0
    answer = entra.post("/Users", entra_user(name, **attributes)).expect(201)
    assert answer.headers["Content-Type"] == "application/scim+json"
    return answer.json


def test_the_connection_test_is_200_with_an_empty_list(entra):
    answer = lookup(entra, "AzureAD_Test-13b0da50-7a4c-4b7a-8c57-2b6ad1b7dd43")
    assert answer["totalResults"] == 0 and answer["Resources"] == [] and answer["itemsPerPage"] == 0


def test_the_initial_cycle_creates_whom_it_does_not_find_and_finds_them_then(entra):
    made = {name: provision(entra, name) for name in ("ada", "bob", "cyd")}
    for name, one in made.items():
        found = lookup(entra, f"{name.upper()}@contoso.com")
        assert [resource["id"] for resource in found["Resources"]] == [one["id"]]
        assert entra.get(f"/Users/{one['id']}").expect(200).json["externalId"] == f"ext-{name}"
        assert "roles" not in one and "title" not in one and one[ENTERPRISE] == {"department": "Sales"}


def test_a_matching_attribute_may_be_the_work_address_or_the_externalId(entra):
    made = provision(entra, "ada")
    for expression in ('emails[type eq "work"].value eq "ada@contoso.com"', 'externalId eq "ext-ada"'):
        found = entra.get("/Users", filter=expression).expect(200).json
        assert [one["id"] for one in found["Resources"]] == [made["id"]]
    assert entra.get("/Users", filter='externalId eq "EXT-ada"').json["totalResults"] == 0


def test_a_second_creation_is_409_uniqueness(entra):
    provision(entra, "ada")
    entra.post("/Users", entra_user("ada")).expect(409, "uniqueness")


def test_a_foreign_ADSCIM_urn_in_a_users_schemas_is_taken(entra):
    body = entra_user("ada")
    body["schemas"].append(ADSCIM_USER)
    assert ADSCIM_USER not in entra.post("/Users", body).expect(201).json["schemas"]


def test_an_incremental_cycle_changes_attributes_by_path(entra):
    made = provision(entra, "ada")
    path = f"/Users/{made['id']}"
    body = operations(
        ("Replace", "displayName", "Ada L."),
        ("Replace", "name.familyName", "Lovelace"),
        ("Replace", 'emails[type eq "work"].value', "ada.l@contoso.com"),
        ("Add", 'phoneNumbers[type eq "mobile"].value', "+44 1"),
        ("Add", 'addresses[type eq "work"].streetAddress', "1 Main St"),
        ("Add", 'addresses[type eq "work"].country', "GB"),
        ("Add", "title", "Countess"),
        ("Replace", f"{ENTERPRISE}:department", "Engines"),
        ("Add", f"{ENTERPRISE}:employeeNumber", "7"),
    )
    after = entra.patch(path, body).expect(200).json
    assert after["displayName"] == "Ada L." and after["name"]["familyName"] == "Lovelace"
    assert after["emails"] == [{"primary": True, "type": "work", "value": "ada.l@contoso.com"}]
    assert after["phoneNumbers"] == [{"type": "mobile", "value": "+44 1"}]
    assert after["addresses"] == [{"streetAddress": "1 Main St", "country": "GB", "type": "work"}]
    assert after["title"] == "Countess"
    assert after[ENTERPRISE] == {"employeeNumber": "7", "department": "Engines"}
    body = operations(("Remove", "title"), ("Remove", 'phoneNumbers[type eq "mobile"].value'),
                      ("Remove", f"{ENTERPRISE}:employeeNumber"))
    after = entra.patch(path, body).expect(200).json
    assert "title" not in after and "phoneNumbers" not in after and after[ENTERPRISE] == {"department": "Engines"}


def test_with_its_flag_it_sends_keys_with_dots_and_URNs_without_a_path(entra):
    made = provision(entra, "ada")
    body = {"schemas": [PATCH_OP], "Operations": [
        {"op": "replace", "value": {
            "displayName": "Ada L.",
            "name.givenName": "Augusta",
            'emails[type eq "work"].value': "augusta@contoso.com",
            f"{ENTERPRISE}:department": "Engines",
        }},
        {"op": "add", "value": {f"{ENTERPRISE}:costCenter": "7", 'phoneNumbers[type eq "work"].value': "+1"}},
    ]}
    after = entra.patch(f"/Users/{made['id']}", body).expect(200).json
    assert after["displayName"] == "Ada L." and after["name"]["givenName"] == "Augusta"
    assert after["emails"][0]["value"] == "augusta@contoso.com"
    assert after[ENTERPRISE] == {"costCenter": "7", "department": "Engines"}
    assert after["phoneNumbers"] == [{"value": "+1", "type": "work"}]


def test_a_manager_comes_as_text_or_object_and_goes_with_its_extension(entra):
    boss = provision(entra, "boss")
    ada = provision(entra, "ada", **{ENTERPRISE: None})
    path, manager = f"/Users/{ada['id']}", f"{ENTERPRISE}:manager"
    for value in (boss["id"], {"value": boss["id"]}, [{"value": boss["id"]}]):
        after = entra.patch(path, operations(("Add", manager, value))).expect(200).json
        assert after[ENTERPRISE]["manager"]["value"] == boss["id"] and ENTERPRISE in after["schemas"]
        found = entra.get("/Users", attributes="id", filter=f'id eq "{ada["id"]}" and manager eq "{boss["id"]}"')
        assert found.expect(200).json["totalResults"] == 1
        after = entra.patch(path, operations(("Remove", manager))).expect(200).json
        assert ENTERPRISE not in after and ENTERPRISE not in after["schemas"]


def test_app_roles_come_with_booleans_as_text(entra):
    ada = provision(entra, "ada")
    path = f"/Users/{ada['id']}"
    role = {"value": "{\"id\":\"1\",\"displayName\":\"admin\"}", "primary": "True", "type": "WindowsAzureActiveDirectoryRole"}
    after = entra.patch(path, operations(("Add", "roles", [role]))).expect(200).json
    assert after["roles"] == [{**role, "primary": True}]
    after = entra.patch(path, operations(("Replace", 'roles[primary eq "True"].display', "Admin"))).expect(200).json
    assert after["roles"][0]["display"] == "Admin"
    body = operations(("Add", 'roles[primary eq "True"].value', "viewer"))
    assert entra.patch(path, body).expect(200).json["roles"][0]["value"] == "viewer"


def test_a_role_is_made_by_a_filter_on_primary_as_text(entra):
    ada = provision(entra, "ada")
    body = operations(("Add", 'roles[primary eq "True"].value', "admin"),
                      ("Add", 'roles[primary eq "True"].type', "app"))
    after = entra.patch(f"/Users/{ada['id']}", body).expect(200).json
    assert after["roles"] == [{"value": "admin", "type": "app", "primary": True}]


@pytest.mark.parametrize("false, true", [("False", "True"), (False, True)], ids=["without the flag", "with it"])
def test_disabling_hides_nobody_and_restoring_brings_the_same_person_back(entra, false, true):
    made = provision(entra, "ada")
    path = f"/Users/{made['id']}"
    assert entra.patch(path, operations(("Replace", "active", false))).expect(200).json["active"] is False
    assert lookup(entra, "ada@contoso.com")["Resources"][0]["active"] is False
    assert entra.get(path).expect(200).json["active"] is False
    restored = entra.patch(path, operations(("Replace", "active", true))).expect(200).json
    assert restored["active"] is True and restored["id"] == made["id"]


def test_a_deleted_person_is_gone_and_a_restored_one_is_made_anew(entra):
    made = provision(entra, "ada")
    entra.patch(f"/Users/{made['id']}", operations(("Replace", "active", "False"))).expect(200)  # soft delete
    entra.delete(f"/Users/{made['id']}").expect(204)  # after 30 days, or at once from the bin
    entra.get(f"/Users/{made['id']}").expect(404)
    entra.delete(f"/Users/{made['id']}").expect(404)
    assert provision(entra, "ada")["id"] != made["id"]


def test_a_change_of_what_is_equal_already_is_no_change(entra):
    made = provision(entra, "ada")
    body = operations(("Replace", "displayName", "Ada"), ("Replace", "active", "True"),
                      ("Add", 'emails[type eq "work"].value', "ada@contoso.com"))
    assert entra.patch(f"/Users/{made['id']}", body).expect(200).json == made


# -- groups


def provision_group(entra, name):
    found = entra.get("/Groups", excludedAttributes="members", filter=f'displayName eq "{name}"').expect(200).json
    assert found["totalResults"] == 0
    return entra.post("/Groups", entra_group(name)).expect(201).json


def has_member(entra, group, member):
    expression = f'id eq "{group}" and members eq "{member}"'
    return entra.get("/Groups", attributes="id", filter=expression).expect(200).json["totalResults"] == 1


def test_a_group_is_created_without_members_and_found_without_regard_to_case(entra):
    made = provision_group(entra, "Sales Team")
    assert made["schemas"] == [GROUP] and "members" not in made
    found = entra.get("/Groups", excludedAttributes="members", filter='displayName eq "SALES TEAM"').json
    assert [one["id"] for one in found["Resources"]] == [made["id"]]
    assert "members" not in entra.get(f"/Groups/{made['id']}", excludedAttributes="members").expect(200).json


def test_members_are_added_and_removed_by_value_lists(entra):
    staff = provision_group(entra, "staff")
    people = [provision(entra, f"p{number}")["id"] for number in range(3)]
    path = f"/Groups/{staff['id']}"
    for person in people:
        answer = entra.patch(path, operations(("Add", "members", [{"$ref": None, "value": person}]))).expect(204)
        assert answer.content == b""
    assert members(entra, staff["id"]) == sorted(people)
    assert has_member(entra, staff["id"], people[0])
    entra.patch(path, operations(("Add", "members", [{"$ref": None, "value": people[0]}]))).expect(204)
    assert len(members(entra, staff["id"])) == 3
    entra.patch(path, operations(("Remove", "members", [{"$ref": None, "value": people[0]}]))).expect(204)
    assert members(entra, staff["id"]) == sorted(people[1:])
    assert not has_member(entra, staff["id"], people[0])
    entra.patch(path, operations(("Remove", f'members[value eq "{people[1]}"]'))).expect(204)
    assert members(entra, staff["id"]) == [people[2]]


def test_a_group_is_renamed_and_deleted(entra):
    staff = provision_group(entra, "staff")
    person = provision(entra, "ada")
    path = f"/Groups/{staff['id']}"
    entra.patch(path, operations(("Add", "members", [{"value": person["id"]}]))).expect(204)
    entra.patch(path, operations(("Replace", "displayName", "crew"))).expect(204)
    renamed = entra.get(path, excludedAttributes="members").expect(200).json
    assert renamed["displayName"] == "crew" and members(entra, staff["id"]) == [person["id"]]
    entra.delete(path).expect(204)
    entra.get(path).expect(404)
    assert "groups" not in entra.get(f"/Users/{person['id']}").expect(200).json


def test_a_large_group_is_filled_and_emptied_in_batches_of_100(entra):
    creations = [
        {"method": "POST", "path": "/Users", "bulkId": f"u{number}", "data": entra_user(f"u{number:03}")}
        for number in range(500)
    ]
    done = entra.post("/Bulk", {"schemas": [BULK], "Operations": creations}).expect(200).json["Operations"]
    people = [one["location"].rsplit("/", 1)[1] for one in done]
    assert len(set(people)) == 500
    path = f"/Groups/{provision_group(entra, 'everybody')['id']}"

    def batches(op):
        for start in range(0, 500, 100):
            value = [{"$ref": None, "value": person} for person in people[start:start + 100]]
            entra.patch(path, operations((op, "members", value))).expect(204)

    batches("Add")
    assert members(entra, path.rsplit("/", 1)[1]) == sorted(people)
    batches("Add")
    assert len(members(entra, path.rsplit("/", 1)[1])) == 500
    version = entra.get(path, excludedAttributes="members").json["meta"]["version"]
    answer = entra.patch(path, operations(("Add", "members", [{"value": people[7]}]))).expect(204)
    assert answer.headers["ETag"] == version
    batches("Remove")
    assert members(entra, path.rsplit("/", 1)[1]) == []


def test_one_PATCH_may_carry_many_members_as_operations_of_their_own(entra):
    staff = provision_group(entra, "staff")
    people = [provision(entra, f"p{number}")["id"] for number in range(5)]
    body = operations(*(("Add", "members", [{"value": person}]) for person in people),
                      ("Remove", "members", [{"value": people[0]}]))
    entra.patch(f"/Groups/{staff['id']}", body).expect(204)
    assert members(entra, staff["id"]) == sorted(people[1:])
