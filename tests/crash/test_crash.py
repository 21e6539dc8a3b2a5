"""The daemon is killed with SIGKILL under load, again and again, over one database.

What was acknowledged is there afterwards, nothing is there by half, and the change log has neither gap nor double."""

import http.client
import json
import random
import threading

import pytest

from daemon import Daemon
from scimclient import GROUP, USER, Client, patch_op

KILLS = 50
CLIENTS = 6
KILL_AFTER_ANSWERS = (5, 60)  # a kill comes after a random number of answers in this range
SEED = 20260101


class Model:
    """What clients were told, and what they asked for without an answer."""

    def __init__(self):
        self.lock = threading.Lock()
        self.users = {}  # id -> (title, active), as last acknowledged
        self.pending = {}  # id -> states that an unanswered request may have led to
        self.members = set()  # acknowledged
        self.maybe_members = set()  # asked for, not answered
        self.maybe_users = set()  # userNames of creations without an answer
        self.answers = 0


class Worker(threading.Thread):
    """One client: creates, patches, and adds members until its connection dies."""

    def __init__(self, url, token, group, model, number, seed, enough):
        super().__init__(daemon=True)
        self.client = Client(url, token)
        self.group, self.model, self.number, self.enough = group, model, number, enough
        self.random = random.Random(seed)
        self.failure = None

    def run(self):
        try:
            while True:
                self.random.choice([self.create, self.patch, self.add_member])()
                with self.model.lock:
                    self.model.answers += 1
                    if self.model.answers >= self.enough:
                        self.model.reached.set()
        except (OSError, http.client.HTTPException):
            return  # the daemon is gone: what we were told until now is what counts
        except BaseException as failure:  # pylint: disable=broad-except
            self.failure = failure
            self.model.reached.set()

    def create(self):
        name = f"user-{self.number}-{self.random.getrandbits(48):x}"
        with self.model.lock:
            self.model.maybe_users.add(name)
        body = {"schemas": [USER], "userName": name, "title": "new", "active": True,
                "emails": [{"value": f"{name}@corp.example", "type": "work"}, {"value": f"{name}@home.example"}]}
        user = self.client.post("/Users", body).expect(201).json
        with self.model.lock:
            self.model.maybe_users.discard(name)
            self.model.users[user["id"]] = ("new", True)

    def own(self):
        """A user of this worker's: nobody else changes it."""
        with self.model.lock:
            mine = [i for i in self.model.users if hash(i) % CLIENTS == self.number and i not in self.model.pending]
        return self.random.choice(mine) if mine else None

    def patch(self):
        chosen = self.own()
        if chosen is None:
            return
        state = (f"title-{self.random.getrandbits(32):x}", self.random.random() < 0.5)
        with self.model.lock:
            self.model.pending[chosen] = state
        self.client.patch(f"/Users/{chosen}", patch_op(
            {"op": "replace", "path": "title", "value": state[0]},
            {"op": "replace", "path": "active", "value": state[1]})).expect(200)
        with self.model.lock:
            self.model.users[chosen] = self.model.pending.pop(chosen)

    def add_member(self):
        chosen = self.own()
        if chosen is None:
            return
        with self.model.lock:
            self.model.maybe_members.add(chosen)
        self.client.patch(f"/Groups/{self.group}",
                          patch_op(op="add", path="members", value=[{"value": chosen}])).expect(204)
        with self.model.lock:
            self.model.members.add(chosen)


@pytest.fixture(name="place")
def fixture_place(tmp_path):
    daemon = Daemon(tmp_path).start()
    yield daemon
    if daemon.alive:
        daemon.stop()


def load_until_killed(daemon, token, group, model, seed):
    pick = random.Random(seed)
    model.reached = threading.Event()
    model.answers = 0
    enough = pick.randint(*KILL_AFTER_ANSWERS)
    workers = [Worker(daemon.scim_url("crash"), token, group, model, number, seed * CLIENTS + number, enough)
               for number in range(CLIENTS)]
    for worker in workers:
        worker.start()
    assert model.reached.wait(60), "no answers"
    daemon.kill()
    for worker in workers:
        worker.join(60)
        if worker.failure:
            raise worker.failure


def check(scim, group, model, position, log):
    """Compares all there is with what clients were told; then the model takes over what is there."""
    found = {user["id"]: user for user in scim.all("/Users", count=1000)}
    for known, state in model.users.items():
        assert known in found, f"acknowledged user {known} is gone"
        now = (found[known]["title"], found[known]["active"])
        assert now in (state, model.pending.get(known)), f"user {known}: {now}, acknowledged {state}"
        assert len(found[known]["emails"]) == 2, f"user {known} is there by half"
    for known, user in found.items():
        assert known in model.users or user["userName"] in model.maybe_users, f"nobody asked for {known}"
    members = {m["value"] for m in scim.get(f"/Groups/{group}").expect(200).json.get("members", [])}
    assert model.members <= members, "an acknowledged member is gone"
    assert members <= model.members | model.maybe_members, "a member nobody asked for"
    check_filters(scim, found)
    changes = log(position)
    assert [change["position"] for change in changes] == list(range(position + 1, position + 1 + len(changes)))
    model.users = {known: (user["title"], user["active"]) for known, user in found.items()}
    model.members, model.maybe_members = set(members), set(members)
    model.pending, model.maybe_users = {}, set()
    return position + len(changes)


def check_filters(scim, found):
    """The index rows say what the documents say: a sample by every key, and both states counted."""
    for active in (True, False):
        answer = scim.get("/Users", filter=f"active eq {str(active).lower()}", count=0).expect(200).json
        assert answer["totalResults"] == sum(user["active"] is active for user in found.values())
    for known in list(found)[-5:]:
        for text in (f'userName eq "{found[known]["userName"]}"', f'title eq "{found[known]["title"]}" and id eq "{known}"',
                     f'emails.value eq "{found[known]["userName"]}@home.example"'):
            answer = scim.get("/Users", filter=text).expect(200).json
            assert [user["id"] for user in answer["Resources"]] == [known], text


def test_nothing_acknowledged_is_lost_and_nothing_is_there_by_half(place):
    place.ctl("tenant", "create", "crash")
    token = place.ctl_json("token", "create", "crash")["token"]
    scim = place.client("crash", token)
    group = scim.post("/Groups", {"schemas": [GROUP], "displayName": "crash"}).expect(201).json["id"]
    model, position = Model(), 0

    def log(after):
        lines = place.ctl("log", "crash", "--after", after, "--json").stdout.splitlines()
        return [json.loads(line) for line in lines]

    print(f"seed {SEED}")
    for kill in range(KILLS):
        load_until_killed(place, token, group, model, SEED + kill)
        place.start()
        position = check(place.client("crash", token), group, model, position, log)
    assert position > KILLS
