"""`hadron sessions expire`: remove what nobody uses any more (SITE-04, CRON-19)."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from runtime.cli.subparser import CommandGroup

EXIT_OK = 0


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron sessions ...``; returns the exit code.

    Raises:
        UserError: the command line is wrong, or there is no such application.
    """
    group = CommandGroup("sessions", "Look after the sessions of visitors.")
    expire = group.add("expire", "Remove session files that nobody has used for long.", _expire)
    expire.add_argument("application", nargs="?", help="default all")
    expire.add_argument(
        "--older", type=_hours, metavar="HOURS", default=24.0, help="not used for so long; default 24"
    )
    return group.run(arguments)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = math.nan
    if not 0 <= hours < 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours")
    return hours


def _expire(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.tickets import application_path
    from runtime.sessions import expire_sessions
    from runtime.sessions.cleaner import clean_site

    seconds = options.older * 3600.0
    if options.application:
        folder = application_path(site, options.application)
        removed = expire_sessions(str(folder), seconds, options.application)
    else:
        removed = clean_site(site, seconds)
    print(f"{removed} session{'' if removed == 1 else 's'} removed")
    return EXIT_OK
