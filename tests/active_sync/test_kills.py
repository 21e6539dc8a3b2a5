"""SIGKILL at any point of full and delta runs: after the restart the run goes on, and nothing is lost or removed."""

import random
import time

import history

KILLS = 100
COMPARE_EVERY = 20
LEASE_S = 3
LATEST_S = 0.4  # after a run was asked for


def test_a_hundred_kills(make_controller, corp):
    controller = make_controller()
    one = corp(controller, settings={"sync": {"lease_seconds": LEASE_S}})
    chance = random.Random(4)
    for number in range(1, KILLS + 1):
        list(history.play(controller.database(), seed=number, count=2))
        answer = one.daemon.administer("POST", "/tenants/acme/sources/corp-ad/resync",
                                       {"full": number % 3 == 0, "dry_run": False})
        assert answer["run"] > 0
        time.sleep(chance.uniform(0, LATEST_S))
        one.daemon.kill()
        one.daemon.start()
        one.wait_until_idle()
        if number % COMPARE_EVERY == 0:
            one.resync()
            one.assert_equal()
    states = {run["state"] for run in one.daemon.ctl_json("run", "list")["runs"]}
    assert states == {"applied"}
