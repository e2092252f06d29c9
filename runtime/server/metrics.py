"""Measuring requests: the latest ones, and counts per second (SV-11 of the desktop, CLI-13)."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, cast
from urllib.parse import quote

from runtime.server.web_server import WSGIApplication

Record = dict[str, Any]
"""What is known of one request. Keys: `seq`, `time` (epoch seconds), `request_id`, `client`, `method`,
`path` (with query), `protocol`, `status`, `ms`, `bytes`, `error` (class name), and what the application
adds: `application`, `controller`, `function`, `ticket`, `steps`."""

LATEST = 2000
WINDOW_SECONDS = 15 * 60
_LONGEST_PATH = 2000  # characters kept: a client may send hundreds of kilobytes
_LONGEST_CLIENT = 64


class Metrics:
    """Keeps the latest requests and one row of figures per second.

    A request costs one short critical section of a few operations, in which
    no thread ever waits for anything else. Percentiles are computed once per
    second, and when asked for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: deque[Record] = deque(maxlen=LATEST)
        self._running: dict[int, Record] = {}
        self._seconds: deque[dict[str, Any]] = deque(maxlen=WINDOW_SECONDS)
        self._second = _Second(int(time.time()))
        self._count = 0
        self._errors = 0
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    def begin(self, record: Record) -> int:
        """Note that a request runs; returns its number for `end`."""
        number = next(self._numbers)
        record["request_id"] = f"{self._prefix}-{number}"
        self._running[number] = record
        return number

    def end(self, number: int, record: Record) -> None:
        """Note that the request `number` has ended; `record` holds `status`, `ms`, `bytes`."""
        self._running.pop(number, None)
        failed = record["status"] >= 500 or record.get("error") is not None
        second = int(record["time"] + record["ms"] / 1000)
        with self._lock:
            self._count += 1
            record["seq"] = self._count
            self._latest.append(record)
            self._errors += failed
            over = self._roll(second)
            self._second.durations.append(record["ms"])
            self._second.errors += failed
        if over is not None:
            self._keep(over)

    def _roll(self, second: int) -> _Second | None:
        """Begin a new second when it is time; returns the one that is over. The lock is held."""
        over = self._second
        if second <= over.second:
            return None
        self._second = _Second(second)
        return over if over.durations else None

    def _keep(self, over: _Second) -> None:
        """Condense a second that is over, outside of the lock: nobody adds to it any more."""
        self._seconds.append(over.condensed())

    def requests(self, since: int = 0, limit: int = LATEST) -> dict[str, Any]:
        """Return the latest requests after the cursor `since`, oldest first, and the next cursor.

        `missed` counts those that were dropped from the ring before they were asked for.
        """
        with self._lock:
            newest = self._count
            if since > newest or since < 0:
                since = 0  # a cursor of an earlier server
            wanted = min(newest - since, len(self._latest), max(limit, 0))
            rows = list(itertools.islice(reversed(self._latest), wanted))
        rows.reverse()
        return {
            "cursor": newest,
            "missed": newest - since - len(rows),
            "requests": [dict(row) for row in rows],
        }

    def series(self, since: int = 0, now: float | None = None) -> dict[str, Any]:
        """Return the figures of each second with traffic after `since`, up to 15 minutes back.

        The second that still runs is left out. `median` and `p95` are milliseconds.
        """
        end = int(time.time() if now is None else now)
        with self._lock:
            over = self._roll(end)
        if over is not None:
            self._keep(over)
        oldest = max(since + 1, end - WINDOW_SECONDS)
        rows = sorted((r for r in list(self._seconds) if r["second"] >= oldest), key=itemgetter("second"))
        return {"cursor": rows[-1]["second"] if rows else since, "now": end, "seconds": rows}

    def summary(self, now: float | None = None) -> dict[str, Any]:
        """Return totals, and median and 95th percentile (ms) of the latest requests, 15 minutes back."""
        current = time.time() if now is None else now
        with self._lock:
            count, errors = self._count, self._errors
            latest = list(self._latest)
        recent = sorted(r["ms"] for r in latest if r["time"] >= current - WINDOW_SECONDS)
        ages = [current - r["time"] for r in list(self._running.values())]
        return {
            "requests": count,
            "errors": errors,
            "median": percentile(recent, 50),
            "p95": percentile(recent, 95),
            "running": len(ages),
            "longest_running": max(ages, default=0.0),
        }

    def running(self) -> list[dict[str, Any]]:
        """Return the requests being answered now, each with its `age` in seconds."""
        now = time.time()
        return [{**r, "age": now - r["time"]} for r in list(self._running.values())]


class _Second:
    """Figures of one second; its durations are condensed once it is over."""

    __slots__ = ("durations", "errors", "second")

    def __init__(self, second: int) -> None:
        self.second = second
        self.durations: list[float] = []
        self.errors = 0

    def condensed(self) -> dict[str, Any]:
        """Return requests, errors, median and 95th percentile."""
        ordered = sorted(self.durations)
        return {
            "second": self.second,
            "requests": len(ordered),
            "errors": self.errors,
            "median": percentile(ordered, 50),
            "p95": percentile(ordered, 95),
        }


def percentile(ordered: list[float], percent: float) -> float:
    """Return the nearest-rank percentile of sorted values; 0.0 of none."""
    if not ordered:
        return 0.0
    rank = -(-len(ordered) * percent // 100)  # ceiling
    return ordered[max(int(rank), 1) - 1]


def uri_of(environ: dict[str, Any]) -> str:
    """Return path and query as the client wrote them, or quoted again when the server does not tell."""
    uri = environ.get("REQUEST_URI")
    if uri is None:
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        query = environ.get("QUERY_STRING")
        uri = quote(path.encode("latin-1", "replace")) + (f"?{query}" if query else "")
    return str(uri[:_LONGEST_PATH])


def client_of(environ: dict[str, Any], trusted: frozenset[str]) -> str:
    """Return the visitor's address: the nearest one that no trusted proxy added (AMB-37)."""
    client = str(environ.get("REMOTE_ADDR", ""))
    header = environ.get("HTTP_X_FORWARDED_FOR")
    if header is None or client not in trusted:
        return client
    for part in reversed(header.split(",")):
        client = part.strip() or client
        if client not in trusted:
            break
    return client[:_LONGEST_CLIENT]


class MeteredApplication:
    """WSGI middleware that measures each request and writes the access log.

    It puts a dictionary into ``environ["hadron.record"]``; the application may
    set `application`, `controller`, `function`, `ticket`, `error` and `steps`
    in it. A request lasts until its answer was handed over to the server.

    Args:
        application: what answers.
        metrics: where the figures go.
        trusted_proxies: addresses whose ``X-Forwarded-For`` is believed.
        on_end: called with each finished record, from the request's thread:
            the access log. It must not wait.
    """

    def __init__(
        self,
        application: WSGIApplication,
        metrics: Metrics,
        trusted_proxies: Iterable[str] = (),
        on_end: Callable[[Record], None] | None = None,
    ) -> None:
        self.application = application
        self.metrics = metrics
        self._trusted = frozenset(trusted_proxies)
        self._on_end = on_end

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request and measure it."""
        record: Record = {
            "time": time.time(),
            "client": client_of(environ, self._trusted),
            "method": environ["REQUEST_METHOD"],
            "path": uri_of(environ),
            "protocol": environ.get("SERVER_PROTOCOL", ""),
            "status": 500,
            "bytes": 0,
        }
        environ["hadron.record"] = record
        call = _Call(self, record)

        def started(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            record["status"] = int(status[:3])
            return start_response(status, headers, *exc_info)

        try:
            result = self.application(environ, started)
        except BaseException as error:
            record["error"] = type(error).__name__
            call.end()
            raise
        if type(result) is list or type(result) is tuple:
            record["bytes"] = sum(map(len, result))
            call.end()
            return cast(Iterable[bytes], result)
        wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(wrapper, type) and isinstance(result, wrapper):
            return _watch_file(result, call)
        return _Watched(result, call)


class _Call:
    """A request that is running; `end` counts it, once."""

    __slots__ = ("_number", "_owner", "_started", "record")

    def __init__(self, owner: MeteredApplication, record: Record) -> None:
        self._owner = owner
        self.record = record
        self._number = owner.metrics.begin(record)
        self._started = time.perf_counter()

    def end(self) -> None:
        if self._number:
            self.record["ms"] = (time.perf_counter() - self._started) * 1000
            self._owner.metrics.end(self._number, self.record)
            self._number = 0
            if self._owner._on_end is not None:
                self._owner._on_end(self.record)


class _Watched:
    """The iterable of an answer, measured to its end."""

    __slots__ = ("_call", "_iterator", "_result")

    def __init__(self, result: Iterable[bytes], call: _Call) -> None:
        self._result = result
        self._iterator = iter(result)
        self._call = call

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            block = next(self._iterator)
        except StopIteration:
            raise
        except BaseException as error:
            self._call.record["error"] = type(error).__name__
            raise
        self._call.record["bytes"] += len(block)
        return block

    def close(self) -> None:
        """End the measurement; the server calls it after the last block, or when the client has left."""
        try:
            close = getattr(self._result, "close", None)
            if close is not None:
                close()
        finally:
            self._call.end()


def _watch_file(result: Any, call: _Call) -> Iterable[bytes]:
    """Leave the server's own file wrapper as it is, so that it can send the file its own way."""
    close = result.close

    def closed() -> None:
        try:
            close()
        finally:
            call.end()

    result.close = closed
    return cast(Iterable[bytes], result)
