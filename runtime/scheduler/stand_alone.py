"""A worker without applications: a database, a file of tasks (SCHED-18)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime import dal
from runtime.foundation.problems import UserError
from runtime.scheduler.roles import listen_to_signals, program, run_to_the_end
from runtime.scheduler.runners import PlainRunner
from runtime.scheduler.scheduler import Scheduler
from runtime.scheduler.settings import new_instance, settings_of
from runtime.scheduler.task_process import serve
from runtime.scheduler.worker import Worker


@dataclass(frozen=True)
class StandAlone:
    """Options of a stand-alone worker; see `Scheduler` for most."""

    tasks_file: Path
    folder: str
    uri: str
    worker_name: str | None = None
    heartbeat: float = 10.0
    max_empty_runs: int = 0
    group_names: tuple[str, ...] = ("main",)
    utc_time: bool = False


def load_tasks(file: Path) -> dict[str, Callable[..., Any]]:
    """Return the dictionary `tasks` that a Python file makes.

    Raises:
        UserError: there is no such file, or it makes none.
    """
    if not file.is_file():
        raise UserError(f"there is no file {file}")
    names: dict[str, Any] = {"__name__": "tasks", "__file__": str(file)}
    try:
        exec(compile(file.read_bytes(), str(file), "exec", dont_inherit=True), names)  # noqa: S102  # a file of tasks is code
    except Exception as error:
        raise UserError(f"{file} failed: {type(error).__name__}: {error}") from error
    tasks = names.get("tasks")
    if not isinstance(tasks, dict) or not tasks:
        raise UserError(f"{file} has to make a dictionary `tasks`: name to function")
    return tasks


def run_stand_alone(options: StandAlone, on_start: Callable[[str], None] = lambda name: None) -> int:
    """Run a worker until it is told to end; returns the exit code.

    Raises:
        UserError: the file of tasks or the database can not be used.
    """
    tasks = load_tasks(options.tasks_file)
    if not os.path.isdir(options.folder):
        raise UserError(f"there is no folder {options.folder}")
    db = dal.DAL(options.uri, folder=options.folder)
    scheduler = Scheduler(
        db,
        tasks=tasks,
        worker_name=options.worker_name,
        group_names=list(options.group_names),
        heartbeat=options.heartbeat,
        max_empty_runs=options.max_empty_runs,
        utc_time=options.utc_time,
    )
    db.commit()
    command = [
        *program(),
        "--executor",
        f"--folder={options.folder}",
        f"--tasks={options.tasks_file.resolve()}",
    ]
    instance, journal = new_instance()
    if journal:
        command.append(f"--journal={journal}")
    settings = settings_of(
        scheduler,
        application=None,
        executor_command=command,
        instance=instance,
        journal=journal,
        on_start=on_start,
    )
    worker = Worker(settings)
    db._adapter.drop()
    listen_to_signals(worker.inbox)
    return run_to_the_end(worker)


def run_stand_alone_executor(file: Path, folder: str, journal: str | None) -> None:
    """Run tasks until the worker closes the pipe."""
    serve(PlainRunner(load_tasks(file), folder), journal=journal)
