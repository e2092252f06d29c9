"""LOCK: sessions of several processes, and what locks cost those who do not need them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from runtime.sessions import SessionConflict, locks, session_locks
from runtime.sessions.range_locks import LOCKS, RangeLock
from tests.unit.sessions.conftest import Visitor


def _count(root: str, cookie: str, times: int) -> None:
    visitor = Visitor(Path(root))
    visitor.jar["session_id_myapp"] = cookie
    for _ in range(times):
        for attempt in (False, True):
            try:
                with visitor.request(force_lock=attempt) as session:
                    session.n += 1
                break
            except SessionConflict:
                assert not attempt


def test_lock_01_processes_count_exactly(site, visitor):
    """LOCK-01: three processes add 60 each to one session."""
    visitor.put("n", 0)
    cookie = visitor.jar["session_id_myapp"]
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_count, args=(str(site.root), cookie, 60)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert visitor.get("n") == 180
    assert [path.name for path in site.files()] == [cookie], "nothing is left of the locks"


def _hold(folder: str, name: str) -> None:
    lock = RangeLock(folder, name)
    lock.take("/myapp/default/of_another_process", 10)
    time.sleep(600)
    lock.drop()


def test_lock_07_09_holder_in_another_process(site, visitor, monkeypatch, caplog):
    """LOCK-07, LOCK-09: its address is in the log and the report; when it is killed, its lock is free."""
    visitor.put("n", 0)
    (path,) = site.files()
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(path.parent), path.name))
    process.start()
    end = time.monotonic() + 60
    while RangeLock(str(path.parent), path.name).holder() == "" and time.monotonic() < end:
        time.sleep(0.01)
    monkeypatch.setattr(locks, "NOTICE_AFTER", 0.05)
    writer = threading.Thread(target=lambda: visitor.put("n", 1))
    writer.start()
    while "waits for" not in caplog.text and time.monotonic() < end:
        time.sleep(0.01)
    (report,) = session_locks.waiting()
    os.kill(process.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    writer.join(60)
    process.join(60)
    assert report == {
        "holder": "/myapp/default/of_another_process",
        "since": 0.0,
        "waiting": ["/myapp/default/index"],
    }
    assert (
        "/myapp/default/index waits for the session that /myapp/default/of_another_process holds"
        in caplog.text
    )
    assert visitor.get("n") == 1
    assert session_locks._locks == {}


def test_lock_01_locks_of_other_sessions_and_a_removed_file(tmp_path):
    """LOCK-01, LOCK-09: nobody waits for a stranger; who removes the file of the locks does no harm."""
    folder = tmp_path / "sessions"
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(folder), "mine"))
    process.start()
    mine, other = RangeLock(str(folder), "mine"), RangeLock(str(folder), "other")
    try:
        end = time.monotonic() + 60
        while mine.holder() == "" and time.monotonic() < end:
            time.sleep(0.01)
        assert mine.holder() == "/myapp/default/of_another_process"
        assert other.holder() == ""
        other.take("/me", 0)
        assert other.holder() == "/me"
        other.drop()
        assert other.holder() == ""
        with pytest.raises(TimeoutError):
            mine.take("/me", 0.05)
        assert not mine.confirm()
    finally:
        process.kill()
        process.join(60)
    mine.take("/me", 5)
    (folder / LOCKS).unlink()
    mine.drop()
    mine.take("/me", 0)
    assert (folder / LOCKS).exists()
    mine.drop()


_AFTER_A_CUT = """
import os, sys
from runtime.sessions.range_locks import LOCKS, RangeLock
first, second = RangeLock(sys.argv[1], "first"), RangeLock(sys.argv[1], "second")
first.take("/first", 0)
os.truncate(os.path.join(sys.argv[1], LOCKS), 0)
second.take("/second", 0)
print(second.holder())
second.drop()
first.drop()
"""


def test_lock_09_a_file_of_the_locks_without_room_ends_no_process(tmp_path):
    """LOCK-09, ERR-10: cut off, or on a full disk, it only names nobody; a map in memory would end the server."""
    done = subprocess.run(
        [sys.executable, "-c", _AFTER_A_CUT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "/second\n"), done.stderr


def test_sess_03_a_reader_touches_no_lock(site, visitor, monkeypatch):
    """SESS-03, LOCK-01: reading opens the session's file only."""
    visitor.put("n", 1)
    monkeypatch.setattr(locks.SessionLocks, "acquire", lambda *_: pytest.fail("a lock was taken"))
    assert visitor.get("n", function="reader") == 1


def test_lock_01_stale_writer_is_told(site, visitor):
    """LOCK-01: what was read is compared under the lock."""
    visitor.put("n", 1)
    other = site.visitor()
    other.jar = dict(visitor.jar)

    def write_between():
        with visitor.request(function="stale") as session:
            assert session.n == 1
            other.put("n", 2, function="between")
            session.n += 1

    with pytest.raises(SessionConflict):
        write_between()
    assert visitor.get("n", function="reader") == 2


def test_lock_01_change_in_place_is_compared_too(site, visitor):
    """LOCK-01: a list that was changed without assignment is found before the commit."""
    visitor.put("cart", [])
    other = site.visitor()
    other.jar = dict(visitor.jar)

    def write_between():
        with visitor.request(function="stale") as session:
            session.cart.append("book")
            with other.request(function="between") as theirs:
                theirs.cart.append("pen")

    with pytest.raises(SessionConflict):
        write_between()
    assert visitor.get("cart", function="reader") == ["pen"]


def test_lock_01_renewed_meanwhile(site, visitor):
    """SESS-18, LOCK-01: who still writes to the old id begins anew, the old id does not come back."""
    visitor.put("n", 1)
    late = site.visitor()
    late.jar = dict(visitor.jar)

    def renew_between():
        with late.request(function="late") as session:
            assert session.n == 1
            with visitor.request(function="login") as theirs:
                theirs.renew()
            session.n = 5

    with pytest.raises(SessionConflict):
        renew_between()
    assert visitor.get("n", function="reader") == 1
    assert len(site.files()) == 1
