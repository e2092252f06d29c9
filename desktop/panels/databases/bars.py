"""The rows of buttons above the table: where we are, changes that wait, what went wrong."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop.theme import Theme, paint
from desktop.theme.paint import box
from desktop.widgets.buttons import Button, IconButton, MenuButton
from desktop.widgets.editing import EditingSwitch
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.log_lines import printable
from desktop.widgets.marks import StateMark

from .model import Count, Place


class TopBar(QWidget):
    """Place and count, export, query, refresh, the switch for editing."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(8)
        self.place = CutLabel("heading", middle=True)
        self.place.setObjectName("databases.place")
        self.count = label("", "secondary", name="databases.count")
        self.clear = Link(theme, "Clear the filter")
        self.clear.setObjectName("databases.clear")
        self.query = Button(theme, "Query", icon="search", small=True)
        self.query.setObjectName("databases.query")
        self.query.setCheckable(True)
        self.export = MenuButton(theme, "Export")
        self.export.setObjectName("databases.export")
        self.more = IconButton(theme, "more", "More about this table")
        self.more.setObjectName("databases.more")
        self.refresh = IconButton(theme, "restart", "Read again (F5)")
        self.refresh.setObjectName("databases.refresh")
        self.editing = EditingSwitch(theme, "databases")
        row.addWidget(self.place)
        row.addWidget(self.count)
        row.addWidget(self.clear)
        row.addStretch(1)
        for widget in (self.query, self.export, self.refresh, self.more, self.editing):
            row.addWidget(widget)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.setFixedHeight(self._theme.size("tool_row") + 2)

    def show_place(self, place: Place) -> None:
        """Shows where we are."""
        self.place.set_text(place.words() or "Databases")
        for widget in (self.export, self.more):
            widget.setEnabled(bool(place.table))
        self.query.setEnabled(bool(place.database))

    def show_count(self, count: Count, filtered: bool, total: Count) -> None:
        """Shows how many rows match, and how many there are."""
        words = count.words()
        if filtered and words and total.rows is not None:
            words = f"{words} of {total.short()}"
        elif filtered and not words:
            words = "counting…"
        self.count.setText(words)
        self.clear.setVisible(filtered)

    def set_narrow(self, narrow: bool) -> None:
        """Leaves out what has no room."""
        self.export.setVisible(not narrow)


class ChangeBar(QFrame):
    """What was changed and is not written yet.

    Signals:
        write, discard, undo, add: what the person asks for.
    """

    write = Signal()
    discard = Signal()
    undo = Signal()
    add = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("databases.changes")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 3, 12, 3)
        row.setSpacing(8)
        self._mark = StateMark(theme)
        self._mark.show_state("mark-dot", "problem", "not written")
        self.words = label("", wrap=False, name="databases.changes.words")
        self.add_row = Button(theme, "New row", "quiet", "plus", small=True)
        self.add_row.setObjectName("databases.changes.add")
        self.undo_one = Button(theme, "Undo", "quiet", small=True)
        self.undo_one.setObjectName("databases.changes.undo")
        self.drop = Button(theme, "Discard", "secondary", small=True)
        self.drop.setObjectName("databases.changes.discard")
        self.save = Button(theme, "Write", "primary", small=True)
        self.save.setObjectName("databases.changes.write")
        row.addWidget(self._mark)
        row.addWidget(self.words, 1)
        for button in (self.add_row, self.undo_one, self.drop, self.save):
            row.addWidget(button)
        self.save.clicked.connect(self.write)
        self.drop.clicked.connect(self.discard)
        self.undo_one.clicked.connect(self.undo)
        self.add_row.clicked.connect(self.add)

    def show_changes(self, summary: str, count: int, faults: int, writing: bool, undo: str) -> None:
        """Shows how many there are."""
        text = summary if count else "Editing is on. Nothing is written before you say so."
        if faults:
            text = f"{text}  ·  {faults} refused"
        self.words.setText("Writing…" if writing else text)
        self._mark.setVisible(bool(count))
        for button in (self.undo_one, self.drop, self.save):
            button.setVisible(bool(count))
            button.setEnabled(not writing)
        self.undo_one.setToolTip(f"Undo: {undo} (Ctrl+Z)" if undo else "")
        self.save.set_face(f"Write {count} change{'' if count == 1 else 's'}", "primary")

    def paintEvent(self, event: object) -> None:
        painter, color = paint.painter_of(self), self._theme.color
        group = "problem" if self._mark.isVisibleTo(self) else "stopped"
        box(painter, self.rect(), color(f"status.{group}.tint"))
        paint.hairline(painter, 0, self.height() - 1, self.width(), color(f"status.{group}.border"))


class FaultBar(QFrame):
    """Why rows could not be read or written, with a way on.

    Signals:
        again: try again.
    """

    again = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("databases.fault")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 3, 12, 3)
        row.setSpacing(8)
        mark = StateMark(theme)
        mark.show_state("mark-triangle-bang", "problem", "warning")
        self.words = label("", wrap=True, name="databases.fault.words")
        retry = Button(theme, "Try again", "quiet", small=True)
        retry.setObjectName("databases.fault.again")
        retry.clicked.connect(self.again)
        close = IconButton(theme, "close", "Close this message")
        close.clicked.connect(self.hide)
        row.addWidget(mark)
        row.addWidget(self.words, 1)
        row.addWidget(retry)
        row.addWidget(close)
        self.hide()

    def say(self, text: str) -> None:
        """Shows a sentence; an empty one hides the bar."""
        self.words.setText(printable(text))
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: object) -> None:
        painter, color = paint.painter_of(self), self._theme.color
        box(painter, self.rect(), color("status.problem.tint"))
        paint.hairline(painter, 0, self.height() - 1, self.width(), color("status.problem.border"))
