"""When the person has last touched keys or mouse over the window."""

from __future__ import annotations

import time

import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QWindow

_TOUCHES = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.InputMethod,
    )
)


class Idle(QObject):
    """Watches the window of the system, which gets each touch once; widgets would see many more events."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window: QWindow | None = None
        self._touched = float("-inf")

    def watch(self, window: QWindow | None) -> None:
        """Watches another window."""
        if window is self._window:
            return
        if self._window is not None and shiboken6.isValid(self._window):
            self._window.removeEventFilter(self)
        self._window = window
        if window is not None:
            window.installEventFilter(self)

    def seconds(self) -> float:
        """How long nothing was touched; for any thread."""
        return time.monotonic() - self._touched

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self._touched = time.monotonic()
        return False
