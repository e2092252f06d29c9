"""Jobs of the applications' crontabs under the workers: next run, last result, on and off (SV-18)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.background import Context, Tasks
from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.buttons import IconButton, popup_below
from desktop.widgets.cards import Card, Section
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.marks import StateMark, Toggle

from .words import clock, counted, duration, in_words

EVERY = 10_000  # milliseconds between two looks, while somebody looks
MODES = {
    "none": "off: nothing runs by itself. Settings, Server switches it on",
    "hard": "each minute, while the server runs",
    "soft": "after pages were served",
}
_STATES = {
    "ok": ("mark-check", "serving"),
    "failed": ("mark-cross-small", "failed"),
    "running": ("mark-arc-dot", "changing"),
    "lost": ("mark-disc-bang", "problem"),
}


@dataclass(frozen=True)
class JobView:
    """A job as shown.

    Attributes:
        id, application, line: which one.
        schedule, command: as written.
        following: when it runs next, in words.
        last: how its last run ended, in words.
        state: ``ok``, ``failed``, ``running``, ``lost``, or "" when it never ran.
        output: the end of what it printed.
    """

    id: str
    application: str
    line: int
    schedule: str
    command: str
    enabled: bool
    following: str
    last: str
    state: str
    output: str
    ticket: str


def job_view(job: dict[str, Any], now: float) -> JobView:
    """What is to be shown of a job of `runtime.admin.cron.as_json`."""
    last = job["last"] or {}
    state = str(last.get("state", ""))
    words = "never ran"
    if last:
        took = last.get("duration")
        words = f"{state} {clock(last['started'])}"
        if took is not None:
            words += f", {duration(took) if took >= 1 else 'under 1 s'}"
    following = job["next_run"]
    when = "at the start" if "@reboot" in job["schedule"] else "-"
    if following is not None:
        when = f"in {in_words(following - now)}"
    return JobView(
        job["id"], job["application"], job["line"], job["schedule"], job["command"], job["enabled"],
        when, words, state, str(last.get("output", "")), str(last.get("ticket") or ""),
    )  # fmt: skip


class CronJobs(QObject):
    """Reads the jobs of the site in the background, and changes them.

    Args:
        tasks: shows a job that is run by hand.
        site: tells the site folder now.

    Signals:
        changed: another reading.
        failed(str): a sentence for the person.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, tasks: Tasks, site: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._site = tasks, site
        self._quiet = Tasks(self)
        self.jobs: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []
        self._timer = QTimer(self, interval=EVERY)
        self._timer.setObjectName("cron-look")
        self._timer.timeout.connect(self.look)

    def set_watched(self, on: bool) -> None:
        """Reads while somebody looks; the first time a second later, when the window is drawn."""
        if on and not self._timer.isActive():
            self._timer.start()
            QTimer.singleShot(1000, self, self.look)
        elif not on:
            self._timer.stop()

    def look(self) -> None:
        """Reads crontabs and records."""
        site = self._site()

        def work(_context: Context) -> dict[str, Any]:
            from runtime.admin.cron import as_json, overview  # not needed at the start

            return (
                as_json(overview(site)) if (site / "applications").is_dir() else {"jobs": [], "problems": []}
            )

        self._quiet.run(
            work, owner=self, title="cron", key="look", on_done=self._on_read, on_failed=self._on_failed
        )

    def _on_read(self, found: dict[str, Any]) -> None:
        self.jobs, self.problems = found["jobs"], found["problems"]
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self.failed.emit(str(error))

    def set_enabled(self, job: str, on: bool) -> None:
        """Switches a job on or off; its crontab stays as it is."""
        site = self._site()

        def work(_context: Context) -> None:
            from runtime.admin.cron import set_enabled

            set_enabled(site, job, on)

        self._quiet.run(
            work, owner=self, title="cron", on_done=lambda _none: self.look(), on_failed=self._on_failed
        )

    def run_now(self, job: str, words: str) -> None:
        """Runs a job now, whether it is due or not."""
        site = self._site()

        def work(_context: Context) -> None:
            from runtime.admin.cron import run_now

            run_now(site, job)

        self._tasks.run(
            work, owner=self, title=f"Running {words}", on_done=lambda _none: self.look(),
            on_failed=self._on_failed, cancellable=False,
        )  # fmt: skip
        QTimer.singleShot(500, self, self.look)

    def close(self) -> None:
        """Ends all work."""
        self._timer.stop()
        self._quiet.close()


class JobLine(Section):
    """One job.

    Signals:
        switched(str, bool): its id, and whether it is to run when due.
        ran(str, str): its id and words: it is to run now.
        file_wanted(str, int): application and line of its crontab.
        ticket_wanted(str, str): application and number.
    """

    switched = Signal(str, bool)
    ran = Signal(str, str)
    file_wanted = Signal(str, int)
    ticket_wanted = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(across=True, parent=parent)
        self._theme = theme
        self._view: JobView | None = None
        self.row.setContentsMargins(16, 4, 10, 4)
        self.name = CutLabel("medium")
        self.schedule = CutLabel("secondary")
        self.command = CutLabel("", middle=True)
        self.following = CutLabel("secondary")
        self.mark = StateMark(theme)
        self.last = CutLabel("")
        self.toggle = Toggle(theme, "Runs when it is due")
        self.toggle.clicked.connect(self._on_switched)
        self.more = IconButton(theme, "more", "More for this job")
        self.more.clicked.connect(lambda: popup_below(self.menu(), self.more))
        for widget, stretch in (
            (self.name, 2), (self.schedule, 3), (self.command, 5), (self.following, 2), (self.mark, 0),
            (self.last, 3), (self.toggle, 0), (self.more, 0),
        ):  # fmt: skip
            self.row.addWidget(widget, stretch)

    def show_job(self, view: JobView) -> None:
        """Everything about a job."""
        self._view = view
        self.setObjectName(f"overview.cron.{view.application}.{view.line}")
        self.name.set_text(view.application)
        self.schedule.set_text(view.schedule)
        self.command.set_text(view.command)
        self.following.set_text(view.following)
        shape, status = _STATES.get(view.state, ("mark-ring-small", "stopped"))
        self.mark.show_state(shape, status, view.last)
        self.last.set_text(view.last)
        self.last.setToolTip(view.output.strip() or view.last)
        restyle(self.last, status="failed" if view.state == "failed" else "")
        self.toggle.setChecked(view.enabled)
        self.toggle.setToolTip("Runs when it is due" if view.enabled else "Switched off")
        self.toggle.setAccessibleName(f"{view.command} of {view.application} runs when it is due")

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out the command where room is little."""
        self.command.setVisible(not narrow)

    def menu(self) -> QMenu:
        """What can be done with the job."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        view = self._view
        if view is None:
            return menu
        menu.addAction("Run now", lambda: self.ran.emit(view.id, f"{view.application}: {view.command}"))
        menu.addAction("Open its line", lambda: self.file_wanted.emit(view.application, view.line))
        ticket = menu.addAction(
            "Open its ticket", lambda: self.ticket_wanted.emit(view.application, view.ticket)
        )
        ticket.setEnabled(bool(view.ticket))
        return menu

    def _on_switched(self) -> None:
        if self._view is not None:
            self.switched.emit(self._view.id, self.toggle.isChecked())


class CronCard(Card):
    """All jobs of the site; hidden where there is no crontab.

    Signals:
        file_wanted(str, int), ticket_wanted(str, str): see `JobLine`.
    """

    file_wanted = Signal(str, int)
    ticket_wanted = Signal(str, str)

    def __init__(self, theme: Theme, jobs: CronJobs, parent: QWidget | None = None) -> None:
        super().__init__("overview.cron", parent)
        self._theme, self._jobs = theme, jobs
        self._mode, self._narrow = "none", False
        self.lines: list[JobLine] = []
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 8, 10, 8)
        row.setSpacing(8)
        row.addWidget(label("Cron", "heading"))
        self.summary = CutLabel("secondary")
        self.summary.setObjectName("overview.cron.summary")
        row.addWidget(self.summary, 1)
        self.body.addWidget(head)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.body.addLayout(self._list)
        self.body.addSpacing(4)
        jobs.changed.connect(self.show_jobs)
        self.show_jobs()

    def show_mode(self, mode: str) -> None:
        """How the server runs the jobs: ``none``, ``hard`` or ``soft`` (CRON-14)."""
        self._mode = mode
        self._show_summary()

    def _show_summary(self) -> None:
        words = f"{counted(len(self._jobs.jobs), 'job')}, {MODES.get(self._mode, self._mode)}"
        bad = len(self._jobs.problems)
        if bad:
            words += f"; {counted(bad, 'line')} can't be read"
        self.summary.set_text(words)
        problems = (
            f"{one['application']}, line {one['line']}: {one['reason']}" for one in self._jobs.problems
        )
        self.summary.setToolTip("\n".join(problems))

    def show_jobs(self) -> None:
        """Brings the lines in line with what was read."""
        now = time.time()
        views: Sequence[JobView] = [job_view(job, now) for job in self._jobs.jobs]
        self.setVisible(bool(views or self._jobs.problems))
        while len(self.lines) < len(views):
            line = JobLine(self._theme)
            line.switched.connect(self._jobs.set_enabled)
            line.ran.connect(self._jobs.run_now)
            line.file_wanted.connect(self.file_wanted)
            line.ticket_wanted.connect(self.ticket_wanted)
            line.set_narrow(self._narrow)
            self.lines.append(line)
            self._list.addWidget(line)
        while len(self.lines) > len(views):
            line = self.lines.pop()
            line.hide()
            line.deleteLater()
        for line, view in zip(self.lines, views, strict=True):
            line.show_job(view)
        self._show_summary()

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out what matters least."""
        self._narrow = narrow
        for line in self.lines:
            line.set_narrow(narrow)
