"""Counts of failures that all processes and threads of a site share, in a small file of its own (SEC).

``private/attempts.sqlite`` of the site holds for each key a number and a time, never a name or an address:
keys are digests. It is not synced to the disk, since losing it costs nothing but some waits.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from pathlib import Path

from runtime.tools.site_base import SiteBase, digest

logger = logging.getLogger("web2py.attempts")

FILE = "private/attempts.sqlite"
KEPT = 20_000
"""Keys of one kind; the oldest are forgotten first."""
LONGEST = 300.0
"""Longest wait in seconds."""
FORGET_AFTER = 3600.0

_TABLE = (
    "CREATE TABLE IF NOT EXISTS attempts "
    "(kind TEXT, key BLOB, count INTEGER, last REAL, PRIMARY KEY (kind, key))"
)
_INDEX = "CREATE INDEX IF NOT EXISTS attempts_by_time ON attempts (kind, last)"


class Kind:
    """One kind of failures: after `free` of one key each further one doubles the wait.

    Args:
        name: as the file knows it.
        free: failures without a wait.
    """

    def __init__(self, name: str, free: int) -> None:
        self.name, self.free = name, free


class Attempts:
    """The counts of one site; methods may be called from any thread.

    Where the file can not be used, the process counts for itself and says so once.

    Args:
        site: folder of the site.
    """

    def __init__(self, site: str | os.PathLike[str]) -> None:
        self._base = SiteBase(Path(site) / FILE, (_TABLE, _INDEX), logger, "counts wrong passwords")

    def claim(self, *wanted: tuple[Kind, str]) -> float:
        """Count an attempt under each key, unless one of them has to wait; return the longest wait (seconds).

        The attempt counts as failed from now on, so that many at once win nothing; `forgive` takes it back.
        """
        now = time.time()

        def work(base: sqlite3.Connection) -> float:
            wait = max(self._wait(base, kind, digest(key), now) for kind, key in wanted)
            if wait <= 0:
                for kind, key in wanted:
                    self._count(base, kind, digest(key), now)
            return wait

        return self._base.do(work)

    def forgive(self, kind: Kind, key: str, count: int | None = None) -> None:
        """Take `count` failures of a key back; None forgets all of them."""

        def work(base: sqlite3.Connection) -> None:
            if count is not None:
                base.execute(
                    "UPDATE attempts SET count = count - ? WHERE kind = ? AND key = ?",
                    (count, kind.name, digest(key)),
                )
            base.execute(
                "DELETE FROM attempts WHERE kind = ? AND key = ? AND (? OR count <= 0)",
                (kind.name, digest(key), count is None),
            )

        self._base.do(work)

    # -- statements ------------------------------------------------------------------------------------

    @staticmethod
    def _wait(base: sqlite3.Connection, kind: Kind, key: bytes, now: float) -> float:
        found = base.execute(
            "SELECT count, last FROM attempts WHERE kind = ? AND key = ?", (kind.name, key)
        ).fetchone()
        count, last = (0, 0.0) if found is None else (int(found[0]), float(found[1]))
        if count < kind.free:
            return 0.0
        pause = min(LONGEST, 2.0 ** min(count - kind.free, 32))
        return max(0.0, pause - max(0.0, now - last))  # a clock that was set back prolongs nothing

    @staticmethod
    def _count(base: sqlite3.Connection, kind: Kind, key: bytes, now: float) -> None:
        base.execute(
            "DELETE FROM attempts WHERE kind = ? AND last NOT BETWEEN ? AND ?",
            (kind.name, now - FORGET_AFTER, now + FORGET_AFTER),
        )
        base.execute(
            "INSERT INTO attempts VALUES (?, ?, 1, ?) "
            "ON CONFLICT (kind, key) DO UPDATE SET count = count + 1, last = excluded.last",
            (kind.name, key, now),
        )
        (there,) = base.execute("SELECT count(*) FROM attempts WHERE kind = ?", (kind.name,)).fetchone()
        if there > KEPT:
            base.execute(
                "DELETE FROM attempts WHERE rowid IN "
                "(SELECT rowid FROM attempts WHERE kind = ? ORDER BY last LIMIT ?)",
                (kind.name, there - KEPT),
            )


_sites: dict[str, Attempts] = {}


def attempts_of(site: str | os.PathLike[str]) -> Attempts:
    """Return the counts of a site; one object per process and site."""
    name = os.fspath(site)
    found = _sites.get(name)
    if found is None:
        found = _sites.setdefault(name, Attempts(name))
    return found
