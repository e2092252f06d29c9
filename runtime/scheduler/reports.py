"""Writing how runs went (SCHED-12, SCHED-43..46)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection, marks
from runtime.scheduler.records import Claim, Outcome, Report
from runtime.scheduler.timing import Next, after_run
from runtime.scheduler.upkeep import Upkeep

MOST_INTERRUPTIONS = 3
"""Runs of a task that may be cut short by the death of their worker before it counts as failed."""

INTERRUPTED = "Interrupted after {} completed runs: "
"""Begins what a run says that was cut short; the number tells one repetition from the next."""


class Reports(Upkeep):
    """What becomes of tasks whose runs have ended.

    Args:
        connection: the worker's own.
        utc: whether times are UTC (SCHED-13).
        discard_results: keep no run that completed (SCHED-12).
    """

    def __init__(
        self, connection: WorkerConnection, utc: bool = False, discard_results: bool = False
    ) -> None:
        super().__init__(connection, utc)
        self.discard_results = discard_results

    def report(self, reports: Sequence[Report]) -> set[int]:
        """Write how runs ended, inside the transaction of the caller (SCHED-43..46).

        Returns:
            Ids of the runs that were written. The others are no longer this
            worker's: it was taken for dead, and they were closed.
        """
        if not reports:
            return set()
        still_open = self.open_runs(one.claim.run_id for one in reports)
        mine = [one for one in reports if one.claim.run_id in still_open]
        now = self.now()
        self._close_runs(mine, now)
        settled: dict[tuple[Next, bool], list[int]] = defaultdict(list)
        for one in mine:
            if one.outcome.interrupted:
                self._queue_again(one.claim.task_id, one.claim.plan.times_run, now)
            else:
                after = after_run(one.claim.plan, one.outcome.counts_as or one.outcome.status, now)
                settled[after, after.status == states.QUEUED].append(one.claim.task_id)
        for (after, again), ids in settled.items():
            self._settle(after, again, ids)
            if after.status == states.COMPLETED:
                self._free_children(ids)
        return still_open

    def open_runs(self, ids: Iterable[int]) -> set[int]:
        """Return which runs are still open, locked where rows can be locked."""
        wanted = list(ids)
        if not wanted:
            return set()
        rows = self.connection.rows(
            f"SELECT id FROM scheduler_run WHERE id IN ({marks(len(wanted))}) AND status = ? ORDER BY id"
            f"{self.connection.lock(skip=False)}",
            *wanted, states.RUNNING,
        )  # fmt: skip
        return {int(row[0]) for row in rows}

    def _leaves_no_row(self, outcome: Outcome) -> bool:
        return outcome.status == states.COMPLETED and (self.discard_results or outcome.result is None)

    def _close_runs(self, reports: Sequence[Report], now: datetime.datetime) -> None:
        gone = [one.claim.run_id for one in reports if self._leaves_no_row(one.outcome)]
        if gone:
            self.connection.run(f"DELETE FROM scheduler_run WHERE id IN ({marks(len(gone))})", *gone)
        alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for one in reports:
            if not self._leaves_no_row(one.outcome):
                text = one.outcome.traceback
                if one.outcome.interrupted:
                    text = INTERRUPTED.format(one.claim.plan.times_run) + (text or "")
                alike[one.outcome.status, one.output, one.outcome.result, text].append(one.claim.run_id)
        for (status, output, result, text), ids in alike.items():
            self.connection.run(
                "UPDATE scheduler_run SET status = ?, stop_time = ?, run_output = ?, run_result = ?, "
                f"traceback = ? WHERE id IN ({marks(len(ids))})",
                status, now, output, result, text, *ids,
            )  # fmt: skip

    def _settle(self, after: Next, again: bool, ids: Sequence[int]) -> None:
        """Write what becomes of tasks that ended alike."""
        # a task that was disabled while it ran was told to stop: it does not come back by itself
        target = (
            f"CASE WHEN enabled = {self.connection.true} THEN '{states.QUEUED}' ELSE '{states.STOPPED}' END"
            if again
            else f"'{after.status}'"
        )
        self.connection.run(
            f"UPDATE scheduler_task SET status = {target}, next_run_time = ?, times_run = ?, "
            f"times_failed = ? WHERE id IN ({marks(len(ids))}) AND status = ?",
            after.next_run_time, after.times_run, after.times_failed, *ids, states.RUNNING,
        )  # fmt: skip

    def _free_children(self, parents: Sequence[int]) -> None:
        """Let tasks start that waited for these (SCHED-22)."""
        if parents and self.connection.run(
            f"UPDATE scheduler_task_deps SET can_visit = {self.connection.true} "
            f"WHERE task_parent IN ({marks(len(parents))}) AND can_visit = {self.connection.false}",
            *parents,
        ):
            self.wake()

    def give_back(self, claims: Sequence[Claim]) -> None:
        """Queue tasks again that were taken and never begun, inside the transaction of the caller."""
        mine = self.open_runs(claim.run_id for claim in claims)
        if not mine:
            return
        ids = [claim.task_id for claim in claims if claim.run_id in mine]
        self.connection.run(f"DELETE FROM scheduler_run WHERE id IN ({marks(len(mine))})", *sorted(mine))
        self.connection.run(
            f"UPDATE scheduler_task SET status = CASE WHEN enabled = {self.connection.true} "
            f"THEN '{states.QUEUED}' ELSE '{states.STOPPED}' END, assigned_worker_name = '' "
            f"WHERE id IN ({marks(len(ids))}) AND status = ?",
            *ids, states.RUNNING,
        )  # fmt: skip
        self.wake()

    def _queue_again(self, task_id: int, times_run: int, now: datetime.datetime) -> int:
        """Queue a task whose run was interrupted; the third time it has failed."""
        start = INTERRUPTED.format(times_run)
        count = self.connection.first(
            "SELECT COUNT(*) FROM scheduler_run WHERE task_id = ? AND status = ? "
            f"AND SUBSTR(traceback, 1, {len(start)}) = ?",
            task_id, states.STOPPED, start,
        )[0]  # fmt: skip
        if count >= MOST_INTERRUPTIONS:
            return self.connection.run(
                "UPDATE scheduler_task SET status = ?, times_failed = times_failed + 1 "
                "WHERE id = ? AND status = ?",
                states.FAILED, task_id, states.RUNNING,
            )  # fmt: skip
        return self.connection.run(
            f"UPDATE scheduler_task SET status = CASE WHEN enabled = {self.connection.true} "
            f"THEN '{states.QUEUED}' ELSE '{states.STOPPED}' END, next_run_time = ?, "
            "assigned_worker_name = '' WHERE id = ? AND status = ?",
            now, task_id, states.RUNNING,
        )  # fmt: skip

    def write_output(self, claim: Claim, output: str) -> None:
        """Show what a running task has printed so far (SCHED-48)."""
        self.connection.run(
            "UPDATE scheduler_run SET run_output = ? WHERE id = ? AND status = ?",
            output, claim.run_id, states.RUNNING,
        )  # fmt: skip

    def disabled(self, ids: Iterable[int]) -> set[int]:
        """Return which of the tasks are disabled; a deleted one is."""
        wanted = set(ids)
        if not wanted:
            return set()
        rows = self.connection.rows(
            f"SELECT id FROM scheduler_task WHERE id IN ({marks(len(wanted))}) "
            f"AND enabled = {self.connection.true}",
            *wanted,
        )
        return wanted - {int(row[0]) for row in rows}
