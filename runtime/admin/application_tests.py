"""Tests of an application: the files in its ``tests/``, with the environment prepared (TEST-05)."""

from __future__ import annotations

import io
import time
import traceback
import types
import unittest
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from runtime import dal
from runtime.admin.doctests import TestResult
from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError
from runtime.web.outside import Place, environment_of, run_script


def test_files(site: Path, application: str) -> list[Path]:
    """Return the Python files of an application's ``tests/``, sorted.

    Raises:
        UserError: there is no such application.
    """
    folder = site / "applications" / application
    if not folder.is_dir():
        raise UserError(f"there is no application {application!r} in {site}")
    return sorted(path for path in (folder / "tests").rglob("*.py") if path.name != "__init__.py")


test_files.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test


def run_tests(site: Path, application: str, *, commit: bool = False) -> Iterator[TestResult]:
    """Run the files of ``tests/``; one result for each test, or for a file that holds none.

    Each file is executed in an environment of its own, after the models, as ``-M -R FILE`` would. Then
    come its ``unittest`` classes and its functions ``test...`` without arguments, unless the file has
    run them itself. Changes to databases are undone after each file.

    Args:
        site: the site folder.
        application: its name.
        commit: let tests commit.

    Raises:
        UserError: there is no such application.
    """
    for path in test_files(site, application):
        yield from _run_file(site, application, path, commit)


def _run_file(site: Path, application: str, path: Path, commit: bool) -> Iterator[TestResult]:
    title = path.relative_to(site / "applications" / application).as_posix()
    printed = io.StringIO()
    began = time.perf_counter()
    results: list[TestResult] = []
    try:
        with ExitStack() as stack:
            environment = stack.enter_context(environment_of(site, Place(application), models=True))
            if not commit:
                stack.enter_context(dal.commits_held())
            stack.enter_context(redirect_stdout(printed))
            stack.enter_context(redirect_stderr(printed))
            before = set(environment)
            ended = _execute(environment, path)
            if ended is None:
                names = [name for name in environment if name not in before]
                results = _run_collected({name: environment[name] for name in names}, title)
    except (Exception, SystemExit, HTTP):
        text = printed.getvalue() + traceback.format_exc()
        yield TestResult(title, 1, 1, time.perf_counter() - began, text)
        return
    if ended is not None or not results:
        yield TestResult(title, 1, int(bool(ended)), time.perf_counter() - began, printed.getvalue())
    yield from results


def _execute(environment: dict[str, Any], path: Path) -> object:
    """Execute a file; returns the exit code of one that ran its tests itself and left, else None."""
    try:
        run_script(environment, path)
    except SystemExit as error:
        return error.code if error.code is not None else 0
    return None


def _run_collected(names: dict[str, Any], title: str) -> list[TestResult]:
    loader, suite = unittest.TestLoader(), unittest.TestSuite()
    for name, value in names.items():
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            suite.addTests(loader.loadTestsFromTestCase(value))
        elif isinstance(value, types.FunctionType) and name.startswith("test") and _takes_nothing(value):
            suite.addTest(unittest.FunctionTestCase(value))
    collected = _Results(title)
    suite.run(collected)
    return collected.results


def _takes_nothing(function: types.FunctionType) -> bool:
    return function.__code__.co_argcount == 0


class _Results(unittest.TestResult):
    """Collects one `TestResult` for each test; skipped ones pass with the reason as output."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.results: list[TestResult] = []
        self._title = title
        self._began = 0.0
        self._output = ""
        self._failed = 0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._began, self._output, self._failed = time.perf_counter(), "", 0

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        self._keep(_name(test))

    def _keep(self, name: str) -> None:
        seconds = time.perf_counter() - self._began
        self.results.append(TestResult(f"{self._title}:{name}", 1, self._failed, seconds, self._output))

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._fail(err)
        if not isinstance(test, unittest.TestCase):  # setUpClass failed: no test of it starts
            self._began = self._began or time.perf_counter()
            self._keep(str(test))

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._fail(err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(err)

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self._failed, self._output = 1, "passed, though it is marked as failing"

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._output = f"skipped: {reason}"

    def _fail(self, error: Any) -> None:
        self._failed = 1
        self._output += "".join(traceback.format_exception(*error))


def _name(test: unittest.TestCase) -> str:
    if isinstance(test, unittest.FunctionTestCase):
        return test.id().removeprefix("unittest.case.FunctionTestCase (").rstrip(")")
    return f"{type(test).__name__}.{test._testMethodName}"
