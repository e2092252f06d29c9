"""Existing databases: described, written as models, compared, completed; never changed unasked."""

import ast
import datetime
import decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime import dal
from runtime.admin.introspection import (
    Column,
    Description,
    DescriptionError,
    Reference,
    Table,
    apply_description,
    differences,
    from_yaml,
    introspect,
    to_yaml,
    write_models,
)
from runtime.cli import main as command_line
from runtime.foundation.problems import UserError
from runtime.web.environment import base_names

SCHEMA = {
    "sqlite": [
        """CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL UNIQUE, born DATE,
           "class" VARCHAR(20) DEFAULT 'it''s', picture BLOB, visits INTEGER NOT NULL DEFAULT 3, seen TIMESTAMP
           DEFAULT CURRENT_TIMESTAMP, worth DECIMAL(10,2), notes TEXT, height REAL, at TIME)""",
        """CREATE TABLE dog (tag VARCHAR(10) PRIMARY KEY, owner INTEGER NOT NULL REFERENCES person,
           sire VARCHAR(10) REFERENCES dog (tag))""",
        "CREATE TABLE pair (a INTEGER NOT NULL, b INTEGER NOT NULL, c INTEGER, d INTEGER, PRIMARY KEY (a, b), UNIQUE (c, d))",
    ],
    "postgres": [
        """CREATE TABLE person (id SERIAL PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE, born DATE,
           "class" VARCHAR(20) DEFAULT 'it''s', picture BYTEA, visits INTEGER NOT NULL DEFAULT 3, seen TIMESTAMP
           DEFAULT CURRENT_TIMESTAMP, worth NUMERIC(10,2), notes TEXT, height DOUBLE PRECISION, at TIME)""",
        """CREATE TABLE dog (tag VARCHAR(10) PRIMARY KEY, owner INTEGER NOT NULL REFERENCES person (id),
           sire VARCHAR(10) REFERENCES dog (tag))""",
        "CREATE TABLE pair (a INTEGER NOT NULL, b INTEGER NOT NULL, c INTEGER, d INTEGER, PRIMARY KEY (a, b), UNIQUE (c, d))",
        "COMMENT ON TABLE dog IS 'good boys'",
        "COMMENT ON COLUMN person.name IS 'as in the passport'",
    ],
    "mysql": [
        """CREATE TABLE person (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE
           COMMENT 'as in the passport', born DATE, `class` VARCHAR(20) DEFAULT 'it''s', picture LONGBLOB,
           visits INT NOT NULL DEFAULT 3, seen DATETIME DEFAULT CURRENT_TIMESTAMP, worth DECIMAL(10,2), notes TEXT,
           height DOUBLE, at TIME)""",
        """CREATE TABLE dog (tag VARCHAR(10) PRIMARY KEY, owner INT NOT NULL, sire VARCHAR(10),
           FOREIGN KEY (owner) REFERENCES person (id), FOREIGN KEY (sire) REFERENCES dog (tag)) COMMENT 'good boys'""",
        "CREATE TABLE pair (a INT NOT NULL, b INT NOT NULL, c INT, d INT, PRIMARY KEY (a, b), UNIQUE (c, d))",
    ],
}


@pytest.fixture
def full(database):
    database.execute(*SCHEMA[database.engine])
    return database


@pytest.fixture
def models(tmp_path, monkeypatch):
    """Execute a model file as an application would; returns its database object."""
    opened = []
    monkeypatch.setenv("DATABASE_PASSWORD", "postgres")

    def run(text):
        names = dict(base_names())
        dal.begin_request(str(tmp_path))
        exec(compile(text, "models.py", "exec"), names)
        opened.append(names["db"])
        return names["db"]

    yield run
    dal.finish(commit=False)
    for db in opened:
        db.close()


def test_dbi_01_what_is_described(full):
    """DBI-01: tables, types, lengths, keys, uniqueness, NOT NULL, defaults, references, comments."""
    found = introspect(full.uri)
    assert list(found.tables) == ["dog", "pair", "person"]
    person = found.tables["person"]
    assert person.primary_key == ("id",)
    assert person.column("id").automatic
    name = person.column("name")
    assert (name.type, name.length, name.notnull, name.unique) == ("string", 80, True, True)
    kinds = {column.name: column.type for column in person.columns}
    assert kinds == {
        "id": "integer", "name": "string", "born": "date", "class": "string", "picture": "bytes", "visits": "integer",
        "seen": "datetime", "worth": "decimal(10,2)", "notes": "text", "height": "double", "at": "time",
    }  # fmt: skip
    assert person.column("class").default == "it's"
    assert person.column("visits").default == 3
    assert "current_timestamp" in person.column("seen").expression.lower()
    assert person.column("born").default is person.column("born").expression is None
    dog = found.tables["dog"]
    assert dog.column("owner").reference == Reference("person", "id")
    assert dog.column("sire").reference == Reference("dog", "tag")
    pair = found.tables["pair"]
    assert (pair.primary_key, pair.unique) == (("a", "b"), (("c", "d"),))
    if full.engine != "sqlite":
        assert (dog.comment, name.comment) == ("good boys", "as in the passport")


def test_dbi_01_03_the_models_work_and_change_nothing(full, models, tmp_path):
    """DBI-01, DBI-03: `define_table`s with migrate=False that read and write what is there."""
    before = introspect(full.uri)
    text = write_models(before, full.uri)
    assert text.count("migrate=False") == 4  # three tables, and the remark at the top
    assert "migrate_enabled=False" in text
    db = models(text)
    assert db.tables == ["person", "dog", "pair"]
    moment = datetime.datetime(2026, 5, 1, 12, 30)
    ann = db.person.insert(
        name="Ann", picture=b"\x00\xff'", worth=decimal.Decimal("1.50"), seen=moment, born=moment.date()
    )
    db.dog.insert(tag="rex", owner=ann)
    db.dog.insert(tag="pup", owner=ann, sire="rex")
    db.pair.insert(a=1, b=2, c=3)
    db.commit()
    row = db(db.person.id == ann).select().first()
    assert (row.name, row.picture, row.worth, row.seen) == (
        "Ann",
        b"\x00\xff'",
        decimal.Decimal("1.50"),
        moment,
    )
    assert (row.class_, row.visits) == ("it's", 3)
    assert [dog.tag for dog in row.dog.select(orderby=db.dog.tag)] == ["pup", "rex"]
    assert (
        db((db.dog.owner == db.person.id) & (db.dog.sire == "rex")).select(db.person.name).first().name
        == "Ann"
    )
    db.commit()
    assert full.execute("SELECT tag, owner FROM dog ORDER BY tag") == [("pup", ann), ("rex", ann)]
    assert introspect(full.uri) == before
    assert not list(tmp_path.rglob("*.table"))


def test_dbi_02_yaml_out_and_in(full, models):
    """DBI-02: the description is complete: read again it is equal, and gives the same models offline."""
    found = introspect(full.uri)
    text = to_yaml(found)
    assert from_yaml(text) == found
    assert write_models(from_yaml(text), full.uri) == write_models(found, full.uri)
    assert differences(found, from_yaml(text)) == []


def test_dbi_02_07_differences_and_what_is_missing(full):
    """DBI-02, DBI-07: export, edit, show the difference, add what lacks: only when told to, never a change."""
    before = introspect(full.uri)
    edited = from_yaml(
        to_yaml(before).replace(
            "      born:", "      email:\n        type: string\n        length: 90\n      born:"
        )
        + """  cat:
    columns:
      id: {type: integer, notnull: true, automatic: true}
      name: {type: string, length: 20, default: Tom}
      owner: {type: integer, references: {table: person, column: id}}
    primary_key: [id]
"""
    )
    shown = [str(one) for one in differences(before, edited)]
    assert shown == ["+ table cat", "+ person.email string"]
    plan = apply_description(full.uri, edited)
    assert len(plan.statements) == 2
    assert introspect(full.uri) == before
    apply_description(full.uri, edited, write=True)
    after = introspect(full.uri)
    assert after.tables["person"].column("email").length == 90
    cat = after.tables["cat"]
    assert cat.column("id").automatic
    assert cat.column("owner").reference == Reference("person", "id")
    assert cat.column("name").default == "Tom"
    assert apply_description(full.uri, edited).statements == ()


def test_dbi_03_what_would_change_or_remove_is_left(full):
    """DBI-03: a column less, another type: told, not done."""
    before = introspect(full.uri)
    smaller = from_yaml(to_yaml(before).replace("type: text", "type: string\n        length: 5"))
    del smaller.tables["pair"]
    plan = apply_description(full.uri, smaller, write=True)
    assert plan.statements == ()
    assert {str(one) for one in plan.left} >= {"- table pair", "~ person.notes: type: text -> string"}
    assert introspect(full.uri) == before


def test_dbi_02_apply_is_whole_or_nothing(make):
    """DBI-02: a statement that fails takes the others with it."""
    database = make("sqlite")
    good = Table("good", (Column("id", "integer", automatic=True),), ("id",))
    bad = Table("bad", (Column("x", "integer", native="INTEGER) nonsense ("),))
    with pytest.raises(UserError, match="nonsense"):
        apply_description(database.uri, Description("sqlite", {"good": good, "zbad": bad}), write=True)
    assert introspect(database.uri).tables == {}


@pytest.mark.parametrize(
    ("engine", "statement", "expected"),
    [
        ("sqlite", "CREATE TABLE t (id INTEGER PRIMARY KEY, x BOOLEAN)", "Field('x', 'integer')"),
        ("sqlite", "CREATE TABLE t (x, y INT)", "Field('rowid', 'id')"),
        ("sqlite", 'CREATE TABLE "update" (id INTEGER PRIMARY KEY)', "rname='\"update\"'"),
        ("sqlite", 'CREATE TABLE "two words" (id INTEGER PRIMARY KEY, "a-b" TEXT)', "Field('a_b', 'text', rname='\"a-b\"')"),
        ("sqlite", "CREATE TABLE t (id INTEGER PRIMARY KEY, x INT GENERATED ALWAYS AS (id * 2))", "writable=False"),
        ("sqlite", "CREATE TABLE t (code TEXT PRIMARY KEY, n INT)", "primarykey=['code']"),
        ("sqlite", "CREATE TABLE t (id INTEGER PRIMARY KEY, x REFERENCES nowhere (y))", "# refers to nowhere.y"),
        pytest.param("postgres", "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id INT GENERATED ALWAYS AS IDENTITY "
         "PRIMARY KEY, x mood, y boolean DEFAULT true)", "IS_IN_SET(['sad', 'ok'])", marks=pytest.mark.postgres),
        pytest.param("postgres", "CREATE TABLE t (id BIGSERIAL PRIMARY KEY, x JSONB, y UUID, z TIMESTAMPTZ, a INT[])",
         "Field('y', 'string', length=36)", marks=pytest.mark.postgres),
        pytest.param("mysql", "CREATE TABLE t (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, x ENUM('a', 'b''c'), j JSON)",
         "IS_IN_SET(['a', \"b'c\"])", marks=pytest.mark.mysql),
        pytest.param("mysql", "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, j JSON, f TINYINT(1))",
         "Field('j', 'json')", marks=pytest.mark.mysql),
    ],
)  # fmt: skip
def test_dbi_01_odd_tables(make, models, engine, statement, expected):
    """DBI-01: what has no counterpart gets the nearest one, names that can not be are renamed; the model loads."""
    database = make(engine)
    database.execute(*statement.split("; "))
    text = write_models(introspect(database.uri), database.uri)
    assert expected in text
    db = models(text)
    table = db[db.tables[0]]
    assert len(db(table).select()) == 0


def test_dbi_01_circles_of_references(make, models):
    """DBI-01: tables that refer to each other."""
    database = make("sqlite")
    database.execute(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id))",
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id))",
    )
    db = models(write_models(introspect(database.uri), database.uri))
    b = db.b.insert()
    db.a.insert(b=b)
    assert db(db.b.id == db.a.b).count() == 1


def test_dbi_01_no_password_in_the_models(monkeypatch):
    """DBI-01: it comes from the environment; the file opens the same address."""
    text = write_models(Description("postgres"), "postgres://ann:s%20cret@db.local:5433/shop")
    assert "s%20cret" not in text
    monkeypatch.setenv("DATABASE_PASSWORD", "s cret")
    opened = []
    exec(text, {"DAL": lambda uri, **options: opened.append((uri, options))})
    assert opened == [("postgres://ann:s%20cret@db.local:5433/shop", {"migrate_enabled": False})]


NAME = st.text(min_size=1, max_size=8)
COLUMNS = st.dictionaries(
    NAME,
    st.builds(
        dict, type=st.sampled_from(["string", "integer", "json"]), notnull=st.booleans(), comment=st.text(max_size=9),
        default=st.none() | st.text(max_size=9) | st.integers() | st.booleans(), length=st.none() | st.integers(1, 99),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAME, COLUMNS, max_size=3))
def test_dbi_02_any_description_survives_yaml_and_gives_valid_models(tables):
    """DBI-02: hostile names, comments and defaults are data: never code of the model."""
    found = Description(
        "postgres",
        {
            name: Table(name, tuple(Column(column, **data) for column, data in columns.items()))
            for name, columns in tables.items()
        },
    )
    assert from_yaml(to_yaml(found)) == found
    tree = ast.parse(write_models(found))
    calls = [node for node in tree.body if isinstance(node, ast.Expr)]
    assert len(calls) == len(tree.body) == len(tables)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no YAML"),
        ("a: 1", "no description"),
        ("format: hadron database description 1\ntables: 3", "tables"),
        (
            "format: hadron database description 1\ntables: {t: {columns: {x: {}}}}",
            "table t, column x: a type",
        ),
        (
            "format: hadron database description 1\ntables: {t: {columns: {x: {type: text, length: a}}}}",
            "length",
        ),
        (
            "format: hadron database description 1\ntables: {t: {columns: {}, primary_key: [x]}}",
            "primary_key",
        ),
        ("!!python/object/apply:os.system ['true']", "no YAML"),
    ],
)
def test_dbi_02_wrong_descriptions_are_explained(text, words):
    """DBI-02: where it is wrong and why; no code in YAML is run."""
    with pytest.raises(DescriptionError, match=words):
        from_yaml(text)


def test_dbi_01_the_command(make, tmp_path, capsys):
    """DBI-01, DBI-02: `hadron introspect`, `diff`, `apply`; what can not be read is said in a sentence."""
    database = make("sqlite")
    database.execute(*SCHEMA["sqlite"])
    path = database.uri.removeprefix("sqlite://")
    model, description = tmp_path / "m.py", tmp_path / "d.yaml"
    assert command_line(["introspect", path, "--out", str(model)]) == 0
    assert "db.define_table(" in model.read_text()
    assert command_line(["introspect", path, "--yaml", "--out", str(description)]) == 0
    assert command_line(["introspect", str(description)]) == 0
    assert "define_table" in capsys.readouterr().out
    assert command_line(["introspect", "diff", path, str(description)]) == 0
    database.execute("ALTER TABLE person ADD COLUMN extra TEXT")
    assert command_line(["introspect", "diff", str(description), path]) == 1
    assert capsys.readouterr().out == "+ person.extra text\n"
    database.execute("DROP TABLE pair")
    assert command_line(["introspect", "apply", str(description), path]) == 0
    assert "add --write" in capsys.readouterr().out
    assert command_line(["introspect", "apply", str(description), path, "--write"]) == 0
    assert "pair" in introspect(path).tables
    capsys.readouterr()
    for words, sentence in (
        (["introspect", "oracle://x"], "can not be described"),
        (["introspect", str(tmp_path / "nosuch.db")], "there is no database"),
        (["introspect", str(model)], "can not be read"),
        (["introspect", "postgres://ann:secret@127.0.0.1:1/x"], "ann:***@127.0.0.1"),
        (["introspect", path, "--db", "1x"], "--db"),
    ):
        assert command_line(words) == 2, words
        error = capsys.readouterr().err
        assert sentence in error
        assert "secret" not in error
        assert error.count("\n") == 1
