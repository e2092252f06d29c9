"""CACHE: values kept in memory and on disk."""

from __future__ import annotations

import itertools
import multiprocessing
import sqlite3
import threading
import time

import pytest

from runtime.cache import Cache, CacheError, CacheInRam, CacheOnDisk, lazy_cache
from runtime.cache import ram as ram_module
from runtime.foundation.current import current
from runtime.foundation.storage import Storage


@pytest.fixture
def request_(tmp_path, monkeypatch):
    monkeypatch.setattr(ram_module, "_STORES", {})
    return Storage(application="myapp", folder=str(tmp_path / "myapp"))


@pytest.fixture(params=["ram", "disk"])
def model(request, request_):
    return CacheInRam(request_) if request.param == "ram" else CacheOnDisk(request_)


def test_cache_01_applications_do_not_share(request_, tmp_path):
    """CACHE-01."""
    other = Storage(application="other", folder=str(tmp_path / "other"))
    for kind in (CacheInRam, CacheOnDisk):
        kind(request_)("k", lambda: 1)
        assert kind(other)("k", lambda: 2) == 2


def test_cache_02_06_age_decides(model, monkeypatch):
    """CACHE-02, CACHE-06: the age at the time of asking counts, nothing is stored of the limit."""
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "time", lambda: clock[0])
    counter = itertools.count()
    assert model("t", lambda: next(counter), 5) == 0
    assert model("t", lambda: next(counter), 5) == 0
    clock[0] += 10
    assert model("t", lambda: next(counter), 20) == 0
    assert model("t", lambda: next(counter), 5) == 1


def test_cache_03_disk_survives(request_):
    """CACHE-03: another object, as after a restart, finds the value."""
    CacheOnDisk(request_)("k", lambda: {"a": [1]})
    assert CacheOnDisk(request_)("k", lambda: None) == {"a": [1]}


def test_cache_05_ram_over_disk(request_, monkeypatch):
    """CACHE-05."""
    cache = Cache(request_)
    calls = []

    def ask():
        return cache.ram("k", lambda: cache.disk("k", lambda: calls.append(1) or "v", 60), 60)

    assert ask() == "v"
    cache.ram.clear()
    assert ask() == "v"
    assert len(calls) == 1


def test_cache_07_08_zero_and_none(model):
    """CACHE-07, CACHE-08."""
    counter = itertools.count()
    assert [model("k", lambda: next(counter), 0) for _ in range(2)] == [0, 1]
    assert model("k", lambda: next(counter), -1) == 2
    assert model("k", lambda: next(counter), None) == 2


def test_cache_09_decorator(request_):
    """CACHE-09."""
    cache = Cache(request_)
    counter = itertools.count()

    @cache("key", time_expire=60)
    def action():
        return dict(n=next(counter))

    assert action() == action() == {"n": 0}
    assert action.__name__ == "action"


def test_cache_11_12_clear_and_delete(model):
    """CACHE-11, CACHE-12: the pattern is matched from the beginning of the key."""
    for key in ("a1", "a2", "b", "xa"):
        model(key, lambda: "old")
    model.clear(regex="a")
    values = {key: model(key, lambda: "new") for key in ("a1", "a2", "b", "xa")}
    assert values == {"a1": "new", "a2": "new", "b": "old", "xa": "old"}
    model("b", None)
    assert model("b", lambda: "again") == "again"
    model.clear()
    assert model("xa", lambda: "fresh") == "fresh"


def test_cache_13_what_can_not_be_pickled(request_):
    """CACHE-13: a clear error, nothing half-written."""
    disk = CacheOnDisk(request_)
    with pytest.raises(CacheError, match="'x'"):
        disk("x", lambda: (i for i in []))
    assert disk.keys() == []


def test_cache_17_increment_prefix_statistics(model, request_):
    """CACHE-17."""
    assert [model.increment("c"), model.increment("c"), model.increment("c", 5)] == [1, 2, 7]
    prefixed = Cache.with_prefix(model, "p_")
    prefixed("k", lambda: 1)
    assert model("p_k", lambda: 2) == 1
    ram = CacheInRam(request_)
    ram("s", lambda: 1)
    ram("s", lambda: 1)
    assert ram.stats()["hits"] >= 1
    assert ram.stats()["misses"] >= 1


def test_cache_18_one_computation_under_a_stampede(model):
    """CACHE-18: 64 threads on one missing key."""
    calls = []
    barrier = threading.Barrier(64)
    results = []

    def ask():
        barrier.wait()
        results.append(model("k", lambda: (calls.append(1), time.sleep(0.05), "v")[2]))

    threads = [threading.Thread(target=ask) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["v"] * 64
    assert len(calls) == 1


def _increment(folder: str) -> None:
    disk = CacheOnDisk(folder=folder)
    for _ in range(200):
        disk.increment("n")


def test_cache_18_increments_of_processes_are_exact(tmp_path):
    """CACHE-18."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_increment, args=(str(tmp_path),)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert CacheOnDisk(folder=str(tmp_path)).increment("n", 0) == 400


def test_a_failing_computation_keeps_nothing(model):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        model("k", fail)
    assert model("k", lambda: "yes") == "yes"


def test_bounded_by_count_least_recently_used_leaves_first(request_):
    ram = CacheInRam(request_)
    ram.store.max_entries = 3
    for key in "abc":
        ram(key, lambda: 1)
    ram("a", lambda: 2)
    ram("d", lambda: 1)
    assert list(ram.store.entries) == ["c", "a", "d"]
    assert ram.stats()["evictions"] == 1


def test_bounded_by_size(request_):
    ram = CacheInRam(request_)
    ram.store.max_bytes = 100_000
    for number in range(50):
        ram(str(number), lambda: "x" * 10_000)
    assert ram.store.bytes <= 100_000
    assert 0 < len(ram.store.entries) < 11
    assert ram("huge", lambda: "x" * 200_000) == "x" * 200_000
    assert "huge" not in ram.store.entries


def test_broken_file_is_set_aside(request_, tmp_path):
    disk = CacheOnDisk(request_)
    disk("k", lambda: 1)
    other = tmp_path / "other"
    other.mkdir()
    (other / "cache.sqlite").write_bytes(b"this is no database, at all" * 100)
    broken = CacheOnDisk(folder=str(other))
    assert broken("k", lambda: 2) == 2
    assert (other / "cache.sqlite.broken").exists()


def test_clock_set_back(request_, monkeypatch):
    """A value from the future is not kept for ever."""
    disk = CacheOnDisk(request_)
    clock = [10_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    disk("k", lambda: "old", 60)
    clock[0] = 1000.0
    assert disk("k", lambda: "new", 60) == "new"


def test_cache_21_lazy_cache(request_):
    """CACHE-21: for functions of modules; arguments tell values apart."""
    counter = itertools.count()

    @lazy_cache("key", 60)
    def plain():
        return next(counter)

    @lazy_cache(time_expire=60)
    def of(n):
        return n, next(counter)

    current._begin(cache=Cache(request_))
    assert plain() == plain() == 0
    assert of(1) == of(1)
    assert of(2) != of(1)
    current._begin()


def test_cache_18_opening_waits_for_another_process_that_makes_the_file(tmp_path):
    """CACHE-18: two that open a new store at once exclude each other; nobody fails."""
    holder = sqlite3.connect(tmp_path / "cache.sqlite", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("CREATE TABLE other (x)")
    release = threading.Timer(0.3, lambda: holder.execute("COMMIT"))
    release.start()
    try:
        assert CacheOnDisk(folder=str(tmp_path))("k", lambda: "v") == "v"
    finally:
        release.join()
        holder.close()
