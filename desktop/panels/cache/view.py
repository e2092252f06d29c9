"""The panel Cache: stores as cards, keys, a value; sessions beside (UI-CA, wireframe 13.6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import counted, milliseconds, number
from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.cards import EmptyState
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from desktop.widgets.labels import Link
from runtime.admin.cache_keys import PatternProblem, key_matcher

from .actions import CacheActions
from .bars import CardRow, ToolRow, TopBar
from .cards import StoreCard
from .commands import Commands
from .detail import Detail
from .model import (
    SEPARATORS,
    Branch,
    Key,
    Line,
    Snapshot,
    chosen,
    growth_since,
    lines_of,
    members,
    none_words,
    ordered,
    when_words,
)
from .sessions_view import SessionsPage
from .table import APPLICATION, KeysModel, KeysTable, KeysTree, LinesModel

TYPED = 60  # milliseconds after the last key until the filter counts
MANY = 20_000  # keys from which on they are read every 15 s at most
NARROW = 860
FIRST = 65536


class CachePanel(QWidget):
    """Stores and keys of the applications in scope; their sessions as a second page.

    Args:
        theme: where its colours come from.
        caches: reads and changes stores.
        layout: keeps refresh, separator, page.

    Signals:
        said(str, str): level and sentence of a notice.
        start_wanted: start the server.
        guide_wanted: how an application uses the cache.
    """

    title = "Cache"
    said = Signal(str, str)
    start_wanted = Signal()
    guide_wanted = Signal()

    def __init__(
        self, theme: Theme, caches: CacheActions, layout: Layout, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("cache")
        self.setAccessibleName("Cache")
        self._theme, self.caches, self._layout = theme, caches, layout
        self._applications: tuple[str, ...] = ()
        self._order, self._down = "age", False
        self._only = ""
        self._before: tuple[Key, ...] | None = None
        self._growth: dict[tuple[str, str, str], int] = {}
        self._match: Callable[[str], bool] | None = None
        self._opened: set[str] = set()
        self._current: Key | None = None
        self._wanted: tuple[str, str, str] | None = None
        self._took = 0.0
        self._typed = QTimer(self, singleShot=True, interval=TYPED)
        self._typed.setObjectName("cache-filter")
        self._typed.timeout.connect(self._on_typed)
        self._build()
        self.commands = Commands(theme, self)
        self._connect()
        self._add_keys()
        self.bar.refresh.set_value(layout.load_text("cache.refresh", "5"))
        self.separator.set_value(layout.load_text("cache.separator", SEPARATORS[0]))
        self.show_page("cache")
        self.detail.show_nothing("No key is chosen.")
        self._on_editing(False)
        self.show_snapshot(caches.snapshot)

    # building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = TopBar(self._theme)
        column.addWidget(self.bar)
        column.addWidget(hairline())
        keys = QWidget()
        inner = QVBoxLayout(keys)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self.cards = CardRow(self._theme)
        inner.addWidget(self.cards)
        self.tools = ToolRow(self._theme)
        self.form, self.filter, self.separator = self.tools.form, self.tools.filter, self.tools.separator
        self.count, self.quick, self.delete = self.tools.count, self.tools.quick, self.tools.delete
        inner.addWidget(self.tools)
        inner.addWidget(hairline())
        self.model = KeysModel(self)
        self.table = KeysTable(self._theme, self.model)
        self.lines = LinesModel(self)
        self.tree = KeysTree(self._theme, self.lines)
        self.empty = EmptyState(self._theme, "cache", "")
        self.guide = Link(self._theme, "How an application uses the cache")
        self.guide.setObjectName("cache.guide")
        below: Any = self.empty.layout()
        below.insertWidget(below.indexOf(self.empty.words) + 1, self.guide, 0, Qt.AlignmentFlag.AlignHCenter)
        self.lists = QStackedWidget()
        for page in (self.table, self.tree, self.empty):
            self.lists.addWidget(page)
        self.detail = Detail(self._theme, "cache.detail", self.caches.quiet)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("cache.splitter")
        self.splitter.setAccessibleName("Width of the list of keys")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.lists)
        self.splitter.addWidget(self.detail)
        self.splitter.setSizes([720, 340])
        self.splitter.setStretchFactor(0, 1)
        self.splitter.handle(1).setAccessibleName("Edge of the list of keys")
        inner.addWidget(self.splitter, 1)
        self.sessions = SessionsPage(self._theme, self.caches)
        self.pages = QStackedWidget()
        self.pages.addWidget(keys)
        self.pages.addWidget(self.sessions)
        column.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self.caches.changed.connect(self.show_snapshot)
        self.caches.failed.connect(lambda text: self.said.emit("warning", text))
        for id, tab in self.bar.tabs.items():
            tab.clicked.connect(lambda _on=False, name=id: self.show_page(name))
        self.bar.refresh.chosen.connect(self._on_refresh)
        self.bar.now.clicked.connect(self.refresh)
        self.bar.editing.switched.connect(self._on_editing)
        self.filter.textChanged.connect(self._on_filter_text)
        self.form.chosen.connect(self._on_form)
        self.separator.chosen.connect(self._on_separator)
        self.quick["largest"].clicked.connect(lambda: self.order_by("size", True))
        self.quick["oldest"].clicked.connect(lambda: self.order_by("age", True))
        self.quick["growing"].clicked.connect(lambda: self.order_by("growth", True))
        self.delete.clicked.connect(self.commands.delete_matching)
        self.table.head.order_wanted.connect(self.order_by)
        self.table.chosen.connect(self._on_key)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda at: self.commands.open_key_menu(self.table.viewport().mapToGlobal(at))
        )
        self.tree.chosen.connect(self._on_line)
        self.tree.folded.connect(self._on_folded)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(
            lambda at: self.commands.open_key_menu(self.tree.viewport().mapToGlobal(at))
        )
        self.detail.copy_wanted.connect(self.commands.copy_names)
        self.detail.menu_wanted.connect(self.commands.open_key_menu)
        self.detail.whole_wanted.connect(lambda: self._look(4_000_000))
        self.guide.clicked.connect(self.guide_wanted)
        self.sessions.said.connect(self.said)
        self.cards.on_card = self._on_card

    def _on_card(self, card: StoreCard) -> None:
        card.menu_wanted.connect(self.commands.open_store_menu)
        card.start_wanted.connect(self.start_wanted)
        card.help_wanted.connect(self.guide_wanted)

    def _add_keys(self) -> None:
        for owner, keys, words, handler in (
            (self, "F5", "Read the caches again", self.refresh),
            (self.lists, "Del", "Delete what is selected", self.commands.delete_selected),
            (self.lists, "Ctrl+C", "Copy the names that are selected", self.commands.copy_names),
            (self, "Esc", "Clear the filter", self.filter.clear),
        ):
            add_key(owner, keys, words, handler)

    # what tests and commands ask

    def state(self) -> str:
        """One of: loading, rows, none yet, none match."""
        if not self.caches.snapshot.when:
            return "loading"
        if self.model.rowCount():
            return "rows"
        return "none match" if self.caches.snapshot.keys else "none yet"

    def row_count(self) -> int:
        """Keys shown."""
        return self.model.rowCount()

    def visible_filter(self) -> str:
        """Text of the filter."""
        return self.filter.text()

    def focus_filter(self) -> None:
        """Puts the cursor into the filter."""
        (self.filter if self.page() == "cache" else self.sessions.filter).setFocus()

    def page(self) -> str:
        """Which page is shown."""
        return next(id for id, tab in self.bar.tabs.items() if tab.isChecked())

    def applications(self) -> tuple[str, ...]:
        """The applications in scope."""
        return self._applications

    def shown_keys(self) -> list[Key]:
        """The keys that the filter lets through."""
        return list(self.model.rows())

    def selected_keys(self) -> list[Key]:
        """The keys chosen in the list, or those of the branch chosen in the tree."""
        return self.commands.branch_keys() if self.form.value() == "tree" else self.table.selected_keys()

    def only_store(self) -> str:
        """The store that alone is shown; empty for all."""
        return self._only

    # pages and scope

    def show_page(self, id: str) -> None:
        """Shows keys or sessions."""
        for name, tab in self.bar.tabs.items():
            tab.setChecked(name == id)
        self.pages.setCurrentIndex(0 if id == "cache" else 1)
        if id == "sessions" and self.isVisible():
            self.caches.read_sessions()

    def show_applications(self, names: tuple[str, ...]) -> None:
        """Takes the applications in scope."""
        if names == self._applications:
            return
        self._applications = names
        self._before = None
        self.table.setColumnHidden(APPLICATION, len(names) == 1)
        if self.isVisible():
            self.caches.set_applications(names)

    def open_key(self, application: str, store: str, key: str) -> None:
        """Shows one key."""
        self.show_page("cache")
        self.form.set_value("list")
        self._only = ""
        self.filter.clear()
        self._wanted = (application, store, key)
        self._on_form("list")
        self._choose_wanted()

    def _choose_wanted(self) -> None:
        if self._wanted is not None:
            at = self.model.place(self._wanted)
            if at >= 0:
                self._wanted = None
                self.table.choose(at)

    def show_only(self, store: str) -> None:
        """Shows the keys of one store, or of all."""
        self._only = store
        self._show_keys()

    # reading

    def refresh(self) -> None:
        """Reads everything again."""
        self.caches.refresh(again=True)
        if self.page() == "sessions":
            self.caches.read_sessions()

    def _on_refresh(self, seconds: str) -> None:
        self._layout.save_text("cache.refresh", seconds)
        self._set_timer()

    def _set_timer(self) -> None:
        seconds = int(self.bar.refresh.value())
        if len(self.caches.snapshot.keys) > MANY and seconds:
            seconds = max(seconds, 15)
        if self.isVisible() and seconds:
            if self.caches.timer.interval() != seconds * 1000 or not self.caches.timer.isActive():
                self.caches.timer.start(seconds * 1000)
        else:
            self.caches.timer.stop()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows what was read."""
        self.bar.when.setText(f"Read {when_words(snapshot.when)}" if snapshot.when else "")
        self.cards.show_snapshot(snapshot)
        if snapshot.when:
            self._before = snapshot.keys if self._before is None else self._before
            self._growth = {}
        self._show_keys()
        self._follow_current(snapshot)
        self._set_timer()
        self._choose_wanted()

    def _follow_current(self, snapshot: Snapshot) -> None:
        """Show the new value of the key in the details, or that it is gone."""
        key = self._current
        if key is None or not snapshot.when:
            return
        now = next((one for one in snapshot.keys if one.id == key.id), None)
        if now is None:
            self._current = None
            self.detail.show_nothing("The key is gone.")
        elif abs(now.stored - key.stored) > 0.5 or now[:5] != key[:5]:
            self._on_key(now)

    # filter and order

    def _on_filter_text(self, _text: str) -> None:
        self._typed.start()

    def _on_typed(self) -> None:
        try:
            self._match = key_matcher(self.filter.text())
        except PatternProblem as problem:
            self.filter.setToolTip(str(problem))
            self.filter.setAccessibleDescription(str(problem))
            restyle(self.filter, invalid=True)
            self.count.set_text(str(problem))
            return
        self.filter.setToolTip("")
        self.filter.setAccessibleDescription("")
        restyle(self.filter, invalid=False)
        self._show_keys()

    def order_by(self, order: str, down: bool) -> None:
        """Shows the keys in another order."""
        self._order, self._down = order, down
        if order in ("size", "age", "growth") and self.form.value() == "tree":
            self.form.set_value("list")
        self._show_keys()
        self.table.scrollToTop()

    def _show_keys(self) -> None:
        begun = time.perf_counter()
        snapshot = self.caches.snapshot
        stores = members(self._only, (one.name for one in snapshot.stores))
        if self._order == "growth" and not self._growth:
            self._growth = growth_since(self._before or (), snapshot.keys)
        keys = ordered(chosen(snapshot.keys, self._match, stores), self._order, self._down, self._growth)
        self._took = (time.perf_counter() - begun) * 1000
        self.table.head.show_order(self._order, self._down)
        if not self.model.update_rows(keys):
            selected = {key.id for key in self.table.selected_keys()}
            current = self._current.id if self._current is not None else None
            self.model.replace_rows(keys)
            if selected:
                self.table.select_again(selected, current)
        self._show_counts(len(keys), len(snapshot.keys))
        if self.form.value() == "tree":
            self._show_tree()
        self.empty.words.setText(
            none_words(self.state(), self.filter.text(), bool(self._applications), snapshot.serving)
        )
        self.guide.setVisible(self.state() == "none yet")
        wanted = self.tree if self.form.value() == "tree" else self.table
        self.lists.setCurrentWidget(wanted if keys else self.empty)
        self._show_buttons()

    def _show_counts(self, shown: int, total: int) -> None:
        if shown != total:
            self.count.set_text(f"{number(shown)} of {number(total)}  ({milliseconds(self._took)})")
        else:
            self.count.set_text(counted(total, "key"))

    # the tree

    def _on_form(self, _form: str) -> None:
        self._show_keys()
        self.separator.setVisible(self.form.value() == "tree")

    def _on_separator(self, mark: str) -> None:
        self._layout.save_text("cache.separator", mark)
        self._opened.clear()
        self._show_keys()

    def _show_tree(self) -> None:
        line = self.tree.line()
        prefix = line.branch.prefix if line is not None else None
        lines = lines_of(Branch("", self.model.rows()), self._opened, self.separator.value())
        self.lines.show_lines(lines)
        at = next((at for at, one in enumerate(lines) if one.branch.prefix == prefix), -1)
        if at >= 0:
            blocked = self.tree.selectionModel().blockSignals(True)
            self.tree.setCurrentIndex(self.lines.index(at))
            self.tree.selectionModel().blockSignals(blocked)

    def _on_folded(self, prefix: str, opened: bool) -> None:
        (self._opened.add if opened else self._opened.discard)(prefix)
        self._show_tree()

    def _on_line(self, line: Line) -> None:
        keys = line.branch.keys
        self._on_key(keys[0] if len(keys) == 1 and line.open is None else None)
        self._show_buttons()

    # one key

    def _on_key(self, key: Key | None) -> None:
        if key is None:
            if self.form.value() == "tree" or not self.model.rowCount():
                self._current = None
                self.detail.show_nothing("No key is chosen.")
            return
        before = self._current
        same = before is not None and before[:5] == key[:5] and abs(before.stored - key.stored) <= 0.5
        self._current = key
        self.detail.show_key(key, time.time())
        if not same:
            self._look(FIRST)
        self._show_buttons()

    def _look(self, limit: int) -> None:
        key = self._current
        if key is None:
            return

        def on_done(answer: dict[str, Any]) -> None:
            if self._current is not None and self._current.id == key.id:
                self.detail.show_value(answer)

        self.caches.look(key, limit, on_done, self.detail.show_fault)

    # editing

    def _on_editing(self, on: bool) -> None:
        self.sessions.set_editing(on)
        self._show_buttons()

    def _show_buttons(self) -> None:
        on = self.bar.editing.is_on()
        self.delete.setEnabled(on and bool(self.model.rowCount()))
        self.delete.setToolTip("" if on else "Switch editing on first")

    # room and life

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.width() / max(1.0, self._theme.line_height() / 17)
        narrow = width < NARROW
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        for splitter, sizes in ((self.splitter, [720, 340]), (self.sessions.splitter, [640, 330])):
            if splitter.orientation() != wanted:
                splitter.setOrientation(wanted)
                splitter.setSizes([260, 180] if narrow else sizes)
        for button in self.quick.values():
            button.setVisible(not narrow)
        self.bar.refresh_word.setVisible(not narrow)
        self.cards.show_snapshot(self.caches.snapshot)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.separator.setVisible(self.form.value() == "tree")
        self.caches.set_applications(self._applications)
        self.caches.refresh()
        if self.page() == "sessions":
            self.caches.read_sessions()
        self._set_timer()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.caches.timer.stop()
