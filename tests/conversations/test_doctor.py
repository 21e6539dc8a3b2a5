"""scimctl doctor: where each database stands, as a person and as a script is told."""

import pathlib

import pytest

import engine
from people import make_user

# The tests' own PostgreSQL does not wait for its disk; doctor is right to say so.
FORGETFUL = "fsync is off, not on: commits are lost, and the database may be damaged, when the power fails"
STATUS = 0 if engine.NAME == "sqlite" else 1


def problems(report):
    return [problem["what"] for problem in report["problems"] if problem["what"] != FORGETFUL]


def by_name(answer):
    return {report["name"]: report for report in answer["databases"]}


@pytest.fixture
def own(start_daemon, make_tenant):
    """A daemon whose tenants "acme" and "beta" have databases of their own."""
    one = start_daemon(settings={"database": {"tenants": "own"}})
    for name in ("beta", "acme"):
        make_user(make_tenant(one, name).client(), "ada")
    return one


def test_each_database_is_looked_at(own):
    answer = own.ctl_json("doctor", status=STATUS)
    assert answer["sound"] is (STATUS == 0)
    assert [report["name"] for report in answer["databases"]] == ["control", "acme", "beta"]
    for report in answer["databases"]:
        assert report["engine"] == engine.NAME
        assert report["server"].startswith({"sqlite": "SQLite 3.", "postgresql": "PostgreSQL 1"}[engine.NAME])
        assert report["schema"] == report["schema_known"] > 0
        assert report["keys"] == report["keys_known"] > 0
        assert problems(report) == []


def test_settings_that_keep_commits_are_told(daemon):
    settings = daemon.ctl_json("doctor", status=STATUS)["databases"][0]["settings"]
    assert settings == {
        "sqlite": {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"},
        "postgresql": {"fsync": "off", "full_page_writes": "on", "synchronous_commit": "on"},
    }[engine.NAME]


def test_tenants_that_share_a_database_are_one_row(start_daemon, make_tenant):
    one = start_daemon(settings={"database": {"tenants": "shared"}})
    make_tenant(one, "acme")
    make_tenant(one, "beta")
    assert list(by_name(one.ctl_json("doctor", status=STATUS))) == ["control"]


def test_a_person_reads_a_table(own):
    lines = own.ctl("doctor", status=STATUS).stdout.splitlines()
    assert lines[0].split() == ["DATABASE", "SERVER", "SCHEMA", "KEYS", "SETTINGS", "STATE"]
    assert [line.split()[0] for line in lines[1:4]] == ["control", "acme", "beta"]
    if engine.NAME == "sqlite":
        assert len(lines) == 4 and all(line.endswith("  ok") for line in lines[1:])
    else:
        assert f"acme: {FORGETFUL}" in lines and lines[1].endswith("  wrong")


def test_a_database_of_a_newer_program_is_wrong(own):
    own.engine.execute("acme", "INSERT INTO scimd_migration (version, name, checksum, applied_us) VALUES (9999, 'x', 'x', 0)")
    reports = by_name(own.ctl_json("doctor", status=1))
    assert problems(reports["acme"]) == [
        f"its schema has version 9999, this program knows {reports['acme']['schema_known']}: it was used by a newer scimd; "
        "install that one, or restore a backup"]
    assert problems(reports["beta"]) == [] and problems(reports["control"]) == []
    text = own.ctl("doctor", status=1).stdout
    assert "\nacme: its schema has version 9999, " in text


def test_a_database_that_is_behind_is_not_wrong(own):
    own.engine.execute("acme", "DELETE FROM scimd_migration WHERE version = (SELECT MAX(version) FROM scimd_migration)")
    acme = by_name(own.ctl_json("doctor", status=STATUS))["acme"]
    assert 0 < acme["schema"] < acme["schema_known"] and problems(acme) == []
    line = next(line for line in own.ctl("doctor", status=STATUS).stdout.splitlines() if line.startswith("acme "))
    assert f" {acme['schema']} of {acme['schema_known']} " in line


def test_a_database_that_is_gone_is_told_and_not_made_anew(own):
    own.engine.remove("acme")
    for _ in range(2):
        reports = by_name(own.ctl_json("doctor", status=1))
        assert reports["acme"]["server"] is None and len(reports["acme"]["problems"]) == 1
        assert reports["acme"]["problems"][0]["cause"]
        assert problems(reports["beta"]) == []
    assert "acme" not in own.engine.databases()


def test_without_its_control_database_there_is_one_row(start_daemon):
    one = start_daemon()
    one.engine.remove("control")
    reports = by_name(one.ctl_json("doctor", status=1))
    assert list(reports) == ["control"] and reports["control"]["server"] is None
    one.kill()  # it cannot stop in order without it


def test_no_password_is_shown(own):
    own.engine.remove("acme")
    told = own.ctl("doctor", status=1).stdout + own.ctl("doctor", "--json", status=1).stdout
    assert own.engine.password is None or own.engine.password not in told


def test_without_a_daemon_nobody_answers(daemon, tmp_path):
    result = daemon.ctl("--socket", tmp_path / "none.sock", "doctor", status=1)
    assert str(pathlib.Path(tmp_path / "none.sock")) in result.stderr


@pytest.mark.parametrize("name", ["Acme", "a_b", "-a", "a" * 64, "%2e%2e"])
def test_what_is_no_name_is_refused(daemon, name):
    answer = daemon.admin.request("GET", f"/v1/databases/{name}")
    assert answer.status == 400 and answer.json["error"] == "invalid_value"
