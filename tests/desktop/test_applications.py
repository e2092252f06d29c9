"""The panel Applications as a person uses it."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest
from applications_site import DEFAULT, fill
from fakes import FakeSupervisor, FakeTray
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.panels.applications import file_orders as file_orders_module
from desktop.panels.applications.editor.open_file import Conflict
from desktop.panels.applications.sheets import BinSheet, InstallSheet, NameSheet, PackSheet, UninstallSheet
from desktop.processes.state import Phase
from desktop.shell.palette import PaletteModel
from runtime.admin import bin as site_bin
from runtime.admin.applications import pack
from runtime.admin.packs import read_pack

OTHERS = ("controllers/appadmin.py", "controllers/plugin_wiki.py")
CTRL = Qt.KeyboardModifier.ControlModifier


class Ui:
    """The window with the panel of a filled site."""

    def __init__(self, made, qtbot, site) -> None:
        self.desk, self.window, self.made, self.qtbot, self.site = made.desk, made.window, made, qtbot, site
        self.part = made.desk.parts["applications"]
        self.panel = self.part.panel
        self.shop = site / "applications" / "shop"

    def until(self, ready, timeout: int = 8000) -> None:
        self.qtbot.waitUntil(ready, timeout=timeout)

    def do(self, name: str) -> None:
        action = self.desk.actions.get(f"applications.{name}")
        assert action.isEnabled(), action.toolTip()
        action.trigger()

    def open(self, path: str = "controllers/default.py", line: int = 0):
        self.desk.links.open("file", path=str(self.shop / path), line=line, application="shop")
        self.until(lambda: self.panel.file() is not None and self.panel.file().path == self.shop / path)
        return self.panel.file()

    def names(self) -> list[str]:
        return [row.name for row in self.panel.list.model.rows()]

    def sheet(self, kind):
        found = []

        def there() -> bool:
            found[:] = [each for each in self.panel.findChildren(kind) if each.isVisible()]
            return bool(found)

        self.until(there)
        return found[0]

    def notice(self) -> str:
        notices = self.desk.notices.all()
        return notices[-1].text if notices else ""

    def says(self, words: str) -> None:
        self.until(lambda: any(words in each.text for each in self.desk.notices.all()))


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "my site ü"
    folder.mkdir()
    fill(folder)
    return folder


@pytest.fixture
def make_ui(desk_maker, qtbot, site):
    def make(texts=None) -> Ui:
        supervisor = FakeSupervisor(Phase.SERVING)
        supervisor.settings = replace(supervisor.settings, site_folder=site)
        made = desk_maker(supervisor=supervisor, tray=FakeTray(), texts=texts)
        made.complete("applications")
        ui = Ui(made, qtbot, site)
        ui.window.show_panel("applications")
        ui.until(lambda: ui.panel.row_count() > 0)
        return ui

    return make


@pytest.fixture
def ui(make_ui):
    return make_ui()


def type_text(ui, file, text: str) -> None:
    file.edit.setFocus()
    cursor = file.edit.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    file.edit.setTextCursor(cursor)
    ui.qtbot.keyClicks(file.edit, text)


# the list


def test_ap_01_list_says_the_state_of_each(ui):
    """AP-01: on, off, does not load with the reason; errors and strings left."""
    ui.until(lambda: all(row.facts is not None for row in ui.panel.listing.rows))
    states = {row.name: row.state for row in ui.panel.listing.rows}
    assert states == {
        "broken": "does not load",
        "lab": "off",
        "oldbook": "does not load",
        "shop": "on",
        "welcome": "on",
    }
    broken = ui.panel.listing.find("broken")
    assert "db.py, line 1" in broken.fault
    shop = ui.panel.listing.find("shop")
    assert (shop.facts.errors, shop.facts.untranslated) == (3, 1)
    ui.panel.list.filter.setText("lab")
    assert ui.names() == ["lab"]
    ui.panel.list.filter.setText("nothing like it")
    assert ui.panel.state() == "none match"
    ui.panel.list.clear_filter()
    ui.panel.list.table.heads._on_clicked(2)  # errors
    assert ui.names()[0] == "shop"


def test_ap_01_models_that_do_not_end_are_named(ui):
    """AP-01: the inspector's child is ended by its limit; the window goes on."""
    (ui.site / "applications/welcome/models/db.py").write_text("import sys\nsys.exit(3)\n")
    ui.panel.list.choose("welcome")
    ui.until(lambda: ui.panel.listing.find("welcome").state == "does not load", 20_000)
    assert ui.panel.listing.find("welcome").fault
    assert ui.panel.list.details.fault.isVisible()


def test_ap_03_new_application_with_the_name_checked_while_typing(ui):
    """AP-03: letters, taken, reserved; from an empty one."""
    ui.do("new")
    sheet = ui.sheet(NameSheet)
    for name, said in (("shop", "already something"), ("1x", "begin with a letter"), ("static", "reserved")):
        sheet.field.setText(name)
        assert not sheet.verb.isEnabled()
        assert said in sheet.labelled.fault.words.text()
    sheet.field.setText("fresh")
    sheet.choice.set_value("empty")
    ui.qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    ui.until(lambda: "fresh" in ui.names())
    assert (ui.site / "applications/fresh/controllers/default.py").exists()
    ui.until(lambda: ui.panel.list.current().name == "fresh")


def test_ap_04_install_shows_the_contents_first(ui, tmp_path):
    """AP-04: contents before anything is written; a bad pack gets a sentence."""
    target = tmp_path / "shop.w2p"
    pack(ui.site, "shop", target)
    ui.do("install")
    sheet = ui.sheet(InstallSheet)
    sheet.source.setText(str(tmp_path / "gone.w2p"))
    sheet.verb.click()
    ui.until(lambda: "no file or folder" in sheet.from_where.fault.words.text())
    sheet.source.setText(str(target))
    sheet.verb.click()
    ui.until(lambda: sheet.candidate is not None)
    assert sheet.contents.count() > 5
    assert not sheet.verb.isEnabled()  # the name is taken
    sheet.name.setText("second")
    sheet.verb.click()
    ui.until(lambda: "second" in ui.names())


def test_ap_06_off_and_on_and_uninstall_with_a_way_back(ui):
    """AP-06: off by the file DISABLED; an application with data asks for its name; Undo."""
    ui.panel.list.choose("shop")
    ui.do("turn")
    ui.until(lambda: ui.panel.listing.find("shop").state == "off")
    assert (ui.shop / "DISABLED").exists()
    ui.do("turn")
    ui.until(lambda: ui.panel.listing.find("shop").state == "on")
    (ui.shop / "databases").mkdir(exist_ok=True)
    (ui.shop / "databases/storage.sqlite").write_text("x")
    ui.do("uninstall")
    sheet = ui.sheet(UninstallSheet)
    assert not sheet.verb.isEnabled()
    sheet.field.setText("shop")
    sheet.verb.click()
    ui.until(lambda: "shop" not in ui.names())
    ui.says("shop is in the bin")
    undo = next(each for each in ui.desk.notices.all() if "in the bin" in each.text).actions[0]
    assert undo.text == "Undo"
    undo.run()
    ui.until(lambda: "shop" in ui.names())
    ui.do("show_bin")
    assert ui.sheet(BinSheet).list.count() == 0


def test_ap_05_pack_says_file_and_size(ui, tmp_path):
    """AP-05: sources, compiled, chosen files; mistakes in the code are named."""
    ui.panel.list.choose("shop")
    target = tmp_path / "out" / "x.w2p"
    target.parent.mkdir()
    ui.do("pack")
    sheet = ui.sheet(PackSheet)
    sheet.target.setText(str(target))
    sheet.verb.click()
    ui.says(f"packed into {target}")
    assert "controllers/default.py" in [entry.path for entry in read_pack(target)]
    (ui.shop / "controllers/default.py").write_text("def index(:\n")
    ui.part.orders._pack(ui.panel.listing.find("shop"), str(target), "compiled", False)
    ui.says("default.py")
    ui.do("pack")
    ui.until(lambda: len([each for each in ui.panel.findChildren(PackSheet) if each.isVisible()]) == 1)
    sheet = ui.sheet(PackSheet)
    sheet.kind.set_value("files")
    sheet._refresh()
    for folder in (
        "controllers/",
        "models/",
        "views/",
        "views/default/",
        "languages/",
        "modules/",
        "private/",
        "tests/",
    ):
        sheet.toggle(folder)
    sheet.toggle("models/db.py")
    kept = set(sheet.chosen())
    assert "models/db.py" in kept
    assert "models/menu.py" not in kept
    sheet.target.setText(str(target))
    sheet.verb.click()
    ui.until(lambda: {entry.path for entry in read_pack(target)} == kept)


# the tree


def test_ap_07_tree_by_meaning_follows_the_disk(ui):
    """AP-07, AP-08, AP-22: tables, actions with their views; new files of other programs appear."""
    ui.panel.list.choose("shop")
    ui.do("open")
    model = ui.panel.opened.tree.tree_model
    ui.until(lambda: model.rowCount() > 0)
    own = [node for node in model.walk() if node.path not in OTHERS]
    notes = {(node.kind, node.text): node.note for node in own}
    assert notes["table", "person"] == ""
    assert notes["action", "index"] == "view"
    assert notes["action", "cart"] == "no view"
    assert notes["includes", "includes default/gone.html"] == "missing"
    assert notes["file", "default.py"] == "3"  # errors
    assert ("plugins", "Plugins") in notes
    (ui.shop / "controllers/fresh.py").write_text("def page():\n    return 1\n")
    ui.panel.reading.look()
    ui.until(lambda: any(node.text == "page" for node in model.walk()))
    extends = next(node for node in model.walk() if node.kind == "extends")
    ui.panel.opened.tree.opened.emit(extends, False)  # Enter
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().path == ui.shop / "views/layout.html")
    ui.panel.opened.filter.setText("cart")
    assert [node.text for node in model.walk() if node.kind == "action"] == ["cart"]
    ui.panel.opened.filter.clear()
    ui.panel.opened.shape.set_value("folders")
    ui.panel.opened._show_tree()
    assert not [node for node in model.walk() if node.kind == "action"]


def test_ap_09_quick_open_goes_to_the_line(ui):
    """AP-09: Ctrl+P, some letters, Enter."""
    ui.qtbot.keyClick(ui.window, Qt.Key.Key_P, CTRL)
    quick = ui.part.commands._quick
    ui.until(lambda: len(ui.panel.reading.index) > 10)
    ui.qtbot.keyClicks(quick.field, "cart")
    ui.until(lambda: bool(quick.model.places))  # files come first, then actions
    assert quick.model.places[0].kind == "action"
    ui.qtbot.keyClick(quick.field, Qt.Key.Key_Return)
    ui.until(lambda: ui.panel.file() is not None)
    assert ui.panel.file().edit.place()[0] == 18
    assert ui.panel.title == "shop / controllers / default.py"


# the editor


def test_ap_11_typing_and_keys_of_an_editor(ui):
    """AP-11: indentation, comments, undo in steps, find and replace, go to line."""
    file = ui.open()
    edit = file.edit
    edit.go_to(13, 1)
    cursor = edit.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.EndOfLine)
    edit.setTextCursor(cursor)
    ui.qtbot.keyClick(edit, Qt.Key.Key_Return)
    ui.qtbot.keyClicks(edit, "if x:")
    ui.qtbot.keyClick(edit, Qt.Key.Key_Return)
    ui.qtbot.keyClicks(edit, "y()")
    assert edit.text().split("\n")[13:15] == ["    if x:", "        y()"]
    ui.do("comment")
    assert edit.text().split("\n")[14] == "        # y()"
    ui.do("comment")
    ui.qtbot.keyClick(edit, Qt.Key.Key_Backtab)
    assert edit.text().split("\n")[14] == "    y()"
    while edit.document().isUndoAvailable():
        edit.undo()
    assert edit.text() == DEFAULT
    assert not file.dirty
    ui.do("replace")
    bar = ui.panel.editor.find_bar
    bar.text.setText("items")
    bar._search()
    assert bar.count.text() == "6 found"
    bar.new.setText("things")
    bar.replace_all()
    assert edit.text().count("things=things") == 1
    edit.undo()
    assert edit.text() == DEFAULT
    bar.finish()


def test_ap_11_colors_only_seen_lines(ui):
    """AP-11: the state of strings over several lines is known far below."""
    (ui.shop / "modules/long.py").write_text('x = """\n' + "text def\n" * 3000 + '"""\ndef f(): pass\n')
    file = ui.open("modules/long.py")
    ui.until(lambda: file.edit.colors.complete)
    file.edit.go_to(2500)
    string = file.edit.document().findBlockByNumber(2499)
    ui.until(lambda: [each.length for each in string.layout().formats()] == [8])
    assert not file.edit.document().findBlockByNumber(1200).layout().formats()
    file.edit.go_to(3003)
    QApplication.processEvents()
    ui.until(lambda: len(file.edit.document().findBlockByNumber(3002).layout().formats()) >= 3)


def test_ap_12_save_keeps_line_ends_and_never_overwrites_others(ui):
    """AP-12: Ctrl+S; changed on disk gives a bar with Reload, Compare, Keep mine."""
    path = ui.shop / "controllers/default.py"
    path.write_bytes(DEFAULT.replace("\n", "\r\n").encode())
    file = ui.open()
    type_text(ui, file, "# mine")
    assert file.dirty
    ui.qtbot.keyClick(file.edit, Qt.Key.Key_S, CTRL)
    ui.until(lambda: not file.dirty)
    assert path.read_bytes() == (DEFAULT.replace("\n", "\r\n") + "# mine").encode()
    type_text(ui, file, "2")
    other = ui.shop / "other.tmp"
    other.write_text("theirs\n")
    os.replace(other, path)
    ui.panel.files.look()
    ui.until(lambda: file.conflict is Conflict.CHANGED)
    bar = ui.panel.editor.bar
    assert bar.isVisible()
    ui.do("save")
    ui.says("changed on disk")
    assert path.read_text() == "theirs\n"
    bar.links["compare"].click()
    ui.until(lambda: ui.panel.compared_text().count("theirs") == 1)
    bar.links["keep"].click()
    ui.until(lambda: not file.dirty)
    assert path.read_bytes().endswith(b"# mine2")
    path.write_text("again\n")
    ui.panel.files.look()
    ui.until(lambda: file.edit.text() == "again\n")  # nothing typed: it follows
    type_text(ui, file, "x")
    path.unlink()
    ui.panel.files.look()
    ui.until(lambda: file.conflict is Conflict.DELETED)
    bar.links["keep"].click()
    ui.until(path.exists)


def test_ap_13_drafts_come_back_after_a_crash(make_ui):
    """AP-13: outside of the application's folder; shown as draft; gone after saving."""
    ui = make_ui()
    file = ui.open()
    type_text(ui, file, "# not saved")
    ui.panel.files.keep_drafts()
    ui.until(lambda: file.draft_time > 0)
    assert (ui.shop / "controllers/default.py").read_text() == DEFAULT
    assert not [each for each in ui.shop.rglob("*") if "draft" in each.name]
    second = make_ui()
    second.says("had changes that were not saved")
    file = second.open()
    assert file.edit.text().endswith("# not saved")
    assert file.restored
    assert second.panel.editor.bar.head.text() == "Draft"
    second.do("save")
    second.until(lambda: not file.dirty)
    data = second.site.parent / "data/drafts/files"
    second.until(lambda: not list(data.glob("*.json")))


def test_ap_14_mistakes_have_their_line_marked(ui):
    """AP-14: while typing and on save; F8 goes there; nothing runs."""
    file = ui.open()
    type_text(ui, file, "x = (1")
    ui.until(lambda: bool(file.problems))
    assert "was never closed" in file.problems[0].text
    assert ui.panel.bottom.tabs["problems"].accessibleName() == "Problems, 1"
    file.edit.go_to(1)
    ui.do("next_problem")
    assert file.edit.place()[0] == 15  # errors of tickets count too
    ui.do("next_problem")
    assert file.edit.place()[0] == file.problems[0].line


def test_ap_15_errors_of_tickets_stand_in_the_margin(ui):
    """AP-15: with count; they follow the line when text above it changes."""
    file = ui.open()
    ui.until(lambda: 15 in file.edit.marks())
    assert file.edit.marks()[15].text.startswith("3 errors, last 2 min ago")
    path = ui.shop / "controllers/default.py"
    path.write_text("# a\n# b\n" + DEFAULT)
    ui.panel.files.look()
    ui.until(lambda: file.edit.text().startswith("# a"))
    ui.panel.reading.look()
    ui.until(lambda: 17 in file.edit.marks())


def test_ap_16_own_editor_with_file_and_line(ui, monkeypatch):
    """AP-16"""
    opened = []
    monkeypatch.setattr(file_orders_module, "open_at", lambda *place: opened.append(place) or True)
    file = ui.open(line=12)
    ui.qtbot.keyClick(file.edit, Qt.Key.Key_E, CTRL)
    assert opened == [(str(file.path), 12, "")]
    ui.do("copy_path")
    assert QApplication.clipboard().text() == str(file.path)


def test_ap_17_files_are_made_renamed_and_brought_back(ui):
    """AP-17: new with the right template, rename keeps what was typed, bin with Undo."""
    ui.open()
    ui.until(lambda: ui.panel.opened.structure() is not None)
    ui.part.file_orders.new("controllers")
    sheet = ui.sheet(NameSheet)
    sheet.field.setText("default")
    assert not sheet.verb.isEnabled()
    sheet.field.setText("extra")
    sheet.verb.click()
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().path.name == "extra.py")
    file = ui.panel.file()
    assert "def index" in file.edit.text()
    type_text(ui, file, "# typed")
    ui.do("rename_file")
    sheet = ui.sheet(NameSheet)
    sheet.field.setText("other")
    sheet.verb.click()
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().path.name == "other.py")
    assert (ui.shop / "controllers/other.py").read_text().endswith("# typed")
    ui.do("delete_file")
    ui.until(lambda: not (ui.shop / "controllers/other.py").exists())
    ui.says("other.py is in the bin")
    next(each for each in ui.desk.notices.all() if "in the bin" in each.text).actions[0].run()
    ui.until((ui.shop / "controllers/other.py").exists)
    assert site_bin.contents(ui.site) == []


def test_ap_17_files_without_text_and_large_files(ui):
    """AP-17: pictures are shown, large files are read-only."""
    (ui.shop / "static/big.txt").write_text("x\n" * 1_100_000)
    (ui.shop / "static/logo.png").write_bytes(b"no picture")
    file = ui.open("static/big.txt")
    assert file.edit.isReadOnly()
    bar = ui.panel.editor.bar
    assert "0 to " in bar.words.whole()
    first = file.source.piece
    bar.links["later"].click()
    ui.until(lambda: file.source.piece[0] == first[1])
    bar.links["earlier"].click()
    ui.until(lambda: file.source.piece[0] == 0)
    ui.desk.links.open("file", path=str(ui.shop / "static/logo.png"), application="shop")
    preview = ui.panel.editor.preview
    ui.until(lambda: "can't be shown" in preview.words.text())
    assert ui.panel.editor.stack.currentWidget() is preview


def test_ap_02_the_action_at_the_cursor_runs_in_the_browser(ui):
    """AP-02: F9; from the view too; arguments are asked for."""
    ui.open(line=20)
    ui.until(lambda: ui.panel.action() == ("default", "cart"))
    ui.do("run")
    assert ui.made.opened[-1] == "http://127.0.0.1:8000/shop/default/cart"
    ui.do("jump")
    ui.says("no view of its own")
    ui.open("views/default/index.html")
    ui.until(lambda: ui.panel.action() == ("default", "index"))
    ui.part.commands._run(("default", "index"), "1/2?a=b")
    assert ui.made.opened[-1] == "http://127.0.0.1:8000/shop/default/index/1/2?a=b"
    ui.do("jump")
    ui.until(lambda: ui.panel.file().path.name == "default.py")
    assert ui.panel.file().edit.place()[0] == 12


def test_sh_18_unsaved_files_are_named_and_saved_before_leaving(ui):
    """SH-18: the sheet names them; Ctrl+W closes the tab, asks first."""
    file = ui.open()
    type_text(ui, file, "# x")
    assert list(ui.panel.unsaved()) == ["default.py"]
    kept = []
    ui.panel.save_all(kept.append)
    ui.until(lambda: kept == [True])
    assert (ui.shop / "controllers/default.py").read_text().endswith("# x")
    ui.window.close_part()
    ui.until(lambda: ui.panel.file() is None)
    assert ui.window.isVisible()


def test_sh_11_links_and_back(ui):
    """SH-11: from the list to the file; Back returns."""
    ui.open(line=15)
    assert ui.panel.file().edit.place()[0] == 15
    ui.desk.links.open("application", application="lab")
    ui.until(lambda: ui.panel.name == "lab")
    ui.desk.history.back()
    ui.until(lambda: ui.panel.name == "shop")
    ui.desk.links.open("action", application="shop", controller="default", function="user")
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().edit.place()[0] == 27)


def test_applications_gone_under_the_window(ui):
    """Bad input: a folder that disappears while it is open; the site's folder that is not there."""
    ui.open()
    import shutil

    shutil.rmtree(ui.shop)
    ui.panel.listing.refresh()
    ui.until(lambda: ui.panel.name == "")
    shutil.rmtree(ui.site / "applications")
    ui.panel.listing.refresh()
    ui.until(lambda: ui.panel.state() == "failed")
    assert "no folder applications" in ui.panel.list.empty.words.text()


def test_half_written_folders_are_left_out(ui):
    """Bad input: folders without controllers, names with spaces, files among them."""
    applications = ui.site / "applications"
    (applications / "half").mkdir()
    (applications / "with space" / "controllers").mkdir(parents=True)
    (applications / "file").write_text("")
    ui.panel.listing.refresh()
    time.sleep(0.1)
    ui.until(lambda: ui.panel.listing.known)
    assert set(ui.names()) == {"broken", "lab", "oldbook", "shop", "welcome"}


def test_sh_10_the_palette_knows_applications(ui):
    """SH-10: the beginning of a name is enough."""
    ui.desk.scope.show_applications(("lab", "shop", "shop_old"))
    entry = ui.part._find("sho")
    assert entry.action.text() == "Open application shop"
    entry.action.trigger()
    ui.until(lambda: ui.panel.name == "shop")
    assert ui.part._find("zzz") is None


def test_sh_10_the_palette_knows_files_actions_and_tables(ui):
    """SH-10, AP-09: behind the actions, those of the application that is looked at first; one letter is too little."""
    files = ui.part.palette_files
    assert files.find("") == []  # the palette opens
    ui.until(lambda: bool(ui.panel.reading.index.find("cart")))  # files come first, then actions
    model = PaletteModel(ui.desk.actions, [])
    model.search("cart")
    found = [model.entry(row) for row in range(model.rowCount())]
    assert any("cart" in entry.action.text() and "action of" in entry.action.text() for entry in found)
    assert len(found) <= 12
    assert files.find("c") == []
    next(entry for entry in found if "action of" in entry.action.text()).action.trigger()
    ui.until(lambda: ui.panel.file() is not None)
    assert ui.panel.file().edit.place()[0] == 18
    assert files.find("zzzqqq") == []


def test_sh_10_the_palette_knows_settings(ui):
    """SH-10: by their names; the page shows the one that was chosen."""
    model = PaletteModel(ui.desk.actions, [])
    model.search("text size")
    assert model.entry(0).action.text() == "Setting: Text size"
    model.entry(0).action.trigger()
    assert ui.window.current_panel() == "settings"
    assert ui.desk.settings.row_count() == 1
    model.search("first run is over")
    assert all("First run" not in model.entry(row).action.text() for row in range(model.rowCount()))


def test_ap_04_a_pack_dropped_on_the_list(ui, tmp_path):
    """AP-04: it is looked at, and shown before anything is written."""
    target = tmp_path / "shop.w2p"
    pack(ui.site, "shop", target)
    ui.panel.list.dropped.emit(str(target))
    sheet = ui.sheet(InstallSheet)
    ui.until(lambda: sheet.candidate is not None)
    assert "second" not in ui.names()


def test_ap_17_delete_key_in_the_tree(ui):
    """AP-17: Del moves a file to the bin; a section stays."""
    ui.open()
    tree = ui.panel.opened.tree
    ui.until(lambda: tree.tree_model.find("models/menu.py") is not None)
    tree.reveal("models/menu.py")
    ui.qtbot.keyClick(tree, Qt.Key.Key_Delete)
    ui.until(lambda: not (ui.shop / "models/menu.py").exists())
    tree.setCurrentIndex(tree.tree_model.index(0, 0))
    ui.qtbot.keyClick(tree, Qt.Key.Key_Delete)
    assert (ui.shop / "models").exists()


def test_ap_01_workers_of_applications_with_a_scheduler(ui):
    """AP-01: a number, and a dash where there is no scheduler."""
    ui.desk.workers.applications = lambda: ["shop"]
    ui.desk.workers.count = lambda _name: 2
    ui.desk.workers.changed.emit()
    rows = {row.name: row.workers for row in ui.panel.listing.rows}
    assert (rows["shop"], rows["lab"]) == (2, None)


def test_sh_01_what_was_open_is_opened_again(make_ui):
    """SH-01: application, files, the one shown; files that are gone are left out."""
    ui = make_ui()
    for path in ("models/menu.py", "controllers/default.py", "models/db.py"):
        ui.open(path)
    ui.panel.editor.tabs.show_file(ui.panel.files.find(ui.shop / "controllers/default.py"))
    (ui.shop / "models/menu.py").unlink()
    again = make_ui(dict(ui.made.layout.texts))
    again.until(lambda: again.panel.file() is not None and len(again.panel.files.all()) == 2)
    again.until(lambda: again.panel.file().path == again.shop / "controllers/default.py")
    assert again.panel.name == "shop"


def test_ap_01_models_that_hang_are_named(ui, monkeypatch):
    """AP-01, bad input: the child is ended by its limit; the list says why."""
    from desktop.panels.applications import listing as listing_module
    from runtime.admin.inspector import Inspectors, Limits

    monkeypatch.setattr(listing_module, "Inspectors", lambda site: Inspectors(site, Limits(load=1.5)))
    ui.panel.listing.close()
    (ui.site / "applications/welcome/models/db.py").write_text("while True:\n    pass\n")
    ui.panel.list.choose("welcome")
    ui.until(lambda: ui.panel.listing.find("welcome").state == "does not load", 30_000)
    assert (
        "db.py" in ui.panel.listing.find("welcome").fault or "1.5" in ui.panel.listing.find("welcome").fault
    )


def test_ap_12_a_folder_that_can_not_be_written_loses_nothing(ui, monkeypatch):
    """AP-12, bad input: the sentence names the file and why; the text stays, unsaved."""

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    file = ui.open()
    type_text(ui, file, "# x")
    monkeypatch.setattr("runtime.admin.sources.write_atomic", refuse)
    ui.do("save")
    ui.says("default.py was not saved: Permission denied")
    assert file.dirty
    assert file.edit.text().endswith("# x")
    monkeypatch.undo()
    ui.do("save")
    ui.until(lambda: not file.dirty)


def test_ap_18_a_compiled_application_says_so(ui):
    """AP-18: sources are absent; packs still work."""
    ui.desk.links.open("application", application="oldbook")
    tree = ui.panel.opened.tree.tree_model
    ui.until(lambda: any("sources are not here" in node.text for node in tree.walk()))
    assert ui.desk.actions.get("applications.pack").isEnabled()


def test_a_file_outside_of_the_applications_can_be_edited(ui, tmp_path):
    """TK-06: a frame of a library opens too, with nothing but its text; the list is one step back."""
    path = tmp_path / "library.py"
    path.write_text("x = 1\n")
    ui.desk.links.open("file", path=str(path), line=1)
    ui.until(lambda: ui.panel.file() is not None and ui.panel.file().path == path)
    assert ui.panel.title == "library.py"
    type_text(ui, ui.panel.file(), "y = 2")
    ui.do("save")
    ui.until(lambda: path.read_text() == "x = 1\ny = 2")
    ui.do("back_to_list")
    assert ui.panel.file() is None
    assert ui.panel.list.isVisible()
