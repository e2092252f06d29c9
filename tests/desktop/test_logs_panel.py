"""The panel Logs as a person uses it (UI-LG, journey 12)."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from desktop.panels.logs.moment_sheet import MomentSheet, moment_in
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
    made.complete("logs")
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


def test_lg_06_scrolling_up_during_a_look_is_not_lost(ui):
    """LG-06: what is asked for while new lines are looked for comes after that look."""
    reader = ui.desk.parts["logs"].reader
    first = ui.panel.row_count()
    ui.qtbot.waitUntil(lambda: not reader._reading)
    reader._look()
    ui.panel.table.verticalScrollBar().setValue(0)
    ui.qtbot.waitUntil(lambda: ui.panel.row_count() > first)


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
    ui.panel.sources.chips["access"].click()
    ui.qtbot.waitUntil(lambda: texts(ui) == ["it failed"])
    assert ui.layout.load_text("logs.hidden") == "access"
    assert ui.panel.sources.chips["server"].accessibleName() == "server, 1"


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


def test_lg_04_files_of_a_message_are_links(ui):
    """LG-04: pressed with the mouse, or chosen in the menu; each file once, own ones and those of libraries."""
    opened = []
    ui.desk.links._handlers["file"] = lambda path, line: opened.append((path, line))
    source = f'      File "{ui.site}/applications/shop/controllers/default.py", line 12, in index\n'
    library = '      File "/usr/lib/python3/json/decoder.py", line 355, in raw_decode\n'
    with open(ui.logs / "server.log", "a") as stream:
        stream.write(line(920, "again") + "    Traceback\n" + source + library + source)
    ui.qtbot.waitUntil(lambda: texts(ui)[-1] == "again")
    ui.panel.table.selectRow(ui.panel.row_count() - 1)
    text = ui.panel.text
    ui.qtbot.waitUntil(text.isVisible)

    def place_of(words):
        return text.cursorRect(text.document().find(words)).center()

    ui.qtbot.waitUntil(lambda: text.anchorAt(place_of("decoder.py")).startswith("355:"))  # it is laid out
    where = place_of("decoder.py")
    ui.qtbot.mouseMove(text.viewport(), where)
    ui.qtbot.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened == [("/usr/lib/python3/json/decoder.py", 355)]
    ui.qtbot.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=place_of("Traceback"))
    assert len(opened) == 1
    menu = QMenu(ui.window)
    ui.panel._add_places(menu)
    lines = menu.actions()[0].menu()
    assert [action.text() for action in lines.actions()] == ["default.py, line 12", "decoder.py, line 355"]
    lines.actions()[0].trigger()
    assert opened[-1] == (str(ui.site / "applications/shop/controllers/default.py"), 12)


def test_lg_03_matches_are_counted_and_stand_among_their_neighbours(ui):
    """LG-03: so many lines before and after, in a weaker ink; the count is that of the matches; kept."""
    ui.panel.filter.setText("/message (700|702)$/")
    ui.qtbot.waitUntil(lambda: ui.panel.row_count() == 2)
    ui.panel.set_around(2)
    wanted = [f"message {number}" for number in range(698, 705)]
    ui.qtbot.waitUntil(lambda: texts(ui) == wanted)
    ui.qtbot.waitUntil(lambda: ui.panel.count.whole() == "2 matches")
    inks = [ui.panel.model.cell_facts(row, 3).ink for row in range(7)]
    assert [ink == "text.primary" for ink in inks] == [False, False, True, False, True, False, False]
    assert ui.layout.load_text("logs.around") == "2"
    ui.panel.filter.setText("message 4")
    ui.qtbot.waitUntil(lambda: ui.panel.row_count() > 100)
    ui.panel.set_around(0)
    ui.panel.filter.setText("failed")
    ui.qtbot.waitUntil(lambda: texts(ui) == ["it failed"])
    with open(ui.logs / "server.log", "a") as stream:
        stream.write(line(908, "nothing") + line(909, "failed again"))
    ui.qtbot.waitUntil(lambda: texts(ui)[-1] == "failed again")
    assert "nothing" not in texts(ui)


def test_lg_05_a_link_to_a_moment(ui):
    """LG-05, TK-18: the lines around it, also when they lie far back."""
    ui.window.show_panel("overview")
    assert ui.desk.links.open("log", time=moment_of(f"{DAY} 11:00:10.000"), source="server")
    ui.qtbot.waitUntil(lambda: ui.panel.current() is not None and ui.panel.current().text == "message 10")
    assert ui.window.current_panel() == "logs"
    ui.desk.history.back()
    assert ui.window.current_panel() == "overview"


def test_lg_05_a_moment_that_is_typed(ui):
    """LG-05: by key; what is no time says how to write one; Back comes to where one was."""
    ui.panel.table.selectRow(ui.panel.row_count() - 1)
    ui.panel.table.setFocus()
    ui.qtbot.keyClick(ui.panel.table, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    sheet = next(one for one in ui.window.findChildren(MomentSheet) if one.isVisible())
    assert sheet.field.text() == ui.panel.current().time
    sheet.field.setText("half past nine")
    ui.qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert "is no time" in sheet.field.accessibleDescription()
    assert sheet.isVisible()
    sheet.field.setText(f"{DAY} 11:00:20")
    ui.qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    ui.qtbot.waitUntil(lambda: ui.panel.current() is not None and ui.panel.current().text == "message 20")
    assert ui.desk.history.can_go_back


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("11:19", "2026-11-20 11:19:00"),
        ("9:05:07", "2026-11-20 09:05:07"),
        ("23:59", "2026-11-19 23:59:00"),  # it is noon: last night
        ("2026-11-02", "2026-11-02 00:00:00"),
        ("2026-1-2  3:04", "2026-01-02 03:04:00"),
        ("2026-11-20T11:19:01.204", "2026-11-20 11:19:01"),
        ("20 min ago", "2026-11-20 11:40:00"),
        ("2d", "2026-11-18 12:00:00"),
        ("", ""),
        ("25:00", ""),
        ("2026-02-30", ""),
        ("11", ""),
        ("٣:٠٤", ""),
        ("9999999 h", ""),
        ("0000-01-01", ""),
    ],
)
def test_lg_05_times_as_people_write_them(text, wanted):
    """LG-05: what is meant at noon of that day."""
    found = moment_in(text, moment_of(f"{DAY} 12:00:00.000"))
    assert (time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found)) if found is not None else "") == wanted


def name_of_worker(number: int) -> str:
    return f"worker.shop.vm-fb49af7d-e641-47ac-a7ef-{number:012d}"


def write_worker(ui, number: int, text: str) -> None:
    with open(ui.logs / f"{name_of_worker(number)}.log", "a") as stream:
        stream.write(line(901 + number, text, "scheduler"))


def test_lg_01_workers_have_logs_of_their_own(ui):
    """LG-01, LG-02: listed when they come, followed, told apart; many share a menu; hidden ones stay hidden."""
    write_worker(ui, 1, "task 12 news, run 34: COMPLETED")
    sources = ui.panel.sources
    ui.qtbot.waitUntil(lambda: name_of_worker(1) in sources.chips)
    ui.qtbot.waitUntil(lambda: "task 12 news, run 34: COMPLETED" in texts(ui))
    at = texts(ui).index("task 12 news, run 34: COMPLETED")
    assert ui.panel.model.data(ui.panel.model.index(at, 1)) == "worker shop fb49af7d"
    assert not sources.workers.isVisible()
    for number in (2, 3, 4):
        write_worker(ui, number, f"worker {number} serves main")
    ui.qtbot.waitUntil(lambda: sources.workers.isVisible() and sources.workers.text() == "4 workers")
    assert set(sources.chips) == {"server", "access"}
    menu = QMenu(ui.panel)
    sources.fill(menu)
    next(one for one in menu.actions() if one.data() == name_of_worker(3)).trigger()
    ui.qtbot.waitUntil(lambda: "worker 3 serves main" not in texts(ui))
    assert "worker 2 serves main" in texts(ui)
    assert sources.workers.text() == "3 of 4 workers"
    next(one for one in menu.actions() if one.text() == "No worker").trigger()
    ui.qtbot.waitUntil(lambda: not any("serves" in text for text in texts(ui)))
    write_worker(ui, 1, "more")
    next(one for one in menu.actions() if one.text() == "All workers").trigger()
    ui.qtbot.waitUntil(lambda: "more" in texts(ui))


def test_lg_01_narrow_windows_have_all_logs_in_one_menu(ui, theme):
    """LG-01, SH-01: where chips would leave no room for the filter, also with large letters; wide ones bring them back."""
    sources = ui.panel.sources
    (ui.logs / "cron.log").write_text(line(903, "cleaned", "cron"))
    write_worker(ui, 1, "serves main")
    ui.qtbot.waitUntil(lambda: len(sources.chips) == 4)
    assert not sources.workers.isVisible()
    assert all(chip.isVisible() for chip in sources.chips.values())
    ui.window.resize(760, 600)
    ui.qtbot.waitUntil(sources.workers.isVisible)
    assert sources.workers.text() == "4 logs"
    assert not any(chip.isVisible() for chip in sources.chips.values())
    ui.qtbot.waitUntil(lambda: ui.panel.filter.width() > 150)
    menu = QMenu(ui.panel)
    sources.fill(menu)
    next(one for one in menu.actions() if one.data() == "cron").trigger()
    ui.qtbot.waitUntil(lambda: "cleaned" not in texts(ui))
    ui.qtbot.waitUntil(lambda: sources.workers.text() == "3 of 4 logs")
    next(one for one in menu.actions() if one.text() == "No log").trigger()
    ui.qtbot.waitUntil(lambda: ui.panel.row_count() == 0)
    assert ui.panel.state() == "none match"
    next(one for one in menu.actions() if one.text() == "All logs").trigger()
    ui.qtbot.waitUntil(lambda: "cleaned" in texts(ui))
    ui.window.resize(1280, 800)
    ui.qtbot.waitUntil(sources.chips["cron"].isVisible)
    assert sources.chips["cron"].isChecked()
    theme.set_zoom(2.0)
    ui.qtbot.waitUntil(sources.workers.isVisible)
    theme.set_zoom(1.0)


def test_lg_05_a_run_leads_to_its_moment_in_the_log_of_its_worker(ui):
    """LG-05: the record of that worker is chosen, not another log's of the same moment; hidden logs come back."""
    for number in (1, 2):
        write_worker(ui, number, f"from {number}")
    ui.qtbot.waitUntil(lambda: "from 2" in texts(ui))
    ui.panel.sources.toggled.emit(name_of_worker(2))
    ui.qtbot.waitUntil(lambda: "from 2" not in texts(ui))
    moment = moment_of(f"{DAY} 11:15:00.000")
    assert ui.desk.links.open("log", time=moment, source=name_of_worker(2))
    ui.qtbot.waitUntil(lambda: ui.panel.current() is not None and ui.panel.current().text == "from 2")
    assert ui.desk.links.open("log", time=moment, source="worker")
    ui.qtbot.waitUntil(lambda: ui.panel.current().text == "from 1")
    assert ui.desk.links.open("log", time=moment, source="worker.shop.elsewhere")
    ui.qtbot.waitUntil(lambda: any("no log" in notice.text for notice in ui.desk.notices.all()))


def test_lg_07_copy_and_save(ui):
    """LG-07"""
    ui.panel.filter.setText("failed")
    ui.qtbot.waitUntil(lambda: texts(ui) == ["it failed"])
    ui.panel.table.copy()
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
    ui.complete("logs")
    ui.window.show_panel("logs")
    panel = ui.desk.parts["logs"].panel
    qtbot.waitUntil(lambda: "No logs yet" in panel.empty.words.text())
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/server.log").write_text(line(1, f"at {time.time()}"))
    panel.read()
    qtbot.waitUntil(lambda: panel.row_count() == 1)


# how lines are shown

COLOURED = "\x1b[31mred\x1b[0m and \x1b[2J\u202egnp\u2066 plain"


def write(ui, second: int, text: str) -> None:
    with open(ui.logs / "server.log", "a") as stream:
        stream.write(line(second, text))
    wanted = text.splitlines()[0][-5:]
    ui.qtbot.waitUntil(lambda: texts(ui)[-1].endswith(wanted))


def painted_colours(ui, row: int) -> set[str]:
    """Colours of the letters of a message, as they are on the screen."""
    rect = ui.panel.table.visualRect(ui.panel.model.index(row, 3))
    image = ui.panel.table.viewport().grab(rect).toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_ui_lg_08_colours_and_control_characters(ui, theme):
    """UI-LG-08: red letters are red in both schemes; what would clear, move or turn text is seen as a sign."""
    write(ui, 908, COLOURED)
    last = ui.panel.row_count() - 1
    shown = ui.panel.model.index(last, 3).data()
    assert shown == "red and ‹ESC›[2J‹U+202E›gnp‹U+2066› plain"
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        red = theme.color("terminal.red").name()
        assert red in painted_colours(ui, last)
        assert red not in painted_colours(ui, last - 3)
        ui.panel.table.selectRow(last)
        ui.panel.toggle_detail()
        assert ui.panel.text.toPlainText().endswith(f"server info {shown}")
        block = ui.panel.text.document().firstBlock()
        formats = {
            part.format.foreground().color().name() for part in block.textFormats() if part.length == 3
        }
        assert formats == {red}
        ui.panel.toggle_detail()
    ui.panel.table.copy()
    assert QApplication.clipboard().text().endswith(f"{shown}\n")
    ui.panel.save(ui.site / "out.log")
    ui.qtbot.waitUntil((ui.site / "out.log").exists)
    assert not {"\x1b", "\u202e"} & set((ui.site / "out.log").read_text())
    ui.panel.filter.setText("red and")  # found by its letters, whatever their colour
    ui.qtbot.waitUntil(lambda: ui.panel.row_count() == 1)


def test_ui_lg_08_wrapping_shows_long_lines_whole(ui, qtbot):
    """UI-LG-08: by key; the end stays the end, rows are as high as their text, and as before without."""
    words = " ".join(f"word{number}" for number in range(80))
    write(ui, 909, words)
    table, last = ui.panel.table, ui.panel.row_count() - 1
    usual = table.rowHeight(last)
    ui.panel.table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
    assert ui.layout.load_text("logs.wrap") == "yes"
    assert table.rowHeight(last) > 3 * usual / 2
    bar = table.verticalScrollBar()
    assert bar.value() == bar.maximum()
    rect = table.visualRect(ui.panel.model.index(last, 3))
    assert rect.bottom() <= table.viewport().height()
    wide = table.rowHeight(last)
    ui.window.resize(900, 700)
    qtbot.waitUntil(lambda: table.rowHeight(last) > wide)
    write(ui, 910, words[:400] + " later")
    qtbot.waitUntil(lambda: table.rowHeight(last + 1) > usual)
    assert bar.value() == bar.maximum()
    bar.setValue(last - 40)
    qtbot.waitUntil(lambda: table.rowAt(0) == last - 40)
    ui.desk.actions.get("logs.wrap").trigger()
    assert {table.rowHeight(row) for row in range(last - 50, last + 1)} == {usual}


def test_ui_lg_08_a_very_long_line_is_bounded_and_says_so(ui, qtbot):
    """UI-LG-08: 60 000 letters are some lines and an ellipsis; the whole is in the message below."""
    write(ui, 911, "x" * 60_000)
    ui.desk.actions.get("logs.wrap").trigger()
    table, last = ui.panel.table, ui.panel.row_count() - 1
    qtbot.waitUntil(lambda: table.rowHeight(last) > 100)
    assert table.rowHeight(last) < table.viewport().height()
    table.selectRow(last)
    ui.panel.toggle_detail()
    assert len(ui.panel.text.toPlainText()) > 60_000


def test_ui_lg_08_narrow_windows_keep_room_for_the_message(ui, qtbot):
    """UI-LG-08: levels are their mark alone, whose tooltip has the word; wide windows show it again."""
    table, model = ui.panel.table, ui.panel.model
    failed = texts(ui).index("it failed")
    assert model.cell_facts(failed, 2).text == "error"
    ui.window.resize(760, 600)
    qtbot.waitUntil(lambda: model.cell_facts(failed, 2).text == "")
    assert model.cell_facts(failed, 2).mark
    assert model.index(failed, 2).data() == "error"
    assert model.data(model.index(failed, 2), Qt.ItemDataRole.ToolTipRole) == "error"
    ui.qtbot.waitUntil(lambda: table.columnWidth(3) > 0.4 * table.viewport().width())
    ui.window.resize(1280, 800)
    qtbot.waitUntil(lambda: model.cell_facts(failed, 2).text == "error")


def test_ui_lg_08_sizes_by_key_wheel_and_menu(ui, qtbot, theme):
    """UI-LG-08: larger, smaller, usual; rows grow along; an end says so; kept."""
    table = ui.panel.table
    usual = table.rowHeight(0)
    table.setFocus()
    for _ in range(9):
        qtbot.keyClick(table, Qt.Key.Key_Plus, Qt.KeyboardModifier.AltModifier)
    larger = ui.desk.actions.get("logs.larger")
    assert not larger.isEnabled()
    assert "no larger" in larger.toolTip()
    assert ui.layout.load_text("logs.size") == "200"
    assert table.rowHeight(0) > usual
    assert ui.panel.text.font().pointSizeF() == pytest.approx(2 * theme.fonts.points("code"), abs=0.1)
    qtbot.keyClick(table, Qt.Key.Key_0, Qt.KeyboardModifier.AltModifier)
    assert table.rowHeight(0) == usual
    ui.desk.actions.get("logs.smaller").trigger()
    assert ui.panel.text.font().pointSizeF() >= 8
    menu = QMenu()
    ui.desk.parts["logs"].display_actions.fill(menu)
    assert any("now 85 %" in action.text() for action in menu.actions())
    ui.window.show_panel("overview")
    assert not ui.desk.actions.get("logs.wrap").isEnabled()


def test_ui_lg_08_ways_to_tell_the_time(ui, monkeypatch):
    """UI-LG-08: as written, of the day, UTC, since the line before; kept; the tooltip knows both."""
    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    try:
        ui.panel.read()
        write(ui, 965, "later")
        last = ui.panel.row_count() - 1
        cell = ui.panel.model.index(last, 0)
        assert cell.data() == f"{DAY} 11:16:05.000"
        for way, words in (
            ("clock", "20 Nov 11:16:05.000"),
            ("utc", f"{DAY} 10:16:05.000Z"),
            ("since", "+1 min 3 s"),
        ):
            ui.desk.actions.get(f"logs.time_{way}").trigger()
            assert cell.data() == words
            assert ui.layout.load_text("logs.time") == way
        hint = ui.panel.model.data(cell, Qt.ItemDataRole.ToolTipRole)
        assert f"{DAY} 11:16:05.000" in hint
        assert f"{DAY} 10:16:05.000 UTC" in hint
        write(ui, 965, "at once")
        assert ui.panel.model.index(last + 1, 0).data() == "+0.000 s"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_ui_lg_08_choices_are_kept(desk_maker, tmp_path):
    """UI-LG-08: the next window shows lines as this one did; nonsense that was kept changes nothing."""
    made = desk_maker(texts={"logs.wrap": "yes", "logs.size": "130", "logs.time": "utc"})
    made.complete("logs")
    display = made.desk.parts["logs"].display
    assert (display.wraps, display.percent, display.time_way) == (True, 130, "utc")
    assert made.desk.actions.get("logs.wrap").isChecked()
    assert made.desk.actions.get("logs.time_utc").isChecked()
    made = desk_maker(texts={"logs.wrap": "?", "logs.size": "1e9", "logs.time": "moon"})
    made.complete("logs")
    display = made.desk.parts["logs"].display
    assert (display.wraps, display.percent, display.time_way) == (False, 100, "full")
