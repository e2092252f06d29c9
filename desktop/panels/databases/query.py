"""The query box: a pydal query or SQL that reads, with history, completion, a time limit, Cancel (DB-07)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import counted, milliseconds
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import FaultLine
from desktop.widgets.grid_parts import CellFacts, FactsModel, GridDelegate, GridHead, Index, fitting_width
from desktop.widgets.labels import label
from desktop.widgets.log_lines import printable
from desktop.widgets.value.texts import CodeText

from .model import shown_cell

LIMIT = 2.0  # seconds, unless the person wants to wait
KEPT = 50
ROOT = QModelIndex()


class QueryEdit(QPlainTextEdit):
    """Where a query is typed: Ctrl+Return runs it, Alt+Up brings back earlier ones, names are completed.

    Signals:
        run_wanted: Ctrl+Return was pressed.
    """

    run_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("databases.query.text")
        self.setAccessibleName("Query")
        self.setPlaceholderText("db.thing.price > 10   or   SELECT …      Ctrl+Return runs it")
        self.setTabChangesFocus(True)
        self.setFixedHeight(88)
        self.setProperty("field", True)
        self.history: list[str] = []
        self._at = 0
        self.names = QStringListModel(self)
        self.completer = QCompleter(self.names, self)
        self.completer.setWidget(self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._popup().setAccessibleName("Names that complete the word")
        self.completer.activated.connect(self._complete)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _popup(self) -> QAbstractItemView:
        popup = self.completer.popup()
        assert popup is not None
        return popup

    def _restyle(self) -> None:
        self.setFont(self._theme.fonts.style("code"))

    def word(self) -> str:
        """The word before the cursor, with the names and dots that lead to it."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        at = len(before)
        while at and (before[at - 1].isalnum() or before[at - 1] in "_."):
            at -= 1
        return before[at:]

    def _complete(self, name: str) -> None:
        cursor = self.textCursor()
        for _ in range(len(self.word())):
            cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(name)
        self.setTextCursor(cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = event.key(), event.modifiers()
        popup = self._popup()
        if popup.isVisible() and key in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Escape,
            Qt.Key.Key_Tab,
        ):
            event.ignore()  # the list's
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and held & Qt.KeyboardModifier.ControlModifier:
            self.run_wanted.emit()
            return
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and held & Qt.KeyboardModifier.AltModifier:
            self.step(-1 if key == Qt.Key.Key_Up else 1)
            return
        super().keyPressEvent(event)
        if event.text().strip() or key == Qt.Key.Key_Backspace:
            self._offer()

    def _offer(self) -> None:
        word = self.word()
        if len(word) < 2:
            self._popup().hide()
            return
        self.completer.setCompletionPrefix(word)
        if self.completer.completionCount() and self.completer.currentCompletion() != word:
            rect = self.cursorRect()
            rect.setWidth(320)
            self.completer.complete(rect)
        else:
            self._popup().hide()

    def remember(self, text: str) -> None:
        """Adds a query to the history, newest last."""
        self.history = [*[one for one in self.history if one != text], text][-KEPT:]
        self._at = len(self.history)

    def step(self, by: int) -> None:
        """Shows an earlier or later query of the history."""
        if self.history:
            last = len(self.history) - 1
            self._at = max(0, min(last, self._at + by))
            if self.history[self._at] == self.toPlainText().strip():
                self._at = max(0, min(last, self._at + by))
            self.setPlainText(self.history[self._at])
            self.moveCursor(QTextCursor.MoveOperation.End)


class ResultModel(FactsModel):
    """Rows of an answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: list[str] = []
        self._rows: list[list[Any]] = []

    def show_rows(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Replaces everything."""
        self.beginResetModel()
        self._columns, self._rows = list(columns), [list(row) for row in rows]
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return printable(self._columns[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self._rows[index.row()][index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return printable(shown_cell(cell))
        return None

    def cell_facts(self, row: int, column: int) -> CellFacts:
        """What is painted in a cell."""
        cell = self._rows[row][column]
        ink = "text.placeholder" if cell is None else "text.primary"
        return CellFacts(printable(shown_cell(cell)), ink=ink)


class QueryPage(QWidget):
    """The box, its answer, and what went wrong.

    Signals:
        asked(str, float): run this, within so many seconds; 0 for no limit.
        cancelled: call it off.
        history_changed(str): the history as a text to keep.
    """

    asked = Signal(str, float)
    cancelled = Signal()
    history_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 0)
        column.setSpacing(6)
        self.edit = QueryEdit(theme)
        column.addWidget(self.edit)
        row = QHBoxLayout()
        self.run = Button(theme, "Run", "primary", "play", small=True)
        self.run.setObjectName("databases.query.run")
        self.unlimited = Button(theme, "Run without limit", "secondary", small=True)
        self.unlimited.setObjectName("databases.query.unlimited")
        self.cancel = Button(theme, "Cancel", "secondary", small=True)
        self.cancel.setObjectName("databases.query.cancel")
        self.words = label("", "secondary")
        for widget in (self.run, self.unlimited, self.cancel):
            row.addWidget(widget)
        row.addWidget(self.words, 1)
        column.addLayout(row)
        self.fault = FaultLine(theme)
        column.addWidget(self.fault)
        self.model = ResultModel(self)
        self.table = QTableView()
        self.table.setObjectName("databases.query.result")
        self.table.setAccessibleName("Result")
        self.table.setHorizontalHeader(GridHead(theme, self.table))
        self.table.setModel(self.model)
        self.table.setItemDelegate(GridDelegate(theme, self.table))
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.size("row"))
        self.single = CodeText(theme, "Result")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.single)
        column.addWidget(self._pages, 1)
        self.run.clicked.connect(self.ask)
        self.edit.run_wanted.connect(self.ask)
        self.unlimited.clicked.connect(lambda: self._ask(0.0))
        self.cancel.clicked.connect(self.cancelled)
        self.set_running(False)
        self.unlimited.hide()

    def show_history(self, text: str) -> None:
        """Takes the history that was kept."""
        try:
            found = json.loads(text) if text else []
        except ValueError:
            found = []
        for one in found:
            self.edit.remember(str(one))

    def show_names(self, answer: Mapping[str, Any]) -> None:
        """Takes the names that complete words."""
        self.edit.names.setStringList(sorted({*answer["names"], *answer["sql"]}))

    def ask(self) -> None:
        """Runs what is typed."""
        self._ask(LIMIT)

    def _ask(self, limit: float) -> None:
        text = self.edit.toPlainText().strip()
        if text:
            self.edit.remember(text)
            self.history_changed.emit(json.dumps(self.edit.history))
            self.set_running(True)
            self.asked.emit(text, limit)

    def set_running(self, running: bool) -> None:
        """Shows that a query runs, or not."""
        self.run.setEnabled(not running)
        self.cancel.setVisible(running)
        if running:
            self.unlimited.hide()
            self.fault.say("")
            self.words.setText("Running…")

    def show_answer(self, answer: Mapping[str, Any]) -> None:
        """Shows rows, or one value."""
        self.set_running(False)
        text = answer.get("text")
        took = milliseconds(answer["seconds"] * 1000)
        if text is not None:
            self.single.setPlainText(text)
            self._pages.setCurrentWidget(self.single)
            self.words.setText(took)
            return
        self.model.show_rows(answer["columns"], answer["rows"])
        for at, name in enumerate(answer["columns"]):
            cells = [printable(shown_cell(row[at])) for row in answer["rows"][:40]]
            self.table.setColumnWidth(at, fitting_width(self._theme, name, cells) + (14 if at == 0 else 0))
        self._pages.setCurrentWidget(self.table)
        more = ", there are more" if answer["more"] else ""
        self.words.setText(f"{counted(len(answer['rows']), 'row')}{more}, {took}")

    def show_fault(self, text: str, late: bool) -> None:
        """Shows why there is no answer; `late`: its time was over."""
        self.set_running(False)
        self.words.setText("")
        self.fault.say(printable(text))
        self.unlimited.setVisible(late)
