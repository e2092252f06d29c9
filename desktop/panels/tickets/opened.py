"""One ticket ready to be shown: content, hidden values kept, the code as it is now (TK-06..09)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from runtime.errors import Frame, Ticket, TicketError, raw_ticket, read_secrets, read_ticket
from runtime.errors.safe_values import MASK
from runtime.errors.sources import lines_between

from .model import Row

RAW_BYTES = 200_000


@dataclass(frozen=True)
class OpenedTicket:
    """What the details pane shows.

    Attributes:
        row: the line of the table it belongs to.
        id: its number.
        ticket: content, None when it can not be read.
        fault: why it can not be read.
        raw: beginning of its document.
        secrets: hidden values by their path, if they were kept.
        now: by number of the frame, lines of the file as they are now where they differ; empty: file gone.
    """

    row: Row
    id: str
    ticket: Ticket | None
    fault: str = ""
    raw: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    now: dict[int, list[tuple[int, str]]] = field(default_factory=dict)


def open_ticket(row: Row, ticket_id: str) -> OpenedTicket:
    """Read a ticket with all that belongs to it; for the background. Raises nothing."""
    if row.imported is not None:
        return OpenedTicket(row, ticket_id, row.imported, raw=row.imported.traceback)
    assert row.folder is not None
    try:
        raw = raw_ticket(row.folder, ticket_id, RAW_BYTES)
    except TicketError as error:
        return OpenedTicket(row, ticket_id, None, str(error))
    try:
        ticket = read_ticket(row.folder, ticket_id)
    except TicketError as error:
        return OpenedTicket(row, ticket_id, None, str(error), _shown(raw))
    secrets = read_secrets(row.folder, ticket_id)
    return OpenedTicket(row, ticket_id, ticket, ticket.fault, _shown(raw), secrets, changed_code(ticket))


def _shown(raw: bytes) -> str:
    """Bytes as text; what is no text is written as escapes, nothing is interpreted."""
    text = raw.decode("utf-8", "backslashreplace")
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else f"\\x{ord(letter):02x}" for letter in text
    )


def changed_code(ticket: Ticket) -> dict[int, list[tuple[int, str]]]:
    """Return, for frames of the application, the lines now where they are not as recorded (TK-09)."""
    out: dict[int, list[tuple[int, str]]] = {}
    for number, frame in enumerate(ticket.frames):
        if not frame.own or not frame.source:
            continue
        now = lines_between(frame.file, frame.source[0][0], frame.source[-1][0])
        if [text for _, text in now] != [text for _, text in frame.source] and not _masked(frame, now):
            out[number] = now
    return out


def _masked(frame: Frame, now: list[tuple[int, str]]) -> bool:
    """Tell whether the lines differ only where a secret was hidden."""
    if len(now) != len(frame.source):
        return False
    differing = [old for (_, old), (_, new) in zip(frame.source, now, strict=True) if old != new]
    return all(MASK in text for text in differing)


@dataclass(frozen=True)
class Repeat:
    """The request of a ticket, ready to be sent again (TK-17).

    Attributes:
        method: of HTTP.
        path: address from the server's name on.
        body: fields as a form, None for none.
        obstacle: why it can not be repeated, empty when it can.
    """

    method: str
    path: str
    body: bytes | None = None
    obstacle: str = ""


_STORAGE = re.compile(r"<\w+ (\{.*\})>", re.DOTALL)


def repeat_of(ticket: Ticket) -> Repeat:
    """Return how the request of a ticket can be repeated."""
    path = str(ticket.request.get("address") or "")
    method = _literal(str(ticket.request.get("method") or ""))
    method = method if isinstance(method, str) and method.isalpha() else "GET"
    if not path.startswith("/"):
        return Repeat(method, path, obstacle="The ticket does not tell the address of its request.")
    if MASK in path:
        return Repeat(method, path, obstacle="The address holds a hidden value, so it can't be sent again.")
    if method in ("GET", "HEAD"):
        return Repeat(method, path)
    shown = str(ticket.request.get("post_vars") or "")
    found = _STORAGE.fullmatch(shown)
    fields = _literal(found[1]) if found else {} if not shown else None
    if not isinstance(fields, dict) or MASK in shown:
        return Repeat(
            method, path, obstacle="Its fields were cut or hidden in the ticket, so they can't be sent again."
        )
    return Repeat(method, path, urlencode(fields, doseq=True).encode())


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
