"""The SQL of a select from memory: never that of another select (FUN-07, LIB-31)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from runtime.dal import DAL, Field
from runtime.dal.selects import known_sql


def shelf(folder: str, *more: Any) -> Any:
    db = DAL("sqlite://shelf.sqlite", folder=folder)
    db.define_table("author", Field("name"))
    db.define_table(
        "book",
        Field("title"),
        Field("pages", "integer"),
        Field("weight", "double"),
        Field("lent", "boolean"),
        Field("printed", "datetime"),
        Field("author_id", "reference author"),
        *more,
    )
    db.define_table("place", Field("room"), Field("shelf"), primarykey=["room", "shelf"])
    return db


@pytest.fixture
def sql_of(folder: str, in_request: Any) -> Callable[[Callable[[Any], Any]], str]:
    """Runs a select in a request of its own and returns what was sent for it."""

    def run(work: Callable[[Any], Any]) -> str:
        with in_request():
            db = shelf(folder)
            wanted: str = work(db) or ""
            sent: str = db._timings[-1][0]
            assert not wanted or sent == wanted
            return sent

    return run


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Notes each text that pydal puts together."""
    from pydal.adapters.base import SQLAdapter

    found: list[Any] = []
    real = SQLAdapter._select_wcols

    def noted(self: Any, query: Any, fields: Any, **attributes: Any) -> Any:
        found.append(query)
        return real(self, query, fields, **attributes)

    monkeypatch.setattr(SQLAdapter, "_select_wcols", noted)
    monkeypatch.setattr("runtime.dal.selects.reading.SQLAdapter._select_wcols", noted)
    return found


def test_fun_07_the_same_again_is_not_put_together_again(sql_of: Any, made: list[Any]) -> None:
    def work(db: Any) -> None:
        db((db.book.author_id == db.author.id) & (db.book.title.like("A%"))).select(
            db.book.ALL, db.author.name, orderby=~db.book.id, limitby=(0, 10)
        )

    first = [sql_of(work) for _ in range(3)]  # the tables come from memory then
    count = len(made)
    assert [sql_of(work) for _ in range(3)] == first
    assert len(made) == count


VALUES = [
    1,
    True,
    "1",
    1.0,
    0.0,
    -0.0,
    None,
    "it's",
    datetime.date(2024, 1, 2),
    datetime.datetime(2024, 1, 2),
    datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
    [1, 2],
    (1, 2),
    {3, 4},
    "x" * 500,
    list(range(200)),
]


@pytest.mark.parametrize("name", ["title", "pages", "weight", "lent", "printed", "author_id"])
def test_fun_07_equal_values_of_other_kinds(sql_of: Any, name: str) -> None:
    """FUN-07: 1, True, "1" and 1.0 are equal or look alike, and stand differently in SQL."""

    def asked(value: Any) -> Callable[[Any], Any]:
        def work(db: Any) -> Any:
            field = db.book[name]
            query = field.belongs(value) if isinstance(value, (list, tuple, set)) else field == value
            wanted = db(query)._select(db.book.id)
            db(query).select(db.book.id)
            return wanted

        return work

    for value in VALUES * 2:
        try:
            sql_of(asked(value))
        except (ValueError, TypeError, AttributeError):
            continue  # pydal takes no such value for this type


def test_fun_07_filters_and_tenants_of_one_request(sql_of: Any) -> None:
    """FUN-07: what a table adds to queries is never left out, nor left in."""

    def plain(db: Any) -> None:
        db(db.book.pages > 3).select(db.book.id)

    def filtered(db: Any) -> None:
        db.book._common_filter = lambda query: db.book.lent == False  # noqa: E712
        plain(db)

    def everything(db: Any) -> None:
        db.book._common_filter = lambda query: db.book.lent == False  # noqa: E712
        db(db.book.pages > 3, ignore_common_filters=True).select(db.book.id)

    for _ in range(4):
        assert "lent" not in sql_of(plain)
        assert "lent" in sql_of(filtered)
        assert "lent" not in sql_of(everything)


def test_fun_07_tenants(folder: str, in_request: Any) -> None:
    """FUN-07: each tenant's requests see its records."""
    for number in (None, 5, 6, 5, None, 6, 5, None):
        with in_request():
            db = shelf(folder, Field("request_tenant", "integer", default=number))
            db(db.book.pages > 3).select(db.book.id)
            sent = db._timings[-1][0]
            assert (f'"request_tenant" = {number}' in sent) is (number is not None)


def test_fun_07_other_names_in_the_database(sql_of: Any) -> None:
    def renamed(db: Any) -> Any:
        db.book.title._rname = '"pages"'
        return selected(db)

    def selected(db: Any) -> Any:
        wanted = db(db.book.title == "a")._select(db.book.title, orderby=db.book.title)
        db(db.book.title == "a").select(db.book.title, orderby=db.book.title)
        return wanted

    def alias(db: Any) -> Any:
        other = db.book.with_alias("other")
        wanted = db(other.title == "a")._select(other.title, orderby=other.title)
        db(other.title == "a").select(other.title, orderby=other.title)
        return wanted

    texts = {sql_of(work) for work in (selected, renamed, alias, selected, renamed, alias)}
    assert len(texts) == 3


def test_fun_07_orders(sql_of: Any) -> None:
    """FUN-07: given, by chance, of the table's own key where only limits are given."""
    orders: list[Callable[[Any], Any]] = [
        lambda db: None,
        lambda db: db.book.title,
        lambda db: ~db.book.title,
        lambda db: db.book.title | db.book.id,
        lambda db: [db.book.title, db.book.id],
        lambda db: "<random>",
        lambda db: "book.title DESC",
        lambda db: db.book.title.upper(),
        lambda db: db.book.title.lower(),
        lambda db: db.book.pages + 1,
        lambda db: db.book.pages + 2,
        lambda db: (db.book.pages > 3).case(1, 2),
        lambda db: (db.book.pages > 3).case(1, 3),
        lambda db: db.book.pages.cast("double"),
    ]

    def asked(order: Callable[[Any], Any], limits: Any) -> Callable[[Any], Any]:
        def work(db: Any) -> Any:
            wanted = db(db.book)._select(db.book.id, orderby=order(db), limitby=limits)
            db(db.book).select(db.book.id, orderby=order(db), limitby=limits)
            return wanted

        return work

    for limits in (None, (0, 3), (3, 6)):
        for order in orders * 2:
            sql_of(asked(order, limits))

    def keyed(db: Any) -> Any:
        wanted = db(db.place)._select(db.place.ALL, limitby=(0, 3))
        db(db.place).select(db.place.ALL, limitby=(0, 3))
        return wanted

    assert sql_of(keyed) == sql_of(keyed)


def test_fun_07_the_key_of_one_request(folder: str, in_request: Any) -> None:
    """FUN-07: a select with limits and no order goes by the key that the table has now."""
    for name in ("nr", "code", "nr", "code", "nr", "code"):
        with in_request():
            db = DAL("sqlite://shelf.sqlite", folder=folder)
            db.define_table("box", Field("title"), Field(name, "id"), migrate=False)
            text = db(db.box.title == "a")._select(db.box.title, limitby=(0, 1))
            db.executesql("CREATE TABLE IF NOT EXISTS box (title, nr, code)")
            db(db.box.title == "a").select(db.box.title, limitby=(0, 1))
            assert db._timings[-1][0] == text
            everything = db()._select(db.box.title, limitby=(0, 1))
            db().select(db.box.title, limitby=(0, 1))
            assert db._timings[-1][0] == everything


def test_fun_07_texts_are_bounded(sql_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_sql, "TEXTS_KEPT", 10)

    def work(db: Any) -> None:
        for number in range(50):
            assert not db(db.book.pages == number).select(db.book.id)
        sizes.append(len(db._adapter.__dict__.get("_known_sql", ())))

    sizes: list[int] = []
    for _ in range(4):
        sql_of(work)
    assert 1 <= sizes[-1] <= 10
