"""The end of the logs under any panel (UI-LG-09)."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

CTRL, J = Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_J


def line(second: int, text: str, source: str = "server", level: str = "info") -> str:
    return f"2026-11-20 11:00:{second:02d}.000 {source} {level} {text}\n"


@pytest.fixture
def maker(desk_maker, tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "server.log").write_text("".join(line(n, f"message {n}") for n in range(40)))
    (logs / "cron.log").write_text(line(41, "cleaned", "cron"))

    def make(**texts: str) -> SimpleNamespace:
        made = desk_maker(texts={"panel": "overview", **texts})
        made.supervisor.settings = replace(made.supervisor.settings, site_folder=tmp_path)
        made.complete("logs", "tickets")
        made.part = made.desk.parts["logs"]
        made.place = made.window.drawer
        made.logs = logs
        return made

    return make


@pytest.fixture
def ui(maker):
    return maker()


def press(ui) -> None:
    assert QTest.qWaitForWindowActive(ui.window, 60_000)
    QTest.keyClick(ui.window, J, CTRL)


def texts(ui) -> list[str]:
    return [record.text for record in ui.part.drawer.table.rows.rows()]


def watches(ui) -> list[QTimer]:
    return [timer for timer in ui.desk.findChildren(QTimer, "logs-watch") if timer.isActive()]


def test_ui_lg_09_a_key_pulls_it_up_under_any_panel(ui, qtbot):
    """UI-LG-09: Ctrl+J opens it with the focus on its lines, below whichever panel; once more closes it."""
    button = ui.card.buttons()[0]
    button.setFocus()
    press(ui)
    drawer = ui.part.drawer
    qtbot.waitUntil(lambda: texts(ui)[-1:] == ["cleaned"])
    assert drawer.isVisible()
    assert drawer.table.hasFocus()
    assert ui.desk.actions.get("logs.drawer").isChecked()
    ui.window.show_panel("tickets")
    assert drawer.isVisible()
    with open(ui.logs / "cron.log", "a") as stream:
        stream.write(line(42, "fresh", "cron"))
    qtbot.waitUntil(lambda: texts(ui)[-1] == "fresh")
    ui.window.show_panel("overview")
    press(ui)
    assert not drawer.isVisible()
    assert button.hasFocus()


def test_ui_lg_09_it_costs_nothing_while_it_is_closed(ui, qtbot):
    """UI-LG-09: not made before it is wanted; closed again it holds no lines and looks at no file."""
    assert ui.part.drawer is None
    assert watches(ui) == []
    press(ui)
    qtbot.waitUntil(lambda: len(texts(ui)) == 41)
    assert len(watches(ui)) == 1
    drawer = ui.part.drawer
    qtbot.keyClick(drawer.table, Qt.Key.Key_Escape)
    assert not drawer.isVisible()
    assert watches(ui) == []
    assert texts(ui) == []
    press(ui)
    assert ui.part.drawer is drawer
    qtbot.waitUntil(lambda: len(texts(ui)) == 41)


def test_ui_lg_09_height_and_state_are_remembered(ui, maker, qtbot):
    """UI-LG-09: the height by mouse or key, also for the next window, which opens it without taking the focus."""
    press(ui)
    qtbot.waitUntil(lambda: bool(texts(ui)))
    assert ui.place.sizes()[1] == 240
    handle = ui.place.handle(1)
    ui.place.moveSplitter(ui.place.height() - 330 - handle.height(), 1)
    height = ui.place.sizes()[1]
    assert abs(height - 330) < 3
    press(ui)
    press(ui)
    assert ui.place.sizes()[1] == height
    kept = ui.layout.texts
    other = maker(**{name: kept[name] for name in kept if name.startswith("drawer")})
    assert other.part.drawer.isVisible()
    assert abs(other.place.sizes()[1] - height) < 3
    assert not other.part.drawer.table.hasFocus()


def test_ui_lg_09_a_low_window_keeps_its_panel(maker, qtbot):
    """UI-LG-09, SH-01: nonsense and heights of a larger screen leave the panel enough; a large window gets it back."""
    ui = maker(**{"drawer.height": "4000", "drawer.open": "yes"})
    for height in (480, 800):
        ui.window.resize(760, height)
        qtbot.waitUntil(lambda height=height: abs(ui.window.height() - height) < 2)
        qtbot.waitUntil(lambda: ui.window.stack.height() >= 155)
        assert ui.part.drawer.height() >= 110
    ui.layout.save_text("drawer.height", "much")
    press(ui)
    press(ui)
    assert ui.place.sizes()[1] == 240


def test_ui_lg_09_the_panel_of_logs_needs_none(ui, qtbot):
    """UI-LG-09: under Logs it hides and its key says why; elsewhere it is back."""
    press(ui)
    qtbot.waitUntil(lambda: bool(texts(ui)))
    ui.window.show_panel("logs")
    assert not ui.part.drawer.isVisible()
    action = ui.desk.actions.get("logs.drawer")
    assert not action.isEnabled()
    assert "itself" in action.toolTip() or "themselves" in action.toolTip()
    ui.window.show_panel("tickets")
    assert ui.part.drawer.isVisible()
    qtbot.waitUntil(lambda: bool(texts(ui)))


def test_ui_lg_09_one_log_or_from_a_level(ui, maker, qtbot):
    """UI-LG-09: what is chosen is kept; a log that is gone is none; nothing that matches is said."""
    press(ui)
    qtbot.waitUntil(lambda: len(texts(ui)) == 41)
    ui.part.drawer.source.set_value("cron")
    ui.part.drawer.source.chosen.emit("cron")
    qtbot.waitUntil(lambda: texts(ui) == ["cleaned"])
    ui.part.drawer.level.set_value("error")
    ui.part.drawer.level.chosen.emit("error")
    qtbot.waitUntil(ui.part.drawer.words.isVisible)
    assert ui.part.drawer.words.text() == "No line matches."
    assert ui.layout.texts["drawer.level"] == "error"
    other = maker(**{"drawer.open": "yes", "drawer.source": "cron"})
    qtbot.waitUntil(lambda: texts(other) == ["cleaned"])
    gone = maker(**{"drawer.open": "yes", "drawer.source": "worker.shop.x"})
    qtbot.waitUntil(lambda: len(texts(gone)) == 41)


def test_ui_lg_09_it_follows_the_scope(ui, qtbot):
    """UI-LG-09, SH-02: of one application, whose name is said."""
    (ui.logs.parent / "applications" / "shop").mkdir(parents=True)
    with open(ui.logs / "server.log", "a") as stream:
        stream.write(line(50, "of the shop", "app.shop"))
    press(ui)
    qtbot.waitUntil(lambda: len(texts(ui)) == 42)
    ui.desk.scope.show_applications(("shop",))
    ui.desk.scope.set("shop")
    qtbot.waitUntil(lambda: texts(ui) == ["of the shop"])
    assert ui.part.drawer.count.whole() == "of shop"


def test_ui_lg_09_enter_opens_the_line_in_logs(ui, qtbot):
    """UI-LG-09, LG-05: at the same moment in the panel, and back again."""
    press(ui)
    qtbot.waitUntil(lambda: len(texts(ui)) == 41)
    ui.part.drawer.table.go_to(12)
    qtbot.keyClick(ui.part.drawer.table, Qt.Key.Key_Return)
    assert ui.window.current_panel() == "logs"
    qtbot.waitUntil(lambda: ui.part.panel.current() is not None)
    assert ui.part.panel.current().text == "message 12"
    ui.desk.history.back()
    assert ui.window.current_panel() == "overview"
    assert ui.part.drawer.isVisible()


def test_ui_lg_09_panes_and_names(ui, qtbot):
    """SH-20, SH-21: F6 comes to it; every control has a name."""
    press(ui)
    qtbot.waitUntil(lambda: bool(texts(ui)))
    drawer = ui.part.drawer
    assert drawer in ui.window.panes()
    for control in (
        drawer.source,
        drawer.level,
        drawer.whole,
        drawer.more,
        drawer.leave,
        drawer.table,
        drawer,
    ):
        assert control.accessibleName()
    assert ui.place.handle(1).accessibleName()
    assert ui.desk.actions.get("logs.wrap").isEnabled()
    drawer.leave.click()
    assert drawer not in ui.window.panes()
    assert not ui.desk.actions.get("logs.wrap").isEnabled()


def test_ui_lg_09_no_logs_yet(desk_maker, tmp_path, qtbot):
    """UI-LG-09: a site without logs says so, and shows the first line when it comes."""
    ui = desk_maker()
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=tmp_path)
    ui.complete("logs")
    ui.part = ui.desk.parts["logs"]
    press(ui)
    qtbot.waitUntil(lambda: "No logs yet" in ui.part.drawer.words.text())
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/server.log").write_text(line(1, "first"))
    qtbot.waitUntil(lambda: texts(ui) == ["first"])
