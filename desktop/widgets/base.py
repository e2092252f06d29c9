"""What every painted widget shares."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.theme import Theme, paint


class Painted(QWidget):
    """A widget that paints itself from tokens and follows the theme."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        theme.changed.connect(self.on_theme_changed)

    def on_theme_changed(self) -> None:
        """Lays out and paints again; subclasses also drop what they cached."""
        self.updateGeometry()
        self.update()


class PaintedButton(QAbstractButton):
    """A button that paints itself; subclasses give `sizeHint` and `paint_face`."""

    radius = 6.0
    enter_presses = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._hovered = False
        self._ring = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.on_theme_changed)

    def on_theme_changed(self) -> None:
        """Lays out and paints again."""
        self.updateGeometry()
        self.update()

    @property
    def hovered(self) -> bool:
        """Is the pointer over the button, and may it be used?"""
        return self._hovered and self.isEnabled()

    @property
    def ring(self) -> bool:
        """Would the focus be seen on it?  Not after the mouse."""
        return self._ring

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:  # else as it was before
            self._ring = event.reason() != Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses as Space does, except what loses something: Enter never confirms a loss."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.enter_presses:
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_face(painter)
        if self.hasFocus() and self._ring:
            self.paint_ring(painter)

    def paint_face(self, painter: QPainter) -> None:
        """Paints everything but the focus ring."""
        raise NotImplementedError

    def paint_ring(self, painter: QPainter) -> None:
        """The focus ring along the inside of the button."""
        paint.box(painter, QRectF(self.rect()), None, self.theme.color("focus.ring"), self.radius, 2)
