"""scripts/dependencies on machines that lack something, played by a PATH of small programs."""

import pathlib
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["sh", "bash", "env", "grep", "cat", "tail", "mktemp", "rm", "printf", "touch"]


@pytest.fixture
def machine(tmp_path):
    """machine(name=script, ...): a PATH with the tools above and these programs; runs the script."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(f"/usr/bin/{tool}")

    def run(*purposes, **programs):
        for name, script in programs.items():
            path = folder / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        return subprocess.run(
            ["/bin/sh", SOURCE / "scripts" / "dependencies", *purposes],
            env={"PATH": str(folder), "STATE": str(tmp_path)}, capture_output=True, text=True,
        )

    return run


NOTHING = "exit 1"
ALL = 'shift 3; for name; do echo "installed $name"; done'
ALL_BUT_CURL = 'shift 3; for name; do [ "$name" = curl ] || echo "installed $name"; done; exit 1'
ROOT = "echo 0"
USER = "echo 1000"


def test_nothing_missing_says_nothing(machine):
    result = machine("run", "test", dpkg_query=ALL, id=USER)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_without_rights_one_line_names_the_packages(machine):
    result = machine("run", dpkg_query=ALL_BUT_CURL, id=USER, apt_get=NOTHING)
    assert result.returncode != 0
    assert len((result.stdout + result.stderr).splitlines()) == 1
    assert result.stderr.endswith("apt-get install curl\n")


def test_without_apt_one_line_names_the_packages(machine):
    result = machine("run", dpkg_query=ALL_BUT_CURL, id=ROOT)
    assert result.returncode != 0
    assert result.stderr.endswith("apt-get install curl\n")


def test_without_dpkg_one_line_names_the_packages(machine):
    result = machine("build", id=ROOT)
    assert result.returncode != 0
    assert len(result.stderr.splitlines()) == 1
    assert "libmicrohttpd-dev" in result.stderr


def test_root_installs_only_what_is_missing(machine, tmp_path):
    result = machine("run", dpkg_query=ALL_BUT_CURL, id=ROOT, apt_get='echo "$@" >>"$STATE/said"')
    assert result.returncode == 0
    said = (tmp_path / "said").read_text().splitlines()
    assert said == ["install --yes --no-install-recommends --option Dpkg::Options::=--force-confold curl"]


def test_a_fresh_machine_fetches_the_lists_first(machine, tmp_path):
    script = """echo "$1" >>"$STATE/said"
    case $1 in update) touch "$STATE/lists" ;; install) [ -e "$STATE/lists" ] ;; esac"""
    result = machine("run", dpkg_query=ALL_BUT_CURL, id=ROOT, apt_get=script)
    assert result.returncode == 0
    assert (tmp_path / "said").read_text().split() == ["install", "update", "install"]


def test_a_failing_installation_shows_why(machine):
    result = machine("run", dpkg_query=ALL_BUT_CURL, id=ROOT, apt_get="echo no route to mirror; exit 100")
    assert result.returncode != 0
    assert "no route to mirror" in result.stderr
    assert "Could not install curl" in result.stderr


def test_sudo_that_asks_nothing_is_used(machine, tmp_path):
    result = machine(
        "run", dpkg_query=ALL_BUT_CURL, id=USER, sudo='shift; "$@"', true="exit 0",
        apt_get='echo "$@" >>"$STATE/said"',
    )
    assert result.returncode == 0
    assert "curl" in (tmp_path / "said").read_text()


def test_an_unknown_purpose_is_refused(machine):
    assert machine("everything", dpkg_query=ALL, id=ROOT).returncode == 2


def test_no_server_is_started_for_the_sake_of_tests(machine, tmp_path):
    said = tmp_path / "said"
    script = 'shift 3; for name; do [ "$name" = postgresql ] || echo "installed $name"; done; exit 1'
    result = machine("test", dpkg_query=script, id="echo 1000", apt_get='echo "$@" >>"$STATE/said"',
                     sudo='shift; [ "$1" = true ] && exit 0; [ "$2" = sh ] && echo "$4" >>"$STATE/shell" && exit 0; shift; exec env "$@"')
    assert result.returncode == 0, result.stderr
    assert said.read_text().endswith(" postgresql\n")
