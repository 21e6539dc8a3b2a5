"""Drives connectors_pull, and keeps what a reader of its changes knows."""

import contextlib
import json
import os
import pathlib
import subprocess

import domain

ROOT = pathlib.Path(__file__).resolve().parents[2]
PULL = pathlib.Path(os.environ.get("SCIMD_BUILD", ROOT / "build" / "dev")) / "tests" / "connectors_pull"
WAIT_S = 120


class PullFailed(Exception):
    """The connector's own error; `code` is its name."""

    def __init__(self, line):
        super().__init__(f"{line['detail']} ({line['cause']})")
        self.code, self.detail = line["error"], line["detail"]


class Model:
    """What the changes add up to; as the engine does, by source ids and nothing else."""

    def __init__(self):
        self.users, self.groups, self.members, self._open = {}, {}, {}, {}

    def apply(self, line):
        objects = self.users if line["object"] == "user" else self.groups
        {"upsert": self._upsert, "delete": self._delete, "members": self._members}[line["kind"]](line, objects)

    def _upsert(self, line, objects):
        objects[line["id"]] = line["attributes"]

    def _delete(self, line, objects):
        """AD drops what pointed to a deleted object, and tells it of the deleted one only."""
        objects.pop(line["id"], None)
        for user in self.users.values():
            if user.get("manager") == [line["id"]]:
                del user["manager"]
        for members in self.members.values():
            members.discard(line["id"])
        if line["object"] == "group":
            self.members.pop(line["id"], None)

    def _members(self, line, _):
        added, removed = ({member for member, _ in line[way]} for way in ("added", "removed"))
        if line["form"] == "difference":
            self.members[line["id"]] = (self.members.get(line["id"], set()) | added) - removed
            return
        whole = self._open.pop(line["id"], set()) | added
        if line["more_follows"]:
            self._open[line["id"]] = whole
        else:
            self.members[line["id"]] = whole

    def as_oracle(self):
        known = self.users.keys() | self.groups.keys()
        assert not self._open, "a member set was never closed"
        return {
            "users": {guid: self._user(user) for guid, user in self.users.items()},
            "groups": {
                guid: {
                    "displayName": _first(group, "displayName") or _first(group, "cn"),
                    "members": sorted(self.members.get(guid, set()) & known),
                    "dn": _first(group, "distinguishedName"),
                } for guid, group in self.groups.items()
            },
        }

    def _user(self, user):
        manager = _first(user, "manager")
        return {
            "userName": _first(user, "userPrincipalName") or _first(user, "sAMAccountName"),
            "givenName": _first(user, "givenName"), "familyName": _first(user, "sn"),
            "displayName": _first(user, "displayName"), "title": _first(user, "title"),
            "department": _first(user, "department"), "organization": _first(user, "company"),
            "manager": manager if manager in self.users else None,
            "dn": _first(user, "distinguishedName"), "sid": _first(user, "objectSid"),
        }


def _first(attributes, name):
    values = attributes.get(name)
    return values[0] if values else None


class Source:
    """One source file and its cursor."""

    def __init__(self, controller, folder, settings, scope=None):
        self.controller, self.folder = controller, pathlib.Path(folder)
        self.settings = {"settings": settings, "scope": scope or {}}
        self.cursor = self.folder / "cursor"
        self.model = Model()
        self.pages = []
        self.extra_environment = {}

    def command(self, *words):
        (self.folder / "settings.json").write_text(json.dumps(self.settings))
        return [str(PULL), "ad", str(self.folder / "settings.json"), *words]

    @property
    def environment(self):
        return {**os.environ, **self.controller.environment, "ASAN_OPTIONS": "verify_asan_link_order=0",
                **self.extra_environment}

    def lines(self, *words):
        done = subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, timeout=WAIT_S, check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        for line in lines:
            if "error" in line:
                raise PullFailed(line)
        assert done.returncode == 0, done.stderr
        return lines

    def pull(self):
        """To the end; returns the changes."""
        full = not self.cursor.exists()
        lines = self.lines("--cursor", str(self.cursor))
        if full:
            self.model = Model()
        self.pages = [line for line in lines if "page" in line]
        changes = [line for line in lines if "kind" in line]
        for line in changes:
            self.model.apply(line)
        return changes

    @contextlib.contextmanager
    def step_by_step(self):
        """The pages' changes, each page pulled when it is asked for."""
        process = subprocess.Popen(
            self.command("--cursor", str(self.cursor), "--wait"), env=self.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

        def pages():
            changes = []
            for line in map(json.loads, process.stdout):
                if "error" in line:
                    raise PullFailed(line)
                if "kind" in line:
                    changes.append(line)
                if "page" in line:
                    yield changes
                    changes = []
                    if not line["caught_up"]:
                        process.stdin.write("\n")
                        process.stdin.flush()

        with process:
            yield pages()
            process.kill()

    def position(self):
        return json.loads(self.cursor.read_text())


def simple(controller, account="svc-dirsync", **settings):
    known = controller.account(account)
    return {
        "servers": [f"ldaps://{domain.SERVER}"], "ca_file": controller.facts()["ca_file"],
        "bind": {"method": "simple", "user": known["user"], "password": known["password"]}, **settings,
    }


def gssapi(controller, account="svc-dirsync", **settings):
    known = controller.account(account)
    return {
        "servers": [f"ldap://{domain.SERVER}"],
        "bind": {"method": "gssapi", "principal": known["principal"], "keytab": known["keytab"]}, **settings,
    }
