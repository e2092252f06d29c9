"""The applications of the site, read in the background: first the list, then figures (UI-AP-01)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.background import Context, Tasks
from runtime.admin.application_facts import Facts, read_facts
from runtime.admin.applications import ApplicationInfo, list_applications
from runtime.admin.inspector import InspectorProblem, Inspectors

from .model import Row, rows_of

PIECE = 0.2  # seconds after which figures that were read are shown
STALE = 20.0  # seconds after which figures are read again when the list is looked at


class Listing(QObject):
    """What applications there are.

    Args:
        tasks: runs the background work.
        site: tells the present site folder.
        workers: tells how many workers run, by application with a scheduler.

    Signals:
        changed: the list or a figure is different.
        failed(str): the list can not be read.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        tasks: Tasks,
        site: Callable[[], Path],
        workers: Callable[[], dict[str, int]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._site, self._workers = tasks, site, workers
        self._found: list[ApplicationInfo] = []
        self._facts: dict[str, Facts] = {}
        self._inspected: dict[str, str] = {}
        self._inspectors: Inspectors | None = None
        self._read_at = 0.0
        self._facts_at = 0.0
        self.known = False
        """Whether the list was read at all."""
        self.fault = ""
        self.rows: list[Row] = []

    @property
    def site(self) -> Path:
        """The site folder."""
        return self._site()

    def find(self, name: str) -> Row | None:
        """The row of an application; None when there is none."""
        return next((row for row in self.rows if row.name == name), None)

    def infos(self) -> list[ApplicationInfo]:
        """The applications as they were found."""
        return list(self._found)

    def refresh(self, figures: bool = True) -> None:
        """Reads the list again, and the figures of all unless that was done a moment ago."""
        site = self.site

        def work(_context: Context) -> list[ApplicationInfo]:
            if not (site / "applications").is_dir():
                raise FileNotFoundError(f"{site} has no folder applications.")
            return list_applications(site)

        def on_done(found: list[ApplicationInfo]) -> None:
            self._found, self.known, self.fault = found, True, ""
            self._read_at = time.monotonic()
            self._show()
            if figures or time.monotonic() - self._facts_at > STALE:
                self._facts_at = time.monotonic()
                self._read_figures(list(found))

        self._tasks.run(
            work,
            owner=self,
            title="Looking for applications",
            key="applications.list",
            reading=True,
            on_done=on_done,
            on_failed=self._on_failed,
        )

    def _on_failed(self, error: Exception) -> None:
        self.known, self.fault = True, str(error)
        self._found = []
        self._show()
        self.failed.emit(str(error))

    def _read_figures(self, waiting: list[ApplicationInfo]) -> None:
        """Reads figures for a moment, shows them, goes on; those never read come first."""
        waiting.sort(key=lambda info: info.name in self._facts)

        def work(context: Context) -> list[Facts]:
            out, end = [], time.monotonic() + PIECE
            for info in waiting:
                context.check()
                out.append(read_facts(info, lambda: context.cancelled))
                if time.monotonic() > end:
                    break
            return out

        def on_done(read: list[Facts]) -> None:
            self._facts |= {facts.name: facts for facts in read}
            self._show()
            if waiting[len(read) :]:
                self._read_figures(waiting[len(read) :])

        if waiting:
            self._tasks.run(
                work,
                owner=self,
                title="Counting errors and strings",
                key="applications.figures",
                reading=True,
                on_done=on_done,
            )

    def refresh_one(self, name: str) -> None:
        """Reads the figures of one application again."""
        waiting = [info for info in self._found if info.name == name]
        self._read_figures(waiting)

    def show_again(self) -> None:
        """Takes what is known without a look at the disk: the workers."""
        if self.known:
            self._show()

    def _show(self) -> None:
        rows = rows_of(self._found, self._facts, self._inspected, self._workers())
        if rows != self.rows or not rows:
            self.rows = rows
            self.changed.emit()

    def inspect(self, name: str, then: Callable[[dict], None] | None = None) -> None:  # type: ignore[type-arg]
        """Lets a child process run the models of an application, to learn whether it loads."""
        row = self.find(name)
        if row is None:
            return
        site = self.site
        if self._inspectors is None or self._inspectors.site != site:
            self.close()
            self._inspectors = Inspectors(site)
        inspector = self._inspectors.of(name, "applications")

        def work(context: Context) -> dict:  # type: ignore[type-arg]
            try:
                return inspector.describe(cancelled=lambda: context.cancelled)
            except InspectorProblem as problem:
                return {"loads": False, "problem": problem.as_dict(), "databases": []}

        def on_done(report: dict) -> None:  # type: ignore[type-arg]
            problem = report.get("problem") or {}
            if problem.get("kind") == "cancelled":
                return
            fault = "" if report["loads"] else fault_words(problem)
            if self._inspected.get(name, "") != fault:
                self._inspected[name] = fault
                self._show()
            if then is not None:
                then(report)

        self._tasks.run(
            work,
            owner=self,
            title=f"Looking whether {name} loads",
            key="applications.inspect",
            reading=True,
            on_done=on_done,
        )

    def close(self) -> None:
        """Ends the children."""
        if self._inspectors is not None:
            self._inspectors.close()
            self._inspectors = None


def fault_words(problem: dict) -> str:  # type: ignore[type-arg]
    """Why an application does not load, with file and line where they are known."""
    place = problem.get("file", "")
    where = f"{place}, line {problem['line']}: " if place and problem.get("line") else ""
    return f"{where}{problem.get('message') or 'it does not load'}"
