"""Reading the logs of a site from their end: pieces, sources by time, what is new (LG-01, LG-06, LG-12).

Files are read backwards in pieces of bounded size, so that a log of any length opens at once. Colours meant
for a terminal become spans, secrets are masked as in tickets.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runtime.admin.terminal_text import Span, has_colours, read_lines
from runtime.errors.safe_values import mask_text
from runtime.foundation.log_lines import FOLDER, LogLine, moment_of, parse_access_line, parse_log_line
from runtime.foundation.problems import UserError

PIECE = 256 * 1024
"""Bytes read at once."""
LONGEST = 64 * 1024
"""Bytes of a line that are kept."""
MOST_LINES = 2_000
"""Further lines of one record that are kept."""
LEVELS = ("debug", "info", "warning", "error", "critical")
"""From the least to the most important."""
ACCESS = "access"


class LogProblem(UserError):
    """A log can not be read, or what is searched for is no pattern."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message.

    Attributes:
        moment: seconds since 1970, 0 when the log does not tell.
        time: as written.
        source: who wrote it.
        level: one of `LEVELS`, or another word.
        text: first line.
        more: further lines, as of a traceback.
        log: name of the log it stands in.
        looks: colours of the first line and of each further one; empty without any (UI-LG-08).
        around: it is there for a wanted one near it, and not wanted itself (LG-03).
    """

    moment: float
    time: str
    source: str
    level: str
    text: str
    more: tuple[str, ...] = ()
    log: str = ""
    looks: tuple[tuple[Span, ...], ...] = ()
    around: bool = False

    def whole(self) -> str:
        """Return the message as it would stand in the log."""
        head = f"{self.time} {self.source} {self.level} {self.text}"
        return "\n".join([head, *self.more])


def sources(site: Path) -> dict[str, Path]:
    """Return the logs of a site by name: those the program keeps, and an access log in the site folder.

    Server and access log come first, those of workers last, the one written last before the others.
    """
    found = {path.stem: path for path in sorted((site / FOLDER).glob("*.log"))}
    written = {name: _written(path) for name, path in found.items() if is_of_worker(name)}
    beside = site / "httpserver.log"
    if beside.is_file():
        found.setdefault(ACCESS, beside)
    return dict(
        sorted(
            found.items(),
            key=lambda pair: (
                pair[0] != "server",
                pair[0] != ACCESS,
                pair[0] in written,
                -written.get(pair[0], 0.0),
                pair[0],
            ),
        )
    )


def is_of_worker(log: str, application: str = "") -> bool:
    """Tell whether a log is one of a worker (of `application`, if given), see `worker_log`."""
    return f"{log}.".startswith(f"worker.{application}." if application else "worker.")


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


class LogFile:
    """A log that is read from its end: older records by `older`, those written meanwhile by `newer`.

    Args:
        name: of the source, for records that do not tell theirs.
        path: of the file.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self._begin: int | None = None  # where what was read begins
        self._end = 0
        self._identity = 0
        self._tail = b""  # of the first record read, whose beginning lies before
        self._parse = parse_access_line if name == ACCESS else parse_log_line

    @property
    def exhausted(self) -> bool:
        """Whether nothing older is left."""
        return self._begin == 0

    def older(self) -> list[Record]:
        """Return the records of the piece before what was read, oldest first; none at the beginning.

        Raises:
            LogProblem: the file can not be read.
        """
        try:
            with open(self.path, "rb") as stream:
                if self._begin is None:
                    status = os.fstat(stream.fileno())
                    self._begin = self._end = status.st_size
                    self._identity = status.st_ino
                start = max(0, self._begin - PIECE)
                stream.seek(start)
                data = stream.read(self._begin - start) + self._tail
        except FileNotFoundError:
            self._begin = 0
            return []
        except OSError as error:
            raise LogProblem(f"{self.path} can not be read: {error.strerror or error}") from error
        self._begin, self._tail = start, b""
        lines = data.split(b"\n")
        if start > 0:
            first = next((at for at, line in enumerate(lines) if at and self._starts(line)), None)
            if first is None:
                self._tail = data[:LONGEST]
                return []
            self._tail = b"\n".join(lines[:first])[-LONGEST:] + b"\n"
            lines = lines[first:]
        return self._records(lines)

    def newer(self) -> list[Record]:
        """Return what was written since; a file that was rotated or cut is read from its beginning.

        Raises:
            LogProblem: the file can not be read.
        """
        try:
            with open(self.path, "rb") as stream:
                status = os.fstat(stream.fileno())
                if self._begin is None:
                    self._begin = self._end = status.st_size
                    self._identity = status.st_ino
                    return []
                if status.st_ino != self._identity or status.st_size < self._end:
                    self._identity, self._end = status.st_ino, 0
                if status.st_size - self._end > 4 * PIECE:  # a flood: the last of it counts
                    self._end = status.st_size - 4 * PIECE
                stream.seek(self._end)
                data = stream.read(status.st_size - self._end)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LogProblem(f"{self.path} can not be read: {error.strerror or error}") from error
        whole = data.rfind(b"\n") + 1
        self._end += whole
        return self._records(data[:whole].split(b"\n"))

    def _starts(self, line: bytes) -> bool:
        return self._parse(line[:LONGEST].decode("utf-8", "replace")) is not None

    def _records(self, lines: Iterable[bytes]) -> list[Record]:
        records: list[Record] = []
        head: LogLine | None = None
        more: list[str] = []

        def finish() -> None:
            if head is not None:
                records.append(_record(head, more[:MOST_LINES], self.name))

        for raw in lines:
            line = raw[:LONGEST].decode("utf-8", "replace").rstrip("\r")
            parsed = self._parse(line)
            if parsed is not None:
                finish()
                head, more = parsed, []
            elif head is None and line:
                head, more = LogLine("", self.name, "info", line), []
            elif line:
                more.append(line)
        finish()
        return records


def _record(head: LogLine, more: Sequence[str], log: str) -> Record:
    """Return a record of its lines; where a secret is masked the colours of that line are left out."""
    lines = [head.message, *(line.removeprefix("    ") for line in more)]
    looks: list[tuple[Span, ...]] = []
    if any(map(has_colours, lines)):
        lines, looks = read_lines(lines)
    texts = [mask_text(line) for line in lines]
    looks = [look if text == line else () for look, text, line in zip(looks, texts, lines, strict=False)]
    about = (moment_of(head.time), head.time, head.source, head.level, texts[0])
    return Record(*about, tuple(texts[1:]), log, tuple(looks) if any(looks) else ())


class LogBook:
    """Several logs as one, by time.

    Args:
        chosen: the logs, by name.
        around: so many records before and after each wanted one are returned as well.

    Attributes:
        names: of the logs.
    """

    def __init__(self, chosen: dict[str, Path], around: int = 0) -> None:
        self.names = tuple(chosen)
        self._around = around
        self._passed: deque[Record] = deque(maxlen=around)  # not wanted, after what comes next; newest first
        self._owed = 0  # records before a wanted one that are still to come
        self._newest: list[Record] | None = []  # passed before the first wanted one was found
        self._skipped = 0
        self._before: deque[Record] = deque(maxlen=around)  # the last written ones nobody wanted
        self._due = 0  # records after a wanted one that are still to come
        self._files = [LogFile(name, path) for name, path in chosen.items()]
        self._waiting: dict[str, list[Record]] = {file.name: [] for file in self._files}

    @property
    def exhausted(self) -> bool:
        """Whether there is nothing older."""
        return all(file.exhausted for file in self._files) and not any(self._waiting.values())

    def older(self, count: int, wanted: Callable[[Record], bool], check: Callable[[], None]) -> list[Record]:
        """Return up to `count` records that are wanted, before those returned already; oldest first.

        Args:
            check: called now and then; raises when the work is not wanted any more.

        Raises:
            LogProblem: a log can not be read.
        """
        found: list[Record] = []
        while len(found) < count:
            check()
            record = self._latest()
            if record is None:
                break
            if wanted(record):
                self._settle_newest()
                found += [replace(one, around=True) for one in self._passed]
                self._passed.clear()
                found.append(record)
                self._owed = self._around
            elif self._owed:
                self._owed -= 1
                found.append(replace(record, around=True))
            else:
                self._pass(record)
        found.reverse()
        return found

    def _pass(self, record: Record) -> None:
        self._passed.append(record)
        if self._newest is not None:
            self._skipped += 1
            if len(self._newest) < self._around:
                self._newest.append(record)
                self._before = deque(reversed(self._newest), self._around)

    def _settle_newest(self) -> None:
        """The first wanted record is found: what was passed may stand around it, or before one to come."""
        if self._newest is not None:
            hidden = max(0, self._skipped - self._around)
            self._before = deque(reversed(self._newest[:hidden]), self._around)
            self._due = max(0, self._around - self._skipped)
            self._newest = None

    def _latest(self) -> Record | None:
        """Take the newest record that has not been taken yet."""
        for file in self._files:
            waiting = self._waiting[file.name]
            while not waiting and not file.exhausted:
                waiting.extend(file.older())
        candidates = [name for name, waiting in self._waiting.items() if waiting]
        if not candidates:
            return None
        name = max(candidates, key=lambda one: self._waiting[one][-1].moment)
        return self._waiting[name].pop()

    def newer(self, wanted: Callable[[Record], bool]) -> list[Record]:
        """Return what was written since and is wanted, by time.

        Raises:
            LogProblem: a log can not be read.
        """
        written = [record for file in self._files for record in file.newer()]
        found: list[Record] = []
        for record in sorted(written, key=lambda record: record.moment):
            if wanted(record):
                shown = {id(one) for one in self._before}
                found += [replace(one, around=True) for one in self._before]
                self._before.clear()
                self._passed = deque((one for one in self._passed if id(one) not in shown), self._around)
                found.append(record)
                self._due, self._newest = self._around, None
            elif self._due:
                self._due -= 1
                found.append(replace(record, around=True))
            else:
                self._before.append(record)
        return found


@dataclass(frozen=True)
class LogFilter:
    """What is shown of the logs (LG-03).

    Attributes:
        level: the least important level shown.
        text: words that all have to be found; between slashes a regular expression.
        application: only lines that name it, as access lines and loggers do, and those of its workers;
            empty for all.
        around: so many lines before and after each that is wanted are shown as well.
    """

    level: str = "debug"
    text: str = ""
    application: str = ""
    around: int = 0

    def test(self) -> Callable[[Record], bool]:
        """Return the function that tells whether a record is wanted.

        Raises:
            LogProblem: `text` is no regular expression.
        """
        least = LEVELS.index(self.level) if self.level in LEVELS else 0
        matches = _matcher(self.text)
        names = _names(self.application) if self.application else None

        def wanted(record: Record) -> bool:
            if record.level in LEVELS and LEVELS.index(record.level) < least:
                return False
            if names is not None and not names(record):
                return False
            return matches is None or matches(record)

        return wanted


def _names(application: str) -> Callable[[Record], bool]:
    """Return the function that tells whether a record is about `application`."""
    path = re.compile(rf"(?<!\w){re.escape(application)}/|/{re.escape(application)}(?!\w)").search
    return lambda record: (
        record.source.endswith(f".{application}")
        or is_of_worker(record.log, application)
        or path(record.text) is not None
    )


def _matcher(text: str) -> Callable[[Record], bool] | None:
    text = text.strip()
    if not text:
        return None
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        try:
            search = re.compile(text[1:-1], re.IGNORECASE).search
        except re.error as error:
            raise LogProblem(f"{text} is no regular expression: {error}") from None
        return lambda record: any(search(line) for line in (record.text, record.source, *record.more))
    words = text.casefold().split()

    def matches(record: Record) -> bool:
        whole = "\n".join((record.source, record.level, record.text, *record.more)).casefold()
        return all(word in whole for word in words)

    return matches


def texts_of(records: Sequence[Record]) -> str:
    """Return records as the text of a log."""
    return "".join(f"{record.whole()}\n" for record in records)
