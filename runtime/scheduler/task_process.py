"""The process that runs tasks: reads orders from its standard input, writes messages to its standard output.

Orders and messages are JSON, one to a line. An order is what `Claim.order` gives, or ``{"cut": run_id}``.
Messages are ``ready`` (forks, settings); ``refused`` (text, may_pass): there will be no tasks;
``limited`` (run_id, pid, limit, base): the task that begins may take so much memory, see `MemoryWatch`;
``output`` (text); ``log`` (line); ``done`` (run_id, status, result as JSON text, traceback); ``died``
(run_id, code): the process of a task has ended by itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, Protocol

from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError
from runtime.foundation.serializers import custom_json
from runtime.scheduler.journal import Journal
from runtime.scheduler.memory import footprint, limited
from runtime.scheduler.printed import PrintedText
from runtime.scheduler.states import COMPLETED, FAILED
from runtime.scheduler.worker_log import PipeLog

_PR_SET_PDEATHSIG = 1
_HERE = os.path.dirname(__file__)


class Runner(Protocol):
    """Knows the functions that tasks name."""

    def warm_up(self, tell_settings: bool) -> dict[str, Any]:
        """Load what every task needs; returns what the worker is told.

        Raises:
            UserError: there will be no tasks, and why.
        """

    def run(self, order: dict[str, Any]) -> Any:
        """Run the function that an order names and return its result."""

    def ticket(self, error: BaseException, task: Mapping[str, Any]) -> str | None:
        """Write a ticket about what `task` has raised; returns its number."""

    def memory_limit(self, function: str) -> int | None:
        """Return how many bytes a function may take."""

    def let_go(self) -> None:
        """Close what a process forked from this one could not share."""


class Pipe:
    """The worker's ends of standard input and output, taken away from everybody else.

    What the task prints goes to the worker as its output; what is written
    to the file descriptor itself goes to standard error.

    Args:
        journal: notes what is said, too.
        listen: read orders at once.
    """

    def __init__(self, journal: Journal | None = None, listen: bool = True) -> None:
        self._in: IO[bytes] = os.fdopen(os.dup(0), "rb")
        self._out: IO[bytes] = os.fdopen(os.dup(1), "wb", buffering=0)
        self._lock = threading.Lock()
        self._journal = journal
        self.orders: SimpleQueue[dict[str, Any]] = SimpleQueue()
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        os.dup2(2, 1)
        sys.stdin = open(os.devnull, encoding="utf-8")
        if listen:
            self.listen()

    @property
    def source(self) -> int:
        """File descriptor of the orders, for who reads them without `listen`."""
        return self._in.fileno()

    def listen(self) -> None:
        """Read orders in a thread, so that the worker's end ends this process whatever a task does."""
        threading.Thread(target=self._read, name="hadron-orders", daemon=True).start()

    def begin(self, run_id: int) -> None:
        """Note that a run begins."""
        if self._journal is not None:
            with suppress(OSError):
                self._journal.begin(run_id)

    def say(self, event: str, **values: Any) -> None:
        """Write one message. A worker that has gone ends this process."""
        line = json.dumps({"event": event, **values}).encode() + b"\n"
        with self._lock:
            if self._journal is not None and event in ("output", "done"):
                self._journal.note(line, always=event == "done")
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


@cache
def _prctl() -> Any:
    """Linux's function of that name; found once, not by each forked process."""
    return ctypes.CDLL(None).prctl


def die_with_parent() -> None:
    """Let the system end this process when its parent ends; elsewhere than on Linux the pipe does it."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    with suppress(OSError, AttributeError):
        _prctl()(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def serve(
    runner: Runner,
    *,
    journal: str | None = None,
    tell_settings: bool = False,
    fork: bool | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Run tasks until the worker closes the pipe.

    Args:
        runner: knows the functions.
        journal: where to note what is done; see `runtime.scheduler.journal`.
        tell_settings: say what the scheduler asks for when ready.
        fork: run each task in a process of its own, forked from this one; None as the settings say.
        on_ready: called before the first task, unless tasks are forked: it may start threads.
    """
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the worker
    notes: Journal | None = None
    if journal is not None:
        with suppress(OSError):
            notes = Journal(journal)
    pipe = Pipe(notes, listen=False)
    sys.stdout = sys.stderr
    logging.getLogger().addHandler(PipeLog(pipe))
    logging.raiseExceptions = False  # its report shows the error at hand, whose own words may hang
    facts: dict[str, Any] = {}
    try:
        facts = runner.warm_up(tell_settings)
    except UserError as error:
        pipe.say("refused", text=str(error))
        if tell_settings:
            return
    except (Exception, SystemExit, HTTP) as error:
        if tell_settings:
            traceback.print_exc()
            text = f"the models failed: {type(error).__name__}: {error}"
            pipe.say("refused", text=text, may_pass=_may_pass(error))
            return
        # a model that broke meanwhile is told of by the first task
    forks = fork if fork is not None else facts.pop("forks", False)
    if forks:
        from runtime.scheduler.forking import serve_forking

        runner.let_go()
        pipe.say("ready", forks=True, **facts)
        serve_forking(runner, pipe)
        return
    pipe.listen()
    on_ready()
    printed = PrintedText(lambda text: pipe.say("output", text=text))
    pipe.say("ready", forks=False, **facts)
    while True:
        order = pipe.orders.get()
        pipe.begin(int(order["task"]["run_id"]))
        run_order(runner, order, pipe, printed)


def _may_pass(error: BaseException) -> bool:
    """Tell whether models may succeed later: a database was locked or did not answer."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    unreachable = isinstance(error, RuntimeError) and str(error).startswith("Failure to connect")  # pydal's
    return (
        bool(kinds & {"OperationalError", "InterfaceError", "ConnectionError", "TimeoutError"}) or unreachable
    )


def run_order(runner: Runner, order: dict[str, Any], pipe: Pipe, printed: PrintedText) -> None:
    """Run one task and say how it went."""
    run_id = int(order["task"]["run_id"])
    limit = runner.memory_limit(order["function"])
    if limit is not None:
        pid = os.getpid()
        pipe.say("limited", run_id=run_id, pid=pid, limit=limit, base=footprint(pid))
    kept = sys.stdout
    sys.stdout = printed
    try:
        with limited(limit):
            message = _run(runner, order)
    finally:
        sys.stdout = kept
        printed.flush()
    pipe.say("done", run_id=run_id, **message)


def _run(runner: Runner, order: dict[str, Any]) -> dict[str, Any]:
    """Run one task; whatever it raises is its failure (SCHED-43, SCHED-44)."""
    try:
        result = runner.run(order)
        text = None if result is None else json.dumps(result, default=custom_json)
        return {"status": COMPLETED, "result": text}
    except BaseException as error:
        error.__traceback__ = _without_ours(error.__traceback__)
        lines = traceback.format_exception(error)
        number: str | None = None
        if isinstance(error, Exception):
            with contextlib.suppress(Exception):
                number = runner.ticket(error, order["task"])
        if number:
            lines.insert(0, f"Ticket: {number}\n")  # first: the last line is the error, everywhere
        return {"status": FAILED, "traceback": "".join(lines)}


def _without_ours(found: TracebackType | None) -> TracebackType | None:
    """Return a traceback from the first line of the task, or of a model, on."""
    while found is not None and os.path.dirname(found.tb_frame.f_code.co_filename) == _HERE:
        found = found.tb_next
    return found
