"""The lines of logs as a table that follows the end, rows as high as their text (UI-LG-02, UI-LG-08)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.chips import NewPill
from desktop.widgets.grid_parts import FIRST, PADDING, CellFacts, GridDelegate, GridHead
from desktop.widgets.row_list import as_row_list
from desktop.widgets.value.texts import harmless
from runtime.admin.logs import Record, texts_of
from runtime.admin.terminal_text import Ink, Span

from .display import Display
from .lines import ELLIPSIS, MOST_LINES, lay_out, ranges_of, shown
from .model import LEVEL, MESSAGE, SOURCE, TIME, LogFacts, LogModel, more_words
from .times import SAMPLES

WIDEST_SOURCE, WIDEST_LEVEL = "worker shop 1f3a2b4c", "critical"
SHORT_SOURCE = "application"
LEAST_MESSAGE = 0.45  # of the width
MARK = 22  # pixels of the mark before a level
KEPT_HEIGHTS = 2_000
UNBOUNDED = 1_000_000  # pixels: one line without a break
COUNT = Ink(faint=True)


class LogDelegate(GridDelegate):
    """Paints lines in the letters of `display`, messages in the colours that they bring along."""

    def __init__(self, theme: Theme, display: Display, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._display = display
        self._heights: dict[tuple[str, int], int] = {}
        display.changed.connect(self._forget)

    def _forget(self) -> None:
        super()._forget()
        self._heights = {}

    def _font(self, code: bool, medium: bool) -> QFont:
        return self._display.font()

    def first_line(self, height: int) -> int:
        """Marks and words of all columns stand beside the first line."""
        return min(height, self._display.row_height())

    def paint_words(self, painter: QPainter, facts: CellFacts, area: QRect, line: int) -> None:
        """Paints the text of a cell, that of a message with its colours."""
        record = facts.record if isinstance(facts, LogFacts) else None
        if record is None or not (self._display.wraps or record.looks or record.more):
            super().paint_words(painter, facts, QRect(area.left(), area.top(), area.width(), line), line)
            return
        text, spans = message_of(record)
        width, font = area.width(), self._font(True, False)
        if self._display.wraps:
            _layout, kept = lay_out(text, font, width)
            if kept < len(text):  # that it goes on is seen; the whole is in the message below
                kept = max(0, kept - 1)
                text = f"{text[:kept]}{ELLIPSIS}"
            most = MOST_LINES
        else:
            cut = self._cut(text, width, False, False)
            kept = len(text) if cut == text else len(cut) - 1
            text, width, most = cut, UNBOUNDED, 1
        layout, _taken = lay_out(text, font, width, most, ranges_of(self._theme, spans, kept))
        layout.draw(painter, QPointF(area.left(), area.top() + (line - self._display.line_height()) / 2))

    def height_of(self, record: Record, width: int) -> int:
        """Height of a row whose message has that much room."""
        text = f"{record.text}{more_words(record)}"
        key = (text, width)
        height = self._heights.get(key)
        if height is None:
            if len(self._heights) > KEPT_HEIGHTS:
                self._heights.clear()
            layout, _taken = lay_out(message_of(record)[0], self._font(True, False), width)
            height = self._heights[key] = ceil(layout.boundingRect().height())
        return self._display.row_height() + max(0, height - self._display.line_height())


def message_of(record: Record) -> tuple[str, list[Span]]:
    """The first line of a message as it is shown, with its colours, and how many lines it has besides."""
    text, spans = shown(record.text, record.looks[0] if record.looks else ())
    more = more_words(record)
    if more:
        spans.append(Span(len(text), len(text) + len(more), COUNT))
    return text + more, spans


class LogTable(QTableView):
    """Lines by time, the newest at the end.

    Args:
        display: how lines are shown.

    Signals:
        older_wanted: the beginning of the list is seen.
    """

    older_wanted = Signal()

    def __init__(self, theme: Theme, display: Display, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._display = display
        self.follows, self._new = True, 0
        self.rows = LogModel(self)
        self._delegate = LogDelegate(theme, display, self)
        self._fitting = QTimer(self, singleShot=True, interval=0)
        self._fitting.setObjectName("logs-heights")
        self._fitting.timeout.connect(self._fit)
        self.setAccessibleName("Lines of the logs")
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeader(GridHead(theme, self))
        as_row_list(self, several=True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(MESSAGE, QHeaderView.ResizeMode.Stretch)
        self.pill = NewPill(theme, "lines", self)
        self.pill.setObjectName("logs.new")
        self.pill.clicked.connect(self.follow)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        display.changed.connect(self._restyle)
        self._restyle()

    # what is shown

    def show_records(self, records: Sequence[Record]) -> None:
        """Replaces all lines."""
        self.rows.set_rows(records)
        self._fitting.start()

    def add_older(self, records: Sequence[Record]) -> None:
        """Puts lines before the others; those that were seen stay where they are."""
        top = self.rowAt(0)
        self.rows.add_older(records)
        if records:
            at = self.rows.index(max(0, top) + len(records), TIME)
            self.scrollTo(at, QTableView.ScrollHint.PositionAtTop)

    def add_newer(self, records: Sequence[Record]) -> None:
        """Puts lines behind the others, and goes there if the end was seen."""
        self.rows.add_newer(records)
        if self.follows:
            self._to_end()
        else:
            self._new += len(records)
            self._show_pill()

    def follow(self) -> None:
        """Goes to the end and stays there (LG-02)."""
        self.follows, self._new = True, 0
        self._to_end()
        self._show_pill()

    def go_to(self, row: int) -> None:
        """Chooses a line and leaves the end for it."""
        self.follows = False
        self.selectRow(row)
        self.scrollTo(self.rows.index(row, TIME), QTableView.ScrollHint.PositionAtCenter)

    def current(self) -> Record | None:
        """The line that is chosen."""
        index = self.currentIndex()
        return self.rows.row(index.row()) if index.isValid() and index.row() < self.rows.rowCount() else None

    def chosen(self) -> list[Record]:
        """The lines that are selected, in their order; all when there are none."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self.rows.row(at) for at in rows] or self.rows.rows()

    def copy(self) -> None:
        """Copies the chosen lines as they are shown; all that are loaded when there are none."""
        QGuiApplication.clipboard().setText(harmless(texts_of(self.chosen())))

    def _on_scrolled(self, value: int) -> None:
        bar = self.verticalScrollBar()
        at_end = value >= bar.maximum()
        if at_end and not self.follows:
            self.follow()
        elif not at_end:
            self.follows = False
        self._fitting.start()
        if value == 0 and bar.maximum() and self.isVisible():
            self.older_wanted.emit()

    def _show_pill(self) -> None:
        self.pill.show_count(self._new)
        self.pill.move(
            max(0, (self.width() - self.pill.width()) // 2), self.height() - self.pill.height() - 12
        )
        self.pill.raise_()

    # sizes

    def _restyle(self) -> None:
        display, head = self._display, self.verticalHeader()
        self.rows.set_time_way(display.time_way)
        head.setMinimumSectionSize(display.row_height())
        self._level_rows(display.row_height())
        self._share_width()
        self.viewport().update()
        if self.follows:
            self._to_end()
        self._fitting.start()

    def _share_width(self) -> None:
        """Gives the columns their width; where the message would have little, a level is its mark alone."""
        font, whole = self._display.font(), self.viewport().width()
        when = paint.text_width(font, SAMPLES[self._display.time_way]) + FIRST + PADDING + 4
        source, short = (
            paint.text_width(font, words) + 2 * PADDING for words in (WIDEST_SOURCE, SHORT_SOURCE)
        )
        level = paint.text_width(font, WIDEST_LEVEL) + MARK + 2 * PADDING
        least = whole * LEAST_MESSAGE
        if whole - when - source - level < least:
            source = short
        short_levels = whole - when - source - level < least
        if short_levels:
            level = MARK + 2 * PADDING
        self.rows.set_short_levels(short_levels)
        for column, width in ((TIME, when), (SOURCE, source), (LEVEL, level)):
            self.setColumnWidth(column, width)

    def _level_rows(self, height: int) -> None:
        """Gives all rows the height of one line; those that are seen are fitted again."""
        head = self.verticalHeader()
        head.setDefaultSectionSize(height)
        head.setUpdatesEnabled(False)  # else all places are counted anew for each row
        for row in range(self.rows.rowCount()):
            if head.sectionSize(row) != height:
                head.resizeSection(row, height)
        head.setUpdatesEnabled(True)

    def _to_end(self) -> None:
        """Rows are scrolled by their number, so those at the end have to have their height first."""
        room, row = self.viewport().height(), self.rows.rowCount() - 1
        while self._display.wraps and room > 0 and row >= 0:
            room -= self._fit_row(row)
            row -= 1
        self.updateGeometries()  # else what the bar can reach is told later
        self.scrollToBottom()

    def _fit(self) -> None:
        """Gives the rows that are seen the height of their text; others get it when they are seen."""
        if not self._display.wraps:
            return
        if self.follows:
            self._to_end()
            return
        room, row = self.viewport().height(), max(0, self.rowAt(0))
        while room > 0 and row < self.rows.rowCount():
            room -= self._fit_row(row)
            row += 1

    def _fit_row(self, row: int) -> int:
        width = self.columnWidth(MESSAGE) - 2 * PADDING
        height = self._delegate.height_of(self.rows.row(row), width)
        if height != self.rowHeight(row):
            self.setRowHeight(row, height)
        return height

    def resizeEvent(self, event: QResizeEvent) -> None:
        chosen = self.currentIndex()
        was_seen = chosen.isValid() and 0 <= self.visualRect(chosen).bottom() <= event.oldSize().height()
        follows = self.follows
        super().resizeEvent(event)
        self._share_width()
        if follows:
            self._to_end()
        if was_seen:  # the message in full opens below and takes room
            self.scrollTo(chosen)
        self._fitting.start()
        self._show_pill()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self._display.resize_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)
