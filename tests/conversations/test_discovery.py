"""What a client learns before it does anything: RFC 7644 section 4."""

import pytest

from bodies import create, user
from scimclient import ENTERPRISE, GROUP, LIST, MEDIA_TYPE, SCIMD, USER, patch_op

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
DISCOVERY = [
    "/ServiceProviderConfig",
    "/ResourceTypes",
    "/ResourceTypes/User",
    "/Schemas",
    f"/Schemas/{USER}",
]

every_endpoint = pytest.mark.parametrize("path", DISCOVERY)


@every_endpoint
def test_a_discovery_endpoint_answers(scim, path):
    answer = scim.get(path).expect(200)
    assert answer.headers["Content-Type"] == MEDIA_TYPE


@every_endpoint
def test_a_discovery_endpoint_wants_a_token(scim, path):
    answer = scim.with_token(None).get(path).expect(401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@every_endpoint
def test_a_filter_on_a_discovery_endpoint_is_403(scim, path):
    scim.get(path, filter='name eq "User"').expect(403)


@every_endpoint
def test_other_parameters_of_a_discovery_endpoint_are_ignored(scim, path):
    plain = scim.get(path).json
    asked = scim.get(path, attributes="id", excludedAttributes="name", sortBy="name", count=1, startIndex=2)
    assert asked.expect(200).json == plain


@every_endpoint
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_discovery_endpoint_is_read_only(scim, path, method):
    answer = scim.request(method, path, {} if method != "DELETE" else None).expect(405)
    assert answer.headers["Allow"] == "GET, HEAD"


@every_endpoint
def test_a_discovery_endpoint_answers_HEAD(scim, path):
    answer = scim.head(path).expect(200)
    assert answer.content == b""
    assert int(answer.headers["Content-Length"]) == len(scim.get(path).content)


@pytest.mark.parametrize(
    "path", ["/Schemas/urn:example:none", "/ResourceTypes/None", "/ServiceProviderConfig/1"]
)
def test_an_unknown_id_below_a_discovery_endpoint_is_404(scim, path):
    scim.get(path).expect(404)


# -- ServiceProviderConfig


@pytest.fixture
def config(scim):
    return scim.get("/ServiceProviderConfig").expect(200).json


def test_the_configuration_says_what_is_supported(config):
    assert config["schemas"] == [CORE + "ServiceProviderConfig"]
    for feature in ("patch", "bulk", "filter", "sort", "etag"):
        assert config[feature]["supported"] is True, feature
    assert config["changePassword"]["supported"] is False


def test_bulk_limits_are_numbers_of_at_least_one(config):
    for limit in ("maxOperations", "maxPayloadSize"):
        assert type(config["bulk"][limit]) is int and config["bulk"][limit] >= 1


def test_the_largest_page_is_published_and_kept(scim, config):
    assert scim.get("/Users", count=config["filter"]["maxResults"] + 1).expect(200)
    assert config["pagination"]["maxPageSize"] == config["filter"]["maxResults"]


def test_the_configuration_has_the_pagination_block_of_rfc_9865(config):
    pagination = config["pagination"]
    assert pagination["cursor"] is True and pagination["index"] is True
    assert pagination["defaultPaginationMethod"] == "index"
    for number in ("defaultPageSize", "maxPageSize", "cursorTimeout"):
        assert type(pagination[number]) is int and pagination[number] > 0, number


def test_the_authentication_schemes_name_bearer_tokens(config):
    scheme = config["authenticationSchemes"][0]
    assert scheme["type"] == "oauthbearertoken"
    assert scheme["name"] and scheme["description"]


def test_the_location_of_the_configuration_can_be_fetched(scim, config):
    assert scim.get(config["meta"]["location"]).expect(200).json == config
    assert config["meta"]["resourceType"] == "ServiceProviderConfig"


# -- ResourceTypes


def test_users_and_groups_are_resource_types(scim):
    answer = scim.get("/ResourceTypes").expect(200).json
    assert answer["schemas"] == [LIST]
    assert answer["totalResults"] == answer["itemsPerPage"] == len(answer["Resources"]) == 2
    kinds = {kind["name"]: kind for kind in answer["Resources"]}
    assert kinds["User"]["endpoint"] == "/Users" and kinds["User"]["schema"] == USER
    assert kinds["Group"]["endpoint"] == "/Groups" and kinds["Group"]["schema"] == GROUP
    extensions = {entry["schema"]: entry["required"] for entry in kinds["User"]["schemaExtensions"]}
    assert extensions == {ENTERPRISE: False, SCIMD: False}


def test_each_resource_type_can_be_fetched_and_its_schemas_too(scim):
    for kind in scim.get("/ResourceTypes").json["Resources"]:
        assert scim.get(f"/ResourceTypes/{kind['name']}").expect(200).json == kind
        assert scim.get(kind["meta"]["location"]).expect(200).json == kind
        for urn in [kind["schema"], *(entry["schema"] for entry in kind.get("schemaExtensions", []))]:
            assert scim.get(f"/Schemas/{urn}").expect(200).json["id"] == urn


# -- Schemas

TYPES = {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}
MUTABILITY = {"readOnly", "readWrite", "immutable", "writeOnly"}
RETURNED = {"always", "never", "default", "request"}
UNIQUENESS = {"none", "server", "global"}


def walk(attributes, path=""):
    for attribute in attributes:
        yield path + attribute["name"], attribute
        yield from walk(attribute.get("subAttributes", []), f"{path}{attribute['name']}.")


def has_null(value):
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    if isinstance(value, list):
        return any(map(has_null, value))
    return value is None


def test_schemas_are_a_list_without_nulls(scim):
    answer = scim.get("/Schemas").expect(200).json
    assert answer["schemas"] == [LIST]
    assert {schema["id"] for schema in answer["Resources"]} >= {USER, GROUP, ENTERPRISE, SCIMD}
    assert answer["totalResults"] == len(answer["Resources"])
    assert not has_null(answer)


def test_each_schema_can_be_fetched_by_its_urn(scim):
    for schema in scim.get("/Schemas").json["Resources"]:
        assert scim.get(f"/Schemas/{schema['id']}").expect(200).json == schema
        assert scim.get(schema["meta"]["location"]).expect(200).json == schema
        assert schema["meta"]["resourceType"] == "Schema"


def test_each_attribute_has_all_characteristics_in_camel_case(scim):
    for schema in scim.get("/Schemas").json["Resources"]:
        for path, attribute in walk(schema["attributes"]):
            where = f"{schema['id']}:{path}"
            assert attribute["type"] in TYPES, where
            assert attribute["mutability"] in MUTABILITY, where
            assert attribute["returned"] in RETURNED, where
            for flag in ("multiValued", "required"):
                assert type(attribute[flag]) is bool, where
            if attribute["type"] in ("string", "reference", "binary"):
                assert type(attribute["caseExact"]) is bool, where
                assert attribute["uniqueness"] in UNIQUENESS, where
            if attribute["type"] == "reference":
                assert attribute["referenceTypes"], where
            if attribute["type"] == "complex":
                assert attribute["subAttributes"], where
            assert attribute["description"], where


@pytest.mark.parametrize(
    "urn, path, characteristic, value",
    [
        (USER, "userName", "required", True),
        (USER, "userName", "uniqueness", "server"),
        (USER, "userName", "caseExact", False),
        (USER, "password", "mutability", "writeOnly"),
        (USER, "password", "returned", "never"),
        (USER, "groups", "mutability", "readOnly"),
        (GROUP, "displayName", "required", True),
        (GROUP, "members.value", "mutability", "immutable"),
        (SCIMD, "deactivatedAt", "type", "dateTime"),
    ],
)
def test_schemas_say_what_is_done(scim, urn, path, characteristic, value):
    attributes = dict(walk(scim.get(f"/Schemas/{urn}").json["attributes"]))
    assert attributes[path][characteristic] == value


# -- every attribute is accepted and returned as its schema says

SAMPLES = {
    "string": "a text",
    "boolean": True,
    "decimal": 1.5,
    "integer": 7,
    "dateTime": "2026-01-31T12:00:00Z",
    "binary": "c2NpbQ==",
    "reference": "https://example.com/a",
}


def sample(attribute):
    """A value of the attribute's type, with each sub-attribute that a client may write."""
    if attribute["type"] != "complex":
        value = SAMPLES[attribute["type"]]
        if attribute.get("canonicalValues"):
            value = attribute["canonicalValues"][0]
    else:
        value = {
            sub["name"]: sample(sub)
            for sub in attribute["subAttributes"]
            if sub["mutability"] != "readOnly"
        }
    return [value] if attribute["multiValued"] else value


def user_attributes(scim):
    """(URN or None, attribute) of all that a client may write to a user beside userName."""
    for urn in (USER, ENTERPRISE, SCIMD):
        for attribute in scim.get(f"/Schemas/{urn}").json["attributes"]:
            if attribute["mutability"] != "readOnly" and attribute["name"] != "userName":
                yield None if urn == USER else urn, attribute


def stored(resource, urn, attribute):
    return (resource if urn is None else resource.get(urn, {})).get(attribute["name"])


def test_every_writable_attribute_of_a_user_is_taken_by_POST_and_comes_back(scim):
    body = user("sample")
    for urn, attribute in user_attributes(scim):
        target = body
        if urn is not None:
            if urn not in body["schemas"]:
                body["schemas"].append(urn)
            target = body.setdefault(urn, {})
        target[attribute["name"]] = sample(attribute)
    made = create(scim, body)
    for urn, attribute in user_attributes(scim):
        expected = None if attribute["returned"] == "never" else sample(attribute)
        assert stored(made, urn, attribute) == expected, attribute["name"]
    assert scim.get(f"/Users/{made['id']}").json == made


def test_every_writable_attribute_of_a_user_is_taken_by_PATCH_and_can_be_removed(scim):
    made = create(scim, user("sample"))
    for urn, attribute in user_attributes(scim):
        path = f"{urn}:{attribute['name']}" if urn else attribute["name"]
        for op in ("add", "replace"):
            body = patch_op(op=op, path=path, value=sample(attribute))
            answer = scim.patch(f"/Users/{made['id']}", body).expect(200).json
            expected = None if attribute["returned"] == "never" else sample(attribute)
            assert stored(answer, urn, attribute) == expected, path
        answer = scim.patch(f"/Users/{made['id']}", patch_op(op="remove", path=path)).expect(200).json
        assert stored(answer, urn, attribute) is None, path


def test_every_filterable_attribute_can_be_asked_for_presence(scim):
    create(scim, user("sample"))
    for urn, attribute in user_attributes(scim):
        path = f"{urn}:{attribute['name']}" if urn else attribute["name"]
        status = 400 if attribute["returned"] == "never" else 200
        scim.get("/Users", filter=f"{path} pr").expect(status)


# -- /Me


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_Me_is_501_for_a_token_without_a_person(scim, method):
    body = user("me") if method in ("POST", "PUT") else patch_op(op="remove", path="title")
    scim.request(method, "/Me", body if method not in ("GET", "DELETE") else None).expect(501)
