"""Two visitors want the same value at the same instant: one gets it, the other an error at the field (SEC-03)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.dal import DAL, Field
from runtime.dal.validators import IS_EMPTY_OR, IS_NOT_IN_DB
from runtime.forms import SQLFORM
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from tests.services import ENGINES, empty_database


class World:
    """One database and what opens it, in any thread."""

    def __init__(self, uri, folder):
        self.uri, self.folder, self.opened = uri, str(folder), []
        db = self.open()
        self.define(db, migrate=True)
        db.person.insert(name="first", nick="first", note="there")
        db.log.insert(text="begun")
        db.commit()

    def open(self):
        db = DAL(self.uri, folder=self.folder)
        self.opened.append(db)
        return db

    @staticmethod
    def define(db, migrate=False):
        db.define_table("log", Field("text"), migrate=migrate)
        db.define_table(
            "person",
            Field("name", unique=True, length=100),
            Field("nick", length=100),
            Field("note"),
            migrate=migrate,
        )
        db.person.nick.requires = IS_EMPTY_OR(IS_NOT_IN_DB(db, "person.nick", error_message="nick is taken"))
        return db

    def people(self):
        db = self.define(self.open())
        rows = [(row.name, row.nick) for row in db(db.person).select(orderby=db.person.id)]
        logs = [row.text for row in db(db.log).select(orderby=db.log.id)]
        db.commit()
        return rows, logs

    def submit(self, sent, between, record=None):
        """Send a form in a thread of its own; `between` is called when its values were found right."""
        db = self.define(self.open())
        current._begin()
        db.log.insert(text=f"before {sent['note']}")
        if db._adapter.dbengine == "sqlite":
            db.commit()  # one writer at a time: the rest of the request begins anew
        form = SQLFORM(db.person, record)

        def validated(form):
            if not form.errors:
                between()

        accepted = form.accepts(Storage(sent), formname=None, onvalidation=validated)
        page = str(form)
        db.log.insert(text=f"after {sent['note']}")
        db.commit()
        return accepted, dict(form.errors), page


@pytest.fixture(params=ENGINES)
def world(request, tmp_path):
    with empty_database(request.param) as uri:
        made = World(uri, tmp_path)
        yield made
        for db in made.opened:
            db.close()
    current._begin()


def run(function, *arguments):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result(timeout=60)


def other_takes(world, **values):
    """Return what lets somebody else take a value, at once and for good."""

    def take():
        def insert():
            db = world.define(world.open())
            db.person.insert(**values)
            db.commit()

        run(insert)

    return take


@pytest.mark.parametrize(
    ("field", "message"), [("name", "Value already in database or empty"), ("nick", "nick is taken")]
)
def test_a_new_record(world, field, message):
    """SEC-03: the value is taken between check and writing: the field says so, the transaction goes on."""
    sent = {"name": "Ann", "nick": "annie", "note": "mine"}
    taken = {"name": "other", "nick": "other", field: sent[field]}
    accepted, errors, page = run(world.submit, sent, other_takes(world, **taken))
    assert not accepted
    assert {name: str(text) for name, text in errors.items()} == {field: message}
    assert message in page
    people, logs = world.people()
    assert (taken["name"], taken["nick"]) in people
    assert len(people) == 2
    assert logs == ["begun", "before mine", "after mine"], "what else the request wrote is there"


@pytest.mark.parametrize("field", ["name", "nick"])
def test_a_changed_record(world, field):
    """SEC-03: the same for the update of a record; keeping one's own value is no error."""
    sent = {"id": "1", "name": "first", "nick": "first", "note": "mine", field: "wanted"}
    taken = {"name": "other", "nick": "other", field: "wanted"}
    accepted, errors, _ = run(world.submit, sent, other_takes(world, **taken), 1)
    assert not accepted
    assert set(errors) == {field}
    assert world.people()[0][0] == ("first", "first")
    own = {"id": "1", "name": "first", "nick": "first", "note": "changed"}
    assert run(world.submit, own, lambda: None, 1)[0]


@pytest.mark.parametrize("field", ["name", "nick"])
def test_at_the_same_instant(world, field):
    """SEC-03: of two forms that were both found right, exactly one is accepted."""
    both = threading.Barrier(2)
    sent = [{"name": f"name {n}", "nick": f"nick {n}", "note": str(n), field: "the same"} for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        results = [
            job.result(timeout=60)
            for job in [pool.submit(world.submit, one, lambda: both.wait(30)) for one in sent]
        ]
    assert sorted(accepted for accepted, _, _ in results) == [False, True]
    (errors,) = [errors for accepted, errors, _ in results if not accepted]
    assert set(errors) == {field}
    people, logs = world.people()
    assert len(people) == 2
    assert sorted(logs) == ["after 0", "after 1", "before 0", "before 1", "begun"]


def test_a_value_that_the_form_does_not_show_is_a_fault(world):
    """ERR-08: what the visitor can not mend stays an error, with a ticket."""
    db = world.define(world.open())
    current._begin()
    form = SQLFORM(db.person, fields=["note"])

    def choose(form):
        form.vars.name = "first"

    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        form.accepts(Storage(note="x"), formname=None, onvalidation=choose)
    db.rollback()


def test_other_refusals_stay_errors(world):
    """ERR-08: a trigger or a missing value is no taken name."""
    db = world.define(world.open())
    current._begin()
    form = SQLFORM(db.person)

    def fail(row):
        raise RuntimeError("a callback of the application")

    db.person._before_insert.append(fail)
    with pytest.raises(RuntimeError):
        form.accepts(Storage(name="new", nick="", note="x"), formname=None)
    db.rollback()
    assert len(world.people()[0]) == 1
