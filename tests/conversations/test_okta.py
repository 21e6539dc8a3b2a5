"""Okta's provisioning and group push, request by request, with connections of the profiles auto and
okta."""

import pytest

from bodies import members
from scimclient import GROUP, PATCH_OP, USER

JSON = {"Content-Type": "application/scim+json; charset=utf-8", "Accept": "application/scim+json",
        "User-Agent": "Okta SCIM Client 1.0.0"}


@pytest.fixture(params=["auto", "okta"])
def okta(tenant, request):
    scim = tenant.client(profile=request.param)
    scim.headers.update(JSON)
    return scim


def okta_user(account, **attributes):
    return {
        "schemas": [USER],
        "userName": f"{account}@okta.local",
        "name": {"givenName": account.capitalize(), "familyName": "User"},
        "emails": [{"primary": True, "value": f"{account}@okta.local", "type": "work"}],
        "displayName": f"{account.capitalize()} User",
        "locale": "en-US",
        "externalId": f"00u{account}",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
        **attributes,
    }


def change(value, path=None, op="replace"):
    operation = {"op": op, "value": value}
    if path is not None:
        operation["path"] = path
    return {"schemas": [PATCH_OP], "Operations": [operation]}


def lookup(okta, name):
    return okta.get("/Users", filter=f'userName eq "{name}@okta.local"', startIndex=1, count=100).expect(200).json


def provision(okta, name, **attributes):
    answer = lookup(okta, name)
    assert answer["totalResults"] == 0 and answer["startIndex"] == 1 and answer["itemsPerPage"] == 0
    answer = okta.post("/Users", okta_user(name, **attributes)).expect(201)
    assert answer.content and answer.headers["Location"]
    return answer.json


def test_its_test_suite_reads_a_page_of_one_and_wants_integers(okta):
    provision(okta, "ada")
    answer = okta.get("/Users", count=1, startIndex=1).expect(200).json
    assert [type(answer[name]) for name in ("totalResults", "startIndex", "itemsPerPage")] == [int] * 3
    one = answer["Resources"][0]
    for name in ("id", "userName", "active", "name", "emails"):
        assert name in one
    assert one["emails"][0]["type"] and one["emails"][0]["primary"] is True


def test_its_test_suite_asks_for_an_invalid_user_and_reads_the_error(okta):
    answer = okta.get("/Users/00u0000000000000").expect(404).json
    assert answer["detail"] and answer["status"] == "404"


def test_a_request_with_the_token_alone_is_taken(okta):
    okta.get("/Users", count=1, headers={"Authorization": okta.token}).expect(200)
    assert okta.get("/Users", headers={"Authorization": "NotAToken"}).status == 401


def test_a_person_is_created_with_password_and_empty_groups(okta):
    made = provision(okta, "ada")
    assert made["active"] is True and "password" not in made and "groups" not in made
    assert okta.get(f"/Users/{made['id']}").expect(200).json == made


def test_a_second_creation_is_409_with_a_SCIM_error(okta):
    provision(okta, "ada")
    okta.post("/Users", okta_user("ADA")).expect(409, "uniqueness")


def test_a_profile_push_is_a_PUT_of_everything(okta):
    made = provision(okta, "ada")
    body = okta_user("ada", id=made["id"], name={"givenName": "Augusta", "familyName": "King"},
                     meta=made["meta"], schemas=made["schemas"])
    after = okta.put(f"/Users/{made['id']}", body).expect(200).json
    assert after["name"] == {"givenName": "Augusta", "familyName": "King"} and after["id"] == made["id"]
    assert "password" not in after


def test_deactivation_is_a_PATCH_without_a_path_and_reactivation_too(okta):
    made = provision(okta, "ada")
    path = f"/Users/{made['id']}"
    assert okta.patch(path, change({"active": False})).expect(200).json["active"] is False
    assert lookup(okta, "ada")["Resources"][0]["active"] is False
    after = okta.patch(path, change({"active": True})).expect(200).json
    assert after["active"] is True and after["id"] == made["id"]


def test_a_password_sync_is_accepted_and_changes_nothing_that_is_seen(okta):
    made = provision(okta, "ada")
    answer = okta.patch(f"/Users/{made['id']}", change({"password": "n3w-Pass"})).expect(200)
    assert answer.json == made and "n3w-Pass" not in answer.text


def test_whoever_is_assigned_again_after_a_deactivation_is_found_and_activated(okta):
    made = provision(okta, "ada")
    path = f"/Users/{made['id']}"
    okta.patch(path, change({"active": False})).expect(200)
    (found,) = lookup(okta, "ada")["Resources"]
    after = okta.put(f"/Users/{found['id']}", okta_user("ada", active=True)).expect(200).json
    assert after["id"] == made["id"] and after["active"] is True


def test_a_POST_of_a_deactivated_person_is_409_for_okta(okta):
    made = provision(okta, "ada")
    okta.patch(f"/Users/{made['id']}", change({"active": False})).expect(200)
    okta.post("/Users", okta_user("ada")).expect(409, "uniqueness")
    assert okta.get(f"/Users/{made['id']}").json["active"] is False


def test_a_POST_of_a_deactivated_person_is_a_reactivation_where_the_profile_says_so(tenant):
    first = tenant.client(profile="okta")
    made = first.post("/Users", okta_user("ada")).expect(201).json
    first.patch(f"/Users/{made['id']}", change({"active": False})).expect(200)
    again = tenant.client(profile="jumpcloud").post("/Users", okta_user("ada")).expect(201)
    assert again.json["id"] == made["id"] and again.json["active"] is True
    assert again.headers["Location"] == made["meta"]["location"]


def test_an_import_reads_all_pages_of_100(okta):
    for number in range(7):
        provision(okta, f"p{number}")
    seen = []
    while True:
        page = okta.get("/Users", startIndex=len(seen) + 1, count=3).expect(200).json
        seen += [one["userName"] for one in page["Resources"]]
        if len(seen) >= page["totalResults"]:
            break
    assert seen == [f"p{number}@okta.local" for number in range(7)]


# -- group push


@pytest.fixture
def people(okta):
    return [provision(okta, f"p{number}")["id"] for number in range(4)]


def push(okta, name, *people):
    found = okta.get("/Groups", filter=f'displayName eq "{name}"', startIndex=1, count=100).expect(200).json
    assert found["totalResults"] == 0
    body = {"schemas": [GROUP], "displayName": name,
            "members": [{"value": person, "display": "somebody"} for person in people]}
    return okta.post("/Groups", body).expect(201).json


def test_a_pushed_group_has_its_members(okta, people):
    staff = push(okta, "staff", *people[:2])
    assert sorted(one["value"] for one in staff["members"]) == sorted(people[:2])
    assert members(okta, staff["id"]) == sorted(people[:2])


def test_an_empty_group_is_pushed_with_an_empty_list(okta):
    staff = push(okta, "staff")
    assert "members" not in staff
    okta.patch(f"/Groups/{staff['id']}", change([], path="members")).expect(204)
    assert members(okta, staff["id"]) == []


def test_a_renamed_group_comes_with_its_id_in_the_value(okta, people):
    staff = push(okta, "staff", people[0])
    body = change({"id": staff["id"], "displayName": "crew"})
    okta.patch(f"/Groups/{staff['id']}", body).expect(204)
    after = okta.get(f"/Groups/{staff['id']}").expect(200).json
    assert after["displayName"] == "crew" and members(okta, staff["id"]) == [people[0]]


def test_another_id_in_the_value_is_refused(okta):
    staff = push(okta, "staff")
    body = change({"id": "another", "displayName": "crew"})
    okta.patch(f"/Groups/{staff['id']}", body).expect(400, "mutability")


def test_memberships_change_by_remove_with_a_filter_and_add_in_one_request(okta, people):
    staff = push(okta, "staff", *people[:2])
    body = {"schemas": [PATCH_OP], "Operations": [
        {"op": "remove", "path": f'members[value eq "{people[0]}"]'},
        {"op": "add", "path": "members", "value": [{"value": people[2], "display": "p2@okta.local"},
                                                   {"value": people[3], "display": "p3@okta.local"}]},
    ]}
    okta.patch(f"/Groups/{staff['id']}", body).expect(204)
    assert members(okta, staff["id"]) == sorted(people[1:])


def test_a_push_now_replaces_all_members(okta, people):
    staff = push(okta, "staff", *people[:2])
    okta.patch(f"/Groups/{staff['id']}", change([{"value": people[3]}], path="members")).expect(204)
    assert members(okta, staff["id"]) == [people[3]]


def test_its_own_integrations_PUT_groups(okta, people):
    staff = push(okta, "staff", *people[:2])
    body = {"schemas": [GROUP], "id": staff["id"], "displayName": "crew",
            "members": [{"value": person} for person in people[1:]], "meta": staff["meta"]}
    after = okta.put(f"/Groups/{staff['id']}", body).expect(200).json
    assert after["displayName"] == "crew" and members(okta, staff["id"]) == sorted(people[1:])


def test_a_removed_member_of_a_person_who_is_gone_already_is_no_error(okta, people):
    staff = push(okta, "staff", *people[:2])
    okta.delete(f"/Users/{people[0]}").expect(204)
    body = {"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": f'members[value eq "{people[0]}"]'}]}
    okta.patch(f"/Groups/{staff['id']}", body).expect(204)


def test_an_unlinked_group_is_deleted_and_its_people_stay(okta, people):
    staff = push(okta, "staff", *people)
    assert okta.get(f"/Users/{people[0]}").json["groups"][0]["value"] == staff["id"]
    okta.delete(f"/Groups/{staff['id']}").expect(204)
    okta.get(f"/Groups/{staff['id']}").expect(404)
    for person in people:
        assert "groups" not in okta.get(f"/Users/{person}").expect(200).json


def test_no_tolerance_beyond_its_profile_is_needed(daemon, tenant):
    okta = tenant.client(profile="okta")
    okta.headers.update(JSON)
    made = provision(okta, "ada")
    okta.patch(f"/Users/{made['id']}", change({"active": False})).expect(200)
    shown = daemon.ctl_json("connection", "show", tenant.name, "okta")
    assert {one["name"] for one in shown["tolerances"]} <= {"repeated-id", "null-sub-attribute"}
