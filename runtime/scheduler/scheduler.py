"""`Scheduler`: what models create to queue tasks and to command workers (SCHED-01..63)."""

from __future__ import annotations

import datetime
import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydal.objects import Query

from runtime.dal import Row
from runtime.foundation.current import current
from runtime.foundation.serializers import custom_json
from runtime.foundation.storage import Storage
from runtime.scheduler import states
from runtime.scheduler.clocks import database_time
from runtime.scheduler.identity import new_uuid
from runtime.scheduler.settings import TASKS_PER_PROCESS
from runtime.scheduler.tables import define_tables
from runtime.scheduler.timing import next_cron_time


class _Made(threading.local):
    """The uuid that this thread has made last."""

    uuid: str | None = None


_made = _Made()


def _default_uuid() -> str:
    """Return a fresh identifier as the default of a column.

    A default is not looked up in the table as a given one is; `queue_task`
    reads it from `_made`.
    """
    _made.uuid = new_uuid()
    return _made.uuid


class Scheduler:
    """Queues tasks in a database and commands the workers that run them (SCHED-04).

    Args:
        db: database of the tables, the application's or one of its own (SCHED-05).
        tasks: name to function; without it functions are looked up by name in
            the application's models (SCHED-06).
        migrate: given to the table definitions; False creates nothing (SCHED-07).
        worker_name: name of the worker; default host name and a uuid (SCHED-08).
        group_names: groups its workers serve, ``['main']`` by default; a group
            named twice counts twice (SCHED-09).
        heartbeat: seconds between two looks for orders (SCHED-10).
        max_empty_runs: heartbeats without work after which a worker ends; 0 never (SCHED-11).
        discard_results: keep no run that completed (SCHED-12).
        utc_time: all times are UTC (SCHED-13).
        use_spawn: accepted; tasks run in a process of their own in any case.
        tasks_per_process: tasks that one process runs before a fresh one takes
            over; with 1 each task has its own.
        memory_limit: megabytes that a task may take beyond what its process
            has at the beginning; a dictionary gives them by function name,
            ``'*'`` for all others. Linux refuses more, elsewhere the worker
            ends a task soon after it took more.
        engine: ``'celery'``: a broker and Celery's workers distribute the tasks.
        broker: address of the broker, ``redis://...`` or ``amqp://...``.

    Raises:
        ValueError: an argument can not work.
    """

    def __init__(
        self,
        db: Any,
        tasks: Mapping[str, Callable[..., Any]] | None = None,
        migrate: Any = True,
        worker_name: str | None = None,
        group_names: list[str] | str | None = None,
        heartbeat: float = states.HEARTBEAT,
        max_empty_runs: int = 0,
        discard_results: bool = False,
        utc_time: bool = False,
        use_spawn: bool = False,
        *,
        tasks_per_process: int = TASKS_PER_PROCESS,
        memory_limit: float | Mapping[str, float] | None = None,
        engine: str | None = None,
        broker: str | None = None,
    ) -> None:
        if not heartbeat > 0:
            raise ValueError(f"Scheduler: heartbeat must be more than 0 seconds, not {heartbeat!r}")
        if tasks_per_process < 1:
            raise ValueError(f"Scheduler: tasks_per_process must be 1 or more, not {tasks_per_process!r}")
        if engine not in (None, "celery"):
            raise ValueError(f"Scheduler: there is no engine {engine!r}, only 'celery'")
        if (engine is None) != (broker is None):
            raise ValueError("Scheduler: engine='celery' needs broker='redis://...' or 'amqp://...'")
        self.db = db
        self.tasks = dict(tasks) if tasks is not None else None
        self.migrate = migrate
        self.given_worker_name = worker_name
        self.group_names = names_of(group_names) or ["main"]
        self.heartbeat = heartbeat
        self.max_empty_runs = max_empty_runs
        self.discard_results = discard_results
        self.utc_time = utc_time
        self.use_spawn = use_spawn
        self.tasks_per_process = tasks_per_process
        self.memory_limit = memory_limit
        self.engine = engine
        self.broker = broker
        current._scheduler = self
        self.define_tables(db, migrate)

    @property
    def worker_name(self) -> str:
        """The name given, else a fresh one of host name and uuid (SCHED-08)."""
        if not self.given_worker_name:
            self.given_worker_name = f"{socket.gethostname()}-{new_uuid()}"
        return self.given_worker_name

    def now(self) -> datetime.datetime:
        """Return the current time as the tables hold it, by the database's clock where it has one."""
        return database_time(self.db, self.utc_time)

    def define_tables(self, db: Any, migrate: Any) -> None:
        """Define the scheduler's tables on `db` (SCHED-02)."""
        define_tables(
            db,
            migrate=migrate,
            now=self.now,
            new_uuid=_default_uuid,
            application_name=_running_application(),
            group_names=self.group_names,
            functions=sorted(self.tasks) if self.tasks is not None else None,
        )

    # -- tasks -------------------------------------------------------------------------------

    def queue_task(self, function: Any = None, pargs: Any = None, pvars: Any = None, **kwargs: Any) -> Row:
        """Queue a task in the transaction of the caller (SCHED-31..39).

        Args:
            function: the function or its name; also as `function_name`.
            pargs: list of positional arguments, anything JSON can hold.
            pvars: dictionary of named arguments.
            kwargs: any column of a task; `args` and `vars` (JSON) go before
                `pargs` and `pvars`; `immediate` is accepted, workers are
                always told at once.

        Returns:
            a row with `errors`, `id`, `uuid`; the last two are None when there are errors.

        Raises:
            TypeError: no function is named, or an argument has no JSON form.
        """
        kwargs.pop("immediate", None)
        if function is None:
            function = kwargs.pop("function_name", None)
        name = getattr(function, "__name__", function)
        if not isinstance(name, str) or not name:
            raise TypeError("queue_task needs a function or its name")
        values: dict[str, Any] = {
            "function_name": name,
            "task_name": kwargs.pop("task_name", None) or name,
            "args": json.dumps(list(pargs) if pargs is not None else [], default=custom_json),
            "vars": json.dumps(dict(pvars) if pvars is not None else {}, default=custom_json),
        }
        values.update((key, value) for key, value in kwargs.items() if value is not None)
        self._set_times(values)
        answer = self.db.scheduler_task.validate_and_insert(**values)
        errors = Row(answer["errors"])
        if errors:
            return Row(errors=errors, id=None, uuid=None)
        self.wake_workers()
        return Row(errors=errors, id=answer["id"], uuid=values.get("uuid") or _made.uuid)

    def _set_times(self, values: dict[str, Any]) -> None:
        """Set the first run by `start_time` or by the cron expression, unless it is given."""
        if "next_run_time" in values:
            return
        start = values.get("start_time")
        if values.get("cronline"):
            base = start if isinstance(start, datetime.datetime) else self.now()
            try:
                values["next_run_time"] = next_cron_time(values["cronline"], base)
            except (TypeError, ValueError, AttributeError):
                pass  # the validator of the field says what is wrong
        elif start is not None:
            first, error = self.db.scheduler_task.start_time.validate(start)
            if error is None:
                # the tables hold whole seconds: rounded up, so that nothing starts too early
                late = first.microsecond and first > self.now()
                values["next_run_time"] = first + datetime.timedelta(seconds=1) if late else first

    def task_status(self, ref: Any, output: bool = False) -> Row | None:
        """Return the latest task that `ref` names, None when there is none (SCHED-40).

        Args:
            ref: id (whole number), uuid (text) or a query.
            output: also the latest run: the row then has `scheduler_task`,
                `scheduler_run` and the decoded `result` (SCHED-41).

        Raises:
            TypeError: `ref` is something else.
        """
        db = self.db
        task, run = db.scheduler_task, db.scheduler_run
        query = _query_of(task, ref)
        if not output:
            return db(query).select(task.ALL, orderby=~task.id, limitby=(0, 1)).first()  # type: ignore[no-any-return]
        row = (
            db(query)
            .select(
                task.ALL,
                run.ALL,
                left=run.on(run.task_id == task.id),
                orderby=~task.id | ~run.id,
                limitby=(0, 1),
            )
            .first()
        )
        if row is not None:
            text = row.scheduler_run.run_result
            row.result = json.loads(text) if text else None
        return row  # type: ignore[no-any-return]  # pydal has no types

    def stop_task(self, ref: Any) -> int | None:
        """Stop a task (SCHED-42, AMB-33).

        A queued one becomes ``STOPPED`` and never starts; the worker of a
        running one is told to end it.

        Args:
            ref: id or uuid.

        Returns:
            1 when something was changed, else None.

        Raises:
            TypeError: `ref` is something else.
        """
        db = self.db
        task, worker = db.scheduler_task, db.scheduler_worker
        if isinstance(ref, Query):
            raise TypeError("stop_task takes the id or uuid of a task")
        query = _query_of(task, ref)
        waiting = query & task.status.belongs((states.QUEUED, states.ASSIGNED))
        if db(waiting).update(status=states.STOPPED, enabled=False, stop_time=self.now()):
            return 1
        row = db(query & (task.status == states.RUNNING)).select(task.id, task.assigned_worker_name).first()
        if row is None:
            return None
        # `enabled` tells the worker that this very task is meant, and not the next one it takes
        if not db((task.id == row.id) & (task.status == states.RUNNING)).update(enabled=False):
            return None
        db(worker.worker_name == row.assigned_worker_name).update(status=states.STOP_TASK)
        self.wake_workers()
        return 1

    # -- workers -----------------------------------------------------------------------------

    def set_worker_status(
        self,
        group_names: list[str] | str | None = None,
        action: str = states.ACTIVE,
        exclude: Iterable[str] | None = None,
        limit: int | None = None,
        worker_name: str | None = None,
    ) -> int:
        """Order workers about (SCHED-50..52).

        Args:
            group_names: a worker that serves one of them is meant; default the scheduler's own.
            action: the order, one of the worker statuses.
            exclude: workers of these statuses are left alone; default those with that order.
            limit: at most so many workers.
            worker_name: only this worker, whatever its groups.

        Returns:
            How many workers were told.

        Raises:
            ValueError: there is no such order.
        """
        if action not in states.WORKER_STATUSES:
            raise ValueError(f"{action!r} is no status of a worker: {', '.join(states.WORKER_STATUSES)}")
        wanted = set(names_of(group_names) or self.group_names)
        spared = set(exclude) if exclude is not None else {action}
        worker = self.db.scheduler_worker
        query = worker.worker_name == worker_name if worker_name is not None else worker.id > 0
        rows = self.db(query).select(worker.id, worker.status, worker.group_names, orderby=worker.id)
        chosen = [
            row.id
            for row in rows
            if row.status not in spared and (worker_name is not None or wanted & set(row.group_names or ()))
        ][: limit if limit is not None else None]
        if not chosen:
            return 0
        told: int = self.db(worker.id.belongs(chosen)).update(status=action)
        self.wake_workers()
        return told

    def disable(
        self, group_names: Any = None, limit: int | None = None, worker_name: str | None = None
    ) -> int:
        """Let workers sleep: they stay alive and take nothing (SCHED-51)."""
        spared = (states.DISABLED, states.TERMINATE, states.KILL)
        return self.set_worker_status(group_names, states.DISABLED, spared, limit, worker_name)

    def resume(
        self, group_names: Any = None, limit: int | None = None, worker_name: str | None = None
    ) -> int:
        """Wake sleeping workers (SCHED-51)."""
        spared = set(states.WORKER_STATUSES) - {states.DISABLED}
        return self.set_worker_status(group_names, states.ACTIVE, spared, limit, worker_name)

    def terminate(
        self, group_names: Any = None, limit: int | None = None, worker_name: str | None = None
    ) -> int:
        """Let workers finish their task, then end (SCHED-51)."""
        spared = (states.TERMINATE, states.KILL)
        return self.set_worker_status(group_names, states.TERMINATE, spared, limit, worker_name)

    def kill(self, group_names: Any = None, limit: int | None = None, worker_name: str | None = None) -> int:
        """End workers now, whatever they do; their task is queued again (SCHED-51)."""
        return self.set_worker_status(group_names, states.KILL, (states.KILL,), limit, worker_name)

    def get_workers(self, only_ticker: bool = False) -> dict[str, Storage]:
        """Return the workers by name, each with the columns of its row (SCHED-52).

        Args:
            only_ticker: only the one that is elected.
        """
        worker = self.db.scheduler_worker
        query = worker.is_ticker == True if only_ticker else worker.id > 0  # noqa: E712  # a query
        return {
            row.worker_name: Storage(
                status=row.status,
                first_heartbeat=row.first_heartbeat,
                last_heartbeat=row.last_heartbeat,
                group_names=row.group_names,
                is_ticker=row.is_ticker,
                worker_stats=row.worker_stats,
            )
            for row in self.db(query).select(worker.ALL, orderby=worker.id)
        }

    def wake_workers(self) -> None:
        """Tell waiting workers that there is something to look at, once this transaction is committed.

        On SQLite they notice the commit itself.
        """
        wake_workers(self.db)


def wake_workers(db: Any) -> None:
    """Tell the workers of a database to look, when the transaction is committed."""
    if db._adapter.dbengine == "postgres":
        db.executesql(f"NOTIFY {states.CHANNEL}")


def names_of(groups: list[str] | tuple[str, ...] | str | None) -> list[str]:
    """Return group names as a list; one name alone is a list of one."""
    if groups is None:
        return []
    return [groups] if isinstance(groups, str) else list(groups)


def _running_application() -> str | None:
    """Return ``application/controller`` of the running request (SCHED-39)."""
    request = getattr(current, "request", None)
    if request is None or not request.application:
        return None
    return f"{request.application}/{request.controller or 'default'}"


def _query_of(task: Any, ref: Any) -> Any:
    if isinstance(ref, Query):
        return ref
    if isinstance(ref, int) and not isinstance(ref, bool):
        return task.id == ref
    if isinstance(ref, str):
        return task.uuid == ref
    raise TypeError(f"a task is named by its id, its uuid or a query, not by {type(ref).__name__}")
