"""Copies of SQLite files that somebody may be writing to: as of one instant, never half a transaction."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

_ENDINGS = (".sqlite", ".sqlite3", ".db", ".spatialite")
_COMPANIONS = ("-journal", "-wal", "-shm")
_BROKEN = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_WAIT = 30.0
"""Seconds to wait for somebody who keeps a file locked."""


def companions(names: Iterable[str]) -> set[str]:
    """Return which of the file names of a folder are journals of databases in it; a snapshot needs none."""
    there = {name for name in names if name.endswith(_ENDINGS)}
    return {base + end for base in there for end in _COMPANIONS}


def copy_file(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> str:
    """Copy a file, a SQLite database as a snapshot; as `shutil.copy2`, which it stands in for.

    Raises:
        OSError: it can not be read or written, or a database is locked for more than 30 seconds.
    """
    if snapshot(Path(source), Path(target)):
        shutil.copystat(source, target)
        return os.fspath(target)
    return os.fspath(shutil.copy2(source, target))


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, a SQLite database as a snapshot.

    Raises:
        OSError: it can not be read, or a database is locked for more than 30 seconds.
    """
    if not _may_be_database(path):
        with path.open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryDirectory(prefix="snapshot-") as scratch:
        copy = Path(scratch) / "copy"
        with (copy if snapshot(path, copy) else path).open("rb") as stream:
            yield stream


def snapshot(source: Path, target: Path) -> bool:
    """Copy the SQLite database `source` to the new file `target`; False where it is none.

    It is opened by SQLite alone: closing it by hand would give back the locks of this process.

    Raises:
        OSError: somebody keeps it locked for more than 30 seconds, or it can not be read or written.
    """
    if not _may_be_database(source):
        return False
    end = time.monotonic() + _WAIT

    def on_step(status: int, _left: int, _total: int) -> None:
        if status not in (sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE) and time.monotonic() > end:
            raise OSError(f"{source} is locked for more than {_WAIT:.0f} seconds")

    try:
        with closing(_connected(source)) as reading, closing(sqlite3.connect(target)) as writing:
            reading.backup(writing, progress=on_step)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if not isinstance(error, sqlite3.Error):
            raise
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
            return False  # its bytes are copied as they are
        raise OSError(f"{source} can't be copied: {error}") from error
    return True


def _may_be_database(path: Path) -> bool:
    return path.suffix in _ENDINGS and path.stat().st_size > 0


def _connected(source: Path) -> sqlite3.Connection:
    """Open a database; only where it may be written, a transaction that a crash cut off is undone first."""
    mode = "rw" if os.access(source, os.W_OK) and os.access(source.parent, os.W_OK) else "ro"
    return sqlite3.connect(f"{source.resolve().as_uri()}?mode={mode}", uri=True, timeout=1)
