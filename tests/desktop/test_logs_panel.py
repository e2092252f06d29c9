"""The panel Logs as a person uses it (UI-LG, journey 12)."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from runtime.foundation.log_lines import moment_of

DAY = "2026-11-20"


def line(second: int, text: str, source: str = "server", level: str = "info") -> str:
    return f"{DAY} 11:{second // 60:02d}:{second % 60:02d}.000 {source} {level} {text}\n"


@pytest.fixture
def ui(desk_maker, tmp_path, qtbot):
    logs = tmp_path / "logs"
    logs.mkdir()
    (tmp_path / "applications/shop/controllers").mkdir(parents=True)
    (tmp_path / "applications/shop/controllers/default.py").write_text("\n" * 20)
    source = f'      File "{tmp_path}/applications/shop/controllers/default.py", line 12, in index\n'
    (logs / "server.log").write_text(
        "".join(line(n, f"message {n}") for n in range(900))
        + line(901, "it failed", level="error") + "    Traceback (most recent call last):\n" + source + "    ZeroDivisionError\n"
    )  # fmt: skip
    (logs / "access.log").write_text(
        f"127.0.0.1, {DAY} 11:15:02, GET, /shop/default/index, HTTP/1.1, 500, 0.061000\n"
    )
    made = desk_maker()
    made.supervisor.settings = replace(made.supervisor.settings, site_folder=tmp_path)
    made.desk.complete()
    panel = made.desk.parts["logs"].panel
    made.window.show_panel("logs")
    qtbot.waitUntil(lambda: panel.row_count() > 0)
    return SimpleNamespace(**vars(made), panel=panel, logs=logs, qtbot=qtbot, site=tmp_path)


def texts(ui) -> list[str]:
    return [record.text for record in ui.panel.model.rows()]


def test_lg_01_02_the_end_of_all_logs_and_what_comes(ui):
    """LG-01, LG-02: the newest lines of both logs; new ones appear at the end, or wait while one reads above."""
    assert texts(ui)[-2:] == ["it failed", "GET /shop/default/index 500 61.0 ms from 127.0.0.1"]
    bar = ui.panel.table.verticalScrollBar()
    assert bar.value() == bar.maximum()
    with open(ui.logs / "server.log", "a") as stream:
        stream.write(line(905, "fresh"))
    ui.qtbot.waitUntil(lambda: texts(ui)[-1] == "fresh")
    assert bar.value() == bar.maximum()
    bar.setValue(bar.maximum() // 2)
    with open(ui.logs / "server.log", "a") as stream:
        stream.write(line(906, "waiting"))
    ui.qtbot.waitUntil(ui.panel.pill.isVisible)
    assert ui.panel.pill.text() == "1 new"
    assert bar.value() < bar.maximum()
    ui.panel.pill.click()
    assert bar.value() == bar.maximum()
    assert not ui.panel.pill.isVisible()


def test_lg_06_older_lines_come_when_one_scrolls_up(ui):
    """LG-06: the beginning of the list is not the beginning of the log."""
    first = ui.panel.row_count()
    assert "the last" in ui.panel.count.whole()
    ui.panel.table.verticalScrollBar().setValue(0)
    ui.qtbot.waitUntil(lambda: ui.panel.row_count() > first)
    ui.qtbot.waitUntil(lambda: texts(ui)[0] == "message 0")


def test_lg_03_filter_level_and_sources(ui):
    """LG-03: words, pattern, level; a wrong pattern is explained; the choice is kept."""
    ui.panel.filter.setText("failed")
    ui.qtbot.waitUntil(lambda: texts(ui) == ["it failed"])
    ui.panel.filter.setText("/(/")
    ui.qtbot.waitUntil(lambda: ui.panel.state() == "failed")
    assert "no regular expression" in ui.panel.empty.words.text()
    ui.panel.filter.setText("nothing like this")
    ui.qtbot.waitUntil(lambda: ui.panel.state() == "none match")
    ui.panel.filter.setText("")
    ui.panel.level.chosen.emit("info")
    ui.panel.level.set_value("error")
    ui.panel.read()
    ui.qtbot.waitUntil(lambda: len(texts(ui)) == 2)
    ui.panel.chips["access"].click()
    ui.qtbot.waitUntil(lambda: texts(ui) == ["it failed"])
    assert ui.layout.load_text("logs.hidden") == "access"
    assert ui.panel.chips["server"].accessibleName() == "server, 1"


def test_lg_04_a_message_in_full_and_its_line(ui):
    """LG-04: the traceback below, the failing line of the application by a key."""
    opened = []

    def take(path: str, line: int) -> None:
        opened.append((path, line))

    ui.desk.links._handlers["file"] = take
    at = texts(ui).index("it failed")
    ui.panel.table.selectRow(at)
    assert "ZeroDivisionError" in ui.panel.text.toPlainText()
    assert ui.panel.detail.isVisible()
    ui.panel.table.setFocus()
    ui.qtbot.keyClick(ui.panel.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert opened == [(str(ui.site / "applications/shop/controllers/default.py"), 12)]
    ui.panel.table.selectRow(at - 1)
    assert not ui.panel.open_line.isEnabled()


def test_lg_05_a_link_to_a_moment(ui):
    """LG-05, TK-18: the lines around it, also when they lie far back."""
    ui.window.show_panel("overview")
    assert ui.desk.links.open("log", time=moment_of(f"{DAY} 11:00:10.000"), source="server")
    ui.qtbot.waitUntil(lambda: ui.panel.current() is not None and ui.panel.current().text == "message 10")
    assert ui.window.current_panel() == "logs"
    ui.desk.history.back()
    assert ui.window.current_panel() == "overview"


def test_lg_07_copy_and_save(ui):
    """LG-07"""
    ui.panel.filter.setText("failed")
    ui.qtbot.waitUntil(lambda: texts(ui) == ["it failed"])
    ui.panel.copy()
    assert "ZeroDivisionError" in QApplication.clipboard().text()
    ui.panel.save(ui.site / "out.log")
    ui.qtbot.waitUntil(lambda: any("Saved to" in notice.text for notice in ui.desk.notices.all()))
    assert "it failed" in (ui.site / "out.log").read_text()


def test_sh_02_scope_shows_one_application(ui):
    """SH-02: lines that name it."""
    ui.desk.scope.show_applications(("shop",))
    ui.desk.scope.set("shop")
    ui.qtbot.waitUntil(lambda: len(texts(ui)) in (1, 2))
    assert "/shop/" in texts(ui)[-1]


def test_journey_12_control_characters_are_harmless(ui):
    """Journey 12: shown, never obeyed."""
    with open(ui.logs / "server.log", "a") as stream:
        stream.write(line(907, "\x1b[31mred\x07\u202egnp"))
    ui.qtbot.waitUntil(lambda: "red" in texts(ui)[-1])
    shown = ui.panel.model.data(ui.panel.model.index(ui.panel.row_count() - 1, 3))
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_no_logs_yet(desk_maker, tmp_path, qtbot):
    ui = desk_maker()
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=tmp_path)
    ui.desk.complete()
    ui.window.show_panel("logs")
    panel = ui.desk.parts["logs"].panel
    qtbot.waitUntil(lambda: "No logs yet" in panel.empty.words.text())
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/server.log").write_text(line(1, f"at {time.time()}"))
    panel.read()
    qtbot.waitUntil(lambda: panel.row_count() == 1)
