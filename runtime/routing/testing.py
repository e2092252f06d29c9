"""Drive the routers without a server, as routing tests and doctests do (REWR-06)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from runtime.foundation.http import HTTP, redirect
from runtime.foundation.storage import List, Storage
from runtime.routing.model import BadRequest, NotFound, Redirect, Target
from runtime.routing.paths import env_value
from runtime.routing.table import RouteTable
from runtime.routing.url import active_table, origin, set_default

_URL = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>[^/?#]*)(?P<uri>.*)", re.I | re.S)


def load(
    routes: str = "routes.py", app: str | None = None, data: str | None = None, rdict: Any = None
) -> RouteTable:
    """Load routes and make them those that `URL` and the functions here follow.

    Args:
        routes: name of the routes file in the site folder, or its path.
        app: application whose own routes file is meant instead of the site's.
        data: text of a routes file, read instead of a file.
        rdict: a `routers` dictionary, used instead of a file.

    Raises:
        RouteError: a `SyntaxError` with the reason.
    """
    root = site_root()
    if rdict is not None:
        table = RouteTable.from_routers(root, rdict)
    elif data is None:
        folder = os.path.join(root, "applications", app) if app else root
        path = os.path.join(folder, routes)
        data = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8-sig") as stream:
                data = stream.read()
        table = RouteTable.from_source(root, data)
    else:
        table = RouteTable.from_source(root, data)
    set_default(table)
    return table


_root: str | None = None


def set_site_root(root: str | os.PathLike[str] | None) -> None:
    """Set the site folder that `load` reads; None means the current folder."""
    global _root
    _root = None if root is None else os.fspath(root)


def site_root() -> str:
    """Site folder of the functions here."""
    return _root or os.getcwd()


def _table() -> RouteTable:
    return active_table() or load(data="")


def make_environ(url: str, method: str = "get", remote: str = "0.0.0.0") -> dict[str, Any]:  # noqa: S104 - documented default
    """Return the WSGI environment of a request for the absolute `url`.

    Raises:
        ValueError: `url` is not absolute.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError(f"{url!r} is no absolute address as http://host/path")
    path, _, query = found["uri"].partition("?")
    scheme = found["scheme"].lower()
    return {
        "REQUEST_METHOD": method.upper(),
        "REMOTE_ADDR": remote,
        "HTTP_HOST": found["host"].lower(),
        "wsgi.url_scheme": scheme,
        "PATH_INFO": unquote(path, "latin-1") if path else "/",
        "QUERY_STRING": query,
        "REQUEST_URI": found["uri"] or "/",
    }


def filter_url(
    url: str,
    method: str = "get",
    remote: str = "0.0.0.0",  # noqa: S104 - documented default, a text to match
    out: bool = False,
    app: bool = False,
    lang: str | None = None,
    domain: Any = (None, None),
    env: bool = False,
    scheme: Any = False,
    host: Any = False,
    port: Any = False,
    language: str | None = None,
) -> Any:
    """Send an absolute address through the routes, in or out, and describe the result as text.

    Args:
        url: address; with `out` its path is ``/application/controller/function/args``.
        method: HTTP method.
        remote: address of the client.
        out: rewrite an outgoing address instead of an incoming one.
        app: return only the application's name.
        lang: with `out`, language of the request.
        domain: with `out`, (application, controller) that the request's domain is mapped to.
        env: return the environment after rewriting.
        host: with `out`, host named by the caller.
        language: with `out`, language named by the caller.

    Returns:
        The path of a static file, or ``/application/controller/function`` followed by the
        extension unless html, the args, the query, the language; with `out` the address.

    Raises:
        HTTP: 400 for a malformed address, 303 and the like for a redirecting rule.
    """
    table = _table()
    environ = make_environ(url, method, remote)
    if out:
        return _filter_out(table, url, environ, lang, domain, scheme, host, port, language)
    target = _map_in(table, environ)
    if app:
        return target.application
    if env:
        return _environment(environ, target)
    return describe(target)


def describe(target: Target) -> str:
    """The text of `filter_url` for an incoming address."""
    if target.static_file is not None:
        return target.static_file
    out = f"/{target.application}/{target.controller}/{target.function}"
    if target.extension != "html":
        out += f".{target.extension}"
    if target.args:
        out += f" {target.args}"
    if target.query_string:
        out += f" ?{target.query_string}"
    if target.uri_language:
        out += f" ({target.uri_language})"
    return out


def _map_in(table: RouteTable, environ: Mapping[str, Any]) -> Target:
    try:
        target = table.map_in(environ, check=False)
    except BadRequest as error:
        raise HTTP(400, f"[{error.reason}]", web2py_error=error.reason) from error
    except NotFound as error:
        raise HTTP(404, f"[{error}]", web2py_error=str(error)) from error
    if isinstance(target, Redirect):
        redirect(target.location, target.status)
    return target


def _environment(environ: dict[str, Any], target: Target) -> Storage:
    out = Storage({key.lower().replace(".", "_"): value for key, value in environ.items()})
    uri = quote(target.path, safe="/:@!$&'()*+,;=~-._")
    out.request_uri = f"{uri}?{target.query_string}" if target.query_string else uri
    out.path_info = target.path
    out.query_string = target.query_string
    return out


def _filter_out(
    table: RouteTable,
    url: str,
    environ: dict[str, Any],
    lang: str | None,
    domain: Any,
    scheme: Any,
    host: Any,
    port: Any,
    language: str | None,
) -> str:
    uri = url.split("://", 1)[1]
    uri = "/" + uri.partition("/")[2]
    if table.parametric is None:
        return table.rewrite_out(uri, environ)
    cut = min((i for i in (uri.find("?"), uri.find("#")) if i >= 0), default=len(uri))
    path, rest = uri[:cut], uri[cut:]
    parts = unquote(path).split("/")[1:]
    if len(parts) < 3:
        raise ValueError(f"{url!r}: at least /application/controller/function is needed")
    names, args = parts[:3], parts[3:]
    other = ("/" + "/".join(quote(arg) for arg in args) if args else "") + rest
    named = (domain, None) if isinstance(domain, str) else domain
    if names[1] == "static":
        names[2], args, other = "/".join([names[2], *args]), [], rest
    from runtime.routing.parametric_out import shorten
    from runtime.routing.table import join_other

    mapped = (named[0], named[1], None) if named and named[0] else None
    explicit = isinstance(host, str) or host is True
    shortened = shorten(
        table.parametric, names[0], names[1], names[2], args, mapped, language or lang, explicit
    )
    return join_other(shortened, other)


def filter_err(status: int, application: str = "app", ticket: str = "tkt") -> Any:
    """Return the error page of `status` with its query, or `status` when there is none."""
    page = _table().on_error(status, application, ticket, "", "")
    if page is None:
        return status
    if page.is_static:
        return page.path
    return f"{page.path}{'&' if '?' in page.path else '?'}code={status}&ticket={ticket}"


def regex_url_in(request: Storage, environ: dict[str, Any]) -> tuple[str | None, str | None, dict[str, Any]]:
    """Read an incoming address into `request`.

    Returns:
        Static file, its version, and the environment after rewriting; the first two are None
        for an action, whose names and args are set on `request`.

    Raises:
        HTTP: as `filter_url`.
    """
    target = _map_in(_table(), environ)
    env = environ | {"PATH_INFO": target.path, "QUERY_STRING": target.query_string}
    if target.static_file is not None:
        return target.static_file, target.static_version, env
    request.application = target.application
    request.controller = target.controller
    request.function = target.function
    request.extension = target.extension
    request.args = List(target.args)
    request.raw_args = target.raw_args
    request.uri_language = target.uri_language
    return None, None, env


url_in = regex_url_in
"""The name for both routers; either of them is used here."""


def regex_filter_out(url: str, e: Mapping[str, Any] | None = None) -> str:
    """Apply `routes_out` to an outgoing path."""
    return _table().rewrite_out(url, e)


def map_url_out(
    request: Any,
    env: Mapping[str, Any] | None,
    application: str,
    controller: str,
    function: str,
    args: Any,
    other: Any,
    scheme: Any,
    host: Any,
    port: Any,
    language: str | None = None,
) -> str:
    """Return the public path of an action, without its args (they only decide what may be left out)."""
    listed = [str(arg) for arg in args or ()]
    table = _table()
    return table.map_out(
        request, env, application, controller, function, listed, "", host or None, port or None,
        scheme if isinstance(scheme, str) else "http", language,
    )  # fmt: skip


def url_out(
    request: Any,
    environ: Mapping[str, Any] | None,
    application: str,
    controller: str,
    function: str,
    args: Any,
    other: str,
    scheme: Any,
    host: Any,
    port: Any,
    language: str | None = None,
) -> str:
    """Return the public address of an action, as `URL` makes it of the same parts.

    Args:
        request: gives language, host and scheme where they are asked for; may be None.
        environ: environment of the current request, for the rules; may be None.
        args: decoded; they decide what may be left out.
        other: encoded args, query and anchor, as they are appended.
        scheme: True for the request's, or a text as ``'https'``; makes the address absolute.
        host: True for the request's, or a host; makes the address absolute.
        port: port of the address; makes it absolute.

    Raises:
        SyntaxError: the address leaves an exclusive domain (REWR-PARAM-07).
    """
    env = environ if environ is not None else getattr(request, "env", None)
    listed = [str(arg) for arg in args or ()]
    path = _table().map_out(
        request, env, application, controller, function, listed, other or "", host or None, port or None,
        scheme if isinstance(scheme, str) else env_value(env, "wsgi.url_scheme", "http"), language,
    )  # fmt: skip
    return origin(env, scheme, host, port) + path if scheme or host or port else path


def try_redirect_on_error(http_object: HTTP, request: Any, ticket: str | None = None) -> HTTP:
    """Return the redirect to the error page of an answer of 400 and above, else the answer itself."""
    env = request.env or {}
    uri = str(env.get("request_uri") or "")
    table = active_table(request) or _table()
    page = table.on_error(http_object.code, request.application, ticket, uri, str(request.url or ""))
    if page is None:
        return http_object
    return HTTP(
        303, f"You are being redirected to the error page of {http_object.code}", Location=page.location
    )
