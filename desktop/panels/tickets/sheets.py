"""Sheets of the panel: how long an application keeps its tickets; what a repeated request would send."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.shell.questions import Answer, Question
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Choice, Labelled
from desktop.widgets.labels import label
from desktop.widgets.marks import Toggle
from runtime.errors import Ticket, TicketSettings, common_places

from .opened import Repeat


class KeepSheet(QDialog):
    """How long and how many tickets an application keeps (TK-22).

    Signals:
        wanted(str): settings of this application are to be shown.
        given(str, object): application and its new `TicketSettings`.
    """

    wanted = Signal(str)
    given = Signal(str, object)

    def __init__(
        self, theme: Theme, applications: Sequence[str], current: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tickets.keep")
        self.setProperty("sheet", True)
        self.setWindowTitle("Keep tickets for…")
        self.setAccessibleName("Keep tickets for")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label("Keep tickets for…", "title"))
        words = "Older tickets go to the bin, which keeps them for 30 days. An empty field keeps all."
        column.addWidget(label(words, "secondary", wrap=True))
        self.application = Choice(theme, "Application", [(name, name) for name in applications])
        self.application.set_value(current)
        self.application.chosen.connect(self.wanted)
        self.days, self.count = self._number("Days", 36500), self._number("Tickets", 10_000_000)
        for caption, control in (
            ("Application", self.application),
            ("Days", self.days),
            ("Newest tickets", self.count),
        ):
            column.addWidget(Labelled(theme, caption, control))
        row = QHBoxLayout()
        side = QVBoxLayout()
        side.addWidget(label("Keep hidden values", "medium"))
        text = "Passwords and the like, in a file of their own that only you can read."
        side.addWidget(label(text, "small", wrap=True))
        self.secrets = Toggle(theme, "Keep hidden values")
        row.addLayout(side, 1)
        row.addWidget(self.secrets)
        column.addLayout(row)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        cancel, keep = Button(theme, "Cancel"), Button(theme, "Apply", "primary")
        cancel.clicked.connect(self.reject)
        keep.clicked.connect(self._give)
        keep.setObjectName("tickets.keep.apply")
        buttons.addWidget(cancel)
        buttons.addWidget(keep)
        column.addLayout(buttons)
        self.setMinimumWidth(420)

    def _number(self, name: str, most: int) -> QLineEdit:
        field = QLineEdit()
        field.setValidator(QIntValidator(1, most, field))
        field.setPlaceholderText("all")
        field.setAccessibleName(name)
        return field

    def show_settings(self, settings: TicketSettings) -> None:
        """Fills the fields."""
        self.days.setText(f"{settings.keep_days:g}" if settings.keep_days is not None else "")
        self.count.setText(str(settings.keep_count) if settings.keep_count is not None else "")
        self.secrets.setChecked(settings.keep_secrets)

    def _give(self) -> None:
        days, count = self.days.text().strip(), self.count.text().strip()
        settings = TicketSettings(
            float(days) if days.isdecimal() and int(days) else None,
            int(count) if count.isdecimal() and int(count) else None,
            self.secrets.isChecked(),
        )
        self.given.emit(self.application.value(), settings)
        self.accept()


def repeat_question(theme: Theme, request: Repeat, parent: QWidget) -> Question:
    """Ask before anything but a reading request is sent again, and show what is sent (TK-17)."""
    body = (request.body or b"").decode("ascii", "replace")
    sent = body if len(body) <= 600 else f"{body[:600]}… ({len(body)} letters)"
    text = (
        f"{request.method} {request.path}\n\n{sent or 'no fields'}\n\nIt can change data of the application."
    )
    answers = [Answer("stay", "Cancel", "primary"), Answer("repeat", f"Send {request.method}")]
    return Question(theme, "Repeat the request?", text, answers, parent=parent)


def kind_sheet(theme: Theme, ticket: Ticket, parent: QWidget) -> Question:
    """Tell what puts a ticket together with others (TK-02)."""
    places = [place.rpartition(":") for place in common_places(ticket.frames)]
    listed = "\n".join(
        f"\N{BULLET} {file}" if function.startswith("<") else f"\N{BULLET} {file}, {function}()"
        for file, _, function in places
    )
    text = f"Errors are of one kind when each is a {ticket.exception} that came through the same functions"
    where = f", in whatever line:\n\n{listed}" if listed else ". This one has no traceback."
    text += f" of the application{where}"
    return Question(theme, "What belongs together", text, [Answer("stay", "Close", "primary")], parent=parent)


def delete_question(theme: Theme, count: int, parent: QWidget) -> Question:
    """Ask before more than a thousand tickets are deleted."""
    text = f"{count} tickets go to the bin, which keeps them for 30 days."
    answers = [Answer("stay", "Cancel", "primary"), Answer("delete", f"Delete {count} tickets", "danger")]
    return Question(theme, "Delete all of these?", text, answers, parent=parent)
