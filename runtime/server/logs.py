"""Logging of the server: line format, console levels, `logging.conf`, the latest records (LOG-1..6).

Loggers: ``web2py``, ``web2py.server``, ``web2py.rewrite``, ``web2py.cron``, ``web2py.scheduler`` and
``web2py.app.NAME`` for each application.

Lines are those of `runtime.foundation.log_files`.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from pathlib import Path
from typing import IO, Any

from runtime.foundation.log_files import LineFormatter
from runtime.foundation.logging_conf import read_logging_conf

NAMES = ("web2py", "web2py.app", "web2py.server", "web2py.rewrite", "web2py.cron", "web2py.scheduler")
"""The runtime's own loggers (LOG-6)."""


class LogRing(logging.Handler):
    """Keeps the latest records for who adopts a server whose log went to somebody else."""

    def __init__(self, size: int = 1000) -> None:
        super().__init__()
        self.setFormatter(LineFormatter())
        self._lines: deque[tuple[int, str]] = deque(maxlen=size)
        self._count = 0
        self._counting = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        line = self.format(record)
        with self._counting:
            self._count += 1
            self._lines.append((self._count, line))

    def since(self, since: int = 0) -> dict[str, Any]:
        """Return the lines after the cursor `since`, and the next cursor."""
        with self._counting:
            return {"cursor": self._count, "lines": [line for number, line in self._lines if number > since]}


def configure_logging(
    site_folder: Path, level: int, stream: IO[str] | None, ring: LogRing | None = None
) -> str | None:
    """Set up logging for this process (LOG-1, CLI-25). For a process of its own, not for an embedded server.

    Args:
        site_folder: its ``logging.conf``, when there is one, decides.
        level: level of the console without that file, 0 (all) to 100 (none).
        stream: the console; None for no console at all.
        ring: also receives every record that passes the loggers' levels.

    Returns:
        Why ``logging.conf`` was not used, when it is there but wrong; else None.
    """
    root = logging.getLogger()
    configured, problem = read_logging_conf(site_folder)
    if not configured:
        for handler in list(root.handlers):
            root.removeHandler(handler)
        root.setLevel(level)
        if stream is not None:
            console = logging.StreamHandler(stream)
            console.setLevel(level)  # cron tells its own log more than the console
            console.setFormatter(LineFormatter())
            root.addHandler(console)
        else:
            root.addHandler(logging.NullHandler())
    if ring is not None:
        root.addHandler(ring)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a closed console must not make a request fail or print
    return problem


def sample_logging_conf() -> str:
    """Return the commented example configuration (LOG-1, LOG-3, LOG-4)."""
    return _SAMPLE


_SAMPLE = """\
# Example of a logging configuration. Copy it to logging.conf in the site folder, edit it, restart the server.
# A message is shown when its level passes the logger and the handler; the strictest wins.
# To tune one application, add its name to [loggers] keys and a section like [logger_welcome].

[loggers]
keys=root,rewrite,web2py,app,welcome

[handlers]
keys=consoleHandler,rotatingFileHandler,notificationHandler,messageBoxHandler,sysLogHandler

[formatters]
keys=lineFormatter

[logger_root]
level=WARNING
handlers=consoleHandler

[logger_web2py]
level=WARNING
handlers=consoleHandler
qualname=web2py
propagate=0

# Rewriting of addresses, as routes.py sets its own level.
[logger_rewrite]
level=WARNING
qualname=web2py.rewrite
handlers=consoleHandler
propagate=0

# All applications that have no section of their own.
[logger_app]
level=WARNING
qualname=web2py.app
handlers=consoleHandler
propagate=0

[logger_welcome]
level=WARNING
qualname=web2py.app.welcome
handlers=consoleHandler
propagate=0

[handler_consoleHandler]
class=StreamHandler
level=WARNING
formatter=lineFormatter
args=(sys.stderr,)

# Name it in `handlers` of a logger to use it: five files of a million bytes.
[handler_rotatingFileHandler]
class=handlers.RotatingFileHandler
level=DEBUG
formatter=lineFormatter
args=('web2py.log', 'a', 1000000, 5)

# A notification of the desktop.
[handler_notificationHandler]
class=runtime.server.notify.NotificationHandler
level=ERROR
args=()

# A window that stays until somebody closes it.
[handler_messageBoxHandler]
class=runtime.server.notify.MessageBoxHandler
level=CRITICAL
args=()

# The log of the system.
[handler_sysLogHandler]
class=handlers.SysLogHandler
level=WARNING
args=()

[formatter_lineFormatter]
class=runtime.server.logs.LineFormatter
"""


def silence_console() -> None:
    """Send everything printed from now on to nowhere (CLI-24)."""
    nowhere = open(os.devnull, "w", encoding="utf-8")
    sys.stdout = sys.stderr = nowhere
