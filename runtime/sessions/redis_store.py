"""Sessions in Redis (SESS-08): ``session.connect(request, response, db=RedisSession(redis_conn))``."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from runtime.foundation.locks import tries
from runtime.sessions import locks
from runtime.sessions.locks import Held, session_locks
from runtime.sessions.stores import SessionStore, StoreUnavailable

PREFIX = "w2p:sess"
_LOCK_SECONDS = 60
_DROP = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
_EXTEND = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('expire', KEYS[1], ARGV[2]) end return 0"
)


class RedisSession(SessionStore):
    """One key per session, ``w2p:sess:APP:ID``.

    Args:
        redis_conn: client object of the package `redis`, as `RConn` makes.
        session_expiry: seconds of idleness after which Redis drops a session;
            False or None keeps it for ever.
        with_lock: False never locks: the last write wins.
        application: whose sessions; `session.connect` fills it in.

    Raises:
        ValueError: the client decodes answers to text, which would spoil the sessions.
    """

    def __init__(
        self,
        redis_conn: Any,
        session_expiry: float | bool | None = False,
        with_lock: bool = True,
        application: str = "",
    ) -> None:
        if redis_conn.get_connection_kwargs().get("decode_responses"):
            raise ValueError("RedisSession needs a client made without decode_responses=True")
        self.redis_conn = redis_conn
        self.session_expiry = max(1, int(session_expiry)) if session_expiry else None
        self.with_lock = with_lock
        self.application = application

    def bind(self, application: str) -> RedisSession:
        """Return the store for the sessions of `application`."""
        return RedisSession(self.redis_conn, self.session_expiry, self.with_lock, application)

    def _key(self, session_id: str) -> str:
        return f"{PREFIX}:{self.application}:{session_id}"

    def read(self, session_id: str) -> bytes | None:
        """Return the value of the session's key; reading counts as use (SLIFE-02)."""
        key = self._key(session_id)
        with _answering():
            if self.session_expiry is None:
                return _bytes(self.redis_conn.get(key))
            pipeline = self.redis_conn.pipeline(transaction=False)
            pipeline.get(key)
            pipeline.expire(key, self.session_expiry)
            return _bytes(pipeline.execute()[0])

    def write(self, session_id: str, blob: bytes) -> None:
        """Set the session's key."""
        with _answering():
            self.redis_conn.set(self._key(session_id), blob, ex=self.session_expiry)

    def delete(self, session_id: str) -> bool:
        """Delete the session's key."""
        with _answering():
            return bool(self.redis_conn.delete(self._key(session_id)))

    def lock(self, session_id: str, address: str, wait: bool = True) -> Held | None:
        """Hold the lock of the session among the threads of this process and all clients of the Redis."""
        if not self.with_lock:
            return None
        key = self._key(session_id)
        with _answering():
            return session_locks.acquire(key, address, RedisLock(self.redis_conn, f"{key}:lock"), wait)

    def idle_seconds(self, session_id: str, now: float) -> float | None:
        """Return the seconds since the last use; None without `session_expiry`: Redis does not know."""
        if self.session_expiry is None:
            return None
        with _answering():
            left = int(self.redis_conn.pttl(self._key(session_id)))
        return None if left < 0 else self.session_expiry - left / 1000


class RedisLock:
    """A lock that is a key with a random value; it runs out by itself when its holder dies.

    Args:
        redis_conn: client object.
        key: name of the lock.
    """

    def __init__(self, redis_conn: Any, key: str) -> None:
        self._conn = redis_conn
        self._key = key
        self._value = ""

    def take(self, owner: str, timeout: float, on_wait: Callable[[float], None] | None = None) -> None:
        """Wait for the lock and hold it (see `RangeLock.take`)."""
        value = f"{secrets.token_hex(8)} {owner}"
        for _ in tries(self._key, timeout, on_wait):
            if self._conn.set(self._key, value, nx=True, ex=_LOCK_SECONDS):
                break
        self._value = value

    def confirm(self) -> bool:
        """Tell whether it is still held, and hold it for its full time again."""
        with _answering():
            return bool(self._conn.eval(_EXTEND, 1, self._key, self._value, _LOCK_SECONDS))

    def drop(self) -> None:
        """Give the lock back, if it is still ours; without an answer it runs out by itself."""
        try:
            with _answering():
                self._conn.eval(_DROP, 1, self._key, self._value)
        except StoreUnavailable as error:
            locks.logger.warning("a session lock could not be given back: %s", error)

    def holder(self) -> str:
        """Return who holds the lock, an empty text when that can not be told."""
        try:
            with _answering():
                value = _bytes(self._conn.get(self._key))
        except StoreUnavailable:
            return ""
        return (value or b"").decode("utf-8", "replace").partition(" ")[2]


@contextmanager
def _answering() -> Iterator[None]:
    """Turn the errors of a Redis that does not answer into `StoreUnavailable`."""
    from redis.exceptions import RedisError  # optional; there is a client object, so it is installed

    try:
        yield
    except (RedisError, ConnectionError) as error:
        raise StoreUnavailable(f"Redis: {error}") from error


def _bytes(value: Any) -> bytes | None:
    """Return a value as bytes, whether the client decodes answers or not."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return None if value is None else bytes(value)
