"""Where sessions are kept: the interface, and files (SESS-02, SESS-15)."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from runtime.sessions.locks import Held, session_locks
from runtime.sessions.range_locks import RangeLock

RANDOM_ID = re.compile(r"[\w.-]{1,64}\.[0-9a-f]{32}", re.ASCII)
"""An id: the client's address, a dot, 128 random bits (AMB-35)."""

TOUCH_AFTER = 3600.0
"""Seconds after which reading a session is noted as use, so that the cleaner spares it."""


_BINARY = getattr(os, "O_BINARY", 0)


class StoreUnavailable(Exception):
    """The store does not answer now; the request is answered with 503."""


class SessionStore(ABC):
    """Keeps the signed bytes of sessions by id. Subclasses may be passed to `session.connect` as `db`."""

    transactional = False
    """True for a store that is written in the request's own database transaction."""

    def bind(self, application: str) -> SessionStore:
        """Return the store for the sessions of `application`."""
        return self

    def accepts(self, session_id: str) -> bool:
        """Tell whether a client may send this id."""
        return RANDOM_ID.fullmatch(session_id) is not None

    def belongs_to(self, session_id: str, client: str) -> bool:
        """Tell whether the session was begun by the address `client` (SESS-17, `check_client`)."""
        return session_id.startswith(f"{client_part(client)}.")

    def new_id(self, client: str) -> str:
        """Return the id of a new session of the address `client`."""
        return f"{client_part(client)}.{secrets.token_hex(16)}"

    @abstractmethod
    def read(self, session_id: str) -> bytes | None:
        """Return the bytes of a session, None when there is none.

        Raises:
            StoreUnavailable: the store does not answer.
        """

    @abstractmethod
    def write(self, session_id: str, blob: bytes) -> None:
        """Keep the bytes of a session, in one step.

        Raises:
            StoreUnavailable: the store does not answer.
        """

    @abstractmethod
    def delete(self, session_id: str) -> bool:
        """Forget a session; False when it was not there, or another has removed it at the same time."""

    def lock(self, session_id: str, address: str, wait: bool = True) -> Held | None:
        """Hold the session's lock; None for a store that does not lock (SESS-10).

        Raises:
            SessionLockBusy, SessionLockTimeout: see `SessionLocks.acquire`.
        """
        return None

    def path(self, session_id: str) -> str | None:
        """Return the file of a session, None where there is none."""
        return None

    def idle_seconds(self, session_id: str, now: float) -> float | None:
        """Return the seconds since the session was last used, None where the store does not know."""
        return None

    def touch(self, session_id: str) -> None:  # noqa: B027  # a store may know no times
        """Note that the session was used now (SLIFE-02)."""


def client_part(client: str | None) -> str:
    """Return the address `client` as the first part of a session id (REQ-32, AMB-35)."""
    return re.sub(r"[^\w.-]", "-", client or "local", flags=re.ASCII)[:64]


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
        self._before_id = os.path.join(folder, "")

    def path(self, session_id: str) -> str:
        """Return the path of a session's file."""
        if not self.separate:
            return self._before_id + session_id
        part = self.separate(session_id) if callable(self.separate) else session_id.rpartition(".")[2][:2]
        return os.path.join(self.folder, re.sub(r"[^\w-]", "_", str(part)) or "_", session_id)

    def read(self, session_id: str) -> bytes | None:
        """Return the file's content."""
        try:
            descriptor = os.open(self.path(session_id), os.O_RDONLY | _BINARY)
        except OSError:
            return None
        try:  # the calls of the system themselves: a file object makes twice as many
            status = os.fstat(descriptor)
            if time.time() - _last_use(status) > TOUCH_AFTER:
                self.touch(session_id)
            return _read_all(descriptor, status.st_size)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def write(self, session_id: str, blob: bytes) -> None:
        """Replace the file.

        Raises:
            OSError: it could not be written; the old one is untouched.
        """
        path = self.path(session_id)
        try:
            replace_file(path, blob)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            replace_file(path, blob)

    def delete(self, session_id: str) -> bool:
        """Remove the file."""
        try:
            os.unlink(self.path(session_id))
        except OSError:
            return False
        return True

    def lock(self, session_id: str, address: str, wait: bool = True) -> Held:
        """Hold the lock of the session."""
        path = self.path(session_id)
        return session_locks.acquire(path, address, RangeLock(self.folder, session_id), wait)

    def idle_seconds(self, session_id: str, now: float) -> float | None:
        """Return the seconds since the file was written or touched."""
        try:
            return now - _last_use(os.stat(self.path(session_id)))
        except OSError:
            return None

    def touch(self, session_id: str) -> None:
        """Set the file's time of access to now; its time of change stays (SESS-03)."""
        path = self.path(session_id)
        try:
            os.utime(path, ns=(time.time_ns(), os.stat(path).st_mtime_ns))
        except OSError:
            pass


def _read_all(descriptor: int, size: int) -> bytes:
    """Return the content of an open file of about `size` bytes."""
    data = os.read(descriptor, size)
    while len(data) < size:
        more = os.read(descriptor, size - len(data))
        if not more:
            break
        data += more
    return data


def _last_use(status: os.stat_result) -> float:
    return max(status.st_atime, status.st_mtime)


def last_use(path: str) -> float:
    """Return when the session file `path` was last used, in seconds since 1970.

    Raises:
        OSError: there is no such file.
    """
    return _last_use(os.stat(path))


_NUMBERS = itertools.count()


def replace_file(path: str, data: bytes) -> None:
    """Replace the file `path` in one step, readable by its owner only.

    The disk is not waited for, as `write_atomic` does: a process that dies
    leaves the old or the new file; after a power failure the file may be cut,
    which its signature shows, and the visitor begins anew.

    Raises:
        OSError: the file could not be written; the old one is untouched.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.{threading.get_ident()}.{next(_NUMBERS)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
        _rename(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise


def _rename(source: str, target: str) -> None:
    """Rename over `target`; on Windows that fails while a reader has it open, which lasts microseconds."""
    for _ in range(50 if sys.platform == "win32" else 0):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            time.sleep(0.01)
    os.replace(source, target)
