"""Locks of sessions: between threads, and by a second lock between processes (LOCK-01, LOCK-07, LOCK-09)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

logger = logging.getLogger("web2py.session")

WAIT_LIMIT = 60.0
"""Seconds that a request waits for a session before it gives up."""
NOTICE_AFTER = 5.0
"""Seconds of waiting after which the log names the address that holds the lock (LOCK-07)."""


class SessionLockTimeout(Exception):
    """Another request kept the session's lock for too long; the text names it."""


class SessionLockBusy(Exception):
    """The lock is not free, and the caller did not want to wait."""


class ProcessLock(Protocol):
    """A lock among processes: `runtime.sessions.range_locks.RangeLock`, or one in Redis."""

    def take(self, owner: str, timeout: float, on_wait: Callable[[float], None] | None = None) -> None:
        """Wait for it; `TimeoutError` when it was not free in time."""

    def drop(self) -> None:
        """Give it back."""

    def confirm(self) -> bool:
        """Tell whether it is still held; False when it ran out."""

    def holder(self) -> str:
        """Say who holds it."""


@dataclass(slots=True)
class _Lock:
    """The lock of one session in this process."""

    thread: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0
    holder: str = ""
    since: float = 0.0
    waiting: dict[int, str] = field(default_factory=dict)
    outer: ProcessLock | None = None


class Held:
    """A lock that is held; `release` gives it back, once."""

    __slots__ = ("_key", "_locks", "_outer")

    def __init__(self, locks: SessionLocks, key: str, outer: ProcessLock) -> None:
        self._locks: SessionLocks | None = locks
        self._key = key
        self._outer = outer

    def confirm(self) -> bool:
        """Tell whether the lock is still held among processes: one in Redis may have run out."""
        return self._outer.confirm()

    def release(self) -> None:
        """Give the lock back; calling it again does nothing."""
        locks, self._locks = self._locks, None
        if locks is None:
            return
        try:
            self._outer.drop()
        finally:
            locks._leave(self._key)


class SessionLocks:
    """All session locks of this process."""

    def __init__(self) -> None:
        self._locks: dict[str, _Lock] = {}
        self._guard = threading.Lock()

    def acquire(self, key: str, address: str, outer: ProcessLock, wait: bool = True) -> Held:
        """Hold the lock of the session `key`.

        Args:
            key: names the session in this process.
            address: address of the request, named to those who wait.
            outer: the lock that other processes see.
            wait: False gives up at once when it is not free.

        Raises:
            SessionLockBusy: it is not free and `wait` is False.
            SessionLockTimeout: it was not free within `WAIT_LIMIT` seconds.
        """
        with self._guard:
            lock = self._locks.setdefault(key, _Lock())
            lock.users += 1
        end = time.monotonic() + WAIT_LIMIT
        try:
            if not lock.thread.acquire(blocking=False):
                if not wait:
                    raise SessionLockBusy
                self._wait(lock, address)
        except BaseException:
            self._forget(key, lock)
            raise
        try:
            lock.outer = outer
            limit = max(0.0, end - time.monotonic()) if wait else 0.0
            outer.take(address, limit, _Notice(lock, address, outer))
        except BaseException as error:
            lock.waiting.pop(threading.get_ident(), None)
            lock.outer = None
            lock.thread.release()
            self._forget(key, lock)
            if isinstance(error, TimeoutError):
                if not wait:
                    raise SessionLockBusy from None
                raise SessionLockTimeout(_too_long(outer.holder())) from None
            raise
        lock.waiting.pop(threading.get_ident(), None)
        lock.holder, lock.since, lock.outer = address, time.time(), None
        return Held(self, key, outer)

    def _wait(self, lock: _Lock, address: str) -> None:
        lock.waiting[threading.get_ident()] = address
        try:
            if lock.thread.acquire(timeout=NOTICE_AFTER):
                return
            _log_wait(address, lock.holder)
            if not lock.thread.acquire(timeout=max(0.0, WAIT_LIMIT - NOTICE_AFTER)):
                raise SessionLockTimeout(_too_long(lock.holder))
        finally:
            lock.waiting.pop(threading.get_ident(), None)

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
        """Return the sessions that requests of this process wait for (LOCK-07).

        Returns:
            One dictionary each: `holder`, the address that holds it (of
            another process too); `since`, seconds since 1970, 0 when another
            process holds it; `waiting`, the addresses that wait.
        """
        with self._guard:
            locks = [(lock, list(lock.waiting.values())) for lock in self._locks.values()]
        return [
            {
                "holder": lock.holder or _holder_of(lock.outer),
                "since": lock.since if lock.holder else 0.0,
                "waiting": addresses,
            }
            for lock, addresses in locks
            if addresses
        ]


class _Notice:
    """Called while another process holds the lock: shows who waits, logs it once when it is late."""

    __slots__ = ("address", "lock", "outer", "told")

    def __init__(self, lock: _Lock, address: str, outer: ProcessLock) -> None:
        self.lock, self.address, self.outer, self.told = lock, address, outer, False

    def __call__(self, waited: float) -> None:
        self.lock.waiting[threading.get_ident()] = self.address
        if waited >= NOTICE_AFTER and not self.told:
            self.told = True
            _log_wait(self.address, self.outer.holder())


def _log_wait(address: str, holder: str) -> None:
    logger.warning("%s waits for the session that %s holds", address, holder or "another process")


def _holder_of(outer: ProcessLock | None) -> str:
    return (outer.holder() if outer is not None else "") or "another process"


def _too_long(holder: str) -> str:
    return f"{holder or 'another process'} holds the session for more than {WAIT_LIMIT:g} s"


session_locks = SessionLocks()
