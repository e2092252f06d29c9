"""The panel Settings: options of the window and of the server; each takes effect at once (ST-01)."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.shell.preferences import Preferences
from desktop.shell.supervisor import Supervisor
from desktop.theme import Theme
from desktop.theme.style import GRIP
from desktop.widgets.cards import Card
from desktop.widgets.fields import Segment
from desktop.widgets.labels import label
from desktop.widgets.marks import Toggle

WIDEST = 880  # pixels; farther apart, name and control lose each other
CLOSE_CHOICES = (("hide", "Hides to the tray"), ("quit", "Quits"))


class SettingsPanel(QScrollArea):
    """One page of options, grouped in cards.

    Args:
        theme: colours; also switched here.
        preferences: where the window's options are kept.
        supervisor: keeps the server's own options.
    """

    title = "Settings"

    def __init__(
        self, theme: Theme, preferences: Preferences, supervisor: Supervisor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings")
        self.setAccessibleName("Settings")
        self._theme, self._preferences, self._supervisor = theme, preferences, supervisor
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        page = QWidget()
        page.setProperty("page", True)
        across = QHBoxLayout(page)
        across.setContentsMargins(20 - GRIP + 1, 16, 20, 20)
        self._column = QVBoxLayout()
        across.addLayout(self._column, 1)
        across.addStretch(0)
        page.setMaximumWidth(WIDEST)
        self._column.setSpacing(12)
        self._build_appearance()
        self._build_window()
        self._build_server()
        self._column.addStretch(1)
        self.setWidget(page)
        supervisor.state_changed.connect(self._show_server)
        preferences.changed.connect(self._on_preference)
        self._show_all()

    def state(self) -> str:
        """A page of settings always has its rows."""
        return "rows"

    def row_count(self) -> int:
        """Options on the page."""
        return len(self.findChildren(Toggle)) + len(self.findChildren(Segment))

    def visible_filter(self) -> str:
        """The page has no filter."""
        return ""

    def _build_appearance(self) -> None:
        card = self._card("Appearance")
        schemes = (("system", "Like the system"), ("light", "Light"), ("dark", "Dark"))
        self.scheme = Segment(self._theme, "Colors", schemes)
        self.scheme.setObjectName("settings.scheme")
        self.scheme.chosen.connect(self._on_scheme)
        self._row(card, "Colors", "Takes effect at once, also when the system switches.", self.scheme)
        contrasts = (("system", "Like the system"), ("high", "High"))
        self.contrast = Segment(self._theme, "Contrast", contrasts)
        self.contrast.setObjectName("settings.contrast")
        self.contrast.chosen.connect(self._on_contrast)
        self._row(card, "Contrast", "High: two colors, strong edges, one-color tray icon.", self.contrast)
        densities = (("comfortable", "Comfortable"), ("compact", "Compact"))
        self.density = Segment(self._theme, "Density", densities)
        self.density.setObjectName("settings.density")
        self.density.chosen.connect(self._on_density)
        self._row(card, "Density", "Heights of rows, buttons and fields, not of text.", self.density)

    def _build_window(self) -> None:
        card = self._card("Window")
        self.close_choice = Segment(self._theme, "Close button", CLOSE_CHOICES)
        self.close_choice.setObjectName("settings.close")
        self.close_choice.chosen.connect(self._on_close_choice)
        text = "Hidden, the server goes on and the tray icon brings the window back."
        self._row(card, "Close button", text, self.close_choice)

    def _build_server(self) -> None:
        card = self._card("Server")
        self.automatic = self._toggle(
            "automatic", "Start automatically when Hadron opens", self._on_automatic
        )
        self._row(
            card,
            "Start automatically when Hadron opens",
            "The applications are reachable at once.",
            self.automatic,
        )
        self.keep = self._toggle("keep", "Keep serving when I quit", self._on_keep)
        text = "The server goes on without a window; Hadron finds it again at the next start."
        self._row(card, "Keep serving when I quit", text, self.keep)
        self.embedded = self._toggle("embedded", "Run the server inside this process", self._on_embedded)
        text = "A heavy request can make the window stutter, and a crash takes it along."
        text += " Needs a restart of the server."
        self._row(card, "Run the server inside this process", text, self.embedded)

    def _toggle(self, name: str, words: str, handler: object) -> Toggle:
        toggle = Toggle(self._theme, words)
        toggle.setObjectName(f"settings.{name}")
        toggle.clicked.connect(handler)
        return toggle

    def _card(self, title: str) -> Card:
        card = Card(f"settings.card.{title.lower()}")
        card.setAccessibleName(title)
        head = label(title, "heading")
        head.setContentsMargins(16, 12, 16, 4)
        card.body.addWidget(head)
        self._column.addWidget(card)
        return card

    def _row(self, card: Card, name: str, text: str, control: QWidget) -> None:
        if card.body.count() > 1:
            line = QFrame()
            line.setProperty("line", True)
            line.setFixedHeight(1)
            card.body.addWidget(line)
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(24)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(name, "medium", wrap=True))
        words.addWidget(label(text, "small", wrap=True))
        control.setAccessibleDescription(text)
        row.addLayout(words, 1)
        row.addWidget(control)
        card.body.addLayout(row)

    # showing

    def _show_all(self) -> None:
        self.scheme.set_value(self._preferences.get("appearance.theme", "system"))
        self.contrast.set_value(self._preferences.get("appearance.contrast", "system"))
        self.density.set_value(self._preferences.get("appearance.density", "comfortable"))
        self.close_choice.set_value("quit" if self._preferences.get("general.close_quits", False) else "hide")
        self._show_server()

    def _show_server(self, _state: object = None) -> None:
        settings = self._supervisor.settings
        self.automatic.setChecked(settings.start_with_window)
        self.keep.setChecked(settings.keep_serving)
        self.embedded.setChecked(settings.embedded)
        self.keep.setEnabled(not settings.embedded)
        self.keep.setToolTip("A server inside this process ends with it." if settings.embedded else "")

    def _on_preference(self, name: str, _value: object) -> None:
        if name.startswith(("appearance.", "general.")):
            self._show_all()

    # taking

    def _on_scheme(self, value: str) -> None:
        self._preferences.set("appearance.theme", value)
        self._theme.set_scheme(value)

    def _on_contrast(self, value: str) -> None:
        self._preferences.set("appearance.contrast", value)

    def _on_density(self, value: str) -> None:
        self._preferences.set("appearance.density", value)

    def _on_close_choice(self, value: str) -> None:
        self._preferences.set("general.close_quits", value == "quit")

    def _on_automatic(self, on: bool) -> None:
        self._supervisor.apply(replace(self._supervisor.settings, start_with_window=on))
        self._show_server()

    def _on_keep(self, on: bool) -> None:
        self._supervisor.apply(replace(self._supervisor.settings, keep_serving=on))
        self._show_server()

    def _on_embedded(self, on: bool) -> None:
        self._supervisor.apply(replace(self._supervisor.settings, embedded=on))
        self._show_server()
