"""The workers' rows, and the clock they go by (SCHED-10, SCHED-54)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import contextlib
import datetime
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection, read_json, read_names, read_time, read_true
from runtime.scheduler.records import WorkerRow, stats_text
from runtime.scheduler.timing import Clock


class Upkeep:
    """The tables of one database, as every worker has to use them.

    Args:
        connection: the worker's own.
        utc: whether times are UTC (SCHED-13).
    """

    def __init__(self, connection: WorkerConnection, utc: bool = False) -> None:
        self.connection = connection
        self.clock = Clock(utc)

    def now(self) -> datetime.datetime:
        """Return the time as the tables hold it, by the database's clock where it has one."""
        return self.clock.now()

    def read_clock(self) -> None:
        """Compare this machine's clock with the database's."""
        expression = self.connection.utc_clock
        if expression is not None:
            self.clock.compare(self.connection.first(f"SELECT {expression}")[0])

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Commit the steps of the block together."""
        return self.connection.transaction()

    # -- workers -----------------------------------------------------------------------------

    _WORKER = "worker_name, status, group_names, is_ticker, last_heartbeat, worker_stats"

    def workers(self) -> list[WorkerRow]:
        """Return all workers."""
        return self._read_workers(
            self.connection.rows(f"SELECT {self._WORKER} FROM scheduler_worker ORDER BY id")
        )

    @staticmethod
    def _read_workers(rows: list[Any]) -> list[WorkerRow]:
        return [
            WorkerRow(
                name, status or "", read_names(groups), read_true(ticker), read_time(last), read_json(stats)
            )
            for name, status, groups, ticker, last, stats in rows
        ]

    def register(self, name: str, groups: list[str], stats: dict[str, Any]) -> None:
        """Write the worker's row, over one that a dead worker of the same name has left."""
        now = self.now()
        with self.transaction():
            self.connection.run("DELETE FROM scheduler_worker WHERE worker_name = ?", name)
            self.connection.run(
                "INSERT INTO scheduler_worker (worker_name, status, first_heartbeat, last_heartbeat, "
                f"is_ticker, group_names, worker_stats) VALUES (?, ?, ?, ?, {self.connection.false}, ?, ?)",
                name, states.ACTIVE, now, now, self.connection.list_of(groups), stats_text(stats),
            )  # fmt: skip

    def remove_worker(self, name: str, instance: str) -> bool:
        """Remove a worker's row, if it is still that of this instance; tells whether it was."""
        mine = next((row for row in self.workers() if row.name == name), None)
        if mine is None or mine.instance != instance:
            return False
        return bool(self.connection.run("DELETE FROM scheduler_worker WHERE worker_name = ?", name))

    def beat(self, name: str, busy: bool, stats: dict[str, Any]) -> list[WorkerRow]:
        """Write a sign of life and return all workers as they are; orders stay as they were given."""
        shown = states.RUNNING if busy else states.ACTIVE
        update = (
            "UPDATE scheduler_worker SET last_heartbeat = ?, worker_stats = ?, "
            f"status = CASE WHEN status IN ('{states.ACTIVE}', '{states.RUNNING}') THEN '{shown}' "
            "ELSE status END WHERE worker_name = ?"
        )
        values = (self.now(), stats_text(stats), name)
        clock = self.connection.utc_clock
        select = f"SELECT {clock or 'NULL'}, {self._WORKER} FROM scheduler_worker"
        if self.connection.is_postgres:  # one statement; it shows the rows as they were before
            rows = self.connection.rows(f"WITH beaten AS ({update}) {select} ORDER BY id", *values)
        else:
            with self.transaction():
                rows = self.connection.rows(f"{select} ORDER BY id")
                self.connection.run(update, *values)
        if rows and rows[0][0] is not None:
            self.clock.compare(rows[0][0])
        return self._read_workers([row[1:] for row in rows])

    def set_status(self, name: str, status: str, before: str) -> None:
        """Change a worker's status if it still is `before`."""
        self.connection.run(
            "UPDATE scheduler_worker SET status = ? WHERE worker_name = ? AND status = ?",
            status,
            name,
            before,
        )

    def elect(self, name: str) -> None:
        """Make a worker the one that is marked (SCHED-54)."""
        with self.transaction():
            self.connection.run(
                "UPDATE scheduler_worker SET is_ticker = CASE WHEN worker_name = ? "
                f"THEN {self.connection.true} ELSE {self.connection.false} END",
                name,
            )

    def wake(self) -> None:
        """Tell the other workers to look, when the transaction is committed."""
        if self.connection.is_postgres:
            self.connection.run(f"NOTIFY {states.CHANNEL}")
