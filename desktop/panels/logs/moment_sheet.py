"""Asks for the moment in the logs to go to (LG-05)."""

from __future__ import annotations

import re
import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.theme import Theme
from desktop.widgets.fields import Labelled
from desktop.widgets.sheets import Sheet

_MOMENT = re.compile(
    r"(?:(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+|$))?(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d*)?)?)?", re.ASCII
)
_SPANS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_AGO = re.compile(r"(\d{1,6})\s*(s|min|h|d)(?:\s+ago)?", re.ASCII)
LONGEST = 30  # letters of what was typed that are repeated
EXAMPLES = "11:19, 2026-11-20 11:19:01, or 20 min ago"


def moment_in(text: str, now: float) -> float | None:
    """The moment that a person means, in seconds since 1970; None where the text is none.

    A time of day that is still to come is that of yesterday, a day alone begins at midnight.
    """
    text = text.strip()
    ago = _AGO.fullmatch(text)
    if ago:
        return now - int(ago[1]) * _SPANS[ago[2]]
    found = _MOMENT.fullmatch(text)
    if not text or found is None:
        return None
    today = time.localtime(now)
    year, month, day = (int(part) for part in found.groups()[:3]) if found[1] else today[:3]
    hour, minute, second = (int(part or 0) for part in found.groups()[3:])
    try:
        time.strptime(f"{year} {month} {day} {hour} {minute} {second}", "%Y %m %d %H %M %S")
        moment = time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
        if not found[1] and moment > now:
            moment = time.mktime((year, month, day - 1, hour, minute, second, 0, 0, -1))
    except (ValueError, OverflowError):
        return None
    return moment


class MomentSheet(Sheet):
    """A field for a time.

    Args:
        text: what stands in the field at first.

    Signals:
        given(float): the moment, in seconds since 1970.
    """

    given = Signal(float)

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "logs.moment", "Go to a moment", f"As {EXAMPLES}.", parent)
        self.field = QLineEdit(text)
        self.field.setObjectName("logs.moment.field")
        self.field.selectAll()
        self._labelled = Labelled(theme, "Time, or day and time", self.field)
        self.column.addWidget(self._labelled)
        self.add_verbs("Go there").clicked.connect(self.give)
        self.field.returnPressed.connect(self.give)
        self.field.setFocus()

    def give(self) -> None:
        """Takes the moment, or says what is wrong with it."""
        moment = moment_in(self.field.text(), time.time())
        if moment is None:
            self._labelled.say(f"“{self.field.text()[:LONGEST]}” is no time.")
            self.adjustSize()
            self.field.setFocus()
            return
        self.given.emit(moment)
        self.accept()
