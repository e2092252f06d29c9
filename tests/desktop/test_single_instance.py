"""One desktop per site folder; real processes, real sockets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtNetwork import QLocalSocket

from desktop.single_instance import MOST_BYTES, PROTOCOL, SingleInstance

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from desktop.single_instance import SingleInstance

app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]), Path(sys.argv[2]))
instance.message_received.connect(lambda message: print("got", message.get("command"), flush=True))
if instance.take({"command": sys.argv[3]}):
    print("first", flush=True)
    QTimer.singleShot(60000, app.quit)
    app.exec()
else:
    print("second", flush=True)
"""

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    started: list[subprocess.Popen[str]] = []

    def begin(command: str = "raise", site: Path | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(site or tmp_path / "site"), str(tmp_path / "run"), command],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def first(qtbot: Any, tmp_path: Path) -> Iterator[SingleInstance]:
    instance = SingleInstance(tmp_path / "site", tmp_path / "run")
    assert instance.take({})
    yield instance
    instance.release()


def test_sh_07_second_start_hands_its_arguments_over_and_ends(start: Any, tmp_path: Path) -> None:
    """SH-07"""
    one = start()
    assert line(one) == "first"
    two = start("open welcome")
    assert line(two) == "second"
    assert two.wait(60) == 0
    assert line(one) == "got open welcome"
    assert line(start(site=tmp_path / "other")) == "first"


def test_sh_07_same_folder_by_another_path(start: Any, tmp_path: Path) -> None:
    """SH-07: links and dots lead to the same instance."""
    (tmp_path / "site").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "site")
    assert line(start()) == "first"
    assert line(start(site=tmp_path / "link" / ".." / "link")) == "second"


def test_sh_07_killed_desktop_leaves_nothing_in_the_way(start: Any, tmp_path: Path) -> None:
    """SH-07: after kill -9 the lock is free and the stale socket is replaced."""
    one = start()
    assert line(one) == "first"
    os.kill(one.pid, signal.SIGKILL)
    one.wait()
    if os.name == "posix":
        assert list((tmp_path / "run").glob("*.sock"))
    two = start()
    assert line(two) == "first"
    assert line(start("raise")) == "second"
    assert line(two) == "got raise"


def test_sh_07_two_starts_at_once_and_exactly_one_wins(start: Any) -> None:
    """SH-07: and the winner gets the messages of all others."""
    processes = [start("raise") for _ in range(4)]
    lines = [line(process) for process in processes]
    assert sorted(lines) == ["first", "second", "second", "second"]
    winner = processes[lines.index("first")]
    assert [line(winner) for _ in range(3)] == ["got raise"] * 3


def test_sh_07_after_a_release_another_takes_over(start: Any, first: SingleInstance) -> None:
    """SH-07"""
    first.release()
    assert line(start()) == "first"


@pytest.mark.skipif(os.name != "posix", reason="permission bits of sockets")
def test_sh_07_only_this_user_can_reach_it(first: SingleInstance) -> None:
    """SH-07"""
    assert os.stat(first.address).st_mode & 0o077 == 0
    assert os.stat(Path(first.address).parent).st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\n",
        b"[]\n",
        b"\n",
        json.dumps({"protocol": PROTOCOL + 1, "command": "raise"}).encode() + b"\n",
        b"x" * (MOST_BYTES + 10),
        b"[" * 60_000 + b"\n",
    ],
)
def test_sh_07_anything_else_is_refused(qtbot: Any, first: SingleInstance, data: bytes) -> None:
    """SH-07: and the next good message arrives."""
    received: list[dict[str, Any]] = []
    first.message_received.connect(received.append)
    socket = QLocalSocket()
    socket.connectToServer(first.address)
    socket.write(data)
    qtbot.waitUntil(lambda: socket.state() is QLocalSocket.LocalSocketState.UnconnectedState, timeout=5000)
    assert received == []
    good = QLocalSocket()
    good.connectToServer(first.address)
    message = json.dumps({"protocol": PROTOCOL, "command": "open", "name": "è"}).encode()
    good.write(message[:10])
    good.flush()
    qtbot.wait(20)
    good.write(message[10:] + b"\n")
    qtbot.waitUntil(lambda: received == [{"command": "open", "name": "è"}], timeout=5000)


def test_sh_07_a_desktop_that_hangs_is_not_waited_for_long(
    qtbot: Any,
    first: SingleInstance,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SH-07: the second start gives up; it never opens a second window on the same folder."""
    monkeypatch.setattr("desktop.single_instance.PATIENCE", 200)
    second = SingleInstance(tmp_path / "site", tmp_path / "run")
    assert second.take({"command": "raise"}) is False  # the first one's event loop does not run meanwhile
    assert "does not answer" in caplog.text
    received: list[dict[str, Any]] = []
    first.message_received.connect(received.append)
    qtbot.waitUntil(lambda: bool(received))
    qtbot.wait(100)
    assert received == [{"command": "raise"}]  # once, when it wakes up


def test_sh_07_a_desktop_goes_on_with_another_folder(start: Any, tmp_path: Path, qtbot: Any) -> None:
    """SH-07, ST-06: second starts for the folder that was chosen find it, that of the old folder is free."""
    instance = SingleInstance(tmp_path / "site", tmp_path / "run")
    got: list[Any] = []
    instance.message_received.connect(got.append)
    assert instance.take({"command": "raise"})
    assert instance.follow((tmp_path / "chosen").resolve())
    assert instance.follow((tmp_path / "chosen").resolve())
    second = start("raise", tmp_path / "chosen")
    qtbot.waitUntil(lambda: got != [])
    assert second.stdout.readline() == "second\n"
    assert start("raise", tmp_path / "site").stdout.readline() == "first\n"
    assert not instance.follow((tmp_path / "site").resolve()), "another desktop has it now"
    assert start("again", tmp_path / "chosen").stdout is not None
    qtbot.waitUntil(lambda: len(got) == 2)
    instance.release()
