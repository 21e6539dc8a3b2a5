"""Makes the lab's modules and its controllers available to tests here; others import lab_fixtures."""

from lab_fixtures import controller, make_controller  # noqa: F401
