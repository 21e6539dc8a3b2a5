"""attributes and excludedAttributes: RFC 7644 section 3.9."""

import pytest

from bodies import create, group, user
from scimclient import ENTERPRISE, SCIMD, USER, patch_op

BODY = user(
    "ada",
    externalId="E-1",
    displayName="Ada",
    name={"givenName": "Ada", "familyName": "Lovelace"},
    emails=[{"value": "a@x", "type": "work", "primary": True}, {"value": "b@x", "type": "home"}],
    active=True,
    **{ENTERPRISE: {"department": "Engines", "costCenter": "7", "manager": {"value": "b"}}},
)
ALWAYS = {"schemas", "id"}


@pytest.fixture(scope="module")
def ada(library):
    """A user in a group; .path, .group_path."""
    library.ada = create(library, BODY)
    library.path = f"/Users/{library.ada['id']}"
    library.group_path = f"/Groups/{create(library, group('staff', library.ada['id']))['id']}"
    return library


def shown(ada, **parameters):
    """The resource without what is always there."""
    resource = ada.get(ada.path, **parameters).expect(200).json
    assert ALWAYS <= set(resource)
    return {key: value for key, value in resource.items() if key not in ALWAYS}


@pytest.mark.parametrize(
    "attributes, expected",
    [
        ("userName", {"userName": "ada"}),
        ("USERNAME", {"userName": "ada"}),
        ("userName,active", {"userName": "ada", "active": True}),
        (" userName , active ", {"userName": "ada", "active": True}),
        (f"{USER}:userName", {"userName": "ada"}),
        ("name", {"name": BODY["name"]}),
        ("name.givenName", {"name": {"givenName": "Ada"}}),
        (f"{USER}:name.givenName", {"name": {"givenName": "Ada"}}),
        ("name.givenName,name", {"name": BODY["name"]}),
        ("emails.value", {"emails": [{"value": "a@x"}, {"value": "b@x"}]}),
        ("emails.primary", {"emails": [{"primary": True}]}),
        (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "Engines"}}),
        (f"{ENTERPRISE}:manager.value", {ENTERPRISE: {"manager": {"value": "b"}}}),
        (ENTERPRISE, {ENTERPRISE: BODY[ENTERPRISE]}),
        ("externalId", {"externalId": "E-1"}),
        ("id", {}),
        ("schemas", {}),
        ("colour", {}),
        ("nickName", {}),
        ("password", {}),
        ("userName,colour,name.colour", {"userName": "ada"}),
    ],
)
def test_attributes_shows_what_is_named_and_what_is_always_shown(ada, attributes, expected):
    assert shown(ada, attributes=attributes) == expected


def test_meta_and_its_parts_can_be_named(ada):
    meta = ada.ada["meta"]
    assert shown(ada, attributes="meta") == {"meta": meta}
    assert shown(ada, attributes="meta.location") == {"meta": {"location": meta["location"]}}
    assert "meta" not in shown(ada, attributes="userName")


def test_groups_of_a_user_can_be_named_and_left_out(ada):
    assert shown(ada, attributes="groups")["groups"][0]["display"] == "staff"
    assert shown(ada, attributes="groups.type") == {"groups": [{"type": "direct"}]}
    assert "groups" not in shown(ada, excludedAttributes="groups")
    assert "display" not in shown(ada, excludedAttributes="groups.display")["groups"][0]


@pytest.mark.parametrize(
    "excluded, gone",
    [
        ("userName", ["userName"]),
        ("NAME,emails", ["name", "emails"]),
        (f"{USER}:active", ["active"]),
        (ENTERPRISE, [ENTERPRISE]),
        ("meta", ["meta"]),
        ("externalId", ["externalId"]),
        ("colour", []),
        ("id,schemas", []),
        (",,", []),
    ],
)
def test_excludedAttributes_leaves_out_what_is_named_but_never_id_and_schemas(ada, excluded, gone):
    whole = shown(ada)
    assert set(whole) - set(shown(ada, excludedAttributes=excluded)) == set(gone)


def test_a_sub_attribute_can_be_left_out(ada):
    assert shown(ada, excludedAttributes="name.givenName")["name"] == {"familyName": "Lovelace"}
    emails = shown(ada, excludedAttributes="emails.value,emails.primary")["emails"]
    assert emails == [{"type": "work"}, {"type": "home"}]
    left = shown(ada, excludedAttributes=f"{ENTERPRISE}:department")[ENTERPRISE]
    assert set(left) == {"costCenter", "manager"}


def test_where_both_lists_are_given_attributes_are_taken_less_the_excluded(ada):
    both = shown(ada, attributes="userName,name", excludedAttributes="name.givenName")
    assert both == {"userName": "ada", "name": {"familyName": "Lovelace"}}
    assert shown(ada, attributes="userName", excludedAttributes="active") == {"userName": "ada"}
    assert shown(ada, attributes="userName,active", excludedAttributes="active") == {"userName": "ada"}


def test_an_empty_list_of_names_is_no_wish(ada):
    assert shown(ada, attributes="", excludedAttributes="") == shown(ada)


def test_names_work_in_lists_too(ada):
    (one,) = ada.get("/Users", attributes="userName").expect(200).json["Resources"]
    assert set(one) == ALWAYS | {"userName"}
    (one,) = ada.get("/Users", excludedAttributes="emails,groups,name").expect(200).json["Resources"]
    assert {"emails", "groups", "name"}.isdisjoint(one) and one["userName"] == "ada"


def test_names_work_on_the_answers_of_POST_PUT_and_PATCH(scim):
    made = scim.post("/Users", user("ada", title="x"), attributes="userName").expect(201)
    assert set(made.json) == ALWAYS | {"userName"}
    path = made.headers["Location"]
    assert path.startswith("http")
    answer = scim.put(path, user("ada", title="y"), attributes="title").expect(200)
    assert set(answer.json) == ALWAYS | {"title"}
    body = patch_op(op="replace", path="title", value="z")
    assert set(scim.patch(path, body, attributes="title").expect(200).json) == ALWAYS | {"title"}
    assert "title" not in scim.patch(path, body, excludedAttributes="title").expect(200).json
    assert scim.get(path).json["title"] == "z"


def test_members_are_left_out_of_a_group_on_wish(ada):
    group_json = ada.get(ada.group_path, excludedAttributes="members").expect(200).json
    assert "members" not in group_json and group_json["displayName"] == "staff"
    assert "members" not in ada.get(ada.group_path, attributes="displayName").expect(200).json
    assert ada.get(ada.group_path, attributes="members.value").expect(200).json["members"] == [
        {"value": ada.ada["id"]}
    ]


def test_an_extension_urn_stays_in_schemas_when_its_attributes_are_not_shown(ada):
    assert ENTERPRISE in ada.get(ada.path, attributes="userName").json["schemas"]


def test_a_projection_changes_nothing_that_is_stored(ada):
    ada.get(ada.path, attributes="userName")
    assert ada.get(ada.path).json["emails"] == BODY["emails"]


def test_a_very_long_list_of_names_is_taken_or_refused_but_no_5xx(ada):
    names = ",".join(f"colour{number}" for number in range(2000))
    assert ada.get(ada.path, attributes=names).status in (200, 400, 414, 431)


def test_our_extension_can_be_named(scim):
    made = create(scim, user("ada", active=True))
    path = f"/Users/{made['id']}"
    scim.patch(path, patch_op(op="replace", path="active", value=False)).expect(200)
    answer = scim.get(path, attributes=f"{SCIMD}:deactivatedAt").expect(200).json
    assert set(answer) == ALWAYS | {SCIMD}
