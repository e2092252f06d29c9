"""Statements that write, on the engines there are (NAMES-07, NAMES-08)."""

from __future__ import annotations

import pytest

from runtime import dal
from runtime.dal import DAL, Field
from runtime.dal.passwords import CRYPT
from runtime.dal.writing import PasswordTooLong
from tests.services import ENGINES, empty_database


@pytest.fixture(params=ENGINES)
def db(request, folder):
    with empty_database(request.param) as uri:
        database = DAL(uri, folder=folder)
        yield database
        database.rollback()
        dal.finish(commit=False)
        database.close()


def test_names_08_a_record_without_values(db):
    """NAMES-08: gets its number, and what the columns hold by themselves."""
    db.define_table("one")
    db.define_table("many", Field("name"), Field("size", "integer"), Field("told", "boolean", default=True))
    for table in (db.one, db.many):
        assert [table.insert(), table.insert()] == [1, 2]
    db.define_table("plain", Field("name"), Field("size", "integer"))
    assert db.plain.insert() == 1
    row = db.plain(1)
    assert (row.name, row.size) == (None, None)
    assert db.many(2).told is True


def test_names_07_a_hash_that_its_column_would_cut(db):
    """NAMES-07: is refused in words for who wrote the model, not cut, and not left to the driver."""
    db.define_table("person", Field("name"), Field("secret", "password", length=64))
    db.define_table("roomy", Field("secret", "password"))
    password = CRYPT()("secret")[0]
    if db._adapter.dbengine == "sqlite":  # its columns have no length
        db.person.insert(name="Ann", secret=password)
        assert password == db.person(1).secret
        return
    for write in (
        lambda: db.person.insert(name="Ann", secret=password),
        lambda: db.person.validate_and_insert(name="Ann", secret="secret"),
        lambda: db(db.person).update(secret=password),
    ):
        with pytest.raises(PasswordTooLong, match=r"person\.secret.* holds 64 .* takes 115.* length=512"):
            write()
    db.person.insert(name="Bob")  # the transaction goes on
    db.roomy.insert(secret=password)
    assert password == db.roomy(1).secret
    kind = "ALTER COLUMN secret TYPE" if db._adapter.dbengine == "postgres" else "MODIFY COLUMN secret"
    db.executesql(f"ALTER TABLE person {kind} VARCHAR(200)")  # as who looks after the database may do
    db(db.person.name == "Bob").update(secret=password)
    assert password == db.person(name="Bob").secret


@pytest.mark.parametrize(
    "options",
    [{}, {"digest_alg": "pbkdf2(1000,20,sha512)"}, {"digest_alg": "sha1", "salt": False}, {"salt": "abc"}],
)
def test_names_07_the_length_of_a_hash_is_known_before(options):
    """NAMES-07."""
    crypt = CRYPT(**options)
    assert crypt.length == len(str(crypt("secret")[0]))
