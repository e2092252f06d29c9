"""Rows of tables: pages by key, filters, counts, records, writing, on SQLite and PostgreSQL (UI-DB-02..05)."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid

import psycopg2
import pymysql
import pytest

from runtime.admin.inspector import InspectorProblem, Inspectors
from tests.services import missing

TABLES = """
db.define_table("person", Field("name", requires=IS_NOT_EMPTY()), format="%(name)s")
db.define_table("thing",
    Field("name", length=100, unique=True, requires=IS_LENGTH(20)),
    Field("price", "decimal(10,2)", requires=IS_EMPTY_OR(IS_DECIMAL_IN_RANGE(0, 100))),
    Field("owner", "reference person"),
    Field("made", "datetime"),
    Field("used", "boolean"),
    Field("facts", "json"),
    Field("picture", "blob"))
"""
PLACE = {"database": "db", "table": "thing"}
COLUMNS = ("id", "name", "price", "owner", "made", "used", "facts", "picture")


THINGS = [
    (at, f"Thing {at:03}", f"{at % 100}.50", None if at % 7 == 0 else at % 3 + 1,
     None if at % 10 == 0 else f"2026-{at % 12 + 1:02}-01 10:00:00", "T" if at % 2 else "F", '{"n": 1}')
    for at in range(1, 451)
]  # fmt: skip
"""450 things of 3 persons; every seventh belongs to nobody."""
PERSON = "CREATE TABLE person (id {id}, name VARCHAR(512))"
THING = (
    "CREATE TABLE thing (id {id}, name VARCHAR(100) UNIQUE, price NUMERIC(10,2), "
    "owner INTEGER REFERENCES person(id), made TIMESTAMP, used CHAR(1), facts {json}, picture {blob})"
)
INSERT = "INSERT INTO thing (id, name, price, owner, made, used, facts) VALUES (?, ?, ?, ?, ?, ?, ?)"
PEOPLE = [("Ada",), ("Bob",), ("Cid",)]


def _site_of(folder, model) -> Inspectors:
    application = folder / "applications" / "shop"
    for part in ("models", "databases", "uploads"):
        (application / part).mkdir(parents=True)
    (application / "models" / "db.py").write_text(model)
    return Inspectors(folder)


@pytest.fixture(scope="module")
def sqlite_shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sqlite")
    with _site_of(folder, 'db = DAL("sqlite://storage.sqlite")\n' + TABLES) as inspectors:
        db = sqlite3.connect(
            folder / "applications" / "shop" / "databases" / "storage.sqlite", isolation_level=None
        )

        def fill() -> None:
            db.execute("BEGIN")
            for sql in ("DROP TABLE IF EXISTS thing", "DROP TABLE IF EXISTS person"):
                db.execute(sql)
            number = "INTEGER PRIMARY KEY AUTOINCREMENT"
            db.execute(PERSON.format(id=number))
            db.execute(THING.format(id=number, json="TEXT", blob="BLOB"))
            db.executemany("INSERT INTO person (name) VALUES (?)", PEOPLE)
            db.executemany(INSERT, THINGS)
            db.execute("COMMIT")

        yield inspectors.of("shop"), fill
        db.close()


@pytest.fixture(scope="module")
def postgres_shop(tmp_path_factory):
    try:
        admin = psycopg2.connect("host=127.0.0.1 port=5432 user=postgres dbname=postgres", connect_timeout=30)
    except psycopg2.OperationalError as error:
        missing(f"no PostgreSQL: {error}")
    admin.autocommit = True
    name = f"hadron_{uuid.uuid4().hex[:12]}"
    admin.cursor().execute(f"CREATE DATABASE {name}")
    model = f'db = DAL("postgres://postgres@127.0.0.1:5432/{name}", pool_size=0)\n' + TABLES
    with _site_of(tmp_path_factory.mktemp("postgres"), model) as inspectors:
        db = psycopg2.connect(f"host=127.0.0.1 user=postgres dbname={name}")

        def fill() -> None:
            cursor = db.cursor()
            cursor.execute("DROP TABLE IF EXISTS thing; DROP TABLE IF EXISTS person;")
            cursor.execute(PERSON.format(id="SERIAL PRIMARY KEY"))
            cursor.execute(THING.format(id="SERIAL PRIMARY KEY", json="JSON", blob="BYTEA"))
            cursor.executemany("INSERT INTO person (name) VALUES (%s)", PEOPLE)
            cursor.executemany(INSERT.replace("?", "%s"), THINGS)
            cursor.execute("SELECT setval('thing_id_seq', 450)")
            db.commit()

        yield inspectors.of("shop"), fill
        db.close()
    admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


@pytest.fixture(scope="module")
def mysql_shop(tmp_path_factory):
    try:
        db = pymysql.connect(host="127.0.0.1", user="root", password="", connect_timeout=30, autocommit=True)
    except pymysql.err.OperationalError as error:
        missing(f"no MariaDB: {error}")
    name = f"hadron_{uuid.uuid4().hex[:12]}"
    cursor = db.cursor()
    cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    cursor.execute(f"USE {name}")
    model = f'db = DAL("mysql:pymysql://root:@127.0.0.1:3306/{name}?set_encoding=utf8mb4")\n' + TABLES
    with _site_of(tmp_path_factory.mktemp("mysql"), model) as inspectors:

        def fill() -> None:
            number = "INTEGER AUTO_INCREMENT PRIMARY KEY"
            for sql in ("DROP TABLE IF EXISTS thing", "DROP TABLE IF EXISTS person"):
                cursor.execute(sql)
            cursor.execute(PERSON.format(id=number))
            cursor.execute(
                THING.format(id=number, json="TEXT", blob="LONGBLOB").replace("TIMESTAMP", "DATETIME")
            )
            cursor.executemany("INSERT INTO person (name) VALUES (%s)", PEOPLE)
            cursor.executemany(INSERT.replace("?", "%s"), THINGS)

        yield inspectors.of("shop"), fill
    cursor.execute(f"DROP DATABASE {name}")
    db.close()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ]
)
def shop(request):
    """The inspector of an application with 450 things and 3 persons, fresh for each test."""
    inspector, fill = request.getfixturevalue(f"{request.param}_shop")
    fill()
    return inspector


def test_pages_by_key_hold_every_row_once(shop):
    """UI-DB-02: whatever the order, also with NULLs, the pages together hold every row once, and in order."""
    for order in (None, ["owner", False], ["owner", True], ["made", False], ["made", True], ["price", True]):
        _check_pages(shop, order)


def _check_pages(shop, order):
    seen, values, after = [], [], None
    column = COLUMNS.index(order[0]) if order else 0
    while True:
        page = shop.ask("page", order=order, after=after, most=100, **PLACE)
        seen += [row["key"][0] for row in page["rows"]]
        values += [row["cells"][column] for row in page["rows"]]
        after = page["after"]
        if after is None:
            break
        assert len(seen) < 1000
    assert sorted(seen) == list(range(1, 451))
    there = [float(one) if column in (0, 2, 3) else one for one in values if one is not None]
    assert there == sorted(there, reverse=bool(order and order[1]))
    nulls = [at for at, one in enumerate(values) if one is None]
    assert not nulls or nulls == list(range(nulls[0], nulls[0] + len(nulls)))
    if nulls:
        assert nulls[0] == 0 or nulls[-1] == 449


FILTERS = [
        ({}, 450), ({"id": ">440"}, 10), ({"id": "in 1, 2, 999"}, 2), ({"id": "5..9"}, 5),
        ({"name": "~THING 00"}, 9), ({"name": "^thing 1"}, 100), ({"name": "!~0"}, 279), ({"name": "%"}, 0),
        ({"name": "it's"}, 0), ({"owner": "null"}, 64), ({"owner": "!null", "id": "<8"}, 6),
        ({"price": "=1.50"}, 5), ({"made": "2026-03"}, 31), ({"made": ">=2026-12-01"}, 37),
        ({"used": "true"}, 225), ({"picture": "null"}, 450), ({"id": "~44"}, 14), ({"name": "=Thing 007"}, 1),
    ]  # fmt: skip


def test_filters_count_what_they_show(shop):
    """UI-DB-02: the filter row is answered by the database; the exact count and the rows agree."""
    for filters, count in FILTERS:
        assert (filters, shop.ask("count", filters=filters, **PLACE)["count"]) == (filters, count)
        assert len(shop.ask("page", filters=filters, most=1000, **PLACE)["rows"]) == count


def test_a_wrong_filter_names_its_column(shop):
    """UI-DB-02: a pattern that can't be understood is explained at its field."""
    with pytest.raises(InspectorProblem, match="not the number of a record") as caught:
        shop.ask("page", filters={"owner": "bob"}, **PLACE)
    assert (caught.value.kind, caught.value.data) == ("refused", {"field": "owner"})


def test_counts_facets_and_words_of_references(shop):
    """UI-DB-01, UI-DB-03, UI-DB-04: rows per table, most frequent values, the words of what is referred to."""
    counts = shop.ask("counts", database="db")["tables"]
    assert counts["person"] | {"size": None} == {"rows": 3, "exact": True, "size": None}
    facet = shop.ask("facet", field="used", **PLACE)["values"]
    assert sorted((one["text"], one["count"], one["filter"]) for one in facet) == [
        ("false", 225, "=false"), ("true", 225, "=true"),
    ]  # fmt: skip
    page = shop.ask("page", most=3, **PLACE)
    assert page["labels"]["owner"] == {"2": "Bob", "3": "Cid", "1": "Ada"}
    assert page["statements"][0][0].startswith("SELECT")


def test_a_record_leads_both_ways(shop):
    """UI-DB-04: references as links, and what refers to the record."""
    thing = shop.ask("record", key=[4], **PLACE)
    assert thing["fields"]["owner"] == {"value": "2", "target": "person", "words": "Bob"}
    person = shop.ask("record", database="db", table="person", key=[2])
    (back,) = person["referenced_by"]
    assert (back["table"], back["field"], back["filter"]) == ("thing", "owner", "=2")
    assert back["count"] == shop.ask("count", filters={"owner": "=2"}, **PLACE)["count"]
    with pytest.raises(InspectorProblem, match="not in thing any more"):
        shop.ask("record", key=[9999], **PLACE)


def _row(shop, number):
    page = shop.ask("page", filters={"id": f"={number}"}, **PLACE)
    return dict(zip(COLUMNS, page["rows"][0]["cells"], strict=True)) if page["rows"] else None


def test_changes_are_written_together(shop):
    """UI-DB-05: changed, new and deleted rows in one transaction; values of every kind."""
    values = {
        "name": "New", "price": "99.90", "owner": "1", "made": "2026-05-05 05:05", "used": "true", "facts": '{"b": [1]}',
    }  # fmt: skip
    answer = shop.ask(
        "write",
        changes=[
            {
                "do": "update",
                "key": [1],
                "values": {"name": "Lamp", "owner": None},
                "old": {"name": "Thing 001"},
            },
            {"do": "insert", "values": values},
            {"do": "delete", "key": [2], "old": {}},
        ],
        **PLACE,
    )
    assert (answer["written"], answer["errors"], answer["conflicts"]) == (3, [], [])
    assert answer["keys"] == {"1": 451}
    assert (_row(shop, 1)["name"], _row(shop, 1)["owner"]) == ("Lamp", None)
    assert _row(shop, 2) is None
    new = _row(shop, 451)
    assert (float(new["price"]), new["made"]) == (99.9, "2026-05-05 05:05:00")
    assert (new["used"], new["facts"]) == ("true", '{"b": [1]}')


def test_one_fault_lets_nothing_be_written(shop):
    """UI-DB-05: the model's validators and the database decide; errors are told at the field, nothing is written."""
    answer = shop.ask(
        "write",
        changes=[
            {"do": "update", "key": [1], "values": {"name": "Fine"}, "old": {}},
            {"do": "update", "key": [2], "values": {"price": "1000"}, "old": {}},
            {"do": "update", "key": [3], "values": {"price": "cheap", "owner": "x"}, "old": {}},
        ],
        **PLACE,
    )
    assert answer["written"] == 0
    assert [(e["place"], e["field"]) for e in answer["errors"]] == [(1, "price"), (2, "price"), (2, "owner")]
    assert "between 0 and 100" in answer["errors"][0]["message"]
    assert "not a number" in answer["errors"][1]["message"]
    assert _row(shop, 1)["name"] == "Thing 001"
    answer = shop.ask(
        "write", changes=[{"do": "update", "key": [1], "values": {"name": "Thing 002"}, "old": {}}], **PLACE
    )
    assert (answer["written"], answer["errors"][0]["field"]) == (0, "name")
    assert _row(shop, 1)["name"] == "Thing 001"


def test_a_row_that_someone_else_changed_is_a_conflict(shop):
    """UI-DB-05, OCC-10: two windows on one row: the second is told what the first wrote, and nothing is lost."""
    mine = {"do": "update", "key": [5], "values": {"name": "Mine"}, "old": {"name": "Thing 005"}}
    other = {"do": "update", "key": [5], "values": {"name": "Other"}, "old": {"name": "Thing 005"}}
    assert shop.ask("write", changes=[other], **PLACE)["written"] == 1
    answer = shop.ask("write", changes=[mine], **PLACE)
    (conflict,) = answer["conflicts"]
    assert answer["written"] == 0
    assert conflict["fields"] == {"name": {"mine": "Mine", "theirs": "Other", "before": "Thing 005"}}
    assert _row(shop, 5)["name"] == "Other"
    shop.ask("write", changes=[{"do": "delete", "key": [5], "old": {}}], **PLACE)
    assert shop.ask("write", changes=[mine], **PLACE)["conflicts"][0]["gone"] is True


def test_questions_have_a_time_limit_and_can_be_called_off(shop):
    """UI-DB-07: a query that takes too long ends, also by Cancel, and the next question is answered."""
    text = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    if "mysql" in (shop.folder / "models" / "db.py").read_text():
        text = "SELECT BENCHMARK(100000000000, MD5('x'))"  # recursion has a limit there
    endless = {"text": text, "database": "db"}
    begun = time.monotonic()
    with pytest.raises(InspectorProblem) as caught:
        shop.ask("query", limit=0.4, **endless)
    assert (caught.value.kind, time.monotonic() - begun < 40) == ("limit", True)
    pid = shop.pid
    wanted = threading.Event()
    threading.Timer(0.3, wanted.set).start()
    with pytest.raises(InspectorProblem) as caught:
        shop.ask("query", limit=0, cancelled=wanted.is_set, **endless)
    assert caught.value.kind == "cancelled"
    assert shop.ask("count", **PLACE)["count"] == 450
    assert shop.pid == pid, "the statement is interrupted, the process need not be killed"


WRITES = [
        "DELETE FROM thing", "UPDATE thing SET name = 'x'", "DROP TABLE thing", "SELECT 1; DELETE FROM thing",
        "WITH x AS (SELECT 1) DELETE FROM thing", "db(db.thing.id > 0).delete()", "db.thing.insert(name='x')",
        "db.executesql('DELETE FROM thing')", "SELECT 1 /* ; */; COMMIT; DELETE FROM thing --",
        "(db.commit(), db(db.thing).delete(), db.commit())",
    ]  # fmt: skip


def test_the_query_box_never_writes(shop):
    """UI-DB-07: read-only is enforced by the database, not by good will."""
    for text in WRITES:
        try:
            shop.ask("query", text=text, database="db")
        except InspectorProblem as problem:
            assert problem.kind in ("refused", "failed")
        assert (text, shop.ask("count", **PLACE)["count"]) == (text, 450)
        assert _row(shop, 1)["name"] == "Thing 001"


def test_the_query_box_reads_both_languages(shop):
    """UI-DB-07: a pydal query and a SELECT."""
    found = shop.ask("query", text="(db.thing.id < 4) & (db.thing.owner == db.person.id)", database="db")
    assert len(found["rows"]) == 3
    assert found["columns"][:2] == ["thing.id", "thing.name"]
    found = shop.ask("query", text="select name, price from thing where id = 7;", database="db")
    assert (found["columns"], found["rows"]) == (["name", "price"], [["Thing 007", found["rows"][0][1]]])
    assert shop.ask("query", text="db(db.thing).count()", database="db")["text"] == "450"
    with pytest.raises(InspectorProblem, match="no expression"):
        shop.ask("query", text="db.thing.id >", database="db")
    assert "db.thing.name" in shop.ask("names", database="db")["names"]


def test_the_structure_tells_what_there_is(shop):
    """UI-DB-08: fields, indexes, the model's line, and what differs."""
    same = shop.ask("structure", **PLACE)
    assert same["differences"] == []
    assert any(one["unique"] and one["columns"] == ["name"] for one in same["indexes"])
    assert (same["table"]["file"], same["table"]["line"]) == ("models/db.py", 4)


def test_export_and_import_give_the_rows_back(shop, tmp_path):
    """UI-DB-09: CSV of the filtered rows; import with preview and dry run; NULL stays NULL."""
    path = str(tmp_path / "things.csv")
    exported = shop.ask(
        "export", path=path, filters={"id": "<=20"}, columns=["id", "name", "owner", "made"], **PLACE
    )
    assert exported["rows"] == 20
    lines = (tmp_path / "things.csv").read_text().splitlines()
    assert lines[0] == "id,name,owner,made"
    assert lines[7] == "7,Thing 007,<NULL>,2026-08-01 10:00:00"
    text = (tmp_path / "things.csv").read_text().replace("Thing 007", "Seven")
    (tmp_path / "things.csv").write_text(text + "0,Extra,1,2026-01-01 00:00:00\n")
    seen = shop.ask("import_preview", path=path, **PLACE)
    assert seen["fields"] == ["id", "name", "owner", "made"]
    take = {"path": path, "fields": seen["fields"], "existing": "update", **PLACE}
    dry = shop.ask("import", dry=True, **take)
    assert (dry["inserted"], dry["updated"], dry["faults"], dry["written"]) == (1, 20, 0, False)
    assert _row(shop, 7)["name"] == "Thing 007"
    assert shop.ask("import", dry=False, **take)["written"] is True
    assert (_row(shop, 7)["name"], _row(shop, 7)["owner"]) == ("Seven", None)
    assert shop.ask("count", **PLACE)["count"] == 451
    (tmp_path / "things.csv").write_text("name,price\nA,1\n" + "B" * 30 + ",2\nC,9999\n")
    bad = shop.ask("import", path=path, fields=["name", "price"], dry=False, **PLACE)
    assert (bad["written"], [(one["line"], one["field"]) for one in bad["errors"]]) == (
        False,
        [(3, "name"), (4, "price")],
    )
    assert shop.ask("count", **PLACE)["count"] == 451


def test_json_export_and_a_folder_that_is_not_there(shop, tmp_path):
    """UI-DB-09: JSON; a file that can't be written is told, nothing half is left."""
    shop.ask("export", path=str(tmp_path / "t.json"), form="json", filters={"id": "=7"}, **PLACE)
    assert '"owner": null' in (tmp_path / "t.json").read_text()
    with pytest.raises(InspectorProblem, match="can't be written"):
        shop.ask("export", path=str(tmp_path / "nowhere" / "t.json"), **PLACE)
    assert not list(tmp_path.rglob("*.part"))
