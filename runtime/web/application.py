"""The WSGI application: one request from environ to answer, one function per step."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from runtime import dal
from runtime.cache import Cache
from runtime.errors import hooks, log_ring, record_error, ticket_html
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.seldom import Seldom
from runtime.foundation.storage import List
from runtime.i18n import TranslatorFactory
from runtime.routing import BadRequest, NotFound, Redirect, Router, RouteTable, Target, set_default
from runtime.routing.model import RouteError
from runtime.sessions import Session, SessionConflict, SessionUnavailable
from runtime.sessions import frame as session_frame
from runtime.views import locate_frame
from runtime.web import afterwards, importer
from runtime.web.actions import prepare_response, run_action
from runtime.web.compiled_app import make_loaders
from runtime.web.components import component_headers
from runtime.web.environment import build_environment
from runtime.web.folder_names import FolderNames
from runtime.web.language_preview import previewed_language
from runtime.web.request import DEFAULT_MAX_BODY, Request, application_folder, databases_folder
from runtime.web.response import Response, finish_headers
from runtime.web.sending import Streamed, send
from runtime.web.settling import Settling
from runtime.web.site_settings import settings_of_site
from runtime.web.static import static_answer
from runtime.web.streaming import FileBlocks

logger = logging.getLogger("web2py")

StartResponse = Callable[..., Any]

_ROUTED = "hadron.error_route"
_HTML: dict[str, Any] = {"Content-Type": "text/html; charset=utf-8"}


class Application:
    """A site as one WSGI application (WSGI-1).

    Args:
        site_folder: holds ``applications/`` and ``routes.py``.
        trusted_proxies: addresses whose forwarding headers count (AMB-37).
        development: True looks at changed files at every request, False at
            most once a second.
        max_body: largest request body in bytes; more is answered 413.
        session_lock: how sessions are locked unless `session.connect` says otherwise; ``request``
            makes the requests of one visitor wait for each other, as the old framework did (LOCK-01).
        rich_errors: show whole tickets to a browser on this very machine, instead
            of their number (DEV-04). Only for a server that nothing but this
            machine can reach: see `is_local_browser`.
    """

    def __init__(
        self,
        site_folder: str | os.PathLike[str],
        *,
        trusted_proxies: Collection[str] = ("127.0.0.1", "::1"),
        development: bool = True,
        max_body: int = DEFAULT_MAX_BODY,
        session_lock: str = "write",
        rich_errors: bool = False,
    ) -> None:
        self.session_lock = session_lock
        self.site = Path(site_folder).resolve()
        self.root = str(self.site)
        self.trusted_proxies = frozenset(trusted_proxies)
        self.max_body = max_body
        self.rich_errors = rich_errors
        interval = 0.0 if development else 1.0
        self.router = Router(self.site)
        self.codes, self.views = make_loaders(interval)
        self.folders = Seldom(FolderNames(), interval)
        self.databases_folder = Seldom(databases_folder, interval)
        self.development = development
        self.settings = settings_of_site(self.root)
        self.settings["reload_routes"] = self.reload_routes
        set_default(self.router.table)
        self.settling = Settling()
        importer.install(self.root)
        log_ring.install()
        hooks.install()

    @property
    def default_application(self) -> str:
        """Name of the application that answers ``/`` (APP-1, APP-2)."""
        target = self.router.table.map_in({"PATH_INFO": "/", "REQUEST_METHOD": "GET"}, check=False)
        return "" if isinstance(target, Redirect) else target.application

    def reload_routes(self) -> RouteError | None:
        """Read the routes files again; on an error, which is returned, the old routes stay (REWR-03)."""
        error = self.router.reload()
        set_default(self.router.table)
        return error

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if self.development and self.router.check_files():
            set_default(self.router.table)
        table = self.router.table
        answer = self._find_and_run(table, environ)
        self.settling.count()
        return send(answer, environ, start_response)

    # -- finding out what is asked -----------------------------------------------------------------

    def _find_and_run(self, table: RouteTable, environ: dict[str, Any]) -> HTTP:
        try:
            target = table.map_in(environ)
        except BadRequest as error:
            return self._plain_error(table, 400, str(error), table.default_application or "", environ)
        except NotFound as error:
            return self._plain_error(table, 404, f"invalid {error.kind}", error.name, environ)
        if isinstance(target, Redirect):
            return HTTP(target.status, "", Location=target.location)
        record = environ.get("hadron.record")
        if record is not None:
            record["application"] = target.application
            record["controller"], record["function"] = target.controller, target.function
        if target.static_file is not None:
            answer = static_answer(target.static_file, target.static_version, environ)
        else:
            answer = self._dynamic(table, target, environ)
        return self._route_error(table, target.application, target.path, environ, answer)

    def _plain_error(
        self, table: RouteTable, status: int, message: str, application: str, environ: dict[str, Any]
    ) -> HTTP:
        answer = HTTP(status, table.error_page(message), **_HTML)
        return self._route_error(table, application, environ.get("PATH_INFO", ""), environ, answer)

    # -- a dynamic request ---------------------------------------------------------------------------

    def _dynamic(self, table: RouteTable, target: Target, environ: dict[str, Any]) -> HTTP:
        """Run the action; once more under the session's lock when another request changed the session."""
        names = self.folders(application_folder(self.root, target.application))
        if "DISABLED" in names:
            return HTTP(503, "<html><body><h1>Temporarily down for maintenance</h1></body></html>")
        try:
            return self._attempt(table, target, environ, names, locked=False)
        except SessionConflict:
            pass
        try:
            return self._attempt(table, target, environ, names, locked=True)
        except SessionConflict:  # its lock ran out: it took longer than the store keeps one
            return HTTP(503, table.error_page("The session changed meanwhile. Please try again."), **_HTML)

    def _attempt(
        self, table: RouteTable, target: Target, environ: dict[str, Any], names: frozenset[str], locked: bool
    ) -> HTTP:
        request = self._request(table, target, environ)
        response, session = Response(), Session()
        response["_folder_names"] = names
        environment = self._environment(request, response, session, locked)
        steps = _Steps(environ.get("hadron.record"))
        log_ring.begin()
        folder: str = request["folder"]
        dal.begin_request(f"{folder}databases" if "databases" in names else self.databases_folder(folder))
        committed = False
        try:
            try:
                session_frame.start(session)
                answer = self._run(request, response, environment, table, steps)
            except HTTP as raised:
                answer = raised.with_traceback(None)  # its frames go now, not when cycles are looked for
            if request["cid"] or request["ajax"]:
                component_headers(response, answer)
            session_frame.check(session)
            dal.finish(commit=True)  # also after HTTP: it is an intended answer (FLOW-11)
            committed = True
            session_frame.finish(session)
            steps.mark("finish")
            self._watch_stream(answer, table, request, environ)
            return self._with_cookies(answer, response)
        except SessionConflict:
            _rewind_body(request, environ)
            raise
        except SessionUnavailable as error:
            return HTTP(503, table.error_page(str(error)), **(_HTML | {"Retry-After": "2"}))
        except (Exception, SystemExit) as error:  # an action must not end the server's thread
            return self._ticket(table, request, environ, error)
        finally:
            if committed:
                afterwards.start()
            else:
                dal.finish(commit=False)
                afterwards.abandon()
            session_frame.end(session)

    def _request(self, table: RouteTable, target: Target, environ: dict[str, Any]) -> Request:
        if target.query_string != environ.get("QUERY_STRING", ""):
            environ["QUERY_STRING"] = target.query_string
        request = Request(environ, trusted_proxies=self.trusted_proxies, max_body=self.max_body)
        request.update(
            application=target.application,
            controller=target.controller,
            function=target.function,
            extension=target.extension,
            args=List(target.args),
            raw_args=target.raw_args,
            folder=application_folder(self.root, target.application),
            global_settings=self.settings,
            uri_language=target.uri_language,
            _routes=table,
        )
        return request

    def _environment(
        self, request: Request, response: Response, session: Session, locked: bool
    ) -> dict[str, Any]:
        response["_view_loader"] = self.views
        response["_codes"] = self.codes
        prepare_response(response, request)
        session_frame.begin(session, request, response, self.root, mode=self.session_lock, force_lock=locked)
        environ = request._environ
        accepted = environ.get("HTTP_ACCEPT_LANGUAGE")
        if self.rich_errors and is_local_browser(environ):
            accepted = previewed_language(environ, response.cookies) or accepted
        translate = TranslatorFactory(f"{request['folder']}languages", accepted)
        cache = Cache(request)
        per_request = {
            "request": request,
            "response": response,
            "session": session,
            "cache": cache,
            "T": translate,
        }
        current._begin(**per_request)
        afterwards.begin()
        environment = current.globalenv = build_environment(request["application"], **per_request)
        return environment

    def _run(
        self,
        request: Request,
        response: Response,
        environment: dict[str, Any],
        table: RouteTable,
        steps: _Steps,
    ) -> HTTP:
        page = run_action(self.codes, request, response, environment, table.error_page, steps.mark)
        headers = finish_headers(response, request["extension"])
        return HTTP(response["status"], page, **headers)

    def _watch_stream(
        self, answer: HTTP, table: RouteTable, request: Request, environ: dict[str, Any]
    ) -> None:
        """Wrap an iterable page: an error half-way is ticketed, its transaction ended (ERR-10)."""
        body = answer.body
        if isinstance(body, (str, bytes, FileBlocks)) or hasattr(body, "xml"):
            return
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(body, wrapper):
            return

        def finished(error: Exception | None) -> None:
            dal.finish(commit=error is None)
            if error is not None:
                self._ticket(table, request, environ, error)

        answer.body = Streamed(body, finished)

    def _with_cookies(self, answer: HTTP, response: Response) -> HTTP:
        cookies = dict.get(response, "cookies")
        if cookies:
            answer.cookies2headers(cookies)
        return answer

    # -- errors ----------------------------------------------------------------------------------------

    def _ticket(
        self, table: RouteTable, request: Request, environ: dict[str, Any], error: BaseException
    ) -> HTTP:
        ticket, details = record_error(
            request["folder"],
            request["application"],
            error,
            request=request,
            session=getattr(current, "session", None),
            response=getattr(current, "response", None),
            statements=dal.statements,
            locate=locate_frame,
        )
        record = environ.get("hadron.record")
        if record is not None:
            record["ticket"], record["error"] = ticket, type(error).__name__
        environ["hadron.ticket"] = ticket
        headers: dict[str, Any] = _HTML | {"web2py_error": f"ticket {ticket}"}
        if self.rich_errors and details is not None and is_local_browser(environ):
            note = (
                "Shown because this browser runs on the server's own machine; visitors see the number only."
            )
            return HTTP(500, ticket_html(details, note), **headers | {"Cache-Control": "no-store"})
        return HTTP(500, table.ticket_page(ticket), **headers)

    def _route_error(
        self, table: RouteTable, application: str, path: str, environ: dict[str, Any], answer: HTTP
    ) -> HTTP:
        """Let the site's error routes make the page of an answer of 400 and above (ERR-01..05).

        The page is made in place: the visitor's address stays, the status too.
        An error route that fails itself is not routed again: the plain answer goes out.
        """
        status = answer.code
        if status < 400 or _ROUTED in environ:
            return answer
        uri = environ.get("REQUEST_URI") or environ.get("PATH_INFO", "")
        ticket = environ.get("hadron.ticket")
        page = table.on_error(status, application, ticket, uri, path)
        if page is None:
            return answer
        if "://" in page.path:
            return HTTP(303, "", Location=page.location)
        path, _, query = page.location.partition("?")
        inner = dict(environ) | {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
        inner[_ROUTED] = True
        inner.pop("hadron.record", None)
        for name in ("CONTENT_LENGTH", "HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
            inner.pop(name, None)
        made = self._find_and_run(table, inner)
        if made.code >= 400 and "hadron.ticket" in inner and inner["hadron.ticket"] != ticket:
            return answer
        if made.code < 300:
            made.status = status
        return made


def _rewind_body(request: Request, environ: dict[str, Any]) -> None:
    """Let a second attempt read the request's body again."""
    body = dict.get(request, "body")
    if body is not None:
        body.seek(0)
        environ["wsgi.input"] = body


_FORWARDING = (
    "HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP", "HTTP_VIA",
)  # fmt: skip
_LOCAL_NAMES = frozenset(("127.0.0.1", "localhost", "[::1]"))


def is_local_browser(environ: dict[str, Any]) -> bool:
    """Tell whether a request comes from this machine, by no proxy, under a name of this machine (DEV-04).

    The name counts too: a foreign page can make a browser ask this machine under the page's own name.
    """
    host = str(environ.get("HTTP_HOST", "")).lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return (
        environ.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
        and name in _LOCAL_NAMES
        and not any(header in environ for header in _FORWARDING)
    )


class _Steps:
    """Time of each step of a request, in milliseconds, for the metrics."""

    __slots__ = ("last", "record")

    def __init__(self, record: dict[str, Any] | None) -> None:
        self.record = record
        self.last = time.perf_counter()

    def mark(self, name: str) -> None:
        """Note the time since the last mark under `name`."""
        if self.record is None:
            return
        now = time.perf_counter()
        self.record.setdefault("steps", {})[name] = (now - self.last) * 1000
        self.last = now
