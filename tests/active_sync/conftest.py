"""A daemon that pulls from a real domain controller."""

import pathlib
import sqlite3
import sys
import time

import pytest

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "labs" / "ad"))
sys.path.insert(0, str(TESTS / "conversations"))

import domain  # noqa: E402
from daemon import Daemon  # noqa: E402
from lab_fixtures import controller, make_controller  # noqa: E402, F401
from oracle import Oracle, Scope, differences, read_views  # noqa: E402

SETTLE_S = 60

SOURCE = """\
name: corp-ad
type: ad
schedule: never
full_schedule: never
settings:
  servers: [ldaps://{server}]
  ca_file: {ca_file}
  bind: {{method: simple, user: {user}, password: secret:corp-ad}}
  base: {base}
  delta: {delta}
  page_size: 50
scope: {{users: ["{staff}"], groups: ["{groups}"]}}
removal: {{action: {removal}}}
guard: {{percent: 50, count: 100000}}
"""


class Corp:
    """A daemon with a tenant "acme" and its source "corp-ad"."""

    def __init__(self, controller, folder, account="svc-dirsync", delta="auto", removal="delete", password=None,
                 paused=False, settings=None):
        self.controller = controller
        self.facts = controller.facts()
        self.daemon = Daemon(folder, settings, environment={**controller.environment, "ASAN_OPTIONS": "verify_asan_link_order=0"})
        self.folder = folder
        self.account = self.facts["accounts"][account]
        self.file = folder / "corp-ad.yaml"
        self.file.write_text(SOURCE.format(
            server=domain.SERVER, ca_file=self.facts["ca_file"], user=self.account["user"], base=domain.BASE,
            staff=domain.STAFF, groups=domain.GROUPS, delta=delta, removal=removal,
        ))
        self.daemon.start()
        self.daemon.ctl("tenant", "create", "acme")
        self.daemon.ctl("secret", "set", "acme", "corp-ad", stdin=password or self.account["password"])
        self.daemon.ctl("source", "apply", "acme", "-f", self.file, *(["--paused"] if paused else []))
        if not paused:  # a new source begins by itself
            self.wait_until_idle(1)

    def wait_until_idle(self, least=0):
        """Until `least` runs are there and none is under way."""
        deadline = time.monotonic() + SETTLE_S
        while time.monotonic() < deadline:
            runs = self.runs()
            if len(runs) >= least and all(run["state"] != "running" for run in runs):
                return
            time.sleep(0.1)
        raise AssertionError(f"a run does not end: {runs}\n{self.daemon.log[-4000:]}")

    def resync(self, *options, status=0):
        return self.daemon.ctl("resync", "acme/corp-ad", "--follow", *options, status=status).stdout

    def runs(self):
        return self.daemon.ctl_json("run", "list")["runs"]

    def content(self):
        """What the vendor's application sees."""
        with sqlite3.connect(self.folder / "data" / "tenants" / "acme.db") as connection:
            return read_views(connection.cursor())

    def change_count(self):
        """Rows of the change log, also those that the sealer has not come to."""
        with sqlite3.connect(self.folder / "data" / "tenants" / "acme.db") as connection:
            return connection.execute("SELECT COUNT(*) FROM scimd_change").fetchone()[0]

    def expected(self):
        return Oracle(self.controller.database(), Scope(users=[domain.STAFF], groups=[domain.GROUPS])).read()

    def assert_equal(self):
        assert differences(self.expected(), self.content()) == []


@pytest.fixture
def corp(tmp_path):
    """corp(controller, ...): stopped, and its sanitizers heard, at the end of the test."""
    made = []

    def make(controller, **options):
        folder = tmp_path / f"corp-{len(made)}"
        folder.mkdir()
        made.append(Corp(controller, folder, **options))
        return made[-1]

    yield make
    for one in made:
        one.daemon.stop()
