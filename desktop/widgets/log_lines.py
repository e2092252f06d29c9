"""The last lines of a log as a fixed-width block with columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.theme import Theme, paint
from runtime.admin.terminal_text import plain

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


_JOINER = "[\u200c\u200d]"
_INVISIBLE = re.compile(rf"(?<![^\x00-\x7f]){_JOINER}|{_JOINER}(?![^\x00-\x7f])|[^\u200c\u200d]")
"""One letter; joiners between letters of scripts that need them, and in pictures of several, are none."""

_NAMES = (
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI",
    "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
)  # fmt: skip
"""Of the control characters, by number; not every font has signs for them."""


def printable(text: str) -> str:
    """`text` on one line, with control characters made visible and harmless.

    Those that a terminal obeys get their name (``‹ESC›``), others their number (``‹U+202E›``), as those that
    turn the direction of writing; blanks of any kind are shown as a blank.
    """
    return text if text.isprintable() else _INVISIBLE.sub(_sign_of, text)


def _sign_of(found: re.Match[str]) -> str:
    letter = found[0]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if letter == "\t" or unicodedata.category(letter) == "Zs":
        return " "
    if code < len(_NAMES):
        return f"‹{_NAMES[code]}›"
    return "‹DEL›" if code == 0x7F else f"‹U+{code:04X}›"


def _shown(text: str) -> str:
    return printable(plain(text))


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
        return "\n".join(
            f"{line.time}  {line.source}  {line.level}  {_shown(line.text)}" for line in self._lines
        )

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
            max((paint.text_width(code, _shown(getattr(line, part))) for line in self._lines), default=0)
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
                paint.text(painter, QRectF(left, top, width + 2, row), _shown(words), code, color(ink))
                left += width + (GAP if width else 0)
            area = QRectF(left, top, self.width() - left - 12, row)
            paint.text(painter, area, _shown(line.text), code, color("code.text"))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = (event.pos().y() - 6) // self._row()
            if 0 <= at < len(self._lines):
                QToolTip.showText(event.globalPos(), _shown(self._lines[at].text), self)
            return True
        return super().event(event)
