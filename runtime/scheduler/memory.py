"""A limit on the memory a task takes: Linux refuses more, the worker watches everywhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

MEGABYTE = 1024 * 1024

LOOK_EVERY = 0.2
"""Seconds between two looks at the process of a task that has a limit."""
_DESCENDANTS_EVERY = (
    5  # looks between two searches for processes it has started: they go through all there are
)


def footprint(pid: int) -> int:
    """Return the bytes of memory that a process holds for itself; 0 for one that has gone.

    What it shares with others, as files and the pages of libraries, does not
    count where the system tells it apart: a forked process would seem to
    grow by merely reading what its parent has loaded.
    """
    if not sys.platform.startswith("linux"):
        import psutil

        with contextlib.suppress(psutil.Error):
            found = psutil.Process(pid).memory_info()
            return int(getattr(found, "private", found.rss))
        return 0
    import resource

    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/statm", encoding="ascii") as stream:
        resident, shared = map(int, stream.read().split()[1:3])
        return (resident - shared) * resource.getpagesize()
    return 0


class MemoryWatch:
    """Looks whether a task takes more than it may, together with the processes it has started.

    Args:
        pid: of the process that runs the task.
        limit: bytes it may take beyond `base`.
        base: what it held when the task began.
    """

    def __init__(self, pid: int, limit: int, base: int) -> None:
        self.limit = limit
        self._pid, self._base = pid, base
        self._looks = 0
        self._descendants: list[int] = []

    def excess(self) -> int | None:
        """Return how many bytes the task takes when these are more than it may, else None."""
        if self._looks % _DESCENDANTS_EVERY == 0:
            self._descendants = _descendants(self._pid)
        self._looks += 1
        taken = footprint(self._pid) - self._base + sum(map(footprint, self._descendants))
        return taken if taken > self.limit else None


def _descendants(pid: int) -> list[int]:
    import psutil  # a worker without limits does without

    with contextlib.suppress(psutil.Error):
        return [one.pid for one in psutil.Process(pid).children(recursive=True)]
    return []


def _address_space() -> int:
    """Return the bytes of address space this process has now."""
    with open("/proc/self/statm", encoding="ascii") as stream:
        pages = int(stream.read().split()[0])
    import resource

    return pages * resource.getpagesize()


@contextmanager
def limited(size: int | None) -> Iterator[None]:
    """Let the block take at most `size` bytes more than the process has now, on Linux.

    What goes beyond is a `MemoryError` in the task, and in processes it
    starts. Elsewhere the worker's `MemoryWatch` is all there is.

    Args:
        size: bytes; None for no limit.
    """
    if size is None or not sys.platform.startswith("linux"):
        yield
        return
    import resource

    before, hardest = resource.getrlimit(resource.RLIMIT_AS)
    wanted = _address_space() + size
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hardest < 0 else min(wanted, hardest), hardest))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hardest))
