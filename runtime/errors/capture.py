"""From an exception to a `Ticket`."""

from __future__ import annotations

import datetime
import linecache
import os
import platform
import re
import traceback
import uuid
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from runtime.errors.log_ring import recent_lines
from runtime.errors.safe_values import SECONDS, is_secret, safe_mapping, safe_text, within_time
from runtime.errors.ticket import Frame, Ticket, fingerprint
from runtime.foundation.version import version

Locate = Callable[[str, int], "tuple[str, int] | None"]
"""Turns a line of generated code into the file and line a person wrote."""

MAX_FRAMES = 60
BEFORE, AFTER = 6, 4
_SHOWN_REQUEST = (
    "application", "controller", "function", "extension", "args", "get_vars", "post_vars", "client",
    "is_local", "is_https", "ajax", "cid", "method", "now",
)  # fmt: skip


def capture(
    application: str,
    error: BaseException,
    *,
    request: Any = None,
    session: Any = None,
    response: Any = None,
    statements: list[tuple[str, float]] | None = None,
    locate: Locate | None = None,
) -> Ticket:
    """Collect what is known about `error`; odd values can not make it fail or hang.

    Args:
        application: name of the application.
        error: the exception with its traceback.
        request, session, response: of the running request, if any.
        statements: SQL sent so far, with seconds.
        locate: see `Locate`.
    """
    now = datetime.datetime.now()
    calls = _calls(error.__traceback__, locate)
    values: list[dict[str, str]] = [{} for _ in calls]
    parts: dict[str, dict[str, Any]] = {"request": {}, "session": {}, "response": {}}
    within_time(lambda: _collect(calls, values, parts, request, session, response), SECONDS)
    frames = [
        Frame(file, line, function, _is_own(file), _source(file, line), dict(values[number]))
        for number, (file, line, function, _) in enumerate(calls)
    ]
    own = [frame for frame in frames if frame.own]
    client = re.sub(r"[^\w.-]", "-", str(getattr(request, "client", None) or "local"))[:60]
    kind = type(error).__name__
    return Ticket(
        id=f"{client}.{now:%Y-%m-%d.%H-%M-%S}.{uuid.uuid4()}",
        application=application,
        time=now.isoformat(timespec="milliseconds"),
        layer=(own or frames)[-1].file if frames else "",
        exception=kind,
        message=_message(error),
        traceback=_text(error, frames),
        frames=frames,
        request=dict(parts["request"]),
        session=dict(parts["session"]),
        response=dict(parts["response"]),
        statements=[(sql[:2000], round(seconds * 1000, 3)) for sql, seconds in (statements or [])[-100:]],
        log=recent_lines(),
        versions={"python": platform.python_version(), "system": platform.platform(), "hadron": version()},
        group=fingerprint(kind, frames),
    )


_Call = tuple[str, int, str, FrameType]


def _calls(tb: TracebackType | None, locate: Locate | None) -> list[_Call]:
    out: list[_Call] = []
    for frame, number in traceback.walk_tb(tb):
        file, line = frame.f_code.co_filename, number
        place = locate(file, line) if locate is not None else None
        if place is not None:
            file, line = place
        out.append((file, line, frame.f_code.co_name, frame))
    if len(out) > MAX_FRAMES:  # endless recursion: both ends tell the story
        out = out[:10] + out[-(MAX_FRAMES - 10) :]
    return out


def _collect(
    calls: list[_Call],
    values: list[dict[str, str]],
    parts: dict[str, dict[str, Any]],
    request: Any,
    session: Any,
    response: Any,
) -> None:
    """Fill `values` and `parts` in place, the innermost frame first; what is done by the deadline counts."""
    for number in range(len(calls) - 1, -1, -1):
        file, _, _, frame = calls[number]
        if _is_own(file) or number == len(calls) - 1:
            local = frame.f_locals
            given = local is frame.f_globals
            values[number].update(safe_mapping(local, _skip_environment if given else _skip_dunder))
    if request is not None:
        parts["request"].update(_request(request))
    if session is not None:
        parts["session"].update(safe_mapping(session))
    if response is not None:
        shown = {k: v for k, v in dict.items(response) if not str(k).startswith("_") and k != "body"}
        parts["response"].update(safe_mapping(shown))


def _skip_dunder(name: str) -> bool:
    return name.startswith("__")


def _skip_environment(name: str) -> bool:
    """In code that runs in the environment only the names it made itself are worth showing."""
    return name.startswith("__") or name.isupper() or name in _ENVIRONMENT


_ENVIRONMENT = frozenset(("request", "response", "session", "cache", "T", "redirect", "xmlescape", "embed64"))


def _request(request: Any) -> dict[str, Any]:
    environ = request._environ
    headers = {k[5:].replace("_", "-").title(): v for k, v in environ.items() if k.startswith("HTTP_")}
    out: dict[str, Any] = {
        "address": f"{environ.get('PATH_INFO', '')}{'?' if environ.get('QUERY_STRING') else ''}"
        f"{_query(environ.get('QUERY_STRING', ''))}",
        "headers": safe_mapping(headers),
    }
    kept = {name: request[name] for name in _SHOWN_REQUEST if name != "post_vars" or "post_vars" in request}
    return out | safe_mapping(kept)


def _query(text: str) -> str:
    pairs = []
    for pair in text.split("&"):
        name, equal, _ = pair.partition("=")
        pairs.append(f"{name}{equal}[hidden]" if is_secret(name) and equal else pair)
    return "&".join(pairs)[:2000]


def _is_own(file: str) -> bool:
    return f"{os.sep}applications{os.sep}" in file and "site-packages" not in file


def _source(file: str, line: int) -> list[tuple[int, str]]:
    lines = linecache.getlines(file)
    first = max(1, line - BEFORE)
    return [(n, lines[n - 1].rstrip("\n")[:400]) for n in range(first, min(len(lines), line + AFTER) + 1)]


def _message(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return safe_text(error)


def _text(error: BaseException, frames: list[Frame]) -> str:
    lines = ["Traceback (most recent call last):"]
    for frame in frames:
        code = next((text.strip() for number, text in frame.source if number == frame.line), "")
        lines.append(f'  File "{frame.file}", line {frame.line}, in {frame.function}')
        if code:
            lines.append(f"    {code}")
    lines.append(f"{type(error).__name__}: {_message(error)}")
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind is not None:
        try:
            earlier = "".join(traceback.format_exception(behind, limit=-20))[:20_000]
        except Exception:
            earlier = f"{type(behind).__name__}\n"
        lines.insert(0, f"{earlier}\nWhile handling it, another error occurred:\n")
    return "\n".join(lines)
