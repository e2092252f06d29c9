"""Which logs are shown: a chip for each, those of workers in a menu, all where room is little (LG-01)."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button, popup_below
from desktop.widgets.chips import Chip
from runtime.admin.logs import is_of_worker

from .model import title_of

FEW_WORKERS = 1
"""So many logs of workers have a chip each; more share one button, for the filter needs its room."""


class SourceChips(QWidget):
    """Switches logs on and off.

    Signals:
        toggled(str): a log, by name.
        only_wanted(tuple): of the logs in the menu (`in_menu`), show none but these.
    """

    toggled = Signal(str)
    only_wanted = Signal(tuple)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.chips: dict[str, Chip] = {}
        self._names: tuple[str, ...] = ()
        self._workers: tuple[str, ...] = ()
        self.in_menu: tuple[str, ...] = ()
        self._room = 10_000
        self._hidden: frozenset[str] = frozenset()
        self._counts: Mapping[str, int] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.workers = Button(theme, "", "secondary", "workers", small=True)
        self.workers.setObjectName("logs.workers")
        self.workers.clicked.connect(self.open_menu)
        self.workers.hide()
        self._row.addWidget(self.workers)

    def show_sources(self, names: tuple[str, ...], hidden: frozenset[str]) -> None:
        """Shows what there is, and what of it is looked at."""
        self._names, self._hidden = names, hidden
        workers = tuple(name for name in names if is_of_worker(name))
        self._workers = workers if len(workers) > FEW_WORKERS else ()
        shown = [name for name in names if name not in self._workers]
        if set(shown) != set(self.chips):
            self._make_chips(shown)
        for name, chip in self.chips.items():
            chip.setChecked(name not in hidden)
            chip.set_count(self._counts.get(name, 0))
        self._share()

    def set_room(self, room: int) -> None:
        """How wide this may be, in pixels."""
        if room != self._room:
            self._room = room
            self._share()

    def _share(self) -> None:
        """Chips as long as all of them have room; else one menu."""
        self.workers.set_face(f"{len(self._workers)} of {len(self._workers)} workers", "secondary", "workers")
        wanted = sum(chip.sizeHint().width() + self._row.spacing() for chip in self.chips.values())
        wanted += self.workers.sizeHint().width() if self._workers else 0
        narrow = wanted > self._room
        for chip in self.chips.values():
            chip.setVisible(not narrow)
        self.in_menu = self._names if narrow else self._workers
        self._show_menu_face()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Shows how many lines of each log are listed."""
        self._counts = counts
        for name, chip in self.chips.items():
            chip.set_count(counts.get(name, 0))
        self._share()

    def _make_chips(self, names: list[str]) -> None:
        for chip in self.chips.values():
            chip.deleteLater()
        self.chips = {}
        for at, name in enumerate(names):
            chip = Chip(self._theme, name, title_of(name), None)
            chip.setObjectName(f"logs.source.{name}")
            chip.clicked.connect(lambda _on=False, name=name: self.toggled.emit(name))
            self._row.insertWidget(at, chip)
            self.chips[name] = chip

    def _show_menu_face(self) -> None:
        shown = [name for name in self.in_menu if name not in self._hidden]
        some = "" if len(shown) == len(self.in_menu) else f"{len(shown)} of "
        kind = "workers" if self.in_menu == self._workers else "logs"
        self.workers.set_face(f"{some}{len(self.in_menu)} {kind}", "secondary", kind)
        self.workers.setToolTip(f"Which {'logs of workers' if kind == 'workers' else 'logs'} are shown")
        self.workers.setVisible(bool(self.in_menu))

    def open_menu(self) -> None:
        """Opens the list of logs."""
        menu = QMenu(self)
        menu.setObjectName("logs.workers.menu")
        self.fill(menu)
        popup_below(menu, self.workers)
        menu.aboutToHide.connect(menu.deleteLater)

    def fill(self, menu: QMenu) -> None:
        """All, none, and each of them."""
        kind = "worker" if self.in_menu == self._workers else "log"
        all_shown = menu.addAction(f"All {kind}s")
        all_shown.triggered.connect(lambda _on=False: self.only_wanted.emit(self.in_menu))
        none = menu.addAction(f"No {kind}")
        none.triggered.connect(lambda _on=False: self.only_wanted.emit(()))
        menu.addSeparator()
        for name in self.in_menu:
            count = self._counts.get(name, 0)
            action = menu.addAction(f"{title_of(name)}\t{count}")
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name not in self._hidden)
            action.triggered.connect(lambda _on=False, name=name: self.toggled.emit(name))
