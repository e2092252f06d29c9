"""Try an address against a site's routes and say what becomes of it, step by step (REWR-06, DESK-17)."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from runtime.admin.route_rules import TriedRule, routers_of, rules_in, rules_out
from runtime.routing.model import BadRequest, NotFound, Redirect, RouteError, Target
from runtime.routing.paths import decode_path
from runtime.routing.table import RouteTable
from runtime.routing.url import URL


@dataclass(slots=True)
class RouteTrial:
    """What the routes make of one address; `as_json` gives it as plain data.

    Attributes:
        url: the address as asked.
        steps: what happened, one sentence each, in order.
        rule: pattern of the rule that matched, or None.
        application, controller, function, extension, args, vars: the action, when it is one.
        static_file: path of a static file, when it is one.
        static_exists: whether that file is there.
        redirect: status and location of a redirecting rule.
        refusal: why the address is refused, with its status in front.
        language: language read from the address.
        reverse: the address `URL` would print for the target.
        rules: the rules of the routes files that this address is about, each with its result: those on the
            way in, then those on the way out.
    """

    url: str
    steps: list[str] = field(default_factory=list)
    rule: str | None = None
    application: str | None = None
    controller: str | None = None
    function: str | None = None
    extension: str | None = None
    args: list[str] = field(default_factory=list)
    vars: dict[str, list[str]] = field(default_factory=dict)
    static_file: str | None = None
    static_exists: bool = False
    redirect: tuple[int, str] | None = None
    refusal: str | None = None
    language: str | None = None
    reverse: str | None = None
    rules: list[TriedRule] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the trial as a dictionary of plain values."""
        return asdict(self)


def try_route(
    site_root: str | os.PathLike[str],
    url: str,
    method: str = "GET",
    host: str | None = None,
    client: str = "127.0.0.1",
) -> RouteTrial:
    """Send `url` through the routes of a site folder, as they stand on disk, without running anything.

    Args:
        site_root: holds ``routes.py`` and ``applications/``.
        url: a path, or a whole address.
        method: HTTP method.
        host: host, with or without port, when `url` is a path; default ``localhost``.
        client: address of the client.
    """
    trial = RouteTrial(url)
    try:
        environ = _environ(url, method, host, client)
        table = RouteTable.load(site_root)
    except RouteError as error:
        return _refuse(trial, f"routes cannot be loaded: {error}")
    except ValueError as error:
        return _refuse(trial, f"not an address: {error}")
    trial.steps.append(f"{_kind(table)}; {method.upper()} {environ['PATH_INFO']} for {environ['HTTP_HOST']}")
    try:
        trial.rules = rules_in(table, environ, decode_path(environ["PATH_INFO"]))
        target = table.map_in(environ)
    except BadRequest as error:
        return _refuse(trial, f"400: {error.reason}")
    except NotFound as error:
        return _refuse(trial, f"404: {error}")
    if target.rule:
        trial.rule = target.rule
        trial.steps.append(f"rule {target.rule} matched")
    if isinstance(target, Redirect):
        trial.redirect = (target.status, target.location)
        trial.steps.append(f"redirect with {target.status} to {target.location}")
        return trial
    trial.rules += routers_of(table, target)
    _describe(trial, target)
    _reverse(trial, table, target, environ)
    return trial


def _environ(url: str, method: str, host: str | None, client: str) -> dict[str, Any]:
    parts = urlsplit(url if "://" in url else f"http://{host or 'localhost'}/{url.lstrip('/')}")
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"{parts.scheme!r} is neither http nor https")
    return {
        "REQUEST_METHOD": method.upper(),
        "REMOTE_ADDR": client,
        "HTTP_HOST": parts.netloc or host or "localhost",
        "wsgi.url_scheme": parts.scheme,
        "PATH_INFO": unquote(parts.path, "latin-1") or "/",
        "QUERY_STRING": parts.query,
    }


def _kind(table: RouteTable) -> str:
    if table.parametric is not None:
        return "parametric router"
    if table.plain:
        return "no routes"
    return f"pattern router with {len(table.site.routes_in.rules)} rules in"


def _refuse(trial: RouteTrial, reason: str) -> RouteTrial:
    trial.refusal = reason
    trial.steps.append(f"refused: {reason}")
    return trial


def _describe(trial: RouteTrial, target: Target) -> None:
    trial.application, trial.controller, trial.function = (
        target.application,
        target.controller,
        target.function,
    )
    trial.extension, trial.args, trial.language = target.extension, list(target.args), target.uri_language
    for name, value in parse_qsl(target.query_string, keep_blank_values=True):
        trial.vars.setdefault(name, []).append(value)
    if target.uri_language:
        trial.steps.append(f"language {target.uri_language}")
    if target.static_file is not None:
        trial.static_file = target.static_file
        trial.static_exists = os.path.isfile(target.static_file)
        there = "" if trial.static_exists else ", which does not exist"
        trial.steps.append(f"static file {target.static_file}{there}")
        return
    trial.steps.append(f"action {target.function} of controller {target.controller} in {target.application}")
    if target.args:
        trial.steps.append(f"args {target.args}")


def _reverse(trial: RouteTrial, table: RouteTable, target: Target, environ: dict[str, Any]) -> None:
    request = {
        "_routes": table,
        "env": environ,
        "extension": "html",
        "uri_language": target.uri_language,
        "application": target.application,
        "controller": target.controller,
        "function": target.function,
    }
    ending = None if target.extension == "html" or target.static_file is not None else target.extension
    trial.reverse = URL(r=request, args=target.args, vars=trial.vars, extension=ending)
    if table.parametric is None:
        plain = URL(
            r=request | {"_routes": RouteTable(table.root)},
            args=target.args,
            vars=trial.vars,
            extension=ending,
        )
        trial.rules += rules_out(table, environ, plain, target.application)
    trial.steps.append(f"URL prints {trial.reverse}")
