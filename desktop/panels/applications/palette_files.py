"""Files, actions and tables of the applications in the command palette (SH-10)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from desktop.shell.actions import Entry
from desktop.theme import Theme
from runtime.admin.quick_open import Place

from .actions import GROUP
from .quick_open import ICONS
from .reading import Reading

MOST = 4
LEAST_LETTERS = 2  # one letter is in every name


class PaletteFiles(QObject):
    """Finds names in the index of *quick open*, which is read anew when the palette opens.

    Args:
        theme: colours of the icons.
        reading: has the index.
        application: whose names come first; empty for none.
        open_place: opens what was chosen.
    """

    def __init__(
        self,
        theme: Theme,
        reading: Reading,
        application: Callable[[], str],
        open_place: Callable[[Place], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reading, self._application, self._open_place = reading, application, open_place
        self._places: list[Place] = []
        self._actions = [QAction(self) for _at in range(MOST)]
        for at, action in enumerate(self._actions):
            theme.tint_action(action, "file")
            action.triggered.connect(partial(self._open, at))

    def find(self, text: str) -> list[Entry]:
        """What the palette offers for `text`; nothing for less than two letters."""
        if not text:
            self._reading.read_names()
        if len(text.strip()) < LEAST_LETTERS:
            return []
        self._places = self._reading.index.find(text, self._application(), MOST)
        found = []
        for action, place in zip(self._actions, self._places, strict=False):
            where = place.path if place.kind == "file" else f"{place.kind} of {place.path}"
            action.setText(f"{place.name} – {place.application}, {where}")
            found.append(Entry("applications.place", GROUP, ICONS[place.kind], action))
        return found

    def _open(self, at: int) -> None:
        self._open_place(self._places[at])
