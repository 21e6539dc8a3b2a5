"""Groups: members as rows, nested groups, and what a user's `groups` says about them."""

import pytest

from people import (
    found, ids_of, make_group, make_user, member_ids, memberships, path_of, read, reference, references,
)
from scimclient import BULK, GROUP, USER, patch_op

UNKNOWN = "01a00000-0000-7000-8000-000000000000"
FOREIGN = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/Group"


@pytest.fixture
def ada(scim):
    return make_user(scim, "ada", displayName="Ada Lovelace")


@pytest.fixture
def ben(scim):
    return make_user(scim, "ben")


@pytest.fixture
def cleo(scim):
    return make_user(scim, "cleo")


def change_members(scim, group, *operations, **operation):
    """A PATCH of a group, which answers 204."""
    return scim.patch(path_of(group), patch_op(*operations, **operation)).expect(204)


# -- creation and reading


def test_a_group_is_created_with_201_location_and_its_members(scim, ada, ben):
    answer = scim.post(
        "/Groups", {"schemas": [GROUP], "displayName": "Staff", "members": references(ada, ben)}
    ).expect(201)
    group = answer.json
    assert answer.headers["Location"] == group["meta"]["location"]
    assert group["meta"]["resourceType"] == "Group"
    assert {one["value"] for one in group["members"]} == ids_of(ada, ben)
    assert scim.get(answer.headers["Location"]).expect(200).json == group


def test_a_member_says_what_it_is_where_it_is_and_its_name(scim, ada):
    inner = make_group(scim, "Inner")
    members = {one["value"]: one for one in make_group(scim, "Outer", ada, inner)["members"]}
    assert members[ada["id"]] == {
        "value": ada["id"], "type": "User", "display": "Ada Lovelace", "$ref": ada["meta"]["location"],
    }
    assert members[inner["id"]] == {
        "value": inner["id"], "type": "Group", "display": "Inner", "$ref": inner["meta"]["location"],
    }


def test_what_a_client_says_about_a_member_beside_its_id_is_decided_by_the_member(scim, ada):
    lie = {"value": ada["id"], "display": "Somebody else", "type": "Group", "$ref": None}
    group = scim.post(
        "/Groups", {"schemas": [GROUP], "displayName": "G", "members": [lie]}
    ).expect(201).json
    assert group["members"][0]["display"] == "Ada Lovelace"
    assert group["members"][0]["type"] == "User"
    assert group["members"][0]["$ref"] == ada["meta"]["location"]


def test_a_members_display_follows_the_members_name(scim, ada):
    group = make_group(scim, "G", ada)
    scim.patch(path_of(ada), patch_op(op="replace", path="displayName", value="Countess")).expect(200)
    assert read(scim, group)["members"][0]["display"] == "Countess"


def test_a_group_without_display_name_is_refused(scim):
    scim.post("/Groups", {"schemas": [GROUP]}).expect(400, "invalidValue")


def test_a_groups_display_name_is_published_as_required(scim):
    schema = scim.get(f"/Schemas/{GROUP}").expect(200).json
    assert {one["name"]: one["required"] for one in schema["attributes"]}["displayName"] is True


def test_a_groups_display_name_cannot_be_removed(scim):
    group = make_group(scim, "G")
    scim.patch(path_of(group), patch_op(op="remove", path="displayName")).expect(400)
    assert read(scim, group)["displayName"] == "G"


def test_two_groups_may_have_the_same_name(scim):
    one, other = make_group(scim, "Twins"), make_group(scim, "Twins")
    assert found(scim, "/Groups", 'displayName eq "Twins"') == ids_of(one, other)


@pytest.mark.parametrize("members", [[], None, [{}], [None]], ids=["list", "null", "object", "list of null"])
def test_empty_members_mean_none(scim, members):
    group = scim.post(
        "/Groups", {"schemas": [GROUP], "displayName": "G", "members": members}
    ).expect(201).json
    assert "members" not in group


def test_a_foreign_urn_in_a_groups_schemas_is_taken_and_not_kept(scim):
    group = scim.post(
        "/Groups",
        {"schemas": [GROUP, FOREIGN], "displayName": "G", "meta": {"resourceType": "Group"}, "externalId": "x"},
    ).expect(201).json
    assert group["schemas"] == [GROUP]
    assert group["externalId"] == "x"


def test_a_member_named_twice_in_one_request_is_a_member_once(scim, ada):
    group = make_group(scim, "G", ada, ada)
    assert [one["value"] for one in group["members"]] == [ada["id"]]
    assert member_ids(scim, group) == ids_of(ada)


@pytest.mark.parametrize(
    "member",
    [{"display": "nobody"}, {"value": ""}, {"value": 7}, {"value": None}, {"value": ["x"]}, 7, [[]]],
    ids=["no value", "empty value", "number", "null", "list", "bare number", "lists"],
)
def test_a_member_without_an_id_is_refused(scim, member):
    scim.post("/Groups", {"schemas": [GROUP], "displayName": "G", "members": [member]}).expect(400)
    group = make_group(scim, "H")
    scim.patch(path_of(group), patch_op(op="add", path="members", value=[member])).expect(400)
    assert read(scim, group)["meta"]["version"] == group["meta"]["version"]


def test_a_deleted_group_is_gone_and_its_members_stay(scim, ada):
    group = make_group(scim, "G", ada)
    scim.delete(path_of(group)).expect(204)
    scim.get(path_of(group)).expect(404)
    scim.delete(path_of(group)).expect(404)
    assert memberships(scim, ada) == {}
    assert found(scim, "/Groups", 'displayName eq "G"') == set()


# -- projection


@pytest.mark.parametrize(
    "parameters",
    [{"excludedAttributes": "members"}, {"attributes": "displayName"},
     {"excludedAttributes": f"{GROUP}:members"}, {"attributes": "id"}],
    ids=["excludedAttributes=members", "attributes=displayName", "with its URN", "attributes=id"],
)
def test_members_are_left_out_where_they_are_not_asked_for(scim, ada, parameters):
    group = make_group(scim, "G", ada)
    assert "members" not in read(scim, group, **parameters)
    page = scim.get("/Groups", filter='displayName eq "g"', **parameters).expect(200).json
    assert [one["id"] for one in page["Resources"]] == [group["id"]]
    assert "members" not in page["Resources"][0]


@pytest.mark.parametrize("attributes", ["members", "members.value", f"{GROUP}:members.value", "MEMBERS"])
def test_members_are_there_where_they_are_asked_for(scim, ada, attributes):
    group = make_group(scim, "G", ada)
    answer = read(scim, group, attributes=attributes)
    assert [one["value"] for one in answer["members"]] == [ada["id"]]
    assert "displayName" not in answer
    assert ("display" in answer["members"][0]) == attributes.lower().endswith("members")


def test_a_list_of_groups_shows_each_with_its_own_members(scim, ada, ben):
    one, other = make_group(scim, "One", ada), make_group(scim, "Other", ada, ben)
    members = {
        group["id"]: {member["value"] for member in group.get("members", [])}
        for group in scim.all("/Groups")
    }
    assert members == {one["id"]: ids_of(ada), other["id"]: ids_of(ada, ben)}


# -- adding


@pytest.mark.parametrize(
    "operation",
    [
        lambda one: {"op": "add", "path": "members", "value": [{"value": one}]},
        lambda one: {"op": "Add", "path": "members", "value": [{"value": one, "$ref": None}]},
        lambda one: {"op": "add", "path": "members", "value": {"value": one}},
        lambda one: {"op": "add", "value": {"members": [{"value": one}]}},
        lambda one: {"op": "add", "path": f"{GROUP}:members", "value": [{"value": one, "display": None}]},
        lambda one: {"op": "add", "path": "Members", "value": [{"value": one}]},
    ],
    ids=["list", "Entra, $ref null", "one object", "no path", "URN path", "other case"],
)
def test_a_member_is_added_and_the_others_stay(scim, ada, ben, operation):
    group = make_group(scim, "G", ada)
    change_members(scim, group, operation(ben["id"]))
    assert member_ids(scim, group) == ids_of(ada, ben)


def test_a_patch_of_a_group_answers_204_with_its_new_version(scim, ada):
    group = make_group(scim, "G")
    answer = change_members(scim, group, op="add", path="members", value=references(ada))
    assert answer.content == b""
    assert answer.headers["ETag"] == read(scim, group)["meta"]["version"] != group["meta"]["version"]


def test_a_patch_of_a_group_answers_200_where_attributes_are_asked_for(scim, ada):
    group = make_group(scim, "G")
    body = patch_op(op="add", path="members", value=references(ada))
    answer = scim.patch(path_of(group), body, attributes="members").expect(200).json
    assert [one["value"] for one in answer["members"]] == [ada["id"]]
    answer = scim.patch(path_of(group), body, excludedAttributes="members").expect(200).json
    assert answer["displayName"] == "G" and "members" not in answer


def test_a_member_added_twice_is_there_once_and_changes_nothing(scim, ada):
    group = make_group(scim, "G", ada)
    change_members(scim, group, op="add", path="members", value=references(ada, ada))
    assert read(scim, group) == group


def test_a_change_of_members_bumps_version_and_last_modified_of_the_group(scim, ada):
    group = make_group(scim, "G")
    change_members(scim, group, op="add", path="members", value=references(ada))
    after = read(scim, group)
    assert after["meta"]["version"] != group["meta"]["version"]
    assert after["meta"]["lastModified"] > group["meta"]["lastModified"]
    assert after["meta"]["created"] == group["meta"]["created"]


def test_a_change_of_members_does_not_bump_the_members(scim, ada):
    group = make_group(scim, "G", ada)
    change_members(scim, group, op="remove", path="members", value=references(ada))
    assert read(scim, ada)["meta"] == ada["meta"]


def test_several_operations_on_members_run_in_order_in_one_request(scim, ada, ben, cleo):
    group = make_group(scim, "G", ada)
    change_members(
        scim, group,
        {"op": "add", "path": "members", "value": references(ben)},
        {"op": "add", "path": "members", "value": references(cleo)},
        {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'},
        {"op": "remove", "path": f'members[value eq "{cleo["id"]}"]'},
        {"op": "add", "path": "members", "value": references(ada)},
    )
    assert member_ids(scim, group) == ids_of(ada, ben)


def test_members_and_attributes_change_together_in_one_request(scim, ada):
    group = make_group(scim, "Before")
    change_members(scim, group, op="replace", value={"displayName": "After", "members": references(ada)})
    after = read(scim, group)
    assert after["displayName"] == "After"
    assert [one["value"] for one in after["members"]] == [ada["id"]]


def test_a_later_bad_operation_undoes_the_earlier_ones_on_members(scim, ada, ben):
    group = make_group(scim, "G", ada)
    scim.patch(
        path_of(group),
        patch_op(
            {"op": "add", "path": "members", "value": references(ben)},
            {"op": "remove", "path": "members", "value": references(ada)},
            {"op": "remove", "path": "displayName"},
        ),
    ).expect(400)
    assert read(scim, group) == group
    assert memberships(scim, ben) == {}


def test_oktas_rename_with_the_id_in_the_value_keeps_the_members(scim, ada):
    group = make_group(scim, "Before", ada)
    scim.patch(
        path_of(group), patch_op(op="replace", value={"id": group["id"], "displayName": "After"})
    ).expect(204)
    assert read(scim, group)["displayName"] == "After"
    assert member_ids(scim, group) == ids_of(ada)
    assert memberships(scim, ada) == {"After": "direct"}


def test_another_id_in_a_patch_value_is_refused(scim):
    group = make_group(scim, "G")
    scim.patch(
        path_of(group), patch_op(op="replace", value={"id": UNKNOWN, "displayName": "After"})
    ).expect(400, "mutability")
    assert read(scim, group) == group


# -- removing


@pytest.mark.parametrize(
    "operation",
    [
        lambda one: {"op": "remove", "path": f'members[value eq "{one}"]'},
        lambda one: {"op": "Remove", "path": "members", "value": [{"value": one}]},
        lambda one: {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": one}]},
        lambda one: {"op": "remove", "path": "members", "value": {"value": one}},
        lambda one: {"op": "remove", "path": "members", "value": [one]},
        lambda one: {"op": "remove", "path": f'{GROUP}:members[value eq "{one}"]'},
        lambda one: {"op": "remove", "path": f'MEMBERS[VALUE EQ "{one}"]'},
        lambda one: {"op": "remove", "path": f'members[value eq "{one}" and type eq "User"]'},
    ],
    ids=["by filter", "Entra, value list", "$ref null", "one object", "bare ids", "URN", "case", "and"],
)
def test_a_member_is_removed_and_the_others_stay(scim, ada, ben, operation):
    group = make_group(scim, "G", ada, ben)
    change_members(scim, group, operation(ada["id"]))
    assert member_ids(scim, group) == ids_of(ben)
    assert memberships(scim, ada) == {}


def test_members_are_removed_by_any_filter(scim, ada, ben):
    inner = make_group(scim, "Inner")
    group = make_group(scim, "G", ada, ben, inner)
    change_members(scim, group, op="remove", path='members[type eq "Group"]')
    assert member_ids(scim, group) == ids_of(ada, ben)
    change_members(scim, group, op="remove", path='members[display sw "ada"]')
    assert member_ids(scim, group) == ids_of(ben)


def test_several_members_are_removed_by_one_filter(scim, ada, ben, cleo):
    group = make_group(scim, "G", ada, ben, cleo)
    change_members(
        scim, group, op="remove", path=f'members[value eq "{ada["id"]}" or value eq "{cleo["id"]}"]'
    )
    assert member_ids(scim, group) == ids_of(ben)


def test_removing_members_without_a_filter_removes_all(scim, ada, ben):
    group = make_group(scim, "G", ada, ben)
    change_members(scim, group, op="remove", path="members")
    assert member_ids(scim, group) == set()
    assert memberships(scim, ada) == memberships(scim, ben) == {}


@pytest.mark.parametrize("form", ["filter", "list"])
def test_removing_somebody_who_is_no_member_succeeds_and_changes_nothing(scim, ada, ben, form):
    group = make_group(scim, "G", ada)
    operation = {"op": "remove", "path": "members", "value": references(ben)}
    if form == "filter":
        operation = {"op": "remove", "path": f'members[value eq "{ben["id"]}"]'}
    change_members(scim, group, operation)
    assert read(scim, group) == group


def test_removing_somebody_who_is_no_member_is_no_target_in_the_strict_profile(scim, strict, ada, ben):
    group = make_group(scim, "G", ada)
    strict.patch(
        path_of(group), patch_op(op="remove", path=f'members[value eq "{ben["id"]}"]')
    ).expect(400, "noTarget")
    assert read(scim, group) == group


def test_a_remove_with_a_value_list_is_refused_in_the_strict_profile(scim, strict, ada, ben):
    group = make_group(scim, "G", ada, ben)
    strict.patch(
        path_of(group), patch_op(op="remove", path="members", value=references(ada))
    ).expect(400)
    assert member_ids(scim, group) == ids_of(ada, ben)


def test_a_membership_is_there_or_not_and_cannot_be_changed_into_another(scim, ada, ben):
    group = make_group(scim, "G", ada)
    for operation in (
        {"op": "replace", "path": f'members[value eq "{ada["id"]}"]', "value": reference(ben)},
        {"op": "replace", "path": f'members[value eq "{ada["id"]}"].value', "value": ben["id"]},
        {"op": "replace", "path": f'members[value eq "{ada["id"]}"].display', "value": "x"},
    ):
        scim.patch(path_of(group), patch_op(operation)).expect(400, "mutability")
    assert read(scim, group) == group


@pytest.mark.parametrize(
    "path", ["members[value eq]", 'members[nonsense eq "x"]', "members[", 'members[value zz "x"]', "memberz"]
)
def test_a_broken_path_to_members_is_refused_and_changes_nothing(scim, ada, path):
    group = make_group(scim, "G", ada)
    answer = scim.patch(path_of(group), patch_op(op="remove", path=path)).expect(400)
    assert answer.scim_type in ("invalidPath", "invalidFilter"), answer
    assert read(scim, group) == group


# -- replacing


@pytest.mark.parametrize(
    "operation",
    [lambda value: {"op": "replace", "path": "members", "value": value},
     lambda value: {"op": "Replace", "value": {"members": value}}],
    ids=["path", "no path"],
)
def test_replacing_members_leaves_just_the_new_ones(scim, ada, ben, cleo, operation):
    group = make_group(scim, "G", ada, ben)
    change_members(scim, group, operation(references(ben, cleo)))
    assert member_ids(scim, group) == ids_of(ben, cleo)
    change_members(scim, group, operation([]))
    assert member_ids(scim, group) == set()


def test_replacing_members_with_the_same_ones_changes_nothing(scim, ada, ben):
    group = make_group(scim, "G", ada, ben)
    change_members(scim, group, op="replace", path="members", value=references(ben, ada))
    assert read(scim, group) == group


def test_a_put_of_a_group_replaces_its_members(scim, ada, ben, cleo):
    group = make_group(scim, "G", ada, ben)
    answer = scim.put(
        path_of(group), {"schemas": [GROUP], "displayName": "H", "members": references(ben, cleo)}
    ).expect(200).json
    assert {one["value"] for one in answer["members"]} == ids_of(ben, cleo)
    assert answer["displayName"] == "H" and answer["id"] == group["id"]
    assert member_ids(scim, group) == ids_of(ben, cleo)
    assert memberships(scim, ada) == {} and memberships(scim, cleo) == {"H": "direct"}


def test_a_put_without_members_leaves_none(scim, ada):
    group = make_group(scim, "G", ada)
    scim.put(path_of(group), {"schemas": [GROUP], "displayName": "G"}).expect(200)
    assert member_ids(scim, group) == set()


def test_a_put_of_what_is_there_changes_nothing(scim, ada):
    group = make_group(scim, "G", ada)
    assert scim.put(path_of(group), group).expect(200).json == group


# -- a user's groups


def test_a_users_groups_show_where_it_is_a_member(scim, ada):
    group = make_group(scim, "Staff", ada)
    assert read(scim, ada)["groups"] == [
        {"value": group["id"], "display": "Staff", "type": "direct", "$ref": group["meta"]["location"]}
    ]


def test_a_users_groups_tell_direct_from_indirect_membership(scim, ada):
    inner = make_group(scim, "Inner", ada)
    middle = make_group(scim, "Middle", inner)
    make_group(scim, "Outer", middle)
    make_group(scim, "Unrelated")
    assert memberships(scim, ada) == {"Inner": "direct", "Middle": "indirect", "Outer": "indirect"}


def test_a_member_both_ways_is_a_direct_one(scim, ada):
    inner = make_group(scim, "Inner", ada)
    make_group(scim, "Outer", inner, ada)
    assert memberships(scim, ada) == {"Inner": "direct", "Outer": "direct"}


def test_indirect_membership_ends_with_its_last_link(scim, ada):
    inner = make_group(scim, "Inner", ada)
    outer = make_group(scim, "Outer", inner)
    change_members(scim, outer, op="remove", path=f'members[value eq "{inner["id"]}"]')
    assert memberships(scim, ada) == {"Inner": "direct"}
    change_members(scim, outer, op="add", path="members", value=references(inner))
    scim.delete(path_of(inner)).expect(204)
    assert memberships(scim, ada) == {}


def test_a_users_groups_are_read_only(scim, ada):
    group = make_group(scim, "G")
    scim.patch(
        path_of(ada), patch_op(op="add", path="groups", value=references(group))
    ).expect(400, "mutability")
    scim.put(
        path_of(ada), {"schemas": [USER], "userName": "ada", "groups": references(group)}
    ).expect(200)
    assert memberships(scim, ada) == {} and member_ids(scim, group) == set()


def test_a_put_of_a_user_keeps_its_memberships(scim, ada):
    group = make_group(scim, "G", ada)
    answer = scim.put(path_of(ada), {"schemas": [USER], "userName": "ada", "groups": []}).expect(200).json
    assert [one["value"] for one in answer["groups"]] == [group["id"]]
    assert member_ids(scim, group) == ids_of(ada)


def test_a_disabled_user_stays_a_member(scim, ada):
    group = make_group(scim, "G", ada)
    scim.patch(path_of(ada), patch_op(op="replace", value={"active": False})).expect(200)
    assert member_ids(scim, group) == ids_of(ada)


def test_a_list_of_users_shows_their_groups(scim, ada, ben):
    make_group(scim, "G", ada)
    groups = {one["userName"]: [g["display"] for g in one.get("groups", [])] for one in scim.all("/Users")}
    assert groups == {"ada": ["G"], "ben": []}


def test_groups_are_left_out_of_a_user_where_they_are_not_asked_for(scim, ada):
    make_group(scim, "G", ada)
    assert "groups" not in read(scim, ada, excludedAttributes="groups")
    assert "groups" not in read(scim, ada, attributes="userName")
    assert list(read(scim, ada, attributes="groups.display")["groups"][0]) == ["display"]


def test_a_deleted_user_is_no_member_any_more_and_the_groups_version_tells(scim, ada, ben):
    group = make_group(scim, "G", ada, ben)
    scim.delete(path_of(ada)).expect(204)
    after = read(scim, group)
    assert member_ids(scim, group) == ids_of(ben)
    assert after["meta"]["version"] != group["meta"]["version"]
    assert after["meta"]["lastModified"] > group["meta"]["lastModified"]


def test_a_user_created_again_is_a_new_person_and_no_member(scim, ada):
    group = make_group(scim, "G", ada)
    scim.delete(path_of(ada)).expect(204)
    again = make_user(scim, "ada")
    assert again["id"] != ada["id"]
    assert memberships(scim, again) == {} and member_ids(scim, group) == set()


# -- nesting


def test_a_group_in_itself_is_refused(scim):
    group = make_group(scim, "G")
    scim.patch(
        path_of(group), patch_op(op="add", path="members", value=references(group))
    ).expect(400, "invalidValue")
    scim.put(
        path_of(group), {"schemas": [GROUP], "displayName": "G", "members": references(group)}
    ).expect(400, "invalidValue")
    assert read(scim, group) == group


def test_groups_in_a_circle_end(scim, ada):
    first = make_group(scim, "First", ada)
    second = make_group(scim, "Second", first)
    third = make_group(scim, "Third", second)
    change_members(scim, first, op="add", path="members", value=references(third))
    assert memberships(scim, ada) == {"First": "direct", "Second": "indirect", "Third": "indirect"}
    assert member_ids(scim, first) == ids_of(ada, third)
    scim.delete(path_of(second)).expect(204)
    assert memberships(scim, ada) == {"First": "direct"}


def test_a_deep_chain_of_groups_is_followed_to_its_end(scim, ada):
    inner = ada
    for number in range(60):
        inner = make_group(scim, f"level-{number}", inner)
    groups = memberships(scim, ada)
    assert len(groups) == 60
    assert [name for name, kind in groups.items() if kind == "direct"] == ["level-0"]


def test_a_deleted_group_is_no_member_of_another_any_more(scim, ada):
    inner = make_group(scim, "Inner")
    outer = make_group(scim, "Outer", inner, ada)
    scim.delete(path_of(inner)).expect(204)
    assert member_ids(scim, outer) == ids_of(ada)
    assert read(scim, outer)["meta"]["version"] != outer["meta"]["version"]


# -- members that do not exist yet


def test_a_member_that_does_not_exist_is_parked_and_shown_to_nobody(scim, ada):
    group = make_group(scim, "G", ada, UNKNOWN)
    assert {one["value"] for one in group["members"]} == ids_of(ada)
    assert member_ids(scim, group) == ids_of(ada)
    scim.get(f"/Users/{UNKNOWN}").expect(404)


def test_a_parked_member_can_be_taken_back(scim):
    group = make_group(scim, "G", UNKNOWN)
    change_members(scim, group, op="remove", path=f'members[value eq "{UNKNOWN}"]')
    after = read(scim, group)
    assert "members" not in after and after["meta"]["version"] != group["meta"]["version"]
    change_members(scim, group, op="remove", path=f'members[value eq "{UNKNOWN}"]')
    assert read(scim, group) == after


def test_groups_that_name_each_other_attach_when_the_second_comes(scim):
    """The first is created while the second does not exist: its reference waits for it."""
    answer = scim.post("/Bulk", {"schemas": [BULK], "Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "one",
         "data": {"schemas": [GROUP], "displayName": "One", "members": [{"value": "bulkId:two"}]}},
        {"method": "POST", "path": "/Groups", "bulkId": "two",
         "data": {"schemas": [GROUP], "displayName": "Two", "members": [{"value": "bulkId:one"}]}},
    ]}).expect(200).json
    one, two = (scim.get(done["location"]).expect(200).json for done in answer["Operations"])
    assert member_ids(scim, one) == ids_of(two)
    assert member_ids(scim, two) == ids_of(one)


@pytest.mark.parametrize("verb", ["post", "put", "add", "replace"])
def test_the_strict_profile_refuses_a_member_that_does_not_exist(scim, strict, ada, verb):
    group = make_group(scim, "G", ada)
    body = {"schemas": [GROUP], "displayName": "G", "members": references(ada, UNKNOWN)}
    if verb == "post":
        answer = strict.post("/Groups", body)
    elif verb == "put":
        answer = strict.put(path_of(group), body)
    else:
        answer = strict.patch(path_of(group), patch_op(op=verb, path="members", value=references(ada, UNKNOWN)))
    answer.expect(400, "invalidValue")
    assert UNKNOWN in answer.json["detail"]
    assert read(scim, group) == group
    assert found(scim, "/Groups", 'displayName eq "G"') == ids_of(group)


# -- finding


def test_groups_are_found_by_display_name_without_regard_to_case(scim):
    group = make_group(scim, "Sales Team")
    make_group(scim, "Other")
    assert found(scim, "/Groups", 'displayName eq "sALES tEAM"') == ids_of(group)
    assert found(scim, "/Groups", 'displayName sw "sales"') == ids_of(group)


@pytest.mark.parametrize(
    "condition",
    ['members eq "{ada}"', 'members.value eq "{ada}"', 'members[value eq "{ada}"]',
     'members[value eq "{ada}" and type eq "User"]', f'{GROUP}:members.value eq "{{ada}}"',
     'id eq "{group}" and members eq "{ada}"'],
)
def test_groups_are_found_by_a_member(scim, ada, ben, condition):
    group = make_group(scim, "G", ada, ben)
    make_group(scim, "Other", ben)
    names = {"ada": ada["id"], "group": group["id"]}
    assert found(scim, "/Groups", condition.format(**names), attributes="id") == ids_of(group)


def test_entra_asks_whether_somebody_is_a_member(scim, ada, ben):
    group = make_group(scim, "G", ada)
    condition = 'id eq "{}" and members eq "{}"'
    page = scim.get(
        "/Groups", filter=condition.format(group["id"], ada["id"]), attributes="id"
    ).expect(200).json
    assert page["totalResults"] == 1 and "members" not in page["Resources"][0]
    assert found(scim, "/Groups", condition.format(group["id"], ben["id"])) == set()


def test_groups_with_and_without_members_are_found(scim, ada):
    full, empty = make_group(scim, "Full", ada), make_group(scim, "Empty")
    assert found(scim, "/Groups", "members pr") == ids_of(full)
    assert found(scim, "/Groups", "not (members pr)") == ids_of(empty)
    assert found(scim, "/Groups", 'members.type eq "User"') == ids_of(full)


def test_users_are_found_by_their_groups(scim, ada, ben):
    inner = make_group(scim, "Inner", ada)
    outer = make_group(scim, "Outer", inner, ben)
    assert found(scim, "/Users", f'groups.value eq "{inner["id"]}"') == ids_of(ada)
    assert found(scim, "/Users", f'groups.value eq "{outer["id"]}"') == ids_of(ada, ben)
    assert found(scim, "/Users", f'groups[value eq "{outer["id"]}" and type eq "direct"]') == ids_of(ben)
    assert found(scim, "/Users", 'groups.display eq "inner"') == ids_of(ada)


def test_groups_are_found_by_search(scim, ada):
    group = make_group(scim, "G", ada)
    answer = scim.post("/Groups/.search", {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": f'members eq "{ada["id"]}"', "excludedAttributes": ["members"],
    }).expect(200).json
    assert [one["id"] for one in answer["Resources"]] == [group["id"]]
    assert "members" not in answer["Resources"][0]


# -- versions


def test_a_groups_etag_is_its_version_and_answers_304(scim, ada):
    group = make_group(scim, "G", ada)
    answer = scim.get(path_of(group)).expect(200)
    assert answer.headers["ETag"] == group["meta"]["version"]
    unchanged = scim.get(path_of(group), headers={"If-None-Match": group["meta"]["version"]}).expect(304)
    assert unchanged.content == b""


def test_an_old_version_is_refused_for_groups_too(scim, ada):
    group = make_group(scim, "G")
    old = {"If-Match": group["meta"]["version"]}
    add = patch_op(op="add", path="members", value=references(ada))
    scim.patch(path_of(group), add, headers=old).expect(204)
    now = read(scim, group)

    scim.patch(path_of(group), patch_op(op="remove", path="members"), headers=old).expect(412)
    scim.put(path_of(group), {"schemas": [GROUP], "displayName": "H"}, headers=old).expect(412)
    scim.delete(path_of(group), headers=old).expect(412)
    assert read(scim, group) == now
    scim.delete(path_of(group), headers={"If-Match": now["meta"]["version"]}).expect(204)


@pytest.mark.parametrize("verb", ["get", "put", "patch", "delete"])
def test_a_group_is_not_found_under_users_nor_a_user_under_groups(scim, ada, verb):
    group = make_group(scim, "G", ada)
    bodies = {"put": {"schemas": [GROUP], "displayName": "x", "userName": "x"},
              "patch": patch_op(op="replace", path="externalId", value="x")}
    for path in (f"/Users/{group['id']}", f"/Groups/{ada['id']}"):
        scim.request(verb.upper(), path, bodies.get(verb)).expect(404)
    assert read(scim, group) == group
