"""Small painted parts: chips that filter by state, the pill of new errors, marks and badges."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.panels.overview.words import number
from desktop.theme import Theme, paint
from desktop.widgets.base import Painted, PaintedButton
from desktop.widgets.buttons import RING

PADDING, GAP = 11, 7


def mark_of(theme: Theme, state: str) -> tuple[str, str]:
    """Icon and colour of a state of tickets."""
    colour = theme.tokens.value(f"shape.ticket_colour.{state}")
    name = "select.mark" if colour == "accent" else f"status.{colour}.mark"
    return f"mark-{theme.tokens.value(f'shape.ticket.{state}')}", name


class StateChip(PaintedButton):
    """A state with its mark and the number of rows in it; one of several is on."""

    def __init__(self, theme: Theme, state: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.state, self._count, self._short = state, 0, False
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setObjectName(f"tickets.state.{state}")
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """How many rows are in the state."""
        self._count = count
        self.setAccessibleName(f"{self.text()}, {count}")
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Leaves out the word where room is little; the mark and the tooltip stay."""
        self._short = short and self.state != "open"
        self.setToolTip(self.text() if self._short else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words, figures = self.theme.fonts.style("small", 500), self.theme.fonts.style("small", 600)
        width = 2 * PADDING + GAP + paint.text_width(figures, number(self._count))
        width += 0 if self._short else paint.text_width(words, self.text())
        if self.state != "open":
            width += 16 + (0 if self._short else GAP)
        return QSize(width, self.theme.size("chip"))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isChecked()
        rect = QRectF(self.rect())
        self.radius = rect.height() / 2
        fill = "accent.tint" if on else "surface.hover" if self.hovered else "surface.raised"
        paint.box(painter, rect, color(fill), color("accent.border" if on else "border.default"), self.radius)
        left = float(PADDING)
        if self.state != "open":
            icon, tint = mark_of(self.theme, self.state)
            self.theme.icons.draw(painter, icon, color(tint), left, rect.center().y() - 8)
            left += 16 + GAP
        words, figures = self.theme.fonts.style("small", 500), self.theme.fonts.style("small", 600)
        if not self._short:
            width = paint.text_width(words, self.text())
            ink = color("accent.text" if on else "text.secondary")
            paint.text(painter, QRectF(left, 0, width + 2, rect.height()), self.text(), words, ink)
            left += width + GAP
        ink = color("accent.text" if on else "text.primary")
        paint.text(
            painter, QRectF(left, 0, rect.width() - left, rect.height()), number(self._count), figures, ink
        )


class NewPill(PaintedButton):
    """Tells how many errors came while the list stayed as it was; brings them in when pressed (TK-13)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("tickets.new")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """0 hides it."""
        self.setText(f"{number(count)} new")
        self.setAccessibleName(f"{count} new errors, press to show them")
        self.setToolTip("Bring the new errors into the list")
        self.setVisible(count > 0)
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("small", 600), self.text())
        return QSize(width + 42, max(24, self.theme.line_height("small") + 8))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color, rect = self.theme.color, QRectF(self.rect())
        self.radius = rect.height() / 2
        fill = "accent.pressed" if self.isDown() else "accent.hover" if self.hovered else "accent.fill"
        paint.box(painter, rect, color(fill), None, self.radius)
        ink = color("text.on_accent")
        self.theme.icons.draw(painter, "arrow-up", ink, 11, rect.center().y() - 8)
        font = self.theme.fonts.style("small", 600)
        paint.text(painter, rect.adjusted(31, 0, -6, 0), self.text(), font, ink)


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


class MenuButton(PaintedButton):
    """A button that opens a menu: its chevron stands after the word."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setText(text)
        self.setAccessibleName(f"{text}, opens a menu")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("body", 500), self.text())
        return QSize(width + 50 + 2 * RING, self.theme.size("button") + 2 * RING)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isEnabled()
        rect = QRectF(self.rect()).adjusted(RING, RING, -RING, -RING)
        fill = "surface.pressed" if self.isDown() else "surface.hover" if self.hovered else "surface.raised"
        edge = "border.default" if on else "border.hairline"
        paint.box(painter, rect, color(fill if on else "surface.base"), color(edge), self.radius)
        ink = color("text.primary" if on else "text.disabled")
        area = rect.adjusted(13, 0, -30, 0)
        paint.text(painter, area, self.text(), self.theme.fonts.style("body", 500), ink)
        self.theme.icons.draw(painter, "chevron-down", ink, rect.right() - 28, rect.center().y() - 8)

    def paint_ring(self, painter: QPainter) -> None:
        rect = QRectF(self.rect()).adjusted(RING - 1, RING - 1, 1 - RING, 1 - RING)
        paint.box(painter, rect, None, self.theme.color("focus.ring"), self.radius + 2, 2)
