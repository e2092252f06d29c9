"""Looking at the session files of a site, and ending sessions (SESS-19, DESK-17); results for JSON."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.admin.cache_values import shown_value
from runtime.admin.plain_text import unpickle_plain
from runtime.foundation.paths import safe_join
from runtime.foundation.problems import UserError
from runtime.sessions.cleaner import expire_sessions, is_session_file, tell_expired
from runtime.sessions.codec import covered_payload, site_key
from runtime.sessions.locks import session_locks
from runtime.sessions.stores import last_use

LARGEST_PAGE = 1000


class SessionProblem(UserError):
    """There is no such application or session."""


def _folder(site: Path, application: str) -> Path:
    folder = safe_join(site / "applications", application)
    if not application or not folder.is_dir():
        raise SessionProblem(f"There is no application {application!r}.")
    return folder


def _session_files(folder: Path) -> dict[str, tuple[str, float, int]]:
    """Return path, time of the last use, and size of each session file by its id."""
    out: dict[str, tuple[str, float, int]] = {}
    for parent, _, names in os.walk(folder / "sessions"):
        for name in names:
            path = os.path.join(parent, name)
            try:
                if is_session_file(name):
                    out[name] = (path, last_use(path), os.stat(path).st_size)
            except OSError:
                continue  # it has ended meanwhile
    return out


def list_sessions(
    site: Path, application: str, *, prefix: str = "", offset: int = 0, limit: int = 100
) -> dict[str, Any]:
    """Return one page of the sessions kept in files, the latest used first.

    Args:
        site: the site folder.
        application: whose sessions.
        prefix: only ids that begin so; an id begins with the client's address.
        offset: number of sessions to pass over.
        limit: most sessions of the page, 1000 at most.

    Returns:
        `total`, and `sessions`, each with `id`, `client` (address), `age` in
        seconds since the last use, `size` in bytes.

    Raises:
        SessionProblem: no such application.
    """
    now = time.time()
    found = [
        (used, name, size)
        for name, (_, used, size) in _session_files(_folder(site, application)).items()
        if name.startswith(prefix)
    ]
    found.sort(reverse=True)
    page = found[max(0, offset) : max(0, offset) + max(0, min(limit, LARGEST_PAGE))]
    return {
        "total": len(found),
        "offset": offset,
        "sessions": [
            {"id": name, "client": name.rpartition(".")[0], "age": max(0.0, now - used), "size": size}
            for used, name, size in page
        ],
    }


def show_session(site: Path, application: str, session_id: str, limit: int = 65536) -> dict[str, Any]:
    """Return what a session holds, in the forms of `cache_values.shown_value`; secrets are hidden (DESK-17).

    What the site's key does not cover is not read.

    Raises:
        SessionProblem: there is no such session (any more).
    """
    found = _session_files(_folder(site, application)).get(session_id)
    try:
        if found is None:
            raise FileNotFoundError
        with open(found[0], "rb") as stream:
            blob = stream.read()
    except OSError:
        raise SessionProblem(f"The session {session_id!r} does not exist (any more).") from None
    return shown_blob(blob, site, limit)


def shown_blob(blob: bytes, site: Path, limit: int) -> dict[str, Any]:
    """Return the forms of a session's bytes, or why they can't be read."""
    payload = covered_payload(blob, site_key(site))
    if payload is None:
        return {
            "fault": "This session was written by another installation, or is damaged.",
            "bytes": len(blob),
        }
    try:
        value = unpickle_plain(payload)
    except ValueError as error:
        return {"fault": f"This session is {error}.", "bytes": len(blob)}
    return {"fault": "", "bytes": len(blob), **shown_value(value, limit)}


def expire_session(site: Path, application: str, session_id: str) -> None:
    """End one session now; the visitor begins a new one, expiry callbacks of this process are called.

    Raises:
        SessionProblem: there is no such session (any more).
    """
    found = _session_files(_folder(site, application)).get(session_id)
    try:
        if found is None:
            raise FileNotFoundError
        os.unlink(found[0])
    except FileNotFoundError:
        raise SessionProblem(f"The session {session_id!r} does not exist (any more).") from None
    tell_expired(application, session_id)


def expire_all(site: Path, application: str, idle: float = 0.0) -> int:
    """End all sessions that were not used for `idle` seconds; return how many.

    Raises:
        SessionProblem: no such application.
    """
    return expire_sessions(os.fspath(_folder(site, application)), idle, application)


def session_commands(site: str | os.PathLike[str]) -> dict[str, Callable[..., Any]]:
    """Return the functions of this module for one site, by the names of control commands.

    ``session_waiting`` tells which requests of this process wait for which (LOCK-07).
    """
    root = Path(site)
    return {
        "session_list": lambda **options: list_sessions(root, **options),
        "session_expire": lambda **options: expire_session(root, **options),
        "session_expire_all": lambda **options: expire_all(root, **options),
        "session_show": lambda **options: show_session(root, **options),
        "session_waiting": session_locks.waiting,
    }
