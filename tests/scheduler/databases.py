"""Databases of their own for tests of the scheduler: SQLite, PostgreSQL, MariaDB."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import subprocess
import tempfile
import uuid

import psutil
import pytest

from tests.ports import free_port
from tests.services import missing

POSTGRES = "postgres:postgres@127.0.0.1:5432"
BACKENDS = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mariadb", marks=pytest.mark.mysql),
]


class Server:
    """A connection to the server, and what tests do to it."""

    def __init__(self, link, name):
        self.link = link
        self.name = name

    def execute(self, sql, *values):
        with self.link.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall()) if cursor.description else []


class PostgreSQL(Server):
    def cut_connections(self):
        """End all connections to the database; returns how many."""
        return self.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            self.name,
        )[0][0]


class MariaDB(Server):
    def cut_connections(self):
        ids = [
            row[0]
            for row in self.execute("SELECT id FROM information_schema.processlist WHERE db = %s", self.name)
        ]
        for one in ids:
            with contextlib.suppress(Exception):
                self.execute(f"KILL {one}")
        return len(ids)


@contextlib.contextmanager
def postgres_database():
    import psycopg2

    try:
        link = psycopg2.connect(f"postgresql://{POSTGRES}/postgres", connect_timeout=30)
    except psycopg2.Error as error:
        missing(f"no PostgreSQL answers: {error}")
    link.autocommit = True
    name = f"hadron_{uuid.uuid4().hex}"
    server = PostgreSQL(link, name)
    server.execute(f"CREATE DATABASE {name}")
    try:
        yield f"postgres://{POSTGRES}/{name}", server
    finally:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        link.close()


@contextlib.contextmanager
def mariadb_database():
    import pymysql

    try:
        link = pymysql.connect(host="127.0.0.1", user="root", autocommit=True, connect_timeout=30)
    except pymysql.Error as error:
        missing(f"no MariaDB answers: {error}")
    name = f"hadron_{uuid.uuid4().hex}"
    server = MariaDB(link, name)
    server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield f"mysql:pymysql://root:@127.0.0.1:3306/{name}?set_encoding=utf8mb4", server
    finally:
        server.cut_connections()
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        link.close()


class Cluster(PostgreSQL):
    """A PostgreSQL server of its own, that may be killed."""

    def __init__(self, folder):
        self._folder = folder
        self._programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.port = free_port()
        self._run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "--no-sync")
        self.start()
        super().__init__(self._link(), "postgres")

    def _run(self, program, *words):
        as_user = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        )
        done = subprocess.run([*as_user, f"{self._programs}/{program}", *words], cwd=self._folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout

    def _link(self):
        import psycopg2

        link = psycopg2.connect(f"postgresql://postgres@127.0.0.1:{self.port}/postgres", connect_timeout=30)
        link.autocommit = True
        return link

    @property
    def uri(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self):
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60"
        )
        self._run(
            "pg_ctl", "-D", f"{self._folder}/data", "-o", options, "-l", f"{self._folder}/log", "-w", "start"
        )

    def kill(self):
        """As kill -9 does it: nothing is written, the log is replayed at the next start."""
        with open(f"{self._folder}/data/postmaster.pid") as stream:
            leader = psutil.Process(int(stream.readline()))
        everyone = [leader, *leader.children()]
        for one in everyone:
            with contextlib.suppress(psutil.Error):
                one.kill()
        psutil.wait_procs(everyone, 10)

    def close(self):
        self.kill()


@contextlib.contextmanager
def own_cluster():
    """Give a PostgreSQL server of its own; skip where there are no programs for it."""
    if not glob.glob("/usr/lib/postgresql/*/bin/initdb") or not shutil.which("setpriv"):
        missing("no programs of a PostgreSQL server are installed here")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        cluster = Cluster(folder)
        try:
            yield cluster
        finally:
            cluster.close()


@contextlib.contextmanager
def database(backend):
    """Give the URI of a fresh database, and its server (None for SQLite)."""
    if backend == "sqlite":
        yield "sqlite://scheduler.sqlite", None
    else:
        with postgres_database() if backend == "postgres" else mariadb_database() as found:
            yield found
