"""The panel Databases without widgets: changes and their undo, pages that are let go, copies, words."""

from __future__ import annotations

import json

import pytest

from desktop.panels.databases.changes import Change, Changes, id_of
from desktop.panels.databases.copying import rows_as
from desktop.panels.databases.model import Count, Known, Place, branches, rounded, where_words
from desktop.panels.databases.rows import KEPT_PAGES, RowsModel
from desktop.widgets.value.picture import picture
from desktop.widgets.value.texts import harmless, hex_dump, size_words
from desktop.widgets.value.view import Value

FIELDS = [
    {"name": name, "type": kind, "kind": kind if kind != "id" else "integer", "notnull": False, "unique": False,
     "computed": False, "label": "", "comment": "", "validators": [], "choices": []}
    for name, kind in (("id", "id"), ("name", "text"), ("price", "decimal"), ("facts", "json"))
]  # fmt: skip


@pytest.fixture
def rows(qapp):
    changes = Changes()
    model = RowsModel(changes)
    model.reset(FIELDS)
    yield model
    model.deleteLater()


def page(first: int, count: int = 200, more: bool = True) -> dict:
    return {
        "rows": [
            {"key": [at], "cells": [str(at), f"Thing {at}", "1.50", None]}
            for at in range(first, first + count)
        ],
        "after": [first + count - 1] if more else None,
    }


def test_changes_are_marked_counted_and_taken_back_one_by_one(rows):
    """UI-DB-05: changed, new and deleted rows; Undo in the order they were made; the old value takes a change back."""
    rows.take_page(0, page(1, 5, more=False), first=True)
    changes = rows.changes
    rows.set_value(0, "name", "Lamp")
    rows.set_value(0, "price", "2.00")
    rows.delete_rows([2])
    id = changes.add({"name": "New"})
    assert changes.summary() == "1 changed, 1 new, 1 deleted"
    assert rows.rowCount() == 6
    assert rows.value(0, "name") == "New"
    assert changes.of(id_of([1])).old == {"name": "Thing 1", "price": "1.50"}
    changes.stack.undo()
    changes.stack.undo()
    assert changes.summary() == "1 changed"
    assert rows.rowCount() == 5
    rows.set_value(0, "price", "1.50")
    assert dict(changes.of(id_of([1])).values) == {"name": "Lamp"}
    changes.stack.undo()
    assert changes.of(id_of([1])).values["price"] == "2.00"
    changes.stack.undo()
    changes.stack.undo()
    assert len(changes) == 0
    assert changes.of(id) is None


def test_null_and_empty_are_two_values(rows):
    """UI-DB-06: NULL differs from an empty text, in the cell and in the change."""
    rows.take_page(0, page(1, 2, more=False), first=True)
    rows.set_value(0, "name", "")
    rows.set_value(1, "name", None)
    orders = [change.order()["values"] for change in rows.changes.all().values()]
    assert orders == [{"name": ""}, {"name": None}]
    assert [rows.text(at, FIELDS[1]) for at in (0, 1)] == ["", "NULL"]


def test_what_is_cut_or_the_number_of_a_row_is_not_edited_in_place(rows):
    """UI-DB-05: a cell that shows part of its value would lose the rest."""
    rows.take_page(
        0,
        {"rows": [{"key": [1], "cells": ["1", {"cut": "x", "size": 900}, "1", "{}"]}], "after": None},
        first=True,
    )
    rows.can_edit = True
    assert [rows.editable(0, column) for column in range(4)] == [False, False, True, True]
    assert not rows.set_value(0, "name", "y")


def test_pages_not_seen_for_long_are_let_go_and_read_again(rows):
    """UI-DB-02: endless tables keep bounded memory; a row that was let go is asked for once."""
    rows.take_page(0, page(1), first=True)
    for number in range(1, KEPT_PAGES + 10):
        rows.take_page(number, page(1 + 200 * number))
    assert rows.rowCount() == 200 * (KEPT_PAGES + 10)
    asked: list[int] = []
    rows.page_wanted.connect(asked.append)
    assert rows.row(3) is None
    assert rows.row(4) is None
    assert asked == [0]
    rows.take_page(0, page(1))
    assert rows.row(3).key == (4,)


def test_a_conflict_is_settled_by_field(rows):
    """UI-DB-05: mine is written over what is there now, theirs drops the change of that field."""
    changes = rows.changes
    changes.set_cell((1,), "name", "mine", "before")
    changes.set_cell((1,), "price", "2", "1")
    changes.settle(id_of([1]), {"name": "theirs"}, ["price"])
    assert changes.of(id_of([1])) == Change("update", (1,), {"name": "mine"}, {"name": "theirs"})
    changes.settle(id_of([1]), {}, ["name"])
    assert changes.of(id_of([1])) is None


def test_rows_are_copied_as_what_was_chosen():
    """UI-DB-10: text, CSV, JSON, Python, SQL; NULL and numbers stay what they are."""
    cells = [["1", "it's", "1.50", '{"a": 1}'], ["2", None, "2", None]]
    assert rows_as("text", FIELDS, cells, "thing").splitlines()[0] == "id\tname\tprice\tfacts"
    assert rows_as("csv", FIELDS, cells, "thing").splitlines()[2] == "2,<NULL>,2,<NULL>"
    assert json.loads(rows_as("json", FIELDS, cells, "thing"))[0]["facts"] == {"a": 1}
    assert eval(rows_as("python", FIELDS, cells, "thing"))[1] == {
        "id": 2,
        "name": None,
        "price": 2,
        "facts": None,
    }
    assert rows_as("sql", FIELDS, cells, "thing").splitlines()[0] == (
        'INSERT INTO "thing" ("id", "name", "price", "facts") VALUES (1, \'it\'\'s\', 1.5, \'{"a": 1}\');'
    )


def test_values_are_shown_and_never_run():
    """Issue 9, bad input: HTML stays text, control characters are visible, an SVG is no picture."""
    assert harmless("a\x1b[31mb\n<b>") == "a‹ESC›[31mb\n<b>"
    assert picture(b"<svg xmlns='http://www.w3.org/2000/svg'/>") is None
    assert hex_dump(b"Ab\0").startswith("00000000  41 62 00")
    assert Value(text="ab", size=5).cut()
    assert [size_words(n) for n in (612, 14_000, 4_100_000)] == ["612 B", "14 kB", "4.1 MB"]


def test_numbers_are_honest():
    """UI-DB-01: an estimate says that it is one."""
    assert Count(18402, True).words().endswith(" rows")
    assert Count(1_234_567).words() == "about 1.2 million rows"
    assert rounded(18_420).replace("\N{THIN SPACE}", "") == "18400"
    assert Count().words() == ""


def test_places_tell_what_does_not_load():
    """Issue 9, bad input: an application that does not load is listed with the reason."""
    known = {
        "lab": Known({"loads": False, "problem": {"message": "ZeroDivisionError"}, "databases": []}),
        "shop": Known(
            {"loads": True, "problem": None, "databases": [
                {"name": "db", "engine": "sqlite", "fault": "", "tables": [{"name": "thing", "fault": "", "exists": True}]}
            ]}
        ),
    }  # fmt: skip
    lines = branches(("lab", "shop"), known, {"lab", "shop"}, single=False)
    assert [(one.kind, one.text, one.fault) for one in lines] == [
        ("application", "lab", "ZeroDivisionError"), ("fault", "does not load", "ZeroDivisionError"),
        ("application", "shop", ""), ("database", "db", ""), ("table", "thing", ""),
    ]  # fmt: skip
    assert branches(("shop",), known, set(), single=True, find="nothing")[-1].kind == "database"
    assert where_words({"engine": "postgres", "database": "books", "host": "db.lan", "size": 0}) == (
        "postgres, books, on db.lan"
    )
    assert Place("shop", "db", "thing").key() == "shop/db/thing"


def test_places_tell_what_only_the_models_of_a_controller_define():
    """UI-DB-01, MDL-04: a line for each controller with models; below it the tables that all the others lack."""

    def report(*names, **more):
        tables = [{"name": name, "fault": "", "exists": True} for name in names]
        databases = [{"name": "db", "engine": "sqlite", "fault": "", "tables": tables}] if names else []
        return Known({"loads": True, "problem": None, "databases": databases, **more})

    known = {"shop": report("thing", controllers=["admin", "reports", "reports/list"])}
    lines = branches(("shop",), known, set(), single=True)
    assert [(one.kind, one.text, one.open) for one in lines][2:] == [
        ("controller", "admin", False), ("controller", "reports", False),
        ("controller", "reports/list", False),
    ]  # fmt: skip
    opened = {"shop/reports", "shop/admin", "shop/reports/list"}
    known |= {"shop/reports": report("thing", "line"), "shop/admin": report("thing")}
    lines = branches(("shop",), known, opened, single=True)
    assert [(one.level, one.kind, one.text) for one in lines] == [
        (0, "database", "db"), (1, "table", "thing"),
        (0, "controller", "admin"), (1, "fault", "no tables of their own"),
        (0, "controller", "reports"), (1, "database", "db"), (2, "table", "line"),
        (0, "controller", "reports/list"), (1, "fault", "Running the models…"),
    ]  # fmt: skip
    place = lines[6].place
    assert place == Place("shop", "db", "line", "reports")
    assert place.scope == "shop/reports"
    assert place.words().split("  ›  ") == ["shop", "models of reports", "db", "line"]
    known["shop/admin"].report |= {"loads": False, "problem": {"message": "ZeroDivisionError"}}
    line = next(one for one in branches(("shop",), known, set(), single=True) if one.text == "admin")
    assert line.fault == "ZeroDivisionError"
    known["shop/reports/list"] = report("thing", "line")
    assert branches(("shop",), known, opened, single=True)[-1].text == "no tables of their own"
