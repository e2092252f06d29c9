"""Search, tests, git, routes, plugins, picture and pages of the panel Applications."""

from __future__ import annotations

from dataclasses import replace

import pytest
from applications_site import DEFAULT, fill, in_git
from fakes import FakeSupervisor, FakeTray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.processes.state import Phase
from runtime.admin.bin import contents


class Ui:
    """The window with the application shop opened."""

    def __init__(self, made, qtbot, site) -> None:
        self.desk, self.window, self.made, self.qtbot, self.site = made.desk, made.window, made, qtbot, site
        self.part = made.desk.parts["applications"]
        self.panel, self.tools = self.part.panel, self.part.tools
        self.shop = site / "applications" / "shop"

    def until(self, ready, timeout: int = 10_000) -> None:
        self.qtbot.waitUntil(ready, timeout=timeout)

    def do(self, name: str) -> None:
        action = self.desk.actions.get(f"applications.{name}")
        assert action.isEnabled(), action.toolTip()
        action.trigger()

    def says(self, words: str):
        self.until(lambda: any(words in each.text for each in self.desk.notices.all()))
        return next(each for each in reversed(self.desk.notices.all()) if words in each.text)


@pytest.fixture
def site(tmp_path):
    fill(tmp_path)
    return tmp_path


@pytest.fixture
def ui(desk_maker, qtbot, site):
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    made = desk_maker(supervisor=supervisor, tray=FakeTray())
    made.complete("applications")
    ui = Ui(made, qtbot, site)
    ui.desk.links.open("application", application="shop")
    ui.until(lambda: ui.panel.opened.structure() is not None)
    return ui


def test_ap_10_search_shows_hits_as_they_come_and_replaces_with_undo(ui):
    """AP-10: Ctrl+Shift+F; text or expression; preview; open files follow; Undo."""
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    ui.panel.open_path(ui.shop / "controllers/default.py")
    ui.until(lambda: ui.panel.file() is not None)
    ui.qtbot.keyClick(ui.window, Qt.Key.Key_F, modifiers)
    pane = ui.tools.search
    assert pane.text.hasFocus()
    ui.qtbot.keyClicks(pane.text, "session.cart")
    ui.until(lambda: pane.count.whole() == "2 hits in 1 file.")
    lines = pane.list.lines_model.lines
    assert [line.text for line in lines] == [
        "shop/controllers/default.py",
        "items = session.cart or []",
        "session.cart = items",
    ]
    assert lines[1].text[slice(*lines[1].hits[0])] == "session.cart"
    pane.list.wanted.emit(lines[2].data)
    ui.until(lambda: ui.panel.file().edit.place()[0] == 22)
    pane.regex.setChecked(True)
    pane.text.setText("(session.cart")
    ui.until(lambda: "wrong" in pane.count.whole())
    pane.text.setText(r"session\.(cart)")
    ui.until(lambda: pane.count.whole() == "2 hits in 1 file.")
    pane.new.setText(r"session.my_\1")
    pane.plan()
    ui.until(lambda: pane.preview is not None)
    sheet = pane.preview
    assert [line.text for line in sheet.list.lines_model.lines][1:3] == [
        "- items = session.cart or []", "+ items = session.my_cart or []"]  # fmt: skip
    sheet.toggle((0,))
    assert not sheet.verb.isEnabled()
    sheet.toggle((0,))
    sheet.verb.click()
    notice = ui.says("Replaced in 1 file")
    assert (ui.shop / "controllers/default.py").read_text().count("session.my_cart") == 2
    ui.until(lambda: "session.my_cart" in ui.panel.file().edit.text())
    notice.actions[0].run()
    ui.says("as they were")
    assert (ui.shop / "controllers/default.py").read_text() == DEFAULT


def test_ap_10_search_in_all_applications(ui):
    """AP-10: scope of all; nothing found is said."""
    pane = ui.tools.search
    ui.do("search_files")
    pane.scope.set_value("all")
    pane.text.setText("return 'hello'")
    pane.begin()
    ui.until(lambda: pane.count.whole() == "2 hits in 2 files.")
    pane.text.setText("nowhere at all")
    ui.until(lambda: pane.count.whole() == "Nothing found.")


def test_ap_19_tests_as_a_tree(ui):
    """AP-19: results by file; the failed one leads to its line; cancel."""
    (ui.shop / "models/db.py").write_text("")
    (ui.shop / "models/plugin_wiki.py").write_text("")
    (ui.shop / "controllers/default.py").write_text("def index():\n    return 1\n")
    (ui.shop / "tests/test_prices.py").write_text(
        "def test_good():\n    pass\n\ndef test_bad():\n    assert 1 == 2, 'no'\n"
    )
    ui.do("run_tests")
    pane = ui.tools.tests
    assert pane.stop.isVisible()
    ui.until(pane.go.isEnabled, 30_000)
    assert "1 failed" in pane.words.whole()
    lines = {line.text: line for line in pane.tree.lines_model.lines}
    assert lines["tests/test_prices.py"].note == "1 failed"
    assert "AssertionError: no" in lines["test_bad"].rest
    ui.until(lambda: "assert 1 == 2" in pane.output.toPlainText())  # the first failure is shown by itself
    pane.tree.wanted.emit(lines["test_bad"].data)
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().edit.place()[0] == 5)
    (ui.shop / "tests/test_prices.py").write_text("import time\ntime.sleep(60)\n")
    pane.begin()
    pane.cancel()
    assert "Canceled" in pane.words.whole()
    ui.until(lambda: not [task for task in ui.desk.tasks.under_way() if "Testing" in task.title])


def test_ap_20_commit_what_is_chosen(ui):
    """AP-20: branch and number in the head; difference; commit; the rest stays."""
    in_git(ui.shop)
    (ui.shop / "models/menu.py").write_text("changed = 1\n")
    (ui.shop / "new.txt").write_text("new\n")
    ui.panel.reading.look()
    ui.until(lambda: ui.panel.opened.git.text() == "main, 2 changed")
    ui.panel.opened.git.click()
    pane = ui.tools.git
    ui.until(lambda: "changed = 1" in pane.text.text())
    assert not pane.commit.isEnabled()
    pane._toggle(next(line.data for line in pane.files.lines_model.lines if line.text == "new.txt"))
    ui.qtbot.keyClicks(pane.message, "Change the menu")
    pane.commit.click()
    ui.says("1 file committed")
    ui.until(lambda: ui.panel.opened.git.text() == "main, 1 changed")
    assert not pane.push.isEnabled()
    assert "no other side" in pane.push.toolTip()


def test_ap_21_who_answers_an_address(ui):
    """AP-21: action, missing action, static file; nothing runs."""
    ui.do("routes")
    sheet = ui.tools.sheet
    ui.until(lambda: sheet.trial is not None)
    assert "index in controllers/default.py of shop answers" in sheet.answer.text()
    for address, said in (
        ("/shop/default/gone", "no such action"),
        ("/shop/static/css/shop.css", "is sent"),
        ("/shop/a%00b", "Nobody answers"),
    ):
        sheet.address.setText(address)
        ui.until(lambda said=said: said in sheet.answer.text())
    assert "no patterns" in sheet.rules_head.text()
    routes = "routes_in = [\n ('/in', '/shop/default/cart'),\n ('/$x', '/shop/$x')]\n"
    (ui.site / "routes.py").write_text(routes + "routes_out = [('/shop/default/cart', '/in')]\n")
    sheet.address.setText("/in")
    ui.until(lambda: len(sheet.rules.lines_model.lines) == 3)
    found = [(line.text, line.note) for line in sheet.rules.lines_model.lines]
    assert found == [
        ("routes_in  /in", "matched"),
        ("routes_in  /$x", "not tried"),
        ("routes_out  /shop/default/cart", "matched"),
    ]
    sheet.rules.wanted.emit(sheet.rules.lines_model.lines[1].data)
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().path == ui.site / "routes.py")
    assert ui.panel.file().edit.place()[0] == 3
    ui.desk.links.open("application", application="shop")
    ui.until(lambda: ui.panel.opened.structure() is not None)
    ui.do("routes")
    sheet = ui.tools.sheet
    line = next(line for line in sheet.actions_list.lines_model.lines if line.text == "/shop/default/cart")
    sheet.actions_list.wanted.emit(line.data)
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().edit.place()[0] == 18)


def test_ap_23_pages_and_todo(ui):
    """AP-23: Markdown is shown as such, links are not followed by themselves; TODO leads to its line."""
    ui.do("about")
    ui.until(lambda: ui.tools.sheet is not None)
    sheet = ui.tools.sheet
    assert list(sheet._places) == ["ABOUT", "README.md", "TODO"]
    assert sheet._places["README.md"].toPlainText().startswith("Shop")
    assert {line.text for line in sheet.notes.lines_model.lines} == {"TODO: taxes", "TODO: keep it */"}
    line = next(line for line in sheet.notes.lines_model.lines if "taxes" in line.text)
    sheet.notes.wanted.emit(line.data)
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().path.name == "prices.py")
    assert ui.panel.file().edit.place()[0] == 2


def test_ap_24_plugins(ui, tmp_path):
    """AP-24"""
    ui.do("plugins")
    sheet = ui.tools.sheet
    assert [line.text for line in sheet.list.lines_model.lines] == [
        "wiki",
        "models/plugin_wiki.py",
        "controllers/plugin_wiki.py",
    ]
    sheet.list.setCurrentIndex(sheet.list.lines_model.index(1))
    plugin = sheet.chosen()
    target = tmp_path / "wiki.w2p"
    ui.tools.pack_plugin(plugin, str(target))
    ui.says("2 files packed")
    sheet._remove()
    ui.says("2 files in the bin")
    assert len(contents(ui.site)) == 2
    ui.tools.install_plugin(str(target))
    ui.says("plugin wiki was installed")
    assert (ui.shop / "models/plugin_wiki.py").exists()


def test_ap_26_picture_of_the_tables(ui, tmp_path):
    """AP-26: zoom, keys, export as SVG and PNG, a table leads to its line."""
    ui.do("graph")
    sheet = ui.tools.sheet
    view = sheet.view
    assert set(view.graph.boxes) == {"person", "thing", "purchase_order", "plugin_wiki"}
    width = view.width()
    view.step_zoom(1)
    assert view.width() > width
    sheet.fit()
    ui.qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.chosen in view.graph.boxes
    assert "points to" in view.accessibleDescription()
    sheet.export(str(tmp_path / "x.svg"))
    sheet.export(str(tmp_path / "x.png"))
    assert "<svg" in (tmp_path / "x.svg").read_text()
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    sheet.export("/nowhere/x.svg")
    ui.says("was not exported")
    view._choose("thing")
    ui.qtbot.keyClick(view, Qt.Key.Key_Return)
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().edit.place()[0] == 3)


def test_sh_21_every_control_has_a_name(ui):
    """SH-21, SH-22: a screen reader finds a name on everything that takes the focus."""
    ui.panel.open_path(ui.shop / "controllers/default.py")
    ui.until(lambda: ui.panel.file() is not None)
    for id in ("problems", "search", "tests", "git"):
        ui.panel.bottom.show_pane(id)
        for widget in ui.panel.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
                assert widget.accessibleName(), (id, widget.objectName(), type(widget).__name__)
    ui.do("back_to_list")
    for widget in ui.panel.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            assert widget.accessibleName(), (widget.objectName(), type(widget).__name__)


def test_sh_09_a_sheet_grows_with_the_text_within_the_window(ui):
    """SH-09: nothing is squeezed at 200 %; it is never larger than the window unless it was so."""
    ui.do("routes")
    sheet = ui.tools.sheet
    ui.until(lambda: sheet.trial is not None)
    before = sheet.width()
    ui.desk.theme.set_zoom(2.0)
    ui.until(lambda: sheet.width() > before)
    assert sheet.width() <= ui.window.width()
    assert sheet.address.height() >= sheet.address.sizeHint().height()
