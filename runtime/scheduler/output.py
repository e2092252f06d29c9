"""What a task prints (SCHED-45, SCHED-49)."""

from __future__ import annotations

CLEAR = "!clear!"
"""Printed by a task, it deletes what was printed before."""

MOST_OUTPUT = 4 * 1024 * 1024
"""Characters kept of one run; the beginning goes first."""


class Output:
    """The text of one run, as it grows."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, text: str) -> None:
        """Append what was printed; carry out ``!clear!``."""
        whole = self.text + text
        if CLEAR in whole:
            whole = whole.rpartition(CLEAR)[2]
        if len(whole) > MOST_OUTPUT:
            whole = whole[-MOST_OUTPUT:]
        self.text = whole
