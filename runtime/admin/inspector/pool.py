"""The inspectors of a site: one child per application and lane, few at a time, none left at the end."""

from __future__ import annotations

import atexit
import threading
import weakref
from pathlib import Path

from runtime.admin.inspector.client import Inspector, Limits

MOST = 6
"""Children kept at a time; the one not used for longest is ended."""


class Inspectors:
    """Hands out inspectors; a context manager that closes them.

    Args:
        site: the site folder.
        limits: what each child may use.
    """

    def __init__(self, site: Path | str, limits: Limits | None = None) -> None:
        self.site = Path(site)
        self._limits = limits
        self._lock = threading.Lock()
        self._inspectors: dict[tuple[str, str, str], Inspector] = {}
        _all.add(self)

    def of(self, application: str, lane: str = "", controller: str = "default") -> Inspector:
        """Return the inspector of an application.

        Args:
            application: its name.
            controller: whose own models run too.
            lane: long work (an export) gets a child of its own, so that short questions need not wait.
        """
        with self._lock:
            key = (application, lane, controller)
            found = self._inspectors.get(key)
            if found is None:
                found = self._inspectors[key] = Inspector(self.site, application, self._limits, controller)
            if found.pid is None:
                self._make_room()
            return found

    def _make_room(self) -> None:
        idle = sorted(
            (one.used, key) for key, one in self._inspectors.items() if not one.busy and one.pid is not None
        )
        living = sum(one.pid is not None for one in self._inspectors.values())
        for _, key in idle[: max(0, living - MOST + 1)]:
            self._inspectors[key].restart()  # its object stays with those who hold it

    def close(self) -> None:
        """End all children."""
        with self._lock:
            inspectors = list(self._inspectors.values())
            self._inspectors.clear()
        for one in inspectors:
            one.close()

    def __enter__(self) -> Inspectors:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


_all: weakref.WeakSet[Inspectors] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for one in list(_all):
        one.close()
