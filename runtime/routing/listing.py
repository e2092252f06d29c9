"""Names of folders' entries, kept in memory and looked at again at most once a second."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from runtime.foundation.compiled import CompiledError, compiled_path, read_header
from runtime.foundation.paths import APPLICATION_NAME

_PERIOD = 1.0  # seconds between two looks at a folder


class Names:
    """The entries of one folder that `keep` accepts.

    The folder's time stamp is read at most once a second, its entries only
    when that changed; reading is one dictionary look-up otherwise.
    When there are none, `otherwise` gives the names.
    """

    __slots__ = ("_checked", "_folder", "_keep", "_names", "_otherwise", "_stamp")

    def __init__(
        self,
        folder: str,
        keep: Callable[[os.DirEntry[str]], str | None],
        otherwise: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._folder = folder
        self._keep = keep
        self._otherwise = otherwise
        self._names: frozenset[str] = frozenset()
        self._stamp: int | None = None
        self._checked = float("-inf")

    def __call__(self) -> frozenset[str]:
        """Return the names now."""
        now = time.monotonic()
        if now - self._checked < _PERIOD:
            return self._names
        try:
            stamp = os.stat(self._folder).st_mtime_ns
            # A change within the clock's grain of the last look may not move the stamp.
            if stamp != self._stamp or time.time_ns() - stamp < 2_000_000_000:
                with os.scandir(self._folder) as entries:
                    found = (self._keep(entry) for entry in entries)
                    self._names = frozenset(name for name in found if name)
                self._stamp = stamp
        except OSError:
            self._names, self._stamp = frozenset(), None
        if not self._names:
            self._names, self._stamp = self._otherwise(), None
        self._checked = now
        return self._names


def application_names(root: str) -> Names:
    """Names of the applications below the site folder `root`."""
    return Names(os.path.join(root, "applications"), _application)


def controller_names(root: str, application: str) -> Names:
    """Names of an application's controllers, from its sources or its compiled form (PACK-03)."""
    folder = os.path.join(root, "applications", application)

    def compiled() -> frozenset[str]:
        try:
            return frozenset(read_header(compiled_path(folder)).controllers)
        except (OSError, CompiledError):
            return frozenset()

    return Names(os.path.join(folder, "controllers"), _controller, compiled)


def _application(entry: os.DirEntry[str]) -> str | None:
    if entry.name == "__pycache__" or not APPLICATION_NAME.fullmatch(entry.name):
        return None
    return entry.name if entry.is_dir() else None


def _controller(entry: os.DirEntry[str]) -> str | None:
    return entry.name[:-3] if entry.name.endswith(".py") and entry.name[:-3].isidentifier() else None
