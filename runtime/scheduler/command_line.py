"""Command lines of the roles, which workers and teams write themselves, and of stand-alone use."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from runtime.foundation.log_files import LineFormatter
from runtime.foundation.logging_conf import read_logging_conf
from runtime.foundation.problems import UserError
from runtime.scheduler.role_words import RoleWords, read_words
from runtime.scheduler.wishes import parse_wish
from runtime.scheduler.worker_log import LEVEL as KEPT_LEVEL

EXIT_OK, EXIT_USAGE = 0, 2


OnReady = Callable[[Path, str], None]
"""Given site and application by an executor that is ready for tasks."""


def main(argv: Sequence[str], on_ready: OnReady | None = None) -> int:
    """Carry out one role; returns the exit code.

    Args:
        on_ready: of an executor.
    """
    try:
        if "--executor" in argv:
            return _run_executor([one for one in argv if one != "--executor"], on_ready)
        if "--worker" in argv:
            return _run_worker([one for one in argv if one != "--worker"])
        return _run_stand_alone(argv)
    except UserError as error:
        from runtime.scheduler.roles import EXIT_LATER, NotNow

        print(f"hadron: {error}", file=sys.stderr, flush=True)
        return EXIT_LATER if isinstance(error, NotNow) else EXIT_USAGE


def is_role(argv: Sequence[str]) -> bool:
    """Tell whether a command line is one that this program has written for itself."""
    return "--executor" in argv or "--worker" in argv


def _run_executor(argv: Sequence[str], on_ready: OnReady | None) -> int:
    given = read_words(argv, ("folder", "tasks", "journal", "level"), ("settings", "inspectable"))
    folder, journal = _folder(given), given.values.get("journal")
    if "tasks" in given.values:
        from runtime.scheduler.stand_alone import run_stand_alone_executor

        run_stand_alone_executor(Path(given.values["tasks"]), str(folder), journal)
    else:
        from runtime.scheduler.runners import run_executor

        _leave_kerberos_out()
        _set_up_logging(_level(given), folder)
        run_executor(folder, _one(given, "an application"), journal, "settings" in given.flags, on_ready)
    return EXIT_OK


def _run_worker(argv: Sequence[str]) -> int:
    given = read_words(argv, ("folder", "level"), ("watch-input", "quiet", "inspectable"))
    folder, level, wish = _folder(given), _level(given), parse_wish(_one(given, "what to work for"))
    from runtime.scheduler.roles import run_worker

    _leave_kerberos_out()
    if "quiet" in given.flags:
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")
    _set_up_logging(level, folder)
    return run_worker(
        folder,
        wish.application,
        list(wish.groups) or None,
        watch_input="watch-input" in given.flags,
        level=level,
        on_start=lambda name: print(f"worker {name} of {wish}", flush=True),
        inspectable="inspectable" in given.flags,
    )


def _folder(given: RoleWords) -> Path:
    if "folder" not in given.values:
        raise UserError("--folder=SITE is missing")
    return Path(given.values["folder"])


def _level(given: RoleWords) -> int:
    text = given.values.get("level", str(logging.WARNING))
    if not text.isdecimal():
        raise UserError(f"--level={text} is no number")
    return int(text)


def _one(given: RoleWords, what: str) -> str:
    if len(given.rest) != 1:
        raise UserError(f"{what} is to be named, once")
    return given.rest[0]


def _leave_kerberos_out() -> None:
    """Spare connections to PostgreSQL the look for Kerberos tickets where nothing of Kerberos is set up.

    It costs each process half a megabyte and each connection a quarter of its time.
    """
    known = ("PGGSSENCMODE", "KRB5_CONFIG", "KRB5CCNAME", "KRB5_KTNAME", "KRB5_CLIENT_KTNAME")
    here = any(name in os.environ for name in known) or os.path.exists("/etc/krb5.conf")
    if sys.platform == "linux" and not here:
        os.environ["PGGSSENCMODE"] = "disable"


def _run_stand_alone(argv: Sequence[str]) -> int:
    """SCHED-18."""
    import argparse  # for people only: the roles do without

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
        level: lowest level of the console; the log that is kept in a site has its own.
        site: the site folder; None without applications.
    """
    configured, problem = read_logging_conf(site) if site is not None else (False, None)
    if not configured:
        console = logging.StreamHandler()
        console.setFormatter(LineFormatter())
        console.setLevel(level)
        root = logging.getLogger()
        root.addHandler(console)
        root.setLevel(level if site is None else min(level, KEPT_LEVEL))
    # a closed console must not make a worker print, or hang in words of the error at hand
    logging.raiseExceptions = False
    if problem:
        logging.getLogger("web2py.scheduler").warning("%s", problem)
