"""PATCH on users: RFC 7644 section 3.5.2."""

import itertools

import pytest

from bodies import create, user
from scimclient import ENTERPRISE, PATCH_OP, USER, patch_op

WORK = {"value": "ada@work.example", "type": "work", "primary": True}
HOME = {"value": "ada@home.example", "type": "home"}
BODY = user(
    "ada",
    externalId="E-1",
    displayName="Ada",
    title="Countess",
    name={"givenName": "Ada", "familyName": "Lovelace"},
    emails=[WORK, HOME],
    active=True,
    **{ENTERPRISE: {"department": "Engines", "manager": {"value": "boss-1"}}},
)


class Person:
    """A user under the hand of a test."""

    def __init__(self, scim, body):
        self.scim = scim
        self.made = create(scim, body)
        self.path = f"/Users/{self.made['id']}"

    def read(self):
        return self.scim.get(self.path).expect(200).json

    def patch(self, *operations, **operation):
        """Applies operations; the answer must be what a GET then gives."""
        answer = self.scim.patch(self.path, patch_op(*operations, **operation)).expect(200).json
        assert answer == self.read()
        return answer

    def refuse(self, scim_type, *operations, **operation):
        """The operations are refused, and nothing has changed."""
        before = self.read()
        answer = self.scim.patch(self.path, patch_op(*operations, **operation)).expect(400, scim_type)
        assert self.read() == before
        return answer.json["detail"]


_numbers = itertools.count(1)


@pytest.fixture
def scim(library):
    """One tenant for all: each test has a user of its own."""
    return library


@pytest.fixture
def ada(scim):
    return Person(scim, {**BODY, "userName": f"ada-{next(_numbers)}"})


@pytest.fixture
def strict_ada(strict):
    return Person(strict, BODY)


# -- add


@pytest.mark.parametrize("op", ["add", "replace"])
def test_a_single_value_is_set_by_add_and_replace(ada, op):
    assert ada.patch(op=op, path="nickName", value="A")["nickName"] == "A"
    assert ada.patch(op=op, path="nickName", value="B")["nickName"] == "B"


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(
    "path, place",
    [
        ("name.middleName", lambda one: one["name"]["middleName"]),
        (f"{USER}:name.middleName", lambda one: one["name"]["middleName"]),
        (f"{USER}:nickName", lambda one: one["nickName"]),
        ("NICKNAME", lambda one: one["nickName"]),
        (f"{ENTERPRISE}:costCenter", lambda one: one[ENTERPRISE]["costCenter"]),
        (f"{ENTERPRISE}:manager.value", lambda one: one[ENTERPRISE]["manager"]["value"]),
        ('emails[type eq "work"].value', lambda one: one["emails"][0]["value"]),
        ('emails[type eq "work"].display', lambda one: one["emails"][0]["display"]),
        ('emails[value sw "ada@w"].display', lambda one: one["emails"][0]["display"]),
        ('emails[type eq "work" and primary eq true].display', lambda one: one["emails"][0]["display"]),
        ("externalId", lambda one: one["externalId"]),
    ],
)
def test_a_path_leads_to_its_place(ada, op, path, place):
    after = ada.patch(op=op, path=path, value="new text")
    assert place(after) == "new text"
    assert after["name"]["givenName"] == "Ada" and len(after["emails"]) == 2


def test_add_to_a_list_keeps_what_is_there(ada):
    other = {"value": "ada@other.example", "type": "other"}
    assert ada.patch(op="add", path="emails", value=[other])["emails"] == [WORK, HOME, other]


def test_add_of_what_is_there_changes_neither_values_nor_lastModified(ada):
    assert ada.patch(op="add", path="emails", value=[HOME]) == ada.made


def test_add_of_a_primary_takes_it_from_the_old_one(ada):
    new = {"value": "n@x", "type": "other", "primary": True}
    emails = ada.patch(op="add", path="emails", value=[new])["emails"]
    assert [one["value"] for one in emails if one.get("primary")] == ["n@x"]
    emails = ada.patch(op="replace", path='emails[type eq "home"].primary', value=True)["emails"]
    assert [one["type"] for one in emails if one.get("primary")] == ["home"]


def test_add_without_a_path_merges_a_value_object(ada):
    after = ada.patch(op="add", value={"nickName": "A", "name": {"middleName": "K"},
                                       "emails": [{"value": "n@x", "type": "other"}]})
    assert after["nickName"] == "A" and len(after["emails"]) == 3
    assert after["name"] == {"givenName": "Ada", "familyName": "Lovelace", "middleName": "K"}


def test_an_extension_in_a_value_object_is_merged(ada):
    after = ada.patch(op="add", value={ENTERPRISE: {"costCenter": "7"}})
    assert after[ENTERPRISE] == {"department": "Engines", "costCenter": "7", "manager": {"value": "boss-1"}}


def test_an_extension_that_was_not_there_is_added_and_named(scim):
    bob = Person(scim, user("bob"))
    after = bob.patch(op="add", path=f"{ENTERPRISE}:department", value="R&D")
    assert after[ENTERPRISE] == {"department": "R&D"} and after["schemas"] == [USER, ENTERPRISE]


@pytest.mark.parametrize("profile", ["ada", "strict_ada"])
def test_add_through_a_filter_that_matches_nothing_makes_the_element(request, profile):
    ada = request.getfixturevalue(profile)
    ada.patch(op="add", path='phoneNumbers[type eq "mobile"].value', value="+1")
    after = ada.patch(op="add", path='phoneNumbers[type eq "mobile"].display', value="pocket")
    assert after["phoneNumbers"] == [{"value": "+1", "display": "pocket", "type": "mobile"}]


def test_two_adds_through_one_filter_in_one_request_make_one_element(ada):
    after = ada.patch(
        {"op": "add", "path": 'addresses[type eq "work"].locality', "value": "London"},
        {"op": "add", "path": 'addresses[type eq "work"].country', "value": "GB"},
    )
    assert after["addresses"] == [{"locality": "London", "country": "GB", "type": "work"}]


# -- replace


def test_replace_through_a_filter_that_matches_nothing_is_noTarget(ada):
    ada.refuse("noTarget", op="replace", path='phoneNumbers[type eq "mobile"].value', value="+1")
    ada.refuse("noTarget", op="replace", path='emails[type eq "other"]', value={"value": "x@y"})


def test_replace_of_a_complex_attribute_keeps_what_is_not_named(ada):
    after = ada.patch(op="replace", path="name", value={"givenName": "Augusta"})
    assert after["name"] == {"givenName": "Augusta", "familyName": "Lovelace"}


def test_replace_of_a_multi_valued_attribute_replaces_all(ada):
    new = [{"value": "n@x", "type": "work"}]
    assert ada.patch(op="replace", path="emails", value=new)["emails"] == new


def test_replace_by_an_empty_list_removes(ada):
    assert "emails" not in ada.patch(op="replace", path="emails", value=[])


def test_replace_of_an_element_found_by_a_filter_keeps_what_is_not_named(ada):
    after = ada.patch(op="replace", path='emails[type eq "work"]', value={"value": "n@x"})
    assert after["emails"][0] == {"value": "n@x", "type": "work", "primary": True}


def test_replace_without_a_path_merges_a_value_object(ada):
    after = ada.patch(op="replace", value={"active": False, "title": "Programmer"})
    assert after["active"] is False and after["title"] == "Programmer" and after["emails"] == [WORK, HOME]


def test_keys_with_dots_and_URNs_are_paths(ada):
    after = ada.patch(op="replace", value={
        "name.givenName": "Augusta",
        f"{ENTERPRISE}:department": "Poetry",
        f"{ENTERPRISE}:manager.value": "boss-2",
        'emails[type eq "home"].value': "h@x",
        f"{USER}:title": "Dr",
    })
    assert after["name"]["givenName"] == "Augusta" and after["title"] == "Dr"
    assert after[ENTERPRISE] == {"department": "Poetry", "manager": {"value": "boss-2"}}
    assert after["emails"][1]["value"] == "h@x"


@pytest.mark.parametrize("op", ["add", "replace"])
def test_null_as_a_value_means_remove(ada, op):
    assert "title" not in ada.patch(op=op, path="title", value=None)
    assert "givenName" not in ada.patch(op=op, path="name.givenName", value=None)["name"]
    assert "externalId" not in ada.patch(op=op, value={"externalId": None})


def test_replace_by_null_removes_a_list(ada):
    assert "emails" not in ada.patch(op="replace", path="emails", value=None)


def test_the_same_value_twice_is_stored_once(ada):
    other = {"value": "o@x", "type": "other"}
    assert ada.patch(op="add", path="emails", value=[other, dict(other)])["emails"] == [WORK, HOME, other]


def test_values_that_become_one_are_stored_once(scim):
    emails = [{"value": "x@y", "type": kind, "display": kind} for kind in ("a", "b", "c", "d")]
    dan = Person(scim, user("dan", emails=emails))
    assert dan.patch(op="remove", path="emails.type")["emails"] == [{"value": "x@y", "display": "d"}]


# -- remove


@pytest.mark.parametrize(
    "path, gone",
    [
        ("title", lambda one: "title" not in one),
        ("name.givenName", lambda one: one["name"] == {"familyName": "Lovelace"}),
        ("name", lambda one: "name" not in one),
        ("emails", lambda one: "emails" not in one),
        ('emails[type eq "work"]', lambda one: one["emails"] == [HOME]),
        ('emails[value eq "ADA@home.example"]', lambda one: one["emails"] == [WORK]),
        ("emails[value pr]", lambda one: "emails" not in one),
        ('emails[type eq "work"].primary', lambda one: "primary" not in one["emails"][0]),
        ('emails[type eq "home"].value', lambda one: one["emails"] == [WORK]),
        ("emails.type", lambda one: all("type" not in email for email in one["emails"])),
        (ENTERPRISE, lambda one: ENTERPRISE not in one and one["schemas"] == [USER]),
        (f"{ENTERPRISE}:department", lambda one: one[ENTERPRISE] == {"manager": {"value": "boss-1"}}),
        (f"{ENTERPRISE}:manager", lambda one: one[ENTERPRISE] == {"department": "Engines"}),
        ("nickName", lambda one: "nickName" not in one),
        ("externalId", lambda one: "externalId" not in one),
    ],
)
def test_remove_takes_away_what_the_path_names(ada, path, gone):
    assert gone(ada.patch(op="remove", path=path))


def test_removing_the_last_attribute_of_an_extension_takes_its_urn_from_schemas(ada):
    ada.patch(op="remove", path=f"{ENTERPRISE}:department")
    after = ada.patch(op="remove", path=f"{ENTERPRISE}:manager")
    assert ENTERPRISE not in after and after["schemas"] == [USER]


def test_remove_through_a_filter_that_matches_nothing_changes_nothing(ada):
    assert ada.patch(op="remove", path='emails[type eq "other"]') == ada.made


def test_remove_through_a_filter_that_matches_nothing_is_noTarget_in_strict(strict_ada):
    strict_ada.refuse("noTarget", op="remove", path='emails[type eq "other"]')


def test_remove_without_a_path_is_noTarget(ada):
    ada.refuse("noTarget", op="remove")
    ada.refuse("noTarget", op="remove", value={"title": "Countess"})


def test_remove_of_a_required_attribute_is_400(ada):
    ada.refuse("invalidValue", op="remove", path="userName")
    ada.refuse("invalidValue", op="replace", path="userName", value=None)
    ada.refuse(None, op="replace", path="userName", value="")


# -- order and all-or-nothing


def test_operations_run_in_order(ada):
    after = ada.patch(
        {"op": "remove", "path": "title"},
        {"op": "add", "path": "title", "value": "one"},
        {"op": "replace", "path": "title", "value": "two"},
    )
    assert after["title"] == "two"
    after = ada.patch({"op": "replace", "path": "title", "value": "x"}, {"op": "remove", "path": "title"})
    assert "title" not in after


def test_an_operation_sees_what_the_ones_before_it_did(ada):
    after = ada.patch(
        {"op": "add", "path": "emails", "value": [{"value": "n@x", "type": "other"}]},
        {"op": "replace", "path": 'emails[type eq "other"].value', "value": "m@x"},
        {"op": "remove", "path": 'emails[value eq "ada@work.example"]'},
    )
    assert [one["value"] for one in after["emails"]] == ["ada@home.example", "m@x"]


@pytest.mark.parametrize(
    "bad, scim_type",
    [
        ({"op": "replace", "path": 'emails[type eq "other"].value', "value": "x"}, "noTarget"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "remove", "path": "userName"}, "invalidValue"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "colour", "value": "x"}, "invalidPath"),
        ({"op": "move", "path": "title", "value": "x"}, "invalidSyntax"),
    ],
)
def test_a_later_bad_operation_undoes_the_earlier_ones_and_is_named(ada, bad, scim_type):
    good = {"op": "replace", "path": "title", "value": "changed"}
    detail = ada.refuse(scim_type, good, bad)
    if scim_type != "invalidValue" or bad["op"] != "remove":
        assert "Operations[1]" in detail


def test_one_PATCH_is_one_version(ada):
    after = ada.patch(*({"op": "replace", "path": "title", "value": str(number)} for number in range(9)))
    assert after["meta"]["version"] == 'W/"2"'


# -- what cannot be changed


@pytest.mark.parametrize(
    "path, value",
    [
        ("id", "x"),
        ("meta", {"created": "2000-01-01T00:00:00Z"}),
        ("meta.created", "2000-01-01T00:00:00Z"),
        ("schemas", [USER]),
        ("groups", [{"value": "x"}]),
        ('groups[value eq "x"]', {"display": "x"}),
        (f"{ENTERPRISE}:manager.displayName", "Boss"),
    ],
)
@pytest.mark.parametrize("op", ["add", "replace", "remove"])
def test_a_read_only_target_is_mutability(ada, op, path, value):
    ada.refuse("mutability", op=op, path=path, value=value)


def test_id_schemas_and_meta_repeated_unchanged_in_a_value_are_ignored(ada):
    after = ada.patch(op="replace", value={"id": ada.made["id"], "schemas": ada.made["schemas"],
                                           "meta": ada.made["meta"], "title": "x"})
    assert after["id"] == ada.made["id"] and after["title"] == "x"


def test_another_id_in_a_value_is_mutability(ada):
    ada.refuse("mutability", op="replace", value={"id": "another", "title": "x"})


def test_a_read_only_sub_attribute_in_a_value_is_ignored(ada):
    after = ada.patch(op="replace", path=f"{ENTERPRISE}:manager",
                      value={"value": "boss-2", "displayName": "Big Boss"})
    assert after[ENTERPRISE]["manager"] == {"value": "boss-2"}


# -- syntax


@pytest.mark.parametrize(
    "path",
    ["colour", "name.colour", "emails.colour", 'emails[colour eq "x"]', "emails[", "emails[]", "emails]",
     'emails[type eq "work"', 'emails[type eq "work"].', 'emails[type eq "work"].colour',
     'emails[type eq "work"]value', 'emails[type xx "work"].value', 'title[value eq "x"]', ".title", "title.",
     "name..givenName", "title title", "urn:example:nothing", "urn:example:nothing:title",
     f"{ENTERPRISE}:colour", "", "[", '"title"', "title/sub", "/title", "emails[0]", "emails.0"],
)
@pytest.mark.parametrize("op", ["add", "remove"])
def test_a_broken_or_unknown_path_is_invalidPath(ada, op, path):
    operation = {"op": op, "path": path, "value": "x"} if op == "add" else {"op": op, "path": path}
    ada.refuse("invalidPath", operation)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"schemas": [PATCH_OP]},
        {"schemas": [PATCH_OP], "Operations": []},
        {"schemas": [PATCH_OP], "Operations": {}},
        {"schemas": [PATCH_OP], "Operations": None},
        {"schemas": [PATCH_OP], "Operations": "x"},
        {"schemas": [PATCH_OP], "Operations": [7]},
        {"schemas": [PATCH_OP], "Operations": [None]},
        {"schemas": [PATCH_OP], "Operations": [{}]},
        {"schemas": [PATCH_OP], "Operations": [{"path": "title", "value": "x"}]},
        {"schemas": [PATCH_OP], "Operations": [{"op": "move", "path": "title"}]},
        {"schemas": [PATCH_OP], "Operations": [{"op": "", "path": "title"}]},
        {"schemas": [PATCH_OP], "Operations": [{"op": 7, "path": "title"}]},
        {"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": 7}]},
        {"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": ["title"]}]},
    ],
    ids=str,
)
def test_a_PATCH_of_another_form_is_invalidSyntax(scim, ada, body):
    scim.patch(ada.path, body).expect(400, "invalidSyntax")
    assert ada.read() == ada.made


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "title"},
        {"op": "replace", "path": "title"},
        {"op": "add"},
        {"op": "replace", "value": "x"},
        {"op": "replace", "value": ["x"]},
        {"op": "replace", "path": "title", "value": 7},
        {"op": "replace", "path": "title", "value": {"a": 1}},
        {"op": "replace", "path": "active", "value": "yes"},
        {"op": "replace", "path": "name", "value": "Ada"},
        {"op": "add", "path": "emails", "value": 7},
        {"op": "add", "path": "emails", "value": [7]},
        {"op": "add", "path": "emails", "value": [{"value": 7}]},
        {"op": "replace", "path": 'emails[type eq "work"].primary', "value": "perhaps"},
        {"op": "add", "path": ENTERPRISE, "value": "x"},
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_invalidValue(ada, operation):
    ada.refuse("invalidValue", operation)


def test_an_unknown_key_in_a_value_is_dropped_and_refused_in_strict(ada, strict):
    assert ada.patch(op="replace", value={"colour": "red", "title": "x"})["title"] == "x"
    bob = Person(strict, user("bob"))
    detail = bob.refuse("invalidSyntax", op="replace", value={"colour": "red"})
    assert "colour" in detail


def test_too_many_operations_are_413(scim, ada):
    operations = [{"op": "replace", "path": "title", "value": "x"}] * 1001
    scim.patch(ada.path, patch_op(*operations)).expect(413)
    assert ada.read() == ada.made


def test_a_user_has_a_limit_of_values(scim, ada):
    emails = [{"value": f"{number}@x"} for number in range(2001)]
    scim.patch(ada.path, patch_op(op="add", path="emails", value=emails)).expect(400, "invalidValue")
    emails = emails[:1500]
    assert len(ada.patch(op="add", path="emails", value=emails)["emails"]) == 1502
    more = [{"value": f"{number}@y"} for number in range(1000)]
    ada.refuse("invalidValue", op="add", path="emails", value=more)


def test_an_element_is_found_by_its_value(scim):
    made = Person(scim, user("cyd", roles=[{"value": "a"}, {"value": "b"}]))
    assert made.patch(op="remove", path='roles[value eq "a"]')["roles"] == [{"value": "b"}]
    assert made.patch(op="add", path="roles", value=[{"value": "c"}])["roles"] == [{"value": "b"}, {"value": "c"}]


def test_a_PATCH_answers_with_200_and_the_resource(scim, ada):
    answer = scim.patch(ada.path, patch_op(op="replace", path="title", value="x")).expect(200)
    assert answer.json["title"] == "x" and answer.json["userName"] == ada.made["userName"]
    assert answer.headers["Content-Location"] == answer.json["meta"]["location"]
