"""Work that waits until the answer is on its way, so that its time tells the visitor nothing (ERR-04).

The work runs in threads of the process, in the environment of the request that asked for it, in a
transaction of its own. It is tried again when it could not be done, and what fails for good makes a ticket.
At the end of the process each waiting piece gets its last try; what is kept on the disk waits there for the
next process.
"""

from __future__ import annotations

import atexit
import heapq
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from runtime import dal
from runtime.errors import record_error
from runtime.foundation.current import current

logger = logging.getLogger("web2py.afterwards")

RETRIES = (10.0, 60.0, 300.0)
"""Seconds until each further try."""
MOST = 500
"""Pieces of work that may wait in memory alone; more are refused."""
THREADS = 2
LAST_SECONDS = 10.0
"""Longest time that the end of the process waits for what was not done yet."""


class TryAgain(Exception):  # it is no error until the last try
    """Raised by work that may be done later; its text is the reason."""


class Work:
    """What is to be done; made for one piece of work.

    Attributes:
        what: name for logs.
        kept: it is on the disk: it outlives the process, and is bounded by what keeps it.
        tries: how often it was put off until now.
    """

    what = "work"
    kept = False
    tries = 0

    def do(self) -> None:
        """Do it.

        Raises:
            TryAgain: it may be done later: three more times within some minutes.
            Exception: it failed for good.
        """
        raise NotImplementedError

    def postponed(self, seconds: float) -> None:
        """Learn that it is tried again in `seconds`."""

    def failed(self) -> None:
        """Learn that it failed for good; the ticket is written."""

    def abandoned(self) -> None:
        """Learn that it is not to be done: the request that asked for it was rolled back."""


class _Call(Work):
    """A function as work."""

    def __init__(self, function: Callable[[], None], what: str) -> None:
        self._function, self.what = function, what

    def do(self) -> None:
        self._function()


class _Piece:
    """One piece of work with the environment that it needs; by default that of the running request."""

    def __init__(self, work: Work, application: str = "", folder: str = "") -> None:
        self.work, self.application, self.folder = work, application, folder
        self.environment: dict[str, Any] = {}
        if not application:
            request = current.request
            self.application, self.folder = str(request.application), str(request.folder)
            self.environment = {n: value for n, value in vars(current).items() if not n.startswith("_")}

    def run(self) -> BaseException | None:
        """Do the work; return why it failed."""
        current._begin(**self.environment)
        dal.begin_request(f"{self.folder}databases")
        done = False
        try:
            self.work.do()
            dal.finish(commit=True)
            done = True
        except BaseException as error:  # HTTP and SystemExit too must not end the thread
            return error
        finally:
            if not done:
                dal.finish(commit=False)
            current._begin()
        return None

    def give_up(self, error: BaseException) -> None:
        """Let people know: a ticket of the application, a line in the log."""
        number = "its application is gone"
        if os.path.isdir(self.folder):  # a ticket would bring its folder back
            number, _ = record_error(self.folder, self.application, error, statements=dal.statements)
        logger.error("%s of %s was not done (%s): %s", self.work.what, self.application, number, error)
        self._tell(self.work.failed)

    def postpone(self, error: BaseException) -> float | None:
        """Return the seconds until the next try; None when there is none."""
        work = self.work
        if not isinstance(error, TryAgain) or work.tries >= len(RETRIES):
            return None
        pause = RETRIES[work.tries]
        work.tries += 1
        logger.warning("%s of %s is tried again in %g s: %s", work.what, self.application, pause, error)
        self._tell(lambda: work.postponed(pause))
        return pause

    def _tell(self, hook: Callable[[], None]) -> None:
        try:
            hook()
        except Exception:  # a full disk must not end the thread
            logger.exception("%s of %s could not be noted", self.work.what, self.application)


class Afterwards:
    """The pieces of work of one process, and the threads that do them; a forked process begins with none."""

    def __init__(self) -> None:
        self._begin_empty()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_empty)

    def _begin_empty(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, _Piece]] = []
        self._running: set[_Piece] = set()
        self._numbers = itertools.count()
        self._threads = 0
        self._closing = False

    def add(self, pieces: list[_Piece], delay: float = 0.0) -> None:
        """Take pieces of work; those that find no place any more are told in the log.

        Args:
            pieces: the work.
            delay: seconds until its first try.
        """
        with self._changed:
            for piece in pieces:
                if len(self._waiting) >= MOST and not piece.work.kept:
                    logger.error(
                        "%s of %s was not done: too much is waiting", piece.work.what, piece.application
                    )
                    continue
                heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._numbers), piece))
            self._begin_threads()
            self._changed.notify_all()

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is to be done now; tell whether it came to that within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running and self._next_due() is None, seconds)

    def close(self, seconds: float = LAST_SECONDS) -> bool:
        """Try once more what waits, and take it as failed else; tell whether all ended within `seconds`.

        What is kept on the disk stays there when it can not be done now.
        """
        with self._changed:
            self._closing = True
            try:
                self._begin_threads()
                self._changed.notify_all()
                ended = self._changed.wait_for(lambda: not self._running and not self._waiting, seconds)
                left = [piece for _, _, piece in self._waiting] + list(self._running)
                self._waiting.clear()
            finally:
                self._closing = False
        for piece in left:
            if not piece.work.kept:
                logger.error("%s of %s was not done: the server ended", piece.work.what, piece.application)
        return ended

    def _begin_threads(self) -> None:
        while self._threads < min(THREADS, len(self._waiting)):
            self._threads += 1
            threading.Thread(target=self._serve, name="hadron-afterwards", daemon=True).start()

    def _next_due(self) -> _Piece | None:
        """Return the piece whose time has come."""
        if self._waiting and (self._closing or self._waiting[0][0] <= time.monotonic()):
            return self._waiting[0][2]
        return None

    def _serve(self) -> None:
        while (piece := self._take()) is not None:
            error = piece.run()
            pause = None if error is None else self._after_failure(piece, error)
            with self._changed:
                self._running.discard(piece)
                if pause is not None:
                    heapq.heappush(self._waiting, (time.monotonic() + pause, next(self._numbers), piece))
                self._changed.notify_all()

    def _take(self) -> _Piece | None:
        """Wait for a piece whose time has come; None when there is nothing left: the thread ends."""
        with self._changed:
            while self._waiting:
                piece = self._next_due()
                if piece is not None:
                    heapq.heappop(self._waiting)
                    self._running.add(piece)
                    return piece
                self._changed.wait(max(0.0, self._waiting[0][0] - time.monotonic()))
            self._threads -= 1
            self._changed.notify_all()
            return None

    def _after_failure(self, piece: _Piece, error: BaseException) -> float | None:
        """Return the seconds until the next try; None when there is none in this process."""
        if self._closing:
            if piece.work.kept and isinstance(error, TryAgain):
                return None  # the next process goes on; this try does not count
            piece.give_up(error)
            return None
        pause = piece.postpone(error)
        if pause is None:
            piece.give_up(error)
        return pause


afterwards = Afterwards()
atexit.register(afterwards.close)


def after_answer(work: Work | Callable[[], None], what: str = "work") -> None:
    """Do `work` once the transaction of the running request is committed; at once outside of a request.

    What it needs of the request it finds in `current`, and DAL objects of the request work; the answer must
    not use them any more: no stream that reads from a database.

    Args:
        work: see `Work`; of a function, `what` is the name for logs.
        what: see there.
    """
    if not isinstance(work, Work):
        work = _Call(work, what)
    waiting = getattr(current, "_afterwards", None)
    if waiting is None:
        work.do()
    else:
        waiting.append(_Piece(work))


def has_answer() -> bool:
    """Tell whether a request runs in this thread, whose answer work can wait for."""
    return getattr(current, "_afterwards", None) is not None


def go_on(work: Work, application: str, folder: str, delay: float) -> None:
    """Go on with work that another process has begun; it makes its environment itself.

    Args:
        work: what is to be done.
        application: whose it is.
        folder: of the application, with the separator behind it.
        delay: seconds until its next try.
    """
    afterwards.add([_Piece(work, application, folder)], delay)


def begin() -> None:
    """Let work of the request that begins in this thread wait for its end."""
    current._afterwards = []


def start() -> None:
    """Start the work that the request of this thread has left; its transaction is committed."""
    waiting = vars(current).pop("_afterwards", None)
    if waiting:
        afterwards.add(waiting)


def abandon() -> None:
    """Forget the work that the request of this thread has left: it was rolled back."""
    for piece in vars(current).pop("_afterwards", None) or ():
        piece.work.abandoned()
