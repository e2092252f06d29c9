"""Many rounds of forms at the same instant on empty tables: no deadlock, one winner (SEC-03)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime import dal
from runtime.dal import DAL, Field
from runtime.dal.validators import IS_NOT_IN_DB
from runtime.forms import SQLFORM
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from tests.services import empty_database

ROUNDS = 40
VISITORS = 3


class Crowd:
    """Visitors who send the form of an empty table at the same instant, each in a thread of its own."""

    def __init__(self, uri, folder):
        self.uri, self.folder = uri, str(folder)
        self.barrier = threading.Barrier(VISITORS)
        self.db = self.open(migrate=True)

    def open(self, migrate=False):
        db = DAL(self.uri, folder=self.folder, migrate_enabled=migrate)
        db.define_table("log", Field("text"))
        db.define_table(
            "person",
            Field("name", unique=True, length=100),
            Field("nick", length=100),
            Field("email", length=90),
        )
        db.person.nick.requires = IS_NOT_IN_DB(db, "person.nick")
        db.person.email.requires = IS_NOT_IN_DB(db, "person.email")
        return db

    def empty(self):
        self.db(self.db.person).delete()
        self.db(self.db.log).delete()
        self.db.commit()

    def people(self):
        return self.db(self.db.person).count(), self.db(self.db.log).count()

    def send(self, sent):
        dal.begin_request()
        try:
            db = self.open()
            current._begin()
            db.log.insert(text="before")
            form = SQLFORM(db.person)
            accepted = form.accepts(
                Storage(sent), formname=None, onvalidation=lambda form: form.errors or self.barrier.wait(30)
            )
        except BaseException:
            dal.finish(commit=False)
            raise
        dal.finish(commit=True)
        return accepted, {name: str(text) for name, text in form.errors.items()}


@pytest.fixture
def crowd(tmp_path):
    with empty_database("mysql") as uri:
        made = Crowd(uri, tmp_path)
        yield made
        made.db.close()


@pytest.mark.mysql
@pytest.mark.parametrize("same", ["name", "nick", "email", "all", "none"])
def test_an_empty_table(crowd, same):
    """SEC-03: gaps are locked by nobody: what is wanted once goes to one, all others get their own."""
    with ThreadPoolExecutor(VISITORS) as pool:
        for _ in range(ROUNDS):
            crowd.empty()
            sent = [
                {key: f"{key} {n}" if same not in (key, "all") else "x" for key in ("name", "nick", "email")}
                for n in range(VISITORS)
            ]
            results = list(pool.map(crowd.send, sent))
            winners = [errors for accepted, errors in results if accepted]
            assert len(winners) == (VISITORS if same == "none" else 1)
            for accepted, errors in results:
                assert accepted or set(errors) <= ({"name", "nick", "email"} if same == "all" else {same})
                assert accepted or errors
            assert crowd.people() == (len(winners), VISITORS), "what else the requests wrote is there"
            crowd.db.commit()
