"""Running pieces of foreign code beside the request, each for a bounded time (ERR-08)."""

from __future__ import annotations

import ctypes
import itertools
import threading
import time
from collections.abc import Callable, Sequence

ONE_SECONDS, ALL_SECONDS = 0.15, 0.6
"""Longest time of one piece and of all together; what is not ready by then is left out."""
MOST_STUCK = 8
"""Threads that hang in foreign code at the same time; beyond that no foreign code is run any more."""

_STUCK: set[threading.Thread] = set()


class _TimeUp(BaseException):
    """Ends foreign code that runs for too long; no `Exception`, so that it is not caught there."""


class _Worker(threading.Thread):
    """Runs pieces from a shared counter until none is left or its time is up."""

    def __init__(self, pieces: Sequence[Callable[[], None]], numbers: itertools.count[int]) -> None:
        super().__init__(name="ticket-values", daemon=True)
        self._pieces, self._numbers = pieces, numbers
        self.began = time.monotonic()
        self.given_up = False
        self.ended = threading.Event()

    def run(self) -> None:
        try:
            while not self.given_up and (number := next(self._numbers)) < len(self._pieces):
                self.began = time.monotonic()
                self._pieces[number]()
        except _TimeUp:
            pass
        finally:
            _STUCK.discard(self)
            self.ended.set()

    def give_up(self) -> None:
        """Leave the thread behind and interrupt it as soon as it runs Python code again."""
        self.given_up = True
        _STUCK.add(self)
        if self.ended.is_set():
            _STUCK.discard(self)
        elif self.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(_TimeUp))


def run_bounded(
    pieces: Sequence[Callable[[], None]], one: float | None = None, every: float | None = None
) -> bool:
    """Run `pieces` in order in another thread; tell whether all of them ended.

    A piece that takes longer than `one` seconds (`ONE_SECONDS`) is left behind and the next one begins; after
    `every` seconds (`ALL_SECONDS`) the rest is dropped. A loop of Python code is ended then; code that never
    comes back from a call into the system keeps its thread, of which there are `MOST_STUCK` at most.
    """
    if len(_STUCK) >= MOST_STUCK:
        return False
    one = ONE_SECONDS if one is None else one
    deadline = time.monotonic() + (ALL_SECONDS if every is None else every)
    numbers, complete = itertools.count(), True
    while True:
        worker = _Worker(pieces, numbers)
        worker.start()
        while not worker.ended.wait(max(0.001, min(worker.began + one, deadline) - time.monotonic())):
            now = time.monotonic()
            if now >= deadline or now >= worker.began + one:
                break
        else:
            return complete
        complete = False
        worker.give_up()
        if time.monotonic() >= deadline:
            return False
