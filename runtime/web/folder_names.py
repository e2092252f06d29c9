"""What lies in the folder of an application, asked at every request at the price of one look."""

from __future__ import annotations

import os
import sys
import time

_GRAIN = 2_000_000_000  # ns; a change within the clock's grain of the last look may not move the stamp
_KNOWS_NO_CASE = sys.platform in ("win32", "darwin")


class FolderNames:
    """Tells the names in a folder; they are listed again when the folder's time says that they changed.

    On systems whose disks know no case, each name is there in small and in capital letters, too.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, frozenset[str]]] = {}

    def __call__(self, folder: str) -> frozenset[str]:
        """Return the names of what lies in `folder` now; none when it is not there."""
        try:
            stamp = os.stat(folder).st_mtime_ns
            known = self._known.get(folder)
            if known is not None and known[0] == stamp:
                return known[1]
            names = frozenset(os.listdir(folder))
            if _KNOWS_NO_CASE:
                names |= {name.lower() for name in names} | {name.upper() for name in names}
        except OSError:
            return frozenset()
        if time.time_ns() - stamp > _GRAIN:
            self._known[folder] = stamp, names
        return names
