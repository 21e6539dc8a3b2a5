"""The daemon itself: settings, signals, its end and its next start, what it logs."""

import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import ssl
import subprocess
import time

import pytest

import engine
from daemon import BUILD, DaemonFailed, free_port, sanitizer_options
from people import changes, found, make_group, make_user, path_of, read, references
from scimclient import USER, patch_op

WAIT_S = 60


def scimd(*arguments, **options):
    """Runs scimd to its end."""
    return subprocess.run(
        [BUILD / "scimd", *map(str, arguments)], capture_output=True, text=True, timeout=WAIT_S, check=False,
        env={**os.environ, **sanitizer_options()}, **options,
    )


@pytest.fixture
def settings_file(tmp_path):
    """settings_file(text): a file of settings, for --check."""

    def write(text):
        path = tmp_path / "scimd.yaml"
        path.write_text(text)
        return path

    return write


def wait_for_log(daemon, event, count=1):
    """Waits until the daemon has logged an event so many times, by reading its log as it grows."""
    deadline = time.monotonic() + WAIT_S
    while len(re.findall(rf"\b{re.escape(event)}\b", daemon.log)) < count:
        assert daemon.alive and time.monotonic() < deadline, f"no {event} in:\n{daemon.log}"
        select.select([], [], [], 0.01)


# -- options and settings


def test_help_is_told_and_ends_with_0():
    result = scimd("--help")
    assert result.returncode == 0 and "--config FILE" in result.stdout and "--check" in result.stdout
    assert result.stderr == ""


def test_version_is_told_and_ends_with_0():
    result = scimd("--version")
    assert result.returncode == 0 and re.match(r"^scimd \d+\.\d+\.\d+\n$", result.stdout)


def test_all_settings_are_told_with_their_defaults():
    result = scimd("--help-settings")
    assert result.returncode == 0
    for name in ("state_directory", "listen.port", "listen.trusted_proxies", "admin.socket", "log.level",
                 "limits.bulk_operations", "store.sessions", "database.tenants"):
        assert name in result.stdout


@pytest.mark.parametrize("arguments", [["--nonsense"], ["extra"], ["--config"], ["-x"]])
def test_an_unknown_option_ends_with_2(arguments):
    result = scimd(*arguments)
    assert result.returncode == 2 and "--config FILE" in result.stderr and result.stdout == ""


def test_check_says_ok_and_starts_nothing(settings_file, tmp_path):
    path = settings_file(f"state_directory: {tmp_path}/state\nlisten: {{plain: true, port: {free_port()}}}\n")
    result = scimd("--check", "--config", path)
    assert (result.returncode, result.stdout) == (0, f"{path}: ok\n")
    assert not (tmp_path / "state").exists()


BAD_SETTINGS = {
    "unknown key": ("log: {level: info}\nlimitz:\n  x: 1\n", 2, "limitz"),
    "unknown inner key": ("listen:\n  prot: 8443\n", 2, "prot"),
    "number for text": ("listen:\n  port: many\n", 2, "port"),
    "out of range": ("listen:\n  address: 127.0.0.1\n  port: 65536\n", 3, "port"),
    "negative": ("limits:\n  body_bytes: -1\n", 2, "body_bytes"),
    "fraction": ("listen:\n  threads: 1.5\n", 2, "threads"),
    "not one of them": ("log:\n  level: loud\n", 2, "level"),
    "no boolean": ("listen:\n  plain: perhaps\n", 2, "plain"),
    "key twice": ("log:\n  level: info\n  level: debug\n", 3, "level"),
    "list for text": ("listen:\n  address: [127.0.0.1]\n", 2, "address"),
    "text for list": ("listen:\n  trusted_proxies: 127.0.0.1\n", 2, "trusted_proxies"),
    "bad network": ("listen:\n  trusted_proxies:\n    - 10.0.0.0/8\n    - 10.0.0.0/99\n", 4, "trusted_proxies"),
    "bad address": ("listen:\n  address: localhost\n", 2, "address"),
    "relative path": ("state_directory: var\n", 1, "state_directory"),
    "broken YAML": ("listen:\n  port: [1\nlog: x\n", None, ""),
    "tab": ("listen:\n\tport: 1\n", 2, ""),
    "not a mapping": ("- a\n- b\n", 1, ""),
    "plain on all addresses": ("listen:\n  address: 0.0.0.0\n  plain: true\n", 3, "loopback"),
    "plain on a public address": ("listen: {plain: true, address: 192.0.2.1}\n", 1, "loopback"),
    "plain on all IPv6 addresses": ("listen:\n  plain: true\n  address: '::'\n", 2, "loopback"),
    "page_default above page_max": ("limits:\n  page_max: 10\n  page_default: 11\n", 3, "page_default"),
    "url with a slash at its end": ("listen:\n  public_url: https://x.example/\n", 2, "public_url"),
    "url of another scheme": ("listen:\n  public_url: ftp://x.example\n", 2, "public_url"),
    "anchors": ("a: &a [1]\nlog: *a\n", None, ""),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_bad_settings_are_refused_with_file_and_line_and_end_with_2(settings_file, name):
    text, line, word = BAD_SETTINGS[name]
    path = settings_file(text)
    for arguments in (["--check"], []):
        result = scimd(*arguments, "--config", path)
        assert result.returncode == 2, result
        place = rf"{re.escape(str(path))}:{line if line else '[0-9]+'}: "
        assert re.search(place, result.stderr), result.stderr
        assert word in result.stderr


def test_a_settings_file_that_is_not_there_ends_with_2_and_is_named(tmp_path):
    result = scimd("--config", tmp_path / "none.yaml")
    assert result.returncode == 2 and "none.yaml" in result.stderr and "No such file" in result.stderr


def test_an_empty_settings_file_means_all_defaults(settings_file):
    assert scimd("--check", "--config", settings_file("")).returncode == 0


def test_settings_are_taken_with_comments_and_quotes(settings_file):
    path = settings_file("# ours\nlisten:\n  address: \"::1\"   # loopback\n  plain: true\nlog: {level: debug, format: json}\n")
    assert scimd("--check", "--config", path).returncode == 0


def test_a_certificate_that_is_not_there_ends_with_2_and_is_named(start_daemon):
    with pytest.raises(DaemonFailed) as failure:
        start_daemon(settings={"listen": {"plain": False, "certificate": "/nonexistent/tls.crt", "key": "/nonexistent/tls.key"}})
    assert "ended at start with 2" in str(failure.value) and "/nonexistent/tls.crt" in str(failure.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_state_directory_that_is_not_writable_ends_with_2_and_is_named(tmp_path):
    """Run as nobody: for root every directory is writable."""
    directory = pathlib.Path("/tmp") / f"scimd-test-{os.getpid()}"
    directory.mkdir(mode=0o755)
    try:
        (directory / "state").mkdir(mode=0o555)
        config = directory / "scimd.yaml"
        config.write_text(json.dumps({
            "state_directory": str(directory / "state"), "admin": {"socket": str(directory / "admin.sock")},
            "listen": {"plain": True, "port": free_port()},
        }))
        result = subprocess.run(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", BUILD / "scimd", "--config", config],
            capture_output=True, text=True, timeout=WAIT_S, check=False, env={**os.environ, **sanitizer_options()},
        )
        assert result.returncode == 2
        assert str(directory / "state") in result.stderr and "Permission denied" in result.stderr
    finally:
        subprocess.run(["rm", "-rf", directory], check=True)


def test_a_state_directory_that_is_a_file_ends_with_2_and_is_named(start_daemon, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DaemonFailed) as failure:
        start_daemon(settings={"state_directory": str(tmp_path / "file")})
    assert "ended at start with 2" in str(failure.value) and str(tmp_path / "file") in str(failure.value)


@pytest.mark.skipif(engine.NAME != "sqlite", reason="a database is a file on SQLite only")
def test_a_database_that_is_none_is_named_and_nothing_is_overwritten(start_daemon):
    one = start_daemon()
    one.stop()
    for path in (one.directory / "data").glob("*.db"):
        path.write_bytes(b"this is no database, but it is mine" * 100)
    with pytest.raises(DaemonFailed) as failure:
        one.start()
    assert "ended at start with" in str(failure.value) and "ended at start with 0" not in str(failure.value)
    for path in (one.directory / "data").glob("*.db"):
        assert path.read_bytes().startswith(b"this is no database")


# -- two daemons


def test_a_second_daemon_on_the_same_port_ends_and_says_so(start_daemon, daemon):
    with pytest.raises(DaemonFailed) as failure:
        start_daemon(settings={"listen": {"port": daemon.port}})
    message = str(failure.value)
    assert "ended at start with" in message and str(daemon.port) in message and "in use" in message.lower()
    assert daemon.alive


def test_a_second_daemon_on_the_same_admin_socket_ends_and_takes_nothing_over(start_daemon, daemon):
    with pytest.raises(DaemonFailed) as failure:
        start_daemon(settings={"admin": {"socket": str(daemon.socket_path)}})
    assert str(daemon.socket_path) in str(failure.value)
    daemon.ctl("status")


def test_a_socket_left_by_a_killed_daemon_is_no_obstacle(start_daemon):
    one = start_daemon()
    one.kill()
    assert one.socket_path.exists()
    one.start()
    one.ctl("status")


# -- restart


def test_a_restart_keeps_everything(start_daemon, make_tenant):
    one = start_daemon()
    tenant = make_tenant(one)
    scim = tenant.client(profile="okta")
    ada = make_user(scim, "ada", emails=[{"value": "a@x", "type": "work"}])
    group = make_group(scim, "G", ada)
    gone = make_user(scim, "gone")
    scim.delete(path_of(gone)).expect(204)
    cursor = scim.get("/Users", cursor="", count=1).expect(200).json
    tokens = one.ctl_json("token", "list", tenant.name)["tokens"]
    users = [read(scim, ada), read(scim, group)]

    one.restart()
    scim.close()
    assert [read(scim, ada), read(scim, group)] == users
    assert found(scim, "/Users", 'emails.value eq "a@x"') == {ada["id"]}
    scim.get(path_of(gone)).expect(404)
    scim.get(path_of(ada), headers={"If-None-Match": users[0]["meta"]["version"]}).expect(304)
    assert [row["id"] for row in one.ctl_json("token", "list", tenant.name)["tokens"]] == [row["id"] for row in tokens]
    assert one.ctl_json("connection", "show", tenant.name, "okta")["profile"] == "okta"
    if "nextCursor" in cursor:
        scim.get("/Users", cursor=cursor["nextCursor"], count=1).expect(200)


def test_a_cursor_holds_over_a_restart(start_daemon, make_tenant):
    one = start_daemon()
    scim = make_tenant(one).client()
    names = {make_user(scim, f"user-{number}")["userName"] for number in range(4)}
    first = scim.get("/Users", cursor="", count=2).expect(200).json
    one.restart()
    scim.close()
    second = scim.get("/Users", cursor=first["nextCursor"], count=2).expect(200).json
    assert {user["userName"] for user in first["Resources"] + second["Resources"]} == names


def test_what_was_answered_outlives_sigkill(start_daemon, make_tenant):
    one = start_daemon()
    tenant = make_tenant(one)
    scim = tenant.client()
    users = [make_user(scim, f"user-{number}") for number in range(20)]
    group = make_group(scim, "G", *users)
    one.kill()
    one.start()
    scim.close()
    assert [read(scim, user)["userName"] for user in users] == [user["userName"] for user in users]
    assert len(read(scim, group)["members"]) == 20
    assert [row["position"] for row in changes(tenant, 22)] == list(range(1, 23))


def test_changes_that_were_not_sealed_before_a_kill_are_sealed_at_the_next_start(start_daemon, make_tenant):
    one = start_daemon(settings={"store": {"change_log_seal_interval_ms": 60000}})
    tenant = make_tenant(one)
    scim = tenant.client()
    for number in range(3):
        make_user(scim, f"user-{number}")
    one.kill()
    one.start()
    assert [row["position"] for row in changes(tenant, 3)] == [1, 2, 3]


def test_the_secret_key_is_made_once_and_for_its_owner_alone(start_daemon, make_tenant):
    one = start_daemon()
    key = one.directory / "data" / "secret.key"
    content = key.read_bytes()
    assert key.stat().st_mode & 0o077 == 0 and len(content) >= 32
    one.restart()
    assert key.read_bytes() == content


def test_files_of_the_daemon_are_for_its_owner_alone(start_daemon, make_tenant):
    one = start_daemon()
    make_user(make_tenant(one).client(), "ada")
    files = [path for path in (one.directory / "data").rglob("*")]
    assert files and [path for path in files if path.stat().st_mode & 0o077] == []


# -- stopping


def raw_request(scim, method, path, body, headers=""):
    head = (f"{method} {scim.root}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {scim.token}\r\n"
            f"Content-Type: application/scim+json\r\nContent-Length: {len(body)}\r\n{headers}\r\n")
    return head.encode() + body


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_graceful_stop_finishes_the_request_in_hand_and_refuses_new_ones(start_daemon, make_tenant, number):
    one = start_daemon()
    scim = make_tenant(one).client()
    request = raw_request(scim, "POST", "/Users", json.dumps({"schemas": [USER], "userName": "last"}).encode())
    with socket.create_connection((scim.host, scim.port), timeout=WAIT_S) as stream:
        stream.sendall(request[:-10])
        make_user(scim, "before")  # a round trip: the daemon has the request's head by now
        scim.close()
        one.send_signal(number)
        wait_for_log(one, "daemon.stopping")
        wait_until_refused(one)
        stream.sendall(request[-10:])
        answer = stream.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 201 "), answer[:300]
    one.stop()
    one.start()
    assert {user["userName"] for user in scim.all("/Users")} == {"before", "last"}


def wait_until_refused(daemon):
    """New connections are refused, or closed without an answer."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=1) as stream:
                stream.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                if stream.recv(1) == b"":
                    return
        except OSError:
            return
    raise AssertionError("a daemon that stops still takes requests")


def test_a_stop_does_not_wait_for_idle_connections(start_daemon, make_tenant):
    one = start_daemon()
    scim = make_tenant(one).client()
    scim.get("/Users").expect(200)  # kept alive
    with socket.create_connection((scim.host, scim.port)):
        begin = time.monotonic()
        one.stop()
        assert time.monotonic() - begin < 15, "the grace of 20 s was used up for nothing"


def test_a_stop_ends_a_followed_log(start_daemon, make_tenant):
    one = start_daemon()
    tenant = make_tenant(one)
    follower = subprocess.Popen(
        [one.build / "scimctl", "--socket", one.socket_path, "log", tenant.name, "--follow", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **sanitizer_options()},
    )
    make_user(tenant.client(), "ada")
    assert json.loads(follower.stdout.readline())["action"] == "create"
    one.stop()
    follower.communicate(timeout=WAIT_S)
    assert follower.returncode == 1


def test_the_admin_socket_is_gone_after_a_stop(start_daemon):
    one = start_daemon()
    one.stop()
    assert not one.socket_path.exists()
    one.ctl("status", status=1)


# -- SIGHUP


def new_certificate(directory):
    """Another server certificate by the same CA, in place of the old one; returns its serial number."""
    for name in ("server.pem", "server.key"):
        (directory / name).unlink()
    from daemon import SOURCE

    subprocess.run([SOURCE / "scripts" / "certificate", directory], check=True, capture_output=True)
    return serial_of((directory / "server.pem").read_text())


def serial_of(pem):
    return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True, check=True).stdout


def served_serial(daemon):
    return serial_of(ssl.get_server_certificate(("127.0.0.1", daemon.port)))


@pytest.fixture
def own_certificates(certificates, tmp_path):
    """A copy of the certificates that a test may change."""
    directory = tmp_path / "certificates"
    subprocess.run(["cp", "-r", certificates, directory], check=True)
    return directory


def test_sighup_reads_the_certificate_anew_and_drops_no_connection(start_daemon, make_tenant, own_certificates):
    one = start_daemon(certificates=own_certificates)
    scim = make_tenant(one).client()
    scim.get("/Users").expect(200)
    before = served_serial(one)
    fresh = new_certificate(own_certificates)
    assert served_serial(one) == before != fresh
    one.send_signal(signal.SIGHUP)
    wait_for_log(one, "daemon.reloaded")
    assert served_serial(one) == fresh
    scim.get("/Users").expect(200)  # on the old connection: the client never retries


def test_a_certificate_that_is_broken_is_logged_and_the_old_one_stays(start_daemon, own_certificates):
    one = start_daemon(certificates=own_certificates)
    before = served_serial(one)
    (own_certificates / "server.pem").write_text("not a certificate")
    one.send_signal(signal.SIGHUP)
    wait_for_log(one, "daemon.certificate_kept")
    assert served_serial(one) == before
    assert "server.pem" in one.log


def test_a_key_of_another_certificate_is_refused_at_reload(start_daemon, own_certificates):
    one = start_daemon(certificates=own_certificates)
    before = served_serial(one)
    subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-out", own_certificates / "server.key"], check=True)
    one.send_signal(signal.SIGHUP)
    wait_for_log(one, "daemon.certificate_kept")
    assert served_serial(one) == before


def test_sighup_reads_the_log_level_anew(start_daemon, make_tenant):
    one = start_daemon()
    scim = make_tenant(one).client()
    scim.get("/Users").expect(200)
    assert "http.request" not in one.log
    one.write_settings(log={"level": "debug"})
    one.send_signal(signal.SIGHUP)
    wait_for_log(one, "daemon.reloaded")
    scim.get("/Users").expect(200)
    wait_for_log(one, "http.request")


def test_settings_that_wait_for_a_restart_are_named_at_reload(start_daemon):
    one = start_daemon()
    one.write_settings(limits={"page_max": 500}, listen={"threads": 4})
    one.send_signal(signal.SIGHUP)
    wait_for_log(one, "daemon.reloaded")
    line = next(line for line in one.log.splitlines() if "daemon.reloaded" in line)
    assert "limits.page_max" in line and "listen.threads" in line and "log.level" not in line


def test_settings_that_are_refused_at_reload_change_nothing_and_are_named(start_daemon):
    one = start_daemon()
    good = one.config_path.read_text()
    one.config_path.write_text("log:\n  level: debug\n  nonsense: 1\n")
    one.send_signal(signal.SIGHUP)
    wait_for_log(one, "daemon.reload_refused")
    assert f"{one.config_path}:3: " in one.log
    one.admin.get("/healthz").expect(200)
    assert "http.request" not in one.log
    one.config_path.write_text(good)
    one.send_signal(signal.SIGHUP)
    wait_for_log(one, "daemon.reloaded")


# -- what it logs


def test_start_and_stop_are_logged_as_events(start_daemon):
    one = start_daemon()
    one.stop()
    for line in one.log.splitlines():
        assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|info|debug) [a-z]+\.[a-z_]+( [a-z_]+=.*)?$", line), line
    events = [line.split()[2] for line in one.log.splitlines()]
    assert events == ["daemon.listening", "daemon.ready", "daemon.stopping", "daemon.stopped"]


def test_json_logs_are_an_object_in_each_line(start_daemon, make_tenant):
    one = start_daemon(settings={"log": {"format": "json", "level": "debug"}})
    scim = make_tenant(one).client()
    scim.get("/Users/%22quoted%22%0aline").expect(404)
    scim.post("/Users", "{").expect(400)
    one.stop()
    rows = [json.loads(line) for line in one.log.splitlines()]
    assert {"daemon.ready", "http.request", "daemon.stopped"} <= {row["event"] for row in rows}
    assert all(re.match(r"^\d{4}-", row["time"]) and row["level"] in ("info", "debug", "warning", "error") for row in rows)
    assert any(row.get("status") == 404 for row in rows)


def test_a_request_cannot_forge_a_line_of_the_log(start_daemon, make_tenant):
    one = start_daemon(settings={"log": {"level": "debug"}})
    scim = make_tenant(one).client()
    scim.get("/Users/x%0a2026-01-01T00:00:00.000Z%20info%20forged.event%20a=b", headers={"User-Agent": "a b=c \"d\""})
    wait_for_log(one, "http.request")
    assert "forged.event" not in [line.split()[2] for line in one.log.splitlines() if len(line.split()) > 2]


def test_a_requests_lines_carry_the_id_that_its_answer_names(start_daemon, make_tenant):
    one = start_daemon(settings={"log": {"level": "debug"}})
    answer = make_tenant(one).client().get("/Users").expect(200)
    wait_for_log(one, "http.request")
    assert any(answer.headers["X-Request-Id"] in line for line in one.log.splitlines())


def test_no_secret_and_no_personal_data_is_logged_at_debug(start_daemon, make_tenant):
    one = start_daemon(settings={"log": {"level": "debug"}})
    tenant = make_tenant(one)
    scim = tenant.client()
    private = ["privatelogin", "privatefamily", "private@example.com", "privatepassword", "privategroup", "privateagent",
               scim.token.split("_", 2)[2]]
    ada = make_user(scim, private[0], name={"familyName": private[1]}, emails=[{"value": private[2]}], password=private[3])
    group = make_group(scim, private[4], ada)
    scim.patch(path_of(ada), patch_op(op="replace", path="name.familyName", value=private[1] + "2")).expect(200)
    scim.patch(path_of(group), patch_op(op="add", path="members", value=references(ada))).expect(204)
    scim.get("/Users", filter=f'userName eq "{private[0]}"', headers={"User-Agent": private[5]}).expect(200)
    scim.get("/Users", filter=f'userName zz "{private[0]}"').expect(400)
    scim.post("/Users", {"schemas": [USER], "userName": private[0]}).expect(409)
    scim.post("/Users", {"schemas": [USER], "userName": {"x": private[0]}}).expect(400)
    scim.post("/Users", '{"userName": "' + private[0] + '", oops').expect(400)
    scim.patch(path_of(ada), patch_op(op="replace", path=f'emails[value eq "{private[2]}x"].type', value="x")).expect(400)
    scim.with_token(scim.token + "x").get("/Users").expect(401)
    scim.delete(path_of(ada)).expect(204)
    wait_for_log(one, "http.request", 12)
    one.stop()
    assert [word for word in private if word in one.log] == []


def test_ordinary_requests_are_not_logged_at_info(start_daemon, make_tenant):
    one = start_daemon()
    scim = make_tenant(one).client()
    make_user(scim, "ada")
    scim.get("/Users/none").expect(404)
    scim.with_token("x").get("/Users").expect(401)
    one.stop()
    assert [line.split()[2] for line in one.log.splitlines()] == [
        "daemon.listening", "daemon.ready", "daemon.stopping", "daemon.stopped"]


# -- settings at work


def test_a_tenants_rate_is_limited_with_429_and_retry_after(start_daemon, make_tenant):
    one = start_daemon(settings={"limits": {"rate_per_second": 1, "rate_burst": 3}})
    scim, other = make_tenant(one).client(), make_tenant(one).client()
    answers = [scim.get("/ServiceProviderConfig") for _ in range(20)]
    refused = [answer for answer in answers if answer.status == 429]
    assert [answer.status for answer in answers[:3]] == [200] * 3 and refused
    for answer in refused:
        assert int(answer.expect(429).headers["Retry-After"]) >= 1
    other.get("/ServiceProviderConfig").expect(200)


def test_all_tenants_may_share_one_database_by_a_setting(start_daemon, make_tenant):
    one = start_daemon(settings={"database": {"tenants": "shared"}})
    clients = [make_tenant(one).client() for _ in range(2)]
    for scim in clients:
        make_user(scim, "ada")
        assert scim.get("/Users").expect(200).json["totalResults"] == 1
    assert len(one.engine.databases()) == 1


def test_limits_of_the_settings_are_enforced_and_published(start_daemon, make_tenant):
    one = start_daemon(settings={"limits": {
        "body_bytes": 4096, "json_depth": 8, "string_bytes": 256, "filter_bytes": 128, "filter_nodes": 3,
        "patch_operations": 2, "page_default": 2, "page_max": 3, "value_count": 16}})
    scim = make_tenant(one).client()
    for number in range(5):
        make_user(scim, f"user-{number}")
    assert scim.get("/Users").expect(200).json["itemsPerPage"] == 2
    assert scim.get("/Users", count=100).expect(200).json["itemsPerPage"] == 3
    config = scim.get("/ServiceProviderConfig").expect(200).json
    assert config["filter"]["maxResults"] == 3 and config["pagination"]["maxPageSize"] == 3
    scim.get("/Users", filter=" or ".join(['userName eq "x"'] * 4)).expect(400, "invalidFilter")
    scim.get("/Users", filter=f'userName eq "{"x" * 128}"').expect(400, "invalidFilter")
    scim.post("/Users", {"schemas": [USER], "userName": "x" * 257}).expect(400)
    scim.post("/Users", {"schemas": [USER], "userName": "x", "roles": [{"value": str(n)} for n in range(20)]}).expect(400)
    scim.post("/Users", '{"a":' * 9 + "1" + "}" * 9).expect(400)
    operations = [{"op": "add", "path": "title", "value": "x"}] * 3
    ada = make_user(scim, "ada")
    scim.patch(path_of(ada), patch_op(*operations)).expect(413)
    scim.post("/Users", {"schemas": [USER], "userName": "y", "displayName": "x" * 5000}).expect(413)


def test_connections_beyond_the_limit_wait_or_are_refused_and_the_others_are_served(start_daemon, make_tenant):
    one = start_daemon(settings={"listen": {"threads": 4, "connections": 8}})
    scim = make_tenant(one).client()
    scim.get("/Users").expect(200)
    idle = [socket.create_connection(("127.0.0.1", one.port)) for _ in range(40)]
    try:
        scim.get("/Users").expect(200)
    finally:
        for stream in idle:
            stream.close()
    fresh = http.client.HTTPConnection("127.0.0.1", one.port, timeout=WAIT_S)
    while True:  # until the daemon has noticed that the idle ones are gone
        try:
            fresh.request("GET", "/")
            assert fresh.getresponse().read()
            break
        except (OSError, http.client.HTTPException):
            fresh.close()
    fresh.close()
