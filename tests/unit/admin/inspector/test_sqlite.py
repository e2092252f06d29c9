"""SQLite files that are locked, gone, strange; their backup (UI-DB-12, UI-DB-15, issue 9 bad input)."""

from __future__ import annotations

import os
import sqlite3
import time

import pytest

from runtime.admin.inspector import InspectorProblem

MODEL = """
db = DAL("sqlite://storage.sqlite")
db.define_table("thing", Field("name"), Field("number", "integer"), Field("made", "datetime"))
"""
PLACE = {"database": "db", "table": "thing"}


@pytest.fixture
def path(application, site):
    application(MODEL)
    path = site / "applications" / "shop" / "databases" / "storage.sqlite"
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT, name CHAR(512), number INTEGER, made TIMESTAMP)"
    )
    db.execute("INSERT INTO thing (name, number, made) VALUES ('one', 1, '2026-01-01 00:00:00')")
    db.commit()
    db.close()
    return path


def test_a_locked_database_says_by_whom(application, path):
    """UI-DB-12: writing waits a little, then says who holds the lock; reading and a later try work."""
    inspector = application(MODEL)
    change = [{"do": "update", "key": [1], "values": {"name": "two"}, "old": {}}]
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    begun = time.monotonic()
    with pytest.raises(InspectorProblem) as caught:
        inspector.ask("write", changes=change, limit=10, **PLACE)
    assert caught.value.kind == "locked"
    assert f"(process {os.getpid()})" in str(caught.value)
    assert time.monotonic() - begun < 60
    holder.rollback()
    holder.close()
    assert inspector.ask("write", changes=change, **PLACE)["written"] == 1


def test_a_database_that_is_gone_is_told(application, path):
    """Issue 9, bad input: the file was deleted under the window."""
    inspector = application(MODEL)
    assert inspector.ask("count", **PLACE)["count"] == 1
    path.unlink()
    with pytest.raises(InspectorProblem) as caught:
        inspector.ask("count", **PLACE)
    assert caught.value.kind == "gone"


def test_strange_values_are_shown(application, path):
    """Issue 9, bad input: values that do not fit their column, bytes that are no text, HTML, control characters."""
    db = sqlite3.connect(path)
    db.execute("INSERT INTO thing (name, number, made) VALUES (CAST(x'ff00fe' AS TEXT), 'many', 'yesterday')")
    db.execute(
        "INSERT INTO thing (name, number) VALUES ('<script>alert(1)</script>\x1b[31m', 9223372036854775807)"
    )
    db.commit()
    db.close()
    rows = application(MODEL).ask("page", **PLACE)["rows"]
    assert rows[1]["cells"][1:] == [
        "\N{REPLACEMENT CHARACTER}\0\N{REPLACEMENT CHARACTER}",
        "many",
        "yesterday",
    ]
    assert rows[2]["cells"][1:3] == ["<script>alert(1)</script>\x1b[31m", "9223372036854775807"]


def test_differences_between_model_and_database_are_listed(application, path):
    """UI-DB-08: a column missing, one too many, one of another type."""
    changed = MODEL.replace('Field("number", "integer")', 'Field("number", "date"), Field("added")').replace(
        ', Field("made", "datetime")', ""
    )
    found = application(changed).ask("structure", **PLACE)["differences"]
    assert {(one["field"], one["what"]) for one in found} == {
        ("number", "type"),
        ("added", "missing"),
        ("made", "extra"),
    }


def test_a_backup_is_whole(application, path):
    """UI-DB-15: a copy of the file beside it, before the first write."""
    answer = application(MODEL).ask("backup", database="db", limit=0)
    with sqlite3.connect(answer["path"]) as copy:
        assert copy.execute("SELECT name FROM thing").fetchall() == [("one",)]
    copy.close()
    assert answer["path"].startswith(str(path.with_suffix("")))


def test_a_table_that_is_not_made_yet_is_told(application):
    """Issue 9, bad input: the model is newer than the database."""
    with pytest.raises(InspectorProblem, match="makes it at its next request"):
        application(MODEL).ask("page", **PLACE)


def test_a_value_can_be_read_whole(application, path):
    """UI-DB-06: the list is cut, the viewer gets all that is asked for."""
    db = sqlite3.connect(path)
    db.execute("UPDATE thing SET name = ?", ("x" * 200_000,))
    db.commit()
    db.close()
    inspector = application(MODEL)
    assert inspector.ask("page", **PLACE)["rows"][0]["cells"][1]["size"] == 200_000
    value = inspector.ask("value", key=[1], field="name", **PLACE)
    assert (len(value["text"]), value["size"]) == (65536, 200_000)
    assert len(inspector.ask("value", key=[1], field="name", most=10**6, **PLACE)["text"]) == 200_000
