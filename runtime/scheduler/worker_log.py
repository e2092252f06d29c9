"""The log a worker keeps in its site: its own lines, and those of the process that runs its tasks (LG-01)."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.foundation.log_files import KeptLog, LineFormatter, keep_worker_log
from runtime.scheduler.states import COMPLETED

if TYPE_CHECKING:
    from runtime.scheduler.task_process import Pipe
    from runtime.scheduler.task_run import TaskRun

log = logging.getLogger("web2py.scheduler")

LEVEL = logging.INFO
"""Least level of what is kept; the console has its own."""
MOST_EARLY = 200
"""Lines kept in memory until the worker has a name."""
_LINES_A_SECOND = 10  # of runs that completed; quick tasks would fill the file, and cost more than they do


class WorkerLog:
    """Takes lines from any thread; until `open` they wait.

    Args:
        site: the site folder.
        application: of the worker.
    """

    def __init__(self, site: Path, application: str) -> None:
        self._site, self._application = site, application
        self._early: deque[str] = deque(maxlen=MOST_EARLY)
        self._kept: KeptLog | None = None

    def open(self, name: str = "") -> None:
        """Keep the log under the name of the worker, or without one when it came to none."""
        if self._kept is not None:
            return
        self._kept = keep_worker_log(self._site, self._application, name)
        if self._kept is not None:
            self._kept.setLevel(LEVEL)
            while self._early:
                self.add(self._early.popleft())

    def add(self, line: str) -> None:
        """Take a line of the process that runs the tasks."""
        if self._kept is None:
            self._early.append(line)
            return
        with contextlib.suppress(OSError):  # a full disk loses lines, no task
            self._kept.add(line)


class PipeLog(logging.Handler):
    """Sends the records of the process that runs tasks to its worker.

    Args:
        pipe: to the worker.
    """

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(LEVEL)
        self.setFormatter(LineFormatter())
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
        else:
            self._pipe.say("log", line=line)


class RunNotes:
    """Tells the log of the runs of a worker: all that failed, and of those that completed a few a second."""

    def __init__(self) -> None:
        self._second = 0
        self._told = self._passed = 0

    def ended(self, run: TaskRun) -> None:
        """Tell how a run went: a run in the window links to this moment in this log (LG-05)."""
        claim, outcome = run.claim, run.outcome
        assert outcome is not None
        words = (claim.task_id, claim.task_name or claim.function_name, claim.run_id, outcome.status)
        if outcome.status != COMPLETED:
            lines = (outcome.traceback or "").strip().splitlines()
            log.warning("task %d %s, run %d: %s%s", *words, f": {lines[-1].strip()}" if lines else "")
            return
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._told = second, 0
            self.sum_up()
        if self._told < _LINES_A_SECOND:
            self._told += 1
            log.info("task %d %s, run %d: %s", *words)
        else:
            self._passed += 1

    def sum_up(self) -> None:
        """Tell how many runs were passed over."""
        if self._passed:
            log.info("%d more runs have completed", self._passed)
            self._passed = 0
