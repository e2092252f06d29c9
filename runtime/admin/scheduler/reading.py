"""Reading tasks and runs: pages by key, counts in pieces, one of them in full (UI-SC-02..06, 22)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from typing import Any

from runtime.admin.scheduler.conditions import ORDERS, Conditions, Order, Sql, continued, ordering
from runtime.admin.scheduler.entries import LATE_AFTER, RunEntry, RunTexts, TaskDetail, TaskEntry
from runtime.admin.scheduler.filters import Filter, parse_filter
from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection, read_time, read_true
from runtime.scheduler.timing import current_time

MOST_ROWS = 1000
_RUNS_SHOWN = 30
_ERROR_TAIL = 400
_NEXT = Order("COALESCE(t.next_run_time, ?)", "time")

_TASK = (
    "t.id, t.uuid, t.task_name, t.function_name, t.application_name, t.group_name, t.status, t.enabled, "
    "t.next_run_time, t.last_run_time, t.times_run, t.times_failed, t.repeats, t.period, t.cronline, "
    "t.assigned_worker_name"
)
_MORE = (
    "t.args, t.vars, t.start_time, t.stop_time, t.timeout, t.retry_failed, t.sync_output, t.prevent_drift, "
    "t.broadcast"
)
_RUN = (
    "r.id, r.task_id, t.task_name, t.function_name, t.application_name, r.status, r.start_time, r.stop_time, "
    "r.worker_name"
)
_JOINED = "scheduler_run r LEFT JOIN scheduler_task t ON t.id = r.task_id"


RESULT_LIMIT = 262_144
"""Letters of a result that are told."""


class Reader:
    """Reads the tables of one database; every call is short.

    Args:
        connection: of its own, commits each statement.
        utc: the tables hold UTC (SCHED-13).
    """

    def __init__(self, connection: WorkerConnection, utc: bool) -> None:
        self.connection = connection
        self.utc = utc

    def now(self) -> datetime.datetime:
        """Return the time as the tables hold it."""
        return current_time(self.utc)

    def seconds(self, value: Any) -> float | None:
        """Return a time of a column as seconds since 1970."""
        moment = read_time(value)
        if moment is None:
            return None
        return (moment.replace(tzinfo=datetime.UTC) if self.utc else moment).timestamp()

    def stored(self, seconds: float) -> datetime.datetime:
        """Return a moment as the tables hold it."""
        zone = datetime.UTC if self.utc else None
        return datetime.datetime.fromtimestamp(seconds, zone).replace(tzinfo=None)

    def condition(self, text: str, chosen: Sequence[str], runs: bool) -> tuple[Sql, Filter]:
        """Return the condition of what was typed and chosen, and the filter."""
        wanted = parse_filter(text, runs)
        return Conditions(self.connection, self.now(), runs).of(wanted, chosen), wanted

    # -- tasks -------------------------------------------------------------------------------

    def tasks(
        self,
        text: str = "",
        chosen: Sequence[str] = (),
        order: str = "next",
        down: bool = False,
        after: Sequence[Any] | None = None,
        limit: int = 200,
    ) -> tuple[list[TaskEntry], list[Any] | None]:
        """Return one page of tasks, and what to give as `after` for the page behind it.

        Args:
            text: a filter.
            chosen: states, any of them.
            order: ``next`` (what will run, then the rest), ``id``, or one of `ORDERS`.
            down: the other way round.
            after: where the page before ended; None for the first.
            limit: rows, at most 1000.

        Raises:
            UserError: there is no such order.
        """
        limit = max(1, min(limit, MOST_ROWS))
        (condition, values), _ = self.condition(text, chosen, runs=False)
        if order == "next":
            rows, behind = self._next_page(condition, values, down, after, limit)
        elif order == "id":
            rows = self._id_page(condition, values, down, after, limit)
            behind = [rows[-1][0]] if len(rows) == limit else None
        elif order in ORDERS:
            rows, behind = self._ordered_page(ORDERS[order], condition, values, down, after, limit)
        else:
            raise UserError(f"tasks can't be ordered by {order!r}: {', '.join(('id', 'next', *ORDERS))}")
        return self._entries(rows), behind

    def _id_page(
        self, condition: str, values: list[Any], down: bool, after: Sequence[Any] | None, limit: int
    ) -> list[Any]:
        more = f" AND t.id {'<' if down else '>'} ?" if after else ""
        return self.connection.rows(
            f"SELECT {_TASK} FROM scheduler_task t WHERE {condition}{more} "
            f"ORDER BY t.id {'DESC' if down else 'ASC'}{self.connection.limit(limit)}",
            *values,
            *([int(after[-1])] if after else []),
        )

    def _ordered_page(
        self,
        order: Order,
        condition: str,
        values: list[Any],
        down: bool,
        after: Sequence[Any] | None,
        limit: int,
    ) -> tuple[list[Any], list[Any] | None]:
        ordered, order_values = ordering(order, down)
        more, more_values = continued(order, down, after) if after else ("1 = 1", [])
        first_values = order_values
        rows = self.connection.rows(
            f"SELECT {_TASK}, {order.expression} FROM scheduler_task t WHERE {condition} AND {more} "
            f"ORDER BY {ordered}{self.connection.limit(limit)}",
            *first_values, *values, *more_values, *order_values,
        )  # fmt: skip
        if len(rows) < limit:
            return rows, None
        value = rows[-1][-1]
        return rows, [str(value) if order.kind == "time" else value, rows[-1][0]]

    def _next_page(
        self, condition: str, values: list[Any], down: bool, after: Sequence[Any] | None, limit: int
    ) -> tuple[list[Any], list[Any] | None]:
        """What will run by its time, then everything else, newest first."""
        waiting = (
            f"(t.status IN ('{states.RUNNING}', '{states.ASSIGNED}') OR (t.status = '{states.QUEUED}' "
            f"AND t.enabled = {self.connection.true}))"
        )
        rows: list[Any] = []
        if after is None or after[0] == "will run":
            place = after[1:] if after else None
            rows, behind = self._ordered_page(_NEXT, f"{condition} AND {waiting}", values, down, place, limit)
            if behind is not None:
                return rows, ["will run", *behind]
            after = None
        rest = f"{condition} AND NOT COALESCE({waiting}, {'FALSE' if self.connection.is_postgres else '0'})"
        more = self._id_page(rest, values, True, after, limit - len(rows)) if len(rows) < limit else []
        full = len(rows) + len(more) == limit
        last = more[-1][0] if more else 2**62
        return [*rows, *more], ["will not", last] if full else None

    def tasks_by_id(self, ids: Sequence[int]) -> list[TaskEntry]:
        """Return the tasks of these numbers that are still there."""
        if not ids:
            return []
        marks = ", ".join("?" * len(ids))
        return self._entries(
            self.connection.rows(f"SELECT {_TASK} FROM scheduler_task t WHERE t.id IN ({marks})", *ids)
        )

    def _entries(self, rows: Sequence[Any]) -> list[TaskEntry]:
        if not rows:
            return []
        ids = [row[0] for row in rows]
        marks = ", ".join("?" * len(ids))
        last = {
            row[0]: row[1:]
            for row in self.connection.rows(
                "SELECT r.task_id, r.status, r.start_time, r.stop_time FROM scheduler_run r "
                "JOIN (SELECT t.id, (SELECT x.id FROM scheduler_run x WHERE x.task_id = t.id "
                f"ORDER BY x.id DESC{self.connection.limit(1)}) last_run "
                f"FROM scheduler_task t WHERE t.id IN ({marks})) n ON r.id = n.last_run",
                *ids,
            )
        }
        blocked = {
            row[0]
            for row in self.connection.rows(
                f"SELECT task_child FROM scheduler_task_deps WHERE task_child IN ({marks}) "
                f"AND can_visit = {self.connection.false}",
                *ids,
            )
        }
        return [self._entry(row, last.get(row[0]), row[0] in blocked) for row in rows]

    def _entry(self, row: Any, last: Any, blocked: bool) -> TaskEntry:
        enabled, status = read_true(row[7]), row[6] or ""
        next_run = self.seconds(row[8])
        waiting = status in (states.RUNNING, states.ASSIGNED) or (status == states.QUEUED and enabled)
        start, stop = (self.seconds(last[1]), self.seconds(last[2])) if last else (None, None)
        state = state_of(status, enabled)
        if state == "queued" and not blocked and next_run is not None and next_run < time.time() - LATE_AFTER:
            state = "late"
        return TaskEntry(
            id=row[0],
            uuid=row[1] or "",
            name=row[2] or row[3] or "",
            function=row[3] or "",
            application=(row[4] or "").partition("/")[0],
            group=row[5] or "",
            status=status,
            state=state,
            enabled=enabled,
            next_run=next_run if waiting else None,
            last_run=self.seconds(row[9]),
            times_run=row[10] or 0,
            times_failed=row[11] or 0,
            repeats=row[12] if row[12] is not None else 1,
            period=row[13] if row[13] is not None else 60,
            cronline=row[14] or "",
            worker=row[15] or "",
            last_status=(last[0] or "") if last else "",
            last_seconds=max(0.0, stop - start) if start is not None and stop is not None else None,
            blocked=blocked and status in (states.QUEUED, states.ASSIGNED),
        )

    def task(self, task_id: int) -> TaskDetail:
        """Return one task in full.

        Raises:
            UserError: it is not there any more.
        """
        row = self.connection.first(f"SELECT {_TASK}, {_MORE} FROM scheduler_task t WHERE t.id = ?", task_id)
        if row is None:
            raise UserError(f"task {task_id} is not there any more")
        (entry,) = self._entries([row])
        more = row[16:]
        parents = self.connection.rows(
            "SELECT p.id, p.task_name, p.status FROM scheduler_task_deps d JOIN scheduler_task p "
            f"ON p.id = d.task_parent WHERE d.task_child = ? AND d.can_visit = {self.connection.false} "
            f"ORDER BY p.id{self.connection.limit(20)}",
            task_id,
        )
        runs, _ = self.runs(f"id:{task_id}", limit=_RUNS_SHOWN)
        count = self.connection.first("SELECT COUNT(*) FROM scheduler_run WHERE task_id = ?", task_id)[0]
        return TaskDetail(
            task=entry,
            args=more[0] or "[]",
            vars=more[1] or "{}",
            start_time=self.seconds(more[2]),
            stop_time=self.seconds(more[3]),
            timeout=more[4] or 0,
            retry_failed=more[5] or 0,
            sync_output=more[6] or 0,
            prevent_drift=read_true(more[7]),
            broadcast=read_true(more[8]),
            parents=tuple((int(one[0]), one[1] or "", one[2] or "") for one in parents),
            runs=tuple(runs),
            run_count=int(count),
        )

    # -- runs --------------------------------------------------------------------------------

    def runs(
        self,
        text: str = "",
        chosen: Sequence[str] = (),
        down: bool = True,
        after: int | None = None,
        limit: int = 200,
    ) -> tuple[list[RunEntry], int | None]:
        """Return one page of runs, newest first unless `down` is False, and the key of the page behind it."""
        limit = max(1, min(limit, MOST_ROWS))
        (condition, values), _ = self.condition(text, chosen, runs=True)
        more = f" AND r.id {'<' if down else '>'} ?" if after is not None else ""
        tail = f"SUBSTR(r.traceback, CASE WHEN LENGTH(r.traceback) > {_ERROR_TAIL} "
        tail += f"THEN LENGTH(r.traceback) - {_ERROR_TAIL - 1} ELSE 1 END)"
        rows = self.connection.rows(
            f"SELECT {_RUN}, {tail} FROM {_JOINED} WHERE {condition}{more} "
            f"ORDER BY r.id {'DESC' if down else 'ASC'}{self.connection.limit(limit)}",
            *values,
            *([after] if after is not None else []),
        )
        return [self._run(row) for row in rows], rows[-1][0] if len(rows) == limit else None

    def runs_by_id(self, ids: Sequence[int]) -> list[RunEntry]:
        """Return the runs of these numbers that are still there."""
        if not ids:
            return []
        marks = ", ".join("?" * len(ids))
        rows = self.connection.rows(
            f"SELECT {_RUN}, SUBSTR(r.traceback, 1, 1) FROM {_JOINED} WHERE r.id IN ({marks})", *ids
        )
        return [self._run(row) for row in rows]

    def _run(self, row: Any) -> RunEntry:
        return RunEntry(
            id=row[0],
            task_id=int(row[1] or 0),
            name=row[2] or row[3] or "",
            function=row[3] or "",
            application=(row[4] or "").partition("/")[0],
            status=row[5] or "",
            start=self.seconds(row[6]),
            stop=self.seconds(row[7]),
            worker=row[8] or "",
            error=((row[9] or "").strip().splitlines() or [""])[-1],
        )

    def run(self, run_id: int, limit: int = 65536) -> RunTexts:
        """Return what a run printed and raised, each cut to the last `limit` letters, and its result.

        The result keeps its first letters, `RESULT_LIMIT` at least: a part of JSON can't be taken apart.

        Raises:
            UserError: it is not there any more; runs that return nothing leave no row (SCHED-46).
        """
        row = self.connection.first(
            f"SELECT {_RUN}, r.traceback, r.run_output, r.run_result, t.sync_output FROM {_JOINED} "
            "WHERE r.id = ?",
            run_id,
        )
        if row is None:
            raise UserError(
                f"run {run_id} is not there any more; a run that returns nothing leaves no row when it ends"
            )
        output, result = row[10] or "", row[11] or ""
        return RunTexts(
            run=self._run(row),
            output=output[-limit:],
            output_size=len(output),
            result=result[: max(limit, RESULT_LIMIT)],
            result_size=len(result),
            traceback=(row[9] or "")[-limit:],
            sync_output=row[12] or 0,
        )

    # -- counting ----------------------------------------------------------------------------

    def bounds(self, runs: bool) -> tuple[int, int, int]:
        """Return the least and the most number in use, and about how many rows there are; at once."""
        table = "scheduler_run" if runs else "scheduler_task"
        # two statements: each is one look into the index, both together read the whole table
        least = self.connection.first(f"SELECT MIN(id) FROM {table}")[0]
        most = self.connection.first(f"SELECT MAX(id) FROM {table}")[0]
        if least is None or most is None:
            return 0, 0, 0
        about = most - least + 1
        if self.connection.is_postgres:
            known = self.connection.first("SELECT reltuples FROM pg_class WHERE oid = ?::regclass", table)
            about = min(about, int(known[0])) if known and known[0] > 0 else about
        return int(least), int(most), int(about)

    def count(self, runs: bool, text: str = "", start: int = 0, stop: int = 2**62) -> dict[str, int]:
        """Return how many rows there are of each state, of those whose number is from `start` below `stop`.

        Late tasks count as queued, too; ``all`` is the sum.
        """
        (condition, values), wanted = self.condition(text, (), runs)
        if runs:
            source = _JOINED if Conditions.needs_task(wanted) else "scheduler_run r"
            rows = self.connection.rows(
                f"SELECT r.status, COUNT(*) FROM {source} WHERE r.id >= ? AND r.id < ? AND {condition} "
                "GROUP BY r.status",
                start, stop, *values,
            )  # fmt: skip
            found = {str(status or "").lower(): int(number) for status, number in rows}
            return {**found, "all": sum(found.values())}
        late, late_values = Conditions(self.connection, self.now(), runs=False).late
        rows = self.connection.rows(
            f"SELECT t.status, t.enabled, COUNT(*) FROM scheduler_task t WHERE t.id >= ? AND t.id < ? "
            f"AND {condition} GROUP BY t.status, t.enabled",
            start, stop, *values,
        )  # fmt: skip
        counts: dict[str, int] = {"all": 0}
        for status, enabled, number in rows:
            state = state_of(status or "", read_true(enabled))
            counts[state] = counts.get(state, 0) + int(number)
            counts["all"] += int(number)
        counts["late"] = int(
            self.connection.first(
                "SELECT COUNT(*) FROM scheduler_task t WHERE t.id >= ? AND t.id < ? "
                f"AND {condition} AND {late}",
                start, stop, *values, *late_values,
            )[0]
        )  # fmt: skip
        return counts

    def ids(
        self, runs: bool, text: str, chosen: Sequence[str], after: int = 0, limit: int = 500
    ) -> list[int]:
        """Return the numbers of the rows that match, in order, from behind `after`."""
        (condition, values), _ = self.condition(text, chosen, runs)
        key, source = ("r.id", _JOINED) if runs else ("t.id", "scheduler_task t")
        rows = self.connection.rows(
            f"SELECT {key} FROM {source} WHERE {condition} AND {key} > ? ORDER BY {key}"
            f"{self.connection.limit(max(1, min(limit, MOST_ROWS)))}",
            *values,
            after,
        )
        return [int(row[0]) for row in rows]


def state_of(status: str, enabled: bool) -> str:
    """Return the state a person sees, without looking at the time."""
    if status in (states.QUEUED, states.ASSIGNED) and not enabled:
        return "disabled"
    return status.lower()
