"""What sheets share: title, a column of controls, a row of verbs; they never block."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.theme import Theme

from .buttons import Button
from .labels import label

USUAL_LINE = 17  # pixels of a line of text at 100 %


class Sheet(QDialog):
    """A sheet over the window; the answer comes by a signal of the subclass.

    Args:
        theme: where its colours come from.
        name: its object name; controls get names below it.
        title: what it is about.
        words: a sentence below the title.
    """

    def __init__(
        self, theme: Theme, name: str, title: str, words: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName(name)
        self.setProperty("sheet", True)
        self.setWindowTitle(title)
        self.setAccessibleName(title.rstrip("…"))
        self.setAccessibleDescription(words)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 18)
        self.column.setSpacing(12)
        self.column.addWidget(label(title, "title"))
        self.words = label(words, "secondary", wrap=True)
        self.words.setVisible(bool(words))
        self.column.addWidget(self.words)
        self.setMinimumWidth(460)
        self._room: QSize | None = None
        theme.changed.connect(self._take_room)

    def set_room(self, width: int, height: int) -> None:
        """Takes so many pixels, more at a larger size of text, but not more than the window."""
        self._room = QSize(width, height)
        self._take_room()

    def _take_room(self) -> None:
        if self._room is None:
            return
        size = self._room * max(1.0, self.theme.line_height() / USUAL_LINE)
        parent = self.parentWidget()
        if parent is not None:
            size = size.boundedTo(parent.window().size())
        self.resize(size.expandedTo(self._room))

    def add_verbs(self, verb: str, kind: str = "primary", cancel: str = "Cancel") -> Button:
        """Adds the row of buttons at the end; returns the one that does it, alone without `cancel`."""
        row = QHBoxLayout()
        row.addStretch(1)
        stay, do = Button(self.theme, cancel), Button(self.theme, verb, kind)
        stay.setObjectName(f"{self.objectName()}.cancel")
        do.setObjectName(f"{self.objectName()}.do")
        stay.clicked.connect(self.reject)
        stay.setVisible(bool(cancel))
        row.addWidget(stay)
        row.addWidget(do)
        self.column.addStretch(0)
        self.column.addLayout(row)
        return do
