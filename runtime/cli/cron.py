"""`hadron cron`: list, run, switch jobs; external cron `-C` (CRON-14..20, SV-18)."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.cli.subparser import CommandGroup
from runtime.foundation.problems import UserError

if TYPE_CHECKING:
    from runtime.cron import Record

EXIT_OK, EXIT_FAILED = 0, 1


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron cron ...`` and return the exit code: 1 when a job failed.

    Raises:
        UserError: the command line is wrong, or there is no such job.
    """
    group = CommandGroup(
        "cron", "List and run the jobs of the applications' crontabs, switch them on and off."
    )
    listing = group.add("list", "Print the jobs: next run, last result.", _list)
    listing.add_argument("--json", action="store_true", help="print everything as JSON")
    one = group.add("run", "Run one job now, or what is due now, as -C does.", _run)
    one.add_argument("job", nargs="?", help="its id, or APP:LINE; default what is due now")
    for name, enabled in (("on", True), ("off", False)):
        switch = group.add(name, f"Switch a job {name}; the crontab stays as it is.", _switch)
        switch.add_argument("job", help="its id, or APP:LINE")
        switch.set_defaults(enabled=enabled)
    log = group.add("log", "Print the last runs, newest first.", _log)
    log.add_argument("job", nargs="?", help="its id, or APP:LINE; default all jobs")
    log.add_argument("-n", type=int, default=20, help="how many; default 20")
    log.add_argument("--output", action="store_true", help="with the end of what they printed")
    log.add_argument("--json", action="store_true", help="print everything as JSON")
    return group.run(arguments)


def run_due_jobs(site: Path, level: int, *, quiet: bool = False) -> int:
    """Carry out ``-C``: run what is due now, wait for it, return 0 (CRON-17).

    Raises:
        UserError: the site folder can not be used.
    """
    from runtime.cron import run_due
    from runtime.foundation.log_files import keep_cron_log
    from runtime.server.logs import configure_logging

    _check(site)
    configure_logging(site, level, None if quiet else sys.stderr)
    keep_cron_log(site)
    stopping = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name) and threading.current_thread() is threading.main_thread():
            signal.signal(getattr(signal, name), lambda number, frame: stopping.set())
    try:
        count = run_due(site, stopping)
    except (OSError, TimeoutError) as error:
        raise UserError(f"cron can not run in {site}: {error}") from error
    logging.getLogger("web2py.cron").info("%d jobs were due", count)
    return EXIT_OK


def _check(site: Path) -> None:
    if not (site / "applications").is_dir():
        raise UserError(f"{site} is no site folder: it has no applications")


def _list(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.cron import as_json, overview

    _check(site)
    found = overview(site)
    if options.json:
        print(json.dumps(as_json(found), indent=1))
        return EXIT_OK
    for job in found.jobs:
        following = _moment(job.next_run) if job.next_run else "at start" if job.enabled else "off"
        last = _short(job.last) if job.last else "never ran"
        print(f"{job.id}  {job.application}:{job.line}  {job.schedule}  {job.command}")
        print(f"{'':14}next {following}; last {last}")
    for problem in found.problems:
        print(f"left out: {problem.application}:{problem.line}: {problem.text}: {problem.reason}")
    return EXIT_OK


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _short(record: Record) -> str:
    text = f"{_moment(record.started)} {record.state}"
    if record.duration is not None:
        text += f" after {record.duration:.1f} s"
    if record.status:
        text += f", exit code {record.status}"
    return f"{text}, ticket {record.ticket}" if record.ticket else text


def _run(site: Path, options: argparse.Namespace) -> int:
    if options.job is None:
        return run_due_jobs(site, logging.WARNING)
    from runtime.admin.cron import run_now

    record = run_now(site, options.job)
    if record is None:
        return EXIT_OK
    print(record.output, end="" if record.output.endswith("\n") else "\n")
    print(_short(record))
    return EXIT_OK if record.status == 0 else EXIT_FAILED


def _switch(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.cron import set_enabled

    job = set_enabled(site, options.job, options.enabled)
    print(f"{'on' if options.enabled else 'off'}: {job}")
    return EXIT_OK


def _log(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.cron import history, record_as_json

    found: list[Any] = history(site, options.job, options.n)
    if options.json:
        print(json.dumps([record_as_json(record) for record in found], indent=1))
        return EXIT_OK
    for record in found:
        print(f"{_short(record)}  {record.application}:{record.line}  {record.command}")
        if options.output and record.output:
            print("    " + record.output.rstrip().replace("\n", "\n    "))
    return EXIT_OK
