"""Files of the current record: chosen to take the place of another, saved on this computer (DB-04, DB-05)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from desktop.widgets.value.texts import size_words

if TYPE_CHECKING:
    from .view import DatabasesPanel


class FileOrders(QObject):
    """What a person can ask of the file of a field.

    Args:
        panel: tells the current record.
    """

    def __init__(self, panel: DatabasesPanel) -> None:
        super().__init__(panel)
        self._panel = panel

    def choose(self, name: str) -> None:
        """Asks for a file for a field."""
        dialog = QFileDialog(self._panel, f"File for {name}")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.take(name, path))
        dialog.open()

    def take(self, name: str, path: str) -> None:
        """Makes a file the new content of a field; it is read and stored with the row, by *Write*."""
        self._panel.opened.change(name, {"file": path})

    def choose_target(self, name: str) -> None:
        """Asks where to save the file of a field."""
        dialog = QFileDialog(self._panel, f"Save the file of {name}", self._panel.opened.file_name(name))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.save(name, path))
        dialog.open()

    def save(self, name: str, path: str) -> None:
        """Writes the file of a field to a path of this computer."""
        panel, session = self._panel, self._panel.session
        row = session.rows.row(session.rows.place_of(panel.opened.id))
        if row is None or not row.key:
            return

        def on_done(answer: dict[str, Any]) -> None:
            panel.say_done(f"{Path(path).name} is saved, {size_words(answer['size'])}.")

        session.actions.work(
            "save_file", session.place, f"Saving {Path(path).name}", on_done, panel.say_problem,
            owner=self, row=list(row.key), field=name, path=path,
        )  # fmt: skip
