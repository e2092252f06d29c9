"""Selects of the same columns again and again: nothing of one request is seen by the next (LIB-31, FUN-09)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runtime.dal import DAL, Field


def notes(folder: str) -> Any:
    db = DAL("sqlite://notes.sqlite", folder=folder)
    db.define_table("author", Field("name"))
    db.define_table("note", Field("text"), Field("size", "integer"), Field("author_id", "reference author"))
    return db


def texts(db: Any) -> list[Any]:
    return [row.text for row in db(db.note).select(orderby=db.note.id)]


@pytest.fixture
def request_of(folder: str, in_request: Any) -> Callable[..., Any]:
    """Runs a function with the database in a request of its own."""

    def run(work: Callable[[Any], Any]) -> Any:
        with in_request():
            return work(notes(folder))

    def fill(db: Any) -> None:
        number = db.author.insert(name="Ann")
        for size, text in enumerate(("a", "b")):
            db.note.insert(text=text, size=size, author_id=number)

    run(fill)
    assert run(texts) == ["a", "b"]
    return run


def test_lib_31_a_filter_of_one_request(request_of: Any) -> None:
    def untouched(db: Any) -> list[Any]:
        db.note.text.filter_out = str.upper
        return texts(db)

    def looked_at(db: Any) -> list[Any]:
        assert db.note.text.label == "Text"
        db.note.text.filter_out = str.upper
        return texts(db)

    assert request_of(untouched) == request_of(looked_at) == ["A", "B"]
    assert request_of(texts) == ["a", "b"]


def test_lib_31_a_type_of_one_request(request_of: Any) -> None:
    def as_truth(db: Any) -> list[Any]:
        db.note.text.type = db.note.text._itype = "boolean"
        return texts(db)

    assert request_of(as_truth) == [False, False]
    assert request_of(texts) == ["a", "b"]


def test_lib_31_a_virtual_field_of_one_request(request_of: Any) -> None:
    def virtual(db: Any) -> list[Any]:
        db.note.twice = Field.Virtual(lambda row: row.note.text * 2)
        return [row.twice for row in db(db.note).select(orderby=db.note.id)]

    assert request_of(virtual) == ["aa", "bb"]
    assert not request_of(lambda db: hasattr(db(db.note).select().first(), "twice"))


def test_lib_31_references_belong_to_the_request(request_of: Any) -> None:
    for _ in range(2):
        assert request_of(lambda db: db(db.note).select().first().author_id.name) == "Ann"
        assert request_of(lambda db: db(db.note).select().first().author_id._table is db.author)


def test_lib_31_other_columns_tables_and_names(request_of: Any) -> None:
    def several(db: Any) -> list[Any]:
        joined = db(db.note.author_id == db.author.id)
        return [
            [row.text for row in db(db.note).select(db.note.text, orderby=~db.note.id)],
            [(row.author.name, row.note.text) for row in joined.select(db.author.name, db.note.text)],
            [(row.note.text, row.author.name) for row in joined.select(db.note.text, db.author.name)],
            joined.select(db.note.text, db.author.name).colnames,
            [row.text for row in db(db.note).select(db.note.size, db.note.text)],
            db(db.note.id == 0).select().as_list(),
        ]

    wanted = [
        ["b", "a"],
        [("Ann", "a"), ("Ann", "b")],
        [("a", "Ann"), ("b", "Ann")],
        ["note.text", "author.name"],
        ["a", "b"],
        [],
    ]
    assert request_of(several) == request_of(several) == wanted


def test_lib_31_what_an_application_does_to_names_stays_its_own(request_of: Any) -> None:
    def rename(db: Any) -> list[str]:
        rows = db(db.note).select(db.note.text)
        rows.colnames[0] = "Text"
        return list(rows.colnames)

    assert request_of(rename) == ["Text"]
    assert request_of(lambda db: db(db.note).select(db.note.text).colnames) == ["note.text"]


def test_lib_31_a_column_that_holds_values_of_another_type(request_of: Any) -> None:
    """SQLite keeps a text in a column of numbers when it is told to."""
    request_of(lambda db: db.executesql("update note set size='7' where text='b'"))
    assert request_of(lambda db: [row.size for row in db(db.note).select(orderby=db.note.id)]) == [0, 7]


def test_lib_31_iterating_gives_what_indexing_gives(request_of: Any) -> None:
    def compare(db: Any) -> None:
        counted = db(db.note).select(db.note.author_id, db.note.id.count(), groupby=db.note.author_id)
        whole = db(db.note).select()
        loose = db(db.note).select()
        loose.compact = False
        for rows in (counted, whole, loose):
            assert list(rows) == [rows[number] for number in range(len(rows))]
        assert next(iter(loose)).note.text == "a"
        assert next(iter(counted))[db.note.id.count()] == 2

    request_of(compare)
