"""The current row: its record, the value of its cell, what others have in its column (DB-04)."""

from __future__ import annotations

import base64
from typing import Any

from PySide6.QtCore import QObject

from desktop.widgets.value.view import Value

from .details import Details
from .grid import RowsGrid
from .model import FILE_KINDS, is_whole
from .session import TableSession

WHOLE = 65536


class OpenedRow(QObject):
    """Shows the current row in the pane beside the rows, and takes what is edited there.

    Args:
        session: the table.
        grid: tells the current cell.
        details: the pane.
    """

    def __init__(self, session: TableSession, grid: RowsGrid, details: Details, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._grid, self._details = session, grid, details
        self.id = ""
        self._facts: dict[str, Any] = {}
        grid.cell_chosen.connect(self.show_cell)
        details.shown.connect(self.show_tab)
        details.record.edited.connect(self.change)
        details.value.whole_wanted.connect(lambda: self._read_value(16_000_000))
        session.recorded.connect(self._on_record)

    def clear(self) -> None:
        """Another table is opened."""
        self.id, self._facts = "", {}
        self._details.record.show_fields(self._session.rows.fields)
        self._details.record.show_referring([])
        self._details.value.show_value(Value(null=True))
        self._details.facets.show_facet("", [], "Choose a column to see its most frequent values.")

    def show_cell(self, at: int, column: int) -> None:
        """Another cell is the current one."""
        id = self._session.rows.id(at)
        if id != self.id:
            self._details.record.flush()
            self.id = id
            self._show_record({})
            self._details.record.show_referring([])
            self._session.read_record(at)
        tab = self._details.tab()
        if tab == "value":
            self._show_value(at, column)
        elif tab == "facets":
            self._session.read_facet(self._session.rows.fields[column]["name"])

    def show_tab(self, tab: str) -> None:
        """Another page is shown, or what it shows may have changed."""
        index = self._grid.currentIndex()
        if not self._session.place.table:
            return
        if tab == "structure":
            self._session.read_structure()
        elif tab == "facets" and index.isValid():
            self._session.read_facet(self._session.rows.fields[index.column()]["name"])
        elif tab == "value" and index.isValid():
            self._show_value(index.row(), index.column())

    def read_again(self) -> None:
        """Reads the record anew: it was written, or the rows were read again."""
        at = self._session.rows.place_of(self.id) if self.id else -1
        if at >= 0:
            self._session.read_record(at)

    def show_again(self) -> None:
        """Shows the record again: it was changed, or may be changed now."""
        self._show_record(self._facts)

    def _show_record(self, facts: dict[str, Any]) -> None:
        rows = self._session.rows
        at = rows.place_of(self.id) if self.id else -1
        change = self._session.changes.of(self.id)
        changed = dict(change.values) if change is not None else {}
        values: dict[str, Any] = {}
        editable: dict[str, bool] = {}
        for column, field in enumerate(rows.fields):
            name = field["name"]
            read = facts.get(name, {}).get("value", rows.value(at, name) if at >= 0 else None)
            values[name] = changed.get(name, read)
            is_file = field["kind"] in FILE_KINDS
            whole = (is_whole(read) or is_file) and at >= 0
            editable[name] = rows.can_edit and whole and (rows.editable(at, column) or name in facts)
            if is_file and at >= 0:
                editable[name] = rows.can_edit and (rows.row(at) is None or name in facts)
            if field["type"] == "id" or field["computed"]:
                editable[name] = False
        if change is not None and change.do == "delete":
            editable = dict.fromkeys(editable, False)
        self._facts = facts
        self._details.record.show_record(values, editable, facts)
        self.show_faults()

    def _on_record(self, id: str, record: dict[str, Any]) -> None:
        if id == self.id:
            self._show_record(record["fields"])
            self._details.record.show_referring(record["referenced_by"])

    def file_name(self, name: str) -> str:
        """The name that the file of a field had when it was uploaded; the field's where that is not known."""
        return str(self._facts.get(name, {}).get("filename") or name)

    def change(self, name: str, text: Any) -> None:
        """Gives a field of the record a new text, None for NULL, or a file as ``{"file": path}``."""
        rows, changes = self._session.rows, self._session.changes
        at = rows.place_of(self.id)
        if at < 0 or not self._session.rows.can_edit:
            return
        row = rows.row(at)
        if row is None:
            changes.set_new_cell(self.id, name, text)
            return
        old = self._facts.get(name, {}).get("value", rows.value(at, name))
        if is_whole(old) or "bytes" in old:
            changes.set_cell(row.key, name, text, old)

    def _show_value(self, at: int, column: int) -> None:
        rows = self._session.rows
        value = rows.value(at, rows.fields[column]["name"])
        if value is None:
            self._details.value.show_value(Value(null=True))
        elif isinstance(value, str):
            self._details.value.show_value(Value(text=value, size=len(value)))
        else:
            self._read_value(WHOLE)

    def _read_value(self, most: int) -> None:
        index = self._grid.currentIndex()
        if index.isValid():
            name = self._session.rows.fields[index.column()]["name"]
            self._session.read_value(index.row(), name, most, self._on_value)

    def _on_value(self, answer: dict[str, Any]) -> None:
        data = base64.b64decode(answer["base64"]) if "base64" in answer else None
        self._details.value.show_value(
            Value(text=answer.get("text"), data=data, size=answer["size"], null=answer["null"])
        )

    def show_faults(self) -> None:
        """Shows at the fields what was refused."""
        faults = self._session.changes.faults
        own = {name: text for (id, name), text in faults.items() if id == self.id}
        self._details.record.show_faults(own)
