"""SESS-08..12, AMB-07: sessions in a database."""

from __future__ import annotations

import datetime
import uuid

import pytest

from runtime import dal
from runtime.dal import DAL
from runtime.sessions import expire_database_sessions, on_expiry
from tests.services import missing


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def uri(request, site):
    folder = site.root / "applications" / "myapp" / "databases"
    folder.mkdir()
    if request.param == "sqlite":
        yield f"sqlite://{folder}/storage.sqlite", str(folder)
        return
    import psycopg2

    address = "postgres:postgres@127.0.0.1:5432"
    try:
        server = psycopg2.connect(f"postgresql://{address}/postgres", connect_timeout=30)
    except psycopg2.Error as error:
        missing(f"no PostgreSQL answers: {error}")
    server.autocommit = True
    name = f"hadron_{uuid.uuid4().hex}"
    server.cursor().execute(f"CREATE DATABASE {name}")
    yield f"postgres://{address}/{name}", str(folder)
    dal.finish(commit=False)
    server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


@pytest.fixture
def connect(uri):
    def make(**options):
        def connect(session, request, response):
            connect.db = DAL(uri[0], folder=uri[1])
            session.connect(request, response, db=connect.db, **options)

        return connect

    return make


def test_sess_08_09_a_row_no_file(site, visitor, connect):
    """SESS-08, SESS-09, AMB-07: the table's name and fields; binary data survives."""
    connected = connect()
    visitor.put("n", bytes(range(256)), connect=connected)
    assert visitor.get("n", connect=connected) == bytes(range(256))
    assert site.files() == []
    with visitor.request(connect=connected) as session:
        table = connected.db["web2py_session_myapp"]
        assert table.fields == [
            "id", "locked", "client_ip", "created_datetime", "modified_datetime", "unique_key", "session_data",
        ]  # fmt: skip
        (row,) = connected.db(table.id > 0).select()
        assert (row.locked, row.client_ip) == (False, "127.0.0.1")
        assert abs(row.created_datetime - datetime.datetime.now()) < datetime.timedelta(hours=1)
        assert session.uid == f"{row.id}:{row.unique_key}"
    assert site.visitor().get("n", connect=connected) is None


def test_sess_08_nothing_is_written_for_nobody(visitor, connect):
    """SESS-08, DISP-11."""
    connected = connect()
    with visitor.request(connect=connected) as session:
        assert session.n is None
    assert not visitor.answer
    with visitor.request(connect=connected):
        assert connected.db(connected.db["web2py_session_myapp"].id > 0).count() == 0


def test_sess_08_the_session_is_part_of_the_transaction(visitor, connect):
    """SESS-08: what is rolled back takes the session's change with it."""
    connected = connect()
    visitor.put("n", 1, connect=connected)
    with pytest.raises(ZeroDivisionError), visitor.request(connect=connected) as session:
        session.n = 2
        raise ZeroDivisionError
    assert visitor.get("n", connect=connected) == 1


def test_sess_12_another_applications_session(site, visitor, connect):
    """SESS-11, SESS-12."""
    (site.root / "applications" / "other").mkdir()
    visitor.put("n", 1, connect=connect())
    assert visitor.get("n", app="other", connect=connect(masterapp="myapp")) == 1
    assert visitor.get("n", app="other", connect=connect()) is None


def test_sess_17_tablename_and_check_client(site, visitor, connect):
    """SESS-17."""
    connected = connect(tablename="visits", check_client=True)
    visitor.put("n", 1, connect=connected)
    assert visitor.get("n", connect=connected) == 1
    thief = site.visitor(client="10.0.0.9")
    thief.jar = dict(visitor.jar)
    assert thief.get("n", connect=connected) is None
    with visitor.request(connect=connected):
        assert "visits_myapp" in connected.db.tables


def test_sess_18_renew(site, visitor, connect):
    """SESS-18: a new row, the old one is gone after the commit."""
    connected = connect()
    visitor.put("n", 1, connect=connected)
    thief = site.visitor()
    thief.jar = dict(visitor.jar)
    with visitor.request(connect=connected) as session:
        session.renew()
    assert thief.get("n", connect=connected) is None
    assert visitor.get("n", connect=connected) == 1
    with visitor.request(connect=connected):
        assert connected.db(connected.db["web2py_session_myapp"].id > 0).count() == 1


@pytest.mark.parametrize(
    "value", ["1:", "1:" + "0" * 32, "1 OR 1=1:" + "0" * 32, "x", "999999999999999999:" + "a" * 32]
)
def test_sess_08_forged_ids(visitor, connect, value):
    """SESS-08: number and key must fit."""
    connected = connect()
    visitor.put("n", 1, connect=connected)
    visitor.jar["session_id_myapp"] = value
    assert visitor.get("n", connect=connected) is None


def age(connected, visitor, seconds):
    with visitor.request(function="age", connect=connected):
        table = connected.db["web2py_session_myapp"]
        for row in connected.db(table.id > 0).select():
            row.update_record(modified_datetime=row.modified_datetime - datetime.timedelta(seconds=seconds))


def test_slife_01_02_timeout(visitor, connect):
    """SLIFE-01, SLIFE-02, SLIFE-03."""
    connected = connect(timeout=50)
    heard = []
    on_expiry("myapp", heard.append)
    visitor.put("n", 1, connect=connected)
    for _ in range(3):
        age(connected, visitor, 30)
        assert visitor.get("n", connect=connected) == 1
    age(connected, visitor, 60)
    assert visitor.get("n", connect=connected) is None
    assert heard == [visitor.jar["session_id_myapp"]]


def test_sess_19_cleaner(site, visitor, connect):
    """SESS-19: older than the limit goes, younger stays."""
    connected = connect()
    visitor.put("n", 1, connect=connected)
    age(connected, visitor, 4000)
    other = site.visitor()
    other.put("n", 2, connect=connected)
    with other.request(connect=connected):
        assert expire_database_sessions(connected.db, "myapp", 3600) == 1
    assert visitor.get("n", connect=connected) is None
    assert other.get("n", connect=connected) == 2


def test_lock_05_database_sessions_are_not_locked(site, visitor, connect):
    """LOCK-05, SESS-10: nobody waits, the last write wins."""
    from runtime.sessions import session_locks

    connected = connect()
    visitor.put("n", 1, connect=connected)
    with visitor.request(connect=connected) as session:
        session.n = 2
        assert session._state.held is None
        assert session_locks._locks == {}
    assert visitor.get("n", connect=connected) == 2
