"""A fresh process for each task, forked from one that has everything loaded (Linux, macOS)."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from runtime.scheduler.printed import PrintedText

if TYPE_CHECKING:
    from runtime.scheduler.task_process import Pipe, Runner

_SAID_ALL = 113  # exit code of a child that has said how its task went
_CHILD_LOOK = 0.005  # seconds between two looks whether the child has ended, where it can not be waited for
_PARENT_LOOK = 0.5  # seconds between two looks whether the parent lives, where the system does not tell


def serve_forking(runner: Runner, pipe: Pipe) -> None:
    """Run tasks until the worker closes the pipe; this process stays without threads and connections."""
    gc.collect()
    gc.freeze()  # what is loaded is shared with the children as long as nobody writes to it
    orders = _Orders(pipe.source)
    while True:
        order = orders.next()
        if order is None:
            return
        if "cut" in order:
            continue  # for a task that has ended meanwhile
        run_id = int(order["task"]["run_id"])
        code = _run_in_child(runner, order, pipe, orders, run_id)
        if code is None:
            return
        if code != _SAID_ALL:
            pipe.say("died", run_id=run_id, code=code)


class _Orders:
    """Orders from a pipe, read without a thread."""

    def __init__(self, source: int) -> None:
        self.source = source
        self.ended = False
        self._waiting: deque[dict[str, Any]] = deque()
        self._rest = b""

    def read(self) -> None:
        """Take in what has come."""
        data = os.read(self.source, 1 << 16)
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._waiting.extend(json.loads(line) for line in lines)

    def next(self) -> dict[str, Any] | None:
        """Return the next order, None when there will be no more."""
        while not self._waiting and not self.ended:
            self.read()
        return self._waiting.popleft() if self._waiting else None

    def is_cut(self, run_id: int) -> bool:
        """Tell whether there is an order to end a run."""
        return any(order.get("cut") == run_id for order in self._waiting)


def _run_in_child(
    runner: Runner, order: dict[str, Any], pipe: Pipe, orders: _Orders, run_id: int
) -> int | None:
    """Run a task in a child; returns its exit code, None when the worker has gone meanwhile."""
    pipe.begin(run_id)  # here, where the number of runs in the journal is known
    child = os.fork()
    if child == 0:
        _be_child(runner, order, pipe)
    life = os.pidfd_open(child) if hasattr(os, "pidfd_open") else None
    watched = [] if life is None else [life]
    killed = False
    while True:
        sources = watched if orders.ended else [*watched, orders.source]
        ready = select.select(sources, [], [], None if watched else _CHILD_LOOK)[0]
        if orders.source in ready and not orders.ended:
            orders.read()
        if not killed and (orders.ended or orders.is_cut(run_id)):
            killed = True
            _kill(child)
        gone, status = os.waitpid(child, os.WNOHANG)
        if gone:
            break
    if life is not None:
        os.close(life)
    return None if orders.ended else os.waitstatus_to_exitcode(status)


def _kill(child: int) -> None:
    for kill in (os.killpg, os.kill):  # its group, if it has one already
        with contextlib.suppress(OSError):
            kill(child, signal.SIGKILL)


def _be_child(runner: Runner, order: dict[str, Any], pipe: Pipe) -> None:
    """Run the task, say how it went, end."""
    from runtime.scheduler.task_process import die_with_parent, run_order

    code = 1
    try:
        parent = os.getppid()
        os.setpgid(0, 0)
        die_with_parent()
        if not sys.platform.startswith("linux"):
            threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
        printed = PrintedText(lambda text: pipe.say("output", text=text))
        run_order(runner, order, pipe, printed)
        code = _SAID_ALL
    finally:
        os._exit(code)


def _watch_parent(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_PARENT_LOOK)
    os._exit(1)
