"""Many errors of one kind in a short time: few are written, all are counted (ERR-08)."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.foundation.locks import file_lock

WHOLE, SECONDS = 50, 60.0
"""So many tickets of one kind are written within so many seconds; further ones are only counted."""
MOST_KINDS = 1000
MOST_DAYS = 60
SUFFIX = ".repeats"
GROUP = re.compile(r"[0-9a-f]{16}")


class Sampler:
    """Remembers, per kind of error, how many tickets were written lately and which was the last."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], tuple[float, int, str]] = OrderedDict()
        self._lock = threading.Lock()

    def standing(self, folder: str, group: str) -> str | None:
        """Return None when the next ticket is to be written, else the number of that which stands for it."""
        key, now = (folder, group), time.monotonic()
        with self._lock:
            began, count, last = self._seen.get(key, (now, 0, ""))
            if now - began > SECONDS:
                began, count = now, 0
            self._seen[key] = (began, count + 1, last)
            self._seen.move_to_end(key)
            while len(self._seen) > MOST_KINDS:
                self._seen.popitem(last=False)
        return (last or None) if count >= WHOLE else None

    def written(self, folder: str, group: str, ticket_id: str) -> None:
        """Note the last ticket of a kind that was written."""
        key = (folder, group)
        with self._lock:
            if key in self._seen:
                began, count, _ = self._seen[key]
                self._seen[key] = (began, count, ticket_id)


@dataclass(frozen=True, slots=True)
class Repeats:
    """Errors of a kind that were counted, not written.

    Attributes:
        count: how many.
        last: seconds since 1970 of the last one, 0 for none.
        days: how many by day, ``2026-11-20``; the last `MOST_DAYS` days.
    """

    count: int = 0
    last: float = 0.0
    days: dict[str, int] = field(default_factory=dict)


_COUNTING = threading.Lock()


def count_repeat(errors: Path, group: str) -> None:
    """Count one more error of a kind; exact between threads and processes.

    Raises:
        OSError: it can not be written.
        TimeoutError: another process kept the counter for too long.
    """
    path = errors / f"{group}{SUFFIX}"
    with _COUNTING, file_lock(errors / f".{group}.lock", timeout=2.0):
        known = _read(path)
        now = time.time()
        day = time.strftime("%Y-%m-%d", time.localtime(now))
        days = known.days | {day: known.days.get(day, 0) + 1}
        kept = dict(sorted(days.items())[-MOST_DAYS:])
        new = errors / f".{group}.tmp"  # nobody else uses it: the lock is held
        new.write_text(json.dumps({"count": known.count + 1, "last": now, "days": kept}), "ascii")
        os.replace(new, path)  # no fsync: a power cut may lose the last counts, never the file


def repeats(errors: Path, group: str) -> Repeats:
    """Return what was counted of a kind."""
    return _read(errors / f"{group}{SUFFIX}") if GROUP.fullmatch(group) else Repeats()


def _read(path: Path) -> Repeats:
    try:
        data: Any = json.loads(path.read_bytes())
        return Repeats(
            int(data["count"]), float(data["last"]), {str(d): int(n) for d, n in data["days"].items()}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Repeats()
