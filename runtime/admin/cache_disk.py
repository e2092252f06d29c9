"""The file of `cache.disk`: its room, what lies beside it, giving room back (CA-14)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from runtime.cache.disk import FILE, CacheOnDisk
from runtime.foundation.paths import safe_join
from runtime.foundation.problems import UserError

_STALE_AFTER = 3600.0
"""Seconds after which a lock or a half-written file belongs to nobody."""
_OWN = (FILE, f"{FILE}-wal", f"{FILE}-shm")


def disk_report(site: Path, application: str) -> dict[str, Any]:
    """Return what the cache folder takes, changing nothing.

    Returns:
        ``folder``; ``size`` of the file; ``reclaimable``: bytes that compacting gives back; ``free``: bytes
        on the disk; ``stale``: names below the folder, with their bytes, that belong to no key.
    """
    folder = _folder(site, application)
    path = folder / FILE
    report: dict[str, Any] = {"folder": str(folder), "size": 0, "reclaimable": 0, "free": 0, "stale": []}
    if folder.is_dir():
        report["free"] = shutil.disk_usage(folder).free
        report["stale"] = _stale(folder)
    if path.is_file():
        report["size"] = sum(os.path.getsize(folder / name) for name in _OWN if (folder / name).is_file())
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=2)) as db:
            pages = db.execute("PRAGMA freelist_count").fetchone()[0]
            report["reclaimable"] = pages * db.execute("PRAGMA page_size").fetchone()[0]
    return report


def compact(site: Path, application: str) -> dict[str, Any]:
    """Give unused room of the file back to the disk, delete what belongs to no key; return the new report.

    Raises:
        UserError: the file is in use just now.
    """
    folder = _folder(site, application)
    for name, _ in _stale(folder) if folder.is_dir() else ():
        (folder / name).unlink(missing_ok=True)
    if (folder / FILE).is_file():
        try:
            CacheOnDisk(folder=os.fspath(folder)).compact()
        except sqlite3.OperationalError as error:
            raise UserError(
                f"The cache file of {application} is in use: {error}. Try again later."
            ) from error
    return disk_report(site, application)


def _folder(site: Path, application: str) -> Path:
    folder = safe_join(site / "applications", application)
    if not application or not folder.is_dir():
        raise UserError(f"There is no application {application!r}.")
    return folder / "cache"


def _stale(folder: Path) -> list[tuple[str, int]]:
    out = []
    oldest = time.time() - _STALE_AFTER
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            if Path(parent) == folder and name in _OWN:
                continue
            try:
                info = path.stat()
            except OSError:
                continue
            if info.st_mtime < oldest:
                out.append((path.relative_to(folder).as_posix(), info.st_size))
    return sorted(out)
