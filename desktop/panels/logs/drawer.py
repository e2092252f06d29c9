"""The end of the logs under any panel (UI-LG-09)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.buttons import IconButton, popup_below
from desktop.widgets.fields import Choice
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from desktop.widgets.labels import CutLabel, label
from runtime.admin.logs import LEVELS, LogFilter, Record

from .actions import Loaded, LogReader
from .display import Display
from .model import title_of
from .table import LogTable

KEPT_SOURCE, KEPT_LEVEL = "drawer.source", "drawer.level"
ALL = "*"  # no log has this name


class LogDrawer(QWidget):
    """One log or all of them, following the end. It reads only while it is seen, and holds lines only then.

    Args:
        theme, layout: shared parts.
        reader: reads the logs.
        display: how lines are shown.
        fill_display: puts what changes that into a menu.

    Signals:
        moment_wanted(float, str): show Logs around this moment, in seconds since 1970, and which log.
        closed: the person is done with it.
        seen_changed(bool): it is shown or hidden.
    """

    moment_wanted = Signal(float, str)
    closed = Signal()
    seen_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        reader: LogReader,
        layout: Layout,
        display: Display,
        fill_display: Callable[[QMenu], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._reader, self._layout = theme, reader, layout
        self._fill_display = fill_display
        self._application = ""
        self._names: tuple[str, ...] = ()
        self._source = layout.load_text(KEPT_SOURCE) or ALL
        self.setObjectName("logs.drawer")
        self.setAccessibleName("Log drawer")
        self.setProperty("page", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.table = LogTable(theme, display)
        self.table.setObjectName("logs.drawer.table")
        self.setFocusProxy(self.table)
        self.words = label("", "secondary", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._body = QStackedWidget()
        self._body.addWidget(self.table)
        self._body.addWidget(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(hairline())
        column.addWidget(self._body, 1)
        self._connect()

    def _head(self) -> QWidget:
        head = QWidget()
        head.setProperty("page", True)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(label("Log", "medium"))
        self.source = Choice(self._theme, "Which log", [(ALL, "All logs")])
        self.source.setObjectName("logs.drawer.source")
        self.level = Choice(
            self._theme,
            "Least important level",
            [(level, f"{level.capitalize()} and above") for level in LEVELS[:-1]],
        )
        self.level.setObjectName("logs.drawer.level")
        self.level.set_value(self._layout.load_text(KEPT_LEVEL) or LEVELS[0])
        for choice in (self.source, self.level):
            choice.setMaximumWidth(220)
            row.addWidget(choice)
        self.count = CutLabel("secondary")
        row.addWidget(self.count, 1)
        self.whole = IconButton(self._theme, "open", "Open in Logs (Enter)")
        self.whole.setObjectName("logs.drawer.whole")
        self.more = IconButton(self._theme, "more", "More: wrap, times, size, copy")
        self.more.setObjectName("logs.drawer.menu")
        self.leave = IconButton(self._theme, "close", "Close the drawer (Esc)")
        self.leave.setObjectName("logs.drawer.close")
        for button in (self.whole, self.more, self.leave):
            row.addWidget(button)
        return head

    def _connect(self) -> None:
        reader = self._reader
        reader.loaded.connect(self._on_loaded)
        reader.older.connect(self._on_older)
        reader.newer.connect(self._on_newer)
        reader.failed.connect(self._on_failed)
        self.source.chosen.connect(self._on_source)
        self.level.chosen.connect(self._on_level)
        self.table.older_wanted.connect(reader.read_older)
        self.table.doubleClicked.connect(self._on_opened)
        self.whole.clicked.connect(self.open_whole)
        self.more.clicked.connect(self.open_menu)
        self.leave.clicked.connect(self.closed)
        for owner, keys, handler in (
            (self.table, "Return", self.open_whole),
            (self.table, "End", self.table.follow),
            (self.table, "Ctrl+C", self.table.copy),
            (self, "Esc", self.closed.emit),
        ):
            add_key(owner, keys, "", handler)

    # reading

    def show_application(self, application: str) -> None:
        """Shows lines about one application; all when it is empty (SH-02)."""
        if application != self._application:
            self._application = application
            self.read()

    def read(self) -> None:
        """Reads the end of what is chosen anew; nothing while it is not seen."""
        if self.isVisible():
            hidden = frozenset(self._names) - {self._source} if self._source in self._names else frozenset()
            self._reader.read(LogFilter(self.level.value(), "", self._application), hidden)

    def _on_loaded(self, loaded: Loaded) -> None:
        first = loaded.names != self._names
        self._names = loaded.names
        options = [(ALL, "All logs"), *((name, title_of(name).capitalize()) for name in loaded.names)]
        self.source.set_options(options, self._source if self._source in loaded.names else ALL)
        if first and self._source in loaded.names:  # now it is known which ones are not wanted
            self.read()
            return
        self.table.show_records(loaded.records)
        self.table.follow()
        self._show_state()

    def _on_older(self, records: list[Record], _exhausted: bool) -> None:
        self.table.add_older(records)
        self._show_state()

    def _on_newer(self, records: list[Record]) -> None:
        self.table.add_newer(records)
        self._show_state()

    def _on_failed(self, sentence: str) -> None:
        self.table.show_records([])
        self._show_state(sentence)

    def _show_state(self, problem: str = "") -> None:
        count = self.table.rows.rowCount()
        self.count.set_text(f"of {self._application}" if count and self._application else "")
        none = "No line matches." if self._names else "No logs yet. The server writes them while it runs."
        self.words.setText(problem or none)
        self._body.setCurrentWidget(self.table if count else self.words)

    def _on_source(self, source: str) -> None:
        self._source = source
        self._layout.save_text(KEPT_SOURCE, "" if source == ALL else source)
        self.read()

    def _on_level(self, level: str) -> None:
        self._layout.save_text(KEPT_LEVEL, level)
        self.read()

    # what the person does

    def _on_opened(self, _index: QPersistentModelIndex) -> None:
        self.open_whole()

    def open_whole(self) -> None:
        """Opens the panel Logs at the line that is chosen; at the last one without."""
        rows = self.table.rows.rows()
        record = self.table.current() or (rows[-1] if rows else None)
        self.moment_wanted.emit(record.moment if record else 0.0, record.log if record else "")

    def open_menu(self) -> None:
        """Opens the menu of the drawer."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fill_display(menu)
        menu.addSeparator()
        menu.addAction("Copy", self.table.copy)
        popup_below(menu, self.more)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._reader.set_shown(True)
        self.seen_changed.emit(True)
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._reader.forget()
        self.table.show_records([])
        self.seen_changed.emit(False)
