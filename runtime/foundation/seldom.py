"""Questions to the disk that need not be asked at every request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Seldom(Generic[Answer]):
    """Asks about a path at most once per interval and remembers the answer.

    Paths come from the site's own folders, not from visitors: answers are never dropped.

    Args:
        ask: finds the answer for a path.
        interval: seconds that an answer holds; 0 asks every time.
    """

    def __init__(self, ask: Callable[[str], Answer], interval: float) -> None:
        self._ask = ask
        self._interval = interval
        self._known: dict[str, tuple[float, Answer]] = {}

    def __call__(self, path: str) -> Answer:
        """Return the answer for `path`."""
        if not self._interval:
            return self._ask(path)
        now = time.monotonic()
        known = self._known.get(path)
        if known is None or now >= known[0]:
            known = self._known[path] = now + self._interval, self._ask(path)
        return known[1]
