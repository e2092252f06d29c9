"""How texts are shown: on one line, placeholders coloured, what nobody sees drawn (TR-06)."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption

from runtime.admin.languages_checks import marked_parts

LINE_END = "↵"
INVISIBLE = {"\u00a0": "°", "\u202f": "°", "\t": "→", "\u200b": "¦", "\u00ad": "¬"}
"""What stands for characters that nobody sees; spaces at the ends are drawn as a dot."""


def one_line(text: str) -> str:
    """`text` for a row of a list: line ends as a sign, control characters harmless."""
    if text.isprintable():
        return text
    out = []
    for char in text:
        if char == "\n":
            out.append(f" {LINE_END} ")
        elif char.isprintable() or unicodedata.category(char) in ("Cf", "Zs"):
            out.append(char)
        else:
            out.append(" " if char == "\t" else "\N{REPLACEMENT CHARACTER}")
    return "".join(out)


def is_right_to_left(text: str) -> bool:
    """Does the first letter outside of placeholders that has a direction run from right to left?"""
    if text.isascii():
        return False
    for start, end in reversed(marked_parts(text)):
        text = text[:start] + text[end:]
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def draw_marked(
    painter: QPainter, area: QRectF, text: str, font: QFont, ink: QColor, mark: QColor, right: bool = False
) -> None:
    """Draw one line, cut at its end, with its placeholders in the colour `mark`."""
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    layout = QTextLayout(shown, font)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    option = QTextOption(side | Qt.AlignmentFlag.AlignAbsolute)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    backwards = is_right_to_left(text)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if backwards else Qt.LayoutDirection.LeftToRight)
    layout.setTextOption(option)
    ranges = []
    last = len(text) if shown == text else len(shown) - 1  # the place of the ellipsis
    for start, full_end in marked_parts(text) if "%" in text or "{" in text else ():
        end = min(full_end, last)
        if start >= end:
            break
        piece = QTextLayout.FormatRange()
        piece.start, piece.length = _units(shown, start), _units(shown[start:end])
        colored = QTextCharFormat()
        colored.setForeground(mark)
        piece.format = colored
        ranges.append(piece)
    layout.setFormats(ranges)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(area.width())
    layout.endLayout()
    painter.setPen(ink)
    layout.draw(painter, QPointF(area.left(), area.center().y() - line.height() / 2))


def _units(text: str, end: int | None = None) -> int:
    """Length of ``text[:end]`` in the units Qt counts in."""
    part = text if end is None else text[:end]
    return len(part) if part.isascii() else len(part.encode("utf-16-le", "surrogatepass")) // 2
