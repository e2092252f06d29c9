"""What a ticket holds (ERR-08, ERR-09)."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from runtime.foundation.problems import UserError

TICKET_ID = re.compile(r"[\w.-]{8,200}", re.ASCII)
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
        exception: name of the exception's class.
        message: its text.
        traceback: the whole traceback as text, with the exceptions behind it.
        frames: the calls, outermost first.
        request, session, response: what they held, secrets hidden.
        statements: SQL of the request with milliseconds.
        log: log lines of the request.
        versions: of Python, the system and Hadron.
        group: the same for errors of one kind: type and frames of the application.
        fault: why the ticket could not be read whole, empty for a good one.
    """

    id: str
    application: str
    time: str
    layer: str
    exception: str
    message: str
    traceback: str
    frames: list[Frame] = field(default_factory=list)
    request: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    response: dict[str, Any] = field(default_factory=dict)
    statements: list[tuple[str, float]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    group: str = ""
    fault: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the ticket as plain data."""
        return {"format": FORMAT} | asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Ticket:
        """Return the ticket of plain data; unknown names are left out.

        Raises:
            TicketError: it is no ticket.
        """
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise TicketError("this is no ticket")
        try:
            known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
            frames = known.get("frames", [])
            known["frames"] = [
                Frame(**{n: f[n] for n in Frame.__dataclass_fields__ if n in f}) for f in frames
            ]
            return cls(**known)
        except (TypeError, KeyError, AttributeError) as error:
            raise TicketError(f"this ticket lacks a part: {error}") from error


def fingerprint(exception: str, frames: list[Frame]) -> str:
    """Return what errors of one kind have in common: type, and the application's files and functions.

    Line numbers are left out, so that an edit above the fault makes no new group.
    """
    chosen = [frame for frame in frames if frame.own] or frames[-1:]
    parts = [exception, *(f"{relative(frame.file)}:{frame.function}" for frame in chosen)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def relative(path: str) -> str:
    """Return the part of `path` from the application's name on."""
    marker = f"{os.sep}applications{os.sep}"
    return path.rpartition(marker)[2] if marker in path else path
