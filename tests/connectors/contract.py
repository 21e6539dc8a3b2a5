"""Drives connectors_contract, and says what a source has to offer to be held against the contract."""

import contextlib
import json
import os
import socket
import subprocess
import threading

from source import PULL, Model, PullFailed

CONTRACT = PULL.with_name("connectors_contract")
ANSWER_S = 120


class Row:
    """One connector and a source for it.  A new connector brings a class like this, and stands in SOURCES."""

    type = ""
    timeout_s = 3  # what a call may take with the settings of at()
    delta_page = 100  # a page of a delta has no more objects than this
    environment = {}

    def good(self):
        """{"settings": ..., "scope": ...} with pages so small that a full pass has many."""
        raise NotImplementedError

    def refused(self):
        """The same with a secret that the source refuses."""
        raise NotImplementedError

    def at(self, port):
        """The same for a server at 127.0.0.1:port, with a timeout of timeout_s."""
        raise NotImplementedError

    def narrower(self):
        """The same with another scope: cursors of good() mean nothing to it."""
        raise NotImplementedError

    def expected(self):
        """{"users": {id, ...}, "groups": {id: {members in scope}}} as the source has them now."""
        raise NotImplementedError

    def create_user(self):
        """Returns its id."""
        raise NotImplementedError

    def change_user(self, user):
        """Gives an attribute a value that it never had; returns both as they stand in a change."""
        raise NotImplementedError

    def delete_user(self, user):
        raise NotImplementedError

    def add_member(self, group, user):
        raise NotImplementedError

    def remove_member(self, group, user):
        raise NotImplementedError


class Driver:
    """The process; every answer is checked for what holds of all answers."""

    def __init__(self, row):
        self.process = subprocess.Popen(
            [CONTRACT, row.type], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **row.environment, "ASAN_OPTIONS": "verify_asan_link_order=0"},
        )

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        timer = threading.Timer(ANSWER_S, self.process.kill)
        timer.start()
        errors = self.process.stderr.read()
        status = self.process.wait()
        timer.cancel()
        self.process.stdout.close()
        self.process.stderr.close()
        # a leak, or something that was kept too long
        assert kind is not None or status == 0, errors

    def ask(self, *command):
        """The answer's lines but the last; PullFailed for an error."""
        self.process.stdin.write(json.dumps(command))
        self.process.stdin.flush()
        timer = threading.Timer(ANSWER_S, self.process.kill)
        timer.start()
        lines = []
        try:
            for line in map(json.loads, self.process.stdout):
                if "error" in line:
                    raise PullFailed(line)
                if "done" in line:
                    return lines
                lines.append(line)
        finally:
            timer.cancel()
        raise AssertionError(f"the connector ended: {self.process.stderr.read()}")

    def pull(self, session, cursor):
        """One page: its changes, and the line about it."""
        *changes, page = self.ask("pull", session, cursor)
        assert page["page"] == len(changes)
        assert page["next"] and page["users"] >= -1 and page["groups"] >= -1, page
        for change in changes:
            check(change)
        return changes, page

    def pass_(self, session, cursor="", between=None):
        """To the end: all changes, and the cursor behind them.  `between`: called between pages."""
        found, caught_up = [], False
        while not caught_up:
            changes, page = self.pull(session, cursor)
            found += changes
            cursor, caught_up = page["next"], page["caught_up"]
            if between and not caught_up:
                between()
        return found, cursor

    def fetch(self, session, kind, identity):
        changes = self.ask("fetch", session, kind, identity)
        for change in changes:
            check(change)
        return changes


def check(change):
    """What connector.h says of every change."""
    assert change["object"] in ("user", "group") and change["id"], change
    assert ("attributes" in change) == (change["kind"] == "upsert"), change
    assert ("form" in change) == (change["kind"] == "members"), change
    if change["kind"] == "upsert":
        for name, values in change["attributes"].items():
            assert name and isinstance(values, list), change
            assert all(isinstance(value, str) for value in values), change
    if change["kind"] == "members":
        assert change["object"] == "group"
        assert change["form"] == "difference" or not change["removed"], change
        assert change["form"] == "whole" or not change["more_follows"], change
        assert all(member for member, _ in change["added"] + change["removed"])


def model_of(changes, model=None):
    model = model or Model()
    for change in changes:
        model.apply(change)
    return model


def holds(model):
    """As Row.expected() has it."""
    known = model.users.keys() | model.groups.keys()
    assert not model._open, "a member set was never closed"
    return {
        "users": set(model.users),
        "groups": {group: model.members.get(group, set()) & known for group in model.groups},
    }


def meaning(changes):
    """Changes so that two pulls can be compared: order, and how they were cut into pages, don't matter."""
    def plain(change):
        return json.dumps({name: sorted(map(str, value)) if name in ("added", "removed") else value
                           for name, value in change.items()}, sort_keys=True)

    return sorted({plain(change) for change in changes})


@contextlib.contextmanager
def silent_server():
    """Takes connections and never says anything; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextlib.contextmanager
def dead_server():
    """A port where nobody listens, and nobody else will."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
