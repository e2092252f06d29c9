"""The sheet of keys: what each shortcut does here (SH-20)."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.labels import label

from .actions import Actions, keys_of
from .questions import BARE_DIALOG


class KeysSheet(QDialog):
    """All actions that have keys, by group."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("keys")
        self.setWindowTitle("Keys")
        self.setAccessibleName("Keys")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowFlags(BARE_DIALOG)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(8)
        column.addWidget(label("Keys", "title"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(6)
        entries = [entry for entry in actions if keys_of(entry.action)]
        row = 0
        for group, members in groupby(
            sorted(entries, key=lambda entry: entry.group), lambda entry: entry.group
        ):
            head = label(group, "caption")
            head.setContentsMargins(0, 8, 0, 0)
            grid.addWidget(head, row, 0, 1, 2)
            row += 1
            for entry in members:
                grid.addWidget(label(entry.action.text().rstrip("…")), row, 0)
                keys = label(keys_of(entry.action), "secondary")
                grid.addWidget(keys, row, 1, Qt.AlignmentFlag.AlignRight)
                row += 1
        column.addLayout(grid)
        close = Button(theme, "Close")
        close.setObjectName("keys.close")
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        close.setFocus()
