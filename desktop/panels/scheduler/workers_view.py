"""Workers as rows: name, state, what they do, and the orders to them (SC-11, SC-12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.buttons import Button, IconButton, popup_below
from desktop.widgets.cards import EmptyState
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.marks import StateMark

from .asked import WorkerView, summary

ORDER_WORDS = {
    "pause": ("Pause", "pause"),
    "resume": ("Resume", "play"),
    "finish": ("Finish and stop", "stop"),
    "stop run": ("Stop its run", "stop"),
    "kill": ("Kill", "close"),
    "take back": ("Take back", "undo"),
    "take back order": ("Cancel", ""),
}
READ_ONLY = "Rows are read-only here: switch Editing on first."


class WorkerRow(QFrame):
    """One worker.

    Signals:
        order(str, str): name of the worker, and the order.
        opened(int): number of the task it runs.
    """

    order = Signal(str, str)
    opened = Signal(int)

    def __init__(self, theme: Theme, long: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._long = theme, long
        self._view: WorkerView | None = None
        self._reason = ""
        self.setProperty("section", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 2, 10, 2)
        row.setSpacing(8)
        self.name = CutLabel("medium", middle=True)
        self.name.setMinimumWidth(70)
        self.name.setMaximumWidth(180)
        self.name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.mark = StateMark(theme)
        self.state = CutLabel("")
        self.state.setMinimumWidth(96)
        self.state.setMaximumWidth(140)
        self.detail = CutLabel("secondary")
        self.first = Button(theme, "Pause", "quiet", "pause", small=True)
        self.first.clicked.connect(self._on_first)
        self.more = IconButton(theme, "more", "More orders to this worker")
        self.more.clicked.connect(self._open_more)
        row.addWidget(self.name, 2)
        row.addWidget(self.mark)
        row.addWidget(self.state, 2)
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.detail)
        self.facts = CutLabel("small")
        self.facts.setVisible(long)
        middle.addWidget(self.facts)
        row.addLayout(middle, 6)
        row.addWidget(self.first)
        row.addWidget(self.more)

    def show_worker(self, view: WorkerView, reason: str, load: str) -> None:
        """Everything about a worker; a reason disables the orders; `load` is its processor and memory."""
        self._view, self._reason = view, reason
        entry = view.entry
        self.setObjectName(f"scheduler.worker.{entry.name}")
        self.setAccessibleName(f"Worker {entry.name}: {view.words}, {view.detail}")
        self.name.set_text(entry.name)
        self.mark.show_state(view.mark, view.status, view.words)
        self.state.set_text(view.words)
        restyle(self.state, status="" if view.status == "stopped" else view.status)
        self.detail.set_text(view.detail)
        if self._long:
            self.facts.set_text(facts_of(view, load))
        order = view.orders[0]
        words, icon = ORDER_WORDS[order]
        kind = "secondary" if order == "take back" else "quiet"
        self.first.set_face(words, kind, icon)
        self.first.setAccessibleName(f"{words} {entry.name}")
        self.first.setObjectName(f"scheduler.worker.{entry.name}.first")
        self.first.setEnabled(not reason)
        self.first.setToolTip(reason or words)

    def _on_first(self) -> None:
        if self._view is not None:
            self.order.emit(self._view.entry.name, self._view.orders[0])

    def menu(self) -> QMenu:
        """The orders that are possible now."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._view is None:
            return menu
        entry = self._view.entry
        if entry.task_id:
            task_id = entry.task_id
            action = menu.addAction(f"Show {entry.task_name or f'task {task_id}'}")
            action.triggered.connect(lambda: self.opened.emit(task_id))
            menu.addSeparator()
        for order in self._view.orders:
            words, icon = ORDER_WORDS[order]
            action = menu.addAction(words)
            if icon:
                self._theme.tint_action(action, icon)
            action.setEnabled(not self._reason)
            action.setToolTip(self._reason)
            action.triggered.connect(lambda _on=False, order=order: self.order.emit(entry.name, order))
        return menu

    def _open_more(self) -> None:
        popup_below(self.menu(), self.more)


def facts_of(view: WorkerView, load: str) -> str:
    """Where it runs, since when, for which groups, and what it found."""
    entry = view.entry
    parts = [f"{entry.host}, process {entry.pid}" if entry.pid else entry.host]
    parts.append("this computer" if entry.here else "another computer")
    parts.append(f"groups {', '.join(entry.groups) or 'none'}")
    if entry.since is not None:
        parts.append(f"since {datetime.fromtimestamp(entry.since):%Y-%m-%d %H:%M}")
    parts.append(f"{entry.empty} empty looks")
    if load:
        parts.append(load)
    return ", ".join(parts)


class WorkersList(QWidget):
    """A head and a row for each worker.

    Args:
        theme: where its colours come from.
        long: with a second line of facts, for a page of its own.
        load: tells processor and memory of a process by its number, empty when not known.

    Signals:
        order(str, str), opened(int): see `WorkerRow`.
        start_wanted: a worker is to be started.
    """

    order = Signal(str, str)
    opened = Signal(int)
    start_wanted = Signal()

    def __init__(
        self, theme: Theme, long: bool, load: Callable[[int], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._long, self._load = theme, long, load
        self.rows: list[WorkerRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setProperty("page", True)
        line = QHBoxLayout(head)
        line.setContentsMargins(16, 6, 10, 6)
        line.setSpacing(8)
        line.addWidget(label("Workers", "heading"))
        self.summary = label("", "secondary", name="scheduler.workers.summary")
        line.addWidget(self.summary)
        line.addStretch(1)
        self.start = Button(theme, "Start a worker", "quiet", "plus", small=True)
        self.start.setObjectName(f"scheduler.workers.start{'.page' if long else ''}")
        self.start.clicked.connect(self.start_wanted)
        line.addWidget(self.start)
        column.addWidget(head)
        self._holder = QWidget()
        self._holder.setProperty("page", True)
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setAccessibleName("Workers")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._holder)
        self.empty = EmptyState(theme, "workers", "No worker runs. Queued tasks wait until one is started.")
        self.empty.setVisible(False)
        column.addWidget(self.area, 1)
        column.addWidget(self.empty, 1)

    def show_workers(self, views: Sequence[WorkerView], reason: str) -> None:
        """Brings the rows in line; a row stays the widget it is, so that focus and menus stay."""
        while len(self.rows) < len(views):
            row = WorkerRow(self._theme, self._long)
            row.order.connect(self.order)
            row.opened.connect(self.opened)
            self._column.insertWidget(len(self.rows), row)
            self.rows.append(row)
        while len(self.rows) > len(views):
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        for row, view in zip(self.rows, views, strict=True):
            load = self._load(view.entry.pid) if view.entry.here and view.entry.pid else ""
            row.show_worker(view, reason, load)
        self.summary.setText(summary(list(views)))
        if self._long:
            self.empty.setVisible(not views)
            self.area.setVisible(bool(views))
