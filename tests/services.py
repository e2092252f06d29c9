"""Services that tests need: empty databases on the servers there are, and what a test does where one is missing."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

ENGINES = (
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mysql", marks=pytest.mark.mysql),
)
"""Parameters of a fixture whose tests run on every engine."""


def missing(reason: str) -> NoReturn:
    """Skip the test; fail it where HADRON_REQUIRE_SERVICES says that everything has to be there."""
    if os.environ.get("HADRON_REQUIRE_SERVICES"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def empty_database(engine: str) -> Iterator[str]:
    """Give the address of an empty database of one of `ENGINES`; it is dropped afterwards."""
    if engine == "sqlite":
        yield "sqlite://storage.sqlite"
        return
    try:
        server, create, drop, address = _SERVERS[engine]()
    except Exception as error:
        missing(f"no {engine} server: {error}")
    name = f"hadron_{uuid.uuid4().hex[:12]}"
    with server.cursor() as cursor:
        cursor.execute(create.format(name))
        try:
            yield address.format(name)
        finally:
            cursor.execute(drop.format(name))
            server.close()


def _postgres() -> tuple[Any, str, str, str]:
    import psycopg2

    server = psycopg2.connect("postgresql://postgres:postgres@127.0.0.1:5432/postgres", connect_timeout=30)
    server.autocommit = True
    address = "postgres:psycopg2://postgres:postgres@127.0.0.1:5432/{}"
    return server, "CREATE DATABASE {}", "DROP DATABASE {} WITH (FORCE)", address


def _mysql() -> tuple[Any, str, str, str]:
    import pymysql

    server = pymysql.connect(host="127.0.0.1", user="root", password="", autocommit=True, connect_timeout=30)
    address = "mysql:pymysql://root:@127.0.0.1:3306/{}"
    return server, "CREATE DATABASE {} CHARACTER SET utf8mb4", "DROP DATABASE {}", address


_SERVERS = {"postgres": _postgres, "mysql": _mysql}
