"""Removing sessions that nobody has used for long (SESS-19)."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

logger = logging.getLogger("web2py.session")

DEFAULT_SECONDS = 3600.0 * 24
ExpiryCallback = Callable[[str], object]
_CALLBACKS: dict[str, dict[str, ExpiryCallback]] = {}


def on_expiry(application: str, function: ExpiryCallback) -> None:
    """Call `function` with the id of every session of `application` that expires (SLIFE-03).

    Registering a function of the same module and name again replaces it, so
    that models may do it at every request (SLIFE-04). A bound method keeps its
    object alive; prefer plain functions (SLIFE-05).
    """
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', repr(function))}"
    _CALLBACKS.setdefault(application, {})[name] = function


def tell_expired(application: str, session_id: str) -> None:
    """Call what `on_expiry` was given; an error in one does not stop the others."""
    for name, function in list(_CALLBACKS.get(application, {}).items()):
        try:
            function(session_id)
        except Exception:
            logger.exception("expiry callback %s of %s failed", name, application)


def expire_sessions(folder: str, seconds: float = DEFAULT_SECONDS, application: str = "") -> int:
    """Remove the session files of an application that were not used for `seconds`.

    Args:
        folder: the application's folder.
        seconds: idle time after which a session goes.
        application: whose expiry callbacks are called.

    Returns:
        The number of sessions removed.
    """
    limit = time.time() - seconds
    removed = 0
    for parent, folders, files in os.walk(os.path.join(folder, "sessions"), topdown=False):
        for name in files:
            path = os.path.join(parent, name)
            try:
                if os.stat(path).st_mtime >= limit:
                    continue
                os.unlink(path)
            except OSError:
                continue  # gone, or in use, meanwhile
            if not name.startswith(".") and not name.endswith(".lock"):
                removed += 1
                tell_expired(application, name)
        for name in folders:
            try:
                os.rmdir(os.path.join(parent, name))  # only an empty one goes
            except OSError:
                pass
    return removed
