"""The supervisor with a child process that speaks the server's protocol, well or badly."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import QTimer

import desktop.processes.launch as launch
import desktop.processes.machine as machine_module
from desktop.processes.adopted import RunningServer
from desktop.processes.machine import Machine
from desktop.processes.protocol import WAITING_LINES
from desktop.processes.state import Phase, PortReport, ServerSettings, ServerState
from desktop.processes.supervisor import ServerSupervisor
from tests.ports import free_port

FAKE = Path(__file__).with_name("fake_child.py")
SECRET = "correct horse battery"
WAIT = 10_000  # milliseconds

Step = list[Any]


def say(name: str, **data: Any) -> Step:
    return ["say", {"event": name, **data}]


GOOD_START = [
    say("started"),
    say("listening", url="http://127.0.0.1:8000/"),
    say("checking", application="welcome"),
    say("ready"),
]


class Answer:
    def __init__(self, password: str | None) -> None:
        self.password = password


class Passwords:
    """Answers at once, or never."""

    def __init__(self, password: str | None = SECRET, locked: bool = False) -> None:
        self.password = password
        self.locked = locked

    def get(self, site: str, callback: Callable[[Any], None] | None = None) -> None:
        if callback is not None and not self.locked:
            callback(Answer(self.password))


class FakeClient:
    """A control channel that answers from a table; a drain ends the given process."""

    def __init__(self, answers: dict[str, Any], pid: int | None = None) -> None:
        self.answers = answers
        self.pid = pid
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, name: str, **arguments: Any) -> Any:
        self.calls.append((name, arguments))
        if name == "drain" and self.pid:
            os.kill(self.pid, signal.SIGTERM)
        if name not in self.answers:
            raise ConnectionRefusedError("no channel")
        return self.answers[name]


class FakeBackend:
    def __init__(self, folder: Path) -> None:
        self.orders = folder / "orders.json"
        self.found: RunningServer | None = None
        self.client = FakeClient({})
        self.program = [sys.executable, str(FAKE), str(self.orders)]

    def play(self, *script: Step) -> None:
        self.orders.write_text(json.dumps({"script": script}))

    def serve_command(self, settings: ServerSettings) -> list[str]:
        return self.program

    def find_running(self, site_folder: Path) -> RunningServer | None:
        return self.found

    def connect(self, address: str, key: str) -> Any:
        return self.client

    def embedded(self, settings: ServerSettings, password: str | None) -> Any:
        raise AssertionError("not asked for here")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "applications").mkdir(parents=True)
    return tmp_path / "site"


@pytest.fixture
def backend(tmp_path: Path) -> FakeBackend:
    return FakeBackend(tmp_path)


@pytest.fixture
def make(qtbot: Any, site: Path, backend: FakeBackend) -> Iterator[Callable[..., ServerSupervisor]]:
    made: list[ServerSupervisor] = []
    closed: list[ServerSupervisor] = []

    def build(**options: Any) -> ServerSupervisor:
        keep = options.pop("keep_serving", False)
        settings = ServerSettings(port=free_port(), site_folder=site, keep_serving=keep)
        options.setdefault("passwords", Passwords())
        supervisor = ServerSupervisor(settings, backend=backend, **options)
        supervisor.phases = []  # type: ignore[attr-defined]
        supervisor.state_changed.connect(lambda state: note(supervisor.phases, state.phase))  # type: ignore[attr-defined]
        supervisor.shut_down.connect(lambda: closed.append(supervisor))
        made.append(supervisor)
        return supervisor

    yield build
    for supervisor in made:
        if supervisor.state.phase is not Phase.ADOPTED and supervisor not in closed:
            supervisor.stop_now()
            qtbot.waitUntil(lambda s=supervisor: s.state.pid is None, timeout=WAIT)
        supervisor.shutdown()
        supervisor.deleteLater()


def note(phases: list[Phase], phase: Phase) -> None:
    if not phases or phases[-1] is not phase:
        phases.append(phase)


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(qtbot: Any, supervisor: ServerSupervisor, phase: Phase) -> ServerState:
    qtbot.waitUntil(lambda: supervisor.state.phase is phase, timeout=WAIT)
    return supervisor.state


def test_sv_01_start_to_ready_and_stop(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """SV-01, SV-04, SV-06: three steps, serving, draining with its figures, stopped."""
    backend.play(*GOOD_START, ["serve"])
    supervisor = make()
    states: list[ServerState] = []
    supervisor.state_changed.connect(states.append)
    supervisor.start()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    assert [s.status for s in state.steps] == ["done", "done", "done"]
    assert state.url == "http://127.0.0.1:8000/"
    assert running(state.pid)
    assert state.password_set
    supervisor.stop()
    until(qtbot, supervisor, Phase.STOPPED)
    assert supervisor.phases == [Phase.STARTING, Phase.SERVING, Phase.DRAINING, Phase.STOPPED]
    assert any(s.in_flight == 1 and s.drain_seconds_left is not None for s in states)
    assert not running(state.pid)


def test_sv_09_password_goes_through_standard_input_only(
    qtbot: Any, make: Any, backend: FakeBackend, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SV-09, ST-05: in no argument, no environment variable, no log, no state."""
    backend.play(["note", str(tmp_path / "greeting")], *GOOD_START, ["serve"])
    supervisor = make()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    assert json.loads((tmp_path / "greeting").read_text()) == {"password": SECRET, "keep_serving": False}
    process = psutil.Process(state.pid)
    assert SECRET not in " ".join(process.cmdline())
    assert SECRET not in repr(process.environ())
    assert SECRET not in repr(supervisor.state) + caplog.text


def test_st_05_a_locked_keyring_does_not_hold_up_the_start(
    qtbot: Any, make: Any, backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ST-05: no answer within the patience: the server starts without a password."""
    monkeypatch.setattr(launch, "PASSWORD_PATIENCE", 50)
    backend.play(["note", str(tmp_path / "greeting")], *GOOD_START, ["serve"])
    supervisor = make(passwords=Passwords(locked=True))
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    assert not state.password_set
    assert json.loads((tmp_path / "greeting").read_text())["password"] is None


def test_sv_08_no_serving_beyond_this_computer_without_a_password(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SV-08: refused in place, and again at the start if the keyring turns out empty."""
    supervisor = make(passwords=Passwords(password=None))
    public = replace(supervisor.settings, address="0.0.0.0")
    assert supervisor.apply(public) == []  # the keyring was not asked yet
    supervisor.start()
    state = until(qtbot, supervisor, Phase.FAILED)
    assert "password" in state.cause.sentence
    assert state.pid is None
    supervisor.password_changed(False)
    assert [f.field for f in supervisor.apply(public)] == ["address"]
    supervisor.password_changed(True)
    assert supervisor.apply(public) == []


def test_sv_03_busy_port_is_found_before_a_process_is_made(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SV-03, SV-22: owner by name and pid, the next free port, and *Use N* starts there."""
    backend.play(*GOOD_START, ["serve"])
    supervisor = make()
    with socket.socket() as other:
        other.bind(("127.0.0.1", supervisor.settings.port))
        other.listen()
        supervisor.start()
        state = until(qtbot, supervisor, Phase.FOREIGN)
        assert state.pid is None
        assert state.cause.owner_pid == os.getpid()
        assert state.cause.owner_name
        assert str(supervisor.settings.port) in state.cause.sentence
        with qtbot.waitSignal(supervisor.settings_applied) as applied:
            assert supervisor.use_port(state.cause.next_free_port) == []
        assert applied.args[0].port == state.cause.next_free_port
        assert until(qtbot, supervisor, Phase.SERVING).port == state.cause.next_free_port


def test_sv_03_busy_port_told_by_the_process(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """SV-03: taken between the look and the start; the process' own report is shown."""
    busy = say(
        "failed",
        kind="port_busy",
        message="Port 8000 is used by nginx.",
        owner={"name": "nginx", "pid": 77},
        next_free=8001,
    )
    backend.play(say("started"), busy, ["exit", 1])
    supervisor = make()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.FOREIGN)
    assert (state.cause.owner_name, state.cause.owner_pid, state.cause.next_free_port) == ("nginx", 77, 8001)


def test_sv_03_check_port_answers_by_signal(qtbot: Any, make: Any) -> None:
    """SV-03"""
    supervisor = make()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with qtbot.waitSignal(supervisor.port_checked, timeout=WAIT) as checked:
            supervisor.check_port(other.getsockname()[1])
    report: PortReport = checked.args[0]
    assert not report.free
    assert report.owner_pid == os.getpid()
    with qtbot.waitSignal(supervisor.port_checked, timeout=WAIT) as checked:
        supervisor.check_port(free_port())
    assert checked.args[0].free


def test_sv_05_failed_start_keeps_cause_and_last_twenty_log_lines(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SV-05: an end without an explanation names the exit code; the log's tail is there."""
    lines = [["log", f"2026-11-21 11:22:40.118 server error line {n}"] for n in range(30)]
    backend.play(say("started"), *lines, ["log", "  File x"], ["exit", 3])
    supervisor = make()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.FAILED)
    assert "exit code 3" in state.cause.sentence
    assert len(state.log_tail) == 20
    assert state.log_tail[-2].text == "line 29"
    assert (state.log_tail[-2].source, state.log_tail[-2].level) == ("server", "error")
    assert (state.log_tail[-1].text, state.log_tail[-1].level) == ("  File x", "error")


def test_sv_05_missing_program_is_named(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """SV-05"""
    backend.program = ["/nowhere/hadron", "serve"]
    supervisor = make()
    supervisor.start()
    assert "/nowhere/hadron" in until(qtbot, supervisor, Phase.FAILED).cause.sentence


def test_sv_07_killed_server_comes_back_after_a_second(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """SV-07: kill -9; the crash is listed, the wait counted down, a new process serves."""
    backend.play(*GOOD_START, ["serve"])
    supervisor = make()
    supervisor.start()
    states: list[ServerState] = []
    supervisor.state_changed.connect(states.append)
    first = until(qtbot, supervisor, Phase.SERVING)
    os.kill(first.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: supervisor.state.pid not in {None, first.pid}, timeout=WAIT)
    crashed = next(state for state in states if state.phase is Phase.CRASHED)
    assert 0 < crashed.retry_in <= 1
    assert "killed" in crashed.crashes[0].sentence
    second = until(qtbot, supervisor, Phase.SERVING)
    assert second.pid != first.pid
    assert len(second.crashes) == 1


def test_sv_07_five_crashes_stay_failed(
    qtbot: Any, make: Any, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-07"""
    monkeypatch.setattr(machine_module, "FIRST_RETRY", 0.01)
    backend.play(*GOOD_START, ["exit", 7])
    supervisor = make()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.FAILED)
    assert state.cause.kind == "crashing"
    assert len(state.crashes) == 5
    assert "exit code 7" in state.crashes[-1].sentence


def test_sv_07_start_now_and_give_up(
    qtbot: Any, make: Any, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-07"""
    monkeypatch.setattr(machine_module, "FIRST_RETRY", 60)
    monkeypatch.setattr(machine_module, "LAST_RETRY", 60)
    backend.play(*GOOD_START, ["serve"])
    supervisor = make()
    supervisor.start()
    os.kill(until(qtbot, supervisor, Phase.SERVING).pid, signal.SIGKILL)
    until(qtbot, supervisor, Phase.CRASHED)
    supervisor.start_now()
    os.kill(until(qtbot, supervisor, Phase.SERVING).pid, signal.SIGKILL)
    until(qtbot, supervisor, Phase.CRASHED)
    supervisor.give_up()
    assert supervisor.state.phase is Phase.STOPPED


def test_sv_06_stop_now_ends_a_server_that_takes_its_time(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SV-06: while draining, *Stop now* kills."""
    backend.play(*GOOD_START, ["serve", 60])
    supervisor = make()
    supervisor.start()
    until(qtbot, supervisor, Phase.SERVING)
    supervisor.stop()
    qtbot.waitUntil(lambda: supervisor.state.in_flight == 1, timeout=WAIT)
    supervisor.stop_now()
    until(qtbot, supervisor, Phase.STOPPED)


def test_sv_06_a_child_that_ignores_the_stop_is_killed_after_the_grace(
    qtbot: Any, make: Any, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-06"""
    monkeypatch.setattr(machine_module, "KILL_MARGIN", 0.1)
    backend.play(*GOOD_START, ["deaf"])
    supervisor = make(machine=Machine(drain_seconds=0.2))
    supervisor.start()
    pid = until(qtbot, supervisor, Phase.SERVING).pid
    supervisor.stop()
    until(qtbot, supervisor, Phase.STOPPED)
    assert not running(pid)


class ImpatientMachine(Machine):
    """Does not wait long for an application; a process and its port may take a busy computer some time."""

    def checking(self, *arguments: Any) -> Any:
        self._start_timeout = 0.3
        return super().checking(*arguments)


def test_sv_04_a_child_that_never_gets_ready_times_out(
    qtbot: Any, make: Any, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-04: the explanation names the models; the process does not stay behind."""
    monkeypatch.setattr(machine_module, "KILL_MARGIN", 0.1)
    backend.play(*GOOD_START[:3], ["deaf"])
    supervisor = make(machine=ImpatientMachine())
    supervisor.start()
    state = until(qtbot, supervisor, Phase.FAILED)
    assert "models" in state.cause.sentence
    qtbot.waitUntil(lambda: supervisor.state.pid is None, timeout=WAIT)


def test_sv_01_cancel_during_start(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """desktop-ux 15: cancel before and after the process exists."""
    backend.play(say("started"), ["serve"])
    supervisor = make()
    supervisor.start()
    supervisor.cancel()
    assert supervisor.state.phase is Phase.STOPPED
    supervisor.start()
    qtbot.waitUntil(lambda: supervisor.state.pid is not None, timeout=WAIT)
    pid = supervisor.state.pid
    supervisor.cancel()
    until(qtbot, supervisor, Phase.STOPPED)
    assert not running(pid)
    assert Phase.FAILED not in supervisor.phases


def test_sv_01_stop_while_starting_is_queued_once(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """desktop-ux 15: "will stop when started"."""
    backend.play(say("started"), ["wait", 0.3], *GOOD_START[1:], ["serve"])
    supervisor = make()
    supervisor.start()
    supervisor.stop()
    supervisor.stop()
    assert supervisor.state.phase is Phase.STARTING
    assert supervisor.state.pending_order == "stop"
    until(qtbot, supervisor, Phase.STOPPED)
    assert supervisor.phases == [Phase.STARTING, Phase.DRAINING, Phase.STOPPED] or supervisor.phases == [
        Phase.STARTING,
        Phase.SERVING,
        Phase.DRAINING,
        Phase.STOPPED,
    ]


def test_sv_02_restart_takes_the_new_settings(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """SV-02: a running server goes on, `needs_restart` is marked, the restart clears it."""
    backend.play(*GOOD_START, ["serve"])
    supervisor = make()
    supervisor.start()
    first = until(qtbot, supervisor, Phase.SERVING)
    assert not first.needs_restart
    assert supervisor.apply(replace(supervisor.settings, threads=3)) == []
    assert supervisor.state.needs_restart
    assert supervisor.state.threads == 8
    supervisor.restart()
    supervisor.restart()
    assert supervisor.state.pending_order == "restart"
    qtbot.waitUntil(lambda: supervisor.state.pid not in {None, first.pid}, timeout=WAIT)
    second = until(qtbot, supervisor, Phase.SERVING)
    assert (second.threads, second.needs_restart) == (3, False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"address": "nowhere.example"}, "address"),
        ({"threads": 0}, "threads"),
        ({"site_folder": Path("relative")}, "site_folder"),
    ],
)
def test_sv_02_what_cannot_be_is_refused_in_place(make: Any, change: dict[str, Any], field: str) -> None:
    """SV-02: which field, and a sentence; nothing is changed."""
    supervisor = make()
    before = supervisor.settings
    faults = supervisor.apply(replace(before, **change))
    assert [f.field for f in faults] == [field]
    assert faults[0].sentence.endswith(".")
    assert supervisor.settings == before


def test_sv_02_disk_and_network_are_looked_at_in_the_background(
    qtbot: Any, make: Any, tmp_path: Path
) -> None:
    """SV-02, ST-08: missing folder, folder without applications, busy port come by signal."""
    supervisor = make()
    with qtbot.waitSignal(supervisor.settings_checked, timeout=WAIT) as checked:
        supervisor.apply(replace(supervisor.settings, site_folder=tmp_path / "nowhere"))
    assert "does not exist" in checked.args[0][0].sentence
    (tmp_path / "empty").mkdir()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with qtbot.waitSignal(supervisor.settings_checked, timeout=WAIT) as checked:
            supervisor.apply(replace(supervisor.settings, site_folder=tmp_path / "empty", port=port))
    assert [f.field for f in checked.args[0]] == ["site_folder", "port"]


def test_garbage_on_standard_output_becomes_log_lines(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """SV-05: what an application prints breaks nothing, not even huge or binary lines."""
    garbage = ["[1, 2]\n", "null\n", '{"event": 5}\n', '{"event": "explode"}\n', "print from a model\n"]
    garbage += ["x" * 300_000 + "\n", "\x1b[31mred\x00\n", "[" * 100_000 + "\n"]
    backend.play(*[["raw", text] for text in garbage], *GOOD_START, ["serve"])
    supervisor = make()
    lines: list[Any] = []
    supervisor.log_line.connect(lines.append)
    supervisor.start()
    until(qtbot, supervisor, Phase.SERVING)
    qtbot.waitUntil(lambda: any(line.text == "red" for line in lines), timeout=WAIT)
    assert max(len(line.text) for line in lines) <= 4096
    assert any(line.text == "print from a model" for line in lines)


def test_a_flood_of_log_lines_stays_bounded_and_never_blocks_the_window(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SV-05, desktop-ux 18: 200 000 lines; the last are kept, the rest counted, the event loop goes on."""
    backend.play(*GOOD_START, ["flood", 200_000], say("checking"), ["log", "the end"], ["serve"])
    supervisor = make()
    count = left_out = 0
    ended = False

    def count_line(line: Any) -> None:
        nonlocal count, left_out, ended
        if line.source == "desktop":
            left_out += int(line.text.split()[1])
        else:
            count += 1
        ended = ended or line.text == "the end"

    supervisor.log_line.connect(count_line)
    began = time.monotonic()
    with busyness() as busy:
        supervisor.start()
        qtbot.waitUntil(lambda: ended, timeout=90_000)
    most = WAITING_LINES * ((time.monotonic() - began) / 0.1 + 2)  # ten times a second
    assert count < most
    assert count + left_out == 200_001
    assert len(supervisor.state.log_tail) == 20
    assert busy.median() < 0.05


class busyness:
    """Seconds of processor that the GUI thread takes between two of its 10 ms timers, while the block runs.

    Not the time that passes: other programs may want the processor, too.
    """

    def __enter__(self) -> busyness:
        self.times: list[float] = []
        self._last = time.thread_time()
        self._timer = QTimer(interval=10)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()
        return self

    def _on_timeout(self) -> None:
        now = time.thread_time()
        self.times.append(now - self._last)
        self._last = now

    def __exit__(self, *_: object) -> None:
        self._timer.stop()

    def median(self) -> float:
        return sorted(self.times)[len(self.times) // 2]


def test_the_event_loop_goes_on_while_starting_and_stopping(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """desktop-ux 18: no order waits; a slow look at disk, a slow child and a slow stop hold nothing up.

    Asserted as what happened between, not as time: the slow look ends only when the loop has gone on meanwhile.
    """
    ticks = threading.Semaphore(0)
    went_on: list[bool] = []

    def slow(_folder: Path) -> None:
        while ticks.acquire(blocking=False):
            pass
        went_on.append(all(ticks.acquire(timeout=60) for _ in range(3)))

    backend.find_running = slow  # type: ignore[method-assign]
    backend.play(*GOOD_START, ["serve", 0.3])
    supervisor = make()
    timer = QTimer(interval=10)
    timer.timeout.connect(ticks.release)
    timer.start()
    supervisor.start()
    until(qtbot, supervisor, Phase.SERVING)
    while ticks.acquire(blocking=False):
        pass
    supervisor.stop()
    assert supervisor.state.phase is Phase.DRAINING
    until(qtbot, supervisor, Phase.STOPPED)
    timer.stop()
    assert went_on == [True]
    assert ticks.acquire(blocking=False)


def test_sv_11_metrics_come_only_while_somebody_looks(qtbot: Any, make: Any, backend: FakeBackend) -> None:
    """SV-11, SV-12: asked for news only (cursors), summed up, silent when hidden."""
    row = {"second": int(time.time()) - 2, "requests": 20, "errors": 5, "median": 3.0, "p95": 9.0}
    request = {"time": time.time(), "method": "GET", "path": "/welcome", "application": "welcome"}
    request |= {"status": 500, "ms": 12.5, "ticket": "127.0.0.1.x", "error": "NameError"}
    backend.client = FakeClient(
        {
            "metrics": {
                "cursor": 5,
                "seconds": [row],
                "summary": {"median": 3.0, "p95": 9.0},
                "queue_depth": 1,
                "threads_busy": 2,
                "threads": 8,
            },
            "requests": {"cursor": 7, "missed": 0, "requests": [request]},
        }
    )
    listening = say("listening", url="http://x/", control={"address": "a", "key": "k"})
    backend.play(say("started"), listening, say("ready"), ["serve"])
    supervisor = make()
    supervisor.start()
    until(qtbot, supervisor, Phase.SERVING)
    qtbot.wait(50)
    assert backend.client.calls == []
    row["second"] = int(time.time()) - 2
    with qtbot.waitSignal(supervisor.metrics_changed, timeout=WAIT) as changed:
        supervisor.set_polling(True)
    metrics = changed.args[0]
    assert (metrics.requests_per_second, metrics.error_percent) == (2.0, 25.0)
    assert (metrics.median_ms, metrics.p95_ms, metrics.threads_busy, metrics.threads) == (3.0, 9.0, 2, 8)
    assert (metrics.latest[0].status, metrics.latest[0].ticket) == (500, "127.0.0.1.x")
    with qtbot.waitSignal(supervisor.metrics_changed, timeout=WAIT):
        pass
    assert [arguments["since"] for _, arguments in backend.client.calls[:4]] == [0, 0, 5, 7]
    supervisor.set_polling(False)
    asked = len(backend.client.calls)
    qtbot.wait(1300)
    assert len(backend.client.calls) == asked


def test_sh_17_a_running_server_is_adopted_and_stopped(
    qtbot: Any, make: Any, backend: FakeBackend, site: Path
) -> None:
    """SH-17, SV-22: found at the start of the desktop; stop goes through its control channel."""
    import subprocess

    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        backend.client = FakeClient({"drain": None, "status": {"in_flight": 2}}, other.pid)
        backend.found = RunningServer(other.pid, "http://127.0.0.1:8123/", "127.0.0.1", 8123, "a", "k")
        supervisor = make()
        supervisor.look_for_running()
        state = until(qtbot, supervisor, Phase.ADOPTED)
        assert (state.pid, state.port, state.url) == (other.pid, 8123, "http://127.0.0.1:8123/")
        supervisor.stop()
        backend.found = None
        until(qtbot, supervisor, Phase.STOPPED)
        assert "drain" in dict(backend.client.calls)
        assert other.wait(60) == -signal.SIGTERM
    finally:
        if other.poll() is None:
            other.kill()
        other.wait()


def test_sv_22_a_start_adopts_what_runs_already_and_a_quit_leaves_it(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SV-22: a start finds the running server instead of a busy port; it survives our quit."""
    import subprocess

    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        backend.found = RunningServer(other.pid, None, "127.0.0.1", 8123, "a", "k")
        supervisor = make()
        supervisor.start()
        until(qtbot, supervisor, Phase.ADOPTED)
        with qtbot.waitSignal(supervisor.shut_down):
            supervisor.shutdown()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_sh_17_adopted_server_that_ends_is_stopped_with_a_sentence(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SV-22"""
    import subprocess

    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    backend.found = RunningServer(other.pid, None, "127.0.0.1", 8123, "a", "k")
    supervisor = make()
    supervisor.look_for_running()
    until(qtbot, supervisor, Phase.ADOPTED)
    other.kill()
    other.wait()
    state = until(qtbot, supervisor, Phase.STOPPED)
    assert "elsewhere" in state.cause.sentence


def test_sh_18_shutdown_stops_the_server_and_says_when_done(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """SH-18, SH-19: nothing is left behind, `done` is called once."""
    backend.play(*GOOD_START, ["serve"])
    supervisor = make()
    supervisor.start()
    pid = until(qtbot, supervisor, Phase.SERVING).pid
    done: list[int] = []
    with qtbot.waitSignal(supervisor.shut_down, timeout=WAIT):
        supervisor.shutdown(lambda: done.append(1), drain_seconds=5)
        supervisor.shutdown()
    assert done == [1]
    assert not running(pid)


def test_sh_18_shutdown_during_start_crash_and_rest(
    qtbot: Any, make: Any, backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SH-18: quitting works in every state."""
    monkeypatch.setattr(machine_module, "FIRST_RETRY", 60)
    monkeypatch.setattr(machine_module, "LAST_RETRY", 60)
    backend.play(say("started"), ["serve"])
    starting = make()
    starting.start()
    with qtbot.waitSignal(starting.shut_down, timeout=WAIT):
        starting.shutdown()
    resting = make()
    with qtbot.waitSignal(resting.shut_down, timeout=WAIT):
        resting.shutdown()
    backend.play(*GOOD_START, ["exit", 1])
    crashed = make()
    crashed.start()
    until(qtbot, crashed, Phase.CRASHED)
    with qtbot.waitSignal(crashed.shut_down, timeout=WAIT):
        crashed.shutdown()
    assert crashed.state.phase is Phase.STOPPED


def test_st_11_a_server_that_keeps_serving_outlives_the_desktop(
    qtbot: Any, make: Any, backend: FakeBackend
) -> None:
    """ST-11: quitting with *keep serving* leaves the process alone."""
    backend.play(*GOOD_START, ["wait", 60])
    supervisor = make(keep_serving=True)
    supervisor.start()
    pid = until(qtbot, supervisor, Phase.SERVING).pid
    with qtbot.waitSignal(supervisor.shut_down, timeout=WAIT):
        supervisor.shutdown()
    try:
        qtbot.wait(100)
        assert running(pid)
    finally:
        os.kill(pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: not running(pid), timeout=WAIT)
