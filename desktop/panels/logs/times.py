"""When lines of logs were written, in the way the person chose (UI-LG-08)."""

from __future__ import annotations

import time

from runtime.admin.logs import Record

FULL, CLOCK, UTC, SINCE = "full", "clock", "utc", "since"
WAYS: tuple[tuple[str, str], ...] = (
    (FULL, "Date and time"),
    (CLOCK, "Time of day"),
    (UTC, "UTC"),
    (SINCE, "Since the line before"),
)
"""Ways to tell a time, and their names."""
SAMPLES = {
    FULL: "2026-11-20 11:19:01.204",
    CLOCK: "20 Nov 11:19:01.204",
    UTC: "2026-11-20 10:19:01.204Z",
    SINCE: "+23 h 59 min 59 s",
}
"""The longest that each way says, for the width of the column."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def time_words(record: Record, way: str, before: Record | None = None) -> str:
    """When a record was written; as it stands in the log where that is not known any better.

    Args:
        way: one of those of `WAYS`.
        before: the record that is shown above it; None for the first.
    """
    if not record.moment or way == FULL:
        return record.time
    if way == CLOCK:
        return _clock(record)
    if way == UTC:
        return _utc(record)
    return _since(record.moment - before.moment) if before is not None and before.moment else _clock(record)


def whole_time(record: Record) -> str:
    """Local time and UTC."""
    return (
        f"{record.time} here\n{_utc(record)} UTC".replace("Z UTC", " UTC") if record.moment else record.time
    )


def _clock(record: Record) -> str:
    day, _, clock = record.time.partition(" ")
    if day == time.strftime("%Y-%m-%d"):
        return clock
    return f"{int(day[8:])} {MONTHS[int(day[5:7]) - 1]} {clock}"


def _utc(record: Record) -> str:
    whole = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(record.moment))
    _, point, fraction = record.time.partition(".")
    return f"{whole}{point}{fraction}Z"


def _since(seconds: float) -> str:
    if abs(seconds) < 60:
        return f"{seconds:+.3f} s".replace("-", "\N{MINUS SIGN}")
    sign = "+" if seconds > 0 else "\N{MINUS SIGN}"
    minutes, rest = divmod(round(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{sign}{minutes} min {rest} s"
    days, hours = divmod(hours, 24)
    return f"{sign}{days} d {hours} h" if days else f"{sign}{hours} h {minutes} min {rest} s"
