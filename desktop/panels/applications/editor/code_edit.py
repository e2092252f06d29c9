"""The text of a file: painting of lines and marks (UI-AP-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextLine,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.theme import Theme, paint

from . import typing_keys
from .brackets import matching
from .colors import Colors
from .filling import Filling
from .languages import LANGUAGES, Language
from .lines import common_start, indent_of, shift_lines, toggle_comment

MARGIN = 12
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
MOST_MATCHES = 2_000
MARGIN_LINES = 100  # below a line that is to be seen in the middle of the view
KINDS = {
    "fault": ("failed", "mark-cross-small"),
    "ticket": ("failed", "tickets"),
    "note": ("problem", "mark-triangle-bang"),
}


@dataclass(frozen=True)
class LineMark:
    """A sentence painted after a line: ``fault``, ``ticket`` or ``note``; its full text as tooltip."""

    kind: str
    text: str


class Gutter(QWidget):
    """Numbers of the lines, beside the text."""

    def __init__(self, edit: CodeEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        self.setAccessibleName("Line numbers")

    def sizeHint(self) -> QSize:
        return QSize(self._edit.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._edit.paint_gutter(QPainter(self), event.rect())


class CodeEdit(QPlainTextEdit):
    """Text with colours, numbers, marks of lines and the keys of an editor.

    Args:
        theme: where its colours come from.

    Signals:
        place_changed(int, int): line and column of the cursor, from 1.
        filled: the whole text is shown and can be changed.
    """

    place_changed = Signal(int, int)
    filled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName("applications.editor.text")
        self.setAccessibleName("Text of the file")
        self.setProperty("code", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setCursorWidth(2)
        self.language: Language = LANGUAGES["plain"]
        self._marks: dict[int, LineMark] = {}
        self._line = 0
        self._numbered = (0, 0)
        self._pair: tuple[int, int] | None = None
        self._pair_lines: set[int] = set()
        self._matches: list[tuple[int, int]] = []
        self._wanted: tuple[int, int] | None = None
        self._lines = 1
        self._filling = Filling(self)
        self.colors = Colors(self.document(), theme, self)
        self._filling.grown.connect(self._on_grown)
        self._filling.filled.connect(self._on_filled)
        self._gutter = Gutter(self)
        self.colors.colored.connect(self._on_colored)
        self.document().setDocumentMargin(0)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.updateRequest.connect(self._on_update)
        self.blockCountChanged.connect(self._place_gutter)
        self.cursorPositionChanged.connect(self._on_cursor)
        self.verticalScrollBar().valueChanged.connect(self._color_seen)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    # what is shown

    def show_text(self, text: str, language: Language) -> None:
        """Shows another text, a long one slice by slice; there is nothing to undo afterwards."""
        self.language = language
        self._wanted = None
        self._lines = text.count("\n") + 1
        self.colors.set_filling(True)
        self._filling.start(text)
        self._place_gutter()
        self.colors.set_language(language)
        self._color_seen()

    @property
    def filling(self) -> bool:
        """Whether a part of the text is still to be shown; it can't be changed until then."""
        return self._filling.text is not None

    @property
    def percent(self) -> int:
        """How much of the text is shown."""
        return self._filling.percent

    def set_read_only(self, on: bool) -> None:
        """Lets nobody change the text, also once it is filled."""
        self._filling.read_only = on
        self.setReadOnly(on or self.filling)

    def _on_grown(self) -> None:
        self._go_to_wanted()
        self.place_changed.emit(*self.place())

    def _on_filled(self) -> None:
        self.colors.set_filling(False)  # states of lines are looked for now
        self._go_to_wanted()
        self.filled.emit()

    def _go_to_wanted(self) -> None:
        """Goes where somebody wanted to be before that line was there, unless they went elsewhere."""
        if self._wanted is None:
            return
        if self.textCursor().position() or self.verticalScrollBar().value():
            self._wanted = None
        elif self.blockCount() > self._wanted[0] + MARGIN_LINES or not self.filling:
            line, column = self._wanted
            self._wanted = None
            self.go_to(line, column)

    def text(self) -> str:
        """The whole text, letter by letter as it was read; lines end with ``\\n``."""
        if self._filling.text is not None:
            return self._filling.text
        return self.document().toRawText().replace("\N{PARAGRAPH SEPARATOR}", "\n")

    def replace_all(self, text: str) -> None:
        """Takes another text as one step that can be undone; cursor and equal ends stay."""
        if self.filling:
            self.show_text(text, self.language)
            return
        old = self.text()
        if old == text:
            return
        head = common_start(old, text)
        tail = common_start(old[head:][::-1], text[head:][::-1])
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.setPosition(utf16(old, head))
        cursor.setPosition(utf16(old, len(old) - tail), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[head : len(text) - tail])
        cursor.endEditBlock()

    def show_marks(self, marks: Mapping[int, LineMark]) -> None:
        """Shows sentences after lines, by their numbers from 1."""
        if dict(marks) != self._marks:
            self._marks = dict(marks)
            words = "; ".join(f"line {line}: {mark.text}" for line, mark in sorted(self._marks.items())[:20])
            self.setAccessibleDescription(words)
            self.viewport().update()
            self._gutter.update()

    def marks(self) -> dict[int, LineMark]:
        """The marks shown, by line."""
        return dict(self._marks)

    def show_matches(self, matches: list[tuple[int, int]]) -> None:
        """Tints places (start, end) that a search found; those that are seen are painted."""
        if matches != self._matches:
            self._matches = matches[:MOST_MATCHES]
            self.viewport().update()

    def set_wrap(self, on: bool) -> None:
        """Breaks long lines at the edge, or lets them go on beyond it."""
        mode = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(mode.WidgetWidth if on else mode.NoWrap)

    def place(self) -> tuple[int, int]:
        """Line and column of the cursor, from 1."""
        cursor = self.textCursor()
        return cursor.blockNumber() + 1, cursor.positionInBlock() + 1

    def go_to(self, line: int, column: int = 1) -> None:
        """Puts the cursor on a line, in the middle of the view; now, or as soon as the line is there."""
        if self.filling and line + MARGIN_LINES >= self.blockCount():
            self._wanted = (line, column)
            return
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount()) - 1))
        cursor = QTextCursor(block)
        cursor.movePosition(
            QTextCursor.MoveOperation.Right,
            QTextCursor.MoveMode.MoveAnchor,
            max(0, min(column - 1, block.length() - 1)),
        )
        self.setTextCursor(cursor)
        self.centerCursor()

    # geometry

    def _on_theme(self) -> None:
        self.setFont(self.theme.fonts.style("code"))
        metrics = QFontMetricsF(self.font())
        self._letter = metrics.horizontalAdvance("0")
        self.setTabStopDistance(4 * self._letter)
        self._place_gutter()

    def gutter_width(self) -> int:
        """Width of the numbers, at least for three digits."""
        digits = max(3, len(str(max(self.blockCount(), self._lines if self.filling else 1))))
        return round(20 + digits * self._letter + MARGIN)

    def _place_gutter(self, _count: int = 0) -> None:
        width = self.gutter_width()
        if self.viewportMargins().left() != width + MARGIN:
            self.setViewportMargins(width + MARGIN, 0, 0, 0)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), width + MARGIN, area.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()
        self._color_seen()

    def _on_update(self, rect: QRect, scrolled: int) -> None:
        """Moves or paints the numbers; where lines are what they were, their numbers are too."""
        shown = (self.blockCount(), self.firstVisibleBlock().blockNumber())
        whole = rect.contains(self.viewport().rect())
        if scrolled:
            self._gutter.scroll(0, scrolled)
        elif not whole or shown != self._numbered:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())
        self._numbered = shown
        if whole:
            self._color_seen()

    def _color_seen(self, _value: int = 0) -> None:
        first = self.firstVisibleBlock().blockNumber()
        height = max(1.0, QFontMetricsF(self.font()).lineSpacing())
        self.colors.show(first, first + int(self.viewport().height() / height) + 2)

    def _on_cursor(self) -> None:
        before = {self._line, *self._pair_lines}
        cursor = self.textCursor()
        self._line = cursor.blockNumber()
        self._pair = matching(self.document(), cursor.position())
        self._pair_lines = {self.document().findBlock(at).blockNumber() for at in self._pair or ()}
        self._update_lines(before | {self._line, *self._pair_lines})
        self.place_changed.emit(*self.place())

    def _on_colored(self, first: int, last: int) -> None:
        self._update_lines(set(range(first, last + 1)))

    def _update_lines(self, numbers: set[int]) -> None:
        """Paints some lines again, and no others."""
        for block, rect in self._seen(QRect(0, 0, 1, self.viewport().height())):
            if block.blockNumber() in numbers:
                top, height = int(rect.top()), int(rect.height()) + 2
                self.viewport().update(0, top, self.viewport().width(), height)
                self._gutter.update(0, top, self._gutter.width(), height)

    # painting

    def _seen(self, area: QRect) -> list[tuple[QTextBlock, QRectF]]:
        """The lines within an area of the view, with their places."""
        out = []
        block, offset = self.firstVisibleBlock(), self.contentOffset()
        first = self.blockBoundingGeometry(block).translated(offset)
        top, left, width, height = first.top(), first.left(), first.width(), first.height()
        even = self.lineWrapMode() == QPlainTextEdit.LineWrapMode.NoWrap  # all lines are as high as the first
        while block.isValid() and top <= area.bottom():
            if not even:
                height = self.blockBoundingRect(block).height()
            if top + height >= area.top():
                out.append((block, QRectF(left, top, width, height)))
            top += height
            block = block.next()
        return out

    def paintEvent(self, event: QPaintEvent) -> None:
        seen = self._seen(event.rect())
        painter = QPainter(self.viewport())
        width = self.viewport().width()
        current = self.textCursor().blockNumber()
        for block, rect in seen:
            line = QRectF(0, rect.top(), width, rect.height())
            mark = self._marks.get(block.blockNumber() + 1)
            if mark is not None and mark.kind == "ticket":
                painter.fillRect(line, self.theme.color("code.error_line"))
            elif block.blockNumber() == current:
                painter.fillRect(line, self.theme.color("code.current_line"))
        self._paint_matches(painter, seen)
        self._paint_guides(painter, seen)
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block, rect in seen:
            mark = self._marks.get(block.blockNumber() + 1)
            if mark is not None:
                self._paint_mark(painter, block, rect, mark)
        painter.end()

    def _paint_matches(self, painter: QPainter, seen: list[tuple[QTextBlock, QRectF]]) -> None:
        if not seen:
            return
        begin, end = seen[0][0].position(), seen[-1][0].position() + seen[-1][0].length()
        color = self.theme.color("code.bracket_match")
        spans = [(at, at + 1) for at in self._pair or ()] + self._matches
        for start, finish in spans:
            if finish < begin or start > end:
                continue
            block = self.document().findBlock(start)
            rect = self.blockBoundingGeometry(block).translated(self.contentOffset())
            inside = start - block.position()
            line = block.layout().lineForTextPosition(inside)
            if not line.isValid():
                continue
            left = _x(line, inside)
            right = _x(line, min(finish - block.position(), block.length() - 1))
            area = QRectF(rect.left() + left, rect.top() + line.y(), max(2.0, right - left), line.height())
            painter.fillRect(area, color)

    def _paint_guides(self, painter: QPainter, seen: list[tuple[QTextBlock, QRectF]]) -> None:
        """Thin lines at each level of indentation; empty lines have those that go on below them."""
        color, left = self.theme.color("border.hairline"), self.contentOffset().x()
        below = 0
        for block, rect in reversed(seen):
            text = block.text()
            if text.strip():
                below = indent_of(text) // 4
            for level in range(1, below + (0 if text.strip() else 1)):
                place = left + level * 4 * self._letter
                paint.hairline(painter, place, rect.top(), rect.height(), color, upright=True)

    def _paint_mark(self, painter: QPainter, block: QTextBlock, rect: QRectF, mark: LineMark) -> None:
        status, icon = KINDS[mark.kind]
        layout = block.layout()
        if layout.lineCount() == 0:
            return
        line = layout.lineAt(layout.lineCount() - 1)
        left = rect.left() + line.naturalTextWidth() + 26
        top = rect.top() + line.y()
        height = line.height()
        room = self.viewport().width() - left - 30
        if room < 40:
            left, room = max(8.0, self.viewport().width() - 230.0), 200.0
            cover = QRectF(left - 8, top, self.viewport().width() - left + 8, height)
            painter.fillRect(cover, self.theme.color("code.error_line"))
        self.theme.icons.draw(
            painter, icon, self.theme.color(f"status.{status}.mark"), left, top + height / 2 - 7, 14
        )
        font = self.theme.fonts.style("small")
        area = QRectF(left + 20, top, room, height)
        paint.text(painter, area, mark.text, font, self.theme.color(f"status.{status}.text"))

    def paint_gutter(self, painter: QPainter, rect: QRect) -> None:
        """Paints the numbers into `rect` of the gutter."""
        color, width = self.theme.color, self._gutter.width() - MARGIN
        painter.fillRect(rect, color("code.background"))
        painter.fillRect(QRect(0, rect.top(), width, rect.height()), color("code.gutter"))
        paint.hairline(painter, width - 1, rect.top(), rect.height(), color("border.hairline"), upright=True)
        current = self.textCursor().blockNumber()
        plain, strong = self.theme.fonts.style("code"), self.theme.fonts.style("code", 600)
        for block, area in self._seen(rect):
            number = block.blockNumber()
            first = block.layout().lineAt(0)
            height = first.height() if first.isValid() else area.height()
            mark = self._marks.get(number + 1)
            line = QRectF(0, area.top(), width - MARGIN, height)
            if number == current:
                beside = QRectF(width, area.top(), MARGIN, area.height())
                painter.fillRect(beside, color("code.current_line"))
            if mark is not None:
                status = KINDS[mark.kind][0]
                if mark.kind == "ticket":
                    painter.fillRect(
                        QRectF(0, area.top(), width + MARGIN, area.height()), color("code.error_line")
                    )
                painter.fillRect(QRectF(0, area.top(), 3, area.height()), color(f"status.{status}.mark"))
                ink, font = color(f"status.{status}.text"), strong
            else:
                ink = color("code.text" if number == current else "code.line_number")
                font = plain
            painter.setFont(font)
            painter.setPen(ink)
            painter.drawText(line, RIGHT, str(number + 1))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            point = event.pos() - self.viewport().pos()  # type: ignore[attr-defined]
            line = self.cursorForPosition(point).blockNumber() + 1
            mark = self._marks.get(line)
            self.setToolTip(mark.text if mark is not None else "")
        return super().event(event)

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = event.key(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            python = self.language.lexer == "python"
            typing_keys.new_line(self, (":", "(", "[", "{") if python else ())
        elif key == Qt.Key.Key_Tab and plain and not typing_keys.spans_lines(self):
            typing_keys.indent(self)
        elif key == Qt.Key.Key_Tab and plain:
            self.shift_lines(1)
        elif key == Qt.Key.Key_Backtab:
            self.shift_lines(-1)
        elif key == Qt.Key.Key_Backspace and plain and typing_keys.unindent(self):
            pass
        elif key == Qt.Key.Key_Home and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
        ):
            typing_keys.home(self, keep=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls; with Ctrl the window's zoom is meant, not this text alone."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().wheelEvent(event)

    def shift_lines(self, step: int) -> None:
        """Moves the selected lines right (1) or left (-1)."""
        typing_keys.change_lines(self, lambda lines: shift_lines(lines, step))

    def toggle_comment(self) -> None:
        """Makes the selected lines comments, or text again."""
        if any(self.language.comment):
            typing_keys.change_lines(self, lambda lines: toggle_comment(lines, *self.language.comment))


def utf16(text: str, at: int) -> int:
    """Return the place in a document of Qt of letter `at` of `text`: letters beyond 16 bits count twice."""
    if text.isascii():
        return at
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


def _x(line: QTextLine, position: int) -> float:
    found = line.cursorToX(position)
    return float(found[0]) if isinstance(found, tuple) else float(str(found))
