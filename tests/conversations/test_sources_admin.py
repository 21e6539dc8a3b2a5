"""Sources without their directory: what an administrator applies, sees and is told, scimctl source, resync, run."""

import re
import socket
import time

import pytest

from people import make_user

SOURCE_FILE = """\
name: corp-ad
type: ad
schedule: never
full_schedule: never
settings:
  servers: [ldaps://127.0.0.1:{port}]
  bind: {{method: simple, user: svc@corp.example, password: "secret:corp-ad"}}
  base: DC=corp,DC=example
  timeout: 5
"""


@pytest.fixture(scope="module")
def dead_port():
    """A port of this machine on which nobody answers, for as long as the tests last."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def file(tmp_path, dead_port):
    """file(text=SOURCE_FILE, name="corp-ad.yaml"): the path of a source file."""

    def write(text=SOURCE_FILE, name="corp-ad.yaml"):
        path = tmp_path / name
        path.write_text(text.format(port=dead_port) if text == SOURCE_FILE else text)
        return path

    return write


@pytest.fixture
def corp(daemon, tenant, file):
    """A source corp-ad of the tenant, whose server is down: "TENANT/corp-ad"."""
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="pw")
    daemon.ctl("source", "apply", tenant.name, "-f", file())
    return f"{tenant.name}/corp-ad"


def sources(daemon, tenant):
    return daemon.ctl_json("source", "list", tenant.name)["sources"]


def text_of(dead_port, before="", after=""):
    """The file above with one text for another."""
    text = SOURCE_FILE.format(port=dead_port)
    assert before in text
    return text.replace(before, after) if before else text + after


# -- apply


@pytest.mark.parametrize(
    "before, after, where, what",
    [
        ("type: ad", "type: ldap", 2, "one of ad"),
        ("type: ad\n", "", 1, "type"),
        ("name: corp-ad", "name: Corp AD", 1, "name"),
        ("schedule: never\nfull", 'schedule: "61 * * * *"\nfull', 3, "schedule"),
        ("full_schedule: never", 'full_schedule: "0 0 30 2 *"', 4, "full_schedule"),
        ("base: DC", "bass: DC", 8, "bass"),
        ("method: simple", "method: plain", 7, "simple"),
        ("timeout: 5", "timeout: 0", 9, "from 1 to 600"),
        ("timeout: 5", "timeout: 5\ntimezone: Mars/Olympus", 10, "Mars/Olympus"),
        ("timeout: 5", "timeout: 5\nmapping: {titel: title}", 10, "titel"),
        ("timeout: 5", "timeout: 5\nmapping: {title: {from: title, transform: reverse}}", 10, "reverse"),
        ("timeout: 5", "timeout: 5\nmatch: [userName, sourceId]", 10, "sourceId"),
        ("timeout: 5", "timeout: 5\nremoval: {action: purge}", 10, "deactivate"),
        ("timeout: 5", "timeout: 5\nguard: {percent: 90}", 10, "from 0 to 50"),
        ("timeout: 5", "timeout: 5\nname: twice", 10, "name"),
        ("timeout: 5", "timeout: 5\nnosuch: 1", 10, "nosuch"),
        ("timeout: 5", "timeout: [5", 10, ""),
        ('"secret:corp-ad"', "in clear", 7, "secret set"),
        ('"secret:corp-ad"', '"secret:not there"', 7, "secret"),
    ],
    ids=["unknown type", "no type", "bad name", "a minute that is none", "a day that never comes", "unknown setting", "unknown word",
         "number out of range", "unknown time zone", "unknown attribute", "unknown step", "wrong order", "unknown action",
         "a guard that is none", "a key twice", "unknown key", "no YAML", "a secret in clear", "a secret's name that is none"],
)
def test_a_bad_file_is_refused_with_its_line_and_nothing_is_stored(daemon, tenant, file, dead_port, before, after, where, what):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="pw")
    path = file(text_of(dead_port, before, after))
    words = daemon.ctl("source", "apply", tenant.name, "-f", path, status=4).stderr
    assert re.match(rf"scimctl: .*corp-ad\.yaml:{where}: ", words) and what in words
    assert "in clear" not in words.split(": ", 2)[2]
    assert sources(daemon, tenant) == []


def test_a_secret_that_is_not_there_is_named(daemon, tenant, file):
    words = daemon.ctl("source", "apply", tenant.name, "-f", file(), status=4).stderr
    assert "corp-ad" in words and f"scimctl secret set {tenant.name}" in words
    assert sources(daemon, tenant) == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"name: \x00\n"], ids=["empty", "no UTF-8", "a NUL"])
def test_what_is_no_text_is_refused(daemon, tenant, tmp_path, content):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    assert "bad.yaml" in daemon.ctl("source", "apply", tenant.name, "-f", path, status=4).stderr


def test_a_file_that_is_not_there_is_named(daemon, tenant):
    assert "/nowhere.yaml" in daemon.ctl("source", "apply", tenant.name, "-f", "/nowhere.yaml", status=4).stderr


def test_apply_without_a_file_is_wrong_usage(daemon, tenant):
    assert "-f FILE" in daemon.ctl("source", "apply", tenant.name, status=2).stderr


def test_a_dry_run_stores_nothing(daemon, tenant, file):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="pw")
    words = daemon.ctl("source", "apply", tenant.name, "-f", file(), "--dry-run").stdout
    assert "would create" in words and "nothing was stored" in words
    assert sources(daemon, tenant) == []


def test_a_source_is_applied_from_standard_input(daemon, tenant, dead_port):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="pw")
    answer = daemon.ctl_json("source", "apply", tenant.name, "--file", "-", stdin=text_of(dead_port))
    assert answer["source"] == "corp-ad" and answer["action"] == "create"
    assert [one["name"] for one in sources(daemon, tenant)] == ["corp-ad"]


def test_applying_again_changes_what_changed(daemon, corp, tenant, file, dead_port):
    assert "like that already" in daemon.ctl("source", "apply", tenant.name, "-f", file()).stdout
    changed = file(text_of(dead_port, "timeout: 5", "timeout: 7"))
    assert "would change" in daemon.ctl("source", "apply", tenant.name, "-f", changed, "--dry-run").stdout
    assert daemon.ctl_json("source", "show", corp)["definition"]["settings"]["timeout"] == 5
    assert "changed source" in daemon.ctl("source", "apply", tenant.name, "-f", changed).stdout
    assert daemon.ctl_json("source", "show", corp)["definition"]["settings"]["timeout"] == 7


def test_a_name_that_a_client_has_is_refused(daemon, tenant, file, dead_port):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="pw")
    path = file(text_of(dead_port, "name: corp-ad", "name: scim"))
    assert "scim" in daemon.ctl("source", "apply", tenant.name, "-f", path, status=4).stderr


def test_the_manuals_examples_are_what_it_says(daemon, tenant, file):
    page = (daemon.build / "man" / "scimd-source.5").read_text().replace("\\-", "-").replace("\\e", "\\")
    examples = [text for text in re.findall(r"^\.nf\n(.*?)^\.fi$", page, re.DOTALL | re.MULTILINE) if text.startswith("name:")]
    assert len(examples) == 2
    for name in ("corp-ad", "corp-keytab"):
        daemon.ctl("secret", "set", tenant.name, name, stdin="x")
    for text in examples:
        # its certificate authority is not on this machine, and is not read before a run
        assert "would create" in daemon.ctl("source", "apply", tenant.name, "-f", file(text), "--dry-run").stdout


def test_a_new_source_may_wait_for_a_dry_run(daemon, tenant, file):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="pw")
    assert "source resume" in daemon.ctl("source", "apply", tenant.name, "-f", file(), "--paused").stdout
    source = f"{tenant.name}/corp-ad"
    assert daemon.ctl_json("source", "show", source)["state"] == "paused"
    assert "paused" in daemon.ctl("resync", source, "--full", status=4).stderr
    assert daemon.ctl_json("resync", source, "--full", "--dry-run", "--follow", status=1)["dryRun"] is True
    assert [one["dryRun"] for one in daemon.ctl_json("run", "list", source)["runs"]] == [True]
    daemon.ctl("source", "resume", source)
    assert wait_for_runs(daemon, source, 2)["dryRun"] is False


# -- list, show, pause, resume, delete


def test_a_source_is_listed_and_shown(daemon, corp, tenant):
    (listed,) = sources(daemon, tenant)
    assert listed["name"] == "corp-ad" and listed["type"] == "ad" and listed["lastSuccess"] is None
    shown = daemon.ctl_json("source", "show", corp)
    assert shown["definition"]["type"] == "ad" and shown["problems"] == []
    assert "corp-ad" in daemon.ctl("source", "list", tenant.name).stdout
    text = daemon.ctl("source", "show", corp).stdout
    assert "state: " in text and "definition: {" in text and "No object has a problem" in text


def test_a_secret_is_shown_by_name_only(daemon, tenant, file, dead_port):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="hunter2hunter2")
    daemon.ctl("source", "apply", tenant.name, "-f", file())
    shown = daemon.ctl("source", "show", f"{tenant.name}/corp-ad", "--json").stdout
    assert "secret:corp-ad" in shown and "hunter2" not in shown


def test_a_source_is_paused_and_resumed(daemon, corp):
    wait_for_runs(daemon, corp)
    assert "paused" in daemon.ctl("source", "pause", corp).stdout
    shown = daemon.ctl_json("source", "show", corp)
    assert shown["state"] == "paused" and shown["nextRun"] is None
    daemon.ctl("source", "resume", corp)
    assert daemon.ctl_json("source", "show", corp)["state"] != "paused"


def test_deleting_a_source_without_yes_is_refused_where_nobody_can_be_asked(daemon, corp):
    assert "--yes" in daemon.ctl("source", "delete", corp, status=4).stderr
    daemon.ctl("source", "show", corp)


def test_a_source_is_deleted_and_its_people_stay(daemon, corp, tenant, scim):
    ada = make_user(scim, "ada")
    wait_for_runs(daemon, corp)
    assert "stay" in daemon.ctl("source", "delete", corp, "--yes").stdout
    assert sources(daemon, tenant) == []
    assert daemon.ctl_json("run", "list", tenant.name)["runs"] == []
    assert daemon.ctl_json("user", "show", tenant.name, "ada")["resource"]["id"] == ada["id"]
    daemon.ctl("source", "show", corp, status=3)


COMMANDS_ON_A_SOURCE = [
    ("source", "show"), ("source", "test"), ("source", "preview"), ("source", "pause"), ("source", "resume"), ("source", "delete", "--yes"),
    ("resync",), ("resync", "--full", "--dry-run"), ("run", "list"),
]


@pytest.mark.parametrize("command", COMMANDS_ON_A_SOURCE, ids=" ".join)
def test_an_unknown_source_ends_with_3_and_is_named(daemon, tenant, command):
    assert "nosuch" in daemon.ctl(*command, f"{tenant.name}/nosuch", status=3).stderr


@pytest.mark.parametrize("command", COMMANDS_ON_A_SOURCE, ids=" ".join)
def test_an_unknown_tenant_ends_with_3_and_is_named(daemon, command):
    assert "nobody" in daemon.ctl(*command, "nobody/corp-ad", status=3).stderr


@pytest.mark.parametrize("name", ["corp-ad", "/corp-ad", "acme/", "/"])
def test_a_source_is_named_with_its_tenant(daemon, name):
    for command in (("source", "show"), ("resync",)):
        assert "TENANT/SOURCE" in daemon.ctl(*command, name, status=2).stderr


# -- a server that is down


def wait_for_runs(daemon, corp, count=1):
    """The first run of a new source begins by itself; this waits for the end of run number `count`, and returns it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        runs = daemon.ctl_json("run", "list", corp)["runs"]
        if len(runs) >= count and runs[0]["state"] != "running":
            return runs[0]
    raise AssertionError("no run ended")


def test_a_test_finds_what_is_wrong(daemon, corp, dead_port):
    words = daemon.ctl("source", "test", corp, status=1).stdout
    assert "FAILED" in words and str(dead_port) in words and "->" in words
    findings = daemon.ctl_json("source", "test", corp, status=1)["findings"]
    assert any(one["verdict"] == "failure" and one["advice"] for one in findings)


def test_a_file_is_tested_before_it_is_applied(daemon, tenant, file):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="pw")
    assert "FAILED" in daemon.ctl("source", "test", tenant.name, "-f", file(), status=1).stdout
    assert sources(daemon, tenant) == []
    daemon.ctl("source", "test", f"{tenant.name}/corp-ad", "-f", file(), status=2)


def test_a_preview_says_that_nobody_answers(daemon, corp, tenant, file):
    for words in (daemon.ctl("source", "preview", corp, status=1), daemon.ctl("source", "preview", tenant.name, "-f", file(), status=1)):
        assert words.stderr.startswith("scimctl: ") and "127.0.0.1" in words.stderr


def test_a_new_source_runs_by_itself_and_fails_with_words(daemon, corp):
    run = wait_for_runs(daemon, corp)
    assert run["state"] == "failed" and run["kind"] == "full" and "127.0.0.1" in run["words"]
    assert run["ended"] >= run["started"]
    shown = daemon.ctl_json("source", "show", corp)
    assert shown["state"] == "backoff" and shown["failures"] >= 1 and "127.0.0.1" in shown["lastError"]
    assert shown["lastSuccess"] is None


def test_a_resync_is_followed_to_its_failure(daemon, corp):
    wait_for_runs(daemon, corp)
    result = daemon.ctl("resync", corp, "--full", "--follow", status=1)
    assert re.search(r"run \d+ of .*/corp-ad has failed", result.stdout) and "127.0.0.1" in result.stdout
    run = daemon.ctl_json("resync", corp, "--full", "--follow", status=1)
    assert run["state"] == "failed" and run["dryRun"] is False and run["askedBy"].startswith("uid ")


def test_a_dry_run_fails_like_a_run(daemon, corp):
    wait_for_runs(daemon, corp)
    run = daemon.ctl_json("resync", corp, "--dry-run", "--full", "--follow", status=1)
    assert run["dryRun"] is True and run["state"] == "failed"


def test_a_run_is_listed_and_shown(daemon, corp, tenant):
    run = wait_for_runs(daemon, corp)
    text = daemon.ctl("run", "show", run["id"]).stdout
    assert f"source: {corp}" in text and "state: failed" in text and "why: " in text
    assert daemon.ctl_json("run", "show", run["id"])["id"] == run["id"]
    assert "failed" in daemon.ctl("run", "list", corp).stdout
    daemon.ctl("resync", corp, "--follow", status=1)
    newest, *older = daemon.ctl_json("run", "list", tenant.name)["runs"]
    assert newest["id"] > run["id"] == older[-1]["id"]
    assert daemon.ctl_json("run", "list", corp, "--limit", 1)["runs"] == [newest]
    assert newest["id"] in [one["id"] for one in daemon.ctl_json("run", "list")["runs"]]


def test_a_run_that_ended_takes_no_decision(daemon, corp):
    run = str(wait_for_runs(daemon, corp)["id"])
    for command in (("approve", run, "--plan", "abc"), ("reject", run), ("cancel", run)):
        assert "failed" in daemon.ctl("run", *command, status=4).stderr
    daemon.ctl("run", "plan", run, status=3)
    daemon.ctl("run", "show", run, "--follow", status=1)


@pytest.mark.parametrize("command", [("show",), ("plan",), ("approve", "--plan", "abc"), ("reject",), ("cancel",), ("show", "--follow")], ids=" ".join)
def test_an_unknown_run_ends_with_3_and_is_named(daemon, command):
    verb, *options = command
    assert "999999999" in daemon.ctl("run", verb, "999999999", *options, status=3).stderr
    assert "number" in daemon.ctl("run", verb, "corp-ad", *options, status=2).stderr


def test_an_approval_names_a_plan(daemon, corp):
    assert "--plan HASH" in daemon.ctl("run", "approve", "1", status=2).stderr


@pytest.mark.parametrize("options", [("--full", "--object", "x"), ("--group",)], ids=["everything and one", "a group of nothing"])
def test_options_that_exclude_each_other_are_wrong_usage(daemon, corp, options):
    daemon.ctl("resync", corp, *options, status=2)


# -- status and metrics


def test_status_names_each_source(daemon, corp, tenant):
    wait_for_runs(daemon, corp)
    (mine,) = [one for one in daemon.ctl_json("status")["sources"] if one["tenant"] == tenant.name]
    assert mine["name"] == "corp-ad" and mine["state"] == "backoff" and mine["heldRun"] is None
    line = next(line for line in daemon.ctl("status").stdout.splitlines() if line.startswith(corp))
    assert "backoff" in line and "127.0.0.1" in line


def test_metrics_tell_how_old_a_success_is(daemon, corp, tenant):
    wait_for_runs(daemon, corp)
    text = daemon.admin.get("/metrics").text
    labels = f'tenant="{tenant.name}",source="corp-ad"'
    assert re.search(rf"^scimd_source_last_success_seconds\{{{labels}\}} \d", text, re.MULTILINE)
    assert f'scimd_source_state{{{labels},state="backoff"}} 1' in text
    assert re.search(rf'^scimd_source_runs\{{{labels},state="failed"\}} [1-9]', text, re.MULTILINE)
    assert f"scimd_source_held{{{labels}}} 0" in text


def test_a_tenant_goes_with_its_sources(daemon, corp, tenant):
    wait_for_runs(daemon, corp)
    daemon.ctl("tenant", "delete", tenant.name, "--yes")
    assert corp not in daemon.ctl("status").stdout
    assert tenant.name not in daemon.ctl("run", "list", "--limit", 1000).stdout
