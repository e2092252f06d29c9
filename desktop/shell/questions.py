"""Questions as sheets that never block: the answer comes by signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.labels import label

BARE_DIALOG = (
    Qt.WindowType.Dialog
    | Qt.WindowType.CustomizeWindowHint
    | Qt.WindowType.WindowTitleHint
    | Qt.WindowType.WindowCloseButtonHint
)
"""A sheet is answered or closed, not minimized or maximized."""


@dataclass(frozen=True)
class Answer:
    """One way out of a question."""

    id: str
    text: str
    kind: str = "secondary"


class Question(QDialog):
    """A sheet with a sentence and two or three verbs.

    Args:
        theme: where its colours come from.
        title: the question in a few words.
        text: what it means.
        answers: buttons from left to right; Escape counts as the one with id ``"stay"`` if there is one.
        tick: text of a check box, or nothing.

    Signals:
        answered(str, bool): id of the answer, and whether the box was ticked.
    """

    answered = Signal(str, bool)

    def __init__(
        self,
        theme: Theme,
        title: str,
        text: str,
        answers: Sequence[Answer],
        tick: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowFlags(BARE_DIALOG)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._given = False
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(label(title, "title"))
        words = label(text, "secondary", wrap=True)
        words.setMinimumWidth(400)
        column.addWidget(words)
        self.tick = QCheckBox(tick)
        self.tick.setVisible(bool(tick))
        self.tick.setAccessibleName(tick or "no choice")
        column.addWidget(self.tick)
        column.addSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addStretch(1)
        self.buttons: dict[str, Button] = {}
        for answer in answers:
            button = Button(theme, answer.text, answer.kind)
            button.setObjectName(f"question.{answer.id}")
            button.clicked.connect(self._on_clicked)
            self.buttons[answer.id] = button
            row.addWidget(button)
        column.addLayout(row)
        safe = next((a.id for a in answers if a.kind == "primary"), answers[0].id)
        self.buttons[safe].setFocus()

    def _on_clicked(self) -> None:
        self.answer(self.sender().objectName().removeprefix("question."))

    def answer(self, id: str) -> None:
        """Gives an answer, as the button of that id does."""
        if not self._given:
            self._given = True
            self.answered.emit(id, self.tick.isChecked())
            self.accept()

    def reject(self) -> None:
        if not self._given:
            self._given = True
            self.answered.emit("stay", False)
        super().reject()
