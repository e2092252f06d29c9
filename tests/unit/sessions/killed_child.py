"""Processes that save sessions, or cache values, until they are killed, and note each number once it is kept."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from itertools import count
from pathlib import Path


def acknowledge(root: Path, number: int) -> None:
    with open(root / "acknowledged", "ab", buffering=0) as stream:
        stream.write(b"%d\n" % number)


def save_sessions(root: Path, start: int) -> None:
    from tests.unit.sessions.conftest import Visitor

    visitor = Visitor(root)
    cookie = root / "cookie"
    if cookie.exists():
        visitor.jar["session_id_myapp"] = cookie.read_text()
    for number in count(start):
        with visitor.request() as session:
            session.n = number
            session.padding = str(number) * 5000
        if not cookie.exists():
            cookie.write_text(visitor.jar["session_id_myapp"])
        acknowledge(root, number)


def save_values(root: Path, start: int) -> None:
    from runtime.cache import CacheOnDisk

    disk = CacheOnDisk(folder=str(root / "cache"))
    for number in count(start):
        disk("n", lambda number=number: (number, str(number) * 5000), 0)
        disk(f"k{number % 50}", lambda number=number: (number, str(number) * 500), 0)
        acknowledge(root, number)


def serve() -> None:
    """Fork a writer for each line of standard input, ``kind folder first``, and print its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for module in ("runtime.cache", "runtime.sessions", "tests.unit.sessions.conftest"):
        importlib.import_module(module)  # once, not in every writer

    for line in sys.stdin:
        kind, folder, first = line.split()
        pid = os.fork()
        if pid == 0:
            {"sessions": save_sessions, "cache": save_values}[kind](Path(folder), int(first))
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
