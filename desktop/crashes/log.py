"""The window's own log: written by a thread, so that no line waits for the disk (LG-01, SH-16)."""

from __future__ import annotations

import logging
import sys
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import SimpleQueue

from runtime.foundation.log_files import KeptLog, LineFormatter

BYTES, FILES = 1_000_000, 2
LOGGERS = ("hadron", "desktop")
SOURCE = "desktop"


class _Handler(QueueHandler):
    """Hands records over under the one name that people know."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        prepared: logging.LogRecord = super().prepare(record)
        prepared.name = SOURCE
        return prepared


class DesktopLog:
    """Keeps what the window's loggers say in a file; warnings also go to the console, where there is one.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listener: QueueListener | None = None
        self._handler: _Handler | None = None
        self._levels: dict[str, int] = {}

    def open(self) -> None:
        """Begin; a folder that can't be written leaves the console."""
        targets: list[logging.Handler] = []
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            targets.append(KeptLog(self._path, BYTES, FILES))
        except OSError as error:
            logging.getLogger("hadron.desktop").warning(
                "no log is kept in %s: %s", self._path, error.strerror or error
            )
        if sys.stderr is not None:  # there is none in a program without a console
            console = logging.StreamHandler()
            console.setLevel(logging.WARNING)
            console.setFormatter(LineFormatter())
            targets.append(console)
        queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
        self._handler = _Handler(queue)
        self._listener = QueueListener(queue, *targets, respect_handler_level=True)
        self._listener.start()
        for name in LOGGERS:
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.setLevel(logging.INFO)
            logger.addHandler(self._handler)

    def close(self) -> None:
        """Write what is waiting, and end."""
        if self._listener is None or self._handler is None:
            return
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self._handler)
            logging.getLogger(name).setLevel(self._levels[name])
        self._listener.stop()
        for target in self._listener.handlers:
            target.close()
        self._listener = None
