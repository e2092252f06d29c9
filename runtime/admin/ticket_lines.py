"""Lines of an application's files that errors happened at, from its tickets (AP-15)."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.tickets import read_marks
from runtime.errors import TicketError, list_tickets, read_ticket
from runtime.errors.store import read_summary

DAYS = 14
NEWEST = 2_000
"""Tickets that are looked at."""
NEAR = 60
"""Lines around the recorded one in which a line that moved is looked for."""


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """Errors of one line.

    Attributes:
        line: counted from 1, as it was when the last one happened.
        text: of the line at that time; empty when it was not recorded.
        count: errors in `DAYS` days that nobody has marked as solved or ignored.
        last: seconds since 1970.
        ticket: number of the last one.
    """

    line: int
    text: str
    count: int
    last: float
    ticket: str


def error_lines(folder: Path, now: float | None = None) -> dict[str, list[ErrorLine]]:
    """Return the lines with errors of an application, by file relative to it with ``/``."""
    moment = time.time() if now is None else now
    try:
        entries = sorted(list_tickets(folder), key=lambda entry: entry.time, reverse=True)[:NEWEST]
    except (TicketError, OSError):
        return {}
    marks = read_marks(folder)
    counts: dict[tuple[str, int], tuple[int, float, str]] = {}
    for entry in entries:
        if moment - entry.time > DAYS * 86_400:
            break
        ticket = read_summary(folder, entry)
        mark = marks.get(ticket.group)
        decided = mark is not None and mark.state in ("solved", "ignored") and mark.at >= entry.time
        if decided or not ticket.layer or not ticket.line:
            continue
        key = (_relative(ticket.layer, folder), ticket.line)
        count, last, ticket_id = counts.get(key, (0, entry.time, entry.id))
        counts[key] = (count + 1, last, ticket_id)
    out: dict[str, list[ErrorLine]] = {}
    for (path, line), (count, last, ticket_id) in counts.items():
        text = _recorded(folder, ticket_id, line)
        out.setdefault(path, []).append(ErrorLine(line, text, count, last, ticket_id))
    return out


def _relative(path: str, folder: Path) -> str:
    marker = f"/applications/{folder.name}/"
    whole = path.replace(os.sep, "/")
    return whole.partition(marker)[2] or whole


def _recorded(folder: Path, ticket_id: str, line: int) -> str:
    try:
        ticket = read_ticket(folder, ticket_id)
    except TicketError:
        return ""
    for frame in reversed(ticket.frames):
        if frame.line == line and frame.file == ticket.layer:
            return next((text for number, text in frame.source if number == line), "")
    return ""


def present_line(error: ErrorLine, lines: list[str]) -> int | None:
    """Return where the line of an error stands in the file now; None when it is not there any more."""
    wanted = error.text.strip()
    if not wanted:
        return error.line if error.line <= len(lines) else None
    at = error.line - 1
    for distance in range(NEAR):
        for place in (at - distance, at + distance):
            if 0 <= place < len(lines) and lines[place].strip() == wanted:
                return place + 1
    return None
