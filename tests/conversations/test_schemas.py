"""A tenant's own schemas: an extension of User, and a resource type with an attribute of every type
and characteristic, without a line of C."""

import copy
import json

import pytest

from daemon import SOURCE
from people import found, make_user, path_of, read
from scimclient import BULK, ENTERPRISE, GROUP, SEARCH, USER, patch_op

FIXTURES = SOURCE / "tests" / "scim" / "fixtures"
DEVICE_FILE = FIXTURES / "device.json"
BADGE_FILE = FIXTURES / "badge.json"
DEVICE = "urn:example:scim:schemas:2.0:Device"
LEASE = "urn:example:scim:schemas:extension:2.0:Lease"
PARKING = "urn:example:scim:schemas:extension:2.0:Parking"

PARKING_SCHEMA = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id": PARKING,
    "name": "Parking",
    "description": "Where somebody parks.",
    "attributes": [
        {"name": "lot", "type": "string", "multiValued": False, "description": "The lot.", "required": False,
         "caseExact": True, "mutability": "readWrite", "returned": "default", "uniqueness": "none"},
        {"name": "floor", "type": "integer", "multiValued": False, "description": "The floor.", "required": False,
         "mutability": "readWrite", "returned": "default", "uniqueness": "none"},
        {"name": "plates", "type": "string", "multiValued": True, "description": "The cars.", "required": False,
         "caseExact": False, "mutability": "readWrite", "returned": "default", "uniqueness": "none"},
        {"name": "note", "type": "string", "multiValued": False, "description": "A note.", "required": False,
         "caseExact": False, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
         "filterable": False},
    ],
}

FULL = {
    "schemas": [DEVICE, LEASE],
    "externalId": "Inv-1",
    "name": "Printer One",
    "serialNumber": "SN-1",
    "assetTag": "Tag-1",
    "enabled": True,
    "weight": 12.5,
    "ports": 9007199254740993,
    "boughtAt": "2024-02-29T12:00:00.5+01:00",
    "fingerprint": "AAECAw==",
    "manual": "https://example.com/manual.pdf",
    "owner": {"value": "someone", "$ref": "https://example.com/Users/someone", "since": "2024-01-01T00:00:00Z"},
    "labels": ["Red", "heavy"],
    "codes": ["Aa", "aa"],
    "flags": [True, False],
    "readings": [0.5, -1.25],
    "vlans": [1, 4094],
    "inspections": ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"],
    "images": ["/+8=", "AA=="],
    "links": ["https://example.com/a", "urn:x:y"],
    "slots": [
        {"value": "s1", "label": "First", "type": "rack", "primary": True, "serial": "X", "note": "hush", "key": "k1",
         "tag": "t1", "weight": 1.5, "count": 3, "since": "2024-01-01T00:00:00Z", "blob": "AA==", "link": "urn:x",
         "checked": True},
        {"value": "s2", "label": "Second", "type": "desk", "tag": "t2"},
    ],
    "state": "ignored",
    "pin": "1234",
    "barcode": "0001",
    "history": ["made"],
    "hidden": "nobody sees",
    "memo": "not to be filtered",
    "kind": "printer",
    "origin": {"country": "DE", "factory": "F1"},
    LEASE: {"lessor": "Bank", "ends": "2030-01-01T00:00:00Z", "rate": 99.5, "contract": {"number": "C-1", "signed": True}},
}

# What a plain GET shows of it.
SHOWN = copy.deepcopy({key: value for key, value in FULL.items() if key not in ("state", "pin", "history", "hidden")})
for slot in SHOWN["slots"]:
    for hidden in ("note", "key", "checked"):
        slot.pop(hidden, None)
del SHOWN[LEASE]["rate"]


def without_frame(resource):
    return {key: value for key, value in resource.items() if key not in ("id", "meta")}


@pytest.fixture
def devices(scim, tenant):
    """The client of a tenant that has devices."""
    tenant.daemon.ctl("schema", "add", tenant.name, DEVICE_FILE)
    return scim


@pytest.fixture
def parking(scim, tenant, write_file):
    """The client of a tenant whose users park."""
    tenant.daemon.ctl("schema", "add", tenant.name, write_file("parking.json", PARKING_SCHEMA), "--extends", "User")
    return scim


@pytest.fixture
def write_file(tmp_path):
    """write_file(name, content): text as it is, anything else as JSON; returns the path."""

    def write(name, content):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        return path

    return write


def device(scim, name, **attributes):
    return scim.post("/Devices", {"schemas": [DEVICE], "name": name, **attributes}).expect(201).json


def lent_device(scim, name, **lease):
    return device(scim, name, schemas=[DEVICE, LEASE], **{LEASE: lease})


def where(resource):
    return f"/Devices/{resource['id']}"


# -- an extension of User


def test_an_added_extension_is_published(parking):
    published = parking.get(f"/Schemas/{PARKING}").expect(200).json
    assert [one["name"] for one in published["attributes"]] == ["lot", "floor", "plates", "note"]
    assert PARKING in [one["id"] for one in parking.get("/Schemas").expect(200).json["Resources"]]
    extensions = parking.get("/ResourceTypes/User").expect(200).json["schemaExtensions"]
    assert {"schema": PARKING, "required": False} in extensions
    assert ENTERPRISE in [one["schema"] for one in extensions]


def test_attributes_of_an_added_extension_are_stored_and_returned_as_they_were_sent(parking):
    values = {"lot": "North", "floor": -2, "plates": ["B-AB 12", "b-cd 34"], "note": "x"}
    ada = make_user(parking, "ada", schemas=[USER, PARKING], **{PARKING: values})
    assert ada[PARKING] == values and ada["schemas"] == [USER, PARKING]
    assert read(parking, ada) == ada
    assert read(parking, ada, attributes=f"{PARKING}:lot")[PARKING] == {"lot": "North"}
    assert PARKING not in read(parking, ada, excludedAttributes=PARKING)


@pytest.mark.parametrize(
    "values", [{"lot": 7}, {"floor": 1.5}, {"floor": []}, {"plates": [7]}, "text", 7],
    ids=["number for string", "fraction for integer", "list for integer", "numbers in a list", "text", "number"],
)
def test_attributes_of_an_added_extension_are_checked(parking, values):
    answer = parking.post("/Users", {"schemas": [USER, PARKING], "userName": "ada", PARKING: values})
    if values == {"floor": []}:
        answer.expect(201)  # an empty list means absent
    else:
        answer.expect(400)
        assert parking.all("/Users") == []


def test_attributes_of_an_added_extension_are_found_and_sorted_by(parking):
    ada, ben, cleo = (
        make_user(parking, name, **({"schemas": [USER, PARKING], PARKING: values} if values else {}))
        for name, values in (("ada", {"lot": "North", "floor": 2, "plates": ["B-AB 12"]}),
                             ("ben", {"lot": "north", "floor": 10}), ("cleo", None))
    )
    assert found(parking, "/Users", f'{PARKING}:lot eq "North"') == {ada["id"]}, "caseExact"
    assert found(parking, "/Users", f"{PARKING}:floor gt 2") == {ben["id"]}
    assert found(parking, "/Users", f'{PARKING}:plates eq "b-ab 12"') == {ada["id"]}
    assert found(parking, "/Users", f"not ({PARKING}:floor pr)") == {cleo["id"]}
    page = parking.get("/Users", sortBy=f"{PARKING}:floor").expect(200).json
    assert [one["userName"] for one in page["Resources"]] == ["ada", "ben", "cleo"]


def test_an_attribute_that_is_not_filterable_is_stored_and_refused_in_filters(parking):
    make_user(parking, "ada", schemas=[USER, PARKING], **{PARKING: {"note": "x"}})
    parking.get("/Users", filter=f'{PARKING}:note eq "x"').expect(400, "invalidFilter")


def test_an_added_extension_is_patched(parking):
    ada = make_user(parking, "ada")
    patch = patch_op(
        {"op": "add", "path": f"{PARKING}:lot", "value": "South"},
        {"op": "add", "value": {f"{PARKING}:floor": 3}},
        {"op": "add", "value": {PARKING: {"plates": ["x"]}}},
    )
    after = parking.patch(path_of(ada), patch).expect(200).json
    assert after[PARKING] == {"lot": "South", "floor": 3, "plates": ["x"]}
    assert after["schemas"] == [USER, PARKING]
    after = parking.patch(path_of(ada), patch_op(op="remove", path=PARKING)).expect(200).json
    assert PARKING not in after and after["schemas"] == [USER]


def test_a_required_extension_is_required(scim, tenant, write_file):
    path = write_file("parking.json", PARKING_SCHEMA)
    tenant.daemon.ctl("schema", "add", tenant.name, path, "--extends", "User", "--required")
    assert {"schema": PARKING, "required": True} in scim.get("/ResourceTypes/User").expect(200).json["schemaExtensions"]
    scim.post("/Users", {"schemas": [USER], "userName": "ada"}).expect(400, "invalidValue")
    make_user(scim, "ada", schemas=[USER, PARKING], **{PARKING: {"lot": "N"}})


def test_an_extension_in_a_file_with_its_resource_type_is_taken(scim, tenant):
    badge = "urn:example:scim:schemas:extension:2.0:Badge"
    tenant.daemon.ctl("schema", "add", tenant.name, BADGE_FILE)
    make_user(scim, "ada", schemas=[USER, badge], **{badge: {"number": "7"}})
    answer = scim.post("/Users", {"schemas": [USER, badge], "userName": "ben", badge: {"number": "7"}})
    assert "number" in answer.expect(409, "uniqueness").json["detail"]
    make_user(scim, "cleo", schemas=[USER, badge], **{badge: {"number": "8"}})


def test_a_group_can_be_extended_too(scim, tenant, write_file):
    tenant.daemon.ctl("schema", "add", tenant.name, write_file("parking.json", PARKING_SCHEMA), "--extends", "Group")
    group = scim.post("/Groups", {"schemas": [GROUP, PARKING], "displayName": "G", PARKING: {"lot": "N"}}).expect(201).json
    assert found(scim, "/Groups", f'{PARKING}:lot eq "N"') == {group["id"]}
    scim.patch(path_of(group), patch_op(op="replace", path=f"{PARKING}:lot", value="S")).expect(204)
    assert read(scim, group)[PARKING] == {"lot": "S"}


def test_an_extension_belongs_to_its_tenant_alone(parking, daemon, make_tenant):
    other = make_tenant(daemon).client()
    other.get(f"/Schemas/{PARKING}").expect(404)
    ada = make_user(other, "ada", schemas=[USER, PARKING], **{PARKING: {"lot": "N"}})
    assert PARKING not in ada and ada["schemas"] == [USER]


# -- a resource type of its own


def test_an_added_resource_type_is_published(devices):
    kind = devices.get("/ResourceTypes/Device").expect(200).json
    assert kind["endpoint"] == "/Devices" and kind["schema"] == DEVICE
    assert kind["schemaExtensions"] == [{"schema": LEASE, "required": False}]
    assert kind["meta"]["location"].endswith("/ResourceTypes/Device")
    published = devices.get(f"/Schemas/{DEVICE}").expect(200).json
    source = next(one for one in json.loads(DEVICE_FILE.read_text()) if one.get("id") == DEVICE)
    assert [one["name"] for one in published["attributes"]] == [one["name"] for one in source["attributes"]]
    for ours, theirs in zip(published["attributes"], source["attributes"]):
        for name in ("type", "multiValued", "required", "mutability", "returned"):
            assert ours[name] == theirs[name], (ours["name"], name)


def test_a_resource_with_every_attribute_comes_back_as_it_was_sent(devices):
    answer = devices.post("/Devices", FULL).expect(201)
    assert without_frame(answer.json) == SHOWN
    assert answer.json["meta"]["resourceType"] == "Device"
    assert answer.headers["Location"] == answer.json["meta"]["location"]
    assert devices.get(answer.headers["Location"]).expect(200).json == answer.json


def test_returned_request_is_shown_when_asked_for_and_never_is_not(devices):
    one = devices.post("/Devices", FULL).expect(201).json
    asked = devices.get(
        where(one), attributes=f"history,hidden,pin,slots.note,slots.key,{LEASE}:rate"
    ).expect(200).json
    assert asked["history"] == ["made"] and asked[LEASE] == {"rate": 99.5}
    assert asked["slots"][0] == {"note": "hush", "tag": "t1"}
    assert asked["barcode"] == "0001", "returned always"
    assert "hidden" not in asked and "pin" not in asked and "name" not in asked


def test_returned_always_cannot_be_excluded(devices):
    one = devices.post("/Devices", FULL).expect(201).json
    left = devices.get(where(one), excludedAttributes="barcode,slots.tag,name").expect(200).json
    assert left["barcode"] == "0001" and left["slots"][0]["tag"] == "t1" and "name" not in left


def test_write_only_and_never_returned_values_are_in_no_list_filter_or_sort(devices):
    devices.post("/Devices", FULL).expect(201)
    for body in (devices.get("/Devices", attributes="pin,hidden").expect(200).text, devices.get("/Devices").text):
        assert "1234" not in body and "nobody sees" not in body
    devices.get("/Devices", filter='pin eq "1234"').expect(400, "invalidFilter")


@pytest.mark.parametrize(
    ("changes", "scim_type"),
    [
        ({"name": None}, "invalidValue"),
        ({"name": 7}, "invalidValue"),
        ({"enabled": "maybe"}, "invalidValue"),
        ({"weight": "heavy"}, "invalidValue"),
        ({"ports": 1.5}, "invalidValue"),
        ({"ports": "many"}, "invalidValue"),
        ({"boughtAt": "yesterday"}, "invalidValue"),
        ({"boughtAt": "2024-02-30T00:00:00Z"}, "invalidValue"),
        ({"fingerprint": "not base64!"}, "invalidValue"),
        ({"labels": [1]}, "invalidValue"),
        ({"labels": {"a": 1}}, "invalidValue"),
        ({"flags": ["x"]}, "invalidValue"),
        ({"readings": [True]}, "invalidValue"),
        ({"vlans": [1, "x"]}, "invalidValue"),
        ({"inspections": ["2024-01-01"]}, "invalidValue"),
        ({"images": ["*"]}, "invalidValue"),
        ({"owner": {"since": "2024-01-01T00:00:00Z"}}, "invalidValue"),
        ({"owner": 7}, "invalidValue"),
        ({"slots": [{"weight": "x"}]}, "invalidValue"),
        ({"slots": [7]}, "invalidValue"),
        ({LEASE: {"ends": "2030-01-01T00:00:00Z"}}, "invalidValue"),
    ],
    ids=["required missing", "string", "boolean", "decimal", "integer with fraction", "integer", "dateTime",
         "no such day", "binary", "strings", "object for strings", "booleans", "decimals", "integers", "dateTimes",
         "binaries", "required sub-attribute missing", "complex", "sub-attribute", "complex in a list",
         "required in an extension"],
)
def test_types_and_required_are_enforced(devices, changes, scim_type):
    body = {key: value for key, value in {**FULL, **changes}.items() if value is not None}
    devices.post("/Devices", body).expect(400, scim_type)
    assert devices.all("/Devices") == []


def test_read_only_is_ignored_in_bodies_and_refused_in_patch(devices):
    one = device(devices, "d", state="mine", slots=[{"value": "s", "checked": True}])
    assert "state" not in one and "checked" not in one["slots"][0]
    devices.patch(where(one), patch_op(op="add", path="state", value="x")).expect(400, "mutability")
    devices.patch(where(one), patch_op(op="replace", path='slots[value eq "s"].checked', value=True)).expect(400, "mutability")


def test_immutable_is_set_once_and_the_same_again_is_fine(devices):
    one = device(devices, "d")
    path = "serialNumber"
    one = devices.patch(where(one), patch_op(op="add", path=path, value="SN-1")).expect(200).json
    assert one["serialNumber"] == "SN-1"
    devices.patch(where(one), patch_op(op="replace", path=path, value="SN-1")).expect(200)
    devices.patch(where(one), patch_op(op="replace", path=path, value="sn-1")).expect(400, "mutability")
    devices.patch(where(one), patch_op(op="remove", path=path)).expect(400, "mutability")
    body = {"schemas": [DEVICE], "name": "d", "serialNumber": "SN-2"}
    devices.put(where(one), body).expect(400, "mutability")
    devices.put(where(one), {**body, "serialNumber": "SN-1", "kind": "phone"}).expect(200)


def test_immutable_sub_attributes_hold_their_value(devices):
    since = "2024-01-01T00:00:00Z"
    one = device(devices, "d", owner={"value": "a", "since": since}, origin={"country": "DE"})
    devices.patch(where(one), patch_op(op="replace", path="owner.since", value="2025-01-01T00:00:00Z")).expect(400, "mutability")
    devices.patch(where(one), patch_op(op="replace", path="origin.country", value="FR")).expect(400, "mutability")
    after = devices.patch(where(one), patch_op(op="replace", path="owner.value", value="b")).expect(200).json
    assert after["owner"] == {"value": "b", "since": since}


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ({"name": "One"}, {"name": "ONE"}, True),
        ({"name": "a", "assetTag": "Tag"}, {"name": "b", "assetTag": "Tag"}, True),
        ({"name": "a", "assetTag": "Tag"}, {"name": "b", "assetTag": "tag"}, False),
        ({"name": "a", "serialNumber": "S"}, {"name": "b", "serialNumber": "S"}, True),
        ({"name": "a", LEASE: {"lessor": "x", "contract": {"number": "1"}}},
         {"name": "b", LEASE: {"lessor": "x", "contract": {"number": "1"}}}, True),
        ({"name": "a"}, {"name": "b"}, False),
    ],
    ids=["not caseExact", "caseExact", "caseExact, other case", "global", "sub-attribute of an extension", "absent twice"],
)
def test_uniqueness_server_is_enforced_by_the_attributes_case_rule(devices, first, second, clash):
    def body(values):
        return {"schemas": [DEVICE, LEASE], **values}

    devices.post("/Devices", body(first)).expect(201)
    if not clash:
        devices.post("/Devices", body(second)).expect(201)
        return
    devices.post("/Devices", body(second)).expect(409, "uniqueness")
    other = device(devices, "other")
    devices.put(where(other), body(second)).expect(409, "uniqueness")
    assert devices.get(where(other)).expect(200).json == other


def test_a_unique_value_is_free_again_after_its_resource_changed_or_went(devices):
    one = device(devices, "a", assetTag="T")
    devices.patch(where(one), patch_op(op="replace", path="assetTag", value="U")).expect(200)
    two = device(devices, "b", assetTag="T")
    devices.patch(where(one), patch_op(op="replace", path="assetTag", value="T")).expect(409, "uniqueness")
    devices.delete(where(two)).expect(204)
    devices.patch(where(one), patch_op(op="replace", path="assetTag", value="T")).expect(200)


def test_canonical_values_are_suggestions(devices):
    assert device(devices, "d", kind="toaster")["kind"] == "toaster"


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ('name eq "PRINTER ONE"', True), ('name eq "printer"', False),
        ('serialNumber eq "SN-1"', True), ('serialNumber eq "sn-1"', False),
        ('externalId eq "Inv-1"', True), ('externalId eq "inv-1"', False),
        ("enabled eq true", True), ("enabled eq false", False), ("enabled ne false", True),
        ("weight eq 12.5", True), ("weight gt 12.4", True), ("weight lt 12.5", False), ("weight le 12.50", True),
        ("ports eq 9007199254740993", True), ("ports gt 9007199254740992", True), ("ports lt 9007199254740993", False),
        ('boughtAt eq "2024-02-29T11:00:00.500Z"', True), ('boughtAt gt "2024-02-29T11:30:00Z"', False),
        ('boughtAt lt "2024-02-29T12:30:00+01:00"', True),
        ('fingerprint eq "AAECAw=="', True), ('fingerprint eq "AAECBA=="', False), ("fingerprint pr", True),
        ('manual sw "https://example.com/"', True), ('manual co "Manual"', False),
        ('owner.value eq "someone"', True), ('owner eq "someone"', True), ('owner.since lt "2024-06-01T00:00:00Z"', True),
        ('labels eq "RED"', True), ('labels co "eav"', True), ('labels eq "blue"', False),
        ('codes eq "Aa"', True), ('codes eq "AA"', False), ("flags eq false", True),
        ("readings lt 0", True), ("readings gt 1", False), ("vlans eq 4094", True), ("vlans gt 4094", False),
        ('inspections ge "2025-01-01T00:00:00Z"', True), ('images eq "AA=="', True), ('links ew ":y"', True),
        ('slots.label eq "second"', True), ('slots[type eq "desk" and label eq "First"]', False),
        ('slots[type eq "desk" and tag eq "t2"]', True), ("slots[count gt 2 and primary eq true]", True),
        ('slots eq "s2"', True), ('slots.serial eq "x"', False), ('slots[weight le 1.5 and not (type eq "desk")]', True),
        ('kind eq "Printer"', True), ('origin.country eq "de"', True), ('origin.factory eq "f1"', False),
        (f'{LEASE}:lessor eq "bank"', True), (f'{LEASE}:ends gt "2029-01-01T00:00:00Z"', True),
        (f"{LEASE}:rate gt 99", True), (f'{LEASE}:contract.number eq "C-1"', True), (f"{LEASE}:contract.signed eq true", True),
        (f'{DEVICE}:name sw "printer"', True), ("state pr", False), ('history eq "made"', True),
        ('name eq "printer one" and (ports lt 5 or weight gt 10)', True),
    ],
)
def test_every_attribute_is_found_by_its_type(devices, condition, matches):
    one = devices.post("/Devices", FULL).expect(201).json
    device(devices, "Bare")
    assert (one["id"] in found(devices, "/Devices", condition)) == matches


@pytest.mark.parametrize(
    "condition",
    ["enabled gt true", 'fingerprint gt "AA=="', "owner gt 1", 'memo eq "not to be filtered"', 'hidden eq "x"',
     'nonsense eq "x"', 'slots[nonsense eq "x"]', "weight eq true", 'weight eq "heavy"', 'boughtAt eq "today"',
     f'{LEASE}:nonsense pr', f'{PARKING}:lot eq "x"', "name eq 7", "enabled eq 1", "slots.key pr", 'weight co "1"'],
)
def test_a_filter_that_the_schema_does_not_allow_is_refused(devices, condition):
    device(devices, "d")
    devices.get("/Devices", filter=condition).expect(400, "invalidFilter")


@pytest.mark.parametrize(
    ("sort_by", "values"),
    [
        ("name", ["b", "A", "c"]), ("assetTag", ["b", "A", "c"]), ("weight", [10.5, 9, 100]), ("ports", [10, -9, 100]),
        ("enabled", [True, False, True]), ("boughtAt", ["2024-01-01T12:00:00Z", "2024-01-01T12:30:00+01:00", "2025-01-01T00:00:00Z"]),
        ("owner.value", ["b", "A", "c"]),
    ],
)
def test_resources_are_sorted_by_the_attributes_type(devices, sort_by, values):
    top, _, sub = sort_by.partition(".")
    for number, value in enumerate(values):
        attributes = {"name": f"n{number}", **{top: {sub: value} if sub else value}}
        devices.post("/Devices", {"schemas": [DEVICE], **attributes}).expect(201)
    if top != "name":
        device(devices, "none")

    def keys(order):
        page = devices.get("/Devices", sortBy=sort_by, sortOrder=order).expect(200).json["Resources"]
        values_found = [one.get(top) for one in page]
        return [value[sub] if sub and value else value for value in values_found]

    exact = {"assetTag", "owner.value"}
    order = {
        str: lambda value: value if sort_by in exact else value.lower(),
    }.get(type(values[0]), lambda value: value)
    expected = [values[1], values[0], values[2]] if sort_by == "boughtAt" else sorted(values, key=order)
    ascending = keys("ascending")
    assert ascending[:3] == expected
    assert ascending[3:] == ([] if top == "name" else [None]), "a resource without the attribute comes last"
    descending = [value for value in keys("descending") if value is not None]
    assert descending == expected[::-1]


def test_resources_are_listed_page_by_page(devices):
    ids = {device(devices, f"d{number}")["id"] for number in range(7)}
    pages = [devices.get("/Devices", startIndex=start, count=3).expect(200).json for start in (1, 4, 7)]
    assert [page["totalResults"] for page in pages] == [7, 7, 7]
    assert [page["itemsPerPage"] for page in pages] == [3, 3, 1]
    seen = [one["id"] for page in pages for one in page["Resources"]]
    assert len(seen) == 7 and set(seen) == ids
    seen, cursor = [], ""
    while cursor is not None:
        page = devices.get("/Devices", cursor=cursor, count=3).expect(200).json
        seen += [one["id"] for one in page["Resources"]]
        cursor = page.get("nextCursor")
    assert len(seen) == 7 and set(seen) == ids


def test_resources_of_every_type_are_searched_at_the_root(devices):
    one, ada = device(devices, "d", externalId="same"), make_user(devices, "ada", externalId="same")
    answer = devices.post("/.search", {"schemas": [SEARCH], "filter": 'externalId eq "same"'}).expect(200).json
    assert {found_one["id"] for found_one in answer["Resources"]} == {one["id"], ada["id"]}
    answer = devices.post("/Devices/.search", {"schemas": [SEARCH], "filter": 'name eq "D"'}).expect(200).json
    assert [found_one["id"] for found_one in answer["Resources"]] == [one["id"]]


def test_a_put_replaces_the_whole(devices):
    one = devices.post("/Devices", FULL).expect(201).json
    body = {"schemas": [DEVICE], "name": "Printer Two", "serialNumber": "SN-1", "origin": FULL["origin"], "labels": ["new"]}
    after = devices.put(where(one), body).expect(200).json
    assert without_frame(after) == body
    assert after["meta"]["version"] == 'W/"2"' and after["meta"]["created"] == one["meta"]["created"]
    assert found(devices, "/Devices", 'labels eq "red"') == set()
    assert found(devices, "/Devices", f"{LEASE}:lessor pr") == set()
    assert found(devices, "/Devices", 'labels eq "new"') == {one["id"]}


@pytest.mark.parametrize(
    ("operation", "name", "value"),
    [
        ({"op": "replace", "path": "enabled", "value": False}, "enabled", False),
        ({"op": "replace", "path": "weight", "value": 1e3}, "weight", 1000.0),
        ({"op": "replace", "path": "ports", "value": -1}, "ports", -1),
        ({"op": "replace", "path": "boughtAt", "value": "2025-01-01T00:00:00Z"}, "boughtAt", "2025-01-01T00:00:00Z"),
        ({"op": "replace", "path": "fingerprint", "value": "/w=="}, "fingerprint", "/w=="),
        ({"op": "remove", "path": "manual"}, "manual", None),
        ({"op": "add", "path": "labels", "value": ["new", "RED"]}, "labels", ["Red", "heavy", "new"]),
        ({"op": "remove", "path": 'labels[value eq "red"]'}, "labels", ["heavy"]),
        ({"op": "replace", "path": "vlans", "value": [5]}, "vlans", [5]),
        ({"op": "remove", "path": "flags"}, "flags", None),
        ({"op": "add", "path": "codes", "value": ["AA"]}, "codes", ["Aa", "aa", "AA"]),
        ({"op": "remove", "path": 'slots[type eq "rack"]'}, "slots", SHOWN["slots"][1:]),
        ({"op": "replace", "path": 'slots[value eq "s2"].count', "value": 9}, "slots",
         [SHOWN["slots"][0], {**SHOWN["slots"][1], "count": 9}]),
        ({"op": "replace", "path": f"{LEASE}:contract.signed", "value": False}, LEASE,
         {**SHOWN[LEASE], "contract": {"number": "C-1", "signed": False}}),
        ({"op": "remove", "path": LEASE}, LEASE, None),
    ],
    ids=lambda value: f"{value['op']} {value.get('path')}" if isinstance(value, dict) and "op" in value else "",
)
def test_every_type_is_patched(devices, operation, name, value):
    one = devices.post("/Devices", FULL).expect(201).json
    after = devices.patch(where(one), patch_op(operation)).expect(200).json
    assert after.get(name) == value
    expected = {**SHOWN, name: value}
    if name == LEASE and value is None:
        expected["schemas"] = [DEVICE]
    assert without_frame(after) == {key: kept for key, kept in expected.items() if kept is not None}
    assert devices.get(where(one)).expect(200).json == after


def test_a_new_primary_takes_it_from_the_old_one(devices):
    one = device(devices, "d", slots=[{"value": "a", "primary": True}, {"value": "b"}])
    after = devices.patch(where(one), patch_op(op="add", path="slots", value=[{"value": "c", "primary": True}])).expect(200).json
    assert [slot["value"] for slot in after["slots"] if slot.get("primary")] == ["c"]


def test_versions_deletion_and_methods_are_as_for_users(devices):
    one = device(devices, "d")
    devices.get(where(one), headers={"If-None-Match": 'W/"1"'}).expect(304)
    devices.patch(where(one), patch_op(op="add", path="kind", value="x"), headers={"If-Match": 'W/"7"'}).expect(412)
    devices.post(where(one), {}).expect(405)
    devices.delete(where(one), headers={"If-Match": 'W/"1"'}).expect(204)
    devices.get(where(one)).expect(404)
    devices.delete(where(one)).expect(404)
    assert device(devices, "d")["id"] != one["id"]


def test_an_added_type_takes_part_in_bulk(devices):
    answer = devices.post("/Bulk", {"schemas": [BULK], "Operations": [
        {"method": "POST", "path": "/Devices", "bulkId": "d",
         "data": {"schemas": [DEVICE], "name": "d", "owner": {"value": "bulkId:ada"}}},
        {"method": "POST", "path": "/Users", "bulkId": "ada", "data": {"schemas": [USER], "userName": "ada"}},
        {"method": "PATCH", "path": "/Devices/bulkId:d", "data": patch_op(op="add", path="kind", value="phone")},
        {"method": "POST", "path": "/Devices", "bulkId": "e", "data": {"schemas": [DEVICE], "name": "D"}},
    ]}).expect(200).json["Operations"]
    assert [one["status"] for one in answer] == ["201", "201", "200", "409"]
    made = devices.get(answer[0]["location"]).expect(200).json
    assert made["kind"] == "phone"
    assert answer[1]["location"].endswith(made["owner"]["value"])


def test_an_added_types_changes_are_in_the_log(devices, tenant):
    one = device(devices, "d", weight=1.5)
    devices.delete(where(one)).expect(204)
    answer = tenant.daemon.admin.get(f"/v1/tenants/{tenant.name}/log?after=1&wait=20")
    first = answer.json["changes"][-1]
    assert (first["type"], first["action"], first["id"]) == ("Device", "delete", one["id"])
    assert first["reverse"][0]["value"]["weight"] == 1.5


def test_a_schema_becomes_a_resource_type_by_its_endpoint(scim, tenant, write_file):
    path = write_file("parking.json", PARKING_SCHEMA)
    tenant.daemon.ctl("schema", "add", tenant.name, path, "--endpoint", "/Lots", "--name", "Lot")
    lot = scim.post("/Lots", {"schemas": [PARKING], "lot": "North", "floor": 1}).expect(201).json
    assert lot["meta"]["resourceType"] == "Lot"
    assert found(scim, "/Lots", 'lot eq "North"') == {lot["id"]}


def test_an_added_type_is_not_served_to_another_tenant(devices, daemon, make_tenant):
    make_tenant(daemon).client().get("/Devices").expect(404)


# -- files that are refused


def changed(**changes):
    """The parking schema with its first attribute changed."""
    document = copy.deepcopy(PARKING_SCHEMA)
    document["attributes"][0].update(changes)
    return document


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{\n  "id": "urn:x:y",\n  "name": oops\n}', "bad.json:3: "),
        ('{\n  "id": "a",\n  "id": "b"\n}', "bad.json:3: "),
        ("", "bad.json:1: "),
        ("[1, 2", "bad.json:1: "),
        (changed(type="text"), "lot: "),
        (changed(mutability="sometimes"), "lot: "),
        (changed(returned="maybe"), "lot: "),
        (changed(uniqueness="galactic"), "lot: "),
        (changed(name="not a name"), "not a name"),
        (changed(name=7), "name"),
        (changed(type="complex"), "lot: "),
        (changed(required="yes"), "lot: "),
        (changed(multiValued=1), "lot: "),
        (changed(scimdRole="members"), "scimdRole"),
        (changed(name="FLOOR"), "floor"),
        ({**PARKING_SCHEMA, "attributes": "none"}, "attributes"),
        ({**PARKING_SCHEMA, "id": USER}, USER),
        ({**PARKING_SCHEMA, "id": ""}, "id"),
    ],
    ids=["broken JSON", "duplicate key", "empty file", "unfinished", "type", "mutability", "returned", "uniqueness",
         "attribute name", "name is a number", "complex without subs", "required", "multiValued", "private member",
         "name twice", "attributes", "URN taken", "empty URN"],
)
def test_a_bad_file_is_refused_and_its_place_named(tenant, scim, write_file, content, message):
    path = write_file("bad.json", content)
    result = tenant.daemon.ctl("schema", "add", tenant.name, path, "--extends", "User", status=4)
    assert "bad.json" in result.stderr and message.lower() in result.stderr.lower(), result.stderr
    assert tenant.daemon.ctl_json("schema", "list", tenant.name)["schemas"] == []
    make_user(scim, "ada")


def test_an_unknown_type_to_extend_is_refused(tenant, write_file):
    path = write_file("parking.json", PARKING_SCHEMA)
    assert "Robot" in tenant.daemon.ctl("schema", "add", tenant.name, path, "--extends", "Robot", status=4).stderr


@pytest.mark.parametrize("endpoint", ["/Users", "/Groups", "/Bulk", "/Schemas", "/Me", "/", "Lots", "/a/b", "/.search"])
def test_an_endpoint_that_is_taken_or_no_endpoint_is_refused(tenant, scim, write_file, endpoint):
    path = write_file("parking.json", PARKING_SCHEMA)
    tenant.daemon.ctl("schema", "add", tenant.name, path, "--endpoint", endpoint, status=4)
    scim.get("/Users").expect(200)


def test_extends_and_endpoint_exclude_each_other(tenant, write_file):
    path = write_file("parking.json", PARKING_SCHEMA)
    tenant.daemon.ctl("schema", "add", tenant.name, path, "--extends", "User", "--endpoint", "/Lots", status=4)


def test_a_file_that_is_not_there_is_named(tenant, tmp_path):
    result = tenant.daemon.ctl("schema", "add", tenant.name, tmp_path / "missing.json", status=4)
    assert "missing.json" in result.stderr and "No such file" in result.stderr


def test_a_schema_of_an_unknown_tenant_is_not_found(daemon, write_file):
    daemon.ctl("schema", "add", "nobody", write_file("parking.json", PARKING_SCHEMA), "--extends", "User", status=3)


# -- changing and removing


def add(tenant, path, *options):
    return tenant.daemon.ctl("schema", "add", tenant.name, path, "--extends", "User", *options)


def test_added_schemas_are_listed_by_their_files_name(parking, tenant):
    (listed,) = tenant.daemon.ctl_json("schema", "list", tenant.name)["schemas"]
    assert listed["name"] == "parking.json" and listed["bytes"] > 0 and listed["created"].endswith("Z")
    assert "parking.json" in tenant.daemon.ctl("schema", "list", tenant.name).stdout


def test_a_file_added_again_takes_the_place_of_the_old_one(parking, tenant, write_file):
    ada = make_user(parking, "ada", schemas=[USER, PARKING], **{PARKING: {"lot": "N"}})
    more = copy.deepcopy(PARKING_SCHEMA)
    more["attributes"].append({**more["attributes"][0], "name": "row"})
    add(tenant, write_file("parking.json", more))
    assert len(tenant.daemon.ctl_json("schema", "list", tenant.name)["schemas"]) == 1
    parking.patch(path_of(ada), patch_op(op="add", path=f"{PARKING}:row", value="7")).expect(200)
    assert found(parking, "/Users", f'{PARKING}:row eq "7"') == {ada["id"]}
    assert read(parking, ada)[PARKING] == {"lot": "N", "row": "7"}


@pytest.mark.parametrize("changes", [{"type": "integer"}, {"multiValued": True}], ids=["type", "multiplicity"])
def test_an_attributes_type_is_not_changed(parking, tenant, write_file, changes):
    result = tenant.daemon.ctl(
        "schema", "add", tenant.name, write_file("parking.json", changed(**changes)), "--extends", "User", status=4
    )
    assert "lot" in result.stderr
    published = parking.get(f"/Schemas/{PARKING}").expect(200).json
    assert published["attributes"][0]["type"] == "string"


def test_an_attribute_in_use_is_not_removed(parking, tenant, write_file):
    ada = make_user(parking, "ada", schemas=[USER, PARKING], **{PARKING: {"lot": "N", "note": "x"}})
    for name in ("lot", "note"):
        less = {**PARKING_SCHEMA, "attributes": [one for one in PARKING_SCHEMA["attributes"] if one["name"] != name]}
        result = tenant.daemon.ctl(
            "schema", "add", tenant.name, write_file("parking.json", less), "--extends", "User", status=4
        )
        assert name in result.stderr and ada["id"] in result.stderr
    unused = {**PARKING_SCHEMA, "attributes": [one for one in PARKING_SCHEMA["attributes"] if one["name"] != "floor"]}
    add(tenant, write_file("parking.json", unused))
    assert read(parking, ada)[PARKING] == {"lot": "N", "note": "x"}


def test_a_schema_in_use_is_not_removed_and_one_that_nothing_uses_is(parking, tenant):
    ada = make_user(parking, "ada", schemas=[USER, PARKING], **{PARKING: {"lot": "N"}})
    result = tenant.daemon.ctl("schema", "remove", tenant.name, "parking.json", status=4)
    assert ada["id"] in result.stderr
    parking.patch(path_of(ada), patch_op(op="remove", path=PARKING)).expect(200)
    tenant.daemon.ctl("schema", "remove", tenant.name, "parking.json")
    parking.get(f"/Schemas/{PARKING}").expect(404)
    assert tenant.daemon.ctl_json("schema", "list", tenant.name)["schemas"] == []
    tenant.daemon.ctl("schema", "remove", tenant.name, "parking.json", status=3)


def test_a_resource_type_in_use_is_not_removed_and_one_that_nothing_uses_is(devices, tenant):
    one = device(devices, "d")
    tenant.daemon.ctl("schema", "remove", tenant.name, "device.json", status=4)
    devices.delete(where(one)).expect(204)
    tenant.daemon.ctl("schema", "remove", tenant.name, "device.json")
    devices.get("/Devices").expect(404)


def test_an_added_schema_outlives_a_restart(start_daemon, make_tenant):
    one = start_daemon()
    tenant = make_tenant(one)
    one.ctl("schema", "add", tenant.name, DEVICE_FILE)
    scim = tenant.client()
    made = device(scim, "d", labels=["x"])
    one.restart()
    scim.close()
    assert scim.get(where(made)).expect(200).json == made
    assert found(scim, "/Devices", 'labels eq "x"') == {made["id"]}
