"""`prettydate`: how long ago something was, in words."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from runtime.foundation.current import current

_UNITS = (
    (31_536_000, "1 year ago", "%d years ago", "1 year from now", "%d years from now"),
    (2_592_000, "1 month ago", "%d months ago", "1 month from now", "%d months from now"),
    (604_800, "1 week ago", "%d weeks ago", "1 week from now", "%d weeks from now"),
    (86_400, "1 day ago", "%d days ago", "1 day from now", "%d days from now"),
    (3_600, "1 hour ago", "%d hours ago", "1 hour from now", "%d hours from now"),
    (60, "1 minute ago", "%d minutes ago", "1 minute from now", "%d minutes from now"),
    (2, "", "%d seconds ago", "", "%d seconds from now"),
)
"""Seconds of each unit, and its texts: one and many, past and future."""


def prettydate(d: Any, T: Callable[[str], Any] | None = None, utc: bool = False) -> Any:
    """Return how long before or after now `d` is, as ``"2 hours ago"``.

    Args:
        d: a time or day; None gives an empty text, anything else ``[invalid date]``.
        T: translator of the texts; that of the running request by default.
        utc: `d` is in UTC instead of local time. A time with a zone needs no such hint.
    """
    translate = T or getattr(current, "T", None) or str
    if not d:
        return ""
    if isinstance(d, datetime.datetime):
        if d.tzinfo is not None:
            d, utc = d.astimezone(datetime.UTC).replace(tzinfo=None), True
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) if utc else datetime.datetime.now()
        seconds = int((now - d).total_seconds())
    elif isinstance(d, datetime.date):
        seconds = (datetime.date.today() - d).days * 86_400
    else:
        return "[invalid date]"
    return _in_words(seconds, translate)


def _in_words(seconds: int, translate: Callable[[str], Any]) -> Any:
    past, size = seconds >= 0, abs(seconds)
    for unit, one_ago, many_ago, one_ahead, many_ahead in _UNITS:
        count = size // unit if unit > 2 else size
        if size < unit:
            continue
        if count == 1:
            return translate(one_ago if past else one_ahead)
        text = str(translate(many_ago if past else many_ahead))
        return text % count
    return translate("now")
