"""A filled button with an arrow at its right that opens a menu."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath
from PySide6.QtWidgets import QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import PaintedButton
from desktop.widgets.buttons import GAP, ICON, PADDING, RING

ARROW = 34


class SplitButton(PaintedButton):
    """One verb, and others in a menu; the arrow key down opens it.

    Signals:
        menu_wanted: the arrow was pressed.
    """

    menu_wanted = Signal()

    def __init__(self, theme: Theme, text: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._icon = icon
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleDescription("The arrow key down opens more choices.")
        self.set_words(text)

    def set_words(self, text: str) -> None:
        """Changes the verb."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("body", 500), self.text())
        height = self.theme.size("button") - 4
        return QSize(width + 2 * PADDING + ICON + GAP + ARROW + 2 * RING, height + 2 * RING)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _on_arrow(self, x: float) -> bool:
        return x >= self.width() - RING - ARROW

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._on_arrow(event.position().x()):
            self.menu_wanted.emit()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.menu_wanted.emit()
        else:
            super().keyPressEvent(event)

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isEnabled()
        rect = QRectF(self.rect()).adjusted(RING, RING, -RING, -RING)
        name = "accent.pressed" if self.isDown() else "accent.hover" if self.hovered else "accent.fill"
        ink = color("text.on_accent" if on else "text.disabled")
        whole = QPainterPath()
        whole.addRoundedRect(rect, self.radius, self.radius)
        painter.fillPath(whole, color(name if on else "surface.sunken"))
        line = QRectF(rect.right() - ARROW, rect.top(), 1, rect.height())
        painter.setOpacity(0.4)
        painter.fillRect(paint.crisp(painter, line), ink)
        painter.setOpacity(1.0)
        middle = rect.center().y() - 8
        self.theme.icons.draw(painter, self._icon, ink, rect.left() + PADDING, middle)
        left = rect.left() + PADDING + ICON + GAP
        area = QRectF(left, rect.top(), rect.right() - ARROW - left, rect.height())
        paint.text(painter, area, self.text(), self.theme.fonts.style("body", 500), ink)
        self.theme.icons.draw(painter, "chevron-down", ink, rect.right() - ARROW / 2 - 8, middle)

    def paint_ring(self, painter: QPainter) -> None:
        paint.box(painter, QRectF(self.rect()), None, self.theme.color("focus.ring"), self.radius + 2, 2)
