"""What a session object knows of its request and its store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runtime.sessions.locks import Held
from runtime.sessions.stores import SessionStore


class State:
    """Every request makes one, most never use it: the defaults belong to the class and cost nothing."""

    request: Any = None
    response: Any = None
    site: str = ""
    application: str = ""

    # what `session.connect` and others chose
    store: SessionStore | None = None
    """None: the application's files; see `frame.store_of`."""
    mode: str = "write"
    timeout: float | None = None
    check_client: bool = False
    cookie_key: str | None = None
    cookie_expires: Any = None
    compression: int | None = None
    samesite: str | None = "Lax"
    secure: bool = False
    forgotten: bool = False
    read_only: bool = False

    # what happened so far
    force_lock: bool = False
    """The second attempt after a conflict."""
    loaded: bool = False
    ended: bool = False
    conflict: bool = False
    session_id: str | None = None
    old_id: str | None = None
    """The id before `session.renew`."""
    blob: bytes = b""
    """The bytes that were read, or written last."""
    kept: dict[Any, Any] | None = None
    """The items as they were read, or written last: their names, and values that may have changed inside."""
    changed: bytes | None = None
    """The bytes to write, None when nothing changed; set by `frame.check`."""
    before: dict[Any, Any] | None = None
    """What was read, for merging."""
    held: Held | None = None
    send_cookie: bool = False
    expiry_methods: tuple[Callable[[str], object], ...] = ()

    @property
    def address(self) -> str:
        """The address of the request, for the log."""
        environ = self.request._environ
        return str((environ or {}).get("PATH_INFO") or self.request.url or "")
