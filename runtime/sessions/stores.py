"""Where sessions are kept: the interface, and files (SESS-02, SESS-15)."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable

from runtime.foundation.files import write_atomic
from runtime.sessions.locks import Held, session_locks

ID = re.compile(r"[\w.:-]{16,160}", re.ASCII)
"""What a session id in a cookie may look like."""


class StoreUnavailable(Exception):
    """The store does not answer now; the request is answered with 503."""


class SessionStore(ABC):
    """Keeps the signed bytes of sessions by id."""

    transactional = False
    """True for a store that is written in the request's own database transaction."""

    @abstractmethod
    def read(self, session_id: str) -> bytes | None:
        """Return the bytes of a session, None when there is none."""

    @abstractmethod
    def write(self, session_id: str, blob: bytes) -> None:
        """Keep the bytes of a session, in one step."""

    @abstractmethod
    def delete(self, session_id: str) -> None:
        """Forget a session."""

    def lock(self, session_id: str, address: str) -> Held | None:
        """Hold the session's lock; None for a store that does not lock (SESS-10)."""
        return None

    def path(self, session_id: str) -> str | None:
        """Return the file of a session, None where there is none."""
        return None

    def idle_seconds(self, session_id: str, now: float) -> float | None:
        """Return the seconds since the session was last used, None where the store does not know."""
        return None

    def touch(self, session_id: str) -> None:
        """Note that the session was used now (SLIFE-02)."""


Separate = bool | Callable[[str], str]


class FileStore(SessionStore):
    """One file per session.

    Args:
        folder: the application's ``sessions/``; made when something is stored.
        separate: True puts files into subfolders by the first letters of the
            random part of the id; a function of the id names the subfolder.
    """

    def __init__(self, folder: str, separate: Separate | None = None) -> None:
        self.folder = folder
        self.separate = separate

    def path(self, session_id: str) -> str:
        """Return the path of a session's file."""
        if not self.separate:
            return os.path.join(self.folder, session_id)
        part = self.separate(session_id) if callable(self.separate) else session_id.rpartition(".")[2][:2]
        return os.path.join(self.folder, re.sub(r"[^\w-]", "_", str(part)) or "_", session_id)

    def read(self, session_id: str) -> bytes | None:
        """Return the file's content."""
        try:
            with open(self.path(session_id), "rb") as stream:
                return stream.read()
        except OSError:
            return None

    def write(self, session_id: str, blob: bytes) -> None:
        """Replace the file."""
        path = self.path(session_id)
        try:
            write_atomic(path, blob, mode=0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_atomic(path, blob, mode=0o600)

    def delete(self, session_id: str) -> None:
        """Remove the file."""
        try:
            os.unlink(self.path(session_id))
        except OSError:
            pass

    def lock(self, session_id: str, address: str) -> Held:
        """Hold the lock of the session."""
        return session_locks.acquire(self.path(session_id), address)

    def idle_seconds(self, session_id: str, now: float) -> float | None:
        """Return the seconds since the file was written or touched."""
        try:
            return now - os.stat(self.path(session_id)).st_mtime
        except OSError:
            return None

    def touch(self, session_id: str) -> None:
        """Set the file's time to now."""
        try:
            os.utime(self.path(session_id))
        except OSError:
            pass
