"""`cache.ram`: values kept in the memory of this process, bounded, the least recently used leaving first."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from runtime.cache.model import CacheModel, KeyLocks, Statistics, never_fresh

DEFAULT_ENTRIES = 100_000
DEFAULT_BYTES = 256 * 1024 * 1024


class Entry(NamedTuple):
    """A kept value: when it was stored (monotonic seconds), the value, its size in bytes (estimated)."""

    stored: float
    value: Any
    size: int


class RamStore:
    """All values of one application in this process.

    Args:
        max_entries: number of values kept.
        max_bytes: estimated bytes kept; a single larger value is not kept at all.
    """

    def __init__(self, max_entries: int = DEFAULT_ENTRIES, max_bytes: int = DEFAULT_BYTES) -> None:
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.entries: OrderedDict[str, Entry] = OrderedDict()
        self.bytes = 0
        self.statistics = Statistics()
        self.lock = threading.Lock()
        self.key_locks = KeyLocks()

    def put(self, key: str, value: Any) -> None:
        """Store `value`; the least recently used leave while a bound is passed."""
        entry = Entry(time.monotonic(), value, _size_of(value) + sys.getsizeof(key, 64))
        with self.lock:
            self._drop(key)
            if entry.size > self.max_bytes:
                return
            self.entries[key] = entry
            self.bytes += entry.size
            while len(self.entries) > self.max_entries or self.bytes > self.max_bytes:
                self._drop(next(iter(self.entries)))
                self.statistics.evictions += 1

    def remove(self, key: str) -> None:
        """Forget `key`."""
        with self.lock:
            self._drop(key)

    def remove_all(self, keys: list[str]) -> int:
        """Forget `keys`; return how many were there."""
        with self.lock:
            before = len(self.entries)
            for key in keys:
                self._drop(key)
            return before - len(self.entries)

    def names(self) -> list[str]:
        """Return all keys, the least recently used first."""
        while True:
            try:
                return list(self.entries)
            except RuntimeError:  # a hit in another thread has moved an entry meanwhile
                continue

    def _drop(self, key: str) -> None:
        entry = self.entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size


_STORES: dict[str, RamStore] = {}
_STORES_LOCK = threading.Lock()


def ram_stores() -> dict[str, RamStore]:
    """Return all stores of this process by application."""
    return dict(_STORES)


def ram_store(application: str) -> RamStore:
    """Return the store of `application` in this process (CACHE-01)."""
    store = _STORES.get(application)
    if store is None:
        with _STORES_LOCK:
            store = _STORES.setdefault(application, RamStore())
    return store


class CacheInRam(CacheModel):
    """`cache.ram` of one application.

    Args:
        request: names the application; None shares one store among all that pass None.
    """

    def __init__(self, request: Any = None) -> None:
        self.store = ram_store(request.application if request is not None else "")

    def __call__(
        self,
        key: str,
        f: Callable[[], Any] | None,
        time_expire: float | None = 300,
        destroyer: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Return the kept value of `key`, or compute it by `f` and keep it (CACHE-02, CACHE-04..08).

        Threads that ask for the same missing key wait for one computation (CACHE-18).

        Args:
            key: name of the value.
            f: computes the value; None deletes the key (CACHE-12).
            time_expire: seconds that the value may be old; None takes any
                age, 0 or less always computes.
            destroyer: called with the old value when it is replaced or deleted.
        """
        store = self.store
        entry = store.entries.get(key)
        if f is None:
            store.remove(key)
            if entry is not None and destroyer is not None:
                destroyer(entry.value)
            return None
        if entry is not None and _fresh(entry, time_expire):
            store.statistics.hits += 1
            try:
                store.entries.move_to_end(key)
            except KeyError:
                pass  # removed by another thread meanwhile; the value is good all the same
            return entry.value
        if never_fresh(time_expire):  # nobody waits for a value that will not do
            value = self._compute(key, f)
        else:
            with store.key_locks.of(key):
                newer = store.entries.get(key)
                if newer is not None and _fresh(newer, time_expire):
                    store.statistics.hits += 1
                    return newer.value
                value = self._compute(key, f)
        if entry is not None and destroyer is not None:
            destroyer(entry.value)
        return value

    def _compute(self, key: str, f: Callable[[], Any]) -> Any:
        self.store.statistics.misses += 1
        value = f()
        self.store.put(key, value)
        return value

    def clear(self, regex: str | None = None) -> None:
        """Delete the keys whose beginning matches `regex`, all without one (CACHE-11)."""
        store = self.store
        if regex is None:
            with store.lock:
                store.entries.clear()
                store.bytes = 0
            return
        match = re.compile(regex).match
        store.remove_all([key for key in store.names() if isinstance(key, str) and match(key)])

    def increment(self, key: str, value: float = 1) -> Any:
        """Add `value` to the number kept under `key`, 0 when there is none; return the sum (CACHE-17)."""
        store = self.store
        with store.key_locks.of(key):
            entry = store.entries.get(key)
            total = (entry.value if entry is not None else 0) + value
            store.put(key, total)
        return total

    @property
    def storage(self) -> dict[str, tuple[float, Any]]:
        """A copy of what is kept, by key: when it was stored (seconds since 1970), and the value."""
        shift, entries = time.time() - time.monotonic(), self.store.entries
        found = ((key, entries.get(key)) for key in self.store.names())
        return {key: (entry.stored + shift, entry.value) for key, entry in found if entry is not None}

    def _report(self) -> dict[str, Any]:
        """Return hits, misses, evictions, entries, bytes, and the ratio of hits in percent (None unused)."""
        store = self.store
        return store.statistics.report(entries=len(store.entries), bytes=store.bytes)


def _fresh(entry: Entry, time_expire: float | None) -> bool:
    if time_expire is None:
        return True
    return time_expire > 0 and time.monotonic() - entry.stored <= time_expire


def _size_of(value: Any) -> int:
    try:
        return estimated_size(value)
    except Exception:  # a value whose own code fails when it is looked at is kept all the same
        return 64


def estimated_size(value: Any, depth: int = 3, items: int = 16) -> int:
    """Return about how many bytes `value` takes: containers to `depth` levels, long ones by sample."""
    size = sys.getsizeof(value, 64)
    if depth == 0:
        return size
    if isinstance(value, dict):
        sample = [part for pair in list(dict.items(value))[: max(1, items // 2)] for part in pair]
        total = dict.__len__(value) * 2
    elif isinstance(value, (list, tuple, set, frozenset)):
        sample = list(value)[:items]
        total = len(value)
    else:
        inner = getattr(value, "__dict__", None)
        return size + (estimated_size(inner, depth - 1, items) if inner else 0)
    if not sample:
        return size
    counted = sum(estimated_size(part, depth - 1, max(1, items // 3)) for part in sample)
    return size + counted * total // len(sample)
