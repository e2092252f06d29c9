"""The main job: start Hadron, press Start, an application answers, stop, nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.e2e.conftest import CHROMIUM, Program, need, wait_for

# Keys and clicks go through a window manager and a tray that have their own pace: a second try counts.
pytestmark = [pytest.mark.xvfb, pytest.mark.server, pytest.mark.timeout(300), pytest.mark.flaky(reruns=2)]

START_STOP = "ctrl+shift+space"


def _chromium(program: Program, *arguments: str) -> str:
    need(CHROMIUM, "chromium is not installed")
    result = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={program.folder / 'browser'}", *arguments,
            f"http://127.0.0.1:{program.port}/welcome",
        ],
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    return result.stdout


def test_start_serve_stop_quit(program):
    """DESK-01, DESK-10, DESK-12, SV-01, SV-04, SH-05: by keyboard only; no process and no port is left."""
    program.start()
    program.wait_for_window()
    program.screenshot("01-stopped.png")
    assert program.page()[0] == 0
    program.keys(START_STOP)
    status = wait_for(lambda: program.page()[0], 60, "the server")
    assert status == 200
    program.screenshot("02-serving.png")
    status, text = program.page()
    assert "</html>" in text
    shown = _chromium(program, "--virtual-time-budget=4000", "--dump-dom")
    assert 'class="hero"' in shown
    assert "<time datetime=" in shown, "the component did not load itself"
    program.keys(START_STOP)
    wait_for(program.port_is_free, 60, "the port to be free")
    program.screenshot("03-stopped-again.png")
    program.keys("ctrl+q")
    assert program.process.wait(60) == 0
    wait_for(lambda: not program.children(), 60, "all processes to end")


def test_kill_9_of_the_server_brings_it_back(program):
    """SV-07: the window starts it again."""
    program.start()
    program.wait_for_window()
    program.keys(START_STOP)
    wait_for(lambda: program.page()[0] == 200, 60, "the server")
    (server,) = program.servers()
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: set(program.servers()) - {server}, 60, "a new server")
    wait_for(lambda: program.page()[0] == 200, 60, "the server to answer again")
    assert program.process.poll() is None


def test_kill_9_of_the_window_leaves_nothing_and_the_next_start_works(program):
    """SH-17, SH-07: the server goes with the window; locks and sockets do not stand in the way."""
    program.start()
    program.wait_for_window()
    program.keys(START_STOP)
    wait_for(lambda: program.page()[0] == 200, 60, "the server")
    program.process.send_signal(signal.SIGKILL)
    program.process.wait(10)
    wait_for(lambda: not program.children(), 60, "the server to stop by itself")
    wait_for(program.port_is_free, 60, "the port to be free")
    program.start()
    program.wait_for_window()
    program.keys(START_STOP)
    wait_for(lambda: program.page()[0] == 200, 60, "the server after the second start")


def test_second_start_raises_the_first(program):
    """SH-07: one instance per site folder."""
    first = program.start()
    program.wait_for_window()
    second = program.start()
    assert second.wait(20) == 0
    assert first.poll() is None
    program.process = first
    assert len(program.windows()) == 1


def test_start_by_tab_and_enter(program):
    """SH-20: the main button has the focus; Tab leaves it, Shift+Tab comes back, Enter presses it."""
    program.start()
    program.wait_for_window()
    program.keys("Tab")
    program.keys("shift+Tab")
    program.keys("Return")
    wait_for(lambda: program.page()[0] == 200, 60, "the server")
