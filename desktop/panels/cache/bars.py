"""The row of tabs and switches, and the row of cards (CA-01, CA-08)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import IconButton
from desktop.widgets.editing import EditingSwitch
from desktop.widgets.fields import Choice
from desktop.widgets.labels import label
from desktop.widgets.tabs import Tab

from .cards import StoreCard
from .model import Snapshot

REFRESH = (("0", "off"), ("2", "every 2 s"), ("5", "every 5 s"), ("15", "every 15 s"))


class TopBar(QWidget):
    """Tabs, the time of the last reading, refresh, the switch for editing."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 16, 0)
        row.setSpacing(8)
        self.tabs = {
            id: Tab(theme, id, words) for id, words in (("cache", "Cache"), ("sessions", "Sessions"))
        }
        for id, tab in self.tabs.items():
            tab.setObjectName(f"cache.tab.{id}")
            row.addWidget(tab)
        self.when = label("", "secondary", name="cache.when")
        row.addSpacing(8)
        row.addWidget(self.when)
        row.addStretch(1)
        self.refresh_word = label("Refresh", "secondary")
        row.addWidget(self.refresh_word)
        self.refresh = Choice(theme, "Refresh", REFRESH)
        self.refresh.setObjectName("cache.refresh")
        self.refresh.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.addWidget(self.refresh)
        self.now = IconButton(theme, "restart", "Read again (F5)")
        self.now.setObjectName("cache.now")
        row.addWidget(self.now)
        self.editing = EditingSwitch(theme, "cache")
        row.addWidget(self.editing)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.setFixedHeight(self._theme.size("tool_row"))


class CardRow(QWidget):
    """The cards, side by side."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 14, 16, 0)
        self._row.setSpacing(12)
        self._cards: dict[str, StoreCard] = {}
        self.on_card: Callable[[StoreCard], None] = lambda card: None

    def card(self, name: str) -> StoreCard:
        """The card of a store."""
        return self._cards[name]

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a card for every store."""
        stores = {one.name: one for one in snapshot.stores}
        wanted = ["ram", "disk", *sorted(name for name in stores if name not in ("ram", "disk"))]
        if not any(name.startswith("redis") for name in wanted):
            wanted.append("redis")
        for name in [one for one in self._cards if one not in wanted]:
            self._cards.pop(name).deleteLater()
        wide = self.width() / max(1, len(wanted)) > 300
        for name in wanted:
            if name not in self._cards:
                kind = stores[name].kind if name in stores else name
                card = self._cards[name] = StoreCard(self._theme, name, kind)
                self._row.addWidget(card, 1 if name == "redis" else 2)
                self.on_card(card)
            card = self._cards[name]
            if name in stores:
                card.show_store(stores[name], snapshot.when, wide)
            elif snapshot.serving or name == "disk":
                card.show_unused()
            else:
                card.show_stopped()
