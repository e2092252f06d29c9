"""Tickets of a site for whoever looks after it: applications, states of groups, export, import (DESK-13)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Literal

from runtime.admin.applications import list_applications
from runtime.errors import (
    Ticket,
    TicketEntry,
    TicketError,
    TicketGroup,
    list_tickets,
    read_ticket,
    ticket_html,
)
from runtime.errors.store import SUFFIX, errors_folder
from runtime.errors.ticket import DATED, TICKET_ID
from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock
from runtime.foundation.paths import APPLICATION_NAME

STATES = ".states.json"
State = Literal["open", "new", "again", "solved", "ignored"]


def application_path(site: Path, application: str) -> Path:
    """Return the folder of an application of `site`.

    Raises:
        TicketError: there is none of that name.
    """
    folder = site / "applications" / application
    if APPLICATION_NAME.fullmatch(application) is None or not folder.is_dir():
        names = ", ".join(info.name for info in list_applications(site)) or "none"
        raise TicketError(f"there is no application {application[:80]!r} in {site}; there are: {names}")
    return folder


def find_ticket(site: Path, number: str) -> tuple[str, str] | None:
    """Return application and id of a ticket number as a visitor sends it, None when there is none (TK-04).

    Args:
        site: the site folder.
        number: ``application/id``, the id alone, or an address that ends in either.
    """
    text = number.strip().strip("\"'<>").rstrip("/.,;)").partition("?")[0]
    application, _, ticket_id = text.rpartition("/")
    application = application.rpartition("/")[2]
    if TICKET_ID.fullmatch(ticket_id) is None or DATED.search(ticket_id) is None:
        return None
    names = [info.name for info in list_applications(site)]
    ordered = [application] if application in names else names
    for name in ordered:
        try:
            read_ticket(site / "applications" / name, ticket_id)
        except TicketError as error:
            if not str(error).startswith("there is no ticket"):
                return name, ticket_id  # it is there, but can not be read
            continue
        return name, ticket_id
    return None


def looks_like_number(text: str) -> bool:
    """Tell whether `text` holds the number of a ticket rather than words to search for."""
    last = text.strip().rpartition("/")[2]
    return DATED.search(last) is not None


# states of groups


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person decided about a group of errors (TK-11).

    Attributes:
        state: ``open``, ``solved`` or ``ignored``.
        at: when, in seconds since 1970.
        count: errors of the group at that time.
        until_time: ignored until then, in seconds since 1970; None for ever.
        until_count: ignored until so many more happened; None for any number.
        seen: somebody has looked at the group.
    """

    state: str = "open"
    at: float = 0.0
    count: int = 0
    until_time: float | None = None
    until_count: int | None = None
    seen: bool = False


def state_of(group: TicketGroup, mark: Mark | None, now: float) -> State:
    """Return how a group stands: a solved one that came back is ``again``, one nobody saw is ``new``."""
    if mark is None:
        return "new"
    if mark.state == "solved":
        return "again" if group.last > mark.at or group.count > mark.count else "solved"
    if mark.state == "ignored":
        late = mark.until_time is not None and now >= mark.until_time
        many = mark.until_count is not None and group.count - mark.count >= mark.until_count
        return "open" if late or many else "ignored"
    return "open" if mark.seen else "new"


def read_marks(folder: Path) -> dict[str, Mark]:
    """Return what was decided about the groups of an application, by group; wrong entries are left out."""
    try:
        data: Any = json.loads((errors_folder(folder) / STATES).read_bytes())
    except (OSError, ValueError):
        return {}
    out: dict[str, Mark] = {}
    if not isinstance(data, dict):
        return out
    for key, entry in data.items():
        try:
            mark = Mark(**{name: entry[name] for name in Mark.__dataclass_fields__ if name in entry})
            if mark.state in ("open", "solved", "ignored") and mark.at >= 0 and mark.count >= 0:
                out[key] = mark
        except TypeError:
            continue
    return out


def change_marks(folder: Path, change: Callable[[dict[str, Mark]], None]) -> dict[str, Mark]:
    """Read the marks of an application, let `change` change them, write and return them.

    Raises:
        TicketError: they can not be written.
    """
    errors = errors_folder(folder)
    try:
        errors.mkdir(parents=True, exist_ok=True)
        with file_lock(errors / f"{STATES}.lock", timeout=5.0):
            marks = read_marks(folder)
            before = dict(marks)
            change(marks)
            if marks != before:
                text = json.dumps({key: asdict(mark) for key, mark in marks.items()}, indent=1)
                write_atomic(errors / STATES, text)
            return marks
    except OSError as error:
        reason = error.strerror or str(error)
        raise TicketError(f"the states of tickets in {errors} can not be written: {reason}") from error


def mark_groups(
    folder: Path,
    groups: Iterable[TicketGroup],
    state: str,
    *,
    until_time: float | None = None,
    until_count: int | None = None,
) -> None:
    """Solve, ignore or reopen groups of errors (TK-11).

    Args:
        folder: of the application.
        groups: as they are known now.
        state: ``open``, ``solved`` or ``ignored``.
        until_time: see `Mark`.
        until_count: see `Mark`.

    Raises:
        TicketError: the states can not be written.
    """
    now = time.time()

    def change(marks: dict[str, Mark]) -> None:
        for group in groups:
            at = max(now, group.last)
            marks[group.key] = Mark(state, at, group.count, until_time, until_count, seen=True)

    change_marks(folder, change)


def mark_seen(folder: Path, keys: Iterable[str]) -> None:
    """Note that a person has looked at groups (TK-01).

    Raises:
        TicketError: it can not be written.
    """

    def change(marks: dict[str, Mark]) -> None:
        for key in keys:
            marks[key] = replace(marks.get(key, Mark()), seen=True)

    change_marks(folder, change)


# export and import


def export_json(tickets: list[Ticket]) -> str:
    """Return tickets as one JSON document (TK-20)."""
    return json.dumps({"hadron_tickets": 1, "tickets": [ticket.to_json() for ticket in tickets]}, indent=1)


def export_html(tickets: list[Ticket]) -> str:
    """Return tickets as one HTML page to send; several follow each other (TK-20)."""
    if len(tickets) == 1:
        return ticket_html(tickets[0])
    frames = "".join(
        f'<iframe sandbox="" title="{escape(t.id)}" srcdoc="{escape(ticket_html(t))}"></iframe>'
        for t in tickets
    )
    style = "body{margin:0}iframe{border:0;border-bottom:1px solid #8888;width:100%;height:90vh}"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{len(tickets)} tickets</title>'
        f"<style>{style}</style></head><body>{frames}</body></html>"
    )


def read_exported(path: Path) -> list[Ticket]:
    """Return the tickets of an exported file or of a single ticket's own file, to look at (TK-20).

    Raises:
        TicketError: the file can not be read or holds no tickets.
    """
    try:
        data: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise TicketError(f"{path} can not be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise TicketError(f"{path} holds no tickets: it is no JSON ({error})") from error
    items = data.get("tickets") if isinstance(data, dict) and "hadron_tickets" in data else [data]
    if not isinstance(items, list) or not items:
        raise TicketError(f"{path} holds no tickets")
    return [Ticket.from_json(item) for item in items]


def add_imported(folder: Path, tickets: list[Ticket]) -> int:
    """Write imported tickets that are not there yet among those of an application; return how many.

    Raises:
        TicketError: a number is none, or a ticket can not be written.
    """
    known = {entry.id for entry in list_tickets(folder)}
    added = 0
    for ticket in tickets:
        if TICKET_ID.fullmatch(ticket.id) is None:
            raise TicketError(f"{ticket.id[:200]!r} is no ticket number")
        if ticket.id in known:
            continue
        try:
            errors_folder(folder).mkdir(parents=True, exist_ok=True)
            document = json.dumps(ticket.to_json(), indent=1)
            write_atomic(errors_folder(folder) / f"{ticket.id}{SUFFIX}", document, mode=0o600)
        except OSError as error:
            raise TicketError(f"ticket {ticket.id} can not be written: {error.strerror}") from error
        added += 1
    return added


def entries_of(site: Path, application: str | None = None) -> list[tuple[str, TicketEntry]]:
    """Return application and entry of all tickets of a site, or of one application, newest first.

    Raises:
        TicketError: there is no such application, or its tickets can not be listed.
    """
    names = [application] if application else [info.name for info in list_applications(site)]
    found = [(name, entry) for name in names for entry in list_tickets(application_path(site, name))]
    found.sort(key=lambda pair: pair[1].time, reverse=True)
    return found


def to_database(folder: Path) -> int:
    """Move the tickets in files into the database the application names; return how many (SITE-04).

    Raises:
        TicketError: it names none, or the database can not be used.
    """
    from runtime.errors.store import raw_ticket, table_of

    table = table_of(folder)
    if table is None:
        raise TicketError(
            f"{folder.name} names no database for tickets: write its address into private/ticket_storage.txt"
        )
    moved = 0
    for entry in list_tickets(folder):
        if entry.source == "database":
            continue
        table.insert(entry.id, raw_ticket(folder, entry.id, limit=1 << 30))
        name = f"{entry.id}{SUFFIX}" if entry.source == "file" else entry.id
        os.unlink(errors_folder(folder) / name)
        moved += 1
    return moved
