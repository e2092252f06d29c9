"""The supervisor with the runtime's own server: in a child, in this process, found running."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop.processes.runtime_backend import RuntimeBackend
from desktop.processes.state import Phase, ServerSettings, ServerState
from desktop.processes.supervisor import ServerSupervisor
from runtime.server.service import Service
from tests.ports import free_port

pytestmark = pytest.mark.server

CHILD = Path(__file__).with_name("server_child.py")
WAIT = 20_000  # milliseconds


class SmallApplication(RuntimeBackend):
    """The real server with a small application."""

    def serve_command(self, settings: ServerSettings) -> list[str]:
        return [
            sys.executable,
            str(CHILD),
            str(settings.site_folder),
            str(settings.port),
            str(settings.threads),
        ]


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "site" / "applications").mkdir(parents=True)
    monkeypatch.setenv("HADRON_RUNTIME_DIR", str(tmp_path / "run"))
    return tmp_path / "site"


@pytest.fixture
def make(qtbot: Any, site: Path) -> Iterator[Callable[..., ServerSupervisor]]:
    made: list[ServerSupervisor] = []
    closed: list[ServerSupervisor] = []

    def build(backend: RuntimeBackend | None = None, **options: Any) -> ServerSupervisor:
        options.setdefault("port", free_port())
        supervisor = ServerSupervisor(
            ServerSettings(site_folder=site, **options), backend=backend or SmallApplication()
        )
        supervisor.shut_down.connect(lambda: closed.append(supervisor))
        made.append(supervisor)
        return supervisor

    yield build
    for supervisor in made:
        if supervisor not in closed:
            supervisor.stop_now()
            qtbot.waitUntil(lambda s=supervisor: not s._machine.alive, timeout=WAIT)
            supervisor.shutdown()
        supervisor.deleteLater()


def until(qtbot: Any, supervisor: ServerSupervisor, phase: Phase) -> ServerState:
    qtbot.waitUntil(lambda: supervisor.state.phase is phase, timeout=WAIT)
    return supervisor.state


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


class Visit:
    """A request in a thread of its own."""

    def __init__(self, url: str) -> None:
        self.body: str | Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(url,))
        self._thread.start()

    def _run(self, url: str) -> None:
        try:
            self.body = fetch(url)
        except OSError as error:
            self.body = error

    def join(self) -> str | Exception | None:
        self._thread.join(60)
        return self.body


def test_sv_01_sv_04_serves_and_stops(qtbot: Any, make: Any) -> None:
    """SV-01, SV-04"""
    supervisor = make()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    assert [s.status for s in state.steps] == ["done"] * 3
    assert fetch(state.url) == f"served by {state.pid}"
    supervisor.stop()
    until(qtbot, supervisor, Phase.STOPPED)
    assert not running(state.pid)
    with pytest.raises(urllib.error.URLError):
        fetch(state.url)


def test_sv_06_drains_with_figures_and_answers_the_client(qtbot: Any, make: Any, site: Path) -> None:
    """SV-06: the request in flight is counted, gets its answer, then the server is gone."""
    supervisor = make()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    visit = Visit(f"{state.url}held")
    qtbot.waitUntil((site / "asked").exists, timeout=WAIT)
    states: list[ServerState] = []
    supervisor.state_changed.connect(states.append)
    supervisor.stop()
    qtbot.waitUntil(lambda: any(s.in_flight == 1 for s in states), timeout=WAIT)
    (site / "let-go").touch()
    until(qtbot, supervisor, Phase.STOPPED)
    assert visit.join() == f"served by {state.pid}"
    assert any(s.in_flight == 1 and 0 < s.drain_seconds_left <= 15 for s in states)


def test_sv_06_stop_now_does_not_wait(qtbot: Any, make: Any, site: Path) -> None:
    """SV-06: the client loses its connection, the server leaves by itself (its control file is gone)."""
    supervisor = make()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    visit = Visit(f"{state.url}held")
    qtbot.waitUntil((site / "asked").exists, timeout=WAIT)
    supervisor.stop()
    until(qtbot, supervisor, Phase.DRAINING)
    supervisor.stop_now()
    until(qtbot, supervisor, Phase.STOPPED)
    assert isinstance(visit.join(), OSError)
    assert RuntimeBackend().find_running(supervisor.settings.site_folder) is None


def test_sv_07_killed_server_serves_again(qtbot: Any, make: Any) -> None:
    """SV-07"""
    supervisor = make()
    supervisor.start()
    first = until(qtbot, supervisor, Phase.SERVING)
    Visit(f"{first.url}die").join()
    qtbot.waitUntil(lambda: supervisor.state.pid not in {None, first.pid}, timeout=WAIT)
    second = until(qtbot, supervisor, Phase.SERVING)
    assert "exit code 9" in second.crashes[0].sentence
    assert fetch(second.url) == f"served by {second.pid}"


def test_sv_11_metrics_and_requests(qtbot: Any, make: Any) -> None:
    """SV-11, SV-12: requests show with status and time."""
    supervisor = make(threads=3)
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    metrics: list[Any] = []
    supervisor.metrics_changed.connect(metrics.append)
    supervisor.set_polling(True)
    for _ in range(5):
        fetch(f"{state.url}page")
    qtbot.waitUntil(
        lambda: (
            any(one.requests_per_second > 0 for one in metrics)
            and [r.path for r in metrics[-1].latest].count("/page") == 5
        ),
        timeout=WAIT,
    )
    assert metrics[-1].threads == 3
    assert metrics[-1].latest[0].status == 200
    assert metrics[-1].latest[0].application == "welcome"
    assert metrics[-1].error_percent == 0
    assert metrics[-1].p95_ms is not None


def test_sv_09_password_is_in_no_argument_and_no_environment(
    qtbot: Any, make: Any, site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SV-09: the server stores its hash; neither arguments, environment, log nor disk show it."""

    class Passwords:
        def get(self, site: str, callback: Any = None) -> None:
            callback(type("Answer", (), {"password": "correct horse battery"}))

    supervisor = make()
    supervisor._passwords = Passwords()
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    assert state.password_set
    process = psutil.Process(state.pid)
    shown = [*process.cmdline(), repr(process.environ()), caplog.text, repr(state.log_tail)]
    shown += [path.read_text(errors="replace") for path in site.parent.rglob("*") if path.is_file()]
    assert not any("correct horse" in text for text in shown)
    assert list(site.glob("parameters_*.py"))


def test_sh_17_killed_desktop_takes_its_server_along(site: Path) -> None:
    """SH-17: standard input closes when the desktop dies; the server drains and ends."""
    port = free_port()
    program = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, {str(CHILD)!r}, {str(site)!r}, "{port}", "2"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
child.stdin.write('{{"password": null, "keep_serving": false}}\\n'); child.stdin.flush()
while "ready" not in child.stdout.readline(): pass
print(child.pid, flush=True)
time.sleep(60)
"""
    desktop = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert desktop.stdout is not None
    pid = int(desktop.stdout.readline())
    desktop.kill()
    desktop.wait()
    desktop.stdout.close()
    deadline = time.monotonic() + 60
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(pid)


def test_st_11_kept_server_is_adopted_restarted_and_stopped(qtbot: Any, make: Any) -> None:
    """ST-11, SH-17, SV-22: it outlives the first desktop; the second finds it, then runs its own."""
    first = make(keep_serving=True)
    first.start()
    state = until(qtbot, first, Phase.SERVING)
    with qtbot.waitSignal(first.shut_down):
        first.shutdown()
    assert fetch(state.url) == f"served by {state.pid}"
    second = make(port=state.port)
    second.look_for_running()
    adopted = until(qtbot, second, Phase.ADOPTED)
    assert (adopted.pid, adopted.port, adopted.url) == (state.pid, state.port, state.url)
    metrics: list[Any] = []
    second.metrics_changed.connect(metrics.append)
    second.set_polling(True)
    qtbot.waitUntil(lambda: bool(metrics), timeout=WAIT)
    second.restart()
    own = until(qtbot, second, Phase.SERVING)
    assert own.pid != state.pid
    assert not running(state.pid)
    assert fetch(own.url) == f"served by {own.pid}"


def test_sh_17_kept_server_survives_a_kill_of_its_reader(qtbot: Any, make: Any) -> None:
    """SH-17: stop of an adopted server that somebody kills meanwhile."""
    first = make(keep_serving=True)
    first.start()
    state = until(qtbot, first, Phase.SERVING)
    first.shutdown()
    second = make(port=state.port)
    second.start()
    until(qtbot, second, Phase.ADOPTED)
    os.kill(state.pid, signal.SIGKILL)
    assert "elsewhere" in until(qtbot, second, Phase.STOPPED).cause.sentence
    second.start()
    assert until(qtbot, second, Phase.SERVING).pid != state.pid


def test_st_11_inside_this_process(qtbot: Any, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """ST-11: same states, same metrics, stopped by the same order; and it can start again."""

    asked, let_go = threading.Event(), threading.Event()

    def application(environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/held":
            asked.set()
            let_go.wait(60)
        start_response("200 OK", [])
        return [b"inside %d" % os.getpid()]

    defaults = Service.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "make_application", lambda config, file: application)
    monkeypatch.setitem(defaults, "prepare", lambda folder: None)
    supervisor = make(embedded=True)
    lines: list[str] = []
    supervisor.log_line.connect(lambda line: lines.append(line.text))
    logging.getLogger("web2py.server").info("not ours")
    for _ in range(2):
        supervisor.start()
        state = until(qtbot, supervisor, Phase.SERVING)
        assert state.mode == "embedded"
        assert fetch(state.url) == f"inside {os.getpid()}"
        visit = Visit(f"{state.url}held")
        qtbot.waitUntil(asked.is_set, timeout=WAIT)
        asked.clear()
        supervisor.stop()
        until(qtbot, supervisor, Phase.DRAINING)
        let_go.set()
        until(qtbot, supervisor, Phase.STOPPED)
        let_go.clear()
        assert visit.join() == f"inside {os.getpid()}"
    supervisor.start()
    state = until(qtbot, supervisor, Phase.SERVING)
    visit = Visit(f"{state.url}held")
    qtbot.waitUntil(asked.is_set, timeout=WAIT)
    supervisor.stop()
    until(qtbot, supervisor, Phase.DRAINING)
    supervisor.stop_now()
    until(qtbot, supervisor, Phase.STOPPED)
    assert isinstance(visit.join(), OSError)  # stop now did not wait for it
    let_go.set()
    assert logging.getLogger("web2py").level == logging.NOTSET
    assert "not ours" not in lines


def test_st_11_inside_this_process_a_busy_port_is_told(
    qtbot: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ST-11, SV-03: taken between look and start."""
    monkeypatch.setitem(Service.__init__.__kwdefaults__, "prepare", lambda folder: None)
    monkeypatch.setattr("desktop.processes.launch.probe_port", lambda address, port: Free())
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        supervisor = make(embedded=True, port=other.getsockname()[1])
        supervisor.start()
        state = until(qtbot, supervisor, Phase.FOREIGN)
    assert state.cause.owner_pid == os.getpid()
    assert state.cause.sentence.endswith(".")


class Free:
    free = True


def test_the_command_starts_this_program_again(site: Path) -> None:
    """SV-21: site, port and threads are arguments; the role is `serve`, supervised."""
    settings = ServerSettings(port=8123, site_folder=site, threads=5)
    command = RuntimeBackend().serve_command(settings)
    assert "serve" in command
    assert "--supervised" in command
    assert "127.0.0.1:8123" in " ".join(command)
    assert str(site) in " ".join(command)


def test_sv_01_the_whole_program(qtbot: Any, make: Any, site: Path) -> None:
    """SV-01, SV-04: `hadron serve` with an application of the site folder."""
    controllers = site / "applications" / "welcome" / "controllers"
    controllers.mkdir(parents=True)
    (controllers / "default.py").write_text("def index(): return 'hello from welcome'\n")
    supervisor = make(RuntimeBackend())
    supervisor.start()
    qtbot.waitUntil(lambda: supervisor.state.phase in {Phase.SERVING, Phase.FAILED}, timeout=60_000)
    state = supervisor.state
    assert state.phase is Phase.SERVING, (state.cause, state.log_tail)
    assert fetch(f"{state.url}welcome/default/index") == "hello from welcome"
