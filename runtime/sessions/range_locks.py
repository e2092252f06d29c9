"""Locks of many names in one file, each a byte far beyond its end; those of a dead process end (LOCK-09).

Taking one is one call of the system: no file is made, signed and removed for it. The file itself tells who
holds what, for those who wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Callable

from runtime.foundation.locks import tries

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCKS = ".locks"
"""Name of the file in its folder; it stays there."""

_SLOTS, _SLOT = 256, 256
_NAME = 6
_FIRST = 1 << 20
"""Offset of the first lock; on Windows nobody else may read a byte that is locked."""


class _Locks:
    """The open file of one folder in this process."""

    def __init__(self, path: str) -> None:
        self.process = os.getpid()
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        status = os.fstat(self.descriptor)
        self.identity = (status.st_dev, status.st_ino)

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            os.close(self.descriptor)


_open: dict[str, _Locks] = {}
_guard = threading.Lock()


def _locks_of(folder: str) -> _Locks:
    """Return the file of `folder`, opened once in the life of a process, anew when it was removed.

    Closing it would give back every lock that the process holds in it: it is kept open.
    """
    path = os.path.join(folder, LOCKS)
    found = _usable(path)
    if found is None:
        with _guard:
            found = _usable(path)
            if found is None:
                os.makedirs(folder, exist_ok=True)
                found = _open[path] = _Locks(path)
    return found


def _usable(path: str) -> _Locks | None:
    found = _open.get(path)
    if found is None or found.process != os.getpid():  # a child has none of its parent's locks
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    return found if (status.st_dev, status.st_ino) == found.identity else None


class RangeLock:
    """The lock of one name among processes; a lock of this process must be held around it.

    Args:
        folder: where the file lies; made when missing.
        name: what is locked.
    """

    __slots__ = ("_digest", "_folder", "_held", "_offset")

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=_NAME).digest()
        self._offset = _FIRST + int.from_bytes(self._digest, "big")
        self._held: _Locks | None = None

    def take(self, owner: str, timeout: float, on_wait: Callable[[float], None] | None = None) -> None:
        """Wait for the lock and hold it.

        Args:
            owner: what `holder` tells others.
            timeout: seconds to wait.
            on_wait: called again and again while waiting, with the seconds waited.

        Raises:
            TimeoutError: another process kept it for longer.
            OSError: the file can not be opened.
        """
        for _ in tries(self._folder, timeout, on_wait):
            locks = _locks_of(self._folder)
            if _lock(locks.descriptor, self._offset):
                break
        self._held = locks
        self._note(locks, self._digest + owner.encode("utf-8", "replace")[: _SLOT - _NAME - 1] + b"\0")

    def drop(self) -> None:
        """Give the lock back."""
        locks, self._held = self._held, None
        if locks is not None:
            self._note(locks, bytes(_NAME))
            _unlock(locks.descriptor, self._offset)

    def confirm(self) -> bool:
        """Tell whether this object still holds the lock; the system never takes it away."""
        return self._held is not None

    def holder(self) -> str:
        """Return who holds the lock, an empty text when that can not be told."""
        try:
            note = _read(_locks_of(self._folder).descriptor, self._slot, _SLOT)
        except OSError:
            return ""
        if not note.startswith(self._digest):
            return ""
        return note[_NAME:].partition(b"\0")[0].decode("utf-8", "replace")

    @property
    def _slot(self) -> int:
        return self._offset % _SLOTS * _SLOT

    def _note(self, locks: _Locks, note: bytes) -> None:
        with contextlib.suppress(OSError):  # a full disk: it is held all the same, and nobody is named
            _write(locks.descriptor, self._slot, note)


if sys.platform == "win32":

    def _lock(descriptor: int, offset: int) -> bool:
        """Lock one byte unless another process holds it."""
        with _guard:
            os.lseek(descriptor, offset, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                return False
        return True

    def _unlock(descriptor: int, offset: int) -> None:
        with _guard:
            os.lseek(descriptor, offset, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

    def _read(descriptor: int, offset: int, size: int) -> bytes:
        with _guard:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, size)

    def _write(descriptor: int, offset: int, data: bytes) -> None:
        with _guard:
            os.lseek(descriptor, offset, os.SEEK_SET)
            os.write(descriptor, data)

else:

    def _lock(descriptor: int, offset: int) -> bool:
        """Lock one byte unless another process holds it."""
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
        except (BlockingIOError, PermissionError):  # what the systems say of a byte that is taken
            return False
        return True

    def _unlock(descriptor: int, offset: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, offset)

    def _read(descriptor: int, offset: int, size: int) -> bytes:
        return os.pread(descriptor, size, offset)

    def _write(descriptor: int, offset: int, data: bytes) -> None:
        os.pwrite(descriptor, data, offset)  # not by a map in memory: one on a full disk kills the process
