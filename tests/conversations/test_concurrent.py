"""Many clients at once lose nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from people import found, ids_of, make_group, make_user, member_ids, memberships, path_of, read, references
from scimclient import GROUP, USER, patch_op

pytestmark = pytest.mark.threads

CLIENTS = 16
PATCHES = 1000


@pytest.fixture
def together(scim):
    """together(work, items): runs work(item) for all items in CLIENTS threads that start at once;
    returns the results in the order of the items."""

    def run(work, items):
        items = list(items)
        barrier = threading.Barrier(min(CLIENTS, len(items)))
        shares = [items[number::CLIENTS] for number in range(min(CLIENTS, len(items)))]

        def share(mine):
            barrier.wait()
            try:
                return [work(item) for item in mine]
            finally:
                scim.close()

        with ThreadPoolExecutor(len(shares)) as pool:
            done = list(pool.map(share, shares))
        return [done[index % CLIENTS][index // CLIENTS] for index in range(len(items))]

    return run


def statuses(answers):
    return sorted(answer.status for answer in answers)


def test_a_thousand_one_member_patches_by_16_clients_lose_nothing(scim, together):
    group = make_group(scim, "G")
    users = together(lambda number: make_user(scim, f"user-{number}"), range(PATCHES))
    together(
        lambda user: scim.patch(
            path_of(group), patch_op(op="add", path="members", value=references(user))
        ).expect(204),
        users,
    )
    assert member_ids(scim, group) == ids_of(*users)
    assert read(scim, group, attributes="meta")["meta"]["version"] == f'W/"{PATCHES + 1}"'


def test_members_added_and_removed_at_once_end_as_they_should(scim, together):
    leaving = [make_user(scim, f"leaving-{number}") for number in range(60)]
    coming = [make_user(scim, f"coming-{number}") for number in range(60)]
    group = make_group(scim, "G", *leaving)
    operations = [{"op": "add", "path": "members", "value": references(one)} for one in coming]
    operations += [{"op": "remove", "path": f'members[value eq "{one["id"]}"]'} for one in leaving]
    together(lambda operation: scim.patch(path_of(group), patch_op(operation)).expect(204), operations)
    assert member_ids(scim, group) == ids_of(*coming)


def test_the_same_member_added_by_all_is_there_once(scim, together):
    ada = make_user(scim, "ada")
    group = make_group(scim, "G")
    add = patch_op(op="add", path="members", value=references(ada))
    together(lambda _: scim.patch(path_of(group), add).expect(204), range(4 * CLIENTS))
    assert member_ids(scim, group) == ids_of(ada)
    assert read(scim, group)["meta"]["version"] == 'W/"2"'


def test_of_concurrent_puts_with_if_match_exactly_one_wins(scim, together):
    ada = make_user(scim, "ada")

    def rename(number):
        body = {"schemas": [USER], "userName": "ada", "title": str(number)}
        return scim.put(path_of(ada), body, headers={"If-Match": ada["meta"]["version"]})

    answers = together(rename, range(CLIENTS))
    assert statuses(answers) == [200] + [412] * (CLIENTS - 1)
    winner = next(number for number, answer in enumerate(answers) if answer.status == 200)
    assert read(scim, ada)["title"] == str(winner)


def test_of_concurrent_deletions_exactly_one_is_204(scim, together):
    ada = make_user(scim, "ada")
    answers = together(lambda _: scim.delete(path_of(ada)), range(CLIENTS))
    assert statuses(answers) == [204] + [404] * (CLIENTS - 1)


def test_of_concurrent_creations_of_one_name_exactly_one_is_201(scim, together):
    answers = together(
        lambda number: scim.post("/Users", {"schemas": [USER], "userName": ["Ada", "ADA", "ada"][number % 3]}),
        range(CLIENTS),
    )
    assert statuses(answers) == [201] + [409] * (CLIENTS - 1)
    assert len(found(scim, "/Users", 'userName eq "ada"')) == 1


def test_concurrent_patches_of_different_attributes_of_one_user_lose_nothing(scim, together):
    ada = make_user(scim, "ada")
    names = ["title", "nickName", "displayName", "locale", "timezone", "preferredLanguage", "userType", "externalId"]
    together(
        lambda name: scim.patch(path_of(ada), patch_op(op="add", path=name, value="en-GB")).expect(200), names
    )
    after = read(scim, ada)
    assert [name for name in names if after.get(name) != "en-GB"] == []


def test_every_version_is_answered_once(scim, together):
    ada = make_user(scim, "ada")
    answers = together(
        lambda number: scim.patch(path_of(ada), patch_op(op="replace", path="title", value=str(number))).expect(200),
        range(100),
    )
    versions = {answer.headers["ETag"] for answer in answers}
    assert versions == {f'W/"{number}"' for number in range(2, 102)}
    for number, answer in enumerate(answers):
        assert answer.json["title"] == str(number) and answer.json["meta"]["version"] == answer.headers["ETag"]


def test_a_member_deleted_while_it_is_added_leaves_no_trace(scim, together):
    users = [make_user(scim, f"user-{number}") for number in range(60)]
    group = make_group(scim, "G")

    def add(user):
        return scim.patch(path_of(group), patch_op(op="add", path="members", value=references(user))).expect(204)

    def delete(user):
        return scim.delete(path_of(user)).expect(204)

    together(lambda work: work[0](work[1]), [(do, user) for user in users for do in (add, delete)])
    assert member_ids(scim, group) == set()
    assert scim.get("/Users", count=0).expect(200).json["totalResults"] == 0


def test_readers_see_whole_resources_only(scim, together):
    """A PUT changes two attributes and the members together: nobody sees one without the other."""
    users = [make_user(scim, f"user-{number}") for number in range(2)]
    group = make_group(scim, "0", users[0], externalId="0")

    def work(number):
        if number % 2 == 0:
            which = number // 2 % 2
            body = {"schemas": [GROUP], "displayName": str(which), "externalId": str(which),
                    "members": references(users[which])}
            return scim.put(path_of(group), body).expect(200).json
        return read(scim, group)

    for answer in together(work, range(200)):
        which = int(answer["displayName"])
        assert answer["externalId"] == str(which)
        assert [one["value"] for one in answer["members"]] == [users[which]["id"]]


def test_pages_read_while_people_come_and_go_show_everybody_who_stayed(scim, together):
    stayed = [make_user(scim, f"stayed-{number:03}") for number in range(50)]

    def work(number):
        if number % 4 == 0:
            return {one["id"] for one in scim.get("/Users", count=1000).expect(200).json["Resources"]}
        scim.delete(path_of(make_user(scim, f"guest-{number}"))).expect(204)
        return None

    for page in together(work, range(120)):
        assert page is None or ids_of(*stayed) <= page


def test_tenants_work_side_by_side(daemon, make_tenant):
    clients = [make_tenant(daemon).client() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda client: [make_user(client, f"user-{number}") for number in range(50)], clients))
    for client in clients:
        assert client.get("/Users", count=0).expect(200).json["totalResults"] == 50


def test_nested_groups_changed_at_once_agree_with_their_users(scim, together):
    ada = make_user(scim, "ada")
    groups = [make_group(scim, f"group-{number}") for number in range(30)]
    together(
        lambda group: scim.patch(path_of(group), patch_op(op="add", path="members", value=references(ada))).expect(204),
        groups,
    )
    assert memberships(scim, ada) == {f"group-{number}": "direct" for number in range(30)}
