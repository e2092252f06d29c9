"""What every cache model offers, its statistics, and locks by key."""

from __future__ import annotations

import pickle
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runtime.foundation.problems import UserError


class CacheError(UserError):
    """A value can not be kept, or a key not be handled; the text names it and says why."""


@dataclass(slots=True)
class Statistics:
    """Hits, misses and evictions since the process started."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0

    def report(self, **further: Any) -> dict[str, Any]:
        """Return the numbers, the ratio of hits in percent (None before the first use), and `further`."""
        asked = self.hits + self.misses
        return {
            "hits": self.hits,
            "misses": self.misses,
            "evictions": self.evictions,
            "ratio": self.hits * 100 / asked if asked else None,
        } | further


class Report:
    """What `stats` of a cache model is: called it returns the numbers, ``[application]`` those of old pages.

    ``controllers/appadmin.py`` of existing applications reads ``cache.ram.stats[request.application]``, with
    the keys ``hit_total`` and ``misses``.
    """

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make

    def __call__(self) -> dict[str, Any]:
        """Return hits, misses and ratio of this process, and what else the model knows."""
        return self._make()

    def __getitem__(self, application: str) -> dict[str, int]:
        now = self._make()
        return {"hit_total": now["hits"] + now["misses"], "misses": now["misses"]}


class CacheModel(ABC):
    """A place to keep values: called with a key and a function that computes the value."""

    def initialize(self) -> None:  # noqa: B027  # there is nothing for a model to add
        """Do nothing; old pages call it before they look into a model, which here is always ready."""

    @abstractmethod
    def __call__(self, key: str, f: Callable[[], Any] | None, time_expire: float | None = 300) -> Any:
        """Return the kept value of `key`, or compute and keep it; `f` None deletes the key."""

    @abstractmethod
    def clear(self, regex: str | None = None) -> None:
        """Delete the keys whose beginning matches `regex`, all without one."""

    @abstractmethod
    def increment(self, key: str, value: float = 1) -> Any:
        """Add `value` to the number under `key` and return the sum."""

    @property
    def stats(self) -> Report:
        """Hits, misses and ratio of this process, and what else the model knows: call it for a dictionary."""
        return Report(self._report)

    @abstractmethod
    def _report(self) -> dict[str, Any]:
        """Return what `stats()` does."""


class KeyLocks:
    """One lock per key that is in use, so that a value is computed once under a stampede."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[threading.Lock, int]] = {}
        self._guard = threading.Lock()
        self._mine = threading.local()

    @contextmanager
    def of(self, key: str) -> Iterator[bool]:
        """Hold the lock of `key` for the block; False when the same thread holds it already."""
        mine: set[str] = self._mine.__dict__.setdefault("keys", set())
        if key in mine:
            yield False
            return
        with self._guard:
            lock, users = self._locks.get(key) or (threading.Lock(), 0)
            self._locks[key] = (lock, users + 1)
        try:
            with lock:
                mine.add(key)
                try:
                    yield True
                finally:
                    mine.discard(key)
        finally:
            with self._guard:
                lock, users = self._locks[key]
                if users == 1:
                    del self._locks[key]
                else:
                    self._locks[key] = (lock, users - 1)


def pickled(key: str, value: Any) -> bytes:
    """Return `value` as bytes.

    Raises:
        CacheError: it can not be pickled (CACHE-13).
    """
    try:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise CacheError(
            f"the value of {key!r} can not be kept: {error}. Turn it into lists and dictionaries"
        ) from error


def fresh(age: float, time_expire: float | None) -> bool:
    """Tell whether a value of `age` seconds may be used (CACHE-06..08).

    A negative age, from a clock that was set back, counts up to `time_expire` too.
    """
    if time_expire is None:
        return True
    return time_expire > 0 and -time_expire <= age <= time_expire


def never_fresh(time_expire: float | None) -> bool:
    """Tell whether no kept value will do, so that nobody needs to wait for another's (CACHE-07)."""
    return time_expire is not None and time_expire <= 0
