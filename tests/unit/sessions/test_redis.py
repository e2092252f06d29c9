"""SESS, LOCK: sessions in Redis."""

from __future__ import annotations

import threading
import time

import pytest

from runtime.cache.redis_cache import RConn
from runtime.sessions import RedisSession, SessionConflict, SessionUnavailable, locks, session_locks
from runtime.sessions.redis_store import RedisLock
from tests.unit.sessions.redis_server import own_redis, redis_conn, redis_of_this_process  # noqa: F401  # fixtures

pytestmark = pytest.mark.redis


def connected(conn, expiry=False, **options):
    def connect(session, request, response):
        session.connect(request, response, db=RedisSession(redis_conn=conn, session_expiry=expiry), **options)

    return connect


def test_sess_08_kept_in_redis(site, visitor, redis_conn):  # noqa: F811
    """SESS-08: a key, no file; another visitor sees nothing; nothing kept, nothing written."""
    connect = connected(redis_conn)
    assert visitor.get("n", connect=connect) is None
    assert not visitor.answer
    visitor.put("n", b"\xff\x00binary", connect=connect)
    assert visitor.get("n", connect=connect) == b"\xff\x00binary"
    assert site.visitor().get("n", connect=connect) is None
    assert site.files() == []
    uid = visitor.jar["session_id_myapp"]
    assert redis_conn.exists(f"w2p:sess:myapp:{uid}")
    assert not redis_conn.exists(f"w2p:sess:myapp:{uid}:lock")


def test_sess_16_forged_value(visitor, redis_conn, caplog):  # noqa: F811
    """SESS-16: what is not signed by this site is not unpickled."""
    connect = connected(redis_conn)
    visitor.put("n", 1, connect=connect)
    redis_conn.set(f"w2p:sess:myapp:{visitor.jar['session_id_myapp']}", b"cos\nsystem\n(S'false'\ntR.")
    assert visitor.get("n", connect=connect) is None
    assert "can not be read" in caplog.text


def test_sess_18_renew(site, visitor, redis_conn):  # noqa: F811
    """SESS-18."""
    connect = connected(redis_conn)
    visitor.put("n", 1, connect=connect)
    thief = site.visitor()
    thief.jar = dict(visitor.jar)
    with visitor.request(connect=connect) as session:
        session.renew()
    assert thief.get("n", connect=connect) is None
    assert visitor.get("n", connect=connect) == 1


def test_slife_01_02_expiry(visitor, redis_conn):  # noqa: F811
    """SLIFE-01, SLIFE-02: Redis drops an idle session; reading it begins the time anew."""
    connect = connected(redis_conn, expiry=500)
    visitor.put("n", 1, connect=connect)
    name = f"w2p:sess:myapp:{visitor.jar['session_id_myapp']}"
    redis_conn.expire(name, 100)
    assert visitor.get("n", connect=connect) == 1
    assert redis_conn.ttl(name) > 450
    limited = connected(redis_conn, expiry=500, timeout=50)
    redis_conn.expire(name, 440)
    assert visitor.get("n", connect=limited) is None


def test_lock_01_writers_wait_and_nothing_is_lost(site, visitor, redis_conn):  # noqa: F811
    """LOCK-01: eight threads add one each; a stale writer is told so."""
    connect = connected(redis_conn)
    visitor.put("n", 0, connect=connect)

    def add():
        mine = site.visitor()
        mine.jar = dict(visitor.jar)
        for attempt in (False, True):
            try:
                with mine.request(connect=connect, force_lock=attempt) as session:
                    session.n += 1
                    return
            except SessionConflict:
                assert not attempt

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert visitor.get("n", connect=connect) == 8


def test_lock_07_waiting_for_another_process(visitor, redis_conn, monkeypatch, caplog):  # noqa: F811
    """LOCK-07: the lock in Redis says who holds it."""
    connect = connected(redis_conn)
    visitor.put("n", 0, connect=connect)
    foreign = RedisLock(redis_conn, f"w2p:sess:myapp:{visitor.jar['session_id_myapp']}:lock")
    foreign.take("/myapp/default/slow", 1)
    monkeypatch.setattr(locks, "NOTICE_AFTER", 0.05)
    thread = threading.Thread(target=lambda: visitor.put("n", 1, connect=connect))
    thread.start()
    end = time.monotonic() + 60
    while "waits for" not in caplog.text and time.monotonic() < end:
        time.sleep(0.01)
    (report,) = session_locks.waiting()
    foreign.drop()
    thread.join(60)
    assert report["holder"] == "/myapp/default/slow"
    assert report["waiting"] == ["/myapp/default/index"]
    assert "waits for the session that /myapp/default/slow holds" in caplog.text


def test_lock_09_a_lock_that_ran_out_is_noticed(visitor, redis_conn):  # noqa: F811
    """LOCK-09: who held it for too long does not overwrite the next one."""
    connect = connected(redis_conn)
    visitor.put("n", 0, connect=connect)
    name = f"w2p:sess:myapp:{visitor.jar['session_id_myapp']}:lock"
    with pytest.raises(SessionConflict), visitor.request(connect=connect) as session:
        session.n = 1
        redis_conn.set(name, "another holder")
    assert redis_conn.get(name) == b"another holder"
    redis_conn.delete(name)
    assert visitor.get("n", connect=connect) == 0


def test_redis_stopped_and_back(visitor, own_redis):  # noqa: F811
    """SESS-08: 503 while it is away, at the touch, never an empty session; by itself well again."""
    connect = connected(RConn("127.0.0.1", own_redis.port, socket_timeout=10, socket_connect_timeout=10))
    visitor.put("n", 1, connect=connect)
    assert visitor.get("n", connect=connect) == 1
    with visitor.request(connect=connect):
        own_redis.stop()
    for _ in range(2):
        with pytest.raises(SessionUnavailable, match="try again"):
            visitor.get("n", connect=connect)
    own_redis.start()
    assert visitor.get("n", connect=connect) is None, "this Redis keeps nothing over a restart"
    visitor.put("n", 2, connect=connect)
    assert visitor.get("n", connect=connect) == 2


def test_redis_stops_during_a_request(visitor, own_redis):  # noqa: F811
    """SESS-08: a change that can not be saved is not claimed to be."""
    connect = connected(RConn("127.0.0.1", own_redis.port, socket_timeout=10, socket_connect_timeout=10))
    visitor.put("n", 1, connect=connect)
    with pytest.raises(SessionUnavailable), visitor.request(connect=connect) as session:
        session.n = 2
        own_redis.stop()


def test_a_decoding_client_is_refused():
    import redis

    with pytest.raises(ValueError, match="decode_responses"):
        RedisSession(redis.Redis(decode_responses=True))
