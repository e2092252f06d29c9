"""The tasks that a worker holds: the one that runs, those behind it, those that have ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from runtime.scheduler import states
from runtime.scheduler.executor import Message
from runtime.scheduler.keeper import ExecutorKeeper
from runtime.scheduler.memory import MemoryWatch
from runtime.scheduler.records import Claim, Outcome, Report
from runtime.scheduler.task_run import TaskRun

_AHEAD = 0.05  # seconds of work that are taken ahead, where the database answers at once
_MOST_AHEAD_TIME = 0.3  # the same, where it takes its time
_TRIPS = 3  # how many times as long as the database takes the executor has to have work for
_MOST_AHEAD = 32  # tasks taken ahead at most
_TOO_LONG = 0.1  # seconds after which those behind a slow task are given back
_GROUP_WITHIN = 0.01  # seconds that results may wait for others, while there is more to run
_SLOW = 1.0  # seconds a task is thought to last before one was seen


_CUT = Outcome(states.STOPPED, traceback="Stopped by order.")


class Workload:
    """What a worker has taken and not yet reported.

    Quick tasks are taken several at a time, so that the database is not
    asked about each; how many depends on how long the last ones took.

    Args:
        keeper: of the process that runs them.
    """

    def __init__(self, keeper: ExecutorKeeper) -> None:
        self._keeper = keeper
        self._runs: dict[int, TaskRun] = {}
        self._current: TaskRun | None = None
        self._pace = _SLOW
        self._trip = 0.0
        self._ended_at = float("inf")  # when the first unreported task has ended
        self.returned: list[Claim] = []
        """Taken, never begun, to be queued again."""

    @property
    def current(self) -> TaskRun | None:
        """The run that was begun and has not ended."""
        return self._current

    @property
    def is_empty(self) -> bool:
        """There is nothing to run, to report or to give back."""
        return not self._runs and not self.returned

    def task_ids(self) -> set[int]:
        """Return the tasks held."""
        return {run.claim.task_id for run in self._runs.values()} | {c.task_id for c in self.returned}

    def runs(self) -> list[TaskRun]:
        """Return the runs held."""
        return list(self._runs.values())

    def _unfinished(self) -> int:
        return sum(run.outcome is None for run in self._runs.values())

    def room(self) -> int:
        """Return how many tasks may be taken now."""
        if not self._keeper.is_ready():
            return 0
        unfinished = self._unfinished()
        lasts = time.monotonic() - self._current.begun_at if self._current is not None else 0.0
        time_ahead = min(max(_AHEAD, _TRIPS * self._trip), _MOST_AHEAD_TIME)
        pace = max(self._pace, lasts)
        # one beside the current one at least, so that a quick task never waits for the database
        ahead = max(1 + (pace < _TOO_LONG), min(int(time_ahead / pace), _MOST_AHEAD))
        waiting = unfinished - (self._current is not None)
        return max(min(ahead - unfinished, self._keeper.tasks_left() - waiting), 0)

    def database_took(self, seconds: float) -> None:
        """Note how long the last transaction has taken."""
        self._trip = 0.7 * self._trip + 0.3 * seconds

    def begin(self, claims: Iterable[Claim]) -> None:
        """Hand tasks to the executor."""
        executor = self._keeper.executor
        assert executor is not None  # `room` has seen it
        orders = []
        for claim in claims:
            self._runs[claim.run_id] = TaskRun(claim, executor)
            orders.append(claim.order())
        executor.feed(orders)

    # -- what the executor says --------------------------------------------------------------

    def begun(self, message: Message) -> None:
        """A task begins."""
        run = self._runs.get(message.values["run_id"])
        if run is not None:
            run.begin(message.values["at"])
            self._current = run

    def limited(self, message: Message) -> None:
        """The running task may take so much memory."""
        values, run = message.values, self._current
        if run is not None and run.claim.run_id == values["run_id"]:
            run.limit_memory(MemoryWatch(values["pid"], values["limit"], values["base"]))

    def printed(self, text: str) -> None:
        """The running task has printed something."""
        if self._current is not None:
            self._current.output.add(text)

    def done(self, message: Message) -> None:
        """A task has come to its end."""
        values = message.values
        run = self._runs.get(values.get("run_id", 0))
        if run is not None:
            run.done(Outcome(values["status"], values.get("result"), values.get("traceback")))
            if self._keeper.has_processes_for_tasks():
                run.end(_CUT)  # an order to end it came too late for the process, not for the record
            self._ended(run, values["at"])

    def died(self, code: int | None) -> None:
        """The process that ran the current task has ended."""
        run = self._current
        if run is not None:
            text = f"The process that ran the task ended by itself (exit code {code})."
            run.end(Outcome(states.STOPPED, traceback=text, counts_as=states.FAILED))
            self._ended(run, time.monotonic())
            self._pace = _SLOW

    def executor_lost(self, code: int | None, was_begun: Callable[[int], bool]) -> None:
        """The executor is gone: what it had not begun is given back.

        Args:
            code: its exit code.
            was_begun: tells of a run that the executor was given whether it came to begin it.
        """
        run = self._current
        if run is not None and not run.is_cut and not was_begun(run.claim.run_id):
            self._current = None  # it died with the task still in the pipe
        self.died(code)
        self._give_back(run for run in self.runs() if run.outcome is None)

    def _ended(self, run: TaskRun, at: float) -> None:
        if run.outcome is None:
            return  # it was cut, and the executor is on its way out
        self._ended_at = min(self._ended_at, at)
        if run is self._current:
            self._current = None
        lasted = max(at - run.begun_at, 1e-4)
        self._pace = max(lasted, 0.8 * self._pace + 0.2 * lasted)

    # -- orders ------------------------------------------------------------------------------

    def withdraw(self) -> None:
        """Take back from the executor what it has not begun."""
        executor = self._keeper.executor
        if executor is not None:
            ids = executor.withdraw()
            self._give_back(run for run in self.runs() if run.claim.run_id in ids)

    def _give_back(self, runs: Iterable[TaskRun]) -> None:
        for run in runs:
            del self._runs[run.claim.run_id]
            self.returned.append(run.claim)

    def stop(self, task_ids: set[int], outcome: Outcome) -> None:
        """Stop tasks, whether they have begun or not."""
        if any(run.claim.task_id in task_ids and run is not self._current for run in self._runs.values()):
            self.withdraw()  # a disabled task is not queued again
        if self._current is not None and self._current.claim.task_id in task_ids:
            self._current.cut(outcome)

    def watch(self, now: float) -> None:
        """End a task that takes too long or too much memory; give back what waits behind a slow one."""
        run = self._current
        if run is None:
            return
        if run.is_overdue(now):
            run.cut(Outcome(states.TIMEOUT))
        elif run.is_stuck(now):
            run.end(Outcome(states.STOPPED, traceback="It could not be ended."))
            self._ended(run, now)
            self._keeper.drop()
            self._give_back(one for one in self.runs() if one.outcome is None)
        else:
            run.look_at_memory(now)
        if len(self._runs) > 1 and now - run.begun_at > _TOO_LONG and self._unfinished() > 1:
            self.withdraw()

    def next_event(self) -> float:
        """Return when `watch` has something to do."""
        run = self._current
        if run is None:
            return float("inf")
        found = run.next_event()
        return min(found, run.begun_at + _TOO_LONG) if self._unfinished() > 1 else found

    # -- reports -----------------------------------------------------------------------------

    def report_at(self) -> float:
        """Return when the database has to be told something; infinite when there is nothing."""
        if self.returned:
            return 0.0
        if self._ended_at == float("inf"):
            return float("inf")
        return self._ended_at + _GROUP_WITHIN if self._unfinished() > 1 else 0.0

    def reports(self) -> list[Report]:
        """Return what has ended; runs that others have taken back are left out."""
        return [
            Report(run.claim, run.outcome, run.output.text)
            for run in self._runs.values()
            if run.outcome is not None and not run.given_up
        ]

    def settle(self) -> list[TaskRun]:
        """Forget what was reported and given back; returns the runs that had ended."""
        ended = [run for run in self._runs.values() if run.outcome is not None]
        for run in ended:
            del self._runs[run.claim.run_id]
        self.returned.clear()
        self._ended_at = float("inf")
        return ended
