"""What became of the runs: one row for each, in ``cron.sqlite`` of the site folder (CRON, SV-18)."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

RECORDS_FILE = "cron.sqlite"
KEPT_RUNS = 100
"""Runs of a job that are kept."""

_TABLES = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY, job TEXT NOT NULL, application TEXT NOT NULL, line INTEGER NOT NULL,
    command TEXT NOT NULL, started REAL NOT NULL, ended REAL, status INTEGER, output TEXT NOT NULL DEFAULT '',
    ticket TEXT, host TEXT NOT NULL, pid INTEGER, pid_since REAL);
CREATE INDEX IF NOT EXISTS run_job ON run (job, id);
CREATE TABLE IF NOT EXISTS setting (job TEXT PRIMARY KEY, enabled INTEGER NOT NULL);
"""
_PRUNE = """
DELETE FROM run WHERE job = (SELECT job FROM run WHERE id = ?) AND ended IS NOT NULL AND id NOT IN
    (SELECT id FROM run WHERE job = (SELECT job FROM run WHERE id = ?) ORDER BY id DESC LIMIT ?)
"""
_COLUMNS = "id, job, application, line, command, started, ended, status, output, ticket, host, pid, pid_since"


@dataclass(frozen=True)
class Record:
    """One run of a job.

    Attributes:
        id: number of the run.
        job: id of the job.
        application, line, command: of the job, as it was then.
        started, ended: seconds since 1970; `ended` is None while it runs, or when nobody saw its end.
        status: exit code, negative for a signal; None as long as `ended` is.
        output: the end of what it printed.
        ticket: number of the ticket that it wrote.
        host, pid, pid_since: the process.
    """

    id: int
    job: str
    application: str
    line: int
    command: str
    started: float
    ended: float | None
    status: int | None
    output: str
    ticket: str | None
    host: str
    pid: int | None
    pid_since: float | None

    @property
    def duration(self) -> float | None:
        """Seconds that it took; None while it runs."""
        return None if self.ended is None else max(0.0, self.ended - self.started)

    @property
    def state(self) -> str:
        """``ok``, ``failed``, ``running``, or ``lost``: it ended and nobody was there to see it."""
        if self.ended is not None:
            return "ok" if self.status == 0 else "failed"
        return "running" if _lives(self.host, self.pid, self.pid_since) else "lost"


def _lives(host: str, pid: int | None, since: float | None) -> bool:
    if host != socket.gethostname():
        return True  # nobody here can tell
    if pid is None or since is None:
        return False
    try:
        process = psutil.Process(pid)
        is_it = abs(process.create_time() - since) < 1.0
        return is_it and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


class Records:
    """The runs of a site, and which jobs are switched off. Each call is a transaction of its own.

    Args:
        site: the site folder.

    Raises:
        sqlite3.Error: from every method: the file can not be read or written.
    """

    def __init__(self, site: Path) -> None:
        self._path = site / RECORDS_FILE

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=10.0)
        try:
            connection.executescript(_TABLES)
            with connection:
                yield connection
        finally:
            connection.close()

    def begin(self, job: str, application: str, line: int, command: str, pid: int, since: float) -> int:
        """Note the start of a run; returns its number."""
        values = (job, application, line, command, time.time(), socket.gethostname(), pid, since)
        with self._open() as connection:
            cursor = connection.execute(
                "INSERT INTO run (job, application, line, command, started, host, pid, pid_since) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            return int(cursor.lastrowid or 0)

    def end(self, run: int, status: int, output: str, ticket: str | None) -> None:
        """Note the end of a run; the oldest runs of its job go."""
        with self._open() as connection:
            connection.execute(
                "UPDATE run SET ended = ?, status = ?, output = ?, ticket = ? WHERE id = ?",
                (time.time(), status, output, ticket, run),
            )
            connection.execute(_PRUNE, (run, run, KEPT_RUNS))

    def latest(self) -> dict[str, Record]:
        """Return the last run of each job."""
        return {
            record.job: record
            for record in self._select("WHERE id IN (SELECT max(id) FROM run GROUP BY job)", ())
        }

    def of_job(self, job: str, limit: int = KEPT_RUNS) -> list[Record]:
        """Return the last runs of a job, newest first."""
        return self._select("WHERE job = ? ORDER BY id DESC LIMIT ?", (job, limit))

    def last(self, limit: int = KEPT_RUNS) -> list[Record]:
        """Return the last runs of all jobs, newest first."""
        return self._select("ORDER BY id DESC LIMIT ?", (limit,))

    def _select(self, condition: str, values: tuple[object, ...]) -> list[Record]:
        if not self._path.exists():
            return []
        with self._open() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM run {condition}", values)  # noqa: S608  # our own words
            return [Record(*row) for row in rows]

    def disabled(self) -> frozenset[str]:
        """Return the ids of the jobs that are switched off."""
        if not self._path.exists():
            return frozenset()
        with self._open() as connection:
            return frozenset(
                row[0] for row in connection.execute("SELECT job FROM setting WHERE NOT enabled")
            )

    def set_enabled(self, job: str, enabled: bool) -> None:
        """Switch a job on or off."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO setting (job, enabled) VALUES (?, ?)", (job, enabled))
