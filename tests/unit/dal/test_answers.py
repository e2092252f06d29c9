"""Answers of SQLite kept in memory: never another one than the database would give (FUN-07, FUN-09, OCC-11)."""

from __future__ import annotations

import copy
import datetime
import decimal
import os
import pickle
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.dal import DAL, Field
from runtime.dal.selects import answers


@pytest.fixture(autouse=True)
def _all_are_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "SLOW", -1.0)


def words(folder: str) -> Any:
    db = DAL("sqlite://words.sqlite", folder=folder)
    db.define_table("word", Field("text"), Field("size", "integer"), Field("born", "datetime"))
    return db


@pytest.fixture
def request_of(folder: str, in_request: Any) -> Callable[..., Any]:
    """Runs a function with the database in a request of its own."""

    def run(work: Callable[[Any], Any], commit: bool = True) -> Any:
        with in_request(commit):
            return work(words(folder))

    run(lambda db: [db.word.insert(text=text, size=len(text)) for text in ("a", "bb", "ccc")])
    return run


@pytest.fixture
def another(folder: str, request_of: Any) -> Iterator[sqlite3.Connection]:
    """A connection to the same file, as another process has one."""
    with closing(sqlite3.connect(Path(folder) / "words.sqlite")) as connection:
        yield connection


def texts(db: Any) -> list[str]:
    return [row.text for row in db(db.word.size > 0).select(orderby=db.word.id)]


def sent(db: Any, work: Callable[[Any], Any]) -> list[str]:
    """Return the statements about words that reach the database while `work` is done."""
    found: list[str] = []
    connection = db._adapter.connection
    connection.set_trace_callback(found.append)
    try:
        work(db)
    finally:
        connection.set_trace_callback(None)
    return [text for text in found if "word" in text]


def known(request_of: Any, work: Callable[[Any], Any]) -> bool:
    """Tell whether `work`, done before three times, is answered without the database."""
    for _ in range(3):
        request_of(work)
    return not request_of(lambda db: sent(db, work))


def test_fun_07_what_comes_again_is_not_asked_again(request_of: Any) -> None:
    """FUN-07: a select and a count; the log of statements has them all the same."""
    assert known(request_of, texts)
    assert request_of(texts) == ["a", "bb", "ccc"]
    assert known(request_of, lambda db: db(db.word.size > 1).count())
    assert request_of(lambda db: (db(db.word.size > 1).count(), db._timings[-1][0]))[0] == 2
    assert request_of(lambda db: (texts(db), db._lastsql[0]))[1].startswith('SELECT "word"."id", ')


def test_fun_07_what_is_fast_is_asked(request_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """FUN-07: to ask whether something has changed would take as long."""
    monkeypatch.setattr(answers, "SLOW", 60.0)
    assert not known(request_of, texts)


def test_fun_07_an_adapter_may_be_told_not_to(request_of: Any) -> None:
    assert known(request_of, texts)

    def work(db: Any) -> Any:
        db._adapter.keeps_answers = False
        return texts(db)

    assert not known(request_of, work)


def test_cache_01_kept_answers_go_into_any_cache(request_of: Any) -> None:
    """CACHE-01: a cache on the disk pickles the rows of a select, or its records."""

    def on_disk(key: str, make: Callable[[], Any], seconds: int) -> Any:
        return pickle.loads(pickle.dumps(make()))

    def work(db: Any) -> list[Any]:
        selected = db(db.word.size > 0)
        rows = [selected.select(orderby=db.word.id, cache=(on_disk, 60), cacheable=c) for c in (False, True)]
        return [[row.text for row in copy.deepcopy(each)] for each in rows]

    for _ in range(4):
        assert request_of(work) == [["a", "bb", "ccc"]] * 2


def test_fun_09_records_are_made_anew(request_of: Any) -> None:
    """FUN-09: what one request does to its rows no other sees."""

    def spoil(db: Any) -> None:
        rows = db(db.word.size > 0).select(orderby=db.word.id)
        rows[0].text = "spoiled"
        rows.exclude(lambda row: row.size > 1)
        db(db.word.size > 0).select(orderby=db.word.id, processor=lambda rows, *_, **__: rows.clear())

    for _ in range(4):
        request_of(spoil)
        assert request_of(texts) == ["a", "bb", "ccc"]


def test_fun_09_values_of_every_type(folder: str, in_request: Any) -> None:
    """FUN-09: values that can be changed are each request's own; the others are of their types every time."""
    moment = datetime.datetime(2024, 2, 29, 12, 30)

    def things(db: Any) -> Any:
        kinds = (
            "datetime",
            "date",
            "time",
            "decimal(9,2)",
            "boolean",
            "double",
            "json",
            "list:string",
            "blob",
        )
        return db.define_table(
            "thing",
            *[Field(kind.partition("(")[0].replace(":", "_"), kind) for kind in kinds],
            Field("parent", "reference thing"),
        )

    def opened() -> Any:
        return things(DAL("sqlite://things.sqlite", folder=folder))

    values = {
        "datetime": moment,
        "date": moment.date(),
        "time": moment.time(),
        "decimal": decimal.Decimal("1.50"),
        "boolean": True,
        "double": 0.5,
        "json": {"a": [1]},
        "list_string": ["x", "y"],
        "blob": b"\xff",
        "parent": 1,
    }
    with in_request():
        thing = opened()
        thing.insert(**values)
        thing.insert(datetime=None)
    for _ in range(5):
        with in_request():
            thing = opened()
            rows = thing._db(thing.id > 0).select(orderby=thing.id)
            first = {name: rows[0][name] for name in values}
            assert first == values
            assert [type(v) for v in first.values()][:-1] == [type(v) for v in values.values()][:-1]
            assert rows[0].parent.double == 0.5
            assert rows[1].datetime is rows[1].parent is None
            for changed in (first["json"]["a"], first["list_string"]):
                changed.append("spoiled")


def test_occ_11_what_others_commit_is_seen(request_of: Any, another: sqlite3.Connection) -> None:
    assert known(request_of, texts)
    another.execute("UPDATE word SET text = 'x' WHERE id = 1")
    assert request_of(texts) == ["a", "bb", "ccc"]
    another.commit()
    assert request_of(texts) == ["x", "bb", "ccc"]

    def twice(db: Any) -> None:
        before = texts(db)
        another.execute("DELETE FROM word WHERE id = 1")
        another.commit()
        assert (before, texts(db)) == (["x", "bb", "ccc"], ["bb", "ccc"])

    request_of(twice)


def test_occ_11_what_a_request_writes_it_sees_and_what_is_undone_is_gone(request_of: Any) -> None:
    assert known(request_of, texts)

    def write(db: Any) -> list[str]:
        db.word.insert(text="new", size=3)
        return texts(db) + texts(db)

    assert request_of(write, False) == ["a", "bb", "ccc", "new"] * 2
    assert request_of(texts) == request_of(texts) == ["a", "bb", "ccc"]
    assert request_of(write) == ["a", "bb", "ccc", "new"] * 2
    assert request_of(texts) == ["a", "bb", "ccc", "new"]

    def raw(db: Any) -> list[str]:
        db._adapter.connection.execute("DELETE FROM word WHERE text = 'new'")
        db.commit()
        return texts(db)

    assert request_of(raw) == ["a", "bb", "ccc"]


def test_fun_07_inside_a_transaction_the_database_is_asked(request_of: Any) -> None:
    def work(db: Any) -> list[str]:
        db.word.insert(text="new", size=0)
        return sent(db, texts)

    for _ in range(3):
        assert request_of(work, False)


def test_fun_07_a_changed_structure(request_of: Any, another: sqlite3.Connection) -> None:
    """FUN-07: tables are dropped and made anew, by this connection or by others."""
    assert known(request_of, texts)
    another.execute("ALTER TABLE word RENAME TO old")
    with pytest.raises(sqlite3.OperationalError):
        request_of(texts)
    another.execute("CREATE TABLE word AS SELECT id, upper(text) AS text, size, born FROM old")
    another.commit()
    assert request_of(texts) == ["A", "BB", "CCC"]
    assert known(request_of, texts)
    request_of(lambda db: db.executesql("CREATE TEMP TABLE word AS SELECT * FROM main.word WHERE size = 2"))
    assert request_of(texts) == request_of(texts) == request_of(texts) == ["BB"]


def test_fun_07_another_file_of_the_same_name(folder: str, request_of: Any, tmp_path: Path) -> None:
    assert known(request_of, texts)
    with closing(sqlite3.connect(tmp_path / "new")) as new:
        new.execute("CREATE TABLE word (id INTEGER PRIMARY KEY, text, size, born)")
        new.execute("INSERT INTO word VALUES (1, 'other', 5, NULL)")
        new.commit()
    os.replace(tmp_path / "new", Path(folder) / "words.sqlite")
    assert request_of(texts) == ["other"]


def test_fun_07_a_copy_in_the_place_of_the_file(folder: str, request_of: Any, tmp_path: Path) -> None:
    """FUN-07: also when the copy has seen as many changes as the file that it replaces."""
    path = Path(folder) / "words.sqlite"
    with ThreadPoolExecutor(1) as reader:
        read: Callable[[], Any] = lambda: reader.submit(request_of, texts).result(20)  # noqa: E731
        assert [read() for _ in range(4)] == [["a", "bb", "ccc"]] * 4
        shutil.copy(path, tmp_path / "new")
        with closing(sqlite3.connect(tmp_path / "new")) as new:
            new.execute("UPDATE word SET text = 'x'")
            new.commit()
        os.replace(tmp_path / "new", path)
        assert [read() for _ in range(4)] == [["x", "x", "x"]] * 4


@pytest.mark.parametrize(
    "definition",
    [
        "CREATE VIEW chance AS SELECT random() AS n",
        "CREATE VIEW now(n) AS SELECT CURRENT_TIMESTAMP",
        "CREATE VIRTUAL TABLE search USING fts4(text)",
        "ATTACH DATABASE ':memory:' AS other",
    ],
)
def test_fun_07_tables_that_may_be_more_than_the_file(request_of: Any, definition: str) -> None:
    """FUN-07: where a select may read something else than the file, the database is asked."""
    request_of(lambda db: db.executesql(definition))
    assert not known(request_of, texts)


def test_fun_07_a_view_of_tables(request_of: Any) -> None:
    request_of(lambda db: db.executesql("CREATE VIEW long AS SELECT * FROM word WHERE length(text) > 1"))
    assert known(request_of, texts)


@pytest.mark.parametrize(
    ("sql", "steady"),
    [
        ('SELECT "word"."text" FROM "word" WHERE ("word"."size" = 1);', True),
        ("SELECT COUNT(*), max(a) FROM t WHERE (a IN (1,2)) AND (b LIKE 'random()')", True),
        ("SELECT a FROM t WHERE b = 'it''s now() current_time'", True),
        ('SELECT "random(" FROM t', True),
        ("SELECT a FROM t ORDER BY RANDOM()", False),
        ("SELECT a FROM t WHERE d > date('now')", False),
        ("SELECT a FROM t WHERE d > Current_Timestamp", False),
        ("SELECT mine(a) FROM t", False),
        ("SELECT a FROM json_each(t)", False),
        ("SELECT web2py_extract('year', d) FROM t", True),
    ],
)
def test_fun_07_which_selects_depend_on_the_file_alone(sql: str, steady: bool) -> None:
    assert answers.is_steady(sql) is steady


def test_fun_07_functions_of_an_application(request_of: Any) -> None:
    values = iter(range(10))

    def work(db: Any) -> Any:
        db._adapter.connection.create_function("next_one", 0, lambda: next(values))
        return db(db.word.id == 1).select("next_one()").first()._extra["next_one()"]

    assert [request_of(work) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_fun_07_what_is_large_is_not_kept(request_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """FUN-07: memory has its limits, for one answer, for all of a connection and for the number of selects."""
    monkeypatch.setattr(answers, "MOST_VALUES", 11)
    assert not known(request_of, texts)  # 3 rows of 4 values
    monkeypatch.setattr(answers, "MOST_VALUES", 12)
    assert known(request_of, texts)
    monkeypatch.setattr(answers, "MOST_BYTES", 200)
    assert not known(request_of, lambda db: db(db.word.size > -1).select())
    monkeypatch.setattr(answers, "MOST_TEXTS", 5)

    def many(db: Any) -> int:
        for number in range(20):
            db(db.word.size > number).count()
        return len(db._adapter._slot.answers.rows)

    assert request_of(many) <= 5


def test_fun_07_each_thread_has_its_own(request_of: Any) -> None:
    assert known(request_of, texts)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append([request_of(texts) for _ in range(4)]))
    thread.start()
    thread.join(20)
    assert found == [[["a", "bb", "ccc"]] * 4]


STEPS = st.lists(
    st.sampled_from(
        ["read", "write", "write and undo", "other writes", "other undoes", "within", "structure"]
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_occ_11_any_order_of_reading_and_writing(
    request_of: Any, another: sqlite3.Connection, steps: list[str]
) -> None:
    """OCC-11: whoever writes, a select gives what the file holds at that moment."""
    asked = "SELECT count(*), coalesce(sum(size), 0) FROM word"

    def ours(db: Any) -> tuple[int, int]:
        return db(db.word).count(), db(db.word).select(db.word.size.sum()).first()[db.word.size.sum()] or 0

    def write(db: Any) -> None:
        before = ours(db)
        db.word.insert(text="w", size=7)
        assert ours(db) == (before[0] + 1, before[1] + 7)

    def within(db: Any) -> None:
        assert ours(db) == another.execute(asked).fetchone()
        another.execute("INSERT INTO word (text, size) VALUES ('o', 5)")
        another.commit()
        assert ours(db) == another.execute(asked).fetchone()

    for number, step in enumerate(steps):
        if step.startswith("write"):
            request_of(write, step == "write")
        elif step.startswith("other"):
            another.execute("UPDATE word SET size = size + 1")
            (another.commit if step == "other writes" else another.rollback)()
        elif step == "within":
            request_of(within)
        elif step == "structure":
            another.execute(f"CREATE TABLE IF NOT EXISTS more{number} (id)")
        assert request_of(ours) == another.execute(asked).fetchone()
