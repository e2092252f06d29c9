"""One profile per request, written into a folder (CLI-44, WSGI-2)."""

from __future__ import annotations

import cProfile
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from runtime.foundation.problems import UserError
from runtime.server.web_server import WSGIApplication


class ProfiledApplication:
    """WSGI middleware that writes ``<time>-<number>.prof`` for each request; `pstats` loads it.

    Requests run one after another meanwhile: Python profiles one thread at a time.

    Raises:
        UserError: the folder cannot be made.
    """

    def __init__(self, application: WSGIApplication, folder: Path) -> None:
        self._application = application
        self._folder = folder
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"profiler folder {folder} cannot be made: {error.strerror}") from None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request under the profiler."""
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(self._numbers):06d}.prof"
        with self._lock:
            profile = cProfile.Profile()
            try:
                return profile.runcall(self._application, environ, start_response)
            finally:
                profile.dump_stats(self._folder / name)
