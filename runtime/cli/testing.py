"""Tests of applications, and the runtime's own: `hadron test`, `-T`, `--run_system_tests` (TEST-01..05)."""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.cli.subparser import SubcommandParser, add_folder, parse_or_help, site_of
from runtime.foundation.problems import UserError

if TYPE_CHECKING:
    from runtime.admin.doctests import TestResult

EXIT_OK, EXIT_FAILED = 0, 1
ROOT = Path(__file__).resolve().parents[2]


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron test ...``; returns 1 when a test failed.

    Raises:
        UserError: the command line or the application is wrong.
    """
    options = parse_or_help(_parser(), arguments)
    if options is None:
        return EXIT_OK
    if options.end_with_input:
        from runtime.admin.child_groups import end_with_parent

        end_with_parent()
    from runtime.admin.application_tests import run_tests
    from runtime.admin.doctests import run_doctests
    from runtime.web.outside import parse_place

    site, place = site_of(options), parse_place(options.application)

    def results() -> Iterator[TestResult]:
        if not options.files_only:
            yield from run_doctests(site, place, verbose=options.verbose)
        if not place.controller and not options.doctests_only:
            yield from run_tests(site, place.application, commit=options.commit)

    return _report(results(), options.verbose, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = SubcommandParser(
        "test",
        "Run the doctests of an application's controllers, then the files in its tests/. "
        "Changes to databases are undone.",
    )
    add_folder(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="print each example tried")
    parser.add_argument("--commit", action="store_true", help="let the files in tests/ commit their changes")
    parser.add_argument("--doctests-only", action="store_true", help="leave tests/ out")
    parser.add_argument("--files-only", action="store_true", help="leave the doctests out")
    parser.add_argument("--json", action="store_true", help="print one JSON document for each test")
    parser.add_argument(
        "--end-with-input",
        action="store_true",
        help="end, with all that was started, when standard input ends: for programs that run tests",
    )
    parser.add_argument("application", metavar="APP[/CONTROLLER[/FUNCTION]]")
    return parser


def run_doctests_of(site: Path, path: str, *, verbose: bool) -> int:
    """Carry out ``-T PATH``; returns 1 when an example failed.

    Raises:
        UserError: there is no such application, controller or function.
    """
    from runtime.admin.doctests import run_doctests
    from runtime.web.outside import parse_place

    return _report(run_doctests(site, parse_place(path), verbose=verbose), verbose)


def _report(results: Iterator[TestResult], verbose: bool, *, as_json: bool = False) -> int:
    """Print results as they come; without `verbose` only failures and the sum (CLI-23)."""
    tests = failed = 0
    for result in results:
        tests += 1
        failed += not result.passed
        if as_json:
            print(json.dumps(asdict(result)), flush=True)
            continue
        if result.output and (verbose or not result.passed):
            print(result.output.rstrip())
        if verbose or not result.passed:
            word = "ok" if result.passed else "FAILED"
            print(f"{word}: {result.name} ({result.tried} tried, {result.failed} failed)", flush=True)
    if not as_json and (verbose or failed or not tests):
        print(f"{tests} test{'' if tests == 1 else 's'}, {failed} failed")
    return EXIT_FAILED if failed else EXIT_OK


def run_system_tests(arguments: Sequence[str] = ()) -> int:
    """Run the runtime's own tests and return their exit code (CLI-49, SITE-02).

    Raises:
        UserError: this program was installed without its tests.
    """
    tests = ROOT / "tests" / "unit"
    if getattr(sys, "frozen", False) or not tests.is_dir() or importlib.util.find_spec("pytest") is None:
        raise UserError(
            "--run_system_tests needs the source of the program and pytest: "
            "get the source and type `make test` there"
        )
    command = [sys.executable, "-m", "pytest", "-q", str(tests), *arguments]
    return subprocess.call(command, cwd=ROOT)
