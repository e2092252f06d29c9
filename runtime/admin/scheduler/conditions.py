"""Filters and orders as SQL over the scheduler's tables: ``t`` is a task, ``r`` a run."""

# ruff: noqa: S608  # what is put into statements are constants of this file and of the adapter, never data

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.admin.scheduler.entries import LATE_AFTER
from runtime.admin.scheduler.filters import Condition, Filter
from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection

Sql = tuple[str, list[Any]]

_TEXT_COLUMNS = ("t.task_name", "t.function_name", "t.uuid")
_NEVER = datetime.datetime(1970, 1, 1)
_FINAL = {
    "assigned": states.ASSIGNED,
    "running": states.RUNNING,
    "completed": states.COMPLETED,
    "failed": states.FAILED,
    "timeout": states.TIMEOUT,
    "stopped": states.STOPPED,
    "expired": states.EXPIRED,
}
_LIKE_COLUMNS = {
    "fn": "t.function_name",
    "name": "t.task_name",
    "group": "t.group_name",
    "uuid": "t.uuid",
    "error": "r.traceback",
    "output": "r.run_output",
}


class Conditions:
    """Makes the conditions of one database.

    Args:
        connection: knows how the database writes truth values.
        now: the time as the tables hold it.
        runs: conditions are for runs, joined with their tasks.
    """

    def __init__(self, connection: WorkerConnection, now: datetime.datetime, runs: bool) -> None:
        self._connection = connection
        self._now = now
        self._runs = runs

    def of(self, wanted: Filter, chosen: Sequence[str] = ()) -> Sql:
        """Return the condition of a filter and of the states chosen beside it; ``1 = 1`` for all rows."""
        parts = [self._one(condition) for condition in wanted.conditions]
        if chosen:
            parts.append(self._states(chosen))
        texts = [f"({text})" for text, _ in parts]
        return " AND ".join(texts) or "1 = 1", [value for _, values in parts for value in values]

    @staticmethod
    def needs_task(wanted: Filter) -> bool:
        """Tell whether the condition of a filter for runs looks at the run's task."""
        return any(one.key in ("", "app", "fn", "name", "group", "uuid") for one in wanted.conditions)

    def _one(self, condition: Condition) -> Sql:
        makers: dict[str, Callable[[Condition], Sql]] = {
            "": self._text,
            "state": lambda one: self._states(one.value.split(",")),
            "app": self._application,
            "worker": self._worker,
            "id": lambda one: (f"{'r.task_id' if self._runs else 't.id'} = ?", [int(one.value)]),
            "before": lambda one: self._time("<", one),
            "after": lambda one: self._time(">=", one),
            "next": self._next,
            "longer": self._longer,
        }
        text, values = makers.get(condition.key, self._like)(condition)
        return (f"NOT COALESCE(({text}), {self._no}) ", values) if condition.negative else (text, values)

    @property
    def _no(self) -> str:
        return "FALSE" if self._connection.is_postgres else "0"

    # -- states ------------------------------------------------------------------------------

    @property
    def _enabled(self) -> str:
        return f"t.enabled = {self._connection.true}"

    @property
    def late(self) -> Sql:
        """The condition of a task that is due and not taken."""
        moment = self._now - datetime.timedelta(seconds=LATE_AFTER)
        text = (
            f"t.status = '{states.QUEUED}' AND {self._enabled} AND t.next_run_time < ? "
            "AND (t.start_time IS NULL OR t.start_time < ?) "
            "AND NOT EXISTS (SELECT 1 FROM scheduler_task_deps d "
            f"WHERE d.task_child = t.id AND d.can_visit = {self._connection.false})"
        )
        return text, [moment, moment]

    def _states(self, names: Sequence[str]) -> Sql:
        parts, values = [], []
        for name in names:
            text, more = self._state(name)
            parts.append(f"({text})")
            values += more
        return " OR ".join(parts), values

    def _state(self, name: str) -> Sql:
        if self._runs:
            return "r.status = ?", [_FINAL[name]]
        if name == "late":
            return self.late
        if name == "queued":
            return f"t.status = '{states.QUEUED}' AND {self._enabled}", []
        if name == "disabled":
            waiting = f"t.status IN ('{states.QUEUED}', '{states.ASSIGNED}')"
            return f"{waiting} AND (t.enabled IS NULL OR NOT {self._enabled})", []
        if name == "assigned":
            return f"t.status = '{states.ASSIGNED}' AND {self._enabled}", []
        return "t.status = ?", [_FINAL[name]]

    # -- words -------------------------------------------------------------------------------

    def _text(self, condition: Condition) -> Sql:
        columns = (*_TEXT_COLUMNS, "r.worker_name" if self._runs else "t.assigned_worker_name")
        pattern = like_pattern(condition.value, anchored=False)
        parts = [f"LOWER({column}) LIKE ? ESCAPE '!'" for column in columns]
        return " OR ".join(parts), [pattern] * len(columns)

    def _like(self, condition: Condition) -> Sql:
        column = _LIKE_COLUMNS[condition.key]
        anchored = condition.key not in ("error", "output")
        return f"LOWER({column}) LIKE ? ESCAPE '!'", [like_pattern(condition.value, anchored)]

    def _worker(self, condition: Condition) -> Sql:
        column = "r.worker_name" if self._runs else "t.assigned_worker_name"
        return f"LOWER({column}) LIKE ? ESCAPE '!'", [like_pattern(condition.value, anchored=True)]

    def _application(self, condition: Condition) -> Sql:
        name = condition.value
        return "(t.application_name = ? OR t.application_name LIKE ? ESCAPE '!')", [
            name,
            like_pattern(name, anchored=True, lower=False) + "/%",
        ]

    def _time(self, sign: str, condition: Condition) -> Sql:
        column = "r.start_time" if self._runs else "t.last_run_time"
        moment = condition.moment
        if moment is None:
            moment = _ago(self._now, condition.seconds or 0.0)
        return f"{column} {sign} ?", [moment]

    def _next(self, condition: Condition) -> Sql:
        moment = _ago(self._now, -(condition.seconds or 0.0))
        return f"t.status = '{states.QUEUED}' AND {self._enabled} AND t.next_run_time <= ?", [moment]

    def _longer(self, condition: Condition) -> Sql:
        seconds = condition.seconds or 0.0
        if self._connection.is_sqlite:
            spent = "(JULIANDAY(COALESCE(r.stop_time, ?)) - JULIANDAY(r.start_time)) * 86400.0"
        elif self._connection.is_postgres:
            spent = "EXTRACT(EPOCH FROM (COALESCE(r.stop_time, ?) - r.start_time))"
        else:
            spent = "TIMESTAMPDIFF(SECOND, r.start_time, COALESCE(r.stop_time, ?))"
        return f"{spent} > ?", [self._now, seconds + 0.001]


def _ago(now: datetime.datetime, seconds: float) -> datetime.datetime:
    try:
        return now - datetime.timedelta(seconds=seconds)
    except OverflowError:
        return datetime.datetime.min.replace(year=1000) if seconds > 0 else datetime.datetime.max


def like_pattern(value: str, anchored: bool, lower: bool = True) -> str:
    """Return what LIKE takes for a text with ``*`` for anything; ``!`` escapes."""
    text = value.lower() if lower else value
    for sign in "!%_":
        text = text.replace(sign, f"!{sign}")
    text = text.replace("*", "%")
    return text if anchored else f"%{text}%"


# -- orders ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """What rows are sorted by: an expression that is never NULL, and the kind of its value."""

    expression: str
    kind: str = "text"


ORDERS = {
    "name": Order("LOWER(COALESCE(t.task_name, t.function_name, ''))"),
    "function": Order("LOWER(COALESCE(t.function_name, ''))"),
    "application": Order("COALESCE(t.application_name, '')"),
    "group": Order("COALESCE(t.group_name, '')"),
    "state": Order("COALESCE(t.status, '')"),
    "last": Order("COALESCE(t.last_run_time, ?)", "time"),
    "runs": Order("COALESCE(t.times_run, 0)", "number"),
    "failed": Order("COALESCE(t.times_failed, 0)", "number"),
    "worker": Order("COALESCE(t.assigned_worker_name, '')"),
}
"""Orders of tasks, besides ``id`` and ``next``."""


def continued(order: Order, down: bool, after: Sequence[Any], key: str = "t.id") -> Sql:
    """Return the condition of the rows behind one: its value and its id."""
    sign = "<" if down else ">"
    value: Any = after[0]
    if order.kind == "time":
        value = datetime.datetime.fromisoformat(str(value))
        times: list[Any] = [_NEVER]
    else:
        times = []
    text = f"({order.expression} {sign} ? OR ({order.expression} = ? AND {key} {sign} ?))"
    return text, [*times, value, *times, value, int(after[1])]


def ordering(order: Order, down: bool, key: str = "t.id") -> Sql:
    """Return what stands behind ORDER BY, and its values."""
    way = "DESC" if down else "ASC"
    values: list[Any] = [_NEVER] if order.kind == "time" else []
    return f"{order.expression} {way}, {key} {way}", values
