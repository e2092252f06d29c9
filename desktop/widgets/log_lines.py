"""The last lines of a log as a fixed-width block with columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.theme import Theme, paint

from .base import Painted

_LEVELS = {"error": "failed", "critical": "failed", "warning": "problem"}
_SOURCES = frozenset({"server", "access", "worker", "application", "cron", "desktop"})
GAP = 16


class Line(Protocol):
    """What a line has to offer."""

    @property
    def time(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def text(self) -> str: ...


def printable(text: str) -> str:
    """`text` on one line, with control characters made visible and harmless."""
    return "".join(
        char if char.isprintable() else " " if char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


class LogLines(Painted):
    """Lines of a log; error lines are tinted and have a bar as well as their word."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._lines: tuple[Line, ...] = ()
        self.setAccessibleName("Last lines of the log")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Sets the lines, oldest first."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.setAccessibleDescription(self.as_text())
            self.on_theme_changed()

    def as_text(self) -> str:
        """All lines for the clipboard."""
        return "\n".join(f"{line.time}  {line.source}  {line.level}  {line.text}" for line in self._lines)

    def _row(self) -> int:
        return max(20, round(self.theme.line_height("code") * 1.35))

    def sizeHint(self) -> QSize:
        return QSize(320, len(self._lines) * self._row() + 12)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: object) -> None:
        painter, color, row = QPainter(self), self.theme.color, self._row()
        code = self.theme.fonts.style("code")
        widths = [
            max((paint.text_width(code, printable(getattr(line, part))) for line in self._lines), default=0)
            for part in ("time", "source", "level")
        ]
        for at, line in enumerate(self._lines):
            top = 6 + at * row
            status = _LEVELS.get(line.level)
            if status:
                painter.fillRect(QRectF(0, top, self.width(), row), color(f"status.{status}.tint"))
                painter.fillRect(QRectF(0, top, 3, row), color(f"status.{status}.mark"))
            source = f"source.{line.source}" if line.source in _SOURCES else "text.secondary"
            level = f"status.{status}.text" if status else "text.secondary"
            inks = ("text.secondary", source, level)
            left = 16
            for words, width, ink in zip((line.time, line.source, line.level), widths, inks, strict=True):
                paint.text(painter, QRectF(left, top, width + 2, row), printable(words), code, color(ink))
                left += width + (GAP if width else 0)
            area = QRectF(left, top, self.width() - left - 12, row)
            paint.text(painter, area, printable(line.text), code, color("code.text"))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = (event.pos().y() - 6) // self._row()
            if 0 <= at < len(self._lines):
                QToolTip.showText(event.globalPos(), printable(self._lines[at].text), self)
            return True
        return super().event(event)
