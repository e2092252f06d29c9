"""The one object the window, the tray and the palette speak to about the server."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.processes.adopted import AdoptedHost, RunningServer
from desktop.processes.backend import Backend
from desktop.processes.checks import folder_faults, instant_faults, probe_port
from desktop.processes.child import ChildHost
from desktop.processes.embedded import EmbeddedHost
from desktop.processes.hosts import ServerHost
from desktop.processes.lane import Lane
from desktop.processes.launch import PasswordSource, Preparation, Prepared
from desktop.processes.machine import Command, Commands, Machine, Order
from desktop.processes.metrics import MetricsPoller, RunningAnswer
from desktop.processes.protocol import HostEvent, cause_of, sentence
from desktop.processes.runtime_backend import RuntimeBackend
from desktop.processes.state import (
    LOG_TAIL_LINES,
    Cause,
    Fault,
    LogLine,
    Phase,
    PortReport,
    ServerSettings,
    ServerState,
)

COUNTDOWN_STEP = 1000  # milliseconds between two updates of a shown countdown
_COUNTING = frozenset({Phase.DRAINING, Phase.CRASHED})
_RUNNING = frozenset({Phase.SERVING, Phase.ADOPTED})
_LOG_MATTERS = frozenset({Phase.STARTING, Phase.CRASHED, Phase.FAILED, Phase.FOREIGN})


class ServerSupervisor(QObject):
    """Starts, watches, restarts and stops the server of one site folder; never waits (SV-01 .. SV-07).

    Args:
        settings: what to serve, and where.
        passwords: keeps the administration password of each site folder; None serves without one.
        backend: the door to the runtime; tests give their own.
        machine: the state machine; tests give one with short times.

    Signals:
        state_changed: ServerState, whenever it differs from the one before.
        metrics_changed: Metrics, about once a second while polling is on.
        port_checked: PortReport, the answer to `check_port`.
        log_line: LogLine, each line of the server's log (of a flood only the last ones).
        settings_applied: ServerSettings, accepted by `apply` or `use_port`; to be stored.
        settings_checked: list of Fault that only the disk and the network could tell.
        shut_down: `shutdown` is done, the program may end.
    """

    state_changed = Signal(object)
    metrics_changed = Signal(object)
    port_checked = Signal(object)
    log_line = Signal(object)
    settings_applied = Signal(object)
    settings_checked = Signal(object)
    shut_down = Signal()

    def __init__(
        self,
        settings: ServerSettings,
        *,
        passwords: PasswordSource | None = None,
        backend: Backend | None = None,
        machine: Machine | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._started_with = settings
        self._passwords = passwords
        self._password_set: bool | None = None  # None: not asked yet
        self._password_changed = False
        self._backend = backend or RuntimeBackend()
        self._machine = machine or Machine()
        self._host: ServerHost | None = None
        self._preparation: Preparation | None = None
        self._log: deque[LogLine] = deque(maxlen=LOG_TAIL_LINES)
        self._told: ServerState | None = None
        self._closing = False
        self._on_closed: Callable[[], None] | None = None
        self._lane = Lane("server-preparation", self)
        self._poller = MetricsPoller(self)
        self._poller.pid = lambda: self.state.pid
        self._poller.metrics.connect(self.metrics_changed)
        self._poller.in_flight.connect(self._on_in_flight)
        self._deadline = QTimer(self, singleShot=True)
        self._deadline.setObjectName("server-deadline")
        self._deadline.timeout.connect(self._on_deadline)
        self._countdown = QTimer(self, interval=COUNTDOWN_STEP)
        self._countdown.setObjectName("server-countdown")
        self._countdown.timeout.connect(self._on_countdown)

    # what is so

    @property
    def settings(self) -> ServerSettings:
        """The settings the next start will use."""
        return self._settings

    @property
    def state(self) -> ServerState:
        """Everything there is to show, at this moment."""
        shown = self._started_with if self._machine.alive else self._settings
        return self._machine.snapshot(
            ServerState(
                address=shown.address,
                port=shown.port,
                site_folder=str(shown.site_folder),
                log_tail=tuple(self._log),
                needs_restart=self._needs_restart(),
                threads=shown.threads,
                cron=shown.cron,
                password_set=bool(self._password_set),
                mode="embedded" if shown.embedded else "child",
            )
        )

    def _needs_restart(self) -> bool:
        if self._machine.phase not in _RUNNING:
            return False
        started_with = replace(self._started_with, start_with_window=self._settings.start_with_window)
        return self._password_changed or started_with != self._settings

    # orders

    def start(self) -> None:
        """Serve (SV-01)."""
        self._order(Order.START)

    def stop(self) -> None:
        """Answer what is in flight, then end (SV-06)."""
        self._order(Order.STOP)

    def stop_now(self) -> None:
        """End without waiting for requests in flight."""
        self._order(Order.STOP_NOW)

    def restart(self) -> None:
        """Stop, then start with the present settings."""
        self._order(Order.RESTART)

    def cancel(self) -> None:
        """Call a start off."""
        self._order(Order.CANCEL)

    def start_now(self) -> None:
        """After a crash: do not wait any longer."""
        self._order(Order.START_NOW)

    def give_up(self) -> None:
        """After a crash or failure: stay stopped."""
        self._order(Order.GIVE_UP)

    def try_again(self) -> None:
        """After a failed start: start anew."""
        self._order(Order.TRY_AGAIN)

    def use_port(self, port: int) -> list[Fault]:
        """Take another port and, unless a server runs, start with it (SV-03)."""
        faults = self.apply(replace(self._settings, port=port))
        if not faults and self._machine.phase not in _RUNNING:
            self._order(Order.TRY_AGAIN)
        return faults

    def look_for_running(self) -> None:
        """Adopt a server of this site folder that runs already; call once when the desktop starts (SH-17)."""
        folder = self._settings.site_folder
        self._lane.submit(lambda: self._backend.find_running(folder), self._on_looked_for, self._ignore)

    # settings

    def apply(self, settings: ServerSettings) -> list[Fault]:
        """Take new settings unless they cannot be; disk and network answer later, by `settings_checked`.

        A running server goes on as it was started, `needs_restart` says so (SV-02).

        Returns:
            What is wrong; when not empty, nothing was changed.
        """
        faults = instant_faults(settings, password_set=self._password_set is not False)
        if faults:
            return faults
        if settings.site_folder != self._settings.site_folder:
            self._password_set = None
        self._settings = settings
        busy_by_us = self._machine.alive and self._same_port(settings.address, settings.port)

        def look() -> list[Fault]:
            found = folder_faults(settings.site_folder)
            port = None if busy_by_us else probe_port(settings.address, settings.port)
            return found if port is None or port.free else [*found, Fault("port", port.sentence)]

        self._lane.submit(look, self.settings_checked.emit)
        self.settings_applied.emit(settings)
        self._tell()
        return []

    def check_port(self, port: int) -> None:
        """Find out whether `port` is free; answered by `port_checked`."""
        address = self._settings.address
        if self._machine.alive and self._same_port(address, port):
            report = PortReport(
                address, port, free=True, sentence=f"Port {port} is in use by this server.", ours=True
            )
            self.port_checked.emit(report)
            return
        self._lane.submit(lambda: probe_port(address, port), self.port_checked.emit)

    def password_changed(self, password_set: bool) -> None:
        """The administration password was set or removed; a running server knows after a restart (SV-09)."""
        self._password_set = password_set
        self._password_changed = self._machine.alive
        self._tell()

    def set_polling(self, wanted: bool) -> None:
        """Ask the server for its metrics every second, as long as somebody looks (SV-11)."""
        self._poller.set_wanted(wanted)

    def look_at_requests(self, answer: RunningAnswer) -> None:
        """Find out which requests are being answered; `answer` gets them once, within about a second."""
        self._poller.ask_running(answer)

    def ask(
        self, name: str, answer: Callable[[Any], None], failed: Callable[[str], None], **arguments: Any
    ) -> None:
        """Give the server a command of its control channel; `answer` gets the result, `failed` a sentence."""
        self._poller.ask(name, answer, failed, **arguments)

    def _same_port(self, address: str, port: int) -> bool:
        return (address, port) == (self._started_with.address, self._started_with.port)

    # leaving

    def shutdown(self, done: Callable[[], None] | None = None, drain_seconds: float | None = None) -> None:
        """Stop the server, or leave it running if it is to outlive us; then `shut_down` and `done()`.

        Args:
            drain_seconds: grace for requests in flight; default that of a stop.  At log-off give 5 (SH-19).
        """
        if done is not None:
            self._on_closed = done
        if self._closing:
            return
        self._closing = True
        if drain_seconds is not None:
            self._machine.drain_seconds = drain_seconds
            self._carry_out(self._machine.hasten(drain_seconds))
        if self._host is not None and self._may_outlive():
            self._host.release()
            self._closed()
            return
        order = Order.CANCEL if self._machine.phase is Phase.STARTING else Order.STOP
        self._order(order)
        if not self._machine.alive:
            self._closed()

    def _may_outlive(self) -> bool:
        if self._machine.phase is Phase.ADOPTED:
            return True
        kept = self._started_with.keep_serving and not self._started_with.embedded
        return kept and self._machine.phase is Phase.SERVING

    def _closed(self) -> None:
        self._deadline.stop()
        self._countdown.stop()
        self._poller.close()
        self._lane.close()
        self.shut_down.emit()
        done, self._on_closed = self._on_closed, None
        if done is not None:
            done()

    # the machine's commands

    def _order(self, order: Order) -> None:
        self._carry_out(self._machine.order(order))

    def _on_deadline(self) -> None:
        self._carry_out(self._machine.tick())

    def _carry_out(self, commands: Commands) -> None:
        for command in commands:
            if command is Command.LAUNCH:
                self._prepare()
            elif self._host is None:
                self._call_off()
            elif command is Command.STOP:
                self._host.stop(self._machine.grace)
            else:
                self._host.kill()
        self._arm()
        self._tell()

    def _prepare(self) -> None:
        self._started_with = self._settings
        self._password_changed = False
        self._preparation = Preparation(
            self._settings, self._backend, self._lane, self._passwords, self._on_prepared, self
        )

    def _call_off(self) -> None:
        """The start is called off before there was a process."""
        self._drop_preparation()
        self._carry_out(self._machine.ended("The start was called off."))

    def _drop_preparation(self) -> None:
        if self._preparation is not None:
            self._preparation.call_off()
            self._preparation.deleteLater()
            self._preparation = None

    def _on_prepared(self, prepared: Prepared) -> None:
        self._drop_preparation()
        if prepared.found is not None:
            self._adopt(prepared.found)
        elif prepared.cause is not None:
            self._fail_early(prepared.cause)
        else:
            self._password_set = prepared.password is not None
            self._watch(self._make_host(prepared))

    def _fail_early(self, cause: Cause) -> None:
        self._machine.failed(cause)
        self._carry_out(self._machine.ended(cause.sentence))

    def _make_host(self, prepared: Prepared) -> ServerHost:
        settings = self._started_with
        if prepared.command is None:
            return EmbeddedHost(settings, prepared.password, self._backend, self)
        greeting = {"password": prepared.password, "keep_serving": settings.keep_serving}
        return ChildHost(prepared.command, greeting, self._backend.connect, self)

    def _on_looked_for(self, found: RunningServer | None) -> None:
        if found is not None and not self._machine.alive and not self._closing:
            self._adopt(found)

    def _adopt(self, found: RunningServer) -> None:
        self._started_with = replace(self._settings, address=found.address, port=found.port, embedded=False)
        commands = self._machine.adopted(found.pid, found.url)
        self._watch(AdoptedHost(found, self._backend.connect, self))
        self._carry_out(commands)

    def _watch(self, host: ServerHost) -> None:
        self._host = host
        host.happened.connect(self._on_happened)
        host.logged.connect(self._on_logged)
        self._poller.set_host(host)
        host.launch()
        self._tell()

    # what the host says

    def _on_happened(self, event: HostEvent) -> None:
        machine = self._machine
        match event.name:
            case "spawned":
                commands = machine.spawned(int(event.number("pid") or 0))
            case "started":
                commands = machine.process_started()
            case "listening":
                commands = self._on_listening(event)
            case "checking":
                commands = machine.checking(event.text("application") or "")
            case "ready":
                warning = event.text("warning")
                commands = machine.ready(sentence(warning) if warning else None)
            case "failed":
                commands = machine.failed(cause_of(event))
            case "draining":
                commands = machine.draining(int(event.number("in_flight") or 0), event.number("seconds"))
            case "ended":
                self._drop_host()
                commands = machine.ended(event.text("sentence") or "The server ended.")
            case _:
                commands = ()
        self._carry_out(commands)
        if self._closing and not machine.alive:
            self._closed()

    def _on_listening(self, event: HostEvent) -> Commands:
        port = event.number("port")
        if port:
            self._started_with = replace(self._started_with, port=int(port))
        return self._machine.listening(event.text("url"))

    def _drop_host(self) -> None:
        if self._host is not None:
            self._poller.set_host(None)
            self._host.deleteLater()
            self._host = None

    def _on_logged(self, lines: list[LogLine]) -> None:
        self._log.extend(lines)
        for line in lines:
            self.log_line.emit(line)
        if self._machine.phase in _LOG_MATTERS:
            self._tell()

    def _on_countdown(self) -> None:
        if self._machine.phase is Phase.DRAINING:
            self._poller.count_in_flight()
        self._tell()

    def _on_in_flight(self, count: int) -> None:
        if self._machine.phase is Phase.DRAINING:
            self._carry_out(self._machine.draining(count, None))

    # telling

    def _arm(self) -> None:
        """Set the timers to what the machine waits for."""
        seconds = self._machine.next_deadline
        if seconds is None:
            self._deadline.stop()
        else:
            self._deadline.start(int(seconds * 1000) + 1)
        counting = self._machine.phase in _COUNTING
        if counting != self._countdown.isActive():
            self._countdown.start() if counting else self._countdown.stop()

    def _tell(self) -> None:
        state = self.state
        if state != self._told:
            self._told = state
            self.state_changed.emit(state)

    def _ignore(self, _error: Exception) -> None:
        """A server that cannot be looked for is found when one is started."""
