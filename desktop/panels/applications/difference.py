"""A difference in a sheet, with colours."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.theme import Theme
from desktop.widgets.sheets import Sheet

from .editor.code_edit import CodeEdit
from .editor.languages import LANGUAGES


class DifferenceSheet(Sheet):
    """What is different between two texts."""

    def __init__(self, theme: Theme, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "applications.difference", title, "", parent)
        self.text = CodeEdit(theme)
        self.text.setAccessibleName("Difference")
        self.text.setReadOnly(True)
        self.text.show_text(text or "There is no difference.", LANGUAGES["diff"])
        self.column.addWidget(self.text, 1)
        self.verb = self.add_verbs("Close", cancel="")
        self.verb.clicked.connect(self.accept)
        self.resize(860, 560)
        self.text.setFocus()
