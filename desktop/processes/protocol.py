"""What a server process says: event lines on its standard output, log lines on its standard error."""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop.processes.state import Cause, LogLine

EVENT_NAMES = frozenset({"started", "listening", "checking", "ready", "failed", "draining", "stopped"})
LINE_LIMIT = 64 * 1024  # bytes of one event line
LOG_LIMIT = 4 * 1024  # bytes of one log line
WAITING_LINES = 500  # log lines kept between two looks of the window

_LOG_LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?) (?P<source>\S+) "
    r"(?P<level>debug|info|warning|error|critical)\b ?(?P<text>.*)",
    re.IGNORECASE,
)
_CONTROL_CHARACTERS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class HostEvent:
    """Something a server said (a name of EVENT_NAMES) or that happened to it ("spawned", "ended")."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def number(self, key: str, default: float | None = None) -> float | None:
        """The value of `key` if it is a number."""
        value = self.data.get(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else default

    def text(self, key: str) -> str | None:
        """The value of `key` if it is text."""
        value = self.data.get(key)
        return value if isinstance(value, str) else None


def parse_event(line: str) -> HostEvent | None:
    """The event in one line of standard output, or None for anything else a program may print."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    name = document.pop("event", None)
    return HostEvent(name, document) if isinstance(name, str) and name in EVENT_NAMES else None


def cause_of(event: HostEvent) -> Cause:
    """The cause told by a `failed` event."""
    owner = event.data.get("owner")
    details = HostEvent("owner", owner if isinstance(owner, dict) else {})
    pid = details.number("pid")
    free = event.number("next_free")
    return Cause(
        kind=event.text("kind") or "failed",
        sentence=sentence(event.text("message") or "the server could not start and gave no reason"),
        owner_name=details.text("name"),
        owner_pid=None if pid is None else int(pid),
        next_free_port=None if free is None else int(free),
    )


def sentence(text: str) -> str:
    """A message with a capital letter and a full stop."""
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def parse_log(lines: Iterable[str], source: str = "server", level: str = "info") -> list[LogLine]:
    """Log lines from text; one without a time (of a traceback) takes source and level of the one before."""
    parsed = []
    for line in lines:
        clean = _CONTROL_CHARACTERS.sub("", line)
        match = _LOG_LINE.fullmatch(clean)
        if match:
            source, level = match["source"], match["level"].lower()
            parsed.append(LogLine(match["time"], source, level, match["text"]))
        elif clean.strip():
            parsed.append(LogLine("", source, level, clean.rstrip()))
    return parsed


class LineSplitter:
    """Cuts a stream of bytes into lines of at most `limit` bytes; the rest of a longer line is dropped."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""
        self._skipping = False

    def feed(self, data: bytes, keep: int | None = None) -> tuple[list[str], int]:
        """Complete lines in `data`, the last `keep` of them decoded, and the number of those passed over."""
        *lines, rest = (self._rest + data).split(b"\n")
        if lines and self._skipping:
            self._skipping = False
            del lines[0]
        if self._skipping:
            rest = b""
        elif len(rest) > self._limit:
            lines.append(rest)
            rest, self._skipping = b"", True
        self._rest = rest
        passed = 0 if keep is None else max(0, len(lines) - keep)
        kept = (line[: self._limit].decode("utf-8", "replace") for line in lines[passed:])
        return [line.rstrip("\r") for line in kept], passed

    def finish(self) -> list[str]:
        """What came after the last line end."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest and not self._skipping else []


class LogBuffer:
    """Log lines between the thread that reads them and the window; a flood is counted, not kept."""

    def __init__(self, limit: int = WAITING_LINES) -> None:
        self._lock = threading.Lock()
        self._lines: deque[LogLine] = deque(maxlen=limit)
        self._left_out = 0
        self._announced = False

    def put(self, lines: list[LogLine], passed: int = 0) -> bool:
        """Add lines; True when the taker has to be told that there is something."""
        with self._lock:
            limit = self._lines.maxlen or 0
            self._left_out += passed + max(0, len(self._lines) + len(lines) - limit)
            self._lines.extend(lines)
            announce = bool(lines) and not self._announced
            self._announced = self._announced or announce
            return announce

    def take(self) -> list[LogLine]:
        """All waiting lines, oldest first; empty means that the next `put` announces again."""
        with self._lock:
            lines = list(self._lines)
            self._lines.clear()
            if self._left_out:
                text = f"... {self._left_out} lines left out here ..."
                lines.insert(0, LogLine("", "desktop", "warning", text))
                self._left_out = 0
            if not lines:
                self._announced = False
            return lines
