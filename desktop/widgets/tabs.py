"""Tabs: names of pages, the one shown is underlined."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop.theme import Theme, paint

from .base import PaintedButton


class Tab(PaintedButton):
    """The name of a page; the one shown is underlined."""

    def __init__(self, theme: Theme, id: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.id = id
        self.setText(words)
        self.setAccessibleName(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._badge = ""

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("body", 600), self.text())
        return QSize(width + 20 + self._badge_width(), self.theme.size("tab"))

    def set_badge(self, count: int) -> None:
        """A number beside the word; 0 takes it away."""
        self._badge = str(count) if count else ""
        self.setAccessibleName(f"{self.text()}, {count}" if count else self.text())
        self.updateGeometry()
        self.update()

    def _badge_width(self) -> int:
        if not self._badge:
            return 0
        return max(18, paint.text_width(self.theme.fonts.style("caption", 600), self._badge) + 10) + 6

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color, on, rect = self.theme.color, self.isChecked(), QRectF(self.rect())
        if self.hovered and not on:
            paint.box(painter, rect.adjusted(0, 4, 0, -4), color("surface.hover"), None, self.radius)
        ink = color("text.primary" if on else "text.secondary")
        font = self.theme.fonts.style("body", 600 if on else 500)
        beside = self._badge_width()
        words = rect.adjusted(0, 0, -beside, 0)
        paint.text(painter, words, self.text(), font, ink, Qt.AlignmentFlag.AlignHCenter)
        if beside:
            width = beside - 6
            right = (words.width() + paint.text_width(font, self.text())) / 2
            box = QRectF(right + 6, rect.center().y() - 9, width, 18)
            paint.box(painter, box, color("surface.sunken"), None, 9)
            small = self.theme.fonts.style("caption", 600)
            paint.text(
                painter, box, self._badge, small, color("text.secondary"), Qt.AlignmentFlag.AlignHCenter
            )
        if on:
            painter.fillRect(QRectF(0, rect.height() - 2, rect.width(), 2), color("select.mark"))
