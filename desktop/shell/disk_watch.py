"""Warns before the disk of the site folder is full (SH-13, desktop-ux 12.4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from desktop.background import Tasks
from desktop.processes.site_place import LEAST_FREE, free_bytes

from .notices import Notices
from .system_notices import SystemNotices

KEY, KIND = "disk-space", "disk_space"
EVERY = 5 * 60 * 1000  # milliseconds between two looks
DAY = 86_400.0  # seconds between two notices of the system


class DiskWatch(QObject):
    """Looks now and then; a bar while little is free, a notice of the system at most once a day.

    Args:
        tasks: looks in the background.
        notices: get the bar.
        system_notices: tell it while the window is hidden.
        site: the site folder.
        free: see `free_bytes`.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        tasks: Tasks,
        notices: Notices,
        system_notices: SystemNotices,
        site: Callable[[], Path],
        free: Callable[[Path], int | None] = free_bytes,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._notices, self._system_notices = tasks, notices, system_notices
        self._site, self._free, self._clock = site, free, clock
        self._is_low, self._told = False, float("-inf")
        self._timer = QTimer(self, interval=EVERY)
        self._timer.setObjectName("disk-watch")
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Looks now, and from now on."""
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Looks once."""
        site, free = self._site(), self._free
        self._tasks.run(
            lambda _context: free(site),
            owner=self,
            title="Looking at the space on the disk",
            key=KEY,
            reading=True,
            on_done=lambda found: self._on_looked(site, found),
        )

    def _on_looked(self, site: Path, free: int | None) -> None:
        was_low, self._is_low = self._is_low, free is not None and free < LEAST_FREE
        if free is None or not self._is_low:
            if was_low:
                self._notices.dismiss(KEY)
            return
        words = (
            f"Only {free // 1_000_000} MB are free on the disk of {site}. "
            "Sessions, tickets, uploads and databases need room there: make some."
        )
        if not was_low:  # a bar that was closed stays closed until there was room in between
            self._notices.post("warning", words, replace=KEY)
        now = self._clock()
        if now - self._told >= DAY and self._system_notices.tell(KIND, words, "warning"):
            self._told = now
