"""`make run` as a stranger types it: started, tried with the line it prints, stopped with Ctrl-C."""

import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import threading

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
START_S = 300  # may build first
STOP_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run:
    """One `make run`, as a terminal sees it: its lines, and Ctrl-C for its whole process group."""

    def __init__(self, **variables):
        words = [f"{name}={value}" for name, value in variables.items()]
        self.process = subprocess.Popen(
            ["make", "--no-print-directory", "-C", SOURCE, "run", *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1,
            start_new_session=True,
        )
        self.lines = []
        self._coming = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._coming.put(line)
        self._coming.put(None)

    def until(self, start):
        """Reads lines until one that begins so, and returns its rest."""
        while True:
            line = self._coming.get(timeout=START_S)
            if line is None:
                raise AssertionError(f"no line {start!r} in:\n{''.join(self.lines)}")
            self.lines.append(line)
            if line.startswith(start):
                return line.removeprefix(start).rstrip("\n")

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)
        return self.end()

    def end(self):
        """Waits for the end, and returns the lines that were not read before."""
        self.process.wait(timeout=START_S)
        self._reader.join()
        rest = []
        while not self._coming.empty():
            rest.append(self._coming.get() or "")
        return "".join(rest)

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=STOP_S)
        except ProcessLookupError:
            pass


@pytest.fixture
def make_run():
    runs = []

    def start(**variables):
        runs.append(Run(**variables))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.kill()


def shell(line):
    result = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_run_tells_all_and_keeps_the_data(make_run, tmp_path):
    folder = tmp_path / "blanks, 'quotes': more"
    port = free_port()
    run = make_run(DIR=folder, PORT=port)
    url = run.until("SCIM URL: ")
    token = run.until("Token: ")
    admin = run.until("Admin socket: ")
    curl = "curl " + run.until("curl ")

    assert url == f"https://127.0.0.1:{port}/demo/scim/v2"
    assert token.startswith("scimd_")
    assert pathlib.Path(admin).is_socket()
    assert json.loads(shell(curl))["totalResults"] == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "demo.token").stat().st_mode & 0o777 == 0o600

    ada = json.dumps({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada"})
    shell(f"{curl} --fail --request POST --header 'Content-Type: application/scim+json' --data '{ada}'")
    assert run.interrupt().splitlines()[-1] == f"Stopped. The data stays in {folder}"

    run = make_run(DIR=folder, PORT=port)
    assert run.until("Token: ") == token
    curl = "curl " + run.until("curl ")
    assert json.loads(shell(curl))["Resources"][0]["userName"] == "ada"
    run.interrupt()


def test_run_makes_another_token_when_the_kept_one_is_worthless(make_run, tmp_path):
    run = make_run(DIR=tmp_path, PORT=free_port(), PLAIN=1)
    token = run.until("Token: ")
    run.until("curl ")
    run.interrupt()
    (tmp_path / "demo.token").write_text("scimd_aaaaaaaaaaaa_worthless\n")

    run = make_run(DIR=tmp_path, PORT=free_port(), PLAIN=1)
    assert run.until("Token: ") not in (token, "scimd_aaaaaaaaaaaa_worthless")
    shell("curl --fail " + run.until("curl "))
    run.interrupt()


def test_run_plain(make_run, tmp_path):
    port = free_port()
    run = make_run(DIR=tmp_path, PORT=port, PLAIN=1)
    assert run.until("SCIM URL: ") == f"http://127.0.0.1:{port}/demo/scim/v2"
    assert json.loads(shell("curl " + run.until("curl ")))["totalResults"] == 0
    assert run.interrupt().splitlines()[-1].startswith("Stopped.")


def test_run_in_a_folder_too_deep_for_a_socket(make_run, tmp_path):
    """A Unix socket's path has 107 bytes at most: it goes elsewhere, and is gone afterwards."""
    run = make_run(DIR=tmp_path / ("deep" * 25), PORT=free_port(), PLAIN=1)
    admin = pathlib.Path(run.until("Admin socket: "))
    assert admin.is_socket()
    shell("curl --fail " + run.until("curl "))
    run.interrupt()
    assert not admin.parent.exists()


def test_run_names_a_port_in_use(make_run, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = make_run(DIR=tmp_path, PORT=port)
        said = run.end()
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert run.process.returncode != 0


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8443 "])
def test_run_refuses_a_bad_port(make_run, tmp_path, port):
    run = make_run(DIR=tmp_path, PORT=port)
    assert f"PORT={port}: not a port (1-65535)" in run.end()
    assert run.process.returncode != 0


def test_run_says_what_the_daemon_said(make_run, tmp_path):
    """A folder that cannot be a data folder: one clear line, and the reason."""
    (tmp_path / "data").write_text("a file in the way")
    run = make_run(DIR=tmp_path, PORT=free_port(), PLAIN=1)
    said = run.end()
    assert run.process.returncode != 0
    assert "data" in said.splitlines()[-2] or "data" in said.splitlines()[-1], said
