"""What a worker has to know of its scheduler."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.scheduler.access import DatabaseAccess, access_from, access_of
from runtime.scheduler.journal import journal_path

if TYPE_CHECKING:
    from runtime.scheduler.scheduler import Scheduler

TASKS_PER_PROCESS = 1000
"""Tasks after which a fresh process takes over, unless the application says otherwise."""


@dataclasses.dataclass(frozen=True)
class WorkerSettings:
    """How one worker works.

    Attributes:
        name: its name, unique among the workers that live.
        group_names: the groups it serves, with repetitions (SCHED-09).
        heartbeat: seconds (SCHED-10).
        max_empty_runs: see `Scheduler` (SCHED-11).
        application: whose tasks it takes; None for stand-alone use.
        access: how to reach the scheduler's database.
        executor_command: starts the process that runs the tasks.
        instance: tells this process from others of the same name.
        journal: where the executor notes what it does; None where it can not.
        migrate: whether tables and indexes may be created (SCHED-07).
        functions: names of the functions taken; None for all.
        discard_results, utc_time, engine, broker: see `Scheduler`.
        tasks_per_process: tasks after which a fresh process takes over.
        on_start: told the worker's name when its row is written.
    """

    name: str
    group_names: list[str]
    heartbeat: float
    max_empty_runs: int
    application: str | None
    access: DatabaseAccess
    executor_command: list[str] = dataclasses.field(default_factory=list)
    instance: str = ""
    journal: str | None = None
    migrate: bool = True
    functions: list[str] | None = None
    discard_results: bool = False
    utc_time: bool = False
    tasks_per_process: int = TASKS_PER_PROCESS
    engine: str | None = None
    broker: str | None = None
    on_start: Callable[[str], None] = lambda name: None


def new_instance() -> tuple[str, str | None]:
    """Return what tells a new worker process from all others, and where its executor's journal lies."""
    instance = os.urandom(8).hex()
    try:
        return instance, journal_path(instance)
    except OSError:
        return instance, None


_LOCAL = ("access", "executor_command", "instance", "journal", "on_start")
"""Fields that the worker process knows itself, or that travel in another form."""


def settings_message(scheduler: Scheduler, application: str | None) -> dict[str, Any] | None:
    """Return what a scheduler asks for, as what JSON can hold; None where only this process can connect."""
    settings = settings_of(scheduler, application=application)
    access = settings.access.as_message()
    if access is None:
        return None
    values = {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if field.name not in _LOCAL
    }
    return {**values, "access": access}


def settings_from(message: dict[str, Any], **local: Any) -> WorkerSettings:
    """Return the settings of a message, and the fields that the worker process knows itself."""
    return WorkerSettings(**{**message, "access": access_from(message["access"]), **local})


def settings_of(scheduler: Scheduler, *, application: str | None, **local: Any) -> WorkerSettings:
    """Return the settings that a scheduler asks for.

    Args:
        scheduler: as a model has made it.
        application: see `WorkerSettings`.
        local: further fields.
    """
    functions = sorted(scheduler.tasks) if application is None and scheduler.tasks is not None else None
    values = {
        "name": scheduler.worker_name,
        "group_names": scheduler.group_names,
        "heartbeat": float(scheduler.heartbeat),
        "max_empty_runs": scheduler.max_empty_runs,
        "application": application,
        "access": access_of(scheduler.db._adapter),
        "migrate": bool(scheduler.migrate),
        "functions": functions,
        "discard_results": scheduler.discard_results,
        "utc_time": scheduler.utc_time,
        "tasks_per_process": scheduler.tasks_per_process,
        "engine": scheduler.engine,
        "broker": scheduler.broker,
    }
    return WorkerSettings(**{**values, **local})
