"""People and groups of a real domain controller in the tenant database; the oracle reads the domain without us."""

import changes
import domain
import history
import pytest
from oracle import differences

METHODS = pytest.mark.parametrize("account, delta", [("svc-dirsync", "dirsync"), ("svc-tombstones", "usn")],
                                  ids=["dirsync", "usn"])


@METHODS
def test_a_history_ends_equal(make_controller, corp, account, delta):
    controller = make_controller()
    one = corp(controller, account=account, delta=delta)
    one.assert_equal()
    for seed in range(1, 7):
        told = list(history.play(controller.database(), seed=seed, count=20))
        output = one.resync()
        if delta == "usn" and any(words.startswith("restore") for words in told):
            output += one.resync("--full")  # a USN doesn't tell that it was deleted in between
        found = differences(one.expected(), one.content())
        if found:  # which of the changes it was, and what the run said
            pytest.fail("\n".join([*found, output, *map(str, told)]))
    one.resync("--full")
    one.assert_equal()


def test_what_does_not_change_writes_nothing(controller, corp):
    one = corp(controller)
    before = one.change_count()
    one.resync("--full")
    one.resync()
    assert one.change_count() == before > 0
    newest = one.runs()[1]
    assert newest["counters"]["unchanged"] > 100
    assert newest["counters"]["created"] == newest["counters"]["updated"] == 0


def test_a_dry_run_shows_and_writes_nothing_until_it_is_approved(controller, corp):
    one = corp(controller, paused=True)
    one.resync("--full", "--dry-run", status=5)
    assert one.content() == {"users": {}, "groups": {}}
    run = one.runs()[0]
    plan = one.daemon.ctl("run", "plan", run["id"]).stdout
    assert plan.count("\n+ User ") + plan.startswith("+ User ") == len(one.expected()["users"])
    one.daemon.ctl("run", "approve", run["id"], "--plan", "0" * 64, status=4)
    assert one.content() == {"users": {}, "groups": {}}
    one.daemon.ctl("run", "approve", run["id"], "--plan", run["hash"])
    one.daemon.ctl("run", "show", run["id"], "--follow")
    one.assert_equal()


def test_a_lost_right_removes_nobody(make_controller, corp):
    controller = make_controller()
    one = corp(controller, account="svc-tombstones", delta="usn")
    before = one.content()
    changes.hide(controller.database(), domain.STAFF, "svc-tombstones")
    one.resync("--full", status=5)
    assert one.content() == before
    held = one.runs()[0]
    assert held["state"] == "held"
    one.daemon.ctl("run", "reject", held["id"])
    changes.unhide(controller.database(), domain.STAFF, "svc-tombstones")
    one.resync("--full")
    assert one.content() == before


def test_a_controller_that_is_down_is_said_and_removes_nobody(make_controller, corp):
    controller = make_controller()
    one = corp(controller)
    before = one.content()
    controller.stop()
    one.resync(status=1)
    assert one.content() == before
    source = one.daemon.ctl_json("source", "show", "acme/corp-ad")
    assert source["state"] == "backoff"
    assert source["lastError"]
    controller.start()
    one.resync()
    one.assert_equal()


def test_a_wrong_password_is_said(controller, corp):
    one = corp(controller, password="not the password")
    assert "password" in one.daemon.ctl_json("source", "show", "acme/corp-ad")["lastError"]
    assert one.content() == {"users": {}, "groups": {}}


def test_people_who_leave_turn_inactive_and_come_back(make_controller, corp):
    controller = make_controller()
    one = corp(controller, removal="deactivate")
    changes.move(controller.database(), "u00001", domain.OUTSIDE)
    one.resync()
    gone = [user for user in one.content()["users"].values() if user["userName"].startswith("u00001@")]
    assert [user["active"] for user in gone] == [False]
    changes.move(controller.database(), "u00001", domain.STAFF)
    one.resync()
    one.assert_equal()
