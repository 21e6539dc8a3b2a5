"""What only a database server has: TLS, passwords, roles, a channel to listen on, and that it may be away."""

import os
import select
import socket

import pytest

from daemon import Daemon, DaemonFailed
from engine import connection_words
from people import make_user

WAIT_S = 30


@pytest.fixture
def refused(tmp_path):
    """refused(connection): the log of a daemon that does not start with it."""

    def run(connection):
        directory = tmp_path / "refused"
        directory.mkdir(mode=0o700)
        one = Daemon(directory)
        (directory / "connection").write_text(connection + "\n")
        with pytest.raises(DaemonFailed, match="ended at start"):
            one.start()
        assert connection_words()["Pwd"] not in one.log, "the password is in the log"
        return one.log

    return run


def with_tls():
    return os.environ["SCIMD_TEST_CONNECTION_TLS"]


def test_the_server_proves_its_name(start_daemon, make_tenant, monkeypatch):
    monkeypatch.setenv("SCIMD_TEST_CONNECTION", with_tls())
    one = start_daemon()
    make_user(make_tenant(one).client(), "ada")


def test_another_ca_is_refused(refused, certificates):
    ca = certificates / "ca.pem"  # of this test run, not of the database server
    here = with_tls().split("sslrootcert=")[0]
    log = refused(f"{here}sslrootcert={ca}}}")
    assert "cannot connect to the database server" in log and "certificate verify failed" in log


def test_another_name_is_refused(refused):
    log = refused(with_tls().replace("Server=localhost", "Server=127.0.0.2"))  # it listens there, but is not called so
    assert "cannot connect to the database server" in log and "does not match host name" in log


def test_a_wrong_password_is_said(refused):
    log = refused(os.environ["SCIMD_TEST_CONNECTION"].replace("Pwd={", "Pwd={x"))
    assert "does not accept our role" in log or "cannot connect to the database server" in log
    assert "database control" in log


def test_a_server_that_is_away_is_said(refused, tmp_path):
    assert "cannot connect to the database server" in refused(f"Server={tmp_path};Port=5432;Uid=scimd")


def test_a_server_that_says_nothing_is_not_waited_for(refused):
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections, and that is all
        log = refused(f"Server=127.0.0.1;Port={deaf.getsockname()[1]};Uid=scimd")
    assert "cannot connect to the database server" in log and "timeout expired" in log


def test_a_server_on_another_machine_must_prove_its_name(refused):
    log = refused("Server=192.0.2.1;Uid=scimd")
    assert "/connection:1: SSLmode=verify-full is missing" in log


def test_a_connection_file_for_everybody_is_refused(tmp_path):
    one = Daemon(tmp_path)
    (tmp_path / "connection").chmod(0o644)
    with pytest.raises(DaemonFailed, match="connection: "):
        one.start()


def test_a_role_that_uses_tables_of_another(start_daemon, make_tenant, monkeypatch):
    monkeypatch.setenv("SCIMD_TEST_CONNECTION", os.environ["SCIMD_TEST_CONNECTION"].replace("Uid=scimd;", "Uid=scimd_limited;"))
    one = start_daemon(settings={"database": {"owner": "scimd_owner"}})
    scim = make_tenant(one).client()
    make_user(scim, "ada")
    assert scim.get("/Users").expect(200).json["totalResults"] == 1


# -- as an application


@pytest.fixture
def reader(daemon, tenant):
    connection = daemon.engine.reader("control")
    yield connection
    connection.close()


def names_seen(reader, tenant_setting):
    with reader.cursor() as cursor:
        cursor.execute("SELECT set_config('scimd.tenant', %s, false)", (tenant_setting,))
        cursor.execute("SELECT user_name FROM scim_users")
        return {name for name, in cursor.fetchall()}


def test_an_application_sees_the_tenants_it_says(daemon, tenant, scim, make_tenant, reader):
    make_user(scim, "hal")
    make_user(make_tenant(daemon).client(), "ida")
    number = daemon.ctl_json("tenant", "show", tenant.name)["number"]
    assert names_seen(reader, str(number)) == {"hal"}
    assert names_seen(reader, "all") >= {"hal", "ida"}
    assert names_seen(reader, "") == set()


def test_changes_are_noticed(daemon, tenant, scim, reader):
    number = daemon.ctl_json("tenant", "show", tenant.name)["number"]
    reader.autocommit = True
    with reader.cursor() as cursor:
        cursor.execute("LISTEN scimd_changes")
    make_user(scim, "jon")
    payloads = set()
    while str(number) not in payloads:
        assert select.select([reader], [], [], WAIT_S)[0], "no notice came"
        reader.poll()
        payloads |= {notice.payload for notice in reader.notifies}
        reader.notifies.clear()
    with reader.cursor() as cursor:
        cursor.execute("SELECT action FROM scim_changes WHERE tenant_id = %s", (number,))
        assert cursor.fetchall() == [("create",)]
