"""The scheduler of one application, for a panel: what it shows and what it can order (SCHED-59, DESK-16).

It runs the application's models to find the database, so it belongs into a process that may run application
code: the server or a child, never the window.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runtime import dal
from runtime.foundation.problems import UserError
from runtime.scheduler.loading import ApplicationModels
from runtime.scheduler.scheduler import Scheduler
from runtime.scheduler.states import QUEUED, RUNNING, TASK_STATUSES, WORKER_STATUSES

_MOST_ROWS = 1000


@dataclass(frozen=True)
class TaskEntry:
    """A task as a list shows it; times without zone, as the tables hold them."""

    id: int
    uuid: str
    name: str
    function: str
    application: str
    group: str
    status: str
    enabled: bool
    next_run_time: datetime.datetime | None
    last_run_time: datetime.datetime | None
    times_run: int
    times_failed: int
    repeats: int
    period: int
    worker: str


@dataclass(frozen=True)
class RunEntry:
    """A run: while it lasts `output` grows (SCHED-48)."""

    id: int
    task_id: int
    status: str
    start_time: datetime.datetime | None
    stop_time: datetime.datetime | None
    output: str
    result: str | None
    traceback: str | None
    worker: str


@dataclass(frozen=True)
class WorkerEntry:
    """A worker. `last_outputs` are of runs that left no row (AMB-19)."""

    name: str
    status: str
    groups: tuple[str, ...]
    is_ticker: bool
    first_heartbeat: datetime.datetime | None
    last_heartbeat: datetime.datetime | None
    heartbeat: float | None
    task_id: int | None
    pid: int | None
    tasks_done: int
    errors: int
    last_outputs: tuple[dict[str, Any], ...]


class SchedulerPanel:
    """Reads and commands the scheduler of one application; every call is a transaction of its own.

    Args:
        site: the site folder.
        application: its name.

    Raises:
        UserError: there is no such application.
    """

    def __init__(self, site: str, application: str) -> None:
        self._models = ApplicationModels(site, application)
        self.application = application

    @contextmanager
    def _open(self) -> Iterator[Scheduler]:
        """Give the scheduler; commit at the end, roll back on an error."""
        from runtime.foundation.current import current

        committed = False
        try:
            self._models.begin()
            scheduler = getattr(current, "_scheduler", None)
            if not isinstance(scheduler, Scheduler):
                raise UserError(f"application {self.application!r} has no scheduler")
            yield scheduler
            dal.finish(commit=True)
            committed = True
        finally:
            if not committed:
                dal.finish(commit=False)
            current.__dict__.clear()

    def counts(self) -> dict[str, int]:
        """Return how many tasks there are of each status."""
        with self._open() as scheduler:
            task = scheduler.db.scheduler_task
            number = task.id.count()
            rows = scheduler.db(task.id > 0).select(task.status, number, groupby=task.status)
            found = {row.scheduler_task.status: row[number] for row in rows}
            return {status: found.get(status, 0) for status in TASK_STATUSES}

    def tasks(self, status: str | None = None, limit: int = 100) -> list[TaskEntry]:
        """Return the latest tasks, all or those of one status."""
        with self._open() as scheduler:
            task = scheduler.db.scheduler_task
            query = task.status == status if status is not None else task.id > 0
            rows = scheduler.db(query).select(task.ALL, orderby=~task.id, limitby=(0, min(limit, _MOST_ROWS)))
            return [_task_entry(row) for row in rows]

    def runs(self, task_id: int | None = None, limit: int = 100) -> list[RunEntry]:
        """Return the latest runs, all or those of one task, with output and traceback."""
        with self._open() as scheduler:
            run = scheduler.db.scheduler_run
            query = run.task_id == task_id if task_id is not None else run.id > 0
            rows = scheduler.db(query).select(run.ALL, orderby=~run.id, limitby=(0, min(limit, _MOST_ROWS)))
            return [
                RunEntry(
                    id=row.id,
                    task_id=int(row.task_id),
                    status=row.status,
                    start_time=row.start_time,
                    stop_time=row.stop_time,
                    output=row.run_output or "",
                    result=row.run_result,
                    traceback=row.traceback,
                    worker=row.worker_name or "",
                )
                for row in rows
            ]

    def workers(self) -> list[WorkerEntry]:
        """Return the workers."""
        with self._open() as scheduler:
            return [_worker_entry(name, row) for name, row in scheduler.get_workers().items()]

    def queue(self, function: str, args: str = "[]", vars: str = "{}", **columns: Any) -> dict[str, str]:
        """Queue a task; returns what is wrong, by column, empty when all is well.

        Args:
            function: its name.
            args, vars: JSON of a list and of a dictionary.
            columns: further columns of a task.
        """
        with self._open() as scheduler:
            columns.setdefault("application_name", f"{self.application}/default")
            return dict(scheduler.queue_task(function, args=args, vars=vars, **columns).errors)

    def stop(self, task_id: int) -> bool:
        """Stop a task; tells whether there was something to stop."""
        with self._open() as scheduler:
            return bool(scheduler.stop_task(task_id))

    def run_again(self, task_id: int) -> bool:
        """Queue a task again that has ended; a running or waiting one is left alone (SCHED-57)."""
        with self._open() as scheduler:
            task = scheduler.db.scheduler_task
            ended = (task.id == task_id) & ~task.status.belongs((RUNNING, QUEUED, "ASSIGNED"))
            changed = scheduler.db(ended).update(
                status=QUEUED, enabled=True, times_run=0, times_failed=0, stop_time=None,
                next_run_time=scheduler.now(), assigned_worker_name="",
            )  # fmt: skip
            if changed:
                scheduler.wake_workers()
            return bool(changed)

    def delete(self, task_id: int) -> bool:
        """Delete a task with its runs; a running one is left alone (SCHED-57)."""
        with self._open() as scheduler:
            task = scheduler.db.scheduler_task
            return bool(scheduler.db((task.id == task_id) & (task.status != RUNNING)).delete())

    def order(self, worker: str, status: str) -> bool:
        """Give one worker an order: ``DISABLED``, ``ACTIVE``, ``TERMINATE``, ``KILL``, ``STOP_TASK``.

        Raises:
            UserError: there is no such order.
        """
        if status not in WORKER_STATUSES:
            raise UserError(f"{status!r} is no order; the orders are {', '.join(WORKER_STATUSES)}")
        with self._open() as scheduler:
            return bool(scheduler.set_worker_status(action=status, worker_name=worker))


def _task_entry(row: Any) -> TaskEntry:
    return TaskEntry(
        id=row.id,
        uuid=row.uuid or "",
        name=row.task_name or row.function_name or "",
        function=row.function_name or "",
        application=row.application_name or "",
        group=row.group_name or "",
        status=row.status or "",
        enabled=bool(row.enabled),
        next_run_time=row.next_run_time,
        last_run_time=row.last_run_time,
        times_run=row.times_run or 0,
        times_failed=row.times_failed or 0,
        repeats=row.repeats if row.repeats is not None else 1,
        period=row.period if row.period is not None else 60,
        worker=row.assigned_worker_name or "",
    )


def _worker_entry(name: str, row: Any) -> WorkerEntry:
    stats = row.worker_stats
    if isinstance(stats, str):
        stats = json.loads(stats)
    stats = stats if isinstance(stats, dict) else {}
    return WorkerEntry(
        name=name,
        status=row.status or "",
        groups=tuple(row.group_names or ()),
        is_ticker=bool(row.is_ticker),
        first_heartbeat=row.first_heartbeat,
        last_heartbeat=row.last_heartbeat,
        heartbeat=stats.get("heartbeat"),
        task_id=stats.get("task"),
        pid=stats.get("pid"),
        tasks_done=stats.get("total") or 0,
        errors=stats.get("errors") or 0,
        last_outputs=tuple(stats.get("last_outputs") or ()),
    )
