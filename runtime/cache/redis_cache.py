"""`RedisCache` and `RConn`, the cache in a Redis server (CACHE-15)."""

from __future__ import annotations

import pickle
import re
import threading
import time
from typing import Any

from runtime.cache.model import pickled
from runtime.cache.remote import RemoteCache, Server
from runtime.foundation.problems import UserError

PREFIX = "w2p:cache"
TIMEOUT = 2.0
"""Seconds that a request waits for an answer of Redis unless `RConn` is told otherwise."""
_connections: dict[str, Any] = {}
_servers: dict[str, Server] = {}
_guard = threading.Lock()


def RConn(*arguments: Any, **options: Any) -> Any:
    """Return the client object for a Redis server; a model may call it at each request and gets the same.

    Args:
        arguments: of ``redis.Redis``: host, port, database number.
        options: of ``redis.Redis``; `application` is accepted and has no
            meaning: a client may serve all applications.

    Raises:
        UserError: the package `redis` is not installed.
    """
    options.pop("application", None)
    name = repr((arguments, sorted(options.items(), key=lambda pair: pair[0])))
    with _guard:
        known = _connections.get(name)
        if known is None:
            known = _connections[name] = _connect(arguments, options)
    return known


def _connect(arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    try:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise UserError("Redis is used, but the package is missing: install redis") from None
    # one more attempt at once, for a connection that the server has closed while it was idle
    settings: dict[str, Any] = {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 1),
    }
    return redis.Redis(*arguments, **(settings | options))


def redis_connections() -> dict[str, tuple[Any, Server]]:
    """Return the clients that `RConn` has made here, with their state, by the name of their server."""
    with _guard:
        connections = list(_connections.values())
    out: dict[str, tuple[Any, Server]] = {}
    for connection in connections:
        if not connection.get_connection_kwargs().get("decode_responses"):
            server = _server_of(connection)
            out.setdefault(server.name, (connection, server))
    return out


def _server_of(connection: Any) -> Server:
    place = connection.get_connection_kwargs()
    name = f"Redis {place.get('host', place.get('path', ''))}:{place.get('port', '')}/{place.get('db', 0)}"
    with _guard:
        return _servers.setdefault(name, Server(name))


class RedisCache(RemoteCache):
    """`cache.redis = RedisCache(redis_conn=RConn())`: values shared by all processes that use the Redis.

    Args:
        redis_conn: client object of the package `redis`; `RConn()` by default.
        debug: adds the server's own report to `stats`.
        with_lock: True lets one process of all compute a missing value, not one thread per process.
        fail_gracefully: accepted; a Redis that does not answer never fails a request.
        application: whose values; that of the running request by default.

    Raises:
        ValueError: the client decodes answers to text, which would spoil the values.
    """

    def __init__(
        self,
        redis_conn: Any = None,
        debug: bool = False,
        with_lock: bool = False,
        fail_gracefully: bool = True,
        application: str | None = None,
    ) -> None:
        self.redis_conn = redis_conn if redis_conn is not None else RConn()
        if self.redis_conn.get_connection_kwargs().get("decode_responses"):
            raise ValueError("RedisCache needs a client made without decode_responses=True")
        from redis.exceptions import RedisError  # there is a client object, so it is installed

        self.errors = (RedisError, OSError)
        self.debug = debug
        self.with_lock = with_lock
        super().__init__(_server_of(self.redis_conn), application)

    def _name(self, key: str) -> str:
        return f"{PREFIX}:{self.application}:{key}"

    def _compute(self, key: str, f: Any, time_expire: float | None) -> Any:
        if not self.with_lock:
            return super()._compute(key, f, time_expire)
        lock = self.redis_conn.lock(
            f"{PREFIX}-lock:{self.application}:{key}", timeout=60, blocking_timeout=60
        )
        held = self.server.ask(lambda: bool(lock.acquire()), False, self.errors)
        try:
            found = self._find(key, time_expire)
            return found[1] if found is not None else super()._compute(key, f, time_expire)
        finally:
            if held:
                self.server.ask(lock.release, None, self.errors)

    def read(self, key: str) -> bytes | None:
        """Return the bytes under `key`."""
        data: bytes | None = self.redis_conn.get(self._name(key))
        return data

    def write(self, key: str, data: bytes, seconds: int | None) -> None:
        """Set `key`."""
        self.redis_conn.set(self._name(key), data, ex=seconds)

    def delete(self, key: str) -> None:
        """Delete `key`."""
        self.redis_conn.delete(self._name(key))

    def clear(self, regex: str | None = None) -> None:
        """Delete the keys whose beginning matches `regex`, all without one (CACHE-11)."""
        match = re.compile(regex or "").match
        self.server.ask(lambda: self._delete_matching(match), None, self.errors)

    def _delete_matching(self, match: Any) -> None:
        names: list[bytes] = []
        for name in self.redis_conn.scan_iter(match=f"{escaped(self._name(''))}*", count=1000):
            if match(name[len(self._name("").encode()) :].decode("utf-8", "replace")):
                names.append(name)
            if len(names) >= 1000:
                self.redis_conn.unlink(*names)
                names.clear()
        if names:
            self.redis_conn.unlink(*names)

    def increment(self, key: str, value: float = 1) -> Any:
        """Add `value` to the number kept under `key`, 0 when there is none; exact between processes.

        Raises:
            redis.RedisError: the server does not answer; a count can not be made up.
        """
        from redis.exceptions import WatchError

        name = self._name(key)
        while True:
            with self.redis_conn.pipeline() as pipeline:
                try:
                    pipeline.watch(name)
                    data = pipeline.get(name)
                    total = (pickle.loads(data)[1] if data else 0) + value  # noqa: S301  # our own value
                    pipeline.multi()
                    pipeline.set(name, pickled(key, (time.time(), total)))
                    pipeline.execute()
                    return total
                except WatchError:
                    continue

    def _report(self) -> dict[str, Any]:
        """Return hits, misses and ratio of this process, and the server's memory and keys."""
        report = self.server.ask(self.redis_conn.info, None, self.errors)
        further: dict[str, Any] = {"answers": report is not None}
        if report is not None:
            further |= {"bytes": report.get("used_memory"), "server_keys": self._count()}
            if self.debug:
                further["server"] = report
        return self.server.statistics.report(**further)

    def _count(self) -> int | None:
        return self.server.ask(lambda: int(self.redis_conn.dbsize()), None, self.errors)


def escaped(text: str) -> str:
    """Return `text` for a pattern of Redis that matches nothing else."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)
