"""Second and third step: the administration password; what is done at the end (ST-06)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.secrets import strength_hint
from desktop.theme import Theme
from desktop.widgets.fields import Choice, Labelled, PasswordField
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.marks import Toggle

WIDEST_FIELD = 420  # pixels


class PasswordStep(QWidget):
    """A password, or none.

    Signals:
        entered: Enter was pressed in the field.
    """

    entered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(label("Password for the administration pages", "title"))
        words = (
            "Pages that change applications and their data in the browser ask for it. It is kept in the "
            "system's keyring; where there is none, until you quit."
        )
        column.addWidget(label(words, "secondary", wrap=True))
        self.password = PasswordField(theme, "Password for the administration pages")
        self.password.setObjectName("first.password")
        self.password.reveal.setObjectName("first.reveal")
        self.field = Labelled(theme, "Password", self.password, [self.password.reveal])
        self.field.setMaximumWidth(WIDEST_FIELD)
        column.addWidget(self.field)
        self.without = label(
            "Left empty, those pages stay closed; everything else works.", "secondary", wrap=True
        )
        column.addWidget(self.without)
        column.addStretch(1)
        self.password.textChanged.connect(self._on_typed)
        self.password.returnPressed.connect(self.entered)

    def show_set(self) -> None:
        """A password is kept already; an empty field leaves it as it is."""
        self.password.setPlaceholderText("Set; type to change it")
        self.without.setText("Left empty, the password that is set stays.")

    def value(self) -> str:
        """The password; empty for none, or for the one that is set."""
        return self.password.text()

    def _on_typed(self, text: str) -> None:
        advice = strength_hint(text) if text else ""
        self.field.say(advice or ("Good." if text else ""), "hint" if advice else "good")
        self.without.setVisible(not text)


class ReadyStep(QWidget):
    """What was chosen, and what is done at the end."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(label("Ready", "title"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.facts: dict[str, CutLabel] = {}
        for at, name in enumerate(("Folder", "Applications", "Password")):
            grid.addWidget(label(name, "secondary"), at, 0)
            self.facts[name] = CutLabel(middle=name == "Folder")
            grid.addWidget(self.facts[name], at, 1)
        column.addLayout(grid)
        column.addWidget(hairline())
        self.application = Choice(theme, "Application", [("welcome", "welcome")])
        self.application.setObjectName("first.application")
        self.start = self._toggle(theme, column, "start", "Start the server")
        self.open = self._toggle(theme, column, "open", "Open in the browser", self.application)
        self.login = self._toggle(theme, column, "login", "Start Hadron hidden in the tray when I log in")
        self.login.setChecked(False)
        self.start.toggled.connect(self._on_start)
        column.addStretch(1)

    def _toggle(
        self, theme: Theme, column: QVBoxLayout, name: str, words: str, beside: QWidget | None = None
    ) -> Toggle:
        row = QHBoxLayout()
        row.setSpacing(12)
        toggle = Toggle(theme, words)
        toggle.setObjectName(f"first.{name}")
        toggle.setChecked(True)
        row.addWidget(toggle)
        row.addWidget(label(words, "medium"))
        if beside is not None:
            row.addWidget(beside)
        row.addStretch(1)
        column.addLayout(row)
        return toggle

    def _on_start(self, on: bool) -> None:
        self.open.setEnabled(on)
        self.application.setEnabled(on)

    def show_choice(
        self, folder: str, found: str, password: str, applications: Sequence[str], first: str
    ) -> None:
        """Shows what the other steps have brought; `first` is the application offered to be opened."""
        self.facts["Folder"].set_text(folder)
        self.facts["Applications"].set_text(found)
        self.facts["Password"].set_text(password)
        self.application.set_options([(name, name) for name in applications], first)

    @property
    def opens(self) -> str:
        """Name of the application to open in the browser; empty for none."""
        return self.application.value() if self.start.isChecked() and self.open.isChecked() else ""
