"""`hadron db copy`: from engine to engine, with ids, references and circles."""

import textwrap

import pytest

from runtime.cli import main as command_line

from .test_introspection import SCHEMA

MODEL = """
db = DAL({uri!r})
db.define_table('person', Field('name', unique=True), Field('boss', 'reference person'), Field('active', 'boolean'),
                Field('tags', 'list:string'), Field('extra', 'json'), Field('born', 'date'), Field('data', 'blob'),
                Field('slug', compute=lambda row: 'computed'), Field('worth', 'decimal(9,2)', default=5))
db.define_table('team', Field('lead', 'reference person'))
db.define_table('game', Field('team', 'reference team'), Field('at', 'datetime'))
db.define_table('code', Field('iso', length=2), Field('name'), primarykey=['iso'])
"""
FILL = """
import datetime
ann = db.person.insert(name='Ann', active=True, tags=['a', 'b|c'], extra={'x': [1, 'ü']}, born=datetime.date(1990, 1, 2),
                       data=b'\\x00\\xff', slug='mine', worth=None)
bob = db.person.insert(name="Bob's", boss=ann, active=False)
db(db.person.id == bob).delete()
cid = db.person.insert(name='Cid', boss=ann)
db(db.person.id == ann).update(boss=cid)
team = db.team.insert(lead=cid)
game = db.game.insert(team=team, at=datetime.datetime(2026, 1, 2, 3, 4, 5))
for iso in ('de', 'it'):
    db.code.insert(iso=iso, name=iso.upper())
db.commit()
"""
LOOK = """
for table in db.tables:
    key = db[table]._id if table != 'code' else db.code.iso
    for row in db(db[table]).select(orderby=key):
        print(table, sorted((name, row[name]) for name in db[table].fields if name != 'data'), row.get('data'))
print(db.person.insert(name='next', slug='x'))
"""


@pytest.fixture
def site(tmp_path):
    app = tmp_path / "site" / "applications" / "myapp"
    for name in ("models", "private", "databases"):
        (app / name).mkdir(parents=True)
    (app / "models" / "db.py").write_text(MODEL.format(uri="sqlite://storage.sqlite"))
    (app / "private" / "fill.py").write_text(textwrap.dedent(FILL))
    (app / "private" / "look.py").write_text(textwrap.dedent(LOOK))
    return tmp_path / "site"


def run(site, capfd, *words, code=0):
    capfd.readouterr()
    found = command_line(
        [*words[:1], *words[1:2], "-f", str(site), *words[2:]]
        if words[0] == "db"
        else [words[0], "-f", str(site), *words[1:]]
    )
    told = capfd.readouterr()
    assert found == code, told.err
    return told.out if code == 0 else told.err


@pytest.mark.parametrize(
    "engine",
    [
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ],
)
def test_site_04_an_application_moves_to_another_engine(site, make, capfd, engine):
    """SITE-04 (cpdb): ids, circles, computed values and defaults as they were; the models go on with the new address."""
    run(site, capfd, "run", "myapp", "private/fill.py")
    before = run(site, capfd, "run", "myapp", "private/look.py")
    target = make(engine).uri
    told = run(site, capfd, "db", "copy", "myapp", target)
    assert "person: 2\n" in told
    assert told.endswith("6 rows copied\n")
    (site / "applications" / "myapp" / "models" / "db.py").write_text(MODEL.format(uri=target))
    after = run(site, capfd, "run", "myapp", "private/look.py")
    assert before.splitlines()[:-1] == after.splitlines()[:-1]
    assert int(after.splitlines()[-1]) > 3  # numbering goes on behind the copied ids
    (site / "applications" / "myapp" / "models" / "db.py").write_text(
        MODEL.format(uri="sqlite://storage.sqlite")
    )
    assert before == run(site, capfd, "run", "myapp", "private/look.py")
    assert "has rows" in run(site, capfd, "db", "copy", "myapp", target, code=2)


@pytest.mark.postgres
@pytest.mark.mysql
def test_site_04_a_database_without_models(site, make, capfd):
    """SITE-04: by introspection, through three engines and back."""
    source = make("sqlite")
    source.execute(
        *SCHEMA["sqlite"],
        "INSERT INTO person (name, born, picture, worth, at, height) VALUES ('Ann', '1990-01-02', x'00ff', 1.5, '10:11:12', 1.25)",
        "INSERT INTO dog VALUES ('pup', 1, 'rex'), ('rex', 1, NULL)",
        "INSERT INTO pair VALUES (1, 2, 3, NULL), (1, 3, NULL, NULL)",
    )
    rows = (
        "SELECT name, born, picture, worth, at, height, visits FROM person",
        "SELECT * FROM dog ORDER BY tag",
        "SELECT * FROM pair ORDER BY b",
    )
    middle, other, last = make("postgres"), make("mysql"), make("sqlite")
    for one, next_one in ((source, middle), (middle, other), (other, last)):
        assert run(site, capfd, "db", "copy", one.uri, next_one.uri).endswith("5 rows copied\n")
    assert bytes(middle.execute("SELECT picture FROM person")[0][0]) == b"\x00\xff"
    for statement in rows:
        assert source.execute(statement) == last.execute(statement)
    assert middle.execute("INSERT INTO person (name) VALUES ('Bob') RETURNING id") == [(2,)]


def test_site_04_what_can_not_be_copied_is_said(site, make, capfd):
    """SITE-04: no application, no database, a row that the target refuses: a sentence that names it."""
    assert "no application" in run(site, capfd, "db", "copy", "nosuch", "sqlite://x.db", code=2)
    assert "no database 'other'" in run(
        site, capfd, "db", "copy", "myapp", "sqlite://x.db", "--db", "other", code=2
    )
    source, target = make("sqlite"), make("sqlite")
    source.execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INT)", "INSERT INTO t VALUES (1, NULL), (7, NULL)"
    )
    target.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x INT, CHECK (id < 5))")
    error = run(site, capfd, "db", "copy", source.uri, target.uri, code=2)
    assert "refuses a row of t, {'id': 7}" in error
    assert target.execute("SELECT count(*) FROM t") == [(0,)]
