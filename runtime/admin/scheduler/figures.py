"""Figures over the latest runs, and what deserves a look (UI-SC-13, UI-SC-15, UI-SV-17)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from runtime.admin.scheduler.conditions import Conditions
from runtime.admin.scheduler.entries import Hint, RunEntry, WorkerEntry
from runtime.admin.scheduler.reading import Reader
from runtime.scheduler import states

MOST_RUNS = 20_000
GIGABYTE = 1_000_000_000
_FAILING = 3
_BARS = 48
_PAGE = 1000


@dataclass(frozen=True)
class FunctionFigures:
    """One function over the span that was looked at; seconds, None where no run has ended."""

    function: str
    runs: int
    failed: int
    median: float | None
    p95: float | None


@dataclass(frozen=True)
class Throughput:
    """Runs over time.

    Attributes:
        since, until: seconds since 1970.
        bars: runs and failed ones in equal parts of the span.
        functions: by number of runs, most first.
        complete: all runs of the span were looked at, not only the latest 20 000.
    """

    since: float
    until: float
    bars: tuple[tuple[int, int], ...]
    functions: tuple[FunctionFigures, ...]
    complete: bool


def throughput(reader: Reader, seconds: float) -> Throughput:
    """Return the figures of the last `seconds`."""
    until = reader.seconds(reader.now()) or 0.0
    runs, since, complete = latest_runs(reader, until - seconds, until)
    return Throughput(since, until, _bars(runs, since, until), _functions(runs), complete)


def latest_runs(reader: Reader, since: float, until: float) -> tuple[list[RunEntry], float, bool]:
    """Return the runs that began since then, newest first, at most about `MOST_RUNS`.

    Returns:
        The runs; since when they are told, later than `since` where there are too many; whether they are all.
    """
    runs: list[RunEntry] = []
    after: int | None = None
    while len(runs) < MOST_RUNS:
        page, after = reader.runs(after=after, limit=_PAGE)
        runs += [run for run in page if run.start is not None and run.start >= since]
        if after is None or (page and page[-1].start is not None and page[-1].start < since):
            return runs, since, True
    return runs, min((run.start or until for run in runs), default=since), False


def _bars(runs: Iterable[RunEntry], since: float, until: float) -> tuple[tuple[int, int], ...]:
    counts = [[0, 0] for _ in range(_BARS)]
    width = max(until - since, 1.0) / _BARS
    for run in runs:
        at = min(_BARS - 1, max(0, int(((run.start or since) - since) / width)))
        counts[at][0] += 1
        counts[at][1] += run.status in (states.FAILED, states.TIMEOUT)
    return tuple((total, failed) for total, failed in counts)


def _functions(runs: Iterable[RunEntry]) -> tuple[FunctionFigures, ...]:
    grouped: dict[str, list[RunEntry]] = {}
    for run in runs:
        grouped.setdefault(run.function or f"task {run.task_id}", []).append(run)
    found = []
    for function, mine in grouped.items():
        times = sorted(run.seconds for run in mine if run.seconds is not None)
        failed = sum(run.status in (states.FAILED, states.TIMEOUT) for run in mine)
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))] if times else None
        found.append(
            FunctionFigures(function, len(mine), failed, statistics.median(times) if times else None, p95)
        )
    return tuple(sorted(found, key=lambda one: -one.runs))


def hints(reader: Reader, workers: Iterable[WorkerEntry]) -> list[Hint]:
    """Return what deserves a look, gravest first."""
    connection = reader.connection
    living = [one for one in workers if one.state not in ("dead", "silent")]
    late, values = Conditions(connection, reader.now(), runs=False).late
    found: list[Hint] = []
    due = int(connection.first(f"SELECT COUNT(*) FROM scheduler_task t WHERE {late}", *values)[0])
    if due and not living:
        noun = "task is" if due == 1 else "tasks are"
        found.append(Hint("no worker", due, f"{due} {noun} due and no worker runs."))
    elif due:
        groups = {group for one in living if one.state != "paused" for group in one.groups}
        rows = connection.rows(
            f"SELECT t.group_name, COUNT(*) FROM scheduler_task t WHERE {late} GROUP BY t.group_name", *values
        )
        for group, count in rows:
            if group not in groups:
                paused = any(group in one.groups for one in living)
                why = "is paused" if paused else "serves it"
                who = "every worker" if paused else "no worker"
                what = "task of group {} waits" if count == 1 else "tasks of group {} wait"
                sentence = f"{count} {what.format(group)} and {who} {why}."
                found.append(Hint("no group", int(count), sentence))
    long_late = connection.rows(
        f"SELECT t.id, t.task_name, t.next_run_time, t.period FROM scheduler_task t WHERE {late} "
        f"AND t.repeats <> 1 ORDER BY t.next_run_time{connection.limit(200)}",
        *values,
    )
    now = reader.seconds(reader.now()) or 0.0
    overdue = [
        (row[0], row[1]) for row in long_late
        if now - (reader.seconds(row[2]) or now) > max(int(row[3] or 0), 60)
    ]  # fmt: skip
    if overdue and living:
        more = f" and {len(overdue) - 1} more" if len(overdue) > 1 else ""
        found.append(
            Hint("overdue", len(overdue), f"{overdue[0][1]}{more} late by more than a period.", overdue[0][0])
        )
    failing = connection.rows(
        "SELECT id, task_name, times_failed FROM scheduler_task WHERE status IN (?, ?) AND times_failed >= ? "
        f"ORDER BY times_failed DESC, id{connection.limit(50)}",
        states.QUEUED, states.RUNNING, _FAILING,
    )  # fmt: skip
    if failing:
        more = f", and {len(failing) - 1} more such tasks" if len(failing) > 1 else ""
        sentence = f"{failing[0][1]} failed {failing[0][2]} times in a row and is tried again{more}."
        found.append(Hint("failing", len(failing), sentence, failing[0][0]))
    size = runs_size(reader)
    if size is not None and size > GIGABYTE:
        found.append(Hint("size", size, f"The table of runs takes {size / GIGABYTE:.1f} GB."))
    return found


def runs_size(reader: Reader) -> int | None:
    """Return the bytes of the table of runs, of the whole file for SQLite; None where it can not be told."""
    connection = reader.connection
    if connection.is_sqlite:
        pages = connection.first("PRAGMA page_count")[0]
        return int(pages) * int(connection.first("PRAGMA page_size")[0])
    if connection.is_postgres:
        return int(connection.first("SELECT pg_total_relation_size(?::regclass)", "scheduler_run")[0])
    if connection.engine == "mysql":
        row = connection.first(
            "SELECT data_length + index_length FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_name = ?",
            "scheduler_run",
        )
        return int(row[0]) if row and row[0] is not None else None
    return None
