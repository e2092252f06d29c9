"""The holder of a site's route table: reloads it, keeps the last good one (REWR-03, REWR-04)."""

from __future__ import annotations

import logging
import os
import threading
import time

from runtime.routing.listing import application_names
from runtime.routing.model import RouteError
from runtime.routing.paths import absolute
from runtime.routing.table import RouteTable

log = logging.getLogger("web2py.rewrite")

_PERIOD = 0.5  # seconds between two looks at the files in development


class Router:
    """Current routes of a site folder.

    A faulty routes file never stops the site: the last good table stays, at
    the start one without any routes; `last_error` says what is wrong (START-05).

    Args:
        site_root: the site folder.
    """

    def __init__(self, site_root: str | os.PathLike[str]) -> None:
        self.root = absolute(site_root)
        self.last_error: RouteError | None = None
        self.table = RouteTable(self.root)
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._checked = 0.0
        self.reload()

    def reload(self) -> RouteError | None:
        """Read the routes files again; on an error keep the old table and return the error."""
        with self._lock:
            self._seen = self._stamps()
            try:
                self.table = RouteTable.load(self.root)
            except RouteError as error:
                self.last_error = error
                log.error("routes not loaded, the old ones stay: %s", error)
            else:
                self.last_error = None
            return self.last_error

    def check_files(self) -> bool:
        """Reload when a routes file changed; looks at most twice a second. For development."""
        now = time.monotonic()
        if now - self._checked < _PERIOD:
            return False
        self._checked = now
        if self._stamps() == self._seen:
            return False
        self.reload()
        return True

    def _stamps(self) -> tuple[object, ...]:
        files = [os.path.join(self.root, "routes.py")]
        names = sorted(application_names(self.root)())
        files += [os.path.join(self.root, "applications", name, "routes.py") for name in names]
        out: list[object] = []
        for file in files:
            try:
                stat = os.stat(file)
                out.append((file, stat.st_mtime_ns, stat.st_size))
            except OSError:
                continue
        return tuple(out)
