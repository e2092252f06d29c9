"""A worker's heartbeat: signs of life, orders, looking after other workers (SCHED-10, SCHED-50..54)."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.liveness import SILENT_BEATS, Watch, this_process
from runtime.scheduler.records import Outcome, WorkerRow
from runtime.scheduler.task_run import TaskRun

if TYPE_CHECKING:
    from runtime.scheduler.worker import Worker

log = logging.getLogger("web2py.scheduler")

_QUICKEST_BEAT = 0.2  # seconds between two heartbeats when orders may have come
_UPKEEP_BEATS = 5  # heartbeats between two looks for tasks that nobody runs
_LAST_OUTPUTS = 5  # outputs of runs without a row that `worker_stats` remembers (AMB-19)
_LAST_OUTPUT_SIZE = 2000

BY_ORDER = Outcome(states.STOPPED, traceback="Stopped by order.")


class WorkerLost(UserError):
    """The worker can not go on: another has its name."""


class Pulse:
    """What a worker does once in a heartbeat.

    Args:
        worker: whose pulse it is.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._settings = worker.settings
        self._store = worker.store
        self.watch = Watch(worker.settings.heartbeat)
        self.next_beat = 0.0
        self.empty_runs = 0
        self._last_beat = self._count_at = 0.0
        self._beats = 0
        self._identity = this_process()
        self._unknown = ""
        self._previous: int | None = None
        self._totals = {"total": 0, "errors": 0}
        self._last: deque[dict[str, Any]] = deque(maxlen=_LAST_OUTPUTS)

    # -- signs of life -----------------------------------------------------------------------

    def register(self, name: str) -> None:
        """Write the worker's row."""
        self._store.register(name, self._settings.group_names, self._stats())

    def _stats(self) -> dict[str, Any]:
        current = self._worker.work.current
        return {
            "instance": self._settings.instance,
            **self._identity,
            "application": self._settings.application,
            "heartbeat": self._settings.heartbeat,
            "journal": self._settings.journal,
            "task": current.claim.task_id if current is not None else None,
            "empty_runs": self.empty_runs,
            **self._totals,
            "last_outputs": list(self._last),
        }

    def beat(self, now: float) -> None:
        """Give a sign of life, obey orders, look after the others.

        Raises:
            WorkerLost: another worker has taken the name.
        """
        worker, name = self._worker, self._worker.name
        silent, self._last_beat = now - self._last_beat, now
        self._beats += 1
        self._count_empty(now)
        rows = self._store.beat(name, not worker.work.is_empty, self._stats())
        self.next_beat = now + self._settings.heartbeat
        worker.looked_in_vain = False
        mine = next((row for row in rows if row.name == name), None)
        if mine is not None and mine.instance != self._settings.instance:
            raise WorkerLost(f"another worker has taken the name {name}: this one ends")
        if mine is None:
            log.warning("worker %s was taken for dead", name)
            self.register(name)
        if mine is None or silent > SILENT_BEATS * self._settings.heartbeat:
            self._check_claims()
        if mine is not None:
            self._obey(mine.status)
        alive = self._look_after(rows)
        worker.shares.update(alive)
        first = min([name, *(row.name for row in alive)])
        if [row.is_ticker for row in alive].count(True) != 1 and name == first:
            self._store.elect(name)

    def after_trouble(self, retry_at: float) -> None:
        """The database was away: the next heartbeat looks for tasks that were lost with the connection."""
        self.next_beat = min(self.next_beat, retry_at)
        self._beats = 0

    def hasten(self) -> None:
        """Orders may have come: beat soon."""
        self.next_beat = min(self.next_beat, self._last_beat + _QUICKEST_BEAT)

    def read_order(self) -> None:
        """Look at the worker's own row; beat at once when it holds an order."""
        row = self._store.connection.first(
            "SELECT status FROM scheduler_worker WHERE worker_name = ?", self._worker.name
        )
        told = row[0] if row is not None else None
        sleeping = self._worker.status not in states.WORKING
        if (told not in states.WORKING) != sleeping or told == states.STOP_TASK:
            self.next_beat = 0.0

    # -- accounts ----------------------------------------------------------------------------

    def count(self, run: TaskRun) -> None:
        """Count a run that was reported."""
        outcome, claim = run.outcome, run.claim
        assert outcome is not None
        self._previous = claim.task_id if outcome.status != states.STOPPED else None
        self._totals["total"] += 1
        self._totals["errors"] += outcome.status != states.COMPLETED
        if outcome.status == states.COMPLETED and outcome.result is None and run.output.text:
            self._last.append(
                {
                    "task_id": claim.task_id,
                    "task_name": claim.task_name,
                    "stop_time": self._store.now().isoformat(" ", "seconds"),
                    "output": run.output.text[-_LAST_OUTPUT_SIZE:],
                }
            )

    def _count_empty(self, now: float) -> None:
        """End when nothing was found for as many heartbeats as were asked for (SCHED-11)."""
        if now < self._count_at:
            return
        self._count_at = now + self._settings.heartbeat * 0.9
        worker = self._worker
        if worker.work.is_empty and worker.status in states.WORKING and worker.looked_in_vain:
            self.empty_runs += 1
            if self.empty_runs == self._settings.max_empty_runs:
                log.info("worker %s ends: nothing to do for %d heartbeats", worker.name, self.empty_runs)
                worker.ordered = worker.ordered or states.TERMINATE

    # -- orders ------------------------------------------------------------------------------

    def _obey(self, status: str) -> None:
        """Carry out what the row of this worker says (SCHED-50, SCHED-53)."""
        worker = self._worker
        if status == states.STOP_TASK:
            self._stop_task()
        if status in (states.STOP_TASK, states.PICK):
            self._store.set_status(worker.name, states.ACTIVE, before=status)
            status = states.ACTIVE
        elif status in (states.TERMINATE, states.KILL):
            worker.ordered = status if worker.ordered != states.KILL else worker.ordered
        elif status not in states.WORKER_STATUSES:  # AMB-18
            if status != self._unknown:
                log.warning("worker %s: status %r is unknown and has no effect", worker.name, status)
            self._unknown = status
            status = states.ACTIVE
        worker.status = status

    def _stop_task(self) -> None:
        """Stop the running task, unless the order was for the one before it (SCHED-42).

        `Scheduler.stop_task` disables the task it means; an order given by hand does not.
        """
        work = self._worker.work
        held = work.task_ids()
        meant = self._store.disabled(held)
        if not meant and work.current is not None:
            before = {self._previous} if self._previous is not None else set()
            if not self._store.disabled(before):
                meant = {work.current.claim.task_id}
        work.stop(meant, BY_ORDER)

    def _check_claims(self) -> None:
        """End tasks that others have taken back while this worker was away."""
        work = self._worker.work
        work.withdraw()
        runs = [run for run in work.runs() if run.outcome is None]
        still_open = self._store.open_runs(run.claim.run_id for run in runs)
        for run in runs:
            if run.claim.run_id not in still_open:
                run.given_up = True
                run.cut(BY_ORDER)

    # -- the others --------------------------------------------------------------------------

    def _look_after(self, rows: list[WorkerRow]) -> list[WorkerRow]:
        """Take back the tasks of dead workers; returns those that live."""
        name, store = self._worker.name, self._store
        alive: list[WorkerRow] = []
        dead: list[WorkerRow] = []
        for row in rows:
            (dead if row.name != name and self.watch.is_dead(row) else alive).append(row)
        held = store.holders() if dead or self._beats % _UPKEEP_BEATS == 1 else set()
        for row in dead:
            if row.name in held:
                count = store.take_over(row, f"worker {row.name} died")
                log.warning("worker %s died; %d of its tasks are taken back", row.name, count)
            if self.watch.may_forget(row):
                store.remove_worker(row.name, row.instance)
        if held:
            present = {row.name for row in store.workers()}
            for gone in held - present - {name, states.BROKER}:
                store.recover(gone, f"worker {gone or '(none)'} is not there")
        if name in held:
            store.recover(
                name, "the worker lost it", running_only=True, except_tasks=self._worker.work.task_ids()
            )
        self.watch.keep_only({row.name for row in rows})
        return alive
