"""Starting with the log-in, shown as the system has it (SH-15)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.settings.login_start import LoginStart, LoginState
from desktop.theme import Theme
from desktop.widgets.cards import Card
from desktop.widgets.fields import FaultLine
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import label
from desktop.widgets.marks import Toggle

LANE = "settings.login"
WORDS = (
    (
        "login",
        "Start when I log in",
        "Hidden in the tray. The system keeps this, so it is shown as it is there.",
    ),
    ("server", "Start the server then", "Applications are reachable once you have logged in."),
)


class LoginCard(Card):
    """Two switches.

    Args:
        theme: colours.
        tasks: asks the system in the background.
        make: makes what reads and changes it.
    """

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        make: Callable[[], LoginStart] = LoginStart,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("settings.card.login", parent)
        self.setAccessibleName("Log-in")
        self._theme, self._tasks, self._make = theme, tasks, make
        head = label("Log-in", "heading")
        head.setContentsMargins(16, 12, 16, 4)
        self.body.addWidget(head)
        self.toggles: dict[str, Toggle] = {}
        self.fault = FaultLine(theme)
        for at, (id, title, sentence) in enumerate(WORDS):
            if at:
                self.body.addWidget(hairline())
            self._add_row(id, title, sentence)
        self.fault.setContentsMargins(16, 0, 16, 10)
        self.body.addWidget(self.fault)

    def _add_row(self, id: str, title: str, sentence: str) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "medium"))
        words.addWidget(label(sentence, "small", wrap=True))
        row.addLayout(words, 1)
        toggle = Toggle(self._theme, title)
        toggle.setObjectName(f"settings.login.{id}")
        toggle.setAccessibleDescription(sentence)
        toggle.setEnabled(False)
        toggle.clicked.connect(self._on_clicked)
        row.addWidget(toggle, 0, Qt.AlignmentFlag.AlignVCenter)
        self.toggles[id] = toggle
        self.body.addLayout(row)

    def matches(self, words: str) -> bool:
        """Whether a search for `words` finds the card."""
        text = " ".join(f"{title} {sentence} login autostart" for _id, title, sentence in WORDS).casefold()
        return all(word in text for word in words.casefold().split())

    def refresh(self) -> None:
        """Asks the system again."""
        make = self._make
        self._run("Reading what starts at the log-in", lambda: make().state(), reading=True)

    def _on_clicked(self) -> None:
        on, server = (self.toggles[id].isChecked() for id in ("login", "server"))
        make = self._make
        self._run("Changing what starts at the log-in", lambda: make().set(on, on and server), reading=False)

    def _run(self, title: str, work: Callable[[], LoginState], reading: bool) -> None:
        self._tasks.run(
            lambda _context: work(),
            owner=self,
            title=title,
            lane=LANE,
            reading=reading,
            on_done=self.show_state,
            on_failed=self._on_failed,
        )

    def _on_failed(self, error: Exception) -> None:
        self.fault.say(str(error))
        self.toggles["login"].setEnabled(True)

    def show_state(self, state: LoginState) -> None:
        """Shows what the system does."""
        self.toggles["login"].setChecked(state.on)
        self.toggles["login"].setEnabled(True)
        self.toggles["server"].setChecked(state.on and state.server)
        self.toggles["server"].setEnabled(state.on)
        self.toggles["server"].setToolTip("" if state.on else "Hadron does not start at the log-in.")
        self.fault.say(state.note, "hint")
