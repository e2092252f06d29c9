"""When a line of a crontab is due (CRON-02..05)."""

from __future__ import annotations

import datetime
import re

from croniter import CroniterError, croniter  # type: ignore[import-untyped]

SHORT_FORMS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
REBOOT = "@reboot"
MINUTE = 60
_FIELD = re.compile(r"(?:\d+|\*|[a-z]+|[,/-])+")
_NAMES = frozenset(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
     "sun", "mon", "tue", "wed", "thu", "fri", "sat")
)  # fmt: skip


class Schedule:
    """Five fields, a short form, or ``@reboot``.

    Both days given (of month and of week), one that fits is enough, as cron has it. Times are local:
    when clocks go forward, what falls into the gap runs right after it; when they go back, jobs of a
    fixed hour do not run twice.

    Args:
        text: the fields, with blanks between them.

    Raises:
        ValueError: it can not be read, or no date fits it ever.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at_start = text == REBOOT
        self._fields = SHORT_FORMS.get(text, text)
        if self.at_start:
            return
        fields = self._fields.split()
        if len(fields) != 5:
            raise ValueError(f"{text!r} has to be five fields, {REBOOT} or one of {', '.join(SHORT_FORMS)}")
        for field in fields:
            if not _FIELD.fullmatch(field) or not _NAMES.issuperset(re.findall("[a-z]+", field)):
                raise ValueError(f"the field {field!r} can not be read")
        self._fixed_hour = not fields[1].startswith("*")
        try:
            self.next_after(datetime.datetime(2000, 1, 1))  # local time
        except (CroniterError, ValueError, KeyError, IndexError) as error:
            raise ValueError(f"{text!r} can not be read: {error}") from None

    def __str__(self) -> str:
        return self.text

    def next_after(self, moment: datetime.datetime) -> datetime.datetime | None:
        """Return the first minute after `moment`, both local without zone; None for ``@reboot``."""
        if self.at_start:
            return None
        found: datetime.datetime = croniter(self._fields, moment.replace(fold=0)).get_next(datetime.datetime)
        return found

    def is_due(self, last: int, now: int) -> bool:
        """Tell whether a time of the schedule lies after the minute `last` and not after `now`.

        Args:
            last, now: minutes since 1970.
        """
        if self.at_start or now <= last:
            return False
        here, before = _local(now), _local(last)
        if here.fold and self._fixed_hour:
            return False
        if here <= before:  # the clock went back within the hour
            before = here - datetime.timedelta(minutes=1)
            if self._fixed_hour:
                return False
        following = self.next_after(before)
        return following is not None and following <= here


def _local(minute: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(minute * MINUTE)
