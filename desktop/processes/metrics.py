"""Asks the server for its metrics while somebody looks (SV-11, SV-12, SV-19)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.processes.hosts import ServerHost
from desktop.processes.lane import Lane
from desktop.processes.state import Metrics, RequestLine, RunningRequest

if TYPE_CHECKING:
    from desktop.processes.loads import Loads

POLL_INTERVAL = 1000  # milliseconds
REQUESTS_KEPT = 2000
REQUESTS_AT_ONCE = 200  # a person cannot read more per second; reading 2 000 makes a busy window stutter
SERIES_SECONDS = 15 * 60
RATE_SECONDS = 10  # requests per second are an average over so long
ANSWER_PATIENCE = 1000  # milliseconds until a server that does not tell its running requests is given up


RunningAnswer = Callable[[Sequence[RunningRequest]], None]


class RunningQuestion(QObject):
    """Asks a server once which requests it is answering; a server that does not say has none."""

    def __init__(self, host: ServerHost, lane: Lane, answer: RunningAnswer, parent: QObject) -> None:
        super().__init__(parent)
        self._answer: RunningAnswer | None = answer
        self._patience = QTimer(self, singleShot=True, interval=ANSWER_PATIENCE)
        self._patience.setObjectName("running-patience")
        self._patience.timeout.connect(self._on_nothing)
        self._patience.start()
        lane.submit(lambda: host.call("running"), self._on_rows, self._on_nothing)

    def _on_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._give([running_request(row) for row in rows])

    def _on_nothing(self, _error: Exception | None = None) -> None:
        self._give(())

    def _give(self, requests: Sequence[RunningRequest]) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            self._patience.stop()
            answer(requests)
            self.deleteLater()


class MetricsPoller(QObject):
    """Polls one host at a time, on a lane of its own; a slow answer only delays the next question."""

    metrics = Signal(object)
    in_flight = Signal(int)  # the answer to `count_in_flight`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host: ServerHost | None = None
        self.pid: Callable[[], int | None] = lambda: None  # of the server
        self._book = MetricsBook()
        self._wanted = False
        self._asking = False
        self._counting = False
        self._lane = Lane("server-control", self)
        self._timer = QTimer(self, interval=POLL_INTERVAL)
        self._timer.setObjectName("metrics-poll")
        self._timer.timeout.connect(self._ask)

    def set_host(self, host: ServerHost | None) -> None:
        """Poll another server, or none; its book begins empty."""
        self._host = host
        self._book = MetricsBook()
        self._adjust()

    def set_wanted(self, wanted: bool) -> None:
        """Poll only while `wanted`: a hidden window costs nothing."""
        self._wanted = wanted
        self._adjust()

    def count_in_flight(self) -> None:
        """Ask how many requests are being answered."""
        if (host := self._host) is not None and not self._counting:
            self._counting = True
            self._lane.submit(lambda: host.call("status"), self._on_status, self._on_no_status)

    def ask_running(self, answer: RunningAnswer) -> None:
        """Ask which requests are being answered; `answer` is called once, within about a second."""
        if self._host is None:
            answer(())
        else:
            RunningQuestion(self._host, self._lane, answer, self)

    def ask(
        self, name: str, answer: Callable[[Any], None], failed: Callable[[str], None], **arguments: Any
    ) -> None:
        """Give the server a command of its control channel.

        Args:
            name: of the command.
            answer: gets what it returns, in the GUI thread.
            failed: gets a sentence when the server does not run, or does not answer.
            arguments: of the command.
        """
        host = self._host
        if host is None:
            failed("The server does not run.")
            return
        self._lane.submit(
            lambda: host.call(name, **arguments),
            answer,
            lambda error: failed(f"The server could not do this: {error}"),
        )

    def close(self) -> None:
        """Ask nothing more."""
        self._timer.stop()
        self._lane.close()

    def _adjust(self) -> None:
        if self._wanted and self._host is not None:
            if not self._timer.isActive():
                self._timer.start()
                self._ask()
        else:
            self._timer.stop()

    def _ask(self) -> None:
        host, book, pid = self._host, self._book, self.pid()
        if host is None or self._asking:
            return
        self._asking = True
        self._lane.submit(lambda: (book, book.ask(host, pid)), self._on_answer, self._on_failure)

    def _on_status(self, status: Mapping[str, Any]) -> None:
        self._counting = False
        self.in_flight.emit(int(status.get("in_flight", 0)))

    def _on_no_status(self, _error: Exception) -> None:
        self._counting = False  # a server closes its channel before it ends

    def _on_answer(self, answer: tuple[MetricsBook, Metrics]) -> None:
        self._asking = False
        book, metrics = answer
        if book is self._book and self._wanted:
            self.metrics.emit(metrics)

    def _on_failure(self, _error: Exception) -> None:
        self._asking = False  # starting or ending: asked again at the next tick


class MetricsBook:
    """What one server has told so far; asks only for what is new.  Used by one thread at a time."""

    def __init__(self) -> None:
        self._series_cursor = 0
        self._requests_cursor = 0
        self._seconds: deque[Mapping[str, Any]] = deque(maxlen=SERIES_SECONDS)
        self._latest: deque[RequestLine] = deque(maxlen=REQUESTS_KEPT)
        self._queued_since: float | None = None
        self._loads: Loads | None = None

    def ask(self, host: ServerHost, pid: int | None = None) -> Metrics:
        """Question the server and add up; with its `pid` what it uses is measured, too.

        Raises:
            HostUnreachable: no answer.
        """
        figures = host.call("metrics", since=self._series_cursor)
        limit = REQUESTS_AT_ONCE if self._requests_cursor else REQUESTS_KEPT
        news = host.call("requests", since=self._requests_cursor, limit=limit)
        self._series_cursor = int(figures.get("cursor", self._series_cursor))
        self._requests_cursor = int(news.get("cursor", self._requests_cursor))
        self._seconds.extend(figures.get("seconds", ()))
        self._latest.extend(request_line(record) for record in news.get("requests", ()))
        now = float(figures.get("now", time.time()))
        while self._seconds and self._seconds[0]["second"] < now - SERIES_SECONDS:
            self._seconds.popleft()
        waits = int(figures.get("queue_depth", 0)) > 0
        self._queued_since = (now if self._queued_since is None else self._queued_since) if waits else None
        queued = 0.0 if self._queued_since is None else now - self._queued_since
        return replace(self._metrics(figures, now), queued_seconds=queued, load=self._load(pid))

    def _load(self, pid: int | None) -> str:
        if pid is None:
            return ""
        if self._loads is None:
            from desktop.processes.loads import Loads  # what reads processes is not needed at the start

            self._loads = Loads()
        return self._loads.read({pid}).get(pid, "")

    def _metrics(self, figures: Mapping[str, Any], now: float) -> Metrics:
        total = sum(row["requests"] for row in self._seconds)
        errors = sum(row["errors"] for row in self._seconds)
        summary = figures.get("summary", {})
        lately = sum(row["requests"] for row in self._seconds if row["second"] >= now - RATE_SECONDS)
        return Metrics(
            requests_per_second=lately / RATE_SECONDS,
            median_ms=summary.get("median") if total else None,
            p95_ms=summary.get("p95") if total else None,
            error_percent=100 * errors / total if total else None,
            threads_busy=int(figures.get("threads_busy", 0)),
            threads=int(figures.get("threads", 0)),
            queue=int(figures.get("queue_depth", 0)),
            series=tuple(
                (float(row["second"]), int(row["requests"]), int(row["errors"])) for row in self._seconds
            ),
            latest=tuple(reversed(self._latest)),
        )


def running_request(record: Mapping[str, Any]) -> RunningRequest:
    """A running request from the server's record."""
    return RunningRequest(
        method=str(record.get("method", "")),
        path=str(record.get("path", "")),
        application=str(record.get("application") or ""),
        seconds=float(record.get("age") or 0.0),
    )


def request_line(record: Mapping[str, Any]) -> RequestLine:
    """One row of the table of requests from the server's record."""
    moment = float(record.get("time", 0))
    return RequestLine(
        time=time.strftime("%H:%M:%S", time.localtime(moment)),
        method=str(record.get("method", "")),
        path=str(record.get("path", "")),
        application=str(record.get("application") or ""),
        status=int(record.get("status") or 0),
        ms=float(record.get("ms") or 0.0),
        ticket=record.get("ticket"),
        error=record.get("error"),
        moment=moment,
    )
