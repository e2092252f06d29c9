"""A worker: one loop that takes tasks, lets its executor run them, and reports (SCHED-09..12, 24, 50..54)."""

from __future__ import annotations

import contextlib
import logging
import queue
import time
from queue import SimpleQueue
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection
from runtime.scheduler.executor import Message
from runtime.scheduler.journal import read_journal, remove_journal
from runtime.scheduler.keeper import ExecutorKeeper
from runtime.scheduler.liveness import this_host
from runtime.scheduler.pulse import Pulse, WorkerLost
from runtime.scheduler.records import Claim, Outcome, Report
from runtime.scheduler.schema_upkeep import ensure_indexes
from runtime.scheduler.settings import WorkerSettings
from runtime.scheduler.sharing import Shares
from runtime.scheduler.store import Store
from runtime.scheduler.task_run import TaskRun
from runtime.scheduler.wakeup import FileWatch, Listener
from runtime.scheduler.worker_log import RunNotes
from runtime.scheduler.workload import Workload

log = logging.getLogger("web2py.scheduler")

EXIT_OK = 0

_LOOK_EVERY = 0.05  # seconds between two looks whether a SQLite file has changed
_LOOK_BESIDE = 1.0  # the same, where the system tells of writes
_POLL_EVERY = 1.0  # seconds between two looks into a database that tells nothing, ...
_POLL_BUSY = 0.05  # ... and while tasks come ...
_BUSY_FOR = 10.0  # ... as they did in the last seconds
_RACE_PAUSE = 0.05  # seconds until a worker that lost a race looks again
_MOST_BACK_OFF = 5.0  # seconds between two attempts to reach the database


class Worker:
    """Runs the tasks of one scheduler until it is told to end.

    Args:
        settings: how it works.
        inbox: what it waits for comes in here.
        keeper: of its executor; None for one that is started anew.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        inbox: SimpleQueue[Message] | None = None,
        keeper: ExecutorKeeper | None = None,
    ) -> None:
        self.settings = settings
        self.name = settings.name
        self.inbox: SimpleQueue[Message] = inbox if inbox is not None else SimpleQueue()
        self.connection = WorkerConnection(settings.access, claims=True)
        self.store = Store(
            self.connection,
            settings.application,
            settings.functions,
            settings.utc_time,
            settings.discard_results,
        )
        self.keeper = keeper or ExecutorKeeper(
            settings.executor_command, self.inbox, settings.tasks_per_process
        )
        self.work = Workload(self.keeper)
        self.shares = Shares(settings.name, settings.group_names, settings.application)
        self.status = states.ACTIVE
        self.ordered = ""
        """`TERMINATE` or `KILL` once it is to end."""
        self.looked_in_vain = False
        self._pulse = Pulse(self)
        self._notes = RunNotes()
        # levels, not events: they stay up until a look has found nothing
        self._look = True
        self._look_assigned = True
        self._next_due = float("inf")
        self._worked_at = float("-inf")
        self._retry_at = 0.0
        self._back_off = 0.0
        self._file: FileWatch | None = None

    # -- life --------------------------------------------------------------------------------

    def run(self) -> int:
        """Work until the end; returns the exit code.

        Raises:
            WorkerLost: another worker has the name.
            Exception: the database refuses a statement for good.
        """
        listener: Listener | None = None
        try:
            self.keeper.keep(busy=False, wanted=True)
            self._register()
            if self.connection.is_postgres:
                listener = Listener(self.settings.access, self.inbox)
            elif self.settings.access.file is not None:
                with contextlib.suppress(OSError):
                    self._file = FileWatch(self.settings.access.file, self.inbox)
            self._started()
            log.info("worker %s serves %s", self.name, ", ".join(self.settings.group_names))
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
        while not self.ordered:
            try:
                if self.settings.migrate:
                    ensure_indexes(self.connection)
                self.store.read_clock()
                found = next((row for row in self.store.workers() if row.name == self.name), None)
                if found is None or self._pulse.watch.is_dead(found):
                    self._pulse.register(self.name)
                    why = f"worker {self.name} was started anew"
                    if found is not None:
                        self.store.take_over(found, why)
                    else:
                        self.store.recover(self.name, why)
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
        while not self.ordered and (left := end - time.monotonic()) > 0:
            try:
                self._take_message(self.inbox.get(timeout=left))
            except queue.Empty:
                return

    def _may_end(self) -> bool:
        return self.ordered == states.KILL or (self.ordered == states.TERMINATE and self.work.is_empty)

    def _close(self) -> None:
        """End the executor, queue again what it was doing, leave no row behind."""
        self._notes.sum_up()
        log.info("worker %s ends", self.name)
        self.work.withdraw()
        self.keeper.close()
        while not self.inbox.empty():
            message = self.inbox.get()
            if message.kind in ("output", "begun", "done"):
                self._take_message(message)
        why = f"worker {self.name} was ended"
        cut = Outcome(states.STOPPED, traceback=why, interrupted=True)
        reports = [
            Report(run.claim, run.outcome or cut, run.output.text)
            for run in self.work.runs()
            if not run.given_up
        ]
        try:
            if reports or self.work.returned:
                with self.store.transaction():
                    self.store.report(reports)
                    self.store.give_back(self.work.returned)
                    self.store.wake()
            if self.store.remove_worker(self.name, self.settings.instance):
                self.store.recover(self.name, why)
                if self.settings.journal:
                    remove_journal(self.settings.journal)
        except Exception as error:
            log.warning("worker %s could not sign off: %s", self.name, error)
        self.connection.close()

    # -- one turn ----------------------------------------------------------------------------

    def _turn(self) -> None:
        now = time.monotonic()
        self.keeper.keep(busy=not self.work.is_empty, wanted=not self.ordered)
        self.work.watch(now)
        if self.ordered or self.status not in states.WORKING:
            self.work.withdraw()
        if now < self._retry_at:
            return
        try:
            if now >= self._pulse.next_beat:
                self.look()
                self._pulse.beat(now)
            run = self.work.current
            text = run.output_to_show(now) if run is not None else None
            if run is not None and text is not None:
                self.store.write_output(run.claim, text)
            if self._look:
                self._distribute()
            self._advance(now)
            self._back_off = 0.0
        except Exception as error:
            if not self.connection.passes(error):
                raise
            self._rest(error)

    def look(self) -> None:
        """Look for tasks in the next turn."""
        self._look = self._look_assigned = True

    def _rest(self, error: Exception) -> None:
        """Try the database again later, on a new connection."""
        self._back_off = min(max(self._back_off * 2, 0.1), _MOST_BACK_OFF)
        self._retry_at = time.monotonic() + self._back_off
        self.look()
        self._pulse.after_trouble(self._retry_at)
        log.warning("worker %s: database: %s; again in %.1f s", self.name, str(error).strip(), self._back_off)
        self.connection.close()

    def _may_take(self) -> bool:
        return self._look and not self.ordered and self.status in states.WORKING

    def _advance(self, now: float) -> None:
        """Report what has ended and take what comes next, in one transaction."""
        to_report = now >= self.work.report_at()
        if not to_report and not self._has_work():
            return
        claims: list[Claim] = []
        kept: set[int] = set()
        # read now: what ends while the transaction lasts is reported by the next one
        reports, returned = self.work.reports(), list(self.work.returned)
        with self.store.transaction():
            if to_report:
                kept = self.store.report(reports)
                self.store.give_back(returned)
            room = self.work.room() if self._may_take() else 0
            if room:
                claims = self._claims(room)
        self.work.database_took(time.monotonic() - now)
        if to_report:
            self._settled(kept, returned)
        if claims:
            self.looked_in_vain = False
            self._worked_at = now
            self._pulse.empty_runs = 0
            self.work.begin(claims)
        elif not to_report:
            self._found_nothing(_RACE_PAUSE)  # another worker was quicker

    def _is_eager(self) -> bool:
        """Tell whether there is no reason to wait before the next turn."""
        return bool(self.work.is_empty and self._may_take() and self.work.room())

    def _has_work(self) -> bool:
        """Tell whether something may be taken, and is there to take."""
        return self._is_eager() and self._is_due()

    def _claims(self, room: int) -> list[Claim]:
        """Take at most `room` tasks, inside a transaction."""
        assigned = self._look_assigned or not self.connection.is_postgres
        return self.store.claim(self.name, self.shares.free, assigned, room)

    def _distribute(self) -> None:
        """Do what this worker has to do for the others, that they find tasks."""
        for group, weights in self.shares.mine.items():
            self.store.assign(group, weights, self.shares.given(group))

    def _is_due(self) -> bool:
        """Look, without locking anything, whether there is something to take, else when there will be."""
        groups = [*self.shares.free, *self.shares.mine]
        due = self.store.next_due(groups, self.name if self._look_assigned else None)
        wait = (due - self.store.now()).total_seconds() if due is not None else float("inf")
        if wait > 0:
            self._found_nothing(wait)
        return wait <= 0

    def _found_nothing(self, wait: float) -> None:
        """Look again in `wait` seconds, or when something happens before."""
        self._look = self._look_assigned = False
        self.looked_in_vain = True
        blind = not (self.connection.is_postgres or self.connection.is_sqlite)
        now = time.monotonic()
        often = _POLL_BUSY if now - self._worked_at < _BUSY_FOR else _POLL_EVERY
        self._next_due = now + (min(wait, often) if blind else wait)

    def _settled(self, kept: set[int], returned: list[Claim]) -> None:
        """Forget runs that were reported, and what was given back."""
        runs = self.work.settle()
        for run in runs:
            if run.claim.run_id in kept:
                self._pulse.count(run)
                self._notes.ended(run)
            else:
                log.warning(
                    "task %d: the run was taken back meanwhile and is not recorded", run.claim.task_id
                )
        self._ended(runs, returned)

    def _ended(self, runs: list[TaskRun], returned: list[Claim]) -> None:
        """Told of tasks that this worker has done with."""

    def _started(self) -> None:
        """Told when the worker's row is written."""

    # -- waiting -----------------------------------------------------------------------------

    def _wait(self) -> None:
        """Wait for whatever comes first: a message, a time, a change of the SQLite file."""
        if self._may_end():
            return
        end = self._next_event()
        polled = self.connection.is_sqlite and self.work.is_empty and time.monotonic() >= self._retry_at
        if polled and self.inbox.empty() and time.monotonic() < end:
            if self._file is not None:
                self._file.arm()  # before the look below: no write can come between unseen
            if self._file_changed():
                return
        elif self._file is not None:
            self._file.disarm()
        step = _LOOK_BESIDE if self._file is not None else _LOOK_EVERY
        while True:
            now = time.monotonic()
            if now >= end and self.inbox.empty():
                break
            left = max(end - now, 0.0)
            try:
                message = self.inbox.get(timeout=min(left, step) if polled else _bounded(left))
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
            self.look()

    def _next_event(self) -> float:
        at_database = min(self._pulse.next_beat, self._next_due, self.work.report_at())
        at_once = min(self.keeper.next_event(), self.work.next_event())
        if self._is_eager():
            at_database = 0.0
        return min(max(at_database, self._retry_at), at_once)

    def _file_changed(self) -> bool:
        """Tell whether somebody has written to the SQLite file; orders are then looked at too."""
        try:
            if not self.connection.changed():
                return False
            self._pulse.read_order()
        except Exception as error:
            if not self.connection.passes(error):
                raise
            self._rest(error)
            return True
        self.look()
        return True

    def _take_message(self, message: Message) -> None:
        if message.kind == "wake":
            self.look()
            self._pulse.hasten()
        elif message.kind == "order":
            self.ordered = states.KILL if self.ordered else message.values["status"]
        elif message.kind == "written":
            if self.work.is_empty:
                self._file_changed()
        elif self.keeper.is_from_current(message):
            self._hear_executor(message)

    def _hear_executor(self, message: Message) -> None:
        if message.kind == "ready":
            self.keeper.ready(message.values)
        elif message.kind == "refused":
            log.error("%s", message.values.get("text"))
        elif message.kind == "end":
            self.work.executor_lost(self.keeper.ended(), self._was_begun)
        elif message.kind == "begun":
            self.work.begun(message)
        elif message.kind == "limited":
            self.work.limited(message)
        elif message.kind == "output":
            self.work.printed(message.values.get("text", ""))
        elif message.kind == "done":
            self.work.done(message)
        elif message.kind == "died":
            self.work.died(message.values.get("code"))

    def _was_begun(self, run_id: int) -> bool:
        """Tell whether the executor has noted the begin of a run; True where it notes nothing."""
        try:
            noted = read_journal(self.settings.journal) if self.settings.journal else None
        except OSError:
            noted = None
        return noted is None or run_id in noted


def _bounded(seconds: float) -> float:
    """Return a wait the system accepts."""
    return min(max(seconds, 0.0), 3600.0)
