"""Fields refuse what their column cannot hold, without being told to (NAMES-07, SEC-01)."""

from __future__ import annotations

import pytest

from runtime.dal import DAL, Field
from runtime.dal.validators import IS_IN_DB, IS_NOT_IN_DB
from runtime.foundation.current import current


@pytest.fixture
def db():
    database = DAL("sqlite:memory")
    database.define_table("kind", Field("name"), Field("code", unique=True), format="%(name)s")
    database.kind.bulk_insert([{"name": f"k{n}", "code": f"c{n}"} for n in range(1, 4)])
    database.define_table(
        "t", Field("short", length=5), Field("text", "text"), Field("n", "integer"), Field("big", "bigint"),
        Field("price", "decimal(6,2)"), Field("x", "double"), Field("kind", "reference kind"), Field("kinds", "list:reference kind"),
        Field("one", unique=True), Field("must", "integer", notnull=True), Field("pick", options=["a", "b"]), Field("pw", "password"),
    )  # fmt: skip
    yield database
    database.close()
    current._begin()


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("short", ["", "12345"], ["123456"]),
        ("text", ["x" * 65536], ["x" * 65537]),
        ("n", ["", "-2147483648", "2147483647"], ["2147483648", "1.5", "x"]),
        ("big", ["9223372036854775807"], ["9223372036854775808"]),
        ("price", ["9999.99"], ["10000", "x"]),
        ("x", ["1e10", ""], ["1e300", "nan?"]),
        ("kind", ["", "1", 2], ["9", "²", "x", "1;", {"a": 1}, "9" * 40, [1]]),
        ("kinds", [[], ["1", "2"], ""], [["9"], ["x"], ["²"], [{}]]),
        ("pick", ["a", ""], ["c"]),
        ("must", ["1"], ["", None]),
    ],
)
def test_names_07_values_by_type(db, name, good, bad):
    """NAMES-07: a message, never an error of the database or of Python."""
    for value in good:
        assert db.t[name].validate(value)[1] is None, value
    for value in bad:
        assert db.t[name].validate(value)[1], value


def test_names_07_unique_values_are_new(db):
    """NAMES-07."""
    number = db.t.insert(one="taken", must=1)
    assert db.t.one.validate("taken")[1]
    assert db.t.one.validate("taken", number)[1] is None
    assert db.t.one.validate("free") == ("free", None)


def test_names_07_passwords_are_hashed(db):
    """FUN-03."""
    assert str(db.t.pw.validate("secret")[0]).startswith("scrypt(")


def test_names_07_is_in_db(db):
    """NAMES-07: sets, labels, zero, sort, multiple, texts as keys, further validators, adding."""
    some = IS_IN_DB(db(db.kind.id > 1), db.kind.id, "%(code)s", zero="choose", sort=True)
    assert some.options() == [("", "choose"), ("2", "c2"), ("3", "c3")]
    assert some("1")[1]
    assert some("2") == (2, None)
    texts = IS_IN_DB(db, db.kind.code, multiple=(1, 3))
    assert texts(["c1", "c2"]) == (["c1", "c2"], None)
    for wrong in ([], ["c1", "c2", "c3"], ["c9"], ["c1'"], "x"):
        assert texts(wrong)[1], wrong
    fresh = IS_IN_DB(db, db.kind.id, "%(name)s", _and=IS_NOT_IN_DB(db, db.t.kind))
    db.t.insert(kind=1, must=1)
    assert fresh("1")[1]
    assert fresh("2")[1] is None
    adding = IS_IN_DB(db, db.kind.id, "%(name)s", auto_add=True)
    assert adding("new")[0] == 4
    assert db.kind(4).name == "new"
    assert adding("new")[0] == 4


def test_names_07_is_in_db_keeps_its_options(db):
    """NAMES-07: `cache` asks the database once."""
    from runtime.cache import Cache
    from runtime.foundation.storage import Storage

    cache = Cache(Storage(folder="/nowhere", application="t"))
    kept = lambda: IS_IN_DB(db, db.kind.id, cache=(cache.ram, 60)).options()  # noqa: E731
    first = kept()
    before = len(db._timings)
    assert kept() == first
    assert len(db._timings) == before


def test_names_07_messages_in_the_visitors_language(db):
    """NAMES-07."""
    current.T = lambda text, *_: {"Value not in database": "nicht da", "Too short": "zu kurz"}.get(text, text)
    assert db.t.kind.validate("9")[1] == "nicht da"
    from runtime.dal.validators import CRYPT

    assert CRYPT(min_length=9)("x")[1] == "zu kurz"
