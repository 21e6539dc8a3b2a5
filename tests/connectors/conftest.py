"""Real sources for the connectors' tests."""

import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "labs" / "ad"))

from lab_fixtures import controller, make_controller  # noqa: E402, F401
