"""Workers under the requests: a line for each application, and one for each worker (SV-14..SV-17)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.processes.worker_child import WorkerChild
from desktop.processes.worker_state import WorkerView, shown_name, view_of
from desktop.processes.workers import MOST_WORKERS, Known, Workers
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme, paint
from desktop.theme.theme import restyle
from desktop.widgets.buttons import Button, IconButton, popup_below
from desktop.widgets.cards import Card, Section
from desktop.widgets.fields import Stepper
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.marks import StateMark
from desktop.widgets.worker_row import WorkerRow

from .words import age_words


@dataclass(frozen=True)
class AppView:
    """The workers of one application in a line.

    Attributes:
        mark, status, state: shape, colour group and word.
        words: what they do.
        task: name and number of a task that runs, ("", 0) for none.
        action: what is likeliest wanted: ``start``, ``pause``, ``resume``, ``again`` or "".
    """

    mark: str
    status: str
    state: str
    words: str
    task: tuple[str, int] = ("", 0)
    action: str = ""


def app_view(children: Sequence[WorkerChild], known: Known, views: Sequence[WorkerView]) -> AppView:
    """What is to be shown of an application's workers."""
    failed = next((child for child in children if child.phase == "failed"), None)
    if failed is not None:
        return AppView("mark-cross", "failed", "Failed", failed.cause, action="again")
    living = [view for view in views if view.state != "dead"]
    waiting = next((child for child in children if child.phase == "waiting"), None)
    if waiting is not None and not living:
        words = f"{waiting.cause} Again in {max(1, round(waiting.retry_in))} s."
        return AppView("mark-disc-bang", "problem", "Crashed", words, action="again")
    if not living:
        if any(child.phase == "starting" for child in children):
            return AppView("mark-ring-dot", "changing", "Starting", "running the models of the application")
        if any(child.phase == "finishing" for child in children):
            return AppView("mark-ring-dot", "changing", "Finishing", "ends when its task is done")
        due = next((hint for hint in known.hints if hint.kind == "no worker"), None)
        if due is not None:
            return AppView(
                "mark-triangle-bang", "problem", "None runs", due.sentence.rstrip("."), action="start"
            )
        return AppView("mark-ring", "stopped", "None runs", known.problem or "nothing is due", action="start")
    return _living_view(living)


def _living_view(living: Sequence[WorkerView]) -> AppView:
    busy = [view for view in living if view.entry.task_id]
    beats = [view.entry.beat_age for view in living if view.entry.beat_age is not None]
    beat = f"heartbeat {age_words(max(beats))} ago" if beats else ""
    unanswered = next((view for view in living if view.unanswered), None)
    if unanswered is not None:
        words = f"{shown_name(unanswered.entry)} {unanswered.state}"
        return AppView("mark-disc-bang", "problem", "No answer", words)
    changing = next((view for view in living if view.status == "changing"), None)
    if changing is not None:
        return AppView("mark-ring-dot", "changing", changing.state.capitalize(), changing.detail)
    paused = [view for view in living if view.state.startswith("paused")]
    if len(paused) == len(living):
        return AppView("mark-ring", "stopped", "Paused", beat, action="resume")
    words = f"all {len(living)} wait for tasks" if len(living) > 1 else "waits for tasks"
    task = ("", 0)
    if busy:
        words = f"{len(busy)} busy with"
        task = (busy[0].entry.task_name or f"task {busy[0].entry.task_id}", busy[0].entry.task_id)
    elif beat:
        words += f", {beat}"
    state = "Active" if not paused else f"Active, {len(paused)} paused"
    return AppView("mark-disc", "serving", state, words, task, "pause")


class AppLine(Section):
    """Name, stepper, state, what they do, the likeliest order.

    Signals:
        counted(str, int): another number of workers is wanted.
        acted(str, str): application and order: ``start``, ``pause``, ``resume``, ``again``, ``stop``.
        task_opened(str, int): a task that runs.
    """

    counted = Signal(str, int)
    acted = Signal(str, str)
    task_opened = Signal(str, int)

    ACTIONS = {
        "start": ("Start a worker", "play"),
        "pause": ("Pause", "pause"),
        "resume": ("Resume", "play"),
        "again": ("Try again", "restart"),
    }

    def __init__(self, theme: Theme, application: str, parent: QWidget | None = None) -> None:
        super().__init__(across=True, parent=parent)
        self._theme, self.application = theme, application
        self._view: AppView | None = None
        self._working = 0
        self._narrow = False
        self.row.setContentsMargins(16, 5, 10, 5)
        self.row.setSpacing(8)
        self.name = CutLabel("medium")
        self.name.set_text(application)
        self.stepper = Stepper(theme, f"Workers of {application}", 0, MOST_WORKERS)
        self.stepper.setObjectName(f"overview.workers.{application}.count")
        self.stepper.value_changed.connect(lambda count: self.counted.emit(application, count))
        self.mark = StateMark(theme)
        self.state = CutLabel("")
        self.words = CutLabel("secondary")
        self.task = Link(theme)
        self.task.opened.connect(self._open_task)
        self.button = Button(theme, "", "secondary", small=True)
        self.button.setObjectName(f"overview.workers.{application}.action")
        self.button.clicked.connect(self._on_button)
        self.more = IconButton(theme, "more", f"More orders to the workers of {application}")
        self.more.setObjectName(f"overview.workers.{application}.more")
        self.more.clicked.connect(lambda: popup_below(self.menu(), self.more))
        for widget in (self.name, self.stepper, self.mark, self.state):
            self.row.addWidget(widget)
        inner = QHBoxLayout()
        inner.setSpacing(2)
        inner.addWidget(self.words, 0)
        inner.addWidget(self.task, 0)
        inner.addStretch(1)
        self.row.addLayout(inner, 1)
        self.row.addWidget(self.button)
        self.row.addWidget(self.more)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        """Names and states of all applications stand below each other."""
        fonts = self._theme.fonts
        most = paint.text_width(fonts.style("body", 500), "application_name") + 8
        self.name.setFixedWidth(most * 2 // 3 if self._narrow else most)
        self.state.setFixedWidth(paint.text_width(fonts.style("body"), "Active, 2 paused") + 8)

    def show_app(self, view: AppView, count: int, working: int) -> None:
        """Everything about the application's workers; `working` of them live, wherever they were started."""
        self._view, self._working = view, working
        self.stepper.set_value(count)
        self.mark.show_state(view.mark, view.status, view.state)
        self.state.set_text(view.state)
        restyle(self.state, status="" if view.status == "stopped" else view.status)
        self.words.set_text(view.words)
        name, number = view.task
        self.task.setVisible(bool(name))
        self.task.show_link(name, str(number))
        self.button.setVisible(bool(view.action))
        if view.action:
            text, icon = self.ACTIONS[view.action]
            self.button.set_face(text, "secondary", icon)
            self.button.setAccessibleName(f"{text}: {self.application}")
        self.setAccessibleName(
            f"Workers of {self.application}: {count} started here, {view.state}, {view.words} {name}"
        )

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out what they do where room is little."""
        self._narrow = narrow
        self.words.setVisible(not narrow)
        self._measure()

    def menu(self) -> QMenu:
        """All orders to the workers of the application."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for order, text, icon, possible in (
            ("start", "Start a worker", "plus", True),
            ("pause", "Pause all", "pause", self._working > 0),
            ("resume", "Resume all", "play", self._working > 0),
            ("stop", "Finish and stop those started here", "stop", self.stepper.value() > 0),
        ):
            action = menu.addAction(text)
            self._theme.tint_action(action, icon)
            action.setEnabled(possible)
            action.triggered.connect(lambda _on=False, order=order: self.acted.emit(self.application, order))
        return menu

    def _on_button(self) -> None:
        if self._view is not None and self._view.action:
            self.acted.emit(self.application, self._view.action)

    def _open_task(self, number: str) -> None:
        self.task_opened.emit(self.application, int(number))


class WorkersCard(Card):
    """All workers of the site.

    Signals:
        scheduler_wanted: the panel Scheduler.
        task_opened(str, int): application and number of a task.
    """

    scheduler_wanted = Signal()
    task_opened = Signal(str, int)

    def __init__(self, theme: Theme, workers: Workers, parent: QWidget | None = None) -> None:
        super().__init__("overview.workers", parent)
        self._theme, self._workers = theme, workers
        self._narrow = False
        self.lines: dict[str, AppLine] = {}
        self.rows: dict[tuple[str, str], WorkerRow] = {}
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 8, 10, 8)
        row.setSpacing(8)
        row.addWidget(label("Workers", "heading"))
        self.summary = CutLabel("secondary")
        self.summary.setObjectName("overview.workers.summary")
        row.addWidget(self.summary, 1)
        self.open = Button(theme, "Open scheduler", "quiet", "scheduler", small=True)
        self.open.setObjectName("overview.workers.open")
        self.open.clicked.connect(self.scheduler_wanted)
        row.addWidget(self.open)
        self.body.addWidget(head)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.body.addLayout(self._list)
        self.body.addSpacing(4)
        workers.changed.connect(self.show_workers)
        self.show_workers()

    def show_workers(self) -> None:
        """Brings the lines in line with what is known."""
        names = self._workers.applications()
        self.setVisible(bool(names))
        now = time.time()
        self._show_summary()
        self._sync_lines(names)
        place = 0
        shown: set[tuple[str, str]] = set()
        for name in names:
            known = self._workers.known.get(name, Known())
            asked = self._workers.schedulers.asked(name)
            views = [view_of(entry, asked.get(entry.name), now) for entry in known.workers]
            line = self.lines[name]
            living = sum(view.state != "dead" for view in views)
            line.show_app(app_view(self._workers.of(name), known, views), self._workers.count(name), living)
            self._put(line, place)
            place += 1
            for view in views:
                key = (name, view.entry.name)
                shown.add(key)
                self._show_row(key, view, place)
                place += 1
        for key in set(self.rows) - shown:
            row = self.rows.pop(key)
            row.hide()
            row.deleteLater()

    def _show_summary(self) -> None:
        """How many live, and how many of them were started elsewhere."""
        own = {child.pid for child in self._workers.members if child.phase == "running"}
        living = [
            entry
            for known in self._workers.known.values()
            for entry in known.workers
            if entry.state not in ("dead", "silent")
        ]
        elsewhere = sum(not (entry.here and entry.pid in own) for entry in living)
        starting = sum(child.phase == "starting" for child in self._workers.members)
        parts = [f"{self._workers.running() + elsewhere} running"]
        if elsewhere:
            parts.append(f"{elsewhere} of them started elsewhere")
        if starting:
            parts.append(f"{starting} starting")
        self.summary.set_text(", ".join(parts))

    def _sync_lines(self, names: Sequence[str]) -> None:
        for name in set(self.lines) - set(names):
            line = self.lines.pop(name)
            line.hide()
            line.deleteLater()
        for name in names:
            if name not in self.lines:
                line = AppLine(self._theme, name)
                line.counted.connect(self._workers.set_count)
                line.acted.connect(self._act)
                line.task_opened.connect(self.task_opened)
                line.set_narrow(self._narrow)
                self.lines[name] = line

    def _put(self, widget: QFrame, place: int) -> None:
        if self._list.indexOf(widget) != place:
            self._list.insertWidget(place, widget)

    def _show_row(self, key: tuple[str, str], view: WorkerView, place: int) -> None:
        row = self.rows.get(key)
        if row is None:
            row = WorkerRow(self._theme, long=True, indent=22)
            application = key[0]
            row.order.connect(lambda worker, order: self._order(application, worker, order))
            row.opened.connect(lambda number: self.task_opened.emit(application, number))
            self.rows[key] = row
        pid = view.entry.pid
        row.show_worker(view, "", self._workers.load_words(pid) if view.entry.here and pid else "")
        self._put(row, place)

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out words where room is little."""
        self._narrow = narrow
        for line in self.lines.values():
            line.set_narrow(narrow)

    # orders

    def _act(self, application: str, order: str) -> None:
        if order in ("start", "again"):
            self._workers.start_one(application)
        elif order == "stop":
            self._workers.set_count(application, 0)
        else:
            self._workers.order_all(application, order)

    def _order(self, application: str, worker: str, order: str) -> None:
        if order == "take back":
            self._workers.take_back(application, worker)
        elif order == "take back order":
            self._workers.order(application, worker, "resume")
        elif order == "kill":
            self._kill(application, worker)
        else:
            self._workers.order(application, worker, order)

    def _kill(self, application: str, worker: str) -> None:
        entries = self._workers.known.get(application, Known()).workers
        entry = next((one for one in entries if one.name == worker), None)
        if entry is None or not entry.task_id:
            self._carry_out_kill(application, worker)
            return
        task = entry.task_name or f"task {entry.task_id}"
        text = f"{task} runs there. It is cut short and queued again."
        answers = [Answer("stay", "Cancel", "primary"), Answer("go", f"Kill {worker}", "danger")]
        sheet = Question(self._theme, f"Kill {worker}?", text, answers, parent=self.window())
        sheet.answered.connect(
            lambda answer, _ticked: self._carry_out_kill(application, worker) if answer == "go" else None
        )
        sheet.open()

    def _carry_out_kill(self, application: str, worker: str) -> None:
        asked: Any = self._workers.schedulers.asked(application).get(worker)
        if asked is not None and self._workers.kill_process(worker):
            return
        self._workers.order(application, worker, "kill")
