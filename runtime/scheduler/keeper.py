"""Keeps one executor alive: starts it, replaces it after many tasks, waits after failures."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from runtime.scheduler.executor import Executor, Message

log = logging.getLogger("web2py.scheduler")

_LONGEST_PAUSE = 30.0


class ExecutorKeeper:
    """The executor of one worker.

    Args:
        command: starts one.
        inbox: where its messages go.
        most_tasks: tasks after which it is replaced.
        on_log: given each line of its log, in a thread.
    """

    def __init__(
        self,
        command: list[str],
        inbox: SimpleQueue[Message],
        most_tasks: int,
        on_log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.executor: Executor | None = None
        self.most_tasks = most_tasks
        self._command = command
        self._on_log = on_log
        self._inbox = inbox
        self._number = 0
        self._failures = 0
        self._start_at = 0.0

    def is_ready(self) -> bool:
        """Tell whether there is a process that can take a task."""
        executor = self.executor
        return executor is not None and executor.ready and self.tasks_left() > 0

    def use(self, command: list[str]) -> None:
        """Start the next one by another command."""
        self._command = command

    def has_processes_for_tasks(self) -> bool:
        """Tell whether the executor runs each task in a process of its own."""
        return self.executor is not None and self.executor.forks

    def tasks_left(self) -> int:
        """Return how many tasks the executor may still run."""
        executor = self.executor
        if executor is None:
            return 0
        return self.most_tasks if executor.forks else self.most_tasks - executor.tasks

    def next_event(self) -> float:
        """Return when a process is to be started; infinite when there is one."""
        return self._start_at if self.executor is None else float("inf")

    def keep(self, busy: bool, wanted: bool) -> None:
        """Replace a process that has done its share; start one when there is none.

        Args:
            busy: it has tasks.
            wanted: there will be more tasks.
        """
        if self.executor is not None and not busy and self.tasks_left() <= 0:
            self.executor.retire()
            self.executor = None
        if self.executor is None and wanted and time.monotonic() >= self._start_at:
            self._number += 1
            self.executor = Executor(self._command, self._inbox, self._number, on_log=self._on_log)

    def is_from_current(self, message: Message) -> bool:
        """Tell whether a message comes from the process in use."""
        return self.executor is not None and message.sender == self._number

    def ready(self, values: dict[str, Any]) -> None:
        """The process can take tasks."""
        if self.executor is not None:
            self.executor.forks = bool(values.get("forks"))
            self.executor.ready = True
            self._failures = 0

    def ended(self) -> int | None:
        """The process is gone; returns its exit code."""
        executor, self.executor = self.executor, None
        if executor is None:
            return None
        if not executor.ready:
            self._failures += 1
            pause = min(0.5 * 2**self._failures, _LONGEST_PAUSE)
            self._start_at = time.monotonic() + pause
            log.error(
                "the process that runs tasks did not start (exit code %s); again in %g s",
                executor.exit_code,
                pause,
            )
        return executor.exit_code

    def drop(self) -> None:
        """Forget a process that can not be killed; another takes its place."""
        self.executor = None

    def close(self) -> None:
        """Kill the process."""
        if self.executor is not None:
            self.executor.close()
