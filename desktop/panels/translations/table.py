"""The list of strings: model, painting, columns (TR-02, TR-03)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.row_list import as_row_list

from .model import Row, State
from .text import draw_marked, is_right_to_left, one_line

HEADS = ("", "Source", "Translation")
STATE, SOURCE, TRANSLATION = range(len(HEADS))
LOOK: dict[State, tuple[str, str]] = {
    State.UNTRANSLATED: ("mark-ring-small", "stopped"),
    State.WARNING: ("mark-triangle-bang", "problem"),
    State.NEW: ("mark-dot", "new"),
    State.TRANSLATED: ("mark-check", "serving"),
    State.SAME: ("mark-dash", "stopped"),
    State.UNUSED: ("mark-ring-slash", "stopped"),
}
"""Icon and colour group of each state; ``new`` has the colour of what is selected."""

NOT_YET = "not translated"
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


def state_color(state: State) -> str:
    """Token of the colour of a state's mark."""
    group = LOOK[state][1]
    return "select.mark" if group == "new" else f"status.{group}.mark"


class StringsModel(QAbstractTableModel):
    """The rows that match; they stay in place while they are edited, until the filter is asked again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._at: dict[str, int] = {}

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Replaces the rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self._at = {row.key: number for number, row in enumerate(self._rows)}
        self.endResetModel()

    def row(self, number: int) -> Row:
        """The string in a row."""
        return self._rows[number]

    def rows(self) -> list[Row]:
        """All rows, in their order."""
        return self._rows

    def place_of(self, key: str) -> int | None:
        """The row of a string; None when it is not shown."""
        return self._at.get(key)

    def touch(self, keys: Collection[str]) -> None:
        """Paints these strings again."""
        if len(keys) > 50:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, TRANSLATION))
            return
        for key in keys:
            at = self._at.get(key)
            if at is not None:
                self.dataChanged.emit(self.index(at, 0), self.index(at, TRANSLATION))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return HEADS[section] or "State"
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        text = (row.state.value, row.source, row.shown or NOT_YET)[column]
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[column] or 'State'}: {one_line(text)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            if column == STATE:
                return "\n".join([row.state.value.capitalize(), *(one.message for one in row.findings or ())])
            return text if len(text) > 40 else None
        return None


class StringsDelegate(QStyledItemDelegate):
    """Paints mark, source and translation; placeholders have their colour."""

    def __init__(self, theme: Theme, model: StringsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, column = self._theme, self._theme.color, index.column()
        row = self._model.row(index.row())
        rect = QRectF(option.rect)
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        selected = QStyle.StateFlag.State_Selected in option.state
        if selected:
            painter.fillRect(rect, color("select.row"))  # also while its text is edited beside
            if column == STATE:
                left = rect.right() - 3 if mirrored else rect.left()
                painter.fillRect(QRectF(left, rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        paint.hairline(painter, rect.left(), rect.bottom() - 1, rect.width(), color("border.hairline"))
        if column == STATE:
            mark = color(state_color(row.state))
            theme.icons.draw(painter, LOOK[row.state][0], mark, rect.center().x() - 8, rect.center().y() - 8)
            return
        text = row.source if column == SOURCE else row.shown
        ink = "text.primary"
        if row.state is State.UNUSED:
            ink = "text.secondary"
        if column == TRANSLATION and not text:
            text, ink = NOT_YET, "text.secondary" if selected else "text.placeholder"
        weight = 600 if row.state is State.NEW and column == SOURCE else 400
        font = theme.fonts.style("body", weight)
        right = mirrored or (column == TRANSLATION and is_right_to_left(text))
        area = rect.adjusted(8, 0, -10, 0)
        draw_marked(painter, area, one_line(text), font, color(ink), color("code.decorator"), right)


class StringsTable(QTableView):
    """The list of strings.

    Signals:
        chosen(str): another string is the current one.
        opened(str): the person wants to edit this one (Enter, double click).
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, theme: Theme, model: StringsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model
        self.setObjectName("translations.strings")
        self.setAccessibleName("Strings")
        self.setModel(model)
        self.setItemDelegate(StringsDelegate(theme, model, self))
        as_row_list(self)
        self.setFrameShape(QTableView.Shape.NoFrame)
        head = self.horizontalHeader()
        head.setAccessibleName("Columns of the list of strings")
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(SOURCE, QHeaderView.ResizeMode.Interactive)
        head.setSectionResizeMode(TRANSLATION, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self._on_double)
        theme.changed.connect(self._measure)
        self._share = 0.5
        head.sectionResized.connect(self._on_resized)
        self._measure()

    def _measure(self) -> None:
        row = self._theme.size("row")
        self.verticalHeader().setDefaultSectionSize(row)
        self.verticalHeader().setMinimumSectionSize(row)
        self.horizontalHeader().setFixedHeight(self._theme.size("table_header"))
        self.setColumnWidth(STATE, 40)

    def _on_resized(self, column: int, _old: int, new: int) -> None:
        room = self.viewport().width() - self.columnWidth(STATE)
        if column == SOURCE and room > 0 and self.horizontalHeader().underMouse():
            self._share = min(0.85, max(0.15, new / room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnWidth(SOURCE, round((self.viewport().width() - self.columnWidth(STATE)) * self._share))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(self._model.row(current.row()).key)

    def show_key(self, key: str) -> bool:
        """Makes a string the current one; False when the list does not show it."""
        at = self._model.place_of(key)
        if at is None:
            return False
        index = self._model.index(at, SOURCE)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def _on_double(self, index: QModelIndex) -> None:
        self.opened.emit(self._model.row(index.row()).key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.opened.emit(self._model.row(index.row()).key)
        else:
            super().keyPressEvent(event)
