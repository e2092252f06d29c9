"""Runs of tests that go on behind the pages of the administration: begun, looked at, canceled (AP-19).

Several server processes may serve one site, and any of them is asked about a run. Its report lies in the
site's folder, replaced as results come; a lock file, which the system frees when its process dies, says that
it goes on; a file beside them asks it to end. One application runs once at a time, two run at the same time
at most; a run that takes too long is ended with all it has started, as all of a process are when that ends.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from runtime.admin.test_runs import Result, run
from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock
from runtime.foundation.problems import UserError

MOST_SECONDS = 600.0
"""Longest time of a run."""
MOST_AT_ONCE = 2
MOST_RESULTS = 5000
MOST_TEXT = 2_000_000
"""Characters of output that a run keeps of all its tests."""
_END_SECONDS = 3.0
_REPORT_SECONDS = 0.5
_PROBE_SECONDS = 0.2
"""Time in which others let go of a lock that they have only looked at."""


@dataclass
class Report:
    """A run as it is known by now.

    Attributes:
        application: its name.
        folder: number of the application's folder; another one of the same name was not tested.
        began: seconds since the epoch.
        seconds: how long it took, or has taken so far.
        results: of the tests that are over.
        problem: why it ended early; empty while all is well.
        running: whether it goes on.
        left_out: results that came and were not kept.
    """

    application: str
    folder: int = 0
    began: float = field(default_factory=time.time)
    seconds: float = 0.0
    results: list[Result] = field(default_factory=list)
    problem: str = ""
    running: bool = True
    left_out: int = 0

    @property
    def failed(self) -> int:
        """How many tests failed so far."""
        return sum(not result.passed for result in self.results)

    def by_file(self) -> list[tuple[str, list[tuple[str, Result]]]]:
        """Return the results as a tree: files with their tests, in the order in which they came."""
        found: dict[str, list[tuple[str, Result]]] = {}
        for result in self.results:
            file, name = _place_of(result.name)
            found.setdefault(file, []).append((name, result))
        return list(found.items())


class _Files:
    """Where the runs of an application are told of."""

    def __init__(self, site: Path, application: str) -> None:
        self.home = site / "deposit" / "tests"
        self.report = self.home / f"{application}.json"
        self.lock = self.home / f"{application}.lock"
        self.cancel = self.home / f"{application}.cancel"
        self.application = application
        self._sources = site / "applications" / application

    @property
    def folder(self) -> int:
        return self._sources.stat().st_ino

    def read(self) -> Report | None:
        """Return the newest report; None where there is none of this folder."""
        try:
            data = json.loads(self.report.read_bytes())
            report = Report(**{**data, "results": [Result(**one) for one in data["results"]]})
            return report if report.folder == self.folder else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, report: Report) -> None:
        write_atomic(self.report, json.dumps(asdict(report)))

    def is_held(self) -> bool:
        """Tell whether a process runs the tests."""
        try:
            with file_lock(self.lock, _PROBE_SECONDS):
                return False
        except FileNotFoundError:
            return False
        except TimeoutError:
            return True


class _Run:
    """A run of this process: its thread reads results, what watches the child writes the report."""

    def __init__(self, site: Path, files: _Files) -> None:
        self._site, self._files = site, files
        self.held = ExitStack()
        self._report = Report(files.application, files.folder)
        self._clock = time.monotonic()
        self._text = 0
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._written = 0.0
        files.cancel.unlink(missing_ok=True)
        files.write(self._report)
        self.thread = threading.Thread(target=self._run, name=f"tests of {files.application}", daemon=True)

    def stop(self) -> None:
        """End the run soon; what has come stays."""
        self._stop.set()

    def _run(self) -> None:
        report = self._report
        try:
            for result in run(self._site, report.application, self._must_end):
                self._keep(result)
        except UserError as problem:
            late = not self._is_called_off() and self._is_late()
            report.problem = f"The tests took longer than {MOST_SECONDS:g} s." if late else str(problem)
        except Exception as error:  # a page shall say so, not wait for ever
            report.problem = f"{type(error).__name__}: {error}"
        finally:
            report.running = False
            with self.held:
                self._write()
            _runs.discard(self)

    def _keep(self, result: Result) -> None:
        report = self._report
        self._text += len(result.output)
        if len(report.results) >= MOST_RESULTS or self._text > MOST_TEXT:
            report.left_out += 1
        else:
            report.results.append(result)
        self._changed.set()

    def _must_end(self) -> bool:
        """Tell whether the run must end; asked often, so the report is kept up here too."""
        if self._changed.is_set() and time.monotonic() - self._written > _REPORT_SECONDS:
            self._changed.clear()
            self._write()
        return self._is_called_off() or self._is_late()

    def _write(self) -> None:
        self._written = time.monotonic()
        self._report.seconds = self._written - self._clock
        with contextlib.suppress(OSError):  # a full disk: the tests go on
            self._files.write(self._report)

    def _is_called_off(self) -> bool:
        return self._stop.is_set() or self._files.cancel.exists()

    def _is_late(self) -> bool:
        return time.monotonic() - self._clock > MOST_SECONDS


_runs: set[_Run] = set()
"""Of this process."""


def _place_of(name: str) -> tuple[str, str]:
    """Split the name of a result into its file and the test in it."""
    if name.startswith("tests/"):
        file, _, test = name.partition(":")
        return file, test or file.rpartition("/")[2]
    controller, _, function = name.rpartition("/")
    return f"controllers/{controller or function}.py", function


def start(site: Path, application: str) -> None:
    """Begin a run of the tests and doctests of an application.

    Raises:
        UserError: they run already, or too much else does, in this process or another.
        OSError: the site's folder can not be written.
    """
    files = _Files(site, application)
    files.home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(file_lock(files.lock, _PROBE_SECONDS))
        except TimeoutError:
            raise UserError(f"The tests of {application} are running already.") from None
        _take_turn(files.home, stack)
        begun = _Run(site, files)
        begun.held = stack.pop_all()
    _runs.add(begun)
    begun.thread.start()


def _take_turn(home: Path, stack: ExitStack) -> None:
    """Hold one of the locks that as many runs have as may go on at the same time."""
    for number in range(MOST_AT_ONCE):
        with contextlib.suppress(TimeoutError):
            stack.enter_context(file_lock(home / f".turn-{number}", 0.0))
            return
    raise UserError(f"Tests of {_running(home)} are running. Wait for them, or cancel them.")


def _running(home: Path) -> str:
    names = [path.stem for path in sorted(home.glob("*.json"))]
    site = home.parent.parent
    return ", ".join(name for name in names if _Files(site, name).is_held()) or "other applications"


def report_of(site: Path, application: str) -> Report | None:
    """Return the newest run of an application, whichever process runs it; None where there was none."""
    files = _Files(site, application)
    report = files.read()
    if report is None or not report.running:
        return report
    if files.is_held():
        report.seconds = max(0.0, time.time() - report.began)
        return report
    report = files.read()  # it may have ended between the two looks
    if report is not None and report.running:
        report.running = False
        report.problem = "The server process that ran the tests has ended before them."
    return report


def cancel(site: Path, application: str, seconds: float = _END_SECONDS) -> bool:
    """Ask a run to end, whichever process runs it; tell whether it has ended within `seconds`.

    Raises:
        OSError: the site's folder can not be written.
    """
    files = _Files(site, application)
    if not files.is_held():
        return True
    write_atomic(files.cancel, "")
    return wait(site, application, seconds)


def wait(site: Path, application: str, seconds: float) -> bool:
    """Wait until no tests of an application run; False when some do after `seconds`."""
    files = _Files(site, application)
    end = time.monotonic() + seconds
    while files.is_held():
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True


def end_all(seconds: float = _END_SECONDS) -> None:
    """End all runs of this process, with what they have started; waits at most `seconds`."""
    end = time.monotonic() + seconds
    runs = list(_runs)
    for one in runs:
        one.stop()
    for one in runs:
        one.thread.join(max(0.0, end - time.monotonic()))


atexit.register(end_all)
