"""The table of tasks or runs: model over rows read page by page, painting, order by column (SC-03)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QMenu,
    QTableView,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.chips import NewPill
from desktop.widgets.grid_parts import ORDER_ROLE, CellFacts, FactsModel, GridDelegate, GridHead
from desktop.widgets.row_list import as_row_list

from .columns import Column, spoken, state_of_row
from .words import token_of

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
QUIET = frozenset({"disabled", "expired", "stopped"})
LEFT, GAP = 16, 8
LEAST = 110  # pixels of the column that takes the rest


def mark_of(theme: Theme, state: str) -> tuple[str, str]:
    """Icon and colour of the mark of a state of tasks and runs."""
    token = token_of(state)
    colour = theme.tokens.value(f"shape.task_colour.{token}")
    return f"mark-{theme.tokens.value(f'shape.task.{token}')}", f"status.{colour}.mark"


def ink_of(theme: Theme, state: str) -> str:
    """Colour token of the word of a state."""
    colour = theme.tokens.value(f"shape.task_colour.{token_of(state)}")
    return "text.secondary" if colour == "stopped" else f"status.{colour}.text"


class RowsModel(FactsModel):
    """Rows as they were read so far; more are fetched at the end.

    Args:
        theme: where marks come from.
        columns: what is shown of a row.
        can_fetch: tells whether there is a page behind the last row.
        fetch: asks for it.
    """

    def __init__(
        self,
        theme: Theme,
        columns: Sequence[Column],
        can_fetch: Callable[[], bool],
        fetch: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self.columns = theme, tuple(columns)
        self._can_fetch, self._fetch = can_fetch, fetch
        self._rows: list[Any] = []
        self.utc = False

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Shows `rows`; lines that stay keep their place, so selection and scroll position do, too."""
        before = [row.id for row in self._rows]
        after = [row.id for row in rows]
        if before == after:
            self._rows = list(rows)
        elif after[: len(before)] == before:
            self.beginInsertRows(ROOT, len(before), len(after) - 1)
            self._rows = list(rows)
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        self.touch()

    def touch(self) -> None:
        """Times went on."""
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def row(self, at: int) -> Any:
        """The row at a place."""
        return self._rows[at]

    def rows(self) -> list[Any]:
        """All rows shown."""
        return self._rows

    def place(self, id: int) -> int:
        """Where the row of this number is; -1 if it is not shown."""
        return next((at for at, row in enumerate(self._rows) if row.id == id), -1)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self._can_fetch()

    def fetchMore(self, parent: Index) -> None:
        self._fetch()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        column = self.columns[section]
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return column.head
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return column.order if role == ORDER_ROLE else None

    def cell_facts(self, row: int, column: int) -> CellFacts:
        shown, one = self._rows[row], self.columns[column]
        state = state_of_row(shown)
        mark = mark_of(self._theme, state) if one.id == "state" else None
        ink = self._ink(one, shown, state)
        return CellFacts(one.text(shown, time.time()), one.right, ink, mark=mark, medium=one.id == "name")

    def _ink(self, column: Column, row: Any, state: str) -> str:
        if column.id == "state":
            return ink_of(self._theme, state)
        if column.id == "error" or (column.id == "failed" and row.times_failed):
            return "status.failed.text"
        if column.id == "next" and state == "late":
            return "status.problem.text"
        return "text.primary" if column.strong and state not in QUIET else "text.secondary"

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row, time.time())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(column, row, time.time())
        if role == Qt.ItemDataRole.ToolTipRole:
            more = column.tip(row, self.utc) if column.tip is not None else ""
            return more or column.text(row, time.time()) or None
        return None


class RowsTable(QTableView):
    """The rows; columns as wide as their texts, one takes the rest, some give way where room is little.

    Args:
        theme: where its colours come from.
        model: the rows.
        name: object name.
        title: accessible name.
        hidden: ids of columns the person left out or brought in, see `hidden_columns`.

    Signals:
        columns_chosen: the person chose other columns.
    """

    columns_chosen = Signal()

    def __init__(
        self, theme: Theme, model: RowsModel, name: str, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wanted = {column.id: column.shown for column in model.columns}
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.head = GridHead(theme, self)
        rising = {column.order for column in model.columns if column.order and not column.right}
        orders = {column.order for column in model.columns if column.order}
        self.head.downward_first = frozenset(orders - rising | {"last", "start"})
        self.head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.head.customContextMenuRequested.connect(self._open_columns)
        self.setHorizontalHeader(self.head)
        self.setModel(model)
        self.setItemDelegate(GridDelegate(theme, self))
        as_row_list(self, several=True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.pill = NewPill(theme, "rows", self)
        self.pill.setObjectName(f"{name}.new")
        theme.changed.connect(self._measure)
        self._measure()

    def _columns(self) -> tuple[Column, ...]:
        return cast(RowsModel, self.model()).columns

    def _width_of(self, column: Column) -> int:
        font, strong = self._theme.fonts.style("body"), self._theme.fonts.style("small", 600)
        arrow = 18 if column.order else 0
        widest = max(paint.text_width(font, column.sample), paint.text_width(strong, column.head) + arrow)
        return widest + 2 * GAP + 2

    def _measure(self) -> None:
        row = self._theme.size("row")
        self.verticalHeader().setMinimumSectionSize(row)
        self.verticalHeader().setDefaultSectionSize(row)
        self.head.setFixedHeight(row)
        self.head.setMinimumSectionSize(40)
        for at, column in enumerate(self._columns()):
            mode = QHeaderView.ResizeMode.Fixed if column.sample else QHeaderView.ResizeMode.Stretch
            self.head.setSectionResizeMode(at, mode)
            if column.sample:
                self.setColumnWidth(at, self._width_of(column) + (GAP if at == 0 else 0))
        self._fit()

    def _fit(self) -> None:
        """Hides what has no room, the least needed first."""
        wanted = [column for column in self._columns() if self._wanted[column.id]]
        room = self.viewport().width() - sum(LEAST for column in wanted if not column.sample)
        needed = sum(self._width_of(column) for column in wanted if column.sample)
        left_out: set[str] = set()
        for column in sorted((one for one in wanted if one.narrow), key=lambda one: -one.narrow):
            if needed <= room:
                break
            left_out.add(column.id)
            needed -= self._width_of(column) if column.sample else -LEAST
        for at, column in enumerate(self._columns()):
            self.setColumnHidden(at, not self._wanted[column.id] or column.id in left_out)
        self._place_pill()

    def _place_pill(self) -> None:
        self.pill.resize(self.pill.sizeHint())
        self.pill.move(LEFT + 64, max(0, (self.head.height() - self.pill.height()) // 2))
        self.pill.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # columns a person chose

    def chosen_columns(self) -> str:
        """The columns shown, as a text to keep."""
        return " ".join(id for id, shown in self._wanted.items() if shown)

    def choose_columns(self, kept: str) -> None:
        """Shows the columns of a kept text; nothing kept changes nothing."""
        if kept:
            names = kept.split()
            self._wanted = {id: id in names for id in self._wanted}
            self._fit()

    def _open_columns(self, at: QPoint) -> None:
        self.columns_menu().popup(self.head.mapToGlobal(at))

    def columns_menu(self) -> QMenu:
        """A menu that shows and hides columns."""
        menu = QMenu("Columns", self)
        for column in self._columns():
            action = QAction(column.head, menu, checkable=True, checked=self._wanted[column.id])
            action.setEnabled(column.id not in ("name", "state"))
            action.setData(column.id)
            action.toggled.connect(self._on_column)
            menu.addAction(action)
        return menu

    def _on_column(self, on: bool) -> None:
        self._wanted[str(cast(QAction, self.sender()).data())] = on
        self._fit()
        self.columns_chosen.emit()

    # rows a person chose

    def choose(self, at: int) -> None:
        """Selects one row, whatever keys are held down at that moment."""
        index = self.model().index(at, 0)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().select(index, flags)

    def chosen_rows(self) -> list[Any]:
        """The rows selected, from top to bottom."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [cast(RowsModel, self.model()).row(at) for at in places]
