"""Looking into the caches of a site: keys, values, statistics; deleting them (CACHE-16, ADMIN-06, DESK-14).

`cache.ram` is that of the process that calls; a desktop asks the server's
process through the control channel, which takes `cache_commands`. All results
are what JSON can hold.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from runtime.admin.plain_text import TEXT_LIMIT, plain_text, type_name, unpickle_plain
from runtime.cache.disk import FILE, CacheOnDisk
from runtime.cache.ram import RamStore, ram_stores
from runtime.foundation.paths import safe_join
from runtime.foundation.problems import UserError
from runtime.routing.regex_guard import UnsafePattern, compile_guarded

STORES = ("ram", "disk")
LARGEST_PAGE = 1000
_TYPE_UP_TO = 65536
"""Bytes of a value on disk up to which the list tells its type."""
_SHOWN_UP_TO = 1 << 22


class CacheProblem(UserError):
    """There is no such application, store or key, or the pattern is not usable."""


class _Inspected(Protocol):
    """One store as this module sees it; keys are texts here."""

    def keys(self) -> list[str]: ...

    def describe(self, keys: list[str]) -> list[dict[str, Any]]: ...

    def show(self, key: str, limit: int) -> str | None: ...

    def delete(self, keys: list[str]) -> int: ...

    def statistics(self) -> dict[str, Any]: ...


class _Ram:
    def __init__(self, store: RamStore) -> None:
        self._store = store

    def keys(self) -> list[str]:
        return [_text(key) for key in self._store.names()]

    def describe(self, keys: list[str]) -> list[dict[str, Any]]:
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
        entry = self._store.entries.get(self._real(key))
        return None if entry is None else plain_text(entry.value, limit)

    def delete(self, keys: list[str]) -> int:
        return self._store.remove_all([self._real(key) for key in keys])

    def statistics(self) -> dict[str, Any]:
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


class _Disk:
    def __init__(self, model: CacheOnDisk) -> None:
        self._model = model

    def keys(self) -> list[str]:
        return self._model.keys()

    def describe(self, keys: list[str]) -> list[dict[str, Any]]:
        now = time.time()
        found = self._model.sizes(keys)
        return [
            {"key": key, "type": _type_of(data), "size": len(data), "age": now - stored}
            for key, (stored, data) in found.items()
        ]

    def show(self, key: str, limit: int) -> str | None:
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

    def delete(self, keys: list[str]) -> int:
        return self._model.delete(keys)

    def statistics(self) -> dict[str, Any]:
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


def _store(site: Path, application: str, store: str) -> _Inspected | None:
    """Return the store; None when nothing was kept in it yet.

    Raises:
        CacheProblem: no such application or store.
    """
    if store not in STORES:
        raise CacheProblem(f"There is no cache {store!r}; there are: {', '.join(STORES)}.")
    folder = safe_join(site / "applications", application)
    if not application or not folder.is_dir():
        raise CacheProblem(f"There is no application {application!r}.")
    if store == "ram":
        found = ram_stores().get(application)
        return None if found is None else _Ram(found)
    if not (folder / "cache" / FILE).is_file():
        return None  # looking makes no file
    return _Disk(CacheOnDisk(folder=os.fspath(folder / "cache")))


def _chosen(keys: list[str], prefix: str, regex: str | None) -> list[str]:
    if regex:
        try:
            match = compile_guarded(regex).match
        except UnsafePattern as error:
            raise CacheProblem(f"This pattern can not be used: {error}") from None
        keys = [key for key in keys if match(key)]
    return [key for key in keys if key.startswith(prefix)] if prefix else keys


def list_keys(
    site: Path,
    application: str,
    store: str = "ram",
    *,
    prefix: str = "",
    regex: str | None = None,
    offset: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """Return one page of the keys of a cache, in alphabetical order.

    Args:
        site: the site folder.
        application: whose cache.
        store: ``ram`` or ``disk``.
        prefix: only keys that begin so.
        regex: only keys whose beginning matches, as `clear(regex=...)` does.
        offset: number of keys to pass over.
        limit: most keys of the page, 1000 at most.

    Returns:
        `total`, the number of keys chosen; `keys`, each with `key`, `type`
        (empty for a large value on disk), `size` in bytes, `age` in seconds.

    Raises:
        CacheProblem: no such application or store; a pattern that is invalid or could take endless time.
    """
    found = _store(site, application, store)
    if found is None:
        return {"total": 0, "offset": offset, "keys": []}
    chosen = sorted(_chosen(found.keys(), prefix, regex))
    page = chosen[max(0, offset) : max(0, offset) + max(0, min(limit, LARGEST_PAGE))]
    return {"total": len(chosen), "offset": offset, "keys": found.describe(page)}


def show_value(
    site: Path, application: str, key: str, store: str = "ram", limit: int = TEXT_LIMIT
) -> dict[str, Any]:
    """Return one key with its type, size, age, and `text`: the value as text, made without running its code.

    Raises:
        CacheProblem: there is no such key (any more).
    """
    found = _store(site, application, store)
    described = found.describe([key]) if found is not None else []
    text = found.show(key, max(1, min(limit, 1_000_000))) if found is not None else None
    if not described or text is None:
        raise CacheProblem(f"The key {key!r} is not in cache.{store} of {application} (any more).")
    return described[0] | {"text": text}


def delete_keys(site: Path, application: str, keys: list[str], store: str = "ram") -> int:
    """Delete keys; return how many were there."""
    found = _store(site, application, store)
    return found.delete(keys) if found is not None else 0


def clear(
    site: Path, application: str, store: str = "ram", *, prefix: str = "", regex: str | None = None
) -> int:
    """Delete the keys that `list_keys` would list, all without `prefix` and `regex`; return how many.

    Raises:
        CacheProblem: see `list_keys`.
    """
    found = _store(site, application, store)
    return found.delete(_chosen(found.keys(), prefix, regex)) if found is not None else 0


def statistics(site: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return per application and store: entries, bytes, hits, misses, evictions and ratio of this process."""
    folder = site / "applications"
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for name in names:
        for store in STORES:
            found = _store(site, name, store)
            if found is not None:
                out.setdefault(name, {})[store] = found.statistics()
    return out


def cache_commands(site: str | os.PathLike[str]) -> dict[str, Callable[..., Any]]:
    """Return the functions of this module for one site, by the names of control commands."""
    root = Path(site)
    return {
        "cache_keys": lambda **options: list_keys(root, **options),
        "cache_value": lambda **options: show_value(root, **options),
        "cache_delete": lambda **options: delete_keys(root, **options),
        "cache_clear": lambda **options: clear(root, **options),
        "cache_statistics": lambda: statistics(root),
    }
