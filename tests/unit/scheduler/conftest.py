"""A scheduler on a database of its own, without workers."""

from __future__ import annotations

import pytest

from runtime import dal
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.scheduler import Scheduler
from runtime.scheduler.access import access_of
from runtime.scheduler.connection import WorkerConnection
from runtime.scheduler.store import Store
from tests.scheduler.databases import BACKENDS, database


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "databases"
    path.mkdir()
    return str(path)


@pytest.fixture(params=BACKENDS)
def uri(request):
    with database(request.param) as (found, _):
        yield found


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
        connection = WorkerConnection(access_of(scheduler.db._adapter))
        opened.append(connection)
        return Store(connection, "myapp", **options)

    yield make_store
    for connection in opened:
        connection.close()
