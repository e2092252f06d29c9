"""The table of keys and the tree of their names (CA-02, CA-04)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import itemgetter

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.panels.overview.words import counted
from desktop.theme import Theme, paint
from desktop.widgets.grid_parts import CellFacts, GridDelegate, GridHead, Index
from desktop.widgets.log_lines import printable
from desktop.widgets.row_model import RowModel
from desktop.widgets.value.texts import size_words

from .model import Key, Line, age_words, is_memory, key_size, store_words

KEY, APPLICATION, STORE, TYPE, SIZE, AGE = range(6)
HEADS = ("Key", "Application", "Store", "Type", "Size", "Age")
ORDERS = ("key", "application", "store", "type", "size", "age")
WIDTHS = ("", "application name", "memcached", "unreadable      ", "~999 kB  ", "31 days  ")
ROOT = QModelIndex()


class KeysModel(RowModel[Key]):
    """Keys as they were filtered and ordered elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(itemgetter(slice(3)), HEADS, (SIZE, AGE), ORDERS, parent)
        self._now = time.time()

    def update_rows(self, rows: Sequence[Key]) -> bool:
        """Takes new facts of the same keys, so that place and selection stay; False when they are others."""
        self._now = time.time()
        return super().update_rows(rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        key, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(key, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.headerData(column, Qt.Orientation.Horizontal, role)
        if role == Qt.ItemDataRole.ToolTipRole:
            if column == AGE and key.stored:
                return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(key.stored))
            if column == SIZE:
                return f"{key.size} bytes" + (", estimated" if is_memory(key.store) else "")
            return printable(key.key) if column == KEY else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column]}: {self._text(key, column)}"
        return None

    def cell_facts(self, row: int, column: int) -> CellFacts:
        """What is painted in a cell."""
        key = self._rows[row]
        unreadable = column == TYPE and not key.type
        ink = "text.primary" if column in (KEY, STORE, SIZE) else "text.secondary"
        return CellFacts(
            self._text(key, column),
            column in (SIZE, AGE),
            "status.problem.text" if unreadable else ink,
            mark=("mark-triangle-bang", "status.problem.mark") if unreadable else None,
            code=column == KEY,
        )

    def _text(self, key: Key, column: int) -> str:
        if column == KEY:
            return printable(key.key)
        if column == APPLICATION:
            return key.application
        if column == STORE:
            return store_words(key.store)
        if column == TYPE:
            return key.type or "unreadable"
        return key_size(key) if column == SIZE else age_words(key.stored, self._now)


class KeysTable(QTableView):
    """The keys; the name takes the room that others leave.

    Signals:
        chosen(object): another key is the current one, or None.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, model: KeysModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._keys = theme, model
        self.setObjectName("cache.keys")
        self.setAccessibleName("Keys")
        self.head = GridHead(theme, self)
        self.head.downward_first = frozenset(("size",))
        self.setHorizontalHeader(self.head)
        self.setModel(model)
        self.setItemDelegate(GridDelegate(theme, self))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.head.setSectionResizeMode(KEY, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._on_current)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        row = self._theme.size("row")
        self.verticalHeader().setMinimumSectionSize(row)
        self.verticalHeader().setDefaultSectionSize(row)
        self.head.setFixedHeight(row)
        font = self._theme.fonts.style("body")
        for column in (APPLICATION, STORE, TYPE, SIZE, AGE):
            self.setColumnWidth(column, paint.text_width(font, WIDTHS[column]) + 24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnHidden(TYPE, self.width() < 460)

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self._keys.row(current.row()) if current.isValid() else None)

    def choose(self, at: int) -> None:
        """Selects one row."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        index = self._keys.index(at, 0)
        self.selectionModel().setCurrentIndex(index, flags)

    def select_again(self, ids: set[tuple[str, str, str]], current: tuple[str, str, str] | None) -> None:
        """Selects the same keys after others came."""
        selection = QItemSelection()
        at_current = -1
        for at, key in enumerate(self._keys.rows()):
            if key.id in ids:
                selection.select(self._keys.index(at, 0), self._keys.index(at, len(HEADS) - 1))
            if key.id == current:
                at_current = at
        model = self.selectionModel()
        if at_current >= 0:
            model.setCurrentIndex(self._keys.index(at_current, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def selected_keys(self) -> list[Key]:
        """The keys chosen, from top to bottom."""
        return [
            self._keys.row(at) for at in sorted(one.row() for one in self.selectionModel().selectedRows())
        ]


# -- the tree ----------------------------------------------------------------------------------------

LINE_ROLE = Qt.ItemDataRole.UserRole + 1


class LinesModel(QAbstractListModel):
    """The lines of the tree that are shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Replaces the lines."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return printable(line.text)
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.AccessibleTextRole:
            state = "" if line.open is None else ", open" if line.open else ", closed"
            return f"{line.text}, {counted(line.branch.count, 'key')}, {size_words(line.branch.size)}{state}"
        return None


class _LineDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, max(28, self._theme.line_height() + 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, rect = self._theme, self._theme.color, QRectF(option.rect)
        line: Line = index.data(LINE_ROLE)
        if QStyle.StateFlag.State_Selected in option.state:
            painter.fillRect(rect, color("select.row"))
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        paint.hairline(painter, rect.left(), rect.bottom(), rect.width(), color("border.hairline"))
        left = rect.left() + 12 + 16 * line.level
        if line.open is not None:
            icon = "chevron-down" if line.open else "chevron-right"
            theme.icons.draw(painter, icon, color("text.secondary"), left, rect.center().y() - 8)
        left += 22
        small = theme.fonts.style("small")
        many = line.open is not None
        note = (
            f"{counted(line.branch.count, 'key')}   {size_words(line.branch.size)}"
            if many
            else size_words(line.branch.size)
        )
        wide = paint.text_width(small, note) + 4
        font = theme.fonts.style("code", 600 if many else 400)
        area = QRectF(left, rect.top(), max(20, rect.right() - left - wide - 24), rect.height())
        words = paint.cut(font, printable(line.text), area.width(), middle=True)
        paint.text(painter, area, words, font, color("text.primary"))
        right = QRectF(rect.right() - wide - 16, rect.top(), wide, rect.height())
        paint.text(painter, right, note, small, color("text.secondary"), Qt.AlignmentFlag.AlignRight)


class KeysTree(QListView):
    """Keys by parts of their names.

    Signals:
        chosen(object): another line is the current one.
        folded(str, bool): open or close a branch.
    """

    chosen = Signal(object)
    folded = Signal(str, bool)

    def __init__(self, theme: Theme, model: LinesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = model
        self.setObjectName("cache.tree")
        self.setAccessibleName("Keys by parts of their names")
        self.setProperty("plain", True)
        self.setModel(model)
        self.setItemDelegate(_LineDelegate(theme, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self.reset)

    def line(self) -> Line | None:
        """The current line."""
        index = self.currentIndex()
        return self._lines.lines[index.row()] if index.isValid() else None

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._lines.lines[current.row()])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        line = self.line()
        if line is not None and line.open is not None:
            self.folded.emit(line.branch.prefix, not line.open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.line()
        wanted = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(event.key()))
        if line is not None and line.open is not None and wanted is not None and wanted != line.open:
            self.folded.emit(line.branch.prefix, wanted)
            return
        super().keyPressEvent(event)
