"""What can be done with tasks, one or many: each says why it was not possible (UI-SC-08, UI-SC-09)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runtime.admin.scheduler.reading import Reader
from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.upkeep import Upkeep

ORDERS = ("run now", "run again", "enable", "disable", "stop", "delete")
"""Orders to tasks."""

_ENDED = (states.COMPLETED, states.FAILED, states.TIMEOUT, states.STOPPED, states.EXPIRED)


def reason_against(order: str, state: str) -> str:
    """Return why an order makes no sense for a task in this state; empty when it does.

    Args:
        order: see `ORDERS`.
        state: see `filters.TASK_STATES`.
    """
    waiting = state in ("queued", "late", "disabled")
    ended = state in ("completed", "failed", "timeout", "stopped", "expired")
    if order == "run now" and not waiting:
        return "It has ended: run it again instead." if ended else "It runs already."
    if order == "run again" and not ended:
        return "It runs just now." if not waiting else "It has not ended: it will run by itself."
    if order == "enable" and state not in ("disabled", "stopped"):
        return "It is enabled."
    if order == "disable" and (state == "disabled" or not waiting):
        return "It is disabled." if state == "disabled" else "Only a waiting task can be disabled."
    if order == "stop" and not (waiting or state in ("running", "assigned")):
        return "It does not run and does not wait."
    if order == "delete" and state in ("running", "assigned"):
        return "It runs just now: stop it first."
    return ""


class Orders:
    """Carries out orders; each task in a statement of its own that looks again at its state.

    Args:
        reader: of the same database.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._connection = reader.connection

    def act(self, order: str, ids: Sequence[int]) -> tuple[list[int], list[tuple[int, str]]]:
        """Carry out one order on up to 1000 tasks.

        Returns:
            the numbers of those that were changed, and those that were not with the reason.

        Raises:
            UserError: there is no such order.
        """
        if order not in ORDERS:
            raise UserError(f"{order!r} is no order to a task; the orders are {', '.join(ORDERS)}")
        done: list[int] = []
        for at in range(0, len(ids), 200):
            with self._connection.transaction():
                done += [one for one in ids[at : at + 200] if self._one(order, one)]
        if done:
            Upkeep(self._connection, self._reader.utc).wake()
        left = set(ids) - set(done)
        states_now = {task.id: task.state for task in self._reader.tasks_by_id(sorted(left))}
        faults = [
            (
                one,
                reason_against(order, states_now[one]) or "It changed at the same moment."
                if one in states_now
                else "It is not there any more.",
            )
            for one in ids
            if one in left
        ]
        return done, faults

    def _one(self, order: str, task_id: int) -> bool:
        connection, now = self._connection, self._reader.now()
        true, false = connection.true, connection.false
        ended = ", ".join(f"'{status}'" for status in _ENDED)
        statements: dict[str, tuple[str, list[Any]]] = {
            "run now": (
                f"UPDATE scheduler_task SET next_run_time = ?, enabled = {true}, "
                "start_time = CASE WHEN start_time > ? THEN ? ELSE start_time END "
                "WHERE id = ? AND status = ?",
                [now, now, now, task_id, states.QUEUED],
            ),
            "run again": (
                f"UPDATE scheduler_task SET status = ?, enabled = {true}, times_run = 0, times_failed = 0, "
                f"stop_time = CASE WHEN stop_time <= ? THEN NULL ELSE stop_time END, next_run_time = ?, "
                f"assigned_worker_name = '' WHERE id = ? AND status IN ({ended})",
                [states.QUEUED, now, now, task_id],
            ),
            "disable": (
                f"UPDATE scheduler_task SET enabled = {false} "
                f"WHERE id = ? AND status = ? AND enabled = {true}",
                [task_id, states.QUEUED],
            ),
        }
        if order == "enable":
            return self._enable(task_id)
        if order == "stop":
            return self._stop(task_id)
        if order == "delete":
            return self._delete(task_id)
        text, values = statements[order]
        return connection.run(text, *values) > 0

    def _enable(self, task_id: int) -> bool:
        """A stopped task waits again for its time."""
        return (
            self._connection.run(
                f"UPDATE scheduler_task SET enabled = {self._connection.true}, status = ?, stop_time = "
                "CASE WHEN stop_time <= ? THEN NULL ELSE stop_time END WHERE id = ? AND "
                "(status = ? OR (status IN (?, ?) AND "
                f"(enabled IS NULL OR enabled <> {self._connection.true})))",
                states.QUEUED, self._reader.now(), task_id, states.STOPPED, states.QUEUED, states.ASSIGNED,
            )
            > 0
        )  # fmt: skip

    def _stop(self, task_id: int) -> bool:
        """As `Scheduler.stop_task` (SCHED-42): `enabled` tells the worker that this very task is meant."""
        connection = self._connection
        waiting = connection.run(
            f"UPDATE scheduler_task SET status = ?, enabled = {connection.false}, stop_time = ? "
            "WHERE id = ? AND status IN (?, ?)",
            states.STOPPED, self._reader.now(), task_id, states.QUEUED, states.ASSIGNED,
        )  # fmt: skip
        if waiting:
            return True
        row = connection.first(
            "SELECT assigned_worker_name FROM scheduler_task WHERE id = ? AND status = ?",
            task_id, states.RUNNING,
        )  # fmt: skip
        if row is None or not connection.run(
            f"UPDATE scheduler_task SET enabled = {connection.false} WHERE id = ? AND status = ?",
            task_id, states.RUNNING,
        ):  # fmt: skip
            return False
        connection.run(
            "UPDATE scheduler_worker SET status = ? WHERE worker_name = ?", states.STOP_TASK, row[0]
        )
        return True

    def _delete(self, task_id: int) -> bool:
        """With its runs and dependencies, also where the database does not cascade."""
        connection = self._connection
        gone = connection.run(
            "DELETE FROM scheduler_task WHERE id = ? AND status NOT IN (?, ?)",
            task_id, states.RUNNING, states.ASSIGNED,
        )  # fmt: skip
        if gone:
            connection.run("DELETE FROM scheduler_run WHERE task_id = ?", task_id)
            connection.run(
                "DELETE FROM scheduler_task_deps WHERE task_child = ? OR task_parent = ?", task_id, task_id
            )
        return gone > 0
