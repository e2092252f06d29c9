"""Where the person was: panels and followed links, Back and Forward (SH-11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from .links import Links

MOST_PLACES = 100


class Place(NamedTuple):
    """A panel, and the link that led to it, if one did."""

    panel: str
    kind: str = ""
    data: tuple[tuple[str, Any], ...] = ()


class History(QObject):
    """The places of this run.

    Args:
        links: links that are followed are recorded, and followed again.
        show_panel: shows a panel by its id.
        current_panel: tells the id of the panel shown.

    Signals:
        changed: Back or Forward may have become possible or impossible.
    """

    changed = Signal()

    def __init__(
        self,
        links: Links,
        show_panel: Callable[[str], None],
        current_panel: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._links, self._show_panel, self._current = links, show_panel, current_panel
        self._places: list[Place] = []
        self._at = -1
        self._following = 0  # links being followed: the panels they show are no places of their own
        self._going = False
        links.opening.connect(self._on_opening)
        links.opened.connect(self._on_opened)
        links.noted.connect(self._on_noted)

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier place."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a later place."""
        return self._at < len(self._places) - 1

    def visit(self, panel: str) -> None:
        """A panel was shown."""
        if not self._following:
            self._record(Place(panel))

    def back(self) -> None:
        """Goes to the place before this one."""
        self._go(-1)

    def forward(self) -> None:
        """Goes to the place that was left by :meth:`back`."""
        self._go(1)

    def _on_opening(self, _kind: str) -> None:
        self._following += 1

    def _on_opened(self, kind: str, data: dict[str, Any]) -> None:
        self._following -= 1
        self._record(Place(self._current(), kind, tuple(data.items())))

    def _on_noted(self, kind: str, data: dict[str, Any], passing: bool) -> None:
        """What a panel shows has changed: another place, or the same one said better."""
        if self._following or self._going or self._at < 0:
            return
        here, place = self._places[self._at], Place(self._current(), kind, tuple(data.items()))
        if here.panel == place.panel and (passing or not here.kind):
            self._places[self._at] = place
        else:
            self._record(place)

    def _record(self, place: Place) -> None:
        if self._going or (self._places and self._places[self._at] == place):
            return
        del self._places[self._at + 1 :]
        self._places.append(place)
        del self._places[:-MOST_PLACES]
        self._at = len(self._places) - 1
        self.changed.emit()

    def _go(self, step: int) -> None:
        at = self._at + step
        if not 0 <= at < len(self._places):
            return
        self._at, place = at, self._places[at]
        self._going = True
        try:
            if not (place.kind and self._links.open(place.kind, **dict(place.data))):
                self._show_panel(place.panel)
        finally:
            self._going = False
        self.changed.emit()
