"""Clearing out old runs, counted first, in pieces that end (UI-SC-17)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runtime.admin.scheduler.reading import Reader
from runtime.foundation.problems import UserError
from runtime.scheduler import states

_TASKS_AT_ONCE = 100
_RUNS_AT_ONCE = 2000


@dataclass(frozen=True)
class Piece:
    """What one piece did: runs counted or deleted, and the task to go on with; None at the end."""

    count: int
    following: int | None


class CleanUp:
    """Deletes runs that have ended; a running one always stays.

    Args:
        reader: of the same database.
        older: only runs that began before this moment (seconds since 1970); None for any.
        keep: so many latest runs of each task stay; 0 for none.

    Raises:
        UserError: neither is given, which would delete everything.
    """

    def __init__(self, reader: Reader, older: float | None, keep: int) -> None:
        if older is None and keep <= 0:
            raise UserError("say how old the runs are that go, or how many of each task stay")
        self._reader = reader
        self._connection = reader.connection
        self._older = reader.stored(older) if older is not None else None
        self._keep = max(keep, 0)

    def piece(self, start: int, dry: bool) -> Piece:
        """Do one piece: some tasks from number `start` on, or a part of one with very many runs.

        Args:
            start: 0, then what the piece before named.
            dry: count only.
        """
        tasks = self._connection.rows(
            "SELECT id FROM scheduler_task WHERE id >= ? ORDER BY id"
            f"{self._connection.limit(_TASKS_AT_ONCE)}",
            start,
        )
        count = 0
        for (task_id,) in tasks:
            count += self._count(task_id) if dry else self._delete(task_id, _RUNS_AT_ONCE - count)
            if not dry and count >= _RUNS_AT_ONCE:
                return Piece(count, int(task_id))
        return Piece(count, int(tasks[-1][0]) + 1 if len(tasks) == _TASKS_AT_ONCE else None)

    def _condition(self, task_id: int) -> tuple[str, list[Any]] | None:
        text, values = "task_id = ? AND status <> ?", [task_id, states.RUNNING]
        if self._keep:
            row = self._connection.first(
                "SELECT id FROM scheduler_run WHERE task_id = ? ORDER BY id DESC"
                f"{self._connection.limit(1)} OFFSET {self._keep - 1}",
                task_id,
            )
            if row is None:
                return None
            text += " AND id < ?"
            values.append(row[0])
        if self._older is not None:
            text += " AND start_time < ?"
            values.append(self._older)
        return text, values

    def _count(self, task_id: int) -> int:
        found = self._condition(task_id)
        if found is None:
            return 0
        return int(
            self._connection.first(f"SELECT COUNT(*) FROM scheduler_run WHERE {found[0]}", *found[1])[0]
        )

    def _delete(self, task_id: int, most: int) -> int:
        found = self._condition(task_id)
        if found is None:
            return 0
        rows = self._connection.rows(
            f"SELECT id FROM scheduler_run WHERE {found[0]} ORDER BY id{self._connection.limit(most)}",
            *found[1],
        )
        ids = [row[0] for row in rows]
        with self._connection.transaction():
            for at in range(0, len(ids), 500):
                part = ids[at : at + 500]
                self._connection.run(
                    f"DELETE FROM scheduler_run WHERE id IN ({', '.join('?' * len(part))})", *part
                )
        return len(ids)
