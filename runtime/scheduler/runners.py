"""How the executing process finds the function of a task: in an application, or in a file of tasks."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runtime import dal
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.scheduler.loading import ApplicationModels
from runtime.scheduler.memory import MEGABYTE
from runtime.scheduler.settings import settings_message
from runtime.scheduler.task_process import serve

log = logging.getLogger("web2py.scheduler")


class TaskNotFound(LookupError):
    """A task names a function that is not there."""


def _call(function: Any, order: dict[str, Any]) -> Any:
    if not callable(function):
        raise TaskNotFound(f"there is no function {order['function']!r} to run")
    args, values = json.loads(order["args"]), json.loads(order["vars"])
    return function(*args, **values)


class _Limits:
    """The memory that functions may take."""

    _limits: Any = None

    def _learn(self, scheduler: Any) -> None:
        self._limits = scheduler.memory_limit

    def memory_limit(self, function: str) -> int | None:
        """Return how many bytes a function may take; None for any number."""
        limits = self._limits
        megabytes = limits.get(function, limits.get("*")) if isinstance(limits, Mapping) else limits
        return int(megabytes * MEGABYTE) if megabytes else None

    @staticmethod
    def let_go() -> None:
        """Close database connections: a process forked from this one could not share them."""
        dal.close_connections()


class ApplicationRunner(_Limits):
    """Runs the functions of an application, the models anew for each task (SCHED-03, SCHED-14).

    Args:
        models: of the application.
    """

    def __init__(self, models: ApplicationModels) -> None:
        self._models = models

    def warm_up(self, tell_settings: bool) -> dict[str, Any]:
        """Import and compile what the models need.

        Args:
            tell_settings: return what the scheduler asks for.

        Raises:
            UserError: there is no scheduler.
            Exception: whatever a model raises.
        """
        scheduler = self._models.load_scheduler()
        self._learn(scheduler)
        facts: dict[str, Any] = {"forks": scheduler.tasks_per_process == 1 and hasattr(os, "fork")}
        if tell_settings:
            facts["settings"] = settings_message(scheduler, self._models.application)
        return facts

    def run(self, order: dict[str, Any]) -> Any:
        """Run a task (SCHED-15).

        Raises:
            Exception: whatever models and function raise.
        """
        controller = order["application"].partition("/")[2].partition("/")[0]
        try:
            environment = self._models.begin(controller or "default", W2P_TASK=Storage(order["task"]))
            tasks = getattr(getattr(current, "_scheduler", None), "tasks", None)
            name = order["function"]
            function = tasks.get(name) if tasks is not None else environment.get(name)
            return _call(function, order)
        finally:
            self._models.finish()

    def ticket(self, error: BaseException, task: Mapping[str, Any]) -> str | None:
        """Write a ticket about what `task` has raised; returns its number (ERR-08, TK-18)."""
        from runtime.errors import record_error

        number, _ = record_error(
            self._models.folder,
            self._models.application,
            error,
            request=getattr(current, "request", None),
            task={"id": int(task["id"]), "run_id": int(task["run_id"])},
        )
        return number


class PlainRunner(_Limits):
    """Runs the functions of a dictionary, for schedulers without an application (SCHED-18).

    Args:
        tasks: name to function.
        databases_folder: where databases without a folder of their own lie.
    """

    def __init__(self, tasks: Mapping[str, Callable[..., Any]], databases_folder: str) -> None:
        self._tasks = tasks
        self._folder = databases_folder

    def warm_up(self, tell_settings: bool) -> dict[str, Any]:
        """Nothing is to be loaded."""
        return {}

    @staticmethod
    def ticket(error: BaseException, task: Mapping[str, Any]) -> str | None:
        """There is no application to keep tickets; the log gets the traceback, secrets hidden (ERR-12)."""
        from runtime.errors import log_failure

        log_failure("a task", error, log)
        return None

    def run(self, order: dict[str, Any]) -> Any:
        """Run a task.

        Raises:
            Exception: whatever the function raises.
        """
        current._begin(W2P_TASK=Storage(order["task"]))
        dal.begin_request(self._folder)
        try:
            return _call(self._tasks.get(order["function"]), order)
        finally:
            dal.finish(commit=False)


def run_executor(
    site: Path,
    application: str,
    journal: str | None,
    tell_settings: bool,
    on_ready: Callable[[Path, str], None] | None = None,
) -> None:
    """Run tasks of an application until the worker closes the pipe.

    Args:
        on_ready: given site and application before the first task; see `task_process.serve`.
    """

    def ready() -> None:
        if on_ready is not None:
            on_ready(site, application)

    models = ApplicationModels(str(site), application, late=True)
    serve(ApplicationRunner(models), journal=journal, tell_settings=tell_settings, on_ready=ready)
