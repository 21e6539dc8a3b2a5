"""Administration: scimctl and the admin socket it talks to."""

import hashlib
import json
import os
import re
import socket
import subprocess

import pytest

from daemon import sanitizer_options
from people import changes, make_group, make_user, path_of, read, references
from scimclient import USER, patch_op

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
UNKNOWN = "01a00000-0000-7000-8000-000000000000"

COMMANDS = [
    "tenant create", "tenant list", "tenant show", "tenant suspend", "tenant resume", "tenant delete",
    "token create", "token list", "token revoke",
    "connection create", "connection list", "connection show", "connection set", "connection delete",
    "schema add", "schema list", "schema remove",
    "source apply", "source list", "source show", "source test", "source preview", "source pause", "source resume", "source delete",
    "resync", "run list", "run show", "run plan", "run approve", "run reject", "run cancel",
    "secret set", "secret list", "secret delete", "user list", "user show", "group list", "group show", "log", "status",
]


def named(rows, name):
    return next(one for one in rows if one["name"] == name)


# -- usage


def test_help_names_every_command(daemon):
    text = daemon.ctl("--help").stdout
    for command in COMMANDS:
        assert f"scimctl {command}" in text
    assert "Exit status" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(daemon, command):
    text = daemon.ctl(*command.split(), "--help").stdout
    assert text.startswith(f"usage: scimctl {command}")
    assert "--socket" in text and "--json" in text


@pytest.mark.parametrize(
    "arguments",
    [(), ("tenant",), ("tenants", "list"), ("tenant", "create"), ("tenant", "create", "a", "b"), ("tenant", "show", "--nonsense", "x"),
     ("token", "create", "x", "--expires"), ("tenant", "list", "--yes"), ("token", "revoke", "x"), ("log",)],
    ids=["nothing", "half a command", "no such command", "argument missing", "argument too many", "no such option",
         "option without its value", "another command's option", "second argument missing", "log of nobody"],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(daemon, arguments):
    result = daemon.ctl(*arguments, status=2)
    assert result.stderr or "scimctl" in result.stdout


def test_a_wrong_socket_ends_with_1_and_is_named(daemon, tmp_path):
    result = subprocess.run(
        [daemon.build / "scimctl", "--socket", tmp_path / "nobody.sock", "status"], capture_output=True, text=True,
        env={**os.environ, **sanitizer_options()}, check=False,
    )
    assert result.returncode == 1
    assert "nobody.sock" in result.stderr and "is scimd running" in result.stderr


def test_the_socket_may_be_named_by_the_environment(daemon):
    result = subprocess.run(
        [daemon.build / "scimctl", "status"], capture_output=True, text=True, check=False,
        env={**os.environ, **sanitizer_options(), "SCIMD_SOCKET": str(daemon.socket_path)},
    )
    assert result.returncode == 0 and "version" in result.stdout


def test_the_socket_is_for_its_owner_alone(daemon):
    assert oct(daemon.socket_path.stat().st_mode & 0o777) == "0o600"


def test_status_tells_version_start_and_counts(daemon, tenant):
    status = daemon.ctl_json("status")
    assert status["version"] and TIME.match(status["started"]) and status["tenants"] >= 1
    assert set(status["store"]) == {"transactions", "commits", "sessions"}
    assert "version" in daemon.ctl("status").stdout


# -- tenants


def test_a_tenant_is_created_shown_and_listed(daemon, tenant):
    shown = daemon.ctl_json("tenant", "show", tenant.name)
    assert shown["name"] == tenant.name and shown["state"] == "active" and TIME.match(shown["created"])
    assert named(daemon.ctl_json("tenant", "list")["tenants"], tenant.name) == shown
    assert tenant.name in daemon.ctl("tenant", "list").stdout
    assert "active" in daemon.ctl("tenant", "show", tenant.name).stdout


def test_a_tenant_of_the_same_name_is_refused(daemon, tenant):
    assert tenant.name in daemon.ctl("tenant", "create", tenant.name, status=4).stderr


@pytest.mark.parametrize(
    "name",
    ["Upper", "under_score", "dot.dot", "-start", "end-", "slash/x", "..", " ", "a b", "ä", "x" * 64, "'; drop table x; --", "%2e"],
)
def test_a_name_that_is_no_part_of_a_url_is_refused(daemon, name):
    daemon.ctl("tenant", "create", "--", name, status=4)


@pytest.mark.parametrize("name", ["a", "7", "x" * 63, "a-b-c", "2nd"])
def test_a_name_of_small_letters_digits_and_inner_hyphens_is_taken(daemon, name):
    assert daemon.ctl_json("tenant", "create", name)["name"] == name
    daemon.ctl("tenant", "delete", name, "--yes")


@pytest.mark.parametrize(
    "command",
    [("tenant", "show", "nobody"), ("tenant", "suspend", "nobody"), ("tenant", "resume", "nobody"), ("tenant", "delete", "nobody", "--yes"),
     ("token", "create", "nobody"), ("token", "list", "nobody"), ("token", "revoke", "nobody", "x"),
     ("connection", "create", "nobody", "c"), ("connection", "list", "nobody"), ("connection", "show", "nobody", "scim"),
     ("connection", "set", "nobody", "scim", "--profile", "okta"), ("connection", "delete", "nobody", "scim"),
     ("schema", "list", "nobody"), ("schema", "remove", "nobody", "x"), ("log", "nobody")],
    ids=" ".join,
)
def test_an_unknown_tenant_ends_with_3_and_is_named(daemon, command):
    assert "nobody" in daemon.ctl(*command, status=3).stderr


def test_a_suspended_tenant_answers_403_and_keeps_its_data(daemon, tenant, scim):
    ada = make_user(scim, "ada")
    assert daemon.ctl_json("tenant", "suspend", tenant.name)["state"] == "suspended"
    for answer in (scim.get("/Users"), scim.post("/Users", {"schemas": [USER], "userName": "x"}), scim.get("/ServiceProviderConfig")):
        answer.expect(403)
    scim.with_token("scimd_wrong_wrong").get("/Users").expect(401)
    assert daemon.ctl_json("tenant", "resume", tenant.name)["state"] == "active"
    assert read(scim, ada) == ada
    assert scim.get("/Users", count=0).expect(200).json["totalResults"] == 1


def test_suspending_and_resuming_twice_is_harmless(daemon, tenant):
    for verb, state in (("suspend", "suspended"), ("suspend", "suspended"), ("resume", "active"), ("resume", "active")):
        assert daemon.ctl_json("tenant", verb, tenant.name)["state"] == state


def test_deleting_a_tenant_without_yes_is_refused_where_nobody_can_be_asked(daemon, tenant):
    assert "--yes" in daemon.ctl("tenant", "delete", tenant.name, status=4).stderr
    daemon.ctl("tenant", "show", tenant.name)


@pytest.mark.parametrize(("answer", "status"), [("right", 0), ("wrong", 4), ("", 4)], ids=["name", "another name", "nothing"])
def test_deleting_a_tenant_asks_for_its_name_again(daemon, tenant, answer, status):
    """At a terminal: the question and the answer go through a pseudo terminal."""
    line = {"right": tenant.name, "wrong": tenant.name + "x", "": ""}[answer]
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [daemon.build / "scimctl", "--socket", daemon.socket_path, "tenant", "delete", tenant.name],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **sanitizer_options()},
    )
    os.write(ours, line.encode() + b"\n")
    _, errors = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == status
    assert "Type its name" in errors
    daemon.ctl("tenant", "show", tenant.name, status=3 if status == 0 else 0)


def test_a_deleted_tenant_is_gone_with_its_data_and_its_name_is_free(daemon, tenant, scim):
    make_user(scim, "ada")
    database = daemon.ctl_json("tenant", "show", tenant.name)["database"]
    daemon.ctl("tenant", "delete", tenant.name, "--yes")
    scim.get("/Users").expect(401)
    assert database == "control" or database not in daemon.engine.databases(), "its database is still there"
    daemon.ctl("tenant", "create", tenant.name)
    scim.get("/Users").expect(401)
    fresh = daemon.client(tenant.name, tenant.token())
    assert fresh.get("/Users").expect(200).json["totalResults"] == 0


@pytest.mark.parametrize("database", ["own", "control"])
def test_a_tenant_has_a_database_of_its_own_or_shares_the_control_database(daemon, make_tenant, request, database):
    name = f"db-{database}"
    before = daemon.engine.databases()
    daemon.ctl("tenant", "create", name, "--database", database)
    try:
        fresh = daemon.client(name, daemon.ctl_json("token", "create", name)["token"])
        ada = make_user(fresh, "ada")
        group = make_group(fresh, "G", ada)
        assert read(fresh, ada)["groups"][0]["value"] == group["id"]
        made = daemon.engine.databases() - before
        assert len(made) == (1 if database == "own" else 0)
        assert daemon.ctl_json("tenant", "show", name)["database"]
    finally:
        daemon.ctl("tenant", "delete", name, "--yes")
    assert daemon.engine.databases() == before


def test_tenants_that_share_a_database_do_not_see_each_other(daemon):
    clients = []
    for name in ("shared-one", "shared-two"):
        daemon.ctl("tenant", "create", name, "--database", "control")
        clients.append(daemon.client(name, daemon.ctl_json("token", "create", name)["token"]))
    one, two = clients
    try:
        ada = make_user(one, "ada")
        group = make_group(one, "G", ada)
        assert make_user(two, "ada")["id"] != ada["id"], "userName is unique in a tenant only"
        two.get(path_of(ada)).expect(404)
        two.delete(path_of(group)).expect(404)
        two.patch(path_of(group), patch_op(op="remove", path="members")).expect(404)
        other = make_group(two, "H", ada)
        assert "members" not in other, "a member of another tenant"
        assert [one_user["userName"] for one_user in two.all("/Users")] == ["ada"]
        daemon.ctl("tenant", "delete", "shared-two", "--yes")
        assert read(one, ada)["groups"][0]["value"] == group["id"]
    finally:
        daemon.ctl("tenant", "delete", "shared-one", "--yes")


def test_an_unknown_database_is_refused(daemon):
    daemon.ctl("tenant", "create", "elsewhere", "--database", "../../etc/x", status=4)
    daemon.ctl("tenant", "show", "elsewhere", status=3)


def test_a_token_of_another_tenant_is_401_as_for_a_tenant_that_does_not_exist(daemon, make_tenant):
    one, two = make_tenant(daemon), make_tenant(daemon)
    ada = make_user(one.client(), "ada")
    foreign = two.token()
    answers = [
        daemon.client(name, foreign).request(method, path, body)
        for name in (one.name, "no-such-tenant")
        for method, path, body in (
            ("GET", "/Users", None), ("GET", path_of(ada), None), ("DELETE", path_of(ada), None), ("GET", "/Schemas", None),
            ("POST", "/Users", {"schemas": [USER], "userName": "eve"}), ("GET", "/NoSuchEndpoint", None), ("PUT", "/Users", {}),
        )
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1, "an answer tells whether the tenant exists"
    assert {frozenset(answer.headers.keys()) for answer in answers} == {frozenset(answers[0].headers.keys())}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {answers[0].headers["WWW-Authenticate"]}
    assert one.client().get("/Users", count=0).expect(200).json["totalResults"] == 1


# -- tokens


def test_a_token_is_shown_once_and_its_secret_never_again(daemon, tenant):
    token = daemon.ctl("token", "create", tenant.name, "--name", "entra").stdout.strip()
    assert re.match(r"^scimd_[a-z0-9]+_[A-Za-z0-9_-]{30,}$", token)
    secret = token.rsplit("_", 1)[1] if token.count("_") == 2 else token.split("_", 2)[2]
    listed = daemon.ctl("token", "list", tenant.name).stdout + daemon.ctl("token", "list", tenant.name, "--json").stdout
    assert "entra" in listed and secret not in listed
    daemon.client(tenant.name, token).get("/Users").expect(200)
    for path in (daemon.directory / "data").rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes(), f"{path} holds the secret"


def test_a_revoked_token_ends_at_once_and_the_others_live(daemon, tenant):
    created = daemon.ctl_json("token", "create", tenant.name)
    other = tenant.client()
    scim = daemon.client(tenant.name, created["token"])
    scim.get("/Users").expect(200)
    daemon.ctl("token", "revoke", tenant.name, created["id"])
    scim.get("/Users").expect(401)
    other.get("/Users").expect(200)
    daemon.ctl("token", "revoke", tenant.name, created["id"], status=3)
    assert created["id"] not in [one["id"] for one in daemon.ctl_json("token", "list", tenant.name)["tokens"]]


def test_a_token_is_revoked_by_its_whole_text_too(daemon, tenant):
    token = tenant.token()
    daemon.ctl("token", "revoke", tenant.name, token)
    daemon.client(tenant.name, token).get("/Users").expect(401)


def test_a_token_is_revoked_by_its_own_tenant_only(daemon, make_tenant):
    one, two = make_tenant(daemon), make_tenant(daemon)
    created = daemon.ctl_json("token", "create", one.name)
    daemon.ctl("token", "revoke", two.name, created["id"], status=3)
    daemon.client(one.name, created["token"]).get("/Users").expect(200)


def test_a_token_with_an_end_says_when(daemon, tenant):
    created = daemon.ctl_json("token", "create", tenant.name, "--expires", "90d")
    assert TIME.match(created["expires"])
    assert created["expires"][:4] >= created["created"][:4] and created["expires"] > created["created"]
    assert named(daemon.ctl_json("token", "list", tenant.name)["tokens"], "")["expires"] == created["expires"]
    assert daemon.ctl_json("token", "create", tenant.name)["expires"] is None


def test_an_expired_token_is_401(daemon, tenant):
    """The token's second passes while requests ask; the loop ends with the first refusal."""
    scim = tenant.client(expires="1s")
    while (answer := scim.get("/Users", count=0)).status == 200:
        pass
    answer.expect(401)


@pytest.mark.parametrize("text", ["soon", "90", "0d", "-1d", "1y", "d", "1.5h", "99999999999999d", ""])
def test_an_expiry_that_cannot_be_read_is_refused(daemon, tenant, text):
    assert "--expires" in daemon.ctl("token", "create", tenant.name, "--expires", text, status=4).stderr


def test_a_token_tells_when_it_was_last_used(daemon, tenant):
    created = daemon.ctl_json("token", "create", tenant.name, "--name", "watched")
    assert named(daemon.ctl_json("token", "list", tenant.name)["tokens"], "watched")["lastUsed"] is None
    daemon.client(tenant.name, created["token"]).get("/Users").expect(200)
    used = named(daemon.ctl_json("token", "list", tenant.name)["tokens"], "watched")["lastUsed"]
    assert used is not None and TIME.match(used) and used >= created["created"]


@pytest.mark.parametrize(
    "change",
    [lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"), lambda token: token + "x", lambda token: token[:-1],
     lambda token: token.replace("scimd_", "scimx_"), lambda token: token.upper(), lambda token: "", lambda token: "scimd__",
     lambda token: "x" * 5000],
    ids=["last letter", "longer", "shorter", "prefix", "upper case", "empty", "bare", "huge"],
)
def test_a_token_that_is_not_exactly_right_is_401(tenant, change):
    answer = tenant.daemon.client(tenant.name, change(tenant.token())).get("/Users").expect(401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


# -- connections


def test_connections_are_created_listed_changed_and_deleted(daemon, tenant):
    created = daemon.ctl_json("connection", "create", tenant.name, "corp", "--profile", "entra")
    assert created["profile"] == "entra" and created["tolerances"] == []
    names = [one["name"] for one in daemon.ctl_json("connection", "list", tenant.name)["connections"]]
    assert set(names) == {"scim", "corp"}
    assert daemon.ctl_json("connection", "set", tenant.name, "corp", "--profile", "okta")["profile"] == "okta"
    assert daemon.ctl_json("connection", "show", tenant.name, "corp")["profile"] == "okta"
    scim = daemon.client(tenant.name, daemon.ctl_json("token", "create", tenant.name, "--connection", "corp")["token"])
    scim.get("/Users").expect(200)
    daemon.ctl("connection", "delete", tenant.name, "corp")
    scim.get("/Users").expect(401)
    daemon.ctl("connection", "show", tenant.name, "corp", status=3)


@pytest.mark.parametrize("name", ["auto", "strict", "entra", "okta", "onelogin", "ping", "jumpcloud", "google"])
def test_a_connection_takes_every_profile_of_the_manual(daemon, tenant, name):
    assert daemon.ctl_json("connection", "set", tenant.name, "scim", "--profile", name)["profile"] == name


@pytest.mark.parametrize(
    ("command", "status"),
    [(("connection", "create", "c", "--profile", "nonsense"), 4), (("connection", "set", "scim", "--profile", "nonsense"), 4),
     (("connection", "set", "missing", "--profile", "okta"), 3), (("connection", "set", "scim"), 4),
     (("connection", "show", "missing"), 3), (("connection", "delete", "missing"), 3)],
    ids=["create, unknown profile", "set, unknown profile", "set, unknown name", "set nothing", "show", "delete"],
)
def test_a_connection_that_cannot_be_is_refused(daemon, tenant, command, status):
    verb, action, *rest = command
    daemon.ctl(verb, action, tenant.name, *rest, status=status)


def test_a_token_of_an_unknown_connection_is_refused(daemon, tenant):
    assert "missing" in daemon.ctl("token", "create", tenant.name, "--connection", "missing", status=3).stderr


def test_connection_show_tells_which_tolerances_were_used(daemon, tenant, scim):
    assert "No tolerance" in daemon.ctl("connection", "show", tenant.name, "scim").stdout
    ada = make_user(scim, "ada")
    for _ in range(3):
        scim.patch(path_of(ada), patch_op(op="Replace", path="active", value="False")).expect(200)
    shown = daemon.ctl_json("connection", "show", tenant.name, "scim")
    used = {one["name"]: one["count"] for one in shown["tolerances"]}
    assert used["operation-case"] == 3 and used["boolean-string"] == 3
    assert "operation-case" in daemon.ctl("connection", "show", tenant.name, "scim").stdout


def test_connection_show_tells_which_provider_was_recognised(daemon, tenant, scim):
    scim.get("/Users", headers={"User-Agent": "Okta SCIM Client 1.0.0"}).expect(200)
    assert daemon.ctl_json("connection", "show", tenant.name, "scim")["seen"] == "okta"


# -- the log


def test_the_log_tells_the_whole_life_of_a_user(tenant, scim):
    ada = make_user(scim, "ada", title="Dr")
    scim.patch(path_of(ada), patch_op(op="replace", path="title", value="Prof")).expect(200)
    scim.put(path_of(ada), {"schemas": [USER], "userName": "countess"}).expect(200)
    scim.delete(path_of(ada)).expect(204)
    rows = changes(tenant, 4)
    assert [row["action"] for row in rows] == ["create", "update", "update", "delete"]
    assert {row["id"] for row in rows} == {ada["id"]} and {row["type"] for row in rows} == {"User"}
    assert [row["position"] for row in rows] == [1, 2, 3, 4], "positions have no gap"
    assert all(TIME.match(row["at"]) for row in rows) and rows == sorted(rows, key=lambda row: row["at"])

    content = {"schemas": [USER], "userName": "ada", "title": "Dr"}
    assert rows[0]["forward"] == [{"op": "add", "value": content}]
    assert rows[1]["forward"] == [{"op": "replace", "path": "title", "value": "Prof"}]
    assert rows[1]["reverse"] == [{"op": "replace", "path": "title", "value": "Dr"}]
    assert {"op": "add", "path": "title", "value": "Prof"} in rows[2]["reverse"]
    assert rows[3]["reverse"] == [{"op": "add", "value": {"schemas": [USER], "userName": "countess"}}]


def test_the_log_tells_the_whole_life_of_a_group(tenant, scim):
    ada, ben = make_user(scim, "ada"), make_user(scim, "ben")
    group = make_group(scim, "G", ada)
    scim.patch(path_of(group), patch_op(op="add", path="members", value=references(ben))).expect(204)
    scim.patch(path_of(group), patch_op(op="remove", path=f'members[value eq "{ada["id"]}"]')).expect(204)
    scim.patch(path_of(group), patch_op(op="replace", path="displayName", value="H")).expect(204)
    scim.delete(path_of(ben)).expect(204)
    scim.delete(path_of(group)).expect(204)
    rows = [row for row in changes(tenant, 10) if row["id"] == group["id"]]
    assert [row["action"] for row in rows] == ["create", "members", "members", "members", "update", "members", "delete"]

    def step(verb, user):
        return [{"op": verb, "path": "members", "value": [{"value": user["id"]}]}]

    came = [(row["forward"], row["reverse"]) for row in rows if row["action"] == "members"]
    assert came == [(step("add", ada), step("remove", ada)), (step("add", ben), step("remove", ben)),
                    (step("remove", ada), step("add", ada)), (step("remove", ben), step("add", ben))]


def test_the_reverse_of_a_change_undoes_it(tenant, scim):
    """Each update's reverse, sent as a PATCH, gives the resource as it was before."""
    content = {
        "title": "Dr", "emails": [{"value": "a@x", "type": "work", "primary": True}, {"value": "b@x", "type": "home"}],
        "name": {"givenName": "Ada", "familyName": "Lovelace"}, "active": True,
    }
    ada = make_user(scim, "ada", **content)
    edits = [
        patch_op(op="remove", path='emails[type eq "work"]'), patch_op(op="replace", path="name.givenName", value="A."),
        patch_op({"op": "remove", "path": "title"}, {"op": "add", "path": "nickName", "value": "x"}),
        patch_op(op="add", path="phoneNumbers", value=[{"value": "1", "type": "work"}]),
    ]
    states = [ada]
    for edit in edits:
        states.append(scim.patch(path_of(ada), edit).expect(200).json)
    rows = changes(tenant, 5)
    for row, before in zip(rows[:0:-1], states[-2::-1]):
        after = scim.patch(path_of(ada), patch_op(*row["reverse"])).expect(200).json
        assert {**after, "meta": None} == {**before, "meta": None}


def test_the_log_tells_who_did_it_and_by_which_request(daemon, tenant):
    scim = tenant.client(profile="okta")
    answer = scim.post("/Users", {"schemas": [USER], "userName": "ada"}).expect(201)
    (row,) = changes(tenant, 1)
    assert row["actor"] == "okta"
    assert row["request"] == answer.headers["X-Request-Id"]


def test_what_changes_nothing_is_not_logged(tenant, scim):
    ada = make_user(scim, "ada")
    group = make_group(scim, "G", ada)
    scim.patch(path_of(ada), patch_op(op="replace", path="userName", value="ada")).expect(200)
    scim.put(path_of(group), group).expect(200)
    scim.patch(path_of(group), patch_op(op="add", path="members", value=references(ada))).expect(204)
    scim.post("/Users", {"schemas": [USER], "userName": "ADA"}).expect(409)
    scim.patch(path_of(ada), patch_op({"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "userName"})).expect(400)
    make_user(scim, "last")
    assert [row["action"] for row in changes(tenant, 4)] == ["create", "create", "members", "create"]


def test_the_log_holds_no_password(tenant, scim):
    ada = make_user(scim, "ada", password="correct horse")
    scim.patch(path_of(ada), patch_op({"op": "replace", "path": "password", "value": "battery staple"},
                                      {"op": "add", "path": "title", "value": "x"})).expect(200)
    text = json.dumps(changes(tenant, 2))
    assert "correct horse" not in text and "battery staple" not in text and "password" not in text


def test_each_row_is_sealed_with_a_hash_of_its_own(tenant, scim):
    for number in range(5):
        make_user(scim, f"user-{number}")
    hashes = [row["hash"] for row in changes(tenant, 5)]
    assert len(set(hashes)) == 5 and all(len(one) == 2 * hashlib.sha256().digest_size for one in hashes)


def test_log_prints_a_line_for_a_change_and_goes_on_behind_a_position(daemon, tenant, scim):
    users = [make_user(scim, f"user-{number}") for number in range(3)]
    changes(tenant, 3)
    lines = daemon.ctl("log", tenant.name).stdout.splitlines()
    assert len(lines) == 3
    for number, (line, user) in enumerate(zip(lines, users), 1):
        assert line.startswith(f"{number} ") and "create User" in line and user["id"] in line and "by scim" in line
    assert daemon.ctl("log", tenant.name, "--after", "2").stdout.splitlines() == lines[2:]
    assert daemon.ctl("log", tenant.name, "--after", "3").stdout == ""
    rows = [json.loads(line) for line in daemon.ctl("log", tenant.name, "--json").stdout.splitlines()]
    assert [row["id"] for row in rows] == [user["id"] for user in users]


@pytest.mark.parametrize("after", ["x", "-1", "1x", ""])
def test_a_position_that_is_no_number_is_refused(daemon, tenant, after):
    daemon.ctl("log", tenant.name, f"--after={after}", status=4)


def test_a_long_log_is_printed_whole(daemon, tenant, scim):
    from test_bulk import new_user, run

    for start in range(0, 2200, 550):
        assert {one["status"] for one in run(scim, *(new_user(f"u{start + number}") for number in range(550)))} == {"201"}
    changes(tenant, 2200)
    positions = [int(line.split()[0]) for line in daemon.ctl("log", tenant.name).stdout.splitlines()]
    assert positions == list(range(1, 2201))


def test_log_follow_prints_changes_as_they_come(daemon, tenant, scim):
    make_user(scim, "first")
    process = subprocess.Popen(
        [daemon.build / "scimctl", "--socket", daemon.socket_path, "log", tenant.name, "--follow", "--json"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, **sanitizer_options()},
    )
    try:
        assert json.loads(process.stdout.readline())["forward"][0]["value"]["userName"] == "first"
        make_user(scim, "second")
        assert json.loads(process.stdout.readline())["forward"][0]["value"]["userName"] == "second"
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_the_logs_of_tenants_are_apart(daemon, make_tenant):
    one, two = make_tenant(daemon), make_tenant(daemon)
    make_user(one.client(), "ada")
    make_user(two.client(), "ben")
    (row,) = changes(one, 1)
    assert row["position"] == 1 and row["forward"][0]["value"]["userName"] == "ada"


# -- health, readiness, metrics


def test_healthz_and_readyz_answer_on_the_admin_side_alone(daemon, scim):
    assert daemon.admin.get("/healthz").expect(200).json == {"status": "ok"}
    assert daemon.admin.get("/readyz").expect(200).json == {"status": "ready"}
    for path in ("//healthz", "//readyz", "//metrics", "//v1/tenants", "//v1/status"):
        assert scim.get(path).status in (401, 404)


def metric(daemon, name, **labels):
    text = daemon.admin.get("/metrics").expect(200).text
    wanted = "".join(f'{key}="{value}",' for key, value in labels.items()).rstrip(",")
    line = next((one for one in text.splitlines() if one.startswith(f"{name}{{{wanted}}} " if labels else f"{name} ")), None)
    return float(line.rsplit(" ", 1)[1]) if line is not None else 0


def test_metrics_are_prometheus_text(daemon, scim):
    make_user(scim, "ada")
    answer = daemon.admin.get("/metrics").expect(200)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    typed = set()
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert kind in ("counter", "gauge", "histogram")
            typed.add(name)
        elif not line.startswith("# HELP "):
            name, labels, value = re.match(r"^([a-z_]+)(\{[^}]*\})? ([0-9.e+]+|\+Inf)$", line).groups()
            assert re.sub("_(bucket|sum|count)$", "", name) in typed or name in typed, line
            float(value)
    assert {"scimd_http_requests_total", "scimd_http_request_duration_seconds", "scimd_store_transactions_total",
            "scimd_store_commits_total", "scimd_store_sessions"} <= typed


def until(read, expected):
    """A request is counted once its answer is out, which its client may see first: asks again, a bounded number
    of times."""
    for _ in range(500):
        if expected(read()):
            return
    raise AssertionError(read())


def test_metrics_count_requests_by_method_and_status(daemon, scim):
    kinds = (("GET", "2xx"), ("GET", "4xx"), ("POST", "2xx"))

    def read():
        counts = [metric(daemon, "scimd_http_requests_total", method=method, status=status) for method, status in kinds]
        return [*counts, metric(daemon, "scimd_unauthorized_total")]

    before = read()
    make_user(scim, "ada")
    for _ in range(3):
        scim.get("/Users").expect(200)
    scim.get(f"/Users/{UNKNOWN}").expect(404)
    scim.with_token(None).get("/Users").expect(401)
    until(read, lambda after: [new - old for new, old in zip(after, before)] == [3, 2, 1, 1])


def test_metrics_count_durations_transactions_and_commits(daemon, scim):
    names = ("scimd_http_request_duration_seconds_count", "scimd_store_transactions_total", "scimd_store_commits_total")

    def read():
        return [metric(daemon, name) for name in names]

    before = read()
    make_user(scim, "ada")
    until(read, lambda after: all(new > old for new, old in zip(after, before)))
    text = daemon.admin.get("/metrics").text
    counts = [int(count) for count in re.findall(r'duration_seconds_bucket\{le="[^"]*"\} (\d+)', text)]
    assert counts == sorted(counts) and counts[-1] == int(metric(daemon, names[0]))


# -- the socket's HTTP


def test_an_unknown_admin_path_is_404_and_a_wrong_method_405(daemon):
    admin = daemon.admin
    for method, path, status in (("GET", "/v1/nothing", 404), ("GET", "/", 404), ("DELETE", "/healthz", 405), ("PUT", "/v1/tenants", 405)):
        answer = admin.request(method, path)
        assert answer.status == status and answer.json["detail"], answer
        assert status != 405 or answer.headers["Allow"]


@pytest.mark.parametrize("body", ["{", "[]", '"x"', '{"name": 7}', "{}", '{"name": "a", "name": "b"}', '{"name": "x\\u0000y"}'])
def test_a_bad_admin_body_is_refused_with_its_reason(daemon, body):
    answer = daemon.admin.post("/v1/tenants", body)
    assert answer.status == 400 and answer.json["error"] and answer.json["detail"], answer


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(daemon):
    for data in (b"", b"GET /healthz", b"POST /v1/tenants HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"):
        with socket.socket(socket.AF_UNIX) as plain:
            plain.connect(str(daemon.socket_path))
            plain.sendall(data)
    assert daemon.admin.get("/healthz").status == 200
