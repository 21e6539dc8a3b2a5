"""Fixtures for conversations with the whole daemon; README.md tells how to use them."""

import itertools
import json
import pathlib
import re
import subprocess

import pytest

import daemon as daemon_module
from daemon import BUILD, SOURCE, Daemon, DaemonFailed
from scimclient import Client

_numbers = itertools.count(1)


class Tenant:
    """A tenant of a daemon, and as many connections (tokens) to it as a test wants."""

    def __init__(self, daemon, name):
        self.daemon = daemon
        self.name = name
        self._profiles = set()
        daemon.administer("POST", "/tenants", {"name": name})

    def token(self, profile=None, **options):
        """Makes a token.  With a profile it belongs to a connection of that name and profile; other
        options become options of scimctl: token(expires="90d")."""
        if profile is not None:
            if profile not in self._profiles:
                path = f"/tenants/{self.name}/connections/{profile}"
                self.daemon.administer("PUT", path, {"profile": profile})
                self._profiles.add(profile)
            options["connection"] = profile
        options.setdefault("name", f"token-{next(_numbers)}")
        if set(options) <= {"name", "connection"}:  # most tests want one, and a process takes longer than a test
            return self.daemon.administer("POST", f"/tenants/{self.name}/tokens", options)["token"]
        flags = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
        return self.daemon.ctl_json("token", "create", self.name, *flags)["token"]

    def client(self, **options):
        """A client with a new token."""
        return self.daemon.client(self.name, self.token(**options))


def pytest_collection_modifyitems(items):
    """Without binaries there is nothing to talk to: say so once per test, and fail."""
    missing = [name for name in ("scimd", "scimctl") if not (BUILD / name).exists()]
    if missing and items:
        pytest.exit(f"not built: {', '.join(str(BUILD / name) for name in missing)}", returncode=2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what the daemons wrote while it ran."""
    outcome = yield
    report = outcome.get_result()
    if call.when == "call" and report.failed:
        for one in daemon_module.running:
            text = one.log[getattr(one, "log_mark", 0):]
            if text:
                report.sections.append((f"log of {one.url}", text[-20000:]))


@pytest.fixture(autouse=True)
def _mark_logs():
    for one in daemon_module.running:
        one.log_mark = len(one.log)
    yield


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """A folder with ca.pem, server.pem and server.key for 127.0.0.1, ::1 and localhost."""
    directory = tmp_path_factory.mktemp("certificates")
    subprocess.run([SOURCE / "scripts" / "certificate", directory], check=True, capture_output=True)
    return directory


@pytest.fixture
def start_daemon(tmp_path):
    """Starts daemons of this test's own: start_daemon(settings={...}, certificates=certificates).
    They are stopped, and their end is checked, after the test."""
    started = []

    def start(**options):
        directory = tmp_path / f"daemon-{len(started)}"
        directory.mkdir(mode=0o700)
        one = Daemon(directory, **options)
        started.append(one)
        return one.start()

    yield start
    for one in started:
        try:
            if one.process is not None and one in daemon_module.running:
                one.stop()
        finally:
            one.engine.forget()


def _shared(tmp_path_factory, name, **options):
    """Yields a function that returns the daemon all tests share; one that died is replaced, so that
    one crash fails one test."""
    current = []

    def get():
        if not current or not current[-1].alive:
            current.append(Daemon(tmp_path_factory.mktemp(name), **options).start())
        return current[-1]

    yield get
    if current and current[-1].alive:
        current[-1].stop()
    for one in current:
        one.engine.forget()


@pytest.fixture(scope="session")
def _shared_plain(tmp_path_factory):
    yield from _shared(tmp_path_factory, "plain")


@pytest.fixture(scope="session")
def _shared_tls(tmp_path_factory, certificates):
    yield from _shared(tmp_path_factory, "tls", certificates=certificates)


def _checked(get):
    one = get()
    yield one
    try:
        one.check()
    except DaemonFailed:
        if one.alive:
            one.kill()  # its report is told once; the next test gets a fresh daemon
        raise


@pytest.fixture
def daemon(_shared_plain):
    """The daemon that all tests share, over plain HTTP."""
    yield from _checked(_shared_plain)


@pytest.fixture
def tls_daemon(_shared_tls):
    """The daemon that all tests share, over TLS."""
    yield from _checked(_shared_tls)


def tenant_name(request):
    """Readable in logs, and unique."""
    text = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:30].strip("-")
    return f"{text}-{next(_numbers)}"


@pytest.fixture
def tenant(daemon, request):
    """A new, empty tenant of the shared daemon."""
    return Tenant(daemon, tenant_name(request))


@pytest.fixture
def scim(tenant) -> Client:
    """A client of a new, empty tenant, profile auto."""
    return tenant.client()


@pytest.fixture
def strict(tenant) -> Client:
    """A client of the same tenant with the profile strict."""
    return tenant.client(profile="strict")


@pytest.fixture(scope="module")
def library_tenant(_shared_plain, request):
    """A tenant that the tests of one file share."""
    return Tenant(_shared_plain(), f"library-{request.module.__name__.replace('_', '-')}")


@pytest.fixture(scope="module")
def library(library_tenant) -> Client:
    """A client of that tenant: fill it once and then only read, or give each test its own resource."""
    return library_tenant.client()


@pytest.fixture
def make_tenant(request):
    """make_tenant(daemon, name=None): a tenant of a daemon that the test started itself."""

    def make(one, name=None):
        return Tenant(one, name or tenant_name(request))

    return make


@pytest.fixture
def curl():
    """Runs the real curl with the words given; returns (status, body)."""

    def run(*words):
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "60", "--write-out", "\n%{http_code}",
             *map(str, words)],
            capture_output=True, text=True, check=False,
        )
        assert result.returncode == 0, f"curl ended with {result.returncode}: {result.stderr}"
        body, _, status = result.stdout.rpartition("\n")
        return int(status), body

    return run


def load(name):
    """A JSON document from tests/conversations/data/."""
    return json.loads((pathlib.Path(__file__).parent / "data" / name).read_text())
