"""The list of applications as rows or as a grid of cards, painted (UI-AP-01)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import attrgetter
from typing import cast

from PySide6.QtCore import (
    QItemSelectionModel,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QResizeEvent
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
from desktop.panels.tickets.model import exact
from desktop.theme import Theme, paint
from desktop.widgets.grid_parts import GridHead
from desktop.widgets.row_list import as_row_list
from desktop.widgets.row_model import Index, RowModel

from .model import BROKEN, DOWNWARD_FIRST, MARKS, OFF, Row, cell, ordered

COLUMNS = ("name", "state", "errors", "untranslated", "workers", "size", "changed")
HEADS = ("Name", "State", "Errors 24 h", "Untranslated", "Workers", "Size", "Changed")
SAMPLES = ("", "does not load xx", "00 000", "00 000", "00", "000 MB", "12 min ago")
RIGHT = frozenset(("errors", "untranslated", "workers", "size"))
NARROW_HIDES = (("workers", 700), ("size", 620), ("untranslated", 520), ("changed", 430))


class AppsModel(RowModel[Row]):
    """Rows as they were filtered elsewhere, in the order of a column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        right = [at for at, column in enumerate(COLUMNS) if column in RIGHT]
        super().__init__(attrgetter("name"), HEADS, right, COLUMNS, parent)
        self.order, self.down = "name", False

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Takes other rows; selection stays where only figures changed."""
        super().set_rows(ordered(rows, self.order, self.down))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell(row, column, time.time())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[index.column()]}: {cell(row, column, time.time()) or 'not read yet'}"
        if role == Qt.ItemDataRole.ToolTipRole:
            if row.fault:
                return row.fault
            if column == "changed" and row.facts is not None and row.facts.changed is not None:
                return exact(row.facts.changed)
            if column == "workers":
                return "Workers that run now" if row.workers is not None else "It has no scheduler"
            if column == "size" and row.facts is not None:
                return counted(row.facts.files, "file")
            return str(row.folder)
        return None


def paint_state(painter: QPainter, theme: Theme, area: QRectF, row: Row) -> None:
    """The mark of a state and its word."""
    icon, status = MARKS[row.state]
    theme.icons.draw(painter, icon, theme.color(f"status.{status}.mark"), area.left(), area.center().y() - 8)
    ink = theme.color("status.failed.text" if row.state == BROKEN else "text.secondary")
    paint.text(painter, area.adjusted(22, 0, 0, 0), row.state, theme.fonts.style("body"), ink)


class AppDelegate(QStyledItemDelegate):
    """Paints the cells."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, column = self._theme, self._theme.color, COLUMNS[index.column()]
        row = cast(AppsModel, index.model()).row(index.row())
        rect = QRectF(option.rect)
        paint_ground(painter, theme, option, first=index.column() == 0)
        if column == "name":
            quiet = row.state in (OFF,)
            ink = color("text.secondary" if quiet else "text.primary")
            paint.text(painter, rect.adjusted(16, 0, -8, 0), row.name, theme.fonts.style("body", 500), ink)
        elif column == "state":
            paint_state(painter, theme, rect.adjusted(8, 0, -4, 0), row)
        else:
            self._paint_figure(painter, rect.adjusted(8, 0, -12, 0), row, column)

    def _paint_figure(self, painter: QPainter, area: QRectF, row: Row, column: str) -> None:
        theme = self._theme
        words = cell(row, column, time.time())
        align = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
        ink = "text.secondary"
        font = theme.fonts.style("body")
        if column == "errors" and row.facts is not None and row.facts.errors:
            ink, font = "status.failed.text", theme.fonts.style("body", 600)
            icon = theme.color("status.failed.mark")
            left = area.right() - paint.text_width(font, words) - 22
            theme.icons.draw(painter, "mark-cross-small", icon, left, area.center().y() - 8)
        elif words in ("0", "–"):
            ink = "text.placeholder"
        paint.text(painter, area, words, font, theme.color(ink), align)


def paint_ground(
    painter: QPainter, theme: Theme, option: QStyleOptionViewItem, first: bool, line: bool = True
) -> None:
    """Ground of a row by its state, the bar of the selected one, the hairline below."""
    rect, color = QRectF(option.rect), theme.color
    if QStyle.StateFlag.State_Selected in option.state:
        active = QStyle.StateFlag.State_Active in option.state
        painter.fillRect(rect, color("select.row" if active else "select.row_inactive"))
        if first:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
    elif QStyle.StateFlag.State_MouseOver in option.state:
        painter.fillRect(rect, color("surface.hover"))
    if line:
        paint.hairline(painter, rect.left(), rect.bottom(), rect.width(), color("border.hairline"))


class AppTable(QTableView):
    """The rows; the name takes what the other columns leave."""

    def __init__(self, theme: Theme, model: AppsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("applications.table")
        self.setAccessibleName("Applications")
        self.heads = GridHead(theme, self)
        self.heads.downward_first = DOWNWARD_FIRST
        self.heads.show_order(model.order, model.down)
        self.setHorizontalHeader(self.heads)
        self.setModel(model)
        self.setItemDelegate(AppDelegate(theme, self))
        as_row_list(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.heads.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        row = self._theme.size("row")
        self.verticalHeader().setMinimumSectionSize(row)
        self.verticalHeader().setDefaultSectionSize(row)
        self.heads.setFixedHeight(row)
        font, strong = self._theme.fonts.style("body"), self._theme.fonts.style("small", 600)
        for at in range(1, len(COLUMNS)):
            words = paint.text_width(font, SAMPLES[at]), paint.text_width(strong, HEADS[at]) + 20
            self.setColumnWidth(at, max(words) + 24)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width() / max(1.0, self._theme.line_height() / 17)
        for name, least in NARROW_HIDES:
            self.setColumnHidden(COLUMNS.index(name), width < least)


class CardDelegate(QStyledItemDelegate):
    """Paints an application as a card of the grid."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = self._theme.line_height()
        return QSize(max(228, 13 * line), 4 * line + 54)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color = self._theme, self._theme.color
        row = cast(AppsModel, index.model()).row(index.row())
        rect = QRectF(option.rect).adjusted(6, 6, -6, -6)
        selected = QStyle.StateFlag.State_Selected in option.state
        hovered = QStyle.StateFlag.State_MouseOver in option.state
        fill = "select.row" if selected else "surface.hover" if hovered else "surface.raised"
        edge = color("select.mark" if selected else "border.hairline")
        paint.box(painter, rect, color(fill), edge, 8)
        line = theme.line_height() + 4
        area = QRectF(rect.left() + 14, rect.top() + 10, rect.width() - 28, line)
        paint.text(painter, area, row.name, theme.fonts.style("body", 600), color("text.primary"))
        paint_state(painter, theme, area.translated(0, line), row)
        now = time.time()
        facts = [f"{cell(row, 'size', now)}", cell(row, "changed", now)] if row.facts else []
        below = area.translated(0, 2 * line)
        paint.text(painter, below, ", ".join(facts), theme.fonts.style("small"), color("text.secondary"))
        if row.facts is not None and (row.facts.errors or row.facts.untranslated):
            errors, rest = row.facts.errors or 0, row.facts.untranslated or 0
            words = [counted(errors, "error") + " today"] if errors else []
            words += [f"{rest} untranslated"] if rest else []
            ink = color("status.failed.text" if errors else "status.problem.text")
            paint.text(painter, below.translated(0, line), ", ".join(words), theme.fonts.style("small"), ink)


class AppGrid(QListView):
    """The applications as cards."""

    def __init__(self, theme: Theme, model: AppsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("applications.grid")
        self.setAccessibleName("Applications")
        self.setModel(model)
        self.setItemDelegate(CardDelegate(theme, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSpacing(2)
        theme.changed.connect(self.doItemsLayout)


def choose(view: QAbstractItemView, at: int) -> None:
    """Selects one row, whatever keys are held down at that moment."""
    index = view.model().index(at, 0)
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    view.selectionModel().setCurrentIndex(index, flags)
