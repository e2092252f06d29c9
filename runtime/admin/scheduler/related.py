"""What else is known of a failed run: the line of the application, and its ticket (UI-SC-06)."""

from __future__ import annotations

import re
from pathlib import Path

from runtime.errors import TicketError, list_tickets, read_ticket

_PLACE = re.compile(r'File "([^"\n]+)", line (\d+)')
_TICKET = re.compile(r"Ticket: ([^/\n]+)/(\S+)\n")
_SLACK = 2.0  # seconds between a run and its ticket
_MOST = 20


def place_of(traceback: str, application: str) -> tuple[str, int]:
    """Return file and line of the innermost frame that belongs to an application; ``("", 0)`` for none."""
    part = f"/applications/{application}/"
    found = ("", 0)
    for path, line in _PLACE.findall(traceback):
        if part in path.replace("\\", "/"):
            found = (path, int(line))
    return found


def short_place(path: str, application: str) -> str:
    """Return a path below the application's folder."""
    return path.replace("\\", "/").rpartition(f"/applications/{application}/")[2]


def ticket_of_run(site: Path, application: str, start: float, stop: float, traceback: str) -> str:
    """Return the id of the ticket of a failed run; empty when there is none.

    The run names it; one of another program's worker is looked for by time and error.

    Args:
        site: the site folder.
        application: its name.
        start, stop: of the run, seconds since 1970.
        traceback: of the run.
    """
    named = _TICKET.match(traceback)
    if named and named[1] == application:
        return named[2]
    error = traceback.strip().rpartition("\n")[2]
    folder = site / "applications" / application
    try:
        entries = [one for one in list_tickets(folder) if start - _SLACK <= one.time <= stop + _SLACK]
    except (OSError, TicketError):
        return ""
    for entry in entries[:_MOST]:
        try:
            ticket = read_ticket(folder, entry.id)
        except TicketError:
            continue
        if error and error.strip() in f"{ticket.exception}: {ticket.message}":
            return str(entry.id)
    return ""
