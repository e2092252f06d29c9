"""Looking into the caches of a site: keys, values, statistics; deleting them (CACHE-16, ADMIN-06, DESK-14).

`cache.ram` is that of the process that calls; a desktop asks the server's
process through the control channel, which takes `cache_commands`. All results
are what JSON can hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from runtime.admin.cache_remote import MemcachedStore, RedisStore, remote_stores
from runtime.admin.cache_stores import InRam, Inspected, OnDisk, Row
from runtime.admin.plain_text import TEXT_LIMIT
from runtime.cache.disk import FILE, CacheOnDisk
from runtime.cache.ram import ram_stores
from runtime.foundation.paths import safe_join
from runtime.foundation.problems import UserError
from runtime.routing.regex_guard import UnsafePattern, compile_guarded

T = TypeVar("T")
STORES = ("ram", "disk")
LARGEST_PAGE = 1000
ROWS_AT_ONCE = 50_000
"""Most keys of one answer of `list_rows`."""


class CacheProblem(UserError):
    """There is no such application, store or key, or the pattern is not usable."""


def _store(site: Path, application: str, store: str) -> Inspected | None:
    """Return the store; None when nothing was kept in it yet.

    Raises:
        CacheProblem: no such application or store.
    """
    if store not in STORES:
        raise CacheProblem(f"There is no cache {store!r}; there are: {', '.join(STORES)}.")
    folder = _check_application(site, application)
    if store == "ram":
        found = ram_stores().get(application)
        return None if found is None else InRam(found)
    if not (folder / "cache" / FILE).is_file():
        return None  # looking makes no file
    return OnDisk(CacheOnDisk(folder=os.fspath(folder / "cache")))


def _check_application(site: Path, application: str) -> Path:
    folder = safe_join(site / "applications", application)
    if not application or not folder.is_dir():
        raise CacheProblem(f"There is no application {application!r}.")
    return folder


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


# -- all stores, for a panel -------------------------------------------------------------------------


def _any_store(site: Path, application: str, store: str) -> Inspected | RedisStore | MemcachedStore | None:
    if store in STORES:
        return _store(site, application, store)
    _check_application(site, application)
    found = remote_stores(application).get(store)
    if found is None:
        raise CacheProblem(f"There is no cache {store!r} in this process.")
    return found


def list_stores(site: Path, application: str) -> list[dict[str, Any]]:
    """Return the stores of an application that this process knows (CA-01).

    Returns:
        for each ``store`` (its name), ``title``, ``kind`` (``ram``, ``disk``, ``redis``, ``memcached``),
        ``pid`` of this process, hits, misses, evictions, ratio; entries and bytes where these are known.

    Raises:
        CacheProblem: no such application.
    """
    out = []
    for name in STORES:
        found = _store(site, application, name)
        facts = found.statistics() if found is not None else {"entries": 0, "bytes": 0, "ratio": None}
        out.append({"store": name, "title": name, "kind": name, "pid": os.getpid(), **facts})
    for name, remote in remote_stores(application).items():
        facts = remote.statistics()
        out.append({"store": name, "title": remote.title, "kind": remote.kind, "pid": os.getpid(), **facts})
    return out


def list_rows(
    site: Path, application: str, store: str = "ram", after: int = 0, limit: int = ROWS_AT_ONCE
) -> dict[str, Any]:
    """Return keys of a store, unordered, as short rows: key, type, bytes, age (CA-02).

    Args:
        after: number of rows to pass over.
        limit: most rows; 50 000 at most.

    Returns:
        ``rows``; ``more``: there are others behind these.

    Raises:
        CacheProblem: no such application or store; it does not answer.
    """
    limit = max(1, min(limit, ROWS_AT_ONCE))
    place = (str(site), application, store)
    rows = _pages.pop(place, None) if after else None
    if rows is None:
        found = _any_store(site, application, store)
        rows = _answered(found.rows, store) if found is not None else []
    more = len(rows) > after + limit
    if more:
        _pages.clear()  # one listing at a time is kept until its last page
        _pages[place] = rows
    return {"rows": rows[after : after + limit], "more": more}


_pages: dict[tuple[str, str, str], list[Row]] = {}


def look(site: Path, application: str, key: str, store: str = "ram", limit: int = 65536) -> dict[str, Any]:
    """Return a value in all its forms (see `cache_values.shown_value`), its type, bytes and age (CA-05).

    Raises:
        CacheProblem: there is no such key (any more).
    """
    found = _any_store(site, application, store)
    limit = max(1, min(limit, 4_000_000))
    seen = _answered(lambda: found.look(key, limit), store) if found is not None else None
    if seen is None:
        raise CacheProblem(f"The key {key!r} is not in cache.{store} of {application} (any more).")
    return {"key": key, "store": store, **seen}


def delete_from(site: Path, application: str, keys: list[str] | None, store: str = "ram") -> int:
    """Delete keys, or with None all of them, from any store; return how many were there (CA-06).

    Raises:
        CacheProblem: no such application or store; it does not answer.
    """
    found = _any_store(site, application, store)
    if found is None:
        return 0
    if keys is not None:
        return _answered(lambda: found.delete(keys), store)
    if isinstance(found, (RedisStore, MemcachedStore)):
        return _answered(found.clear, store)
    return found.delete(found.keys())


def _answered(question: Callable[[], T], store: str) -> T:
    """Return the answer of a store; a server that does not answer becomes a sentence."""
    try:
        return question()
    except UserError:
        raise
    except Exception as error:
        raise CacheProblem(f"cache.{store} does not answer: {error}") from error


def cache_commands(site: str | os.PathLike[str]) -> dict[str, Callable[..., Any]]:
    """Return the functions of this module for one site, by the names of control commands."""
    root = Path(site)
    return {
        "cache_keys": lambda **options: list_keys(root, **options),
        "cache_value": lambda **options: show_value(root, **options),
        "cache_delete": lambda **options: delete_keys(root, **options),
        "cache_clear": lambda **options: clear(root, **options),
        "cache_statistics": lambda: statistics(root),
        "cache_stores": lambda **options: list_stores(root, **options),
        "cache_rows": lambda **options: list_rows(root, **options),
        "cache_look": lambda **options: look(root, **options),
        "cache_remove": lambda **options: delete_from(root, **options),
    }
