"""In the child: the line to the window, and the clock that ends what takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from runtime.admin.inspector.problems import InspectorProblem
from runtime.scheduler.task_process import Pipe

_GRACE = 0.7  # seconds between the order to stop and the end of the process
_EXIT = 3


class Channel(Pipe):
    """The two ends of the line; orders to call a question off are taken out of turn.

    Args:
        most: bytes of one answer.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.on_cancel: Callable[[int], None] = lambda number: None
        super().__init__()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self._in:
                order = json.loads(line)
                if "cancel" in order:
                    self.on_cancel(int(order["cancel"]))
                else:
                    self.orders.put(order)
        os._exit(0)  # the window has gone, or wants this process to go

    def answer(self, number: int, answer: dict[str, Any]) -> None:
        """Send an answer.

        Raises:
            InspectorProblem: it is too long to be sent.
        """
        size = len(json.dumps(answer))
        if size > self.most:
            raise InspectorProblem(
                "output", f"The answer has {size // 1_000_000} MB; more than {self.most // 1_000_000} MB "
                "are not sent. Ask for less.",
            )  # fmt: skip
        self.say("answer", id=number, answer=answer)

    def fault(self, number: int, problem: InspectorProblem, last: bool = False) -> None:
        """Send what went wrong; `last`: this process ends now."""
        self.say("fault", id=number, fault=problem.as_dict(), last=last)


class Work:
    """The question under way: its time, and how to interrupt what it waits for.

    Args:
        channel: where faults go when the question does not end by itself.
        place_of: tells file and line of the application in a stack of frames.
    """

    def __init__(self, channel: Channel, place_of: Callable[[Any], tuple[str, int]]) -> None:
        self._channel, self._place_of = channel, place_of
        self._main = threading.get_ident()
        self._changed = threading.Condition()
        self.number = 0
        self._deadline = 0.0
        self._reason = ""
        self._loading = False
        self._limit = 0.0
        self.interrupts: list[Callable[[], object]] = []
        """Functions that interrupt what a database does."""
        channel.on_cancel = self._cancel
        threading.Thread(target=self._watch, name="hadron-clock", daemon=True).start()

    @property
    def reason(self) -> str:
        """``limit`` or ``cancelled`` once the question was told to end, else nothing."""
        return self._reason

    def begin(self, number: int, limit: float, loading: bool = False) -> None:
        """Start the clock; a `limit` of 0 means no limit."""
        with self._changed:
            self.number, self._limit, self._loading = number, limit, loading
            self._reason = ""
            self._deadline = time.monotonic() + limit if limit else 0.0
            self._changed.notify()

    def end(self) -> None:
        """Stop the clock."""
        with self._changed:
            self.number, self._deadline, self._reason = 0, 0.0, ""
            self._changed.notify()

    def check(self) -> None:
        """End the question if it was told to.

        Raises:
            InspectorProblem: it was.
        """
        if self._reason:
            raise self.problem()

    def problem(self) -> InspectorProblem:
        """Return why the question ends."""
        if self._reason == "cancelled":
            return InspectorProblem("cancelled", "The question was called off.")
        return InspectorProblem("limit", f"There was no answer within {self._limit:g} s.")

    def progress(self, **values: Any) -> None:
        """Report progress, and end when told to."""
        self.check()
        self._channel.say("progress", id=self.number, progress=values)

    def _cancel(self, number: int) -> None:
        with self._changed:
            if number == self.number:
                self._stop("cancelled")
                self._changed.notify()

    def _stop(self, reason: str) -> None:
        self._reason = reason
        self._deadline = time.monotonic() + _GRACE
        for interrupt in list(self.interrupts):
            with contextlib.suppress(Exception):
                interrupt()

    def _watch(self) -> None:
        while True:
            with self._changed:
                if not self._deadline:
                    self._changed.wait()
                    continue
                left = self._deadline - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                if not self._reason and not self._loading:
                    self._stop("limit")
                    continue
                self._give_up()

    def _give_up(self) -> None:
        """Say where the main thread hangs, and end the process."""
        frame = sys._current_frames().get(self._main)
        file, line = self._place_of(frame)
        if self._loading and not self._reason:
            at = f" They are at {file}, line {line}." if file else ""
            problem = InspectorProblem(
                "hang", f"The models did not end within {self._limit:g} s.{at}", file=file, line=line
            )
        else:
            problem = self.problem()
            problem.file, problem.line = file, line
        self._channel.fault(self.number, problem, last=True)
        os._exit(_EXIT)
