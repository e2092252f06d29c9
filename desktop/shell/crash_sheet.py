"""The sheet with the report about a run that did not end well (SH-16)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.sheets import Sheet
from desktop.widgets.value.texts import CodeText, harmless

COPIED_MS = 1500
SENTENCE = "This report stays on this computer: nothing was sent. Passwords and other secrets are left out."


class CrashSheet(Sheet):
    """The report, to be read, copied, saved or found in its folder.

    Args:
        theme: where its colours come from.
        text: the report.
        save: writes the report into a file.
        open_folder: opens the folder of the reports.
    """

    def __init__(
        self,
        theme: Theme,
        text: str,
        save: Callable[[Path], None],
        open_folder: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "crash", "Hadron stopped unexpectedly", SENTENCE, parent)
        self._save = save
        self.text = CodeText(theme, "Report")
        self.text.setPlainText(harmless(text))
        self.column.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.setSpacing(4)
        self.copy = self._add(row, "copy", "Copy", self._copy)
        self._add(row, "save", "Save…", self.choose)
        self._add(row, "folder", "Open folder", open_folder)
        row.addStretch(1)
        self._add(row, "close", "Close", self.accept, "primary").setFocus()
        self.column.addLayout(row)
        self.set_room(780, 560)

    def _add(
        self, row: QHBoxLayout, name: str, text: str, do: Callable[[], object], kind: str = "secondary"
    ) -> Button:
        button = Button(self.theme, text, kind)
        button.setObjectName(f"crash.{name}")
        button.clicked.connect(do)
        row.addWidget(button)
        return button

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")
        QTimer.singleShot(COPIED_MS, self.copy, lambda: self.copy.setText("Copy"))

    def choose(self) -> None:
        """Asks where the report is to be saved."""
        dialog = QFileDialog(self, "Save the report", "hadron-report.txt", "Text (*.txt)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda path: self._save(Path(path)))
        dialog.open()
