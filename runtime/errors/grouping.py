"""Errors of one kind belong together (ERR-11, TK-01, TK-02)."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from runtime.errors.sampling import repeats
from runtime.errors.store import UNREADABLE, TicketEntry, errors_folder, list_tickets, read_summary
from runtime.errors.ticket import Ticket, relative


@dataclass(slots=True)
class TicketGroup:
    """Errors of one kind.

    Attributes:
        key: what they have in common, see `fingerprint`.
        application: where they happened.
        latest: summary of the newest ticket.
        ids: numbers of the tickets, newest first.
        count: all of them, those only counted included.
        first, last: seconds since 1970.
        days: how many by day, ``2026-11-20``.
    """

    key: str
    application: str
    latest: Ticket
    ids: list[str] = field(default_factory=list)
    count: int = 0
    first: float = 0.0
    last: float = 0.0
    days: dict[str, int] = field(default_factory=dict)

    @property
    def unreadable(self) -> bool:
        """Tell whether these are tickets that can not be read."""
        return self.latest.exception == UNREADABLE


def key_of(ticket: Ticket) -> str:
    """Return what the ticket has in common with others of its kind."""
    if ticket.exception == UNREADABLE:
        return UNREADABLE
    return ticket.group or f"{ticket.exception}|{relative(ticket.layer)}"


def group_summaries(
    folder: str | os.PathLike[str], application: str, summaries: Iterable[tuple[TicketEntry, Ticket]]
) -> list[TicketGroup]:
    """Return summaries, given newest first, by kind; the newest kind first."""
    groups: dict[str, TicketGroup] = {}
    for entry, ticket in summaries:
        key = key_of(ticket)
        group = groups.get(key)
        if group is None:
            group = groups[key] = TicketGroup(key, application, ticket, last=entry.time)
        group.ids.append(entry.id)
        group.count += 1
        group.first = entry.time
        day = time.strftime("%Y-%m-%d", time.localtime(entry.time))
        group.days[day] = group.days.get(day, 0) + 1
    errors = errors_folder(folder)
    for group in groups.values():
        counted = repeats(errors, group.key)
        group.count += counted.count
        group.last = max(group.last, counted.last)
        group.first = min(group.first, *map(_begin, counted.days), group.last)
        for day, number in counted.days.items():
            group.days[day] = group.days.get(day, 0) + number
    return sorted(groups.values(), key=lambda group: group.last, reverse=True)


def _begin(day: str) -> float:
    """Return when a day of the counters began; never for a text that is no day."""
    try:
        return time.mktime(time.strptime(day, "%Y-%m-%d"))
    except (ValueError, OverflowError):
        return math.inf


def group_tickets(
    folder: str | os.PathLike[str],
    known: dict[str, Ticket] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[TicketGroup]:
    """Return the application's tickets by kind, the newest kind first (ERR-11).

    Args:
        folder: of the application.
        known: summaries read before, by number; new ones are added, those gone are dropped.
        progress: called now and then with how many were read of how many; may raise to end the work.

    Raises:
        TicketError: the folder or the database can not be read.
    """
    known = {} if known is None else known
    entries = list_tickets(folder)
    gone = known.keys() - {entry.id for entry in entries}
    for ticket_id in gone:
        del known[ticket_id]
    for number, entry in enumerate(entries):
        if progress is not None and number % 200 == 0:
            progress(number, len(entries))
        if entry.id not in known:
            known[entry.id] = read_summary(folder, entry)
    name = os.path.basename(os.path.normpath(folder))
    return group_summaries(folder, name, ((entry, known[entry.id]) for entry in entries))
