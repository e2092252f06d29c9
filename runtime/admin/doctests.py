"""Doctests of controllers, run in the application's environment (CLI-37, CLI-38, TEST-01..03)."""

from __future__ import annotations

import ast
import doctest
import io
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime import dal
from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError
from runtime.foundation.syntax import parse_python
from runtime.web.outside import Place, environment_of

TOP = "(top)"
"""Name of the doctest at the top of a controller."""


@dataclass(frozen=True)
class TestResult:
    """How one function's doctest, or one test of ``tests/``, ended.

    Attributes:
        name: ``controller/function``, or ``tests/file.py:Class.test``.
        tried: examples run, or 1.
        failed: how many of them failed.
        seconds: how long it took.
        output: what went wrong; with `verbose` also what went well.
    """

    __test__ = False  # pytest: this is no test

    name: str
    tried: int
    failed: int
    seconds: float
    output: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return self.failed == 0


def run_doctests(site: Path, place: Place, *, verbose: bool = False) -> Iterator[TestResult]:
    """Run the doctests of an application, a controller or one function; one result for each function.

    Each function has an environment of its own, with the models and its controller. No change to a
    database outlives it: commits are held back and undone (TEST-02).

    Args:
        site: the site folder.
        place: which.
        verbose: tell of each example tried (CLI-23).

    Raises:
        UserError: there is no such application, controller or function, or the function has no doctest.
    """
    folder = site / "applications" / place.application
    if not folder.is_dir():
        raise UserError(f"there is no application {place.application!r} in {site}")
    found = False
    for controller in [place.controller] if place.controller else _controllers(folder):
        where = Place(place.application, controller)
        path = folder / "controllers" / f"{controller}.py"
        try:
            tests = _doctests(path)
        except (SyntaxError, ValueError) as error:
            found = True
            yield TestResult(controller, 1, 1, 0.0, f"{path} can not be read: {error}")
            continue
        for test in tests:
            if place.function in ("", test.name):
                found = True
                yield _run(site, where, test, verbose)
    if place.function and not found:
        raise UserError(f"{place}: there is no such function with a doctest")


def _controllers(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "controllers").glob("*.py"))


def _doctests(path: Path) -> list[doctest.DocTest]:
    """Return the doctests of a controller's functions, in the order of the file; nothing of it runs."""
    try:
        tree = parse_python(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(f"there is no controller {path.stem!r}: {path}: {error.strerror}") from None
    parser = doctest.DocTestParser()
    found = []
    for node in [tree, *tree.body]:
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            text = ast.get_docstring(node, clean=False)
            if text and ">>>" in text:
                name = TOP if isinstance(node, ast.Module) else node.name
                line = node.body[0].lineno - 1
                found.append(parser.get_doctest(text, {}, name, str(path), line))
    return [test for test in found if test.examples]


def _run(site: Path, place: Place, test: doctest.DocTest, verbose: bool) -> TestResult:
    began = time.perf_counter()
    report = io.StringIO()
    runner = doctest.DocTestRunner(verbose=verbose, optionflags=doctest.ELLIPSIS)
    where = Place(place.application, place.controller, "" if test.name == TOP else test.name)
    title = f"{place.controller}/{test.name}"
    try:
        with environment_of(site, where, models=True) as environment, dal.commits_held():
            test.globs = environment
            result = runner.run(test, out=report.write, clear_globs=False)
    except (Exception, SystemExit, HTTP):  # of a model, or of the controller's top level
        return TestResult(title, 1, 1, time.perf_counter() - began, traceback.format_exc())
    seconds = time.perf_counter() - began
    return TestResult(title, result.attempted, result.failed, seconds, report.getvalue())
