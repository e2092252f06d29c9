"""A list of painted lines: mark, text, quiet words behind it, a note at the right, levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.theme import Theme, paint

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
STEP = 18  # pixels of one level


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        text: what it says first.
        rest: quiet words behind it.
        icon, tint: mark and the name of its colour; no mark without an icon.
        note: words at the right.
        level: how far it is moved in.
        strong: a heading.
        code: in the font of code.
        tip: the whole, as tooltip.
        data: what it stands for.
        checked: True or False gives it a check box.
        hits: (start, end) of letters of `text` that are tinted.
    """

    text: str
    rest: str = ""
    icon: str = ""
    tint: str = "text.secondary"
    note: str = ""
    level: int = 0
    strong: bool = False
    code: bool = False
    tip: str = ""
    data: Any = None
    checked: bool | None = None
    hits: tuple[tuple[int, int], ...] = ()


class LinesModel(QAbstractListModel):
    """Lines in memory."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Takes other lines."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def add_lines(self, lines: Sequence[Line]) -> None:
        """Adds lines at the end; what is selected and scrolled to stays."""
        if lines:
            first = len(self.lines)
            self.beginInsertRows(ROOT, first, first + len(lines) - 1)
            self.lines.extend(lines)
            self.endInsertRows()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (line.text, line.rest, line.note) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.tip or None
        if role == Qt.ItemDataRole.CheckStateRole and line.checked is not None:
            return Qt.CheckState.Checked if line.checked else Qt.CheckState.Unchecked
        return None


class LineDelegate(QStyledItemDelegate):
    """Paints the lines."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, max(28, self._theme.line_height() + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, LinesModel)
        line, theme, color = model.lines[index.row()], self._theme, self._theme.color
        rect = QRectF(option.rect)
        if QStyle.StateFlag.State_Selected in option.state:
            active = QStyle.StateFlag.State_Active in option.state
            painter.fillRect(rect, color("select.row" if active else "select.row_inactive"))
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        left, middle = rect.left() + 14 + STEP * line.level, rect.center().y()
        if line.checked is not None:
            box = QRectF(left, middle - 8, 16, 16)
            fill = "accent.fill" if line.checked else "surface.raised"
            edge = "accent.fill" if line.checked else "border.control"
            paint.box(painter, box, color(fill), color(edge), 3)
            if line.checked:
                theme.icons.draw(painter, "check", color("text.on_accent"), left, middle - 8)
            left += 24
        if line.icon:
            theme.icons.draw(painter, line.icon, color(line.tint), left, middle - 8)
            left += 24
        right = rect.right() - 14
        if line.note:
            small = theme.fonts.style("small")
            width = paint.text_width(small, line.note)
            area = QRectF(right - width, rect.top(), width + 2, rect.height())
            paint.text(painter, area, line.note, small, color("text.secondary"))
            right -= width + 12
        name, weight = ("code", None) if line.code else ("body", 600 if line.strong else None)
        font = theme.fonts.style(name, weight)
        area = QRectF(left, rect.top(), right - left, rect.height())
        self._tint(painter, line, area, font)
        paint.text(painter, area, line.text, font, color("text.primary"))
        left += paint.text_width(font, line.text) + 10
        if line.rest and left < right - 20:
            rest = QRectF(left, rect.top(), right - left, rect.height())
            paint.text(painter, rest, line.rest, theme.fonts.style("body"), color("text.secondary"))

    def _tint(self, painter: QPainter, line: Line, area: QRectF, font) -> None:  # type: ignore[no-untyped-def]
        for start, end in line.hits:
            left = area.left() + paint.text_width(font, line.text[:start])
            width = paint.text_width(font, line.text[start:end])
            if left < area.right():
                hit = QRectF(left, area.top() + 4, min(width, area.right() - left), area.height() - 8)
                painter.fillRect(hit, self._theme.color("code.bracket_match"))


class Lines(QListView):
    """The list.

    Signals:
        wanted(object): a line was pressed or entered; its data.
        ticked(object): its check box was pressed; its data.
    """

    wanted = Signal(object)
    ticked = Signal(object)

    def __init__(self, theme: Theme, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.lines_model = LinesModel(self)
        self.setModel(self.lines_model)
        self.setItemDelegate(LineDelegate(theme, self))
        self.setProperty("flat", True)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self.doItemsLayout)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Takes other lines; the selected place stays."""
        at, scrolled = self.currentIndex().row(), self.verticalScrollBar().value()
        self.lines_model.show_lines(lines)
        if 0 <= at < len(lines):
            self.setCurrentIndex(self.lines_model.index(at))
        self.verticalScrollBar().setValue(scrolled)

    def current(self) -> Line | None:
        """The selected line."""
        index = self.currentIndex()
        return self.lines_model.lines[index.row()] if index.isValid() else None

    def _on_clicked(self, index: QModelIndex) -> None:
        line = self.lines_model.lines[index.row()]
        left = 14 + STEP * line.level
        place = self.viewport().mapFromGlobal(self.cursor().pos()).x()
        if line.checked is not None and left <= place < left + 22:
            self.ticked.emit(line.data)
        elif line.data is not None:
            self.wanted.emit(line.data)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.current()
        if line is not None and line.data is not None:
            if event.key() == Qt.Key.Key_Space and line.checked is not None:
                self.ticked.emit(line.data)
                return
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.wanted.emit(line.data)
                return
        super().keyPressEvent(event)
