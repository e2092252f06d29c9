"""The processes of the scheduler: a worker, the process that runs its tasks (CLI-33, SCHED-17)."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.loading import ApplicationModels
from runtime.scheduler.runners import ApplicationRunner
from runtime.scheduler.settings import settings_of
from runtime.scheduler.task_process import serve
from runtime.scheduler.worker import EXIT_OK, Worker

log = logging.getLogger("web2py.scheduler")

EXIT_FAILED = 70


def program() -> list[str]:
    """The command that starts a role of the scheduler, frozen or not; the role's arguments follow."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker"]
    return [sys.executable, "-u", "-m", "runtime.scheduler"]


def executor_command(site: Path, application: str) -> list[str]:
    """Return the command of the process that runs the tasks of an application."""
    return [*program(), "--executor", f"--folder={site}", application]


def run_executor(site: Path, application: str) -> None:
    """Run tasks until the worker closes the pipe."""
    serve(ApplicationRunner(ApplicationModels(str(site), application)))


def run_worker(
    site: Path,
    application: str,
    groups: list[str] | None = None,
    *,
    watch_input: bool = False,
    on_start: Callable[[str], None] = lambda name: None,
) -> int:
    """Run one worker of an application until it is told to end; returns the exit code.

    Args:
        site: the site folder.
        application: its name.
        groups: instead of those of the scheduler (CLI-34).
        watch_input: end when standard input ends: the program that started this one has gone.
        on_start: told the worker's name.

    Raises:
        UserError: there is no such application, or it has no scheduler.
    """
    models = ApplicationModels(str(site), application)
    try:
        scheduler = models.load_scheduler()
    except UserError:
        raise
    except (Exception, SystemExit, HTTP) as error:
        log.exception("the models of %s failed", application)
        raise UserError(f"the models of {application} failed: {type(error).__name__}: {error}") from error
    settings = settings_of(
        scheduler,
        application=application,
        executor_command=executor_command(site, application),
        group_names=groups,
        on_start=on_start,
    )
    worker = Worker(settings)
    settings.adapter.drop()  # the models' connection is not needed any more
    return run_until_told(worker, watch_input)


def run_until_told(worker: Worker, watch_input: bool = False) -> int:
    """Run a worker of this process; signals order it about (SCHED-50).

    Ctrl+C kills, as the order ``KILL`` does; SIGTERM lets it finish its task,
    a second one kills.
    """

    def on_signal(number: int, frame: Any) -> None:
        worker.order(states.KILL if number == signal.SIGINT else states.TERMINATE)

    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), on_signal)
    if watch_input:
        threading.Thread(target=_watch_input, args=(worker,), name="hadron-parent", daemon=True).start()
    try:
        return worker.run()
    except UserError:
        raise
    except Exception:
        log.exception("worker %s ends: its database refuses", worker.name)
        return EXIT_FAILED


def _watch_input(worker: Worker) -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    worker.order(states.TERMINATE)


__all__ = [
    "EXIT_FAILED",
    "EXIT_OK",
    "executor_command",
    "program",
    "run_executor",
    "run_until_told",
    "run_worker",
]
