"""What the scheduler's tables hold, as plain values that travel as JSON; times are seconds since 1970."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

LATE_AFTER = 10.0
"""Seconds after which a due task that nobody takes counts as late: three heartbeats."""


@dataclass(frozen=True)
class Database:
    """Where an application's scheduler keeps its tables; nothing secret.

    Attributes:
        name: of the variable in the models.
        engine: ``sqlite``, ``postgres``, ``mysql`` ...
        local: on this computer, so that editing is on by default (UI-SC-21).
        utc: the tables hold UTC (SCHED-13).
        heartbeat: seconds.
        groups: of the scheduler.
        functions: a task must be one of the scheduler's own (SCHED-06).
    """

    application: str
    name: str
    engine: str
    local: bool
    utc: bool
    heartbeat: float
    groups: tuple[str, ...]
    functions: bool


@dataclass(frozen=True)
class TaskEntry:
    """A task as a list shows it.

    Attributes:
        status: as the table holds it.
        state: as a person sees it; see `filters.TASK_STATES`.
        next_run: None for a task that will not run by itself any more.
        last_status, last_seconds: how its latest run ended, and how long it took; "" and None without one.
        blocked: it waits for other tasks.
    """

    id: int
    uuid: str
    name: str
    function: str
    application: str
    group: str
    status: str
    state: str
    enabled: bool
    next_run: float | None
    last_run: float | None
    times_run: int
    times_failed: int
    repeats: int
    period: int
    cronline: str
    worker: str
    last_status: str = ""
    last_seconds: float | None = None
    blocked: bool = False


@dataclass(frozen=True)
class TaskDetail:
    """All there is to know about one task.

    Attributes:
        args, vars: JSON texts.
        parents: tasks it waits for: id, name, status.
        runs: the latest, newest first, without their texts.
        run_count: how many runs are kept.
    """

    task: TaskEntry
    args: str
    vars: str
    start_time: float | None
    stop_time: float | None
    timeout: int
    retry_failed: int
    sync_output: int
    prevent_drift: bool
    broadcast: bool
    parents: tuple[tuple[int, str, str], ...]
    runs: tuple[RunEntry, ...]
    run_count: int


@dataclass(frozen=True)
class RunEntry:
    """A run as a list shows it; `first_error` is the last line of its traceback."""

    id: int
    task_id: int
    name: str
    function: str
    application: str
    status: str
    start: float | None
    stop: float | None
    worker: str
    error: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return None if self.start is None or self.stop is None else max(0.0, self.stop - self.start)


@dataclass(frozen=True)
class RunTexts:
    """What a run printed, returned and raised.

    Attributes:
        output, traceback: cut to the limit that was asked for, the end is kept.
        result: JSON; its beginning, where it is very long.
        output_size, result_size: letters before the cut.
        sync_output: seconds after which new output is written while it runs; 0 only at the end (SCHED-48).
    """

    run: RunEntry
    output: str
    output_size: int
    result: str
    traceback: str
    sync_output: int
    result_size: int = 0


@dataclass(frozen=True)
class WorkerEntry:
    """A worker.

    Attributes:
        status: as its row says; an order stays there until it is carried out.
        state: ``active``, ``busy``, ``paused``, ``ending``, ``silent`` or ``dead``.
        beat_age: seconds since its last heartbeat.
        task: number and name of what it does now, or (0, "").
        held: tasks that are marked as its own.
        here: it runs on this computer.
        last_outputs: of runs that left no row (AMB-19): task, name, time, text.
    """

    name: str
    host: str
    pid: int | None
    here: bool
    application: str
    status: str
    state: str
    groups: tuple[str, ...]
    is_ticker: bool
    since: float | None
    last_beat: float | None
    beat_age: float | None
    heartbeat: float
    task_id: int
    task_name: str
    held: int
    done: int
    failed: int
    empty: int
    last_outputs: tuple[tuple[int, str, str, str], ...] = ()


@dataclass(frozen=True)
class Hint:
    """Something that deserves a look (UI-SC-13, UI-SV-17): what kind, how many, in one sentence."""

    kind: str
    count: int
    sentence: str
    task_id: int = 0


T = TypeVar("T")


def to_json(entry: Any) -> dict[str, Any]:
    """Return an entry as JSON can hold it."""
    return asdict(entry)


def from_json(kind: type[T], values: dict[str, Any]) -> T:
    """Return the entry of this kind that `values` describe; lists become tuples."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    known: dict[str, Any] = {
        name: _tuples(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in names
    }
    if kind is TaskDetail:
        known["task"] = from_json(TaskEntry, known["task"])
        known["runs"] = tuple(from_json(RunEntry, run) for run in known["runs"])
    elif kind is RunTexts:
        known["run"] = from_json(RunEntry, known["run"])
    return kind(**known)


def _tuples(value: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuples(one) if isinstance(one, list) else one for one in value)
