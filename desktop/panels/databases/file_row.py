"""A field of a record that holds a file: what it is, and opening, saving, replacing it (DB-04, DB-05)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.fields import FaultLine
from desktop.widgets.labels import Link
from desktop.widgets.log_lines import printable
from desktop.widgets.value.texts import size_words

from .model import shown_cell


class FileRow(QWidget):
    """One field of a record for an upload, or for bytes.

    Signals:
        edited(str, object): field and None: the person takes the file out.
        followed(str, str): never sent; fields for other values have it.
        opened(str): path of the file.
        chosen(str): another file is wanted for the field.
        saved(str): the file of the field is wanted on this computer.
    """

    edited = Signal(str, object)
    followed = Signal(str, str)
    opened = Signal(str)
    chosen = Signal(str)
    saved = Signal(str)

    def __init__(self, theme: Theme, field: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        name = field["name"]
        self._path = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.control = QLineEdit()
        self.control.setReadOnly(True)
        self.control.setProperty("tool", True)
        self.control.setObjectName(f"databases.record.{name}")
        self.control.setAccessibleName(name)
        column.addWidget(self.control)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.link, self.save = Link(theme, "Open"), Link(theme, "Save as…")
        self.replace, self.remove = Link(theme, "Replace…"), Link(theme, "Take out")
        for link, what in (
            (self.link, "link"), (self.save, "save"), (self.replace, "replace"), (self.remove, "remove"),
        ):  # fmt: skip
            link.setObjectName(f"databases.record.{name}.{what}")
            row.addWidget(link)
        row.addStretch(1)
        column.addLayout(row)
        self.fault = FaultLine(theme)
        column.addWidget(self.fault)
        self.link.clicked.connect(lambda: self.opened.emit(self._path))
        self.save.clicked.connect(lambda: self.saved.emit(name))
        self.replace.clicked.connect(lambda: self.chosen.emit(name))
        self.remove.clicked.connect(lambda: self.edited.emit(name, None))

    def show_value(self, value: Any, editable: bool, facts: Mapping[str, Any]) -> None:
        """Shows what file there is, or will be; facts tell where it is kept."""
        is_new = isinstance(value, dict) and "file" in value
        has_file = bool(value) and not is_new
        stored = has_file and facts.get("stored", self.field["kind"] == "blob")
        self._path = str(facts.get("path") or "") if stored else ""
        words = shown_cell(value) if value not in (None, "") else ""
        if has_file and facts.get("filename"):
            size = f"  {size_words(facts['size'])}" if "size" in facts else ""
            words = f"{facts['filename']}{size}" + ("" if stored else "  (not there)")
        self.control.setText(printable(words))
        self.control.setToolTip(printable(str(value)) if isinstance(value, str) else "")
        self.control.setPlaceholderText("NULL" if value is None else "no file")
        self.control.setCursorPosition(0)
        self.link.setVisible(bool(self._path))
        self.save.setVisible(stored)
        self.replace.setVisible(editable)
        self.replace.show_link("Replace…" if has_file or is_new else "Choose a file…", "")
        self.remove.setVisible(editable and (has_file or is_new) and not self.field["notnull"])

    def say(self, fault: str) -> None:
        """Shows what is wrong with the file."""
        self.fault.say(printable(fault))
        restyle(self.control, invalid=bool(fault))
        self.control.setAccessibleDescription(fault)

    def flush(self) -> None:
        """Nothing is typed here."""
