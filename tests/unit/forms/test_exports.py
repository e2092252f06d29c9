"""Exports of a grid: written part by part, byte by byte what all records at once give (NAMES-06)."""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal

import pytest

from runtime.dal import DAL, Field, spooled
from runtime.dal.spooled import SpooledRows
from runtime.forms.grid.exporters import EXPORTERS


@pytest.fixture
def db(database_uri, tmp_path):
    db = DAL(database_uri, folder=str(tmp_path))
    db.define_table("owner", Field("name"), format="%(name)s")
    db.define_table(
        "thing", Field("name"), Field("note", "text"), Field("price", "decimal(8,2)"), Field("share", "double"),
        Field("day", "date"), Field("at", "datetime"), Field("good", "boolean"), Field("words", "list:string"),
        Field("owner", "reference owner"), Field("data", "blob"), Field("more", "json"),
        Field("own", represent=lambda value, row: f"<{value}>"),
    )  # fmt: skip
    ann = db.owner.insert(name="Änn")
    for at in range(23):
        odd = at % 2 == 1
        db.thing.insert(
            name=f"thing, \"{at}\" <b>&é\n", note=None if odd else "a\tb\r\nc", price=Decimal(at) / 4,
            share=None if odd else at / 3, day=datetime.date(2020, 1, 1 + at),
            at=None if odd else datetime.datetime(2020, 1, 1, 2, 3, at), good=odd, words=["x", str(at)],
            owner=ann if odd else None, data=b"\x00\xff" if odd else None, more={"a": [at]}, own=at,
        )  # fmt: skip
    db.commit()
    yield db
    db.close()


def select(db, **more):
    return (db(db.thing), [db.thing.ALL], {"orderby": ~db.thing.id, **more})


@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_parts_make_the_same_file(db, name, at_once, monkeypatch):
    """FUN-09: however the records are cut into parts, and with none at all."""
    monkeypatch.setattr(spooled, "AT_ONCE", at_once)
    kind = EXPORTERS[name][0]
    dbset, fields, options = select(db)
    whole = kind(dbset.select(*fields, **options)).export()
    rows = SpooledRows(dbset, fields, options)
    db.commit()
    assert "".join(kind(rows.none()).pieces(rows.parts())) == whole
    assert "thing" in whole
    nothing = db(db.thing.id < 0)
    rows = SpooledRows(nothing, fields, options)
    assert "".join(kind(rows.none()).pieces(rows.parts())) == kind(nothing.select(*fields)).export()


def test_joins_expressions_and_virtual_fields(db, monkeypatch):
    monkeypatch.setattr(spooled, "AT_ONCE", 5)
    db.thing.shout = Field.Virtual("shout", lambda row: row.thing.name.upper())
    left = db.owner.on(db.owner.id == db.thing.owner)
    for fields, options in (
        ([db.thing.ALL, db.owner.name], {"left": left, "orderby": db.thing.id}),
        ([db.thing.owner, db.thing.id.count()], {"groupby": db.thing.owner, "orderby": db.thing.owner}),
        ([db.thing.ALL], {"orderby": db.thing.name, "limitby": (3, 14)}),
    ):
        whole = db(db.thing.id > 0).select(*fields, **options)
        parts = list(SpooledRows(db(db.thing.id > 0), fields, options).parts())
        assert [row.as_dict() for part in parts for row in part] == [row.as_dict() for row in whole]
        assert parts[0].colnames == whole.colnames
    assert parts[0][0].shout.startswith("THING")


def test_what_is_read_does_not_hold_up_others(db):
    """OCC-11: while somebody slowly takes the file, others write; the file has what was there before."""
    rows = SpooledRows(*select(db))
    db.commit()
    parts = rows.parts()
    first = next(parts)
    db(db.thing).delete()
    db.commit()
    assert len(first) + sum(map(len, parts)) == 23


_MANY = """
import resource, sys
from runtime.dal import DAL, Field
from runtime.dal.spooled import SpooledRows
from runtime.forms.grid.exporters import EXPORTERS
folder, count = sys.argv[1], int(sys.argv[2])
db = DAL("sqlite://storage.sqlite", folder=folder)
db.define_table("thing", Field("name"), Field("price", "double"), Field("day", "date"))
if db(db.thing).isempty():
    for start in range(0, count, 1000):
        db.executesql("INSERT INTO thing (name, price, day) VALUES " + ",".join(
            f"('thing {at}', {at}.5, '2020-01-02')" for at in range(start, start + 1000)))
    db.commit()
list(SpooledRows(db(db.thing), [db.thing.ALL], {"limitby": (0, 2000)}).parts())
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
for name in ("csv", "html", "json"):
    kind = EXPORTERS[name][0]
    rows = SpooledRows(db(db.thing), [db.thing.ALL], {"orderby": db.thing.name})
    size = sum(len(piece) for piece in kind(rows.none()).pieces(rows.parts()))
    assert size > 20 * count, (name, size)
print(peak() - before, peak())
"""


@pytest.mark.timeout(320)
def test_memory_does_not_grow_with_the_number_of_records(tmp_path):
    """NAMES-06: forty thousand records take no more memory than some thousand."""
    result = subprocess.run(
        [sys.executable, "-c", _MANY, str(tmp_path), "40000"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    grown, _ = map(float, result.stdout.split())
    assert grown < 12, "MB"
