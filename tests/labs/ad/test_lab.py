"""The lab itself: that it is what the connector's tests take it for."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

import changes
import domain
import history
import population
import provision
from controller import Controller, answers
from fill import transaction
from lab_fixtures import SIZE
from oracle import ENTERPRISE, Oracle, Scope, differences, effective_members, read_resources, read_views
from proxy import Entries, Fault, Proxy

HERE = pathlib.Path(__file__).resolve().parent
LAB = HERE / "lab"
BUSY_S = 60
STAFF_SCOPE = Scope(users=[domain.STAFF], groups=[domain.GROUPS])


def ldapsearch(controller, *words, account="svc-dirsync", url=f"ldap://{domain.SERVER}", sasl=True, status=0):
    """OpenLDAP's own tool, as an administrator would call it; returns its standard output."""
    known = controller.account(account)
    bind = ["-N", "-Q", "-Y", "GSSAPI"] if sasl else ["-x", "-D", known["user"], "-w", known["password"]]
    done = subprocess.run(
        ["ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-H", url, *bind, "-b", domain.BASE, *words],
        env={**os.environ, **controller.environment, "LDAPTLS_CACERT": controller.facts()["ca_file"],
             "KRB5_CLIENT_KTNAME": known["keytab"], "KRB5CCNAME": "MEMORY:x"},
        capture_output=True, text=True, timeout=BUSY_S, check=False,
    )
    assert (done.returncode == 0) == (status == 0), done.stdout[-500:] + done.stderr
    return done.stdout if status == 0 else done.stderr


def entries(ldif):
    return len(re.findall(r"^dn:", ldif, re.MULTILINE))


def usn(controller):
    """The mark before a change, for a search for what came after it."""
    root = controller.database().search("", scope=0, attrs=["highestCommittedUSN"])[0]
    return int(str(root["highestCommittedUSN"]))


# -- binds and rights


def test_a_keytab_binds_and_seals(controller):
    assert entries(ldapsearch(controller, "(sAMAccountName=u00001)", "cn")) == 1


def test_a_password_binds_over_tls_only(controller):
    found = ldapsearch(controller, "(sAMAccountName=u00001)", url=f"ldaps://{domain.SERVER}", sasl=False)
    assert entries(found) == 1
    refused = ldapsearch(controller, "(sAMAccountName=u00001)", sasl=False, status=8)
    assert "Strong(er) authentication required" in refused


@pytest.mark.parametrize("account, says", [
    ("svc-wrong", "Preauthentication failed"),
    ("svc-disabled", "credentials have been revoked"),
    ("svc-expired", "credentials have been revoked"),
    ("svc-change", "Password has expired"),
])
def test_accounts_that_must_not_bind(controller, account, says):
    assert says in ldapsearch(controller, "(cn=x)", account=account, status=1)


def test_the_certificate_does_not_name_the_alias(controller):
    search = ("(sAMAccountName=u00001)",)
    ldapsearch(controller, *search, url=f"ldaps://{domain.ALIAS}", sasl=False, status=1)


DIRSYNC = ("-E", "!dirSync=0/1000000", "(sAMAccountName=u00001)", "sAMAccountName")
TOMBSTONES = ("-E", "!1.2.840.113556.1.4.417", "-s", "base", "(objectClass=*)", "name")


@pytest.mark.parametrize("account, dirsync, tombstones", [
    ("svc-dirsync", True, True), ("svc-tombstones", False, True), ("svc-plain", False, False),
])
def test_rights_of_the_accounts(controller, account, dirsync, tombstones):
    found = ldapsearch(controller, *DIRSYNC, account=account, status=0 if dirsync else 50)
    assert ("sAMAccountName: u00001" in found) == dirsync
    words = ["-b", domain.DELETED, *TOMBSTONES]
    container = ldapsearch(controller, *words, account=account)
    assert ("name: Deleted Objects" in container) == tombstones


# -- the population


def test_the_population_is_there_and_odd(controller):
    whole = Oracle(controller.database()).read()
    people = [user for user in whole["users"].values() if re.match(r"u\d", user["userName"])]
    assert len(people) == SIZE
    groups = {group["displayName"]: group for group in whole["groups"].values()}
    assert len(groups[population.EVERYBODY]["members"]) + SIZE // population.OTHER_PRIMARY_EVERY >= SIZE
    assert groups[population.EMPTY]["members"] == []
    assert len(groups[population.MIXED]["outside"]) == 3  # the computer, the contact, the foreigner
    assert len(groups[population.PRIMARY]["members"]) == SIZE // population.OTHER_PRIMARY_EVERY
    assert {user["active"] for user in people} == {True, False}


def test_loops_and_chains_end(controller):
    groups = Oracle(controller.database()).read()["groups"]
    guid = {group["displayName"]: guid for guid, group in groups.items()}
    assert effective_members(groups, guid[population.LOOP[0]]) == effective_members(groups, guid[population.LOOP[1]])
    assert len(effective_members(groups, guid[population.CHAIN[2]])) == 2


def test_the_oracle_agrees_with_ldap(controller):
    """Over the wire, by another program, the same people stand below the same base."""
    words = ("-b", domain.STAFF, "-E", "pr=100/noprompt", "(&(objectCategory=person)(objectClass=user))", "1.1")
    found = ldapsearch(controller, *words, account="svc-plain")
    assert entries(found) == len(Oracle(controller.database(), STAFF_SCOPE).read()["users"]) > SIZE // 2


# -- changes: each is seen over LDAP by a server that runs, and by the oracle


def read(controller):
    return Oracle(controller.database(), STAFF_SCOPE).read()


ONE_CHANGE = {  # kind: (texts, words of the one difference expected of the oracle)
    "change": (["u00001", "title", "Chef"], "title: expected 'Chef'"),
    "rename": (["u00007", "Neu, Er + x"], r"dn: expected 'CN=Neu.*, Er .*x,OU="),
    "move": (["u00003"], "too many"),
    "disable": (["u00004"], "active: expected False"),
    "expire": (["u00005"], "active: expected False"),
    "create": (["neu1"], "missing: .*'userName': 'neu1@lab.example'"),
    "manager": (["u00006"], "manager: expected None"),
    "delete": (["u00008"], "users: .* is too many"),
    "create-group": (["Neu"], "groups: .* is missing"),
    "add-members": ([population.EMPTY, "u00009"], "members: missing"),
    "remove-members": ([population.EVERYBODY, "u00001"], "members: missing .*, too many .'"),
    "oddities": (["u00011"], "title: expected '.x01 tab"),
}


@pytest.mark.parametrize("kind", ONE_CHANGE)
def test_a_change_shows(controller, kind):
    texts, says = ONE_CHANGE[kind]
    before, mark = read(controller), usn(controller)
    guids = changes.KINDS[kind](controller.database(), *texts)
    found = differences(read(controller), before)
    assert any(re.search(says, one) and guids[0] in one for one in found), found
    words = ("-E", "!1.2.840.113556.1.4.417", f"(uSNChanged>={mark + 1})", "objectGUID")
    assert entries(ldapsearch(controller, *words)) >= 1


def test_a_tombstone_comes_back_as_the_same_object(controller):
    database, before = controller.database(), read(controller)
    assert changes.restore(database, changes.delete(database, "u00012")[0]) == [
        guid for guid, user in before["users"].items() if user["userName"].startswith("u00012")
    ]


def test_a_namesake_is_another_object(controller):
    gone, new = changes.recreate(controller.database(), "u00013")
    users = read(controller)["users"]
    assert gone != new and gone not in users and users[new]["userName"] == "u00013@lab.example"


def test_a_locked_account_is_active_unless_the_policy_says_no(controller):
    database = controller.database()
    [guid] = changes.lock(database, "u00014")
    lenient, strict = (Oracle(database, Scope(locked_is_inactive=flag)).read() for flag in (False, True))
    assert (lenient["users"][guid]["active"], strict["users"][guid]["active"]) == (True, False)
    changes.unlock(database, "u00014")


def test_a_new_primary_group_moves_the_member(controller):
    guid, group = changes.set_primary(controller.database(), "u00016", population.EMPTY)
    assert guid in read(controller)["groups"][group]["members"]


def test_a_long_value_arrives(controller):
    changes.lengthen(controller.database(), "u00017")
    assert len(ldapsearch(controller, "(sAMAccountName=u00017)", "url")) > changes.MEGABYTE


def test_a_hidden_unit_looks_empty_to_a_search_that_succeeds(controller):
    changes.hide(controller.database(), domain.STAFF, "svc-plain")
    words = ("-b", domain.STAFF, "(objectClass=user)", "1.1")
    assert entries(ldapsearch(controller, *words, account="svc-plain")) == 0
    changes.unhide(controller.database(), domain.STAFF, "svc-plain")
    assert entries(ldapsearch(controller, *words, account="svc-plain")) > SIZE // 2


def test_rights_taken_away(controller):
    changes.revoke(controller.database(), "svc-dirsync", domain.DIRSYNC)
    ldapsearch(controller, *DIRSYNC, status=50)
    changes.grant(controller.database(), "svc-dirsync", domain.DIRSYNC)
    ldapsearch(controller, *DIRSYNC)


def test_an_unknown_name_is_refused(controller):
    with pytest.raises(domain.LabFailed, match="0 objects are called nobody"):
        changes.disable(controller.database(), "nobody")


# -- the oracle against views


def test_views_are_compared_field_by_field():
    import sqlite3

    cursor = sqlite3.connect(":memory:").cursor()
    cursor.executescript("""
        CREATE TABLE scim_users (tenant_id, id, external_id, user_name, given_name, family_name, display_name, title,
            user_type, preferred_language, primary_email, active);
        CREATE TABLE scim_user_emails (tenant_id, user_id, email);
        CREATE TABLE scim_groups (tenant_id, id, external_id, display_name);
        CREATE TABLE scim_group_members (tenant_id, group_id, member_id);
        INSERT INTO scim_users VALUES (1, 'a', 'guid-a', 'ada', 'Ada', NULL, NULL, NULL, NULL, NULL, 'a@x', 1),
            (2, 'z', 'guid-z', 'zoe', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1);
        INSERT INTO scim_user_emails VALUES (1, 'a', 'a@x');
        INSERT INTO scim_groups VALUES (1, 'g', 'guid-g', 'Staff');
        INSERT INTO scim_group_members VALUES (1, 'g', 'a');
    """)
    actual = read_views(cursor, tenant=1)
    expected = {
        "users": {"guid-a": {"userName": "ada", "active": True, "emails": ["a@x"], "manager": None}},
        "groups": {"guid-g": {"displayName": "Staff", "members": ["guid-a"]}},
    }
    assert differences(expected, actual) == []
    expected["users"]["guid-a"]["active"] = False
    expected["users"]["guid-b"] = {"userName": "bob"}
    expected["groups"]["guid-g"]["members"] = []
    assert differences(expected, actual) == [
        "users: guid-b is missing: {'userName': 'bob'}",
        "users: guid-a active: expected False, found True",
        "groups: guid-g members: missing [], too many ['guid-a']",
    ]


def test_resources_are_compared_by_what_they_refer_to():
    ada = {"id": "1", "externalId": "guid-a", "userName": "ada", "name": {"givenName": "Ada"}, "active": True,
           "emails": [{"value": "b@x"}, {"value": "a@x", "primary": True}]}
    bob = {"id": "2", "externalId": "guid-b", "userName": "bob",
           ENTERPRISE: {"department": "R+D", "manager": {"value": "1"}}}
    group = {"id": "3", "externalId": "guid-g", "displayName": "Staff", "members": [{"value": "2"}, {"value": "1"}]}
    actual = read_resources([ada, bob], [group])
    assert actual["groups"]["guid-g"]["members"] == ["guid-a", "guid-b"]
    assert actual["users"]["guid-a"]["primaryEmail"] == "a@x" and actual["users"]["guid-a"]["emails"] == ["a@x", "b@x"]
    assert actual["users"]["guid-b"]["manager"] == "guid-a" and actual["users"]["guid-b"]["department"] == "R+D"


# -- histories


def test_a_history_is_the_same_for_its_seed_and_keeps_the_oracle_whole(make_controller):
    told = []
    for _ in range(2):
        controller = make_controller(start=False)
        told.append(list(history.play(controller.database(), seed=7, count=60)))
        known = read(controller)
        people = known["users"].keys() | known["groups"].keys()
        assert all(member in people for group in known["groups"].values() for member in group["members"])
    kinds = {words.split()[0] for words in told[0]}
    assert told[0] == told[1] and len(kinds) > 12


# -- the proxy


ALL_PEOPLE = ("-E", "pr=50/noprompt", "(objectClass=user)", "cn")


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "sealed"])
def test_a_proxy_without_fault_is_not_noticed(controller, tls):
    with Proxy(controller, tls) as proxy:
        url = f"{'ldaps' if tls else 'ldap'}://{domain.SERVER}:{proxy.port}"
        found = ldapsearch(controller, *ALL_PEOPLE, url=url, sasl=not tls)
    assert entries(found) > SIZE and proxy.connections == 1
    assert proxy.entries == (entries(found) if tls else 0)


@pytest.mark.parametrize("fault, passed", [
    (Fault(after_entries=120), 120), (Fault(after_entries=0), 0), (Fault(refuse=True), 0),
])
def test_a_proxy_cuts(controller, fault, passed):
    with Proxy(controller, tls=True) as proxy:
        proxy.fault = fault
        url = f"ldaps://{domain.SERVER}:{proxy.port}"
        ldapsearch(controller, *ALL_PEOPLE, url=url, sasl=False, status=1)
        assert proxy.entries == passed
        assert entries(ldapsearch(controller, *ALL_PEOPLE, url=url, sasl=False)) > SIZE  # healed


def test_a_proxy_cuts_sealed_connections_by_bytes(controller):
    with Proxy(controller) as proxy:
        proxy.fault = Fault(after_bytes=20000)
        ldapsearch(controller, *ALL_PEOPLE, url=f"ldap://{domain.SERVER}:{proxy.port}", status=1)
        assert proxy.bytes == 20000


def test_entries_are_told_from_any_pieces():
    entry, done = bytes.fromhex("3005020101 6400"), bytes.fromhex("308105020101 6500")
    stream = entry * 3 + done
    for size in range(1, len(stream) + 1):
        cutter, out = Entries(2), b""
        for at in range(0, len(stream), size):
            data, cut = cutter.feed(stream[at:at + size])
            out += data
            if cut:
                break
        assert (out, cut, cutter.seen) == (entry * 2, True, 2)


# -- life


def test_it_survives_a_kill_and_a_restart(make_controller):
    controller = make_controller(size=0)
    [guid] = changes.create(controller.database(), "before")
    controller.kill()
    assert not answers(controller.address)
    controller.start()
    assert guid in ldapsearch_guids(controller, "before")


def ldapsearch_guids(controller, name):
    assert entries(ldapsearch(controller, f"(sAMAccountName={name})", "objectGUID")) == 1
    return Oracle(controller.database()).read()["users"]


def test_a_restored_backup_repeats_usns_under_another_invocation(make_controller, tmp_path):
    controller = make_controller(size=0)
    address = controller.address
    controller.stop()
    controller.save(tmp_path / "backup")
    controller.start()
    for name in ("lost", "lost-2"):
        changes.create(controller.database(), name)
    old_usn, old_id = usn(controller), controller.database().get_invocation_id()
    controller.stop()
    new_id = controller.restore(tmp_path / "backup")
    controller.start()
    assert controller.address == address
    assert usn(controller) < old_usn and str(new_id) == controller.database().get_invocation_id() != old_id
    assert entries(ldapsearch(controller, "(sAMAccountName=lost)")) == 0


def test_two_run_side_by_side(make_controller):
    one, two = make_controller(size=0), make_controller(size=0)
    changes.create(one.database(), "only-here")
    found = [entries(ldapsearch(each, "(sAMAccountName=only-here)", "1.1")) for each in (one, two)]
    assert found == [1, 0]


def test_it_ends_with_its_parent(make_controller):
    controller = make_controller(size=0, start=False)
    controller.close()
    process = subprocess.Popen(
        [LAB, "start", controller.directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert json.loads(process.stdout.readline())["ready"] is True
    process.send_signal(signal.SIGKILL)  # no chance to tidy up
    process.communicate()
    again = Controller.existing(controller.directory)
    with again:
        assert answers(again.address)


def test_changes_and_oracle_from_the_command_line(make_controller):
    controller = make_controller(size=0, start=False)

    def lab(*words):
        return subprocess.run([LAB, *words], capture_output=True, text=True, timeout=BUSY_S, check=False)

    made = lab("change", controller.directory, "create", "cli")
    told = json.loads(lab("oracle", controller.directory, "--users", domain.STAFF).stdout)
    assert told["users"][made.stdout.strip()]["userName"] == "cli@lab.example"
    wrong = lab("change", controller.directory, "disable", "nobody")
    assert (wrong.returncode, wrong.stderr) == (1, "lab: 0 objects are called nobody\n")


def test_without_root_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(domain.LabFailed, match="needs root"):
        provision.check_possible(tmp_path)


def test_a_failed_transaction_changes_nothing(controller):
    database = controller.database()
    with pytest.raises(Exception, match="already exists"), transaction(database):
        changes.create(database, "undone")
        changes.create(database, "undone")
    assert "undone" not in json.dumps(read(controller))


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
