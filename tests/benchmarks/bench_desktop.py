"""The window beside an empty one: first paint, start of the server, stutter while it is saturated, memory.

    python tests/benchmarks/bench_desktop.py [ROUNDS]

Everything runs without a screen. Each figure of ours stands beside that of an empty QMainWindow of the same
run. "Late" is how much later than 16 ms a precise timer of the window fires: what a person sees as stutter.
The load comes from wrk where it is installed, else from a small process of our own; it shares the processor
with window and server, so the row "empty, same load" says how much of the lateness is not ours.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

TICK = 16  # milliseconds
PHASE = 6.0  # seconds of ticks
LOAD = """
import http.client, sys, threading, time
end = time.monotonic() + float(sys.argv[2])
def work():
    link = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
    while time.monotonic() < end:
        link.request("GET", "/welcome/default/index")
        link.getresponse().read()
for thread in [threading.Thread(target=work) for _ in range(8)]:
    thread.start()
"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def load(port: int, seconds: float) -> subprocess.Popen[bytes]:
    """Saturates the server on `port`."""
    if wrk := shutil.which("wrk"):
        url = f"http://127.0.0.1:{port}/welcome/default/index"
        command = [wrk, "-t1", "-c8", f"-d{seconds:.0f}s", url]
    else:
        command = [sys.executable, "-c", LOAD, str(port), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def late(values: list[tuple[float, float]]) -> str:
    """p95, p99 and the worst of the lateness in milliseconds; the most work between two ticks."""
    ordered = sorted(lateness for lateness, _ in values)
    p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.95, 0.99))
    work = max(spent for _, spent in values)
    return (
        f"p95 {p95:5.1f}  p99 {p99:5.1f}  max {ordered[-1]:5.1f} ms  ({len(ordered)} ticks); "
        f"own work between two ticks at most {work:.1f} ms"
    )


# in the process with the window


class Ticks:
    """Collects the lateness of a 16 ms timer, and the processor time of its thread, then calls `done`.

    What is late without having worked has waited for the processor: that is the load, not the window.
    """

    def __init__(self, done: Callable[[list[tuple[float, float]]], None], seconds: float = PHASE) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._values: list[tuple[float, float]] = []
        self._done, self._end = done, time.perf_counter() + seconds
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self._timer = QTimer(interval=TICK, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        lateness, spent = (now - self._last) * 1000 - TICK, (worked - self._worked) * 1000
        self._values.append((max(0.0, lateness), spent))
        self._last, self._worked = now, worked
        if now >= self._end:
            self._timer.stop()
            self._done(self._values)


def say(name: str, value: str) -> None:
    print(f"{name}\t{value}", flush=True)


def megabytes() -> float:
    import psutil

    memory = psutil.Process().memory_full_info()
    return float(getattr(memory, "uss", memory.rss)) / 1e6


def when_painted(began: float, then: Callable[[], None]) -> Callable[[object], None]:
    """What puts a filter on the application that tells the first paint and goes on with `then`."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class FirstPaint(QObject):
        seen = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not self.seen:
                self.seen = True
                QTimer.singleShot(0, self.told)
            return False

        def told(self) -> None:
            say("paint", str(time.time() - began))
            then()

    def install(app: object) -> None:
        app.filter = FirstPaint()  # type: ignore[attr-defined]  # kept as long as the application
        app.installEventFilter(app.filter)  # type: ignore[attr-defined]

    return install


def run_empty(began: float, port: int, measure: bool) -> None:
    """An empty window; with `measure` also its ticks, alone and under the load on `port`."""
    from PySide6.QtWidgets import QApplication, QMainWindow

    def then() -> None:
        if not measure:
            app.quit()
            return
        say("memory", str(megabytes()))
        app.ticks = Ticks(alone)

    def alone(values: list[tuple[float, float]]) -> None:
        say("idle", late(values))
        app.load = load(port, PHASE + 2)
        app.ticks = Ticks(loaded)

    def loaded(values: list[tuple[float, float]]) -> None:
        say("loaded", late(values))
        app.load.wait()
        app.quit()

    app = QApplication(sys.argv[:1])
    when_painted(began, then)(app)
    window = QMainWindow()
    window.resize(1280, 800)
    window.show()
    app.exec()


class Ours:
    """Drives the real program from within: start, idle, load, theme, memory."""

    def __init__(self, folder: str, port: int, measure: bool) -> None:
        self.folder, self.port, self.measure = folder, port, measure
        self.steps: list[Callable[[], None]] = []

    def run(self, began: float) -> None:
        import desktop.app as composition
        from desktop.launch import main

        ours, make_desk, make_application = self, composition.Desk, composition.make_application

        def desk(*parts: object) -> object:
            ours.desk = make_desk(*parts)
            return ours.desk

        def application(arguments: list[str]) -> object:
            app = make_application(arguments)
            when_painted(began, ours.painted)(app)
            return app

        composition.Desk, composition.make_application = desk, application  # type: ignore[assignment,misc]
        sys.argv[1:] = ["-f", self.folder, "-p", str(self.port)]
        main()

    def painted(self) -> None:
        if not self.measure:
            self.desk.leaving.granted.emit()
            return
        self.pressed = time.perf_counter()
        self.desk.supervisor.state_changed.connect(self.on_state)
        self.desk.actions.get("server.start").trigger()

    def on_state(self, state: object) -> None:
        if str(state.phase) == "serving":  # type: ignore[attr-defined]
            self.desk.supervisor.state_changed.disconnect(self.on_state)
            say("ready", str(time.perf_counter() - self.pressed))
            self.ticks = Ticks(self.idle)

    def idle(self, values: list[tuple[float, float]]) -> None:
        say("idle", late(values))
        self.load = load(self.port, PHASE + 2)
        self.ticks = Ticks(self.loaded)

    def loaded(self, values: list[tuple[float, float]]) -> None:
        say("loaded", late(values))
        say("line", f"{self.desk.overview.requests.row_count()} rows shown")
        theme, took = self.desk.theme, []
        for scheme in ("dark", "light", "dark", "light"):
            began = time.perf_counter()
            theme.set_scheme(scheme)
            self.desk.window.repaint()
            took.append(time.perf_counter() - began)
        say("theme", str(statistics.median(took)))
        say("memory", str(megabytes()))
        self.load.wait()
        self.desk.leaving.granted.emit()


# in the process that compares


def environment(folder: Path) -> dict[str, str]:
    """Folders of its own, so that nothing of the person's is read or written."""
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    own = {
        name: str(folder / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    }
    return {
        **os.environ, **own, "QT_QPA_PLATFORM": "offscreen", "HADRON_CONFIG_DIR": str(folder / "config"),
        "XDG_RUNTIME_DIR": str(folder / "run"), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }  # fmt: skip


def child(kind: str, folder: Path, port: int, measure: bool) -> dict[str, str]:
    """Runs one window and returns what it told."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "--child", kind, str(site), str(port), str(int(measure))]
    result = subprocess.run(
        [*command, str(time.time())],
        env=environment(folder), stdout=subprocess.PIPE, text=True, timeout=120, check=True,
    )  # fmt: skip
    return dict(line.split("\t", 1) for line in result.stdout.splitlines() if "\t" in line)


def compare(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paints: dict[str, list[float]] = {"empty": [], "ours": []}
        for _ in range(rounds + 1):  # the first one warms the files
            for kind, found in paints.items():
                found.append(float(child(kind, folder, free_port(), False)["paint"]))
        empty, ours = (statistics.median(paints[kind][1:]) for kind in ("empty", "ours"))
        print(f"first paint after the start of the process: empty {empty:.2f} s, ours {ours:.2f} s, "
              f"ratio {ours / empty:.2f}")  # fmt: skip
        told = child("ours", folder, free_port(), True)
        print(f"Start pressed to ready: {float(told['ready']):.2f} s")
        print(f"theme switch with repaint: {float(told['theme']) * 1000:.0f} ms ({told['line']})")
        port = free_port()
        server = subprocess.Popen(
            ["nice", "-n", "10", sys.executable, "-m", "desktop.launch", "serve", "-f", str(folder / "site"), "-p", str(port)],
            env=environment(folder), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for_port(port)
            bare = child("empty", folder, port, True)
        finally:
            server.terminate()
            server.wait(20)
        print(f"late, empty window, nothing else    {bare['idle']}")
        print(f"late, empty window, same load       {bare['loaded']}")
        print(f"late, ours, serving                 {told['idle']}")
        print(f"late, ours, its server saturated    {told['loaded']}")
        mine, theirs = float(told["memory"]), float(bare["memory"])
        print(f"memory of its own: empty {theirs:.0f} MB, ours {mine:.0f} MB, {mine / theirs:.1f} times")


def wait_for_port(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        kind, site, port, measure, began = sys.argv[2:]
        if kind == "empty":
            run_empty(float(began), int(port), measure == "1")
        else:
            Ours(site, int(port), measure == "1").run(float(began))
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
