"""The access log: one line per request, written away from the request's thread (CLI-13).

A line holds client address, time, method, path, protocol, status and seconds, with comma and blank between::

    127.0.0.1, 2026-11-21 11:22:40, GET, /welcome/default/index?a=b, HTTP/1.1, 200, 0.004512

The path may itself hold commas: count three fields from the left and three from the right.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from pathlib import Path
from typing import IO, Any

log = logging.getLogger("web2py.server")

_WAITING_LINES = 100_000  # more are dropped, and the number is said
_GATHER = 0.05  # seconds lines are collected before they are written
_OLD_FILES = 5  # kept beside a file that is rotated here
_LOOK_EVERY = 1.0  # seconds between looks whether the file was rotated away


class AccessLog:
    """Appends a line per request to `path`; `write` costs the request a queue entry.

    A file that was moved or deleted (log rotation) is opened anew within a second.

    Args:
        path: of the file.
        limit: bytes at which the file becomes ``NAME.1``, older ones ``.2`` to ``.5``; 0 lets it grow.

    Raises:
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, limit: int = 0) -> None:
        self.path = path
        self._limit = limit
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._dropped = 0
        self._stream = self._open()
        self._looked = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="hadron-access-log", daemon=True)
        self._thread.start()

    def write(self, record: dict[str, Any]) -> None:
        """Queue the line of a finished request; never waits."""
        if self._queue.qsize() < _WAITING_LINES:
            self._queue.put(record)
        else:
            self._dropped += 1

    def close(self) -> None:
        """Write what is queued and close the file."""
        self._queue.put(None)
        self._thread.join(timeout=5.0)

    def _open(self) -> IO[str]:
        return open(self.path, "a", encoding="utf-8", newline="\n")

    def _run(self) -> None:
        with_end = False
        while not with_end:
            records = [self._queue.get()]
            if records[0] is not None:
                time.sleep(_GATHER)  # one wake-up for many lines: each costs a running request its turn
            while not self._queue.empty() and len(records) < 1000:
                records.append(self._queue.get())
            with_end = records[-1] is None or None in records
            try:
                self._append([access_line(record) for record in records if record is not None])
            except OSError as error:
                log.error("access log %s cannot be written: %s", self.path, error)
        self._stream.close()

    def _append(self, lines: list[str]) -> None:
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._reopen_if_rotated()
        if self._dropped:
            log.warning("access log: %d lines were dropped, the disk is too slow", self._dropped)
            self._dropped = 0
        self._stream.write("".join(lines))
        self._stream.flush()
        if self._limit and self._stream.tell() >= self._limit:
            self._rotate()

    def _rotate(self) -> None:
        self._stream.close()
        for number in range(_OLD_FILES - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                os.replace(older, self.path.with_name(f"{self.path.name}.{number + 1}"))
        os.replace(self.path, self.path.with_name(f"{self.path.name}.1"))
        self._stream = self._open()

    def _reopen_if_rotated(self) -> None:
        ours = os.fstat(self._stream.fileno())
        try:
            there = os.stat(self.path)
        except OSError:
            there = None
        if there is None or (there.st_ino, there.st_dev) != (ours.st_ino, ours.st_dev):
            stream = self._open()
            self._stream.close()
            self._stream = stream


def access_line(record: dict[str, Any]) -> str:
    """Return the line of one request; what a client could use to fake lines is escaped."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record["time"]))
    fields = (
        _clean(record["client"]),
        when,
        _clean(record["method"]),
        _clean(record["path"]),
        _clean(record["protocol"]),
        str(record["status"]),
        f"{record['ms'] / 1000:.6f}",
    )
    return ", ".join(fields) + "\n"


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isascii() and c.isprintable() else f"%{ord(c) & 0xFF:02X}" for c in text)
