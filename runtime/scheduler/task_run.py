"""The task that a worker's executor runs, seen from the worker."""

from __future__ import annotations

import time

from runtime.scheduler import states
from runtime.scheduler.executor import Executor
from runtime.scheduler.memory import LOOK_EVERY, MEGABYTE, MemoryWatch
from runtime.scheduler.output import Output
from runtime.scheduler.records import Claim, Outcome

KILL_PATIENCE = 3.0
"""Seconds until a killed executor has to be gone."""


class TaskRun:
    """One run: its times, its output, how it ends.

    Attributes:
        claim: the task.
        output: what it has printed.
        outcome: how it ended; None while it runs.
        begun_at: monotonic seconds; infinite while it waits for its turn.
        given_up: others have taken it back: nothing is to be reported.
    """

    def __init__(self, claim: Claim, executor: Executor) -> None:
        self.claim = claim
        self.output = Output()
        self.outcome: Outcome | None = None
        self.given_up = False
        self.begun_at = float("inf")
        self._executor = executor
        self._deadline = self._sync_at = self._memory_at = float("inf")
        self._memory: MemoryWatch | None = None
        self._shown = ""
        self._ending: Outcome | None = None
        self._killed = 0.0

    def begin(self, at: float) -> None:
        """The executor has begun it at `at` seconds."""
        self.begun_at = at
        if self.claim.timeout > 0:
            self._deadline = at + self.claim.timeout
        if self.claim.sync_output > 0:
            self._sync_at = at + self.claim.sync_output

    def next_event(self) -> float:
        """Return when there is something to do without a message from the executor."""
        if self.outcome is not None:
            return 0.0
        if self._ending is not None:
            return min(self._killed + KILL_PATIENCE, self._sync_at)
        return min(self._deadline, self._memory_at, self._sync_at)

    def limit_memory(self, watch: MemoryWatch) -> None:
        """The executor has told how much memory it may take."""
        self._memory, self._memory_at = watch, time.monotonic() + LOOK_EVERY

    def look_at_memory(self, now: float) -> None:
        """Cut it when it takes more memory than it may; looks only when it is time to."""
        if now < self._memory_at or self._memory is None or self._ending is not None:
            return
        self._memory_at = now + LOOK_EVERY
        taken = self._memory.excess()
        if taken is not None:
            limit = self._memory.limit / MEGABYTE
            text = f"MemoryError: the task took {taken / MEGABYTE:.0f} MB, its memory_limit is {limit:g} MB"
            self.cut(Outcome(states.FAILED, traceback=text))

    def cut(self, outcome: Outcome) -> None:
        """Kill the process; `outcome` counts once the output has arrived."""
        if self._ending is None and self.outcome is None and self._executor.cut(self.claim.run_id):
            self._ending, self._killed = outcome, time.monotonic()

    @property
    def is_cut(self) -> bool:
        """It was ordered to end."""
        return self._ending is not None

    def is_overdue(self, now: float) -> bool:
        """Tell whether the task takes longer than it may (SCHED-26)."""
        return self.outcome is None and self._ending is None and now >= self._deadline

    def is_stuck(self, now: float) -> bool:
        """Tell whether the killed process does not go: something of the task holds its pipe open."""
        return self.outcome is None and self._ending is not None and now >= self._killed + KILL_PATIENCE

    def end(self, by_itself: Outcome) -> None:
        """The process is gone: the task ended as ordered, or by itself."""
        if self.outcome is None:
            self.outcome = self._ending or by_itself

    def done(self, outcome: Outcome) -> None:
        """The task has come to its end; an order to cut it that came first goes before."""
        if self._ending is None:
            self.outcome = outcome

    def output_to_show(self, now: float) -> str | None:
        """Return the output when it is time to show it (SCHED-48), else None."""
        if now < self._sync_at or self.outcome is not None:
            return None
        self._sync_at = now + self.claim.sync_output
        text = self.output.text
        if text == self._shown:
            return None
        self._shown = text
        return text
