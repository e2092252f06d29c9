"""CA-01..15: every store as the panel asks for it: rows, values in all forms, deleting; Redis and memcached too."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.admin import cache as inspection
from runtime.admin.cache_values import pickle_type, shown_value
from runtime.cache import CacheInRam, CacheOnDisk
from runtime.cache import memcache as memcache_module
from runtime.cache import ram as ram_module
from runtime.cache import redis_cache as redis_module
from runtime.cache.memcache import MemcacheClient
from runtime.cache.redis_cache import RedisCache
from runtime.foundation.storage import Storage
from tests.unit.cache.fake_memcached import FakeMemcached
from tests.unit.sessions.redis_server import own_redis, redis_conn, redis_of_this_process  # noqa: F401  # fixtures

VALUES = {
    "page:/a": "<h1>x</h1>",
    "menu:it": [1, "two"],
    "rates": {"usd": 1.1},
    "thumb": b"\x89PNG",
    "pair": (1, 2),
}


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(ram_module, "_STORES", {})
    monkeypatch.setattr(redis_module, "_connections", {})
    monkeypatch.setattr(redis_module, "_servers", {})
    monkeypatch.setattr(memcache_module, "_clients", {})
    (tmp_path / "applications" / "myapp").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def memcached():
    server = FakeMemcached()
    yield server
    server.stop()


@pytest.fixture(params=["ram", "disk", "memcached", pytest.param("redis", marks=pytest.mark.redis)])
def kept(request, site, monkeypatch):
    """The name of a store that holds `VALUES`."""
    who = Storage(application="myapp", folder=str(site / "applications" / "myapp"))
    if request.param == "ram":
        model = CacheInRam(who)
    elif request.param == "disk":
        model = CacheOnDisk(who)
    elif request.param == "redis":
        connection = request.getfixturevalue("redis_conn")
        redis_module._connections["here"] = connection
        model = RedisCache(redis_conn=connection, application="myapp")
    else:
        model = MemcacheClient(who, [request.getfixturevalue("memcached").address])
    for key, value in VALUES.items():
        model(key, lambda value=value: value)
    return request.param


def test_ca_02_rows_of_every_store(site, kept):
    """CA-02: key, type, size and age of every key, from every store that lists its keys."""
    rows = json.loads(json.dumps(inspection.list_rows(site, "myapp", kept)))["rows"]
    if kept == "memcached":  # this one has no crawler: it says nothing rather than something wrong
        assert rows == []
        return
    assert {key: kind for key, kind, _, _ in rows} == {
        "page:/a": "str", "menu:it": "list", "rates": "dict", "thumb": "bytes", "pair": "tuple",
    }  # fmt: skip
    assert all(size > 0 and 0 <= age < 60 for _, _, size, age in rows)
    first = inspection.list_rows(site, "myapp", kept, limit=2)
    rest = inspection.list_rows(site, "myapp", kept, after=2)
    assert (len(first["rows"]), first["more"], len(rest["rows"]), rest["more"]) == (2, True, 3, False)


def test_ca_05_values_in_their_forms(site, kept):
    """CA-05: texts, JSON, Python and bytes, made in the process that owns the value."""
    page = inspection.look(site, "myapp", "page:/a", kept)
    assert (page["text"], page["type"], page["json"]) == ("<h1>x</h1>", "str", "")
    rates = inspection.look(site, "myapp", "rates", kept)
    assert json.loads(rates["json"]) == {"usd": 1.1}
    assert rates["python"] == "{'usd': 1.1}"
    assert inspection.look(site, "myapp", "thumb", kept)["base64"] == "iVBORw=="
    with pytest.raises(inspection.CacheProblem, match="any more"):
        inspection.look(site, "myapp", "nothing", kept)


def test_ca_06_deleting_keys_and_whole_stores(site, kept):
    """CA-06: chosen keys, then all; the number tells how many were there."""
    assert inspection.delete_from(site, "myapp", ["rates", "nothing"], kept) == 1
    with pytest.raises(inspection.CacheProblem):
        inspection.look(site, "myapp", "rates", kept)
    assert inspection.look(site, "myapp", "thumb", kept)["type"] == "bytes"
    inspection.delete_from(site, "myapp", None, kept)
    with pytest.raises(inspection.CacheProblem):
        inspection.look(site, "myapp", "thumb", kept)


def test_ca_01_stores_are_listed_with_their_figures(site, kept):
    """CA-01: each store that this process uses, with hits and misses."""
    stores = {one["store"]: one for one in inspection.list_stores(site, "myapp")}
    assert {"ram", "disk", kept} == set(stores)
    assert stores[kept]["misses"] == len(VALUES)
    assert stores[kept]["kind"] == kept


def test_ca_15_what_cannot_be_read_is_listed_and_deletable(site):
    """CA-15, issue 9 bad input: cut pickles and other programs' bytes are listed without a type, and can be deleted."""
    who = Storage(application="myapp", folder=str(site / "applications" / "myapp"))
    model = CacheOnDisk(who)
    model._with(lambda c: c.execute("INSERT INTO entry VALUES ('bad', 0, ?)", (b"not a pickle",)))
    (row,) = inspection.list_rows(site, "myapp", "disk")["rows"]
    assert row[:3] == ("bad", "", 12)
    assert "not readable" in inspection.look(site, "myapp", "bad", "disk")["fault"]
    assert inspection.delete_from(site, "myapp", ["bad"], "disk") == 1


def test_a_server_that_does_not_answer_is_told(site):
    """CA-01: Redis is gone: a sentence, no traceback, and no long wait."""
    connection = redis_module.RConn("127.0.0.1", 1)
    assert connection is not None
    with pytest.raises(inspection.CacheProblem, match="does not answer"):
        inspection.list_rows(site, "myapp", "redis")


class Plain:
    pass


SIMPLE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60), st.binary(max_size=60),
    st.lists(st.integers(), max_size=5), st.dictionaries(st.text(max_size=4), st.integers(), max_size=4),
    st.tuples(), st.tuples(st.text(max_size=5)), st.tuples(st.integers(), st.none()),
    st.tuples(st.text(max_size=3), st.integers(), st.lists(st.none(), max_size=2), st.none()),
    st.sets(st.integers(), max_size=3), st.frozensets(st.integers(), max_size=3), st.builds(Plain), st.just(Path),
)  # fmt: skip


@given(SIMPLE)
def test_ca_02_types_are_told_from_the_ends_of_a_pickle(value):
    """CA-02: the type of a value on disk without reading all of it."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    expected = value.__name__ if isinstance(value, type) else type(value).__name__
    assert pickle_type(data[:256], data[-8:]) == expected


@given(st.binary(max_size=40))
def test_ca_15_any_bytes_are_looked_at_safely(data):
    """CA-15: bytes that are no pickle never fail the list."""
    assert isinstance(pickle_type(data[:256], data[-8:]), str)


def test_ca_05_secrets_stay_hidden_and_long_values_are_cut():
    """CA-05, LG-12: values under secret names are hidden in every form; a long text is cut, its length told."""
    shown = shown_value({"password": "hush", "name": "x"}, 1000)
    assert "hush" not in json.dumps(shown)
    long = shown_value("y" * 100, 10)
    assert (long["text"], long["size"]) == ("y" * 10, 100)
    assert pathological() is None


def pathological() -> None:
    """A value that holds itself."""
    inside: list[object] = []
    inside.append(inside)
    assert shown_value(inside, 100)["text"]
