"""Removing sessions that nobody has used for long, and telling who wants to know (SESS-19, SLIFE-03..05)."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from runtime.sessions.range_locks import LOCKS
from runtime.sessions.stores import last_use

logger = logging.getLogger("web2py.session")

DEFAULT_SECONDS = 3600.0 * 24
INTERVAL = 3600.0
_LEFTOVER_AFTER = 3600.0  # seconds: a temporary file as old belongs to a process that died

ExpiryCallback = Callable[[str], object]
_CALLBACKS: dict[str, dict[str, ExpiryCallback]] = {}
_METHODS: dict[tuple[str, str], dict[str, ExpiryCallback]] = {}


def _name(function: ExpiryCallback) -> str:
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', repr(function))}"


def on_expiry(application: str, function: ExpiryCallback) -> None:
    """Call `function` with the id of every session of `application` that expires in this process (SLIFE-03).

    Registering a function of the same module and name again replaces it, so
    that models may do it at every request (SLIFE-04).
    """
    _CALLBACKS.setdefault(application, {})[_name(function)] = function


def on_expiry_of(application: str, session_id: str, method: ExpiryCallback) -> None:
    """Call `method` when this one session expires, and let it and its object go then (SLIFE-05)."""
    _METHODS.setdefault((application, session_id), {})[_name(method)] = method


def tell_expired(application: str, session_id: str) -> None:
    """Call what was registered; an error in one does not stop the others."""
    mine = _METHODS.pop((application, session_id), {})
    for name, function in [*_CALLBACKS.get(application, {}).items(), *mine.items()]:
        try:
            function(session_id)
        except Exception:
            logger.exception("expiry callback %s of %s failed", name, application)


def expire_sessions(folder: str, seconds: float = DEFAULT_SECONDS, application: str = "") -> int:
    """Remove the session files of an application that were not used for `seconds` (SESS-19).

    Args:
        folder: the application's folder.
        seconds: idle time after which a session goes; 0 removes all.
        application: whose expiry callbacks are called; the folder's name by default.

    Returns:
        The number of sessions removed.
    """
    application = application or os.path.basename(folder.rstrip("/\\"))
    now = time.time()
    removed = 0
    for parent, folders, files in os.walk(os.path.join(folder, "sessions"), topdown=False):
        for name in files:
            if name == LOCKS:
                continue
            session = is_session_file(name)
            limit = seconds if session else max(seconds, _LEFTOVER_AFTER)
            if _remove_if_idle(os.path.join(parent, name), limit, now) and session:
                removed += 1
                tell_expired(application, name)
        for name in folders:
            try:
                os.rmdir(os.path.join(parent, name))  # only an empty one goes
            except OSError:
                pass
    return removed


def is_session_file(name: str) -> bool:
    """Tell whether a file of ``sessions/`` is a session, not that of the locks or a half-written one."""
    return not name.startswith(".")


def _remove_if_idle(path: str, seconds: float, now: float) -> bool:
    try:
        idle = now - last_use(path)
        if idle < -60:  # the clock was set back: begin to count now
            os.utime(path)
            idle = 0.0
        if max(idle, 0.0) < seconds:
            return False
        os.unlink(path)
    except OSError:
        return False  # gone, or in use, meanwhile
    return True


def expire_database_sessions(
    db: Any, application: str, seconds: float = DEFAULT_SECONDS, tablename: str = "web2py_session"
) -> int:
    """Remove the sessions of an application from a database; the caller commits.

    Args:
        db: DAL database.
        application: whose sessions, and whose expiry callbacks.
        seconds: idle time after which a session goes.
        tablename: beginning of the table's name, as given to `session.connect`.

    Returns:
        The number of sessions removed.
    """
    import datetime

    from runtime.sessions.database_store import define_session_table

    table = define_session_table(db, tablename, application)
    limit = datetime.datetime.now() - datetime.timedelta(seconds=seconds)
    rows = db(table.modified_datetime <= limit).select(table.id, table.unique_key)
    removed = 0
    for row in rows:
        if db((table.id == row.id) & (table.modified_datetime <= limit)).delete():
            removed += 1
            tell_expired(application, f"{row.id}:{row.unique_key}")
    return removed


def clean_site(site_root: str | os.PathLike[str], seconds: float = DEFAULT_SECONDS) -> int:
    """Remove the idle session files of all applications of a site; return how many."""
    folder = os.path.join(site_root, "applications")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return 0
    return sum(expire_sessions(os.path.join(folder, name), seconds, name) for name in names)


class SessionCleaner:
    """A thread that cleans a site at once and then every `interval` seconds, until `stop`.

    Args:
        site_root: the site folder.
        seconds: idle time after which a session goes.
        interval: seconds between two rounds.
    """

    def __init__(
        self,
        site_root: str | os.PathLike[str],
        seconds: float = DEFAULT_SECONDS,
        interval: float = INTERVAL,
    ) -> None:
        self._site = os.fspath(site_root)
        self._seconds, self._interval = seconds, interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hadron-sessions", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a round that runs is finished first."""
        self._stopping.set()
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while True:
            try:
                removed = clean_site(self._site, self._seconds)
                if removed:
                    logger.info("%d sessions expired", removed)
            except Exception:
                logger.exception("expired sessions could not be removed")
            if self._stopping.wait(self._interval):
                return
