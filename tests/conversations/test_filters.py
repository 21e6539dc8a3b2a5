"""Filters: RFC 7644 section 3.4.2.2, over HTTP, and POST /.search.

The tests share a small company and only read it."""

import urllib.parse

import pytest

from bodies import create, group, names, user
from scimclient import ENTERPRISE, GROUP, SEARCH, USER, patch_op

ADA = user(
    "ada@example.com",
    externalId="E-1",
    name={"givenName": "Ada", "familyName": "Lovelace"},
    displayName="Ada Lovelace",
    title="Countess",
    active=True,
    emails=[
        {"value": "ada@work.example.com", "type": "work", "primary": True},
        {"value": "ada@home.example.org", "type": "home"},
    ],
    profileUrl="https://example.com/Ada",
    x509Certificates=[{"value": "c2NpbQ=="}],
    **{ENTERPRISE: {"department": "Engines", "employeeNumber": "001", "manager": {"value": "boss-1"}}},
)
BOB = user(
    "Bob",
    externalId="e-1",
    name={"givenName": "Bob", "familyName": "Kahn"},
    displayName="Bob \"TCP\" Kahn",
    title="engineer",
    active=False,
    emails=[{"value": "bob@work.example.org", "type": "work"}, {"value": "bob@home.example.com", "type": "home"}],
    roles=[{"value": "admin", "primary": True}, {"value": "user"}],
    **{ENTERPRISE: {"department": "Networks"}},
)
CYD = user("cyd", displayName="Straße 100% \\ under_score", nickName="")
ALL = {"ada@example.com", "Bob", "cyd"}
ada, bob, cyd = {"ada@example.com"}, {"Bob"}, {"cyd"}


@pytest.fixture(scope="module")
def company(library):
    """The three of them, and the ids by name."""
    library.ids = {one["userName"]: create(library, one)["id"] for one in (ADA, BOB, CYD)}
    library.ids["staff"] = create(library, group("Staff", library.ids["ada@example.com"]))["id"]
    library.ids["empty"] = create(library, group("Empty"))["id"]
    return library


@pytest.mark.parametrize(
    "expression, found",
    [
        # operators
        ('userName eq "bob"', bob),
        ('userName ne "bob"', ada | cyd),
        ('userName co "XAMPLE"', ada),
        ('userName sw "ADA"', ada),
        ('userName ew ".COM"', ada),
        ('userName gt "bob"', cyd),
        ('userName ge "bob"', bob | cyd),
        ('userName lt "bob"', ada),
        ('userName le "BOB"', ada | bob),
        ("title pr", ada | bob),
        ("not (title pr)", cyd),
        ("emails pr", ada | bob),
        ("name pr", ada | bob),
        ("name.givenName pr", ada | bob),
        # case rules
        ('externalId eq "E-1"', ada),
        ('externalId eq "e-1"', bob),
        ('externalId co "E"', ada),
        ('title eq "COUNTESS"', ada),
        ('profileUrl eq "https://example.com/Ada"', ada),
        ('profileUrl eq "https://example.com/ada"', set()),
        # ne of what is absent
        ('title ne "Countess"', bob | cyd),
        ('nickName ne "x"', ALL),
        ('emails.type ne "work"', cyd),
        ('emails[type ne "work"]', ada | bob),
        # booleans and null
        ("active eq true", ada),
        ("active eq false", bob),
        ("active ne true", bob | cyd),
        ("title eq null", cyd),
        ("title ne null", ada | bob),
        # and, or, not, parentheses
        ('title pr and active eq true', ada),
        ('userName eq "cyd" or title pr and active eq false', bob | cyd),
        ('(userName eq "cyd" or title pr) and active eq false', bob),
        ('not (userName eq "cyd" or active eq true)', bob),
        ('not (not (userName eq "cyd"))', cyd),
        ("title pr and (active eq true or active eq false) and not (userName eq \"Bob\")", ada),
        # multi-valued attributes and value paths
        ('emails co "example.com"', ada | bob),
        ('emails.value ew "@work.example.com"', ada),
        ('emails[type eq "work"].value eq "ADA@work.example.com"', ada),
        ('emails[type eq "home"].value eq "ada@work.example.com"', set()),
        ('emails[type eq "work" and value co "example.com"]', ada),
        ('emails[type eq "work"] and emails[value co "example.com"]', ada | bob),
        ('emails[not (type eq "work")]', ada | bob),
        ('emails[type eq "home" or primary eq true]', ada | bob),
        ('emails[type eq "work" and not (primary eq true)]', bob),
        ("emails[primary eq true]", ada),
        ('roles[value eq "admin"].primary eq true', bob),
        ('roles[value eq "user"].primary pr', set()),
        ('emails.type eq "work" and emails.value sw "bob@home"', bob),
        # URNs and sub-attributes
        (f'{USER}:userName eq "bob"', bob),
        (f'{USER}:name.familyName eq "kahn"', bob),
        (f'{USER}:emails[type eq "work"].value sw "ada"', ada),
        (f'{ENTERPRISE}:department eq "engines"', ada),
        (f'{ENTERPRISE}:manager.value eq "boss-1"', ada),
        (f'{ENTERPRISE}:manager eq "boss-1"', ada),
        (f"{ENTERPRISE}:department pr and not ({ENTERPRISE}:employeeNumber pr)", bob),
        ('name.familyName eq "Lovelace"', ada),
        # names and operators in any case
        ('USERNAME EQ "bob"', bob),
        ('NAME.GIVENNAME Sw "b" AND Active eq FALSE', bob),
        (f'{USER.upper()}:username eq "bob"', bob),
        ('NOT (Title PR)', cyd),
        # literals
        (r'displayName eq "Bob \"TCP\" Kahn"', bob),
        (r'displayName co "\\"', cyd),
        (r'displayName co "Stra\u00dfe"', cyd),
        ('displayName co "%"', cyd),
        ('displayName co "_"', cyd),
        ('displayName sw "a%"', set()),
        ('displayName co "*"', set()),
        ('userName co ""', ALL),
        ('userName eq ""', set()),
        # binary and meta
        ('x509Certificates.value eq "c2NpbQ=="', ada),
        ('meta.resourceType eq "User"', ALL),
        ('meta.created ge "2020-01-01T00:00:00Z"', ALL),
        ('meta.lastModified lt "2020-01-01T00:00:00Z"', set()),
        ('meta.lastModified gt "2020-01-01T00:00:00.1234567Z"', ALL),
        ('meta.created ge "2020-01-01T05:00:00+05:00"', ALL),
        (f'schemas eq "{ENTERPRISE}"', ada | bob),
        ('id pr', ALL),
    ],
)
def test_a_filter_finds(company, expression, found):
    assert names(company, expression) == found


@pytest.mark.parametrize(
    "expression",
    [
        "userName",
        "userName eq",
        'eq "bob"',
        "userName eq bob",
        "userName eq 'bob'",
        'userName eq "bob',
        'userName eq "b\\x"',
        r'userName eq "\ud800"',
        r'userName eq "\u12"',
        'userName eq "a\tb"',
        'userName is "bob"',
        'userName eq "bob" "ada"',
        'userName eq "bob" and',
        'and userName eq "bob"',
        'userName eq "bob" xor title pr',
        'userName eq "bob" title pr',
        "()",
        '(userName eq "bob"',
        'userName eq "bob")',
        'not userName eq "bob"',
        "not ()",
        "emails[]",
        'emails[type eq "work"',
        'emails[type eq "work"]]',
        'emails[type eq "work"].',
        'emails[type eq "work"].colour eq "x"',
        'emails[emails[type eq "x"]]',
        'userName[value eq "x"]',
        "colour pr",
        'name.colour eq "x"',
        'name eq "Ada"',
        f'{USER}:colour eq "x"',
        'urn:example:User:title eq "x"',
        f'{ENTERPRISE} eq "x"',
        "active gt true",
        "active co true",
        'active eq "perhaps"',
        "userName eq 7",
        "userName eq true",
        'meta.created gt "yesterday"',
        'meta.created co "2020"',
        'x509Certificates.value gt "c2NpbQ=="',
        'emails[primary gt true]',
        'password eq "x"',
        "title pr true",
        "title gt null",
        ".userName pr",
        "userName. pr",
        "name..givenName pr",
        '"userName" eq "bob"',
        "   ",
        "[",
        "\\",
    ],
)
def test_a_bad_filter_is_invalidFilter_and_says_where(company, expression):
    answer = company.get("/Users", filter=expression).expect(400, "invalidFilter")
    assert answer.json["detail"]


def test_the_detail_names_the_byte_where_the_filter_goes_wrong(company):
    answer = company.get("/Users", filter='userName xx "bob"').expect(400, "invalidFilter")
    assert "9" in answer.json["detail"]


def test_an_empty_filter_is_no_filter(company):
    assert names(company, "") == ALL


def test_no_match_is_200_with_an_empty_list(company):
    answer = company.get("/Users", filter='userName eq "nobody"').expect(200).json
    assert answer["totalResults"] == 0 and answer["Resources"] == []
    assert answer["itemsPerPage"] == 0 and answer["startIndex"] == 1


def test_a_user_is_found_by_its_id(company):
    for name, key in company.ids.items():
        path = "/Groups" if name in ("staff", "empty") else "/Users"
        assert len(company.all(path, filter=f'id eq "{key}"')) == 1
    assert names(company, f'id eq "{company.ids["Bob"].upper()}"') == set()


def test_a_time_is_compared_as_time_with_fractions_and_zones(company):
    created = company.get(f"/Users/{company.ids['Bob']}").json["meta"]["created"]
    assert "Bob" in names(company, f'meta.created eq "{created}"')
    assert "Bob" in names(company, f'meta.created ge "{created}"')
    assert "Bob" not in names(company, f'meta.created gt "{created}"')
    long = created.replace("Z", "0000Z")
    assert "Bob" in names(company, f'meta.created eq "{long}"')
    hour = int(created[11:13])
    if hour < 22:
        shifted = f"{created[:11]}{hour + 2:02}{created[13:-1]}+02:00"
        assert "Bob" in names(company, f'meta.created eq "{shifted}"')


# -- groups


def test_displayName_of_a_group_is_found_without_regard_to_case(company):
    answer = company.get("/Groups", filter='displayName eq "STAFF"', excludedAttributes="members")
    found = answer.expect(200).json["Resources"]
    assert [one["displayName"] for one in found] == ["Staff"] and "members" not in found[0]


def test_a_membership_can_be_asked_for(company):
    staff, member, other = company.ids["staff"], company.ids["ada@example.com"], company.ids["Bob"]
    for expression, count in (
        (f'id eq "{staff}" and members eq "{member}"', 1),
        (f'id eq "{staff}" and members eq "{other}"', 0),
        (f'members.value eq "{member}"', 1),
        (f'members[value eq "{member}"]', 1),
        ("members pr", 1),
        ("not (members pr)", 1),
    ):
        answer = company.get("/Groups", filter=expression, attributes="id").expect(200).json
        assert answer["totalResults"] == count, expression
        assert all(set(one) == {"schemas", "id"} for one in answer["Resources"])


def test_the_groups_of_a_user_can_be_asked_for(company):
    staff = company.ids["staff"]
    assert names(company, f'groups eq "{staff}"') == ada
    assert names(company, f'groups.value eq "{staff}"') == ada
    assert names(company, 'groups.display eq "staff"') == ada
    assert names(company, "groups pr") == ada


def test_a_reference_to_a_manager_can_be_asked_for(company):
    expression = f'id eq "{company.ids["ada@example.com"]}" and {ENTERPRISE}:manager eq "boss-1"'
    answer = company.get("/Users", filter=expression, attributes="id").expect(200).json
    assert answer["totalResults"] == 1


def test_manager_is_found_without_its_urn(company):
    assert names(company, 'manager eq "boss-1"') == ada


# -- limits


def test_a_filter_too_deep_is_invalidFilter(company):
    for depth in (40, 500):
        deep = "(" * depth + "title pr" + ")" * depth
        company.get("/Users", filter=deep).expect(400, "invalidFilter")
        deep = "not (" * depth + "title pr" + ")" * depth
        company.get("/Users", filter=deep).expect(400, "invalidFilter")


def test_a_filter_within_the_depth_works(company):
    assert names(company, "(" * 20 + "title pr" + ")" * 20) == ada | bob


def test_a_filter_with_too_many_comparisons_is_invalidFilter(company):
    company.get("/Users", filter=" or ".join(["title pr"] * 60)).expect(400, "invalidFilter")
    assert names(company, " or ".join(["title pr"] * 40)) == ada | bob


def test_a_filter_too_long_is_invalidFilter(company):
    company.get("/Users", filter=f'title eq "{"x" * 5000}"').expect(400, "invalidFilter")


def test_a_deep_filter_in_a_search_body_is_invalidFilter(company):
    for text in ("(" * 10000, "not (" * 10000 + "title pr", "emails[" * 9000):
        body = {"schemas": [SEARCH], "filter": text}
        company.post("/Users/.search", body).expect(400, "invalidFilter")


# -- /.search


def search(**members):
    return {"schemas": [SEARCH], **members}


def test_search_takes_what_GET_takes(company):
    body = search(filter='userName sw "b" or title pr', attributes=["userName", "name.givenName"],
                  sortBy="userName", sortOrder="descending", startIndex=1, count=1)
    answer = company.post("/Users/.search", body).expect(200).json
    assert answer["totalResults"] == 2 and answer["itemsPerPage"] == 1
    (one,) = answer["Resources"]
    assert one["userName"] == "Bob" and one["name"] == {"givenName": "Bob"} and "emails" not in one


def test_search_excludes_attributes(company):
    body = search(filter='displayName eq "staff"', excludedAttributes=["members"])
    (one,) = company.post("/Groups/.search", body).expect(200).json["Resources"]
    assert "members" not in one and one["displayName"] == "Staff"


def test_search_at_the_root_finds_users_and_groups(company):
    answer = company.post("/.search", search()).expect(200).json
    kinds = [one["meta"]["resourceType"] for one in answer["Resources"]]
    assert sorted(kinds) == ["Group", "Group", "User", "User", "User"] and answer["totalResults"] == 5


def test_an_attribute_that_one_type_lacks_matches_nothing_there(company):
    body = search(filter='userName eq "bob" or displayName eq "staff"')
    found = company.post("/.search", body).expect(200).json["Resources"]
    assert {one.get("userName", one["displayName"]) for one in found} == {"Bob", "Staff"}


def test_an_attribute_that_no_type_has_is_invalidFilter_at_the_root(company):
    company.post("/.search", search(filter='colour eq "red"')).expect(400, "invalidFilter")


def test_the_type_can_be_asked_for_at_the_root(company):
    found = company.post("/.search", search(filter='meta.resourceType eq "Group"')).json["Resources"]
    assert {one["displayName"] for one in found} == {"Staff", "Empty"}


@pytest.mark.parametrize(
    "body, scim_type",
    [
        ([], "invalidSyntax"),
        ("x", "invalidSyntax"),
        (search(filter=7), "invalidValue"),
        (search(count="7"), "invalidValue"),
        (search(startIndex=1.5), "invalidValue"),
        (search(attributes=[7]), "invalidValue"),
        (search(sortOrder="up"), "invalidValue"),
        (search(filter="title"), "invalidFilter"),
    ],
)
def test_a_bad_search_is_refused(company, body, scim_type):
    if body == "x":
        body = '"x"'
    company.post("/Users/.search", body).expect(400, scim_type)


def test_search_is_only_POSTed(company):
    for path in ("/.search", "/Users/.search", "/Groups/.search"):
        for method in ("PUT", "PATCH", "DELETE"):
            answer = company.request(method, path, None if method == "DELETE" else search())
            assert answer.status in (404, 405)
            if answer.status == 405:
                assert "POST" in answer.headers["Allow"]


# -- changes are seen at once


def test_a_changed_value_is_found_and_the_old_one_is_not(scim):
    made = create(scim, user("ada", title="old", emails=[{"value": "a@old.example"}]))
    body = patch_op(
        {"op": "replace", "path": "title", "value": "new"},
        {"op": "replace", "path": "emails", "value": [{"value": "a@new.example"}]},
    )
    scim.patch(f"/Users/{made['id']}", body).expect(200)
    assert names(scim, 'title eq "new" and emails co "new.example"') == {"ada"}
    assert names(scim, 'title eq "old" or emails co "old.example"') == set()


def test_what_changed_after_a_time_is_found(scim):
    first = create(scim, user("ada"))
    since = first["meta"]["lastModified"]
    assert names(scim, f'meta.lastModified gt "{since}"') == set()
    answer = scim.patch(f"/Users/{first['id']}", patch_op(op="add", path="title", value="x")).json
    if answer["meta"]["lastModified"] != since:
        assert names(scim, f'meta.lastModified gt "{since}"') == {"ada"}


def test_a_value_longer_than_the_index_is_still_compared_whole(scim):
    long = "x" * 3000
    create(scim, user("ada", title=long + "a"))
    create(scim, user("bob", title=long + "b"))
    body = {"schemas": [SEARCH], "filter": f'title eq "{long}a"'}
    found = scim.post("/Users/.search", body).expect(200).json["Resources"]
    assert [one["userName"] for one in found] == ["ada"]
    assert names(scim, 'title ew "xb"') == {"bob"}
    assert names(scim, f'title sw "{long[:2000]}"') == {"ada", "bob"}


def test_a_filter_may_be_percent_encoded_in_every_way(company):
    expression = 'userName eq "bob"'
    every = "".join(f"%{byte:02x}" for byte in expression.encode())
    for text in (every, urllib.parse.quote_plus(expression), urllib.parse.quote(expression)):
        answer = company.get(f"/Users?filter={text}").expect(200).json
        assert answer["totalResults"] == 1, text


def test_a_group_filter_on_what_only_users_have_is_invalidFilter(company):
    company.get("/Groups", filter='userName eq "bob"').expect(400, "invalidFilter")
    assert company.get("/Groups", filter=f'{GROUP}:displayName eq "staff"').json["totalResults"] == 1
