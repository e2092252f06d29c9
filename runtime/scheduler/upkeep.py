"""Keeping the tables in order: the workers' rows, and tasks that nobody will finish (SCHED-54)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import contextlib
import datetime
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection, read_json, read_names, read_time, read_true
from runtime.scheduler.records import WorkerRow, stats_text
from runtime.scheduler.timing import current_time

MOST_INTERRUPTIONS = 3
"""Runs of a task that may be cut short by the death of their worker before it counts as failed."""

INTERRUPTED = "Interrupted after {} completed runs: "
"""Begins what a run says that was cut short; the number tells one repetition from the next."""


class Upkeep:
    """The tables of one database, as every worker has to use them.

    Args:
        connection: the worker's own.
        utc: whether times are UTC (SCHED-13).
    """

    def __init__(self, connection: WorkerConnection, utc: bool = False) -> None:
        self.connection = connection
        self.utc = utc

    def now(self) -> datetime.datetime:
        """Return the time as the tables hold it."""
        return current_time(self.utc)

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Commit the steps of the block together."""
        return self.connection.transaction()

    # -- recovery ----------------------------------------------------------------------------

    def recover(
        self, name: str, reason: str, running_only: bool = False, except_task: int | None = None
    ) -> int:
        """Take back what a worker held that will not finish it (SCHED-54).

        Args:
            name: of the worker.
            reason: what the closed run says.
            running_only: leave it what it was assigned and has not begun.
            except_task: the task that it does finish.

        Returns:
            How many tasks were taken back.
        """
        tasks = self.connection.rows(
            "SELECT id FROM scheduler_task WHERE status IN (?, ?) AND assigned_worker_name = ?",
            states.RUNNING, states.RUNNING if running_only else states.ASSIGNED, name,
        )  # fmt: skip
        taken = 0
        for (task_id,) in tasks:
            if task_id != except_task:
                with self.transaction():
                    taken += self._take_back(task_id, name, reason)
        if taken:
            self.wake()
        return taken

    def _take_back(self, task_id: int, name: str, reason: str) -> int:
        lock = " FOR UPDATE SKIP LOCKED" if self.connection.is_postgres else ""
        row = self.connection.first(
            f"SELECT status, times_run FROM scheduler_task WHERE id = ? AND assigned_worker_name = ?{lock}",
            task_id, name,
        )  # fmt: skip
        if row is None or row[0] not in (states.RUNNING, states.ASSIGNED):
            return 0
        now = self.now()
        if row[0] == states.ASSIGNED:
            return self.connection.run(
                "UPDATE scheduler_task SET status = ?, assigned_worker_name = '' WHERE id = ? AND status = ?",
                states.QUEUED, task_id, states.ASSIGNED,
            )  # fmt: skip
        self.connection.run(
            "UPDATE scheduler_run SET status = ?, stop_time = ?, traceback = ? "
            "WHERE task_id = ? AND status = ?",
            states.STOPPED, now, INTERRUPTED.format(row[1] or 0) + reason, task_id, states.RUNNING,
        )  # fmt: skip
        return self.queue_again(task_id, row[1] or 0, now)

    def queue_again(self, task_id: int, times_run: int, now: datetime.datetime) -> int:
        """Queue a task whose run was interrupted; the third time it has failed."""
        start = INTERRUPTED.format(times_run)
        count = self.connection.first(
            "SELECT COUNT(*) FROM scheduler_run WHERE task_id = ? AND status = ? "
            f"AND SUBSTR(traceback, 1, {len(start)}) = ?",
            task_id, states.STOPPED, start,
        )[0]  # fmt: skip
        if count >= MOST_INTERRUPTIONS:
            return self.connection.run(
                "UPDATE scheduler_task SET status = ?, times_failed = times_failed + 1 "
                "WHERE id = ? AND status = ?",
                states.FAILED, task_id, states.RUNNING,
            )  # fmt: skip
        return self.connection.run(
            f"UPDATE scheduler_task SET status = CASE WHEN enabled = {self.connection.true} "
            f"THEN '{states.QUEUED}' ELSE '{states.STOPPED}' END, next_run_time = ?, "
            "assigned_worker_name = '' WHERE id = ? AND status = ?",
            now, task_id, states.RUNNING,
        )  # fmt: skip

    def holders(self) -> set[str]:
        """Return the names of the workers that hold a running or assigned task."""
        return {
            row[0] or ""
            for row in self.connection.rows(
                "SELECT DISTINCT assigned_worker_name FROM scheduler_task WHERE status IN (?, ?)",
                states.RUNNING, states.ASSIGNED,
            )
        }  # fmt: skip

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
        select = f"SELECT {self._WORKER} FROM scheduler_worker"
        if self.connection.is_postgres:  # one statement; it shows the rows as they were before
            return self._read_workers(
                self.connection.rows(f"WITH beaten AS ({update}) {select} ORDER BY id", *values)
            )
        with self.transaction():
            rows = self.connection.rows(f"{select} ORDER BY id")
            self.connection.run(update, *values)
        return self._read_workers(rows)

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
