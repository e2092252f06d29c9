"""Figures with units, the sparkline of requests, the steps of a start."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.theme import Theme, paint

from .base import Painted
from .buttons import RING
from .values import UNKNOWN, Figure, Point, StepView


class FigureView(Painted):
    """A large number with its unit, and below it what it is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._figure = Figure(UNKNOWN, "", "")
        self._short = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_figure(self, figure: Figure, short: bool = False) -> None:
        """Sets the number; `short` takes the short caption where room is little."""
        if figure == self._figure and short == self._short:
            return
        self._figure, self._short = figure, short
        self.setAccessibleName(figure.words())
        self.setToolTip(figure.words())
        self.on_theme_changed()

    def figure(self) -> Figure:
        """What is shown."""
        return self._figure

    def caption(self, width: int | None = None) -> str:
        """The words below the number: the long ones where they fit, else the short ones.

        Args:
            width: the room there is; default that of the widget.
        """
        figure, font = self._figure, self.theme.fonts.style("small")
        if self._short and figure.short:
            return figure.short
        room = self.width() if width is None else width
        return (
            figure.short if figure.short and paint.text_width(font, figure.caption) > room else figure.caption
        )

    def _number_width(self) -> int:
        fonts, figure = self.theme.fonts, self._figure
        unit = 6 + paint.text_width(fonts.style("small"), figure.unit) if figure.unit else 0
        return paint.text_width(fonts.style("title"), figure.value) + unit

    def _size_for(self, caption: str) -> QSize:
        words = paint.text_width(self.theme.fonts.style("small"), caption)
        height = self.theme.line_height("title") + self.theme.line_height("small") + 4
        return QSize(max(self._number_width(), words, 56) + 2, height)

    def sizeHint(self) -> QSize:
        return self._size_for(self.caption(100_000))

    def minimumSizeHint(self) -> QSize:
        """The number with its unit is never cut, nor is the short caption."""
        return self._size_for(self._figure.short or self.caption(100_000))

    def paintEvent(self, event: object) -> None:
        painter, fonts, color = QPainter(self), self.theme.fonts, self.theme.color
        top, bottom = self.theme.line_height("title"), self.theme.line_height("small")
        width = paint.text_width(fonts.style("title"), self._figure.value)
        left = 0
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = self.width() - self.sizeHint().width()
        paint.text(
            painter,
            QRectF(left, 0, width + 4, top),
            self._figure.value,
            fonts.style("title"),
            color("text.primary"),
        )
        unit = QRectF(left + width + 6, 2, self.width(), top)
        paint.text(painter, unit, self._figure.unit, fonts.style("small"), color("text.secondary"))
        caption = QRectF(left, top + 3, self.width(), bottom)
        paint.text(painter, caption, self.caption(), fonts.style("small"), color("text.secondary"))


class Sparkline(Painted):
    """Requests over time: line, fill, and a tick where errors were."""

    unit = "req/s"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._points: tuple[Point, ...] = ()
        self._span = (0.0, 1.0)
        self._path: tuple[tuple[int, int], QPolygonF] | None = None
        self.setAccessibleName("Requests over time")
        self.setMouseTracking(True)
        self.setMinimumSize(120, 36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_series(self, points: Sequence[Point], span: tuple[float, float], words: str) -> None:
        """Draws `points` within `span` (first and last second shown); `words` say the same."""
        self._points, self._span = tuple(points), span
        self._path = None
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, 40)

    def _x(self, moment: float) -> float:
        first, last = self._span
        return (moment - first) / max(1e-9, last - first) * self.width()

    def _line(self) -> QPolygonF:
        key = (self.width(), self.height())
        if self._path is None or self._path[0] != key:
            highest = max([4.0, *(rate for _, rate, _ in self._points)])
            scale = (self.height() - 8) / highest
            base = self.height() - 2
            line = QPolygonF([QPointF(self._x(at), base - rate * scale) for at, rate, _ in self._points])
            self._path = (key, line)
        return self._path[1]

    def paintEvent(self, event: object) -> None:
        painter, color = QPainter(self), self.theme.color
        base = self.height() - 1
        paint.hairline(painter, 0, base, self.width(), color("chart.grid"))
        line = self._line()
        if any(rate for _, rate, _ in self._points):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QPainterPath()
            area.addPolygon(line)
            area.lineTo(line.at(line.count() - 1).x(), base)
            area.lineTo(line.at(0).x(), base)
            painter.fillPath(area, color("chart.fill"))
            painter.setPen(QPen(color("chart.line"), 1.5))
            painter.drawPolyline(line)
        for moment in (at for at, _, errors in self._points if errors):
            painter.fillRect(QRectF(self._x(moment) - 1.5, base - 8, 3, 9), color("chart.error"))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._points:
            return
        first, last = self._span
        moment = first + event.position().x() / max(1, self.width()) * (last - first)
        at = min(len(self._points) - 1, bisect_left(self._points, (moment, 0, 0)))
        when, rate, failed = self._points[at]
        ago = max(0, round(last - when))
        errors = f", {failed} with an error" if failed else ""
        words = f"{rate:.1f} {self.unit}{errors}, {ago // 60} min {ago % 60} s ago"
        QToolTip.showText(event.globalPosition().toPoint(), words, self)


_STEP_LOOK = {
    "pending": ("mark-ring-small", "stopped"),
    "running": ("mark-arc-dot", "changing"),
    "done": ("check", "serving"),
    "failed": ("mark-cross-small", "failed"),
}


class StartSteps(Painted):
    """The steps of a start, side by side joined by lines, or one below the other where room is little."""

    LINE = 28

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._steps: tuple[StepView, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_steps(self, steps: Sequence[StepView]) -> None:
        """Sets the steps in their order."""
        if tuple(steps) != self._steps:
            self._steps = tuple(steps)
            self.setAccessibleName("Steps of the start. " + ". ".join(step.words() for step in steps))
            self.on_theme_changed()

    def steps(self) -> tuple[StepView, ...]:
        """What is shown."""
        return self._steps

    def _width_of(self, step: StepView) -> int:
        fonts = self.theme.fonts
        width = 22 + paint.text_width(fonts.style("body", 500), step.text) + 4
        if step.detail:
            width += 6 + paint.text_width(fonts.style("small"), step.detail) + 2
        return width

    def _row(self) -> int:
        return max(22, self.theme.line_height() + 6)

    def _across(self, width: int) -> bool:
        whole = sum(self._width_of(step) for step in self._steps) + (len(self._steps) - 1) * (self.LINE + 24)
        return whole + RING <= width

    def _fit(self) -> None:
        rows = 1 if self._across(self.width()) else len(self._steps)
        self.setFixedHeight(max(1, rows) * self._row())

    def on_theme_changed(self) -> None:
        self._fit()
        super().on_theme_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self._row())

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        across, left, top = self._across(self.width()), float(RING), 0.0
        for at, step in enumerate(self._steps):
            self._paint_step(painter, step, left, top)
            if not across:
                top += self._row()
                continue
            left += self._width_of(step) + 12
            if at + 1 < len(self._steps):
                color = self.theme.color("border.default")
                paint.hairline(painter, left, math.floor(self._row() / 2), self.LINE, color)
                left += self.LINE + 12

    def _paint_step(self, painter: QPainter, step: StepView, left: float, top: float) -> None:
        color, fonts, row = self.theme.color, self.theme.fonts, self._row()
        icon, status = _STEP_LOOK[step.status]
        ink = {"failed": "status.failed.text", "pending": "text.secondary"}.get(step.status, "text.primary")
        self.theme.icons.draw(painter, icon, color(f"status.{status}.mark"), left, top + (row - 16) / 2)
        weight = 400 if step.status == "pending" else 500
        width = paint.text_width(fonts.style("body", 500), step.text) + 4
        area = QRectF(left + 22, top, width, row)
        paint.text(painter, area, step.text, fonts.style("body", weight), color(ink))
        detail = QRectF(area.right() + 4, top, self.width() - area.right() - 4, row)
        paint.text(painter, detail, step.detail, fonts.style("small"), color("text.secondary"))
