"""One card for each store: figures and a line over the last quarter of an hour (CA-01, CA-09)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.panels.overview.words import number
from desktop.theme import Theme
from desktop.widgets.base import Painted
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.cards import Card
from desktop.widgets.charts import FigureView, Sparkline
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.value.texts import size_words
from desktop.widgets.values import UNKNOWN, Figure

from .model import Store, age_words, store_words

ICONS = {"ram": "ram", "disk": "disk", "redis": "globe", "memcached": "globe"}
SPAN = 900.0


class _Icon(Painted):
    def __init__(self, theme: Theme, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._icon = icon
        self.setFixedSize(16, 16)

    def paintEvent(self, event: object) -> None:
        self.theme.icons.draw(QPainter(self), self._icon, self.theme.color("text.primary"), 0, 0)


class StoreCard(Card):
    """One store.

    Signals:
        menu_wanted(str): open the menu of this store.
        start_wanted: start the server.
        help_wanted: how an application uses it.
    """

    menu_wanted = Signal(str)
    start_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, theme: Theme, name: str, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(f"cache.card.{name}", parent)
        self.name, self._theme = name, theme
        self.setAccessibleName(f"Store {store_words(name)}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(176, 96)
        inner = QVBoxLayout()
        inner.setContentsMargins(15, 12, 11, 12)
        inner.setSpacing(8)
        self.body.addLayout(inner)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(_Icon(theme, ICONS.get(kind, "globe")))
        words = store_words(name)
        head.addWidget(label(words[:1].upper() + words[1:], "strong"))
        self.title = CutLabel("secondary", middle=True)
        head.addWidget(self.title, 1)
        self.more = IconButton(theme, "more", f"What can be done with {store_words(name)}")
        self.more.setObjectName(f"cache.card.{name}.more")
        self.more.clicked.connect(lambda: self.menu_wanted.emit(self.name))
        head.addWidget(self.more)
        inner.addLayout(head)
        self._row = QHBoxLayout()
        self._row.setSpacing(14)
        self.figures = [FigureView(theme) for _ in range(3)]
        for figure in self.figures:
            self._row.addWidget(figure)
        self.line = Sparkline(theme)
        self.line.unit = "look-ups/s"
        self.line.setMinimumSize(72, 36)
        self.line.setMaximumWidth(140)
        self._row.addStretch(1)
        self._row.addWidget(self.line, 1)
        inner.addLayout(self._row)
        self.words = label("", "secondary", wrap=True)
        self.start = Button(theme, "Start server", "secondary", small=True)
        self.start.setObjectName(f"cache.card.{name}.start")
        self.start.clicked.connect(self.start_wanted)
        self.help = Link(theme, "How to use it")
        self.help.setObjectName(f"cache.card.{name}.help")
        self.help.clicked.connect(self.help_wanted)
        inner.addWidget(self.words)
        inner.addWidget(self.start, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self.help, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addStretch(1)

    def show_store(self, store: Store, now: float, wide: bool) -> None:
        """Shows the figures of a store."""
        self._show_parts(figures=not store.fault, words=store.fault)
        oldest = f"oldest {age_words(store.oldest, now)}" if store.oldest else ""
        self.title.set_text("  ·  ".join(filter(None, (store.title, oldest))))
        entries = number(store.entries) if store.entries is not None else UNKNOWN
        size, unit = _split(store.size)
        ratio = store.ratio()
        estimated = store.kind == "ram"
        self.figures[0].show_figure(Figure(entries, "", "entries"))
        shown = f"~{size}" if estimated and store.size is not None else size
        caption = "estimated" if estimated else "size"
        self.figures[1].show_figure(Figure(shown, unit, caption, "size"), short=not wide)
        hits = Figure(UNKNOWN, "", "hits") if ratio is None else Figure(number(ratio), "%", "hits")
        self.figures[2].show_figure(hits)
        asked = (
            "not known: the server is stopped"
            if store.hits is None
            else (f"{number(store.hits)} hits, {number(store.misses or 0)} misses")
        )
        self.figures[2].setToolTip(asked)
        self.line.setVisible(bool(store.line) and wide and not store.fault)
        self.line.show_series(store.line, (now - SPAN, now), f"Look-ups of the last 15 minutes; {asked}")

    def show_stopped(self) -> None:
        """Shows that this store lives in the server, which is stopped (CA-09)."""
        self.title.set_text("")
        inside = self.name == "ram"
        words = (
            "Lives in the server, which is stopped."
            if inside
            else "Seen through the server, which is stopped."
        )
        self._show_parts(figures=False, words=words, start=inside)

    def show_unused(self) -> None:
        """Shows that no application uses it."""
        self.title.set_text("")
        self._show_parts(figures=False, words="Not used here", help=True)

    def _show_parts(self, figures: bool, words: str, start: bool = False, help: bool = False) -> None:
        for figure in self.figures:
            figure.setVisible(figures)
        self.line.setVisible(figures)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.start.setVisible(start)
        self.help.setVisible(help)
        self.more.setVisible(figures)


def _split(size: int | None) -> tuple[str, str]:
    """A size as number and unit."""
    if size is None:
        return UNKNOWN, ""
    value, _, unit = size_words(size).partition(" ")
    return value, unit
