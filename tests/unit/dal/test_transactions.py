"""Commit, roll back, keep connections (FLOW-09..11, OCC-11)."""

from __future__ import annotations

import gc
import os
import pickle
import sqlite3
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest

from runtime import dal
from runtime.dal import DAL, Field


def note(folder: str, **options: Any) -> Any:
    db = DAL("sqlite://notes.sqlite", folder=folder, **options)
    db.define_table("note", Field("text"))
    return db


def count(folder: str) -> int:
    connection = sqlite3.connect(os.path.join(folder, "notes.sqlite"))
    try:
        return int(connection.execute("select count(*) from note").fetchone()[0])
    finally:
        connection.close()


def test_flow_09_success_commits(folder: str) -> None:
    """FLOW-09, FLOW-11"""
    dal.begin_request()
    note(folder).note.insert(text="a")
    dal.finish(commit=True)
    assert count(folder) == 1


def test_flow_10_an_error_rolls_back(folder: str) -> None:
    """FLOW-10"""
    dal.begin_request()
    note(folder)
    dal.finish(commit=True)
    dal.begin_request()
    note(folder).note.insert(text="a")
    dal.finish(commit=False)
    assert count(folder) == 0


def test_flow_11_roll_back_by_hand_before_an_answer(folder: str) -> None:
    """FLOW-11"""
    dal.begin_request()
    db = note(folder)
    db.note.insert(text="kept")
    db.commit()
    db.note.insert(text="dropped")
    db.rollback()
    dal.finish(commit=True)
    assert count(folder) == 1


def test_occ_11_no_transaction_stays_open(folder: str) -> None:
    """OCC-11: after `finish` another connection may write at once."""
    for commit in (True, False):
        dal.begin_request()
        note(folder).note.insert(text="a")
        dal.finish(commit=commit)
        other = sqlite3.connect(os.path.join(folder, "notes.sqlite"), timeout=0)
        other.execute("begin exclusive")
        other.rollback()
        other.close()


def test_occ_11_work_on_a_connection_held_by_hand_ends_too(folder: str) -> None:
    """OCC-11"""
    for commit in (True, False):
        dal.begin_request()
        db = note(folder)
        connection = opened(db)
        db.commit()
        connection.execute("insert into note (text) values ('by hand')")
        dal.finish(commit=commit)
        assert not connection.in_transaction
    assert count(folder) == 1


def test_occ_11_a_request_that_never_finished_is_rolled_back(folder: str) -> None:
    """OCC-11"""
    dal.begin_request()
    note(folder)
    dal.finish(commit=True)
    dal.begin_request()
    note(folder).note.insert(text="lost")
    dal.begin_request()
    dal.finish(commit=True)
    assert count(folder) == 0


def test_flow_09_a_refused_commit_is_raised_and_leaves_nothing_open(folder: str) -> None:
    """FLOW-09: the caller learns of it, other databases are rolled back."""
    dal.begin_request()
    db = note(folder)
    db.executesql("create table child (parent integer references note(id) deferrable initially deferred)")
    dal.finish(commit=True)
    dal.begin_request()
    first, second = note(folder), DAL("sqlite://second.sqlite", folder=folder)
    second.define_table("note", Field("text"))
    first.executesql("insert into child values (99)")
    second.note.insert(text="x")
    with pytest.raises(sqlite3.IntegrityError):
        dal.finish(commit=True)
    dal.begin_request()
    assert note(folder).executesql("select count(*) from child") == [(0,)]
    second = DAL("sqlite://second.sqlite", folder=folder)
    second.define_table("note", Field("text"))
    assert second(second.note).isempty()


def opened(db: Any) -> Any:
    db.executesql("select 1")
    return db._adapter.connection


def test_flow_09_the_connection_is_kept_between_requests_of_a_thread(folder: str, in_request: Any) -> None:
    """One connection per thread, opened by the first statement."""
    with in_request():
        note(folder)
    with in_request():
        first = opened(note(folder))
    with in_request():
        db = note(folder)
        assert db._adapter._slot.dirty is False
        assert opened(db) is first
        with_others: list[Any] = []

        def other() -> None:
            with in_request():
                with_others.append(opened(note(folder)))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(60)
        assert with_others[0] is not first


def test_occ_11_connections_of_ended_threads_are_closed(folder: str, in_request: Any) -> None:
    """OCC-11"""
    kept: list[Any] = []

    def work() -> None:
        with in_request():
            kept.append(opened(note(folder)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError):
        kept[0].execute("select 1")


def test_mdl_08_objects_of_a_request_are_freed(folder: str, in_request: Any) -> None:
    """MDL-08: no idle adapter holds the tables (and users, settings ...) of a request."""
    for _ in range(2):
        with in_request():
            db = note(folder)
            db(db.note).select()
            watched = weakref.ref(db)
        del db
        gc.collect()
        assert watched() is None


def test_flow_09_two_objects_of_one_database_have_two_transactions(folder: str, in_request: Any) -> None:
    """As in pydal."""
    with in_request():
        note(folder)
    for _ in range(2):
        with in_request(commit=False):
            a, b = note(folder), note(folder)
            a.note.insert(text="a")
            assert b(b.note).count() == 0


def test_flow_09_a_replaced_database_file_is_noticed(folder: str, in_request: Any) -> None:
    with in_request():
        note(folder).note.insert(text="old")
    for path in Path(folder).iterdir():
        path.unlink()
    with in_request():
        assert note(folder)(note(folder).note.id > 0).isempty()
    with in_request():
        note(folder).note.insert(text="new")
    assert count(folder) == 1


def test_names_08_memory_databases_belong_to_their_object(in_request: Any) -> None:
    """NAMES-08"""
    for _ in range(3):
        with in_request():
            db = DAL("sqlite:memory")
            db.define_table("t", Field("a"))
            assert db(db.t).isempty()
            db.t.insert(a="x")
            assert db(db.t).count() == 1


def test_names_08_no_database_at_all(in_request: Any) -> None:
    """NAMES-08: `DAL(None)` gives tables for forms."""
    for _ in range(2):
        with in_request():
            db = DAL(None)
            db.define_table("t", Field("a", default="x"))
            assert db.t.a.default == "x"


def test_names_09_aliases() -> None:
    """NAMES-09"""
    assert dal.SQLDB is DAL
    assert dal.SQLField is Field


def test_flow_09_objects_outside_of_requests_live_on(folder: str) -> None:
    """A DAL object of a module, made once, is used by requests of several threads."""
    db = note(folder)
    db.commit()

    def work() -> None:
        for _ in range(5):
            dal.begin_request()
            db.note.insert(text="x")
            dal.finish(commit=True)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert count(folder) == 15
    db.close()


def test_flow_09_an_object_used_after_its_request_connects_again(folder: str, in_request: Any) -> None:
    """As rows in a cache or a stream that is still being sent do."""
    with in_request():
        note(folder).note.insert(text="x")
    with in_request():
        db = note(folder)
        row = db(db.note).select().first()
    row.update_record(text="y")
    dal.finish(commit=True)
    with in_request():
        db = note(folder)
        assert db.note(1).text == "y"


def test_flow_09_close_all_instances(folder: str) -> None:
    """The documented names for the end of a request."""
    seen: list[Any] = []
    for action in ("commit", "rollback", seen.append):
        dal.begin_request()
        note(folder).note.insert(text="a")
        DAL.close_all_instances(action)
    assert count(folder) == 1
    assert seen[-1] is None


def test_flow_09_distributed_transactions_are_refused_by_sqlite(folder: str, in_request: Any) -> None:
    with in_request():
        db = note(folder)
        with pytest.raises(SyntaxError):
            DAL.distributed_transaction_begin(db)


def test_flow_09_statements_of_the_request_are_logged(folder: str, in_request: Any) -> None:
    """`db._timings`: (statement, seconds), this request's only, at most 100."""
    with in_request():
        note(folder)
    with in_request():
        db = note(folder)
        assert db._timings == []
        for number in range(130):
            db.executesql(f"select {number}")
        assert len(db._timings) == 100
        assert db._lastsql[0] == "select 129"
        assert db._lastsql[1] >= 0
        info = DAL.get_instances()
        assert info["sqlite://notes.sqlite"]["dbtables"]["defined"] == ["note"]
    assert "sqlite://notes.sqlite" not in DAL.get_instances()


def test_flow_09_a_database_that_cannot_be_opened_is_in_no_list(folder: str, in_request: Any) -> None:
    with in_request():
        with pytest.raises(RuntimeError):
            DAL("postgres://nobody:x@127.0.0.1:1/none", folder=folder, attempts=1)
        note(folder)
        assert list(DAL.get_instances()) == ["sqlite://notes.sqlite"]


def test_cache_13_rows_can_be_pickled(folder: str, in_request: Any) -> None:
    """CACHE-13: `select(cacheable=True)` and plain rows."""
    with in_request():
        db = note(folder)
        db.note.insert(text="x")
        rows = db(db.note).select(cacheable=True)
        again = pickle.loads(pickle.dumps(rows))
        assert again.as_list() == [{"id": 1, "text": "x"}]
        row = pickle.loads(pickle.dumps(db.note(1)))
        assert row.text == "x"


def test_cache_13_select_with_cache(folder: str, in_request: Any) -> None:
    """CACHE-13: the select's own `cache` argument, over requests."""
    store: dict[str, Any] = {}

    def ram(key: str, f: Any, time_expire: int) -> Any:
        if key not in store:
            store[key] = f()
        return store[key]

    for cacheable in (False, True):
        store.clear()
        for turn in range(3):
            with in_request():
                db = note(folder)
                rows = db(db.note.text == "cached").select(cache=(ram, 60), cacheable=cacheable)
                assert len(rows) == 0
                db.note.insert(text="cached")
        with in_request():
            db = note(folder)
            db(db.note).delete()


def test_sec_01_input_is_a_value(folder: str, in_request: Any) -> None:
    """SEC-01: input never becomes SQL."""
    for _ in range(2):
        with in_request():
            db = note(folder)
            db.note.insert(text="1;drop table note'--")
            assert db(db.note.text == "1;drop table note'--").count() >= 1
            with pytest.raises(ValueError, match="drop"):
                db(db.note.id == "1;drop").select()
