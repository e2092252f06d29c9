"""Taking tasks and reporting how they went, several in one short transaction (SCHED-24, SCHED-43..46)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection, marks, read_time, read_true
from runtime.scheduler.records import Claim, WorkerRow
from runtime.scheduler.recovery import Recovery
from runtime.scheduler.rows import BROADCAST, COLUMNS, GROUP, ID, STATUS, STOP_TIME, claim_of, plan_of
from runtime.scheduler.timing import after_run

_STARTED = "(t.start_time IS NULL OR t.start_time <= ?)"
_ASSIGNED_AT_ONCE = 500


class Store(Recovery):
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
        super().__init__(connection, utc, discard_results)
        self.application = application
        self._functions = sorted(functions) if functions is not None else None

    # -- tasks that are due ------------------------------------------------------------------

    def _waiting(self, groups: Iterable[str]) -> tuple[str, list[Any]]:
        """Return the condition of queued tasks that this worker may take, and its values."""
        names = sorted(set(groups))
        if not names:
            return "1 = 0", []
        condition = (
            f"t.status = '{states.QUEUED}' AND t.enabled = {self.connection.true} "
            f"AND t.group_name IN ({marks(len(names))}) "
            "AND NOT EXISTS (SELECT 1 FROM scheduler_task_deps d "
            f"WHERE d.task_child = t.id AND d.can_visit = {self.connection.false})"
        )
        values: list[Any] = list(names)
        if self.application is not None:
            start = f"{self.application}/"
            condition += f" AND (t.application_name = ? OR SUBSTR(t.application_name, 1, {len(start)}) = ?)"
            values += [self.application, start]
        if self._functions is not None:
            condition += f" AND t.function_name IN ({marks(len(self._functions)) or 'NULL'})"
            values += self._functions
        return condition, values

    def next_due(self, groups: Iterable[str], name: str | None) -> datetime.datetime | None:
        """Return when the next waiting task is due; None when there is none.

        Args:
            groups: whose queued tasks count.
            name: also tasks assigned to the worker of this name.
        """
        condition, values = self._waiting(groups)
        limit = self.connection.limit(1)
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

    def claim(self, name: str, groups: Iterable[str], assigned: bool, most: int = 1) -> list[Claim]:
        """Take the tasks that are due longest, inside the transaction of the caller (SCHED-24).

        No two workers get the same: PostgreSQL and MariaDB lock the rows and
        let others pass by, SQLite has one writer at a time, and everywhere the
        change of the status tells whether this worker was the first.

        Args:
            name: of the worker.
            groups: whose queued tasks are taken.
            assigned: look at tasks assigned to this worker first.
            most: how many are taken.
        """
        while True:
            now = self.now()
            rows = self._candidates(name, groups, assigned, now, most)
            if not rows:
                return []
            claims = self._take(rows, name, now)
            if claims:
                return claims

    def claim_one(self, task_id: int, name: str) -> Claim | None:
        """Take a task that a broker has delivered; None when it is not to be run any more."""
        now = self.now()
        rows = self.connection.rows(
            f"SELECT {COLUMNS} FROM scheduler_task t WHERE t.id = ? AND t.status IN (?, ?) "
            f"AND t.enabled = {self.connection.true}{self.connection.lock('t', skip=False)}",
            task_id, states.QUEUED, states.ASSIGNED,
        )  # fmt: skip
        return next(iter(self._take(rows, name, now)), None)

    def _candidates(
        self, name: str, groups: Iterable[str], assigned: bool, now: datetime.datetime, most: int
    ) -> list[Any]:
        tail = f" ORDER BY t.next_run_time, t.id{self.connection.limit(most)}{self.connection.lock('t')}"
        if assigned:
            rows = self.connection.rows(
                f"SELECT {COLUMNS} FROM scheduler_task t WHERE t.status = '{states.ASSIGNED}' "
                f"AND t.enabled = {self.connection.true} AND t.assigned_worker_name = ?{tail}",
                name,
            )
            if rows:
                return rows[:most]
        return self.due(groups, now, most)

    def due(self, groups: Iterable[str], now: datetime.datetime, most: int) -> list[Any]:
        """Return, locked where that can be, rows of queued tasks whose time has come."""
        condition, values = self._waiting(groups)
        tail = f" ORDER BY t.next_run_time, t.id{self.connection.limit(most)}{self.connection.lock('t')}"
        return self.connection.rows(
            f"SELECT {COLUMNS} FROM scheduler_task t WHERE {condition} "
            f"AND t.next_run_time <= ? AND {_STARTED}{tail}",
            *values, now, now,
        )[:most]  # fmt: skip

    def _take(self, rows: Sequence[Any], name: str, now: datetime.datetime) -> list[Claim]:
        """Turn candidates into claims, but for those not to be run and those that others have taken."""
        wanted = [row for row in rows if not self.set_aside(row, now)]
        mine = [
            row
            for status in (states.ASSIGNED, states.QUEUED)
            for row in self._mark_running([one for one in wanted if one[STATUS] == status], status, name, now)
        ]
        if not mine:
            return []
        runs = self._open_runs([int(row[ID]) for row in mine], name, now)
        return [claim_of(row, runs[int(row[ID])], now) for row in mine]

    def set_aside(self, row: Any, now: datetime.datetime) -> bool:
        """Settle a due task that is not to be run: too late, or meant for all (SCHED-25, SCHED-38)."""
        until = read_time(row[STOP_TIME])
        if until is not None and until < now:
            self.connection.run(
                "UPDATE scheduler_task SET status = ? WHERE id = ? AND status = ?",
                states.EXPIRED, row[ID], row[STATUS],
            )  # fmt: skip
            return True
        if read_true(row[BROADCAST]) and row[STATUS] == states.QUEUED:
            self._spread(row, now)
            return True
        return False

    def _mark_running(
        self, rows: Sequence[Any], status: str, name: str, now: datetime.datetime
    ) -> Sequence[Any]:
        """Change the status of tasks from `status`; returns those that still had it."""
        if not rows:
            return rows
        update = "UPDATE scheduler_task SET status = ?, assigned_worker_name = ?, last_run_time = ? WHERE "
        values = (states.RUNNING, name, now)
        ids = [row[ID] for row in rows]
        if self.connection.commits_alone:  # the rows are locked, or nobody else can write
            self.connection.run(f"{update}id IN ({marks(len(ids))}) AND status = ?", *values, *ids, status)
            return rows
        return [
            row
            for row in rows
            if self.connection.run(f"{update}id = ? AND status = ?", *values, row[ID], status)
        ]

    def _open_runs(self, ids: Sequence[int], name: str, now: datetime.datetime) -> dict[int, int]:
        """Open a run for each task; returns their ids by those of the tasks."""
        ordered = sorted(ids)
        made = self.connection.insert(
            "scheduler_run",
            ("task_id", "status", "start_time", "worker_name"),
            [(task_id, states.RUNNING, now, name) for task_id in ordered],
        )
        if made is not None:
            return dict(zip(ordered, made, strict=True))
        rows = self.connection.rows(
            f"SELECT task_id, MAX(id) FROM scheduler_run WHERE task_id IN ({marks(len(ids))}) "
            "AND worker_name = ? GROUP BY task_id",
            *ids, name,
        )  # fmt: skip
        return {int(task_id): int(run_id) for task_id, run_id in rows}

    def _spread(self, row: Any, now: datetime.datetime) -> None:
        """Give one copy of a broadcast task to each worker of its group (SCHED-38)."""
        task_id, group = row[ID], row[GROUP]
        after = after_run(plan_of(row, now), states.COMPLETED, now)
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
        from runtime.scheduler.identity import new_uuid

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
        with self.transaction():
            due = self.due([group], now, _ASSIGNED_AT_ONCE)
            for row in due:
                if self.set_aside(row, now):
                    continue
                name = min(weights, key=lambda one: ((given.get(one, 0) + 1) / weights[one], one))
                if self.assign_to(name, [row[ID]]):
                    given[name] = given.get(name, 0) + 1
            if due:
                self.wake()

    def assign_to(self, name: str, ids: Sequence[int], sent_at: datetime.datetime | None = None) -> int:
        """Give queued tasks to a worker, or to a broker; returns how many were given.

        Args:
            name: of the worker, or `states.BROKER`.
            ids: the tasks.
            sent_at: when they were handed to the broker.
        """
        also, values = (", last_run_time = ?", [sent_at]) if sent_at is not None else ("", [])
        return self.connection.run(
            f"UPDATE scheduler_task SET status = ?, assigned_worker_name = ?{also} "
            f"WHERE id IN ({marks(len(ids))}) AND status = ?",
            states.ASSIGNED, name, *values, *ids, states.QUEUED,
        )  # fmt: skip

    def requeue_lost(self, seconds: float) -> int:
        """Queue tasks again that a broker was handed `seconds` ago and that nobody has begun."""
        return self.connection.run(
            "UPDATE scheduler_task SET status = ?, assigned_worker_name = '' "
            "WHERE status = ? AND assigned_worker_name = ? AND last_run_time < ?",
            states.QUEUED, states.ASSIGNED, states.BROKER,
            self.now() - datetime.timedelta(seconds=seconds),
        )  # fmt: skip
