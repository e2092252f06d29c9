"""The columns of the tables of tasks and runs: what each says of a row (SC-03, SC-06, SC-23)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop.panels.overview.words import number
from desktop.processes.worker_state import short_worker
from runtime.admin.scheduler.entries import RunEntry, TaskEntry
from runtime.admin.scheduler.plans import words_of

from .words import DASH, STATE_WORDS, day_or_time, exact, last_words, next_words, span


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        id: its name; in kept settings, too.
        head: its title.
        text: what it says of a row, given the time.
        sample: a text as wide as the column should be; empty for the one that takes the rest.
        order: what the rows can be ordered by, empty when not by this.
        right: numbers stand right.
        tip: more words for a row, given whether the table holds UTC.
        strong: names and values, not labels.
        shown: unless the person chose otherwise.
        narrow: goes first where room is little, by descending number; 0 stays.
    """

    id: str
    head: str
    text: Callable[[Any, float], str]
    sample: str
    order: str = ""
    right: bool = False
    tip: Callable[[Any, bool], str] | None = None
    strong: bool = False
    shown: bool = True
    narrow: int = 0


def _state_tip(task: TaskEntry, _utc: bool) -> str:
    if task.blocked:
        return "It waits for other tasks."
    if task.last_status:
        return f"The latest run: {STATE_WORDS.get(task.last_status.lower(), task.last_status)}"
    return ""


TASK_COLUMNS: tuple[Column, ...] = (
    Column("name", "Name", lambda task, _: task.name, "", "name", strong=True),
    Column("function", "Function", lambda task, _: task.function, "search.rebuild", "function", narrow=5),
    Column("application", "Application", lambda task, _: task.application, "Application", "application",
           shown=False),
    Column("group", "Group", lambda task, _: task.group, "Groups", "group", narrow=6),
    Column("state", "State", lambda task, _: STATE_WORDS.get(task.state, task.state), "mm completed", "state",
           tip=_state_tip),
    Column("next", "Next run", next_words, "after others", "next", strong=True,
           tip=lambda task, utc: exact(task.next_run, utc)),
    Column("last", "Last run", last_words, "2 days ago, 12 s", "last", narrow=3,
           tip=lambda task, utc: exact(task.last_run, utc)),
    Column("runs", "Runs", lambda task, _: number(task.times_run), "0 000", "runs", right=True, strong=True,
           narrow=4),
    Column("failed", "Failed", lambda task, _: number(task.times_failed), "000", "failed", right=True,
           narrow=2),
    Column("schedule", "Schedule",
           lambda task, _: words_of(task.period, task.repeats, task.times_run, task.cronline),
           "every 5 min, 3 of 10 runs", shown=False),
    Column("worker", "Worker", lambda task, _: short_worker(task.worker) or DASH, "office#51200", "worker",
           shown=False),
    Column("enabled", "Enabled", lambda task, _: "yes" if task.enabled else "no", "Enabled", shown=False),
    Column("id", "Number", lambda task, _: number(task.id), "0 000 000", "id", right=True, shown=False),
)  # fmt: skip

RUN_COLUMNS: tuple[Column, ...] = (
    Column("state", "State", lambda run, _: STATE_WORDS.get(run.status.lower(), run.status), "mm completed"),
    Column("name", "Task", lambda run, _: run.name, "quarter_report_full", strong=True),
    Column("function", "Function", lambda run, _: run.function, "images.make_thum", narrow=5),
    Column("start", "Start", lambda run, now: day_or_time(run.start, now) if run.start else DASH,
           "12 Nov 2025", "start", strong=True, tip=lambda run, utc: exact(run.start, utc)),
    Column("took", "Duration",
           lambda run, now: span(run.seconds if run.stop else now - run.start) if run.start else DASH,
           "10 min 41 s", right=True,
           tip=lambda run, utc: f"ended {exact(run.stop, utc)}" if run.stop else ""),
    Column("worker", "Worker", lambda run, _: short_worker(run.worker) or DASH, "office#51200", narrow=6),
    Column("error", "Error", lambda run, _: run.error, "", narrow=4, tip=lambda run, _: run.error),
    Column("id", "Number", lambda run, _: number(run.id), "0 000 000", right=True, shown=False),
)  # fmt: skip


def state_of_row(row: TaskEntry | RunEntry) -> str:
    """The state whose mark the row has."""
    return row.state if isinstance(row, TaskEntry) else row.status.lower()


def spoken(column: Column, row: Any, now: float) -> str:
    """A cell for screen readers."""
    return f"{column.head}: {column.text(row, now) or 'none'}"
