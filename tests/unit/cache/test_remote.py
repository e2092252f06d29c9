"""CACHE-15: the cache in Redis and memcached, behind the same call."""

from __future__ import annotations

import itertools
import threading
import time

import pytest

from runtime.cache import Cache, CacheError, remote
from runtime.cache import memcache as memcache_module
from runtime.cache.memcache import MemcacheClient
from runtime.cache.redis_cache import RConn, RedisCache
from runtime.foundation.storage import Storage
from tests.unit.cache.fake_memcached import FakeMemcached
from tests.unit.sessions.redis_server import own_redis, redis_conn, redis_of_this_process  # noqa: F401  # fixtures


@pytest.fixture
def memcached(monkeypatch):
    monkeypatch.setattr(memcache_module, "_clients", {})
    server = FakeMemcached()
    yield server
    server.stop()


def named(application):
    return Storage(application=application)


@pytest.fixture(params=["memcache", pytest.param("redis", marks=pytest.mark.redis)])
def make(request):
    """Return a function that makes the model for an application."""
    if request.param == "memcache":
        server = request.getfixturevalue("memcached")
        return lambda app="hadrontest": MemcacheClient(named(app), [server.address])
    conn = request.getfixturevalue("redis_conn")
    return lambda app="hadrontest": RedisCache(redis_conn=conn, application=app)


def test_cache_15_same_call(make):
    """CACHE-15, CACHE-02, CACHE-07, CACHE-08, CACHE-12, CACHE-01."""
    model = make()
    counter = itertools.count()
    assert [model("k", lambda: next(counter), 60) for _ in range(2)] == [0, 0]
    assert [model("k", lambda: next(counter), 0) for _ in range(2)] == [1, 2]
    assert model("k", lambda: next(counter), None) == 2
    assert make()("k", lambda: next(counter), 60) == 2, "another object of the same application"
    assert make("hadrontest2")("k", lambda: "other") == "other"
    model("k", None)
    assert model("k", lambda: "new") == "new"
    assert model("key with blanks, letters é and length" * 20, lambda: [1, {"a": b"\0"}]) == [1, {"a": b"\0"}]
    assert model("key with blanks, letters é and length" * 20, None) is None


def test_cache_06_age_decides(make, monkeypatch):
    """CACHE-06: the age at the time of asking; a clock set back does not keep a value for ever."""
    clock = [time.time()]
    monkeypatch.setattr(remote.time, "time", lambda: clock[0])
    model = make()
    assert model("t", lambda: "A", 5) == "A"
    clock[0] += 10
    assert model("t", lambda: "B", 20) == "A"
    assert model("t", lambda: "B", 5) == "B"
    clock[0] -= 1000
    assert model("t", lambda: "C", 20) == "C"


def test_cache_15_as_decorator(make):
    """CACHE-09, CACHE-15: `@cache(key, seconds, cache.redis)`."""
    cache = Cache(named("hadrontest"))
    cache.other = make()
    counter = itertools.count()

    @cache("decorated", 5, cache.other)
    def action():
        return {"n": next(counter)}

    assert action() == action() == {"n": 0}


def test_cache_17_increment_prefix_statistics(make):
    """CACHE-17."""
    model = make()
    assert [model.increment("c"), model.increment("c"), model.increment("c", 5)] == [1, 2, 7]
    Cache.with_prefix(model, "p_")("k", lambda: 1)
    assert model("p_k", lambda: 2) == 1
    stats = model.stats()
    assert stats["hits"] >= 1
    assert stats["misses"] >= 1
    assert stats["answers"] is True


def test_cache_18_one_computation_per_process(make):
    """CACHE-18."""
    calls: list[int] = []
    results: list[str] = []
    barrier = threading.Barrier(12)

    def ask():
        barrier.wait()
        results.append(make()("stampede", lambda: (calls.append(1), time.sleep(0.05), "v")[2]))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == ["v"] * 12
    assert len(calls) == 1


def test_cache_11_clear_all(make):
    """CACHE-11: of this application only."""
    model, other = make(), make("hadrontest2")
    model("a", lambda: 1)
    other("a", lambda: 1)
    model.clear()
    assert model("a", lambda: 2) == 2
    assert other("a", lambda: 2) == 1
    other.clear()


def test_cache_13_what_can_not_be_pickled(make):
    """CACHE-13."""
    with pytest.raises(CacheError, match="'x'"):
        make()("x", lambda: (i for i in []))


@pytest.mark.redis
def test_cache_11_clear_by_regex_in_redis(redis_conn):  # noqa: F811
    """CACHE-11: any key, also those with letters that patterns of Redis use."""
    model = RedisCache(redis_conn=redis_conn, application="hadrontest[x]*")
    for key in ("a1", "a2", "b", "xa", "[a]"):
        model(key, lambda: "old")
    model.clear(regex="a")
    values = {key: model(key, lambda: "new") for key in ("a1", "a2", "b", "xa", "[a]")}
    assert values == {"a1": "new", "a2": "new", "b": "old", "xa": "old", "[a]": "old"}
    model.clear()


@pytest.mark.redis
def test_cache_18_with_lock_one_computation_of_all(redis_conn):  # noqa: F811
    """CACHE-18: `with_lock=True`, as between processes: the models do not share locks of this process."""
    calls: list[int] = []

    def ask():
        model = RedisCache(redis_conn=redis_conn, with_lock=True, application="hadrontest")
        model.server = remote.Server("as in another process")
        return model("locked", lambda: (calls.append(1), time.sleep(0.1), "v")[2])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(calls) == 1


def test_memcached_clear_by_regex_is_told_to_be_impossible(memcached):
    """CACHE-11: a clear error, not silence (LOCK-10)."""
    with pytest.raises(CacheError, match="can not list its keys"):
        MemcacheClient(named("a"), [memcached.address]).clear(regex="^a")


def test_memcached_loses_everything(memcached):
    """CACHE-15: after a restart of memcached what was cleared does not come back."""
    model = MemcacheClient(named("a"), [memcached.address])
    model("k", lambda: 1)
    kept = dict(memcached.values)
    model.clear()
    memcached.values.pop("a:generation")
    memcached.values.update({k: v for k, v in kept.items() if k != "a:generation"})
    assert model("k", lambda: 2) == 2


def test_memcached_too_large_a_value_is_returned_not_kept(memcached, caplog):
    model = MemcacheClient(named("a"), [memcached.address])
    assert len(model("big", lambda: b"x" * 2_000_000)) == 2_000_000
    assert "too large" in caplog.text


def test_memcached_stopped_and_back(memcached, monkeypatch):
    """CACHE-15: misses while it is away, well again by itself."""
    monkeypatch.setattr(remote, "PAUSE", 0.05)
    port = memcached.server_address[1]
    model = MemcacheClient(named("a"), [memcached.address])
    assert model("k", lambda: 1) == 1
    memcached.stop()
    model._client.close()
    assert [model("k", lambda: 2), model("k", lambda: 3)] == [2, 3]
    assert model.stats()["answers"] is False
    again = FakeMemcached(port)
    end = time.monotonic() + 60
    while again.values == {} and time.monotonic() < end:
        model("k", lambda: 4)
        time.sleep(0.05)
    assert model("k", lambda: 5) == 4
    again.stop()


@pytest.mark.redis
def test_redis_stopped_under_load_and_back(own_redis, monkeypatch, caplog):  # noqa: F811
    """CACHE-15: threads that read while it goes away get computed values, no error; it comes back by itself."""
    monkeypatch.setattr(remote, "PAUSE", 0.05)
    conn = RConn("127.0.0.1", own_redis.port)
    stop = threading.Event()
    errors: list[Exception] = []
    answers = 0

    def load():
        nonlocal answers
        while not stop.is_set():
            try:
                assert RedisCache(redis_conn=conn, application="load")("k", lambda: 1, 60) == 1
                answers += 1
                time.sleep(0.002)
            except Exception as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    own_redis.stop()
    before = answers
    end = time.monotonic() + 60
    while answers < before + 50 and time.monotonic() < end:
        time.sleep(0.01)
    own_redis.start()
    end = time.monotonic() + 60
    while not conn_has(conn) and time.monotonic() < end:
        time.sleep(0.01)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert answers >= before + 50
    assert conn_has(conn), "values are kept again"
    assert "does not answer" in caplog.text


def conn_has(conn) -> bool:
    try:
        return bool(conn.exists("w2p:cache:load:k"))
    except Exception:
        return False


def test_documented_imports():
    """CACHE-15: the documented places."""
    from gluon.contrib.memcache import MemcacheClient as documented_client
    from gluon.contrib.redis_cache import RedisCache as documented_cache
    from gluon.contrib.redis_session import RedisSession
    from gluon.contrib.redis_utils import RConn as documented_conn

    assert (documented_client, documented_cache, documented_conn) == (MemcacheClient, RedisCache, RConn)
    assert RedisSession.__name__ == "RedisSession"
