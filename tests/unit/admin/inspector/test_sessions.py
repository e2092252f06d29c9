"""Sessions that are in no files: a database, Redis, cookies (DESK-17)."""

from __future__ import annotations

import base64
import sqlite3

import pytest

from runtime.admin.inspector import InspectorProblem
from runtime.sessions.codec import encode, site_key
from tests.unit.sessions.redis_server import own_redis, redis_conn, redis_of_this_process  # noqa: F401  # fixtures


def test_sessions_in_a_database(application, site):
    """DESK-17: listed with address, age and size; shown read-only; ended."""
    inspector = application(
        "import datetime\ndb = DAL('sqlite://storage.sqlite')\nsession.connect(request, response, db=db)\n"
    )
    assert inspector.describe()["loads"], inspector.describe()["problem"]
    db = sqlite3.connect(site / "applications" / "shop" / "databases" / "storage.sqlite")
    db.execute(
        "CREATE TABLE web2py_session_shop (id INTEGER PRIMARY KEY, locked CHAR(1), client_ip CHAR(64), "
        "created_datetime TIMESTAMP, modified_datetime TIMESTAMP, unique_key CHAR(64), session_data BLOB)"
    )
    data = base64.b64encode(encode({"cart": [1], "token": "hush"}, site_key(str(site)))).decode()
    db.execute(
        "INSERT INTO web2py_session_shop VALUES (1, 'F', '10.0.0.7', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'k', ?)",
        (data,),
    )
    db.commit()
    listed = inspector.ask("sessions")
    assert listed["kind"] == "database"
    assert [(one["id"], one["client"], one["size"] > 20) for one in listed["sessions"]] == [
        ("1", "10.0.0.7", True)
    ]
    shown = inspector.ask("sessions", do="show", session="1")
    assert '"cart"' in shown["json"]
    assert "hush" not in str(shown)
    assert inspector.ask("sessions", do="expire", session="1")["count"] == 1
    assert db.execute("SELECT count(*) FROM web2py_session_shop").fetchone() == (0,)
    db.close()
    with pytest.raises(InspectorProblem, match="any more"):
        inspector.ask("sessions", do="show", session="1")


def test_sessions_in_cookies_and_files_are_told_apart(application):
    """DESK-17: what lies with the visitors can't be listed, and is said so."""
    assert application("pass\n").ask("sessions")["kind"] == "file"
    inspector = application("session.connect(request, response, cookie_key='a-key')\n", "cookies")
    assert inspector.ask("sessions")["kind"] == "cookie"


@pytest.mark.redis
def test_sessions_in_redis(application, site, redis_conn):  # noqa: F811
    """DESK-17: sessions in Redis with their age, ended one or all."""
    place = redis_conn.get_connection_kwargs()
    model = (
        "from gluon.contrib.redis_session import RedisSession\nfrom gluon.contrib.redis_utils import RConn\n"
        f"store = RedisSession(RConn({place['host']!r}, {place['port']}, db={place.get('db', 0)}), session_expiry=1000)\n"
        "session.connect(request, response, db=store)\n"
    )
    inspector = application(model)
    data = encode({"user": "ada"}, site_key(str(site)))
    for name in ("10.0.0.1.aa", "10.0.0.2.bb"):
        redis_conn.set(f"w2p:sess:shop:{name}", data, ex=900)
    try:
        listed = inspector.ask("sessions")
        assert (listed["kind"], len(listed["sessions"])) == ("redis", 2)
        assert {one["client"] for one in listed["sessions"]} == {"10.0.0.1", "10.0.0.2"}
        assert 90 <= listed["sessions"][0]["age"] <= 120
        assert '"ada"' in inspector.ask("sessions", do="show", session="10.0.0.1.aa")["json"]
        assert inspector.ask("sessions", do="expire", session="10.0.0.1.aa")["count"] == 1
        assert inspector.ask("sessions", do="expire_all", idle=0)["count"] == 1
    finally:
        redis_conn.delete("w2p:sess:shop:10.0.0.1.aa", "w2p:sess:shop:10.0.0.2.bb")
