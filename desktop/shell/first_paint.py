"""What has to wait until the person sees the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

LONGEST_WAIT = 1000
"""Milliseconds after which it goes on without: a window that starts minimised paints nothing."""


class FirstPaint(QObject):
    """Calls `then` once the window has been painted for the first time.

    Threads that begin before would take turns with the painting.
    """

    def __init__(self, window: QWidget, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._then: Callable[[], None] | None = then
        self._window = window
        window.installEventFilter(self)
        self._timer = QTimer(self, interval=LONGEST_WAIT, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self, self._go_on)  # the parts of the window follow in this turn
        return False

    def _go_on(self) -> None:
        self._timer.stop()
        then, self._then = self._then, None
        if then is not None:
            then()
