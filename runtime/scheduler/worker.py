"""A worker: one loop that takes tasks, lets its executor run them, and reports (SCHED-09..12, 24, 50..54)."""

from __future__ import annotations

import logging
import os
import queue
import time
from collections import deque
from queue import SimpleQueue
from typing import Any

from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection
from runtime.scheduler.executor import Message
from runtime.scheduler.keeper import ExecutorKeeper
from runtime.scheduler.liveness import SILENT_BEATS, Watch, this_host, this_process
from runtime.scheduler.records import Claim, Outcome, WorkerRow
from runtime.scheduler.schema_upkeep import ensure_indexes
from runtime.scheduler.settings import WorkerSettings
from runtime.scheduler.sharing import Shares
from runtime.scheduler.store import Store
from runtime.scheduler.task_run import TaskRun
from runtime.scheduler.wakeup import Listener

log = logging.getLogger("web2py.scheduler")

EXIT_OK = 0

_LOOK_EVERY = 0.05  # seconds between two looks whether a SQLite file has changed
_RACE_PAUSE = 0.05  # seconds until a worker that lost a race looks again
_QUICKEST_BEAT = 0.2  # seconds between two heartbeats when orders may have come
_UPKEEP_BEATS = 5  # heartbeats between two looks for tasks that nobody runs
_MOST_BACK_OFF = 5.0  # seconds between two attempts to reach the database
_LAST_OUTPUTS = 5  # outputs of runs without a row that `worker_stats` remembers (AMB-19)
_LAST_OUTPUT_SIZE = 2000

_BY_ORDER = Outcome(states.STOPPED, traceback="Stopped by order.")


class WorkerLost(UserError):
    """The worker can not go on: another has its name."""


class Worker:
    """Runs the tasks of one scheduler until it is told to end.

    Args:
        settings: how it works.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self.inbox: SimpleQueue[Message] = SimpleQueue()
        self.connection = WorkerConnection(settings.adapter)
        self.store = Store(
            self.connection,
            settings.application,
            settings.functions,
            settings.utc_time,
            settings.discard_results,
        )
        self._instance = os.urandom(8).hex()
        self._identity = this_process()
        self._watch = Watch(settings.heartbeat)
        self._shares = Shares(settings.name, settings.group_names, settings.application)
        self._keeper = ExecutorKeeper(settings.executor_command, self.inbox, settings.tasks_per_executor)
        self._running: TaskRun | None = None
        self._previous: int | None = None
        self._status = states.ACTIVE
        self._order = ""
        self._unknown = ""
        # levels, not events: they stay up until a look has found nothing
        self._look = True
        self._look_assigned = True
        self._next_beat = self._last_beat = self._count_at = 0.0
        self._next_due = float("inf")
        self._beats = 0
        self._empty_runs = 0
        self._looked_in_vain = False
        self._retry_at = 0.0
        self._back_off = 0.0
        self._totals = {"total": 0, "errors": 0}
        self._last: deque[dict[str, Any]] = deque(maxlen=_LAST_OUTPUTS)

    # -- life --------------------------------------------------------------------------------

    def run(self) -> int:
        """Work until the end; returns the exit code.

        Raises:
            WorkerLost: another worker has the name.
            Exception: the database refuses a statement for good.
        """
        listener: Listener | None = None
        try:
            self._keeper.keep(busy=False, wanted=True)
            self._register()
            if self.connection.is_postgres:
                listener = Listener(self.connection, self.inbox)
            self.settings.on_start(self.name)
            while not self._may_end():
                self._turn()
                self._wait()
            return EXIT_OK
        finally:
            if listener is not None:
                listener.stop()
            self._close()

    def order(self, status: str) -> None:
        """Order this worker about from outside of the database, also from a signal handler.

        A second order to end does not wait for the task any more.
        """
        self.inbox.put(Message("order", values={"status": status}))

    def _register(self) -> None:
        """Write the row of this worker; take over the name of a dead one (SCHED-08).

        Raises:
            WorkerLost: a living worker has the name.
        """
        first: tuple[Any, Any] | None = None
        while not self._order:
            try:
                if self.settings.migrate:
                    ensure_indexes(self.connection)
                found = next((row for row in self.store.workers() if row.name == self.name), None)
                if found is None or self._watch.is_dead(found):
                    self.store.register(self.name, self.settings.group_names, self._stats())
                    self.store.recover(self.name, f"worker {self.name} was started anew")
                    return
                seen = (found.instance, found.last_heartbeat)
                first = first or seen
                if seen != first or found.stats.get("host") == this_host():
                    raise WorkerLost(f"another worker called {self.name} is running: give one another name")
            except Exception as error:
                if not self.connection.passes(error):
                    raise
                self._rest(error)
            self._pause(max(min(self.settings.heartbeat, 1.0), self._back_off))

    def _pause(self, seconds: float) -> None:
        """Wait, but not any longer once an order to end comes."""
        end = time.monotonic() + seconds
        while not self._order and (left := end - time.monotonic()) > 0:
            try:
                self._take_message(self.inbox.get(timeout=left))
            except queue.Empty:
                return

    def _may_end(self) -> bool:
        return self._order == states.KILL or (self._order == states.TERMINATE and self._running is None)

    def _close(self) -> None:
        """End the executor, queue again what it was doing, leave no row behind."""
        self._keeper.close()
        while not self.inbox.empty():
            message = self.inbox.get()
            if message.kind in ("output", "done"):
                self._take_message(message)
        running, self._running = self._running, None
        why = f"worker {self.name} was ended"
        try:
            if running is not None and not running.given_up:
                outcome = running.outcome or Outcome(states.STOPPED, traceback=why, interrupted=True)
                with self.store.transaction():
                    self.store.report(running.claim, outcome, running.output.text)
                    self.store.wake()
            if self.store.remove_worker(self.name, self._instance):
                self.store.recover(self.name, why)
        except Exception as error:
            log.warning("worker %s could not sign off: %s", self.name, error)
        self.connection.close()

    # -- one turn ----------------------------------------------------------------------------

    def _turn(self) -> None:
        now = time.monotonic()
        self._keeper.keep(busy=self._running is not None, wanted=not self._order)
        if self._running is not None:
            self._watch_time(self._running, now)
        if now < self._retry_at:
            return
        try:
            if now >= self._next_beat:
                self._beat(now)
            if self._running is not None:
                text = self._running.output_to_show(now)
                if text is not None:
                    self.store.write_output(self._running.claim, text)
            if self._look:
                for group, weights in self._shares.mine.items():
                    self.store.assign(group, weights, self._shares.given(group))
            self._advance()
            self._back_off = 0.0
        except Exception as error:
            if not self.connection.passes(error):
                raise
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        """Try the database again later, on a new connection."""
        self._back_off = min(max(self._back_off * 2, 0.1), _MOST_BACK_OFF)
        self._retry_at = time.monotonic() + self._back_off
        self._next_beat = min(self._next_beat, self._retry_at)
        self._look = self._look_assigned = True
        self._beats = 0  # the next heartbeat looks for tasks that were lost with the connection
        log.warning("worker %s: database: %s; again in %.1f s", self.name, str(error).strip(), self._back_off)
        self.connection.close()

    def _watch_time(self, running: TaskRun, now: float) -> None:
        if running.is_overdue(now):
            running.cut(Outcome(states.TIMEOUT))
        elif running.is_stuck(now):
            running.end(_BY_ORDER)
            self._keeper.drop()

    def _may_take(self) -> bool:
        return self._look and not self._order and self._status in states.WORKING and self._keeper.is_ready()

    def _advance(self) -> None:
        """Report the task that has ended and take the next one, in one transaction."""
        running = self._running
        if running is None:
            if not self._may_take() or not self._is_due():
                return
        elif running.outcome is None:
            return
        else:
            self._look = True
        claim, kept = None, False
        assigned = self._look_assigned or self.connection.is_sqlite
        with self.store.transaction():
            if running is not None and running.outcome is not None and not running.given_up:
                kept = self.store.report(running.claim, running.outcome, running.output.text)
            if self._may_take():
                claim = self.store.claim(self.name, self._shares.free, assigned)
                self._look_assigned = claim is not None and claim.was_assigned
        if running is not None:
            self._settle(running, kept)
        if claim is not None:
            self._begin(claim)
        elif running is None:
            self._found_nothing(_RACE_PAUSE)  # another worker was quicker

    def _is_due(self) -> bool:
        """Look, without locking anything, whether there is something to take, else when there will be."""
        groups = [*self._shares.free, *self._shares.mine]
        due = self.store.next_due(groups, self.name if self._look_assigned else None)
        wait = (due - self.store.now()).total_seconds() if due is not None else float("inf")
        if wait > 0:
            self._found_nothing(wait)
        return wait <= 0

    def _found_nothing(self, wait: float) -> None:
        """Look again in `wait` seconds, or when something happens before."""
        self._look = False
        self._looked_in_vain = True
        self._next_due = time.monotonic() + wait

    def _begin(self, claim: Claim) -> None:
        executor = self._keeper.executor
        assert executor is not None  # `_may_take` has seen it
        self._running = TaskRun(claim, executor)
        self._empty_runs = 0
        self._looked_in_vain = False

    def _settle(self, running: TaskRun, kept: bool) -> None:
        """Forget a run that was reported."""
        outcome, claim = running.outcome, running.claim
        assert outcome is not None
        self._running = None
        self._previous = claim.task_id if outcome.status != states.STOPPED else None
        if not kept:
            log.warning("task %d: the run was taken back meanwhile and is not recorded", claim.task_id)
            return
        self._totals["total"] += 1
        self._totals["errors"] += outcome.status != states.COMPLETED
        if outcome.status == states.COMPLETED and outcome.result is None and running.output.text:
            self._last.append(
                {
                    "task_id": claim.task_id,
                    "task_name": claim.task_name,
                    "stop_time": self.store.now().isoformat(" ", "seconds"),
                    "output": running.output.text[-_LAST_OUTPUT_SIZE:],
                }
            )

    # -- heartbeat ---------------------------------------------------------------------------

    def _stats(self) -> dict[str, Any]:
        return {
            "instance": self._instance,
            **self._identity,
            "application": self.settings.application,
            "heartbeat": self.settings.heartbeat,
            "task": self._running.claim.task_id if self._running is not None else None,
            "empty_runs": self._empty_runs,
            **self._totals,
            "last_outputs": list(self._last),
        }

    def _beat(self, now: float) -> None:
        """Give a sign of life, obey orders, look after the others."""
        silent, self._last_beat = now - self._last_beat, now
        self._beats += 1
        self._count_empty(now)
        rows = self.store.beat(self.name, self._running is not None, self._stats())
        self._next_beat = now + self.settings.heartbeat
        self._look = self._look_assigned = True
        self._looked_in_vain = False
        mine = next((row for row in rows if row.name == self.name), None)
        if mine is not None and mine.instance != self._instance:
            raise WorkerLost(f"another worker has taken the name {self.name}: this one ends")
        if mine is None:
            log.warning("worker %s was taken for dead", self.name)
            self.store.register(self.name, self.settings.group_names, self._stats())
        if mine is None or silent > SILENT_BEATS * self.settings.heartbeat:
            self._check_claim()
        if mine is not None:
            self._obey(mine.status)
        alive = self._look_after(rows)
        self._shares.update(alive)
        if [row.is_ticker for row in alive].count(True) != 1 and self.name == min(
            [self.name, *(row.name for row in alive)]
        ):
            self.store.elect(self.name)

    def _count_empty(self, now: float) -> None:
        """End when nothing was found for as many heartbeats as were asked for (SCHED-11)."""
        if now < self._count_at:
            return
        self._count_at = now + self.settings.heartbeat * 0.9
        idle = self._running is None and self._status in states.WORKING
        if idle and self._looked_in_vain:
            self._empty_runs += 1
            if self._empty_runs == self.settings.max_empty_runs:
                log.info("worker %s ends: nothing to do for %d heartbeats", self.name, self._empty_runs)
                self._order = self._order or states.TERMINATE

    def _check_claim(self) -> None:
        """End the running task if others have taken it back while this worker was away."""
        running = self._running
        if running is not None and running.outcome is None and not self.store.is_mine(running.claim):
            running.given_up = True
            running.cut(_BY_ORDER)

    def _obey(self, status: str) -> None:
        """Carry out what the row of this worker says (SCHED-50, SCHED-53)."""
        if status == states.STOP_TASK:
            self._stop_task()
        if status in (states.STOP_TASK, states.PICK):
            self.store.set_status(self.name, states.ACTIVE, before=status)
            status = states.ACTIVE
        elif status in (states.TERMINATE, states.KILL):
            self._order = status if self._order != states.KILL else self._order
        elif status not in states.WORKER_STATUSES:  # AMB-18
            if status != self._unknown:
                log.warning("worker %s: status %r is unknown and has no effect", self.name, status)
            self._unknown = status
            status = states.ACTIVE
        self._status = status

    def _stop_task(self) -> None:
        """Stop the running task, unless the order was for the one before it (SCHED-42).

        `Scheduler.stop_task` disables the task it means; an order given by hand does not.
        """
        running = self._running
        if running is None:
            return
        meant = not self.store.is_enabled(running.claim.task_id)
        if meant or self._previous is None or self.store.is_enabled(self._previous):
            running.cut(_BY_ORDER)

    def _look_after(self, rows: list[WorkerRow]) -> list[WorkerRow]:
        """Take back the tasks of dead workers; returns those that live."""
        alive: list[WorkerRow] = []
        dead: list[WorkerRow] = []
        for row in rows:
            (dead if row.name != self.name and self._watch.is_dead(row) else alive).append(row)
        held = self.store.holders() if dead or self._beats % _UPKEEP_BEATS == 1 else set()
        for row in dead:
            if row.name in held:
                count = self.store.recover(row.name, f"worker {row.name} died")
                log.warning("worker %s died; %d of its tasks are taken back", row.name, count)
            if self._watch.may_forget(row):
                self.store.remove_worker(row.name, row.instance)
        if held:
            present = {row.name for row in self.store.workers()}
            for gone in held - present - {self.name}:
                self.store.recover(gone, f"worker {gone or '(none)'} is not there")
        if self.name in held:
            current = self._running.claim.task_id if self._running is not None else None
            self.store.recover(self.name, "the worker lost it", running_only=True, except_task=current)
        self._watch.keep_only({row.name for row in rows})
        return alive

    # -- waiting -----------------------------------------------------------------------------

    def _wait(self) -> None:
        """Wait for whatever comes first: a message, a time, a change of the SQLite file."""
        if self._may_end():
            return
        end = self._next_event()
        while True:
            now = time.monotonic()
            if now >= end and self.inbox.empty():
                break
            polled = self.connection.is_sqlite and self._running is None and now >= self._retry_at
            left = max(end - now, 0.0)
            try:
                message = self.inbox.get(timeout=min(left, _LOOK_EVERY) if polled else _bounded(left))
            except queue.Empty:
                if polled and self._file_changed():
                    break
                continue
            self._take_message(message)
            while not self.inbox.empty():
                self._take_message(self.inbox.get())
            break
        if time.monotonic() >= self._next_due:
            self._next_due = float("inf")
            self._look = True

    def _next_event(self) -> float:
        at_database = min(self._next_beat, self._next_due)
        at_once = self._keeper.next_event()
        if self._running is not None:
            if self._running.outcome is not None:
                at_database = 0.0
            else:
                at_once = min(at_once, self._running.next_event())
        elif self._may_take():
            at_database = 0.0
        return min(max(at_database, self._retry_at), at_once)

    def _file_changed(self) -> bool:
        """Tell whether somebody has written to the SQLite file; orders are then looked at too."""
        try:
            if not self.connection.changed():
                return False
            row = self.connection.first(
                "SELECT status FROM scheduler_worker WHERE worker_name = ?", self.name
            )
        except Exception as error:
            if not self.connection.passes(error):
                raise
            self._rest(error)
            return True
        told = row[0] if row is not None else None
        if (told in states.WORKING) != (self._status in states.WORKING) or told == states.STOP_TASK:
            self._next_beat = 0.0
        self._look = self._look_assigned = True
        return True

    def _take_message(self, message: Message) -> None:
        if message.kind == "wake":
            self._look = self._look_assigned = True
            self._next_beat = min(self._next_beat, self._last_beat + _QUICKEST_BEAT)
        elif message.kind == "order":
            self._order = states.KILL if self._order else message.values["status"]
        elif self._keeper.is_from_current(message):
            self._hear_executor(message)

    def _hear_executor(self, message: Message) -> None:
        running, values = self._running, message.values
        if message.kind == "ready":
            self._keeper.ready()
        elif message.kind == "end":
            code = self._keeper.ended()
            if running is not None:
                text = f"The process that ran the task ended by itself (exit code {code})."
                running.end(Outcome(states.STOPPED, traceback=text, counts_as=states.FAILED))
        elif running is not None and message.kind == "output":
            running.output.add(values.get("text", ""))
        elif running is not None and message.kind == "done" and values.get("run_id") == running.claim.run_id:
            running.done(Outcome(values["status"], values.get("result"), values.get("traceback")))


def _bounded(seconds: float) -> float:
    """Return a wait the system accepts."""
    return min(max(seconds, 0.0), 3600.0)
