"""Tickets on disk: one JSON document each in the application's ``errors/`` (ERR-08, ERR-11)."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runtime.errors.legacy import read_legacy
from runtime.errors.ticket import TICKET_ID, Ticket, TicketError
from runtime.foundation.files import write_atomic

SAMPLE_AFTER = 50
"""Tickets of one kind that are written whole within `SAMPLE_SECONDS`; further ones are only counted."""
SAMPLE_SECONDS = 60.0
_SUFFIX = ".json"
_GROUP = re.compile(r"[0-9a-f]{16}")


class _Sampler:
    """Remembers, per kind of error, how many tickets were written lately and which was the last."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], tuple[float, int, str]] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, folder: str, ticket: Ticket) -> str | None:
        """Return None when the ticket is to be written, else the id of the one that stands for it."""
        key, now = (folder, ticket.group), time.monotonic()
        with self._lock:
            began, count, last = self._seen.get(key, (now, 0, ticket.id))
            if now - began > SAMPLE_SECONDS:
                began, count = now, 0
            keep = count < SAMPLE_AFTER
            self._seen[key] = (began, count + 1, ticket.id if keep else last)
            self._seen.move_to_end(key)
            while len(self._seen) > 1000:
                self._seen.popitem(last=False)
        return None if keep else last


_SAMPLER = _Sampler()


def errors_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the ``errors/`` of the application in `folder`."""
    return Path(folder) / "errors"


def store_ticket(folder: str, ticket: Ticket) -> str:
    """Write `ticket` and return the id to show; of many alike in a short time only the number is kept.

    Raises:
        OSError: it can not be written.
    """
    errors = errors_folder(folder)
    errors.mkdir(parents=True, exist_ok=True)
    standing = _SAMPLER.admit(folder, ticket)
    if standing is not None:
        with open(errors / f"{ticket.group}.repeats", "ab", buffering=0) as stream:
            stream.write(b".")  # one byte a repeat: appending is exact between threads and processes
        return standing
    write_atomic(errors / f"{ticket.id}{_SUFFIX}", json.dumps(ticket.to_json(), indent=1), mode=0o600)
    return ticket.id


@dataclass(frozen=True, slots=True)
class TicketEntry:
    """A ticket in the list: known from its name and date alone, nothing was opened.

    Attributes:
        id: number of the ticket.
        time: seconds since 1970 when it was written.
        size: bytes on disk.
        legacy: True for a pickle of the old framework.
    """

    id: str
    time: float
    size: int
    legacy: bool


def list_tickets(folder: str | os.PathLike[str]) -> list[TicketEntry]:
    """Return the application's tickets, newest first."""
    out: list[TicketEntry] = []
    try:
        with os.scandir(errors_folder(folder)) as entries:
            for entry in entries:
                name = entry.name
                legacy = not name.endswith(_SUFFIX)
                ticket_id = name if legacy else name[: -len(_SUFFIX)]
                if name.startswith(".") or name.endswith((".repeats", ".tmp")):
                    continue
                if TICKET_ID.fullmatch(ticket_id) is None or not entry.is_file():
                    continue
                info = entry.stat()
                out.append(TicketEntry(ticket_id, info.st_mtime, info.st_size, legacy))
    except FileNotFoundError:
        return []
    out.sort(key=lambda ticket: ticket.time, reverse=True)
    return out


def _path(folder: str | os.PathLike[str], ticket_id: str) -> Path:
    if TICKET_ID.fullmatch(ticket_id) is None or ".." in ticket_id:
        raise TicketError(f"{ticket_id!r} is no ticket number")
    errors = errors_folder(folder)
    path = errors / f"{ticket_id}{_SUFFIX}"
    return path if path.exists() else errors / ticket_id


def read_ticket(folder: str | os.PathLike[str], ticket_id: str) -> Ticket:
    """Return a ticket of the application in `folder`; nothing in it is executed.

    Raises:
        TicketError: there is none of that number, or it can not be read.
    """
    path = _path(folder, ticket_id)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise TicketError(f"there is no ticket {ticket_id}") from None
    except OSError as error:
        raise TicketError(f"ticket {ticket_id} can not be read: {error.strerror}") from error
    if path.suffix != _SUFFIX:
        return read_legacy(data, ticket_id, Path(folder).name, path.stat().st_mtime)
    try:
        content: Any = json.loads(data)
    except ValueError as error:
        raise TicketError(f"ticket {ticket_id} is cut or broken: {error}") from error
    return Ticket.from_json(content)


def read_or_unreadable(folder: str | os.PathLike[str], entry: TicketEntry) -> Ticket:
    """Return the ticket of `entry`; one that can not be read comes with its `fault` (TK-16)."""
    try:
        return read_ticket(folder, entry.id)
    except TicketError as error:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(entry.time))
        return Ticket(entry.id, Path(folder).name, when, "", "unreadable", "", "", fault=str(error))


def raw_ticket(folder: str | os.PathLike[str], ticket_id: str, limit: int = 1 << 20) -> bytes:
    """Return the first `limit` bytes of a ticket's file."""
    try:
        with _path(folder, ticket_id).open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise TicketError(f"ticket {ticket_id} can not be read: {error.strerror}") from error


def delete_tickets(folder: str | os.PathLike[str], ids: list[str]) -> int:
    """Move tickets into ``errors/.bin`` and return how many; they can be brought back from there."""
    errors = errors_folder(folder)
    moved = 0
    for ticket_id in ids:
        path = _path(folder, ticket_id)
        kept = errors / ".bin"
        kept.mkdir(exist_ok=True)
        try:
            os.replace(path, kept / path.name)
            moved += 1
        except FileNotFoundError:
            continue
    return moved


def restore_tickets(folder: str | os.PathLike[str], ids: list[str]) -> int:
    """Bring back tickets that `delete_tickets` moved away; return how many."""
    errors, restored = errors_folder(folder), 0
    for ticket_id in ids:
        if TICKET_ID.fullmatch(ticket_id) is None or ".." in ticket_id:
            raise TicketError(f"{ticket_id!r} is no ticket number")
        for name in (f"{ticket_id}{_SUFFIX}", ticket_id):
            try:
                os.replace(errors / ".bin" / name, errors / name)
                restored += 1
                break
            except FileNotFoundError:
                continue
    return restored


def repeats(folder: str | os.PathLike[str], group: str) -> int:
    """Return how many errors of a kind were only counted, not written."""
    if _GROUP.fullmatch(group) is None:
        return 0
    try:
        return (errors_folder(folder) / f"{group}.repeats").stat().st_size
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class TicketGroup:
    """Errors of one kind (TK-01).

    Attributes:
        group: what they have in common, see `fingerprint`.
        latest: the newest ticket.
        count: all of them, counted ones included.
        first, last: seconds since 1970.
        ids: numbers of the tickets, newest first.
    """

    group: str
    latest: Ticket
    count: int
    first: float
    last: float
    ids: tuple[str, ...]


def group_tickets(folder: str | os.PathLike[str]) -> list[TicketGroup]:
    """Read all tickets and return them by kind, the newest kind first (ERR-11)."""
    groups: dict[str, TicketGroup] = {}
    for entry in list_tickets(folder):
        ticket = read_or_unreadable(folder, entry)
        key = ticket.group or f"{ticket.exception}|{ticket.message}"
        known = groups.get(key)
        if known is None:
            groups[key] = TicketGroup(key, ticket, 1, entry.time, entry.time, (entry.id,))
        else:
            groups[key] = replace(known, count=known.count + 1, first=entry.time, ids=(*known.ids, entry.id))
    return [replace(g, count=g.count + repeats(folder, g.group)) for g in groups.values()]


def retain(folder: str | os.PathLike[str], *, days: float | None = None, count: int | None = None) -> int:
    """Delete for good what is older than `days` or beyond the newest `count` tickets; return how many (TK-22)."""
    now, removed = time.time(), 0
    for number, entry in enumerate(list_tickets(folder)):
        old = days is not None and now - entry.time > days * 86400
        if old or (count is not None and number >= count):
            _path(folder, entry.id).unlink(missing_ok=True)
            removed += 1
    return removed
