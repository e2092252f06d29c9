"""From an exception to a `Ticket` (ERR-08)."""

from __future__ import annotations

import datetime
import os
import platform
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType, TracebackType
from typing import Any

from runtime.errors.bounded import run_bounded
from runtime.errors.log_ring import recent_lines
from runtime.errors.safe_values import Secrets, is_secret, mask_statement, pairs_of, safe_text
from runtime.errors.sources import library_line, lines_around
from runtime.errors.ticket import Frame, Ticket, fingerprint, new_id
from runtime.foundation.version import version

Locate = Callable[[str, int], "tuple[str, int] | None"]
"""Turns a line of generated code into the file and line a person wrote."""

MAX_FRAMES = 60
TOO_LONG = "<takes too long to show>"
_SHOWN_REQUEST = (
    "application", "controller", "function", "extension", "args", "get_vars", "client",
    "is_local", "is_https", "ajax", "cid", "method", "now",
)  # fmt: skip
_ENVIRONMENT = frozenset(("request", "response", "session", "cache", "T"))
_CODE = (ModuleType, FunctionType, BuiltinFunctionType, type)
_LIBRARIES = tuple({sysconfig.get_paths()[name] + os.sep for name in ("stdlib", "platstdlib", "purelib")})


class Calls:
    """The calls of a traceback, and what kind of error they make.

    Args:
        error: the exception.
        locate: see `Locate`.
    """

    def __init__(self, error: BaseException, locate: Locate | None = None) -> None:
        self.error = error
        self.exception = type(error).__name__
        self.calls = _calls(error.__traceback__, locate)
        found = _place_of_mistake(error)
        if found is not None:
            self.calls.append((*found, "", None))
        bare = [Frame(file, line, function, is_own(file)) for file, line, function, _ in self.calls]
        self.frames = bare
        self.group = fingerprint(self.exception, bare)


_Call = tuple[str, int, str, FrameType | None]


def _calls(tb: TracebackType | None, locate: Locate | None) -> list[_Call]:
    out: list[_Call] = []
    for frame, line in traceback.walk_tb(tb):
        file = frame.f_code.co_filename
        place = locate(file, line) if locate is not None else None
        if place is not None:
            file, line = place
        out.append((file, line or 0, frame.f_code.co_name, frame))
    if len(out) > MAX_FRAMES:  # endless recursion: both ends tell the story
        out = out[:10] + out[-(MAX_FRAMES - 10) :]
    return out


def _place_of_mistake(error: BaseException) -> tuple[str, int] | None:
    """Return file and line of an error in the text of a program, where no frame of it ran yet."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if not isinstance(error, SyntaxError):
        file, line = getattr(error, "path", None), getattr(error, "line", None)
    if isinstance(file, str) and isinstance(line, int) and is_own(file):
        return file, line
    return None


def is_own(file: str) -> bool:
    """Tell whether a file belongs to an application, not to a library."""
    return (
        f"{os.sep}applications{os.sep}" in file
        and "site-packages" not in file
        and not file.startswith(_LIBRARIES)
    )


class _Texts:
    """What foreign code says about the error; filled piece by piece, each in bounded time."""

    def __init__(self, calls: Calls) -> None:
        self.secrets = Secrets()
        self.message = ""
        self.behind = ""
        self.variables: list[dict[str, str]] = [{} for _ in calls.calls]
        self.parts: dict[str, dict[str, Any]] = {"request": {}, "session": {}, "response": {}}
        self.pieces: list[Callable[[], None]] = []
        error = calls.error
        self.pieces += [lambda: self._say(error), lambda: self._say_behind(error)]

    def _say(self, error: BaseException) -> None:
        self.message = TOO_LONG
        try:
            self.message = str(error)[:2000].encode("utf-8", "backslashreplace").decode()
        except Exception:
            self.message = safe_text(error)

    def _say_behind(self, error: BaseException) -> None:
        behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if behind is None:
            return
        self.behind = type(behind).__name__
        try:
            lines = traceback.format_exception(behind, limit=-20)
        except Exception:
            return
        self.behind = "".join(lines)[-20_000:].encode("utf-8", "backslashreplace").decode()

    def show(self, place: dict[str, Any], path: str, name: str, value: Any) -> None:
        """Queue one value for `place`."""

        def piece() -> None:
            place[name] = TOO_LONG
            inner = f"{path}/{name}"
            secret = is_secret(name)
            place[name] = self.secrets.met(inner, value) if secret else safe_text(value, self.secrets, inner)

        self.pieces.append(piece)

    def show_all(
        self,
        place: dict[str, Any],
        path: str,
        values: Any,
        skip: Callable[[str, Any], bool] = lambda _n, _v: False,
    ) -> None:
        """Queue the values of a mapping."""
        pairs, left_out = pairs_of(values, skip)
        for name, value in pairs:
            self.show(place, path, name, value)
        if left_out:
            place["..."] = f"{left_out} more"


def capture(
    application: str,
    error: BaseException,
    *,
    request: Any = None,
    session: Any = None,
    response: Any = None,
    statements: list[tuple[str, float]] | None = None,
    locate: Locate | None = None,
    calls: Calls | None = None,
    task: Mapping[str, int] | None = None,
) -> Ticket:
    """Collect what is known about `error`; odd values can not make it fail or hang.

    Args:
        application: name of the application.
        error: the exception with its traceback.
        request, session, response: of the running request, if any.
        statements: SQL sent so far, with seconds.
        locate: see `Locate`.
        calls: of the error, when they are known already.
        task: ``id`` and ``run_id`` of the scheduler's task that was running.
    """
    now = datetime.datetime.now()
    calls = calls or Calls(error, locate)
    texts = _Texts(calls)
    _queue_request(texts, request, session, response)
    _queue_variables(texts, calls)
    run_bounded(texts.pieces)
    clean = texts.secrets.clean
    variables = [{name: clean(text) for name, text in list(found.items())} for found in texts.variables]
    frames = [_frame(bare, variables[number], clean) for number, bare in enumerate(calls.frames)]
    own = [frame for frame in frames if frame.own]
    place = (own or frames)[-1] if frames else Frame("", 0, "")
    message = clean(texts.message)
    parts = {
        part: {name: _clean_deep(text, clean) for name, text in list(found.items())}
        for part, found in texts.parts.items()
    }
    return Ticket(
        id=new_id(getattr(request, "client", None), now),
        application=application,
        time=now.isoformat(timespec="milliseconds"),
        layer=place.file,
        line=place.line,
        function=place.function,
        exception=calls.exception,
        message=message,
        traceback=_text(calls.exception, message, clean(texts.behind), frames),
        frames=frames,
        request=parts["request"],
        session=parts["session"],
        response=parts["response"],
        statements=[
            (mask_statement(clean(sql[:2000])), round(seconds * 1000, 3))
            for sql, seconds in (statements or [])[-100:]
        ],
        log=[clean(line) for line in recent_lines()],
        versions=dict(_versions()),
        task=dict(task or {}),
        group=calls.group,
        hidden=dict(texts.secrets.kept),
    )


@cache
def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), "system": platform.platform(), "hadron": version()}


def _clean_deep(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name: clean(text) for name, text in list(value.items())}
    return clean(value)


def _frame(bare: Frame, variables: dict[str, str], clean: Callable[[str], str]) -> Frame:
    source = lines_around(bare.file, bare.line) if bare.own else library_line(bare.file, bare.line)
    lines = [(number, clean(text)) for number, text in source]
    return Frame(bare.file, bare.line, bare.function, bare.own, lines, variables)


def _queue_variables(texts: _Texts, calls: Calls) -> None:
    """Queue the local names, those of the innermost frame first."""
    last = len(calls.calls) - 1
    for number in range(last, -1, -1):
        file, _, _, frame = calls.calls[number]
        if frame is None or not (is_own(file) or number == last):
            continue
        local = frame.f_locals
        skip = _skip_environment if local is frame.f_globals else _skip_dunder
        texts.show_all(texts.variables[number], f"frame {number}", dict(local), skip)


def _skip_dunder(name: str, _value: Any) -> bool:
    return name.startswith("__")


def _skip_environment(name: str, value: Any) -> bool:
    """In code that runs in the environment only the names it made itself are worth showing."""
    return name.startswith("__") or name in _ENVIRONMENT or isinstance(value, _CODE)


def _queue_request(texts: _Texts, request: Any, session: Any, response: Any) -> None:
    parts = texts.parts
    if request is not None:
        try:
            _show_request(texts, parts["request"], request)
        except Exception as error:  # half-made requests fail too, and their errors want a ticket
            parts["request"]["..."] = f"the rest can not be shown: {type(error).__name__}"
    if session is not None:
        texts.show_all(parts["session"], "session", session)
    if response is not None:
        texts.show_all(parts["response"], "response", response, _skip_response)


def _skip_response(name: str, _value: Any) -> bool:
    return name.startswith("_") or name == "body"


def _show_request(texts: _Texts, place: dict[str, Any], request: Any) -> None:
    environ = request._environ
    query = environ.get("QUERY_STRING", "")
    place["address"] = f"{environ.get('PATH_INFO', '')}{'?' if query else ''}{_query(query)}"[:2000]
    headers = place["headers"] = {}
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            texts.show(headers, "request/headers", name[5:].replace("_", "-").title(), value)
    for name in _SHOWN_REQUEST:
        texts.show(place, "request", name, request[name])
    if "post_vars" in request:  # reading the body only for the ticket could block
        texts.show(place, "request", "post_vars", request["post_vars"])


def _query(text: str) -> str:
    pairs = []
    for pair in text.split("&"):
        name, equal, _ = pair.partition("=")
        pairs.append(f"{name}{equal}[hidden]" if is_secret(name) and equal else pair)
    return "&".join(pairs)


def _text(exception: str, message: str, behind: str, frames: list[Frame]) -> str:
    lines = [f"{behind}\nWhile handling it, another error occurred:\n"] if behind else []
    lines.append("Traceback (most recent call last):")
    for frame in frames:
        code = next((text.strip() for number, text in frame.source if number == frame.line), "")
        lines.append(f'  File "{frame.file}", line {frame.line}, in {frame.function or "?"}')
        if code:
            lines.append(f"    {code}")
    lines.append(f"{exception}: {message}" if message else exception)
    return "\n".join(lines)
