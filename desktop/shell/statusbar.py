"""The status bar: the server in words, tasks under way, zoom."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.background import Task, Tasks
from desktop.theme import Theme, paint
from desktop.theme.theme import restyle
from desktop.widgets.base import Painted, PaintedButton
from desktop.widgets.labels import CutLabel, Link
from desktop.widgets.marks import StateMark


class Progress(Painted):
    """A quiet track with the part that is done."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._percent = 0
        self.setFixedSize(96, 6)

    def show_percent(self, percent: int) -> None:
        """0 to 100."""
        self._percent = percent
        self.setAccessibleName(f"{percent} %")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(96, 6)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        paint.box(painter, self.rect(), self.theme.color("surface.sunken"), None, 3)
        done = QRectF(0, 0, self.width() * self._percent / 100, self.height())
        if self._percent:
            paint.box(painter, done, self.theme.color("select.mark"), None, 3)


class SmallButton(PaintedButton):
    """Small text that can be pressed (the zoom)."""

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("small"), self.text()) + 12
        return QSize(width, max(24, self.theme.line_height("small") + 4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color = self.theme.color
        if self.hovered:
            paint.box(painter, self.rect(), color("surface.hover"), None, self.radius)
        area = QRectF(self.rect()).adjusted(6, 0, 0, 0)
        paint.text(painter, area, self.text(), self.theme.fonts.style("small"), color("text.secondary"))


class StatusBar(QFrame):
    """The row below everything.

    Signals:
        zoom_reset: the zoom was pressed.
        tasks_wanted: the work under way was pressed, or what stands for it while there is none.
    """

    zoom_reset = Signal()
    tasks_wanted = Signal()

    def __init__(self, theme: Theme, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._tasks = theme, tasks
        self._task: Task | None = None
        self.setObjectName("statusbar")
        self.setAccessibleName("Status bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 8, 0)
        row.setSpacing(8)
        self._mark = StateMark(theme, 14)
        self.server = CutLabel("small")
        self.server.setObjectName("statusbar.server")
        self.place = CutLabel("small")
        self.place.setObjectName("statusbar.place")
        self._work = CutLabel("small")
        self.tasks = SmallButton(theme)
        self.tasks.setObjectName("statusbar.tasks")
        self.tasks.setText("Tasks")
        self.tasks.setAccessibleName("Tasks under way, and how the last ones ended")
        self.tasks.setToolTip("What is under way, and how the last tasks ended")
        self.tasks.clicked.connect(self.tasks_wanted)
        self._progress = Progress(theme)
        self._percent = CutLabel("small")
        self._cancel = Link(theme, "Cancel")
        self._cancel.setObjectName("statusbar.cancel")
        self._cancel.clicked.connect(self._on_cancel)
        self._zoom = SmallButton(theme)
        self._zoom.setObjectName("statusbar.zoom")
        self._zoom.clicked.connect(self.zoom_reset)
        row.addWidget(self._mark)
        row.addWidget(self.server, 1)
        for widget in (
            self.place,
            self._work,
            self._progress,
            self._percent,
            self._cancel,
            self.tasks,
            self._zoom,
        ):
            row.addWidget(widget)
        theme.changed.connect(self._resize)
        theme.zoom_changed.connect(self._show_zoom)
        tasks.changed.connect(self._show_tasks)
        self._resize()
        self._show_zoom(theme.zoom)
        self._show_tasks()

    def show_server(self, words: str, shape: str, status: str) -> None:
        """The server's state in one line."""
        self._mark.show_state(shape, status, words)
        self.server.set_text(words)
        restyle(self.server, status="" if status == "stopped" else status)

    def show_place(self, words: str) -> None:
        """What a panel says of the place in a text: line, language; empty for nothing."""
        self.place.set_text(words)

    def _show_zoom(self, zoom: float) -> None:
        self._zoom.setText(f"{round(zoom * 100)} %")
        self._zoom.setAccessibleName(f"Zoom {round(zoom * 100)} %, press for 100 %")
        self._zoom.setToolTip("Size of all text; press for 100 %")
        self._zoom.on_theme_changed()

    def _show_tasks(self) -> None:
        under_way = self._tasks.under_way()
        self._task = under_way[0] if under_way else None
        for widget in (self._work, self._progress, self._percent, self._cancel):
            widget.setVisible(self._task is not None)
        if self._task is None:
            return
        more = f" and {len(under_way) - 1} more" if len(under_way) > 1 else ""
        self._work.set_text(self._task.title + more)
        percent = self._task.percent
        self._progress.setVisible(percent is not None)
        self._progress.show_percent(percent or 0)
        self._percent.set_text(f"{percent} %" if percent is not None else self._task.text)
        self._cancel.setVisible(self._task.cancellable)

    def _on_cancel(self) -> None:
        if self._task is not None:
            self._tasks.cancel(self._task)

    def _resize(self) -> None:
        self.setFixedHeight(max(self._theme.size("status_bar"), self._theme.line_height("small") + 10))
