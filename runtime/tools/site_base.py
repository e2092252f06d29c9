"""A small database that all processes and threads of a site share, in its folder ``private/``."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

BUSY_SECONDS = 5.0

Result = TypeVar("Result")

_making = threading.Lock()
"""Held while a file is made: closing it by hand gives back every POSIX lock this process has in it.

A second thread would lose its transaction to another process; both would then wait for each other.
"""


class SiteBase:
    """The database; methods may be called from any thread. It holds what may be lost: it is not synced.

    Where the file can not be used, the process keeps one in memory for itself and says so once.

    Args:
        path: of the file, which only its owner can read.
        statements: that make the tables, each ``IF NOT EXISTS``.
        logger: where troubles are told.
        what: what each process does by itself where the file can not be used, for the log.
    """

    def __init__(self, path: Path, statements: tuple[str, ...], logger: logging.Logger, what: str) -> None:
        self._path, self._statements = path, statements
        self._logger, self._what = logger, what
        self._lock = threading.Lock()
        self._own: sqlite3.Connection | None = None

    def do(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Return what `work` returns, which gets a connection in a transaction that nobody else shares.

        Args:
            work: does its statements; called once more where the disk takes none of them.
        """
        base = self._open()
        if base is not None:
            try:
                result = work(base)
                base.execute("COMMIT")
                if self._own is not None:  # what was noted there while the file was of no use changes too
                    with self._lock:
                        work(self._own)
                return result
            except sqlite3.OperationalError as error:  # a full disk
                self._tell(error)
            finally:
                base.close()  # undoes what was not committed
        with self._lock:
            return work(self._memory())

    def _open(self) -> sqlite3.Connection | None:
        """Return a connection with an open transaction; None where the file can not be used."""
        for again in (True, False):
            try:
                return self._begin()
            except sqlite3.OperationalError as error:  # locked for long, or a folder that can not be written
                self._tell(error)
                return None
            except (sqlite3.DatabaseError, OSError) as error:
                self._tell(error)
                if isinstance(error, OSError) or not again:
                    return None
                with contextlib.suppress(OSError):  # it is no database any more: begin anew
                    self._path.unlink()
        return None

    def _begin(self) -> sqlite3.Connection:
        with _making:
            if not self._path.exists():
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        base = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            base.execute("PRAGMA synchronous = OFF")
            base.execute("BEGIN IMMEDIATE")
            for statement in self._statements:
                base.execute(statement)
        except BaseException:
            base.close()
            raise
        return base

    def _memory(self) -> sqlite3.Connection:
        if self._own is None:
            self._own = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            for statement in self._statements:
                self._own.execute(statement)
        return self._own

    def _tell(self, error: Exception) -> None:
        if self._own is None:
            self._logger.warning(
                "%s can not be used; this process %s by itself: %s", self._path, self._what, error
            )


def digest(key: str) -> bytes:
    """Return what stands for a name or an address, so that the file holds neither."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
