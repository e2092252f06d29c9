"""`cache.disk`: one SQLite file per application, shared by processes, safe against crashes (CACHE-03)."""

from __future__ import annotations

import os
import pickle
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from runtime.cache.model import CacheModel, KeyLocks
from runtime.foundation.locks import file_lock
from runtime.foundation.problems import UserError

_SCHEMA = "CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, stored REAL NOT NULL, value BLOB NOT NULL)"
_LOCK_FILES = 16
_LOCKS = KeyLocks()
_LOCAL = threading.local()


class CacheError(UserError):
    """A value can not be kept; the text names its key and why."""


class CacheOnDisk(CacheModel):
    """`cache.disk` of one application.

    Args:
        request: names the application by its folder.
        folder: folder of the store instead of the application's ``cache/``.
    """

    def __init__(self, request: Any = None, folder: str | None = None) -> None:
        self.folder = folder or os.path.join(request.folder, "cache")
        self.path = os.path.join(self.folder, "cache.sqlite")
        self.hits = 0
        self.misses = 0

    # -- the store --------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection; a broken file is set aside and a new one begun."""
        connections: dict[str, sqlite3.Connection] = _LOCAL.__dict__.setdefault("connections", {})
        connection = connections.get(self.path)
        if connection is None or not os.path.exists(self.path):
            os.makedirs(self.folder, exist_ok=True)
            connection = connections[self.path] = _open(self.path)
        return connection

    def _read(self, key: str) -> tuple[float, Any] | None:
        row = self._connection().execute("SELECT stored, value FROM entry WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        try:
            return float(row[0]), pickle.loads(row[1])  # noqa: S301  # our own file in the application's folder
        except Exception:  # a class that is gone, or changed
            return None

    def _write(self, key: str, value: Any) -> None:
        try:
            data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            raise CacheError(
                f"the value of {key!r} can not be kept on disk: {error}. Turn it into lists and dictionaries"
            ) from error
        self._connection().execute(
            "INSERT OR REPLACE INTO entry (key, stored, value) VALUES (?, ?, ?)", (key, time.time(), data)
        )

    def _lock(self, key: str) -> Any:
        number = hash_of(key) % _LOCK_FILES
        os.makedirs(self.folder, exist_ok=True)
        return file_lock(os.path.join(self.folder, f"cache.{number}.lock"), timeout=60)

    # -- the model --------------------------------------------------------------------------------

    def __call__(self, key: str, f: Callable[[], Any] | None, time_expire: float | None = 300) -> Any:
        """Return the kept value of `key`, or compute it by `f` and keep it (CACHE-02..08).

        One thread of one process computes a missing value, the others wait for it.

        Args:
            key: name of the value.
            f: computes the value; None deletes the key.
            time_expire: seconds that the value may be old; None takes any
                age, 0 or less always computes.

        Raises:
            CacheError: the value can not be pickled (CACHE-13).
        """
        if f is None:
            self._connection().execute("DELETE FROM entry WHERE key = ?", (key,))
            return None
        found = self._read(key)
        if found is not None and _fresh(found[0], time_expire):
            self.hits += 1
            return found[1]
        with _LOCKS.of(f"{self.path}\0{key}"), self._lock(key):
            newer = self._read(key)
            if (
                newer is not None
                and (found is None or newer[0] != found[0])
                and _fresh(newer[0], time_expire)
            ):
                self.hits += 1
                return newer[1]
            self.misses += 1
            value = f()
            self._write(key, value)
        return value

    def clear(self, regex: str | None = None) -> None:
        """Delete the keys whose beginning matches `regex`, all without one (CACHE-11)."""
        connection = self._connection()
        if regex is None:
            connection.execute("DELETE FROM entry")
            return
        match = re.compile(regex).match
        keys = [(key,) for (key,) in connection.execute("SELECT key FROM entry") if match(key)]
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("DELETE FROM entry WHERE key = ?", keys)

    def increment(self, key: str, value: float = 1) -> Any:
        """Add `value` to the number kept under `key`, 0 when there is none; exact between processes."""
        connection = self._connection()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            found = self._read(key)
            total = (found[1] if found is not None else 0) + value
            self._write(key, total)
        return total

    def keys(self) -> list[str]:
        """Return all keys."""
        return [key for (key,) in self._connection().execute("SELECT key FROM entry ORDER BY key")]


def _open(path: str) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, or no permission: the file itself is good
        os.replace(path, f"{path}.broken")
        return _connect(path)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(_SCHEMA)
    return connection


def hash_of(key: str) -> int:
    """Return a number for `key` that is the same in every process."""
    total = 0
    for byte in key.encode("utf-8", "surrogatepass"):
        total = (total * 31 + byte) & 0xFFFFFFFF
    return total


def _fresh(stored: float, time_expire: float | None) -> bool:
    if time_expire is None:
        return True
    age = time.time() - stored
    return time_expire > 0 and -time_expire <= age <= time_expire  # below 0: the clock was set back
