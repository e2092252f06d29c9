"""Tables whose key is made of several columns: read, changed, in conflict, deleted (UI-DB-02, UI-DB-05, OCC-10)."""

from __future__ import annotations

import sqlite3
import uuid

import psycopg2
import pytest

from runtime.admin.inspector import Inspectors
from tests.services import missing

TABLE = """
db.define_table("stock",
    Field("shop", length=40), Field("day", "date"), Field("price", "decimal(8,2)"), Field("count", "integer"),
    Field("note", requires=IS_LENGTH(20)),
    primarykey=["shop", "day", "price"], migrate=False)
"""
SQL = (
    "CREATE TABLE stock (shop VARCHAR(40), day DATE, price NUMERIC(8,2), count INTEGER, note VARCHAR(512), "
    "PRIMARY KEY (shop, day, price))"
)
PLACE = {"database": "db", "table": "stock"}
ROWS = [
    (f"it's “{shop}”", f"2026-01-{day:02}", f"{price}.25", day, None)
    for shop in ("a", "b", "B") for day in range(1, 29) for price in (9, 10)
]  # fmt: skip


def _site_of(folder, model) -> Inspectors:
    application = folder / "applications" / "shop"
    for part in ("models", "databases", "uploads"):
        (application / part).mkdir(parents=True)
    (application / "models" / "db.py").write_text(model + TABLE)
    return Inspectors(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stock(request, tmp_path):
    """An inspector over a table of 168 rows, and a function that runs a statement aside."""
    if request.param == "sqlite":
        with _site_of(tmp_path, 'db = DAL("sqlite://storage.sqlite")\n') as inspectors:
            path = tmp_path / "applications" / "shop" / "databases" / "storage.sqlite"
            db = sqlite3.connect(path, isolation_level=None)
            db.execute(SQL)
            db.executemany("INSERT INTO stock VALUES (?, ?, ?, ?, ?)", ROWS)
            yield inspectors.of("shop"), lambda sql: db.execute(sql).fetchall()
            db.close()
        return
    try:
        admin = psycopg2.connect("host=127.0.0.1 port=5432 user=postgres dbname=postgres", connect_timeout=30)
    except psycopg2.OperationalError as error:
        missing(f"no PostgreSQL: {error}")
    admin.autocommit = True
    name = f"hadron_{uuid.uuid4().hex[:12]}"
    admin.cursor().execute(f"CREATE DATABASE {name}")
    with _site_of(
        tmp_path, f'db = DAL("postgres://postgres@127.0.0.1:5432/{name}", pool_size=0)\n'
    ) as inspectors:
        db = psycopg2.connect(f"host=127.0.0.1 user=postgres dbname={name}")
        db.autocommit = True
        cursor = db.cursor()
        cursor.execute(SQL)
        cursor.executemany("INSERT INTO stock VALUES (%s, %s, %s, %s, %s)", ROWS)

        def run(sql):
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

        yield inspectors.of("shop"), run
        db.close()
    admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


def pages(inspector, **options):
    rows, after = [], None
    while True:
        page = inspector.ask("page", most=50, after=after, **options, **PLACE)
        rows += page["rows"]
        after = page["after"]
        if after is None:
            return rows


@pytest.mark.parametrize("order", [None, ["count", True], ["day", False], ["price", True], ["note", False]])
def test_pages_hold_every_row_once(stock, order):
    """UI-DB-02: paged by the whole key, in any order, up and down."""
    inspector, _ = stock
    rows = pages(inspector, order=order)
    keys = [tuple(map(str, row["key"])) for row in rows]
    assert len(keys) == len(set(keys)) == len(ROWS)
    if order == ["count", True]:
        counts = [int(row["cells"][3]) for row in rows]
        assert counts == sorted(counts, reverse=True)


def test_one_record_is_read_changed_and_deleted_by_its_whole_key(stock):
    """UI-DB-05: exactly one of many that share parts of the key."""
    inspector, run = stock
    row = next(one for one in pages(inspector) if one["cells"][:3] == [ROWS[5][0], ROWS[5][1], ROWS[5][2]])
    fields = inspector.ask("record", key=row["key"], **PLACE)["fields"]
    assert [fields[name]["value"] for name in ("shop", "day", "price", "count")] == [
        *ROWS[5][:3],
        str(ROWS[5][3]),
    ]
    assert inspector.ask("value", key=row["key"], field="day", **PLACE)["text"] == ROWS[5][1]
    change = {"do": "update", "key": row["key"], "values": {"note": "seen"}, "old": {"note": None}}
    assert inspector.ask("write", changes=[change], **PLACE)["written"] == 1
    assert run("SELECT count(*) FROM stock WHERE note = 'seen'")[0][0] == 1
    long = {"do": "update", "key": row["key"], "values": {"note": "x" * 21}, "old": {"note": "seen"}}
    assert inspector.ask("write", changes=[long], **PLACE)["errors"][0]["field"] == "note"
    counted = {"do": "update", "key": row["key"], "values": {"count": "7"}, "old": {"count": str(ROWS[5][3])}}
    assert inspector.ask("write", changes=[counted], **PLACE)["written"] == 1
    gone = {"do": "delete", "key": row["key"], "values": {}, "old": {"count": "7"}}
    assert inspector.ask("write", changes=[gone], **PLACE)["written"] == 1
    assert run("SELECT count(*) FROM stock")[0][0] == len(ROWS) - 1


def test_a_part_of_the_key_can_be_changed_and_rows_added(stock):
    """UI-DB-05: keys are columns like others here; the database refuses doubles."""
    inspector, run = stock
    first, second = pages(inspector)[:2]
    values = {"shop": second["cells"][0], "day": second["cells"][1], "price": second["cells"][2]}
    double = {"do": "update", "key": first["key"], "values": values, "old": {}}
    answer = inspector.ask("write", changes=[double], **PLACE)
    assert answer["errors"], "the key of another record"
    assert not answer["written"]
    moved = {"do": "update", "key": first["key"], "values": {"shop": "new"}, "old": {}}
    added = {"do": "insert", "values": {"shop": "new", "day": "2027-01-01", "price": "1.75", "count": "3"}}
    assert inspector.ask("write", changes=[moved, added], **PLACE)["written"] == 2
    assert run("SELECT count(*) FROM stock WHERE shop = 'new'")[0][0] == 2
    lacking = {"do": "insert", "values": {"shop": "new"}}
    answer = inspector.ask("write", changes=[lacking], **PLACE)
    assert {one["field"] for one in answer["errors"]} == {"day", "price"}, "a key has no part that is missing"


def test_a_record_that_someone_else_changed_or_deleted_is_a_conflict(stock):
    """OCC-10: found by the whole key, told with mine and theirs."""
    inspector, run = stock
    row = pages(inspector)[0]
    change = {"do": "update", "key": row["key"], "values": {"count": "70"}, "old": {"count": row["cells"][3]}}
    run("UPDATE stock SET count = 99")
    conflict = inspector.ask("write", changes=[change], **PLACE)["conflicts"][0]
    assert conflict["fields"]["count"] == {"mine": "70", "theirs": "99", "before": row["cells"][3]}
    assert conflict["key"] == ", ".join(str(one["v"] if isinstance(one, dict) else one) for one in row["key"])
    run("DELETE FROM stock")
    assert inspector.ask("write", changes=[change], **PLACE)["conflicts"][0]["gone"]


def test_export_and_import_find_rows_by_the_whole_key(stock, tmp_path):
    """UI-DB-09: rows of a file are matched by all columns of the key."""
    inspector, run = stock
    path = tmp_path / "stock.csv"
    inspector.ask("export", path=str(path), form="csv", limit=30, **PLACE)
    path.write_text(path.read_text().replace(".25,1,", ".25,1001,"))
    seen = inspector.ask("import_preview", path=str(path), **PLACE)
    assert seen["key"] == ["shop", "day", "price"]
    answer = inspector.ask(
        "import", path=str(path), fields=seen["fields"], existing="update", dry=False, limit=30, **PLACE
    )
    assert (answer["inserted"], answer["updated"], answer["faults"]) == (0, len(ROWS), 0)
    assert run("SELECT count(*) FROM stock WHERE count = 1001")[0][0] == 6
