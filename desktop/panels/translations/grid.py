"""All languages beside each other: what is missing where, filled in place (TR-16)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.theme import Theme, paint
from runtime.i18n.catalog import source_text

from .model import Sheet
from .text import draw_marked, is_right_to_left, one_line

MISSING, NO_KEY = "not translated", "not in this file"
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class GridModel(QAbstractTableModel):
    """Keys by languages.

    Signals:
        edited(str, str, str): language, key and text typed into a cell.
    """

    edited = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheets: list[Sheet] = []
        self._all: list[str] = []
        self.keys: list[str] = []
        self._words: list[str] = []

    def show_sheets(self, sheets: Sequence[Sheet]) -> None:
        """Takes the languages; keys of all of them are shown, those that lack a text first."""
        self.sheets = list(sheets)
        keys = dict.fromkeys(row.key for sheet in sheets for row in sheet.rows)
        self._all = sorted(keys, key=lambda key: (not self._is_missing(key), source_text(key).casefold()))
        self._filter()

    def set_filter(self, text: str) -> None:
        """Shows keys that hold every word of `text` in any language."""
        self._words = text.casefold().split()
        self._filter()

    def _is_missing(self, key: str) -> bool:
        return any(not self.text(sheet, key) for sheet in self.sheets)

    def _filter(self) -> None:
        self.beginResetModel()
        self.keys = [key for key in self._all if self._matches(key)]
        self.endResetModel()

    def _matches(self, key: str) -> bool:
        if not self._words:
            return True
        text = "\n".join([key, *(sheet[key].values.text for sheet in self.sheets if key in sheet)]).casefold()
        return all(word in text for word in self._words)

    @staticmethod
    def text(sheet: Sheet, key: str) -> str:
        """The translation of a key; empty while there is none."""
        return sheet[key].shown if key in sheet else ""

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.keys)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else 1 + len(self.sheets)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return "Source" if section == 0 else self.sheets[section - 1].name
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def cell(self, index: Index) -> str:
        """The whole text of a cell."""
        key = self.keys[index.row()]
        return source_text(key) if index.column() == 0 else self.text(self.sheets[index.column() - 1], key)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        text = self.cell(index)
        if role == Qt.ItemDataRole.EditRole:
            return text
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(text) or self.why_empty(index)
        if role == Qt.ItemDataRole.ToolTipRole:
            return text or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            head = self.headerData(index.column(), Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
            return f"{head}: {one_line(text) or self.why_empty(index)}"
        return None

    def why_empty(self, index: Index) -> str:
        """What an empty cell says."""
        return MISSING if self.keys[index.row()] in self.sheets[index.column() - 1] else NO_KEY

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.column():
            return False
        self.edited.emit(self.sheets[index.column() - 1].language, self.keys[index.row()], str(value))
        self.dataChanged.emit(index, index)
        return True


class GridDelegate(QStyledItemDelegate):
    """Paints cells; those without a text are marked."""

    def __init__(self, theme: Theme, model: GridModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color = self._theme, self._theme.color
        model = self._model
        rect, text = QRectF(option.rect), model.cell(index)
        if QStyle.StateFlag.State_Selected in option.state:
            painter.fillRect(rect, color("select.row"))
        elif index.column() and not text:
            painter.fillRect(rect, color("status.problem.tint"))
        paint.hairline(painter, rect.left(), rect.bottom() - 1, rect.width(), color("border.hairline"))
        if QStyle.StateFlag.State_HasFocus in option.state:
            paint.box(painter, rect.adjusted(1, 1, -1, -2), None, color("focus.ring"), 3, 2)
        area = rect.adjusted(16 if index.column() == 0 else 8, 0, -8, 0)
        if index.column() and not text:
            ink = color("status.problem.mark")
            theme.icons.draw(painter, "mark-ring-small", ink, area.left() - 2, area.center().y() - 8)
            words = model.why_empty(index)
            body = theme.fonts.style("body")
            paint.text(painter, area.adjusted(20, 0, 0, 0), words, body, color("status.problem.text"))
            return
        font, right = theme.fonts.style("body"), is_right_to_left(text)
        mark = color("code.decorator")
        draw_marked(painter, area, one_line(text), font, color("text.primary"), mark, right)


class GridTable(QTableView):
    """The grid; typing into a cell, F2 or a double click edits it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.cells = GridModel(self)
        self.setObjectName("translations.grid")
        self.setAccessibleName("All languages")
        self.setModel(self.cells)
        self.setItemDelegate(GridDelegate(theme, self.cells, self))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        edits = QAbstractItemView.EditTrigger
        self.setEditTriggers(edits.DoubleClicked | edits.EditKeyPressed | edits.AnyKeyPressed)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setAccessibleName("Languages of the grid")
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setDefaultSectionSize(240)
        head.setStretchLastSection(True)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.size("row"))
        self.horizontalHeader().setFixedHeight(self._theme.size("table_header"))

    def show_sheets(self, sheets: Sequence[Sheet]) -> None:
        """Takes the languages; columns share the room."""
        self.cells.show_sheets(sheets)
        columns = self.cells.columnCount()
        width = max(200, self.viewport().width() // max(1, columns))
        for column in range(columns):
            self.setColumnWidth(column, width)
