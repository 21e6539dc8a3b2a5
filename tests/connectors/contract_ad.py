"""Active Directory for the contract test: the lab's controller, by each way to find changes."""

import functools
import itertools

import changes
import domain
from contract import Row
from oracle import Oracle, Scope
from source import simple

_numbers = itertools.count(1)


class Ad(Row):
    type = "ad"

    def __init__(self, controller, delta):
        self.controller, self.delta = controller, delta
        self.environment = controller.environment

    @functools.cached_property
    def database(self):
        return self.controller.database()

    def _settings(self, scope=None, **settings):
        scope = scope or {"users": [domain.STAFF], "groups": [domain.GROUPS]}
        return {"settings": simple(self.controller, delta=self.delta, page_size=50, range_size=40, **settings),
                "scope": scope}

    def good(self):
        return self._settings()

    def refused(self):
        return self._settings(bind={"method": "simple", "user": "svc-dirsync@lab.example", "password": "no"})

    def at(self, port):
        return self._settings(servers=[f"ldaps://127.0.0.1:{port}"], timeout=self.timeout_s - 1)

    def narrower(self):
        return self._settings({"users": [f"OU=Berlin,{domain.STAFF}"], "groups": [domain.GROUPS]})

    def expected(self):
        found = Oracle(self.database, Scope(users=[domain.STAFF], groups=[domain.GROUPS])).read()
        return {"users": set(found["users"]),
                "groups": {guid: set(group["members"]) for guid, group in found["groups"].items()}}

    def create_user(self):
        return changes.create(self.database, f"contract{next(_numbers)}")[0]

    def change_user(self, user):
        value = f"Value {next(_numbers)}"
        changes.change(self.database, f"<GUID={user}>", "title", value)
        return "title", value

    def delete_user(self, user):
        changes.delete(self.database, f"<GUID={user}>")

    def add_member(self, group, user):
        changes.add_members(self.database, f"<GUID={group}>", f"<GUID={user}>")

    def remove_member(self, group, user):
        changes.remove_members(self.database, f"<GUID={group}>", f"<GUID={user}>")
