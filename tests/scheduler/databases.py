"""Databases of their own for tests of the scheduler: SQLite, PostgreSQL, MariaDB."""

from __future__ import annotations

import contextlib
import os
import uuid

import pytest

POSTGRES = "postgres:postgres@127.0.0.1:5432"
BACKENDS = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mariadb", marks=pytest.mark.mysql),
]


def absent(what, error):
    """Skip, or fail where services are required."""
    if os.environ.get("HADRON_REQUIRE_SERVICES"):
        raise error
    pytest.skip(f"no {what} answers: {error}")


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
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s", self.name
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
        link = psycopg2.connect(f"postgresql://{POSTGRES}/postgres", connect_timeout=5)
    except psycopg2.Error as error:
        absent("PostgreSQL", error)
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
        link = pymysql.connect(host="127.0.0.1", user="root", autocommit=True, connect_timeout=5)
    except pymysql.Error as error:
        absent("MariaDB", error)
    name = f"hadron_{uuid.uuid4().hex}"
    server = MariaDB(link, name)
    server.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield f"mysql:pymysql://root:@127.0.0.1:3306/{name}?set_encoding=utf8mb4", server
    finally:
        server.cut_connections()
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        link.close()


@contextlib.contextmanager
def database(backend):
    """Give the URI of a fresh database, and its server (None for SQLite)."""
    if backend == "sqlite":
        yield "sqlite://scheduler.sqlite", None
    else:
        with postgres_database() if backend == "postgres" else mariadb_database() as found:
            yield found
