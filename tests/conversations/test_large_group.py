"""A group of 20,000 members: filled in batches, listed whole, changed one by one, in flat memory."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from people import found, make_group, make_user, path_of, read, references
from scimclient import BULK, USER, patch_op

MEMBERS = 20000
BATCH = 500
CLIENTS = 8
# A sanitizer keeps freed memory to catch its use; here its growth is watched.
MEASURED = {"ASAN_OPTIONS": "quarantine_size_mb=1:thread_local_quarantine_size_kb=16"}


class Large:
    """A daemon with one large group, that the tests of this file share."""

    def __init__(self, daemon, scim):
        self.daemon = daemon
        self.scim = scim
        with ThreadPoolExecutor(CLIENTS) as pool:  # together, they share commits
            batches = pool.map(self._create, (range(start, start + BATCH) for start in range(0, MEMBERS, BATCH)))
            self.users = [user for batch in batches for user in batch]
        self.group = make_group(scim, "Everybody")
        self.small = make_group(scim, "Ten", *self.users[:10])
        for start in range(0, MEMBERS, BATCH):
            batch = [{"value": one} for one in self.users[start:start + BATCH]]
            scim.patch(path_of(self.group), patch_op(op="add", path="members", value=batch)).expect(204)

    def _create(self, numbers):
        operations = [
            {"method": "POST", "path": "/Users", "bulkId": str(number),
             "data": {"schemas": [USER], "userName": f"user-{number}"}}
            for number in numbers
        ]
        answer = self.scim.post("/Bulk", {"schemas": [BULK], "Operations": operations}).expect(200).json
        assert {one["status"] for one in answer["Operations"]} == {"201"}
        return [one["location"].rpartition("/")[2] for one in answer["Operations"]]

    def change(self, op, user, group=None):
        operation = {"op": op, "path": "members", "value": references(user)}
        if op == "remove":
            operation = {"op": op, "path": f'members[value eq "{user}"]'}
        return self.scim.patch(path_of(group or self.group), patch_op(operation)).expect(204)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    from conftest import Tenant
    from daemon import Daemon

    one = Daemon(tmp_path_factory.mktemp("large"), environment=MEASURED).start()
    yield Large(one, Tenant(one, "large").client())
    one.stop()


def resident_kib(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def cpu_ticks(daemon):
    """Processor time that the daemon has used, in ticks of the kernel."""
    with open(f"/proc/{daemon.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_a_group_filled_in_batches_has_every_member(large):
    members = read(large.scim, large.group)["members"]
    assert len(members) == MEMBERS
    assert {one["value"] for one in members} == set(large.users)
    assert {one["type"] for one in members} == {"User"}
    assert {one["display"] for one in members} == {f"user-{number}" for number in range(MEMBERS)}


def test_a_member_is_added_and_removed_with_204_and_nothing_of_the_set(large):
    guest = make_user(large.scim, "guest")["id"]
    for op in ("add", "remove"):
        assert large.change(op, guest).content == b""
    assert large.scim.get("/Groups", filter=f'members eq "{guest}"', count=0).expect(200).json["totalResults"] == 0


def test_a_member_that_is_there_is_not_added_again(large):
    before = read(large.scim, large.group, attributes="meta")
    large.change("add", large.users[MEMBERS // 2])
    assert read(large.scim, large.group, attributes="meta") == before


def test_one_member_costs_in_a_large_group_what_it_costs_in_a_small_one(large):
    """Processor time of the daemon for 200 changes; reading the set each time would cost a hundred times more."""
    guest = make_user(large.scim, "visitor")["id"]

    def cost(group):
        begin = cpu_ticks(large.daemon)
        for _ in range(100):
            large.change("add", guest, group)
            large.change("remove", guest, group)
        return cpu_ticks(large.daemon) - begin

    cost(large.small)
    small, big = cost(large.small), cost(large.group)
    assert big < 2 * small + 10, f"{big} ticks in the large group, {small} in the small one"


def test_members_are_not_even_read_when_they_are_not_asked_for(large):
    """100 reads without members cost less than one with them."""
    begin = cpu_ticks(large.daemon)
    for number in range(100):
        parameters = [{"excludedAttributes": "members"}, {"attributes": "displayName"}][number % 2]
        assert "members" not in read(large.scim, large.group, **parameters)
    without = cpu_ticks(large.daemon) - begin
    begin = cpu_ticks(large.daemon)
    for _ in range(5):
        read(large.scim, large.group)
    assert without < cpu_ticks(large.daemon) - begin


def test_memory_stays_flat_while_the_group_is_listed_and_changed(large):
    def round_of_requests():
        read(large.scim, large.group)
        large.scim.get("/Groups").expect(200)
        for user in large.users[:20]:
            large.change("remove", user)
            large.change("add", user)
        return resident_kib(large.daemon)

    first = [round_of_requests() for _ in range(3)][-1]
    last = [round_of_requests() for _ in range(6)][-1]
    assert last < first * 1.1, f"{first} KiB became {last} KiB"


def test_the_group_is_found_by_any_of_its_members_and_its_members_by_the_group(large):
    for user in (large.users[0], large.users[-1]):
        condition = f'id eq "{large.group["id"]}" and members eq "{user}"'
        assert found(large.scim, "/Groups", condition, attributes="id") == {large.group["id"]}
    page = large.scim.get("/Users", filter=f'groups.value eq "{large.group["id"]}"', count=1).expect(200).json
    assert page["totalResults"] == MEMBERS


def test_a_group_of_the_group_makes_everybody_an_indirect_member(large):
    outer = make_group(large.scim, "Outer", large.group)
    kinds = {one["display"]: one["type"] for one in large.scim.get(f"/Users/{large.users[-1]}").expect(200).json["groups"]}
    assert kinds == {"Everybody": "direct", "Outer": "indirect"}
    large.scim.delete(path_of(outer)).expect(204)


def test_a_put_with_half_of_the_members_leaves_just_those(large):
    copy = make_group(large.scim, "Copy", *large.users[:6000])
    half = [{"value": one} for one in large.users[:6000:2]]
    body = {"schemas": copy["schemas"], "displayName": "Copy", "members": half}
    answer = large.scim.put(path_of(copy), body, excludedAttributes="members").expect(200).json
    assert "members" not in answer
    assert {one["value"] for one in read(large.scim, copy)["members"]} == set(large.users[:6000:2])
    large.scim.delete(path_of(copy)).expect(204)


def test_more_members_in_one_request_than_allowed_are_refused(start_daemon, make_tenant):
    one = start_daemon(settings={"limits": {"member_count": 100}})
    scim = make_tenant(one).client()
    group = make_group(scim, "G", *(f"id-{number}" for number in range(100)))
    too_many = [{"value": f"id-{number}"} for number in range(101)]
    for op in ("add", "replace"):
        scim.patch(path_of(group), patch_op(op=op, path="members", value=too_many)).expect(400, "invalidValue")
    scim.post("/Groups", {"schemas": group["schemas"], "displayName": "H", "members": too_many}).expect(400, "invalidValue")
