"""Records that are read part by part do what a list of them does (NAMES-06, FUN-09)."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys

import pytest

from runtime.dal import DAL, Field, spooled
from runtime.dal.selects.lazy_rows import LazyRecords, LazyRows
from runtime.dal.spooled import SpooledRows
from tests.services import ENGINES, empty_database


@pytest.fixture(params=ENGINES)
def db(request, tmp_path, monkeypatch):
    monkeypatch.setattr(spooled, "AT_ONCE", 4)
    with empty_database(request.param) as uri:
        db = DAL(uri, folder=str(tmp_path))
        db.define_table("owner", Field("name"), format="%(name)s")
        db.define_table(
            "thing", Field("name", represent=lambda value, row: f"<{value}>"), Field("price", "integer"),
            Field("owner", "reference owner"),
        )  # fmt: skip
        ann = db.owner.insert(name="Ann")
        for at in range(11):
            db.thing.insert(name=f"thing {at:02}", price=at % 3, owner=ann if at % 2 else None)
        db.commit()
        yield db
        db.rollback()
        db.close()


@pytest.fixture(params=["one table", "join", "expression", "none"])
def both(request, db):
    """The same select twice: lazy, and all at once."""
    fields, options = [db.thing.ALL], {"orderby": db.thing.id}
    query = db.thing.id > 0
    if request.param == "join":
        fields, options = (
            [db.thing.ALL, db.owner.name],
            {**options, "left": db.owner.on(db.owner.id == db.thing.owner)},
        )
    elif request.param == "expression":
        fields = [db.thing.id, db.thing.name, db.thing.price + 1]
    elif request.param == "none":
        query = db.thing.id < 0
    return LazyRows.of(SpooledRows(db(query), fields, options)), db(query).select(*fields, **options)


def written(rows):
    out = io.StringIO()
    rows.export_to_csv_file(out, represent=True)
    return out.getvalue()


def name_of(row):
    return row.thing.name if "thing" in row else row.name


@pytest.mark.parametrize(
    "use",
    [
        len,
        bool,
        str,
        repr,
        written,
        lambda rows: rows.colnames,
        lambda rows: [field.name for field in rows.fields if hasattr(field, "name")],
        lambda rows: [row.as_dict() for row in rows],
        lambda rows: [row.as_dict() for row in rows] * 2,
        lambda rows: rows.as_list(),
        lambda rows: rows.as_json(),
        lambda rows: [name_of(row) for row in rows.render()],
        lambda rows: rows.first() and rows.first().as_dict(),
        lambda rows: rows.last() and rows.last().as_dict(),
        lambda rows: [row.as_dict() for row in rows[2:9]],
        lambda rows: [row.as_dict() for row in rows.find(lambda row: name_of(row) > "thing 05")],
        lambda rows: [name_of(row) for row in rows.sort(name_of, reverse=True)],
        lambda rows: (len(rows.exclude(lambda row: name_of(row) > "thing 05")), len(rows), str(rows)),
        lambda rows: [row.as_dict() for row in rows + rows],
        lambda rows: [row.as_dict() for row in rows & rows],
        lambda rows: len(rows | rows),
        lambda rows: [row.as_dict() for row in reversed(rows)],
        lambda rows: [dict(row.as_dict()) for row in pickle.loads(pickle.dumps(list(rows)))],
        lambda rows: [name_of(rows[at]) for at in (7, 0, 10, 3, -1)] if rows else [],
    ],
)
def test_it_is_what_a_select_is(both, use):
    """NAMES-06: the documented ways to use the rows give the same."""
    lazy, whole = both
    assert use(lazy) == use(whole)


def test_beyond_the_end(both):
    """NAMES-06: as of a list."""
    lazy, whole = both
    for rows in (lazy, whole):
        with pytest.raises(IndexError):
            rows[len(whole)]


def test_compact_and_columns_can_be_set(db):
    """NAMES-06: exporters set both before they go through the records."""
    lazy = LazyRows.of(SpooledRows(db(db.thing), [db.thing.ALL], {"orderby": db.thing.id}))
    lazy.compact = False
    assert [row.thing.price for row in lazy][:4] == [0, 1, 2, 0]
    lazy.colnames, lazy.fields = lazy.colnames[1:2], lazy.fields[1:2]
    assert str(lazy).split()[:2] == ["thing.name", "thing"]
    assert [part.colnames for part in lazy.parts()] == [["thing.name"]] * 3


def test_what_is_changed_stays_changed(db):
    """NAMES-06: in one pass, seen in the next, in every method; also new values, and records taken away."""
    lazy = LazyRows.of(SpooledRows(db(db.thing), [db.thing.ALL], {"orderby": db.thing.id}))
    for at, row in enumerate(lazy):
        if at % 5 == 0:
            row.name = row.name.upper()
            row["total"] = at
    assert sum("THING" in row.name for row in lazy) == 3
    assert [row.total for row in lazy if "total" in row] == [0, 5, 10]
    assert "THING 05" in str(lazy)
    assert "THING 10" in [row["name"] for row in lazy.as_list()]
    del lazy.records[0]
    lazy.records.append(copy.deepcopy(lazy.records[0]))
    assert len(lazy) == 11
    assert sum("THING" in row.name for row in lazy) == 2


def test_what_is_only_read_is_not_kept(db):
    """NAMES-06: also where reading has made methods, sets and references of the record."""
    lazy = LazyRows.of(SpooledRows(db(db.thing), [db.thing.ALL], {"orderby": db.thing.id}))
    for row in lazy:
        assert row.update_record
        assert "delete_record" in row
        assert row.owner is None or row.owner.name == "Ann"
        dict(row)
        row.as_dict()
    assert isinstance(lazy.records, LazyRecords)
    assert lazy.records._changed == {}


def test_virtual_fields_given_afterwards(db):
    """NAMES-06: all records have them."""

    class Shout:
        def shout(self):
            return self.thing.name.upper()

    lazy = LazyRows.of(SpooledRows(db(db.thing), [db.thing.ALL], {"orderby": db.thing.id}))
    assert [row.shout for row in lazy.setvirtualfields(thing=Shout())][10] == "THING 10"


_MANY = """
import csv, io, resource, sys
from runtime.dal import DAL, Field
from runtime.dal.selects.lazy_rows import LazyRows
from runtime.dal.spooled import SpooledRows
from runtime.forms.grid.exporters import ExportClass

class Sum(ExportClass):
    def export(self):
        names, longest = self.rows.colnames, 0
        for values in self.represented():
            longest = max(longest, len(values))
        total = sum(row.price for row in self.rows)
        for row in self.rows.render():
            longest = max(longest, len(row.name))
        return len(self.rows), total, self.rows.first().name, self.rows.last().name, longest

class Sink(io.TextIOBase):
    size = 0
    def write(self, text):
        self.size += len(text)

folder, count = sys.argv[1], int(sys.argv[2])
db = DAL("sqlite://storage.sqlite", folder=folder)
db.define_table("thing", Field("name", represent=lambda value, row: value), Field("price", "double"), Field("day", "date"))
if db(db.thing).isempty():
    for start in range(0, count, 1000):
        db.executesql("INSERT INTO thing (name, price, day) VALUES " + ",".join(
            f"('thing {at:06}', {at}.5, '2020-01-02')" for at in range(start, start + 1000)))
    db.commit()
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def export(limits):
    options = {"orderby": db.thing.name, **limits}
    rows = LazyRows.of(SpooledRows(db(db.thing), [db.thing.ALL], options))
    answer = Sum(rows).export()
    sink = Sink()
    rows.export_to_csv_file(sink, represent=True)
    return answer, sink.size
export({"limitby": (0, 3000)})
before = peak()
answer, size = export({})
assert answer == (count, sum(at + 0.5 for at in range(count)), "thing 000000", f"thing {count - 1:06}", 12), answer
assert size > 30 * count
print(peak() - before)
"""


@pytest.mark.timeout(620)
def test_memory_does_not_grow_with_the_number_of_records(tmp_path):
    """NAMES-06: two hundred thousand records, gone through four times, take hardly more memory than three thousand."""
    result = subprocess.run(
        [sys.executable, "-c", _MANY, str(tmp_path), "200000"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) < 16, "MB"
