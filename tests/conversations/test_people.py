"""People and groups as an administrator looks at them: scimctl user, scimctl group."""

import pytest

from people import make_group, make_user


@pytest.fixture(scope="module")
def company(library):
    """A tenant with people and groups that these tests only read."""
    ada = make_user(library, "ada", displayName="Ada Lovelace", title="Analyst")
    bob = make_user(library, "bob", active=False)
    inner = make_group(library, "Inner", ada)
    return {
        "ada": ada, "bob": bob, "inner": inner, "outer": make_group(library, "Outer", inner, bob),
        "twins": [make_group(library, "Twins"), make_group(library, "Twins")],
    }


@pytest.fixture
def daemon(_shared_plain, library_tenant):
    yield library_tenant.daemon
    library_tenant.daemon.check()


def names(answer):
    return {one["userName"] for one in answer["users"]}


def test_people_are_listed(daemon, library_tenant, company):
    assert names(daemon.ctl_json("user", "list", library_tenant.name)) == {"ada", "bob"}
    text = daemon.ctl("user", "list", library_tenant.name).stdout
    assert text.startswith("USERNAME") and "Ada Lovelace" in text and company["bob"]["id"] in text
    assert "ago" in text or "just now" in text


@pytest.mark.parametrize(
    "condition, expected",
    [('userName sw "A"', {"ada"}), ("active eq false", {"bob"}), ('title pr and userName eq "bob"', set()),
     ('groups.display eq "Outer"', {"ada", "bob"})],
    ids=["a beginning, case-blind", "a boolean", "nobody", "through a nested group"],
)
def test_a_filter_says_who(daemon, library_tenant, company, condition, expected):
    assert names(daemon.ctl_json("user", "list", library_tenant.name, "--filter", condition)) == expected


def test_a_list_of_nobody_is_a_list(daemon, library_tenant, company):
    assert daemon.ctl_json("user", "list", library_tenant.name, "--filter", 'userName eq "x"') == {"users": []}
    assert daemon.ctl("user", "list", library_tenant.name, "--filter", 'userName eq "x"').stdout.startswith("USERNAME")


def test_groups_are_listed(daemon, library_tenant, company):
    groups = daemon.ctl_json("group", "list", library_tenant.name, "--filter", 'displayName ne "Twins"')["groups"]
    assert {one["displayName"] for one in groups} == {"Inner", "Outer"}
    assert all("members" not in one for one in groups)
    assert "Outer" in daemon.ctl("group", "list", library_tenant.name).stdout


@pytest.mark.parametrize("condition", ["userName", 'nickname gt gt "x"', 'nosuch eq "x"'])
def test_a_bad_filter_is_refused_and_explained(daemon, library_tenant, condition):
    assert daemon.ctl("user", "list", library_tenant.name, "--filter", condition, status=4).stderr.startswith("scimctl: ")


def test_a_limit_ends_the_list(daemon, library_tenant, company):
    assert len(daemon.ctl_json("user", "list", library_tenant.name, "--limit", "1")["users"]) == 1
    daemon.ctl("user", "list", library_tenant.name, "--limit", "none", status=2)


def test_a_long_list_is_read_page_by_page(daemon, tenant, scim):
    for number in range(405):
        make_user(scim, f"user-{number:03}")
    users = daemon.ctl_json("user", "list", tenant.name)["users"]
    assert [one["userName"] for one in users] == [f"user-{number:03}" for number in range(405)]
    assert daemon.ctl("user", "list", tenant.name).stdout.count("user-") == 405
    assert len(daemon.ctl_json("user", "list", tenant.name, "--limit", "301")["users"]) == 301


@pytest.mark.parametrize("name", ["ada", "ADA"])
def test_a_person_is_shown_by_name(daemon, library_tenant, company, name):
    shown = daemon.ctl_json("user", "show", library_tenant.name, name)
    assert shown["resource"]["id"] == company["ada"]["id"]
    assert {one["display"]: one["type"] for one in shown["resource"]["groups"]} == {"Inner": "direct", "Outer": "indirect"}
    assert shown["links"] == []


def test_a_person_is_shown_by_id(daemon, library_tenant, company):
    ada = company["ada"]
    shown = daemon.ctl_json("user", "show", library_tenant.name, ada["id"])["resource"]
    assert shown["title"] == "Analyst" and shown["meta"]["version"] == ada["meta"]["version"]
    assert shown["meta"]["location"] == f"/{library_tenant.name}/scim/v2/Users/{ada['id']}"
    text = daemon.ctl("user", "show", library_tenant.name, ada["id"]).stdout
    assert "Analyst" in text and "indirect" in text and "it was pushed" in text


def test_a_group_is_shown_with_the_number_of_its_people(daemon, library_tenant, company):
    shown = daemon.ctl_json("group", "show", library_tenant.name, "outer")
    assert shown["resource"]["id"] == company["outer"]["id"] and shown["people"] == 2
    assert "members" not in shown["resource"]
    assert "PEOPLE: 2" in daemon.ctl("group", "show", library_tenant.name, "Outer").stdout


def test_a_name_that_several_groups_have_asks_for_an_id(daemon, library_tenant, company):
    assert "2 groups are called Twins" in daemon.ctl("group", "show", library_tenant.name, "Twins", status=4).stderr
    twin = company["twins"][0]["id"]
    assert daemon.ctl_json("group", "show", library_tenant.name, twin)["resource"]["id"] == twin


@pytest.mark.parametrize("name", ["nobody", "01a00000-0000-7000-8000-000000000000", 'x" or userName pr', "a/b", "ä"])
@pytest.mark.parametrize("noun", ["user", "group"])
def test_who_is_not_there_ends_with_3_and_is_named(daemon, library_tenant, company, noun, name):
    assert name in daemon.ctl(noun, "show", library_tenant.name, name, status=3).stderr


@pytest.mark.parametrize("command", [("user", "list"), ("group", "list"), ("user", "show", "x"), ("group", "show", "x")], ids=" ".join)
def test_an_unknown_tenant_ends_with_3(daemon, command):
    noun, verb, *rest = command
    assert "nobody" in daemon.ctl(noun, verb, "nobody", *rest, status=3).stderr


def test_one_tenant_does_not_see_the_other(daemon, company, tenant):
    assert daemon.ctl_json("user", "list", tenant.name) == {"users": []}
    daemon.ctl("user", "show", tenant.name, company["ada"]["id"], status=3)


def test_what_a_client_sent_does_not_steer_the_terminal(daemon, tenant, scim):
    make_user(scim, "eve", displayName="\x1b[2Jcleared")
    for command in (("list", tenant.name), ("show", tenant.name, "eve")):
        assert "\x1b" not in daemon.ctl("user", *command).stdout
