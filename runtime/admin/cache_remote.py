"""Redis and memcached as this process uses them, for looking and deleting (CA-01, CA-02, CACHE-15)."""

from __future__ import annotations

import struct
import time
from typing import Any
from urllib.parse import unquote

from runtime.admin.cache_values import pickle_type, shown_value
from runtime.admin.plain_text import type_name, unpickle_plain
from runtime.cache.memcache import memcached_clients
from runtime.cache.redis_cache import PREFIX, escaped, redis_connections

_PIECE = 1000
_HEAD, _TAIL = 256, 11
_MOST_KEYS = 200_000

Row = tuple[str, str, int, float]
"""Key, type (empty for what can't be read), bytes, age in seconds."""


class RedisStore:
    """The values of one application in one Redis."""

    kind = "redis"
    listable = True

    def __init__(self, name: str, connection: Any, application: str) -> None:
        self.title, self._connection = name, connection
        self._prefix = f"{PREFIX}:{application}:"
        self._statistics = redis_connections()[name][1].statistics

    def _names(self) -> list[bytes]:
        pattern = f"{escaped(self._prefix)}*"
        found: list[bytes] = []
        for name in self._connection.scan_iter(match=pattern, count=_PIECE):
            found.append(name)
            if len(found) >= _MOST_KEYS:
                break
        return sorted(set(found))

    def rows(self) -> list[Row]:
        """Return all keys."""
        now, cut, out = time.time(), len(self._prefix.encode()), []
        names = self._names()
        for at in range(0, len(names), _PIECE):
            piece = names[at : at + _PIECE]
            with self._connection.pipeline(transaction=False) as pipeline:
                for name in piece:
                    pipeline.strlen(name)
                    pipeline.getrange(name, 0, _HEAD)
                    pipeline.getrange(name, -_TAIL, -1)
                answers = pipeline.execute()
            for number, name in enumerate(piece):
                size, head, tail = answers[3 * number : 3 * number + 3]
                if size:
                    stored, kind = _of_pair(head, tail)
                    age = now - stored if stored else -1.0
                    out.append((name[cut:].decode("utf-8", "replace"), kind, int(size), age))
        return out

    def look(self, key: str, limit: int) -> dict[str, Any] | None:
        """Return the forms of a value."""
        data = self._connection.get(f"{self._prefix}{key}")
        return _look(data, limit) if data is not None else None

    def delete(self, keys: list[str]) -> int:
        """Delete keys; return how many were there."""
        count = 0
        for at in range(0, len(keys), _PIECE):
            count += int(self._connection.unlink(*(f"{self._prefix}{key}" for key in keys[at : at + _PIECE])))
        return count

    def clear(self) -> int:
        """Delete all keys of the application."""
        cut = len(self._prefix.encode())
        return self.delete([name[cut:].decode("utf-8", "surrogateescape") for name in self._names()])

    def statistics(self) -> dict[str, Any]:
        """Return hits, misses and ratio of this process."""
        return self._statistics.report(entries=None, bytes=None)


class MemcachedStore:
    """The values of one application in memcached, which lists keys only by its crawler, where it has one."""

    kind = "memcached"
    listable = True

    def __init__(self, name: str, client: Any, application: str) -> None:
        self.title, self._client, self._application = name, client, application
        self._statistics = memcached_clients()[name][1].statistics

    def _generation(self) -> str:
        value = self._client.get(f"{self._application}:generation")
        return (value or b"0").decode("ascii", "replace")

    def _prefix(self) -> str:
        return f"{self._application}:{self._generation()}:"

    def rows(self) -> list[Row]:
        """Return the keys that the servers list; none where they do not."""
        prefix = self._prefix()
        out: list[Row] = []
        now = time.time()
        for name in self._listed(prefix):
            data = self._client.get(name)
            if data is not None:
                stored, kind = _of_pair(data[:_HEAD], data[-_TAIL:])
                out.append((name[len(prefix) :], kind, len(data), now - stored if stored else -1.0))
        return sorted(out)

    def _listed(self, prefix: str) -> list[str]:
        names: list[str] = []
        for server in getattr(self._client, "clients", {}).values():
            try:
                answer = server.raw_command("lru_crawler metadump all", b"END\r\n")
            except Exception:  # an older server, or another program that speaks its language
                answer = b""
            for line in answer.splitlines():
                if line.startswith(b"key="):
                    name = unquote(line.split(b" ", 1)[0][4:].decode("ascii", "replace"))
                    if name.startswith(prefix) and len(names) < _MOST_KEYS:
                        names.append(name)
        return names

    def look(self, key: str, limit: int) -> dict[str, Any] | None:
        """Return the forms of a value."""
        data = self._client.get(f"{self._prefix()}{key}")
        return _look(data, limit) if data is not None else None

    def delete(self, keys: list[str]) -> int:
        """Delete keys; return how many were there."""
        prefix = self._prefix()
        return sum(bool(self._client.delete(f"{prefix}{key}", noreply=False)) for key in keys)

    def clear(self) -> int:
        """Forget all values of the application; memcached does not tell how many."""
        count = len(self._listed(self._prefix()))
        name = f"{self._application}:generation"
        self._client.add(name, str(time.time_ns()).encode("ascii"), noreply=False)
        self._client.incr(name, 1, noreply=False)
        return count

    def statistics(self) -> dict[str, Any]:
        """Return hits, misses and ratio of this process."""
        return self._statistics.report(entries=None, bytes=None)


def remote_stores(application: str) -> dict[str, RedisStore | MemcachedStore]:
    """Return the stores that this process uses, by name: ``redis``, ``redis 2``, ``memcached``."""
    out: dict[str, RedisStore | MemcachedStore] = {}
    for number, (name, (connection, _)) in enumerate(redis_connections().items(), 1):
        out["redis" if number == 1 else f"redis {number}"] = RedisStore(name, connection, application)
    for number, (name, (client, _)) in enumerate(memcached_clients().items(), 1):
        store = "memcached" if number == 1 else f"memcached {number}"
        out[store] = MemcachedStore(name, client, application)
    return out


def _of_pair(head: bytes, tail: bytes) -> tuple[float, str]:
    """Return when a pair of time and value was stored, and the type of the value."""
    at = 2 + (9 if head[2:3] == b"\x95" else 0)
    if head[:1] != b"\x80" or head[at : at + 1] != b"G" or tail[-1:] != b".":
        return 0.0, ""
    stored = struct.unpack(">d", head[at + 1 : at + 9])[0]
    inner = tail[:-1].removesuffix(b"\x94")[:-1] + b"."
    return float(stored), pickle_type(b"\x80\x05" + head[at + 9 :], inner, end=b"\x86") or "object"


def _look(data: bytes, limit: int) -> dict[str, Any]:
    try:
        stored, value = unpickle_plain(data)
    except (ValueError, TypeError) as error:
        return {"size_bytes": len(data), "age": -1.0, "type": "", "fault": f"{len(data)} bytes, {error}"}
    return {
        "size_bytes": len(data), "age": time.time() - float(stored), "type": type_name(value), "fault": "",
        **shown_value(value, limit),
    }  # fmt: skip
