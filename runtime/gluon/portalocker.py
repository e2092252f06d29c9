"""``gluon.portalocker``: locks on files between processes (SITE-08)."""

from __future__ import annotations

import os
from typing import IO, Any

from portalocker import LOCK_EX, LOCK_NB, LOCK_SH, LockException, lock, unlock


class LockedFile:
    """A file that nobody else has open by this class in a way that would disturb.

    Args:
        filename: the file; made when it is missing and `mode` writes.
        mode: as of `open`. Readers share the lock, writers have it alone; the content is
            cut only once the lock is there.
    """

    def __init__(self, filename: str, mode: str = "rb") -> None:
        self.filename, self.mode = filename, mode
        self.file: IO[Any] | None = None
        text = {} if "b" in mode else {"encoding": "utf-8"}
        if "w" in mode and not os.path.exists(filename):
            open(filename, "ab").close()
        self.file = open(filename, mode.replace("w", "r+") if "+" not in mode else mode, **text)  # type: ignore[call-overload]
        lock(self.file, LOCK_SH if mode.startswith("r") and "+" not in mode else LOCK_EX)
        if "w" in mode:
            self.file.seek(0)
            self.file.truncate()

    def read(self, size: int | None = None) -> Any:
        """Return at most `size` bytes or characters, all without it."""
        return self._open.read() if size is None else self._open.read(size)

    def readinto(self, target: Any) -> Any:
        """Read into a buffer."""
        return self._open.readinto(target)  # type: ignore[attr-defined]

    def readline(self) -> Any:
        """Return the next line."""
        return self._open.readline()

    def readlines(self) -> list[Any]:
        """Return the lines that are left."""
        return self._open.readlines()

    def write(self, data: Any) -> None:
        """Write and hand over to the system."""
        self._open.write(data)
        self._open.flush()

    def close(self) -> None:
        """Give back lock and file."""
        if self.file is not None:
            self.file.flush()
            unlock(self.file)
            self.file.close()
            self.file = None

    @property
    def _open(self) -> IO[Any]:
        if self.file is None:
            raise ValueError(f"{self.filename} is closed")
        return self.file

    def __enter__(self) -> LockedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()


def read_locked(filename: str) -> bytes:
    """Return the content of a file, read under a shared lock."""
    with LockedFile(filename, "rb") as file:
        return bytes(file.read())


def write_locked(filename: str, data: bytes) -> None:
    """Replace the content of a file under a lock."""
    with LockedFile(filename, "wb") as file:
        file.write(data)


__all__ = [
    "LOCK_EX", "LOCK_NB", "LOCK_SH", "LockException", "LockedFile", "lock", "read_locked", "unlock",
    "write_locked",
]  # fmt: skip
