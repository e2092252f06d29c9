"""A lane: one background thread that does one thing after the other and answers on its owner's thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

logger = logging.getLogger(__name__)

Work = Callable[[], Any]
Answer = Callable[[Any], None]
Failure = Callable[[Exception], None]
_Item = tuple[Work, Answer | None, Failure | None]


class Lane(QObject):
    """Serial background work for one resource (a control channel, a keyring, the disk).

    The thread starts with the first work, is a daemon and so never holds up the end of the program.
    Answers arrive as calls on the thread that made the lane, and not at all once the lane is closed.

    Args:
        name: of the thread, for dumps.
    """

    _finished = Signal(object, object)  # callback or None, its argument

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def submit(self, work: Work, answer: Answer | None = None, failure: Failure | None = None) -> None:
        """Run `work` after all earlier work; then `answer(result)` or `failure(error)` on our thread."""
        if self._closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._queue.put((work, answer, failure))

    def close(self) -> None:
        """Let the thread end after its present work; deliver nothing more."""
        self._closed = True
        self._queue.put(None)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            work, answer, failure = item
            callback: Callable[[Any], None] | None
            try:
                argument: Any = work()
                callback = answer
            except Exception as error:
                if failure is None:
                    logger.exception("background work of %s failed", self._name)
                argument, callback = error, failure
            if self._closed or not shiboken6.isValid(self):
                return
            try:
                self._finished.emit(callback, argument)
            except RuntimeError:  # deleted between the check and the call
                return
            del work, answer, failure, item, callback, argument

    @Slot(object, object)
    def _deliver(self, callback: Callable[[Any], None] | None, argument: Any) -> None:
        if callback is not None and not self._closed:
            callback(argument)
