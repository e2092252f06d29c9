"""`cache.disk`: one SQLite file per application, shared by processes, safe against crashes (CACHE-03)."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from runtime.cache.model import CacheModel, KeyLocks, Statistics, fresh, never_fresh, pickled
from runtime.foundation.locks import LockFile

logger = logging.getLogger("web2py.cache")

FILE = "cache.sqlite"
COMPUTE_LIMIT = 60.0
"""Seconds that a process waits for another one to compute a value; then it computes itself."""
_SWITCH_SECONDS = 10.0
_SCHEMA = "CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, stored REAL NOT NULL, value BLOB NOT NULL)"
_LOCKS = KeyLocks()
_LOCAL = threading.local()
_STATISTICS: dict[str, Statistics] = {}
_T = TypeVar("_T")


class CacheOnDisk(CacheModel):
    """`cache.disk` of one application.

    Args:
        request: names the application by its folder.
        folder: folder of the store instead of the application's ``cache/``.
    """

    def __init__(self, request: Any = None, folder: str | None = None) -> None:
        self.folder = folder or os.path.join(request.folder, "cache")
        self.path = os.path.join(self.folder, FILE)
        self.statistics = _STATISTICS.setdefault(self.path, Statistics())

    # -- the store --------------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection; opened again when the file is another one, or after a fork."""
        opened: dict[str, tuple[sqlite3.Connection, int, int]] = _LOCAL.__dict__.setdefault("opened", {})
        known = opened.get(self.path)
        if known is not None:
            connection, inode, pid = known
            try:
                if os.stat(self.path).st_ino == inode and pid == os.getpid():
                    return connection
            except OSError:
                pass
        os.makedirs(self.folder, exist_ok=True)
        connection = _open(self.path)
        opened[self.path] = (connection, os.stat(self.path).st_ino, os.getpid())
        return connection

    def _with(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do `work`; a file that turns out broken is set aside and a new one begun."""
        try:
            return work(self._connection())
        except sqlite3.DatabaseError as error:
            if not _is_broken(error):
                raise
            _LOCAL.__dict__.get("opened", {}).pop(self.path, None)
            _set_aside(self.path, error)
            return work(self._connection())

    def _read(self, key: str) -> tuple[float, Any] | None:
        row = self._with(
            lambda c: c.execute("SELECT stored, value FROM entry WHERE key = ?", (key,)).fetchone()
        )
        if row is None:
            return None
        try:
            return float(row[0]), pickle.loads(row[1])  # noqa: S301  # our own file in the application's folder
        except Exception:  # a class that is gone, or changed
            return None

    def _keep(self, key: str, value: Any) -> None:
        """Store `value`; a disk that is full or busy costs the next computation, not this request."""
        data = pickled(key, value)
        try:
            self._with(lambda c: _write(c, key, data))
        except (sqlite3.OperationalError, OSError) as error:
            logger.error("%s: the value of %r was not kept: %s", self.path, key, error)

    @contextmanager
    def _computing(self, key: str) -> Iterator[None]:
        """Keep the other threads and processes from computing the same key meanwhile."""
        with _LOCKS.of(f"{self.path}\0{key}") as first:
            if not first:
                yield  # the function asks for its own key: it must not wait for itself
                return
            name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
            lock = LockFile(os.path.join(self.folder, "computing", f"{name}.lock"))
            try:
                lock.take("", COMPUTE_LIMIT)
            except (TimeoutError, OSError) as error:
                logger.warning("%s: computed %r without its lock: %s", self.path, key, error)
            try:
                yield
            finally:
                lock.drop()

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
            self.delete([key])
            return None
        if never_fresh(time_expire):
            self.statistics.misses += 1
            value = f()
            self._keep(key, value)
            return value
        found = self._read(key)
        if found is None or not fresh(time.time() - found[0], time_expire):
            with self._computing(key):
                found = self._read(key)
                if found is None or not fresh(time.time() - found[0], time_expire):
                    self.statistics.misses += 1
                    value = f()
                    self._keep(key, value)
                    return value
        self.statistics.hits += 1
        return found[1]

    def clear(self, regex: str | None = None) -> None:
        """Delete the keys whose beginning matches `regex`, all without one (CACHE-11)."""
        if regex is None:
            self._with(lambda c: c.execute("DELETE FROM entry"))
            return
        match = re.compile(regex).match
        self.delete([key for key in self.keys() if match(key)])

    def delete(self, keys: list[str]) -> int:
        """Delete `keys` in one step; return how many were there."""

        def work(connection: sqlite3.Connection) -> int:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                return connection.executemany(
                    "DELETE FROM entry WHERE key = ?", [(key,) for key in keys]
                ).rowcount

        return self._with(work) if keys else 0

    def increment(self, key: str, value: float = 1) -> Any:
        """Add `value` to the number kept under `key`, 0 when there is none; exact between processes."""

        def work(connection: sqlite3.Connection) -> Any:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                found = self._read(key)
                total = (found[1] if found is not None else 0) + value
                _write(connection, key, pickled(key, total))
            return total

        return self._with(work)

    def keys(self) -> list[str]:
        """Return all keys in order."""
        return self._with(lambda c: [key for (key,) in c.execute("SELECT key FROM entry ORDER BY key")])

    def sizes(self, keys: list[str]) -> dict[str, tuple[float, bytes]]:
        """Return for each of `keys` that is there when it was stored and its pickle; nothing is unpickled."""

        def work(connection: sqlite3.Connection) -> dict[str, tuple[float, bytes]]:
            question = "SELECT stored, value FROM entry WHERE key = ?"
            rows = {key: connection.execute(question, (key,)).fetchone() for key in keys}
            return {key: (float(row[0]), bytes(row[1])) for key, row in rows.items() if row is not None}

        return self._with(work)

    def heads(self) -> list[tuple[str, float, int, bytes, bytes]]:
        """Return key, time, length, first and last bytes of every pickle; nothing is unpickled."""

        def work(connection: sqlite3.Connection) -> list[tuple[str, float, int, bytes, bytes]]:
            question = (
                "SELECT key, stored, length(value), substr(value, 1, 256), substr(value, -8) FROM entry"
            )
            return connection.execute(question).fetchall()

        return self._with(work)

    def compact(self) -> None:
        """Give the room of deleted values back to the disk."""
        self._with(lambda c: c.execute("VACUUM"))

    @property
    def storage(self) -> dict[str, tuple[float, Any]]:
        """A copy of what is kept, by key: when it was stored (seconds since 1970), and the value."""
        found = ((key, self._read(key)) for key in self.keys())
        return {key: entry for key, entry in found if entry is not None}

    def _report(self) -> dict[str, Any]:
        """Return hits and misses of this process, and entries and bytes of the shared file."""
        entries, size = self._with(
            lambda c: c.execute("SELECT count(*), coalesce(sum(length(value)), 0) FROM entry").fetchone()
        )
        return self.statistics.report(entries=entries, bytes=size)


def _write(connection: sqlite3.Connection, key: str, data: bytes) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO entry (key, stored, value) VALUES (?, ?, ?)", (key, time.time(), data)
    )


def _open(path: str) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if not _is_broken(error):
            raise  # locked, or no permission: the file itself is good
        _set_aside(path, error)
        return _connect(path)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _set_aside(path: str, error: Exception) -> None:
    logger.error("%s can not be read and is set aside as %s.broken: %s", path, os.path.basename(path), error)
    for ending in ("", "-wal", "-shm"):  # a log of the broken file must not meet the new one
        try:
            os.replace(path + ending, f"{path}.broken{ending}")
        except OSError:
            pass


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the journal; processes that make the file at once exclude each other without waiting."""
    end = time.monotonic() + _SWITCH_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
