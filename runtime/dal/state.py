"""What one thread holds for the database layer: its request, its idle adapters, its open work."""

from __future__ import annotations

import threading
from typing import Any


class ThreadState(threading.local):
    """Values of the running thread; the last reference to a connection goes with the thread."""

    def __init__(self) -> None:
        self.active = False
        """True between `begin_request` and `finish`."""
        self.instances: list[Any] = []
        """DAL objects made (or used again) since the request began."""
        self.idle: dict[Any, list[Any]] = {}
        """Adapters with their open connection that wait for the next request, by engine key."""
        self.used: dict[int, Any] = {}
        """Adapters that have sent a statement since the last `finish`, by id."""
        self.held: dict[int, Any] | None = None
        """While commits are held back: adapters that were asked to commit, by id."""


state = ThreadState()
