"""One scimd process of our own: its files, its start, its end.

Readiness comes over the socket of systemd's notify protocol, so nothing here sleeps or polls.  A
daemon that ends with anything but 0, or whose output shows a sanitizer's report, fails the test.
"""

import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time

from engine import engine_for
from scimclient import Client, UnixClient

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("SCIMD_BUILD", SOURCE / "build" / "dev")).resolve()
START_S = 60  # for a sanitized binary on a busy machine; readiness ends the wait
STOP_S = 60

SANITIZER_REPORT = re.compile(
    r"^.*(ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|Assertion .* failed).*$",
    re.MULTILINE,
)

running = []  # every daemon that is up: conftest shows their logs when a test fails


class DaemonFailed(AssertionError):
    """The daemon did something that no test may see."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def merge(base, changes):
    """A deep copy of `base` with `changes` laid over it; None as a value removes a key."""
    result = dict(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merge(result[key], value)
        else:
            result[key] = value
    return result


def sanitizer_options():
    suppressions = SOURCE / "tests" / "suppressions"
    return {
        "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
        "LSAN_OPTIONS": f"suppressions={suppressions / 'leak.txt'}:print_suppressions=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "TSAN_OPTIONS": f"suppressions={suppressions / 'thread.txt'}:halt_on_error=0:exitcode=66",
    }


class Daemon:
    """A scimd in `directory`; start() it, talk to it, stop() it.

    settings:     laid over the ones below, key by key, e.g. {"log": {"level": "debug"}}
    certificates: a folder with server.pem, server.key and ca.pem: serve TLS; None: plain HTTP
    environment:  more variables; the sanitizers' options are added to
    """

    def __init__(self, directory, settings=None, certificates=None, build=BUILD, environment=None):
        self.directory = pathlib.Path(directory)
        self.build = pathlib.Path(build).resolve()
        self.certificates = certificates
        self.socket_path = self.directory / "admin.sock"
        self.log_path = self.directory / "scimd.log"
        self.config_path = self.directory / "scimd.yaml"
        self.port = free_port()
        self.process = None
        (self.directory / "data").mkdir(mode=0o700, exist_ok=True)
        self.engine = engine_for(self.directory)
        self._settings = merge(self.engine.settings(), settings or {})
        self._environment = environment or {}
        self.write_settings()

    # -- files

    def settings(self):
        listener = {"address": "127.0.0.1", "port": self.port}
        if self.certificates is not None:
            listener["certificate"] = str(self.certificates / "server.pem")
            listener["key"] = str(self.certificates / "server.key")
        else:
            listener["plain"] = True
        base = {
            "state_directory": str(self.directory / "data"),
            "listen": listener,
            "admin": {"socket": str(self.socket_path)},
        }
        return merge(base, self._settings)

    def write_settings(self, **changes):
        """Writes scimd.yaml (JSON is YAML, too) with more changes laid over the settings."""
        self._settings = merge(self._settings, changes)
        self.config_path.write_text(json.dumps(self.settings(), indent=2) + "\n")

    @property
    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # -- life

    def start(self):
        """Returns when the daemon has said READY=1."""
        notify_path = self.directory / "notify.sock"
        notify_path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(notify_path))
            options = sanitizer_options()
            for name, value in self._environment.items():
                options[name] = f"{options[name]}:{value}" if name in options else value
            environment = {**os.environ, **options, "NOTIFY_SOCKET": str(notify_path)}
            with self.log_path.open("ab") as log:
                self.process = subprocess.Popen(
                    [self.build / "scimd", "--config", self.config_path],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=environment, cwd=self.directory,
                )
            running.append(self)
            self._wait_until_ready(notify)
        return self

    def _wait_until_ready(self, notify):
        deadline = time.monotonic() + START_S
        end = os.pidfd_open(self.process.pid)
        try:
            while True:
                left = deadline - time.monotonic()
                ready, _, _ = select.select([notify, end], [], [], max(left, 0))
                if notify in ready and b"READY=1" in notify.recv(4096).split(b"\n"):
                    return
                if end in ready:
                    self._ended()
                    raise DaemonFailed(f"scimd ended at start with {self.process.wait()}:\n{self.log}")
                if not ready:
                    self.kill()
                    raise DaemonFailed(f"scimd was not ready after {START_S} s:\n{self.log}")
        finally:
            os.close(end)

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def send_signal(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Asks for a graceful stop and checks how it went."""
        if self.process is None:
            return
        if self.alive:
            self.send_signal(number)
        try:
            status = self.process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise DaemonFailed(f"scimd did not stop within {STOP_S} s:\n{self.log}") from None
        self._ended()
        report = SANITIZER_REPORT.search(self.log)
        if status != 0 or report:
            raise DaemonFailed(f"scimd ended with {status}: {report and report.group(0)}\n{self.log}")

    def restart(self):
        self.stop()
        return self.start()

    def kill(self):
        """SIGKILL, as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._ended()

    def check(self):
        """Fails if the daemon has died or a sanitizer has spoken."""
        report = SANITIZER_REPORT.search(self.log)
        if report or not self.alive:
            raise DaemonFailed(f"scimd: {report.group(0) if report else 'died'}\n{self.log[-20000:]}")

    def _ended(self):
        if self in running:
            running.remove(self)

    # -- ways to talk to it

    @property
    def url(self):
        return f"{'https' if self.certificates is not None else 'http'}://127.0.0.1:{self.port}"

    def scim_url(self, tenant):
        return f"{self.url}/{tenant}/scim/v2"

    def client(self, tenant, token=None, **options):
        ca_file = str(self.certificates / "ca.pem") if self.certificates is not None else None
        return Client(self.scim_url(tenant), token, ca_file=ca_file, **options)

    @property
    def admin(self):
        """The admin socket: daemon.admin.get("/metrics").text."""
        return UnixClient(str(self.socket_path))

    def administer(self, method, path, body=None):
        """What scimctl does, without its process: administer("POST", "/tenants", {"name": "x"})."""
        answer = self.admin.request(method, f"/v1{path}", body, headers={"Content-Type": "application/json"})
        assert answer.status < 300, answer
        return answer.json if answer.content else None

    def ctl(self, *arguments, status=0, stdin=None):
        """Runs scimctl; fails unless it ends with `status`.  Returns its CompletedProcess."""
        command = [str(self.build / "scimctl"), "--socket", str(self.socket_path), *map(str, arguments)]
        result = subprocess.run(
            command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True, text=True, timeout=STOP_S, check=False,
            env={**os.environ, **sanitizer_options()},
        )
        if result.returncode != status or SANITIZER_REPORT.search(result.stderr):
            raise AssertionError(
                f"scimctl {' '.join(map(str, arguments))} ended with {result.returncode},"
                f" expected {status}\n{result.stdout}{result.stderr}"
            )
        return result

    def ctl_json(self, *arguments, **options):
        """Runs scimctl with --json and returns what it printed, parsed."""
        return json.loads(self.ctl(*arguments, "--json", **options).stdout)
