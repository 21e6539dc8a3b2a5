"""The database engine that the daemons of a test run use, from the outside: which databases there are, and what an
application reads there.

SCIMD_TEST_ENGINE is "sqlite" (the default) or "postgresql"; SCIMD_TEST_CONNECTION then says where the server is
(tests/labs/postgresql)."""

import contextlib
import os
import re
import secrets
import sqlite3

NAME = os.environ.get("SCIMD_TEST_ENGINE", "sqlite")


def connection_words():
    """{"Server": .., "Port": .., "Uid": .., "Pwd": ..} of the connection string."""
    pairs = re.findall(r"(\w+)=(?:\{((?:[^}]|\}\})*)\}|([^;{]*))(?:;|$)", os.environ["SCIMD_TEST_CONNECTION"])
    return {key: quoted.replace("}}", "}") or plain for key, quoted, plain in pairs}


class SQLite:
    """Databases are files below `data`."""

    name = "sqlite"
    password = None
    read_only = sqlite3.OperationalError
    marker = "?"
    views_of = "SELECT name FROM sqlite_master WHERE type = 'view'"

    def __init__(self, directory):
        self._data = directory / "data"

    def settings(self):
        return {}

    def forget(self):
        """After the daemon: its files go with its directory."""

    def databases(self):
        return {path.stem for path in self._data.rglob("*.db")}

    def _path(self, name):
        return self._data / "control.db" if name == "control" else self._data / "tenants" / f"{name}.db"

    def reader(self, name):
        """A connection of an application, which may read."""
        return sqlite3.connect(f"file:{self._path(name)}?mode=ro", uri=True)

    def execute(self, name, sql):
        """What somebody does to a database behind the daemon's back."""
        with contextlib.closing(sqlite3.connect(self._path(name))) as connection, connection:
            connection.execute(sql)

    def remove(self, name):
        for ending in ("", "-wal", "-shm"):
            self._path(name).with_name(self._path(name).name + ending).unlink(missing_ok=True)


class PostgreSQL:
    """Databases have a prefix of this daemon's own.  A database for each tenant would be hundreds of them: tenants share
    one unless a test asks otherwise."""

    name = "postgresql"
    marker = "%s"
    views_of = "SELECT viewname FROM pg_views WHERE schemaname = 'public'"

    def __init__(self, directory):
        import psycopg2

        self._module = psycopg2
        self.read_only = psycopg2.errors.InsufficientPrivilege
        self.password = connection_words()["Pwd"]
        self.prefix = f"t{secrets.token_hex(6)}_"
        self._file = directory / "connection"
        self._file.touch(mode=0o600)
        self._file.write_text(os.environ["SCIMD_TEST_CONNECTION"] + "\n")

    def settings(self):
        return {"database": {"driver": "postgresql", "tenants": "shared", "connection_file": str(self._file),
                             "prefix": self.prefix}}

    def _connect(self, database, user=None):
        words = connection_words()
        connection = self._module.connect(host=words["Server"], port=words["Port"], password=words["Pwd"],
                                          user=user or words["Uid"], dbname=database)
        connection.autocommit = True
        return connection

    def execute(self, name, sql):
        with contextlib.closing(self._connect(self.prefix + name)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)

    def remove(self, name):
        # as the server's superuser, who may also end autovacuum and sessions of other roles
        with contextlib.closing(self._connect("postgres", "postgres")) as connection, connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{self.prefix}{name}" WITH (FORCE)')

    def forget(self):
        """After the daemon: each database that stays makes the server's housekeeping slower for all."""
        for name in self.databases():
            self.remove(name)

    def databases(self):
        connection = self._connect("postgres")
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (self.prefix,))
            found = {name.removeprefix(self.prefix) for name, in cursor.fetchall()}
        connection.close()
        return found

    def reader(self, name):
        """As scimd-sql(7) has it: a role that may select from the views."""
        owner = self._connect(self.prefix + name)
        with owner.cursor() as cursor:
            cursor.execute(self.views_of)
            for view, in cursor.fetchall():
                cursor.execute(f"GRANT SELECT ON {view} TO app")
        owner.close()
        connection = self._connect(self.prefix + name, "app")
        with connection.cursor() as cursor:
            cursor.execute("SET scimd.tenant = 'all'")
        return connection


def engine_for(directory):
    return {"sqlite": SQLite, "postgresql": PostgreSQL}[NAME](directory)
