"""When a task runs next (SCHED-27..30, SCHED-37)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from runtime.scheduler.states import COMPLETED, FAILED, QUEUED, TIMEOUT

_SMALLEST_DIFFERENCE = datetime.timedelta(milliseconds=250)


def current_time(utc: bool) -> datetime.datetime:
    """Return the time as the tables hold it: without zone, local or UTC (SCHED-13)."""
    now = datetime.datetime.now(datetime.UTC) if utc else datetime.datetime.now()
    return now.replace(tzinfo=None)


class Clock:
    """The time as the tables hold it, by the clock of the database where that has one (SCHED-13).

    Machines that share a database may disagree about the time; what is due
    is decided by the one clock they all see.

    Args:
        utc: whether times are UTC; else they are local to this machine's time zone.
    """

    def __init__(self, utc: bool = False) -> None:
        self.utc = utc
        self.ahead = datetime.timedelta(0)
        """How far the database's clock is ahead of this machine's."""

    def now(self) -> datetime.datetime:
        """Return the time."""
        return current_time(self.utc) + self.ahead

    def compare(self, database: datetime.datetime) -> None:
        """Take the database's time, in UTC without zone, for the right one."""
        ahead = database - current_time(utc=True)
        # what the way there and back takes is no difference
        self.ahead = ahead if abs(ahead) >= _SMALLEST_DIFFERENCE else datetime.timedelta(0)


def next_cron_time(cronline: str, after: datetime.datetime) -> datetime.datetime:
    """Return the first time behind `after` that a cron expression names (SCHED-37).

    Raises:
        ValueError: the expression is wrong, or names no time at all.
    """
    from croniter import croniter  # type: ignore[import-untyped]  # late: few tasks use it

    if not croniter.is_valid(cronline):
        raise ValueError(f"{cronline!r} is no cron expression")
    found: datetime.datetime = croniter(cronline, after).get_next(datetime.datetime)
    return found


@dataclass(frozen=True)
class Plan:
    """What a task says about repeating itself.

    Attributes:
        started: start of the run in question.
        start_time: the time that `prevent_drift` counts from.
        period: seconds from start to start.
        repeats: how many runs have to complete, 0 without end.
        retry_failed: failures in a row that are tried again, -1 without end.
        times_run, times_failed: counts before the run.
    """

    started: datetime.datetime
    start_time: datetime.datetime | None
    period: int
    prevent_drift: bool
    cronline: str | None
    repeats: int
    retry_failed: int
    times_run: int
    times_failed: int


@dataclass(frozen=True)
class Next:
    """A task's state after a run."""

    status: str
    next_run_time: datetime.datetime
    times_run: int
    times_failed: int


def next_run_time(plan: Plan, now: datetime.datetime) -> datetime.datetime:
    """Return when the run after this one is due."""
    if plan.cronline:
        return next_cron_time(plan.cronline, now)
    period = datetime.timedelta(seconds=max(plan.period, 0))
    if plan.prevent_drift and period and plan.start_time is not None:
        passed = (now - plan.start_time) // period
        return plan.start_time + (max(passed, 0) + 1) * period
    return plan.started + period


def after_run(plan: Plan, status: str, now: datetime.datetime) -> Next:
    """Return the state of a task after a run that ended with `status`."""
    due = next_run_time(plan, now)
    if status == COMPLETED:
        times_run = plan.times_run + 1
        again = plan.repeats == 0 or times_run < plan.repeats
        return Next(QUEUED if again else COMPLETED, due, times_run, 0)
    if status in (FAILED, TIMEOUT):
        again = plan.retry_failed == -1 or plan.times_failed < plan.retry_failed
        return Next(QUEUED if again else status, due, plan.times_run, plan.times_failed + 1)
    return Next(status, due, plan.times_run, plan.times_failed)
