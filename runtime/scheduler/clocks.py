"""The clock of a shared database, for processes that queue tasks (SCHED-13, SCHED-25)."""

from __future__ import annotations

import datetime
import threading
import time
from typing import Any

from runtime.scheduler.connection import UTC_CLOCKS
from runtime.scheduler.timing import Clock, current_time

_TRUSTED = 60.0  # seconds until the clocks are compared again
_known: dict[str, tuple[float, datetime.timedelta]] = {}
_lock = threading.Lock()


def database_time(db: Any, utc: bool) -> datetime.datetime:
    """Return the time as the tables hold it, by the clock of the database that `db` reaches.

    A SQLite file has no clock but this machine's. The difference between the
    clocks is asked for once a minute.
    """
    adapter = getattr(db, "_adapter", None)
    expression = UTC_CLOCKS.get(getattr(adapter, "dbengine", ""))
    if expression is None:
        return current_time(utc)
    uri = str(db._uri)
    known = _known.get(uri)
    if known is None or time.monotonic() - known[0] > _TRUSTED:
        clock = Clock(utc=True)
        clock.compare(db.executesql(f"SELECT {expression}")[0][0])
        with _lock:
            known = _known[uri] = (time.monotonic(), clock.ahead)
    return current_time(utc) + known[1]
