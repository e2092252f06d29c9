"""Ctrl+C and termination by the system reach the event loop at once, without polling."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

WINDOWS_BEAT = 1000  # milliseconds between two looks where the loop cannot wait for signals


class Interrupts(QObject):
    """Calls `ask` in the event loop when the process is interrupted, told to end, or loses its terminal."""

    def __init__(self, ask: Callable[[], object]) -> None:
        super().__init__()
        self._ask = ask
        self._ends = socket.socketpair()
        for end in self._ends:
            end.setblocking(False)
        signal.set_wakeup_fd(self._ends[1].fileno())
        self._numbers = [signal.SIGINT, signal.SIGTERM]
        if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup does
            self._numbers.append(signal.SIGHUP)
        for number in self._numbers:
            signal.signal(number, self._on_signal)
        if sys.platform == "win32":
            self._beat = QTimer(self, interval=WINDOWS_BEAT)
            self._beat.timeout.connect(bool)
            self._beat.start()
        else:
            self._wake = QSocketNotifier(self._ends[0].fileno(), QSocketNotifier.Type.Read, self)
            self._wake.activated.connect(self._on_wake)

    def _on_wake(self) -> None:
        self._ends[0].recv(64)  # back in Python, the interpreter runs the handler

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._ask()

    def close(self) -> None:
        """Gives the signals back to Python's defaults."""
        signal.set_wakeup_fd(-1)
        for number in self._numbers:
            signal.signal(number, signal.SIG_DFL)
        for end in self._ends:
            end.close()
