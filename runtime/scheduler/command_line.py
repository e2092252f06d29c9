"""Command lines of the roles, which workers and teams write themselves, and of stand-alone use."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from runtime.foundation.logging_conf import read_logging_conf
from runtime.foundation.problems import UserError
from runtime.scheduler.wishes import parse_wish

EXIT_OK, EXIT_USAGE = 0, 2


def main(argv: Sequence[str]) -> int:
    """Carry out one role; returns the exit code."""
    try:
        if "--executor" in argv:
            return _run_executor([one for one in argv if one != "--executor"])
        if "--worker" in argv:
            return _run_worker([one for one in argv if one != "--worker"])
        return _run_stand_alone(argv)
    except UserError as error:
        print(f"hadron: {error}", file=sys.stderr, flush=True)
        return EXIT_USAGE


def is_role(argv: Sequence[str]) -> bool:
    """Tell whether a command line is one that this program has written for itself."""
    return "--executor" in argv or "--worker" in argv


def _run_executor(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="executor", allow_abbrev=False)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--tasks", type=Path)
    parser.add_argument("--journal")
    parser.add_argument("--settings", action="store_true")
    parser.add_argument("application", nargs="?")
    given = parser.parse_args(argv)
    if given.tasks is not None:
        from runtime.scheduler.stand_alone import run_stand_alone_executor

        run_stand_alone_executor(given.tasks, str(given.folder), given.journal)
    else:
        from runtime.scheduler.roles import run_executor

        _set_up_logging(logging.WARNING, given.folder)
        run_executor(given.folder, given.application, given.journal, given.settings)
    return EXIT_OK


def _run_worker(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="worker", allow_abbrev=False)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--level", type=int, default=logging.WARNING)
    parser.add_argument("--watch-input", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("wish")
    given = parser.parse_args(argv)
    from runtime.scheduler.roles import run_worker

    if given.quiet:
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")
    _set_up_logging(given.level, given.folder)
    wish = parse_wish(given.wish)
    return run_worker(
        given.folder,
        wish.application,
        list(wish.groups) or None,
        watch_input=given.watch_input,
        on_start=lambda name: print(f"worker {name} of {wish}", flush=True),
    )


def _run_stand_alone(argv: Sequence[str]) -> int:
    """SCHED-18."""
    parser = argparse.ArgumentParser(
        prog="python -m runtime.scheduler",
        allow_abbrev=False,
        description="Run a scheduler worker without applications.",
    )
    parser.add_argument("-w", "--worker_name", help="name of the worker; default host name and a uuid")
    parser.add_argument("-b", "--heartbeat", type=float, default=10.0, help="seconds, default 10")
    parser.add_argument(
        "-L", "--logger_level", type=int, default=30, help="lowest level of messages, default 30"
    )
    parser.add_argument(
        "-E", "--empty-runs", type=int, default=0, help="end after so many heartbeats without work"
    )
    parser.add_argument("-g", "--group_names", default="main", help="groups with commas, default main")
    parser.add_argument(
        "-f", "--db_folder", default=".", help="folder of the database, default the current one"
    )
    parser.add_argument("-u", "--db_uri", default="sqlite://scheduler.sqlite", help="address of the database")
    parser.add_argument(
        "-t", "--tasks", type=Path, required=True, help="Python file with a dictionary `tasks`"
    )
    parser.add_argument("-U", "--utc-time", action="store_true", help="all times are UTC")
    given = parser.parse_args(argv)
    from runtime.scheduler.stand_alone import StandAlone, run_stand_alone

    _set_up_logging(given.logger_level)
    options = StandAlone(
        tasks_file=given.tasks,
        folder=str(Path(given.db_folder).resolve()),
        uri=given.db_uri,
        worker_name=given.worker_name,
        heartbeat=given.heartbeat,
        max_empty_runs=given.empty_runs,
        group_names=tuple(name for name in given.group_names.split(",") if name),
        utc_time=given.utc_time,
    )
    return run_stand_alone(options, lambda name: print(f"worker {name}", flush=True))


def _set_up_logging(level: int, site: Path | None = None) -> None:
    """Log as the site's ``logging.conf`` says, else to the console (LOG-1, LOG-6).

    Args:
        level: lowest level of the console.
        site: the site folder; None without applications.
    """
    configured, problem = read_logging_conf(site) if site is not None else (False, None)
    if not configured:
        logging.basicConfig(level=level, format="%(asctime)s.%(msecs)03d scheduler %(levelname)s %(message)s",
                            datefmt="%Y-%m-%d %H:%M:%S")  # fmt: skip
    if problem:
        logging.getLogger("web2py.scheduler").warning("%s", problem)
