"""The lines of logs as they are written and read (LOG-1, CLI-13).

A line is ``2026-11-21 11:22:40.118 server info message``: local time, source, level, message. Further lines
of one message are indented by four blanks. A line of an access log is
``127.0.0.1, 2026-11-21 11:22:40, GET, /path, HTTP/1.1, 200, 0.004512``.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (\S+) (\S+) (.*)", re.DOTALL)
_ACCESS = re.compile(r"(\S+), (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d), ([A-Z]+), (.*), (\S+), (\d{3}), ([\d.]+)")
FOLDER = "logs"
"""Folder of a site with the logs that the program keeps by itself."""


@dataclass(frozen=True)
class LogLine:
    """One parsed line. `time` is text as written; `level` is lower case."""

    time: str
    source: str
    level: str
    message: str


def parse_log_line(line: str) -> LogLine | None:
    """Read a line of the server's log; None when it is no first line of a message."""
    found = _LINE.fullmatch(line.rstrip("\r\n"))
    return LogLine(*found.groups()) if found else None


def parse_access_line(line: str) -> LogLine | None:
    """Read a line of an access log, its message is method, path, status, time; None when it is none."""
    found = _ACCESS.fullmatch(line.rstrip("\r\n"))
    if found is None:
        return None
    client, when, method, path, _, status, seconds = found.groups()
    level = "error" if status >= "500" else "warning" if status >= "400" else "info"
    text = f"{method} {path} {status} {float(seconds) * 1000:.1f} ms from {client}"
    return LogLine(when, "access", level, text)


def moment_of(text: str) -> float:
    """Return the seconds since 1970 of the time of a line, 0 when it is none."""
    base, _, fraction = text.partition(".")
    try:
        return time.mktime(time.strptime(base, "%Y-%m-%d %H:%M:%S")) + float(f"0.{fraction or 0}")
    except (ValueError, OverflowError):
        return 0.0
