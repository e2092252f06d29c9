"""What Overview, tray and status bar say about the server, computed from its state without widgets.

One function, :func:`present`, holds the table of states: words, mark, main button, other buttons, what may
be edited (SV-01, SV-03, SV-06, SV-07).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop.processes.state import Metrics, Phase, Sample, ServerState
from desktop.widgets.values import UNKNOWN, Figure, Point, StepView

from .words import clock, counted, duration, milliseconds, number

WINDOW_SECONDS = 15 * 60  # span of the line of requests
POINT_SECONDS = 5  # span of one of its points
BUSY = "port_busy"
PORT_KINDS = frozenset({BUSY, "port_forbidden"})


@dataclass(frozen=True)
class ButtonView:
    """One button: the action it runs, and its weight (``primary``, ``secondary``, ``danger``, ``quiet``)."""

    action: str
    kind: str = "secondary"


@dataclass(frozen=True)
class ServerView:
    """Everything shown about one state of the server.

    Attributes:
        title: the state in one or two words.
        when: since when, or what is counted down.
        mark: name of the state's shape in the tokens.
        status: colour group of mark and words.
        sentence: what happened and what can be done, or nothing.
        buttons: main button and others, in the order of the screen.
        below: the buttons stand under the sentence, because something has to be decided.
        steps: the three steps of a start, or nothing.
        editable: address, port, threads and folder may be changed.
        main: the action of the main button.
        allowed: all server actions that make sense now.
        short: a word for the pill in the header.
        line: a sentence for status bar and tray.
    """

    title: str
    when: str
    mark: str
    status: str
    sentence: str
    buttons: tuple[ButtonView, ...]
    below: bool
    steps: tuple[StepView, ...]
    editable: bool
    main: str
    allowed: frozenset[str]
    short: str
    line: str
    show_log: bool = False


def present(state: ServerState, now: float) -> ServerView:
    """The view of `state` at the moment `now` (seconds since 1970)."""
    return _PRESENTERS[state.phase](state, now)


def _since(state: ServerState, now: float) -> str:
    return f"since {clock(state.since)}, {duration(now - state.since)}"


def _ago(state: ServerState, now: float) -> str:
    passed = now - state.since
    return f"{clock(state.since)}, {duration(passed)} ago" if passed >= 1 else clock(state.since)


def _where(state: ServerState) -> str:
    host = f"[{state.address}]" if ":" in state.address else state.address
    return f"{host}:{state.port}"


def _stopped(state: ServerState, now: float) -> ServerView:
    return ServerView(
        title="Stopped",
        when="" if not state.since else _since(state, now),
        mark="stopped",
        status="stopped",
        sentence=state.cause.sentence
        if state.cause
        else "Applications are not reachable until the server is started.",
        buttons=(ButtonView("server.start", "primary"),),
        below=False,
        steps=(),
        editable=True,
        main="server.start",
        allowed=frozenset({"server.start"}),
        short="Stopped",
        line="Stopped",
    )


def _starting(state: ServerState, now: float) -> ServerView:
    return ServerView(
        title="Starting",
        when=f"for {duration(now - state.since)}",
        mark="starting",
        status="changing",
        sentence="Will stop when started." if state.pending_order == "stop" else "",
        buttons=(ButtonView("server.show_log", "quiet"), ButtonView("server.cancel")),
        below=False,
        steps=steps_of(state),
        editable=False,
        main="server.cancel",
        allowed=frozenset({"server.cancel", "server.show_log"}),
        short="Starting",
        line=f"Starting on {_where(state)}",
    )


def _serving(state: ServerState, now: float) -> ServerView:
    problem = state.cause is not None
    sentence = state.cause.sentence if state.cause else ""
    return ServerView(
        title="Serving",
        when=_since(state, now),
        mark="problem" if problem else "serving",
        status="problem" if problem else "serving",
        sentence=sentence,
        buttons=(
            ButtonView("server.stop"),
            ButtonView("server.restart"),
            ButtonView("server.open", "primary"),
        ),
        below=False,
        steps=(),
        editable=True,
        main="server.stop",
        allowed=frozenset(
            {
                "server.stop",
                "server.restart",
                "server.open",
                "server.copy_address",
                "server.reload_routes",
                "server.admin",
            }
        ),
        short="Serving",
        line=f"Serving on {_where(state)}" + (" with a problem" if problem else ""),
    )


def _adopted(state: ServerState, now: float) -> ServerView:
    view = _serving(state, now)
    note = "It was started outside this window; Stop and Restart work as usual."
    return replace(view, sentence=" ".join(filter(None, (view.sentence, note))))


def _draining(state: ServerState, now: float) -> ServerView:
    left = state.drain_seconds_left
    waits = counted(state.in_flight, "request") + " in flight"
    if left is not None:
        waits += f", {duration(left)} left"
    queued = {"start": " Will start again when stopped.", "restart": " Will start again when stopped."}
    return ServerView(
        title="Stopping",
        when=waits if state.in_flight else "",
        mark="draining",
        status="changing",
        sentence="New requests are refused; those in flight get their answer."
        + queued.get(state.pending_order or "", ""),
        buttons=(ButtonView("server.stop_now", "danger"),),
        below=False,
        steps=(),
        editable=False,
        main="server.stop_now",
        allowed=frozenset({"server.stop_now"}),
        short="Stopping",
        line=f"Stopping: {waits}" if state.in_flight else "Stopping",
    )


def _crashed(state: ServerState, now: float) -> ServerView:
    when = "starts again now" if not state.retry_in else f"starts again in {duration(state.retry_in + 0.999)}"
    sentence = state.crashes[-1].sentence if state.crashes else "The server ended by itself."
    return ServerView(
        title="Crashed",
        when=when,
        mark="crashed",
        status="problem",
        sentence=sentence,
        buttons=(ButtonView("server.start_now", "primary"), ButtonView("server.give_up")),
        below=True,
        steps=(),
        editable=False,
        main="server.start_now",
        allowed=frozenset({"server.start_now", "server.give_up", "server.show_log"}),
        short="Crashed",
        line=f"Crashed, {when}",
    )


def _failed(state: ServerState, now: float) -> ServerView:
    cause = state.cause
    about_port = cause is not None and (cause.kind in PORT_KINDS or cause.next_free_port is not None)
    buttons: tuple[ButtonView, ...] = (ButtonView("server.try_again", "primary"),)
    if about_port:
        buttons = (ButtonView("server.choose_port"), ButtonView("server.try_again"))
        if cause is not None and cause.next_free_port:
            buttons = (ButtonView("server.use_port", "primary"), *buttons)
        else:
            buttons = (replace(buttons[0], kind="primary"), buttons[1])
    keeps_crashing = bool(state.crashes) and not about_port
    title = "Keeps crashing" if keeps_crashing else "Did not start"
    return ServerView(
        title=title,
        when=_ago(state, now),
        mark="failed",
        status="failed",
        sentence=cause.sentence if cause else "The server gave no reason. The log below may tell more.",
        buttons=buttons,
        below=True,
        steps=() if keeps_crashing else steps_of(state),
        editable=True,
        main="server.try_again",
        allowed=frozenset({"server.show_log", *(button.action for button in buttons)}),
        short="Failed",
        line=f"{title}: port {state.port} is in use" if cause is not None and cause.kind == BUSY else title,
        show_log=True,
    )


def _foreign(state: ServerState, now: float) -> ServerView:
    owner = ""
    if state.cause is None:
        owner = f"Another program answers on port {state.port}. Choose another port, or stop that program."
    again = ButtonView("server.try_again")
    buttons: tuple[ButtonView, ...] = (ButtonView("server.choose_port", "primary"), again)
    if state.cause is not None and state.cause.next_free_port:
        buttons = (ButtonView("server.use_port", "primary"), ButtonView("server.choose_port"), again)
    return ServerView(
        title="Port taken",
        when=_ago(state, now),
        mark="foreign",
        status="failed",
        sentence=state.cause.sentence if state.cause else owner,
        buttons=buttons,
        below=True,
        steps=(),
        editable=True,
        main="server.choose_port",
        allowed=frozenset(button.action for button in buttons),
        short="Port taken",
        line=f"Port {state.port} is taken by another program",
    )


_PRESENTERS = {
    Phase.STOPPED: _stopped,
    Phase.STARTING: _starting,
    Phase.SERVING: _serving,
    Phase.ADOPTED: _adopted,
    Phase.DRAINING: _draining,
    Phase.CRASHED: _crashed,
    Phase.FAILED: _failed,
    Phase.FOREIGN: _foreign,
}

_STEP_WORDS = {
    "process": {
        "pending": "Process",
        "running": "Process starts",
        "done": "Process started",
        "failed": "Process ended",
    },
    "socket": {
        "pending": "Port",
        "running": "Port opens",
        "done": "Port opened",
        "failed": "Port not opened",
    },
    "application": {
        "pending": "Application answers",
        "running": "Application loads",
        "done": "Application answers",
        "failed": "Application does not answer",
    },
}


_SILENT = {"process": "Process is silent", "socket": "Port does not open"}


def steps_of(state: ServerState) -> tuple[StepView, ...]:
    """The steps of a start in words; a detail that only repeats the cause is left out (SV-04)."""
    views = []
    cause = state.cause
    for step in state.steps:
        text = _STEP_WORDS.get(step.name, {}).get(step.status, step.name)
        detail = step.detail
        if step.status == "failed" and cause is not None and cause.kind == "timeout":
            text = _SILENT.get(step.name, text)
        if step.name == "socket" and step.status == "failed" and cause is not None and cause.kind == BUSY:
            text, detail = f"Port {state.port} in use", f"by {cause.owner_name}" if cause.owner_name else ""
        elif cause is not None and detail == cause.sentence:
            detail = ""
        elif not detail and step.seconds is not None and step.status == "done":
            detail = f"{step.seconds:.1f} s"
        views.append(StepView(text, step.status, detail))
    return tuple(views)


def toggle_of(state: ServerState) -> str:
    """The action of the start/stop key in this state."""
    return {
        Phase.STOPPED: "server.start",
        Phase.STARTING: "server.cancel",
        Phase.SERVING: "server.stop",
        Phase.ADOPTED: "server.stop",
        Phase.DRAINING: "server.stop_now",
        Phase.CRASHED: "server.start_now",
        Phase.FAILED: "server.try_again",
        Phase.FOREIGN: "server.try_again",
    }[state.phase]


def reason_against(action: str, state: ServerState) -> str:
    """Why `action` cannot be used now, for its tooltip."""
    if action in ("server.stop", "server.restart", "server.open", "server.copy_address"):
        return {
            Phase.STARTING: "The server is still starting.",
            Phase.DRAINING: "The server is stopping.",
        }.get(state.phase, "The server does not run.")
    if action == "server.start":
        running = state.phase in (Phase.SERVING, Phase.ADOPTED)
        return "The server runs already." if running else "The server is changing its state."
    return "There is nothing to do here in the present state."


def reach(address: str) -> tuple[str, str]:
    """Who can reach `address`, in words, and the colour group of the badge (SV-08)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return (
            ("This computer only", "neutral")
            if address == "localhost"
            else (f"Reachable at {address}", "problem")
        )
    if found.is_loopback:
        return "This computer only", "neutral"
    if found.is_unspecified:
        return "Open to the network", "problem"
    return f"Open to the network at {address}", "problem"


_CRON = {"none": "no cron", "hard": "cron each minute", "soft": "cron after pages"}
"""Modes of cron, as the summary calls them (CRON-14, CRON-18)."""


def summary_of(state: ServerState) -> str:
    """Address and process in one line, for the folded head (SV-02)."""
    where = "inside this process" if state.mode == "embedded" else counted(state.threads, "thread")
    cron = _CRON.get(state.cron, "no cron")
    return f"{state.address}, port {state.port}, {where}, {cron}, folder {state.site_folder}"


def points_of(series: Sequence[Sample], now: float) -> tuple[Point, ...]:
    """The line of the last 15 minutes: for every POINT_SECONDS the requests per second, and the errors.

    The server tells only seconds with requests; a time without any is a point at 0.
    """
    count = WINDOW_SECONDS // POINT_SECONDS
    first = now - WINDOW_SECONDS
    requests, errors = [0] * count, [0] * count
    for moment, answered, failed in series:
        at = int((moment - first) // POINT_SECONDS)
        if moment >= first:
            requests[min(at, count - 1)] += answered
            errors[min(at, count - 1)] += failed
    middle = first + POINT_SECONDS / 2
    return tuple(
        (middle + at * POINT_SECONDS, requests[at] / POINT_SECONDS, errors[at]) for at in range(count)
    )


def words_of_series(series: Sequence[Sample]) -> str:
    """The line in words: how many requests, the busiest second, errors."""
    total = sum(requests for _, requests, _ in series)
    errors = sum(failed for *_, failed in series)
    if not total:
        return "no requests"
    words = f"{counted(total, 'request')}, peak {number(max(requests for _, requests, _ in series))} req/s"
    return f"{words}, {counted(errors, 'error')}" if errors else words


QUEUE_PATIENCE = 5.0  # seconds of waiting that are no matter


def queue_hint(metrics: Metrics | None, running: bool) -> str:
    """What to do when requests go on waiting for a thread or the processor; nothing otherwise (SV-19)."""
    if not running or metrics is None or not metrics.queue or metrics.queued_seconds < QUEUE_PATIENCE:
        return ""
    waiting = counted(metrics.queue, "request waits", "requests wait")
    since = duration(metrics.queued_seconds)
    if metrics.threads_busy < metrics.threads:  # more of them would only take turns
        return f"{waiting} for the processor, for {since}. Faster pages or another server process help."
    return f"{waiting} for a free thread, for {since}. More threads or faster pages help."


def load_words(metrics: Metrics | None, running: bool) -> str:
    """What the server's process uses; nothing while that is not known (SV-19)."""
    return f"The server uses {metrics.load}." if running and metrics is not None and metrics.load else ""


def figures_of(metrics: Metrics | None, running: bool) -> tuple[Figure, ...]:
    """The figures of the request strip; unknown ones are a dash (SV-11, SV-19)."""
    known = metrics if running and metrics is not None else Metrics()
    rate, median, late = known.requests_per_second, known.median_ms, known.p95_ms
    errors = known.error_percent

    def timed(value: float | None) -> tuple[str, str]:
        if value is None:
            return UNKNOWN, ""
        shown, _, unit = milliseconds(value).rpartition(" ")
        return shown, unit

    threads = (str(known.threads_busy), f"of {known.threads}") if known.threads else (UNKNOWN, "")
    return (
        Figure(*((number(rate, 1), "req/s") if rate is not None else (UNKNOWN, "")), "Requests"),
        Figure(*timed(median), "Median time"),
        Figure(*timed(late), "95 % are faster", "95 %"),
        Figure(*((number(errors, 1), "%") if errors is not None else (UNKNOWN, "")), "Errors"),
        Figure(*threads, "Threads busy", "Threads"),
    )
