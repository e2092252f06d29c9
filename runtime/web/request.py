"""`request`: what the client asked, parsed when it is touched (REQ-01..32)."""

from __future__ import annotations

import datetime
import ipaddress
import os
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import IO, Any
from urllib.parse import quote

from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.foundation.storage import LazyStorage, List, Storage
from runtime.foundation.version import build_version
from runtime.web.content_type import contenttype
from runtime.web.user_agent import parse_user_agent

DEFAULT_MAX_BODY = 10 * 1024**3
"""Bytes of a request's body accepted unless the application object says otherwise."""

_NO_BODY = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_ENV_NAMES: dict[str, str] = {}


class Request(LazyStorage):
    """One request. Items that cost something to find are computed at first use.

    Args:
        environ: the WSGI environment; None outside of a server (shell, scheduler).
        trusted_proxies: addresses whose ``X-Forwarded-*`` headers count (AMB-37).
        max_body: largest body accepted, in bytes.
    """

    __slots__ = ("_environ", "_max_body", "_trusted")

    def __init__(
        self,
        environ: dict[str, Any] | None = None,
        *,
        trusted_proxies: Collection[str] = ("127.0.0.1", "::1"),
        max_body: int = DEFAULT_MAX_BODY,
    ) -> None:
        dict.__init__(self)
        object.__setattr__(self, "_environ", environ if environ is not None else {})
        object.__setattr__(self, "_trusted", trusted_proxies)
        object.__setattr__(self, "_max_body", max_body)

    # -- laziness ---------------------------------------------------------------------------

    def _complete(self) -> None:
        for key in _LAZY:
            self[key]

    def __iter__(self) -> Iterator[Any]:
        self._complete()
        return super().__iter__()

    def keys(self) -> Any:
        """All names, with every lazy item computed."""
        self._complete()
        return super().keys()

    def items(self) -> Any:
        """All names and values, with every lazy item computed."""
        self._complete()
        return super().items()

    def values(self) -> Any:
        """All values, with every lazy item computed."""
        self._complete()
        return super().values()

    # -- documented functions ---------------------------------------------------------------

    def requires_https(self) -> None:
        """Send a plain HTTP request to the same address over HTTPS (REQ-19).

        Raises:
            HTTP: 303 to the secure address.
        """
        if self.is_https or self.is_shell or self.is_scheduler or self.global_settings.cronjob:
            return
        session = getattr(current, "session", None)
        if session is not None:
            session.secure()
        query = f"?{self.env.query_string}" if self.env.query_string else ""
        redirect(f"https://{self.env.http_host}{self.env.path_info}{query}")

    def restful(self, ignore_extension: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorate an action that defines one handler per method: GET, POST, PUT... (REQ-20).

        The handler is called with ``request.args`` and ``request.vars``. The extension of the last argument,
        ``api/person/1.json``, becomes the request's. Who sends JSON gets JSON.

        Args:
            ignore_extension: leave the last argument as it is, since a dot may belong to it.
        """

        def wrap(action: Callable[..., Any]) -> Callable[..., Any]:
            def handle(*args: Any, **vars: Any) -> Any:
                self.is_restful = True
                if not ignore_extension:
                    self._take_extension()
                handlers = action()
                method = str(self.method).upper()
                handler = handlers.get(method) if method in _REST_METHODS else None
                if handler is None:
                    allowed = ", ".join(sorted(set(handlers) & _REST_METHODS))
                    raise HTTP(405, "method not allowed", Allow=allowed)
                try:
                    return self._answer_of(handler(*self.args, **self.vars))
                except TypeError as error:
                    if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                        raise  # raised inside the handler, not by the call
                    raise HTTP(400, "invalid arguments") from error

            handle.__name__ = getattr(action, "__name__", "restful")
            return handle

        return wrap

    def _take_extension(self) -> None:
        """Make the extension of the last argument the extension of this request."""
        stem, _, extension = self.args[-1].rpartition(".") if self.args else ("", "", "")
        if stem and extension.isalnum():
            self.args[-1], self.extension = stem, extension
            current.response.headers["Content-Type"] = contenttype(f".{extension.lower()}")

    def _answer_of(self, made: Any) -> Any:
        """What a handler for one method made, as JSON where that was sent and it is data."""
        sent = str(self.env.content_type or "").partition(";")[0].strip().lower()
        done = isinstance(made, (str, bytes)) or hasattr(made, "__next__") or hasattr(made, "read")
        return made if done or sent != "application/json" else current.response.json(made)

    def user_agent(self) -> Storage:
        """Parsed user agent: `is_mobile`, `is_tablet`, `os`, `browser`, `dist` (REQ-21)."""
        return parse_user_agent(self.env.http_user_agent or "")

    def requires_post(self) -> None:
        """Refuse every method but POST.

        Raises:
            HTTP: 405.
        """
        if self.method != "POST":
            raise HTTP(405, "method not allowed", Allow="POST")


_REST_METHODS = frozenset(("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PUSH"))


# -- lazy items -------------------------------------------------------------------------------


def _env(request: Request) -> Storage:
    """REQ-02, REQ-27..30: the WSGI environment under lower-case names."""
    names = _ENV_NAMES
    out = Storage()
    for key, value in request._environ.items():
        name = names.get(key)
        if name is None:
            name = key.lower().replace(".", "_").replace("-", "_")
            if len(names) < 1000:  # clients choose header names: the table must not grow with them
                names[key] = name
        out[name] = value
    settings = request.global_settings
    if settings is not None:
        out["web2py_path"] = settings.gluon_parent
        out["applications_parent"] = settings.applications_parent
    out["web2py_version"] = build_version()
    if "request_uri" not in out and "path_info" in out:
        query = out.get("query_string")
        path = quote(out["path_info"].encode("latin-1"), safe="/:@!$&'()*+,;=~-._")
        out["request_uri"] = f"{path}?{query}" if query else path
    return out


def _cookies(request: Request) -> SimpleCookie:
    """REQ-01: unreadable cookies are left out, the others are kept."""
    cookies = SimpleCookie()
    header = request._environ.get("HTTP_COOKIE")
    if header:
        from werkzeug.http import parse_cookie

        for name, value in parse_cookie(header).items():
            try:
                cookies[name] = value
            except CookieError:
                continue
    return cookies


def _get_vars(request: Request) -> Storage:
    from runtime.web.forms_data import read_query

    return read_query(request._environ.get("QUERY_STRING", ""))


def _post_vars(request: Request) -> Storage:
    environ = request._environ
    if not environ or environ.get("REQUEST_METHOD", "GET") in _NO_BODY:
        return Storage()
    from runtime.web.forms_data import read_form

    return read_form(environ, request["body"])


def _vars(request: Request) -> Storage:
    """REQ-11: query and body merged; a name in both is a list of both values."""
    merged = Storage(request["get_vars"])
    for name, value in request["post_vars"].items():
        if name in merged:
            known = merged[name]
            merged[name] = (known if isinstance(known, list) else [known]) + (
                value if isinstance(value, list) else [value]
            )
        else:
            merged[name] = value
    return merged


def _body(request: Request) -> IO[bytes]:
    from runtime.web.forms_data import spool_body

    return spool_body(request._environ, request._max_body)


def forwarded(environ: dict[str, Any], trusted: Collection[str], name: str) -> str | None:
    """Return the value of a forwarding header, only when a trusted proxy sent it (AMB-37)."""
    value = environ.get(name)
    return value if value and environ.get("REMOTE_ADDR", "") in trusted else None


def _client(request: Request) -> str:
    """REQ-13: the client's address: the nearest address that no trusted proxy added."""
    environ = request._environ
    peer = str(environ.get("REMOTE_ADDR") or "")
    header = forwarded(environ, request._trusted, "HTTP_X_FORWARDED_FOR")
    if header:
        for part in reversed([piece.strip().strip("[]") for piece in header.split(",")]):
            if not _is_address(part):
                break
            peer = part
            if part not in request._trusted:
                break
    return peer


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_local(request: Request) -> bool:
    """REQ-14: the client runs on this host; a forwarded request counts by its origin."""
    client = request["client"]
    if not client:
        return bool(request.is_shell)
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _is_https(request: Request) -> bool:
    """REQ-15."""
    environ = request._environ
    if environ.get("wsgi.url_scheme") == "https" or environ.get("HTTPS") == "on":
        return True
    proto = forwarded(environ, request._trusted, "HTTP_X_FORWARDED_PROTO")
    return proto is not None and proto.split(",")[0].strip().lower() == "https"


def _url(request: Request) -> str:
    """REQ-24: application, controller, function, extension when not html, and arguments."""
    tail = "" if request.extension in (None, "html") else f".{request.extension}"
    path = f"/{request.application}/{request.controller}/{request.function}{tail}"
    return "/".join([path, *map(str, request["args"])])


def _wsgi(request: Request) -> Any:
    from runtime.web.wsgi_hooks import WsgiHooks

    return WsgiHooks(request)


_LAZY: dict[Any, Callable[[Request], Any]] = {
    "ajax": lambda r: str(r._environ.get("HTTP_X_REQUESTED_WITH", "")).lower() == "xmlhttprequest",
    "args": lambda _: List(),
    "body": _body,
    "cid": lambda r: r._environ.get("HTTP_WEB2PY_COMPONENT_ELEMENT"),
    "client": _client,
    "cookies": _cookies,
    "env": _env,
    "get_vars": _get_vars,
    "is_https": _is_https,
    "is_local": _is_local,
    "is_restful": lambda _: False,
    "is_scheduler": lambda _: False,
    "is_shell": lambda _: False,
    "method": lambda r: r._environ.get("REQUEST_METHOD", "GET"),
    "now": lambda r: datetime.datetime.fromtimestamp(r["started"]),
    "post_vars": _post_vars,
    "started": lambda _: time.time(),
    "url": _url,
    "utcnow": lambda r: datetime.datetime.fromtimestamp(r["started"], datetime.UTC).replace(tzinfo=None),
    "uuid": lambda r: f"{r['client']}.{uuid.uuid4()}",
    "vars": _vars,
    "wsgi": _wsgi,
}
Request._lazy = _LAZY


def databases_folder(folder: str) -> str:
    """Return the ``databases/`` of an application; it is made when it is missing (APPDIR-10).

    Args:
        folder: as `application_folder` returns it.
    """
    databases = f"{folder}databases"
    if not os.path.isdir(databases):
        os.makedirs(databases, exist_ok=True)
    return databases


@lru_cache(maxsize=1024)
def application_folder(site_root: str | os.PathLike[str], application: str) -> str:
    """Return the absolute folder of `application`, with the separator behind it (REQ-05)."""
    return os.path.join(os.fspath(site_root), "applications", application, "")
