"""What the panel shows where there is nothing to list: why, and what helps (SC-24)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import BigIcon, Card
from desktop.widgets.labels import Link, label
from desktop.widgets.value.texts import CodeText
from runtime.admin.inspector import InspectorProblem

from .session import Session

FIVE_LINES = """from gluon.scheduler import Scheduler

def hello(name):
    return f'Hello {name}'

scheduler = Scheduler(db)
"""
"""A model that adds a scheduler, for example ``models/scheduler.py``."""

WIDTH = 440


class Reason(QWidget):
    """Icon, sentence, sometimes code, one button, one link.

    Signals:
        pressed(str): what the button is for: ``again``, ``clear``, ``queue``, ``problem`` or ``copy``.
    """

    pressed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._order = theme, ""
        self.setObjectName("scheduler.reason")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(14)
        column.addStretch(2)
        column.addWidget(BigIcon(theme, "scheduler"), 0, Qt.AlignmentFlag.AlignHCenter)
        self.words = label("", "secondary", wrap=True, name="scheduler.reason.words")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setFixedWidth(WIDTH)
        column.addWidget(self.words, 0, Qt.AlignmentFlag.AlignHCenter)
        self.card = Card("scheduler.reason.card")
        self.card.setFixedWidth(WIDTH)
        self.code = CodeText(theme, "Lines to add")
        self.code.setObjectName("scheduler.reason.code")
        self.code.document().setDocumentMargin(10)
        self.card.body.addWidget(self.code)
        column.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.button = Button(theme, "", "secondary")
        self.button.setObjectName("scheduler.reason.button")
        self.button.clicked.connect(lambda: self.pressed.emit(self._order))
        self.link = Link(theme)
        self.link.setObjectName("scheduler.reason.link")
        self.link.opened.connect(self.pressed)
        row.addStretch(1)
        row.addWidget(self.button)
        row.addWidget(self.link)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)

    def show_reason(
        self,
        sentence: str,
        button: tuple[str, str] = ("", ""),
        link: tuple[str, str] = ("", ""),
        code: str = "",
    ) -> None:
        """Sets the sentence, words and order of button and link, and lines of code."""
        self.words.setText(sentence)
        self.words.setMinimumHeight(self.words.heightForWidth(WIDTH))
        self.card.setVisible(bool(code))
        if code:
            self.code.setPlainText(code.rstrip())
            lines = code.rstrip().count("\n") + 1
            self.code.setFixedHeight(int(lines * (self._theme.line_height("code") + 2)) + 24)
        words, self._order = button
        self.button.setVisible(bool(words))
        self.button.set_face(words, "primary" if self._order in ("queue", "copy") else "secondary")
        self.link.setVisible(bool(link[0]))
        self.link.show_link(*link)


def explain(reason: Reason, session: Session) -> bool:
    """Shows why the whole panel has nothing to show; False when it has."""
    names = session.schedulers.names
    if session.problem is not None:
        _explain_problem(reason, session, session.problem)
        return True
    if session.application and session.database is not None:
        return False
    if session.application:
        reason.show_reason(f"Running the models of {session.application} to find its scheduler")
    elif names is None:
        reason.show_reason("Looking for schedulers")
    else:
        words = "No application of this site has a scheduler. These lines in a model, for example "
        words += "models/scheduler.py, add one."
        reason.show_reason(words, ("Copy the lines", "copy"), code=FIVE_LINES)
    return True


def _explain_problem(reason: Reason, session: Session, problem: InspectorProblem) -> None:
    name = session.application
    if problem.data.get("missing") == "scheduler":
        words = f"{name} has no scheduler. These lines in a model, for example models/scheduler.py, add one."
        reason.show_reason(words, ("Copy the lines", "copy"), ("Look again", "again"), FIVE_LINES)
    elif problem.kind == "gone" and "not in the database yet" in str(problem):
        words = f"The tables of {name}'s scheduler are not in its database yet: they are made when the "
        words += "application answers its first request, or by a worker."
        reason.show_reason(words, ("Start a worker", "start"), ("Look again", "again"))
    else:
        where = ("Open the line", "problem") if problem.file else ("", "")
        reason.show_reason(
            f"The scheduler of {name} can't be read now. {problem}", ("Try again", "again"), where
        )


def copy_lines() -> None:
    """Puts the lines that add a scheduler on the clipboard."""
    QGuiApplication.clipboard().setText(FIVE_LINES)
