"""Run a routes file and read its documented names (REWR-02, REWR-04, REWR-05)."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.routing.model import RouteError
from runtime.routing.patterns import BadRule, RuleSet

log = logging.getLogger("web2py.rewrite")

DEFAULT_ERROR_MESSAGE = "<html><body><h1>%s</h1></body></html>"
DEFAULT_TICKET_MESSAGE = (
    "<html><body><h1>Internal error</h1>"
    'Ticket issued: <a href="/admin/default/ticket/%(ticket)s" target="_blank">%(ticket)s</a>'
    "</body></html>"
)
LOG_LEVELS: dict[str, int | None] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "off": None,
    "print": 0,
}
"""Values of ``logging`` in a routes file; 0 stands for the standard output."""


@dataclass(slots=True)
class RouteFile:
    """What one routes file says, compiled."""

    file: str = "routes.py"
    routers: Mapping[str, Any] | None = None
    routes_in: RuleSet = field(default_factory=lambda: RuleSet(()))
    routes_out: RuleSet = field(default_factory=lambda: RuleSet(()))
    routes_app: RuleSet = field(default_factory=lambda: RuleSet(()))
    routes_onerror: list[tuple[str, str]] = field(default_factory=list)
    error_handler: dict[str, str] = field(default_factory=dict)
    error_message: str = DEFAULT_ERROR_MESSAGE
    error_message_ticket: str = DEFAULT_TICKET_MESSAGE
    default_application: str | None = None
    default_controller: str = "default"
    default_function: str = "index"
    routes_apps_raw: frozenset[str] = frozenset()
    log_level: int | None = None


def read_file(path: str) -> RouteFile | None:
    """Run the routes file at `path`; None when there is none.

    Raises:
        RouteError: it cannot be read, run or understood.
    """
    try:
        with open(path, encoding="utf-8-sig") as stream:
            source = stream.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise RouteError(path, 0, f"cannot be read: {error}") from error
    return read_source(source, path)


def read_source(source: str, path: str) -> RouteFile:
    """Run the text of a routes file; `path` is its name in messages.

    Raises:
        RouteError: it cannot be run or understood.
    """
    names: dict[str, Any] = {"__name__": "routes", "__file__": path}
    try:
        exec(compile(source, path, "exec"), names)  # noqa: S102 - a routes file is the site owner's Python
    except SyntaxError as error:
        raise RouteError(error.filename or path, error.lineno or 0, f"invalid syntax: {error.msg}") from error
    except Exception as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
        reason = f"{type(error).__name__}: {error}"
        raise RouteError(path, (lines[-1] if lines else 0) or 0, reason) from error
    return read_names(names, path)


def read_names(names: Mapping[str, Any], path: str) -> RouteFile:
    """Read the documented names of a routes file that ran.

    Raises:
        RouteError: a value is not what it must be.
    """
    try:
        return _read(names, path)
    except (BadRule, _Wrong) as error:
        raise RouteError(path, 0, str(error)) from error


class _Wrong(ValueError):
    """A name has a value of the wrong kind."""


def _read(names: Mapping[str, Any], path: str) -> RouteFile:
    out = RouteFile(file=path)
    routers = names.get("routers")
    if routers is not None and not isinstance(routers, Mapping):
        raise _Wrong("routers must be a dictionary")
    out.routers = routers
    if routers is not None and (names.get("routes_in") or names.get("routes_out")):
        log.warning("%s defines routers and routes_in/routes_out: the parametric router is used", path)
    out.routes_in = RuleSet(_pairs(names, "routes_in"), "routes_in")
    out.routes_out = RuleSet(_pairs(names, "routes_out"), "routes_out")
    out.routes_app = RuleSet(_pairs(names, "routes_app"), "routes_app")
    out.routes_onerror = [_error_pair(pair) for pair in _pairs(names, "routes_onerror")]
    handler = names.get("error_handler") or {}
    if not isinstance(handler, Mapping):
        raise _Wrong("error_handler must be a dictionary with application, controller, function")
    out.error_handler = {str(k): str(v) for k, v in handler.items()}
    out.error_message = _page(names, "error_message", DEFAULT_ERROR_MESSAGE, "message")
    out.error_message_ticket = _page(names, "error_message_ticket", DEFAULT_TICKET_MESSAGE, {"ticket": "t"})
    out.default_application = _name(names, "default_application", None)
    out.default_controller = _name(names, "default_controller", None) or "default"
    out.default_function = _name(names, "default_function", None) or "index"
    raw = names.get("routes_apps_raw") or ()
    if isinstance(raw, str) or not all(isinstance(name, str) for name in raw):
        raise _Wrong("routes_apps_raw must be a list of application names")
    out.routes_apps_raw = frozenset(raw)
    level = names.get("logging")
    if isinstance(level, str):
        if level.lower() not in LOG_LEVELS:
            raise _Wrong(f"logging must be one of {', '.join(LOG_LEVELS)}, not {level!r}")
        out.log_level = LOG_LEVELS[level.lower()]
    return out


def _pairs(names: Mapping[str, Any], key: str) -> list[Any]:
    value = names.get(key) or ()
    if not isinstance(value, (list, tuple)):
        raise _Wrong(f"{key} must be a list or tuple of pairs")
    return list(value)


def _error_pair(pair: Any) -> tuple[str, str]:
    if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(isinstance(p, str) for p in pair):
        raise _Wrong(f"routes_onerror: {pair!r} is no pair ('application/code', target)")
    app, slash, code = pair[0].partition("/")
    if not slash or not app or not (code == "*" or code.isdigit()):
        raise _Wrong(f"routes_onerror: {pair[0]!r} must be 'application/code', with * for any")
    return pair[0], pair[1]


def _page(names: Mapping[str, Any], key: str, default: str, sample: Any) -> str:
    page = names.get(key, default)
    if not isinstance(page, str):
        raise _Wrong(f"{key} must be a text")
    try:
        if "%" in page:
            page % sample
    except (TypeError, ValueError, KeyError) as error:
        raise _Wrong(
            f"{key}: its % placeholders cannot be filled ({error}); write %% for a percent sign"
        ) from None
    return page


def _name(names: Mapping[str, Any], key: str, default: str | None) -> str | None:
    value = names.get(key, default)
    if value is not None and not isinstance(value, str):
        raise _Wrong(f"{key} must be a name")
    return value


def read_applications(root: str, names: frozenset[str]) -> dict[str, RouteFile]:
    """Read the routes files of the applications themselves (REWR-PARAM-01, REWR-PAT-16).

    Raises:
        RouteError: one of them cannot be used.
    """
    out = {}
    for name in sorted(names):
        found = read_file(os.path.join(root, "applications", name, "routes.py"))
        if found is not None:
            out[name] = found
    return out
