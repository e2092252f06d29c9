"""All routes of one site folder, compiled once: the way in, the way out, error pages."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from typing import Any

from runtime.foundation.escape import xmlescape
from runtime.routing.listing import application_names
from runtime.routing.loading import RouteFile, read_applications, read_file, read_names, read_source
from runtime.routing.model import BadRequest, ErrorTarget, NotFound, Redirect, RouteError, Target
from runtime.routing.parametric import BadRouter, Domain, Parametric
from runtime.routing.parametric_out import shorten
from runtime.routing.paths import (
    FILE_MATCH,
    absolute,
    decode_path,
    env_value,
    host_of,
    split_host,
    static_path,
    take_version,
)

log = logging.getLogger("web2py.rewrite")

_ACTION = re.compile(r"/(?:(\w{1,64})(?:/(\w+)(?:/(\w+)(?:\.(\w+))?(/.*)?)?)?)?", re.ASCII)
_ROOT_FILES = frozenset(("/favicon.ico", "/robots.txt", "/humans.txt"))
"""Asked for at the root by browsers and robots: the default application's, where no rules say otherwise."""
_ARGS = re.compile(r"(?:/(?:[\w@=-]|(?<=[\w@=-])\.)*)+")
_FILE = re.compile(FILE_MATCH)


class RouteTable:
    """An unchanging snapshot of a site's routes.

    Args:
        root: the site folder, holding ``applications/``.
        site: the site's routes file.
        own: routes files of applications.

    Raises:
        RouteError: the routers cannot be used.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        site: RouteFile | None = None,
        own: Mapping[str, RouteFile] | None = None,
    ) -> None:
        self.root = absolute(root)
        self.site = site or RouteFile()
        self.own = dict(own or {})
        self.installed = application_names(self.root)
        self.parametric = self._make_parametric()
        self.plain = self.parametric is None and not self.site.routes_in and not self.site.routes_app
        self.plain_out = self.parametric is None and not self.site.routes_out and not self._own_out()

    @classmethod
    def load(cls, site_root: str | os.PathLike[str]) -> RouteTable:
        """Read ``routes.py`` of the site folder and of its applications.

        Raises:
            RouteError: with file, line and reason (REWR-04).
        """
        root = absolute(site_root)
        site = read_file(os.path.join(root, "routes.py"))
        return cls(root, site, read_applications(root, application_names(root)()))

    @classmethod
    def from_source(cls, site_root: str | os.PathLike[str], source: str) -> RouteTable:
        """Like `load`, with the text of the site's routes file given."""
        root = absolute(site_root)
        own = read_applications(root, application_names(root)())
        return cls(root, read_source(source, "routes.py"), own)

    @classmethod
    def from_routers(cls, site_root: str | os.PathLike[str], routers: Mapping[str, Any]) -> RouteTable:
        """Like `load`, with the `routers` dictionary given."""
        root = absolute(site_root)
        own = read_applications(root, application_names(root)())
        return cls(root, read_names({"routers": routers}, "routers"), own)

    def _make_parametric(self) -> Parametric | None:
        if self.site.routers is None:
            return None
        own = {name: _own_router(name, file) for name, file in self.own.items()}
        try:
            return Parametric(self.root, self.site.routers, own, self.installed, self.site.routes_apps_raw)
        except (BadRouter, TypeError) as error:
            raise RouteError(self.site.file, 0, str(error)) from error

    def _own_out(self) -> bool:
        return bool(self.site.routes_app) and any(file.routes_out for file in self.own.values())

    # -- incoming ---------------------------------------------------------------------------

    @property
    def default_application(self) -> str | None:
        """Application of an empty path: the one named, else ``init``, else ``welcome`` (APP-1..3)."""
        if self.parametric is not None and self.parametric.names_default:
            return self.parametric.default_application
        if self.site.default_application:
            return self.site.default_application
        names = self.installed()
        return "init" if "init" in names or "welcome" not in names else "welcome"

    def map_in(self, environ: Mapping[str, Any], check: bool = True) -> Target | Redirect:
        """Find where a request goes.

        Args:
            environ: the WSGI environment; PATH_INFO, QUERY_STRING, REQUEST_METHOD,
                REMOTE_ADDR, HTTP_HOST and wsgi.url_scheme are read.
            check: refuse applications that are not installed.

        Raises:
            BadRequest: the address is malformed.
            NotFound: there is no such application.
        """
        path = decode_path(environ.get("PATH_INFO") or "/")
        if path[0] != "/":
            path = "/" + path
        query = environ.get("QUERY_STRING") or ""
        if self.parametric is not None:
            target = self.parametric.map_in(path, self._domain(environ), self.default_application)
            target.query_string = query
            target.path = _path_of(target)
        elif self.plain:
            if path in _ROOT_FILES and self.default_application:
                path = f"/{self.default_application}/static{path}"
            target = self._read(path, self.site, query)
        else:
            rewritten = self._rewrite(path, query, environ)
            if isinstance(rewritten, Redirect):
                return rewritten
            target = rewritten
        if check and target.application not in self.installed() and not self._appeared(target.application):
            raise NotFound("application", target.application)
        if self.site.log_level is not None:
            self._log(f"{path} -> {target.static_file or target.path}")
        return target

    def _appeared(self, name: str) -> bool:
        """An application installed since the folder was last looked at."""
        return os.path.isdir(os.path.join(self.root, "applications", name))

    def hosts_of(self, application: str) -> list[str]:
        """Return the domains that the routers map to an application, with a port or without."""
        domains = self.parametric.domains if self.parametric is not None else {}
        return [host for host, goal in domains.items() if goal[0] == application]

    def _domain(self, env: Mapping[str, Any] | None) -> Domain | None:
        if self.parametric is None or not self.parametric.domains:
            return None
        host, port = host_of(env)
        return self.parametric.domain_of(host, port)

    def _rewrite(self, path: str, query: str, environ: Mapping[str, Any]) -> Target | Redirect:
        file = self.site
        head = ""
        if file.routes_in.needs_head or file.routes_app:
            head = head_of(environ)
        if file.routes_app:
            match = _find(file.routes_app, head, path)
            if match is not None:
                file = self.own.get(match[0].target(match[1]), file)
        match = _find(file.routes_in, head, path)
        if match is None:
            return self._read(path, file, query)
        rule, groups = match
        if rule.status is not None:
            location = rule.location(groups)
            if self.site.log_level is not None:
                self._log(f"{path} -> {rule.status} {location}")
            return Redirect(rule.status, location, rule.source)
        target_path, added = rule.path_and_query(groups)
        joined = "&".join(part for part in (added, query) if part)
        target = self._read("/" + target_path.lstrip("/"), file, joined)
        target.rule = rule.source
        return target

    def _read(self, path: str, file: RouteFile, query: str) -> Target:
        """Split a rewritten path (DISP-01, DISP-02, DISP-10, VAL-01..07)."""
        if len(path) > 1 and path[-1] == "/":
            path = path[:-1]
        if " " in path:
            path = path.replace(" ", "_")
        if "/static" in path:
            parts = path.split("/", 3)
            if len(parts) > 2 and parts[2] == "static":
                return self._static(parts[1], parts[3] if len(parts) > 3 else "", path, query)
        match = _ACTION.fullmatch(path)
        if match is None:
            raise BadRequest("invalid path")
        application, controller, function, extension, tail = match.groups()
        if application is None:
            application = file.default_application or self.default_application or "init"
        args: list[str] = []
        raw = ""
        if tail:
            raw = tail[1:]
            if application not in file.routes_apps_raw and not _ARGS.fullmatch(tail):
                raise BadRequest("invalid path (args)")
            args = raw.split("/")
        controller = controller or file.default_controller
        function = function or file.default_function
        return Target(
            application, controller, function, extension or "html", args, raw, None, None, query,
            f"/{application}/{controller}/{function}{'.' + extension if extension else ''}{tail or ''}",
        )  # fmt: skip

    def _static(self, application: str, file: str, path: str, query: str) -> Target:
        if not application.isidentifier() or not application.isascii():
            raise BadRequest("invalid path")
        file, version = take_version(file)
        if not _FILE.match(file) or file.startswith("/"):
            raise BadRequest("invalid path")
        found = static_path(self._folder(application), file)
        return Target(application, "static", file, "html", [], "", found, version, query, path)

    def _folder(self, application: str) -> str:
        return os.path.join(self.root, "applications", application)

    def _log(self, line: str) -> None:
        level = self.site.log_level
        if level == 0:
            print(line)
        elif level is not None:
            log.log(level, "%s", line)

    # -- outgoing ---------------------------------------------------------------------------

    def map_out(
        self,
        request: Any,
        env: Mapping[str, Any] | None,
        application: str,
        controller: str,
        function: str,
        args: list[str],
        other: str = "",
        host: str | bool | None = None,
        port: int | str | None = None,
        scheme: str = "http",
        language: str | None = None,
    ) -> str:
        """Return the public path, with args, query and anchor, of an action (REWR-01).

        Args:
            request: gives the language when `language` is None; may be None.
            env: environment of the current request; None outside of one.
            function: with its extension.
            args: decoded.
            other: encoded args, query and anchor, as they are appended.
            host: host named by the caller, whose domain mapping then counts; True for the request's.

        Raises:
            CrossDomain: see REWR-PARAM-07.
        """
        if self.parametric is not None:
            domain = self._out_domain(env, host, port, scheme)
            if language is None and request is not None:
                language = request.get("uri_language") if isinstance(request, dict) else None
            url = shorten(
                self.parametric, application, controller, function, args, domain, language, bool(host)
            )
            return join_other(url, other)
        return self.rewrite_out(f"/{application}/{controller}/{function}{other}", env, application)

    def _out_domain(
        self, env: Mapping[str, Any] | None, host: str | bool | None, port: int | str | None, scheme: str
    ) -> Domain | None:
        site = self.parametric
        if site is None or not site.domains:
            return None
        if not isinstance(host, str):
            return self._domain(env) if env else None
        found = split_host(host)
        return site.domain_of(found[0], str(port or "") or found[1], scheme) if found else None

    def rewrite_out(self, url: str, env: Mapping[str, Any] | None, application: str | None = None) -> str:
        """Apply `routes_out` to an address made of a path, query and anchor."""
        file = self.site
        if file.routes_app and application:
            file = self.own.get(application, file)
        rules = file.routes_out
        if not rules:
            return url
        head = head_of(env) if env and rules.needs_head else ""
        match = rules.find(head, url)
        rest = ""
        if match is None:
            cut = min((i for i in (url.find("?"), url.find("#")) if i >= 0), default=-1)
            if cut < 0:
                return url
            rest = url[cut:]
            match = rules.find(head, url[:cut])
            if match is None:
                return url
        out = match.rule.target(match.groups) + rest
        if self.site.log_level is not None:
            self._log(f"{url} -> {out} (out)")
        return out

    # -- errors ----------------------------------------------------------------------------

    def on_error(
        self, status: int, application: str, ticket: str | None, request_uri: str, request_url: str
    ) -> ErrorTarget | None:
        """Return the page that answers for an error, or None for the built-in one (ERR-01, ERR-02, ERR-05).

        Args:
            ticket: ``application/id``, or None.
            request_uri: address that failed; a page is never its own error page.
        """
        if status < 400:
            return None
        file = self.own.get(application, self.site) if self.site.routes_app else self.site
        wanted = {f"{a}/{c}" for a in (application, "*") for c in (status, "*")}
        path = next((goal for key, goal in file.routes_onerror if key in wanted), None)
        if path is None and file.error_handler.get("application"):
            handler = file.error_handler
            path = f"/{handler['application']}/{handler.get('controller', 'default')}"
            path += f"/{handler.get('function', 'index')}"
        if path is None or request_uri.partition("?")[0] == path.partition("?")[0]:
            return None
        if "/static/" in path.partition("?")[0]:
            return ErrorTarget(path, {}, True)
        values = {
            "code": str(status),
            "ticket": str(ticket),
            "requested_uri": request_uri,
            "request_url": request_url,
        }
        return ErrorTarget(path, values, False)

    def error_page(self, message: str) -> str:
        """Page for an invalid application, controller or function (ERR-06); `message` is escaped."""
        page = self.site.error_message
        return page % xmlescape(message) if "%" in page else page

    def ticket_page(self, ticket: str) -> str:
        """Page that shows a ticket (ERR-07)."""
        page = self.site.error_message_ticket
        return page % {"ticket": xmlescape(ticket)} if "%" in page else page


def head_of(env: Mapping[str, Any]) -> str:
    """What a rule's head is matched against: ``client:scheme://host:method`` (REWR-PAT-03, REWR-PAT-18)."""
    scheme = env_value(env, "wsgi.url_scheme", "http").lower()
    host = split_host(env_value(env, "HTTP_HOST"))
    method = env_value(env, "REQUEST_METHOD", "GET").lower()
    client = env_value(env, "REMOTE_ADDR", "0.0.0.0")[:64]  # noqa: S104 - a text to match, not an address to bind
    return f"{client}:{scheme}://{host[0] if host else 'localhost'}:{method[:32]}"


def join_other(url: str, other: str) -> str:
    """Append args, query and anchor to a shortened path without doubling its slash."""
    return url[:-1] + other if other.startswith("/") and url.endswith("/") else url + other


def _find(rules: Any, head: str, path: str) -> Any:
    """First rule for `path`, else for it without its trailing slash (REWR-PAT-18)."""
    match = rules.find(head, path)
    if match is None and len(path) > 1 and path[-1] == "/":
        match = rules.find(head, path[:-1])
    return (match.rule, match.groups) if match is not None else None


def _path_of(target: Target) -> str:
    if target.static_file is not None:
        return f"/{target.application}/static/{target.function}"
    ending = "" if target.extension == "html" else f".{target.extension}"
    args = f"/{target.raw_args}" if target.args else ""
    return f"/{target.application}/{target.controller}/{target.function}{ending}{args}"


def _own_router(name: str, file: RouteFile) -> dict[str, Any]:
    """The router entry in an application's own routes file, in either notation."""
    if file.routers is not None:
        return dict(file.routers.get(name) or {})
    out: dict[str, Any] = {}
    if file.default_controller != "default":
        out["default_controller"] = file.default_controller
    if file.default_function != "index":
        out["default_function"] = file.default_function
    return out
