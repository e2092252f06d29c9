"""Taking back tasks that nobody will finish, with what is known of their runs (SCHED-54)."""

# ruff: noqa: S608  # what is put into statements are constants of this room and of the adapter, never data

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from runtime.scheduler import states
from runtime.scheduler.connection import read_time
from runtime.scheduler.journal import Entry, read_journal, remove_journal
from runtime.scheduler.liveness import is_gone
from runtime.scheduler.records import Outcome, Report, WorkerRow
from runtime.scheduler.reports import Reports
from runtime.scheduler.rows import COLUMNS, HOLDER, STATUS, claim_of

log = logging.getLogger("web2py.scheduler")


class Recovery(Reports):
    """What living workers do for dead ones."""

    def recover(
        self,
        name: str,
        reason: str,
        *,
        running_only: bool = False,
        except_tasks: Collection[int] = (),
        journal: Mapping[int, Entry] | None = None,
    ) -> int:
        """Take back what a worker held that will not finish it (SCHED-54).

        Args:
            name: of the worker.
            reason: what a closed run says.
            running_only: leave it what it was assigned and has not begun.
            except_tasks: those that it does finish.
            journal: what its executor has noted, by run; None when that is not known.

        Returns:
            How many tasks were taken back.
        """
        tasks = self.connection.rows(
            "SELECT id FROM scheduler_task WHERE status IN (?, ?) AND assigned_worker_name = ? ORDER BY id",
            states.RUNNING, states.RUNNING if running_only else states.ASSIGNED, name,
        )  # fmt: skip
        taken = 0
        for (task_id,) in tasks:
            if task_id not in except_tasks:
                with self.transaction():
                    taken += self._take_back(task_id, name, reason, journal)
        if taken:
            self.wake()
        return taken

    def take_over(self, worker: WorkerRow, reason: str) -> int:
        """Take back the tasks of a dead worker, with what its executor has noted on this machine.

        Args:
            worker: its row.
            reason: what a closed run says.

        Returns:
            How many tasks were taken back.
        """
        journal: dict[int, Entry] | None = None
        # of one that is only silent the journal tells what was, not what its executor begins next
        path = worker.stats.get("journal") if is_gone(worker.stats) else None
        if isinstance(path, str):
            try:
                journal = read_journal(path)
            except (OSError, ValueError) as error:
                log.warning("worker %s: its journal can not be read: %s", worker.name, error)
        count = self.recover(worker.name, reason, journal=journal)
        if isinstance(path, str):
            remove_journal(path)
        return count

    def _take_back(self, task_id: int, name: str, reason: str, journal: Mapping[int, Entry] | None) -> int:
        # runs first, then the task: the order in which reports lock. Nothing is passed by: a worker that was
        # taken for dead may be reporting just now, and then there is nothing to take back
        lock = self.connection.lock(skip=False)
        runs = self.connection.rows(
            "SELECT id, start_time FROM scheduler_run WHERE task_id = ? AND status = ? "
            f"AND worker_name = ? ORDER BY id{lock}",
            task_id, states.RUNNING, name,
        )  # fmt: skip
        row = self.connection.first(f"SELECT {COLUMNS} FROM scheduler_task t WHERE t.id = ?{lock}", task_id)
        if row is None or row[HOLDER] != name or row[STATUS] not in (states.RUNNING, states.ASSIGNED):
            return 0
        now = self.now()
        if row[STATUS] == states.ASSIGNED:
            return self.connection.run(
                "UPDATE scheduler_task SET status = ?, assigned_worker_name = '' WHERE id = ? AND status = ?",
                states.QUEUED, task_id, states.ASSIGNED,
            )  # fmt: skip
        if not runs:
            return self._queue_again(task_id, row[15] or 0, now)
        reports = []
        for run_id, started in runs:
            claim = claim_of(row, int(run_id), read_time(started) or now)
            entry = journal.get(claim.run_id) if journal is not None else None
            if journal is not None and entry is None:
                self.give_back([claim])  # taken, and never begun
            elif entry is not None and entry.outcome is not None:
                reports.append(Report(claim, entry.outcome, entry.output))
            else:
                cut = Outcome(states.STOPPED, traceback=reason, interrupted=True)
                reports.append(Report(claim, cut, entry.output if entry is not None else ""))
        self.report(reports)
        return 1

    def holders(self) -> set[str]:
        """Return the names of the workers that hold a running or assigned task."""
        return {
            row[0] or ""
            for row in self.connection.rows(
                "SELECT DISTINCT assigned_worker_name FROM scheduler_task WHERE status IN (?, ?)",
                states.RUNNING, states.ASSIGNED,
            )
        }  # fmt: skip
