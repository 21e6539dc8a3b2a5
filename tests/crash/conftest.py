"""The daemon and its client come from the conversations."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conversations"))
