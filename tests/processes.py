"""What tests ask about processes that may end while they ask."""

from __future__ import annotations

import psutil


def lives(pid: int) -> bool:
    """Tell whether there is a process of this number that has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
