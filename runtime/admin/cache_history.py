"""Statistics of this process's caches over the last quarter of an hour (CACHE-17)."""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from runtime.admin.cache import statistics

SECONDS = 15.0
SAMPLES = 60


class CacheHistory:
    """Takes the statistics of all caches every `SECONDS` and keeps the last `SAMPLES`.

    Args:
        site: the site folder.
        seconds: time between two samples.
    """

    def __init__(self, site: Path, seconds: float = SECONDS) -> None:
        self._site = site
        self._samples: deque[dict[str, Any]] = deque(maxlen=SAMPLES)
        self._end = threading.Event()
        self._seconds = seconds
        self._thread = threading.Thread(target=self._run, name="cache-history", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._end.wait(self._seconds):
            self.take()

    def take(self) -> None:
        """Take one sample now."""
        self._samples.append({"time": time.time(), "statistics": statistics(self._site)})

    def samples(self) -> dict[str, Any]:
        """Return the samples, oldest first, each with its time (seconds since 1970) and `statistics`."""
        return {"seconds": self._seconds, "samples": list(self._samples)}

    def stop(self) -> None:
        """Take no more samples."""
        self._end.set()
        self._thread.join(5)
