"""What every cache model offers, and locks by key."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class CacheModel(ABC):
    """A place to keep values: called with a key and a function that computes the value."""

    @abstractmethod
    def __call__(self, key: str, f: Callable[[], Any] | None, time_expire: float | None = 300) -> Any:
        """Return the kept value of `key`, or compute and keep it; `f` None deletes the key."""

    @abstractmethod
    def clear(self, regex: str | None = None) -> None:
        """Delete the keys whose beginning matches `regex`, all without one."""

    @abstractmethod
    def increment(self, key: str, value: float = 1) -> Any:
        """Add `value` to the number under `key` and return the sum."""


class KeyLocks:
    """One lock per key that is in use, so that a value is computed once under a stampede."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[threading.RLock, int]] = {}
        self._guard = threading.Lock()

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        """Hold the lock of `key` for the block; the same thread may take it again."""
        with self._guard:
            lock, users = self._locks.get(key) or (threading.RLock(), 0)
            self._locks[key] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, users = self._locks[key]
                if users == 1:
                    del self._locks[key]
                else:
                    self._locks[key] = (lock, users - 1)
