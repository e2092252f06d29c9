"""What the window is told about the server: immutable values without Qt.

Everything a view shows of the server comes from one :class:`ServerState` (SV-01 .. SV-07) and, while
somebody looks, one :class:`Metrics` (SV-11, SV-12, SV-19).
``since`` and the ``time`` of a crash are seconds of :func:`time.time`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8000
DEFAULT_THREADS = 8
LOG_TAIL_LINES = 20


class Phase(enum.StrEnum):
    """Where the server stands in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"
    CRASHED = "crashed"  # ended by itself, waits to be started again
    FAILED = "failed"  # waits for a person
    ADOPTED = "adopted"  # serving, started by someone else for this site folder
    FOREIGN = "foreign"  # another program answers on the port


@dataclass(frozen=True)
class Step:
    """One of the three things a start waits for (SV-04)."""

    name: str  # "process" | "socket" | "application"
    status: str = "pending"  # "pending" | "running" | "done" | "failed"
    seconds: float | None = None  # how long it took, once over
    detail: str = ""


@dataclass(frozen=True)
class Cause:
    """Why a start failed, in one sentence, with what helps to mend it (SV-03, SV-05)."""

    kind: str
    sentence: str
    owner_name: str | None = None
    owner_pid: int | None = None
    next_free_port: int | None = None


@dataclass(frozen=True)
class LogLine:
    """One line of the server's log."""

    time: str
    source: str
    level: str
    text: str


@dataclass(frozen=True)
class Crash:
    """One unexpected end of the server (SV-07)."""

    time: float
    sentence: str


@dataclass(frozen=True)
class ServerSettings:
    """What a server is started with; compared field by field to know whether a restart is due (SV-02)."""

    address: str = DEFAULT_ADDRESS
    port: int = DEFAULT_PORT
    site_folder: Path = field(default_factory=Path)
    threads: int = DEFAULT_THREADS
    cron: str = "none"  # "none" | "hard" | "soft" (CRON-14)
    keep_serving: bool = False
    embedded: bool = False
    start_with_window: bool = False


@dataclass(frozen=True)
class ServerState:
    """Everything there is to show about the server at one moment."""

    phase: Phase = Phase.STOPPED
    since: float = 0.0
    address: str = DEFAULT_ADDRESS
    port: int = DEFAULT_PORT
    url: str | None = None
    site_folder: str = ""
    pid: int | None = None
    steps: tuple[Step, ...] = ()
    in_flight: int = 0
    drain_seconds_left: float | None = None
    retry_in: float | None = None
    crashes: tuple[Crash, ...] = ()
    cause: Cause | None = None
    log_tail: tuple[LogLine, ...] = ()  # the last LOG_TAIL_LINES
    pending_order: str | None = None  # "start" | "stop" | "restart", done when the present one is
    needs_restart: bool = False
    threads: int = DEFAULT_THREADS
    cron: str = "none"
    password_set: bool = False
    mode: str = "child"  # "child" | "embedded"


@dataclass(frozen=True)
class RequestLine:
    """One answered request (SV-12); `moment` is when it came, in seconds since 1970."""

    time: str
    method: str
    path: str
    application: str
    status: int
    ms: float
    ticket: str | None = None
    error: str | None = None
    moment: float = 0.0


@dataclass(frozen=True)
class RunningRequest:
    """One request that is being answered, for so many seconds already."""

    method: str
    path: str
    application: str
    seconds: float


Sample = tuple[float, int, int]
"""Epoch second, requests answered in it, those of them with an error."""


@dataclass(frozen=True)
class Metrics:
    """The live strip of the server (SV-11, SV-19); ``series`` are the last 15 minutes, second by second.

    ``queued_seconds`` is for how long requests have been waiting for a free thread, ``load`` what the process
    uses, in words; empty while that is not known.
    """

    requests_per_second: float | None = None
    median_ms: float | None = None
    p95_ms: float | None = None
    error_percent: float | None = None
    threads_busy: int = 0
    threads: int = 0
    queue: int = 0
    series: tuple[Sample, ...] = ()  # oldest first
    latest: tuple[RequestLine, ...] = ()  # newest first
    queued_seconds: float = 0.0
    load: str = ""


@dataclass(frozen=True)
class Fault:
    """One setting that cannot be used, with a sentence that says what to do; a mere `warning` says it can."""

    field: str  # name of a field of ServerSettings
    sentence: str
    warning: bool = False


@dataclass(frozen=True)
class PortReport:
    """Answer to ``check_port``: is it free, who has it, which one is free (SV-03)."""

    address: str
    port: int
    free: bool
    sentence: str
    owner_name: str | None = None
    owner_pid: int | None = None
    next_free_port: int | None = None
    kind: str = "free"  # "port_busy" | "port_forbidden" | "address" when it cannot be had
    ours: bool = False  # our own server listens there
