"""The frame of the window: actions, keys, tray, closing, notices, places, names of controls."""

import subprocess
import sys
import time

import pytest
from fakes import FakeSupervisor
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QWidget,
)

from desktop.processes.state import Phase
from desktop.shell.actions import Actions
from desktop.shell.geometry import first_place, placed, to_text
from desktop.shell.keys_sheet import KeysSheet
from desktop.shell.notices import NoticeAction, Notices
from desktop.shell.palette import score
from desktop.shell.questions import Question
from desktop.shell.tray import NoTray, SystemTray, TrayMenu
from desktop.shell.window import MainWindow
from desktop.widgets.base import Painted, PaintedButton

CONTROLS = (PaintedButton, QLineEdit, QAbstractItemView, QComboBox, QAbstractSpinBox)


def question_of(ui) -> Question:
    return ui.window.findChild(Question)


def press(qtbot, ui, keys: str) -> None:
    combination = QKeySequence(keys)[0]
    qtbot.keyClick(ui.window, combination.key(), combination.keyboardModifiers())


# actions and keys


def test_no_two_actions_share_a_key(ui):
    """SH-20: in every state of the server."""
    for phase in Phase:
        ui.supervisor.show(phase)
        keys = [key.toString() for entry in ui.desk.actions for key in entry.action.shortcuts()]
        assert len(keys) == len(set(keys))


def test_an_id_is_taken_once(theme):
    actions = Actions(theme)
    actions.add("a.b", "Do it", bool, group="Test")
    with pytest.raises(ValueError, match=r"a\.b"):
        actions.add("a.b", "Again", bool, group="Test")


def test_a_disabled_action_says_why(ui):
    assert ui.desk.actions.get("server.restart").toolTip() == "The server does not run."
    ui.supervisor.show(Phase.SERVING)
    assert "Ctrl+Shift+R" in ui.desk.actions.get("server.restart").toolTip()


def test_sh_20_keyboard_alone_starts_restarts_opens_and_stops(qtbot, ui):
    """SH-20, SV-01: the fixed keys; the same key starts and stops."""
    press(qtbot, ui, "Ctrl+Shift+Space")
    assert ui.supervisor.asked == ["start"]
    ui.supervisor.show(Phase.SERVING)
    press(qtbot, ui, "Ctrl+Shift+R")
    press(qtbot, ui, "Ctrl+Shift+B")
    press(qtbot, ui, "Ctrl+Shift+Space")
    assert ui.supervisor.asked == ["start", "restart", "stop"]
    assert ui.opened == ["http://127.0.0.1:8000"]


def test_keys_do_nothing_that_makes_no_sense(qtbot, ui):
    press(qtbot, ui, "Ctrl+Shift+R")
    press(qtbot, ui, "Ctrl+Shift+B")
    assert ui.supervisor.asked == []
    assert ui.opened == []


def test_sh_09_zoom_keys(qtbot, ui, theme):
    """SH-09: Ctrl and plus, minus, zero."""
    press(qtbot, ui, "Ctrl+=")
    assert theme.zoom == 1.1
    press(qtbot, ui, "Ctrl+-")
    press(qtbot, ui, "Ctrl+-")
    assert theme.zoom == 0.9
    press(qtbot, ui, "Ctrl+0")
    assert theme.zoom == 1.0


def test_f6_goes_through_the_panes_and_back(qtbot, ui):
    """SH-20: header, side bar, content, status bar."""
    ui.window.activateWindow()
    seen = []
    for _ in range(4):
        press(qtbot, ui, "F6")
        focused = ui.window.focusWidget()
        seen.append(next(at for at, pane in enumerate(ui.window.panes()) if pane.isAncestorOf(focused)))
    assert sorted(seen) == [0, 1, 2, 3]
    before = ui.window.focusWidget()
    press(qtbot, ui, "F6")
    press(qtbot, ui, "Shift+F6")
    after = ui.window.focusWidget()
    panes = ui.window.panes()
    assert [pane.isAncestorOf(before) for pane in panes] == [pane.isAncestorOf(after) for pane in panes]


def test_panels_by_key(qtbot, ui):
    press(qtbot, ui, "Ctrl+,")
    assert ui.window.current_panel() == "settings"
    assert ui.desk.settings.isVisible()
    press(qtbot, ui, "Ctrl+1")
    assert ui.window.current_panel() == "overview"


def test_sheet_of_keys_lists_what_exists(qtbot, ui):
    """SH-20: Ctrl+/ shows the keys."""
    press(qtbot, ui, "Ctrl+/")
    sheet = ui.window.findChild(QWidget, "keys")
    from PySide6.QtWidgets import QLabel

    words = [each.text() for each in sheet.findChildren(QLabel)]
    assert "Start server" in words
    assert "Ctrl+Shift+Space" in words
    sheet.close()


def test_sh_20_sheet_of_keys_is_that_of_the_panel(qtbot, ui):
    """SH-20: keys of the panel first, none of panels that are not seen unless asked for; it fits into the window."""
    ui.desk.complete()
    for width, height in ((1280, 800), (760, 560)):
        ui.window.resize(width, height)
        for panel, own, other in (
            ("logs", "Go to the end and follow it", "Accept, next unfinished"),
            ("translations", "Next string", "Wrap long lines"),
            ("tickets", "Solve, or open again", "Wrap long lines"),
            ("databases", "Set to NULL", "Next string"),
            ("scheduler", "Next problem", "Next string"),
            ("cache", "Copy the names that are selected", "Next string"),
        ):
            ui.window.show_panel(panel)
            ui.window.open_keys()
            sheet = next(one for one in ui.window.findChildren(KeysSheet) if one.isVisible())
            listed = [name for name, _keys in sheet._groups()]
            words = [line for _name, keys in sheet._groups() for line, _key in keys]
            assert listed[0] == panel.title()
            assert own in words
            assert other not in words
            assert sheet.height() <= height
            sheet.all.click()
            assert other in [line for _name, keys in sheet._groups() for line, _key in keys]
            assert sheet.height() <= height
            sheet.close()


def test_sh_10_palette_finds_and_runs(qtbot, ui):
    """SH-10: some letters, Enter, done; only what can be done now is offered."""
    ui.supervisor.show(Phase.SERVING)
    press(qtbot, ui, "Ctrl+K")
    palette = ui.window.findChild(QWidget, "palette")
    qtbot.keyClicks(palette.field, "resta")
    assert palette.model.entry(0).id == "server.restart"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert ui.supervisor.asked == ["restart"]


def test_palette_says_when_nothing_matches(qtbot, ui):
    ui.window.open_palette()
    palette = ui.window.findChild(QWidget, "palette")
    qtbot.keyClicks(palette.field, "qqqq")
    assert palette.none.isVisible()
    palette.close()


def test_score_prefers_words_and_neighbours():
    assert score("re", "Restart server") > score("re", "Larger text")
    assert score("zz", "Restart server") is None
    assert score("", "Anything") is not None


# closing


def test_sh_05_first_close_explains_then_hides(ui):
    """SH-05: explained once, and not again when the person says so."""
    ui.window.close()
    assert ui.window.isVisible()
    question = question_of(ui)
    assert "tray" in question.windowTitle()
    question.answer("hide")
    assert not ui.window.isVisible()
    assert ui.preferences.get("general.close_explained") is True
    ui.window.come_forward()
    ui.window.close()
    assert not ui.window.isVisible()


def test_sh_05_stay_and_escape_leave_everything(ui):
    ui.window.close()
    question_of(ui).reject()
    assert ui.window.isVisible()
    assert not ui.preferences.get("general.close_explained", False)


def test_sh_05_preference_closing_quits(qtbot, desk_maker):
    """SH-05: *Closing the window quits*."""
    ui = desk_maker(options={"general.close_quits": True})
    with qtbot.waitSignal(ui.window.quit_wanted):
        ui.window.close()


def test_sh_06_no_tray_closing_asks_while_serving(qtbot, desk_maker):
    """SH-06: never an invisible program."""
    ui = desk_maker(tray=NoTray(), supervisor=FakeSupervisor(Phase.SERVING))
    ui.window.close()
    question = question_of(ui)
    assert ui.window.isVisible()
    assert set(question.buttons) == {"quit", "minimize", "stay"}
    with qtbot.waitSignal(ui.window.quit_wanted):
        question.answer("quit")


def test_sh_06_no_tray_nothing_served_quits(qtbot, desk_maker):
    ui = desk_maker(tray=NoTray())
    with qtbot.waitSignal(ui.window.quit_wanted):
        ui.window.close()


def test_sh_06_keep_serving_is_said(desk_maker):
    supervisor = FakeSupervisor(Phase.SERVING)
    from dataclasses import replace

    supervisor.settings = replace(supervisor.settings, keep_serving=True)
    ui = desk_maker(tray=NoTray(), supervisor=supervisor)
    ui.window.close()
    assert question_of(ui).buttons["quit"].text() == "Quit, keep serving"
    question_of(ui).answer("stay")


def test_sh_05_tray_click_shows_and_hides(ui):
    """SH-05, SH-07: a click hides what can be seen and shows what cannot."""
    ui.tray.toggle_wanted.emit()
    assert not ui.window.isVisible()
    ui.tray.toggle_wanted.emit()
    assert ui.window.isVisible()


def test_sh_07_come_forward_from_hidden(ui):
    """SH-07: a second start brings the window back."""
    ui.window.hide()
    ui.window.come_forward()
    assert ui.window.isVisible()


# tray


@pytest.mark.parametrize(
    ("phase", "mark", "items"),
    [
        (Phase.STOPPED, "stopped", ("server.start",)),
        (Phase.STARTING, "starting", ("server.cancel",)),
        (Phase.SERVING, "serving", ("server.open", "pages.menu", "-", "server.stop", "server.restart")),
        (Phase.ADOPTED, "serving", ("server.open", "pages.menu", "-", "server.stop", "server.restart")),
        (Phase.DRAINING, "draining", ("server.stop_now", "server.restart")),
        (Phase.CRASHED, "crashed", ("server.start_now", "server.give_up")),
        (Phase.FAILED, "failed", ("server.use_port", "server.try_again")),
        (Phase.FOREIGN, "foreign", ("server.use_port", "server.try_again")),
    ],
)
def test_sh_03_sh_04_tray_shows_state_and_what_applies(ui, phase, mark, items):
    """SH-03, SH-04: shape, words, and only the orders that apply."""
    ui.supervisor.show(phase)
    shown_mark, _status, line, tooltip, shown_items = ui.tray.shown
    assert (shown_mark, shown_items) == (mark, items)
    assert line in tooltip


def test_sh_04_menu_holds_the_windows_own_actions(ui, theme):
    """SH-04: the same action objects, the same enabled state."""
    ui.supervisor.show(Phase.DRAINING)
    menu = TrayMenu(theme, ui.desk.actions)
    menu.show_state("draining", "changing", "Stopping", ui.desk.server.tray_items())
    actions = menu.actions()
    texts = [action.text() for action in actions]
    assert texts[0] == "Stopping"
    assert ui.desk.actions.get("server.stop_now") in actions
    assert not ui.desk.actions.get("server.restart").isEnabled()
    assert ui.desk.actions.get("app.quit") in actions
    menu.rebuild()
    assert [action.text() for action in menu.actions()] == texts


def test_sh_04_an_open_menu_keeps_its_items(qtbot, ui, theme):
    """SH-04: the state may change under it; what one is about to choose must not become something else."""
    menu = TrayMenu(theme, ui.desk.actions)
    qtbot.addWidget(menu)
    menu.show_state("stopped", "stopped", "Stopped", ("server.start",))
    menu.popup(QPoint(20, 20))
    qtbot.waitUntil(menu.isVisible)
    before = menu.actions()
    menu.setActiveAction(ui.desk.actions.get("server.start"))
    menu.show_state("serving", "serving", "Serving", ("server.open", "-", "server.stop"))
    assert menu.actions() == before
    assert menu.activeAction() is ui.desk.actions.get("server.start")
    assert before[0].text() == "Serving"
    menu.hide()
    menu.popup(QPoint(20, 20))
    assert ui.desk.actions.get("server.stop") in menu.actions()
    assert ui.desk.actions.get("server.start") not in menu.actions()
    menu.hide()


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface", extend=True)
def test_sh_03_system_tray_has_a_picture_for_each_state(ui, theme):
    """SH-03: two frames while changing, one otherwise; no timer left running."""
    tray = SystemTray(theme, ui.desk.actions, mono=False)
    for mark, frames in (("stopped", 1), ("starting", 2), ("serving", 1), ("failed", 1), ("crashed", 1)):
        tray.show_state(mark, "stopped", "words", "tooltip", ())
        assert len(tray._frames) == frames
        assert tray._beat.isActive() is (frames > 1)
        assert not tray._frames[0].pixmap(22).isNull()
    tray.close()


def test_notice_of_the_system_when_hidden(ui):
    """SH-13: a failure is told by the tray while the window is hidden, not while it is seen."""
    notices = ui.desk.system_notices
    ui.supervisor.show(Phase.FAILED)
    ui.window.hide()
    ui.supervisor.show(Phase.SERVING)
    ui.supervisor.show(Phase.FAILED)
    assert ui.tray.told == []  # the program has just begun
    notices._clock = lambda: time.monotonic() + 31
    notices.flush()
    assert [level for *_, level in ui.tray.told] == ["info", "error"]


# notices


def test_sh_12_at_most_three_bars_and_the_same_subject_replaces(ui):
    """SH-12: three bars, new ones below; one about the same subject takes its place."""
    notices: Notices = ui.desk.notices
    for number in range(5):
        notices.post("info", f"News {number}.")
    bars = ui.window.bars.bars()
    assert [bar.notice.text for bar in bars] == ["News 2.", "News 3.", "News 4."]
    notices.post("warning", "Port is busy.", replace="port")
    notices.post("error", "Port is still busy.", replace="port")
    texts = [bar.notice.text for bar in ui.window.bars.bars()]
    assert texts == ["News 3.", "News 4.", "Port is still busy."]


def test_sh_12_close_copy_and_action(ui, qtbot):
    """SH-12: each bar has its buttons; closing keeps the notice in the list."""
    done = []
    ui.desk.notices.post("error", "It failed.", "line 1", [NoticeAction("Try again", lambda: done.append(1))])
    bar = ui.window.bars.bars()[0]
    again, copy = bar.buttons
    again.click()
    copy.click()
    assert done == [1]
    assert QApplication.clipboard().text() == "It failed.\nline 1"
    bar.closed.emit(bar.notice.key)
    assert ui.window.bars.bars() == []
    assert [notice.text for notice in ui.desk.notices.all()] == ["It failed."]


def test_sh_12_bell_counts_what_was_not_seen(ui):
    ui.desk.notices.post("info", "One.")
    assert "1 new" in ui.window.header.bell.accessibleName()
    ui.desk.notices.mark_seen()
    assert ui.window.header.bell.accessibleName() == "Notices"


def test_sh_12_failure_seen_on_overview_makes_no_bar(ui):
    """The panel says it already; on another panel a bar does."""
    ui.supervisor.show(Phase.FAILED)
    assert ui.window.bars.bars() == []
    ui.supervisor.show(Phase.SERVING)
    ui.window.show_panel("settings")
    ui.supervisor.show(Phase.FAILED)
    assert "Port 8000 is used by nginx" in ui.window.bars.bars()[0].notice.text
    ui.supervisor.show(Phase.SERVING)
    assert ui.window.bars.bars() == []


def test_no_browser_is_told(desk_maker):
    ui = desk_maker(supervisor=FakeSupervisor(Phase.SERVING))
    ui.desk.server._open_address = lambda url: False
    ui.desk.actions.get("server.open").trigger()
    assert "No browser could be started" in ui.window.bars.bars()[0].notice.text


@pytest.mark.parametrize(("fault", "words"), [("", "read again"), ("routes.py, line 3: oops", "line 3")])
def test_rewr_03_routes_are_reloaded_from_the_window(desk_maker, fault, words):
    """REWR-03, REWR-04: the action reaches the server; a fault is shown, the old routes stay."""
    ui = desk_maker(supervisor=FakeSupervisor(Phase.SERVING))
    ui.supervisor.answers["reload_routes"] = {"error": fault or None}
    ui.desk.actions.get("server.reload_routes").trigger()
    assert ("reload_routes", None) in ui.supervisor.asked
    assert words in ui.window.bars.bars()[0].notice.text
    ui.supervisor.show(Phase.STOPPED)
    assert not ui.desk.actions.get("server.reload_routes").isEnabled()


def test_admin_08_administration_by_a_link_of_the_window(desk_maker):
    """ADMIN-08: the server makes the link, the browser opens it; why there is none is said."""
    ui = desk_maker(supervisor=FakeSupervisor(Phase.SERVING))
    ui.supervisor.answers["admin_link"] = {"url": "http://127.0.0.1:8000/admin/default/enter?token=t"}
    ui.desk.actions.get("server.admin").trigger()
    assert ("admin_link", {"url": "http://127.0.0.1:8000", "send": ""}) in ui.supervisor.asked
    assert ui.opened == ["http://127.0.0.1:8000/admin/default/enter?token=t"]
    ui.supervisor.refusals["admin_link"] = "The server has no password."
    ui.desk.actions.get("server.admin").trigger()
    assert ui.window.bars.bars()[0].notice.text == "The server has no password."
    ui.supervisor.show(Phase.STOPPED)
    assert not ui.desk.actions.get("server.admin").isEnabled()


# places


SCREEN = QRect(0, 0, 1920, 1080)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("100 100 1280 800", QRect(100, 100, 1280, 800)),
        ("-1900 100 1280 800", None),  # on a screen that is gone
        ("100 5000 1280 800", None),
        ("0 0 5000 4000", QRect(0, 0, 1920, 1080)),
        ("1900 100 1280 800", None),  # no grip left to drag it by
        ("", None),
        ("a b c d", None),
        ("1 2 3", None),
        ("10 10 5 5", None),
        (f"{2**70} 0 900 700", None),
    ],
)
def test_sh_01_place_only_on_a_screen_that_exists(kept, expected):
    """SH-01: a window is never restored where nobody can reach it."""
    assert placed(kept, [SCREEN]) == expected


def test_sh_01_place_on_a_second_screen():
    second = QRect(1920, 0, 1920, 1080)
    assert placed("2000 50 1280 800", [SCREEN, second]) == QRect(2000, 50, 1280, 800)
    assert to_text(QRect(2000, 50, 1280, 800)) == "2000 50 1280 800"


def test_sh_01_panel_and_side_bar_are_kept(desk_maker, monkeypatch):
    """SH-01: panel, splitter and size come back."""
    monkeypatch.setattr(MainWindow, "screens", lambda self: [SCREEN])
    first = desk_maker()
    first.window.show_panel("settings")
    first.window.splitter.setSizes([260, 840])
    first.window.keep()
    second = desk_maker(texts=first.layout.texts)
    assert second.window.current_panel() == "settings"
    assert second.window.splitter.sizes()[0] == 260
    assert first.layout.texts["geometry"].split()[2:] == ["1280", "800"]


def test_sh_01_unknown_panel_is_forgotten(desk_maker):
    ui = desk_maker(texts={"panel": "gone", "side": "many", "geometry": "?"})
    assert ui.window.current_panel() == "overview"


def test_narrow_window_folds_and_keeps_the_primary_button(ui):
    """Side bar to icons with tooltips, Restart into *more*; Stop and Open stay."""
    ui.supervisor.show(Phase.SERVING)
    ui.window.resize(760, 560)
    QApplication.processEvents()
    assert ui.window.sidebar.width() == 52
    assert ui.window.sidebar.item("settings").toolTip() == "Settings"
    assert [button.text() for button in ui.card.buttons()] == ["Stop", "Open in browser"]
    assert ui.card.more.isVisible()
    ui.window.resize(1280, 800)
    QApplication.processEvents()
    assert ui.window.sidebar.width() > 150
    assert len(ui.card.buttons()) == 3


# names


def nameless(root: QWidget) -> list[str]:
    """Controls and painted signs below `root` that a screen reader could not name."""
    found = []
    for widget in root.findChildren(QWidget):
        if isinstance(widget, (Painted, *CONTROLS)) and not widget.accessibleName():
            if widget.isVisibleTo(root) and not widget.objectName().startswith("qt_"):
                found.append(f"{type(widget).__name__} {widget.objectName()} in {widget.parent()}")
    return found


@pytest.mark.parametrize("phase", list(Phase))
def test_sh_21_every_control_has_a_name(ui, phase):
    """SH-21: the whole window, in each state, with form and log open."""
    ui.supervisor.show(phase)
    ui.card.fold.setChecked(True)
    ui.card.open_log()
    ui.desk.notices.post("error", "News.", "detail")
    QApplication.processEvents()
    assert nameless(ui.window) == []
    ui.window.show_panel("settings")
    assert nameless(ui.window) == []


def test_sh_21_state_changes_are_announced(ui, monkeypatch):
    """SH-21: a screen reader hears what happened to the server."""
    heard = []
    monkeypatch.setattr(ui.window, "announce", heard.append)
    ui.supervisor.show(Phase.SERVING)
    ui.supervisor.show(Phase.SERVING)
    ui.supervisor.show(Phase.FAILED)
    assert heard[0] == "Serving on 127.0.0.1:8000"
    assert heard[1].startswith("Did not start. Port 8000")
    assert len(heard) == 2


def test_sh_22_targets_are_large_enough(ui):
    """SH-22: at least 24 x 24 px for everything that can be pressed."""
    ui.supervisor.show(Phase.SERVING)
    ui.card.fold.setChecked(True)
    QApplication.processEvents()
    for button in ui.window.findChildren(PaintedButton):
        if button.isVisible():
            assert min(button.height(), button.width()) >= 24, button.objectName()


def test_every_action_has_words(ui):
    for action in ui.desk.actions.findChildren(QAction):
        assert action.text()


def test_menus_offer_the_registered_actions(ui):
    menu = ui.window.menus.fill_main()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert "Start server" in texts
    assert "Quit Hadron" in texts
    assert "Keys" in texts
    assert "Stop server" not in texts


def test_server_menu_of_the_header(ui):
    ui.supervisor.show(Phase.SERVING)
    ui.window.menus.open_server()
    menu = next(each for each in ui.window.findChildren(QMenu) if each.title() == "Server")
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Open in browser",
        "Pages",
        "Stop server",
        "Restart server",
    ]
    menu.close()


def test_side_bar_by_arrow_keys(qtbot, ui):
    item = ui.window.sidebar.item("overview")
    item.setFocus()
    qtbot.keyClick(item, Qt.Key.Key_Down)
    assert ui.window.current_panel() == "applications"
    qtbot.mouseClick(ui.window.sidebar.item("overview"), Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert ui.window.current_panel() == "overview"


def test_a_reserved_panel_is_filled_in_its_place(desk_maker):
    """SH-01: item and key are there with the first paint, also when it was the last panel; its parts follow."""
    ui = desk_maker(texts={"panel": "editor"})
    ui.window.reserve_panel("editor", "Editor", "code", "Ctrl+9")
    ui.window.show_panel("editor")
    assert ui.window.current_panel() == "editor"
    filled = QWidget()
    filled.title = "The editor"
    ui.window.add_panel("editor", "Editor", "code", filled, "Ctrl+9")
    assert ui.window.stack.currentWidget() is filled
    assert ui.window.header.title.whole() == "The editor"
    assert ui.window.panels().count(filled) == 1


def test_no_panel_widens_the_window(ui):
    """SH-01: the side bar keeps its width and the window its smallest size."""
    wide = QWidget()
    wide.setMinimumWidth(3000)
    ui.window.add_panel("wide", "Wide", "code", wide, "Ctrl+9")
    QApplication.processEvents()
    assert ui.window.minimumSizeHint().width() <= 720


def test_first_paint_loads_nothing_heavy():
    """The window is drawn before the parts that only the server, the keyring or a table needs."""
    code = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, "tests/desktop")
import desktop.app as composition
app = composition.make_application(["test"])
from fakes import FakeSupervisor, FakeTray
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
desk = composition.Desk(composition.Theme(app), MemoryPreferences(), MemoryLayout(), FakeSupervisor(),
                        lambda theme, actions: FakeTray())
desk.window.show()
for _ in range(5):
    app.processEvents()
heavy = {"keyring", "psutil", "pydal", "waitress", "werkzeug", "pygments", "cryptography", "sqlite3", "gluon",
         "desktop.panels.tickets.view", "desktop.panels.translations.view", "runtime.admin.languages",
         "runtime.errors.store"}
print(sorted(heavy & set(sys.modules)))
desk.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_st_10_the_layout_is_reset_at_once_and_choices_stay(qtbot, desk_maker):
    """ST-10: size, side bar, drawer, columns; not the scope, the history of queries, or confirmed addresses."""
    stays = {"network_confirmed": "0.0.0.0", "databases.history": "select 1", "panel": "overview"}
    goes = {"side": "300", "geometry": "5 5 900 600", "drawer.open": "yes", "scheduler.columns.tasks": "1 2"}
    ui = desk_maker(texts={**stays, **goes})
    ui.window.resize(800, 500)
    assert ui.window.splitter.sizes()[0] != ui.window._theme.tokens.value("width.side")
    ui.desk.actions.get("window.reset_layout").trigger()
    room = ui.window.screen().availableGeometry()
    assert ui.window.geometry() == first_place(room)
    assert not ui.window.isMaximized()
    if ui.window.width() >= ui.window._theme.tokens.value("width.fold_side_below"):
        assert ui.window.splitter.sizes()[0] == ui.window._theme.tokens.value("width.side")
    assert {key: ui.layout.texts.get(key) for key in stays} == stays
    assert not set(goes) & set(ui.layout.texts)
    assert "as in a first start" in ui.desk.notices.all()[0].text
