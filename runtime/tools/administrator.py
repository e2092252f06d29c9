"""Who is the administrator: the log-in of the application `admin`, known to all others (APPADM-05, ADMIN-08).

Logging in marks the visitor's session of `admin`; other applications, as their `appadmin`, ask here whether
the visitor who calls them has such a session. A link made by the window logs in once.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from runtime.sessions.codec import decode, encode, site_key
from runtime.sessions.cookies import id_name
from runtime.sessions.stores import FileStore

ADMIN = "admin"
EXPIRATION = 3600
"""Seconds without use after which the administrator has to log in again."""
LINK_SECONDS = 60.0
MOST_LINKS = 32

_links: dict[str, float] = {}
_links_lock = threading.Lock()


def is_secure_channel(request: Any) -> bool:
    """Tell whether a password may be sent: by TLS, or within this machine, as cron and shells (ADMIN-08)."""
    return bool(request.is_https or request.is_local or request.is_shell)


def check_credentials(request: Any, other_app: str = ADMIN, expiration: float = EXPIRATION) -> bool:
    """Tell whether the visitor of `request` is logged in as the administrator (APPADM-05).

    Args:
        request: of the application that asks.
        other_app: the application whose session says so.
        expiration: seconds without use that end the log-in.
    """
    morsel = request.cookies.get(id_name(other_app))
    if morsel is None:
        return False
    site = Path(request.folder).parent.parent
    store = FileStore(str(site / "applications" / other_app / "sessions"))
    session_id = morsel.value
    if not store.accepts(session_id):
        return False
    blob = store.read(session_id)
    data = decode(blob, site_key(site)) if blob else None
    if data is None or not is_logged_in(data, password_mark(request), expiration):
        return False
    if time.time() - float(data["last_time"]) > expiration / 2:
        _note_use(store, session_id, site, str(request.application))
    return True


def _note_use(store: FileStore, session_id: str, site: Path, application: str) -> None:
    """Let the log-in last from now on, under the lock of its session."""
    held = store.lock(session_id, f"{application}: administration")
    try:
        blob = store.read(session_id)
        data = decode(blob, site_key(site)) if blob else None
        if data is not None and data.get("authorized"):
            data["last_time"] = time.time()
            store.write(session_id, encode(data, site_key(site)))
    finally:
        held.release()


def is_logged_in(session: Any, mark: str, expiration: float = EXPIRATION) -> bool:
    """Tell whether `session`, of the application `admin`, is that of a logged-in administrator.

    Args:
        mark: of the password in force: a log-in with an earlier password counts no more.
    """
    last = session.get("last_time")
    return (
        bool(session.get("authorized"))
        and isinstance(last, (int, float))
        and time.time() - last < expiration
        and session.get("password_mark") == mark
        and bool(mark)
    )


def log_in(session: Any, mark: str) -> None:
    """Mark `session` as the administrator's, under a new id."""
    session.renew(clear_session=True)
    session.authorized = True
    session.last_time = time.time()
    session.password_mark = mark


def password_mark(request: Any) -> str:
    """Return what changes with the stored password; empty when there is none (CLI-07)."""
    file = (request.global_settings or {}).get("password_file")
    if not file:
        return ""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def new_link() -> str:
    """Return the token of a link that logs the administrator in once, within a minute."""
    token = secrets.token_urlsafe(24)
    now = time.monotonic()
    with _links_lock:
        for old in [one for one, until in _links.items() if until < now]:
            del _links[old]
        while len(_links) >= MOST_LINKS:
            del _links[next(iter(_links))]
        _links[token] = now + LINK_SECONDS
    return token


def use_link(token: str) -> bool:
    """Tell whether `token` is one of `new_link` that nobody has used yet; from now on it is not."""
    with _links_lock:
        until = _links.pop(token, 0.0)
    return until >= time.monotonic() and until > 0
