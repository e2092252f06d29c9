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
from runtime.admin.inspector.stamps import fingerprint
from runtime.admin.load_checks import LoadCheck, check_of

from .checking import Checks
from .model import Row, rows_of

PIECE = 0.2  # seconds after which figures that were read are shown
STALE = 20.0  # seconds after which figures are read again when the list is looked at


class Listing(QObject):
    """What applications there are.

    Args:
        tasks: runs the background work.
        site: tells the present site folder.
        workers: tells how many workers run, by application with a scheduler.
        checks: know which applications load.

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
        checks: Checks,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._site, self._workers = tasks, site, workers
        self._found: list[ApplicationInfo] = []
        self._facts: dict[str, Facts] = {}
        self.checks = checks
        checks.changed.connect(self.show_again)
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
            else:
                self.checks.show_applications(found)

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
            else:
                self.checks.show_applications(self._found)

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
        """Takes what is known without a look at the disk: workers, and which applications load."""
        if self.known:
            self._show()

    def _show(self) -> None:
        rows = rows_of(self._found, self._facts, self.checks.known(), self._workers())
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

        def work(context: Context) -> tuple[dict, LoadCheck | None]:  # type: ignore[type-arg]
            sources = fingerprint(inspector.folder)
            try:
                report = inspector.describe(cancelled=lambda: context.cancelled)
            except InspectorProblem as problem:
                return {"loads": False, "problem": problem.as_dict(), "databases": []}, None
            return report, check_of(name, sources, report)

        def on_done(found: tuple[dict, LoadCheck | None]) -> None:  # type: ignore[type-arg]
            report, check = found
            if check is not None:
                self.checks.take(check)
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
        """Ends the children that were started for a selected application."""
        if self._inspectors is not None:
            self._inspectors.close()
            self._inspectors = None
