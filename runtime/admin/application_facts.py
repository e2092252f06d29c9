"""What the list of applications says of each: state, errors, untranslated strings, size, change (AP-01)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.applications import ApplicationInfo
from runtime.admin.languages import statistics
from runtime.admin.sources import SourceError, parse_file
from runtime.errors import TicketError, list_tickets
from runtime.foundation.problems import UserError

DAY = 86_400
_NOT_SOURCES = frozenset(("sessions", "errors", "cache", "databases", "uploads", "compiled"))
_OWN_LANGUAGES = frozenset(("default", "en"))


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures of one application; None where a figure can't be known.

    Attributes:
        name: of the application.
        errors: tickets of the last 24 hours.
        untranslated: strings without a translation, in all languages together.
        size: bytes of all its files.
        files: how many files that are.
        changed: when a source file was last changed, in seconds since 1970.
        fault: why it does not load; empty when nothing is known against it.
        fault_file: the model that is no Python, relative to the application's folder; empty when not known.
        fault_line: the line of it.
    """

    name: str
    errors: int | None = None
    untranslated: int | None = None
    size: int | None = None
    files: int = 0
    changed: float | None = None
    fault: str = ""
    fault_file: str = ""
    fault_line: int = 0


def read_facts(
    info: ApplicationInfo, cancelled: Callable[[], bool] = bool, now: float | None = None
) -> Facts:
    """Return the figures of one application, read from its files alone."""
    size, files, changed = measure(info.folder, cancelled)
    return Facts(
        info.name,
        _errors(info.folder, time.time() if now is None else now),
        _untranslated(info.folder),
        size,
        files,
        changed,
        *model_fault(info.folder),
    )


def measure(folder: Path, cancelled: Callable[[], bool] = bool) -> tuple[int, int, float | None]:
    """Return bytes and number of all files below `folder`, and when a source was last changed."""
    size, files, changed = 0, 0, 0.0
    for own, info in _walk(folder, cancelled):
        size += info.st_size
        files += 1
        if own and info.st_mtime > changed:
            changed = info.st_mtime
    return size, files, changed or None


def _walk(folder: Path, cancelled: Callable[[], bool]) -> Iterator[tuple[bool, os.stat_result]]:
    waiting = [(os.fspath(folder), True)]
    while waiting and not cancelled():
        here, own = waiting.pop()
        top = here == os.fspath(folder)
        try:
            with os.scandir(here) as scanned:
                for each in scanned:
                    if each.is_dir(follow_symlinks=False):
                        below = own and not (top and each.name in _NOT_SOURCES) and each.name != "__pycache__"
                        waiting.append((each.path, below))
                    else:
                        yield own, each.stat(follow_symlinks=False)
        except OSError:
            continue


def _errors(folder: Path, now: float) -> int | None:
    try:
        return sum(1 for entry in list_tickets(folder) if now - entry.time < DAY)
    except (TicketError, OSError):
        return None


def _untranslated(folder: Path) -> int | None:
    try:
        counts = statistics(folder)
    except (UserError, OSError):
        return None
    return sum(each.untranslated for name, each in counts.items() if name not in _OWN_LANGUAGES)


def model_fault(folder: Path) -> tuple[str, str, int]:
    """Return why the first model that is no Python is none, its path and line; empty and 0 when all are."""
    try:
        models = sorted((folder / "models").glob("*.py"))
    except OSError as error:
        return f"models can't be read: {error.strerror or error}", "", 0
    for path in models:
        try:
            parse_file(path)
        except SourceError as error:
            return str(error), f"models/{path.name}", error.line
    return "", "", 0
