"""Doubles of what the window talks to, and one state of the server for each phase."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.processes.state import (
    Cause,
    Crash,
    Fault,
    LogLine,
    Metrics,
    Phase,
    PortReport,
    RequestLine,
    RunningRequest,
    ServerSettings,
    ServerState,
    Step,
)

NOW = time.mktime((2026, 11, 20, 11, 19, 5, 0, 0, -1))

LOG = tuple(
    LogLine(f"11:22:40.{part}", "server", level, text)
    for part, level, text in (
        ("118", "info", "Hadron 0.1.0, Python 3.13.1, folder /home/office/Sites"),
        ("121", "info", "default application: welcome"),
        ("392", "info", "4 threads, queue 64, HTTPS off"),
        ("401", "error", "cannot bind 127.0.0.1:8000: address already in use"),
        ("402", "info", "asked the system: port 8000 is held by nginx (process 812)"),
        ("404", "info", "exit code 3, nothing was served"),
    )
)

BUSY = "Port 8000 is used by nginx (process 812). Use another port, or stop nginx and try again."


def server_state(phase: Phase, now: float | None = None, **changes: object) -> ServerState:
    """A plausible state of `phase`."""
    now = time.time() if now is None else now
    base = ServerState(
        phase=phase,
        since=now - 7500,
        address="127.0.0.1",
        port=8000,
        site_folder="/home/office/Sites",
        threads=4,
        log_tail=LOG,
    )
    serving = {"url": "http://127.0.0.1:8000", "pid": 4711}
    steps = (Step("process", "done", 0.4), Step("socket", "done", 0.1), Step("application", "running"))
    busy = Cause("port_busy", BUSY, "nginx", 812, 8001)
    of_phase: dict[Phase, dict[str, object]] = {
        Phase.STOPPED: {"since": 0.0, "log_tail": ()},
        Phase.STARTING: {"since": now - 2, "steps": steps},
        Phase.SERVING: serving,
        Phase.ADOPTED: serving,
        Phase.DRAINING: {**serving, "in_flight": 3, "drain_seconds_left": 12.0},
        Phase.CRASHED: {
            "retry_in": 4.0,
            "crashes": tuple(
                Crash(now - 9 * at, "The process ended with signal 11 (segmentation fault).")
                for at in (3, 2, 1)
            ),
        },
        Phase.FAILED: {
            "since": now - 20,
            "cause": busy,
            "steps": (Step("process", "done", 0.4), Step("socket", "failed", 0.1, BUSY), Step("application")),
        },
        Phase.FOREIGN: {"since": now - 5, "cause": replace(busy, kind="foreign")},
    }
    return replace(base, **{**of_phase[phase], **changes})


def metrics(now: float | None = None) -> Metrics:
    """Figures of a server with some work."""
    now = time.time() if now is None else now
    series = tuple(
        (
            now - 900 + at,
            max(0, round(4.2 + 2 * math.sin(at / 50) + 1.4 * math.sin(at / 17) + at * 7919 % 5 - 2)),
            int(at in (460, 470, 710)),
        )
        for at in range(900)
    )
    lines = (
        ("11:19:04", "GET", "/shop/default/thing/18390", "shop", 200, 14, None),
        ("11:19:02", "GET", "/shop/static/6.1.0/css/site.css", "shop", 304, 1, None),
        ("11:19:01", "GET", "/shop/default/index", "shop", 500, 61, "ZeroDivisionError"),
        (
            "11:18:58",
            "GET",
            "/lab/measure/series.json?run=2026-11-19T08:00&channel=all",
            "lab",
            200,
            218,
            None,
        ),
        ("11:18:57", "POST", "/welcome/default/user/login", "welcome", 303, 9, None),
        ("11:18:55", "GET", "/shop/default/thing/18402", "shop", 200, 22, None),
        ("11:18:51", "GET", "/shop/default/favicon", "shop", 404, 4, None),
    )
    latest = tuple(
        RequestLine(
            when,
            method,
            path,
            app,
            status,
            ms,
            "127.0.0.1.2026-11-20.11-19-01.a" if error else None,
            error,
            moment=now - at + 0.4,
        )
        for at, (when, method, path, app, status, ms, error) in enumerate(lines)
    )
    return Metrics(4.2, 18.0, 140.0, 0.1, 1, 4, 0, series, latest)


class FakeSupervisor(QObject):
    """Remembers what it was asked for, and shows the state it is given."""

    state_changed = Signal(object)
    metrics_changed = Signal(object)
    port_checked = Signal(object)
    settings_checked = Signal(object)

    def __init__(self, phase: Phase = Phase.STOPPED) -> None:
        super().__init__()
        self.state = server_state(phase)
        self.settings = ServerSettings(site_folder=Path("/home/office/Sites"), threads=4)
        self.asked: list[object] = []
        self.faults: list[Fault] = []
        self.busy_ports: set[int] = set()
        self.polling = False
        self.requests: list[RunningRequest] = []
        self.answers: dict[str, object] = {}
        self.refusals: dict[str, str] = {}

    def show(self, phase: Phase, **changes: object) -> None:
        """Goes to a state."""
        self.state = server_state(phase, **changes)
        self.state_changed.emit(self.state)

    def __getattr__(self, name: str) -> object:
        if name in {"start", "cancel", "stop", "stop_now", "restart", "start_now", "give_up", "try_again"}:
            return lambda: self.asked.append(name)
        raise AttributeError(name)

    def use_port(self, port: int) -> list[Fault]:
        self.asked.append(("use_port", port))
        return []

    def apply(self, settings: ServerSettings) -> list[Fault]:
        self.asked.append(("apply", settings))
        if not self.faults:
            self.settings = settings
            running = self.state.phase in (Phase.SERVING, Phase.ADOPTED)
            self.state = replace(self.state, needs_restart=running)
            self.state_changed.emit(self.state)
        return self.faults

    def check_port(self, port: int) -> None:
        self.asked.append(("check_port", port))
        free = port not in self.busy_ports
        self.port_checked.emit(
            PortReport("127.0.0.1", port, free, f"Port {port} is used by nginx (process 812).")
        )

    def ask(self, name, answer, failed, **arguments) -> None:
        self.asked.append((name, arguments or None))
        if name in self.refusals:
            failed(self.refusals[name])
        else:
            answer(self.answers[name])

    def look_at_requests(self, answer) -> None:
        answer(self.requests)

    def set_polling(self, wanted: bool) -> None:
        self.polling = wanted


class FakeTray(QObject):
    """A tray in memory."""

    toggle_wanted = Signal()
    available = True

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[object, ...] = ()
        self.told: list[tuple[str, str, str]] = []

    def show_state(self, mark: str, status: str, line: str, tooltip: str, items: tuple[str, ...]) -> None:
        self.shown = (mark, status, line, tooltip, tuple(items))

    def notify(self, title: str, text: str, level: str) -> None:
        self.told.append((title, text, level))

    def close(self) -> None:
        self.shown = ()
