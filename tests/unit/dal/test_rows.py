"""Records and what hangs on them (FUN-09, LIB-31)."""

from __future__ import annotations

import copy
from typing import Any

import pydal
import pytest

from runtime.dal import DAL, Field, Row
from runtime.foundation.serializers import csv, json, xml


def family(kit: Any, folder: str) -> Any:
    db = kit.DAL("sqlite://rows.sqlite", folder=folder)
    db.define_table("a", kit.Field("x"), kit.Field("n", "integer"), format="%(x)s")
    db.define_table("b", kit.Field("a_id", "reference a"), kit.Field("y"))
    db.define_table("c", kit.Field("a", "integer"), kit.Field("b_id", "reference b"))
    if db(db.a).isempty():
        for i in range(3):
            db.b.insert(a_id=db.a.insert(x=f"x{i}", n=i), y=f"y{i}")
            db.c.insert(a=7, b_id=1 + i)
        db.commit()
    return db


@pytest.fixture
def db(folder: str, in_request: Any) -> Any:
    with in_request():
        family(__import__("runtime.dal").dal, folder)
    with in_request(commit=False):
        yield family(__import__("runtime.dal").dal, folder)


@pytest.fixture
def other(tmp_path: Any) -> Any:
    (tmp_path / "other").mkdir()
    db = family(pydal, str(tmp_path / "other"))
    yield db
    db.close()


ASKS = {
    "keys": lambda r: list(r.keys()),
    "iter": list,
    "in": lambda r: ("x" in r, "b" in r, "update_record" in r, "nope" in r),
    "get": lambda r: (r.get("x"), r.get("nope", 5), type(r.get("b")).__name__),
    "items": lambda r: [(k, type(v).__name__ if callable(v) or k == "b" else v) for k, v in r.items()],
    "by attribute": lambda r: (r.x, r["x"], r("x"), r["a.x"]),
    "missing": lambda r: [hasattr(r, "nope"), hasattr(r, "b"), hasattr(r, "update_record")],
    "as_dict": lambda r: r.as_dict(),
    "repr": repr,
    "int": int,
    "bool": bool,
    "copy": lambda r: copy.copy(r).as_dict(),
    "equal": lambda r: (r == r, r == copy.copy(r), r == 1),
    "pop": lambda r: (r.pop("x"), list(r)),
    "delete": lambda r: (r.__delitem__("x"), list(r))[1],
    "set": lambda r: (setattr(r, "x", "new"), setattr(r, "b", "mine"), r.as_dict(), r.b)[2:],
    "update": lambda r: (r.update(x="u"), r.x)[1],
    "set of referring": lambda r: [row.y for row in r.b.select()],
    "update_record": lambda r: (r.update_record(x="z").x, r.x),
    "delete_record": lambda r: r.delete_record(),
    "json": lambda r: r.as_json(),
    "xml": lambda r: r.as_xml(),
}


@pytest.mark.parametrize("name", ASKS)
def test_lib_31_a_record_answers_as_in_pydal(db: Any, other: Any, name: str) -> None:
    """LIB-31"""
    ask = ASKS[name]
    assert ask(db(db.a).select().first()) == ask(other(other.a).select().first())
    assert ask(db.a(2)) == ask(other.a(2))


def test_lib_31_a_column_wins_over_a_set_of_the_same_name(db: Any, other: Any) -> None:
    for one in (db, other):
        one.c._db._referee_name = "%(table)s"
        row = one(one.b).select(one.b.id, one.b.a_id).first()
        assert [c.a for c in row.c.select()] == [7]


def test_lib_31_join_update_and_references(db: Any) -> None:
    row = db(db.b.a_id == db.a.id).select(orderby=db.b.id).last()
    row.a.update_record(x="joined")
    assert db.b(row.b.id).a_id.x == "joined"
    assert isinstance(row.b, Row)
    assert row["b.y"] == row.b.y == row[db.b.y]


def test_lib_31_cacheable_rows_have_no_methods(db: Any) -> None:
    row = db(db.a).select(cacheable=True).first()
    assert list(row) == ["id", "x", "n"]
    assert not hasattr(row, "update_record")


def test_lib_31_changing_rows(db: Any) -> None:
    rows = db(db.a).select()
    assert [r.x for r in rows.sort(lambda r: -r.n)] == ["x2", "x1", "x0"]
    assert [r.x for r in rows.exclude(lambda r: r.n == 1)] == ["x1"]
    assert [r.x for r in rows] == ["x0", "x2"]
    assert len(rows & rows) == len(rows | rows) == 2
    assert rows.group_by_value("n")[0][0].x == "x0"
    assert rows.column("x") == ["x0", "x2"]
    assert [r.x for r in rows[:1]] == ["x0"]
    joined = rows.join(db.b.a_id, name="children")
    assert joined.first().children[0].y == "y0"


def test_lib_31_iterselect_and_filter_out(db: Any) -> None:
    db.a.x.filter_out = lambda value: value.upper()
    assert [row.x for row in db(db.a).iterselect(orderby=db.a.id)] == ["X0", "X1", "X2"]
    assert [row.x for row in db(db.a).select(orderby=db.a.id)] == ["X0", "X1", "X2"]


def test_lib_31_executesql_with_fields(db: Any) -> None:
    rows = db.executesql("select id, x, n from a", fields=[db.a.id, db.a.x, db.a.n])
    assert rows.first().x == "x0"
    assert db.executesql("select x from a", as_dict=True)[0] == {"x": "x0"}


def test_lib_31_hooks_run(db: Any) -> None:
    seen: list[str] = []
    for name in ("insert", "update", "delete"):
        for when in ("before", "after"):
            getattr(db.a, f"_{when}_{name}").append(lambda *args, what=f"{when} {name}": seen.append(what))
    number = db.a.insert(x="h")
    db(db.a.id == number).update(x="i")
    db(db.a.id == number).delete()
    assert seen == [f"{w} {n}" for n in ("insert", "update", "delete") for w in ("before", "after")]


def test_names_08_arguments_of_a_field_by_position(folder: str, in_request: Any) -> None:
    with in_request(commit=False):
        db = DAL("sqlite://rows.sqlite", folder=folder)
        db.define_table("p", Field("x", "string", 16, "dflt", True))
        assert (db.p.x.length, db.p.x.default, db.p.x.required) == (16, "dflt", True)


def test_fun_09_references_in_lists_are_numbers_in_documents(folder: str, in_request: Any) -> None:
    """FUN-09: what a field of references to several records holds is written, and the writing ends."""
    with in_request():
        db = DAL("sqlite://lists.sqlite", folder=folder)
        db.define_table("tag", Field("name"))
        db.define_table("post", Field("tags", "list:reference tag"))
        db.post.insert(tags=[db.tag.insert(name="a"), db.tag.insert(name="b")])
        read = db(db.post).select().as_list()
        assert "<tags><item>1</item><item>2</item></tags>" in xml(read)
        assert json(read) == '[{"id": 1, "tags": [1, 2]}]'
        assert csv([{"first": read[0]["tags"][0]}]).split() == ["first", "1"]
