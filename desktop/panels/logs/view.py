"""The panel Logs: sources, filter, lines, one message in full (UI-LG, wireframe 13.9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QHideEvent,
    QIcon,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import number
from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.buttons import Button, IconButton, popup_below
from desktop.widgets.cards import EmptyState
from desktop.widgets.fields import Choice
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from desktop.widgets.labels import CutLabel
from desktop.widgets.value.texts import harmless
from runtime.admin.logs import LEVELS, LogFilter, Record, texts_of
from runtime.foundation.log_lines import FOLDER

from .actions import Loaded, LogReader
from .display import Display
from .message import MessageText
from .model import MOST_ROWS, is_one_of, place_in, places_in, title_of
from .moment_sheet import MomentSheet
from .source_chips import SourceChips
from .table import LogTable

TYPING = 150  # milliseconds after the last key until the filter is used
KEPT_LEVEL, KEPT_HIDDEN, KEPT_AROUND = "logs.level", "logs.hidden", "logs.around"
AROUND_MATCHES = (0, 2, 5, 20)
AROUND = 5.0  # seconds shown before a moment that was asked for


class LogsPanel(QWidget):
    """All logs of the site by time.

    Args:
        theme, layout: shared parts.
        reader: reads the logs.
        display: how lines are shown.
        fill_display: puts what changes that into a menu.
        fill_upkeep: puts orders about the files into a menu.

    Signals:
        file_wanted(str, int): open this file at this line.
        said(str): a sentence for a notice.
        moment_wanted(float): go to this moment, in seconds since 1970.
        seen_changed(bool): the panel is shown or hidden.
    """

    title = "Logs"
    file_wanted = Signal(str, int)
    said = Signal(str)
    moment_wanted = Signal(float)
    seen_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        reader: LogReader,
        layout: Layout,
        display: Display,
        fill_display: Callable[[QMenu], None],
        fill_upkeep: Callable[[QMenu], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("logs")
        self.setAccessibleName("Logs")
        self.setProperty("page", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._reader, self._layout = theme, reader, layout
        self._display, self._fill_display, self._fill_upkeep = display, fill_display, fill_upkeep
        self._hidden = frozenset(layout.load_text(KEPT_HIDDEN).split())
        kept = layout.load_text(KEPT_AROUND)
        self._around = int(kept) if kept.isdecimal() and int(kept) in AROUND_MATCHES else 0
        self._application, self._exhausted, self._problem = "", False, ""
        self._wanted_moment, self._wanted_source = 0.0, ""
        self._names: tuple[str, ...] = ()
        self._site = Path()
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
        self.table = LogTable(self._theme, self._display)
        self.table.setObjectName("logs.table")
        self.model, self.pill = self.table.rows, self.table.pill
        self.empty = EmptyState(self._theme, "logs", "")
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(self.empty)
        self.text = MessageText(self._theme, self._display)
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
        self.sources = SourceChips(self._theme)
        row.addWidget(self.sources)
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

    def _measure(self) -> None:
        self.level.setFixedHeight(self._theme.size("input") - 4)  # as high as the line beside it
        self._share_width()

    def _connect(self) -> None:
        self._measure()
        self._theme.changed.connect(self._measure)
        self._reader.loaded.connect(self._on_loaded)
        self._reader.older.connect(self._on_older)
        self._reader.newer.connect(self._on_newer)
        self._reader.failed.connect(self._on_failed)
        self.filter.textChanged.connect(self._pause.start)
        self.level.chosen.connect(self._on_level)
        self.sources.toggled.connect(self._on_source)
        self.sources.only_wanted.connect(self._on_only)
        self.more.clicked.connect(self.open_menu)
        self.open_line.clicked.connect(self.open_place)
        self.text.place_wanted.connect(self.file_wanted)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.table.older_wanted.connect(self._reader.read_older)
        self.table.doubleClicked.connect(self.toggle_detail)

    def _add_keys(self) -> None:
        for keys, words, handler in (
            ("F5", "Read the logs again", self.read),
            ("End", "Go to the end and follow it", self.table.follow),
            ("Space", "Message in full", self.toggle_detail),
            ("Ctrl+G", "Go to a moment…", self.ask_moment),
            ("Ctrl+E", "Open the line that the message names", self.open_place),
            ("Ctrl+C", "Copy the lines that are chosen", self.table.copy),
            ("Ctrl+S", "Save what is shown…", self.choose_file),
        ):
            add_key(self.table, keys, words, handler)

    # what tests and the window ask

    def state(self) -> str:
        """One of ``rows``, ``none yet``, ``none match``, ``failed``."""
        if self._problem:
            return "failed"
        if self.model.rowCount():
            return "rows"
        return "none match" if self._names and (self.filter.text() or self._hidden) else "none yet"

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
        """Goes to a moment, in seconds since 1970; a source that was hidden is shown (LG-05).

        Args:
            moment: the first record not before it is chosen.
            source: name of the log whose record is wanted; ``worker`` for those of all workers.
        """
        self._hidden = frozenset(name for name in self._hidden if not is_one_of(name, source))
        self._wanted_moment, self._wanted_source = moment, source
        self.filter.clear()
        self.level.set_value(LEVELS[0])
        self.read()

    def ask_moment(self) -> None:
        """Asks for a moment to go to; that of the chosen line is offered (LG-05)."""
        record = self.current()
        sheet = MomentSheet(self._theme, record.time if record is not None else "", self)
        sheet.given.connect(self.moment_wanted)
        sheet.open()

    def read(self, _text: str = "") -> None:
        """Reads the end of the logs anew."""
        if not self.isVisible():
            return
        self._pause.stop()
        wanted = LogFilter(self.level.value(), self.filter.text(), self._application, self._around)
        self._reader.read(wanted, self._hidden)

    def _on_loaded(self, loaded: Loaded) -> None:
        self._problem, self._exhausted = "", loaded.exhausted
        self._names = loaded.names
        self.sources.show_sources(loaded.names, self._hidden)
        self.table.show_records(loaded.records)
        self._show_count()
        self._show_empty()
        if self._wanted_moment:
            self._go_on_to_moment()
        else:
            self.table.follow()

    def _on_older(self, records: list[Record], exhausted: bool) -> None:
        self._exhausted = exhausted
        self.table.add_older(records)
        self._show_count()
        if self._wanted_moment:
            self._go_on_to_moment()

    def _go_on_to_moment(self) -> None:
        """Reads further back until the moment is reached, then shows it."""
        rows = self.model.rows()
        further = bool(rows) and rows[0].moment > self._wanted_moment - AROUND and not self._exhausted
        if further and len(rows) < MOST_ROWS:
            self._reader.read_older()
            return
        if further:
            self.said.emit("That moment lies further back than the lines kept here; this is the oldest.")
        moment, self._wanted_moment = self._wanted_moment, 0.0
        self.table.follows = False
        source, self._wanted_source = self._wanted_source, ""
        known = any(is_one_of(name, source) for name in self._names)
        if source and not known:
            self.said.emit(f"There is no log “{title_of(source)}” here; these are the others at that moment.")
        at = self.model.nearest(moment, source)
        if at >= 0:
            self.table.go_to(at)

    def _on_newer(self, records: list[Record]) -> None:
        self.table.add_newer(records)
        self._show_count()
        self._show_empty()

    def _on_failed(self, sentence: str) -> None:
        self._problem = sentence
        self.table.show_records([])
        self._show_count()
        self._show_empty()

    # showing

    def _on_source(self, name: str) -> None:
        self._hide(self._hidden ^ {name})

    def _on_only(self, shown: tuple[str, ...]) -> None:
        offered = set(self.sources.in_menu)
        self._hide(self._hidden - offered | (offered - set(shown)))

    def _hide(self, names: frozenset[str]) -> None:
        self._hidden = names & set(self._names)  # logs that are gone need not be remembered
        self._layout.save_text(KEPT_HIDDEN, " ".join(sorted(self._hidden)))
        self.read()

    def _on_level(self, level: str) -> None:
        self._layout.save_text(KEPT_LEVEL, level)
        self.read()

    def _show_count(self) -> None:
        count = self.model.rowCount()
        self.sources.show_counts(Counter(record.log for record in self.model.rows()))
        words = "lines"
        if self.filter.text():
            count, words = sum(not record.around for record in self.model.rows()), "matches"
        last = "" if self._exhausted else "the last "
        self.count.set_text(f"{last}{number(count)} {words}" if count else "")

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

    # one message

    def current(self) -> Record | None:
        """The record that is chosen."""
        return self.table.current()

    def _on_current(self) -> None:
        record = self.current()
        if record is None:
            self.detail.hide()
            return
        if record.more:
            self.detail.show()
        self.text.show_record(record)
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
        self._fill_display(menu)
        around = menu.addMenu("Lines around matches")
        for lines in AROUND_MATCHES:
            action = around.addAction(f"{lines} before and after" if lines else "None")
            action.setCheckable(True)
            action.setChecked(lines == self._around)
            action.triggered.connect(partial(self.set_around, lines))
        self._add_places(menu)
        menu.addAction("Go to a moment…\tCtrl+G", self.ask_moment)
        menu.addSeparator()
        menu.addAction("Copy", self.table.copy)
        menu.addAction("Save what is shown…", self.choose_file)
        menu.addAction("Open the folder", self.open_folder)
        menu.addSeparator()
        self._fill_upkeep(menu)
        popup_below(menu, self.more)

    def _add_places(self, menu: QMenu) -> None:
        """Offers each line of a file that the message names (LG-04)."""
        record = self.current()
        places = places_in(record) if record is not None else []
        if places:
            lines = menu.addMenu("Open a line of the message")
            for path, line in places:
                lines.addAction(f"{Path(path).name}, line {line}", partial(self.file_wanted.emit, path, line))

    def set_around(self, lines: int, _checked: bool = True) -> None:
        """Shows so many lines before and after each that matches (LG-03)."""
        if lines != self._around:
            self._around = lines
            self._layout.save_text(KEPT_AROUND, str(lines))
            self.read()

    def choose_file(self) -> None:
        """Asks for a file and writes what is shown into it."""
        dialog = QFileDialog(self, "Save what is shown", "hadron.log", "Logs (*.log);;All files (*)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save(Path(path)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Writes what is shown into a file."""
        text = harmless(texts_of(self.model.rows()))
        self._reader.save(path, text, lambda: self.said.emit(f"Saved to {path}."))

    def open_folder(self) -> None:
        """Shows the folder of the logs."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._site / FOLDER)))

    # showing and hiding

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """What the level, the count, the filter and the menu leave is for the names of the logs."""
        letter = self._theme.line_height() // 2
        self.sources.set_room(self.width() - self.level.maximumWidth() - 46 * letter)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._reader.set_shown(True)
        self.seen_changed.emit(True)
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._reader.set_shown(False)
        self.seen_changed.emit(False)
