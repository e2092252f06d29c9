"""Workers as their rows and processes show them, orders to them, what the dead ones held (UI-SC-11, 12)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

from typing import Any

from runtime.admin.scheduler.entries import WorkerEntry
from runtime.admin.scheduler.reading import Reader
from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.connection import read_json, read_names, read_true
from runtime.scheduler.liveness import SILENT_BEATS, Watch, is_gone, this_host
from runtime.scheduler.records import WorkerRow
from runtime.scheduler.recovery import Recovery
from runtime.scheduler.upkeep import Upkeep

ORDERS = {
    "pause": states.DISABLED,
    "resume": states.ACTIVE,
    "finish": states.TERMINATE,
    "kill": states.KILL,
    "stop run": states.STOP_TASK,
}
"""What a person can order, and what is written into the worker's row (SCHED-50)."""

_LONG_SILENT = 300.0
"""Seconds without a heartbeat after which no difference of clocks explains it any more."""


class Workers:
    """Reads the workers of one database and orders them about.

    Keep one for as long as somebody looks: a worker of another computer is known to be silent by its
    heartbeat standing still, not by comparing clocks.

    Args:
        reader: of the same database.
        heartbeat: seconds, for workers that do not tell their own.
    """

    def __init__(self, reader: Reader, heartbeat: float) -> None:
        self._reader = reader
        self._connection = reader.connection
        self._heartbeat = heartbeat
        self._watch = Watch(heartbeat)

    def all(self) -> list[WorkerEntry]:
        """Return the workers, first come first."""
        rows = self._connection.rows(
            "SELECT worker_name, status, group_names, is_ticker, last_heartbeat, worker_stats, "
            "first_heartbeat FROM scheduler_worker ORDER BY id"
        )
        held = dict(
            self._connection.rows(
                "SELECT assigned_worker_name, COUNT(*) FROM scheduler_task WHERE status IN (?, ?) "
                "GROUP BY assigned_worker_name",
                states.RUNNING, states.ASSIGNED,
            )
        )  # fmt: skip
        workers = [self._row(row) for row in rows]
        self._watch.keep_only({worker.name for worker in workers})
        names = self._task_names([worker.stats.get("task") for worker in workers])
        return [
            self._entry(worker, row[6], int(held.get(worker.name, 0)), names)
            for worker, row in zip(workers, rows, strict=True)
        ]

    def _row(self, row: Any) -> WorkerRow:
        name, status, groups, ticker, beat, stats = row[:6]
        last = self._reader.seconds(beat)
        moment = self._reader.stored(last) if last is not None else None
        return WorkerRow(name, status or "", read_names(groups), read_true(ticker), moment, read_json(stats))

    def _task_names(self, ids: list[Any]) -> dict[int, str]:
        wanted = [one for one in ids if isinstance(one, int)]
        return {task.id: task.name for task in self._reader.tasks_by_id(wanted)}

    def _entry(self, worker: WorkerRow, first: Any, held: int, names: dict[int, str]) -> WorkerEntry:
        stats = worker.stats
        now = self._reader.seconds(self._reader.now()) or 0.0
        beat = self._reader.seconds(worker.last_heartbeat)
        age = max(0.0, now - beat) if beat is not None else None
        here = stats.get("host") == this_host()
        task = _number(stats.get("task"))
        host, _, number = worker.name.partition("#")
        if not number:
            host = str(stats.get("host") or worker.name).partition("/")[0]
        return WorkerEntry(
            name=worker.name,
            host=host,
            pid=stats.get("pid") if isinstance(stats.get("pid"), int) else None,
            here=here,
            application=worker.application or "",
            status=worker.status,
            state=self._state(worker, age, bool(task)),
            groups=tuple(worker.group_names),
            is_ticker=worker.is_ticker,
            since=self._reader.seconds(first),
            last_beat=beat,
            beat_age=age,
            heartbeat=worker.heartbeat(self._heartbeat),
            task_id=task,
            task_name=names.get(task, ""),
            held=held,
            done=_number(stats.get("total")),
            failed=_number(stats.get("errors")),
            empty=_number(stats.get("empty_runs")),
            last_outputs=tuple(
                (
                    _number(one.get("task_id")),
                    str(one.get("task_name") or ""),
                    str(one.get("stop_time") or ""),
                    str(one.get("output") or ""),
                )
                for one in stats.get("last_outputs") or ()
                if isinstance(one, dict)
            ),
        )

    def _state(self, worker: WorkerRow, age: float | None, busy: bool) -> str:
        still = self._watch.silent(worker)
        if is_gone(worker.stats) or still > SILENT_BEATS or (age or 0.0) > _LONG_SILENT:
            return "dead"
        if still > 1.5 and (age is None or age > worker.heartbeat(self._heartbeat) * 1.5):
            return "silent"
        if worker.status in (states.TERMINATE, states.KILL):
            return "ending"
        if worker.status == states.DISABLED:
            return "paused"
        return "busy" if busy or worker.status == states.RUNNING else "active"

    # -- orders ------------------------------------------------------------------------------

    def order(self, name: str, order: str) -> None:
        """Write an order into a worker's row; it obeys at its next heartbeat.

        Args:
            name: of the worker.
            order: see `ORDERS`.

        Raises:
            UserError: there is no such order or worker, or it is ending already.
        """
        if order not in ORDERS:
            raise UserError(f"{order!r} is no order to a worker; the orders are {', '.join(ORDERS)}")
        status = ORDERS[order]
        ending: tuple[str, ...] = (states.KILL,) if status == states.KILL else (states.KILL, states.TERMINATE)
        if order == "resume":  # also takes an order back that was not carried out yet
            ending = ()
        marks = " AND ".join(["status <> ?"] * len(ending))
        told = self._connection.run(
            f"UPDATE scheduler_worker SET status = ? WHERE worker_name = ?{' AND ' if marks else ''}{marks}",
            status, name, *ending,
        )  # fmt: skip
        if not told:
            if self._connection.first("SELECT id FROM scheduler_worker WHERE worker_name = ?", name) is None:
                raise UserError(f"worker {name} is not there any more")
            raise UserError(f"worker {name} is ending already")
        self._upkeep().wake()

    def take_back(self, name: str) -> int:
        """Queue again what a dead worker held, and forget it; returns how many tasks (UI-SC-12).

        Raises:
            UserError: it lives.
        """
        entry = next((one for one in self.all() if one.name == name), None)
        if entry is not None and entry.state != "dead":
            raise UserError(f"worker {name} lives: its last heartbeat was {entry.beat_age or 0:.0f} s ago")
        recovery = Recovery(self._connection, self._reader.utc)
        reason = f"worker {name} died"
        row = next((one for one in recovery.workers() if one.name == name), None)
        taken = recovery.take_over(row, reason) if row is not None else recovery.recover(name, reason)
        if entry is not None:
            self._connection.run("DELETE FROM scheduler_worker WHERE worker_name = ?", name)
        return taken

    def _upkeep(self) -> Upkeep:
        return Upkeep(self._connection, self._reader.utc)


def _number(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
