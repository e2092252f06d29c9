"""States, times and numbers of the scheduler as the window says them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from desktop.panels.overview.words import clock, duration, in_words
from runtime.admin.scheduler.entries import TaskEntry

STATE_WORDS = {
    "queued": "queued",
    "assigned": "assigned",
    "running": "running",
    "completed": "completed",
    "failed": "failed",
    "timeout": "time-out",
    "stopped": "stopped",
    "expired": "expired",
    "disabled": "disabled",
    "late": "late",
    "blocked": "waits for others",
    "gone": "gone",
}
CHIP_ORDER = (
    "queued", "running", "completed", "failed", "late", "assigned", "timeout", "stopped", "expired",
    "disabled",
)  # fmt: skip
RUN_CHIPS = ("running", "completed", "failed", "timeout", "stopped")

_TOKENS = {"timeout": "time_out", "blocked": "queued", "gone": "expired"}
DAY = 86400.0
DASH = "-"


def token_of(state: str) -> str:
    """Name of a state in the tokens of shapes and colours."""
    return _TOKENS.get(state, state) if state in STATE_WORDS else "queued"


def span(seconds: float | None) -> str:
    """ "12 s", "3 min 4 s"; the tables know whole seconds, so less than one is "under 1 s"."""
    if seconds is None:
        return ""
    return "under 1 s" if seconds < 1 else duration(seconds)


def next_words(task: TaskEntry, now: float) -> str:
    """ "now", "in 2 min", "12 s late", or a dash where nothing is planned."""
    if task.state in ("running", "assigned"):
        return "now"
    if task.next_run is None:
        return DASH
    if task.state == "late":
        return f"{in_words(now - task.next_run)} late"
    if task.blocked:
        return "after others"
    return f"in {in_words(task.next_run - now)}" if task.next_run > now + 1 else "now"


def last_words(task: TaskEntry, now: float) -> str:
    """ "11:15, 12 s", "2 days ago", "1 Oct, 12 min", "never"."""
    if task.last_run is None:
        return "never"
    took = f", {span(task.last_seconds)}" if task.last_seconds is not None else ""
    return f"{day_or_time(task.last_run, now)}{took}"


def day_or_time(moment: float, now: float) -> str:
    """The time of a moment of today, else how many days ago, else its day."""
    then, today = datetime.fromtimestamp(moment), datetime.fromtimestamp(now)
    days = (today.date() - then.date()).days
    if days <= 0:
        return clock(moment)
    if days < 7:
        return f"{days} day{'s' if days > 1 else ''} ago"
    month = then.strftime("%b")
    return f"{then.day} {month}" if then.year == today.year else f"{then.day} {month} {then.year}"


def moment_words(moment: float | None, now: float) -> str:
    """A coming time: "11:25", or with its day when it is not today."""
    if moment is None:
        return DASH
    then = datetime.fromtimestamp(moment)
    if then.date() == datetime.fromtimestamp(now).date():
        return clock(moment)
    return f"{then.day} {then.strftime('%b')} {clock(moment)}"


def exact(moment: float | None, utc: bool) -> str:
    """Date and time to the second in the local zone, and as the table holds it where that differs (SC-23)."""
    if moment is None:
        return ""
    local = datetime.fromtimestamp(moment).astimezone()
    words = f"{local:%Y-%m-%d %H:%M:%S} {zone_name(moment)}"
    if utc and local.utcoffset():
        stored = datetime.fromtimestamp(moment, UTC)
        words += f"; stored as {stored:%Y-%m-%d %H:%M:%S} UTC"
    return words


def zone_name(moment: float) -> str:
    """Name of the local zone at a moment, as the system writes it."""
    return time.strftime("%Z", time.localtime(moment)) or "local time"
