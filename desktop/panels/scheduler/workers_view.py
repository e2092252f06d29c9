"""The workers of an application below each other (SC-11, SC-12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.processes.worker_state import WorkerView, summary
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import EmptyState
from desktop.widgets.labels import label
from desktop.widgets.worker_row import WorkerRow

READ_ONLY = "Rows are read-only here: switch Editing on first."


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
