#!/usr/bin/python3
"""A PostgreSQL server of our own, in a temporary directory; README.md says more.

    tests/labs/postgresql/server.py [--durable]
"""

import argparse
import os
import pathlib
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[3]
START_S = 60
STOP_S = 30
CONNECTIONS_MAX = 400


def programs():
    """The folder of the newest server that Debian has installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    if not found:
        raise SystemExit("no PostgreSQL server is installed: scripts/dependencies test")
    return found[-1].parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """start() it, use connection() and sql(), stop() it."""

    def __init__(self, durable=False):
        self.durable = durable
        self.port = free_port()
        self.password = secrets.token_hex(8) + "}{;="  # what a connection string must quote
        self.directory = None
        self.process = None
        # the server refuses to run as root
        self._user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}

    def start(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="scimd-postgresql-"))
        try:
            self._make_files()
            self._initialise()
            self._launch()
            self._make_roles()
        except BaseException:
            self.stop()
            raise
        return self

    def _own(self, path):
        if self._user:
            account = pwd.getpwnam(self._user["user"])
            os.chown(path, account.pw_uid, account.pw_gid)

    def _make_files(self):
        subprocess.run([SOURCE / "scripts" / "certificate", self.directory], check=True, stdout=subprocess.DEVNULL)
        (self.directory / "password").write_text(self.password + "\n")
        for path in [self.directory, *self.directory.iterdir()]:
            self._own(path)
        self.directory.chmod(0o755)  # the socket is in it, and the CA, for other users as well
        (self.directory / "server.key").chmod(0o600)

    def _initialise(self):
        subprocess.run(
            [programs() / "initdb", "--pgdata", self.data, "--username", "postgres", "--encoding", "UTF8", "--locale", "C",
             "--auth", "scram-sha-256", "--pwfile", self.directory / "password", "--no-instructions",
             *([] if self.durable else ["--no-sync"])],
            check=True, cwd="/", stdout=subprocess.DEVNULL, **self._user)
        (self.data / "pg_hba.conf").write_text("local all all scram-sha-256\nhostssl all all 127.0.0.0/8 scram-sha-256\n"
                                               "hostssl all all ::1/128 scram-sha-256\n")

    def _launch(self):
        settings = {
            "listen_addresses": "localhost,127.0.0.2", "port": self.port, "unix_socket_directories": self.directory,
            "ssl": "on", "ssl_ca_file": self.directory / "ca.pem", "ssl_cert_file": self.directory / "server.pem",
            "ssl_key_file": self.directory / "server.key", "max_connections": CONNECTIONS_MAX,
            "fsync": "on" if self.durable else "off", "synchronous_commit": "on", "full_page_writes": "on",
            "log_min_messages": "fatal", "jit": "off",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.log = (self.directory / "log").open("wb")
        self.process = subprocess.Popen([programs() / "postgres", "-D", self.data, *words], cwd="/", stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, **self._user)
        # pg_isready polls by itself nowhere: ask until it says yes, or the server has ended
        for _ in range(START_S * 10):
            ready = subprocess.run([programs() / "pg_isready", "-q", "-h", self.directory, "-p", str(self.port), "-t", "1"],
                                   check=False)
            if ready.returncode == 0:
                return
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            raise SystemExit("PostgreSQL did not start:\n" + (self.directory / "log").read_text())
        raise SystemExit(f"PostgreSQL was not ready after {START_S} s")

    def _make_roles(self):
        quoted = self.password.replace("'", "''")
        self.sql(f"CREATE ROLE scimd LOGIN CREATEDB PASSWORD '{quoted}'; "
                 f"CREATE ROLE scimd_owner NOLOGIN; "
                 f"CREATE ROLE scimd_limited LOGIN CREATEDB NOINHERIT IN ROLE scimd_owner PASSWORD '{quoted}'; "
                 f"CREATE ROLE app LOGIN PASSWORD '{quoted}'")

    @property
    def data(self):
        return self.directory / "data"

    def connection(self, user="scimd", tls=False):
        """What scimd's database.connection_file wants."""
        password = self.password.replace("}", "}}")
        if tls:
            return (f"Server=localhost;Port={self.port};Uid={user};Pwd={{{password}}};SSLmode=verify-full;"
                    f"pqopt={{sslrootcert={self.directory}/ca.pem}}")
        return f"Server={self.directory};Port={self.port};Uid={user};Pwd={{{password}}}"

    def sql(self, text, database="postgres", user="postgres"):
        """Runs statements with psql; returns rows of texts."""
        result = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-p", str(self.port),
             "-U", user, "-d", database, "-c", text],
            env={**os.environ, "PGPASSWORD": self.password}, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        return [line.split("\t") for line in result.stdout.splitlines()]

    def environment(self):
        """For tests: which engine they run on, over the socket, and over TCP with TLS where that is the matter."""
        return {"SCIMD_TEST_ENGINE": "postgresql", "SCIMD_TEST_CONNECTION": self.connection(),
                "SCIMD_TEST_CONNECTION_TLS": self.connection(tls=True)}

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": sessions are ended
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        if self.process is not None:
            self.log.close()
        self.process = None
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
        self.directory = None


def main():
    parser = argparse.ArgumentParser(description="Starts a PostgreSQL server until standard input ends or Ctrl-C.")
    parser.add_argument("--durable", action="store_true", help="keep fsync on")
    server = Server(parser.parse_args().durable)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.start()
        for name, value in server.environment().items():
            print(f"export {name}='{value}'", flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()


if __name__ == "__main__":
    main()
