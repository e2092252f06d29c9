"""How the lines of logs are shown: wrapped or not, size of the letters, way to tell the time (UI-LG-08)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont, QFontMetrics

from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.theme.fonts import SMALLEST_PT

from .times import FULL, SAMPLES, WAYS

KEPT_WRAP, KEPT_SIZE, KEPT_TIME = "logs.wrap", "logs.size", "logs.time"
SIZES = (75, 85, 100, 115, 130, 150, 175, 200)
"""Percent of the usual size of code."""
NORMAL = 100
LOWEST_ROW = 24  # a row is a target


class Display(QObject):
    """One choice for the panel and the drawer, kept between starts.

    Args:
        theme: for fonts and heights.
        layout: keeps what is chosen.

    Signals:
        changed: something is shown in another way now, also by another theme.
    """

    changed = Signal()

    def __init__(self, theme: Theme, layout: Layout, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._layout = theme, layout
        self.wraps = layout.load_text(KEPT_WRAP) == "yes"
        kept = layout.load_text(KEPT_SIZE)
        self.percent = int(kept) if kept.isdecimal() and int(kept) in SIZES else NORMAL
        way = layout.load_text(KEPT_TIME)
        self.time_way = way if way in dict(WAYS) else FULL
        self._fonts: dict[str, QFont] = {}
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self._fonts.clear()
        self.changed.emit()

    def set_wraps(self, wraps: bool) -> None:
        """Breaks long lines, or cuts them at the edge."""
        if wraps != self.wraps:
            self.wraps = wraps
            self._layout.save_text(KEPT_WRAP, "yes" if wraps else "no")
            self.changed.emit()

    def set_time_way(self, way: str) -> None:
        """Tells the time in another of the `WAYS`."""
        if way != self.time_way and way in SAMPLES:
            self.time_way = way
            self._layout.save_text(KEPT_TIME, way)
            self.changed.emit()

    def resize_by(self, steps: int) -> None:
        """Makes the letters larger or smaller, as far as there are sizes."""
        at = SIZES.index(self.percent) + steps
        self._set_percent(SIZES[max(0, min(len(SIZES) - 1, at))])

    def resize_normal(self) -> None:
        """The usual size."""
        self._set_percent(NORMAL)

    def can_resize(self, steps: int) -> bool:
        """Is there a size that much larger or smaller?"""
        return 0 <= SIZES.index(self.percent) + steps < len(SIZES)

    def _set_percent(self, percent: int) -> None:
        if percent != self.percent:
            self.percent = percent
            self._fonts.clear()
            self._layout.save_text(KEPT_SIZE, str(percent))
            self.changed.emit()

    def font(self, bold: bool = False) -> QFont:
        """Of the lines."""
        name = "bold" if bold else ""
        if name not in self._fonts:
            font = QFont(self._theme.fonts.style("code", 600 if bold else None))
            font.setPointSizeF(max(SMALLEST_PT, font.pointSizeF() * self.percent / 100))
            self._fonts[name] = font
        return self._fonts[name]

    def line_height(self) -> int:
        """Of one line within a row that has several."""
        return QFontMetrics(self.font()).lineSpacing()

    def row_height(self) -> int:
        """Of a row with one line."""
        usual = round(self._theme.size("row") * min(1.0, self.percent / 100))
        return max(LOWEST_ROW, usual, self.line_height() + 8)
