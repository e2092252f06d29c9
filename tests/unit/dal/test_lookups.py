"""`IS_IN_DB` and `IS_NOT_IN_DB` on tables with any key, on every engine (NAMES-07)."""

from __future__ import annotations

import datetime

import pytest

from runtime.dal import DAL, Field
from runtime.dal.validators import IS_IN_DB, IS_NOT_IN_DB
from tests.services import ENGINES, empty_database

TAKEN = "Value already in database or empty"
ABSENT = "Value not in database"


@pytest.fixture(params=ENGINES)
def db(request, tmp_path):
    with empty_database(request.param) as uri:
        db = DAL(uri, folder=str(tmp_path))
        db.define_table(
            "country", Field("code", length=2), Field("name"), primarykey=["code"], format="%(name)s"
        )
        db.define_table("grade", Field("no", "integer"), Field("name"), primarykey=["no"], format="%(name)s")
        db.define_table(
            "stock",
            Field("shop", length=20),
            Field("day", "date"),
            Field("label"),
            primarykey=["shop", "day"],
        )
        db.define_table(
            "thing", Field("thing_id", "id"), Field("name"), Field("size", "integer"), format="%(name)s"
        )
        db.define_table(
            "old", Field("id", "id", rname="pk"), Field("name", rname="title"), rname="old_things"
        )
        for code, name in (("DE", "Germany"), ("FR", "France")):
            db.country.insert(code=code, name=name)
        for no, name in ((7, "seven"), (8, "eight")):
            db.grade.insert(no=no, name=name)
        for shop, label in (("north", "x"), ("south", "y")):
            db.stock.insert(shop=shop, day="2026-01-01", label=label)
        for name in ("a", "b"):
            db.thing.insert(name=name, size=1)
            db.old.insert(name=name)
        db.commit()
        yield db
        db.rollback()
        db.close()


@pytest.mark.parametrize(
    ("field", "value", "own", "other"),
    [
        ("country.code", "DE", {"code": "DE"}, {"code": "FR"}),
        ("country.name", "Germany", "DE", "FR"),
        ("grade.name", "seven", "7", 8),
        ("grade.no", "7", {"no": 7}, None),
        ("stock.label", "x", {"shop": "north", "day": "2026-01-01"}, {"shop": "south", "day": "2026-01-01"}),
        ("thing.name", "a", 1, 2),
        ("thing.id", "1", "1", 2),
        ("old.name", "a", 1, 2),
    ],
)
def test_a_value_is_new(db, field, value, own, other):
    """NAMES-07: one's own value is not taken, whatever the key of the table; a free one is free for all."""
    validator = IS_NOT_IN_DB(db, field)
    typed = int(value) if field == "grade.no" else value
    assert validator(value) == (value, TAKEN)
    assert validator(value, own) == (typed, None)
    assert validator(value, other) == (value, TAKEN)
    free = "99" if field in ("grade.no", "thing.id") else "zz"
    assert str(validator(free)[0]) == free
    assert validator(free)[1] is None


def test_a_value_that_others_have_too_is_taken(db):
    """NAMES-07: the record itself may be found first."""
    db.thing.insert(name="a")
    assert IS_NOT_IN_DB(db, "thing.name")("a", 1)[1] == TAKEN


@pytest.mark.parametrize("value", ["abc", "", "  ", {"a": 1}, "1e400"])
def test_what_the_field_can_not_have_is_refused(db, value):
    """NAMES-07: a message, not an error, nor a value that the database refuses or cannot give back."""
    assert IS_NOT_IN_DB(db, "grade.no")(value)[1]
    assert IS_NOT_IN_DB(db, "stock.day")(value)[1]


def test_values_have_the_type_of_their_field(db):
    """NAMES-07: also where this is the only validator; what is too long is said so."""
    assert IS_NOT_IN_DB(db, "grade.no")("9") == (9, None)
    assert IS_NOT_IN_DB(db, "stock.day")("2026-05-06") == (datetime.date(2026, 5, 6), None)
    assert "20" in IS_NOT_IN_DB(db, "stock.shop")("x" * 21)[1]
    assert IS_NOT_IN_DB(db, "stock.shop")("x" * 20) == ("x" * 20, None)


@pytest.mark.parametrize(
    ("name", "key", "good", "bad"),
    [
        ("country", "code", "DE", "XX"),
        ("grade", "no", "7", "99"),
        ("thing", "thing_id", "1", "99"),
        ("old", "id", "1", "99"),
    ],
)
def test_options_of_a_table(db, name, key, good, bad):
    """NAMES-07: a table, its name, its key and the name of that say the same."""
    table = db[name]
    for what in (name, table):
        validator = IS_IN_DB(db, what, label="%(name)s")
        assert len(validator.options()) == 3
        assert str(validator(good)[0]) == good
        assert validator(good)[1] is None
        assert [validator(value)[1] for value in (bad, "abc def", "9" * 40, None, {})] == [ABSENT] * 5
    for what in (f"{name}.{key}", table[key]):
        assert (good, good) in IS_IN_DB(db, what).options()
        assert IS_IN_DB(db, what)(good)[1] is None
    several = IS_IN_DB(db, name, multiple=True)
    assert several([good])[1] is None
    assert several([good, bad])[1] == ABSENT


def test_the_format_of_a_keyed_table_labels_its_options(db):
    """NAMES-07: by table and by name alone."""
    for what in ("country", db.country):
        assert IS_IN_DB(db, what).options(zero=False) == [("FR", "France"), ("DE", "Germany")]


def test_a_key_of_several_fields_is_no_option(db):
    """NAMES-07: said where the validator is made; one of the fields can be named."""
    for kind in (IS_IN_DB, IS_NOT_IN_DB):
        with pytest.raises(SyntaxError, match="several fields"):
            kind(db, db.stock)
    assert IS_IN_DB(db, "stock.shop").options(zero=False) == [("north", "north"), ("south", "south")]


def test_adding_what_is_missing(db):
    """NAMES-07: `auto_add` gives the number of the record; a key that nobody counts is not invented."""
    adding = IS_IN_DB(db, "thing", "%(name)s", auto_add=True)
    assert adding("a") == (1, None)
    assert adding("new") == (3, None)
    assert IS_IN_DB(db, "grade", "%(name)s", auto_add=True)("seven") == (7, None)
    assert IS_IN_DB(db, "grade", "%(name)s", auto_add=True)("nine")[1] == ABSENT


def test_parts_of_a_key_must_be_there(db):
    """NAMES-07: what the database would refuse has a message."""
    for field in (db.country.code, db.grade.no, db.stock.shop, db.stock.day):
        assert field.validate("")[1], field
    assert db.country.name.validate("") == (None, None)
    assert db.stock.day.validate("2026-02-03")[1] is None
