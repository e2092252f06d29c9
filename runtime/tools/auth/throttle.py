"""Growing waits after failed logins, by visitor's address and by user and address."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

KEPT = 20_000
"""Keys remembered per process; the oldest are forgotten first."""

LONGEST = 300.0
"""Longest wait in seconds."""

FORGET_AFTER = 3600.0


class Throttle:
    """Counts failures by key; after `free` of them each further one doubles the wait.

    Each process counts for itself: several processes let that many times more through.

    Args:
        free: failures without a wait.
    """

    def __init__(self, free: int) -> None:
        self._free = free
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, ...], tuple[int, float]] = OrderedDict()

    def wait(self, key: tuple[str, ...]) -> float:
        """Return the seconds until the next attempt is allowed; 0 when it is now."""
        with self._lock:
            count, last = self._failures.get(key, (0, 0.0))
        if count < self._free:
            return 0.0
        pause = min(LONGEST, 2.0 ** (count - self._free))
        return max(0.0, last + pause - time.monotonic())

    def failed(self, key: tuple[str, ...]) -> None:
        """Note a failure."""
        now = time.monotonic()
        with self._lock:
            count, last = self._failures.pop(key, (0, now))
            if now - last > FORGET_AFTER:
                count = 0
            self._failures[key] = (count + 1, now)
            while len(self._failures) > KEPT:
                self._failures.popitem(last=False)

    def succeeded(self, key: tuple[str, ...]) -> None:
        """Forget the failures of a key."""
        with self._lock:
            self._failures.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._failures.clear()


by_user = Throttle(free=5)
"""Failures of one user name from one address."""

by_address = Throttle(free=20)
"""Failures of one address, whatever names it tries."""

mails = Throttle(free=3)
"""Mails with links to one address of mail."""


def waiting_time(application: str, name: str, client: str) -> float:
    """Return the seconds that a login must still wait."""
    user = (application, name.lower(), client)
    return max(by_user.wait(user), by_address.wait((application, client)))


def note(application: str, name: str, client: str, success: bool) -> None:
    """Note how a login went."""
    user = (application, name.lower(), client)
    if success:
        by_user.succeeded(user)
    else:
        by_user.failed(user)
        by_address.failed((application, client))
