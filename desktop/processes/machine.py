"""The server's states and what leads from one to the next (SV-01, SV-04, SV-06, SV-07), without Qt.

The machine is told *orders* (a person clicked) and *events* (a process said or did something) and answers
with *commands* for whoever owns the process.  It reads the time from injected clocks and never waits: its
owner asks :attr:`Machine.next_deadline` and calls :meth:`Machine.tick` by then.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from dataclasses import replace

from desktop.processes.state import Cause, Crash, Phase, ServerState, Step

START_TIMEOUT = 60.0  # seconds from one step of a start to the next: a busy computer is slow, not stuck
DRAIN_SECONDS = 15.0  # given to requests in flight when the server is asked to stop
KILL_MARGIN = 5.0  # seconds beyond a grace time before the process is killed
NOW_MARGIN = 2.0  # the same after "stop now"
FIRST_RETRY = 1.0  # seconds before the first restart after a crash; doubles
LAST_RETRY = 30.0  # longest wait between two restarts, seconds
CRASH_LIMIT = 5  # so many crashes ...
CRASH_WINDOW = 120.0  # ... within so many seconds mean Failed
CRASHES_KEPT = 50  # listed in the window

PORT_BUSY = "port_busy"
"""Kind of a failed start that means: another program has the port."""


class Order(enum.StrEnum):
    """What a person may ask for."""

    START = "start"
    STOP = "stop"
    STOP_NOW = "stop_now"
    RESTART = "restart"
    CANCEL = "cancel"
    START_NOW = "start_now"
    GIVE_UP = "give_up"
    TRY_AGAIN = "try_again"


class Command(enum.StrEnum):
    """What the owner of the process has to do now."""

    LAUNCH = "launch"
    STOP = "stop"  # ask to answer what is in flight and end
    KILL = "kill"


Commands = tuple[Command, ...]
NOTHING: Commands = ()
_BEGIN = frozenset({Order.START, Order.RESTART, Order.START_NOW, Order.TRY_AGAIN})
_LEAVE = frozenset({Order.STOP, Order.STOP_NOW, Order.CANCEL, Order.GIVE_UP})


class Machine:
    """State of one server over all its starts and stops.

    Args:
        clock: monotonic seconds, for everything that waits.
        wall: seconds since 1970, for what is shown.
        start_timeout: seconds each step of a start may take until it is called failed.
        drain_seconds: grace for requests in flight.

    Attributes:
        phase: the present state.
        alive: a launched (or adopted) server has not ended yet; nothing is launched before it has.
        pending: the order carried out once the present one is done.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        start_timeout: float = START_TIMEOUT,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._start_timeout = start_timeout
        self.drain_seconds = drain_seconds
        self.phase = Phase.STOPPED
        self.alive = False
        self.pending: Order | None = None
        self.cause: Cause | None = None
        self.crashes: tuple[Crash, ...] = ()
        self._since = wall()
        self._steps: tuple[Step, ...] = ()
        self._step_began = 0.0
        self._pid: int | None = None
        self._url: str | None = None
        self._in_flight = 0
        self._automatic = False  # the present start follows a crash
        self._recent: list[float] = []  # clock times of crashes that still count
        self._backoff = 0  # restarts in a row
        self._ready_at: float | None = None
        self._start_by: float | None = None
        self._retry_at: float | None = None
        self._drain_until: float | None = None
        self._kill_at: float | None = None

    # orders of a person

    def order(self, order: Order) -> Commands:
        """Carry out `order`, queue it, or ignore it where it means nothing (desktop-ux 15)."""
        match self.phase:
            case Phase.STARTING:
                return self._order_while_starting(order)
            case Phase.SERVING | Phase.ADOPTED:
                return self._order_while_serving(order)
            case Phase.DRAINING:
                return self._order_while_draining(order)
            case _:
                return self._order_at_rest(order)

    def _order_while_starting(self, order: Order) -> Commands:
        if order is Order.STOP:
            self.pending = Order.STOP
        elif order in {Order.CANCEL, Order.STOP_NOW, Order.GIVE_UP}:
            self.pending = None
            return self._drain(0.0)
        elif order in _BEGIN:
            self.pending = None  # takes a queued stop back
        return NOTHING

    def _order_while_serving(self, order: Order) -> Commands:
        if order is Order.STOP:
            return self._drain(self.drain_seconds)
        if order is Order.RESTART:
            self.pending = Order.RESTART
            return self._drain(self.drain_seconds)
        if order is Order.STOP_NOW:
            return self._stop_now()
        return NOTHING

    def _order_while_draining(self, order: Order) -> Commands:
        if order is Order.STOP_NOW:
            return self._stop_now() if self.grace else (Command.KILL,)
        if order in _LEAVE:
            self.pending = None
        elif self.pending is None and order in _BEGIN:
            self.pending = Order.RESTART if order is Order.RESTART else Order.START
        return NOTHING

    def _order_at_rest(self, order: Order) -> Commands:
        """Stopped, Crashed, Failed, Foreign: nothing serves."""
        if order in _BEGIN:
            if self.phase is not Phase.CRASHED:
                self._forget_crashes()
            if not self.alive:
                return self._launch(automatic=self.phase is Phase.CRASHED)
            self.pending = Order.START  # the former process is still on its way out
        elif order in _LEAVE:
            self.pending = None
            if self.phase is not Phase.STOPPED:
                self._enter(Phase.STOPPED)
                self.cause = None
        return NOTHING

    def hasten(self, seconds: float) -> Commands:
        """Leave requests in flight at most `seconds` from now (the system is shutting down, SH-19)."""
        if self.phase is not Phase.DRAINING or seconds >= self.grace:
            return NOTHING
        self._drain_until = self._clock() + seconds
        self._kill_at = self._drain_until + KILL_MARGIN
        return (Command.STOP,)

    # what the process says and does

    def spawned(self, pid: int) -> Commands:
        """The operating system has made the process; it has not said anything yet."""
        if self.alive:
            self._pid = pid
        return NOTHING

    def process_started(self) -> Commands:
        """The process runs (first step of a start)."""
        if self.phase is Phase.STARTING:
            self._finish_step("process")
        return NOTHING

    def listening(self, url: str | None) -> Commands:
        """The socket is bound (second step)."""
        if self.phase is Phase.STARTING:
            self._url = url or self._url
            self._finish_step("process")
            self._finish_step("socket")
        return NOTHING

    def checking(self, detail: str = "") -> Commands:
        """The models of the default application are being tried (third step)."""
        if self.phase is Phase.STARTING:
            self._describe_step("application", detail, "running")
            self._expect_progress()
        return NOTHING

    def ready(self, warning: str | None = None) -> Commands:
        """The server answers.  `warning` is a sentence about what does not work although it serves."""
        if self.phase is not Phase.STARTING:
            return NOTHING
        for name in ("process", "socket", "application"):
            self._finish_step(name)
        if warning:
            self._describe_step("application", warning)
        self._start_by = None
        self._ready_at = self._clock()
        self._enter(Phase.SERVING)
        self.cause = Cause("warning", warning) if warning else None
        if self.pending is Order.STOP:
            self.pending = None
            return self._drain(self.drain_seconds)
        return NOTHING

    def adopted(self, pid: int | None, url: str | None) -> Commands:
        """A server of this site folder was found running (SV-22)."""
        if self.alive and self.phase is not Phase.STARTING:
            return NOTHING
        self.alive = True
        self._clear_run()
        self._pid, self._url = pid, url
        self._enter(Phase.ADOPTED)
        if self.pending is Order.STOP:
            self.pending = None
            return self._drain(self.drain_seconds)
        self.pending = None
        return NOTHING

    def failed(self, cause: Cause) -> Commands:
        """The start cannot succeed and says why (SV-03, SV-05)."""
        if self.phase is not Phase.STARTING:
            return NOTHING
        self._fail(cause)
        return self._leave()

    def draining(self, in_flight: int, seconds: float | None) -> Commands:
        """The server answers its last requests, whoever asked for it (SV-06)."""
        if self.phase in {Phase.STARTING, Phase.SERVING, Phase.ADOPTED}:
            self._start_by = None
            self._enter(Phase.DRAINING)
        if self.phase is Phase.DRAINING:
            self._in_flight = in_flight
            if seconds is not None:
                until = self._clock() + seconds
                self._drain_until = min(until, self._drain_until or until)
                self._kill_at = min(until + KILL_MARGIN, self._kill_at or until + KILL_MARGIN)
        return NOTHING

    def ended(self, sentence: str) -> Commands:
        """The process is gone; `sentence` says how.

        A first start that ends before it has its port failed. One that had it may have answered already, as
        the word that it is ready comes later than the first answers: it crashed, and is started again.
        """
        if not self.alive:
            return NOTHING
        was = self.phase
        served = was is Phase.SERVING or (
            was is Phase.STARTING and (self._automatic or self._is_done("socket"))
        )
        self.alive = False
        self._clear_run(keep_steps=was in {Phase.STARTING, Phase.FAILED, Phase.FOREIGN})
        if served:
            return self._crash(sentence)
        if was is Phase.STARTING:
            self._fail(Cause("ended", sentence))
            return NOTHING
        if was in {Phase.DRAINING, Phase.ADOPTED}:
            self._enter(Phase.STOPPED)
            self.cause = None if was is Phase.DRAINING else Cause("ended-elsewhere", sentence)
        return self._begin_if_pending()

    # time

    @property
    def grace(self) -> float:
        """Seconds that requests in flight still have."""
        return 0.0 if self._drain_until is None else max(0.0, self._drain_until - self._clock())

    def tick(self) -> Commands:
        """Do what is due by now."""
        now = self._clock()
        if self.phase is Phase.CRASHED and self._retry_at is not None and now >= self._retry_at:
            return self._launch(automatic=True)
        if self.phase is Phase.STARTING and self._start_by is not None and now >= self._start_by:
            self._fail(self._timeout_cause())
            return self._leave()
        if self.alive and self._kill_at is not None and now >= self._kill_at:
            self._kill_at = now + KILL_MARGIN
            return (Command.KILL,)
        return NOTHING

    @property
    def next_deadline(self) -> float | None:
        """Seconds until :meth:`tick` has something to do; None when nothing is awaited."""
        times = [t for t in (self._start_by, self._retry_at, self._kill_at) if t is not None]
        return max(0.0, min(times) - self._clock()) if times else None

    def snapshot(self, base: ServerState) -> ServerState:
        """`base` with everything the machine knows filled in."""
        now = self._clock()
        return replace(
            base,
            phase=self.phase,
            since=self._since,
            url=self._url,
            pid=self._pid,
            steps=self._steps,
            in_flight=self._in_flight,
            drain_seconds_left=None if self._drain_until is None else self.grace,
            retry_in=None if self._retry_at is None else max(0.0, self._retry_at - now),
            crashes=self.crashes,
            cause=self.cause,
            pending_order=self.pending.value if self.pending else None,
        )

    # inside

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._since = self._wall()
        if phase is not Phase.CRASHED:
            self._retry_at = None

    def _clear_run(self, *, keep_steps: bool = False) -> None:
        """Forget what belonged to one run of the server."""
        self._pid = self._url = None
        self._in_flight = 0
        self._start_by = self._drain_until = self._kill_at = None
        if not keep_steps:
            self._steps = ()
        self.cause = self.cause if keep_steps else None

    def _launch(self, *, automatic: bool) -> Commands:
        self._clear_run()
        self.pending = None
        self._automatic = automatic
        self._ready_at = None
        self.alive = True
        self._expect_progress()
        self._step_began = self._clock()
        self._steps = (Step("process", "running"), Step("socket"), Step("application"))
        self._enter(Phase.STARTING)
        return (Command.LAUNCH,)

    def _drain(self, seconds: float) -> Commands:
        self._start_by = None
        self._drain_until = self._clock() + seconds
        self._kill_at = self._drain_until + KILL_MARGIN
        self._enter(Phase.DRAINING)
        self.cause = None
        return (Command.STOP,)

    def _stop_now(self) -> Commands:
        """No grace for requests; a server that does not obey at once is killed soon, or by asking again."""
        self._drain(0.0)
        self._kill_at = self._clock() + NOW_MARGIN
        return (Command.STOP,)

    def _leave(self) -> Commands:
        """See to it that a process that is of no use ends."""
        self._kill_at = self._clock() + KILL_MARGIN
        return (Command.STOP,)

    def _fail(self, cause: Cause) -> None:
        self._start_by = None
        self.pending = None
        self._steps = tuple(
            replace(step, status="failed", seconds=self._elapsed(), detail=cause.sentence)
            if step.status == "running"
            else step
            for step in self._steps
        )
        self._enter(Phase.FOREIGN if cause.kind == PORT_BUSY else Phase.FAILED)
        self.cause = cause

    def _crash(self, sentence: str) -> Commands:
        now = self._clock()
        if self._ready_at is not None and now - self._ready_at >= CRASH_WINDOW:
            self._backoff = 0  # it had served well
        self._recent = [t for t in self._recent if now - t < CRASH_WINDOW] + [now]
        self.crashes = (*self.crashes, Crash(self._wall(), sentence))[-CRASHES_KEPT:]
        if self.pending is Order.STOP:
            self.pending = None
            self._enter(Phase.STOPPED)
            return NOTHING
        if len(self._recent) >= CRASH_LIMIT:
            minutes = int(CRASH_WINDOW // 60)
            count = f"The server ended unexpectedly {len(self._recent)} times within {minutes} minutes."
            self._fail(Cause("crashing", f"{count} {sentence}"))
            return NOTHING
        self._enter(Phase.CRASHED)
        self.cause = Cause("crash", sentence)
        self._retry_at = now + min(FIRST_RETRY * 2**self._backoff, LAST_RETRY)
        self._backoff += 1
        return NOTHING

    def _begin_if_pending(self) -> Commands:
        if self.pending in {Order.START, Order.RESTART}:
            self._forget_crashes()
            return self._launch(automatic=False)
        self.pending = None
        return NOTHING

    def _forget_crashes(self) -> None:
        """A person's start begins a new count; the list for the window stays."""
        self._recent.clear()
        self._backoff = 0

    def _elapsed(self) -> float:
        return self._clock() - self._step_began

    def _describe_step(self, name: str, detail: str, status: str | None = None) -> None:
        self._steps = tuple(
            replace(step, detail=detail, status=status or step.status) if step.name == name else step
            for step in self._steps
        )

    def _finish_step(self, name: str) -> None:
        """Mark `name` done, with its time, and the step after it running."""
        steps = list(self._steps)
        for index, step in enumerate(steps):
            if step.name != name or step.status == "done":
                continue
            steps[index] = replace(step, status="done", seconds=self._elapsed())
            self._step_began = self._clock()
            self._expect_progress()
            if index + 1 < len(steps) and steps[index + 1].status == "pending":
                steps[index + 1] = replace(steps[index + 1], status="running")
        self._steps = tuple(steps)

    def _is_done(self, name: str) -> bool:
        return any(step.name == name and step.status == "done" for step in self._steps)

    def _expect_progress(self) -> None:
        """Wait for the next step of a start, as long as for any."""
        self._start_by = self._clock() + self._start_timeout

    def _timeout_cause(self) -> Cause:
        waited = f"{self._start_timeout:.0f} s"
        running = next((step.name for step in self._steps if step.status == "running"), "process")
        sentences = {
            "process": f"The server's process said nothing within {waited} and was ended. Try again.",
            "socket": f"The server could not open its port within {waited}. See the log, then try again.",
            "application": (
                "The server listens, but the models of the default application did not answer within "
                f"{waited}. One may wait for a database or another computer; see the log, then try again."
            ),
        }
        return Cause("timeout", sentences[running])
