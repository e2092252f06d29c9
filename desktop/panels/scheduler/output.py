"""A titled box of fixed-width text: output that grows, tracebacks (SC-06, SCHED-48)."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.theme.theme import restyle
from desktop.widgets.cards import Card
from desktop.widgets.labels import label
from desktop.widgets.marks import StateMark
from desktop.widgets.value.texts import harmless

MOST_LINES = 12


class OutputBox(QWidget):
    """Title, a note at its right, the text in a frame; hidden while there is no text.

    Args:
        theme: where its colours come from.
        title: what the text is.
        name: object name of the text.
    """

    def __init__(self, theme: Theme, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        self._title = label(title, "small")
        self._mark = StateMark(theme, 14)
        self.note = label("", "small", name=f"{name}.note")
        row.addWidget(self._title)
        row.addStretch(1)
        row.addWidget(self._mark)
        row.addWidget(self.note)
        column.addLayout(row)
        self.card = Card(f"{name}.card")
        self.text = QPlainTextEdit()
        self.text.setObjectName(name)
        self.text.setAccessibleName(title)
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setTabChangesFocus(True)
        self.text.document().setDocumentMargin(8)
        self.card.body.addWidget(self.text)
        column.addWidget(self.card)
        theme.changed.connect(self._measure)
        self._measure()
        self.show_text("")

    def _measure(self) -> None:
        self.text.setFont(self._theme.fonts.style("code"))
        lines = min(MOST_LINES, max(1, self.text.document().blockCount()))
        self.text.setFixedHeight(int(lines * (self._theme.line_height("code") + 1)) + 20)

    def show_text(self, text: str) -> None:
        """Shows a text; an empty one hides the box."""
        self.show_output(text, "", False, bool(text))

    def show_output(self, text: str, note: str, running: bool, shown: bool) -> None:
        """Shows a text that may grow: at its end it follows, elsewhere it stays where it is read."""
        self.setVisible(shown)
        self._mark.setVisible(running)
        self._mark.show_state("mark-arc-dot", "changing", note)
        self.note.setText(note)
        restyle(self.note, status="changing" if running else "")
        text = harmless(text)  # a task may print anything
        before = self.text.toPlainText()
        if text == before:
            return
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        place = bar.value()
        self.text.setPlainText(text)
        self._measure()
        bar.setValue(bar.maximum() if at_end and running else place)

    def shown_text(self) -> str:
        """The text shown."""
        return self.text.toPlainText()
