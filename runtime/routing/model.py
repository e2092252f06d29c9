"""What the router takes in and hands out: targets, redirects, refusals, errors of a routes file."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from runtime.foundation.problems import UserError


@dataclass(slots=True)
class Target:
    """Where a request goes: an action, or a static file.

    Attributes:
        application: name of the application's folder.
        controller: name of the controller, ``"static"`` for a static file.
        function: name of the function, without its extension.
        extension: what followed the function's dot, ``"html"`` when nothing did.
        args: path parts after the function, decoded (DISP-10).
        raw_args: the same as one text, unchecked for applications in `routes_apps_raw` (VAL-07).
        static_file: absolute path of the file inside the application's `static` folder; it may not exist.
        static_version: version part of a static address, as ``"1.2.3"`` (STATIC-02).
        query_string: query of the request, with what a rewrite put in front (REWR-PAT-07).
        path: path after rewriting, ``/application/controller/function/args``.
        uri_language: language read from the address (REWR-PARAM-08).
        rule: text of the pattern that matched, for logs and the route tester.
    """

    application: str
    controller: str
    function: str
    extension: str = "html"
    args: list[str] = field(default_factory=list)
    raw_args: str = ""
    static_file: str | None = None
    static_version: str | None = None
    query_string: str = ""
    path: str = ""
    uri_language: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer of a ``303->http://...`` rule (REWR-PAT-08)."""

    status: int
    location: str
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorTarget:
    """Page that answers for an error (ERR-01, ERR-02).

    Attributes:
        path: the target as written in `routes_onerror`, before any query.
        vars: GET variables to pass; empty for a static target.
        is_static: the target is a static file.
    """

    path: str
    vars: dict[str, str]
    is_static: bool

    @property
    def location(self) -> str:
        """The target with its variables as query."""
        if not self.vars:
            return self.path
        return f"{self.path}{'&' if '?' in self.path else '?'}{urlencode(self.vars)}"


class BadRequest(Exception):
    """The address is malformed: answer 400 (VAL-04). `reason` says what is wrong with it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(Exception):
    """The address is well formed but leads nowhere: answer 404 (DISP-12).

    `kind` is ``"application"``; controllers and functions are looked up after routing.
    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"unknown {kind}: {name!r}")
        self.kind = kind
        self.name = name


class RouteError(UserError, SyntaxError):
    """A routes file cannot be used (REWR-04): `file`, `line` (0 when unknown) and `reason`."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(reason)
        self.file = file
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.reason}"
