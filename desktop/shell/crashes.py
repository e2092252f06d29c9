"""Tells that the window did not end well the last time, and shows the report (SH-16, wireframe 13.12)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.background import Tasks
from desktop.crashes.run import Traces, latest_report, reports_folder
from desktop.theme import Theme
from runtime.foundation.files import write_atomic

from .actions import Actions
from .notices import NoticeAction, Notices

if TYPE_CHECKING:
    from desktop.crashes.report import CrashReport

NOTICE = "crash"
ACTION = "help.crash"


class Crashes(QObject):
    """The report of the last crash: made in the background, told once, found again in Help.

    Args:
        data: the user's folder.
        theme, actions, notices, tasks: shared parts.
        open_path: opens a folder with the system's program; False when nothing could.
        window: parent of the sheet.
    """

    def __init__(
        self,
        data: Path,
        theme: Theme,
        actions: Actions,
        notices: Notices,
        tasks: Tasks,
        open_path: Callable[[Path], bool],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._data, self._theme, self._actions = data, theme, actions
        self._notices, self._tasks, self._open_path, self._window = notices, tasks, open_path, window
        actions.add(ACTION, "Last crash report…", self.open, group="Help")

    def look(self, traces: Traces | None) -> None:
        """Makes the report of a run that did not end, and tells of it; without one looks for older ones."""
        data = self._data
        if traces is None:
            self._actions.set_enabled(ACTION, False, "Hadron has not crashed.")
            self._tasks.run(
                lambda _context: latest_report(data) is not None,
                owner=self,
                title="Looking for reports",
                reading=True,
                on_done=lambda found: self._actions.set_enabled(ACTION, found, "Hadron has not crashed."),
            )
            return

        def make(_context: object) -> CrashReport:
            from desktop.crashes.report import make_report  # needed once in a blue moon

            return make_report(traces, data)

        self._tasks.run(
            make,
            owner=self,
            title="Looking at how Hadron ended",
            reading=True,
            on_done=self._tell,
        )

    def _tell(self, report: CrashReport) -> None:
        self._actions.set_enabled(ACTION, True)
        text = f"Hadron stopped unexpectedly {day_words(report.when)}. {report.cause}"
        if report.drafts:
            drafts = "1 draft is" if report.drafts == 1 else f"{report.drafts} drafts are"
            text += f" {drafts} kept and come back with the files."

        def details() -> None:
            self._notices.dismiss(NOTICE)
            self._show(report.text)

        self._notices.post("warning", text, report.text, [NoticeAction("Details", details)], replace=NOTICE)

    def open(self) -> None:
        """Shows the newest report that is kept."""
        data = self._data

        def read(_context: object) -> str:
            path = latest_report(data)
            return path.read_text(encoding="utf-8", errors="replace") if path else "No report is kept."

        self._tasks.run(read, owner=self, title="Reading the report", reading=True, on_done=self._show)

    def _show(self, text: str) -> None:
        def save(path: Path) -> None:
            self._tasks.run(
                lambda _context: write_atomic(path, text),
                owner=self,
                title="Saving the report",
                on_done=lambda _none: self._notices.post("done", f"The report was saved as {path}."),
            )

        from .crash_sheet import CrashSheet

        CrashSheet(self._theme, text, save, self._open_folder, self._window).open()

    def _open_folder(self) -> None:
        folder = reports_folder(self._data)
        if not self._open_path(folder):
            self._notices.post(
                "warning", f"No program could be started for {folder}.", replace="crash-folder"
            )


def day_words(moment: float, now: float | None = None) -> str:
    """ "today at 18:02", "yesterday at 18:02", "on 3 March at 18:02"; with the year when it is another."""
    then, today = time.localtime(moment), time.localtime(time.time() if now is None else now)
    at = time.strftime("%H:%M", then)
    midnight = time.mktime((*today[:3], 12, 0, 0, 0, 0, -1))
    days = round((midnight - time.mktime((*then[:3], 12, 0, 0, 0, 0, -1))) / 86_400)
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'} at {at}"
    year = "" if then.tm_year == today.tm_year else f" {then.tm_year}"
    return f"on {then.tm_mday} {time.strftime('%B', then)}{year} at {at}"
