"""What a ticket holds (ERR-08, ERR-09)."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import uuid
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from runtime.foundation.problems import UserError

TICKET_ID = re.compile(r"(?!.*\.\.)[\w-][\w.-]{7,199}", re.ASCII)
"""What may be the number of a ticket: a file name without any path part."""
DATED = re.compile(r"(?:^|\.)(\d{4})-(\d\d)-(\d\d)\.(\d\d)-(\d\d)-(\d\d)\.")
FORMAT = 1


class TicketError(UserError):
    """A ticket can not be read or changed; the text says why."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of the traceback, outermost first in a ticket.

    Attributes:
        file: path of the file a person wrote: a view's own path, not that of generated code.
        line: line of the call or fault.
        function: name of the function.
        own: True for a file of an application, False for a library's.
        source: lines around it, each with its number.
        variables: local names and their values as bounded texts; secrets hidden.
    """

    file: str
    line: int
    function: str
    own: bool = False
    source: list[tuple[int, str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One recorded error.

    Attributes:
        id: number of the ticket: client, date-time, uuid; shown as ``application/id``.
        application: application it happened in.
        time: when, local time, ISO format with milliseconds.
        layer: file that was running: model, controller, view or module.
        line: line of it.
        function: name of the function that was running.
        exception: name of the exception's class.
        message: its text.
        traceback: the whole traceback as text, with the exceptions behind it.
        frames: the calls, outermost first.
        request, session, response: what they held, secrets hidden.
        statements: SQL of the request with milliseconds.
        log: log lines of the request.
        versions: of Python, the system and Hadron.
        task: of the scheduler that was running: its ``id`` and ``run_id``; empty elsewhere.
        group: the same for errors of one kind: type and frames of the application.
        fault: why the ticket could not be read or written whole, empty for a good one.
        hidden: values of the secrets by their path; never part of the document itself.
    """

    id: str
    application: str
    time: str
    layer: str
    exception: str
    message: str
    traceback: str = ""
    line: int = 0
    function: str = ""
    frames: list[Frame] = field(default_factory=list)
    request: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    response: dict[str, Any] = field(default_factory=dict)
    statements: list[tuple[str, float]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    task: dict[str, int] = field(default_factory=dict)
    group: str = ""
    fault: str = ""
    hidden: dict[str, str] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the ticket as plain data: first what a list shows, then the rest."""
        content = asdict(self)
        del content["hidden"]
        return {"format": FORMAT} | {name: content.pop(name) for name in HEAD} | content

    def shorter(self, reason: str) -> Ticket:
        """Return what of the ticket matters most, for a place that has no room for the whole."""
        frames = [replace(frame, source=[], variables={}) for frame in self.frames if frame.own][-5:]
        return replace(
            self,
            traceback=self.traceback[-4000:],
            frames=frames,
            request={name: self.request[name] for name in ("address", "method") if name in self.request},
            session={},
            response={},
            statements=[],
            log=[],
            fault=reason,
            hidden={},
        )

    @classmethod
    def from_json(cls, data: Any) -> Ticket:
        """Return the ticket of plain data; unknown names are left out.

        Raises:
            TicketError: it is no ticket.
        """
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise TicketError("this is no ticket")
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data and name != "hidden"}
        for name, kind in _KINDS.items():
            if name in known and not isinstance(known[name], kind):
                raise TicketError(f"this ticket is broken: {name} is of the wrong kind")
        try:
            known["frames"] = [_frame(frame) for frame in known.get("frames", [])]
            known["statements"] = [(str(sql), float(took)) for sql, took in known.get("statements", [])]
            return cls(**known)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise TicketError(f"this ticket lacks a part: {error}") from error


HEAD = ("id", "application", "time", "exception", "message", "layer", "line", "function", "group", "fault")
"""The parts that a list needs; they stand first in the document."""
_KINDS: dict[str, type] = {
    **dict.fromkeys(
        ("application", "time", "layer", "exception", "message", "traceback", "function", "group", "fault"),
        str,
    ),
    **dict.fromkeys(("request", "session", "response", "versions", "task"), dict),
    **dict.fromkeys(("frames", "statements", "log"), list),
    "line": int,
}


def _frame(data: Any) -> Frame:
    return Frame(
        file=str(data["file"]),
        line=int(data["line"]),
        function=str(data["function"]),
        own=bool(data.get("own")),
        source=[(int(number), str(text)) for number, text in data.get("source", [])],
        variables={str(name): str(value) for name, value in data.get("variables", {}).items()},
    )


def new_id(client: object, now: datetime.datetime) -> str:
    """Return a number for a ticket: client address, date and time, uuid (ERR-08)."""
    address = re.sub(r"[^\w-]+", ".", str(client or "local").replace(":", "_"), flags=re.ASCII).strip(".")[
        :60
    ]
    return f"{address or 'local'}.{now:%Y-%m-%d.%H-%M-%S}.{uuid.uuid4()}"


def client_of(ticket_id: str) -> str:
    """Return the address in a ticket's number."""
    found = DATED.search(ticket_id)
    return ticket_id[: found.start()] if found else ""


def common_places(frames: list[Frame]) -> list[str]:
    """Return the application's files and functions of a traceback, which errors of one kind share (TK-02).

    Line numbers are left out, so that an edit above the fault makes no new group.
    """
    chosen = [frame for frame in frames if frame.own] or frames[-1:]
    return [f"{relative(frame.file)}:{frame.function}" for frame in chosen]


def fingerprint(exception: str, frames: list[Frame]) -> str:
    """Return what errors of one kind have in common: type, and the application's files and functions."""
    parts = [exception, *common_places(frames)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def relative(path: str) -> str:
    """Return the part of `path` from the application's name on."""
    marker = f"{os.sep}applications{os.sep}"
    return path.rpartition(marker)[2] if marker in path else path
