#!/usr/bin/env python3
"""bench.py - scimd against the limit of its own parts, as ratios in one run.

    bench.py BUILD_DIRECTORY [--users 100000] [--quick]

BUILD_DIRECTORY holds scimd, scimctl, load and limit.  Everything listens on loopback, is bounded in
count and time, and lives in a temporary directory.  Prints one line for each bound: what, figure, bound, verdict;
exits 1 if a bound is broken.  Compare ratios, never absolute figures of two runs."""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

THREADS = 16
REPEATS = 3  # of each pair; the median ratio counts


class Figures(dict):
    __getattr__ = dict.__getitem__


def request(method, path, body=None, token=None, status=200, expected="", content="application/scim+json"):
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    data = b"" if body is None else body.encode()
    if body is not None:
        head += f"Content-Type: {content}\r\nContent-Length: {len(data)}\r\n"
    text = head.encode() + b"\r\n" + data
    want = expected.encode()
    return struct.pack("<III", len(text), status, len(want)) + text + want


class Server:
    """A process of ours that serves HTTP on loopback."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, **options)
        self.port = None

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def memory_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def peak_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
        return 0


class Bench:
    def __init__(self, build, directory, users):
        self.build = pathlib.Path(build)
        self.directory = pathlib.Path(directory)
        self.users = users
        self.broken = 0
        self.random = random.Random(7)
        self.servers = []

    # servers

    def start_limit(self, documents):
        server = self.keep(Server([self.build / "limit", self.directory / f"limit{documents}.db", str(documents), str(THREADS)],
                                  stdout=subprocess.PIPE, text=True))
        server.port = int(server.process.stdout.readline())
        return server

    def start_scimd(self, name):
        home = self.directory / name
        home.mkdir(mode=0o700, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (home / "scimd.yaml").write_text(
            f"state_directory: {home}\nlisten: {{address: 127.0.0.1, port: {port}, plain: true, threads: {THREADS}}}\n"
            f"admin: {{socket: {home}/admin.sock}}\nlog: {{level: warning}}\n"
            "limits: {bulk_bytes: 16777216, body_bytes: 16777216}\n")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(home / "notify"))
            notify.settimeout(30)
            started = time.monotonic()
            server = self.keep(Server([self.build / "scimd", "--config", home / "scimd.yaml"],
                                      env={**os.environ, "NOTIFY_SOCKET": str(home / "notify")}))
            while b"READY=1" not in notify.recv(4096):
                pass
            server.ready_ms = (time.monotonic() - started) * 1000
        (home / "notify").unlink()
        server.port = port
        server.socket = home / "admin.sock"
        return server

    def keep(self, server):
        self.servers.append(server)
        return server

    def stop_all(self):
        for server in self.servers:
            server.stop()

    def scimctl(self, server, *words):
        result = subprocess.run([self.build / "scimctl", "--socket", server.socket, *words], stdout=subprocess.PIPE,
                                text=True, check=True)
        return result.stdout.strip()

    def new_tenant(self, server, name):
        self.scimctl(server, "tenant", "create", name)
        server.tenant = name
        server.token = self.scimctl(server, "token", "create", name)

    # load

    def play(self, server, requests, connections, warm_up=0):
        path = self.directory / "requests.bin"
        path.write_bytes(b"".join(requests))
        result = subprocess.run([self.build / "load", str(server.port), str(connections), str(server.process.pid), path,
                                 str(warm_up)], stdout=subprocess.PIPE, text=True, check=False)
        if result.returncode != 0:
            raise SystemExit("bench: the load generator saw a wrong answer")
        return Figures(json.loads(result.stdout))

    def scim(self, server, method, path, body=None, status=200, expected=""):
        return request(method, f"/{server.tenant}/scim/v2{path}", None if body is None else json.dumps(body),
                       server.token, status, expected)

    @staticmethod
    def user(number):
        return {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "userName": f"user{number}@corp.example", "externalId": f"e-{number:08d}",
            "name": {"givenName": f"Given{number % 977}", "familyName": f"Family{number % 1999}",
                     "formatted": f"Given{number % 977} Family{number % 1999}"},
            "displayName": f"Given{number % 977} Family{number % 1999}", "title": "Engineer", "userType": "Employee",
            "preferredLanguage": "en", "active": True,
            "emails": [{"value": f"user{number}@corp.example", "type": "work", "primary": True},
                       {"value": f"user{number}@home.example", "type": "home"}],
            "phoneNumbers": [{"value": f"+1 555 {number:07d}", "type": "work"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "employeeNumber": str(number), "department": f"Department {number % 40}", "costCenter": "4130",
                "organization": "Corp"}}

    def create_users(self, server, first, count):
        return [self.scim(server, "POST", "/Users", self.user(first + i), 201, f'"userName":"user{first + i}@')
                for i in range(count)]

    def fetch(self, server, path):
        return json.loads(subprocess.run(
            ["curl", "-fsS", "-H", f"Authorization: Bearer {server.token}",
             f"http://127.0.0.1:{server.port}/{server.tenant}/scim/v2{path}"], stdout=subprocess.PIPE, check=True).stdout)

    def all_ids(self, server):
        ids, cursor = [], ""
        while True:
            page = self.fetch(server, f"/Users?attributes=id&count=1000&cursor={cursor}")
            ids += [resource["id"] for resource in page["Resources"]]
            cursor = page.get("nextCursor")
            if not cursor:
                return ids

    def create_group(self, server, name, ids):
        """A group of many members, filled in pieces."""
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name}
        result = subprocess.run(
            ["curl", "-fsS", "-H", f"Authorization: Bearer {server.token}", "-H", "Content-Type: application/scim+json",
             "-d", json.dumps(body), f"http://127.0.0.1:{server.port}/{server.tenant}/scim/v2/Groups"],
            stdout=subprocess.PIPE, check=True)
        group = json.loads(result.stdout)["id"]
        pieces = [ids[i:i + 5000] for i in range(0, len(ids), 5000)]
        if pieces:
            self.play(server, [self.member_patch(server, group, piece) for piece in pieces], 1)
        return group

    def member_patch(self, server, group, ids, op="add"):
        return self.scim(server, "PATCH", f"/Groups/{group}", {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": op, "path": "members", "value": [{"value": i} for i in ids]}]}, 204)

    # verdicts

    def report(self, what, figure, bound, unit="", at_least=False):
        good = figure >= bound if at_least else figure <= bound
        self.broken += not good
        print(f"{what:<66} {figure:9.2f}{unit} ({'at least' if at_least else 'at most'} {bound}{unit}) "
              f"{'ok' if good else 'BROKEN'}", flush=True)

    def compare(self, what, ours, limit, cpu_bound, throughput_bounds):
        """Pairs in turn; medians of the ratios.  `ours` and `limit` give (server, requests) anew each time."""
        for connections, throughput_bound in throughput_bounds:
            cpu, throughput = [], []
            for _ in range(REPEATS):
                server, requests = limit()
                base = self.play(server, requests, connections, len(requests) // 10)
                server, requests = ours()
                mine = self.play(server, requests, connections, len(requests) // 10)
                cpu.append(mine.cpu_us / base.cpu_us)
                throughput.append(mine.per_second / base.per_second)
            print(f"  {what}, {connections} connections: ours {mine.cpu_us:.1f} us CPU, {mine.per_second:.0f}/s, p99 "
                  f"{mine.p99_us:.0f} us; limit {base.cpu_us:.1f} us, {base.per_second:.0f}/s", flush=True)
            if cpu_bound is not None:
                self.report(f"{what}: CPU / limit, {connections} connections", sorted(cpu)[REPEATS // 2], cpu_bound)
            if throughput_bound is not None:
                self.report(f"{what}: throughput / limit, {connections} connections",
                            sorted(throughput)[REPEATS // 2], throughput_bound, at_least=True)

    def cost(self, server, requests, connections=8):
        """Median CPU microseconds of three plays of thirds."""
        third = len(requests) // 3
        costs = [self.play(server, requests[i * third:(i + 1) * third], connections, third // 10).cpu_us for i in range(3)]
        return sorted(costs)[1]


def run(bench, count):
    limit = bench.start_limit(bench.users)
    scimd = bench.start_scimd("large")
    bench.report("ready after, database new", scimd.ready_ms, 100, " ms")
    bench.new_tenant(scimd, "demo")
    print(f"filling {bench.users} users", flush=True)
    filled = bench.play(scimd, bench.create_users(scimd, 0, bench.users), 64)
    print(f"  {filled.per_second:.0f} users/s, {filled.cpu_us:.0f} us CPU each", flush=True)
    ids = bench.all_ids(scimd)
    assert len(ids) == bench.users, len(ids)
    pick = bench.random
    state = {"next": bench.users}

    def selects():
        return limit, [request("GET", f"/select/{pick.randint(1, bench.users)}") for _ in range(count)]

    def inserts():
        body = json.dumps(bench.user(1))
        return limit, [request("POST", "/insert", body, status=201) for _ in range(count // 4)]

    def pages():
        return limit, [request("GET", "/page/1") for _ in range(count // 20)]

    def pages_at_random():
        return limit, [request("GET", f"/page/{pick.randint(1, bench.users - 100)}") for _ in range(count // 20)]

    def gets():
        chosen = [pick.choice(ids) for _ in range(count)]
        return scimd, [bench.scim(scimd, "GET", f"/Users/{i}", expected=f'"id":"{i}"') for i in chosen]

    def filters():
        chosen = [pick.randrange(bench.users) for _ in range(count)]
        return scimd, [bench.scim(scimd, "GET", f"/Users?filter=userName%20eq%20%22USER{n}%40corp.example%22",
                                  expected=f'"userName":"user{n}@') for n in chosen]

    def creates():
        first = state["next"]
        state["next"] += count // 4
        return scimd, bench.create_users(scimd, first, count // 4)

    def patches():
        # each turns what its own person is, so that none finds nothing to do
        requests = []
        for number in pick.sample(range(bench.users), count // 4):
            active = state.setdefault("inactive", {}).get(number, False)
            state["inactive"][number] = not active
            requests.append(bench.scim(scimd, "PATCH", f"/Users/{ids[number]}", {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "active", "value": active}]}, 200,
                f'"active":{str(active).lower()}'))
        return scimd, requests

    def puts():
        state["round"] = state.get("round", 0) + 1
        chosen = pick.sample(range(bench.users), count // 4)
        requests = []
        for number in chosen:
            body = bench.user(number)
            body["title"] = f"Round {state['round']}"
            requests.append(bench.scim(scimd, "PUT", f"/Users/{ids[number]}", body, 200, f"Round {state['round']}"))
        return scimd, requests

    def lists():
        return scimd, [bench.scim(scimd, "GET", "/Users?count=100", expected='"itemsPerPage":100')
                       for _ in range(count // 20)]

    def lists_at_random():
        return scimd, [bench.scim(scimd, "GET", f"/Users?count=100&startIndex={pick.randint(1, bench.users - 100)}",
                                  expected='"itemsPerPage":100') for _ in range(count // 20)]

    def lists_by_cursor():
        # cursors of one walk; each is good for an hour
        if "cursors" not in state:
            state["cursors"], cursor = [], ""
            for _ in range(50):
                page = bench.fetch(scimd, f"/Users?count=100&attributes=id&cursor={cursor}")
                cursor = page["nextCursor"]
                state["cursors"].append(cursor)
        return scimd, [bench.scim(scimd, "GET", f"/Users?count=100&cursor={pick.choice(state['cursors'])}",
                                  expected='"itemsPerPage":100') for _ in range(count // 20)]

    # ids[n] is user n's: lists come in creation order, and 64 connections created them nearly in order, so ask
    numbers = {}
    cursor = ""
    while True:
        page = bench.fetch(scimd, f"/Users?attributes=userName&count=1000&cursor={cursor}")
        for resource in page["Resources"]:
            numbers[int(resource["userName"][4:].split("@")[0])] = resource["id"]
        cursor = page.get("nextCursor")
        if not cursor:
            break
    ids = [numbers[n] for n in range(bench.users)]

    bench.compare("GET by id", gets, selects, 2.5, [(8, 0.5), (64, 0.5)])
    bench.compare("userName eq", filters, selects, 2.5, [(8, 0.5), (64, 0.5)])
    bench.compare("create", creates, inserts, 3, [(8, 1), (64, 2)])
    bench.compare("PATCH active", patches, inserts, 3, [(8, 1), (64, 2)])
    bench.compare("PUT", puts, inserts, 3, [(8, 1), (64, 2)])
    bench.compare("page of 100", lists, pages, 3, [(8, None)])
    bench.compare("page of 100 at a random startIndex", lists_at_random, pages_at_random, 3, [(8, None)])
    bench.compare("page of 100 by cursor", lists_by_cursor, pages_at_random, 3, [(8, None)])

    few_and_many(bench, scimd, gets, filters, count)  # while nobody is in a group: groups cost a statement more
    members_large_and_small(bench, scimd, ids, inserts, count)
    many_clients_one_group(bench, scimd, ids)
    memory(bench, scimd, ids, gets, lists)
    restart(bench, scimd)


def restart(bench, scimd):
    """Ready again over a database that is full."""
    scimd.stop()
    times = []
    for _ in range(REPEATS):
        again = bench.start_scimd("large")
        times.append(again.ready_ms)
        again.stop()
    bench.report("ready after, database full", sorted(times)[REPEATS // 2], 100, " ms")


def members_large_and_small(bench, scimd, ids, inserts, count):
    spare = bench.create_group(scimd, "spare", [])
    assert spare
    extra = ids[-count:]
    large = bench.create_group(scimd, "large", [i for i in ids if i not in set(extra)])
    small = bench.create_group(scimd, "small", ids[:10])
    state = {"large": 0, "small": 0}

    def adds(group, name):
        first = state[name]
        state[name] += count // 8
        return [bench.member_patch(scimd, group, [i]) for i in extra[first:first + count // 8]]

    bench.compare("one-member PATCH, group of 100,000", lambda: (scimd, adds(large, "large")), inserts, 3, [(8, None)])
    ratios = []
    for _ in range(REPEATS):
        small_cost = bench.play(scimd, adds(small, "small"), 8, 20).cpu_us
        large_cost = bench.play(scimd, adds(large, "large"), 8, 20).cpu_us
        ratios.append(large_cost / small_cost)
    bench.report("one-member PATCH: group of 100,000 / group of 10, CPU", sorted(ratios)[REPEATS // 2], 1.3)


def few_and_many(bench, scimd, gets, filters, count):
    """The same requests against a thousand users."""
    other = bench.start_scimd("few")
    bench.new_tenant(other, "few")
    bench.play(other, bench.create_users(other, 0, 1000), 8)
    few = bench.all_ids(other)
    few_gets = [bench.scim(other, "GET", f"/Users/{bench.random.choice(few)}") for _ in range(count)]
    few_filters = [bench.scim(other, "GET",
                              f"/Users?filter=userName%20eq%20%22user{bench.random.randrange(1000)}%40corp.example%22",
                              expected='"totalResults":1') for _ in range(count)]
    bench.report("GET: 100,000 users / 1,000, CPU", bench.cost(scimd, gets()[1]) / bench.cost(other, few_gets), 1.3)
    bench.report("userName eq: 100,000 users / 1,000, CPU",
                 bench.cost(scimd, filters()[1]) / bench.cost(other, few_filters), 1.3)
    other.stop()


def many_clients_one_group(bench, scimd, ids):
    group = bench.create_group(scimd, "crowd", [])
    chosen = bench.random.sample(ids, min(10000, len(ids)))
    figures = bench.play(scimd, [bench.member_patch(scimd, group, [i]) for i in chosen], 64)
    print(f"  {len(chosen)} one-member PATCHes by 64 clients: {figures.per_second:.0f}/s, p99 {figures.p99_us:.0f} us",
          flush=True)
    found = {member["value"] for member in bench.fetch(scimd, f"/Groups/{group}")["members"]}
    bench.report("members of the group that 64 clients patched", len(found & set(chosen)), len(chosen), at_least=True)


def memory(bench, scimd, ids, gets, lists):
    """After every kind of load, and again after as much once more: it may not grow with the load."""
    group = bench.create_group(scimd, "everyone", ids)

    def load():
        for _ in range(3):
            answer = bench.fetch(scimd, f"/Groups/{group}")
            assert len(answer["members"]) == len(ids)
        bench.play(scimd, gets()[1], 64)
        bench.play(scimd, lists()[1], 64)
        return scimd.memory_kib() / 1024

    load()
    before = load()
    after = load()
    bench.report("resident memory", after, 48, " MiB")
    bench.report("peak resident memory so far", scimd.peak_kib() / 1024, 48, " MiB")
    bench.report("growth by more load and listing 100,000 members", after - before, 2, " MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--users", type=int, default=100000)
    parser.add_argument("--count", type=int, default=20000, help="requests of a play")
    parser.add_argument("--quick", action="store_true", help="small figures: does it run at all?")
    options = parser.parse_args()
    if options.quick:
        options.users, options.count = 3000, 2000
    directory = tempfile.mkdtemp(prefix="scimd-bench-")
    bench = Bench(options.build, directory, options.users)
    try:
        run(bench, options.count)
    finally:
        bench.stop_all()
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{bench.broken} bounds broken" if bench.broken else "every bound held")
    return 1 if bench.broken else 0


if __name__ == "__main__":
    sys.exit(main())
