#!/usr/bin/python3
"""Mixed load for a while; memory, files and threads must stay where they were after warming up.

    tests/soak/soak.py BUILD MINUTES

Each client keeps a few people and a group, and goes through what providers do: create, find, patch,
add to the group, list, replace, remove, delete.  Every answer is checked.  What the process holds is
sampled; one line a minute says how it stands, the last one how it went.
"""

import pathlib
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conversations"))

from daemon import Daemon  # noqa: E402
from scimclient import GROUP, USER, patch_op  # noqa: E402

CLIENTS = 8
KEPT = 20  # people of a client at a time
WARM_UP = 0.25  # of the whole time: caches fill, allocators settle
SAMPLE_S = 1.0
GROWTH_KIB = 8 * 1024  # resident memory after warming up may grow by this
GROWTH_FILES = 16  # descriptors: connections come and go


def life(client, name, number):
    """One person, from creation to deletion, with everything checked."""
    user_name = f"{name}-{number}@example.com"
    body = {"schemas": [USER], "userName": user_name, "active": True,
            "emails": [{"type": "work", "value": user_name}]}
    user = client.post("/Users", body).expect(201).json
    path = f"/Users/{user['id']}"
    found = client.get("/Users", filter=f'userName eq "{user_name.upper()}"').expect(200).json
    assert found["totalResults"] == 1, found
    client.patch(path, patch_op(op="replace", path="active", value=False)).expect(200)
    client.put(path, {**body, "displayName": f"Person {number}"}).expect(200)
    client.get(path, headers={"If-None-Match": 'W/"1"'}).expect(200)
    client.get("/Users", filter="userName eq", count=1).expect(400, "invalidFilter")
    client.get("/Users", startIndex=1, count=10, sortBy="userName").expect(200)
    return user["id"]


def work(client, name, until, failures, done):
    group = client.post("/Groups", {"schemas": [GROUP], "displayName": name}).expect(201).json["id"]
    kept = []
    number = 0
    try:
        while time.monotonic() < until:
            number += 1
            kept.append(life(client, name, number))
            client.patch(
                f"/Groups/{group}", patch_op(op="add", path="members", value=[{"value": kept[-1]}])
            ).expect(204)
            if len(kept) > KEPT:
                gone = kept.pop(0)
                client.patch(
                    f"/Groups/{group}", patch_op(op="remove", path=f'members[value eq "{gone}"]')
                ).expect(204)
                client.delete(f"/Users/{gone}").expect(204)
                client.get(f"/Users/{gone}").expect(404)
            if number % 50 == 0:
                client.close()  # connections come and go, too
            done[name] = number
    except Exception as failure:  # told by the main thread, which ends the run
        failures.append(f"{name}: {failure!r}")


def held(pid):
    """(KiB resident, open files, threads) of a process."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    files = sum(1 for _ in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    return int(fields["VmRSS"].split()[0]), files, int(fields["Threads"])


def soak(one, tenant, token, seconds):
    started = time.monotonic()
    until = started + seconds
    failures, done, warm, late = [], {}, [], []
    clients = [
        threading.Thread(target=work, args=(one.client(tenant, token), f"client-{n}", until, failures, done))
        for n in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    told = 0
    while any(client.is_alive() for client in clients) and not failures:
        time.sleep(SAMPLE_S)
        one.check()
        elapsed = time.monotonic() - started
        (warm if elapsed < seconds * WARM_UP else late).append(held(one.process.pid))
        if elapsed // 60 > told:
            told = elapsed // 60
            memory, files, threads = (warm + late)[-1]
            print(f"{int(told)} min: {sum(done.values())} lives, {memory} KiB, {files} files, {threads} threads",
                  flush=True)
    for client in clients:
        client.join()
    return failures, sum(done.values()), warm, late


def main():
    build, minutes = pathlib.Path(sys.argv[1]), float(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        one = Daemon(directory, build=build).start()
        one.ctl("tenant", "create", "soak")
        token = one.ctl_json("token", "create", "soak")["token"]
        failures, lives, warm, late = soak(one, "soak", token, minutes * 60)
        one.stop()
    if not failures and not (warm and late and lives):
        failures.append("too short to tell anything")
    if warm and late:
        for what, index, growth in (("KiB resident", 0, GROWTH_KIB), ("files", 1, GROWTH_FILES), ("threads", 2, 0)):
            before, after = (max(sample[index] for sample in samples) for samples in (warm, late))
            print(f"{what}: {before} after warming up, {after} at most since")
            if after > before + growth:
                failures.append(f"{what} grew from {before} to {after}")
    for failure in failures:
        print(f"FAILED: {failure}")
    print(f"soak: {lives} lives, {'flat' if not failures else f'{len(failures)} failures'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
