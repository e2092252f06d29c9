"""Notices of the system while the window is hidden, kept few (SH-13)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from .preferences import Preferences
from .tray import Tray

QUIET = 30.0  # seconds after the start in which nothing is told
PAUSE = 60.0  # seconds between two notices of one kind

Sum = Callable[[int], str]


@dataclass
class _Kind:
    """What waits to be told of one kind, and from when on it may be."""

    free_at: float
    count: int = 0
    text: str = ""
    level: str = "info"
    sum: Sum | None = None


class SystemNotices(QObject):
    """Tells the system at most one thing per kind and minute; what comes meanwhile is added up.

    Args:
        tray: who can tell it.
        preferences: a kind is off where ``notices.<kind>`` is false.
        wanted: whether nobody looks at the window.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        tray: Tray,
        preferences: Preferences,
        wanted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tray, self._preferences, self._wanted, self._clock = tray, preferences, wanted, clock
        self._quiet_until = clock() + QUIET
        self._kinds: dict[str, _Kind] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.setObjectName("system-notices")
        self._timer.timeout.connect(self.flush)

    def tell(self, kind: str, text: str, level: str = "info", sum: Sum | None = None) -> bool:
        """Tells `text` now, or later with what else comes of this kind; False when it will not be told.

        Args:
            kind: the option ``notices.<kind>`` it belongs to.
            text: one sentence.
            level: ``"info"``, ``"warning"`` or ``"error"``.
            sum: the sentence for several of them, given their number; default the last one with it.
        """
        if not self._wanted() or not self._preferences.get(f"notices.{kind}", True):
            return False
        waiting = self._kinds.setdefault(kind, _Kind(self._quiet_until))
        waiting.count += 1
        waiting.text, waiting.level, waiting.sum = text, level, sum
        self.flush()
        return True

    def flush(self) -> None:
        """Tells what is due; what waits for a window that is seen again is forgotten."""
        now = self._clock()
        for waiting in self._kinds.values():
            if not waiting.count:
                continue
            if not self._wanted():
                waiting.count = 0
            elif now >= waiting.free_at:
                self._tray.notify("Hadron", _words(waiting), waiting.level)
                waiting.count, waiting.free_at = 0, now + PAUSE
        due = [waiting.free_at for waiting in self._kinds.values() if waiting.count]
        if due:
            self._timer.start(max(1, round((min(due) - now) * 1000)))


def _words(waiting: _Kind) -> str:
    if waiting.count == 1:
        return waiting.text
    if waiting.sum is not None:
        return waiting.sum(waiting.count)
    return f"{waiting.text} ({waiting.count} times)"
