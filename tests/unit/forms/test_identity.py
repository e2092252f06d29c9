"""Forms of records of keyed tables, on every engine (NAMES-06, OCC-02)."""

from __future__ import annotations

import datetime

import pytest

from runtime.dal import DAL, Field
from runtime.forms import SQLFORM
from runtime.forms.identity import key_of, text_of, values_of
from runtime.foundation.current import current
from runtime.foundation.http import HTTP

DAY = datetime.date(2026, 1, 2)


@pytest.fixture
def keyed(database_uri, tmp_path):
    db = DAL(database_uri, folder=str(tmp_path))
    db.define_table("country", Field("code", length=20), Field("name"), primarykey=["code"])
    db.define_table("grade", Field("no", "integer"), Field("name"), primarykey=["no"])
    db.define_table(
        "stock",
        Field("shop", length=20),
        Field("day", "date"),
        Field("label"),
        Field("size", "integer", compute=lambda row: len(row.label)),
        primarykey=["shop", "day"],
    )
    db.country.insert(code="DE", name="Germany")
    db.country.insert(code="007", name="Bond")
    db.grade.insert(no=7, name="seven")
    db.stock.insert(shop="a/b", day=DAY, label="x")
    db.stock.insert(shop="c", day=DAY, label="y")
    db.commit()
    yield db
    db.rollback()
    db.close()
    current._begin()


@pytest.mark.parametrize(
    ("table", "record"),
    [
        ("country", "DE"),
        ("country", "007"),
        ("country", {"code": "DE"}),
        ("grade", 7),
        ("grade", "7"),
        ("grade", {"no": 7}),
        ("stock", {"shop": "a/b", "day": DAY}),
    ],
)
def test_names_06_a_record_is_named_by_its_key(keyed, visit, table, record):
    """NAMES-06: by its value, or by a dictionary; what is changed is this record, what is deleted too."""
    field, values = ("label", "changed") if table == "stock" else ("name", "changed"), keyed[table]
    visitor = visit(lambda: SQLFORM(values, record, deletable=True))
    assert visitor.send(**dict([field])).accepted
    assert [row[field[0]] for row in keyed(values).select()].count("changed") == 1
    if table == "stock":
        assert keyed(values.label == "changed").select().first().size == len("changed")
    count = keyed(values).count()
    assert visitor.send(delete_this_record="on").accepted
    assert keyed(values).count() == count - 1
    with pytest.raises(HTTP, match="404"):
        SQLFORM(values, record)


def test_sec_03_the_key_of_another_record_is_taken(keyed, visit):
    """SEC-03: said at all fields of the key; a free one is accepted, and keeps the types of its values."""
    visitor = visit(lambda: SQLFORM(keyed.stock, {"shop": "a/b", "day": DAY}))
    assert set(visitor.send(shop="c").errors) == {"shop", "day"}
    new = visit(lambda: SQLFORM(keyed.stock))
    assert set(new.send(shop="c", day="2026-01-02", label="z").errors) == {"shop", "day"}
    form = new.send(shop="d", day="2026-01-02", label="z")
    assert form.accepted
    assert form.vars.day == DAY
    assert visitor.send(shop="e").accepted
    assert keyed(keyed.stock.shop == "a/b").isempty()


@pytest.mark.parametrize("value", ["DE", "a b", "ü/../<b>", "key-x", "", "x" * 200, '"', "\udc80"])
def test_a_text_in_an_address_comes_back_as_the_key(keyed, value):
    """NAMES-06: whatever a key holds, its text passes through an address as one part."""
    for table in (keyed.country, keyed.stock):
        key = key_of(table)
        text = text_of(key, {"code": value, "shop": value, "day": DAY})
        assert text.replace("-", "").replace("_", "").isalnum()
        assert next(iter(values_of(key, text).values())) == value


@pytest.mark.parametrize(
    "text",
    ["", "x", "key-", "key-x", "key-_", "key-W10", "key-WzFd", "key-" + "W" * 5000, "key-WyJhIiwiYiJd"],
)
def test_a_text_that_is_no_key(keyed, text):
    """NAMES-06: refused before the database sees it."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  # in the words of whoever finds it wrong
        values_of(key_of(keyed.stock), text)
    assert str(refusal.value)


@pytest.mark.parametrize(("kind", "text"), [("double", "nan"), ("double", "inf"), ("decimal(5,2)", "NaN"), ("decimal(5,2)", "x"), ("datetime", "never"), ("integer", "9" * 40)])  # fmt: skip
def test_a_value_that_the_type_has_not(text, kind):
    """NAMES-06: PostgreSQL would end the transaction over it."""
    table = DAL(None).define_table("t", Field("f", kind), primarykey=["f"])
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  # in the words of whoever finds it wrong
        values_of(key_of(table), text)
    assert str(refusal.value)
