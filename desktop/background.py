"""Background work: run a function off the GUI thread, with progress, cancel, lanes, and safe delivery.

Work of one lane runs in the order it was given, one piece at a time, so that its users need no lock; work
without a lane runs at once.  A result is delivered in the GUI thread by signal, and only while the owner
lives and nothing newer with the same key was asked for.
"""

from __future__ import annotations

import enum
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QRunnable, Qt, QThread, QThreadPool, Signal

from runtime.foundation.problems import UserError

log = logging.getLogger("hadron.desktop")
KEPT = 20  # finished tasks remembered for the list of tasks
NOTABLE = 2.0  # seconds after which reading alone is work to be listed, too


class TaskState(enum.Enum):
    """Life of a piece of work."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CancelledError(Exception):
    """Raised by :meth:`Context.check` in work that nobody wants any more."""


@dataclass(eq=False)
class Task:
    """One piece of work, as the list of tasks shows it.

    `seconds` is how long it ran, and `ended_at` when it ended in seconds since 1970; both 0 before.
    """

    title: str
    lane: str
    key: str
    owner: QObject
    function: Callable[[Context], Any]
    on_done: Callable[[Any], None] | None
    on_failed: Callable[[Exception], None] | None
    cancellable: bool
    number: int
    reading: bool = False
    state: TaskState = TaskState.WAITING
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    ended_at: float = 0.0
    done: int = 0
    total: int = 0
    text: str = ""
    result: Any = None
    error: Exception | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def percent(self) -> int | None:
        """0 to 100, or None while the length is unknown."""
        return min(100, round(100 * self.done / self.total)) if self.total else None


class Context:
    """What running work is given: it reports progress here and learns that it is not wanted any more."""

    def __init__(self, task: Task, tasks: Tasks) -> None:
        self._task, self._tasks = task, tasks

    @property
    def cancelled(self) -> bool:
        """Should the work end?"""
        return self._task.cancelled.is_set()

    def check(self) -> None:
        """Ends the work if it is not wanted any more.

        Raises:
            CancelledError: it is not.
        """
        if self.cancelled:
            raise CancelledError

    def progress(self, done: int, total: int = 0, text: str = "") -> None:
        """Reports how far the work is; a `total` of 0 means unknown."""
        self._tasks._progressed.emit(self._task, done, total, text)


class _Job(QRunnable):
    def __init__(self, task: Task, tasks: Tasks) -> None:
        super().__init__()
        self._task, self._tasks = task, tasks

    def run(self) -> None:
        task = self._task
        try:
            if task.cancelled.is_set():
                raise CancelledError
            task.result = task.function(Context(task, self._tasks))
        except Exception as error:
            task.error = error
        try:
            self._tasks._ended.emit(task)
        except RuntimeError:
            log.debug("%s ended after the window", task.title)


class Runner:
    """Runs work for one owner, in its lane; failures are told in its way unless somebody takes them.

    Args:
        tasks: runs the work.
        owner: nothing is delivered once it is deleted.
        lane: work of the owner runs one after the other.
        failed: called with an exception.
        reading: what the work usually is, see `Tasks.run`.
    """

    def __init__(
        self,
        tasks: Tasks,
        owner: QObject,
        lane: str,
        failed: Callable[[Exception], None],
        reading: bool = False,
    ) -> None:
        self._tasks, self._owner, self._lane = tasks, owner, lane
        self._failed, self._reading = failed, reading

    def __call__(
        self,
        title: str,
        function: Callable[[Context], Any],
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
        key: str = "",
        lane: str | None = None,
        reading: bool | None = None,
    ) -> Task:
        """Runs `function` in the background; see `Tasks.run`."""
        return self._tasks.run(
            function,
            owner=self._owner,
            title=title,
            lane=self._lane if lane is None else lane,
            key=key,
            on_done=on_done,
            on_failed=on_failed or self._failed,
            reading=self._reading if reading is None else reading,
        )


class Tasks(QObject):
    """Runs work and knows what is under way.

    Signals:
        changed: a task began, progressed or ended.
        began(Task): it was given.
        over(Task): it ended, and its owner was told.
        failed(str, object): title and exception of work whose owner did not ask for failures.
    """

    changed = Signal()
    began = Signal(object)
    over = Signal(object)
    failed = Signal(str, object)
    _ended = Signal(object)
    _progressed = Signal(object, int, int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(max(4, QThread.idealThreadCount()))
        self._numbers = itertools.count(1)
        self._lanes: dict[str, deque[Task]] = {}
        self._by_key: dict[str, Task] = {}
        self._under_way: list[Task] = []
        self._finished: deque[Task] = deque(maxlen=KEPT)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._on_progressed, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        function: Callable[[Context], Any],
        *,
        owner: QObject,
        title: str,
        lane: str = "",
        key: str = "",
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
        cancellable: bool = True,
        reading: bool = False,
    ) -> Task:
        """Runs `function` in another thread; call it from the GUI thread.

        Args:
            function: gets a Context and plain data, never a widget.
            owner: nothing is delivered once it is deleted.
            title: words for the list of tasks.
            lane: work of the same lane runs one after the other.
            key: newer work with the same key takes the place of older work.
            on_done: called with the result, in the GUI thread.
            on_failed: called with the exception; without it `failed` tells.
            cancellable: the list of tasks offers *Cancel*.
            reading: it changes nothing, so nobody is asked before leaving breaks it off.

        Raises:
            RuntimeError: called from another thread.
        """
        if QThread.currentThread() is not self.thread():
            raise RuntimeError("Background work is given from the GUI thread only.")
        number = next(self._numbers)
        task = Task(title, lane, key, owner, function, on_done, on_failed, cancellable, number, reading)
        if key:
            if key in self._by_key:
                self.cancel(self._by_key[key])
            self._by_key[key] = task
        self._under_way.append(task)
        waiting = self._lanes.setdefault(lane, deque()) if lane else None
        if waiting is not None:
            waiting.append(task)
        if waiting is None or waiting[0] is task:
            self._begin(task)
        self.began.emit(task)
        self.changed.emit()
        return task

    def cancel(self, task: Task) -> None:
        """Asks `task` to end; its result will not be delivered."""
        task.cancelled.set()

    def drop(self, key: str) -> None:
        """Asks the work of a key to end, if there is any."""
        if key in self._by_key:
            self.cancel(self._by_key[key])

    def under_way(self) -> list[Task]:
        """Tasks that wait or run, oldest first."""
        return list(self._under_way)

    def finished(self) -> list[Task]:
        """The last tasks that ended, newest first; without the quick reading that nobody asked for."""
        return list(self._finished)[::-1]

    def close(self) -> None:
        """Asks everything to end; nothing is delivered any more.  Does not wait."""
        for task in self._under_way:
            task.cancelled.set()
        self._pool.clear()

    def _begin(self, task: Task) -> None:
        task.state, task.started = TaskState.RUNNING, time.monotonic()
        self._pool.start(_Job(task, self))

    def _on_progressed(self, task: Task, done: int, total: int, text: str) -> None:
        task.done, task.total, task.text = done, total, text
        self.changed.emit()

    def _on_ended(self, task: Task) -> None:
        task.seconds, task.ended_at = time.monotonic() - task.started, time.time()
        self._under_way.remove(task)
        if self._by_key.get(task.key) is task:
            del self._by_key[task.key]
        waiting = self._lanes.get(task.lane)
        if waiting:
            waiting.popleft()
            if waiting:
                self._begin(waiting[0])
            else:
                del self._lanes[task.lane]
        self._deliver(task)
        if not task.reading or task.state is TaskState.FAILED or task.seconds > NOTABLE:
            self._finished.append(task)
        self.over.emit(task)
        self.changed.emit()

    def _deliver(self, task: Task) -> None:
        if task.cancelled.is_set() or isinstance(task.error, CancelledError):
            task.state = TaskState.CANCELLED
            return
        task.state = TaskState.DONE if task.error is None else TaskState.FAILED
        if task.error is not None and not isinstance(task.error, UserError):
            log.error("background work failed: %s", task.title, exc_info=task.error)
        if not shiboken6.isValid(task.owner):
            return
        if task.error is None:
            if task.on_done is not None:
                task.on_done(task.result)
        elif task.on_failed is not None:
            task.on_failed(task.error)
        else:
            self.failed.emit(task.title, task.error)
