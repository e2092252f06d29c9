"""How the executing process finds the function of a task: in an application, or in a file of tasks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from runtime import dal
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.scheduler.loading import ApplicationModels


class TaskNotFound(LookupError):
    """A task names a function that is not there."""


def _call(function: Any, order: dict[str, Any]) -> Any:
    if not callable(function):
        raise TaskNotFound(f"there is no function {order['function']!r} to run")
    args, values = json.loads(order["args"]), json.loads(order["vars"])
    return function(*args, **values)


class ApplicationRunner:
    """Runs the functions of an application, the models anew for each task (SCHED-03, SCHED-14).

    Args:
        models: of the application.
    """

    def __init__(self, models: ApplicationModels) -> None:
        self._models = models

    def warm_up(self) -> None:
        """Import and compile what the models need."""
        try:
            self._models.begin()
        finally:
            self._models.finish()

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


class PlainRunner:
    """Runs the functions of a dictionary, for schedulers without an application (SCHED-18).

    Args:
        tasks: name to function.
        databases_folder: where databases without a folder of their own lie.
    """

    def __init__(self, tasks: Mapping[str, Callable[..., Any]], databases_folder: str) -> None:
        self._tasks = tasks
        self._folder = databases_folder

    def warm_up(self) -> None:
        """Nothing is to be loaded."""

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
