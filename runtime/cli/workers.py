"""Workers of the scheduler: `hadron worker APPS`, and `-K` with and without `-X` (CLI-33..36)."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from runtime.cli.parser import UsageError, make_options, parse
from runtime.config import ServerConfig
from runtime.foundation.problems import UserError
from runtime.scheduler.command_line import is_role
from runtime.scheduler.command_line import main as run_role
from runtime.scheduler.team import Team
from runtime.scheduler.wishes import WorkerWish, parse_wishes
from runtime.server.inspectable import main as run_inspectable

EXIT_OK = 0
_USAGE = "usage: hadron worker APP1:GROUP1:GROUP2,APP2 [-f FOLDER]"
_GRACE_ALONE = 3600.0  # seconds that workers get for their task when nothing but them is stopped


def run(arguments: Sequence[str]) -> int:
    """Carry out `hadron worker ...`; returns the exit code.

    Raises:
        UserError: the command line or an application can not be used.
    """
    if is_role(arguments):  # a worker or an executor that this program itself starts
        return run_inspectable(arguments) if "--inspectable" in arguments else run_role(arguments)
    if any(word in ("-h", "--help") for word in arguments):
        print(f"{_USAGE}\n\nRun workers of the applications' schedulers; repeat an application for more.")
        return EXIT_OK
    if not arguments or arguments[0].startswith("-"):
        raise UsageError(_USAGE)
    options = make_options(parse(arguments[1:]), lambda text: print(f"hadron: {text}", file=sys.stderr))
    return run_alone(options.config, arguments[0])


def run_alone(config: ServerConfig, text: str) -> int:
    """Run workers without a web server until they end or are told to; returns the exit code.

    A first SIGTERM lets them finish their tasks, Ctrl+C or a second one does not.

    Args:
        config: the effective options; folder and level of messages count.
        text: the workers, as `-K` names them.

    Raises:
        UserError: an application is not there.
    """
    wishes = parse_wishes(text)
    team = _team(config, wishes)
    orders = threading.Semaphore(0)
    quick = threading.Event()

    def on_signal(number: int, frame: Any) -> None:
        if number == signal.SIGINT or stopper.is_set():
            quick.set()
        stopper.set()
        orders.release()

    stopper = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), on_signal)
    team.start()
    if not config.quiet:
        print(f"Scheduler workers: {', '.join(map(str, wishes))} (stop with Ctrl+C)", flush=True)
    ended: list[int] = []

    def wait() -> None:
        ended.append(team.wait())
        orders.release()

    threading.Thread(target=wait, name="hadron-team", daemon=True).start()
    while not orders.acquire(timeout=0.5):
        pass  # in steps, so that signals are handled everywhere
    if not stopper.is_set():
        return ended[0] if ended else EXIT_OK
    team.stop(_GRACE_ALONE, hasten=quick)
    return EXIT_OK


@contextmanager
def beside(config: ServerConfig, text: str) -> Iterator[None]:
    """Run workers as long as the block, which serves (CLI-36).

    Args:
        config: the effective options.
        text: the workers, as `-K` names them.

    Raises:
        UserError: an application is not there.
    """
    team = _team(config, parse_wishes(text))
    team.start()
    try:
        yield
    finally:
        team.stop(config.shutdown_timeout)


def _team(config: ServerConfig, wishes: list[WorkerWish]) -> Team:
    for wish in wishes:
        if not (config.folder / "applications" / wish.application).is_dir():
            raise UserError(f"there is no application {wish.application!r} in {config.folder}")
    return Team(config.folder, wishes, config.debug_level, quiet=config.quiet)
