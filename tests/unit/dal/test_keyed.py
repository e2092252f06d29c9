"""Tables with a key of their own, of one column or several (DAL: primarykey)."""

from __future__ import annotations

import datetime

import pytest

from runtime.dal import DAL, Field


@pytest.fixture
def db(tmp_path):
    db = DAL("sqlite://keyed.sqlite", folder=str(tmp_path))
    db.define_table(
        "stock", Field("shop"), Field("day", "date"), Field("number", "integer"), primarykey=["shop", "day"]
    )
    for shop in ("north", "south"):
        for day in range(1, 4):
            db.stock.insert(shop=shop, day=datetime.date(2026, 1, day), number=day)
    yield db
    db.close()


def test_records_are_changed_and_deleted_by_any_query(db):
    """Deleting works as it does where there is an id, and tells how many have gone."""
    stock = db.stock
    one = (stock.shop == "south") & (stock.day == datetime.date(2026, 1, 2))
    assert db(one).update(number=20) == 1
    assert stock(shop="south", day=datetime.date(2026, 1, 2)).number == 20
    assert db(one).delete() == 1
    assert db(stock.shop == "south").count() == 2
    assert db(stock.number > 1).delete() == 3
    assert [(row.shop, row.number) for row in db(stock).select(orderby=stock.shop)] == [
        ("north", 1),
        ("south", 1),
    ]
