"""Taking tasks and reporting how they went, in short transactions (SCHED-24, SCHED-43..46)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection, read_time, read_true
from runtime.scheduler.records import Claim, Outcome, WorkerRow
from runtime.scheduler.timing import Plan, after_run
from runtime.scheduler.upkeep import INTERRUPTED, Upkeep

_COLUMNS = (
    "t.id, t.uuid, t.task_name, t.application_name, t.function_name, t.args, t.vars, t.timeout, "
    "t.sync_output, t.start_time, t.period, t.prevent_drift, t.cronline, t.repeats, t.retry_failed, "
    "t.times_run, t.times_failed, t.status, t.stop_time, t.broadcast, t.group_name"
)
_STOP_TIME, _BROADCAST = 18, 19
_STARTED = "(t.start_time IS NULL OR t.start_time <= ?)"
_ASSIGNED_AT_ONCE = 500


class Store(Upkeep):
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
        super().__init__(connection, utc)
        self.application = application
        self.discard_results = discard_results
        self._functions = sorted(functions) if functions is not None else None

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
                "SELECT t.next_run_time, t.start_time FROM scheduler_task t "
                f"WHERE t.status = '{states.ASSIGNED}' AND t.enabled = {self.connection.true} "
                f"AND t.assigned_worker_name = ?{limit}"
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
            "application_name, task_name, group_name, function_name, args, vars, timeout, sync_output, "
            "period, retry_failed, stop_time"
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
                text = INTERRUPTED.format(claim.plan.times_run) + (text or "")
            changed = self.connection.run(
                "UPDATE scheduler_run SET status = ?, stop_time = ?, run_output = ?, run_result = ?, "
                "traceback = ? WHERE id = ? AND status = ?",
                outcome.status, now, output, outcome.result, text, claim.run_id, states.RUNNING,
            )  # fmt: skip
        if not changed:
            return False
        if outcome.interrupted:
            self.queue_again(claim.task_id, claim.plan.times_run, now)
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
            f"UPDATE scheduler_task SET status = {target}, next_run_time = ?, times_run = ?, "
            "times_failed = ? WHERE id = ? AND status = ?",
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
