"""The rows above the keys: tabs and switches, cards, tools (CA-01, CA-03, CA-08)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.editing import EditingSwitch
from desktop.widgets.fields import Choice, Segment
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.tabs import Tab

from .cards import StoreCard
from .model import SEPARATORS, WORKERS, Snapshot
from .reading import with_workers

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


ROOM_FOR_LINE = 300  # pixels of a card from which its line has room beside the figures


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
        stores = {one.name: one for one in with_workers(snapshot.stores)}
        others = sorted(name for name in stores if name not in ("ram", "disk", WORKERS))
        wanted = ["ram", *([WORKERS] if WORKERS in stores else []), "disk", *others]
        if not any(name.startswith("redis") for name in wanted):
            wanted.append("redis")
        for name in [one for one in self._cards if one not in wanted]:
            self._cards.pop(name).deleteLater()
        wide = self.width() / max(1, len(wanted)) > ROOM_FOR_LINE * self._theme.line_height() / 17
        for name in wanted:
            if name not in self._cards:
                kind = stores[name].kind if name in stores else name
                card = self._cards[name] = StoreCard(self._theme, name, kind)
                self._row.insertWidget(wanted.index(name), card, 1 if name == "redis" else 2)
                self.on_card(card)
            card = self._cards[name]
            if name in stores:
                card.show_store(stores[name], snapshot.when, wide)
            elif snapshot.serving or name == "disk":
                card.show_unused()
            else:
                card.show_stopped()


class ToolRow(QWidget):
    """Form and filter of the keys, how many there are, quick orders, deleting."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        self.form = Segment(theme, "Show as", [("list", "List"), ("tree", "Tree")])
        self.form.setObjectName("cache.form")
        self.filter = QLineEdit()
        self.filter.setObjectName("cache.filter")
        self.filter.setPlaceholderText("Text, glob or /regex/")
        self.filter.setAccessibleName("Filter of the keys")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(300)
        self.filter.setMinimumWidth(90)
        self.separator = Choice(theme, "Separator", [(mark, f"by {mark}") for mark in SEPARATORS])
        self.separator.setObjectName("cache.separator")
        self.separator.setMaximumWidth(80)
        self.count = CutLabel("secondary")
        self.count.setObjectName("cache.count")
        row.addWidget(self.form)
        row.addWidget(self.filter, 1)
        row.addWidget(self.separator)
        row.addWidget(self.count, 1)
        self.quick = {
            id: Button(theme, words, "quiet", small=True)
            for id, words in (("largest", "Largest"), ("oldest", "Oldest"), ("growing", "Growing"))
        }
        for id, button in self.quick.items():
            button.setObjectName(f"cache.{id}")
            row.addWidget(button)
        self.delete = Button(theme, "Delete matching…", "danger", "trash", small=True)
        self.delete.setObjectName("cache.delete")
        row.addWidget(self.delete)
