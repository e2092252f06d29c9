"""Small painted signs: state mark, badge, pill, toggle."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import Theme, paint

from .base import Painted, PaintedButton


class StateMark(Painted):
    """The mark of a state: shape and colour; the word stands beside it in a label.

    Args:
        theme: where its colours come from.
        size: edge in pixels; 16 in lines, 28 beside the large state.
    """

    def __init__(self, theme: Theme, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._size = size
        self._shape, self._status = "mark-ring", "stopped"
        self.setFixedSize(size, size)

    @property
    def shape(self) -> str:
        """Name of the icon shown."""
        return self._shape

    def show_state(self, shape: str, status: str, words: str) -> None:
        """Sets icon, colour group (``stopped`` ... ``failed``) and what a screen reader says."""
        self._shape, self._status = shape, status
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: object) -> None:
        color = self.theme.color(f"status.{self._status}.mark")
        self.theme.icons.draw(QPainter(self), self._shape, color, 0, 0, self._size)


class Pill(Painted):
    """A quiet badge with icon and words ("This computer only").

    Args:
        theme: where its colours come from.
        text: the words.
        icon: name of an icon, or nothing.
        status: colour group; ``"neutral"`` for the sunken grey.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        icon: str = "",
        status: str = "neutral",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._text, self._icon, self._status = "", "", status
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_text(text, icon, status)

    def show_text(self, text: str, icon: str = "", status: str = "neutral") -> None:
        """Changes words, icon and colour group."""
        self._text, self._icon, self._status = text, icon, status
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.on_theme_changed()

    def text(self) -> str:
        """The words shown."""
        return self._text

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("small", 500), self._text) + 18
        return QSize(width + (18 if self._icon else 0), max(20, self.theme.line_height("small") + 5))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(60, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: object) -> None:
        painter, color = QPainter(self), self.theme.color
        rect = QRectF(self.rect())
        if self._status == "neutral":
            fill, border, ink = color("surface.sunken"), None, color("text.secondary")
        else:
            group = f"status.{self._status}"
            fill, border, ink = color(f"{group}.tint"), color(f"{group}.border"), color(f"{group}.text")
        paint.box(painter, rect, fill, border, rect.height() / 2)
        left = 9.0
        if self._icon:
            self.theme.icons.draw(painter, self._icon, ink, left - 2, rect.center().y() - 7, 14)
            left += 16
        area = QRectF(left, 0, rect.width() - left - 8, rect.height())
        paint.text(painter, area, self._text, self.theme.fonts.style("small", 500), ink)


class Toggle(PaintedButton):
    """A switch; the position of the knob shows the state as well as the colour.

    Args:
        theme: where its colours come from.
        name: what is switched, for screen readers.
    """

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        width, height = self.theme.tokens.value(f"size.{self.theme.density}.toggle")
        return QSize(width + 6, max(24, height + 6))

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isChecked()
        width, height = self.theme.tokens.value(f"size.{self.theme.density}.toggle")
        rect = QRectF(3, (self.height() - height) / 2, width, height)
        self.radius = height / 2 + 3
        if not self.isEnabled():
            fill, border, knob = "surface.base", "border.hairline", "text.disabled"
        elif on:
            fill, border = ("accent.hover" if self.hovered else "accent.fill"), ""
            knob = "text.on_accent"
        else:
            fill, border = "surface.raised", "text.secondary" if self.hovered else "border.control"
            knob = border
        paint.box(painter, rect, color(fill), color(border) if border else None, height / 2)
        size = height - 8
        right = on != (self.layoutDirection() == Qt.LayoutDirection.RightToLeft)
        left = rect.right() - 4 - size if right else rect.left() + 4
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(knob))
        painter.drawEllipse(QRectF(left, rect.top() + 4, size, size))
