"""Fields for sources and translations: coloured placeholders, visible invisibles (TR-06)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.theme import Theme, paint
from runtime.admin.languages_checks import marked_parts

from .text import INVISIBLE, LINE_END

LINES = (2, 9)  # least and most lines a field grows to


class Highlighter(QSyntaxHighlighter):
    """Colours placeholders; those of `unknown` look like a fault."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        colored = QTextCharFormat()
        colored.setForeground(self._theme.color("code.decorator"))
        for start, end in marked_parts(text):
            before = len(text[:start].encode("utf-16-le", "surrogatepass")) // 2
            length = len(text[start:end].encode("utf-16-le", "surrogatepass")) // 2
            self.setFormat(before, length, colored)


class MarkedEdit(QPlainTextEdit):
    """A plain text field that draws what nobody sees.

    Signals:
        reverted: Escape was pressed.
        placeholder_clicked(str): a placeholder of a read-only text was clicked.
        height_wanted: the text needs more or less room.
    """

    reverted = Signal()
    placeholder_clicked = Signal(str)

    def __init__(
        self, theme: Theme, name: str, read_only: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._least = 1 if read_only else LINES[0] + 1
        self.setAccessibleName(name)
        self.setReadOnly(read_only)
        self.setUndoRedoEnabled(False)  # the panel's own steps are undone, across all strings
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(2)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if read_only:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.highlighter = Highlighter(theme, self.document())
        self.textChanged.connect(self.updateGeometry)
        theme.changed.connect(self.viewport().update)

    def show_text(self, text: str) -> None:
        """Replaces the text unless it is the same; the cursor stays where it can."""
        if text != self.toPlainText():
            at = self.textCursor().position()
            self.blockSignals(True)
            self.setPlainText(text)
            self.blockSignals(False)
            cursor = self.textCursor()
            cursor.setPosition(min(at, self.document().characterCount() - 1))
            self.setTextCursor(cursor)
            self.updateGeometry()

    def insert(self, text: str) -> None:
        """Puts `text` at the cursor and the cursor behind it."""
        self.insertPlainText(text)
        self.setFocus()

    def sizeHint(self) -> QSize:
        line = QFontMetricsF(self.font()).lineSpacing()
        lines = 0
        block = self.document().firstBlock()
        while block.isValid() and lines <= LINES[1]:
            layout = block.layout()
            lines += max(1, layout.lineCount() if layout is not None else 1)
            block = block.next()
        return QSize(240, round(line * max(self._least, min(LINES[1], lines))) + 6)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence(event.keyCombination())
            if any(
                keys in QKeySequence.keyBindings(standard)
                for standard in (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
            ):
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.reverted.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self.isReadOnly() and not self.textCursor().hasSelection():
            at = self.cursorForPosition(event.position().toPoint()).position()
            text = self.toPlainText()
            for start, end in marked_parts(text):
                if start <= at <= end:
                    self.placeholder_clicked.emit(text[start:end])

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(offset)
            if place.top() > self.viewport().height():
                break
            text = block.text()
            body = len(text.rstrip(" "))
            head = len(text) - len(text.lstrip(" "))
            for at, char in enumerate(text):
                sign = INVISIBLE.get(char, "·" if char == " " and (at >= body or at < head) else "")
                if sign:
                    self._sign(painter, block.position() + at, sign)
            if block.next().isValid():
                self._sign(painter, block.position() + len(text), LINE_END)
            block = block.next()

    def _sign(self, painter: QPainter, position: int, sign: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(position, self.document().characterCount() - 1))
        rect = QRectF(self.cursorRect(cursor))
        width = QFontMetricsF(self.font()).horizontalAdvance(" ")
        if sign == LINE_END:
            area = QRectF(rect.left() + 2, rect.top(), 14, rect.height())
            paint.text(painter, area, sign, self.font(), self._theme.color("text.placeholder"))
            return
        area = QRectF(rect.left(), rect.top(), max(width, 5), rect.height())
        painter.fillRect(area, self._theme.color("status.problem.tint"))
        middle = Qt.AlignmentFlag.AlignHCenter
        painter.setFont(self.font())
        painter.setPen(self._theme.color("status.problem.text"))
        painter.drawText(area, int(middle | Qt.AlignmentFlag.AlignVCenter), sign)


class Framed(QFrame):
    """The box around a field: edge, ground, ring of the focus."""

    def __init__(self, theme: Theme, edit: QPlainTextEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.edit = theme, edit
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 4, 6)
        column.addWidget(edit)
        edit.installEventFilter(self)
        theme.changed.connect(self.update)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def paintEvent(self, event: object) -> None:
        color, edit = self._theme.color, self.edit
        fill = "surface.base" if edit.isReadOnly() else "surface.raised"
        edge, width = ("border.default", 1) if edit.isReadOnly() else ("border.control", 1)
        if edit.hasFocus():
            edge, width = "focus.ring", 2
        paint.box(QPainter(self), self.rect(), color(fill), color(edge), 6, width)
