"""What connector.h promises, held against every connector: each is one row of SOURCES, driven through the
contract's own calls and nothing else."""

import time

import pytest

from contract import Driver, check, dead_server, holds, meaning, model_of, silent_server
from contract_ad import Ad
from source import PullFailed

SOURCES = {
    "ad, dirsync": lambda request: Ad(request.getfixturevalue("controller"), "dirsync"),
    "ad, usn": lambda request: Ad(request.getfixturevalue("controller"), "usn"),
}
SLACK_S = 4  # of a process with a sanitizer on a busy machine
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module", params=SOURCES)
def row(request):
    return SOURCES[request.param](request)


@pytest.fixture
def driver(row):
    with Driver(row) as one:
        yield one


@pytest.fixture
def opened(row, driver):
    """A driver whose session 0 is open."""
    driver.ask("open", 0, row.good())
    return driver


def failure_of(driver, *command):
    with pytest.raises(PullFailed) as failure:
        driver.ask(*command)
    assert failure.value.detail, "an error without words"
    return failure.value.code


# -- settings


def test_every_connector_is_here(driver):
    known = {name.split(",")[0] for name in SOURCES}
    assert {line["name"] for line in driver.ask("types")} == known, "a connector needs a row in SOURCES"


def test_every_setting_is_documented(driver):
    rows = driver.ask("rows")
    assert rows and len({line["name"] for line in rows}) == len(rows)
    for line in rows:
        assert line["name"].startswith(("settings.", "scope.")), line
        assert len(line["help"]) > 8 and line["help"].endswith("."), line
        assert not (line["required"] and "fallback" in line), line


def test_good_settings_pass(row, driver):
    assert driver.ask("check", row.good()) == []


@pytest.mark.parametrize("part", ["settings", "scope"])
def test_an_unknown_setting_is_refused(row, driver, part):
    values = row.good()
    values[part] = {**values[part], "unheard_of": "x"}
    assert failure_of(driver, "check", values) == "invalid_value"


# -- full passes


def test_a_full_pass_yields_all(row, opened):
    before = row.expected()
    changes, _ = opened.pass_(0)
    assert holds(model_of(changes)) == before
    assert not [change for change in changes if change["kind"] == "delete"]


def test_a_full_pass_has_an_end_and_only_one(opened):
    cursor, ends = "", []
    while not ends or not ends[-1]:
        _, page = opened.pull(0, cursor)
        cursor = page["next"]
        ends.append(page["caught_up"])
    assert len(ends) > 2 and ends.count(True) == 1


def test_two_full_passes_mean_the_same(opened):
    first, second = (opened.pass_(0)[0] for _ in range(2))
    assert meaning(first) == meaning(second)


def test_two_sessions_at_once(row, opened):
    """Page by page in turn."""
    opened.ask("open", 1, row.good())
    found, cursors, done = [[], []], ["", ""], [False, False]
    while not all(done):
        for session in (0, 1):
            if not done[session]:
                changes, page = opened.pull(session, cursors[session])
                found[session] += changes
                cursors[session], done[session] = page["next"], page["caught_up"]
    assert holds(model_of(found[0])) == holds(model_of(found[1])) == row.expected()


def test_a_fetch_between_two_pages_disturbs_neither(row, opened):
    user = sorted(row.expected()["users"])[0]
    fetched = []
    changes, _ = opened.pass_(0, between=lambda: fetched.append(opened.fetch(0, "user", user)))
    assert holds(model_of(changes)) == row.expected()
    assert fetched and all(one == fetched[0] and one[0]["id"] == user for one in fetched)


# -- deltas


@pytest.fixture
def followed(row, opened):
    """The driver, the model after a full pass, and the cursor behind it."""
    changes, cursor = opened.pass_(0)
    return opened, model_of(changes), cursor


def test_after_nothing_comes_nothing(followed):
    driver, _, cursor = followed
    changes, page = driver.pull(0, cursor)
    assert (changes, page["caught_up"]) == ([], True)
    changes, page = driver.pull(0, page["next"])
    assert (changes, page["caught_up"]) == ([], True)


@pytest.fixture
def person(row):
    return row.create_user()


def _the_user(changes, user):
    return [change for change in changes if change["object"] == "user" and change["id"] == user]


def test_what_was_created_comes(row, followed):
    driver, model, cursor = followed
    user = row.create_user()
    changes, _ = driver.pass_(0, cursor)
    assert [change["kind"] for change in _the_user(changes, user)][-1:] == ["upsert"]
    assert holds(model_of(changes, model)) == row.expected()


def test_what_was_changed_comes(row, person, followed):
    driver, model, cursor = followed
    name, value = row.change_user(person)
    changes, _ = driver.pass_(0, cursor)
    assert _the_user(changes, person)[-1]["attributes"][name] == [value]
    assert holds(model_of(changes, model)) == row.expected()


def test_what_was_deleted_goes(row, person, followed):
    driver, model, cursor = followed
    row.delete_user(person)
    changes, _ = driver.pass_(0, cursor)
    reports = {line["name"]: line["reports_deletes"] for line in driver.ask("types")}
    if reports[row.type]:
        assert [change["kind"] for change in _the_user(changes, person)] == ["delete"]
        assert holds(model_of(changes, model)) == row.expected()
    assert person not in holds(model_of(driver.pass_(0)[0]))["users"]


def test_members_come_and_go(row, person, followed):
    driver, model, cursor = followed
    group = sorted(row.expected()["groups"])[0]
    for change in (row.add_member, row.remove_member):
        change(group, person)
        changes, cursor = driver.pass_(0, cursor)
        assert changes and holds(model_of(changes, model)) == row.expected()


def test_an_older_cursor_yields_the_same_again(row, person, followed):
    """The engine may crash before it stored the page."""
    driver, _, cursor = followed
    row.change_user(person)
    first, behind = driver.pass_(0, cursor)
    again, _ = driver.pass_(0, cursor)
    assert first and meaning(first) == meaning(again)
    assert driver.pass_(0, behind)[0] == []


def test_a_delta_of_many_pages_is_whole(row, followed):
    driver, model, cursor = followed
    users = sorted(row.expected()["users"])[:row.delta_page + 20]
    wanted = {user: row.change_user(user) for user in users}
    pages = []
    changes, behind = driver.pass_(0, cursor, between=lambda: pages.append(1))
    model_of(changes, model)
    assert pages and len(users) > row.delta_page
    assert [user for user in users if model.users[user][wanted[user][0]] != [wanted[user][1]]] == []
    assert driver.pass_(0, behind)[0] == []


def test_a_cursor_outlives_its_session(row, person, followed):
    driver, _, cursor = followed
    row.change_user(person)
    driver.ask("close", 0)
    driver.ask("open", 0, row.good())
    changes, _ = driver.pass_(0, cursor)
    assert _the_user(changes, person)


# -- cursors that are none


def _cut(cursor):
    return cursor[: len(cursor) // 4 * 2]


@pytest.mark.parametrize("spoil", [
    lambda cursor: b"garbage".hex(), lambda cursor: b"{}".hex(), lambda cursor: "00", lambda cursor: "ff" * 70000,
    _cut, lambda cursor: cursor + cursor, lambda cursor: b'{"version":1,"type":"another"}'.hex(),
], ids=["garbage", "empty object", "a zero", "long", "cut", "twice", "of another"])
def test_a_spoilt_cursor_is_expired(followed, spoil):
    driver, _, cursor = followed
    assert failure_of(driver, "pull", 0, spoil(cursor)) == "source_cursor_expired"
    assert driver.pass_(0)[0], "and then a full pass works"


def test_a_cursor_of_another_scope_is_expired(row, followed):
    driver, _, cursor = followed
    driver.ask("open", 1, row.narrower())
    assert failure_of(driver, "pull", 1, cursor) == "source_cursor_expired"


def test_a_cursor_of_an_interrupted_full_pass_serves_no_other_session(row, opened):
    """Or it goes on with nothing lost: what it must not do is to end early."""
    first, page = opened.pull(0, "")
    opened.ask("open", 1, row.good())
    try:
        rest, _ = opened.pass_(1, page["next"])
    except PullFailed as failure:
        assert failure.code == "source_cursor_expired"
    else:
        assert holds(model_of(first + rest)) == row.expected()


# -- one object


def test_fetch_gives_a_user(row, opened):
    user = sorted(row.expected()["users"])[0]
    [change] = opened.fetch(0, "user", user)
    pulled = [one for one in opened.pass_(0)[0] if one["kind"] == "upsert" and one["id"] == user]
    assert (change["kind"], change["object"], change["id"]) == ("upsert", "user", user)
    assert change["attributes"] == pulled[-1]["attributes"]


def test_fetch_gives_a_group_with_its_members(row, opened):
    groups = row.expected()["groups"]
    group = max(groups, key=lambda one: len(groups[one]))
    changes = opened.fetch(0, "group", group)
    assert {change["id"] for change in changes} == {group}
    model = model_of(changes)
    assert group in model.groups and model.members[group] >= groups[group]


@pytest.mark.parametrize("kind", ["user", "group"])
def test_fetch_of_what_is_not_there(opened, kind):
    [change] = opened.fetch(0, kind, UNKNOWN_ID)
    assert (change["kind"], change["object"], change["id"]) == ("delete", kind, UNKNOWN_ID)


@pytest.mark.parametrize("identity", ["", "x", "*", "../../users", "a)(b=*", "x" * 5000, "\u00fc\n'\"%00"])
def test_fetch_of_what_is_no_id(opened, identity):
    """Refused or not found, and the session lives on."""
    try:
        changes = opened.fetch(0, "user", identity) if identity else []
    except PullFailed as failure:
        assert failure.code in ("invalid_value", "not_found")
    else:
        assert [change["kind"] for change in changes] in (["delete"], [])
    assert opened.pass_(0)[0]


# -- what fails


def test_a_wrong_secret_is_denied(row, driver):
    assert failure_of(driver, "open", 0, row.refused()) == "source_denied"


@pytest.mark.parametrize("server", [dead_server, silent_server])
def test_a_server_that_does_not_answer_is_unavailable_in_time(row, driver, server):
    with server() as port:
        start = time.monotonic()
        assert failure_of(driver, "open", 0, row.at(port)) == "source_unavailable"
        assert time.monotonic() - start < row.timeout_s + SLACK_S
    driver.ask("open", 0, row.good())
    assert driver.pass_(0)[0]


def test_a_failed_session_can_be_closed_and_the_next_opened(row, driver):
    for _ in range(3):
        failure_of(driver, "open", 0, row.refused())
    driver.ask("open", 0, row.good())
    driver.ask("close", 0)
    driver.ask("close", 0)  # NULL


# -- test()


def _verdicts(driver, settings):
    lines = driver.ask("test", settings)
    assert lines and all(line["subject"] and line["text"] for line in lines)
    assert all(line.get("advice") for line in lines if line["verdict"] == "failure"), lines
    return [line["verdict"] for line in lines]


def test_the_test_finds_nothing_wrong_with_good_settings(row, driver):
    assert set(_verdicts(driver, row.good())) == {"fine"}


def test_the_test_finds_a_wrong_secret(row, driver):
    assert "failure" in _verdicts(driver, row.refused())


@pytest.mark.parametrize("server", [dead_server, silent_server])
def test_the_test_finds_a_server_that_does_not_answer(row, driver, server):
    with server() as port:
        start = time.monotonic()
        assert "failure" in _verdicts(driver, row.at(port))
        assert time.monotonic() - start < row.timeout_s + SLACK_S


# -- the test itself


@pytest.mark.parametrize("change", [
    {"kind": "upsert", "object": "user", "id": "1", "attributes": {"cn": "no list"}},
    {"kind": "upsert", "object": "user", "id": "1", "attributes": {"cn": [1]}},
    {"kind": "upsert", "object": "user", "id": "1"},
    {"kind": "delete", "object": "user", "id": ""},
    {"kind": "delete", "object": "other", "id": "1"},
    {"kind": "members", "object": "user", "id": "1", "form": "whole", "more_follows": False, "added": [],
     "removed": []},
    {"kind": "members", "object": "group", "id": "1", "form": "whole", "more_follows": False, "added": [],
     "removed": [["2", "user"]]},
], ids=["no array", "no string", "no attributes", "no id", "no object", "of a user", "whole and removed"])
def test_a_change_against_the_contract_is_noticed(change):
    with pytest.raises(AssertionError):
        check(change)
