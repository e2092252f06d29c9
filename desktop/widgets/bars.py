"""Small upright bars side by side: the latest runs of a task, runs over time (SC-05, SC-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.theme import Theme, paint

from .base import Painted

LEAST = 3.0  # pixels of a bar that is not empty


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        value: its height; 0 is an empty place.
        failed: the part of `value`, from below, that went wrong.
        words: for its tooltip.
    """

    value: float
    failed: float = 0.0
    words: str = ""


class Bars(Painted):
    """Bars from left to right; what failed is red and has a gap above it, so that it shows in grey, too.

    Signals:
        pressed(int): the place of a bar.
    """

    pressed = Signal(int)

    def __init__(self, theme: Theme, widest: int = 14, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._bars: tuple[Bar, ...] = ()
        self._widest = widest
        self.setMinimumHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[Bar], words: str) -> None:
        """Sets the bars; `words` say the same to a screen reader."""
        if tuple(bars) != self._bars:
            self._bars = tuple(bars)
            self.update()
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        return QSize(200, 28)

    def _step(self) -> float:
        return min(self._widest + 1.5, self.width() / max(1, len(self._bars)))

    def paintEvent(self, event: object) -> None:
        painter, color = QPainter(self), self.theme.color
        highest = max([1e-9, *(bar.value for bar in self._bars)])
        step, base = self._step(), self.height()
        gap = 1.5 if step > 4 else 0.5
        for at, bar in enumerate(self._bars):
            left, width = at * step, step - gap
            height = max(LEAST, bar.value / highest * base) if bar.value else 1.0
            name = "chart.bar" if bar.value else "border.default"
            bad = min(height, max(LEAST, bar.failed / highest * base)) if bar.failed else 0.0
            if bad:
                area = QRectF(left, base - bad, width, bad)
                painter.fillRect(paint.crisp(painter, area), color("chart.error"))
            rest = height - bad - (2 if bad else 0)
            if rest > 0:
                area = QRectF(left, base - height, width, rest)
                painter.fillRect(paint.crisp(painter, area), color(name))

    def _at(self, x: float) -> int:
        at = int(x / self._step()) if self._bars else -1
        return at if 0 <= at < len(self._bars) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().x())
        if at >= 0:
            self.pressed.emit(at)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._at(event.pos().x())
            if at >= 0:
                QToolTip.showText(event.globalPos(), self._bars[at].words, self)
            return True
        return super().event(event)
