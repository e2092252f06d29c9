"""Locks between processes, on a file beside what they protect."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


@contextmanager
def file_lock(path: str | os.PathLike[str], timeout: float = 10.0) -> Iterator[None]:
    """Hold the lock file `path` (created if absent, never deleted) for the block.

    The operating system drops the lock when the process dies.

    Args:
        path: the lock file; its folder must exist.
        timeout: seconds to wait.

    Raises:
        TimeoutError: another process or thread kept the lock for longer.
    """
    with open(path, "ab", buffering=0) as stream:
        for _ in tries(os.fspath(path), timeout):
            if _lock_at_once(stream):
                break
        yield  # closing gives the lock back


def tries(
    name: str, timeout: float, on_wait: Callable[[float], None] | None = None
) -> Generator[None, None, None]:
    """Yield for each try to get a lock, ever more slowly up to twenty a second.

    Args:
        name: of the lock, for the error.
        timeout: seconds to go on.
        on_wait: called before each further try with the seconds waited.

    Raises:
        TimeoutError: they are over.
    """
    began, pause = time.monotonic(), 0.002
    while True:
        yield
        waited = time.monotonic() - began
        if waited > timeout:
            raise TimeoutError(f"{name} is locked by another process for more than {timeout:g} s")
        if on_wait is not None:
            on_wait(waited)
        time.sleep(pause)
        pause = min(pause * 2, 0.05)


class LockFile:
    """A lock file that exists only while it is held and says who holds it.

    For many short-lived names, where files that stay would pile up. Not for
    threads of one process: put a thread lock around it.

    Args:
        path: the lock file; its folder is made when missing.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._stream: IO[bytes] | None = None

    def take(self, owner: str, timeout: float, on_wait: Callable[[float], None] | None = None) -> None:
        """Wait for the lock and hold it.

        Args:
            owner: what `holder` tells others.
            timeout: seconds to wait.
            on_wait: called again and again while waiting, with the seconds waited.

        Raises:
            TimeoutError: another process kept it for longer.
        """
        for _ in tries(self.path, timeout, on_wait):
            self._stream = self._locked()
            if self._stream is not None:
                break
        self._sign(owner)

    def _locked(self) -> IO[bytes] | None:
        """Return the open file with its lock, None when another process holds it."""
        while True:
            stream = self._open()
            kept = False
            try:
                if not _lock_at_once(stream):
                    return None
                kept = self._still_there(stream)
                if kept:
                    return stream
            finally:
                if not kept:  # its holder removed it meanwhile: it does not count
                    stream.close()

    def _sign(self, owner: str) -> None:
        """Write down who holds the lock; without it, as on a full disk, it is held all the same."""
        if self._stream is None:
            return
        try:
            self._stream.truncate(0)
            self._stream.write(owner.encode("utf-8", "replace"))
        except OSError:
            pass

    def drop(self) -> None:
        """Give the lock back and remove the file."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            os.unlink(self.path)  # while it is still held: who has opened it will see that it is gone
        except OSError:
            pass  # Windows keeps open files: the next holder uses it
        stream.close()

    def abandon(self) -> None:
        """In a forked process: leave the lock to the parent alone, which holds it until its end."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def confirm(self) -> bool:
        """Tell whether this object still holds the lock; the system never takes it away."""
        return self._stream is not None

    def holder(self) -> str:
        """Return who holds the lock, an empty text when that can not be told."""
        try:
            return Path(self.path).read_text("utf-8", "replace")
        except OSError:
            return ""

    def _open(self) -> IO[bytes]:
        try:
            return open(self.path, "ab", buffering=0)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            return open(self.path, "ab", buffering=0)

    def _still_there(self, stream: IO[bytes]) -> bool:
        try:
            return os.path.samestat(os.fstat(stream.fileno()), os.stat(self.path))
        except OSError:
            return False


if sys.platform == "win32":

    def _lock_at_once(stream: IO[bytes]) -> bool:
        """Lock an open file unless another process holds it."""
        import portalocker  # late: it imports the redis client where there is one

        try:
            portalocker.lock(stream, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.exceptions.LockException:
            return False
        return True

else:

    def _lock_at_once(stream: IO[bytes]) -> bool:
        """Lock an open file unless another process holds it.

        Not by portalocker: it takes several times as long, and imports the redis client where there is
        one, 70 ms of every start.
        """
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
