"""`hadron check [APP ...]`: whether applications load (AP-01, issue 9)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.cli.subparser import SubcommandParser, add_folder, parse_or_help, site_of
from runtime.foundation.problems import UserError

if TYPE_CHECKING:
    from runtime.admin.load_checks import LoadCheck

EXIT_OK, EXIT_FAILED = 0, 1


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron check ...``; returns 1 when an application does not load.

    Raises:
        UserError: the command line is wrong, or there is no such site or application.
    """
    parser = _parser()
    options = parse_or_help(parser, arguments)
    if options is None:
        return EXIT_OK
    failed = False
    for found in _checks(site_of(options), options.applications):
        failed = failed or bool(found.fault)
        print(json.dumps(asdict(found)) if options.json else _words(found), flush=True)
    return EXIT_FAILED if failed else EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = SubcommandParser(
        "check",
        "Run the models of applications, each in a process with limits of time and memory, and tell which do "
        "not load and why. Nothing is migrated or committed. The exit code is 1 when one does not load.",
    )
    add_folder(parser)
    parser.add_argument("applications", nargs="*", metavar="APP", help="default all that are on")
    parser.add_argument("--json", action="store_true", help="print one JSON document for each application")
    return parser


def _checks(site: Path, names: Sequence[str]) -> Iterator[LoadCheck]:
    from runtime.admin.applications import list_applications
    from runtime.admin.load_checks import LoadCheck, check_application

    if not (site / "applications").is_dir():
        raise UserError(f"{site} has no folder applications; name the site folder by -f")
    infos = {info.name: info for info in list_applications(site)}
    unknown = [name for name in names if name not in infos]
    if unknown:
        raise UserError(f"there is no application {unknown[0]!r} in {site}")
    for info in [infos[name] for name in names] or infos.values():
        if info.problem:
            yield LoadCheck(info.name, "", "load", info.problem)
        elif info.state != "off" or names:
            yield check_application(site, info.name)


def _words(found: LoadCheck) -> str:
    if found.fault:
        return f"{found.name} does not load: {found.message}"
    if found.note:
        return f"{found.name} may load: {found.note}"
    return f"{found.name} loads; but {found.advice}" if found.advice else f"{found.name} loads"
