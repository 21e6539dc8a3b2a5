"""Secrets of tenants: stored by name, never shown again."""

import os
import pty
import subprocess

import pytest

from daemon import sanitizer_options

SECRET = "correct horse battery staple"


def names(daemon, tenant):
    return [one["name"] for one in daemon.ctl_json("secret", "list", tenant.name)["secrets"]]


def test_a_secret_is_stored_listed_and_deleted(daemon, tenant):
    assert names(daemon, tenant) == []
    assert "stored secret corp-ad" in daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin=SECRET + "\n").stdout
    daemon.ctl("secret", "set", tenant.name, "another", stdin=SECRET)
    assert names(daemon, tenant) == ["another", "corp-ad"]
    text = daemon.ctl("secret", "list", tenant.name).stdout
    assert "corp-ad" in text and ("ago" in text or "just now" in text)
    daemon.ctl("secret", "delete", tenant.name, "another")
    assert names(daemon, tenant) == ["corp-ad"]


def test_a_secret_is_nowhere_to_be_read(start_daemon, make_tenant):
    one = start_daemon()
    tenant = make_tenant(one)
    one.ctl("secret", "set", tenant.name, "corp-ad", stdin=SECRET)
    assert SECRET not in one.ctl("secret", "list", tenant.name, "--json").stdout
    assert one.admin.get(f"/v1/tenants/{tenant.name}/secrets/corp-ad").status == 405
    one.stop()
    assert SECRET not in one.log
    for path in (one.directory / "data").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_a_secret_is_replaced(daemon, tenant):
    for text in (SECRET, "another"):
        daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin=text)
    assert names(daemon, tenant) == ["corp-ad"]


@pytest.mark.parametrize("text", ["", "\n", "\r\n"], ids=["nothing", "a line end", "a DOS line end"])
def test_an_empty_secret_is_refused(daemon, tenant, text):
    assert "empty" in daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin=text, status=4).stderr
    assert names(daemon, tenant) == []


def test_a_secret_too_large_is_refused(daemon, tenant):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin="x" * 65536)
    daemon.ctl("secret", "set", tenant.name, "larger", stdin="x" * 65537, status=4)
    assert names(daemon, tenant) == ["corp-ad"]


@pytest.mark.parametrize("name", ["a b", "a/b", "ä", "x" * 65, "'; drop table x; --"])
def test_a_name_that_a_source_file_could_not_say_is_refused(daemon, tenant, name):
    daemon.ctl("secret", "set", tenant.name, name, stdin=SECRET, status=4)


def test_deleting_what_is_not_there_ends_with_3(daemon, tenant):
    assert "corp-ad" in daemon.ctl("secret", "delete", tenant.name, "corp-ad", status=3).stderr


@pytest.mark.parametrize("command", [("set", "x"), ("delete", "x"), ("list",)], ids=lambda words: words[0])
def test_an_unknown_tenant_ends_with_3_and_is_named(daemon, command):
    verb, *rest = command
    assert "nobody" in daemon.ctl("secret", verb, "nobody", *rest, stdin=SECRET, status=3).stderr


def test_one_tenant_does_not_see_the_others_secrets(daemon, tenant, make_tenant):
    daemon.ctl("secret", "set", tenant.name, "corp-ad", stdin=SECRET)
    assert names(daemon, make_tenant(daemon)) == []


def test_a_terminal_shows_nothing_of_what_is_typed(daemon, tenant):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [daemon.build / "scimctl", "--socket", daemon.socket_path, "secret", "set", tenant.name, "typed"],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **sanitizer_options()},
    )
    os.close(theirs)
    shown = b""
    while b"Secret typed:" not in shown:
        shown += os.read(ours, 4096)
    os.write(ours, SECRET.encode() + b"\n")
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # so a terminal says that nobody is at its other end
        pass
    os.close(ours)
    assert process.wait() == 0
    assert SECRET.encode() not in shown and b"stored secret typed" in shown
    assert names(daemon, tenant) == ["typed"]
