"""Journeys of a person through the window, with a server of their own (desktop-ux 19: 2, 5, 8, 9, 10)."""

from __future__ import annotations

import os
import signal
import socket
import urllib.error
import urllib.request

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from test_processes_real_server import SmallApplication, Visit, fetch, free_port

from desktop.processes.state import Phase, ServerSettings
from desktop.processes.supervisor import ServerSupervisor

pytestmark = pytest.mark.server
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def begin(qtbot, desk_maker, tmp_path, monkeypatch):
    """Opens a window whose server is a process: ``begin(port=8000, keep_serving=False)``."""
    site = tmp_path / "site"
    (site / "applications").mkdir(parents=True)
    monkeypatch.setenv("HADRON_RUNTIME_DIR", str(tmp_path / "run"))
    made, closed = [], []

    def open_window(port=None, keep_serving=False):
        settings = ServerSettings(site_folder=site, port=port or free_port(), keep_serving=keep_serving)
        supervisor = ServerSupervisor(settings, backend=SmallApplication())
        ui = desk_maker(supervisor=supervisor)
        supervisor.shut_down.connect(lambda: closed.append(supervisor))
        ui.site = site
        ui.said = []
        monkeypatch.setattr(ui.window, "announce", ui.said.append)
        ui.desk.system_notices._quiet_until = 0.0  # the half minute after the start is over
        made.append(supervisor)
        return ui

    yield open_window
    for supervisor in (each for each in made if each not in closed):
        supervisor.stop_now()
        qtbot.waitUntil(lambda s=supervisor: not s._machine.alive)
        supervisor.shutdown()


def until(qtbot, ui, phase):
    qtbot.waitUntil(lambda: ui.supervisor.state.phase is phase)
    return ui.supervisor.state


def press_start(qtbot, ui):
    qtbot.waitUntil(ui.window.isActiveWindow)
    qtbot.keyClick(ui.window, Qt.Key.Key_Space, BOTH)


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def test_journeys_2_and_10_a_busy_port_by_keyboard_with_every_step_spoken(qtbot, begin):
    """Journeys 2 and 10; SV-03, SH-21: the cause names the program; Enter takes the free port; names and announcements."""
    with socket.socket() as other:
        port = free_port()  # with a next one that no connection takes
        other.bind(("127.0.0.1", port))
        other.listen()
        ui = begin(port=port)
        press_start(qtbot, ui)
        failed = until(qtbot, ui, Phase.FOREIGN)
        assert f"Port {port}" in ui.card.sentence.text()
        assert f"process {os.getpid()}" in ui.card.sentence.text()
        assert any(f"process {os.getpid()}" in words for words in ui.said)
        free = failed.cause.next_free_port
        button = QApplication.focusWidget()
        assert button.accessibleName() == f"Use port {free}"
        qtbot.keyClick(button, Qt.Key.Key_Return)
        state = until(qtbot, ui, Phase.SERVING)
        assert state.port == free
        assert fetch(state.url) == f"served by {state.pid}"
        assert any(f"{free}" in words for words in ui.said)
        assert QApplication.focusWidget().accessibleName()


def test_journey_5_left_alone_the_server_comes_back_until_it_keeps_crashing(qtbot, begin):
    """Journey 5; SV-07, SH-13, SH-04: hidden, killed: told, back by itself; five times: Failed; tray: log, start."""
    ui = begin()
    press_start(qtbot, ui)
    first = until(qtbot, ui, Phase.SERVING)
    ui.window.hide()
    kill(first.pid)
    qtbot.waitUntil(
        lambda: ui.supervisor.state.phase is Phase.SERVING and ui.supervisor.state.pid != first.pid
    )
    assert any("ended by itself" in text for _title, text, _level in ui.tray.told)
    assert fetch(ui.supervisor.state.url) == f"served by {ui.supervisor.state.pid}"
    for _time in range(4):
        state = until(qtbot, ui, Phase.SERVING)
        kill(state.pid)
        qtbot.waitUntil(lambda: ui.supervisor.state.phase in (Phase.CRASHED, Phase.FAILED))
        if ui.supervisor.state.phase is Phase.CRASHED:
            ui.desk.actions.get("server.start_now").trigger()
    state = until(qtbot, ui, Phase.FAILED)
    assert len(state.crashes) == 5
    assert ui.card.sentence.text()
    assert any(level == "error" for _title, _text, level in ui.tray.told)
    assert ui.tray.shown[0] == ui.desk.server.view.mark
    assert "server.try_again" in ui.tray.shown[4]
    ui.desk.actions.get("server.show_log").trigger()
    assert ui.window.isVisible()
    assert ui.card.log.isVisible()
    ui.desk.actions.get("server.try_again").trigger()
    until(qtbot, ui, Phase.SERVING)


def test_journey_8_stop_under_load(qtbot, begin):
    """Journey 8; SV-06: the one in flight gets its answer, new ones are refused, then the port is free at once."""
    ui = begin()
    press_start(qtbot, ui)
    state = until(qtbot, ui, Phase.SERVING)
    visit = Visit(f"{state.url}held")
    qtbot.waitUntil((ui.site / "asked").exists)
    press_start(qtbot, ui)
    until(qtbot, ui, Phase.DRAINING)
    qtbot.waitUntil(lambda: "1 request in flight" in ui.card.when.whole())

    def refused():
        try:
            socket.create_connection(("127.0.0.1", state.port), timeout=20).close()
        except ConnectionRefusedError:
            return True
        except ConnectionError:
            pass  # reset when the socket closes in this very moment
        return False

    qtbot.waitUntil(refused)
    (ui.site / "let-go").touch()
    until(qtbot, ui, Phase.STOPPED)
    assert visit.join() == f"served by {state.pid}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", state.port))


def test_journey_9_the_next_window_takes_the_running_server_over(qtbot, begin):
    """Journey 9; SH-17: the desktop ended and its server goes on: the new window adopts it, says so, and can stop it."""
    first = begin(keep_serving=True)
    press_start(qtbot, first)
    state = until(qtbot, first, Phase.SERVING)
    with qtbot.waitSignal(first.supervisor.shut_down):
        first.supervisor.shutdown()
    first.window.hide()
    second = begin(port=state.port)
    second.supervisor.look_for_running()
    adopted = until(qtbot, second, Phase.ADOPTED)
    assert adopted.pid == state.pid
    notice = second.desk.notices.open_notices()[-1]
    assert "has taken it over" in notice.text
    next(action for action in notice.actions if action.text == "Stop it").run()
    until(qtbot, second, Phase.STOPPED)
    with pytest.raises(urllib.error.URLError):
        fetch(state.url)
