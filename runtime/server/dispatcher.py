"""`Dispatcher`: hands requests to worker threads, the one that became idle last first."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import deque
from typing import Protocol

AT_ONCE = 1 if getattr(sys, "_is_gil_enabled", lambda: True)() else os.cpu_count() or 1
"""Threads that run tasks while the processor is all that these need."""
LOOK_SECONDS = 0.005
"""Between two looks whether more threads would help, while tasks wait for one."""
SHARE = 0.6
"""Share of one processor; where this process used less of it, the tasks at work wait for something else."""
SHARE_LOOKS, LONG_LOOKS = 6, 4
"""Looks over which that is measured while tasks are begun; looks without one after which a task is long."""
HELP_SECONDS = 1.0
"""After which half as many threads are tried again."""

log = logging.getLogger("web2py.server")
queue_log = logging.getLogger("waitress.queue")  # the name under which sites know this message


class Task(Protocol):
    """What waitress gives to a dispatcher: a connection with a request to answer."""

    def service(self) -> None:
        """Answer it, in the thread that calls."""

    def cancel(self) -> None:
        """Give it up."""


class Dispatcher:
    """A pool of worker threads, in the place of waitress's own.

    Of several idle threads the last one to become idle gets the next task: its
    database connections, caches and stack are the warm ones, and the others
    sleep on. Tasks that find no idle thread wait in order of arrival.

    One thread runs short tasks faster than many, which would take Python's lock
    from each other at every file they open: the next task waits as long as the
    ones before it get on by the processor alone. Where they wait for a database
    or a sleep, or one of them takes long, twice as many threads may run from the
    next look on, up to all.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._waiting: deque[Task] = deque()
        self._threads: set[threading.Thread] = set()  # until they have ended
        self._staff = 0  # workers nobody has told to end
        self._wanted = 0
        self._numbered = 0
        self._closing = False
        self._at_once = AT_ONCE
        self._until = 0.0  # when half as many are tried again
        self._begun = 0
        self._held_back = threading.Event()  # a task waits though a thread is idle
        self._watcher: threading.Thread | None = None

    @property
    def busy(self) -> int:
        """How many threads run a task now."""
        return max(self._staff - len(self._idle), 0)

    @property
    def waiting(self) -> int:
        """How many tasks wait for a thread."""
        return len(self._waiting)

    def set_thread_count(self, count: int) -> None:
        """Start threads, or let those end that are too many: idle ones at once, busy ones after their task.

        Raises:
            RuntimeError: the system allows no more threads.
        """
        with self._lock:
            self._wanted = count
            if count > AT_ONCE and self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="hadron-dispatcher", daemon=True)
                self._watcher.start()
            while self._staff > count and self._idle:
                self._staff -= 1
                self._idle.pop(0).begin(None)
            while self._staff < count:
                self._start_worker()

    def add_task(self, task: Task) -> None:
        """Let a thread run `task`, or keep it until one is free."""
        with self._lock:
            if self._idle and self._may_begin():
                self._wake_for(task)
                return
            self._waiting.append(task)
            if self._idle:
                self._held_back.set()
                return
            depth = len(self._waiting)
        queue_log.warning("Task queue depth is %d", depth)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Let the threads end; a thread that is busy longer ends after its task.

        Args:
            cancel_pending: give up the tasks no thread has begun.
            timeout: seconds to wait for the threads.

        Returns:
            Whether pending tasks were given up.
        """
        self._closing = True
        self._held_back.set()
        self.set_thread_count(0)
        end = time.monotonic() + timeout
        with self._lock:
            threads = self._threads - {threading.current_thread()}
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0))
        if cancel_pending:
            self._cancel_waiting()
        return cancel_pending

    # -- inside -------------------------------------------------------------

    def _start_worker(self) -> None:
        name = f"hadron-worker-{self._numbered}"
        thread = threading.Thread(target=self._work, args=(_Worker(),), name=name, daemon=True)
        thread.start()  # it waits for the lock, which the caller holds
        self._threads.add(thread)
        self._numbered += 1
        self._staff += 1

    def _work(self, worker: _Worker) -> None:
        """Run tasks until told to end; the body of each thread."""
        while task := self._next_task(worker):
            try:
                task.service()
            except BaseException:  # whatever it is, the thread is still needed
                if not self._closing:  # what a stop leaves unfinished, the server tells in its own words
                    log.exception("a request failed in the server itself: %r", task)
            task = None  # an idle thread holds no connection
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _next_task(self, worker: _Worker) -> Task | None:
        """Return the task to run next, after a sleep if need be; None: the thread ends."""
        with self._lock:
            if self._staff > self._wanted:
                self._staff -= 1
                return None
            if self._waiting and self._may_begin(1):
                self._begun += 1
                return self._waiting.popleft()
            self._idle.append(worker)
            if self._waiting:
                self._held_back.set()
        return worker.wait()

    def _may_begin(self, own: int = 0) -> bool:
        """Tell whether one more task may run beside those of other threads; the lock is held.

        Args:
            own: 1 where the thread that asks is counted as busy.
        """
        if self._at_once > AT_ONCE and time.monotonic() > self._until:
            self._at_once = max(self._at_once // 2, AT_ONCE)
            self._until = time.monotonic() + HELP_SECONDS
        return self._staff - len(self._idle) - own < self._at_once

    def _watch(self) -> None:
        """Let more threads run where that helps; the body of a thread of its own."""
        while self._held_back.wait() and not self._closing:
            self._watch_waiting()

    def _watch_waiting(self) -> None:
        """Look again and again until no task waits beside an idle thread."""
        judge = Judge()
        while not self._closing:
            begun, used, since = self._begun, time.process_time(), time.monotonic()
            time.sleep(LOOK_SECONDS)
            with self._lock:
                if not self._waiting or not self._idle:
                    self._held_back.clear()
                    return
                share = (time.process_time() - used) / (time.monotonic() - since)
                if more := judge.more(self._at_once, self._begun != begun, share):
                    self._help(more)

    def _help(self, more: int) -> None:
        """Let `more` threads run from now on; the lock is held."""
        self._at_once += more
        self._until = time.monotonic() + HELP_SECONDS
        while self._waiting and self._idle and self._may_begin():
            self._wake_for(self._waiting.popleft())

    def _wake_for(self, task: Task) -> None:
        """Let the thread that became idle last run the task; the lock is held."""
        self._begun += 1
        self._idle.pop().begin(task)

    def _cancel_waiting(self) -> None:
        with self._lock:
            given_up = list(self._waiting)
            self._waiting.clear()
        for task in given_up:
            task.cancel()


class Judge:
    """Tells from look to look whether more threads would help."""

    def __init__(self) -> None:
        self._shares: deque[float] = deque(maxlen=SHARE_LOOKS)
        self._still = 0

    def more(self, at_once: int, got_on: bool, share: float) -> int:
        """Return how many threads more may run.

        Args:
            at_once: how many may now.
            got_on: whether a task was begun since the last look.
            share: of one processor, which this process used since then.
        """
        self._shares.append(share)
        self._still = 0 if got_on else self._still + 1
        if self._still:
            waits = share < SHARE
        else:  # a single look says little: others may have had the processor
            waits = len(self._shares) == SHARE_LOOKS and sum(self._shares) < SHARE * SHARE_LOOKS
        if waits:
            self._shares.clear()
            return at_once
        if self._still == LONG_LOOKS:
            self._still = 0
            return 1
        return 0


class _Worker:
    """The bell of one thread: an idle thread sleeps on it until somebody rings."""

    __slots__ = ("_bell", "_task")

    def __init__(self) -> None:
        self._bell = threading.Lock()
        self._bell.acquire()
        self._task: Task | None = None

    def begin(self, task: Task | None) -> None:
        """Wake the thread, which is idle, for `task`; None: to end."""
        self._task = task
        self._bell.release()

    def wait(self) -> Task | None:
        """Sleep until `begin`, and return its task."""
        self._bell.acquire()
        task, self._task = self._task, None
        return task
