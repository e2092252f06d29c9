"""Letters of log lines as they are painted: control characters visible, colours from the theme (UI-LG-08)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from desktop.theme import Theme
from desktop.widgets.log_lines import printable
from runtime.admin.terminal_text import Ink, Span

MOST_LINES = 12
"""Lines of a wrapped row; the whole is in the message below."""
LONGEST = 4_000
"""Letters of a line that are laid out."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def shown(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """`text` with control characters made visible, and the spans where they are then."""
    if text.isprintable():
        return text, list(spans)
    parts: list[str] = []
    moved: list[Span] = []
    at = length = 0
    for start, end, ink in spans:
        between, inside = printable(text[at:start]), printable(text[start:end])
        parts += (between, inside)
        begin = length + len(between)
        length = begin + len(inside)
        moved.append(Span(begin, length, ink))
        at = end
    parts.append(printable(text[at:]))
    return "".join(parts), moved


def format_of(theme: Theme, ink: Ink) -> QTextCharFormat:
    """How letters of an ink look; over a ground of their own they have the colour of the page."""
    form = QTextCharFormat()
    fill = ink.fill
    colour = f"terminal.{ink.colour}" if ink.colour else ""
    if ink.inverse:
        fill, colour = ink.colour or "white", ""
    if fill:
        form.setBackground(theme.color(f"terminal.{fill}"))
        form.setForeground(theme.color("surface.raised"))
    elif colour or ink.faint:
        form.setForeground(theme.color(colour or "text.secondary"))
    if ink.bold:
        form.setFontWeight(QFont.Weight.DemiBold)
    form.setFontItalic(ink.italic)
    form.setFontUnderline(ink.underlined)
    form.setFontStrikeOut(ink.struck)
    return form


def ranges_of(theme: Theme, spans: Iterable[Span], most: int) -> list[QTextLayout.FormatRange]:
    """Spans as formats of a text of `most` letters."""
    found = []
    for start, end, ink in spans:
        if start < most:
            part = QTextLayout.FormatRange()
            part.start, part.length, part.format = start, min(end, most) - start, format_of(theme, ink)
            found.append(part)
    return found


def lay_out(
    text: str,
    font: QFont,
    width: float,
    most: int = MOST_LINES,
    ranges: Sequence[QTextLayout.FormatRange] = (),
) -> tuple[QTextLayout, int]:
    """`text` in lines of `width`, and the letters of it that found room in `most` lines."""
    layout = QTextLayout(text[:LONGEST], font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(ranges)
    layout.beginLayout()
    top, taken = 0.0, 0
    for _ in range(most):
        line: QTextLine = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1.0, width))
        line.setPosition(QPointF(0, top))
        top += ceil(line.height())
        taken = line.textStart() + line.textLength()
    layout.endLayout()
    return layout, taken
