"""Locks between processes, on a file beside what they protect."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
    import portalocker  # late: it imports the redis client where there is one, 70 ms of every start

    lock = portalocker.Lock(Path(path), "a", timeout=timeout, check_interval=0.01)
    try:
        lock.acquire()
    except portalocker.exceptions.LockException as error:
        raise TimeoutError(
            f"{os.fspath(path)} is locked by another process for more than {timeout} s"
        ) from error
    try:
        yield
    finally:
        lock.release()
