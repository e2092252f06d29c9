"""What workers do to the tables: claim, report, beat, recover. Every step is one short transaction."""

from __future__ import annotations

import contextlib
import datetime
import logging
from collections.abc import Iterable
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection, read_json, read_names, read_time, read_true
from runtime.scheduler.records import Claim, Outcome, WorkerRow, stats_text
from runtime.scheduler.timing import Plan, after_run, current_time

log = logging.getLogger("web2py.scheduler")

MOST_INTERRUPTIONS = 3
"""Runs of a task that may be cut short by the death of their worker before it counts as failed."""

_INTERRUPTED = "Interrupted after {} completed runs: "

_COLUMNS = (
    "t.id, t.uuid, t.task_name, t.application_name, t.function_name, t.args, t.vars, t.timeout, t.sync_output, "
    "t.start_time, t.period, t.prevent_drift, t.cronline, t.repeats, t.retry_failed, t.times_run, t.times_failed, "
    "t.status, t.stop_time, t.broadcast, t.group_name"
)
_STOP_TIME, _BROADCAST = 18, 19
_STARTED = "(t.start_time IS NULL OR t.start_time <= ?)"
_ASSIGNED_AT_ONCE = 500


class Store:
    """The tables of one database, as one worker uses them.

    Args:
        connection: the worker's own.
        application: whose tasks are taken; None for those of every application.
        functions: names of the functions taken; None for all.
        utc: whether times are UTC (SCHED-13).
        discard_results: keep no run that completed (SCHED-12).
    """

    def __init__(
        self,
        connection: WorkerConnection,
        application: str | None,
        functions: Iterable[str] | None = None,
        utc: bool = False,
        discard_results: bool = False,
    ) -> None:
        self.connection = connection
        self.application = application
        self.utc = utc
        self.discard_results = discard_results
        self._functions = sorted(functions) if functions is not None else None

    def now(self) -> datetime.datetime:
        """Return the time as the tables hold it."""
        return current_time(self.utc)

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Commit the steps of the block together."""
        return self.connection.transaction()

    # -- tasks that are due ------------------------------------------------------------------

    def _waiting(self, groups: Iterable[str]) -> tuple[str, list[Any]]:
        """Return the condition of queued tasks that this worker may take, and its values."""
        names = sorted(set(groups))
        if not names:
            return "1 = 0", []
        condition = (
            f"t.status = '{states.QUEUED}' AND t.enabled = {self.connection.true} "
            f"AND t.group_name IN ({', '.join('?' * len(names))}) "
            "AND NOT EXISTS (SELECT 1 FROM scheduler_task_deps d "
            f"WHERE d.task_child = t.id AND d.can_visit = {self.connection.false})"
        )
        values: list[Any] = list(names)
        if self.application is not None:
            start = f"{self.application}/"
            condition += f" AND (t.application_name = ? OR SUBSTR(t.application_name, 1, {len(start)}) = ?)"
            values += [self.application, start]
        if self._functions is not None:
            marks = ", ".join("?" * len(self._functions)) or "NULL"
            condition += f" AND t.function_name IN ({marks})"
            values += self._functions
        return condition, values

    def next_due(self, groups: Iterable[str], name: str | None) -> datetime.datetime | None:
        """Return when the next waiting task is due; None when there is none.

        Args:
            groups: whose queued tasks count.
            name: also tasks assigned to the worker of this name.
        """
        condition, values = self._waiting(groups)
        limit = self.connection.limit_one
        queries = [
            (
                f"SELECT t.next_run_time, t.start_time FROM scheduler_task t WHERE {condition} "
                f"ORDER BY t.next_run_time, t.id{limit}",
                values,
            )
        ]
        if name is not None:
            assigned = (
                f"SELECT t.next_run_time, t.start_time FROM scheduler_task t WHERE t.status = '{states.ASSIGNED}' "
                f"AND t.enabled = {self.connection.true} AND t.assigned_worker_name = ?{limit}"
            )
            queries.append((assigned, [name]))
        if limit:  # one statement instead of two
            both = " UNION ALL ".join(f"SELECT * FROM ({sql}) q{n}" for n, (sql, _) in enumerate(queries))
            rows = self.connection.rows(both, *(value for _, found in queries for value in found))
        else:
            rows = [row for sql, found in queries if (row := self.connection.first(sql, *found)) is not None]
        # a task that says nothing is due now
        times = [max(filter(None, map(read_time, row)), default=self.now()) for row in rows]
        return min(times, default=None)

    def claim(self, name: str, groups: Iterable[str], assigned: bool) -> Claim | None:
        """Take the task that is due longest, inside the transaction of the caller (SCHED-24).

        No two workers get the same: PostgreSQL locks the row and lets others
        pass by, SQLite has one writer at a time, and everywhere the change of
        the status tells whether this worker was the first.

        Args:
            name: of the worker.
            groups: whose queued tasks are taken.
            assigned: look at tasks assigned to this worker first.
        """
        while True:
            now = self.now()
            row = self._candidate(name, groups, assigned, now)
            if row is None:
                return None
            claim = self._take(row, name, now)
            if claim is not None:
                return claim

    def _candidate(self, name: str, groups: Iterable[str], assigned: bool, now: datetime.datetime) -> Any:
        lock = " FOR UPDATE OF t SKIP LOCKED" if self.connection.is_postgres else ""
        tail = f" ORDER BY t.next_run_time, t.id{self.connection.limit_one}{lock}"
        if assigned:
            row = self.connection.first(
                f"SELECT {_COLUMNS} FROM scheduler_task t WHERE t.status = '{states.ASSIGNED}' "
                f"AND t.enabled = {self.connection.true} AND t.assigned_worker_name = ?{tail}",
                name,
            )
            if row is not None:
                return row
        condition, values = self._waiting(groups)
        return self.connection.first(
            f"SELECT {_COLUMNS} FROM scheduler_task t WHERE {condition} "
            f"AND t.next_run_time <= ? AND {_STARTED}{tail}",
            *values, now, now,
        )  # fmt: skip

    def _take(self, row: Any, name: str, now: datetime.datetime) -> Claim | None:
        """Turn a candidate into a claim; None when it is not to be run (now) or somebody was quicker."""
        (task_id, uuid, task_name, application_name, function_name, args, vars_, timeout, sync_output,
         start_time, period, prevent_drift, cronline, repeats, retry_failed, times_run, times_failed,
         status, stop_time, broadcast, group_name) = row  # fmt: skip
        until = read_time(stop_time)
        if until is not None and until < now:
            self.connection.run(
                "UPDATE scheduler_task SET status = ? WHERE id = ? AND status = ?",
                states.EXPIRED, task_id, status,
            )  # fmt: skip
            return None
        plan = Plan(
            started=now.replace(microsecond=0),
            start_time=read_time(start_time),
            period=period if period is not None else 60,
            prevent_drift=read_true(prevent_drift),
            cronline=cronline or None,
            repeats=repeats if repeats is not None else 1,
            retry_failed=retry_failed or 0,
            times_run=times_run or 0,
            times_failed=times_failed or 0,
        )
        if read_true(broadcast) and status == states.QUEUED:
            self._spread(task_id, group_name, plan, now)
            return None
        changed = self.connection.run(
            "UPDATE scheduler_task SET status = ?, assigned_worker_name = ?, last_run_time = ? "
            "WHERE id = ? AND status = ?",
            states.RUNNING, name, now, task_id, status,
        )  # fmt: skip
        if not changed:
            return None
        return Claim(
            task_id=task_id,
            run_id=self._open_run(task_id, name, now),
            uuid=uuid or "",
            task_name=task_name or function_name,
            application_name=application_name or "",
            function_name=function_name,
            args=args or "[]",
            vars=vars_ or "{}",
            timeout=timeout if timeout is not None else 60,
            sync_output=sync_output or 0,
            plan=plan,
            was_assigned=status == states.ASSIGNED,
        )

    def _open_run(self, task_id: int, name: str, now: datetime.datetime) -> int:
        sql = "INSERT INTO scheduler_run (task_id, status, start_time, worker_name) VALUES (?, ?, ?, ?)"
        values = (task_id, states.RUNNING, now, name)
        if self.connection.is_postgres:
            return int(self.connection.first(f"{sql} RETURNING id", *values)[0])
        self.connection.run(sql, *values)
        found = self.connection.first(
            "SELECT MAX(id) FROM scheduler_run WHERE task_id = ? AND worker_name = ?", task_id, name
        )
        return int(found[0])

    def _spread(self, task_id: int, group: str, plan: Plan, now: datetime.datetime) -> None:
        """Give one copy of a broadcast task to each worker of its group (SCHED-38)."""
        after = after_run(plan, states.COMPLETED, now)
        changed = self.connection.run(
            "UPDATE scheduler_task SET status = ?, next_run_time = ?, times_run = ?, last_run_time = ? "
            "WHERE id = ? AND status = ?",
            after.status, after.next_run_time, after.times_run, now, task_id, states.QUEUED,
        )  # fmt: skip
        if not changed:
            return
        copied = (
            "application_name, task_name, group_name, function_name, args, vars, timeout, sync_output, period, "
            "retry_failed, stop_time"
        )
        from runtime.scheduler.scheduler import new_uuid

        for worker in self.workers():
            if group in worker.group_names and worker.status in states.WORKING and self._is_ours(worker):
                self.connection.run(
                    f"INSERT INTO scheduler_task ({copied}, uuid, status, assigned_worker_name, start_time, "
                    "next_run_time, repeats, times_run, times_failed, broadcast, enabled, prevent_drift) "
                    f"SELECT {copied}, ?, ?, ?, ?, ?, 1, 0, 0, {self.connection.false}, "
                    f"{self.connection.true}, {self.connection.false} FROM scheduler_task WHERE id = ?",
                    new_uuid(), states.ASSIGNED, worker.name, now, now, task_id,
                )  # fmt: skip
        self.wake()

    def _is_ours(self, worker: WorkerRow) -> bool:
        return self.application is None or worker.application in (None, self.application)

    def assign(self, group: str, weights: dict[str, int], given: dict[str, int]) -> None:
        """Share the due tasks of a group by weight (SCHED-09).

        Args:
            group: its name.
            weights: how often each worker names the group.
            given: tasks each worker was given so far; changed.
        """
        now = self.now()
        condition, values = self._waiting([group])
        with self.transaction():
            due = self.connection.rows(
                f"SELECT {_COLUMNS} FROM scheduler_task t WHERE {condition} AND t.next_run_time <= ? "
                f"AND {_STARTED} ORDER BY t.next_run_time, t.id{self.connection.limit(_ASSIGNED_AT_ONCE)}",
                *values, now, now,
            )  # fmt: skip
            for row in due:
                until = read_time(row[_STOP_TIME])
                if read_true(row[_BROADCAST]) or (until is not None and until < now):
                    self._take(row, "", now)
                    continue
                name = min(weights, key=lambda one: ((given.get(one, 0) + 1) / weights[one], one))
                if self.connection.run(
                    "UPDATE scheduler_task SET status = ?, assigned_worker_name = ? "
                    "WHERE id = ? AND status = ?",
                    states.ASSIGNED, name, row[0], states.QUEUED,
                ):  # fmt: skip
                    given[name] = given.get(name, 0) + 1
            if due:
                self.wake()

    # -- runs --------------------------------------------------------------------------------

    def report(self, claim: Claim, outcome: Outcome, output: str) -> bool:
        """Write how a run ended, inside the transaction of the caller (SCHED-43..46).

        Returns:
            False when the run is no longer this worker's: it was taken for
            dead, and nothing but the output of a stop is written.
        """
        now = self.now()
        done = outcome.status == states.COMPLETED
        if done and (self.discard_results or outcome.result is None):
            changed = self.connection.run(
                "DELETE FROM scheduler_run WHERE id = ? AND status = ?", claim.run_id, states.RUNNING
            )
        else:
            text = outcome.traceback
            if outcome.interrupted:
                text = _INTERRUPTED.format(claim.plan.times_run) + (text or "")
            changed = self.connection.run(
                "UPDATE scheduler_run SET status = ?, stop_time = ?, run_output = ?, run_result = ?, "
                "traceback = ? WHERE id = ? AND status = ?",
                outcome.status, now, output, outcome.result, text, claim.run_id, states.RUNNING,
            )  # fmt: skip
        if not changed:
            return False
        if outcome.interrupted:
            self._queue_again(claim.task_id, claim.plan.times_run, now)
        else:
            self._settle(claim, outcome.counts_as or outcome.status, now)
        return True

    def _settle(self, claim: Claim, status: str, now: datetime.datetime) -> None:
        after = after_run(claim.plan, status, now)
        again = after.status == states.QUEUED
        # a task that was disabled while it ran was told to stop: it does not come back by itself
        target = (
            f"CASE WHEN enabled = {self.connection.true} THEN '{states.QUEUED}' ELSE '{states.STOPPED}' END"
            if again
            else f"'{after.status}'"
        )
        self.connection.run(
            f"UPDATE scheduler_task SET status = {target}, next_run_time = ?, times_run = ?, times_failed = ? "
            "WHERE id = ? AND status = ?",
            after.next_run_time, after.times_run, after.times_failed, claim.task_id, states.RUNNING,
        )  # fmt: skip
        if after.status == states.COMPLETED:
            freed = self.connection.run(
                f"UPDATE scheduler_task_deps SET can_visit = {self.connection.true} WHERE task_parent = ?",
                claim.task_id,
            )
            if freed:
                self.wake()

    def write_output(self, claim: Claim, output: str) -> None:
        """Show what a running task has printed so far (SCHED-48)."""
        self.connection.run(
            "UPDATE scheduler_run SET run_output = ? WHERE id = ? AND status = ?",
            output, claim.run_id, states.RUNNING,
        )  # fmt: skip

    def is_mine(self, claim: Claim) -> bool:
        """Tell whether a run is still open."""
        row = self.connection.first("SELECT status FROM scheduler_run WHERE id = ?", claim.run_id)
        return row is not None and row[0] == states.RUNNING

    def is_enabled(self, task_id: int) -> bool:
        """Tell whether a task is enabled; a deleted one is not."""
        row = self.connection.first("SELECT enabled FROM scheduler_task WHERE id = ?", task_id)
        return row is not None and read_true(row[0])

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
            "UPDATE scheduler_run SET status = ?, stop_time = ?, traceback = ? WHERE task_id = ? AND status = ?",
            states.STOPPED, now, _INTERRUPTED.format(row[1] or 0) + reason, task_id, states.RUNNING,
        )  # fmt: skip
        return self._queue_again(task_id, row[1] or 0, now)

    def _queue_again(self, task_id: int, times_run: int, now: datetime.datetime) -> int:
        """Queue a task whose run was interrupted; the third time it has failed."""
        start = _INTERRUPTED.format(times_run)
        count = self.connection.first(
            "SELECT COUNT(*) FROM scheduler_run WHERE task_id = ? AND status = ? "
            f"AND SUBSTR(traceback, 1, {len(start)}) = ?",
            task_id, states.STOPPED, start,
        )[0]  # fmt: skip
        if count >= MOST_INTERRUPTIONS:
            return self.connection.run(
                "UPDATE scheduler_task SET status = ?, times_failed = times_failed + 1 WHERE id = ? AND status = ?",
                states.FAILED, task_id, states.RUNNING,
            )  # fmt: skip
        return self.connection.run(
            f"UPDATE scheduler_task SET status = CASE WHEN enabled = {self.connection.true} "
            f"THEN '{states.QUEUED}' ELSE '{states.STOPPED}' END, next_run_time = ?, assigned_worker_name = '' "
            "WHERE id = ? AND status = ?",
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
                "INSERT INTO scheduler_worker (worker_name, status, first_heartbeat, last_heartbeat, is_ticker, "
                f"group_names, worker_stats) VALUES (?, ?, ?, ?, {self.connection.false}, ?, ?)",
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
            f"status = CASE WHEN status IN ('{states.ACTIVE}', '{states.RUNNING}') THEN '{shown}' ELSE status END "
            "WHERE worker_name = ?"
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
                f"UPDATE scheduler_worker SET is_ticker = CASE WHEN worker_name = ? THEN {self.connection.true} "
                f"ELSE {self.connection.false} END",
                name,
            )

    def wake(self) -> None:
        """Tell the other workers to look, when the transaction is committed."""
        if self.connection.is_postgres:
            self.connection.run(f"NOTIFY {states.CHANNEL}")
