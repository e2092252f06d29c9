"""Standard output of a task (SCHED-45)."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable

_SEND_WITHIN = 0.05  # seconds that printed text may wait
_SEND_AT = 8192  # characters that are sent at once


class PrintedText(io.TextIOBase):
    """Sends what is printed soon, in pieces of some size.

    Args:
        send: takes a piece.
    """

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._parts: list[str] = []
        self._size = 0
        self._sent = 0.0
        self._lock = threading.RLock()
        self._something = threading.Event()
        self._sender: threading.Thread | None = None  # most tasks print nothing that would have to wait

    encoding = "utf-8"

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Take printed text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            self._parts.append(text)
            self._size += len(text)
            # a line that comes alone goes at once; those that follow quickly go together
            alone = text.endswith("\n") and time.monotonic() - self._sent > _SEND_WITHIN
            if alone or self._size >= _SEND_AT:
                self.flush()
            elif not self._something.is_set():
                self._something.set()
                if self._sender is None:
                    self._start_sender()
        return len(text)

    def _start_sender(self) -> None:
        sender = threading.Thread(target=self._send_soon, name="hadron-output", daemon=True)
        try:
            sender.start()
            self._sender = sender
        except RuntimeError:  # a task with a memory limit may have no room for a thread
            self.flush()

    def flush(self) -> None:
        """Send what was printed so far."""
        with self._lock:
            text = "".join(self._parts)
            self._parts.clear()
            self._size = 0
            self._something.clear()
            if text:
                self._sent = time.monotonic()
                self._send(text)

    def _send_soon(self) -> None:
        pause = threading.Event()
        while True:
            self._something.wait()
            pause.wait(_SEND_WITHIN)
            self.flush()
