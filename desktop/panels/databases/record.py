"""The form of one record: fields to read and to edit, links in both directions (DB-04)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import number
from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.fields import Choice, FaultLine
from desktop.widgets.labels import Link, label
from desktop.widgets.log_lines import printable

from .file_row import FileRow
from .model import FILE_KINDS, column_words, is_whole, shown_cell

NULL = "\0null"
LONG = frozenset(("json", "list"))
TALL = 84
TYPED = 400  # milliseconds after the last key until a long text counts


class LongEdit(QPlainTextEdit):
    """A text of several lines; Tab leaves it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setTabChangesFocus(True)
        self.setProperty("field", True)
        self.setFixedHeight(TALL)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.fonts.style("code"))


class FieldRow(QWidget):
    """One field: its value, whether it is NULL, where it leads, what is wrong with it.

    Signals:
        edited(str, object): field and its new text, None for NULL.
        followed(str, str): table and filter of what the field refers to.
        opened(str): never sent; fields for files have it.
    """

    edited = Signal(str, object)
    followed = Signal(str, str)
    opened = Signal(str)

    def __init__(self, theme: Theme, field: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        name = field["name"]
        self._value: Any = None
        self._target = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._typed = QTimer(self, singleShot=True, interval=TYPED)
        self._typed.timeout.connect(self._on_typed)
        self.control = self._make(theme)
        self.control.setObjectName(f"databases.record.{name}")
        self.control.setAccessibleName(name)
        column.addWidget(self.control)
        self.plain: QLineEdit | None = None
        if isinstance(self.control, Choice):  # what can't be chosen now is read, not greyed
            self.plain = QLineEdit()
            self.plain.setReadOnly(True)
            self.plain.setProperty("tool", True)
            self.plain.setAccessibleName(name)
            column.addWidget(self.plain)
        self.link = Link(theme)
        self.link.setObjectName(f"databases.record.{name}.link")
        self.link.hide()
        self.link.clicked.connect(self._follow)
        column.addWidget(self.link)
        self.fault = FaultLine(theme)
        column.addWidget(self.fault)

    def _make(self, theme: Theme) -> QWidget:
        field = self.field
        if field["kind"] == "boolean" or field["choices"]:
            pairs = field["choices"] or [["true", "true"], ["false", "false"]]
            options = [(str(value), printable(words) or str(value)) for value, words in pairs]
            self._options = [*([] if field["notnull"] else [(NULL, "NULL")]), *options]
            choice = Choice(theme, field["name"], self._options)
            choice.chosen.connect(self._on_chosen)
            return choice
        if field["kind"] in LONG or field["type"] == "text":
            edit = LongEdit(theme)
            edit.textChanged.connect(self._typed.start)
            return edit
        line = QLineEdit()
        line.setProperty("tool", True)
        line.textEdited.connect(self._typed.start)
        line.editingFinished.connect(self._on_typed)
        return line

    def show_value(self, value: Any, editable: bool, facts: Mapping[str, Any]) -> None:
        """Shows a cell; facts tell where it leads."""
        self._typed.stop()
        self._value = value
        editable = editable and is_whole(value)
        words = "" if value is None else shown_cell(value)
        control = self.control
        control.blockSignals(True)
        if isinstance(control, Choice):
            known = [*self._options]
            wanted = NULL if value is None else words
            if all(wanted != one for one, _ in known):
                known.append((wanted, words or "NULL" if value is None else words or "empty"))
            control.set_options(known, wanted)
            control.setVisible(editable)
            assert self.plain is not None
            self.plain.setVisible(not editable)
            self.plain.setText(dict(known)[wanted] if value is not None else "")
            self.plain.setPlaceholderText("NULL" if value is None else "empty")
        elif isinstance(control, QPlainTextEdit):
            if control.toPlainText() != words:
                control.setPlainText(words)
            control.setReadOnly(not editable)
            control.setPlaceholderText("NULL" if value is None else "empty")
        elif isinstance(control, QLineEdit):
            if control.text() != words:
                control.setText(words)
            control.setReadOnly(not editable)
            control.setPlaceholderText("NULL" if value is None else "empty")
            control.setCursorPosition(0)
        control.blockSignals(False)
        self._show_link(facts)

    def _show_link(self, facts: Mapping[str, Any]) -> None:
        self._target = facts.get("target") or ""
        if self._target:
            shown = printable(str(facts.get("words") or "")) or shown_cell(self._value)
            self.link.show_link(f"{self._target}: {shown}", self._target)
        self.link.setVisible(bool(self._target))

    def _follow(self) -> None:
        if self._target:
            self.followed.emit(self._target, f"={shown_cell(self._value)}")

    def say(self, fault: str) -> None:
        """Shows what is wrong with the value."""
        self.fault.say(printable(fault))
        restyle(self.control, invalid=bool(fault))
        self.control.setAccessibleDescription(fault)

    def text(self) -> str:
        """What is typed now."""
        if isinstance(self.control, QPlainTextEdit):
            return self.control.toPlainText()
        return self.control.text() if isinstance(self.control, QLineEdit) else ""

    def _on_typed(self) -> None:
        self._typed.stop()
        text = self.text()
        before = "" if self._value is None else shown_cell(self._value)
        if text != before:
            self._value = text
            self.edited.emit(self.field["name"], text)

    def flush(self) -> None:
        """Takes what was typed and not told yet."""
        if self._typed.isActive():
            self._on_typed()

    def _on_chosen(self, value: str) -> None:
        self.edited.emit(self.field["name"], None if value == NULL else value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Backspace makes the value NULL."""
        if event.key() == Qt.Key.Key_Backspace and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            if not self.field["notnull"]:
                self.edited.emit(self.field["name"], None)
            return
        super().keyPressEvent(event)


class RecordForm(QScrollArea):
    """All fields of a record, and links to the records that refer to it.

    Signals:
        edited(str, object): field and its new text, None for NULL.
        table_wanted(str, dict): open a table with these filters.
        file_wanted(str): open an uploaded file.
        file_asked(str), save_asked(str): choose another file for a field, save its file.
    """

    edited = Signal(str, object)
    table_wanted = Signal(str, dict)
    file_wanted = Signal(str)
    file_asked = Signal(str)
    save_asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("databases.record")
        self.setAccessibleName("Record")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows: dict[str, FieldRow | FileRow] = {}
        self._fields: list[Mapping[str, Any]] = []
        self._back: list[Link] = []
        self._inner = QWidget()
        self._inner.setProperty("page", True)
        self._grid = QGridLayout(self._inner)
        self.setWidget(self._inner)

    def show_fields(self, fields: list[Mapping[str, Any]]) -> None:
        """Makes the form for the columns of a table."""
        if fields == self._fields:
            return
        self._fields = fields
        inner = QWidget()
        inner.setProperty("page", True)
        grid = QGridLayout(inner)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.rows = {}
        for at, field in enumerate(fields):
            caption = label(field["name"], "secondary")
            caption.setToolTip(column_words(field))
            caption.setMinimumHeight(self._theme.size("input") - 4)
            row = self._row_of(field)
            caption.setBuddy(row.control)
            row.edited.connect(self.edited)
            row.followed.connect(self._on_followed)
            row.opened.connect(self.file_wanted)
            self.rows[field["name"]] = row
            grid.addWidget(caption, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(row, at, 1)
        self._references = QVBoxLayout()
        self._references.setSpacing(2)
        grid.addLayout(self._references, len(fields), 1)
        grid.setRowStretch(len(fields) + 1, 1)
        self._back = []
        self._inner, self._grid = inner, grid
        self.setWidget(inner)

    def _row_of(self, field: Mapping[str, Any]) -> FieldRow | FileRow:
        if field["kind"] not in FILE_KINDS:
            return FieldRow(self._theme, field)
        row = FileRow(self._theme, field)
        row.chosen.connect(self.file_asked)
        row.saved.connect(self.save_asked)
        return row

    def _on_followed(self, table: str, expression: str) -> None:
        self.table_wanted.emit(table, {"": expression})

    def show_record(
        self, values: Mapping[str, Any], editable: Mapping[str, bool], facts: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Shows values; facts tell for each field where it leads."""
        for name, row in self.rows.items():
            row.show_value(values.get(name), editable.get(name, False), facts.get(name, {}))

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Shows at the fields what is wrong."""
        for name, row in self.rows.items():
            row.say(faults.get(name, ""))

    def show_referring(self, referring: list[Mapping[str, Any]]) -> None:
        """Shows the tables whose records refer to this one."""
        for link in self._back:
            link.hide()
            link.deleteLater()
        self._back = []
        for one in referring:
            count = one["count"]
            words = "not counted" if count is None else number(count)
            link = Link(self._theme, f"{one['table']}.{one['field']}: {words}", one["table"])
            link.setObjectName(f"databases.record.referring.{one['table']}.{one['field']}")
            link.clicked.connect(partial(self.table_wanted.emit, one["table"], {one["field"]: one["filter"]}))
            self._references.addWidget(link)
            self._back.append(link)

    def flush(self) -> None:
        """Takes what was typed and not told yet."""
        for row in self.rows.values():
            row.flush()
