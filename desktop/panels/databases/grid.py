"""The table of rows: filters under the heads, the key stays in place, columns move (DB-02, DB-13)."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.grid_parts import GridDelegate, GridHead, Index, fitting_width
from runtime.admin.inspector.filters import FilterProblem, parse_filter

from .rows import RowsModel

TYPED = 250  # milliseconds after the last key until the filter counts
NARROW = 64  # least width of a column
_SAMPLE = 40  # rows that the first width of a column is measured by


class CellDelegate(GridDelegate):
    """Paints cells and edits them in a line that shows NULL apart from an empty text."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setProperty("bare", True)
        editor.setAutoFillBackground(True)
        editor.setAccessibleName(
            f"New value of {index.model().headerData(index.column(), Qt.Orientation.Horizontal, 0)}"
        )
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        rows: RowsModel = index.model()  # type: ignore[assignment]  # the table has no other
        value = rows.value(index.row(), rows.fields[index.column()]["name"])
        if editor.text() != (value if isinstance(value, str) else ""):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)


class FilterHead(GridHead):
    """Heads with a field for a filter below each.

    Signals:
        filtered(dict): expressions by column, after the last key.
    """

    filtered = Signal(dict)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._edits: dict[str, QLineEdit] = {}
        self._timer = QTimer(self, singleShot=True, interval=TYPED)
        self._timer.setObjectName("databases-filter")
        self._timer.timeout.connect(self._tell)
        self.setSectionsMovable(True)
        self.sectionResized.connect(self._place)
        self.sectionMoved.connect(self._place)
        theme.changed.connect(self._place)

    def make_fields(self) -> None:
        """Makes a field for each column of the model."""
        for edit in self._edits.values():
            edit.deleteLater()
        self._edits = {}
        for field in self._rows().fields:
            edit = QLineEdit(self)
            edit.setProperty("tool", True)
            edit.setPlaceholderText("filter")
            edit.setAccessibleName(f"Filter of {field['name']}")
            edit.setObjectName(f"databases.filter.{field['name']}")
            edit.setToolTip(">5   ~abc   =x   null   in 1, 2   1..9   2026-01")
            edit.textEdited.connect(self._on_typed)
            edit.returnPressed.connect(self._tell)
            edit.show()
            self._edits[field["name"]] = edit
        self._place()

    def _rows(self) -> RowsModel:
        model = self.model()
        assert isinstance(model, RowsModel)
        return model

    def filters(self) -> dict[str, str]:
        """The expressions that are not empty."""
        return {name: edit.text() for name, edit in self._edits.items() if edit.text().strip()}

    def show_filters(self, filters: dict[str, str]) -> None:
        """Fills the fields without telling anybody."""
        for name, edit in self._edits.items():
            edit.setText(filters.get(name, ""))
            self.show_fault(name, "")
        self._check()

    def show_fault(self, name: str, fault: str) -> None:
        """Says at a field what is wrong with its filter."""
        edit = self._edits.get(name)
        if edit is not None and edit.property("fault") != fault:
            edit.setProperty("fault", fault)
            edit.setToolTip(fault or ">5   ~abc   =x   null   in 1, 2   1..9   2026-01")
            edit.setAccessibleDescription(fault)
            restyle(edit, invalid=bool(fault))

    def field(self, name: str) -> QLineEdit:
        """The field of a column."""
        return self._edits[name]

    def _on_typed(self) -> None:
        if self._check():
            self._timer.start()
        else:
            self._timer.stop()

    def _check(self) -> bool:
        """Look at all fields; what can't be understood is told at once."""
        good = True
        for field in self._rows().fields:
            fault = ""
            try:
                parse_filter(self._edits[field["name"]].text(), field["kind"])
            except FilterProblem as problem:
                fault, good = str(problem), False
            self.show_fault(field["name"], fault)
        return good

    def _tell(self) -> None:
        self._timer.stop()
        if self._check():
            self.filtered.emit(self.filters())

    # room for the fields

    def _strip(self) -> int:
        return self._theme.size("input") + 4

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.head_height() + self._strip())

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place()

    def _place(self) -> None:
        top = self.head_height() + 2
        height = self._theme.size("input") - 2
        for at, edit in enumerate(self._edits.values()):
            if at >= self.count() or self.isSectionHidden(at):
                edit.hide()
                continue
            left = self.sectionViewportPosition(at)
            edit.setGeometry(QRect(left + 4, top, max(20, self.sectionSize(at) - 8), height))
            edit.show()


class RowsGrid(QTableView):
    """The rows; the first column stays where it is while the others move.

    Signals:
        row_chosen(int): the current row is another.
        cell_chosen(int, int): the current cell is another.
        columns_changed: order, width or visibility of columns are others.
        near_end: the last rows that are here can be seen.
        filtered(dict): other filters, expressions by column.
        order_wanted(str, bool): order by this column, and whether downwards.
    """

    filtered = Signal(dict)
    order_wanted = Signal(str, bool)
    row_chosen = Signal(int)
    cell_chosen = Signal(int, int)
    columns_changed = Signal()
    near_end = Signal()

    def __init__(self, theme: Theme, model: RowsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, model
        self._quiet = False
        self._lines = 1
        self.setObjectName("databases.rows")
        self.setAccessibleName("Rows")
        self.head = FilterHead(theme, self)
        self._dress(self, self.head)
        self.frozen = QTableView(self)
        self.frozen.setObjectName("databases.rows.key")
        self.frozen.setAccessibleName("Key of the rows")
        self.frozen_head = FilterHead(theme, self.frozen)
        self._dress(self.frozen, self.frozen_head)
        self.frozen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.frozen.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.frozen.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.frozen.setSelectionModel(self.selectionModel())
        self.viewport().stackUnder(self.frozen)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.frozen.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.horizontalScrollBar().valueChanged.connect(self.head._place)
        self.head.sectionResized.connect(self._on_resized)
        self.frozen_head.sectionResized.connect(self._on_frozen_resized)
        self.head.sectionMoved.connect(self._on_moved)
        self.head.filtered.connect(self._on_filtered)
        self.frozen_head.filtered.connect(self._on_key_filtered)
        for head in (self.head, self.frozen_head):
            head.order_wanted.connect(self.order_wanted)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self._measure)
        self._measure()

    def _dress(self, view: QTableView, head: FilterHead) -> None:
        view.setHorizontalHeader(head)
        view.setModel(self._rows)
        view.setItemDelegate(CellDelegate(self._theme, view))
        view.setShowGrid(False)
        view.setMouseTracking(True)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        view.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setCornerWidget(QWidget())
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setMinimumSectionSize(NARROW)

    def set_lines(self, lines: int) -> None:
        """Makes rows so many lines high; texts go on in the next line (DB-13)."""
        self._lines = max(1, lines)
        self._measure()

    def lines(self) -> int:
        """Lines of a row."""
        return self._lines

    def _measure(self) -> None:
        row = self._theme.size("row") + (self._lines - 1) * self._theme.line_height()
        for view in (self, self.frozen):
            view.verticalHeader().setMinimumSectionSize(row)
            view.verticalHeader().setDefaultSectionSize(row)
        for head in (self.head, self.frozen_head):
            head.setFixedHeight(head.sizeHint().height())
        if self._rows.fields:
            self.fit_first_rows()
        self._place_frozen()

    # filters and order

    def show_filters(self, filters: dict[str, str]) -> None:
        """Fills the fields without telling anybody."""
        self.head.show_filters(filters)
        self.frozen_head.show_filters(filters)

    def show_fault(self, name: str, fault: str) -> None:
        """Says at the field of a column what is wrong with its filter."""
        self.head.show_fault(name, fault)
        self.frozen_head.show_fault(name, fault)

    def show_order(self, order: str, down: bool) -> None:
        """Marks the column that orders."""
        self.head.show_order(order, down)
        self.frozen_head.show_order(order, down)

    def filter_field(self, name: str) -> QLineEdit:
        """The field that a person sees for a column."""
        first = bool(self._rows.fields) and self._rows.fields[0]["name"] == name
        return (self.frozen_head if first else self.head).field(name)

    def _on_filtered(self, _filters: dict[str, str]) -> None:
        self.filtered.emit(self._filters())

    def _on_key_filtered(self, _filters: dict[str, str]) -> None:
        name = self._rows.fields[0]["name"]
        self.head.field(name).setText(self.frozen_head.field(name).text())
        self.filtered.emit(self._filters())

    def _filters(self) -> dict[str, str]:
        return self.head.filters()

    # columns

    def show_table(self, kept: str) -> None:
        """Takes the columns of the model's table.

        Args:
            kept: what `columns_text` gave for this table last time.
        """
        self._quiet = True
        for head in (self.head, self.frozen_head):
            head.make_fields()
        for at in range(len(self._rows.fields)):
            self.setColumnHidden(at, False)
            self.frozen.setColumnHidden(at, at != 0)
        self._fit_columns()
        self._restore_columns(kept)
        self._quiet = False
        self._place_frozen()

    def _fit_columns(self) -> None:
        for at, field in enumerate(self._rows.fields):
            self.setColumnWidth(at, self._first_width(at, field["name"]))

    def _first_width(self, at: int, name: str) -> int:
        count = min(_SAMPLE, self._rows.rowCount())
        cells = [self._rows.text(row, self._rows.fields[at]) for row in range(count)]
        return fitting_width(self._theme, name, cells) + (14 if at == 0 else 0)

    def fit_first_rows(self) -> None:
        """Widens columns to what the first rows hold, where the person has chosen no widths."""
        if not self._kept:
            self._quiet = True
            self._fit_columns()
            self._quiet = False
            self._place_frozen()

    _kept = False

    def columns_text(self) -> str:
        """Order, widths and hidden columns as a text to keep."""
        names = [field["name"] for field in self._rows.fields]
        order = [names[self.head.logicalIndex(at)] for at in range(self.head.count())]
        widths = {name: self.columnWidth(at) for at, name in enumerate(names) if not self.isColumnHidden(at)}
        hidden = [name for at, name in enumerate(names) if self.isColumnHidden(at)]
        return json.dumps({"order": order, "widths": widths, "hidden": hidden})

    def _restore_columns(self, text: str) -> None:
        self._kept = bool(text)
        try:
            kept = json.loads(text) if text else {}
        except ValueError:
            kept = {}
        names = [field["name"] for field in self._rows.fields]
        for to, name in enumerate(name for name in kept.get("order", ()) if name in names):
            at = self.head.visualIndex(names.index(name))
            if at > 0 and to > 0:
                self.head.moveSection(at, to)
        for name, width in kept.get("widths", {}).items():
            if name in names:
                self.setColumnWidth(names.index(name), max(NARROW, int(width)))
        for name in kept.get("hidden", ()):
            if name in names[1:]:
                self.setColumnHidden(names.index(name), True)
        self.head._place()

    def set_hidden(self, name: str, hidden: bool) -> None:
        """Hides or shows a column; the first one stays."""
        at = next(at for at, field in enumerate(self._rows.fields) if field["name"] == name)
        if at:
            self.setColumnHidden(at, hidden)
            self.head._place()
            self._on_columns()

    def _on_columns(self) -> None:
        if not self._quiet:
            self._kept = True
            self.columns_changed.emit()

    def _on_resized(self, section: int, _before: int, _now: int) -> None:
        if section == 0:
            self._place_frozen()
        self._on_columns()

    def _on_frozen_resized(self, section: int, _before: int, now: int) -> None:
        if section == 0 and self.columnWidth(0) != now:
            self.setColumnWidth(0, now)

    def _on_moved(self, _section: int, _before: int, _now: int) -> None:
        if not self._quiet and self.head.visualIndex(0) != 0:
            self._quiet = True
            self.head.moveSection(self.head.visualIndex(0), 0)  # the key stays first
            self._quiet = False
        self._on_columns()

    # the frozen column

    def _place_frozen(self) -> None:
        width = self.columnWidth(0) if self._rows.fields else 0
        self.frozen.setVisible(bool(self._rows.fields))
        if self.frozen.columnWidth(0) != width:
            self.frozen.setColumnWidth(0, width)
        frame = self.frameWidth()
        self.frozen.setGeometry(frame, frame, width, self.viewport().height() + self.head.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_frozen()
        self._tell_end()

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Scrolls so that a cell is not behind the frozen column."""
        super().scrollTo(index, hint)
        if index.column() > 0:
            left = self.visualRect(index).left()
            covered = self.columnWidth(0) - left
            if covered > 0:
                bar = self.horizontalScrollBar()
                bar.setValue(bar.value() - covered)

    # moving

    def _on_scrolled(self, value: int) -> None:
        self.frozen.verticalScrollBar().setValue(value)
        self._tell_end()

    def _tell_end(self) -> None:
        """Let the next rows be read before the last ones can be seen."""
        last = self.rowAt(self.viewport().height() - 1)
        if last >= 0 and last > self._rows.rowCount() - 80:
            self.near_end.emit()

    def _on_current(self, current: QModelIndex, before: QModelIndex) -> None:
        if current.isValid():
            if current.row() != before.row():
                self.row_chosen.emit(current.row())
            self.cell_chosen.emit(current.row(), current.column())

    def selected_rows(self) -> list[int]:
        """The rows chosen, from top to bottom."""
        return sorted({index.row() for index in self.selectionModel().selectedRows()})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            event.ignore()  # the panel's
            return
        super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self.setFocus()
