"""What a task prints (SCHED-45, SCHED-49)."""

from __future__ import annotations

CLEAR = "!clear!"
"""Printed by a task, it deletes what was printed before."""

MOST_OUTPUT = 4 * 1024 * 1024
"""Characters kept of one run; the beginning goes first."""


class Output:
    """The text of one run, as it grows."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._tail = ""

    def add(self, text: str) -> None:
        """Append what was printed; carry out ``!clear!``, also one that comes in two pieces."""
        window = self._tail + text
        self._tail = window[1 - len(CLEAR) :]
        if CLEAR in window:
            text = window.rpartition(CLEAR)[2]
            self._parts.clear()
            self._size = 0
        self._parts.append(text)
        self._size += len(text)
        if self._size > 2 * MOST_OUTPUT:
            self._keep(self.text)

    @property
    def text(self) -> str:
        """The text so far, at most `MOST_OUTPUT` characters of its end."""
        whole = "".join(self._parts)[-MOST_OUTPUT:]
        self._keep(whole)
        return whole

    def _keep(self, whole: str) -> None:
        self._parts[:] = [whole]
        self._size = len(whole)
