"""The parametric router: `routers = dict(BASE=..., app=...)` (REWR-PARAM-01..21)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from runtime.routing.listing import Names, controller_names
from runtime.routing.model import BadRequest, Target
from runtime.routing.paths import ARGS_MATCH, FILE_MATCH, default_port, split_host, static_path, take_version
from runtime.routing.regex_guard import UnsafePattern, compile_guarded

BASE_ONLY = frozenset(("default_application", "applications", "domains", "path_prefix"))
_DEFAULTS: dict[str, Any] = {
    "default_application": "init",
    "applications": "ALL",
    "default_controller": "default",
    "controllers": "DEFAULT",
    "default_function": "index",
    "functions": None,
    "default_language": None,
    "languages": None,
    "root_static": ["favicon.ico", "robots.txt", "humans.txt"],
    "map_static": None,
    "domains": None,
    "domain": None,
    "exclusive_domain": False,
    "map_hyphen": False,
    "path_prefix": None,
    "acfe_match": r"\w+$",
    "file_match": FILE_MATCH,
    "args_match": ARGS_MATCH,
}
_MATCHERS = ("acfe_match", "file_match", "args_match")

Domain = tuple[str, str | None, str | None]


class BadRouter(ValueError):
    """`routers` cannot be used; the text names the key."""


class AppRouter:
    """The effective router of one application: defaults, BASE, its entry, its own file (REWR-PARAM-01)."""

    def __init__(self, root: str, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self.folder = os.path.join(root, "applications", name)
        self.default_controller: str | None = values["default_controller"]
        self.default_function: Any = values["default_function"]
        self.languages = frozenset(values["languages"] or ())
        self.default_language: str | None = values["default_language"]
        self.root_static = frozenset(values["root_static"] or ())
        self.map_static: bool | None = values["map_static"]
        self.map_hyphen = bool(values["map_hyphen"])
        self.exclusive_domain = bool(values["exclusive_domain"])
        self.functions = self._functions(values["functions"])
        self._names: Names | None = None
        self._listed: frozenset[str] = frozenset()
        wanted = values["controllers"]
        if wanted == "DEFAULT":
            self._names = controller_names(root, name)
            self._listed = frozenset(("static", self.default_controller or "static"))
        elif wanted:
            self._listed = frozenset((*_list(name, "controllers", wanted), "static"))
            if self.default_controller:
                self._listed |= {self.default_controller}
        self.acfe, self.file, self.args = (_matcher(name, key, values[key]) for key in _MATCHERS)

    def _functions(self, value: Any) -> dict[str, frozenset[str]]:
        """REWR-PARAM-15: the functions by controller, each with its default function."""
        if not value:
            return {}
        by_controller = value if isinstance(value, dict) else {self.default_controller or "default": value}
        out = {}
        for controller, names in by_controller.items():
            default = self.function_of(controller)
            listed = frozenset(_list(self.name, "functions", names))
            out[controller] = listed | ({default} if default else frozenset())
        return out

    def function_of(self, controller: str) -> str | None:
        """Default function of `controller` (REWR-PARAM-14)."""
        value = self.default_function
        if isinstance(value, dict):
            found: str | None = value.get(controller, "index")
            return found
        return value if value is None else str(value)

    def controllers(self) -> frozenset[str]:
        """Names read as a controller at its place; empty when controllers are never left out."""
        if self._names is None:
            return self._listed
        return self._listed | self._names()

    def dash(self, name: str) -> str:
        """`name` as it stands in an address (REWR-PARAM-16)."""
        return name.replace("_", "-") if self.map_hyphen else name

    def undash(self, text: str) -> str:
        """The name that `text` of an address stands for."""
        return text.replace("-", "_") if self.map_hyphen else text


class Parametric:
    """All routers of a site, and how addresses are read with them.

    Args:
        root: the site folder.
        routers: the dictionary of the site's routes file.
        own: routers found in applications' own routes files, by application.
        installed: gives the names of the installed applications.
        raw: applications whose args are not checked (VAL-07).

    Raises:
        BadRouter: a key is unknown or stands where it must not (REWR-PARAM-19).
    """

    def __init__(
        self,
        root: str,
        routers: Mapping[str, Any],
        own: Mapping[str, Mapping[str, Any]],
        installed: Callable[[], frozenset[str]],
        raw: frozenset[str] = frozenset(),
    ) -> None:
        if not isinstance(routers, Mapping):
            raise BadRouter("routers must be a dictionary")
        base = dict(routers.get("BASE") or {})
        _check_keys("BASE", base)
        self._root = root
        self._base = _DEFAULTS | base
        self._own = own
        self._installed = installed
        self._raw = raw
        self._entries = {name: dict(entry or {}) for name, entry in routers.items() if name != "BASE"}
        self.routers: dict[str, AppRouter] = {}
        AppRouter(root, "BASE", self._base)  # finds what is wrong in BASE now, not at the first request
        for name in {*self._entries, *own}:
            self.routers[name] = self._build(name)
        self.default_application: str | None = self._base["default_application"]
        self.names_default = "default_application" in base
        self._all_applications = self._base["applications"] == "ALL"
        wanted = self._base["applications"]
        self._listed = (
            frozenset() if self._all_applications else frozenset(_list("BASE", "applications", wanted))
        )
        prefix = str(self._base["path_prefix"] or "").strip("/")
        self.prefix = f"/{prefix}" if prefix else ""
        self.domains = self._read_domains()

    def _build(self, name: str) -> AppRouter:
        values = self._base | {"domains": None}
        for entry in (self._entries.get(name, {}), self._own.get(name, {})):
            _check_keys(name, entry)
            values |= entry
        return AppRouter(self._root, name, values)

    def _read_domains(self) -> dict[str, Domain]:
        """REWR-PARAM-05..07: domain, with or without port, to application, controller, function."""
        pairs = dict(self._base["domains"] or {})
        for name in self.routers:
            domain = {**self._entries.get(name, {}), **self._own.get(name, {})}.get("domain")
            if domain:
                pairs[domain] = name
        known = self.known()
        out: dict[str, Domain] = {}
        for domain, goal in pairs.items():
            if not isinstance(domain, str) or not isinstance(goal, str) or split_host(domain) is None:
                raise BadRouter(f"domains: {domain!r}: {goal!r} is no pair of domain and application")
            parts: list[str | None] = [*goal.strip("/").split("/")]
            if parts[0] not in known:
                raise BadRouter(f"domains: unknown application {parts[0]!r} for {domain!r}")
            app, controller, function = ([*parts, None, None])[:3]
            out[domain.lower()] = (str(app), controller or None, function or None)
        return out

    def known(self) -> frozenset[str]:
        """Every application that is installed or has an entry."""
        return self._installed() | frozenset(self.routers)

    def applications(self) -> frozenset[str]:
        """Names read as an application at the address's first place (REWR-PARAM-12)."""
        return self.known() if self._all_applications else self._listed

    def router(self, name: str) -> AppRouter:
        """Effective router of the application `name`."""
        found = self.routers.get(name)
        if found is None:
            found = self._build(name)
            if name in self._installed():
                self.routers[name] = found
        return found

    def domain_of(self, host: str, port: str | None, scheme: str = "http") -> Domain | None:
        """What the domain is mapped to."""
        if not self.domains:
            return None
        return self.domains.get(f"{host}:{port or default_port(scheme)}") or self.domains.get(host)

    # -- incoming ---------------------------------------------------------------------------

    def map_in(self, path: str, domain: Domain | None, default_application: str | None) -> Target:
        """Read `path` (decoded, with its leading slash).

        Raises:
            BadRequest: a part is not valid.
        """
        path = self._strip_prefix(path)
        parts = path.removesuffix("/").split("/")[1:]
        app, parts, router = self._take_application(parts, domain, default_application)
        if len(parts) == 1 and path.count("/") == 1 and parts[0] in router.root_static:
            return Target(app, "static", parts[0], static_file=static_path(router.folder, parts[0]))
        language = router.default_language
        if parts and parts[0] in router.languages:
            language = parts.pop(0)
        if parts and parts[0] == "static":
            return self._static(router, "/".join(parts[1:]), language)
        target = self._action(router, parts, domain)
        target.uri_language = language
        return target

    def _strip_prefix(self, path: str) -> str:
        """REWR-PARAM-10."""
        prefix = self.prefix
        if prefix and path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
            return path[len(prefix) :] or "/"
        return path

    def _take_application(
        self, parts: list[str], domain: Domain | None, default: str | None
    ) -> tuple[str, list[str], AppRouter]:
        first = parts[0] if parts else ""
        name: str | None
        if domain:
            name = domain[0]
            taken = bool(first) and self.router(name).undash(first) == name
        else:
            listed = self.applications()
            name = self._named(first, listed) if first else None
            if name is None and first and not listed:
                name = first
            taken = name is not None
            if name is None:
                name = default
        if not name:
            raise BadRequest("invalid application")
        router = self.router(name)
        if not router.acfe.match(name):
            raise BadRequest("invalid application")
        return name, parts[1:] if taken else parts, router

    def _named(self, text: str, listed: frozenset[str]) -> str | None:
        if text in listed:
            return text
        if "-" in text:
            plain = text.replace("-", "_")
            if plain in listed and self.router(plain).map_hyphen:
                return plain
        return None

    def _static(self, router: AppRouter, file: str, language: str | None) -> Target:
        """REWR-PARAM-09: the language's own file first."""
        file, version = take_version(file)
        if not router.file.match(file) and not all(router.file.match(part) for part in file.split("/")):
            raise BadRequest("invalid static file")
        if "//" in file or file.startswith("/"):
            raise BadRequest("invalid static file")
        path = static_path(router.folder, file)
        if language:
            own = static_path(router.folder, f"{language}/{file}")
            if os.path.isfile(own):
                path = own
        return Target(
            router.name, "static", file, static_file=path, static_version=version, uri_language=language
        )

    def _action(self, router: AppRouter, parts: list[str], domain: Domain | None) -> Target:
        controller = (domain[1] if domain else None) or router.default_controller
        listed = router.controllers()
        first = router.undash(parts[0]) if parts else ""
        if parts and (first in listed or (not listed and first)):
            controller = first
            parts = parts[1:]
        if not controller or not router.acfe.match(controller):
            raise BadRequest("invalid controller")
        function = (domain[2] if domain and domain[1] == controller else None) or router.function_of(
            controller
        )
        extension = "html"
        if parts:
            name, dot, ending = parts[0].rpartition(".")
            name = router.undash(name if dot else parts[0])
            listed = router.functions.get(controller, frozenset())
            if not listed or name in listed:
                function, parts = name or function, parts[1:]
                extension = ending if dot else "html"
        if not function or not router.acfe.match(function):
            raise BadRequest("invalid function")
        if not router.acfe.match(extension):
            raise BadRequest("invalid extension")
        for arg in () if router.name in self._raw else parts:
            if not router.args.match(arg) or ".." in arg:
                raise BadRequest(f"invalid arg {arg!r}")
        return Target(router.name, controller, function, extension, list(parts), "/".join(parts))


def _check_keys(name: str, entry: Mapping[str, Any]) -> None:
    for key in entry:
        if key not in _DEFAULTS:
            raise BadRouter(f"routers[{name!r}]: unknown key {key!r}")
        if name != "BASE" and key in BASE_ONLY:
            raise BadRouter(f"routers[{name!r}]: BASE-only key {key!r}")
        if name == "BASE" and key == "domain":
            raise BadRouter("routers['BASE']: key 'domain' belongs in an application's entry")


def _list(name: str, key: str, value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(isinstance(v, str) for v in value):
        raise BadRouter(f"routers[{name!r}]: {key!r} must be a list of names")
    return list(value)


def _matcher(name: str, key: str, pattern: Any) -> re.Pattern[str]:
    try:
        return compile_guarded(str(pattern))
    except UnsafePattern as error:
        raise BadRouter(f"routers[{name!r}]: {key}: {error}") from None
