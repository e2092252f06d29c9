"""When a task runs, in words and as the next times (UI-SC-05, UI-SC-07)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from runtime.foundation.problems import UserError

_UNITS = ((604800, "week"), (86400, "day"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True)
class Schedule:
    """What a task says about its times.

    Attributes:
        next_run: its next time, without zone, as the tables hold it; None when none is planned.
        period: seconds from start to start.
        repeats: runs in all, 0 without end.
        times_run: runs that have completed.
        cronline: instead of `period`.
        stop_time: not after this.
        start_time, prevent_drift: starts in whole periods from `start_time`.
    """

    next_run: datetime.datetime | None
    period: int = 60
    repeats: int = 1
    times_run: int = 0
    cronline: str = ""
    stop_time: datetime.datetime | None = None
    start_time: datetime.datetime | None = None
    prevent_drift: bool = False


def next_times(schedule: Schedule, count: int = 5) -> list[datetime.datetime]:
    """Return the next times, the first of them `next_run`, as far as they can be known.

    Raises:
        UserError: the cron expression is none.
    """
    if schedule.next_run is None:
        return []
    left = schedule.repeats - schedule.times_run if schedule.repeats else count
    found: list[datetime.datetime] = []
    moment = schedule.next_run
    while len(found) < min(count, max(left, 0)):
        if schedule.stop_time is not None and moment > schedule.stop_time:
            break
        found.append(moment)
        following = _following(schedule, moment)
        if following is None:
            break
        moment = following
    return found


def first_time(cronline: str, now: datetime.datetime) -> datetime.datetime:
    """Return the first time behind `now` that a cron expression names.

    Raises:
        UserError: it is none.
    """
    from runtime.scheduler.timing import next_cron_time  # late: few look at times

    try:
        return next_cron_time(cronline, now)
    except (TypeError, ValueError, AttributeError):
        raise UserError(
            f"{cronline!r} is no cron expression. Five fields: minute hour day month weekday, "
            "for example */5 * * * *."
        ) from None


def _following(schedule: Schedule, moment: datetime.datetime) -> datetime.datetime | None:
    if schedule.cronline:
        return first_time(schedule.cronline, moment)
    if schedule.period <= 0:
        return None
    period = datetime.timedelta(seconds=schedule.period)
    try:
        if schedule.prevent_drift and schedule.start_time is not None:
            passed = (moment - schedule.start_time) // period
            return schedule.start_time + (max(passed, 0) + 1) * period
        return moment + period
    except OverflowError:
        return None


def words_of(period: int, repeats: int, times_run: int, cronline: str) -> str:
    """ "every 5 min, no end", "every day, 3 of 10 runs", "once", "cron 0 7 * * 1-5, no end"."""
    if repeats == 1:
        return f"once, at {cronline}" if cronline else "once"
    often = f"cron {cronline}" if cronline else f"every {span_words(period)}"
    if not cronline and period <= 0:
        often = "at once again"
    return f"{often}, {f'{min(times_run, repeats)} of {repeats} runs' if repeats else 'no end'}"


def span_words(seconds: int) -> str:
    """ "5 min", "day", "2 days", "1 h 30 min"; a day or week alone is not counted."""
    parts = []
    rest = seconds
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            word = f"{unit}s" if unit in ("week", "day") and count > 1 else unit
            parts.append(f"{count} {word}")
    if parts in (["1 week"], ["1 day"]):
        return parts[0][2:]
    return " ".join(parts[:2]) or "0 s"
