"""Running the tests and doctests of an application in a child process, result by result (AP-19)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.child_groups import end_group
from runtime.foundation.problems import UserError
from runtime.foundation.program import program

_PLACE = re.compile(r'File "([^"]+)", line (\d+)')
MOST_OUTPUT = 100_000


@dataclass(frozen=True, slots=True)
class Result:
    """One test or doctest.

    Attributes:
        name: ``tests/test_x.py:test_y`` or ``shop/default/index``.
        passed: whether all its examples did.
        seconds: how long it took.
        output: what it printed, and why it failed.
        path, line: where in the application it failed; empty and 0 when that is not known.
    """

    name: str
    passed: bool
    seconds: float
    output: str
    path: str = ""
    line: int = 0


def run(site: Path, application: str, cancelled: Callable[[], bool] = bool) -> Iterator[Result]:
    """Run the tests of an application in a child and yield each result as it comes.

    The child ends when this process does, even when that is killed.

    Args:
        cancelled: asked five times a second; True ends the child and all that it started.

    Raises:
        UserError: the tests could not be run; the text has the child's own words.
    """
    folder = site / "applications" / application
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(
            [*program(), "test", "--json", "--end-with-input", "-f", str(site), application],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            cwd=site,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=os.name != "nt",
        )
        over = threading.Event()
        guard = threading.Thread(target=_guard, args=(child, cancelled, over), daemon=True)
        guard.start()
        found = 0
        try:
            assert child.stdout is not None
            for line in child.stdout:
                result = _result(line, folder)
                if result is not None:
                    found += 1
                    yield result
            code = child.wait()
        finally:
            over.set()
            guard.join()
            end_group(child)
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
        if cancelled():
            raise UserError("The tests were canceled.")
        words.seek(0)
        text = words.read(MOST_OUTPUT).decode("utf-8", "replace").strip()
        if code not in (0, 1) or (code == 1 and not found):
            reason = text.splitlines()[-1] if text else f"the child ended with code {code}"
            raise UserError(f"The tests of {application} ended early: {reason}")


def _guard(child: subprocess.Popen[bytes], cancelled: Callable[[], bool], over: threading.Event) -> None:
    while not over.wait(0.2):
        if cancelled():
            end_group(child)
            return


def _result(line: bytes, folder: Path) -> Result | None:
    try:
        data = json.loads(line)
        output = str(data["output"])[:MOST_OUTPUT]
        path, number = place_in(output, folder)
        return Result(str(data["name"]), not data["failed"], float(data["seconds"]), output, path, number)
    except (ValueError, KeyError, TypeError):
        return None  # something that a test has printed past the report


def place_in(output: str, folder: Path) -> tuple[str, int]:
    """Return the innermost file of the application that a traceback names, relative to it, and the line."""
    for path, line in reversed(_PLACE.findall(output)):
        try:
            return Path(path).relative_to(folder).as_posix(), int(line)
        except ValueError:
            continue
    return "", 0
