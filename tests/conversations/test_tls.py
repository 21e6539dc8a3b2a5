"""TLS: which versions, whose certificates, and no HTTP where others could listen."""

import socket
import ssl
import subprocess

import pytest

from daemon import BUILD
from scimclient import USER


@pytest.fixture
def tls(tls_daemon, make_tenant):
    """A client of a new tenant of the daemon over TLS."""
    return make_tenant(tls_daemon).client()


def handshake(daemon, version, **changes):
    """Connects with just one version of TLS; returns what was agreed on."""
    context = ssl.create_default_context(cafile=str(daemon.certificates / "ca.pem"))
    context.minimum_version = context.maximum_version = version
    context.set_ciphers(changes.get("ciphers", "ALL:@SECLEVEL=0"))
    with socket.create_connection(("127.0.0.1", daemon.port)) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as stream:
            return stream.version(), stream.cipher()[0]


@pytest.mark.parametrize(
    ("version", "name"), [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")], ids=["1.2", "1.3"]
)
def test_tls_1_2_and_1_3_are_spoken(tls_daemon, version, name):
    assert handshake(tls_daemon, version)[0] == name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
def test_older_versions_are_refused(tls_daemon, version):
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        handshake(tls_daemon, version)


@pytest.mark.parametrize("ciphers", ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-DES-CBC3-SHA", "RC4", "NULL"])
def test_weak_ciphers_and_those_without_forward_secrecy_are_refused(tls_daemon, ciphers):
    try:
        agreed = handshake(tls_daemon, ssl.TLSVersion.TLSv1_2, ciphers=f"{ciphers}:@SECLEVEL=0")
    except (ssl.SSLError, ConnectionResetError):
        return  # refused, or not even known to our OpenSSL
    raise AssertionError(f"agreed on {agreed}")


def test_the_cipher_agreed_on_has_forward_secrecy(tls_daemon):
    assert handshake(tls_daemon, ssl.TLSVersion.TLSv1_2)[1].startswith("ECDHE-")


def test_the_whole_of_scim_works_over_tls(tls):
    made = tls.post("/Users", {"schemas": [USER], "userName": "ada"}).expect(201)
    assert made.headers["Location"].startswith("https://127.0.0.1:")
    assert tls.get(made.headers["Location"]).expect(200).json == made.json


def test_a_real_curl_that_trusts_the_ca_is_served(tls, tls_daemon, curl):
    status, body = curl("--cacert", tls_daemon.certificates / "ca.pem", "-H", f"Authorization: Bearer {tls.token}",
                        f"{tls.url}/ServiceProviderConfig")
    assert status == 200 and '"patch"' in body


@pytest.mark.parametrize("version", ["--tlsv1.2", "--tlsv1.3"])
def test_a_real_curl_posts_a_user(tls, tls_daemon, curl, version):
    status, body = curl(version, "--cacert", tls_daemon.certificates / "ca.pem", "-H", f"Authorization: Bearer {tls.token}",
                        "-H", "Content-Type: application/scim+json", "--data", f'{{"schemas":["{USER}"],"userName":"ada"}}',
                        f"{tls.url}/Users")
    assert status == 201 and '"userName":"ada"' in body


def test_a_real_curl_that_trusts_another_ca_hangs_up(tls, tls_daemon, curl, tmp_path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=somebody else", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "ca.pem"],
                   check=True, capture_output=True)
    result = subprocess.run(["curl", "--silent", "--show-error", "--cacert", tmp_path / "ca.pem", f"{tls.url}/Users"],
                            capture_output=True, text=True, check=False)
    assert result.returncode == 60, result.stderr  # CURLE_PEER_FAILED_VERIFICATION
    tls.get("/Users").expect(200)


def test_http_on_a_tls_port_is_not_answered_and_harms_nobody(tls, tls_daemon):
    with socket.create_connection(("127.0.0.1", tls_daemon.port)) as plain:
        plain.sendall(b"GET /x/scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n")
        plain.settimeout(60)
        try:
            answer = plain.recv(1000)
        except ConnectionResetError:
            answer = b""
    assert not answer.startswith(b"HTTP/")
    tls.get("/Users").expect(200)


@pytest.mark.parametrize("data", [b"", b"\x16\x03\x01\x02\x00\x01\x00", b"\x00" * 1000, b"\x16\x03\x01\xff\xff" + b"A" * 5000],
                         ids=["nothing", "half a hello", "zeros", "garbage"])
def test_broken_handshakes_harm_nobody(tls, tls_daemon, data):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", tls_daemon.port)) as plain:
            plain.sendall(data)
    tls.get("/Users").expect(200)


def test_a_client_that_never_shakes_hands_keeps_nobody_waiting(tls, tls_daemon):
    idle = [socket.create_connection(("127.0.0.1", tls_daemon.port)) for _ in range(64)]
    try:
        for _ in range(5):
            tls.close()
            tls.get("/Users").expect(200)
    finally:
        for stream in idle:
            stream.close()


def test_a_large_answer_comes_whole_over_tls(tls):
    for number in range(30):
        tls.post("/Users", {"schemas": [USER], "userName": f"user-{number}", "displayName": "x" * 50000}).expect(201)
    answer = tls.get("/Users").expect(200)
    assert len(answer.content) > 1500000 and answer.json["totalResults"] == 30
    assert {len(user["displayName"]) for user in answer.json["Resources"]} == {50000}


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "10.0.0.1", "fe80::1"])
def test_http_without_tls_is_refused_where_others_could_listen(tmp_path, address):
    path = tmp_path / "scimd.yaml"
    path.write_text(f"listen:\n  plain: true\n  address: '{address}'\n")
    result = subprocess.run([BUILD / "scimd", "--check", "--config", path], capture_output=True, text=True, check=False)
    assert result.returncode == 2 and "loopback" in result.stderr


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_http_without_tls_is_allowed_on_loopback_and_only_when_asked_for(tmp_path, address):
    path = tmp_path / "scimd.yaml"
    path.write_text(f"listen:\n  plain: true\n  address: '{address}'\n")
    assert subprocess.run([BUILD / "scimd", "--check", "--config", path], check=False, capture_output=True).returncode == 0


def test_tls_is_the_default(start_daemon, certificates):
    one = start_daemon(certificates=certificates)
    assert "plain" not in one.settings()["listen"]
    assert handshake(one, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
