"""Small painted parts: marks of states and badges."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import Painted


def mark_of(theme: Theme, state: str) -> tuple[str, str]:
    """Icon and colour of a state of tickets."""
    colour = theme.tokens.value(f"shape.ticket_colour.{state}")
    name = "select.mark" if colour == "accent" else f"status.{colour}.mark"
    return f"mark-{theme.tokens.value(f'shape.ticket.{state}')}", name


class TicketMark(Painted):
    """The mark of a state of tickets; the word stands beside it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._state = "open"
        self.setFixedSize(16, 16)

    def show_state(self, state: str, words: str) -> None:
        """Sets the state and what a screen reader says."""
        self._state = state
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, event: object) -> None:
        icon, tint = mark_of(self.theme, self._state)
        self.theme.icons.draw(QPainter(self), icon, self.theme.color(tint), 0, 0)


class OwnBadge(Painted):
    """Says that a frame is one of the application."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("small", 500), self._text)
        return QSize(width + 18, max(20, self.theme.line_height("small") + 5))

    def paintEvent(self, event: object) -> None:
        painter, color, rect = QPainter(self), self.theme.color, QRectF(self.rect())
        paint.box(painter, rect, color("accent.tint"), None, rect.height() / 2)
        font, align = self.theme.fonts.style("small", 500), Qt.AlignmentFlag.AlignHCenter
        paint.text(painter, rect, self._text, font, color("accent.text"), align)
