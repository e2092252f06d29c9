"""A virtual screen with a window manager, and the real program on it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port
from tests.services import missing

TOOLS = ("Xvfb", "openbox", "xdotool")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def need(condition: object, reason: str) -> None:
    """Skip the test unless `condition`; fail it where services are required."""
    if not condition:
        missing(reason)


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> object:
    """Return the first true value of `condition`, or fail naming `what` was awaited."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    pytest.fail(f"waited {seconds} s for {what}")


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A running X server with a window manager; its name as DISPLAY wants it."""
    for tool in TOOLS:
        need(shutil.which(tool), f"{tool} is not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        # -r: no auto-repeat; on a busy computer a key seems to be held down
        [
            "Xvfb",
            "-displayfd",
            str(write),
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
            "-noreset",
            "-r",
        ],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as stream:
        name = f":{stream.readline().strip()}"
    managers: list[subprocess.Popen[bytes]] = []
    environment = os.environ | {"DISPLAY": name}

    def manages() -> bool:
        """Is there a window manager?  One that came before the screen was ready ends at once: another try."""
        if not managers or managers[-1].poll() is not None:
            command = ["openbox", "--sm-disable"]
            managers.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
        asked = ["xdotool", "get_num_desktops"]
        return subprocess.run(asked, env=environment, capture_output=True, check=False).returncode == 0

    try:
        wait_for(manages, 60, "the window manager")
        yield name
    finally:
        for process in (*managers, server):
            process.terminate()
            process.wait(10)


class Program:
    """The program as a person starts it, with folders of its own."""

    def __init__(self, display: str, folder: Path) -> None:
        self.display = display
        self.folder = folder
        self.site = folder / "site"
        self.site.mkdir()
        self.port = free_port()
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.environment = os.environ | {
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_STATE_HOME": str(folder / "state"),
            "HADRON_CONFIG_DIR": str(folder / "config"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        self.environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        self.process: subprocess.Popen[bytes] | None = None
        self.window = ""

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "desktop.launch",
            "-f",
            str(self.site),
            "-p",
            str(self.port),
            *arguments,
        ]
        with (self.folder / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=output)
        return self.process

    def output(self) -> str:
        return (self.folder / "output.txt").read_text(errors="replace")

    def windows(self) -> list[str]:
        """Ids of the visible windows of the program."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "Hadron"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stdout.split()

    def all_windows(self) -> set[str]:
        """Ids of everything the program shows: window, icon in the tray, open menus."""
        assert self.process is not None
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return set(found.stdout.split())

    def pixels(self, window: str = "root", *arguments: str) -> bytes:
        """The picture of a window; empty when it has gone."""
        return subprocess.run(
            ["import", "-silent", "-window", window, *arguments, "rgb:-"],
            env=self.environment, capture_output=True, check=False, timeout=20,
        ).stdout  # fmt: skip

    def wait_until_steady(self, window: str, not_as: bytes = b"") -> bytes:
        """Wait until a window looks the same twice and other than `not_as`; returns the picture."""
        last = b""

        def steady() -> bytes:
            nonlocal last
            before, last = last, self.pixels(window)
            return last if last and before == last != not_as else b""

        return bytes(wait_for(steady, 60, "another picture that stays"))

    def wait_until_ready(self) -> None:
        """Wait until the server has told the window that it is ready, which comes after its first answers."""
        log = self.site / "logs" / "server.log"
        wait_for(
            lambda: log.is_file() and " ready: " in log.read_text(errors="replace"), 60, "a ready server"
        )

    def wait_for_window(self) -> str:
        def window() -> str | None:
            assert self.process is not None
            assert self.process.poll() is None, self.output()
            return next(iter(self.windows()), None)

        found = str(wait_for(window, 60, "the window"))
        self.window = found
        self._xdotool("windowactivate", "--sync", found)
        wait_for(lambda: self._active() == found, 30, "the window to be active")
        return found

    def wait_for_dialog(self, what: str) -> None:
        """Wait until a second window is shown and has the keyboard."""

        def has_keyboard() -> bool:
            return self._active() in set(self.windows()) - {self.window}

        wait_for(has_keyboard, 30, what)

    def _active(self) -> str:
        asked = ["xdotool", "getactivewindow"]
        return subprocess.run(
            asked, env=self.environment, capture_output=True, text=True, check=False
        ).stdout.strip()

    def keys(self, *names: str) -> None:
        self._xdotool("key", "--clearmodifiers", *names)

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self.environment, check=False, timeout=10)

    def screenshot(self, name: str) -> Path:
        """Save the screen as a picture, where `HADRON_SCREENSHOTS` says or beside the test's files."""
        folder = Path(os.environ.get("HADRON_SCREENSHOTS") or self.folder)
        path = folder / name
        if shutil.which("import"):
            subprocess.run(
                ["import", "-window", "root", str(path)], env=self.environment, check=False, timeout=20
            )
        return path

    def page(self, path: str = "/welcome") -> tuple[int, str]:
        """Status and text of a page; 0 when nothing answers.

        Patient: a request that is given up goes on in the server, which then asks before it is stopped.
        """
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""

    def children(self) -> list[psutil.Process]:
        """All processes that the program started and that still run."""
        assert self.process is not None
        out = []
        for process in psutil.process_iter(["pid"]):
            try:
                ours = process.environ().get("HOME") == str(self.folder) and process.pid != os.getpid()
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    out.append(process)
            except (psutil.Error, OSError):
                continue  # it ended while we looked
        return out

    def servers(self) -> list[int]:
        """Process ids of the servers that the program started."""
        out: dict[int, int] = {}
        for process in self.children():
            try:
                if "serve" in process.cmdline():
                    out[process.pid] = process.ppid()
            except (psutil.Error, OSError):
                continue
        # not a child that is about to become another program
        return [pid for pid, parent in out.items() if parent not in out]

    def port_is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                return False
            return True

    def end(self) -> None:
        for process in [p for p in self.children() if self.process is not None]:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.Error:
                continue
        if self.process is not None:
            self.process.wait(10)


@pytest.fixture
def program(display: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Program]:
    started = Program(display, tmp_path)
    try:
        yield started
    finally:
        if os.environ.get("HADRON_SCREENSHOTS"):
            started.screenshot(f"end-{request.node.name}.png")  # what a failed test was looking at
        started.end()
