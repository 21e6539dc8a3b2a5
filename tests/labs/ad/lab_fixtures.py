"""Fixtures for tests with a domain controller.  A folder's conftest.py imports the names it wants:

    sys.path.insert(0, ".../tests/labs/ad")
    from lab_fixtures import controller, make_controller
"""

import itertools
import pathlib
import shutil
import tempfile

import pytest

from controller import Controller

SIZE = 200


@pytest.fixture
def make_controller():
    """make_controller(size=..., strong_auth=...): a started controller of the test's own."""
    started = []
    # not tmp_path: Samba's sockets want a short one
    folder = pathlib.Path(tempfile.mkdtemp(prefix="scimd-ad-"))
    numbers = itertools.count(1)

    def make(size=SIZE, start=True, **options):
        one = Controller.make(folder / str(next(numbers)), size, **options)
        started.append(one)
        return one.start() if start else one

    yield make
    for one in started:
        one.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def controller():
    """A running controller that the tests of one file share."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="scimd-ad-"))
    with Controller.make(folder / "1", SIZE) as one:
        yield one
    shutil.rmtree(folder)
