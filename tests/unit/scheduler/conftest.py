"""A scheduler on a database of its own, without workers."""

from __future__ import annotations

import os
import uuid

import pytest

from runtime import dal
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.scheduler import Scheduler
from runtime.scheduler.connection import WorkerConnection
from runtime.scheduler.store import Store

POSTGRES = "postgres:postgres@127.0.0.1:5432"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "databases"
    path.mkdir()
    return str(path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def uri(request):
    if request.param == "sqlite":
        yield "sqlite://scheduler.sqlite"
        return
    import psycopg2

    try:
        server = psycopg2.connect(f"postgresql://{POSTGRES}/postgres", connect_timeout=5)
    except psycopg2.Error as error:
        if os.environ.get("HADRON_REQUIRE_SERVICES"):
            raise
        pytest.skip(f"no PostgreSQL answers: {error}")
    server.autocommit = True
    name = f"hadron_{uuid.uuid4().hex}"
    server.cursor().execute(f"CREATE DATABASE {name}")
    yield f"postgres://{POSTGRES}/{name}"
    server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


@pytest.fixture
def make(uri, folder):
    """Create a scheduler as a model does; `db` and options as wanted."""
    made = []

    def make_scheduler(**options):
        current.request = Storage(application="myapp", controller="default")
        db = dal.DAL(uri, folder=folder)
        made.append(db)
        scheduler = Scheduler(db, **options)
        db.commit()
        return scheduler

    yield make_scheduler
    dal.finish(commit=False)
    for db in made:
        db.close()
    current.__dict__.clear()


@pytest.fixture
def scheduler(make):
    return make()


@pytest.fixture
def sqlite_scheduler(folder):
    current.request = Storage(application="myapp", controller="default")
    db = dal.DAL("sqlite://scheduler.sqlite", folder=folder)
    made = Scheduler(db)
    db.commit()
    yield made
    db.close()
    current.__dict__.clear()


@pytest.fixture
def store_of():
    """The tables as a worker of the application sees them."""
    opened = []

    def make_store(scheduler, **options):
        connection = WorkerConnection(scheduler.db._adapter)
        opened.append(connection)
        return Store(connection, "myapp", **options)

    yield make_store
    for connection in opened:
        connection.close()
