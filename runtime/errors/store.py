"""Tickets of an application: one JSON document each, in ``errors/`` or in a database (ERR-08, ERR-11)."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runtime.errors.database import TicketTable, storage_address
from runtime.errors.legacy import read_legacy
from runtime.errors.ticket import DATED, HEAD, TICKET_ID, Ticket, TicketError
from runtime.foundation.files import write_atomic

logger = logging.getLogger("web2py")

SUFFIX, SECRETS = ".json", ".secrets.json"
BIN = ".bin"
BIN_DAYS = 30
_HEAD_BYTES = 32 * 1024
_FIRST_HEAVY = b'\n "traceback"'


def errors_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the ``errors/`` of the application in `folder`."""
    return Path(folder) / "errors"


def table_of(folder: str | os.PathLike[str]) -> TicketTable | None:
    """Return the database table of the application's tickets, None when it keeps them in files."""
    path = Path(folder)
    address = storage_address(path)
    return None if address is None else TicketTable(path, address)


# writing


def store_ticket(folder: str | os.PathLike[str], ticket: Ticket, *, keep_secrets: bool = False) -> bool:
    """Write `ticket`; tell whether it was written, be it shorter for want of room (ERR-08). Never raises.

    What can not be written at all goes to the log.

    Args:
        folder: of the application.
        ticket: what to write.
        keep_secrets: also write the hidden values, into a file beside it that only its owner may read.
    """
    table = _table_or_none(folder)
    if table is not None:
        try:
            table.insert(ticket.id, _document(ticket))
            return True
        except TicketError as error:
            logger.error("%s/%s: written to a file instead: %s", ticket.application, ticket.id, error)
    errors = errors_folder(folder)
    problem = _write(errors, ticket)
    if problem is None:
        if keep_secrets and ticket.hidden:
            _write_secrets(errors, ticket)
        return True
    short = ticket.shorter(f"the whole ticket could not be written: {problem}")
    if _write(errors, short) is None:
        return True
    logger.error("%s/%s could not be written: %s", ticket.application, ticket.id, problem)
    return False


def _table_or_none(folder: str | os.PathLike[str]) -> TicketTable | None:
    try:
        return table_of(folder)
    except TicketError:
        return None


def _document(ticket: Ticket) -> bytes:
    return json.dumps(ticket.to_json(), indent=1).encode("ascii")


def _write(errors: Path, ticket: Ticket) -> str | None:
    """Write a ticket's file and return None, or why it could not be written."""
    try:
        errors.mkdir(parents=True, exist_ok=True)
        write_atomic(errors / f"{ticket.id}{SUFFIX}", _document(ticket), mode=0o600)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _write_secrets(errors: Path, ticket: Ticket) -> None:
    try:
        write_atomic(errors / f"{ticket.id}{SECRETS}", json.dumps(ticket.hidden, indent=1), mode=0o600)
    except OSError as error:
        logger.warning("the hidden values of ticket %s could not be written: %s", ticket.id, error)


# listing


@dataclass(frozen=True, slots=True)
class TicketEntry:
    """A ticket in the list: known from its name and date alone, nothing was opened (TK-19).

    Attributes:
        id: number of the ticket.
        time: seconds since 1970: of its number, else of its file.
        source: ``file``, ``pickle`` (a file of the old framework) or ``database``.
    """

    id: str
    time: float
    source: str = "file"


class _Clock:
    """Turns the local time in a ticket's number into seconds since 1970; asks the system once per hour."""

    def __init__(self) -> None:
        self._hours: dict[str, float] = {}

    def seconds(self, ticket_id: str) -> float | None:
        """Return the time in the number, None when there is none."""
        found = DATED.search(ticket_id)
        if found is None:
            return None
        year, month, day, hour, minute, second = found.groups()
        key = f"{year}{month}{day}{hour}"
        if key not in self._hours:
            try:
                self._hours[key] = time.mktime((int(year), int(month), int(day), int(hour), 0, 0, 0, 0, -1))
            except (ValueError, OverflowError):
                return None
        return self._hours[key] + int(minute) * 60 + int(second)


def list_tickets(folder: str | os.PathLike[str]) -> list[TicketEntry]:
    """Return the application's tickets, newest first.

    Raises:
        TicketError: the folder or the database can not be read.
    """
    out = _list_files(errors_folder(folder))
    table = table_of(folder)
    if table is not None:
        clock = _Clock()
        for row in table.rows():
            if TICKET_ID.fullmatch(row.id) is not None:
                out.append(TicketEntry(row.id, clock.seconds(row.id) or row.time, "database"))
    out.sort(key=lambda entry: entry.time, reverse=True)
    return out


def _list_files(errors: Path) -> list[TicketEntry]:
    clock, out = _Clock(), []
    try:
        with os.scandir(errors) as entries:
            for entry in entries:
                name = entry.name
                is_ours = name.endswith(SUFFIX)
                ticket_id = name[: -len(SUFFIX)] if is_ours else name
                if name.endswith(SECRETS) or TICKET_ID.fullmatch(ticket_id) is None:
                    continue
                when = clock.seconds(ticket_id)
                if when is None and not is_ours:  # no ticket of any kind: a read-me, a counter
                    continue
                if entry.is_dir():
                    continue
                moment = _finer(when, entry)
                if moment is not None:
                    out.append(TicketEntry(ticket_id, moment, "file" if is_ours else "pickle"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TicketError(f"the tickets in {errors} can not be listed: {error.strerror}") from error
    return out


def _finer(named: float | None, entry: os.DirEntry[str]) -> float | None:
    """Return the time of the file where it agrees with that of the number, which knows seconds only."""
    try:
        written = entry.stat().st_mtime
    except OSError:  # removed meanwhile
        return None
    return written if named is None or 0 <= written - named < 2 else named


# reading


def read_ticket(folder: str | os.PathLike[str], ticket_id: str) -> Ticket:
    """Return a ticket of the application in `folder`; nothing in it is executed.

    Raises:
        TicketError: there is none of that number, or it can not be read.
    """
    data, when = _content(folder, ticket_id)
    return _parse(data, ticket_id, Path(folder).name, when)


def _parse(data: bytes, ticket_id: str, application: str, when: float) -> Ticket:
    if not data.lstrip().startswith(b"{"):
        if data.strip():
            return read_legacy(data, ticket_id, application, when)
        raise TicketError(f"ticket {ticket_id} is empty")
    try:
        content: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise TicketError(f"ticket {ticket_id} is cut or broken: {error}") from error
    ticket = Ticket.from_json(content)
    return ticket if ticket.id == ticket_id else replace(ticket, id=ticket_id)


def _check(ticket_id: str) -> None:
    if TICKET_ID.fullmatch(ticket_id) is None:
        raise TicketError(f"{ticket_id[:200]!r} is no ticket number")


def _files(errors: Path, ticket_id: str) -> list[Path]:
    """Return the files a ticket may consist of; the first one there is its document."""
    _check(ticket_id)
    return [errors / f"{ticket_id}{SUFFIX}", errors / ticket_id]


def _content(folder: str | os.PathLike[str], ticket_id: str) -> tuple[bytes, float]:
    """Return a ticket's content and when it was written, in seconds since 1970."""
    try:
        for path in _files(errors_folder(folder), ticket_id):
            try:
                with path.open("rb") as stream:
                    return stream.read(), _Clock().seconds(ticket_id) or os.fstat(stream.fileno()).st_mtime
            except FileNotFoundError:
                continue
    except OSError as error:
        raise TicketError(f"ticket {ticket_id} can not be read: {error.strerror}") from error
    table = table_of(folder)
    row = table.read(ticket_id) if table is not None else None
    if row is None:
        raise TicketError(f"there is no ticket {ticket_id}")
    return row.data, row.time


def read_summary(folder: str | os.PathLike[str], entry: TicketEntry) -> Ticket:
    """Return what a list shows of a ticket, its other parts empty; an unreadable one has a `fault` (TK-16).

    Of a file that Hadron wrote only the beginning is read.
    """
    try:
        if entry.source == "file":
            with (errors_folder(folder) / f"{entry.id}{SUFFIX}").open("rb") as stream:
                head = stream.read(_HEAD_BYTES)
                stream.seek(-1, os.SEEK_END)
                whole = stream.read(1) == b"}"  # a cut file is told apart without reading all of it
            end = head.rfind(b",", 0, head.find(_FIRST_HEAVY) + 1)
            if end > 0 and whole:
                known = json.loads(head[:end] + b"}")
                return Ticket.from_json({name: known[name] for name in HEAD} | {"id": entry.id})
        return _light(read_ticket(folder, entry.id))
    except (TicketError, OSError, ValueError, KeyError, TypeError):
        return read_or_unreadable(folder, entry)


def _light(ticket: Ticket) -> Ticket:
    return Ticket(**{name: getattr(ticket, name) for name in HEAD})


def read_or_unreadable(folder: str | os.PathLike[str], entry: TicketEntry) -> Ticket:
    """Return the ticket of `entry`; one that can not be read comes with its `fault` (TK-16)."""
    try:
        return read_ticket(folder, entry.id)
    except TicketError as error:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(entry.time))
        return Ticket(entry.id, Path(folder).name, when, "", UNREADABLE, "", fault=str(error))


UNREADABLE = "unreadable"
"""Takes the place of the exception's name in a ticket that can not be read."""


def raw_ticket(folder: str | os.PathLike[str], ticket_id: str, limit: int = 1 << 20) -> bytes:
    """Return the first `limit` bytes of a ticket's document.

    Raises:
        TicketError: there is none of that number, or it can not be read.
    """
    return _content(folder, ticket_id)[0][:limit]


def read_secrets(folder: str | os.PathLike[str], ticket_id: str) -> dict[str, str]:
    """Return the hidden values of a ticket by their path; none when they were not kept (TK-08)."""
    _check(ticket_id)
    try:
        found = json.loads((errors_folder(folder) / f"{ticket_id}{SECRETS}").read_bytes())
        return {str(name): str(value) for name, value in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


# deleting


def delete_tickets(folder: str | os.PathLike[str], ids: Iterable[str]) -> list[str]:
    """Move tickets into ``errors/.bin`` and return those moved; `restore_tickets` brings them back (TK-12).

    Raises:
        TicketError: a number is none, or the bin can not be used.
    """
    errors = errors_folder(folder)
    kept, moved = errors / BIN, []
    table = table_of(folder)
    for ticket_id in ids:
        try:
            if _move(errors, kept, ticket_id) or (table is not None and _bin_row(table, kept, ticket_id)):
                moved.append(ticket_id)
        except OSError as error:
            raise TicketError(f"ticket {ticket_id} can not be moved to the bin: {error.strerror}") from error
    return moved


def _move(source: Path, target: Path, ticket_id: str) -> bool:
    found = False
    for path in (*_files(source, ticket_id), source / f"{ticket_id}{SECRETS}"):
        if path.is_file():
            target.mkdir(mode=0o700, exist_ok=True)
            os.utime(path)  # the bin is emptied by the time of deletion
            os.replace(path, target / path.name)
            found = True
    return found


def _bin_row(table: TicketTable, kept: Path, ticket_id: str) -> bool:
    row = table.read(ticket_id)
    if row is None:
        return False
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    suffix = SUFFIX if row.data.startswith(b"{") else ""
    write_atomic(kept / f"{ticket_id}{suffix}", row.data, mode=0o600)
    return table.delete(ticket_id)


def restore_tickets(folder: str | os.PathLike[str], ids: Iterable[str]) -> list[str]:
    """Bring back tickets that `delete_tickets` moved away, as files; return those that were there.

    Raises:
        TicketError: a number is none, or the bin can not be used.
    """
    errors = errors_folder(folder)
    try:
        return [ticket_id for ticket_id in ids if _move(errors / BIN, errors, ticket_id)]
    except OSError as error:
        raise TicketError(f"tickets can not be taken out of the bin: {error.strerror}") from error


def empty_bin(folder: str | os.PathLike[str], days: float = BIN_DAYS) -> int:
    """Remove for good what was deleted more than `days` ago; return how many files."""
    oldest, removed = time.time() - days * 86400, 0
    try:
        with os.scandir(errors_folder(folder) / BIN) as entries:
            for entry in entries:
                if entry.stat().st_mtime < oldest:
                    os.unlink(entry.path)
                    removed += 1
    except OSError:  # no bin, or somebody else empties it
        pass
    return removed


_RETAINING = threading.Lock()


def retain(
    folder: str | os.PathLike[str], *, days: float | None = None, count: int | None = None
) -> list[str]:
    """Move to the bin what is older than `days` or beyond the newest `count`; return which (TK-22)."""
    oldest = time.time() - days * 86400 if days is not None else None
    with _RETAINING:
        entries = list_tickets(folder)
        gone = [
            entry.id
            for number, entry in enumerate(entries)
            if (oldest is not None and entry.time < oldest) or (count is not None and number >= count)
        ]
        return delete_tickets(folder, gone)
