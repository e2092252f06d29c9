"""`MemcacheClient`, the cache in memcached servers (CACHE-15)."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from typing import Any

from runtime.cache.model import CacheError
from runtime.cache.remote import RemoteCache, Server
from runtime.foundation.problems import UserError

TIMEOUT = 2.0
DEFAULT_PORT = 11211
_LONGEST_KEY = 250
_MONTH = 30 * 86400  # memcached takes more seconds for a date
_DEFAULT = object()
_clients: dict[tuple[str, ...], tuple[Any, Server]] = {}
_guard = threading.Lock()


class MemcacheClient(RemoteCache):
    """``cache.memcache = MemcacheClient(request, ["127.0.0.1:11211"])`` in a model.

    Args:
        request: names the application whose values these are.
        servers: addresses as ``host:port`` or a path of a Unix socket.
        debug: accepted, has no effect.
        default_time_expire: seconds for calls that do not say.
    """

    def __init__(
        self, request: Any, servers: Sequence[str], debug: int = 0, default_time_expire: float = 300
    ) -> None:
        self._client, server = _client_of(tuple(servers))
        from pymemcache.exceptions import MemcacheError  # `_client_of` has told when it is missing

        self.errors = (MemcacheError, OSError)
        self.default_time_expire = default_time_expire
        super().__init__(server, request.application)

    def __call__(self, key: str, f: Any, time_expire: Any = _DEFAULT) -> Any:
        """Return the kept value of `key`, or compute it by `f` and keep it (see `RemoteCache`)."""
        limit = self.default_time_expire if time_expire is _DEFAULT else time_expire
        return super().__call__(key, f, limit)

    def _generation(self) -> str:
        """Return the number that `clear` raises: memcached can not list keys, so old ones are left behind.

        It begins with the time, so that values of before its loss do not come back.
        """
        name = f"{self.application}:generation"
        value = self._client.get(name)
        if value is None:
            self._client.add(name, str(time.time_ns()).encode("ascii"), noreply=False)
            value = self._client.get(name)
        return (value or b"0").decode("ascii")

    def _name(self, key: str) -> str:
        name = f"{self.application}:{self._generation()}:{key}"
        if len(name) > _LONGEST_KEY - 10 or not name.isascii() or not name.isprintable() or " " in name:
            digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
            name = f"{self.application}:{self._generation()}:sha256:{digest}"
        return name

    def read(self, key: str) -> bytes | None:
        """Return the bytes under `key`."""
        data: bytes | None = self._client.get(self._name(key))
        return data

    def write(self, key: str, data: bytes, seconds: int | None) -> None:
        """Set `key`; what the server refuses as too large is not kept."""
        self._client.set(self._name(key), data, expire=min(seconds or 0, _MONTH), noreply=False)

    def delete(self, key: str) -> None:
        """Delete `key`."""
        self._client.delete(self._name(key), noreply=False)

    def clear(self, regex: str | None = None) -> None:
        """Forget all keys of the application.

        Raises:
            CacheError: with `regex`: memcached can not list its keys.
        """
        if regex is not None:
            raise CacheError(
                "memcached can not list its keys, so clear(regex=...) is not possible: "
                "delete single keys by cache.memcache(key, None), or all by clear()"
            )
        self.server.ask(self._next_generation, None, self.errors)

    def _next_generation(self) -> None:
        self._generation()
        self._client.incr(f"{self.application}:generation", 1, noreply=False)

    def increment(self, key: str, value: float = 1, time_expire: float | None = None) -> Any:
        """Add the whole number `value` to the counter `key`, 0 when there is none; return the sum.

        Counters are kept apart from values: memcached counts in texts.

        Raises:
            CacheError: `value` is not a whole number of 0 or more.
            OSError, pymemcache.MemcacheError: the server does not answer; a count can not be made up.
        """
        if value != int(value) or value < 0:
            raise CacheError(f"memcached counts up in whole numbers only, not by {value!r}")
        name = self._name(f"count:{key}")
        expire = min(int(time_expire or 0), _MONTH)
        while True:
            total = self._client.incr(name, int(value), noreply=False)
            if total is not None:
                return total
            if self._client.add(name, str(int(value)).encode("ascii"), expire=expire, noreply=False):
                return int(value)

    def _report(self) -> dict[str, Any]:
        """Return hits, misses and ratio of this process, and whether the servers answer."""
        answers = self.server.ask(lambda: bool(self._client.get("answers?") or True), False, self.errors)
        return self.server.statistics.report(answers=answers)


def memcached_clients() -> dict[str, tuple[Any, Server]]:
    """Return the clients of this process with their state, by the name of their servers."""
    with _guard:
        return {server.name: (client, server) for client, server in _clients.values()}


def _client_of(servers: tuple[str, ...]) -> tuple[Any, Server]:
    with _guard:
        known = _clients.get(servers)
        if known is None:
            known = _clients[servers] = (_connect(servers), Server(f"memcached {', '.join(servers)}"))
    return known


def _connect(servers: tuple[str, ...]) -> Any:
    try:
        from pymemcache.client.hash import HashClient
    except ImportError:
        raise UserError("memcached is used, but the package is missing: install pymemcache") from None
    return HashClient(
        [_address(server) for server in servers],
        use_pooling=True,
        connect_timeout=TIMEOUT,
        timeout=TIMEOUT,
        no_delay=True,
        retry_attempts=0,
        dead_timeout=1,
    )


def _address(server: str) -> tuple[str, int] | str:
    if server.startswith("/") or server.startswith("unix:"):
        return server
    host, _, port = server.rpartition(":")
    return (host, int(port)) if host else (server, DEFAULT_PORT)
