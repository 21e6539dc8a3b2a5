"""scimctl beside a daemon that we play: what it shows of a run while it goes on, and how it ends."""

import http.server
import json
import os
import pathlib
import pty
import re
import signal
import socketserver
import subprocess
import threading

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SCIMD_BUILD", SOURCE / "build" / "dev"))
STARTED = "2020-01-01T00:00:00.000Z"
HASH = "5f" * 32


def run(state, **more):
    counters = {"seen": 50000, "expected": 100000, "created": 3, "deactivated": 0} | more.pop("counters", {})
    return {
        "id": 12, "tenant": "acme", "source": "corp-ad", "kind": "full", "dryRun": False, "state": state, "started": STARTED,
        "ended": None, "counters": counters, "words": None, "hash": None, "summary": None, "askedBy": "uid 0", "decidedBy": None,
    } | more


PREVIEW = {"objects": [{
    "type": "User", "source_id": "7963f3c1", "attributes": {"mail": ["ada@x"], "street": ["One\r\nTwo \x1b[2J"], "cn": ["x" * 80]},
    "document": {"schemas": ["s"], "title": "Analyst"}, "problem": "userName: is missing",
}]}

HELD = run("held", words="would deactivate 120 of 400 users (allowed: 50)", hash=HASH, summary="0 created, 120 deactivated")


@pytest.fixture
def daemon(tmp_path):
    """daemon(*runs): an admin socket where run 12 is each of these in turn, and then the last; returns its path."""
    servers = []

    def start(*runs):
        left = list(runs)
        asked = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path.startswith("/v1/runs?"):
                    self.answer({"runs": [{"id": 11}]})
                elif self.path == "/v1/runs/12":
                    self.answer(left.pop(0) if len(left) > 1 else left[0])
                    asked.set()
                elif self.path.startswith("/v1/runs/12/plan?part="):
                    part = int(self.path.rpartition("=")[2])
                    self.answer({"run": 12, "hash": HASH, "summary": "s", "text": f"part {part}\n" if part < 3 else None})

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer(PREVIEW if self.path.endswith("/preview") else {"run": 12})

            def address_string(self):
                return "scimctl"

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        server = Server(str(tmp_path / "admin.sock"), Handler)
        server.asked = asked
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def scimctl(server, *words, status=0):
    result = subprocess.run([BUILD / "scimctl", "--socket", server.server_address, *words], capture_output=True, text=True, timeout=60)
    assert result.returncode == status, result
    return result


@pytest.mark.parametrize("command", [("resync", "acme/corp-ad"), ("run", "show", "12"), ("run", "approve", "12", "--plan", HASH)], ids=" ".join)
@pytest.mark.parametrize(
    "end, status, words",
    [(run("applied"), 0, "run 12 of acme/corp-ad is applied: 50,000 read, 3 created"),
     (run("failed", words="LDAP: cannot contact"), 1, "LDAP: cannot contact"),
     (run("cancelled"), 1, "is cancelled"),
     (run("rejected"), 1, "is rejected"),
     (HELD, 5, "is held")],
    ids=["applied", "failed", "cancelled", "rejected", "held"],
)
def test_how_a_run_ends_is_said_and_is_the_status(daemon, command, end, status, words):
    result = scimctl(daemon(run("running"), end), *command, "--follow", status=status)
    assert words in result.stdout


def test_a_held_run_says_why_and_what_to_type(daemon):
    text = scimctl(daemon(HELD), "resync", "acme/corp-ad", "--full", "--follow", status=5).stdout
    assert "120 of 400 users" in text and "0 created, 120 deactivated" in text
    assert "scimctl run plan 12\n" in text and f"scimctl run approve 12 --plan {HASH}\n" in text and "scimctl run reject 12\n" in text


def test_a_dry_run_that_is_held_says_that_nothing_was_written(daemon):
    assert "wrote nothing" in scimctl(daemon(HELD | {"dryRun": True}), "run", "show", "12", "--follow", status=5).stdout


def test_with_json_the_output_is_the_run_alone(daemon):
    result = scimctl(daemon(run("running"), HELD), "resync", "acme/corp-ad", "--follow", "--json", status=5)
    assert json.loads(result.stdout) == HELD


def test_a_preview_has_one_line_for_a_value(daemon):
    lines = scimctl(daemon(HELD), "source", "preview", "acme/corp-ad").stdout.splitlines()
    assert lines[:4] == [
        "User 7963f3c1",
        "  mail: ada@x" + " " * 41 + " | title: Analyst",
        "  street: One\\nTwo ?[2J",
        "  cn: " + "x" * 80,
    ]
    assert lines[4] == "  problem: userName: is missing" and "Nothing was stored" in lines[-1]


def test_a_plan_is_read_piece_by_piece(daemon):
    server = daemon(HELD)
    assert scimctl(server, "run", "plan", "12").stdout == "part 0\npart 1\npart 2\n"
    assert json.loads(scimctl(server, "run", "plan", "12", "--json").stdout) == {
        "run": 12, "hash": HASH, "summary": "s", "text": "part 0\npart 1\npart 2\n"}


@pytest.mark.parametrize(
    "expected, line",
    [(100000, r"run 12, full of corp-ad .*50 %  50,000 of 100,000"), (0, r"run 12, full of corp-ad  50,000 read")],
    ids=["of a total", "of nobody knows how many"],
)
def test_without_a_terminal_a_line_comes_now_and_then(daemon, expected, line):
    # 13 looks of half a second each: longer than from one line to the next
    result = scimctl(daemon(*[run("running", counters={"expected": expected})] * 13, run("applied")), "run", "show", "12", "--follow")
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and re.match(line, lines[0]) and "\r" not in result.stderr


def read_all(terminal):
    text = b""
    try:
        while chunk := os.read(terminal, 4096):
            text += chunk
    except OSError:  # so a terminal says that nobody is at its other end
        pass
    return text.decode()


def test_a_terminal_shows_a_bar(daemon):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BUILD / "scimctl", "--socket", daemon(run("running"), run("applied")).server_address, "run", "show", "12", "--follow"],
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True,
    )
    os.close(theirs)
    assert re.search(r"\r.*\[#+-+\]  50 %.*\x1b\[K", read_all(ours))
    os.close(ours)
    assert "is applied" in process.communicate()[0] and process.returncode == 0


def test_ctrl_c_ends_the_watching_and_says_how_to_look_again(daemon):
    server = daemon(run("running"))
    process = subprocess.Popen(
        [BUILD / "scimctl", "--socket", server.server_address, "resync", "acme/corp-ad", "--follow"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    assert server.asked.wait(60)
    process.send_signal(signal.SIGINT)
    out, words = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "" and "scimctl run show 12 --follow" in words
