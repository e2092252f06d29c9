"""The process that runs tasks: reads orders from its standard input, writes messages to its standard output.

Orders and messages are JSON, one to a line. An order is what `Claim.order` gives. Messages are ``ready``;
``output`` (text); ``done`` (run_id, status, result as JSON text, traceback).
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, Protocol

from runtime.foundation.http import HTTP
from runtime.foundation.serializers import custom_json
from runtime.scheduler.states import COMPLETED, FAILED

_SEND_WITHIN = 0.05  # seconds that printed text may wait
_SEND_AT = 8192  # characters that are sent at once
_PR_SET_PDEATHSIG = 1
_HERE = os.path.dirname(__file__)


class Runner(Protocol):
    """Knows the functions that tasks name."""

    def warm_up(self) -> None:
        """Load what every task needs."""

    def run(self, order: dict[str, Any]) -> Any:
        """Run the function that an order names and return its result."""


class Pipe:
    """The worker's ends of standard input and output, taken away from everybody else.

    What the task prints goes to the worker as its output; what is written
    to the file descriptor itself goes to standard error.
    """

    def __init__(self) -> None:
        self._in: IO[bytes] = os.fdopen(os.dup(0), "rb")
        self._out: IO[bytes] = os.fdopen(os.dup(1), "wb", buffering=0)
        self._lock = threading.Lock()
        self.orders: SimpleQueue[dict[str, Any]] = SimpleQueue()
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        os.dup2(2, 1)
        sys.stdin = open(os.devnull, encoding="utf-8")
        threading.Thread(target=self._read, name="hadron-orders", daemon=True).start()

    def say(self, event: str, **values: Any) -> None:
        """Write one message. A worker that has gone ends this process."""
        line = json.dumps({"event": event, **values}).encode() + b"\n"
        with self._lock:
            try:
                view = memoryview(line)
                while view:
                    view = view[self._out.write(view) :]
            except OSError:
                os._exit(1)

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            for line in self._in:
                self.orders.put(json.loads(line))
        os._exit(0)  # the worker has gone, or wants this process to go


class PrintedText(io.TextIOBase):
    """Standard output of a task: sends what is printed soon, in pieces of some size."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._parts: list[str] = []
        self._size = 0
        self._sent = 0.0
        self._lock = threading.RLock()
        self._something = threading.Event()
        threading.Thread(target=self._send_soon, name="hadron-output", daemon=True).start()

    encoding = "utf-8"

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Take printed text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            self._parts.append(text)
            self._size += len(text)
            # a line that comes alone goes at once; those that follow quickly go together
            alone = text.endswith("\n") and time.monotonic() - self._sent > _SEND_WITHIN
            if alone or self._size >= _SEND_AT:
                self.flush()
            elif not self._something.is_set():
                self._something.set()
        return len(text)

    def flush(self) -> None:
        """Send what was printed so far."""
        with self._lock:
            text = "".join(self._parts)
            self._parts.clear()
            self._size = 0
            self._something.clear()
            if text:
                self._sent = time.monotonic()
                self._send(text)

    def _send_soon(self) -> None:
        pause = threading.Event()
        while True:
            self._something.wait()
            pause.wait(_SEND_WITHIN)
            self.flush()


def die_with_parent() -> None:
    """Let the system end this process when the worker ends; elsewhere than on Linux the pipe does it."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def serve(runner: Runner) -> None:
    """Run tasks until the worker closes the pipe."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the worker
    pipe = Pipe()
    printed = PrintedText(lambda text: pipe.say("output", text=text))
    kept = sys.stdout = sys.stderr
    with suppress(Exception, SystemExit, HTTP):  # a broken model is told of by the first task
        runner.warm_up()
    pipe.say("ready")
    while True:
        order = pipe.orders.get()
        sys.stdout = printed
        try:
            message = _run(runner, order)
        finally:
            sys.stdout = kept
            printed.flush()
        pipe.say("done", run_id=order["task"]["run_id"], **message)


def _run(runner: Runner, order: dict[str, Any]) -> dict[str, Any]:
    """Run one task; whatever it raises is its failure (SCHED-43, SCHED-44)."""
    try:
        result = runner.run(order)
        text = None if result is None else json.dumps(result, default=custom_json)
        return {"status": COMPLETED, "result": text}
    except BaseException as error:
        lines = traceback.format_exception(type(error), error, _without_ours(error.__traceback__))
        return {"status": FAILED, "traceback": "".join(lines)}


def _without_ours(found: TracebackType | None) -> TracebackType | None:
    """Return a traceback from the first line of the task, or of a model, on."""
    while found is not None and os.path.dirname(found.tb_frame.f_code.co_filename) == _HERE:
        found = found.tb_next
    return found
