"""The AD connector against a real domain controller; the oracle reads the same data without it."""

import json
import signal
import subprocess

import pytest

import changes
import domain
import population
import provision
from fill import transaction
from oracle import Oracle, Scope, differences
from proxy import Fault, Proxy
from source import PullFailed, Source, gssapi, simple

SCOPE = {"users": [domain.STAFF], "groups": [domain.GROUPS]}
SMALL = {"page_size": 50, "range_size": 40}


def expected(controller, scope=None):
    scope = scope or SCOPE
    return Oracle(
        controller.database(),
        Scope(users=scope["users"], groups=scope["groups"], user_filter=scope.get("user_filter", ""),
              member_of=scope.get("member_of", [])),
    ).read()


def assert_equal(source, scope=None):
    assert differences(expected(source.controller, scope), source.model.as_oracle()) == []


@pytest.fixture
def source(controller, tmp_path):
    """source(settings): with the tests' scope and small pages."""
    numbers = iter(range(100))

    def make(settings, scope=None):
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return Source(controller, folder, {**SMALL, **settings}, scope or SCOPE)

    return make


# -- full passes


@pytest.mark.parametrize("settings", [
    lambda lab: simple(lab),
    lambda lab: simple(lab, servers=[f"ldap://{domain.SERVER}"], start_tls=True),
    lambda lab: simple(lab, servers=["ldaps://nowhere.lab.example", f"ldaps://{domain.SERVER}"], timeout=5),
    lambda lab: gssapi(lab),
    lambda lab: gssapi(lab, servers=[], domain=domain.DNS_DOMAIN, site=domain.SITE),
    lambda lab: gssapi(lab, page_size=1000, range_size=1500),
], ids=["ldaps", "starttls", "second server", "gssapi", "dns", "large pages"])
def test_a_full_pass_shows_all(controller, source, settings):
    one = source(settings(controller))
    one.pull()
    assert_equal(one)
    assert [page["caught_up"] for page in one.pages] == [False] * (len(one.pages) - 1) + [True]


def test_a_filter_narrows(controller, source):
    scope = {**SCOPE, "user_filter": "(employeeNumber=1*)"}
    one = source(simple(controller), scope)
    one.pull()
    assert one.model.users
    assert_equal(one, scope)


def test_kerberos_inside_tls(make_controller, tmp_path):
    controller = make_controller(size=0, strong_auth="allow_sasl_over_tls")
    one = Source(controller, tmp_path, gssapi(
        controller, servers=[f"ldaps://{domain.SERVER}"], ca_file=controller.facts()["ca_file"],
    ))
    one.pull()
    assert "dirsync" == one.position()["mode"]


def test_members_that_are_no_people(controller, source):
    one = source(simple(controller))
    mixed = changes.guid_of(controller.database(), changes.find(controller.database(), population.MIXED))
    kinds = [
        member for line in one.pull() if line["kind"] == "members" and line["id"] == mixed
        for member in line["added"]
    ]
    assert [population.FOREIGN_SID, "other"] in kinds


# -- deltas


DELETED = {}  # objectGUIDs
HISTORY = [
    ("nothing", lambda db, p: None),
    ("create", lambda db, p: changes.create(db, "neu" + p(1))),
    ("change", lambda db, p: changes.change(db, p(1), "title", "Chef")),
    ("remove a value", lambda db, p: changes.change(db, p(2), "department")),
    ("rename", lambda db, p: changes.rename(db, p(3), "Anders, Ganz")),
    ("move out", lambda db, p: changes.move(db, p(9))),
    ("move in", lambda db, p: changes.move(db, p(9), domain.STAFF)),
    ("disable", lambda db, p: changes.disable(db, p(4))),
    ("manager", lambda db, p: changes.set_manager(db, p(5), p(7))),
    ("no manager", lambda db, p: changes.set_manager(db, p(5))),
    ("create a group", lambda db, p: changes.create_group(db, "Neue", p(1), p(2))),
    ("add members", lambda db, p: changes.add_members(db, "Neue", p(4), p(5))),
    ("remove members", lambda db, p: changes.remove_members(db, "Neue", p(1), p(4))),
    ("nest", lambda db, p: changes.add_members(db, "Neue", population.EMPTY)),
    ("un-nest", lambda db, p: changes.remove_members(db, "Neue", population.EMPTY)),
    ("one of a large group", lambda db, p: changes.remove_members(db, population.EVERYBODY, p(1))),
    ("and back", lambda db, p: changes.add_members(db, population.EVERYBODY, p(1))),
    ("rename a group", lambda db, p: changes.rename(db, "Neue", "Neuere")),
    ("primary group", lambda db, p: (changes.add_members(db, population.PRIMARY, p(11)),
                                  changes.set_primary(db, p(11), population.PRIMARY))),
    ("primary group back", lambda db, p: changes.set_primary(db, p(11))),
    ("delete", lambda db, p: changes.delete(db, p(6))),
    ("re-create", lambda db, p: changes.recreate(db, p(8))),
    ("delete again", lambda db, p: DELETED.update({p(12): changes.delete(db, p(12))[0]})),
    ("restore", lambda db, p: changes.restore(db, DELETED[p(12)])),
    ("empty a group", lambda db, p: changes.empty_group(db, "Neue")),
    ("delete a group", lambda db, p: changes.delete(db, "Neue")),
]


@pytest.fixture(scope="module", params=["dirsync", "usn"])
def follower(request, controller, tmp_path_factory):
    one = Source(
        controller, tmp_path_factory.mktemp(request.param), gssapi(controller, delta=request.param, **SMALL), SCOPE,
    )
    one.pull()
    return one


@pytest.mark.parametrize("change", [change for _, change in HISTORY], ids=[name for name, _ in HISTORY])
def test_a_delta_follows(controller, follower, change):
    mode = follower.settings["settings"]["delta"]
    first = {"dirsync": 0, "usn": 100}[mode]  # people of their own, as both live in one domain
    change(controller.database(), lambda number: population.person_name(first + number))
    follower.pull()
    assert follower.position()["mode"] == mode
    assert_equal(follower)


def test_who_was_deleted_and_restored_loses_memberships(controller, source):
    one = source(gssapi(controller, delta="dirsync"))
    one.pull()
    changes.restore(controller.database(), changes.delete(controller.database(), "u00013")[0])
    one.pull()
    assert_equal(one)


def test_a_quiet_delta_is_empty(controller, source):
    one = source(gssapi(controller))
    one.pull()
    assert one.pull() == []


def test_one_member_of_a_large_group_is_one_difference(controller, source):
    one = source(gssapi(controller))
    one.pull()
    changes.remove_members(controller.database(), population.EVERYBODY, "u00020")
    lines = [line for line in one.pull() if line["kind"] == "members"]
    changes.add_members(controller.database(), population.EVERYBODY, "u00020")
    assert [(line["form"], len(line["added"]), len(line["removed"])) for line in lines] == [("difference", 0, 1)]


@pytest.mark.parametrize("delta", ["dirsync", "usn"])
def test_what_was_hidden_is_not_deleted(controller, source, delta):
    """What can't be read any more may still be there.  Samba's own list leaves such objects out, that of Windows
    doesn't; so the right is taken away when the list has been made."""
    database = controller.database()
    one = source(gssapi(controller, delta=delta))
    one.pull()
    people, sid = sorted(one.model.users), provision.sid_of(database, "svc-dirsync")
    with transaction(database):
        for guid in people:
            changes.change(database, f"<GUID={guid}>", "title", f"Hidden {delta}")
    with one.step_by_step() as pages:
        told = {line["id"] for line in next(pages)}
        hidden = [guid for guid in people if guid not in told]
        with transaction(database):
            for guid in hidden:
                provision.add_right(database, f"<GUID={guid}>", f"(D;;LCLORPRC;;;{sid})")
        kinds = {line["kind"] for page in pages for line in page}
    for guid in hidden:
        provision.remove_rights(database, f"<GUID={guid}>", sid)
    assert hidden and "delete" not in kinds


@pytest.mark.parametrize("delta", ["dirsync", "usn"])
def test_hundreds_of_attributes_are_all_read(controller, source, delta):
    names = [*(f"x-unknown-{number}" for number in range(400)), "info"]
    changes.change(controller.database(), "u00029", "info", "at the end")
    one = source(gssapi(controller, delta=delta, attributes=names))
    one.pull()
    assert [user["info"] for user in one.model.users.values() if "info" in user] == [["at the end"]]
    changes.change(controller.database(), "u00029", "info", "again")
    one.pull()
    assert [user["info"] for user in one.model.users.values() if "info" in user] == [["again"]]
    changes.change(controller.database(), "u00029", "info")


def test_a_renamed_unit_asks_for_a_full_pass(controller, source):
    one = source(gssapi(controller))
    one.pull()
    changes.rename_unit(controller.database(), f"OU=Wien,{domain.STAFF}", "Vienna")
    with pytest.raises(PullFailed) as failure:
        one.pull()
    changes.rename_unit(controller.database(), f"OU=Vienna,{domain.STAFF}", "Wien")
    assert failure.value.code == "source_cursor_expired"


def test_without_the_right_usns_are_used(controller, source):
    one = source(simple(controller, "svc-tombstones"))
    one.pull()
    assert one.position()["mode"] == "usn"
    one = source(simple(controller, "svc-tombstones", delta="dirsync"))
    with pytest.raises(PullFailed) as failure:
        one.pull()
    assert failure.value.code == "source_denied"


# -- members of a group


def _members_only(name):
    return {**SCOPE, "member_of": [population.group_dn(name)]}


@pytest.mark.parametrize("roots, count", [
    ((population.CHAIN[2],), None), ((population.LOOP[0],), None), ((population.EVERYBODY,), None),
    ((population.PRIMARY,), None), ((population.EMPTY,), 0), ((population.CHAIN[0], population.PRIMARY), None),
], ids=["nested", "loop", "everybody", "primary group", "empty", "two"])
def test_members_of_a_group_only(controller, source, roots, count):
    scope = {**SCOPE, "member_of": [population.group_dn(root) for root in roots]}
    one = source(gssapi(controller), scope)
    one.pull()
    assert len(one.model.users) == count if count is not None else one.model.users
    assert_equal(one, scope)


def test_more_groups_than_a_filter_takes(controller, source):
    database = controller.database()
    names = [f"Many {number}" for number in range(120)]
    for number, name in enumerate(names):
        changes.create_group(database, name, population.person_name(21 + number % 60))
    changes.create_group(database, "Many", *names)
    one = source(gssapi(controller), _members_only("Many"))
    one.pull()
    assert len(one.model.users) > 40
    assert_equal(one, _members_only("Many"))
    changes.remove_members(database, "Many", *names[60:])  # somebody of two groups stays
    one.pull()
    assert_equal(one, _members_only("Many"))


# g: the names of the groups App, Inner and Other of this source; p: those of its people
MEMBERSHIPS = [
    ("nothing", lambda db, g, p: None),
    ("add one", lambda db, g, p: changes.add_members(db, g("App"), p(1))),
    ("remove one", lambda db, g, p: changes.remove_members(db, g("App"), p(1))),
    ("and back", lambda db, g, p: changes.add_members(db, g("App"), p(1))),
    ("add to the nested one", lambda db, g, p: changes.add_members(db, g("Inner"), p(2), p(4))),
    ("remove from the nested one", lambda db, g, p: changes.remove_members(db, g("Inner"), p(2))),
    ("into another group", lambda db, g, p: changes.add_members(db, g("Other"), p(5), p(7))),
    ("nest another", lambda db, g, p: changes.add_members(db, g("Inner"), g("Other"))),
    ("both at once", lambda db, g, p: (changes.remove_members(db, g("Other"), p(5)),
                                       changes.add_members(db, g("Other"), p(8)))),
    ("un-nest it", lambda db, g, p: changes.remove_members(db, g("Inner"), g("Other"))),
    ("un-nest, and its member too", lambda db, g, p: (
        changes.remove_members(db, g("App"), g("Inner")), changes.remove_members(db, g("Inner"), p(4)))),
    ("nest again", lambda db, g, p: changes.add_members(db, g("App"), g("Inner"), g("Other"))),
    ("a loop", lambda db, g, p: changes.add_members(db, g("Inner"), g("App"))),
    ("primary group", lambda db, g, p: (changes.add_members(db, g("Other"), p(11)),
                                     changes.set_primary(db, p(11), g("Other")))),
    ("primary group left", lambda db, g, p: (changes.set_primary(db, p(11)),
                                          changes.remove_members(db, g("Other"), p(11)))),
    ("rename the nested one", lambda db, g, p: changes.rename(db, g("Inner"), g("Inner") + ", new")),
    ("delete a member", lambda db, g, p: changes.delete(db, p(7))),
    ("delete the nested one", lambda db, g, p: changes.delete(db, g("Other"))),
    ("leave the scope and the group", lambda db, g, p: (changes.remove_members(db, g("App"), p(1)),
                                                       changes.move(db, p(1)))),
    ("empty", lambda db, g, p: changes.empty_group(db, g("App"))),
]


@pytest.fixture(scope="module", params=["dirsync", "usn"])
def members_follower(request, controller, tmp_path_factory):
    database = controller.database()
    for name in ("Inner", "Other"):
        changes.create_group(database, f"{name} {request.param}")
    changes.create_group(database, f"App {request.param}", f"Inner {request.param}")
    one = Source(
        controller, tmp_path_factory.mktemp(request.param), gssapi(controller, delta=request.param, **SMALL),
        _members_only(f"App {request.param}"),
    )
    one.pull()
    return one


@pytest.mark.parametrize("change", [change for _, change in MEMBERSHIPS], ids=[name for name, _ in MEMBERSHIPS])
def test_memberships_move_people_in_and_out(controller, members_follower, change):
    mode = members_follower.settings["settings"]["delta"]
    first = {"dirsync": 40, "usn": 140}[mode]
    change(controller.database(), lambda name: f"{name} {mode}", lambda number: population.person_name(first + number))
    members_follower.pull()
    assert members_follower.position()["mode"] == mode
    assert_equal(members_follower, _members_only(f"App {mode}"))


def test_one_who_comes_or_goes_is_all_that_dirsync_looks_at(controller, source):
    database = controller.database()
    changes.create_group(database, "Narrow", "u00022", "u00023")
    one = source(gssapi(controller, delta="dirsync"), _members_only("Narrow"))
    one.pull()
    changes.remove_members(database, "Narrow", "u00022")
    person = changes.guid_of(database, changes.find(database, "u00022"))
    assert [(line["kind"], line["id"]) for line in one.pull() if line["object"] == "user"] == [("delete", person)]
    changes.add_members(database, "Narrow", "u00022")
    assert [(line["kind"], line["id"]) for line in one.pull() if line["object"] == "user"] == [("upsert", person)]


def test_fetch_knows_the_members(controller, source):
    database = controller.database()
    one = source(gssapi(controller), _members_only(population.CHAIN[2]))
    one.pull()
    inside = next(iter(one.model.users))
    outside = next(guid for guid in expected(controller)["users"] if guid not in one.model.users)
    kinds = [[line["kind"] for line in one.lines("--fetch", "user", guid) if "kind" in line]
             for guid in (inside, outside)]
    assert kinds == [["upsert"], ["delete"]]


@pytest.mark.parametrize("name", ["CN=Nobody," + domain.GROUPS, domain.STAFF, "no name", "CN=X,DC=other,DC=example"],
                         ids=["missing", "a unit", "no DN", "another domain"])
def test_a_group_that_is_none_is_told(controller, source, name):
    one = source(gssapi(controller), {**SCOPE, "member_of": [population.group_dn(population.EVERYBODY), name]})
    with pytest.raises(PullFailed) as failure:
        one.pull()
    assert (failure.value.code, "scope.member_of" in failure.value.detail) == ("configuration", True), failure.value
    found = [line for line in one.lines("--test") if line["verdict"] == "failure"]
    assert [(line["subject"], name in line["text"]) for line in found] == [("scope", True)]


def test_another_group_is_another_scope(controller, source):
    one = source(gssapi(controller), _members_only(population.EVERYBODY))
    one.pull()
    one.settings["scope"] = _members_only(population.CHAIN[2])
    with pytest.raises(PullFailed) as failure:
        one.pull()
    assert failure.value.code == "source_cursor_expired"


# -- cursors


def _spoilt(source, **changed):
    source.cursor.write_text(json.dumps({**source.position(), **changed}))


@pytest.mark.parametrize("changed", [
    {"service": "CN=NTDS Settings,CN=DC9"}, {"invocation": "00000000-0000-0000-0000-000000000000"},
    {"usn": 2**50}, {"scope": "0" * 64}, {"mode": "full"}, {"cookie": "TVNEUwMAAAAA"}, {"version": 3},
], ids=lambda changed: next(iter(changed)))
def test_a_cursor_of_another_state_is_expired(controller, source, changed):
    one = source(gssapi(controller))
    one.pull()
    _spoilt(one, **changed)
    with pytest.raises(PullFailed) as failure:
        one.pull()
    assert failure.value.code == "source_cursor_expired"


def test_an_interrupted_full_pass_begins_again(controller, source):
    one = source(gssapi(controller))
    process = subprocess.Popen(
        one.command("--cursor", str(one.cursor), "--wait"), env=one.environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    process.stdin.write("\n")
    process.stdin.flush()
    for _ in range(2):  # the first page's cursor is kept before the second is asked for
        while "page" not in json.loads(process.stdout.readline()):
            pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with pytest.raises(PullFailed) as failure:
        one.pull()
    assert failure.value.code == "source_cursor_expired"


# -- failures


@pytest.mark.parametrize("settings, code, words", [
    (lambda lab: simple(lab, bind={"method": "simple", "user": "svc-plain@lab.example", "password": "no"}),
     "source_denied", "wrong password"),
    (lambda lab: simple(lab, "svc-disabled"), "source_denied", "disabled"),
    (lambda lab: simple(lab, "svc-expired"), "source_denied", "account has expired"),
    (lambda lab: simple(lab, "svc-change"), "source_denied", "must be changed"),
    (lambda lab: simple(lab, servers=[f"ldap://{domain.SERVER}"]), "configuration", "inside TLS only"),
    (lambda lab: simple(lab, ca_file=lab.facts()["other_ca_file"]), "source_unavailable", "certificate"),
    (lambda lab: simple(lab, servers=[f"ldaps://{domain.ALIAS}"]), "source_unavailable", "certificate"),
    (lambda lab: simple(lab, ca_file="/nonexistent/ca.pem"), "configuration", "/nonexistent/ca.pem"),
    (lambda lab: gssapi(lab, "svc-wrong"), "source_denied", "keytab"),
    (lambda lab: gssapi(lab, "svc-disabled"), "source_denied", "revoked"),
    (lambda lab: simple(lab, servers=[f"ldaps://{domain.SERVER}:3269"]), "configuration", "global catalog"),
], ids=["password", "disabled", "expired", "must change", "no TLS", "other CA", "other name", "no CA file",
        "old keytab", "revoked", "global catalog"])
def test_a_failure_says_what_it_is(controller, source, settings, code, words):
    with pytest.raises(PullFailed) as failure:
        source(settings(controller)).pull()
    assert (failure.value.code, words in failure.value.detail) == (code, True), failure.value


def test_a_controller_that_dies_in_mid_page(controller, source):
    with Proxy(controller, tls=True) as proxy:
        one = source(simple(controller, servers=[f"ldaps://{domain.SERVER}:{proxy.port}"]))
        proxy.fault = Fault(after_entries=120)
        with pytest.raises(PullFailed) as failure:
            one.pull()
        assert failure.value.code == "source_unavailable"
        one.cursor.unlink()
        one.pull()
    assert_equal(one)


def test_a_controller_that_says_nothing(controller, source):
    with Proxy(controller, tls=True) as proxy:
        one = source(simple(controller, servers=[f"ldaps://{domain.SERVER}:{proxy.port}"], timeout=1))
        proxy.fault = Fault(freeze=True)
        with pytest.raises(PullFailed) as failure:
            one.pull()
    assert failure.value.code == "source_unavailable"


def test_two_principals_at_once(controller, source):
    """In one process; who may use DirSync, and who may not, shows whose ticket was used."""
    may, may_not = (source(gssapi(controller, account, delta="dirsync", page_size=5))
                    for account in ("svc-dirsync", "svc-plain"))
    may_not.command()  # writes its settings
    lines = may.lines("--beside", str(may_not.folder / "settings.json"))
    beside = lines[-1]
    assert sum("page" in line for line in lines) > 20
    assert (beside["beside"], beside["last"]) == (0, "source_denied") and beside["failed"] > 0


# -- one object, and the test of the settings


def test_fetch_gives_one_object_as_it_is(controller, source):
    one, database = source(gssapi(controller)), controller.database()
    everybody = changes.guid_of(database, changes.find(database, population.EVERYBODY))
    for line in one.lines("--fetch", "group", everybody):
        if "kind" in line:
            one.model.apply(line)
    wanted = expected(controller)["groups"][everybody]["members"]
    assert one.model.members[everybody] >= set(wanted)
    gone = one.lines("--fetch", "user", "00000000-0000-0000-0000-000000000000")
    assert [line["kind"] for line in gone if "kind" in line] == ["delete"]


def test_the_test_finds_missing_rights(controller, source):
    def verdicts(account):
        return [line["verdict"] for line in source(simple(controller, account)).lines("--test")]

    assert set(verdicts("svc-dirsync")) == {"fine"}
    assert verdicts("svc-plain").count("warning") == 2


def test_the_test_names_what_fails(controller, source):
    lines = source(simple(controller, ca_file=controller.facts()["other_ca_file"])).lines("--test")
    assert [line["subject"] for line in lines if line["verdict"] == "failure"] == ["connection"]
    assert all("advice" in line for line in lines if line["verdict"] != "fine")
