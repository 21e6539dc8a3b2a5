"""Finished domains under build/labs/ad, one for each size, made once and copied for each test.

A template's name holds a digest of all that decides its content; one that no longer matches is
removed when its successor is made.
"""

import contextlib
import fcntl
import hashlib
import pathlib
import shutil
import subprocess

import fill
import provision

HERE = pathlib.Path(__file__).resolve().parent
STORE = HERE.parent.parent.parent / "build" / "labs" / "ad"
_DECIDING = ("domain.py", "provision.py", "population.py", "fill.py")


def digest():
    hashed = hashlib.sha256()
    for name in _DECIDING:
        hashed.update((HERE / name).read_bytes())
    status = subprocess.run(
        ["dpkg-query", "--show", "samba-dsdb-modules"], capture_output=True, check=False
    )
    hashed.update(status.stdout)
    return hashed.hexdigest()[:12]


def copy_tree(source, target):
    """Copies with holes kept: the database is a sparse file of gigabytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    provision.run("cp", "-a", "--sparse=always", "--reflink=auto", f"{source}/.", target)


@contextlib.contextmanager
def _lock(size):
    STORE.mkdir(parents=True, exist_ok=True)
    with (STORE / f"{size}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(size):
    """The template with `size` people, made if it isn't there."""
    with _lock(size):
        return _find(size)


def _find(size):
    wanted = STORE / f"{size}-{digest()}"
    if wanted.exists():
        return wanted
    for old in STORE.glob(f"{size}-*"):
        shutil.rmtree(old)
    work = STORE / f"{size}-new"
    if size == 0:
        provision.provision(work)
    else:
        copy(0, work)
        provision.write_configuration(work, "127.0.0.1")
        fill.fill(work, size)
    work.rename(wanted)
    return wanted


def copy(size, target):
    """Copies the template with `size` people to `target`, an empty or new directory."""
    with _lock(size):
        copy_tree(_find(size), pathlib.Path(target))
