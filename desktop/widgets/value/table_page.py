"""A value as a table: ordered by its heads, copied as CSV or TSV (CA-05)."""

from __future__ import annotations

from functools import partial
from itertools import islice

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QMenu, QTableView, QVBoxLayout, QWidget

from desktop.background import Context, Tasks
from desktop.panels.overview.words import counted
from desktop.theme import Theme
from desktop.widgets.buttons import IconButton, popup_below
from desktop.widgets.grid_parts import (
    ORDER_ROLE,
    CellFacts,
    FactsModel,
    GridDelegate,
    GridHead,
    Index,
    fitting_width,
)
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from desktop.widgets.labels import CutLabel
from desktop.widgets.row_list import as_row_list

from .parts import facts_of
from .tabular import MISSING, Table, as_text, cell_words, in_order

ROOT = QModelIndex()
AT_ONCE = 2000  # rows up to which they are ordered while the window waits
_MEASURED = 40


class TableModel(FactsModel):
    """The rows of a value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = Table([], [], frozenset(), False, False)
        self.rows: list[list[object]] = []

    def show_table(self, table: Table) -> None:
        """Takes another table."""
        self.beginResetModel()
        self.table, self.rows = table, table.rows
        self.endResetModel()

    def show_rows(self, rows: list[list[object]]) -> None:
        """Takes the same rows in another order."""
        self.layoutAboutToBeChanged.emit()
        self.rows = rows
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.table.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.table.columns[section]
        if role == ORDER_ROLE:
            return str(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section in self.table.numeric
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        words = cell_words(self.rows[index.row()][index.column()], self.table.typed)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.table.columns[index.column()]}: {words}"
        return None

    def cell_facts(self, row: int, column: int) -> CellFacts:
        """What is painted in a cell."""
        value = self.rows[row][column]
        if value is MISSING:
            return CellFacts("-", ink="text.placeholder")
        facts = facts_of(value, self.table.typed)
        quiet = facts.items is not None or (facts.how == "word" and value is None)
        return CellFacts(
            cell_words(value, self.table.typed),
            right=column in self.table.numeric,
            ink="text.placeholder" if value is None else "text.secondary" if quiet else "text.primary",
        )


class TablePage(QWidget):
    """Rows and columns of a value.

    Args:
        theme: where its colours come from.
        name: first part of the object names.
        tasks: where what takes long is done.
    """

    def __init__(self, theme: Theme, name: str, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._tasks, self._key = theme, tasks, name
        self._order, self._down = "", False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(16, 6, 8, 6)
        self.count = CutLabel("secondary")
        self.count.setObjectName(f"{name}.rows")
        self.more = IconButton(theme, "copy", "Copy rows")
        self.more.setObjectName(f"{name}.copy_rows")
        self.more.clicked.connect(lambda: self._open_menu(None))
        row.addWidget(self.count, 1)
        row.addWidget(self.more)
        column.addLayout(row)
        column.addWidget(hairline())
        self.model = TableModel(self)
        self.table = QTableView()
        self.table.setObjectName(f"{name}.table")
        self.table.setAccessibleName("Rows of the value")
        self.head = GridHead(theme, self.table)
        self.table.setHorizontalHeader(self.head)
        self.table.setModel(self.model)
        self.table.setItemDelegate(GridDelegate(theme, self.table))
        as_row_list(self.table, several=True)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.head.setStretchLastSection(True)
        self.head.order_wanted.connect(self.order_by)
        column.addWidget(self.table, 1)
        self._menu = QMenu("Rows", self)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda at: self._open_menu(self.table.viewport().mapToGlobal(at))
        )
        add_key(self.table, "Ctrl+C", "", lambda: self.copy("tsv"), inside=False)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        height = self._theme.size("row")
        self.table.verticalHeader().setMinimumSectionSize(height)
        self.table.verticalHeader().setDefaultSectionSize(height)
        self.head.setFixedHeight(height)
        table = self.model.table
        for at, name in enumerate(table.columns):
            cells = [cell_words(row[at], table.typed) for row in islice(table.rows, _MEASURED)]
            self.table.setColumnWidth(at, fitting_width(self._theme, name, cells, 60, 240))

    def show_table(self, table: Table) -> None:
        """Takes another table; the order stays where the columns are the same."""
        same = table.columns == self.model.table.columns
        self.model.show_table(table)
        self.count.set_text(table.words())
        if not same:
            self._order = ""
            self._measure()
        if self._order:
            self.order_by(self._order, self._down)
        else:
            self.head.show_order("", False)

    def order_by(self, order: str, down: bool) -> None:
        """Orders the rows by a column."""
        self._order, self._down = order, down
        table = self.model.table

        def work(_context: Context | None = None) -> list[list[object]]:
            return in_order(table.rows, int(order), down, table.typed)

        def done(rows: list[list[object]]) -> None:
            if self.model.table is table:
                self.model.show_rows(rows)
                self.head.show_order(order, down)

        if len(table.rows) <= AT_ONCE:
            done(work())
        else:
            self._tasks.run(
                work, owner=self, title="Order rows", key=f"{self._key}-order", on_done=done, reading=True
            )

    def selected_rows(self) -> list[list[object]]:
        """The rows chosen, from top to bottom; all where at most one is."""
        places = sorted(one.row() for one in self.table.selectionModel().selectedRows())
        return [self.model.rows[at] for at in places] if len(places) > 1 else self.model.rows

    def _open_menu(self, at: QPoint | None) -> None:
        menu = self._menu
        menu.clear()
        what = counted(len(self.selected_rows()), "row")
        menu.addAction(f"Copy {what} as CSV", partial(self.copy, "csv"))
        menu.addAction(f"Copy {what} for a spreadsheet (TSV)", partial(self.copy, "tsv"))
        if at is not None:
            menu.popup(at)
        else:
            popup_below(menu, self.more)

    def copy(self, form: str) -> None:
        """Copies the rows chosen, all where at most one is, as ``csv`` or ``tsv``."""
        table, rows = self.model.table, self.selected_rows()

        def work(_context: Context) -> str:
            return as_text(table, rows, form)

        self._tasks.run(
            work, owner=self, title="Copy rows", key=f"{self._key}-rows", reading=True,
            on_done=QGuiApplication.clipboard().setText,
        )  # fmt: skip
