"""The page of the first run: head, three steps, the way through them (ST-06, mockup first-run)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme
from desktop.theme.icons import brand_icon
from desktop.widgets.buttons import Button
from desktop.widgets.cards import Card
from desktop.widgets.fields import FaultLine
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import label
from desktop.widgets.sheets import USUAL_LINE
from runtime.admin.site_look import COMPILED, LOADS, UNTOLD

from .folder_step import FolderStep
from .looking import Looking
from .other_steps import PasswordStep, ReadyStep
from .parts import StepsLine

STEPS = ("Applications", "Password", "Ready")
LOGO, WIDTH, HEIGHT = 44, 760, 660  # pixels at the usual size of text
FOLDER, PASSWORD, READY = range(3)


@dataclass(frozen=True)
class Chosen:
    """What the person has chosen.

    Attributes:
        site: the site folder.
        creates: it is to be made.
        password: of the administration pages; empty for none, or the one that is set.
        starts: the server is to be started.
        logs_in: the program is to start at the log-in.
        opens: application to be opened in the browser then; empty for none.
    """

    site: Path
    creates: bool
    password: str
    starts: bool
    logs_in: bool
    opens: str


class FirstRunPage(QWidget):
    """The page.

    Args:
        theme: colours.
        looking: looks at folders.
        folder: of the applications until now.

    Signals:
        finished(Chosen): the person has gone through it.
        skipped: or wants none of it.
        save_wanted(SiteLook): the report is to be saved.
    """

    finished = Signal(object)
    skipped = Signal()
    save_wanted = Signal(object)

    def __init__(self, theme: Theme, looking: Looking, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Welcome")
        self._theme = theme
        self.setObjectName("first")
        self.setAccessibleName("Welcome to Hadron")
        self.setProperty("ground", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.folder = FolderStep(theme, looking, folder)
        self.password = PasswordStep(theme)
        self.ready = ReadyStep(theme)
        self._password_set = False
        self._busy = False
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self._make_head(), 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._make_card(), 1000)
        row.addStretch(1)
        column.addLayout(row, 1000)
        words = "Nothing leaves this computer. Hadron uses the network only for what you ask."
        self.foot = label(words, "small", wrap=True)
        self.foot.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.foot)
        column.addStretch(1)
        self.folder.changed.connect(self._show)
        self.folder.save_wanted.connect(self.save_wanted)
        self.password.entered.connect(self.next.click)
        theme.changed.connect(self._fit)
        self._fit()
        self.go_to(FOLDER)

    def _make_head(self) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        logo = label("")
        logo.setPixmap(brand_icon("hadron").pixmap(LOGO, LOGO))
        row.addWidget(logo)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label("Welcome to Hadron", "display"))
        words.addWidget(label("Three short steps. All of it can be changed later in Settings.", "secondary"))
        row.addLayout(words)
        return head

    def _make_card(self) -> Card:
        self.card = Card("first.card")
        self.steps = StepsLine(self._theme, STEPS)
        self.card.body.addWidget(self.steps)
        self.card.body.addWidget(hairline())
        self.stack = QStackedWidget()
        for step in (self.folder, self.password, self.ready):
            self.stack.addWidget(self._scrolled(step))
        self.card.body.addWidget(self.stack, 1)
        self.card.body.addWidget(hairline())
        self.fault = FaultLine(self._theme)
        self.fault.setContentsMargins(24, 10, 24, 0)
        self.card.body.addWidget(self.fault)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 10, 21, 10)
        foot.setSpacing(4)
        self.skip = self._button("Skip and decide later", "quiet", "first.skip")
        self.skip.clicked.connect(self.skipped)
        foot.addWidget(self.skip)
        foot.addStretch(1)
        self.back = self._button("Back", "secondary", "first.back")
        self.back.clicked.connect(lambda: self.go_to(self.at - 1))
        foot.addWidget(self.back)
        self.next = self._button("Next", "primary", "first.next")
        self.next.clicked.connect(self._on_next)
        foot.addWidget(self.next)
        self.card.body.addLayout(foot)
        return self.card

    def _button(self, text: str, kind: str, name: str) -> Button:
        button = Button(self._theme, text, kind)
        button.setObjectName(name)
        return button

    def _scrolled(self, step: QWidget) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setProperty("card_ground", True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setProperty("card_ground", True)
        inner = QVBoxLayout(page)
        inner.setContentsMargins(24, 20, 24, 20)
        inner.addWidget(step)
        area.setWidget(page)
        return area

    def _fit(self) -> None:
        factor = max(1.0, self._theme.line_height() / USUAL_LINE)
        self.card.setMaximumSize(round(WIDTH * factor), round(HEIGHT * factor))

    # the way through

    @property
    def at(self) -> int:
        """The step that is shown, from 0."""
        return self.stack.currentIndex()

    def go_to(self, step: int) -> None:
        """Shows a step; the focus goes to what is answered there, else to the next one."""
        self.stack.setCurrentIndex(step)
        self.steps.show_step(step)
        self.fault.say("")
        if step == READY:
            self._fill_ready()
        self._show()
        if step == PASSWORD:
            self.password.password.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        self.back.setEnabled(self.at > 0 and not self._busy)
        self.skip.setEnabled(not self._busy)
        last = self.at == READY
        self.next.set_face("Finish" if last else "Next", "primary")
        usable, before = self.folder.site is not None, self.next.isEnabled()
        self.next.setEnabled(usable and not self._busy)
        if self.next.isEnabled() and not before and not isinstance(self.focusWidget(), QLineEdit):
            self.next.setFocus(Qt.FocusReason.OtherFocusReason)  # Enter is enough
        self.next.setToolTip("" if usable else "Choose a folder first.")

    def _on_next(self) -> None:
        if self.at < READY:
            self.go_to(self.at + 1)
            return
        site = self.folder.site
        if site is None:
            self.go_to(FOLDER)
            return
        chosen = Chosen(
            site,
            self.folder.creates,
            self.password.value(),
            self.ready.start.isChecked(),
            self.ready.login.isChecked(),
            self.ready.opens,
        )
        self.finished.emit(chosen)

    def _fill_ready(self) -> None:
        step, report = self.folder, self.folder.report
        if step.creates:
            names, found = ["welcome"], "welcome, to start from, and admin"
        elif report is None:
            names, found = ["welcome"], "are still looked at"
        else:
            served = [each.name for each in report.applications if each.state in (LOADS, COMPILED, UNTOLD)]
            names, found = served or ["welcome"], report.summary()
        password = (
            "set" if self.password.value() or self._password_set else "none; administration pages stay closed"
        )
        first = "welcome" if "welcome" in names else names[0]
        self.ready.show_choice(str(step.site), found, password, names, first)

    def show_password_set(self) -> None:
        """A password is kept for this site already."""
        self._password_set = True
        self.password.show_set()

    def set_busy(self, busy: bool) -> None:
        """Nothing can be pressed while what was chosen is done."""
        self._busy = busy
        self._show()

    def say(self, sentence: str) -> None:
        """Says why it can't be finished."""
        self.set_busy(False)
        self.fault.say(sentence)
