"""`current`: the per-thread container of the running request (CUR-01..05)."""

from __future__ import annotations

import threading
from typing import Any


class Current(threading.local):
    """Holds `request`, `response`, `session`, `cache`, `T`, `globalenv` and what the application adds.

    `globalenv` is the dictionary of all names that models and controllers have in common.

    Each thread sees its own values; the runtime empties it before each
    request (CUR-02, CUR-03).

    Raises:
        AttributeError: a name was read that nothing has set in this thread,
            with a text that names the usual cause (CUR-05).
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            f"current.{name} is not set: outside of a request there is none "
            f"(read current.{name} inside a function that a request calls, not at import time)"
        )

    def _begin(self, **values: Any) -> None:
        """Drop everything of the last request and set `values`."""
        mine = self.__dict__
        mine.clear()
        mine.update(values)


current = Current()
