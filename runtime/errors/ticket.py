"""Writing and reading tickets: one JSON document per error in the application's ``errors/`` (ERR-08)."""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.foundation.version import version

TICKET_ID = re.compile(r"[\w.-]{20,200}", re.ASCII)
_SECRET = re.compile(
    r"passw|secret|token|cookie|session|authorization|api_?key|hmac|signature", re.IGNORECASE
)
_MASK = "[hidden]"
_VALUE_LIMIT = 400
_VARIABLES = 60


class TicketError(UserError):
    """A ticket can not be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One recorded error.

    Attributes:
        id: name of the ticket; shown to the visitor as ``application/id`` (ERR-09).
        application: application it happened in.
        time: when, local time, ISO format.
        layer: path of the file that was running: model, controller or view.
        exception: name of the exception's class.
        message: its text.
        traceback: the whole traceback as a text.
        frames: innermost last: `file`, `line`, `function`, `source`, `variables`.
        request: method, address, client and headers, secrets masked.
        versions: of Python, the system and Hadron.
    """

    id: str
    application: str
    time: str
    layer: str
    exception: str
    message: str
    traceback: str
    frames: list[dict[str, Any]] = field(default_factory=list)
    request: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


Locate = Callable[[str, int], "tuple[str, int] | None"]


def issue_ticket(
    folder: str, application: str, error: BaseException, request: Any = None, locate: Locate | None = None
) -> str:
    """Write a ticket for `error` and return its id.

    Args:
        folder: folder of the application.
        application: its name.
        error: the exception, with its traceback.
        request: the running request, if any.
        locate: turns a frame of generated code into the file and line a person wrote.

    Raises:
        OSError: the ticket can not be written.
    """
    ticket = capture(application, error, request, locate)
    errors = Path(folder) / "errors"
    errors.mkdir(parents=True, exist_ok=True)
    content = {name: getattr(ticket, name) for name in Ticket.__dataclass_fields__}
    write_atomic(errors / f"{ticket.id}.json", json.dumps({"format": 1} | content, indent=1), mode=0o600)
    return ticket.id


def capture(application: str, error: BaseException, request: Any, locate: Locate | None) -> Ticket:
    """Collect what is known about `error` into a `Ticket`; never raises because of odd values."""
    now = datetime.datetime.now()
    client = re.sub(r"[^\w.-]", "_", str(getattr(request, "client", None) or "local"))[:60]
    frames = _frames(error.__traceback__, locate)
    layer = next((f["file"] for f in reversed(frames) if f"{os.sep}applications{os.sep}" in f["file"]), "")
    text, kind = _safe(lambda: str(error)), type(error).__name__
    lines = [f'  File "{f["file"]}", line {f["line"]}, in {f["function"]}\n    {f["source"]}' for f in frames]
    cause = _safe(lambda: "".join(traceback.format_exception(error.__cause__ or error.__context__ or None)))
    whole = "\n".join(["Traceback (most recent call last):", *lines, f"{kind}: {text}"])
    if error.__cause__ or (error.__context__ and not error.__suppress_context__):
        whole = f"{cause}\nDuring handling of the above exception, another exception occurred:\n\n{whole}"
    return Ticket(
        id=f"{client}.{now:%Y-%m-%d.%H-%M-%S}.{uuid.uuid4()}",
        application=application,
        time=now.isoformat(timespec="milliseconds"),
        layer=layer,
        exception=kind,
        message=text,
        traceback=whole,
        frames=frames,
        request=_request_part(request),
        versions={"python": platform.python_version(), "system": platform.platform(), "hadron": version()},
    )


def _frames(tb: TracebackType | None, locate: Locate | None) -> list[dict[str, Any]]:
    import linecache

    frames = []
    for frame, number in traceback.walk_tb(tb):
        code = frame.f_code
        file, line, function = code.co_filename, number, code.co_name
        place = locate(file, line) if locate is not None else None
        if place is not None:
            file, line = place
        frames.append(
            {
                "file": file,
                "line": line,
                "function": function,
                "source": linecache.getline(file, line).strip(),
                "variables": _variables(frame.f_locals if frame.f_locals is not frame.f_globals else {}),
            }
        )
    return frames[-50:]


def _variables(values: dict[str, Any]) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in list(values.items())[:_VARIABLES]:
        out[str(name)] = _MASK if _SECRET.search(str(name)) else _safe(lambda v=value: repr(v))  # type: ignore[misc]
    return out


def _safe(make: Callable[[], str]) -> str:
    try:
        text = make()
    except Exception as error:  # an object's own __repr__ may do anything
        return f"<can not be shown: {type(error).__name__}>"
    return text if len(text) <= _VALUE_LIMIT else f"{text[:_VALUE_LIMIT]}... ({len(text)} characters)"


def _request_part(request: Any) -> dict[str, Any]:
    if request is None:
        return {}
    environ = request._environ
    headers = {k[5:]: str(v) for k, v in environ.items() if k.startswith("HTTP_")}
    return {
        "method": environ.get("REQUEST_METHOD"),
        "path": environ.get("PATH_INFO"),
        "query": environ.get("QUERY_STRING"),
        "client": _safe(lambda: str(request.client)),
        "headers": {name: _MASK if _SECRET.search(name) else text for name, text in headers.items()},
    }


def read_ticket(folder: str, ticket_id: str) -> Ticket:
    """Return the ticket `ticket_id` of the application in `folder`.

    Raises:
        TicketError: there is none of that name, or it can not be read.
    """
    if TICKET_ID.fullmatch(ticket_id) is None or ".." in ticket_id:
        raise TicketError(f"{ticket_id!r} is no ticket number")
    path = Path(folder) / "errors" / f"{ticket_id}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Ticket(**{name: content[name] for name in Ticket.__dataclass_fields__})
    except FileNotFoundError:
        raise TicketError(f"there is no ticket {ticket_id}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TicketError(f"ticket {ticket_id} can not be read: {error}") from error


def list_tickets(folder: str) -> list[str]:
    """Return the ids of the application's tickets, newest first; no file is opened."""
    try:
        with os.scandir(Path(folder) / "errors") as entries:
            found = [(e.stat().st_mtime, e.name[:-5]) for e in entries if e.name.endswith(".json")]
    except FileNotFoundError:
        return []
    return [name for _, name in sorted(found, reverse=True)]
