"""CACHE: what goes wrong around the stores: threads, processes, broken files, full disks."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from runtime.cache import CacheInRam, CacheOnDisk
from runtime.cache import disk as disk_module
from runtime.cache import ram as ram_module
from runtime.foundation.storage import Storage


@pytest.fixture
def request_(tmp_path, monkeypatch):
    monkeypatch.setattr(ram_module, "_STORES", {})
    return Storage(application="myapp", folder=str(tmp_path / "myapp"))


@pytest.fixture(params=["ram", "disk"])
def model(request, request_):
    return CacheInRam(request_) if request.param == "ram" else CacheOnDisk(request_)


def parallel(function, number):
    """Run `function` in threads; return their results, raise their errors."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(number) as pool:
        return [future.result(60) for future in [pool.submit(function) for _ in range(number)]]


def test_cache_04_an_existing_object(request_):
    """CACHE-04: through a lambda; what is not callable is an error, and keeps nothing."""
    thing = object()
    ram = CacheInRam(request_)
    assert ram("o", lambda: thing, 86400) is thing
    with pytest.raises(TypeError):
        ram("p", 5)
    assert ram.store.names() == ["o"]


def test_cache_07_nobody_waits_for_a_value_that_will_not_do(model):
    """CACHE-07, CACHE-18: with a time of 0 computations run side by side."""
    barrier = threading.Barrier(6)
    assert parallel(lambda: model("k", lambda: barrier.wait(30) >= 0, 0), 6) == [True] * 6


def test_cache_18_a_slow_key_does_not_hold_up_others(model):
    """CACHE-18: 40 keys are computed at the same time."""
    barrier = threading.Barrier(40)
    numbers = iter(range(40))

    def ask():
        key = f"key {next(numbers)}"
        return model(key, lambda: barrier.wait(30) >= 0)

    assert parallel(ask, 40) == [True] * 40


def test_cache_18_a_value_may_need_others(model):
    """CACHE-05, CACHE-18: a computation that asks the cache, even for its own key, ends."""
    assert model("a", lambda: model("b", lambda: model("c", lambda: 1) + 1) + 1) == 3
    assert model("own", lambda: model("own", lambda: 5) + 1) == 6


def test_cache_18_clear_while_others_read(request_):
    """CACHE-11, CACHE-18: hits reorder the store while it is listed and cleared."""
    ram = CacheInRam(request_)
    for number in range(3000):
        ram(f"k{number}", int)
    stop = threading.Event()

    def read():
        while not stop.is_set():
            for number in range(0, 3000, 7):
                ram(f"k{number}", int)
        return True

    timer = threading.Timer(1.0, stop.set)
    timer.start()

    def clear():
        while not stop.is_set():
            ram.clear(regex="k[0-4]")
        return True

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(work) for work in (read, clear, read, clear)]
        assert [future.result(30) for future in futures] == [True] * 4
    assert ram.store.bytes == sum(entry.size for entry in ram.store.entries.values())


def _compute_once(folder: str, log: str) -> None:
    def compute():
        with open(log, "a") as stream:
            stream.write("x")
        time.sleep(0.3)
        return "value"

    assert CacheOnDisk(folder=folder)("k", compute) == "value"


def test_cache_18_processes_compute_once(tmp_path):
    """CACHE-03, CACHE-18: disk access is locked between processes."""
    context = multiprocessing.get_context("spawn")
    log = tmp_path / "log"
    arguments = (str(tmp_path), str(log))
    processes = [context.Process(target=_compute_once, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert log.read_text() == "x"
    assert list((tmp_path / "computing").iterdir()) == []


def _hang(folder: str) -> None:
    CacheOnDisk(folder=folder)("k", lambda: time.sleep(600))


def test_cache_18_a_process_that_dies_while_it_computes(tmp_path):
    """CACHE-03: its lock goes with it."""
    process = multiprocessing.get_context("spawn").Process(target=_hang, args=(str(tmp_path),))
    process.start()
    end = time.monotonic() + 60
    while not list((tmp_path / "computing").glob("*")) and time.monotonic() < end:
        time.sleep(0.01)
    process.kill()
    process.join(60)
    assert CacheOnDisk(folder=str(tmp_path))("k", lambda: "mine") == "mine"


def test_a_computation_elsewhere_that_never_ends(tmp_path, monkeypatch):
    """CACHE-18: after a while a waiting process computes itself."""
    from runtime.foundation.locks import LockFile

    monkeypatch.setattr(disk_module, "COMPUTE_LIMIT", 0.1)
    disk = CacheOnDisk(folder=str(tmp_path))
    held = []
    real = LockFile.take

    def take(self, *arguments):
        if not held:
            held.append(LockFile(self.path))
            real(held[0], "another process", 1)
        real(self, *arguments)

    monkeypatch.setattr(LockFile, "take", take)
    assert disk("k", lambda: "mine") == "mine"
    held[0].drop()


def test_cache_03_deleted_file(request_):
    """CACHE-03: somebody empties the folder while the server runs."""
    disk = CacheOnDisk(request_)
    disk("k", lambda: 1)
    for path in Path(disk.folder).glob("cache.sqlite*"):
        path.unlink()
    assert disk("k", lambda: 2) == 2
    assert CacheOnDisk(request_)("k", lambda: 3) == 2
    other = sqlite3.connect(disk.path)
    assert other.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    other.close()


def test_cache_03_file_that_breaks_while_it_is_open(request_, caplog):
    """CACHE-03: set aside, a new one begun, told in the log."""
    disk = CacheOnDisk(request_)
    for number in range(200):
        disk(f"k{number}", lambda: "x" * 1000)
    disk._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(disk.path, "r+b") as stream:
        stream.seek(4096)
        stream.write(os.urandom(os.path.getsize(disk.path) - 8192))
    # another thread has no page of the good file in memory
    (values,) = parallel(lambda: [disk(f"k{number}", lambda: "new") for number in range(200)], 1)
    assert set(values) <= {"x" * 1000, "new"}
    assert "new" in values
    assert "set aside" in caplog.text
    assert disk("k199", lambda: "other") == "new", "this thread takes the new file too"


def test_cache_13_full_disk_costs_the_next_computation_only(request_, monkeypatch, caplog):
    """CACHE-13: the value is returned, the failure logged."""
    disk = CacheOnDisk(request_)
    disk("other", lambda: 1)

    def full(connection, key, data):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(disk_module, "_write", full)
        assert disk("k", lambda: "value") == "value"
    assert "disk is full" in caplog.text
    assert disk("k", lambda: "again") == "again"


def test_cache_17_statistics_are_those_of_the_process(request_):
    """CACHE-17: requests make new objects, the numbers go on."""
    for kind in (CacheInRam, CacheOnDisk):
        kind(request_)("k", lambda: 1)
        kind(request_)("k", lambda: 1)
        stats = kind(request_).stats()
        assert (stats["hits"], stats["misses"], stats["ratio"], stats["entries"]) == (1, 1, 50.0, 1)
        assert stats["bytes"] > 0


def test_cache_12_destroyer(request_):
    """CACHE-12: told of the old value when it is replaced or deleted."""
    gone: list[str] = []
    ram = CacheInRam(request_)
    ram("k", lambda: "first", destroyer=gone.append)
    ram("k", lambda: "second", 0, gone.append)
    ram("k", None, destroyer=gone.append)
    assert gone == ["first", "second"]


def test_size_of_values_is_bounded_work(request_):
    """A value that can not be measured is kept; deep and long ones are measured by sample."""

    class Odd(list):
        def __len__(self):
            raise RuntimeError("no")

    ram = CacheInRam(request_)
    odd = Odd([1])
    assert ram("odd", lambda: odd) is odd
    rows = [["x" * 100] * 10 for _ in range(1000)]
    size = ram_module.estimated_size(rows)
    assert 800_000 < size < 2_000_000


def test_cache_16_what_old_administration_pages_read(model):
    """CACHE-16, APPADM-03: initialize, storage with times, and hits by application, beside stats()."""
    model.initialize()
    model("k", lambda: [1])
    model("k", lambda: [2])
    assert model.stats["myapp"] == {"hit_total": 2, "misses": 1}
    assert model.stats()["hits"] == 1
    ((key, (stored, value)),) = model.storage.items()
    assert (key, value) == ("k", [1])
    assert 0 <= time.time() - stored < 60
