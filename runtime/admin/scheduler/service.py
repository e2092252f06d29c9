"""The scheduler of one application, asked by name: for the window and the command line (SCHED-59, DESK-16).

It runs the application's models, so it belongs into a process that may run application code: the inspector,
the server or a command, never the window. Every call is short, so whoever asks can stop between two of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from runtime import dal
from runtime.admin.scheduler import cleanup, figures
from runtime.admin.scheduler.arguments import check_arguments, read_json
from runtime.admin.scheduler.entries import Database, to_json
from runtime.admin.scheduler.functions import functions_of
from runtime.admin.scheduler.graph import picture
from runtime.admin.scheduler.orders import Orders
from runtime.admin.scheduler.plans import Schedule, first_time, next_times
from runtime.admin.scheduler.reading import Reader, state_of
from runtime.admin.scheduler.timeline import timeline
from runtime.admin.scheduler.workers import Workers
from runtime.foundation.current import current
from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.access import access_of
from runtime.scheduler.connection import WorkerConnection, read_true
from runtime.scheduler.loading import ApplicationModels
from runtime.scheduler.scheduler import Scheduler

_LOCAL_HOSTS = ("", "localhost", "127.0.0.1", "::1")
_EDITABLE = (
    "task_name", "group_name", "function_name", "args", "vars", "start_time", "next_run_time", "stop_time",
    "repeats", "period", "cronline", "timeout", "retry_failed", "sync_output", "prevent_drift", "broadcast",
    "enabled",
)  # fmt: skip
_TIMES = ("start_time", "next_run_time", "stop_time")
_PLANNED = ("next_run", "start_time", "stop_time")
_MOST_EDGES = 5000


class SchedulerService:
    """Reads and commands the scheduler of one application whose models have run.

    Args:
        application: its name.
        folder: its folder.
        scheduler: what a model has made; its database can be used.
        names: what the models define.
    """

    def __init__(self, application: str, folder: str, scheduler: Scheduler, names: Mapping[str, Any]) -> None:
        self.application = application
        self._folder, self._scheduler, self._names = folder, scheduler, names
        self._database = _describe(application, scheduler, names)
        self.connection = WorkerConnection(access_of(scheduler.db._adapter))
        self._reader = Reader(self.connection, scheduler.utc_time)
        self._workers = Workers(self._reader, float(scheduler.heartbeat))
        self._orders = Orders(self._reader)

    def close(self) -> None:
        """Let the database go."""
        self.connection.close()

    def ask(self, call: str, arguments: Mapping[str, Any]) -> Any:
        """Carry out one of `CALLS` and return what JSON can hold.

        Raises:
            UserError: there is no such call, or it can not be done, and why.
        """
        if call not in CALLS:
            raise UserError(f"the scheduler can not be asked for {call!r}")
        try:
            return CALLS[call](self, **arguments)
        except UserError:
            raise
        except Exception as error:
            if self.connection.passes(error):
                self.connection.close()  # the next call opens another
            raise

    # -- reading -----------------------------------------------------------------------------

    def database(self) -> dict[str, Any]:
        """Return a `Database`."""
        return to_json(self._database)

    def counts(self, text: str = "", runs: bool = False, start: int = 0, stop: int = 2**62) -> dict[str, int]:
        """See `Reader.count`."""
        return self._reader.count(runs, text, start, stop)

    def bounds(self, runs: bool = False) -> dict[str, int]:
        """See `Reader.bounds`."""
        least, most, about = self._reader.bounds(runs)
        return {"least": least, "most": most, "about": about}

    def tasks(
        self,
        text: str = "",
        chosen: Sequence[str] = (),
        order: str = "next",
        down: bool = False,
        after: Sequence[Any] | None = None,
        limit: int = 200,
    ) -> dict[str, Any]:
        """See `Reader.tasks`; ``rows`` are `TaskEntry`, ``following`` is what to give as `after`."""
        rows, following = self._reader.tasks(text, chosen, order, down, after, limit)
        return {"rows": [to_json(row) for row in rows], "following": following}

    def tasks_by_id(self, ids: Sequence[int]) -> dict[str, Any]:
        """``rows`` of these tasks."""
        return {"rows": [to_json(row) for row in self._reader.tasks_by_id(ids)]}

    def task(self, task_id: int) -> dict[str, Any]:
        """A `TaskDetail`, with ``times``, its next five."""
        detail = self._reader.task(task_id)
        return {**to_json(detail), "times": self._times(_schedule_of(self._reader, detail))}

    def runs(
        self,
        text: str = "",
        chosen: Sequence[str] = (),
        down: bool = True,
        after: int | None = None,
        limit: int = 200,
    ) -> dict[str, Any]:
        """See `Reader.runs`."""
        rows, following = self._reader.runs(text, chosen, down, after, limit)
        return {"rows": [to_json(row) for row in rows], "following": following}

    def runs_by_id(self, ids: Sequence[int]) -> dict[str, Any]:
        """``rows`` of these runs."""
        return {"rows": [to_json(row) for row in self._reader.runs_by_id(ids)]}

    def run(self, run_id: int, limit: int = 65536) -> dict[str, Any]:
        """A `RunTexts`."""
        return to_json(self._reader.run(run_id, limit))

    def ids(
        self, runs: bool, text: str, chosen: Sequence[str] = (), after: int = 0, limit: int = 500
    ) -> list[int]:
        """See `Reader.ids`."""
        return self._reader.ids(runs, text, chosen, after, limit)

    def workers(self) -> list[dict[str, Any]]:
        """`WorkerEntry` for each worker."""
        return [to_json(worker) for worker in self._workers.all()]

    def hints(self) -> list[dict[str, Any]]:
        """See `figures.hints`."""
        return [to_json(hint) for hint in figures.hints(self._reader, self._workers.all())]

    def throughput(self, seconds: float) -> dict[str, Any]:
        """See `figures.throughput`."""
        return to_json(figures.throughput(self._reader, seconds))

    def timeline(self, seconds: float, by: str) -> dict[str, Any]:
        """See `timeline.timeline`."""
        return to_json(timeline(self._reader, seconds, by))

    def jobs(self) -> list[dict[str, Any]]:
        """``name``, ``tasks`` and ``waiting`` (dependencies still to be met) of each job."""
        rows = self._reader.connection.rows(
            "SELECT job_name, COUNT(DISTINCT task_child), SUM(CASE WHEN can_visit = "  # noqa: S608  # of the adapter
            f"{self._reader.connection.false} THEN 1 ELSE 0 END) FROM scheduler_task_deps "
            "GROUP BY job_name ORDER BY MAX(id) DESC"
        )
        return [{"name": row[0] or "", "tasks": int(row[1]), "waiting": int(row[2] or 0)} for row in rows]

    def job(self, name: str) -> dict[str, Any]:
        """A `JobPicture`."""
        connection = self._reader.connection
        edges = connection.rows(
            "SELECT task_parent, task_child, can_visit FROM scheduler_task_deps "  # noqa: S608  # a number
            "WHERE job_name = ? "
            f"ORDER BY id{connection.limit(_MOST_EDGES)}",
            name,
        )
        ids = sorted({int(one) for row in edges for one in row[:2] if one is not None})
        tasks: dict[int, tuple[str, str]] = {}
        for at in range(0, len(ids), 500):
            part = ids[at : at + 500]
            for row in connection.rows(
                "SELECT id, task_name, status, enabled FROM scheduler_task "  # noqa: S608  # only marks
                f"WHERE id IN ({', '.join('?' * len(part))})",
                *part,
            ):
                tasks[int(row[0])] = (row[1] or f"task {row[0]}", state_of(row[2] or "", read_true(row[3])))
        pairs = [(int(row[0]), int(row[1]), read_true(row[2])) for row in edges if row[0] and row[1]]
        return to_json(picture(name, pairs, tasks))

    # -- orders ------------------------------------------------------------------------------

    def act(self, order: str, ids: Sequence[int]) -> dict[str, Any]:
        """See `Orders.act`."""
        done, faults = self._orders.act(order, ids)
        return {"done": done, "faults": faults}

    def order(self, worker: str, order: str) -> None:
        """See `Workers.order`."""
        self._workers.order(worker, order)

    def take_back(self, worker: str) -> int:
        """See `Workers.take_back`."""
        return self._workers.take_back(worker)

    def clean_up(self, older: float | None, keep: int, start: int = 0, dry: bool = True) -> dict[str, Any]:
        """One piece; see `cleanup.CleanUp`."""
        return to_json(cleanup.CleanUp(self._reader, older, keep).piece(start, dry))

    # -- queueing ----------------------------------------------------------------------------

    def functions(self) -> list[dict[str, Any]]:
        """What can be queued; see `functions.functions_of`."""
        return functions_of(self._scheduler.tasks, self._names, self._folder)

    def check(self, function: str, args: str, vars: str) -> str:
        """Return what is wrong with a call of a function; "" when nothing is."""
        try:
            positional, named = read_json(args, list), read_json(vars, dict)
        except UserError as error:
            return str(error)
        known = {one["name"]: one for one in self.functions()}
        if function not in known:
            names = ", ".join(list(known)[:8]) or "none"
            return f"The application has no function {function!r}. It has: {names}."
        return check_arguments(known[function]["parameters"], positional, named)

    def queue(self, function: str, args: str = "[]", vars: str = "{}", **columns: Any) -> dict[str, Any]:
        """Queue a task (SCHED-31).

        Args:
            function: its name.
            args, vars: JSON of a list and of a dictionary.
            columns: further columns; times are seconds since 1970.

        Returns:
            ``id`` and ``uuid``, or ``errors``: what is wrong, by column.

        Raises:
            UserError: there is no such column.
        """
        values = self._columns(columns)
        values.setdefault("application_name", f"{self.application}/default")
        values.setdefault("start_time", self._reader.now().replace(microsecond=0))

        with self._committed():
            row = self._scheduler.queue_task(function, args=args or "[]", vars=vars or "{}", **values)
        errors = {key: str(text) for key, text in row.errors.items()}
        return {"errors": errors, "id": row.id, "uuid": row.uuid}

    def edit(self, task_id: int, **columns: Any) -> dict[str, Any]:
        """Change columns of a task; what runs goes on with the old ones (UI-SC-19).

        Returns:
            ``errors``: what is wrong, by column; empty when all is well.

        Raises:
            UserError: there is no such task or column, or the column can't be changed while the task runs.
        """
        values = self._columns(columns)
        if "cronline" in values and not values["cronline"]:
            values["cronline"] = None

        scheduler, task = self._scheduler, self._scheduler.db.scheduler_task
        with self._committed():
            row = scheduler.db(task.id == task_id).select(task.ALL).first()
            if row is None:
                raise UserError(f"task {task_id} is not there any more")
            if row.status == states.RUNNING and "next_run_time" in values:
                raise UserError("the task runs just now; its next time is set when it has ended")
            cronline = str(values.get("cronline") or "")
            if cronline and cronline != row.cronline and "next_run_time" not in values:
                values["next_run_time"] = first_time(cronline, self._reader.now())
            answer = scheduler.db(task.id == task_id).validate_and_update(**values)
            scheduler.wake_workers()
        return {"errors": {key: str(text) for key, text in (answer["errors"] or {}).items()}}

    def times(self, **schedule: Any) -> list[float]:
        """The next five times of a plan; times are seconds since 1970 (see `plans.Schedule`)."""
        known: dict[str, Any] = {
            name: self._reader.stored(value) if name in _PLANNED and value else value
            for name, value in schedule.items()
        }
        if known.get("cronline"):
            now = self._reader.now()
            known["next_run"] = first_time(str(known["cronline"]), max(known.get("start_time") or now, now))
        known.setdefault("next_run", known.get("start_time") or self._reader.now())
        return self._times(Schedule(**known))

    def _times(self, schedule: Schedule) -> list[float]:
        return [
            found for moment in next_times(schedule) if (found := self._reader.seconds(moment)) is not None
        ]

    def _columns(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        unknown = set(columns) - set(_EDITABLE)
        if unknown:
            raise UserError(f"a task has no column {', '.join(sorted(unknown))} that can be given")
        return {
            name: self._reader.stored(value) if name in _TIMES and isinstance(value, (int, float)) else value
            for name, value in columns.items()
        }

    @contextmanager
    def _committed(self) -> Iterator[None]:
        """Commit what the block does through the models' database object, or nothing of it."""
        try:
            yield
            self._scheduler.db.commit()
        except BaseException:
            self._scheduler.db.rollback()
            raise


@contextmanager
def open_scheduler(site: str, application: str) -> Iterator[SchedulerService]:
    """Run the models of an application in this process and give its scheduler.

    Args:
        site: the site folder.
        application: its name.

    Raises:
        UserError: there is no such application, or it has no scheduler.
        Exception: whatever a model raises.
    """
    models = ApplicationModels(site, application)
    service: SchedulerService | None = None
    try:
        names = models.begin()
        scheduler = getattr(current, "_scheduler", None)
        if not isinstance(scheduler, Scheduler):
            raise no_scheduler(application)
        scheduler.db.commit()  # tables that were created
        service = SchedulerService(application, models.folder, scheduler, names)
        yield service
    finally:
        if service is not None:
            service.close()
        dal.finish(commit=False)
        current.__dict__.clear()


def no_scheduler(application: str) -> UserError:
    """The error of an application whose models make no scheduler."""
    return UserError(f"application {application!r} has no scheduler: a model has to say `Scheduler(db)`")


CALLS: dict[str, Callable[..., Any]] = {
    call.__name__: call
    for call in (
        SchedulerService.database, SchedulerService.counts, SchedulerService.bounds, SchedulerService.tasks,
        SchedulerService.tasks_by_id, SchedulerService.task, SchedulerService.runs,
        SchedulerService.runs_by_id, SchedulerService.run, SchedulerService.ids, SchedulerService.workers,
        SchedulerService.hints, SchedulerService.throughput, SchedulerService.timeline,
        SchedulerService.jobs, SchedulerService.job, SchedulerService.act,
        SchedulerService.order, SchedulerService.take_back, SchedulerService.clean_up,
        SchedulerService.functions, SchedulerService.check, SchedulerService.queue, SchedulerService.edit,
        SchedulerService.times,
    )
}  # fmt: skip
"""What can be asked, by name."""


def _describe(application: str, scheduler: Scheduler, names: Mapping[str, Any]) -> Database:
    adapter = scheduler.db._adapter
    return Database(
        application=application,
        name=next((name for name, value in names.items() if value is scheduler.db), "db"),
        engine=str(adapter.dbengine),
        local=_is_local(str(adapter.uri)),
        utc=bool(scheduler.utc_time),
        heartbeat=float(scheduler.heartbeat),
        groups=tuple(scheduler.group_names),
        functions=scheduler.tasks is not None,
    )


def _is_local(uri: str) -> bool:
    if uri.startswith(("sqlite", "spatialite")):
        return True
    try:
        return (urlsplit(uri).hostname or "") in _LOCAL_HOSTS
    except ValueError:
        return False


def _schedule_of(reader: Reader, detail: Any) -> Schedule:
    task = detail.task

    def stored(seconds: float | None) -> datetime.datetime | None:
        return reader.stored(seconds) if seconds is not None else None

    return Schedule(
        next_run=stored(task.next_run),
        period=task.period,
        repeats=task.repeats,
        times_run=task.times_run,
        cronline=task.cronline,
        stop_time=stored(detail.stop_time),
        start_time=stored(detail.start_time),
        prevent_drift=detail.prevent_drift,
    )
