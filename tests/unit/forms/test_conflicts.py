"""No lost updates (OCC-01..09, OCC-11), on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import datetime
import io
import threading

import pytest

from runtime import dal
from runtime.dal import DAL, Field
from runtime.dal.validators import IS_IN_SET, IS_UPPER
from runtime.forms import SQLFORM
from runtime.foundation.current import current

FILM = 47478


@pytest.fixture
def films(database_uri, tmp_path):
    """OCC-01: the row that Alice, Bob and Carol open at the same time."""
    db = DAL(database_uri, folder=str(tmp_path))
    define(db, tmp_path)
    db.film.insert(id=FILM, title="Seven  Samurai", year=1956, director=1)
    db.commit()
    yield db
    db.close()
    current._begin()


def define(db, folder, migrate=True):
    db.define_table("person", Field("name"), format="%(name)s", migrate=migrate)
    if not db(db.person).count():
        db.person.bulk_insert([{"name": "Kurosawa"}, {"name": "Ozu"}])
    db.define_table(
        "film", Field("title", length=100), Field("year", "integer"), Field("director", "reference person"),
        Field("plot", "text"), Field("tags", "list:string"), Field("seen", "boolean", default=False), Field("data", "json"),
        Field("price", "decimal(10,2)"), Field("length", "double"), Field("shot", "datetime"), Field("password", "password"),
        Field("poster", "upload", uploadfolder=str(folder)), Field("version", "integer", default=0, writable=False, readable=False),
        migrate=migrate,
    )  # fmt: skip


@pytest.fixture
def opens(films, visit):
    """What opens the form of the film, for one visitor."""

    def make(**options):
        constructor = {k: options.pop(k) for k in ("deletable", "fields", "upload") if k in options}
        return visit(lambda: SQLFORM(films.film, FILM, **constructor), **options)

    return make


def test_occ_02_03_changes_of_different_fields_merge(films, opens):
    """OCC-02, OCC-03: Carol's save does not bring the old title back."""
    bob, carol = opens(), opens()
    assert bob.send(title="七人の侍").accepted
    assert carol.send(year="1954").accepted
    row = films.film(FILM)
    assert (row.title, row.year) == ("七人の侍", 1954)


def test_occ_04_08_the_same_field_twice_is_refused(films, opens):
    """OCC-04, OCC-08: both values are shown; sending again decides, giving up keeps the other's."""
    alice, bob = opens(), opens()
    assert alice.send(title="Seven Samurai").accepted
    form = bob.send(title="七人の侍", year="1954")
    assert not form.accepted
    assert form.record_changed is True
    assert form.conflicts == {"title": {"mine": "七人の侍", "theirs": "Seven Samurai"}}
    row = films.film(FILM)
    assert (row.title, row.year) == ("Seven Samurai", 1956), "nothing of a refused form is saved"
    assert "七人の侍</td><td>Seven Samurai</td>" in bob.page
    assert 'value="七人の侍"' in bob.page
    assert bob.send().accepted, "sent again by somebody who has seen both"
    assert films.film(FILM).title == "七人の侍"
    assert films.film(FILM).year == 1954


def test_occ_04_the_same_new_value_is_no_conflict(films, opens):
    """OCC-04."""
    alice, bob = opens(), opens()
    assert alice.send(title="Seven Samurai").accepted
    assert bob.send(title="Seven Samurai", year="1954").accepted
    assert films.film(FILM).year == 1954


def test_occ_03_every_type_of_field_comes_back_as_shown(films, opens):
    """OCC-03: whatever the form cannot show exactly is no change: microseconds, line ends, order of boxes, files."""
    films.film(FILM).update_record(
        plot="one\ntwo", tags=["b", "a"], seen=True, data={"b": [1, None], "a": "<"}, price="12.50", length=0.1 + 0.2,
        shot=datetime.datetime(2020, 1, 2, 3, 4, 5), password="hash", poster="film.poster.x.y.png", title=None,
    )  # fmt: skip
    films.commit()
    before = dict(films.film(FILM).as_dict())
    updates = []
    films.film._before_update.append(lambda _, row: updates.append(set(row)) and False)
    visitor = opens()
    assert visitor.send(plot="one\r\ntwo").accepted
    assert updates == []
    assert visitor.send(year="1954").accepted
    assert updates == [{"year"}]
    assert films.film(FILM).as_dict() == {**before, "year": 1954}


@pytest.mark.parametrize(
    ("field", "mine", "theirs"),
    [
        ("director", "2", None), ("plot", "mine", "theirs"), ("tags", ["mine"], ["a", "b"]), ("seen", "on", True),
        ("data", "[1]", {"a": 2}), ("price", "1.50", "2.50"), ("length", "1.5", 2.25), ("year", "1", None),
        ("shot", "2020-01-01 00:00:00", datetime.datetime(2021, 1, 1)),
    ],
)  # fmt: skip
def test_occ_04_conflicts_of_every_type(films, opens, field, mine, theirs):
    """OCC-04: references, texts, lists, boxes, JSON, numbers and times included."""
    bob = opens()
    films(films.film.id == FILM).update(**{field: theirs})
    form = bob.send(**{field: mine})
    if field == "seen":
        assert form.accepted, "both ticked the box"
        return
    assert form.record_changed
    assert list(form.conflicts) == [field]
    assert opens().send(**{field: mine}).accepted


def test_occ_04_an_upload_that_two_replace(films, opens, tmp_path):
    """OCC-04: files included; the refused one is not left lying about unused by a record."""

    class Upload:
        def __init__(self, data):
            self.file, self.filename = io.BytesIO(data), "a.png"

    alice, bob = opens(), opens()
    assert alice.send(poster=Upload(b"alice")).accepted
    stored = films.film(FILM).poster
    assert bob.send(poster=Upload(b"bob")).record_changed
    assert films.film(FILM).poster == stored
    assert [p.name for p in tmp_path.glob("film.poster.*")] == [stored]


def test_occ_06_the_condition_finds_a_change_in_between(films, opens, monkeypatch):
    """OCC-06: another connection writes between reading and UPDATE; no lock, the old value in the condition."""
    from runtime.forms import saving

    if films._adapter.dbengine == "mysql":
        pytest.skip("its transactions read what was there when they began; forms lock the row there")
    if films._adapter.dbengine != "sqlite":
        monkeypatch.setattr(saving, "LOCKING", ())
    other = DAL(films._uri, folder=films._adapter.folder)
    define(other, films._adapter.folder, migrate=False)
    other.commit()
    bob = opens()
    films.commit()
    write = saving._write

    def interrupted(form, now, wanted, strict):
        other(other.film.id == FILM).update(title="other")
        other.commit()
        return write(form, now, wanted, strict)

    monkeypatch.setattr(saving, "_write", interrupted)
    statements = len(films._timings)
    form = bob.send(title="mine")
    assert any(
        "UPDATE" in sql and "WHERE" in sql and "Seven  Samurai" in sql
        for sql, _ in films._timings[statements - 100 :]
    )
    assert form.record_changed
    films.rollback()
    assert films.film(FILM).title == "other"
    other.close()


@pytest.mark.parametrize("field", ["title", "plot"])
def test_occ_05_two_transactions_at_once(films, database_uri, tmp_path, visit, field):
    """OCC-05: the second waits for the first and then finds the conflict; never both, never a silent overwrite."""
    films.commit()
    outcome = {}
    gate = threading.Barrier(2, timeout=60)

    def save(name):
        dal.begin_request(str(tmp_path))
        try:
            db = DAL(database_uri, folder=str(tmp_path))
            define(db, tmp_path, migrate=False)
            visitor = visit(lambda: SQLFORM(db.film, FILM))
            db.commit()
            gate.wait()
            form = visitor.send(**{field: name})
            outcome[name] = (form.accepted, bool(form.record_changed))
            dal.finish(commit=True)
        except Exception as error:
            outcome[name] = error
            dal.finish(commit=False)

    threads = [threading.Thread(target=save, args=(name,)) for name in ("alice", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcome.values(), key=str) == [(False, True), (True, False)], outcome
    films.rollback()
    winner = next(name for name, (accepted, _) in outcome.items() if accepted)
    assert films.film(FILM)[field] == winner


def test_occ_07_version_field(films, opens):
    """OCC-07: any change of the record is found by its version, and each save counts it up."""
    alice, bob = (opens(detect_record_change="version") for _ in range(2))
    assert alice.send(title="Seven Samurai").accepted
    assert films.film(FILM).version == 1
    form = bob.send(year="1954")
    assert not form.accepted
    assert form.record_changed
    assert films.film(FILM).year == 1956
    assert bob.send().accepted
    assert films.film(FILM).version == 2


def test_occ_09_detect_record_change(films, opens):
    """OCC-09: with True any change of the record refuses, fields that are not shown included; False never does."""
    bob, wild = opens(detect_record_change=True, fields=["year"]), opens(detect_record_change=False)
    films(films.film.id == FILM).update(title="x")
    updates = []
    films.film._before_update.append(lambda _, row: updates.append(set(row)) and False)
    form = bob.send(year="1954")
    assert form.record_changed is True
    assert not form.accepted
    assert not form.errors
    assert updates == []
    assert bob.send().accepted
    assert wild.send(title="last wins").accepted
    assert films.film(FILM).title == "last wins"
    assert wild.form.record_changed is False


def test_occ_02_deleting_what_somebody_has_changed_is_refused(films, opens):
    """OCC-02: and one that is gone already is gone."""
    bob, carol = opens(deletable=True), opens(deletable=True)
    films(films.film.id == FILM).update(title="x")
    assert bob.send(delete_this_record="on").record_changed
    assert films.film(FILM) is not None
    assert bob.send(delete_this_record="on").accepted
    assert films.film(FILM) is None
    assert carol.session is not None


def test_occ_04_a_record_deleted_meanwhile(films, visit):
    """OCC-04: the visitor is told; nothing is saved."""
    record = films.film(FILM)
    visitor = visit(lambda: SQLFORM(films.film, record))
    films(films.film.id == FILM).delete()
    form = visitor.send(title="x")
    assert not form.accepted
    assert form.record_changed
    assert films(films.film).count() == 0


def test_occ_03_what_validators_would_make_of_an_old_value_is_no_change(db, visit):
    """OCC-03: IS_UPPER does not turn somebody's field into a change of the visitor's."""
    db.define_table(
        "t", Field("a"), Field("b", requires=IS_UPPER()), Field("c", requires=IS_IN_SET([1, 2], zero=None))
    )
    db.t.insert(a="x", b="low", c="1")
    assert visit(lambda: SQLFORM(db.t, 1)).send(a="y").accepted
    assert db.t(1).b == "low"


def test_occ_a_forged_description_cannot_do_more_than_a_normal_save(films, opens):
    """OCC-09, FUN-03: garbage in the hidden field is as none."""
    for garbage in ("x", "title:", "title:AAAAAAAA *:x" * 1000, ["a", "b"], "", "\x00:☃"):
        form = opens().send(year="1957", _record_shown=garbage)
        assert form.accepted or form.record_changed
    assert films.film(FILM).title == "Seven  Samurai"


def test_occ_the_page_does_not_help_to_guess_passwords(films, opens):
    """FUN-03: no digest of a password is in the page, and none of the report."""
    films(films.film.id == FILM).update(password="hash")
    assert "password:" not in opens().page
