"""Databases of three engines, made by statements, each empty and gone after the test."""

import sqlite3
import uuid

import pytest

from tests.services import missing

POSTGRES = "postgres:postgres@127.0.0.1:5432"
MARIADB = "root:@127.0.0.1:3306"


class Database:
    """One database: its address, and a way to send statements that no layer of ours sees."""

    def __init__(self, engine, uri, connect):
        self.engine, self.uri, self._connect = engine, uri, connect

    def execute(self, *statements):
        """Send statements; returns the rows of the last one."""
        connection = self._connect()
        try:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return [tuple(row) for row in rows]
        finally:
            connection.close()


def _sqlite(tmp_path):
    path = tmp_path / f"{uuid.uuid4().hex}.sqlite"
    sqlite3.connect(path).close()
    path.touch()
    yield Database("sqlite", f"sqlite://{path}", lambda: sqlite3.connect(path))


def _postgres(tmp_path):
    import psycopg2

    try:
        server = psycopg2.connect(f"postgresql://{POSTGRES}/postgres", connect_timeout=30)
    except psycopg2.Error as error:
        missing(f"no PostgreSQL answers: {error}")
    server.autocommit = True
    name = f"hadron_{uuid.uuid4().hex}"
    server.cursor().execute(f"CREATE DATABASE {name}")
    yield Database(
        "postgres",
        f"postgres://{POSTGRES}/{name}",
        lambda: psycopg2.connect(f"postgresql://{POSTGRES}/{name}"),
    )
    server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


def _mysql(tmp_path):
    import pymysql

    where = {"host": "127.0.0.1", "port": 3306, "user": "root", "password": ""}
    try:
        server = pymysql.connect(**where, connect_timeout=30)
    except pymysql.Error as error:
        missing(f"no MariaDB answers: {error}")
    name = f"hadron_{uuid.uuid4().hex}"
    server.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield Database("mysql", f"mysql://{MARIADB}/{name}", lambda: pymysql.connect(**where, database=name))
    server.cursor().execute(f"DROP DATABASE {name}")
    server.close()


_MAKERS = {"sqlite": _sqlite, "postgres": _postgres, "mysql": _mysql}


@pytest.fixture
def make(tmp_path):
    """Make a database of an engine."""
    opened = []

    def start(engine):
        maker = _MAKERS[engine](tmp_path)
        opened.append(maker)
        return next(maker)

    yield start
    for maker in opened:
        next(maker, None)


ENGINES = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mysql", marks=pytest.mark.mysql),
]


@pytest.fixture(params=ENGINES)
def database(request, make):
    """A database of each engine."""
    return make(request.param)
