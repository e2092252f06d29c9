"""``gluon.cfs``: contents of files kept in memory until the file changes (SITE-08)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

_kept: dict[str, tuple[int, Any]] = {}
_lock = threading.Lock()


def getcfs(key: str, filename: str, filter: Callable[[], Any] | None = None) -> Any:
    """Return what `filter` made of a file, made anew when the file's time changed.

    Args:
        key: under which it is kept.
        filename: the file whose time is looked at.
        filter: makes the value; the text of the file without it.

    Raises:
        OSError: the file can not be read.
    """
    changed = os.stat(filename).st_mtime_ns
    with _lock:
        known = _kept.get(key)
    if known is not None and known[0] == changed:
        return known[1]
    if filter is not None:
        value = filter()
    else:
        with open(filename, encoding="utf-8") as stream:
            value = stream.read()
    with _lock:
        _kept[key] = changed, value
    return value


__all__ = ["getcfs"]
