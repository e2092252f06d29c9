"""Dates as HTTP writes them."""

from __future__ import annotations

import time
from functools import lru_cache


@lru_cache(maxsize=4)
def _of_second(second: int) -> str:
    from wsgiref.handlers import format_date_time

    return format_date_time(second)


def http_date(timestamp: float | None = None) -> str:
    """Return `timestamp` (seconds since 1970; default now) as HTTP writes dates."""
    return _of_second(int(time.time() if timestamp is None else timestamp))
