"""Sessions of visitors: list, age, size, what they hold, ending one or all (DESK-17, SESS-19)."""

from __future__ import annotations

import time

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import counted
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import EmptyState
from desktop.widgets.grid_parts import ORDER_ROLE, CellFacts, FactsModel, GridDelegate, GridHead, Index
from desktop.widgets.keys import add_key
from desktop.widgets.labels import label
from desktop.widgets.log_lines import printable
from desktop.widgets.value.texts import size_words

from .actions import CacheActions
from .detail import Detail
from .model import Session, age_words

HEADS = ("Session", "Visitor", "Application", "Kept in", "Size", "Used")
ORDERS = ("id", "client", "application", "kind", "size", "age")
ROOT = QModelIndex()
_KEYS = {
    "id": lambda one: one.id, "client": lambda one: (one.client, one.age),
    "application": lambda one: one.application, "kind": lambda one: one.kind, "size": lambda one: one.size,
    "age": lambda one: one.age if one.age >= 0 else float("inf"),
}  # fmt: skip


class SessionsModel(FactsModel):
    """Sessions as they were filtered and ordered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sessions: list[Session] = []

    def set_sessions(self, sessions: list[Session]) -> None:
        """Replaces all sessions."""
        self.beginResetModel()
        self.sessions = sessions
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.sessions)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        return ORDERS[section] if role == ORDER_ROLE else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        text = self._text(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return f"{HEADS[index.column()]}: {text}" if role == Qt.ItemDataRole.AccessibleTextRole else None

    def _text(self, row: int, column: int) -> str:
        one, now = self.sessions[row], time.time()
        used = age_words(now - one.age, now) if one.age >= 0 else "not known"
        return printable((one.id, one.client, one.application, one.kind, size_words(one.size), used)[column])

    def cell_facts(self, row: int, column: int) -> CellFacts:
        """What is painted in a cell."""
        ink = "text.primary" if column < 2 else "text.secondary"
        return CellFacts(self._text(row, column), ink=ink, code=column == 0)


class SessionsPage(QWidget):
    """The list and one session in detail.

    Args:
        theme: where its colours come from.
        caches: reads and ends sessions.

    Signals:
        said(str, str): level and sentence of a notice.
    """

    said = Signal(str, str)

    def __init__(self, theme: Theme, caches: CacheActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._caches = theme, caches
        self._all: list[Session] = []
        self._editing = False
        self._order, self._down = "age", False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        self.filter = QLineEdit()
        self.filter.setObjectName("cache.sessions.filter")
        self.filter.setProperty("tool", True)
        self.filter.setPlaceholderText("Address, id or application")
        self.filter.setAccessibleName("Filter of the sessions")
        self.filter.setMaximumWidth(320)
        self.filter.setClearButtonEnabled(True)
        self.count = label("", "secondary", name="cache.sessions.count")
        self.end = Button(theme, "End session…", "secondary", small=True)
        self.end.setObjectName("cache.sessions.end")
        self.end_all = Button(theme, "End all shown…", "danger", small=True)
        self.end_all.setObjectName("cache.sessions.end_all")
        row.addWidget(self.filter, 1)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.end)
        row.addWidget(self.end_all)
        column.addLayout(row)
        self.note = label("", "hint", wrap=True, name="cache.sessions.note")
        self.note.setContentsMargins(16, 0, 16, 8)
        self.note.hide()
        column.addWidget(self.note)
        self.model = SessionsModel(self)
        self.table = QTableView()
        self.table.setObjectName("cache.sessions.table")
        self.table.setAccessibleName("Sessions")
        self.head = GridHead(theme, self.table)
        self.table.setHorizontalHeader(self.head)
        self.table.setModel(self.model)
        self.table.setItemDelegate(GridDelegate(theme, self.table))
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setMouseTracking(True)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for at, width in enumerate((0, 130, 110, 90, 80, 90)):
            if width:
                self.table.setColumnWidth(at, width)
        self.empty = EmptyState(theme, "mark-clock", "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.empty)
        self.detail = Detail(theme, "cache.session", caches.quiet)
        self.detail.more.hide()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setAccessibleName("Width of the list of sessions")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._pages)
        self.splitter.addWidget(self.detail)
        self.splitter.setSizes([640, 330])
        self.splitter.setStretchFactor(0, 1)
        self.splitter.handle(1).setAccessibleName("Edge of the list of sessions")
        column.addWidget(self.splitter, 1)
        self._connect()
        self.detail.show_nothing("No session is chosen.")
        self._measure()
        self._show()

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._show)
        self.head.order_wanted.connect(self._on_order)
        self.table.selectionModel().currentRowChanged.connect(self._on_current)
        self.table.selectionModel().selectionChanged.connect(self._show_buttons)
        self.end.clicked.connect(lambda: self.ask_end(self.selected()))
        self.end_all.clicked.connect(lambda: self.ask_end(self.model.sessions))
        self.detail.copy_wanted.connect(self._copy)
        self._caches.sessions_changed.connect(self.show_sessions)
        self._theme.changed.connect(self._measure)
        add_key(self, "Del", "", lambda: self.ask_end(self.selected()))

    def _measure(self) -> None:
        row = self._theme.size("row")
        self.table.verticalHeader().setMinimumSectionSize(row)
        self.table.verticalHeader().setDefaultSectionSize(row)
        self.head.setFixedHeight(row)

    def set_editing(self, on: bool) -> None:
        """May sessions be ended?"""
        self._editing = on
        self._show_buttons()

    def show_sessions(self, sessions: list[Session], note: str) -> None:
        """Takes all sessions, and a sentence about those that can't be listed."""
        self._all = sessions
        self.note.setText(printable(note))
        self.note.setVisible(bool(note))
        self._show()

    def selected(self) -> list[Session]:
        """The sessions chosen."""
        places = sorted(one.row() for one in self.table.selectionModel().selectedRows())
        return [self.model.sessions[at] for at in places]

    def _on_order(self, order: str, down: bool) -> None:
        self._order, self._down = order, down
        self._show()

    def _show(self, _text: str = "") -> None:
        wanted = self.filter.text().strip().casefold()
        found = [one for one in self._all if wanted in f"{one.id} {one.client} {one.application}".casefold()]
        found.sort(key=_KEYS[self._order], reverse=self._down)
        self.head.show_order(self._order, self._down)
        current = self.table.currentIndex()
        kept = self.model.sessions[current.row()].id if current.isValid() else ""
        self.model.set_sessions(found)
        place = next((at for at, one in enumerate(found) if one.id == kept), -1)
        if place >= 0:
            self.table.selectRow(place)
        total = counted(len(self._all), "session")
        self.count.setText(f"{len(found)} of {total}" if wanted else total)
        none = (
            "No session matches the filter."
            if wanted
            else ("No sessions. One begins when an application keeps something for a visitor.")
        )
        self.empty.words.setText(none)
        self._pages.setCurrentWidget(self.table if found else self.empty)
        if place < 0:
            self.detail.show_nothing("No session is chosen.")
        self._show_buttons()

    def _show_buttons(self) -> None:
        reason = "" if self._editing else "Switch editing on first"
        self.end.setEnabled(self._editing and bool(self.selected()))
        self.end_all.setEnabled(self._editing and bool(self.model.sessions))
        for button in (self.end, self.end_all):
            button.setToolTip(reason)

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not current.isValid() or current.row() >= len(self.model.sessions):
            return
        session = self.model.sessions[current.row()]
        self.detail.show_session(session)
        self._caches.look_at_session(session, self.detail.show_value, self.detail.show_fault)

    def ask_end(self, sessions: list[Session]) -> None:
        """Asks with the number of visitors, then ends sessions."""
        if not sessions or not self._editing:
            return
        wanted = list(sessions)
        visitors = counted(len(wanted), "visitor")
        verb = f"End {counted(len(wanted), 'session')}"
        text = f"{visitors} will be logged out and lose what was kept for them. This can't be undone."
        answers = [Answer("stay", "Cancel", "primary"), Answer("end", verb, "danger")]
        question = Question(self._theme, f"{verb}?", text, answers, parent=self)

        def on_answer(answer: str, _ticked: bool) -> None:
            if answer == "end":
                self._caches.expire(wanted, self._on_ended)

        question.answered.connect(on_answer)
        question.open()

    def _on_ended(self, count: int) -> None:
        self.said.emit("done", f"Ended {counted(count, 'session')}.")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.detail.name.whole())
