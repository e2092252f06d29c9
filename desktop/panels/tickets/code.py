"""Lines of code with numbers and colours; the faulty one is tinted and has a bar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import Painted
from desktop.widgets.code_colors import color_of
from desktop.widgets.log_lines import printable

Piece = tuple[str, str]
"""Name of a colour, and text in it."""


def colored(lines: Sequence[tuple[int, str]], file: str) -> list[list[Piece]]:
    """Return the pieces of each line, with the colours of the file's language."""
    from pygments.lexers import HtmlLexer, PythonLexer

    if not file.endswith((".py", ".html", ".xml", ".load")):
        return [[("code.text", text)] for _, text in lines]
    lexer = (PythonLexer if file.endswith(".py") else HtmlLexer)(stripnl=False, ensurenl=False)
    out: list[list[Piece]] = [[]]
    for kind, text in lexer.get_tokens("\n".join(text for _, text in lines)):
        color = color_of(str(kind))
        for at, part in enumerate(text.split("\n")):
            if at:
                out.append([])
            if part:
                out[-1].append((color, part.replace("\t", "    ")))
    return out[: len(lines)] + [[] for _ in range(len(lines) - len(out))]


class CodeLines(Painted):
    """Some lines of a file.

    Args:
        theme: where its colours come from.
        lines: number and text of each.
        hit: number of the line at fault.
        file: tells the language.
    """

    def __init__(
        self,
        theme: Theme,
        lines: Sequence[tuple[int, str]],
        hit: int,
        file: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._lines, self._hit = list(lines), hit
        self._pieces = colored(self._lines, file)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Code around line {hit}")
        self.setAccessibleDescription("\n".join(f"{number} {text}" for number, text in self._lines))

    def _row(self) -> int:
        return max(20, round(self.theme.line_height("code") * 1.3))

    def sizeHint(self) -> QSize:
        return QSize(320, len(self._lines) * self._row() + 14)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: object) -> None:
        painter, color, row = QPainter(self), self.theme.color, self._row()
        font = self.theme.fonts.style("code")
        strong = self.theme.fonts.style("code", 600)
        digits = max(3, len(str(self._lines[-1][0]))) if self._lines else 3
        gutter = 20 + paint.text_width(font, "0" * digits) + 12
        whole = QRectF(self.rect())
        painter.fillRect(whole, color("code.background"))
        painter.fillRect(QRectF(0, 0, gutter, whole.height()), color("code.gutter"))
        paint.hairline(painter, gutter, 0, whole.height(), color("border.hairline"), upright=True)
        for at, ((number, _), pieces) in enumerate(zip(self._lines, self._pieces, strict=True)):
            area = QRectF(0, 7 + at * row, whole.width(), row)
            hit = number == self._hit
            if hit:
                painter.fillRect(area, color("code.error_line"))
                painter.fillRect(QRectF(0, area.top(), 3, row), color("status.failed.mark"))
            ink = color("status.failed.text" if hit else "code.line_number")
            figures = QRectF(0, area.top(), gutter - 12, row)
            align = Qt.AlignmentFlag.AlignRight
            paint.text(painter, figures, str(number), strong if hit else font, ink, align)
            left = gutter + 12.0
            for name, text in pieces:
                shown = printable(text)
                room = QRectF(left, area.top(), whole.width() - left - 8, row)
                if room.width() <= 0:
                    break
                paint.text(painter, room, shown, font, color(name))
                left += paint.text_width(font, shown)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = (event.pos().y() - 7) // self._row()
            if 0 <= at < len(self._lines):
                QToolTip.showText(event.globalPos(), printable(self._lines[at][1].strip()), self)
            return True
        return super().event(event)
