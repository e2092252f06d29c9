"""Deleting what was shown, on every database there is (OCC-11)."""

from __future__ import annotations

import datetime
from decimal import Decimal

from runtime.dal import DAL, Field
from runtime.forms.deleting import delete_as_seen, seen_digest, seen_fields


def test_another_record_than_was_seen_stays(database_uri, tmp_path):
    """OCC-04, OCC-05: values of every type compare after they went through the database."""
    db = DAL(database_uri, folder=str(tmp_path))
    db.define_table(
        "thing", Field("name"), Field("note", "text"), Field("price", "decimal(8,2)"), Field("share", "double"),
        Field("day", "date"), Field("at", "datetime"), Field("good", "boolean"), Field("words", "list:string"),
        Field("word", "password"), Field("data", "blob"), Field("more", "json"),
    )  # fmt: skip
    number = db.thing.insert(
        name="é", note="long", price=Decimal("1.50"), share=0.1, day=datetime.date(2020, 1, 2),
        at=datetime.datetime(2020, 1, 2, 3, 4, 5), good=True, words=["a", "b"], word="secret", more={"a": 1},
    )  # fmt: skip
    db.commit()
    fields = seen_fields(db.thing)
    assert not {"word", "data"} & {field.name for field in fields}
    condition, told = db.thing.id == number, []
    seen = seen_digest(fields, db.thing(number))
    db(condition).update(name="other")
    db.commit()
    assert not delete_as_seen(condition, fields, seen, lambda: told.append(1))
    assert db(condition).count() == 1
    assert not told
    db(condition).update(name="é")
    db.commit()
    assert delete_as_seen(condition, fields, seen, lambda: told.append(1))
    assert db(condition).isempty()
    assert told == [1]
    assert delete_as_seen(condition, fields, seen), "what is gone already is no conflict"
    db.commit()
    db.close()
