"""What Translations shows where there are no strings to show: why, and the order that helps."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import BigIcon
from desktop.widgets.labels import label


class Reason(QWidget):
    """Icon, one sentence, at most two orders."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon: BigIcon | None = None
        self.setAccessibleName("Nothing to show")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 24, 24, 24)
        self._column.setSpacing(14)
        self._column.addStretch(2)
        self.words = label("", "secondary", wrap=True, name="translations.reason")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setFixedWidth(420)
        self._column.addWidget(self.words, 0, Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        holder = QWidget()
        holder.setLayout(self._buttons)
        self._column.addWidget(holder, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(3)
        self.shown: tuple[object, ...] = ()

    def show_reason(self, icon: str, sentence: str, actions: list[QAction]) -> None:
        """Sets icon, sentence and buttons; the first button is the next step."""
        if (icon, sentence, *actions) == self.shown:
            return
        self.shown = (icon, sentence, *actions)
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
        self._icon = BigIcon(self._theme, icon)
        self._column.insertWidget(1, self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        self.words.setText(sentence)
        self.words.setMinimumHeight(self.words.heightForWidth(self.words.width()))
        while self._buttons.count():
            old = self._buttons.takeAt(0).widget()
            old.hide()
            old.deleteLater()
        for at, action in enumerate(actions):
            button = Button(self._theme, action.iconText(), "secondary" if at else "primary")
            button.setObjectName(f"reason.{action.objectName()}")
            button.clicked.connect(action.trigger)
            self._buttons.addWidget(button)
