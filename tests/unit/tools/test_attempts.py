"""Counts of wrong passwords that all processes of a site share (SEC)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from runtime.tools import attempts, site_base
from runtime.tools.attempts import FILE, FORGET_AFTER, LONGEST, Attempts, Kind
from runtime.tools.auth.throttle import network
from runtime.tools.site_base import SiteBase

KIND = Kind("test", free=3)


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(at=1_000_000.0)
    monkeypatch.setattr(attempts, "time", SimpleNamespace(time=lambda: now.at))
    return now


def fail(counts, key):
    """Use up what is free of a key."""
    for _ in range(KIND.free):
        assert counts.claim((KIND, key)) == 0


def rows(site):
    with sqlite3.connect(site / FILE) as base:
        return base.execute("SELECT count(*) FROM attempts").fetchone()[0]


def test_waits_grow_and_end(tmp_path, clock):
    counts = Attempts(tmp_path)
    assert [counts.claim((KIND, "a")) for _ in range(3)] == [0, 0, 0]
    assert counts.claim((KIND, "a")) == 1
    assert counts.claim((KIND, "b")) == 0, "others need not wait"
    for expected in (1, 2, 4, 8):
        assert counts.claim((KIND, "a")) == expected
        clock.at += expected
        assert counts.claim((KIND, "a")) == 0
    for _ in range(20):
        clock.at += LONGEST
        assert counts.claim((KIND, "a")) == 0
    assert counts.claim((KIND, "a")) == LONGEST
    clock.at -= 5000
    assert counts.claim((KIND, "a")) <= LONGEST, "a clock that was set back"
    clock.at += 5000 + FORGET_AFTER + 1
    counts.claim((KIND, "other"))
    assert rows(tmp_path) == 1, "what is old is gone"


def test_an_attempt_that_waits_is_not_counted(tmp_path, clock):
    """Nobody prolongs the wait by trying on: it ends when it was said to."""
    counts = Attempts(tmp_path)
    fail(counts, "a")
    for _ in range(50):
        assert counts.claim((KIND, "a")) == 1
    clock.at += 1
    assert counts.claim((KIND, "a")) == 0


def test_forgiving(tmp_path, clock):
    counts = Attempts(tmp_path)
    fail(counts, "a")
    fail(counts, "b")
    counts.forgive(KIND, "b", 1)
    assert counts.claim((KIND, "b")) == 0
    counts.forgive(KIND, "a")
    assert counts.claim((KIND, "a")) == 0
    counts.forgive(KIND, "a", 1)
    assert rows(tmp_path) == 1


def test_threads_and_processes_share_one_count(tmp_path, clock):
    """SEC: of many attempts at the same instant, in two processes with threads, only the free ones pass."""
    free = Kind("many", free=7)
    program = (
        "import sys\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "from types import SimpleNamespace\nfrom runtime.tools import attempts\n"
        "from runtime.tools.attempts import Attempts, Kind\n"
        "attempts.time = SimpleNamespace(time=lambda: 1_000_000.0)\n"  # no wait ends while a machine is busy
        "kind, counts = Kind('many', 7), Attempts(sys.argv[1])\n"
        "print('ready', flush=True)\nsys.stdin.readline()\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    print(sum(wait == 0 for wait in pool.map(lambda _: counts.claim((kind, 'x')), range(10))))\n"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    passed = [int(child.communicate(timeout=60)[0]) for child in children]
    assert sum(passed) == 7, passed
    assert Attempts(tmp_path).claim((free, "x")) > 0


def test_a_thread_that_makes_the_file_takes_no_lock_from_another(tmp_path, monkeypatch):
    """SEC: closing a file gives back all locks of its process; nobody may begin while it is being made."""
    making, made = threading.Event(), threading.Event()
    system_close = os.close

    def slow_close(descriptor: int) -> None:
        making.set()
        time.sleep(0.1)  # another thread finds the file in this moment
        system_close(descriptor)
        made.set()

    monkeypatch.setattr(site_base, "os", SimpleNamespace(**{**vars(os), "close": slow_close}))
    base = SiteBase(tmp_path / FILE, ("CREATE TABLE IF NOT EXISTS some (number)",), attempts.logger, "counts")
    other = (
        "import sqlite3, sys\n"
        "base = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)\n"
        "try:\n    base.execute('BEGIN IMMEDIATE')\nexcept sqlite3.OperationalError as error:\n    print(error)\n"
    )

    def look(_: object) -> str:
        assert made.wait(60)
        command = [sys.executable, "-c", other, str(tmp_path / FILE)]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(base.do, lambda _: None)
        assert making.wait(60)
        assert pool.submit(base.do, look).result() == "database is locked\n"
        first.result()


def test_the_file_is_bounded_and_keeps_no_names(tmp_path, monkeypatch):
    monkeypatch.setattr(attempts, "KEPT", 50)
    counts = Attempts(tmp_path)
    for number in range(80):
        counts.claim((KIND, f"person-{number}"))
    assert rows(tmp_path) == 50
    assert b"person-" not in (tmp_path / FILE).read_bytes()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_broken_file_is_made_anew(tmp_path, caplog):
    counts = Attempts(tmp_path)
    counts.claim((KIND, "a"))
    (tmp_path / FILE).write_bytes(b"no database at all" * 500)
    fail(counts, "a")
    assert counts.claim((KIND, "a")) > 0
    assert rows(tmp_path) == 1


def test_without_a_file_the_process_counts_for_itself(tmp_path, caplog):
    (tmp_path / "private").write_text("a file where the folder should be")
    counts = Attempts(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: counts.claim((KIND, "a")), range(3)))
    assert counts.claim((KIND, "a")) > 0
    assert len([line for line in caplog.messages if "can not be used" in line]) <= 4
    before = len(caplog.messages)
    counts.claim((KIND, "a"))
    assert len(caplog.messages) == before


_FULL = """
import resource, sys
from runtime.tools.attempts import Attempts, Kind
counts, kind = Attempts(sys.argv[1]), Kind("test", free=1)
counts.claim((kind, "early"))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
print([counts.claim((kind, "a")) > 0 for _ in range(2)])
counts.forgive(kind, "a")
print(counts.claim((kind, "a")) > 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_full_disk_keeps_nobody_out(tmp_path):
    """SEC, ERR-10: the process counts for itself, so that people can log in and make room."""
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "[False, True]\nFalse\n", done.stderr


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("unknown", "unknown"),
    ],
)
def test_one_customer_is_one_address(client, counted):
    assert network(client) == counted


def test_attempts_of_a_site_are_one(tmp_path: Path):
    assert attempts.attempts_of(tmp_path) is attempts.attempts_of(str(tmp_path))
