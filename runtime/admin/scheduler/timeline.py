"""Runs over time in lanes, one for each worker or function (UI-SC-14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runtime.admin.scheduler.entries import RunEntry
from runtime.admin.scheduler.figures import latest_runs
from runtime.admin.scheduler.reading import Reader
from runtime.scheduler import states

MOST_LANES = 40
"""Lanes shown; those with the latest runs come first."""
PARTS = 500
"""Runs nearer to each other than this part of the span are told as one."""
BAD = (states.FAILED, states.TIMEOUT)


@dataclass(frozen=True)
class Stretch:
    """Runs that touch each other, or nearly do.

    Attributes:
        start, stop: seconds since 1970; `stop` is the end of the span while one still runs.
        runs, failed: how many.
        running: one of them has not ended.
        id: the run to open: the last that failed, else the last.
    """

    start: float
    stop: float
    runs: int
    failed: int
    running: bool
    id: int


@dataclass(frozen=True)
class Failure:
    """A run that failed or took too long: its end, in seconds since 1970, and its number."""

    at: float
    id: int
    status: str


@dataclass(frozen=True)
class Lane:
    """The runs of one worker or function.

    Attributes:
        name: of the worker or function.
        runs, failed: how many.
        stretches: by time.
        failures: by time; those closer than a part of the span are told as one.
    """

    name: str
    runs: int
    failed: int
    stretches: tuple[Stretch, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Timeline:
    """What ran when.

    Attributes:
        since, until: the span, seconds since 1970; `since` is later than asked for where `complete` is False.
        by: ``worker`` or ``function``.
        lanes: busy ones first.
        more_lanes: how many are left out.
        complete: all runs of the span were looked at, not only the latest ones.
    """

    since: float
    until: float
    by: str
    lanes: tuple[Lane, ...]
    more_lanes: int
    complete: bool


def timeline(reader: Reader, seconds: float, by: str) -> Timeline:
    """Return what ran in the last `seconds`.

    Args:
        reader: of the tables.
        seconds: length of the span.
        by: ``worker`` or ``function``.
    """
    until = reader.seconds(reader.now()) or 0.0
    runs, since, complete = latest_runs(reader, until - seconds, until)
    lanes: dict[str, list[RunEntry]] = {}
    for run in runs:
        name = run.worker if by == "worker" else run.function or f"task {run.task_id}"
        lanes.setdefault(name or "-", []).append(run)
    found = [_lane(name, mine, (until - since) / PARTS, until) for name, mine in lanes.items()]
    found.sort(key=lambda lane: (-lane.stretches[-1].stop, lane.name))
    kept = sorted(found[:MOST_LANES], key=lambda lane: lane.name)
    return Timeline(since, until, by, tuple(kept), max(0, len(found) - MOST_LANES), complete)


def _lane(name: str, runs: Iterable[RunEntry], gap: float, until: float) -> Lane:
    mine = sorted(runs, key=lambda run: (run.start or 0.0, run.id))
    stretches: list[Stretch] = []
    failures: list[Failure] = []
    for run in mine:
        start = run.start or until
        stop = until if run.stop is None else max(run.stop, start)
        bad = run.status in BAD
        one = Stretch(start, stop, 1, int(bad), run.stop is None, run.id)
        if stretches and start <= stretches[-1].stop + gap:
            one = _joined(stretches.pop(), one)
        stretches.append(one)
        if bad and not (failures and abs(stop - failures[-1].at) < gap):
            failures.append(Failure(stop, run.id, run.status))
    bad_ones = sum(run.status in BAD for run in mine)
    return Lane(name, len(mine), bad_ones, tuple(stretches), tuple(sorted(failures, key=lambda one: one.at)))


def _joined(first: Stretch, second: Stretch) -> Stretch:
    return Stretch(
        first.start,
        max(first.stop, second.stop),
        first.runs + second.runs,
        first.failed + second.failed,
        first.running or second.running,
        second.id if second.failed or not first.failed else first.id,
    )
