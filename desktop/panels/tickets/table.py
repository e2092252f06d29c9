"""The table of errors: model over rows in memory, painting, order by column (TK-01, TK-03)."""

from __future__ import annotations

import time
from operator import attrgetter
from typing import cast

from PySide6.QtCore import (
    QItemSelectionModel,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.panels.overview.words import number
from desktop.theme import Theme, paint
from desktop.widgets.chips import NewPill
from desktop.widgets.row_list import as_row_list
from desktop.widgets.row_model import Index, RowModel

from .chips import mark_of
from .model import DOWNWARD_FIRST, Row, ago, exact

HEADS = ("", "Error", "Where", "Application", "Count", "Last", "14 days")
MARK, ERROR, WHERE, APPLICATION, COUNT, LAST, DAYS_SHOWN = range(len(HEADS))
ORDER_OF = {ERROR: "error", WHERE: "where", APPLICATION: "application", COUNT: "count", LAST: "last"}
SAMPLES = ("", "", "controllers/default.py:1000", "Application", "00 000", "12 min ago", "")
NARROW_HIDES = (WHERE, APPLICATION)
WORDS = {
    "new": "new",
    "open": "open",
    "again": "solved before, came again",
    "solved": "solved",
    "ignored": "ignored",
    "unreadable": "can't be read",
}


class TicketsModel(RowModel[Row]):
    """Rows as they were filtered and ordered elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(attrgetter("key"), HEADS, (COUNT,), parent=parent)
        self.order, self.down = "last", True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = " ".join(map(str, row.days)) if column == DAYS_SHOWN else self._text(row, column)
            return f"{HEADS[column] or 'State'}: {text or 'none'}"
        if role == Qt.ItemDataRole.ToolTipRole:
            if column == LAST:
                return exact(row.last)
            if column == DAYS_SHOWN and row.days:
                return f"{sum(row.days)} in 14 days, {row.days[-1]} today"
            return self._text(row, column) or None
        return None

    def _text(self, row: Row, column: int) -> str:
        return (
            WORDS[row.state],
            row.title(),
            row.where,
            row.application,
            number(row.count),
            ago(row.last, time.time()),
            "",
        )[column]


class TicketDelegate(QStyledItemDelegate):
    """Paints the cells."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, column = self._theme, self._theme.color, index.column()
        row = cast(TicketsModel, index.model()).row(index.row())
        rect = QRectF(option.rect)
        selected = QStyle.StateFlag.State_Selected in option.state
        active = QStyle.StateFlag.State_Active in option.state
        if selected:
            painter.fillRect(rect, color("select.row" if active else "select.row_inactive"))
            if column == MARK:
                painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        paint.hairline(painter, rect.left(), rect.bottom(), rect.width(), color("border.hairline"))
        if column == MARK:
            icon, tint = mark_of(theme, row.state)
            theme.icons.draw(painter, icon, color(tint), rect.left() + 16, rect.center().y() - 8)
        elif column == ERROR:
            self._paint_error(painter, rect.adjusted(0, 0, -12, 0), row)
        elif column == DAYS_SHOWN:
            self._paint_days(painter, rect, row, selected)
        else:
            self._paint_text(painter, rect, row, column, str(index.data(Qt.ItemDataRole.DisplayRole)))

    def _paint_error(self, painter: QPainter, area: QRectF, row: Row) -> None:
        theme, color = self._theme, self._theme.color
        quiet = row.state in ("solved", "ignored")
        head = row.title() if row.unreadable else row.exception
        strong = theme.fonts.style("body", 600 if row.state in ("new", "again") else 500)
        width = min(paint.text_width(strong, head) + 1, area.width())
        left = QRectF(area.left(), area.top(), width, area.height())
        paint.text(painter, left, head, strong, color("text.secondary" if quiet else "text.primary"))
        rest = area.adjusted(width + 6, 0, 0, 0)
        if rest.width() > 12:
            paint.text(painter, rest, row.message, theme.fonts.style("body"), color("text.secondary"))

    def _paint_text(self, painter: QPainter, rect: QRectF, row: Row, column: int, words: str) -> None:
        theme = self._theme
        align = Qt.AlignmentFlag.AlignRight if column == COUNT else Qt.AlignmentFlag.AlignLeft
        strong = column == COUNT and row.state not in ("solved", "ignored")
        ink = theme.color("text.primary" if strong else "text.secondary")
        font, area = theme.fonts.style("body"), rect.adjusted(8, 0, -8, 0)
        if column == WHERE:
            words = paint.cut(font, words, area.width(), middle=True)
        paint.text(painter, area, words, font, ink, align)

    def _paint_days(self, painter: QPainter, rect: QRectF, row: Row, selected: bool) -> None:
        if not row.days:
            return
        color = self._theme.color
        most, height = max(*row.days, 1), rect.height() - 14
        step = 7
        left, bottom = rect.left() + 8, rect.bottom() - 7
        for at, count in enumerate(row.days):
            recent = row.state in ("new", "again") and at >= len(row.days) - 3
            bar = max(3.0, height * count / most) if count else 1.0
            name = "border.default" if not count else "chart.line" if recent else "chart.bar"
            area = QRectF(left + at * step, bottom - bar, 5, bar)
            painter.fillRect(paint.crisp(painter, area), color(name))


class SortHeader(QHeaderView):
    """Column heads that order the rows; the active one is bold and has an arrow.

    Signals:
        wanted(str, bool): the order a person asked for, and whether it goes down.
    """

    wanted = Signal(str, bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.order, self.down = "last", True
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setAccessibleName("Columns; press one to order by it")
        self.sectionClicked.connect(self._on_clicked)

    def show_order(self, order: str, down: bool) -> None:
        """Marks the column that orders."""
        self.order, self.down = order, down
        self.viewport().update()

    def _on_clicked(self, section: int) -> None:
        order = ORDER_OF.get(section)
        if order is None:
            return
        down = not self.down if order == self.order else order in DOWNWARD_FIRST
        self.show_order(order, down)
        self.wanted.emit(order, down)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme, color, area = self._theme, self._theme.color, QRectF(rect)
        painter.fillRect(area, color("surface.raised"))
        paint.hairline(painter, area.left(), area.bottom(), area.width(), color("border.default"))
        on = ORDER_OF.get(section) == self.order
        font = theme.fonts.style("small", 600 if on else 500)
        ink = color("text.primary" if on else "text.secondary")
        inner = area.adjusted(0 if section == ERROR else 8, 0, -8, 0)
        right = section == COUNT
        arrow = 18 if on else 0
        if right:
            inner = inner.adjusted(0, 0, -arrow, 0)
        align = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        paint.text(painter, inner, HEADS[section], font, ink, align)
        if on:
            width = paint.text_width(font, HEADS[section])
            left = inner.right() + 2 if right else inner.left() + width + 2
            icon = "arrow-down" if self.down else "arrow-up"
            theme.icons.draw(painter, icon, ink, left, area.center().y() - 8)


class TicketTable(QTableView):
    """The rows; columns as wide as their texts, the error takes the rest."""

    def __init__(self, theme: Theme, model: TicketsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._single = theme, False
        self.setObjectName("tickets.table")
        self.setAccessibleName("Errors")
        self.head = SortHeader(theme, self)
        self.setHorizontalHeader(self.head)
        self.setModel(model)
        self.setItemDelegate(TicketDelegate(theme, self))
        as_row_list(self, several=True)
        self.head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.head.setSectionResizeMode(ERROR, QHeaderView.ResizeMode.Stretch)
        self.pill = NewPill(theme, "errors", self)
        self.pill.setObjectName("tickets.new")
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        row = self._theme.size("row")
        self.verticalHeader().setMinimumSectionSize(row)
        self.verticalHeader().setDefaultSectionSize(row)
        self.head.setFixedHeight(row)
        font, strong = self._theme.fonts.style("body"), self._theme.fonts.style("small", 600)
        self.setColumnWidth(MARK, 48)
        self.setColumnWidth(DAYS_SHOWN, 14 * 7 + 26)
        for column in (WHERE, APPLICATION, COUNT, LAST):
            widest = max(
                paint.text_width(font, SAMPLES[column]), paint.text_width(strong, HEADS[column]) + 18
            )
            self.setColumnWidth(column, widest + 20)
        self._place_pill()

    def _place_pill(self) -> None:
        left = 48 + paint.text_width(self._theme.fonts.style("small", 600), HEADS[ERROR]) + 34
        self.pill.resize(self.pill.sizeHint())
        self.pill.move(left, max(0, (self.head.height() - self.pill.height()) // 2))
        self.pill.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width() / max(1.0, self._theme.line_height() / 17)
        self.setColumnHidden(DAYS_SHOWN, width < 780 or self._single)
        for column in NARROW_HIDES:
            self.setColumnHidden(column, width < (640 if column == APPLICATION else 560))
        self._place_pill()

    def choose(self, at: int) -> None:
        """Selects one row; unlike `selectRow` whatever keys are held down at that moment."""
        index = self.model().index(at, ERROR)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().select(index, flags)

    def set_single(self, single: bool) -> None:
        """Leaves out what single tickets do not have: number and days."""
        self._single = single
        self.setColumnHidden(COUNT, single)
        self.setColumnHidden(DAYS_SHOWN, single or self.width() < 780)

    def selected_rows(self) -> list[Row]:
        """The rows chosen, from top to bottom."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [cast(TicketsModel, self.model()).row(at) for at in places]
