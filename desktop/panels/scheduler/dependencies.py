"""The dependencies of a job as a picture: what waits for what, and why something does not start (SC-16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QToolTip, QVBoxLayout, QWidget

from desktop.panels.overview.words import counted
from desktop.theme import Theme, paint
from desktop.widgets.base import Painted
from desktop.widgets.cards import EmptyState
from desktop.widgets.fields import Choice, FaultLine
from desktop.widgets.labels import label

from .table import mark_of
from .words import STATE_WORDS

BOX_WIDTH, GAP_ACROSS, GAP_DOWN, MARGIN = 190, 56, 14, 20


class JobGraph(Painted):
    """Boxes in layers from left to right, joined by lines; arrow keys move, Enter opens.

    Signals:
        opened(int): number of a task.
        chosen(int): another task has the focus.
    """

    opened = Signal(int)
    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._nodes: list[dict[str, Any]] = []
        self._edges: list[tuple[int, int]] = []
        self._rects: dict[int, QRectF] = {}
        self.current = 0
        self.setObjectName("scheduler.graph")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def show_job(self, job: dict[str, Any] | None) -> None:
        """Shows a `JobPicture`."""
        self._nodes = list(job["nodes"]) if job else []
        self._edges = [(int(parent), int(child)) for parent, child in job["edges"]] if job else []
        if self.current not in [node["id"] for node in self._nodes]:
            self.current = self._nodes[0]["id"] if self._nodes else 0
        self._lay_out()
        words = (f"{node['name']}, {node['state']}. {node['why']}".strip() for node in self._nodes)
        self.setAccessibleName("Dependencies. " + " ".join(words))
        self.update()

    def node(self, id: int) -> dict[str, Any] | None:
        """What is known of a task."""
        return next((node for node in self._nodes if node["id"] == id), None)

    def on_theme_changed(self) -> None:
        self._lay_out()
        super().on_theme_changed()

    def _height(self) -> int:
        return self.theme.line_height() + self.theme.line_height("small") + 18

    def _lay_out(self) -> None:
        layers: dict[int, list[int]] = {}
        for node in self._nodes:
            layers.setdefault(node["layer"], []).append(node["id"])
        height = self._height()
        tallest = max((len(ids) for ids in layers.values()), default=0)
        self._rects = {}
        for layer, ids in layers.items():
            top = MARGIN + (tallest - len(ids)) * (height + GAP_DOWN) / 2
            for at, id in enumerate(ids):
                left = MARGIN + layer * (BOX_WIDTH + GAP_ACROSS)
                self._rects[id] = QRectF(left, top + at * (height + GAP_DOWN), BOX_WIDTH, height)
        right = max((rect.right() for rect in self._rects.values()), default=0) + MARGIN
        bottom = max((rect.bottom() for rect in self._rects.values()), default=0) + MARGIN
        self.setMinimumSize(QSize(int(right), int(bottom)))

    def paintEvent(self, event: object) -> None:
        painter, color = QPainter(self), self.theme.color
        painter.fillRect(self.rect(), color("surface.base"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stuck = {node["id"] for node in self._nodes if node["in_circle"]}
        for parent, child in self._edges:
            self._paint_edge(painter, parent, child, parent in stuck and child in stuck)
        for node in self._nodes:
            self._paint_node(painter, node)

    def _paint_edge(self, painter: QPainter, parent: int, child: int, bad: bool) -> None:
        begin, end = self._rects[parent], self._rects[child]
        from_, to = QPointF(begin.right(), begin.center().y()), QPointF(end.left(), end.center().y())
        path = QPainterPath(from_)
        if to.x() >= from_.x():
            middle = (from_.x() + to.x()) / 2
            path.cubicTo(QPointF(middle, from_.y()), QPointF(middle, to.y()), to)
        else:  # back: a circle
            low = max(begin.bottom(), end.bottom()) + 8
            path.cubicTo(QPointF(from_.x() + 40, low), QPointF(to.x() - 40, low), to)
        ink = self.theme.color("status.failed.mark" if bad else "border.control")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 1.5, Qt.PenStyle.DashLine if bad else Qt.PenStyle.SolidLine))
        painter.drawPath(path)
        painter.setPen(QPen(ink, 1.5))
        for dy in (-4, 4):
            painter.drawLine(to, QPointF(to.x() - 6, to.y() + dy))

    def _paint_node(self, painter: QPainter, node: dict[str, Any]) -> None:
        color, rect = self.theme.color, self._rects[node["id"]]
        bad = node["in_circle"]
        edge = "status.failed.border" if bad else "border.default"
        paint.box(painter, rect, color("surface.raised"), color(edge), 8)
        if node["id"] == self.current and self.hasFocus():
            paint.box(painter, rect.adjusted(-2, -2, 2, 2), None, color("focus.ring"), 9, 2)
        icon, tint = mark_of(self.theme, node["state"])
        self.theme.icons.draw(painter, icon, color(tint), rect.left() + 10, rect.top() + 8)
        top = QRectF(rect.left() + 32, rect.top() + 5, rect.width() - 40, self.theme.line_height() + 4)
        paint.text(painter, top, node["name"], self.theme.fonts.style("body", 500), color("text.primary"))
        words = "waits for itself" if bad else STATE_WORDS.get(node["state"], node["state"])
        if node["waits_for"] and not bad:
            words += f", waits for {len(node['waits_for'])}"
        below = QRectF(top.left(), top.bottom() - 1, top.width(), self.theme.line_height("small") + 4)
        ink = color("status.failed.text" if bad else "text.secondary")
        paint.text(painter, below, words, self.theme.fonts.style("small"), ink)

    # taking

    def _at(self, place: QPointF) -> int:
        return next((id for id, rect in self._rects.items() if rect.contains(place)), 0)

    def choose(self, id: int) -> None:
        """Gives a task the focus."""
        if id and id != self.current:
            self.current = id
            self.chosen.emit(id)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(self._at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if id := self._at(event.position()):
            self.opened.emit(id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ids = [node["id"] for node in sorted(self._nodes, key=lambda one: (one["layer"], one["id"]))]
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1}
        if event.key() in step and ids:
            at = ids.index(self.current) if self.current in ids else 0
            self.choose(ids[max(0, min(len(ids) - 1, at + step[Qt.Key(event.key())]))])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            node = self.node(self._at(QPointF(event.pos())))
            if node is not None:
                QToolTip.showText(event.globalPos(), node["why"] or node["name"], self)
            return True
        return super().event(event)


class DependenciesPage(QWidget):
    """Which job, its picture, and what holds the chosen task.

    Signals:
        job_chosen(str): another job.
        opened(int): number of a task.
    """

    job_chosen = Signal(str)
    opened = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setProperty("page", True)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 10, 16, 8)
        row.setSpacing(10)
        self.jobs = Choice(theme, "Job", [("", "No job")])
        self.jobs.setObjectName("scheduler.job")
        self.jobs.setMaximumWidth(260)
        self.jobs.chosen.connect(self.job_chosen)
        self.words = label("", "secondary", name="scheduler.job.words")
        row.addWidget(self.jobs)
        row.addWidget(self.words, 1)
        column.addWidget(head)
        self.fault = FaultLine(theme)
        self.fault.setContentsMargins(16, 0, 16, 8)
        column.addWidget(self.fault)
        self.graph = JobGraph(theme)
        self.graph.opened.connect(self.opened)
        self.graph.chosen.connect(self._say_why)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setAccessibleName("Picture of the job")
        scroll.setWidget(self.graph)
        self.empty = EmptyState(
            theme, "link", "No task waits for another one. JobGraph(db).add_deps(first, second) makes it so."
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(scroll)
        self._stack.addWidget(self.empty)
        column.addWidget(self._stack, 1)
        self.why = label("", "secondary", wrap=True, name="scheduler.job.why")
        self.why.setContentsMargins(16, 6, 16, 8)
        column.addWidget(self.why)

    def show_jobs(self, jobs: Sequence[dict[str, Any]], job: dict[str, Any] | None) -> None:
        """Brings all in line."""
        options = [(one["name"], one["name"] or "without a name") for one in jobs] or [("", "No job")]
        self.jobs.set_options(options, job["name"] if job else options[0][0])
        self.jobs.setEnabled(bool(jobs))
        self._stack.setCurrentIndex(0 if job and job["nodes"] else 1)
        self.graph.show_job(job)
        circles = job["circles"] if job else []
        count = counted(len(job["nodes"]), "task") if job else ""
        waiting = sum(bool(node["why"]) for node in job["nodes"]) if job else 0
        self.words.setText(f"{count}, {waiting} blocked" if waiting else count)
        sentence = ""
        if circles:
            names = {node["id"]: node["name"] for node in job["nodes"]} if job else {}
            inside = ", ".join(names.get(one, str(one)) for one in circles[0])
            more = f" There are {len(circles) - 1} more circles." if len(circles) > 1 else ""
            sentence = f"{inside} wait for each other in a circle: none of them ever starts.{more}"
        self.fault.say(sentence)
        self._say_why(self.graph.current)

    def _say_why(self, id: int) -> None:
        node = self.graph.node(id)
        self.why.setText(f"{node['name']}: {node['why']}" if node and node["why"] else "")
