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
from runtime.scheduler.worker_log import WorkerLog

log = logging.getLogger("web2py.scheduler")

EXIT_FAILED = 70
INSPECTABLE = "runtime.server.inspectable"
"""What is started as an executor with a control channel; a room above this one, so it is only named."""
EXIT_LATER = 75
"""What stood in the way may pass: whoever supervises the worker tries again, however often."""


class NotNow(UserError):
    """A worker can not run, for a reason that may pass: its database does not answer."""


def program() -> list[str]:
    """The command that starts a role of the scheduler, frozen or not; the role's arguments follow."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker"]
    return [sys.executable, "-u", "-m", "runtime.scheduler"]


def executor_command(site: Path, application: str, *options: str, inspectable: bool = False) -> list[str]:
    """Return the command of the process that runs the tasks of an application.

    Args:
        inspectable: it has a control channel, so that a window can look into its cache.
    """
    command = program()
    if inspectable:
        options = ("--inspectable", *options)
        command = [INSPECTABLE if word == "runtime.scheduler" else word for word in command]
    return [*command, "--executor", f"--folder={site}", *options, application]


def run_worker(
    site: Path,
    application: str,
    groups: list[str] | None = None,
    *,
    watch_input: bool = False,
    level: int = logging.WARNING,
    on_start: Callable[[str], None] = lambda name: None,
    inspectable: bool = False,
) -> int:
    """Run one worker of an application until it is told to end; returns the exit code.

    The worker itself runs no code of the application: the process that runs
    the tasks tells it what the scheduler asks for.

    Args:
        site: the site folder.
        application: its name.
        groups: instead of those of the scheduler (CLI-34).
        watch_input: end when standard input ends: the program that started this one has gone.
        level: lowest level of messages on the console, also of those from tasks.
        on_start: told the worker's name.
        inspectable: the process that runs the tasks has a control channel.

    Raises:
        UserError: there is no such application, or it has no scheduler.
        NotNow: its database does not answer, or the process that runs tasks was killed at its start.
    """
    if not (site / "applications" / application).is_dir():
        raise UserError(f"there is no application {application!r} in {site}")
    instance, journal = new_instance()
    options = [f"--level={level}", *([f"--journal={journal}"] if journal else [])]
    kept = WorkerLog(site, application)
    command = executor_command(site, application, *options, inspectable=inspectable)
    inbox: SimpleQueue[Message] = SimpleQueue()
    listen_to_signals(inbox, watch_input)
    try:
        keeper, found = first_executor(command, inbox, kept.add)
    except UserError as error:
        kept.open()
        log.error("no worker can run: %s", error)
        raise
    if found is None:
        return EXIT_OK  # told to end before it has begun
    try:
        kept.open(str(found["name"]))
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
    command: list[str], inbox: SimpleQueue[Message], on_log: Callable[[str], None]
) -> tuple[ExecutorKeeper, dict[str, Any] | None]:
    """Start the process that runs tasks and wait for what it says of the scheduler.

    Returns:
        The keeper of the process, and the settings; None when an order to end came first.

    Raises:
        UserError: there is no scheduler, or the models fail.
        NotNow: as they may not fail again.
    """
    keeper = ExecutorKeeper([*command, "--settings"], inbox, 1, on_log)
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
            problem = NotNow if message.values.get("may_pass") else UserError
            raise problem(str(message.values["text"]))
        if message.kind == "end":
            code = keeper.ended()
            raise NotNow(f"the process that runs tasks did not start (exit code {code})")


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
