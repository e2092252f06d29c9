"""What a worker has to know of its scheduler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runtime.scheduler.scheduler import Scheduler


@dataclass(frozen=True)
class WorkerSettings:
    """How one worker works.

    Attributes:
        name: its name, unique among the workers that live.
        group_names: the groups it serves, with repetitions (SCHED-09).
        heartbeat: seconds (SCHED-10).
        max_empty_runs: see `Scheduler` (SCHED-11).
        application: whose tasks it takes; None for stand-alone use.
        executor_command: starts the process that runs the tasks.
        adapter: pydal's adapter of the scheduler's database.
        migrate: whether tables and indexes may be created (SCHED-07).
        functions: names of the functions taken; None for all.
        discard_results, utc_time: see `Scheduler`.
        tasks_per_executor: tasks after which a fresh process takes over.
        on_start: told the worker's name when its row is written.
    """

    name: str
    group_names: list[str]
    heartbeat: float
    max_empty_runs: int
    application: str | None
    executor_command: list[str]
    adapter: Any
    migrate: bool = True
    functions: list[str] | None = None
    discard_results: bool = False
    utc_time: bool = False
    tasks_per_executor: int = 1000
    on_start: Callable[[str], None] = lambda name: None


def settings_of(
    scheduler: Scheduler,
    *,
    application: str | None,
    executor_command: list[str],
    group_names: list[str] | None = None,
    on_start: Callable[[str], None] = lambda name: None,
) -> WorkerSettings:
    """Return the settings that a scheduler asks for.

    Args:
        scheduler: as a model has made it.
        application, executor_command, on_start: see `WorkerSettings`.
        group_names: instead of the scheduler's own (CLI-34).
    """
    functions = sorted(scheduler.tasks) if application is None and scheduler.tasks is not None else None
    return WorkerSettings(
        name=scheduler.worker_name,
        group_names=group_names or scheduler.group_names,
        heartbeat=float(scheduler.heartbeat),
        max_empty_runs=scheduler.max_empty_runs,
        application=application,
        executor_command=executor_command,
        adapter=scheduler.db._adapter,
        migrate=bool(scheduler.migrate),
        functions=functions,
        discard_results=scheduler.discard_results,
        utc_time=scheduler.utc_time,
        on_start=on_start,
    )
