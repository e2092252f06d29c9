"""The stores of a cache as they are looked into: in memory, and on disk."""

from __future__ import annotations

import time
from typing import Any, Protocol

from runtime.admin.cache_values import pickle_type, shown_value
from runtime.admin.plain_text import plain_text, type_name, unpickle_plain
from runtime.cache.disk import CacheOnDisk
from runtime.cache.ram import RamStore

_TYPE_UP_TO = 65536
"""Bytes of a value on disk up to which the list tells its type."""
_SHOWN_UP_TO = 1 << 22
Row = tuple[str, str, int, float]
"""Key, type (empty for what can't be read), bytes, age in seconds."""


class Inspected(Protocol):
    """One store; keys are texts here."""

    def keys(self) -> list[str]: ...

    def describe(self, keys: list[str]) -> list[dict[str, Any]]: ...

    def rows(self) -> list[Row]: ...

    def show(self, key: str, limit: int) -> str | None: ...

    def look(self, key: str, limit: int) -> dict[str, Any] | None: ...

    def delete(self, keys: list[str]) -> int: ...

    def statistics(self) -> dict[str, Any]: ...


class InRam:
    """The values of an application in the memory of this process."""

    def __init__(self, store: RamStore) -> None:
        self._store = store

    def keys(self) -> list[str]:
        """Return all keys."""
        return [_text(key) for key in self._store.names()]

    def describe(self, keys: list[str]) -> list[dict[str, Any]]:
        """Return what is known of some keys."""
        now = time.monotonic()
        out = []
        for key in keys:
            entry = self._store.entries.get(self._real(key))
            if entry is not None:
                out.append(
                    {
                        "key": key,
                        "type": type_name(entry.value),
                        "size": entry.size,
                        "age": now - entry.stored,
                    }
                )
        return out

    def show(self, key: str, limit: int) -> str | None:
        """Return a value as text."""
        entry = self._store.entries.get(self._real(key))
        return None if entry is None else plain_text(entry.value, limit)

    def rows(self) -> list[Row]:
        """Return all keys."""
        now = time.monotonic()
        out: list[Row] = []
        for name in self._store.names():
            entry = self._store.entries.get(name)
            if entry is not None:
                out.append((_text(name), type_name(entry.value), entry.size, now - entry.stored))
        return out

    def look(self, key: str, limit: int) -> dict[str, Any] | None:
        """Return the forms of a value."""
        entry = self._store.entries.get(self._real(key))
        if entry is None:
            return None
        return {
            "size_bytes": entry.size, "age": time.monotonic() - entry.stored, "type": type_name(entry.value),
            "fault": "", **shown_value(entry.value, limit),
        }  # fmt: skip

    def delete(self, keys: list[str]) -> int:
        """Delete keys; return how many were there."""
        return self._store.remove_all([self._real(key) for key in keys])

    def statistics(self) -> dict[str, Any]:
        """Return entries, bytes, hits and misses."""
        store = self._store
        return store.statistics.report(
            entries=len(store.entries),
            bytes=store.bytes,
            max_entries=store.max_entries,
            max_bytes=store.max_bytes,
        )

    def _real(self, key: str) -> Any:
        """Return the key whose text is `key`: applications may use other keys than texts."""
        if key in self._store.entries:
            return key
        return next((name for name in self._store.names() if _text(name) == key), key)


class OnDisk:
    """The values of an application in its file."""

    def __init__(self, model: CacheOnDisk) -> None:
        self._model = model

    def keys(self) -> list[str]:
        """Return all keys."""
        return self._model.keys()

    def describe(self, keys: list[str]) -> list[dict[str, Any]]:
        """Return what is known of some keys."""
        now = time.time()
        found = self._model.sizes(keys)
        return [
            {"key": key, "type": _type_of(data), "size": len(data), "age": now - stored}
            for key, (stored, data) in found.items()
        ]

    def show(self, key: str, limit: int) -> str | None:
        """Return a value as text."""
        found = self._model.sizes([key]).get(key)
        if found is None:
            return None
        data = found[1]
        if len(data) > _SHOWN_UP_TO:
            return f"<{len(data)} bytes>"
        try:
            return plain_text(unpickle_plain(data), limit)
        except ValueError as error:
            return f"<{len(data)} bytes, {error}>"

    def rows(self) -> list[Row]:
        """Return all keys; types by the first and last bytes, so that large values need not be read."""
        now = time.time()
        return [
            (key, pickle_type(head, tail), size, now - stored)
            for key, stored, size, head, tail in self._model.heads()
        ]

    def look(self, key: str, limit: int) -> dict[str, Any] | None:
        """Return the forms of a value."""
        found = self._model.sizes([key]).get(key)
        if found is None:
            return None
        stored, data = found
        facts: dict[str, Any] = {
            "size_bytes": len(data),
            "age": time.time() - stored,
            "type": "",
            "fault": "",
        }
        try:
            value = unpickle_plain(data)
        except ValueError as error:
            return facts | {"fault": f"{len(data)} bytes, {error}"}
        return facts | {"type": type_name(value)} | shown_value(value, limit)

    def delete(self, keys: list[str]) -> int:
        """Delete keys; return how many were there."""
        return self._model.delete(keys)

    def statistics(self) -> dict[str, Any]:
        """Return entries, bytes, hits and misses."""
        return self._model.stats()


def _text(key: Any) -> str:
    return key if type(key) is str else plain_text(key)


def _type_of(data: bytes) -> str:
    if len(data) > _TYPE_UP_TO:
        return ""
    try:
        return type_name(unpickle_plain(data))
    except ValueError:
        return ""
