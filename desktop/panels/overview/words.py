"""Times, durations and numbers as the window says them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from desktop.processes.state import Fault

THIN_SPACE = "\N{THIN SPACE}"


def duration(seconds: float) -> str:
    """ "45 s", "3 min 4 s", "2 h 5 min", "3 days 4 h"; never more than two units."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole < 600 and whole % 60 else "")
    if whole < 86400:
        minutes = whole % 3600 // 60
        return f"{whole // 3600} h" + (f" {minutes} min" if minutes else "")
    days, hours = whole // 86400, whole % 86400 // 3600
    return f"{days} day{'s' if days > 1 else ''}" + (f" {hours} h" if hours else "")


def clock(moment: float) -> str:
    """Local time of day, "09:14"."""
    return time.strftime("%H:%M", time.localtime(moment))


def number(value: float, digits: int = 0) -> str:
    """A number with thin spaces between thousands."""
    return f"{value:,.{digits}f}".replace(",", THIN_SPACE)


def milliseconds(value: float) -> str:
    """ "14 ms" or, from ten seconds on, "12.4 s"."""
    if value >= 10_000:
        return f"{number(value / 1000, 1)} s"
    return f"{number(value, 1 if value < 1 else 0)} ms"


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 request", "3 requests"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def in_words(seconds: float) -> str:
    """One unit of a time ahead or behind: "12 s", "2 min", "20 h", "3 days"."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if whole >= size:
            count = whole // size
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{whole} s"


def age_words(seconds: float | None) -> str:
    """The age of a heartbeat: "1 s", "2 h"."""
    return "not known" if seconds is None else in_words(seconds)


def words_of_faults(faults: Sequence[Fault], field: str) -> tuple[str, str]:
    """What is said below the field of a setting, and in which tone; all warnings, but of faults the last."""
    mine = [fault for fault in faults if fault.field == field]
    wrong = [fault.sentence for fault in mine if not fault.warning]
    if wrong:
        return wrong[-1], "fault"
    return " ".join(fault.sentence for fault in mine), "hint"
