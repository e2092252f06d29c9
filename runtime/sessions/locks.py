"""Locks of sessions: between threads at once, between processes by a file (LOCK-01, LOCK-07, LOCK-09)."""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass, field
from typing import IO, Any

import portalocker

logger = logging.getLogger("web2py.session")

WAIT_LIMIT = 60.0
"""Seconds that a request waits for a session before it gives up."""
NOTICE_AFTER = 5.0
"""Seconds of waiting after which the log names the address that holds the lock (LOCK-07)."""


class SessionLockTimeout(Exception):
    """Another request kept the session's lock for too long; the text names it."""


@dataclass(slots=True)
class _Lock:
    """The lock of one session in this process."""

    thread: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    holder: str = ""
    since: float = 0.0


class Held:
    """A lock that is held; `release` gives it back, once."""

    def __init__(self, locks: SessionLocks, key: str, stream: IO[Any] | None) -> None:
        self._locks = locks
        self._key = key
        self._stream = stream

    def release(self) -> None:
        """Give the lock back; calling it again does nothing."""
        locks, self._locks = self._locks, None  # type: ignore[assignment]  # released: nothing to give back
        if locks is not None:
            _unlock_file(f"{self._key}.lock", self._stream)
            locks._leave(self._key)


class SessionLocks:
    """All session locks of this process."""

    def __init__(self) -> None:
        self._locks: dict[str, _Lock] = {}
        self._guard = threading.Lock()

    def acquire(self, key: str, address: str) -> Held:
        """Wait for the lock of the session `key` and hold it.

        Args:
            key: path that names the session; the lock file lies beside it.
            address: address of the request, named to those who wait.

        Raises:
            SessionLockTimeout: it was not free within `WAIT_LIMIT` seconds.
        """
        with self._guard:
            lock = self._locks.setdefault(key, _Lock())
            lock.users += 1
        began = time.monotonic()
        try:
            if not lock.thread.acquire(timeout=NOTICE_AFTER):
                logger.warning(
                    "%s waits for the session that %s holds", address, lock.holder or "another process"
                )
                if not lock.thread.acquire(timeout=WAIT_LIMIT - NOTICE_AFTER):
                    raise SessionLockTimeout(
                        f"{lock.holder} holds the session for more than {WAIT_LIMIT:.0f} s"
                    )
        except BaseException:
            self._forget(key, lock)
            raise
        try:
            stream = _lock_file(f"{key}.lock", began + WAIT_LIMIT)
        except BaseException:
            lock.thread.release()
            self._forget(key, lock)
            raise
        lock.holder, lock.since = address, time.time()
        return Held(self, key, stream)

    def _leave(self, key: str) -> None:
        lock = self._locks[key]
        lock.holder = ""
        lock.thread.release()
        self._forget(key, lock)

    def _forget(self, key: str, lock: _Lock) -> None:
        with self._guard:
            lock.users -= 1
            if lock.users == 0:
                self._locks.pop(key, None)

    def waiting(self) -> list[dict[str, Any]]:
        """Return the sessions that requests wait for: who holds each, since when, how many wait."""
        with self._guard:
            return [
                {"holder": lock.holder, "since": lock.since, "waiting": lock.users - 1}
                for lock in self._locks.values()
                if lock.users > 1
            ]


session_locks = SessionLocks()


def _lock_file(path: str, end: float) -> IO[Any] | None:
    """Hold the lock file `path`; a file that its holder has removed meanwhile does not count."""
    pause = 0.002
    while True:
        try:
            stream = open(path, "a")
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            continue
        try:
            portalocker.lock(stream, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
            if _same_file(stream, path):
                return stream
        except portalocker.exceptions.LockException:
            if time.monotonic() > end:
                stream.close()
                raise SessionLockTimeout("another process holds the session for too long") from None
            time.sleep(pause)
            pause = min(pause * 2, 0.05)
        stream.close()


def _same_file(stream: IO[Any], path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), os.stat(path))
    except OSError:
        return False


def _unlock_file(path: str, stream: IO[Any] | None) -> None:
    if stream is None:
        return
    try:
        os.unlink(path)  # while it is still held: who opened it before will see that it is gone
    except OSError:
        pass  # Windows keeps open files; the cleaner takes it away
    stream.close()
