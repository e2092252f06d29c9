"""A limit on the memory that a task takes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

MEGABYTE = 1024 * 1024


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
    starts. Elsewhere nothing is limited.

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
