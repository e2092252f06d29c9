"""What Translations shows where there are no strings to show: why, and the order that helps."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.shell.actions import Actions
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import BigIcon
from desktop.widgets.labels import label

from .languages_view import LanguagesTable
from .session import Session

LANGUAGE_ORDERS = ("add_language", "duplicate_language", "rename_language", "delete_language")


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
            item = self._buttons.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        for at, action in enumerate(actions):
            button = Button(self._theme, action.iconText(), "secondary" if at else "primary")
            button.setObjectName(f"reason.{action.objectName()}")
            button.clicked.connect(action.trigger)
            self._buttons.addWidget(button)


class LanguagesPage(QWidget):
    """The languages with the orders for them above."""

    def __init__(
        self, theme: Theme, actions: Actions, table: LanguagesTable, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(4)
        for name in LANGUAGE_ORDERS:
            action = actions.get(f"translations.{name}")
            first = name == LANGUAGE_ORDERS[0]
            kind, icon = ("secondary", "plus") if first else ("quiet", "")
            button = Button(theme, action.iconText(), kind, icon, small=True)
            button.setObjectName(f"translations.{name}")
            button.clicked.connect(action.trigger)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(table, 1)


def why_nothing(session: Session) -> tuple[str, str, tuple[str, ...]]:
    """Icon, sentence and the orders that help, where there are no strings and no languages to show."""
    if session.problem:
        sentence = f"{session.problem}\n\nNothing is written to it until it can be read again."
        return "warning-outline", sentence, ("open_as_text", "reload")
    if session.applications is None or (session.application is not None and session.languages is None):
        return "translations", "Looking for languages", ()
    if session.application is None:
        sentence = f"There is no application in {session.site}. Choose another site folder in Overview."
        return "apps", sentence, ()
    name = session.application.name
    sentence = f"{name} has no languages yet. Adding one takes every string marked with T in its sources."
    return "translations", sentence, ("add_language",)
