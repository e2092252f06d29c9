"""The last log lines of each thread, for the ticket of the moment (TK-18)."""

from __future__ import annotations

import logging
import threading
from collections import deque

KEPT = 50


class _Lines(threading.local):
    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT)


_LINES = _Lines()
_FORMAT = logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s")


class RingHandler(logging.Handler):
    """Keeps what the thread of a request logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line, without any traceback."""
        try:
            text = (
                f"{_FORMAT.formatTime(record)} {record.name} {record.levelname.lower()} {record.getMessage()}"
            )
        except Exception:  # a log call with wrong arguments must not hide the error being recorded
            text = f"{record.name} {record.levelname.lower()} {record.msg!r}"
        _LINES.lines.append(text[:500])


_HANDLER = RingHandler(logging.DEBUG)


def install() -> None:
    """Listen to all loggers; calling it again changes nothing."""
    root = logging.getLogger()
    if _HANDLER not in root.handlers:
        root.addHandler(_HANDLER)


def begin() -> None:
    """Forget the lines of the thread's last request."""
    _LINES.lines.clear()


def recent_lines() -> list[str]:
    """Return the lines of the running request, oldest first."""
    return list(_LINES.lines)
