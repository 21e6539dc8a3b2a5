"""The manual names what there is: commands, tolerances, settings; and its pages are well-formed."""

import pathlib
import re
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = SOURCE / "build" / "dev"
SETTINGS_PAGE = BUILD / "man" / "scimd.yaml.5"
SOURCE_PAGE = BUILD / "man" / "scimd-source.5"
PAGES = [*sorted((SOURCE / "docs" / "man").glob("*.[0-9]")), SETTINGS_PAGE, SOURCE_PAGE]


def plain(path):
    """The text of a page without its macros' spelling."""
    return path.read_text().replace("\\-", "-").replace("Fl -", "--")


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_is_well_formed(page):
    result = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
    assert result.stdout + result.stderr == ""


def test_every_command_has_its_place():
    printed = subprocess.run([BUILD / "scimctl", "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  scimctl ([a-z]+)( [a-z]+)?", printed, re.MULTILINE)
    page = plain(SOURCE / "docs" / "man" / "scimctl.1")
    assert commands
    missing = [noun + verb for noun, verb in commands if not re.search(rf"\.It Ic {noun}\b.*{verb.strip()}\b", page)]
    assert missing == []


def test_every_option_has_its_place():
    source = (SOURCE / "scimd" / "ctl" / "invocation.c").read_text()
    options = re.findall(r'^    \{"([a-z-]+)",', source, re.MULTILINE)
    page = plain(SOURCE / "docs" / "man" / "scimctl.1")
    assert options
    assert [option for option in options if f"--{option}" not in page] == []


def test_every_tolerance_has_its_place():
    source = (SOURCE / "scimd" / "scim" / "tolerance.c").read_text()
    names = re.findall(r'\[TOLERANCE_[A-Z_]+\] = \{"([a-z-]+)"', source)
    page = plain(SOURCE / "docs" / "man" / "scimd-scim.7")
    assert names
    assert [name for name in names if f".It Sy {name}\n" not in page] == []


def test_every_setting_has_its_place():
    printed = subprocess.run([BUILD / "scimd", "--help-settings"], capture_output=True, text=True, check=True)
    names = re.findall(r"^  ([a-z_.]+)$", printed.stdout, re.MULTILINE)
    page = plain(SETTINGS_PAGE)
    assert names
    assert [name for name in names if f".B {name}\n" not in page] == []


def test_every_setting_of_a_source_has_its_place():
    text = "".join(path.read_text() for path in (SOURCE / "connectors").glob("*/*.c"))
    names = re.findall(r'\.name = "((?:settings|scope)\.[a-z_.]+)"', text)
    page = plain(SOURCE_PAGE)
    assert names
    assert [name for name in names if f".B {name}\n" not in page] == []


@pytest.mark.parametrize("file, pattern", [("source_file.c", r'^    \{"([a-z_]+)",'), ("transform.c", r'^    \{"([a-z_]+)",')])
def test_every_key_and_step_of_a_source_file_has_its_place(file, pattern):
    names = re.findall(pattern, (SOURCE / "scimd" / "sync" / file).read_text(), re.MULTILINE)
    page = plain(SOURCE_PAGE)
    assert names
    assert [name for name in names if not re.search(rf"^\.BR? .*\b{name}\b", page, re.MULTILINE)] == []
