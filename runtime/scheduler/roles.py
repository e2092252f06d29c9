"""The processes of the scheduler: a worker, the process that runs its tasks (CLI-33, SCHED-17)."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.executor import Message
from runtime.scheduler.keeper import ExecutorKeeper
from runtime.scheduler.settings import new_instance, settings_from
from runtime.scheduler.worker import EXIT_OK, Worker

log = logging.getLogger("web2py.scheduler")

EXIT_FAILED = 70


def program() -> list[str]:
    """The command that starts a role of the scheduler, frozen or not; the role's arguments follow."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker"]
    return [sys.executable, "-u", "-m", "runtime.scheduler"]


def executor_command(site: Path, application: str, *options: str) -> list[str]:
    """Return the command of the process that runs the tasks of an application."""
    return [*program(), "--executor", f"--folder={site}", *options, application]


def run_executor(site: Path, application: str, journal: str | None, tell_settings: bool) -> None:
    """Run tasks until the worker closes the pipe."""
    from runtime.scheduler.loading import ApplicationModels
    from runtime.scheduler.runners import ApplicationRunner
    from runtime.scheduler.task_process import serve

    serve(
        ApplicationRunner(ApplicationModels(str(site), application)),
        journal=journal,
        tell_settings=tell_settings,
    )


def run_worker(
    site: Path,
    application: str,
    groups: list[str] | None = None,
    *,
    watch_input: bool = False,
    on_start: Callable[[str], None] = lambda name: None,
) -> int:
    """Run one worker of an application until it is told to end; returns the exit code.

    The worker itself runs no code of the application: the process that runs
    the tasks tells it what the scheduler asks for.

    Args:
        site: the site folder.
        application: its name.
        groups: instead of those of the scheduler (CLI-34).
        watch_input: end when standard input ends: the program that started this one has gone.
        on_start: told the worker's name.

    Raises:
        UserError: there is no such application, or it has no scheduler.
    """
    if not (site / "applications" / application).is_dir():
        raise UserError(f"there is no application {application!r} in {site}")
    instance, journal = new_instance()
    options = [f"--journal={journal}"] if journal else []
    command = executor_command(site, application, *options)
    inbox: SimpleQueue[Message] = SimpleQueue()
    listen_to_signals(inbox, watch_input)
    keeper, found = first_executor(command, inbox)
    if found is None:
        return EXIT_OK  # told to end before it has begun
    try:
        local: dict[str, Any] = {
            "executor_command": command,
            "instance": instance,
            "journal": journal,
            "on_start": on_start,
        }
        if groups:
            local["group_names"] = groups
        settings = settings_from(found, **local)
        keeper.most_tasks = settings.tasks_per_process
        worker: Worker
        if settings.engine == "celery":
            from runtime.scheduler.celery_worker import CeleryWorker

            worker = CeleryWorker(settings, inbox, keeper)
        else:
            worker = Worker(settings, inbox, keeper)
        return run_to_the_end(worker)
    finally:
        keeper.close()


def first_executor(
    command: list[str], inbox: SimpleQueue[Message]
) -> tuple[ExecutorKeeper, dict[str, Any] | None]:
    """Start the process that runs tasks and wait for what it says of the scheduler.

    Returns:
        The keeper of the process, and the settings; None when an order to end came first.

    Raises:
        UserError: there is no scheduler, or the models fail.
    """
    keeper = ExecutorKeeper([*command, "--settings"], inbox, 1)
    keeper.keep(busy=False, wanted=True)
    while True:
        message = inbox.get()
        if message.kind == "order":
            keeper.close()
            return keeper, None
        if message.kind == "ready":
            keeper.ready(message.values)
            keeper.use(command)
            if message.values.get("settings") is None:
                raise UserError("workers can not reach a database of this kind from a process of their own")
            return keeper, message.values["settings"]
        if message.kind == "refused":
            raise UserError(str(message.values["text"]))
        if message.kind == "end":
            code = keeper.ended()
            raise UserError(f"the process that runs tasks did not start (exit code {code})")


def listen_to_signals(inbox: SimpleQueue[Message], watch_input: bool = False) -> None:
    """Turn signals into orders (SCHED-50).

    Ctrl+C kills, as the order ``KILL`` does; SIGTERM lets the worker finish
    its task, a second one kills.

    Args:
        inbox: of the worker.
        watch_input: the end of standard input is an order, too.
    """

    def order(status: str) -> None:
        inbox.put(Message("order", values={"status": status}))

    def on_signal(number: int, frame: Any) -> None:
        order(states.KILL if number == signal.SIGINT else states.TERMINATE)

    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), on_signal)

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        order(states.TERMINATE)

    if watch_input:
        threading.Thread(target=watch, name="hadron-parent", daemon=True).start()


def run_to_the_end(worker: Worker) -> int:
    """Run a worker of this process; returns the exit code.

    Raises:
        UserError: another worker has its name.
    """
    try:
        return worker.run()
    except UserError:
        raise
    except Exception:
        log.exception("worker %s ends: its database refuses", worker.name)
        return EXIT_FAILED
