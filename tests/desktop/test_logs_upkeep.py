"""The files behind the panel Logs, and how much a server writes (LG-07, LG-10)."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from fakes import FakeSupervisor
from PySide6.QtWidgets import QMenu

from desktop.processes.state import Phase


@pytest.fixture
def ui(desk_maker, tmp_path, qtbot):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/server.log").write_text("2026-11-20 11:00:01.000 server info first\n")
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    supervisor.answers["log_level"] = {"logger": "", "level": 20}
    made = desk_maker(supervisor=supervisor)
    made.complete("logs")
    made.window.show_panel("logs")
    part = made.desk.parts["logs"]
    qtbot.waitUntil(lambda: part.panel.row_count() == 1)
    return SimpleNamespace(**vars(made), part=part, panel=part.panel, logs=tmp_path / "logs")


def menu_of(ui) -> dict[str, QMenu]:
    menu = QMenu(ui.window)
    ui.part.upkeep.fill(menu)
    return {action.text(): action.menu() or action for action in menu.actions()}


def checked(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isChecked()]


def pick(menu: QMenu, words: str) -> None:
    next(action for action in menu.actions() if action.text() == words).trigger()


def notices(ui) -> list[str]:
    return [notice.text for notice in ui.desk.notices.all()]


def test_lg_07_put_aside_now(ui, qtbot):
    """LG-07: the list is empty until something is written; the older lines lie beside; said."""
    menu_of(ui)["Put the logs aside now"].trigger()
    qtbot.waitUntil(lambda: "1 log put aside: server." in notices(ui))
    qtbot.waitUntil(lambda: ui.panel.row_count() == 0)
    assert (ui.logs / "server.log.1").read_text().endswith("first\n")
    (ui.logs / "server.log").write_text("2026-11-20 11:00:02.000 server info second\n")
    qtbot.waitUntil(lambda: ui.panel.row_count() == 1)
    menu_of(ui)["Put the logs aside now"].trigger()
    qtbot.waitUntil((ui.logs / "server.log.2").exists)


def test_lg_07_days_and_sizes_are_kept_and_used(ui, qtbot):
    """LG-07: chosen in the menu or the settings; old ones go at once, later by themselves."""
    old = ui.logs / "server.log.1"
    old.write_text("old\n")
    os.utime(old, (time.time() - 10 * 86_400,) * 2)
    menu = menu_of(ui)["Keep older logs"]
    assert checked(menu) == ["The last five of each", "Of any size"]
    pick(menu, "30 days")
    assert ui.preferences.get("general.log_days") == 30
    pick(menu_of(ui)["Keep older logs"], "7 days")
    qtbot.waitUntil(lambda: not old.exists())
    qtbot.waitUntil(lambda: "1 old log removed, 4 B." in notices(ui))
    ui.preferences.set("general.log_megabytes", 77)
    assert checked(menu_of(ui)["Keep older logs"]) == ["7 days", "77 MB together"]
    old.write_text("again\n")
    os.utime(old, (time.time() - 10 * 86_400,) * 2)
    ui.part.upkeep._timer.timeout.emit()
    qtbot.waitUntil(lambda: not old.exists())
    assert (ui.logs / "server.log").exists()


def test_lg_10_the_level_of_the_running_server(ui, qtbot):
    """LG-10: what it is now is marked; another is asked for through the control channel; faults are said."""
    menu = menu_of(ui)["The server writes"]
    assert checked(menu) == ["Info and above"]
    pick(menu, "Debug and above")
    assert ui.supervisor.asked[-1] == ("log_level", {"level": 10})
    assert "The server writes debug and above until it is started again." in notices(ui)
    ui.supervisor.refusals["log_level"] = "The server does not answer."
    pick(menu, "Error and above")
    assert "The server does not answer." in notices(ui)
    ui.supervisor.show(Phase.STOPPED)
    stopped = menu_of(ui)["The server writes"]
    assert [(action.text(), action.isEnabled()) for action in stopped.actions()] == [
        ("Start the server first", False)
    ]
