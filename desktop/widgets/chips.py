"""Chips that filter by state, and the pill of rows that wait."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from desktop.panels.overview.words import number
from desktop.theme import Theme, paint

from .base import PaintedButton
from .values import UNKNOWN

PADDING, GAP = 11, 7


class Chip(PaintedButton):
    """A state with its mark and the number of rows in it; on or off.

    Args:
        theme: where its colours come from.
        id: of the state.
        words: its name.
        mark: icon and colour token of its mark; None for a chip without.
    """

    def __init__(
        self,
        theme: Theme,
        id: str,
        words: str,
        mark: tuple[str, str] | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.id, self._mark, self._count, self._short = id, mark, "0", False
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_count(0)

    def set_count(self, count: int | None) -> None:
        """How many rows are in the state; None while that is not known."""
        self._count = number(count) if count is not None else UNKNOWN
        self.setAccessibleName(f"{self.text()}, {'not counted yet' if count is None else count}")
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Leaves out the word where room is little; the mark and the tooltip stay."""
        self._short = short and self._mark is not None
        self.setToolTip(self.text() if self._short else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words, figures = self.theme.fonts.style("small", 500), self.theme.fonts.style("small", 600)
        width = 2 * PADDING + GAP + paint.text_width(figures, self._count)
        width += 0 if self._short else paint.text_width(words, self.text())
        if self._mark is not None:
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
        if self._mark is not None:
            icon, tint = self._mark
            self.theme.icons.draw(painter, icon, color(tint), left, rect.center().y() - 8)
            left += 16 + GAP
        words, figures = self.theme.fonts.style("small", 500), self.theme.fonts.style("small", 600)
        if not self._short:
            width = paint.text_width(words, self.text())
            ink = color("accent.text" if on else "text.secondary")
            paint.text(painter, QRectF(left, 0, width + 2, rect.height()), self.text(), words, ink)
            left += width + GAP
        ink = color("accent.text" if on else "text.primary")
        paint.text(painter, QRectF(left, 0, rect.width() - left, rect.height()), self._count, figures, ink)


class NewPill(PaintedButton):
    """Tells how many rows came while the list stayed as it was; brings them in when pressed (TK-13, SC-20).

    Args:
        theme: where its colours come from.
        rows: what came, in words: "errors".
    """

    def __init__(self, theme: Theme, rows: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._rows = rows
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """0 hides it."""
        self.setText(f"{number(count)} new")
        self.setAccessibleName(f"{count} new {self._rows}, press to show them")
        self.setToolTip(f"Bring the new {self._rows} into the list")
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
