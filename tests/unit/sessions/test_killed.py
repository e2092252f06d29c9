"""SESS-02, CACHE-03: writers that are killed at any moment lose nothing that was kept."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtime.cache import CacheOnDisk
from tests.unit.sessions.conftest import Visitor

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("kind", ["sessions", "cache"])
def test_sess_02_cache_03_killed_200_times(kind, tmp_path):
    """SESS-02, CACHE-03: no unreadable store, nothing lost that was acknowledged."""
    (tmp_path / "applications" / "myapp").mkdir(parents=True)
    generator = random.Random(7)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.sessions.killed_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    kept = 0
    try:
        for _ in range(200):
            server.stdin.write(f"{kind} {tmp_path} {kept + 1}\n")
            server.stdin.flush()
            _kill_later(int(server.stdout.readline()), tmp_path, kept, generator.random() * 0.02)
            acknowledged = _acknowledged(tmp_path)
            kept = _kept(kind, tmp_path)
            assert acknowledged <= kept <= acknowledged + 1
    finally:
        server.kill()
        server.wait(60)
    assert kept >= 200


def _kill_later(pid: int, root: Path, kept: int, seconds: float) -> None:
    """Kill the writer a while after it has kept something, and wait until it is gone."""
    end = time.monotonic() + 60
    while _acknowledged(root) <= kept and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.0005)
    raise AssertionError("the writer does not end")


def _acknowledged(root: Path) -> int:
    try:
        with open(root / "acknowledged", "rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - 100))
            lines = stream.read().split(b"\n")
    except FileNotFoundError:
        return 0
    return int(lines[-2]) if len(lines) > 1 else 0


def _kept(kind: str, root: Path) -> int:
    if kind == "sessions":
        visitor = Visitor(root)
        visitor.jar["session_id_myapp"] = (root / "cookie").read_text()
        with visitor.request(function="read") as session:
            assert session.n is not None, "the session was lost"
            assert session.padding == str(session.n) * 5000
            return session.n
    disk = CacheOnDisk(folder=str(root / "cache"))
    number, padding = disk("n", lambda: (0, ""), None)
    assert padding == str(number) * 5000
    assert disk._connection().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for key in disk.keys():
        value = disk(key, lambda: None, None)
        assert value is not None
        assert value[1] in (str(value[0]) * 500, str(value[0]) * 5000)
    return number
