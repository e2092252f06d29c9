"""A worker as a row: name, state, what it does, and the orders to it (SC-11, SC-12, SV-14)."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.processes.worker_state import WorkerView, shown_name
from desktop.theme import Theme, paint
from desktop.theme.theme import restyle

from .buttons import Button, IconButton, popup_below
from .labels import CutLabel, Link
from .marks import StateMark

ORDER_WORDS = {
    "pause": ("Pause", "pause"),
    "resume": ("Resume", "play"),
    "finish": ("Finish and stop", "stop"),
    "stop run": ("Stop its run", "stop"),
    "kill": ("Kill", "close"),
    "take back": ("Take back", "undo"),
    "take back order": ("Cancel", ""),
}


class WorkerRow(QFrame):
    """One worker.

    Args:
        theme: where its colours come from.
        long: with a second line of facts.
        indent: pixels from the left, below something else.

    Signals:
        order(str, str): name of the worker, and the order.
        opened(int): number of the task it runs.
    """

    order = Signal(str, str)
    opened = Signal(int)

    def __init__(self, theme: Theme, long: bool, indent: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._long = theme, long
        self._view: WorkerView | None = None
        self._reason = ""
        self.setProperty("section", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(16 + indent, 2, 10, 2)
        row.setSpacing(8)
        self.name = CutLabel("medium", middle=True)
        self.mark = StateMark(theme)
        self.state = CutLabel("")
        self.detail = CutLabel("secondary")
        self.first = Button(theme, "Pause", "quiet", "pause", small=True)
        self.first.clicked.connect(self._on_first)
        self.more = IconButton(theme, "more", "More orders to this worker")
        self.more.clicked.connect(self._open_more)
        row.addWidget(self.name)
        row.addWidget(self.mark)
        row.addWidget(self.state)
        middle = QVBoxLayout()
        middle.setSpacing(0)
        doing = QHBoxLayout()
        doing.setSpacing(4)
        self.task = Link(theme)
        self.task.opened.connect(lambda number: self.opened.emit(int(number)))
        doing.addWidget(self.task)
        doing.addWidget(self.detail, 1)
        middle.addLayout(doing)
        self.facts = CutLabel("small")
        self.facts.setVisible(long)
        middle.addWidget(self.facts)
        row.addLayout(middle, 1)
        row.addWidget(self.first)
        row.addWidget(self.more)

        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        """Names and states of all rows stand below each other."""
        fonts = self._theme.fonts
        self.name.setFixedWidth(paint.text_width(fonts.style("body", 500), "hostname#51200") + 8)
        self.state.setFixedWidth(paint.text_width(fonts.style("body"), "finishing, ticker") + 8)

    def show_worker(self, view: WorkerView, reason: str, load: str) -> None:
        """Everything about a worker; a reason disables the orders; `load` is its processor and memory."""
        self._view, self._reason = view, reason
        entry = view.entry
        self.setObjectName(f"scheduler.worker.{entry.name}")
        self.setAccessibleName(f"Worker {entry.name}: {view.words}, {view.detail}")
        self.name.set_text(shown_name(entry))
        self.name.setToolTip(entry.name)
        self.mark.show_state(view.mark, view.status, view.words)
        self.state.set_text(view.words)
        restyle(self.state, status="" if view.status == "stopped" else view.status)
        self._show_work(view)
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

    def _show_work(self, view: WorkerView) -> None:
        """What it does; a task that runs comes first and leads to it."""
        entry = view.entry
        name = entry.task_name or f"task {entry.task_id}"
        said = f", running {name}"
        linked = bool(entry.task_id) and view.detail.endswith(said)
        self.detail.set_text(view.detail.removesuffix(said))
        self.task.setVisible(linked)
        self.task.show_link(name if linked else "", str(entry.task_id))
        self.task.setAccessibleName(f"Task {name} of {entry.name}")

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
    """What it takes, its groups, where it runs, since when, what it found: the end may be cut off."""
    entry = view.entry
    parts = [load] if load else []
    parts.append(f"groups {', '.join(entry.groups) or 'none'}")
    parts.append(f"{entry.host}, process {entry.pid}" if entry.pid else entry.host)
    parts.append("this computer" if entry.here else "another computer")
    if entry.since is not None:
        parts.append(f"since {datetime.fromtimestamp(entry.since):%Y-%m-%d %H:%M}")
    parts.append(f"{entry.empty} empty looks")
    return ", ".join(parts)
