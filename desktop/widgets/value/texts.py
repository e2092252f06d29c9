"""Values as texts: sizes in words, bytes in hex, harmless lines, boxes that show them (CA-05, DB-06)."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.panels.overview.words import number
from desktop.theme import Theme
from desktop.widgets.log_lines import printable

_HEX_ROW, _HEX_MOST = 16, 65536
PIECE = 70_000  # letters that are laid out at once: more would hold the window up
LONGEST_LINE = 4000  # letters of one line; longer ones are broken, for their layout takes ever longer
_long_line = re.compile(rf"([^\n]{{{LONGEST_LINE}}})(?=[^\n])")


def size_words(size: float) -> str:
    """ "612 B", "14 kB", "4.1 MB"; thousands, not powers of two."""
    if size < 1000:
        return f"{int(size)} B"
    power = 1 if size < 1e6 else 2 if size < 1e9 else 3
    shown = size / 1000**power
    return f"{number(shown, 1 if shown < 10 else 0)} {('kB', 'MB', 'GB')[power - 1]}"


def hex_dump(data: bytes) -> str:
    """Offset, bytes and letters, 16 to a line."""
    lines = []
    for at in range(0, min(len(data), _HEX_MOST), _HEX_ROW):
        part = data[at : at + _HEX_ROW]
        codes = " ".join(f"{one:02x}" for one in part)
        letters = "".join(chr(one) if 32 <= one < 127 else "." for one in part)
        lines.append(f"{at:08x}  {codes:<{3 * _HEX_ROW}} {letters}")
    return "\n".join(lines)


def harmless(text: str) -> str:
    """`text` with its lines, every other control character made visible."""
    return "\n".join(printable(line) for line in text.replace("\r\n", "\n").split("\n"))


class CodeText(QPlainTextEdit):
    """Text in a fixed-width font that can be selected and copied, not changed."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(12)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.fonts.style("code"))


class LongText(CodeText):
    """The same for texts of many megabytes: they come piece by piece, and very long lines are broken.

    Args:
        on_done: called when all of a text is there.
    """

    def __init__(
        self, theme: Theme, name: str, on_done: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, parent)
        self._on_done = on_done
        self._whole, self._at, self._broken = "", 0, False
        self._timer = QTimer(self, interval=0)
        self._timer.setObjectName("value-pieces")
        self._timer.timeout.connect(self._add)

    def show_text(self, text: str) -> None:
        """Shows a text; place and selection stay when it is the one that is shown."""
        if text == self._whole:
            return
        self._timer.stop()
        self._whole, self._at, self._broken = text, 0, False
        self.setPlainText(self._next())
        if self._at < len(text):
            self._timer.start()
        else:
            self._on_done()

    def is_complete(self) -> bool:
        """Is all of the text there?"""
        return not self._timer.isActive()

    def has_broken_lines(self) -> bool:
        """Were lines broken that are longer than `LONGEST_LINE`?"""
        return self._broken

    def _next(self) -> str:
        end = self._at + PIECE
        line = self._whole.rfind("\n", self._at, end)
        if end < len(self._whole) and line > self._at:
            end = line + 1
        piece = harmless(self._whole[self._at : end])
        self._at = end
        broken = _long_line.sub(r"\1\n", piece)
        self._broken = self._broken or len(broken) > len(piece)
        return broken

    def _add(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._next())
        if self._at >= len(self._whole):
            self._timer.stop()
            self._on_done()
