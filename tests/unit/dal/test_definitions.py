"""Defining tables at each request: everything `define_table` documents (NAMES-08, COOP-1, MDL-08)."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pydal
import pytest

from runtime import dal
from runtime.dal import DAL, Field, SQLCustomType, Table, adapters, schema
from runtime.dal.validators import IS_NOT_EMPTY
from runtime.foundation.locks import file_lock


def connect(folder: str, **options: Any) -> Any:
    return DAL("sqlite://defs.sqlite", folder=folder, **options)


def statements(db: Any) -> list[str]:
    return [sql for sql, _ in db._timings]


def test_names_08_a_known_definition_sends_nothing_and_opens_nothing(folder: str, in_request: Any) -> None:
    """The migration is looked at once per process and definition."""
    for turn in range(4):
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"), Field("y", "integer"))
            db.define_table("b", Field("a_id", "reference a"))
            assert [sql[:12] for sql in statements(db)] == (
                ["PRAGMA forei", "CREATE TABLE", "CREATE TABLE"] if turn == 0 else []
            )
            assert db.tables == ["a", "b"]
            assert list(db) == [db.a, db.b]
            assert "a" in db
            assert db["a"] is db.a


def columns(folder: str, table: str) -> list[str]:
    connection = sqlite3.connect(os.path.join(folder, "defs.sqlite"))
    try:
        return [row[1] for row in connection.execute(f"pragma table_info({table})")]
    finally:
        connection.close()


def test_names_08_a_changed_definition_migrates(folder: str, in_request: Any) -> None:
    for fields in (["x"], ["x"], ["x", "y"], ["x", "y"], ["x", "y", "z"]):
        with in_request():
            connect(folder).define_table("a", *[Field(name) for name in fields])
        assert columns(folder, "a") == ["id", *fields]


def test_names_08_structure_set_before_define_counts(folder: str, in_request: Any) -> None:
    """An attribute set on a Field before `define_table` is part of the definition."""
    for turn in range(3):
        kind = "integer" if turn == 1 else "string"
        with in_request():
            db = connect(folder)
            field = Field("x")
            if turn == 1:
                field.type = "integer"
            db.define_table("a", field)
            assert db.a.x.type == kind
        marker = next(Path(folder).glob("*_a.table"))
        assert pickle.loads(marker.read_bytes())["x"]["type"] == kind


def test_names_08_a_validator_read_before_define_is_made_anew(folder: str, in_request: Any) -> None:
    for _ in range(2):
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"))
            field = Field("a_id", "reference a")
            assert type(field.requires.other).__name__ == "IS_INT_IN_RANGE"
            db.define_table("b", field)
            assert type(db.b.a_id.requires.other).__name__ == "IS_IN_DB"


def test_coop_1_a_migration_waits_for_that_of_another_process(
    folder: str, in_request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COOP-1: while another holds the lock nothing is created."""
    monkeypatch.setattr(adapters, "MIGRATION_WAIT", 0.05)
    with file_lock(os.path.join(folder, adapters.MIGRATION_LOCK)):
        with pytest.raises(TimeoutError, match="locked by another process"), in_request():
            connect(folder).define_table("a", Field("x"))
        assert not list(Path(folder).glob("*.table"))
    with in_request():
        connect(folder).define_table("a", Field("x"))
    assert columns(folder, "a") == ["id", "x"]


def test_names_08_a_failing_migration_fails_each_time_until_mended(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with pytest.raises(KeyError, match="Cannot resolve reference nowhere"), in_request():
            connect(folder).define_table("a", Field("x", "reference nowhere"))
    for _ in range(2):
        with pytest.raises(SyntaxError), in_request():
            connect(folder).define_table("a", Field("x", "no such type"))
    with in_request():
        db = connect(folder)
        db.define_table("a", Field("x"))
        assert db(db.a).isempty()


def test_names_08_a_missing_target_is_noticed_though_the_table_is_known(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"))
            db.define_table("b", Field("a_id", "reference a"))
    with pytest.raises(KeyError), in_request():
        connect(folder).define_table("b", Field("a_id", "reference a"))


@pytest.mark.parametrize(
    "define",
    [
        lambda db: db.define_table("a", Field("x"), Field("x")) and db.define_table("a"),
        lambda db: db.define_table("b", [Field("x"), Field("x")]),
        lambda db: db.define_table("c", Field("x"), Field("X")),
        lambda db: db.define_table("select it", Field("x")),
        lambda db: db.define_table("_c", Field("x")),
        lambda db: db.define_table("executesql", Field("x")),
        lambda db: db.define_table("d", Field("x"), wrong=1),
        lambda db: db.define_table("e", "x"),
        lambda db: db.define_table("f", Field("x"), primarykey="x"),
        lambda db: Field("no name"),
        lambda db: Field("class"),
        lambda db: Field("update"),
    ],
)
def test_names_08_wrong_definitions_are_refused_as_by_pydal(
    define: Any, folder: str, in_request: Any
) -> None:
    for _ in range(2):
        with in_request():
            db = connect(folder)
            with pytest.raises(SyntaxError):
                define(db)


def test_names_08_a_field_belongs_to_one_table(folder: str, in_request: Any) -> None:
    for _ in range(2):
        with in_request():
            db = connect(folder, migrate=False)
            one = Field("x")
            db.define_table("a", one)
            with pytest.raises(ValueError, match="already bound"):
                db.define_table("b", one)


def test_names_08_redefine(folder: str, in_request: Any) -> None:
    for _ in range(2):
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"))
            with pytest.raises(SyntaxError, match="already defined"):
                db.define_table("a", Field("x"))
            db.define_table("a", Field("x"), Field("y"), redefine=True)
            assert db.a.fields == ["id", "x", "y"]
            assert db.tables == ["a"]
            db.a.insert(x="1", y="2")


def test_names_08_on_define_and_options(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request():
            db = connect(folder)
            calls: list[Any] = []
            table = db.define_table(
                "a",
                Field("x", label="Ex", custom="own"),
                on_define=calls.append,
                singular="One",
                plural="Many",
                format=lambda row: row.x,
                common_filter=lambda query: db.a.x != "hidden",
                sequence_name="seq",
                polymodel=True,
            )
            assert calls == [table]
            assert (table._singular, table._plural, table._sequence_name) == ("One", "Many", "seq")
            assert table.x.custom == "own"
            db.a.insert(x="hidden")
            db.a.insert(x="shown")
            assert {row.x for row in db(db.a).select()} == {"shown"}
            assert db(db.a, ignore_common_filters=True).count() >= 2
            assert db.a._format(db.a(x="shown")) == "shown"


def test_names_08_lazy_tables(folder: str, in_request: Any) -> None:
    """`lazy_tables=True`: None is returned, tables are made when they are asked for."""
    for turn in range(3):
        with in_request():
            db = connect(folder, lazy_tables=True)
            made: list[Any] = []
            assert db.define_table("a", Field("x"), on_define=made.append) is None
            assert db.define_table("b", Field("a_id", "reference a")) is None
            assert made == []
            assert db.tables == ["a", "b"]
            number = db.b.insert(a_id=db.a.insert(x="1"))
            assert made == [db.a]
            assert db.b(number).a_id.x == "1"
            assert db.a(1).b.count() >= 1


def test_names_08_virtual_and_method_fields(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request(commit=False):
            db = connect(folder)
            db.define_table(
                "a",
                Field("x", "integer"),
                Field.Virtual("double", lambda row: row.a.x * 2),
                Field.Method("times", lambda row, n: row.a.x * n),
            )
            db.a.more = Field.Virtual(lambda row: row.a.x + 1)
            db.a.insert(x=4)
            row = db(db.a).select().first()
            assert (row.double, row.times(3), row.more) == (8, 12, 5)
            assert db(db.a).select(db.a.x).first().double == 8


def test_names_08_old_style_virtual_fields(folder: str, in_request: Any) -> None:
    class More:
        def plus(self: Any) -> int:
            return int(self.a.x + 1)

    for _ in range(2):
        with in_request(commit=False):
            db = connect(folder)
            db.define_table("a", Field("x", "integer"))
            db.a.virtualfields.append(More())
            db.a.insert(x=4)
            assert db(db.a).select().first().plus == 5


def test_names_08_inheritance_takes_values_of_the_time_of_definition(folder: str, in_request: Any) -> None:
    """A table given as argument lends copies of its fields (as `auth.signature`)."""
    for turn in range(3):
        with in_request(commit=False):
            db = connect(folder)
            base = Table(db, "base", Field("by", default=turn), Field("self_id", "reference base"))
            db.define_table("a", Field("x"), base)
            base.by.default = "changed later"
            db.define_table("b", db.a, Field("y"))
            assert db.a.fields == ["id", "x", "by", "self_id"]
            assert db.b.fields == ["id", "x", "by", "self_id", "y"]
            assert db.a.by.default == db.b.by.default == turn
            assert db.a.self_id.type == "reference a"
            db.a.by.writable = False
            assert db.b.by.writable


def test_names_08_common_fields_and_tenants(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request(commit=False):
            db = connect(folder)
            db._common_fields.append(Field("request_tenant", default="me", writable=False))
            db.define_table("a", Field("x"))
            db.a.insert(x="mine")
            db.a.insert(x="other", request_tenant="you")
            assert [row.x for row in db(db.a).select()] == ["mine"]


def test_names_08_custom_types(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request(commit=False):
            db = connect(folder)
            cents = SQLCustomType("integer", "integer", lambda v: round(v * 100), lambda v: v / 100)
            db.define_table("a", Field("price", type=cents))
            db.a.insert(price=1.25)
            assert db(db.a).select().first().price == 1.25


def test_names_08_record_versioning(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"), Field("is_active", "boolean", default=True))
            db.a._enable_record_versioning()
            number = db.a.insert(x="1")
            db.a(number).update_record(x="2")
            assert db(db.a_archive.current_record == number).select().first().x == "1"
            db(db.a.id == number).delete()
            assert db(db.a.id == number).isempty()


def test_names_08_references_both_ways(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request(commit=False):
            db = connect(folder)
            db.define_table("a", Field("x"))
            assert db.a._referenced_by == []
            db.define_table("b", Field("a_id", "reference a"), Field("many", "list:reference a"))
            db.define_table(
                "c", Field("b_id", "reference b", ondelete="NO ACTION"), Field("c_id", "reference c")
            )
            assert [str(f) for f in db.a._referenced_by] == ["b.a_id"]
            assert [str(f) for f in db.a._referenced_by_list] == ["b.many"]
            assert db.b._references == [db.b.a_id, db.b.many]
            assert [str(f) for f in db.c._referenced_by] == ["c.c_id"]
            assert db.b.a_id.referent is db.a.id


def test_names_08_dropping_a_table(folder: str, in_request: Any) -> None:
    for _ in range(3):
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"))
            db.a.insert(x="1")
            assert db(db.a).count() == 1
            db.a.drop()
            assert db.tables == []


def test_names_08_a_file_deleted_in_the_same_tick_is_noticed(
    folder: str, in_request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the times of files are coarse, a folder that has just changed may change again and look the same."""
    moment = time.time_ns()
    monkeypatch.setattr(schema, "time", SimpleNamespace(time_ns=lambda: moment + 1_000_000))
    for _ in range(3):
        os.utime(folder, ns=(moment, moment))
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"))
            assert db(db.a).isempty()
            db.a.drop()


@pytest.mark.parametrize("count", [1, 12])
def test_names_08_a_deleted_migration_file_is_noticed(folder: str, in_request: Any, count: int) -> None:
    def define(**options: Any) -> None:
        with in_request():
            db = connect(folder, **options)
            for number in range(count):
                db.define_table(f"t{number}", Field("x"))

    for _ in range(2):
        define()
    path = next(Path(folder).glob(f"*_t{count - 1}.table"))
    path.unlink()
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        define()
    define(fake_migrate_all=True)
    assert path.exists()


def test_coop_1_one_application_creates_the_other_reads(folder: str, in_request: Any) -> None:
    """COOP-1"""
    for _ in range(2):
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"))
            db.a.insert(x="1")
        with in_request():
            db = connect(folder)
            db.define_table("a", Field("x"), Field("not_there"), migrate=False)
            assert db(db.a).select(db.a.x).first().x == "1"
    assert columns(folder, "a") == ["id", "x"]


def test_coop_1_two_processes_do_not_race(folder: str) -> None:
    """Four processes create the same tables at once."""
    code = (
        "import sys; from runtime import dal; dal.begin_request()\n"
        "db = dal.DAL('sqlite://race.sqlite', folder=sys.argv[1], driver_args={'timeout': 60})\n"
        "for i in range(5): db.define_table(f't{i}', dal.Field('x'), dal.Field('y', 'integer'))\n"
        "db.t0.insert(x='1'); dal.finish(commit=True)\n"
    )
    root = Path(__file__).resolve().parents[3]
    running = [
        subprocess.Popen([sys.executable, "-c", code, folder], cwd=root, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    dal.begin_request()
    db = DAL("sqlite://race.sqlite", folder=folder)
    db.define_table("t0", Field("x"), Field("y", "integer"))
    assert db(db.t0).count() == 4
    dal.finish(commit=True)


def test_lib_31_pydal_itself_is_left_as_it_was(folder: str, in_request: Any) -> None:
    """LIB-31: another user of pydal in the process sees pydal's own classes."""
    with in_request():
        db = connect(folder, representers={"x": 1}, uuid=lambda: "u")
        assert db.uuid() == "u"
    assert DAL.uuid() != "u"
    assert pydal.DAL.Field is pydal.Field
    assert pydal.DAL.representers == {}
    other = pydal.DAL("sqlite:memory")
    other.define_table("t", pydal.Field("x"))
    assert type(other.t) is pydal.objects.Table
    assert "Kept" not in type(other._adapter).__name__
    other.close()


def test_fun_09_rows_render_and_serializers(folder: str, in_request: Any) -> None:
    """FUN-09: `Rows.render`, `as_json`, `as_xml`."""
    with in_request(commit=False):
        db = connect(folder)
        db.define_table("a", Field("x"), format="<%(x)s>")
        db.define_table(
            "b",
            Field("a_id", "reference a"),
            Field("n", "integer", represent=lambda value: f"#{value}"),
            Field("d", "date", represent=lambda value, row: f"{row.id}/{value}"),
        )
        db.b.insert(a_id=db.a.insert(x="ann"), n=1, d="2024-01-02")
        rows = db(db.b).select()
        shown = rows.render(0)
        assert (shown.a_id, shown.n, shown.d) == ("<ann>", "#1", "1/2024-01-02")
        assert rows.as_json() == '[{"id": 1, "a_id": 1, "n": 1, "d": "2024-01-02"}]'
        assert "<d>2024-01-02</d>" in rows.as_xml()
        assert db.b.as_json()


def test_names_08_validated_writes_tell_by_attributes(folder: str, in_request: Any) -> None:
    """NAMES-08: `answer.id`, `answer.errors.name`, `answer.updated`, as well as by keys."""
    with in_request():
        db = connect(folder)
        db.define_table("a", Field("x", requires=IS_NOT_EMPTY()), Field("y"))
        bad = db.a.validate_and_insert(x="")
        assert (bad.id, bool(bad.errors.x), bad["errors"]["x"]) == (None, True, bad.errors.x)
        good = db.a.validate_and_insert(x="1")
        assert (good.id, good.errors, good["success"]) == (1, {}, True)
        done = db(db.a.id == 1).validate_and_update(x="2")
        assert (done.updated, done.errors) == (1, {})
        assert db(db.a)(db.a.id == 1).validate_and_update(x="").errors.x
        assert db.a.validate_and_update(1, x="3").updated == 1
        assert db.a.validate_and_update_or_insert(db.a.x == "9", x="9").id == 2
        assert json.loads(json.dumps(good)) == {"id": 1, "errors": {}, "success": True}
        assert isinstance(db(db.a), dal.Set)
