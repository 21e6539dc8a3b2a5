"""What can go wrong with Kerberos, against the lab's KDC: clocks, names, keytabs, and KDCs that say nothing."""

import contextlib
import socket
import time

import pytest

import domain
from contract import Driver
from proxy import Proxy
from source import PullFailed, Source, gssapi

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
SLACK_S = 4  # of a process with a sanitizer on a busy machine


@pytest.fixture
def source(controller, tmp_path):
    def make(settings):
        return Source(controller, tmp_path, settings, {"users": [domain.STAFF], "groups": [domain.GROUPS]})

    return make


def failure_of(source):
    with pytest.raises(PullFailed) as failure:
        source.pull()
    return failure.value


def write_configuration(controller, path, libdefaults="", kdc=None):
    """The lab's krb5.conf with other lines; returns what makes a process use it."""
    text = (controller.directory / "krb5.conf").read_text()
    text = text.replace("[libdefaults]", f"[libdefaults]\n    {libdefaults}")
    if kdc is not None:
        text = text.replace(f"kdc = {controller.address}", f"kdc = {kdc}")
    path.write_text(text)
    return {"KRB5_CONFIG": str(path)}


def shifted(controller, offset):
    """The process's wall clock is another one."""
    return {"LD_PRELOAD": f"{controller.environment['LD_PRELOAD']} {FAKETIME}", "FAKETIME": offset,
            "DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}


@pytest.mark.parametrize("offset", ["+10m", "-10m"])
def test_clocks_that_differ(controller, source, tmp_path, offset):
    one = source(gssapi(controller))
    one.extra_environment = {**shifted(controller, offset),
                             **write_configuration(controller, tmp_path / "krb5.conf", "kdc_timesync = 0")}
    failure = failure_of(one)
    assert (failure.code, "clocks of this host" in failure.detail) == ("source_unavailable", True), failure


@pytest.mark.parametrize("offset", ["+10m", "-10m"])
def test_a_small_difference_is_made_up_for(controller, source, offset):
    """libkrb5 takes the KDC's time, where it is not told otherwise."""
    one = source(gssapi(controller))
    one.extra_environment = shifted(controller, offset)
    one.pull()
    assert one.model.users


@pytest.mark.parametrize("offset", ["+11h", "+40d"])
def test_a_clock_that_is_far_ahead(controller, source, offset):
    one = source(gssapi(controller))
    one.extra_environment = shifted(controller, offset)
    failure = failure_of(one)
    assert (failure.code, "clock of this host is ahead" in failure.detail) == ("source_unavailable", True), failure


def _changed(controller, **bind):
    settings = gssapi(controller)
    settings["bind"].update(bind)
    return settings


@pytest.mark.parametrize("settings, code, words", [
    (lambda lab: gssapi(lab, "svc-wrong"), "source_denied", "present password"),
    (lambda lab: gssapi(lab, "svc-disabled"), "source_denied", "disabled, expired or locked"),
    (lambda lab: gssapi(lab, "svc-expired"), "source_denied", "disabled, expired or locked"),
    (lambda lab: gssapi(lab, "svc-change"), "source_denied", "password has expired"),
    (lambda lab: _changed(lab, principal="svc-plain@LAB.EXAMPLE"), "source_denied", "keytab of this account"),
    (lambda lab: _changed(lab, principal="nobody@LAB.EXAMPLE"), "source_denied", "keytab of this account"),
    (lambda lab: _changed(lab, principal="svc-dirsync@OTHER.EXAMPLE"), "source_denied", "keytab of this account"),
    (lambda lab: _changed(lab, keytab="/nonexistent/x.keytab"), "configuration", "/nonexistent/x.keytab"),
    (lambda lab: _changed(lab, keytab=lab.facts()["ca_file"]), "source_denied", "keytab of this account"),
    (lambda lab: gssapi(lab, servers=[f"ldap://{domain.ALIAS}"]), "configuration", "full name"),
    (lambda lab: gssapi(lab, servers=[f"ldap://{lab.address}"]), "configuration", "full name"),
], ids=["old keytab", "disabled", "expired", "must change", "another's keytab", "nobody", "another realm",
        "no keytab", "no keytab at all", "an alias", "an address"])
def test_a_failure_says_what_it_is(controller, source, settings, code, words):
    failure = failure_of(source(settings(controller)))
    assert (failure.code, words in failure.detail) == (code, True), failure


@contextlib.contextmanager
def silent_kdc():
    """Takes requests, by both ways, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        port = stream.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        yield f"127.0.0.1:{port}"


def test_a_kdc_that_says_nothing(controller, source, tmp_path):
    one = source(gssapi(controller, timeout=2))
    with silent_kdc() as address:
        one.extra_environment = write_configuration(controller, tmp_path / "krb5.conf", kdc=address)
        start = time.monotonic()
        failure = failure_of(one)
        taken_s = time.monotonic() - start
    assert (failure.code, "within 2 s" in failure.detail) == ("source_unavailable", True), failure
    assert taken_s < 2 + SLACK_S


def test_a_kdc_that_is_not_there(controller, source, tmp_path):
    one = source(gssapi(controller))
    one.extra_environment = write_configuration(controller, tmp_path / "krb5.conf", kdc="127.0.0.1:1")
    failure = failure_of(one)
    assert (failure.code, "no domain controller's Kerberos answers" in failure.detail) == (
        "source_unavailable", True), failure


class Settings:
    """As much of a Row as a Driver needs."""

    type = "ad"

    def __init__(self, environment):
        self.environment = environment


def test_a_session_that_was_left_waiting_works_again(controller, tmp_path):
    """The thread that waits for the KDC ends some time, and takes nothing of ours along."""
    values = {"settings": gssapi(controller, timeout=2), "scope": {}}
    with silent_kdc() as address:
        path = tmp_path / "krb5.conf"
        environment = {**controller.environment, **write_configuration(controller, path, kdc=address)}
        with Driver(Settings(environment)) as driver:
            for _ in range(2):
                with pytest.raises(PullFailed):
                    driver.ask("open", 0, values)
            write_configuration(controller, path)
            driver.ask("open", 0, values)
            assert driver.pull(0, "")[0]
            time.sleep(30)  # libkrb5's own limit


@pytest.mark.parametrize("later, connections", [("+7h", 1), ("+8h", 2)])
def test_a_ticket_is_renewed_before_its_end(controller, tmp_path, later, connections):
    """It lives for ten hours; a pass that begins in the last quarter gets another one."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    environment = {**controller.environment, **shifted(controller, ""), "FAKETIME_NO_CACHE": "1",
                   "FAKETIME_TIMESTAMP_FILE": str(clock)}
    del environment["FAKETIME"]
    with Proxy(controller) as proxy, Driver(Settings(environment)) as driver:
        driver.ask("open", 0, {"settings": gssapi(controller, servers=[f"ldap://{domain.SERVER}:{proxy.port}"]),
                               "scope": {}})
        _, cursor = driver.pass_(0)
        clock.write_text(later)
        assert driver.pass_(0, cursor)[0] == []
        assert proxy.connections == connections
