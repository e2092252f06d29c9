"""Leaving, stopping and log-off while something is under way; notices of the system; a server found running."""

import pytest
from fakes import FakeSupervisor, FakeTray
from PySide6.QtCore import QMargins, QRect, Qt
from PySide6.QtWidgets import QWidget

from desktop.processes.state import Phase, RunningRequest
from desktop.shell.geometry import FRAME, first_place, within
from desktop.shell.preferences import MemoryPreferences
from desktop.shell.questions import Question
from desktop.shell.system_notices import SystemNotices

SLOW = RunningRequest("POST", "/shop/default/export", "shop", 12.0)
QUICK = RunningRequest("GET", "/shop/default/index", "shop", 0.2)


class Editor(QWidget):
    """A panel with unsaved work."""

    title = "Editor"

    def __init__(self, *names: str, can_save: bool = True) -> None:
        super().__init__()
        self.names, self.can_save = list(names), can_save

    def unsaved(self):
        return self.names

    def save_all(self, done):
        if self.can_save:
            self.names = []
        done(self.can_save)


@pytest.fixture
def serving(desk_maker):
    return desk_maker(supervisor=FakeSupervisor(Phase.SERVING))


def sheet(ui) -> Question | None:
    found = [each for each in ui.window.findChildren(Question) if each.isVisible()]
    return found[-1] if found else None


def leave(ui):
    granted = []
    ui.desk.leaving.granted.connect(lambda: granted.append(True))
    ui.desk.leaving.ask()
    return granted


@pytest.mark.parametrize("order", ["stop", "restart"])
def test_stop_and_restart_ask_only_for_long_requests(serving, order):
    """desktop-ux 16: over 5 s in flight; the dangerous answer is not the default; *Stay* changes nothing."""
    serving.supervisor.requests = [QUICK]
    serving.desk.actions.get(f"server.{order}").trigger()
    assert serving.supervisor.asked == [order]
    assert sheet(serving) is None
    serving.supervisor.asked.clear()
    serving.supervisor.requests = [QUICK, SLOW]
    serving.desk.actions.get(f"server.{order}").trigger()
    assert serving.supervisor.asked == []
    asked = sheet(serving)
    assert "POST /shop/default/export (12 s)" in asked.accessibleDescription()
    assert "1 request in flight" in asked.accessibleDescription()
    assert asked.focusWidget() is asked.buttons["stay"]
    asked.answer("stay")
    assert serving.supervisor.asked == []
    serving.desk.actions.get(f"server.{order}").trigger()
    sheet(serving).answer(order)
    assert serving.supervisor.asked == [order]


def test_a_stop_from_the_tray_shows_the_window_to_ask(serving):
    serving.supervisor.requests = [SLOW]
    serving.window.hide()
    serving.desk.actions.get("server.stop").trigger()
    assert serving.window.isVisible()
    assert sheet(serving) is not None


def test_sh_18_nothing_under_way_leaves_at_once(serving):
    """SH-18: no sheet for requests that will get their answer."""
    serving.supervisor.requests = [QUICK]
    assert leave(serving) == [True]
    assert sheet(serving) is None


def test_sh_18_one_sheet_lists_everything(serving):
    """SH-18: unsaved, tasks, requests; *Stay* stays; a second wish to leave opens no second sheet."""
    serving.window.add_panel("editor", "Editor", "code", Editor("default.py", "db.py"), "Ctrl+9")
    serving.supervisor.requests = [SLOW]
    hold = serving.desk.tasks.run(
        lambda context: context._task.cancelled.wait(20), owner=serving.window, title="Pack shop"
    )
    granted = leave(serving)
    serving.desk.leaving.ask()
    asked = sheet(serving)
    text = asked.accessibleDescription()
    assert "default.py, db.py have unsaved changes" in text
    assert "“Pack shop” is under way" in text
    assert "POST /shop/default/export" in text
    assert list(asked.buttons) == ["quit", "stay", "save"]
    assert len(serving.window.findChildren(Question)) == 1
    asked.answer("stay")
    assert granted == []
    serving.desk.leaving.ask()
    sheet(serving).answer("quit")
    assert granted == [True]
    serving.desk.tasks.cancel(hold)


@pytest.mark.parametrize("can_save", [True, False])
def test_sh_18_save_all_and_quit_leaves_only_when_all_is_saved(serving, can_save):
    """SH-18: a full disk keeps the window open."""
    panel = Editor("default.py", can_save=can_save)
    serving.window.add_panel("editor", "Editor", "code", panel, "Ctrl+9")
    granted = leave(serving)
    sheet(serving).answer("save")
    assert granted == ([True] if can_save else [])
    assert panel.names == ([] if can_save else ["default.py"])


def test_sh_18_a_server_that_outlives_the_window_loses_nothing(desk_maker):
    ui = desk_maker(supervisor=FakeSupervisor(Phase.ADOPTED))
    ui.supervisor.requests = [SLOW]
    assert leave(ui) == [True]


def test_sh_17_a_server_found_running_can_be_kept_or_stopped(ui):
    """SH-17: it is taken over and said so, with both ways out."""
    ui.supervisor.show(Phase.ADOPTED)
    bar = ui.window.bars.bars()[0]
    assert "was running already" in bar.notice.text
    assert [button.text() for button in bar.buttons] == ["Keep it", "Stop it"]
    bar.buttons[1].click()
    assert ui.supervisor.asked == ["stop"]
    assert ui.window.bars.bars() == []


def test_an_early_key_does_not_call_off_a_start_nobody_asked_for(ui):
    """A person who presses start/stop while the window appears means start; the button still cancels."""
    ui.desk.server.start_by_itself()
    ui.supervisor.show(Phase.STARTING)
    keys = [entry.id for entry in ui.desk.actions if entry.action.shortcut().toString() == "Ctrl+Shift+Space"]
    assert keys == []
    assert ui.desk.actions.get("server.cancel").isEnabled()
    ui.desk.server._wake_key()
    assert ui.desk.actions.get("server.cancel").shortcut().toString() == "Ctrl+Shift+Space"


def test_the_main_button_has_the_focus_when_the_window_opens_and_a_second_press_undoes_nothing(qtbot, ui):
    """SH-20: Enter or Space starts at once; after it, something harmless has the focus, never Cancel."""
    start = ui.window.focusWidget()
    assert start.objectName() == "overview.server.start"
    qtbot.keyClick(start, Qt.Key.Key_Return)
    assert ui.supervisor.asked == ["start"]
    ui.supervisor.show(Phase.STARTING)
    assert ui.window.focusWidget().objectName() == "overview.server.show_log"
    ui.supervisor.show(Phase.SERVING)
    assert ui.window.focusWidget().objectName() == "overview.server.open"
    ui.window.findChild(QWidget, "overview.server.stop").setFocus()
    ui.supervisor.show(Phase.DRAINING)
    stop_now = ui.window.findChild(QWidget, "overview.server.stop_now")
    assert ui.window.focusWidget() is not stop_now
    qtbot.keyClick(stop_now, Qt.Key.Key_Return)
    assert ui.supervisor.asked == ["start"]  # Enter never confirms a loss


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told(qapp):
    clock, tray = Clock(), FakeTray()
    preferences = MemoryPreferences({"notices.off": False})
    hidden = [True]
    notices = SystemNotices(tray, preferences, lambda: hidden[0], clock)
    yield clock, tray, notices, hidden
    notices.deleteLater()


def test_sh_13_quiet_after_the_start_then_told(told):
    """SH-13: quiet for 30 s; what came meanwhile is told afterwards, once."""
    clock, tray, notices, _ = told
    notices.tell("server_failed", "It failed.", "error")
    assert tray.told == []
    clock.now = 30.0
    notices.flush()
    assert tray.told == [("Hadron", "It failed.", "error")]


def test_sh_13_one_per_kind_and_minute_then_a_sum(told):
    """SH-13: kinds are counted apart; the sum is in the caller's words."""
    clock, tray, notices, _ = told
    clock.now = 31.0
    for _ in range(8):
        notices.tell("new_errors", "A new error in shop.", "warning", "{} new errors in shop.".format)
    notices.tell("server_ready", "Serving.")
    assert [text for _, text, _ in tray.told] == ["A new error in shop.", "Serving."]
    clock.now = 91.0
    notices.flush()
    assert tray.told[-1][1] == "7 new errors in shop."


def test_sh_13_off_or_seen_is_not_told(told):
    """SH-13: each kind can be turned off; what waits is forgotten when the window is seen again."""
    clock, tray, notices, hidden = told
    notices.tell("server_failed", "It failed.", "error")
    hidden[0] = False
    clock.now = 40.0
    notices.flush()
    hidden[0] = True
    notices.flush()
    notices.tell("off", "Nobody wants this.")
    assert tray.told == []


@pytest.mark.parametrize(
    "screen", [QRect(0, 0, 1280, 800), QRect(0, 24, 1024, 744), QRect(1920, 0, 2560, 1440)]
)
def test_sh_01_the_first_window_lies_on_the_screen_with_its_frame(screen):
    """SH-01: the status bar is never below the edge."""
    assert screen.contains(first_place(screen).marginsAdded(FRAME))


def test_sh_01_a_thick_frame_makes_the_window_smaller():
    screen, frame = QRect(0, 0, 1280, 800), QMargins(1, 60, 1, 20)
    placed = within(QRect(0, 0, 1276, 762), frame, screen)
    assert screen.contains(placed.marginsAdded(frame))
    assert within(QRect(100, 100, 640, 480), frame, screen) == QRect(100, 100, 640, 480)
