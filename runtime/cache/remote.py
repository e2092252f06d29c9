"""What cache models on a server have in common: values with their time, and what happens without it."""

from __future__ import annotations

import logging
import pickle
import time
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from runtime.cache.model import CacheModel, KeyLocks, Statistics, fresh, never_fresh, pickled
from runtime.foundation.current import current

logger = logging.getLogger("web2py.cache")

PAUSE = 1.0
"""Seconds after a failure in which the server is not asked: each question could take its whole timeout."""
KEEP_LONGER = 86400
"""Seconds that a server keeps a value beyond the age that was asked for (CACHE-06)."""
_T = TypeVar("_T")


def application_now() -> str:
    """Return the name of the application whose request runs in this thread, empty outside of one."""
    request = getattr(current, "request", None)
    return str(request.application) if request is not None else ""


class Server:
    """The state of a cache server as this process sees it, shared by the objects that requests make.

    Args:
        name: for the log.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.statistics = Statistics()
        self.key_locks = KeyLocks()
        self._away_until = 0.0

    def ask(self, question: Callable[[], _T], missing: _T, errors: tuple[type[Exception], ...]) -> _T:
        """Return the answer to `question`; `missing` when the server does not answer, now or just before."""
        if time.monotonic() < self._away_until:
            return missing
        try:
            return question()
        except errors as error:
            self._away_until = time.monotonic() + PAUSE
            logger.error("%s does not answer, values are computed: %s", self.name, error)
            return missing


class RemoteCache(CacheModel):
    """A cache model on a server. While the server does not answer, every value is computed.

    Args:
        server: state shared within the process.
        application: whose values; that of the running request by default.
    """

    errors: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, server: Server, application: str | None = None) -> None:
        self.server = server
        self.application = application_now() if application is None else application

    @abstractmethod
    def read(self, key: str) -> bytes | None:
        """Return the bytes under `key`, None when there are none."""

    @abstractmethod
    def write(self, key: str, data: bytes, seconds: int | None) -> None:
        """Keep `data` under `key` for `seconds`, None for ever."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget `key`."""

    def __call__(self, key: str, f: Callable[[], Any] | None, time_expire: float | None = 300) -> Any:
        """Return the kept value of `key`, or compute it by `f` and keep it (CACHE-02..08, CACHE-15).

        Args:
            key: name of the value.
            f: computes the value; None deletes the key.
            time_expire: seconds that the value may be old; None takes any
                age, 0 or less always computes.

        Raises:
            CacheError: the value can not be pickled (CACHE-13).
        """
        if f is None:
            self.server.ask(lambda: self.delete(key), None, self.errors)
            return None
        if never_fresh(time_expire):
            return self._compute(key, f, time_expire)
        found = self._find(key, time_expire)
        if found is None:
            with self.server.key_locks.of(f"{self.application}\0{key}"):
                found = self._find(key, time_expire)
                if found is None:
                    return self._compute(key, f, time_expire)
        self.server.statistics.hits += 1
        return found[1]

    def _find(self, key: str, time_expire: float | None) -> tuple[float, Any] | None:
        data = self.server.ask(lambda: self.read(key), None, self.errors)
        if data is None:
            return None
        try:
            stored, value = pickle.loads(data)  # noqa: S301  # the site's own cache server
        except Exception:  # a class that is gone or changed, or another program's value
            return None
        return (stored, value) if fresh(time.time() - stored, time_expire) else None

    def _compute(self, key: str, f: Callable[[], Any], time_expire: float | None) -> Any:
        self.server.statistics.misses += 1
        value = f()
        data = pickled(key, (time.time(), value))
        seconds = None if time_expire is None else int(max(time_expire, 0)) + KEEP_LONGER
        self.server.ask(lambda: self.write(key, data, seconds), None, self.errors)
        return value

    def _report(self) -> dict[str, Any]:
        """Return hits, misses and ratio of this process."""
        return self.server.statistics.report()
