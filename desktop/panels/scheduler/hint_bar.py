"""What deserves a look, above the table: a sentence and what helps (SC-13, SV-17)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.labels import CutLabel
from desktop.widgets.marks import StateMark
from runtime.admin.scheduler.entries import Hint

MOST = 2
HELP = {
    "no worker": "Start a worker",
    "no group": "Show them",
    "overdue": "Show it",
    "failing": "Show it",
    "size": "Clear out…",
}


class HintLine(QFrame):
    """One hint.

    Signals:
        pressed(object): the `Hint` whose button was pressed.
    """

    pressed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint: Hint | None = None
        self.setProperty("notice", "problem")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 3, 10, 3)
        row.setSpacing(8)
        mark = StateMark(theme)
        mark.show_state("mark-triangle-bang", "problem", "hint")
        self.words = CutLabel("medium")
        self.button = Button(theme, "", "quiet", small=True)
        self.button.clicked.connect(self._on_clicked)
        row.addWidget(mark)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)

    def show_hint(self, hint: Hint) -> None:
        """Sets sentence and button."""
        self._hint = hint
        self.setObjectName(f"scheduler.hint.{hint.kind.replace(' ', '_')}")
        self.words.set_text(hint.sentence)
        self.button.set_face(HELP.get(hint.kind, "Show"), "quiet")

    def _on_clicked(self) -> None:
        self.pressed.emit(self._hint)


class HintBar(QWidget):
    """The gravest hints.

    Signals:
        pressed(object): a `Hint`.
    """

    pressed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.lines = [HintLine(theme) for _ in range(MOST)]
        for line in self.lines:
            line.pressed.connect(self.pressed)
            line.hide()
            column.addWidget(line)

    def show_hints(self, hints: Sequence[Hint]) -> None:
        """Shows the first of `hints`."""
        for at, line in enumerate(self.lines):
            line.setVisible(at < len(hints))
            if at < len(hints):
                line.show_hint(hints[at])
