"""The host that links in mails lead to: not one that only a visitor's request names, where it can be helped.

Whoever asks for a mail to someone else chooses the ``Host`` header. So a link leads to the host of the
request only when that is one of ours: named by the application, by the site, or evidently this machine. Where
nobody has named any, a user's link leads to where that user logged in before; only who never did gets the
host of the request.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from runtime.foundation.http import HTTP
from runtime.routing import active_table
from runtime.routing.paths import split_host
from runtime.tools.site_base import SiteBase, digest
from runtime.web.appconfig import AppConfig, AppConfigError

logger = logging.getLogger("web2py.auth")

FILE = "private/origins.sqlite"
KEPT = 50_000
"""Users of a site whose last place is known; the oldest are forgotten first."""
FORGET_AFTER = 365 * 86400.0

ADVICE = (
    "name the hosts of the application by Auth(db, host_names=[...]), by names = ... in the section [host] "
    "of private/appconfig.ini, or by --host-names of the server"
)

_TABLE = "CREATE TABLE IF NOT EXISTS origins (key BLOB PRIMARY KEY, origin TEXT, last REAL)"
_INDEX = "CREATE INDEX IF NOT EXISTS origins_by_time ON origins (last)"
_IN_BRACKETS = re.compile(r"\[[0-9a-f:.]+\](:\d+)?", re.IGNORECASE)
"""An address of IPv6, which is no pattern."""
_NOBODYS = ("any-name.invalid", "any-name.invalid:8000")

Origin = tuple[str, str]
"""Scheme and host."""


def origin_for_links(request: Any, settings: Any, user: Any = None) -> Origin:
    """Return scheme and host for links in mails.

    Args:
        request: the running one.
        settings: of the `Auth` object.
        user: record of the receiver.

    Raises:
        HTTP: 403 for a foreign host where only patterns are named.
    """
    scheme, host = origin_of(request)
    for names, given in _sources(request, settings):
        if any(_fits(host, name) for name in given):
            return scheme, host
        exact = _exact(given)
        if exact:
            return scheme, next((name for name in exact if not is_ours(name)), exact[0])
        if _is_closed(names, given):
            raise HTTP(403, "Invalid Hostname")
    if is_ours(host):
        return scheme, host
    known = _place_of(request, settings, user) if user is not None else None
    if known is None:
        _warn(request.application, host)
        return scheme, host
    if known != (scheme, host):
        logger.warning(
            "a mail of %s was asked for at %s://%s; its link leads to %s://%s, where its receiver logged in "
            "before: name the hosts of the application", request.application, scheme, host, *known,
        )  # fmt: skip
    return known


def remember(request: Any, settings: Any, user: Any) -> None:
    """Note where a user has logged in, in case no host is named."""
    scheme, host = origin_of(request)
    if are_named(request, settings) or is_ours(host):
        return
    now = time.time()

    def work(base: sqlite3.Connection) -> None:
        base.execute(
            "INSERT INTO origins VALUES (?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET origin = excluded.origin, last = excluded.last",
            (_key(request, settings, user), f"{scheme}://{host}", now),
        )
        base.execute("DELETE FROM origins WHERE last NOT BETWEEN ? AND ?", (now - FORGET_AFTER, now + 86400))
        (there,) = base.execute("SELECT count(*) FROM origins").fetchone()
        if there > KEPT:
            base.execute(
                "DELETE FROM origins WHERE key IN (SELECT key FROM origins ORDER BY last LIMIT ?)",
                (there - KEPT,),
            )

    _base(request).do(work)


def origin_of(request: Any) -> Origin:
    """Return scheme and host that a request names; an absurd host counts as ``localhost``."""
    name, port = split_host(str(request.env.http_host or "")) or ("localhost", None)
    return ("https" if request.is_https else "http"), f"{name}:{port}" if port else name


def are_named(request: Any, settings: Any) -> bool:
    """Tell whether application or site name hosts, so that no other gets into a link."""
    return any(_exact(given) or _is_closed(names, given) for names, given in _sources(request, settings))


def exact_names(settings: Any) -> list[str]:
    """Return the hosts that the application's ``host_names`` name, without its patterns."""
    return _exact(_listed(settings.host_names))


def _exact(names: list[str]) -> list[str]:
    return [name for name in names if not _is_pattern(name)]


def _is_pattern(name: str) -> bool:
    return bool(set(name) & set("*?[")) and not _IN_BRACKETS.fullmatch(name)


def _fits(host: str, name: str) -> bool:
    return fnmatchcase(host, name.lower()) if _is_pattern(name) else host == name.lower()


def is_ours(host: str) -> bool:
    """Tell whether a host is this very machine: a loopback address, one of its own, or its name."""
    name = (split_host(host) or (host, None))[0].strip("[]")
    own = socket.gethostname().lower()
    if name in ("localhost", own, f"{own}.local") or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or name in _own_addresses()


def _own_addresses() -> set[str]:
    import psutil

    return {one.address.partition("%")[0].lower() for many in psutil.net_if_addrs().values() for one in many}


def _sources(request: Any, settings: Any) -> Iterator[tuple[list[str], list[str]]]:
    """Yield what names hosts, the most particular first: application, its settings file, options, routes.

    Each with and without patterns that let in whatever a visitor makes up, as ``*:*`` of the old scaffolding.
    """
    table = active_table(request)
    for names in (
        settings.host_names,
        _configured(),
        (request.global_settings or {}).get("host_names"),
        table.hosts_of(str(request.application)) if table is not None else None,
    ):
        listed = _listed(names)
        yield listed, [name for name in listed if not any(_fits(one, name) for one in _NOBODYS)]


def _is_closed(names: list[str], given: list[str]) -> bool:
    return bool(given) and len(given) == len(names)


def _configured() -> Any:
    try:
        return AppConfig().get("host.names")
    except AppConfigError:
        return None  # whoever uses the file says what is wrong with it


def _listed(names: Any) -> list[str]:
    many = names.split(",") if isinstance(names, str) else names or []
    return [text for name in many if (text := str(name).strip())]


_warned: set[str] = set()


def _warn(application: str, host: str) -> None:
    if application not in _warned:
        _warned.add(application)
        logger.warning(
            "a link in a mail of %s leads to %s because the request says so, and a request can say anything: "
            "%s", application, host, ADVICE,
        )  # fmt: skip


# -- where users logged in -------------------------------------------------------------------------------

_bases: dict[str, SiteBase] = {}


def _base(request: Any) -> SiteBase:
    site = os.fspath(Path(request.folder).parent.parent)
    found = _bases.get(site)
    if found is None:
        made = SiteBase(Path(site) / FILE, (_TABLE, _INDEX), logger, "knows where users logged in")
        found = _bases.setdefault(site, made)
    return found


def _key(request: Any, settings: Any, user: Any) -> bytes:
    return digest(f"{request.application}\n{settings.table_user_name}\n{user.id}")


def _place_of(request: Any, settings: Any, user: Any) -> Origin | None:
    key = _key(request, settings, user)
    asked = "SELECT origin FROM origins WHERE key = ?"
    found = _base(request).do(lambda base: base.execute(asked, (key,)).fetchone())
    if found is None:
        return None
    scheme, _, host = str(found[0]).partition("://")
    return scheme, host
