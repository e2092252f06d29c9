"""The panel Logs: sources, filter, lines, one message in full (UI-LG, wireframe 13.9)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QGuiApplication,
    QHideEvent,
    QIcon,
    QKeySequence,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import number
from desktop.shell.preferences import Layout
from desktop.theme import Theme, paint
from desktop.widgets.buttons import Button, IconButton, popup_below
from desktop.widgets.cards import EmptyState
from desktop.widgets.chips import Chip, NewPill
from desktop.widgets.fields import Choice
from desktop.widgets.grid_parts import GridDelegate, GridHead
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel
from desktop.widgets.row_list import as_row_list
from desktop.widgets.value_view import CodeText, harmless
from runtime.admin.logs import LEVELS, LogFilter, Record, texts_of
from runtime.foundation.log_lines import FOLDER

from .actions import Loaded, LogReader
from .model import LEVEL, MESSAGE, SOURCE, TIME, LogModel, place_in

TYPING = 150  # milliseconds after the last key until the filter is used
KEPT_LEVEL, KEPT_HIDDEN = "logs.level", "logs.hidden"
AROUND = 5.0  # seconds shown before a moment that was asked for
SAMPLES = {TIME: "2026-11-20 11:19:01.204", SOURCE: "scheduler.worker", LEVEL: "warning xx"}


class LogsPanel(QWidget):
    """All logs of the site by time.

    Signals:
        file_wanted(str, int): open this file at this line.
        said(str): a sentence for a notice.
    """

    title = "Logs"
    file_wanted = Signal(str, int)
    said = Signal(str)

    def __init__(
        self, theme: Theme, reader: LogReader, layout: Layout, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("logs")
        self.setAccessibleName("Logs")
        self.setProperty("page", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._reader, self._layout = theme, reader, layout
        self._hidden = frozenset(layout.load_text(KEPT_HIDDEN).split())
        self._application, self._exhausted, self._problem = "", False, ""
        self._follows, self._new = True, 0
        self._wanted_moment = 0.0
        self._site = Path()
        self.model = LogModel(self)
        self._pause = QTimer(self, singleShot=True, interval=TYPING)
        self._pause.setObjectName("logs-typing")
        self._pause.timeout.connect(self.read)
        self._build()
        self._connect()
        self._add_keys()

    # building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tools())
        line = hairline()
        column.addWidget(line)
        self.table = self._table()
        self.pill = NewPill(self._theme, "lines")
        self.pill.setParent(self.table)
        self.pill.setObjectName("logs.new")
        self.empty = EmptyState(self._theme, "logs", "")
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(self.empty)
        self.text = CodeText(self._theme, "Message in full")
        self.text.setObjectName("logs.text")
        self.open_line = Button(self._theme, "Open line", "secondary", "code")
        self.open_line.setObjectName("logs.open")
        detail = QWidget()
        below = QVBoxLayout(detail)
        below.setContentsMargins(16, 8, 16, 8)
        head = QHBoxLayout()
        self.place = CutLabel("secondary", middle=True)
        head.addWidget(self.place, 1)
        head.addWidget(self.open_line)
        below.addLayout(head)
        below.addWidget(self.text, 1)
        self.detail = detail
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setAccessibleName("Height of the message")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._list)
        self.splitter.addWidget(detail)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([520, 180])
        self.splitter.handle(1).setAccessibleName("Edge of the message")
        column.addWidget(self.splitter, 1)
        detail.hide()

    def _tools(self) -> QWidget:
        tools = QWidget()
        tools.setProperty("page", True)
        row = QHBoxLayout(tools)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        self.chips: dict[str, Chip] = {}
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(8)
        row.addLayout(self._chip_row)
        self.level = Choice(
            self._theme,
            "Least important level",
            [(level, f"{level.capitalize()} and above") for level in LEVELS[:-1]],
        )
        self.level.setObjectName("logs.level")
        self.level.setMaximumWidth(200)
        self.level.set_value(self._layout.load_text(KEPT_LEVEL) or LEVELS[0])
        row.addWidget(self.level)
        row.addStretch(1)
        self.count = CutLabel("secondary")
        row.addWidget(self.count)
        self.filter = QLineEdit()
        self.filter.setProperty("tool", True)
        self.filter.setObjectName("logs.filter")
        self.filter.setAccessibleName("Filter the logs")
        self.filter.setPlaceholderText("Words, or /pattern/")
        self.filter.setMaximumWidth(280)
        sign = self.filter.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        sign.setText("Filter the logs")
        sign.triggered.connect(self.filter.setFocus)
        self._theme.tint_action(sign, "filter", "text.secondary")
        row.addWidget(self.filter, 3)
        self.more = IconButton(self._theme, "more", "More: copy, save, folder")
        self.more.setObjectName("logs.menu")
        row.addWidget(self.more)
        return tools

    def _table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("logs.table")
        table.setAccessibleName("Lines of the logs")
        table.setModel(self.model)
        table.setItemDelegate(GridDelegate(self._theme, table))
        table.setHorizontalHeader(GridHead(self._theme, table))
        as_row_list(table, several=True)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(MESSAGE, QHeaderView.ResizeMode.Stretch)
        self._theme.changed.connect(self._measure)
        return table

    def _measure(self) -> None:
        size = self._theme.size("row")
        self.table.verticalHeader().setMinimumSectionSize(size)
        self.table.verticalHeader().setDefaultSectionSize(size)
        self.level.setFixedHeight(self._theme.size("input") - 4)  # as high as the line beside it
        font = self._theme.fonts.style("body")
        for column, sample in SAMPLES.items():
            self.table.setColumnWidth(column, paint.text_width(font, sample) + (30 if column == TIME else 40))

    def _connect(self) -> None:
        self._measure()
        self._reader.loaded.connect(self._on_loaded)
        self._reader.older.connect(self._on_older)
        self._reader.newer.connect(self._on_newer)
        self._reader.failed.connect(self._on_failed)
        self.filter.textChanged.connect(self._pause.start)
        self.level.chosen.connect(self._on_level)
        self.more.clicked.connect(self.open_menu)
        self.pill.clicked.connect(self.follow)
        self.open_line.clicked.connect(self.open_place)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.table.doubleClicked.connect(self.toggle_detail)

    def _add_keys(self) -> None:
        for keys, handler in (
            ("F5", self.read),
            ("End", self.follow),
            ("Space", self.toggle_detail),
            ("Ctrl+E", self.open_place),
            ("Ctrl+C", self.copy),
            ("Ctrl+S", self.choose_file),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _on=False, handler=handler: handler())
            self.table.addAction(action)

    # what tests and the window ask

    def state(self) -> str:
        """One of ``rows``, ``none yet``, ``none match``, ``failed``."""
        if self._problem:
            return "failed"
        if self.model.rowCount():
            return "rows"
        return "none match" if self.chips and (self.filter.text() or self._hidden) else "none yet"

    def row_count(self) -> int:
        """Rows shown."""
        return self.model.rowCount()

    def visible_filter(self) -> str:
        """Text of the filter."""
        return self.filter.text()

    def focus_filter(self) -> None:
        """Puts the cursor into the filter."""
        self.filter.setFocus()
        self.filter.selectAll()

    # reading

    def show_application(self, application: str) -> None:
        """Shows lines about one application; all when it is empty (SH-02)."""
        if application != self._application:
            self._application = application
            self.read()

    def show_moment(self, moment: float, source: str = "") -> None:
        """Goes to a moment, in seconds since 1970; a source that was hidden is shown (LG-05)."""
        self._hidden -= {source}
        self._wanted_moment = moment
        self.filter.clear()
        self.level.set_value(LEVELS[0])
        self.read()

    def read(self, _text: str = "") -> None:
        """Reads the end of the logs anew."""
        if not self.isVisible():
            return
        self._pause.stop()
        wanted = LogFilter(self.level.value(), self.filter.text(), self._application)
        self._reader.read(wanted, self._hidden)

    def _on_loaded(self, loaded: Loaded) -> None:
        self._problem, self._exhausted = "", loaded.exhausted
        self._show_chips(loaded.names)
        self.model.set_rows(loaded.records)
        self._show_count()
        self._show_empty()
        if self._wanted_moment:
            self._go_on_to_moment()
        else:
            self.follow()

    def _on_older(self, records: list[Record], exhausted: bool) -> None:
        self._exhausted = exhausted
        top = self.table.rowAt(0)
        self.model.add_older(records)
        self._show_count()
        if self._wanted_moment:
            self._go_on_to_moment()
        elif records:
            self.table.scrollTo(
                self.model.index(max(0, top) + len(records), TIME), QTableView.ScrollHint.PositionAtTop
            )

    def _go_on_to_moment(self) -> None:
        """Reads further back until the moment is reached, then shows it."""
        rows = self.model.rows()
        if rows and rows[0].moment > self._wanted_moment - AROUND and not self._exhausted:
            self._reader.read_older()
            return
        moment, self._wanted_moment = self._wanted_moment, 0.0
        self._follows = False
        at = self.model.nearest(moment)
        if at >= 0:
            self.table.selectRow(at)
            self.table.scrollTo(self.model.index(at, TIME), QTableView.ScrollHint.PositionAtCenter)

    def _on_newer(self, records: list[Record]) -> None:
        self.model.add_newer(records)
        self._show_count()
        self._show_empty()
        if self._follows:
            self.table.scrollToBottom()
        else:
            self._new += len(records)
            self._show_pill()

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self.model.set_rows([])
        self._show_count()
        self._show_empty()

    def _on_scrolled(self, value: int) -> None:
        bar = self.table.verticalScrollBar()
        at_end = value >= bar.maximum()
        if at_end and not self._follows:
            self.follow()
        elif not at_end:
            self._follows = False
        if value == 0 and bar.maximum() and not self._exhausted and self.isVisible():
            self._reader.read_older()

    def follow(self) -> None:
        """Goes to the end and stays there (LG-02)."""
        self._follows, self._new = True, 0
        self.table.scrollToBottom()
        self._show_pill()

    # showing

    def _show_chips(self, names: tuple[str, ...]) -> None:
        if tuple(self.chips) != names:
            for chip in self.chips.values():
                chip.deleteLater()
            self.chips = {}
            for name in names:
                chip = Chip(self._theme, name, name, None)
                chip.setObjectName(f"logs.source.{name}")
                chip.clicked.connect(lambda _on=False, name=name: self._on_source(name))
                self._chip_row.addWidget(chip)
                self.chips[name] = chip
        for name, chip in self.chips.items():
            chip.setChecked(name not in self._hidden)

    def _on_source(self, name: str) -> None:
        self._hidden ^= {name}
        self._layout.save_text(KEPT_HIDDEN, " ".join(sorted(self._hidden)))
        self.read()

    def _on_level(self, level: str) -> None:
        self._layout.save_text(KEPT_LEVEL, level)
        self.read()

    def _show_count(self) -> None:
        count = self.model.rowCount()
        of_log = Counter(record.log for record in self.model.rows())
        for name, chip in self.chips.items():
            chip.set_count(of_log[name])
        if count:
            self.count.set_text(
                f"{number(count)} lines" if self._exhausted else f"the last {number(count)} lines"
            )
        else:
            self.count.set_text("")

    def _show_empty(self) -> None:
        if self.model.rowCount():
            self._list.setCurrentWidget(self.table)
            return
        words = {
            "failed": self._problem,
            "none match": "No line matches the filter.",
            "none yet": "No logs yet. The server writes them while it runs.",
        }[self.state()]
        self.empty.words.setText(words)
        self._list.setCurrentWidget(self.empty)
        self.detail.hide()

    def _show_pill(self) -> None:
        self.pill.show_count(self._new)
        self.pill.move(
            max(0, (self.table.width() - self.pill.width()) // 2),
            self.table.height() - self.pill.height() - 12,
        )
        self.pill.raise_()

    # one message

    def current(self) -> Record | None:
        """The record that is chosen."""
        index = self.table.currentIndex()
        return (
            self.model.row(index.row()) if index.isValid() and index.row() < self.model.rowCount() else None
        )

    def _on_current(self) -> None:
        record = self.current()
        if record is None:
            self.detail.hide()
            return
        if record.more:
            self.detail.show()
        self.text.setPlainText(harmless(record.whole()))
        place = place_in(record, self._site)
        self.place.set_text(f"{place[0]}, line {place[1]}" if place else "")
        self.open_line.setEnabled(place is not None)
        self.open_line.setToolTip("" if place else "This message names no file.")

    def toggle_detail(self) -> None:
        """Opens or closes the message in full."""
        if self.current() is not None:
            self.detail.setVisible(not self.detail.isVisible())

    def set_site(self, site: Path) -> None:
        """The folder whose files count as the applications' own."""
        self._site = site

    def open_place(self) -> None:
        """Opens the line that the message names."""
        record = self.current()
        place = place_in(record, self._site) if record is not None else None
        if place is not None:
            self.file_wanted.emit(*place)

    # the menu

    def open_menu(self) -> None:
        """Opens the menu of the panel."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self.copy)
        menu.addAction("Save what is shown…", self.choose_file)
        menu.addAction("Open the folder", self.open_folder)
        popup_below(menu, self.more)

    def copy(self) -> None:
        """Copies the chosen lines; all that are loaded when there are none."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        records = [self.model.row(at) for at in rows] or self.model.rows()
        QGuiApplication.clipboard().setText(texts_of(records))

    def choose_file(self) -> None:
        """Asks for a file and writes what is shown into it."""
        dialog = QFileDialog(self, "Save what is shown", "hadron.log", "Logs (*.log);;All files (*)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Writes what is shown into a file."""
        self._reader.save(path, texts_of(self.model.rows()), lambda: self.said.emit(f"Saved to {path}."))

    def open_folder(self) -> None:
        """Shows the folder of the logs."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._site / FOLDER)))

    # showing and hiding

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._reader.set_shown(True)
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._reader.set_shown(False)
