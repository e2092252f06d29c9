"""What forms need of the database layer: versions of records, filters, virtual fields, validated writes (LIB-31)."""

from __future__ import annotations

import pytest

from runtime import dal
from runtime.dal import DAL, Field
from runtime.dal.validators import IS_INT_IN_RANGE, IS_NOT_EMPTY, IS_UPPER
from runtime.forms import SQLFORM
from runtime.foundation.current import current


@pytest.fixture(params=["outside", "first request", "later request"])
def db(request, tmp_path):
    """A database as scripts see it, and as requests do: the second one uses what the first prepared."""
    inside = request.param != "outside"
    if request.param == "later request":
        dal.begin_request(str(tmp_path))
        define(DAL("sqlite://s.sqlite", folder=str(tmp_path)))
        dal.finish(commit=True)
    if inside:
        dal.begin_request(str(tmp_path))
    database = DAL("sqlite://s.sqlite", folder=str(tmp_path))
    define(database)
    yield database
    if inside:
        dal.finish(commit=False)
    else:
        database.close()
    current._begin()


def define(db):
    signature = db.Table(
        db, "signature", Field("is_active", "boolean", default=True, readable=False, writable=False)
    )
    db.define_table(
        "t", Field("name", requires=[IS_NOT_EMPTY(), IS_UPPER()]), Field("n", "integer", default=1, requires=IS_INT_IN_RANGE(0, 10)),
        Field("fixed", writable=False), Field("twice", "integer", compute=lambda row: row["n"] * 2), Field("seen", update="seen"),
        Field.Virtual("shout", lambda row: row.t.name + "!"), Field.Method("plus", lambda row, k=1: row.t.n + k), signature,
        format="%(name)s",
    )  # fmt: skip
    db.define_table("part", Field("t", "reference t"), Field("name"))


def test_lib_31_record_versioning_through_forms(db, visit):
    """LIB-31: each save keeps the record as it was; a delete hides it; forms see the current one only."""
    db.t._enable_record_versioning()
    assert visit(lambda: SQLFORM(db.t)).send(name="a").accepted
    assert visit(lambda: SQLFORM(db.t, 1)).send(name="b").accepted
    assert [row.name for row in db(db.t_archive).select()] == ["A"]
    assert db.t_archive(1).current_record == 1
    assert visit(lambda: SQLFORM(db.t, 1, deletable=True)).send(delete_this_record="on").accepted
    assert db(db.t).count() == 0
    assert db(db.t, ignore_common_filters=True).count() == 1
    assert db(db.t_archive).count() == 2


def test_lib_31_common_filters_bound_forms(db, visit):
    """LIB-31: a record that the filter hides has no form; what is inserted outside of it stays hidden."""
    from runtime.foundation.http import HTTP

    db.t.bulk_insert([{"name": "A", "fixed": "mine"}, {"name": "B", "fixed": "others"}])
    db.t._common_filter = lambda query: db.t.fixed == "mine"
    assert visit(lambda: SQLFORM(db.t, 1)).send(n="5").accepted
    with pytest.raises(HTTP):
        SQLFORM(db.t, 2)
    assert [row.n for row in db(db.t, ignore_common_filters=True).select()] == [5, 1]


def test_lib_31_virtual_and_computed_fields(db, visit):
    """LIB-31: virtual values, methods with arguments, computed values after insert and update."""
    assert visit(lambda: SQLFORM(db.t)).send(name="a", n="4").accepted
    row = db.t(1)
    assert (row.shout, row.plus(), row.plus(5), row.twice) == ("A!", 5, 9, 8)
    assert visit(lambda: SQLFORM(db.t, 1)).send(n="5").accepted
    assert db.t(1).twice == 10
    assert db.t(1).seen == "seen"
    db.t.virtualfields.append(type("V", (), {"low": lambda self: self.t.name.lower()})())
    assert db(db.t).select().first().low == "a"


def test_lib_31_references_and_their_display(db, visit):
    """LIB-31: represent of references, sets of referring records, rows rendered."""
    db.t.insert(name="A")
    assert visit(lambda: SQLFORM(db.part)).send(t="1", name="p").accepted
    assert db.part(1).t.name == "A"
    assert [p.name for p in db.t(1).part.select()] == ["p"]
    assert ">A<" in visit(lambda: SQLFORM(db.part, 1, readonly=True)).page
    assert [r.t for r in db(db.part).select().render()] == ["A"]


def test_lib_31_validate_and_insert_and_update(db):
    """LIB-31: errors instead of records; fields that are not writable are refused."""
    result = db.t.validate_and_insert(name="", n=99)
    assert result["id"] is None
    assert set(result["errors"]) == {"name", "n"}
    assert db.t.validate_and_insert(name="x")["id"] == 1
    assert db.t(1).name == "X"
    assert db.t.validate_and_insert(name="y", fixed="z")["errors"]
    assert db.t.validate_and_update(1, n="7")["errors"] == {}
    assert db.t(1).n == 7
    assert db(db.t.id == 1).validate_and_update(n="77")["errors"]
    assert db.t.update_or_insert(db.t.name == "X", n=3) is None
    assert db.t(1).n == 3
    assert db.t.validate_and_update_or_insert(db.t.name == "NEW", name="new")["id"] == 2


def test_lib_31_auto_import(db, tmp_path):
    """LIB-31: a database whose definitions are read from the migration files, without models."""
    db.t.insert(name="A")
    db.commit()
    other = DAL("sqlite://s.sqlite", folder=str(tmp_path), auto_import=True)
    assert set(other.tables) == {"t", "part"}
    assert other.t(1).name == "A"
    assert other.t.n.type == "integer"
    other.close()


def test_lib_31_hooks_see_what_forms_write(db, visit):
    """LIB-31: _before_insert may change or stop, _after_update hears of changes."""
    heard = []
    db.t._before_insert.append(lambda fields: fields.__setitem__("fixed", "hook"))
    db.t._after_update.append(lambda rows, fields: heard.append(dict(fields)))
    assert visit(lambda: SQLFORM(db.t)).send(name="a").accepted
    assert db.t(1).fixed == "hook"
    assert visit(lambda: SQLFORM(db.t, 1)).send(n="2").accepted
    assert heard[0]["n"] == 2
    assert "name" not in heard[0]
