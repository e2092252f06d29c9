"""Asks what to replace in translations, and by what (TR-13)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Labelled
from desktop.widgets.labels import label

from .model import Query


class ReplaceSheet(QDialog):
    """Two fields and two switches.

    Signals:
        given(Query, str): what to find and what to put there.
    """

    given = Signal(object, str)

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("translations.replace.sheet")
        self.setWindowTitle("Replace in translations")
        self.setAccessibleName("Replace in translations")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("Replace in translations", "title"))
        self.wanted = QLineEdit(text)
        self.wanted.setObjectName("translations.replace.find")
        self.by = QLineEdit()
        self.by.setObjectName("translations.replace.by")
        column.addWidget(Labelled(theme, "Find in the translations of this list", self.wanted))
        column.addWidget(Labelled(theme, "Replace by", self.by))
        self.regex = QCheckBox("Regular expression")
        self.case = QCheckBox("Match case")
        self.case.setChecked(True)
        column.addWidget(self.regex)
        column.addWidget(self.case)
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = Button(theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self.apply = Button(theme, "Show what changes", "primary")
        self.apply.setObjectName("translations.replace.apply")
        self.apply.clicked.connect(self.give)
        row.addWidget(cancel)
        row.addWidget(self.apply)
        column.addLayout(row)
        self.wanted.textChanged.connect(self._on_find)
        self.wanted.returnPressed.connect(self.give)
        self.by.returnPressed.connect(self.give)
        self.setMinimumWidth(420)
        self._on_find(text)

    def _on_find(self, text: str) -> None:
        self.apply.setEnabled(bool(text))

    def give(self) -> None:
        """Takes what was typed."""
        if self.wanted.text():
            query = Query(self.wanted.text(), self.regex.isChecked(), self.case.isChecked())
            self.given.emit(query, self.by.text())
            self.accept()
