"""What systemd-analyze says about the units, and what `cmake --install` puts where."""

import pathlib
import re
import shutil
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "conversations"))

from daemon import Daemon  # noqa: E402

BUILD = SOURCE / "build" / "dev"
EXPOSURE_MAX = 2.0  # of 10; systemd-analyze security

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The installed tree."""
    root = tmp_path_factory.mktemp("root")
    subprocess.run(
        ["cmake", "--install", BUILD, "--prefix", "/usr"],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DESTDIR": str(root)},
        check=True, capture_output=True,
    )
    return root


@pytest.mark.parametrize(
    "path",
    [
        "usr/sbin/scimd",
        "usr/bin/scimctl",
        "usr/lib/systemd/system/scimd.service",
        "usr/lib/systemd/system/scimd.socket",
        "usr/lib/sysusers.d/scimd.conf",
        "usr/lib/tmpfiles.d/scimd.conf",
        "etc/scimd/scimd.yaml",
        "usr/share/man/man8/scimd.8",
        "usr/share/man/man1/scimctl.1",
        "usr/share/man/man5/scimd.yaml.5",
        "usr/share/man/man5/scimd-source.5",
        "usr/share/man/man7/scimd-scim.7",
        "usr/share/doc/scimd/README.md",
    ],
)
def test_installed(root, path):
    assert (root / path).is_file()


@needs_systemd
@pytest.mark.parametrize("unit", ["scimd.service", "scimd.socket"])
def test_unit_is_understood(root, tmp_path, unit):
    """Every line means something to systemd; the program is taken from the build, since it is not
    installed here."""
    for name in ("scimd.service", "scimd.socket"):
        text = (root / "usr/lib/systemd/system" / name).read_text()
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={BUILD / 'scimd'}", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(text)
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit], capture_output=True, text=True
    )
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@needs_systemd
def test_service_is_confined(root):
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager",
         root / "usr/lib/systemd/system/scimd.service"],
        capture_output=True, text=True, check=True,
    )
    exposure = float(re.search(r"Overall exposure level for scimd\.service: ([\d.]+)", result.stdout)[1])
    assert exposure <= EXPOSURE_MAX


def test_installed_settings_start_the_daemon(root, tmp_path):
    """The example as it is installed, with certificates in place and nothing else: the first start.
    Only folders and the port are ours."""
    subprocess.run([SOURCE / "scripts" / "certificate", tmp_path], check=True, capture_output=True)
    one = Daemon(tmp_path, certificates=tmp_path, build=BUILD)
    text = (root / "etc/scimd/scimd.yaml").read_text()
    for ours, theirs in [
        (tmp_path / "data", "/var/lib/scimd"),
        (one.socket_path, "/run/scimd/admin.sock"),
        (tmp_path / "server.pem", "/etc/scimd/tls.crt"),
        (tmp_path / "server.key", "/etc/scimd/tls.key"),
        (f"port: {one.port}", "port: 8443"),
    ]:
        assert theirs in text
        text = text.replace(theirs, str(ours))
    one.config_path.write_text(text)
    one.start()
    one.stop()


def test_unit_starts_the_installed_program(root):
    unit = (root / "usr/lib/systemd/system/scimd.service").read_text()
    program = re.search(r"^ExecStart=(\S+)", unit, re.MULTILINE)[1]
    assert (root / program.lstrip("/")).is_file()


@needs_systemd
@pytest.mark.parametrize("tool, path", [
    ("systemd-sysusers", "usr/lib/sysusers.d/scimd.conf"),
    ("systemd-tmpfiles", "usr/lib/tmpfiles.d/scimd.conf"),
])
def test_users_and_folders_are_understood(root, tmp_path, tool, path):
    """Applied to an empty root: the user exists afterwards, and so do the folders."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    (tmp_path / "etc").mkdir()
    words = ["--create"] if tool == "systemd-tmpfiles" else []
    if tool == "systemd-tmpfiles":
        (tmp_path / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\nscimd:x:999:999::/:/bin/false\n")
        (tmp_path / "etc" / "group").write_text("root:x:0:\nscimd:x:999:\n")
    result = subprocess.run([tool, f"--root={tmp_path}", *words, root / path], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    if tool == "systemd-sysusers":
        assert "scimd:" in (tmp_path / "etc" / "passwd").read_text()
    else:
        assert (tmp_path / "var/lib/scimd").stat().st_mode & 0o777 == 0o700
