"""The panel Translations as a person uses it (TR-01..TR-19, TR-24, journey 4)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeSupervisor
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.panels.translations import storage
from desktop.panels.translations.actions import TABLE
from desktop.panels.translations.choices import ChoicesModel, ConflictsModel, DiffSheet
from desktop.panels.translations.fill_sheet import FillSheet
from desktop.panels.translations.languages_view import LanguageSheet
from desktop.panels.translations.model import Query, State
from desktop.processes.state import Phase
from desktop.widgets.base import Painted, PaintedButton
from runtime.admin.languages_marks import change_marks, load_marks
from runtime.i18n import read_dict
from runtime.i18n.files import load_words, merge_texts, write_dict, write_plural_dict

GREETING = "Hello %(name)s "
ITALIAN = {
    "!langname!": "Italiano",
    "Cancel": "Annulla",
    GREETING: "Ciao %(nome)s",
    "OK": "OK",
    "Open": "Open",
    "Save": "Save",
    "Unused": "Non usato",
    "%s %%{book}": "%s %%{libro}",
    "@markmin\x01**Bold** text": "Testo **grasso**",
}
SOURCE = (
    "def index():\n    T('Cancel')\n    T('Hello %(name)s ')\n    T('OK')\n    T('Open')\n    T('Save')\n"
    "    T('%s %%{book}')\n    T.M('**Bold** text')\n"
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HADRON_DATA_DIR", str(tmp_path / "data"))
    for name in ("shop", "library", "empty"):
        (tmp_path / "applications" / name / "controllers").mkdir(parents=True)
        (tmp_path / "applications" / name / "languages").mkdir()
    shop = tmp_path / "applications" / "shop"
    (shop / "controllers" / "default.py").write_text(SOURCE)
    write_dict(shop / "languages" / "it.py", ITALIAN)
    write_dict(shop / "languages" / "fr.py", {"Cancel": "Annuler", "Open": "Open", "!langname!": "Français"})
    write_plural_dict(shop / "languages" / "plural-it.py", {"libro": ["libri"]})
    write_dict(tmp_path / "applications/library/languages/it.py", {"Open": "Apri", "Save it": "Salvalo"})
    return tmp_path


@pytest.fixture
def shop(site: Path) -> Path:
    return site / "applications" / "shop"


class Hand:
    """A person at the panel."""

    def __init__(self, qtbot, ui, shop: Path) -> None:
        self.qtbot, self.ui, self.shop = qtbot, ui, shop
        self.panel = ui.desk.parts["translations"].panel
        self.session = self.panel.session

    def until(self, condition) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)

    def idle(self) -> None:
        tasks = self.ui.desk.tasks
        self.until(lambda: not tasks.under_way())

    def open(self, language: str = "it") -> None:
        self.session.show_language(language)
        self.until(
            lambda: self.session.current is not None and self.session.current.sheet.language == language
        )
        self.until(lambda: all(row.findings is not None for row in self.session.current.sheet.rows))
        self.idle()

    def do(self, name: str) -> None:
        self.ui.desk.actions.get(f"translations.{name}").trigger()

    def go(self, key: str) -> None:
        self.panel.edit(key)

    def type(self, text: str) -> None:
        field = self.panel.editor.field
        field.selectAll()
        field.insertPlainText(text)

    def row(self, key: str):
        return self.session.current.sheet[key]

    def file(self, language: str = "it") -> dict[str, str]:
        return read_dict(self.shop / "languages" / f"{language}.py")

    def save(self) -> None:
        self.do("save")
        self.idle()

    def sheet(self, kind: type = DiffSheet):
        self.until(lambda: any(each.isVisible() for each in self.ui.window.findChildren(kind)))
        return next(each for each in self.ui.window.findChildren(kind) if each.isVisible())

    def notices(self) -> list[str]:
        return [notice.text for notice in self.ui.desk.notices.all()]


@pytest.fixture
def make_hand(qtbot, desk_maker, site, shop):
    def make(texts: dict[str, str] | None = None) -> Hand:
        supervisor = FakeSupervisor(Phase.SERVING)
        supervisor.settings = replace(supervisor.settings, site_folder=site)
        ui = desk_maker(supervisor=supervisor, texts={"translations.application": "shop", **(texts or {})})
        if not ui.desk.parts:
            ui.complete("translations")
        ui.window.show_panel("translations")
        hand = Hand(qtbot, ui, shop)
        hand.until(lambda: hand.session.languages is not None)
        hand.idle()
        return hand

    return make


@pytest.fixture
def hand(make_hand) -> Hand:
    return make_hand()


@pytest.fixture
def it(hand) -> Hand:
    hand.open()
    return hand


# languages


def test_tr_01_languages_with_progress(hand):
    """TR-01: name, code, percent, to go, warnings, unused, plural rule."""
    rows = hand.panel.languages.rows
    texts = {
        rows.text(row, 1): [rows.text(row, column) for column in range(7)] for row in range(rows.rowCount())
    }
    assert texts["it.py"] == ["Italiano", "it.py", "57 %", "3", "1", "1", "1 | 0, 2, 3"]
    assert texts["fr.py"][2] == "50 %"
    assert hand.panel.state() == "rows"


def test_tr_01_adding_shows_the_plural_rule(hand):
    hand.do("add_language")
    sheet = hand.sheet(LanguageSheet)
    sheet.code.setText("sl")
    assert "4 plural forms: 1, 101, 201 | 2, 102, 202" in sheet.rule.text()
    sheet.code.setText("../etc")
    assert not sheet.apply.isEnabled()
    sheet.code.setText("sl")
    sheet.name.setText("Slovenščina")
    sheet.give()
    hand.until(lambda: hand.session.current is not None)
    assert hand.file("sl")["!langname!"] == "Slovenščina"
    assert hand.file("sl")["Save"] == "Save"


def test_tr_01_delete_goes_to_the_bin_and_comes_back(hand):
    """TR-01: no question, an Undo in the bar."""
    hand.panel.languages.selectRow(0)
    hand.do("delete_language")
    hand.until(lambda: not (hand.shop / "languages" / "fr.py").exists())
    hand.idle()
    bar = hand.ui.window.bars.bars()[-1]
    assert "Français (fr) is in the bin" in bar.notice.text
    bar.buttons[0].click()
    hand.until((hand.shop / "languages" / "fr.py").exists)
    assert hand.file("fr")["Cancel"] == "Annuler"


def test_tr_01_duplicate_and_rename(hand):
    hand.panel.languages.selectRow(1)
    hand.do("duplicate_language")
    sheet = hand.sheet(LanguageSheet)
    sheet.code.setText("it-ch")
    sheet.give()
    hand.until(lambda: hand.session.current is not None)
    hand.idle()
    assert hand.file("it-ch")["Cancel"] == "Annulla"
    hand.do("rename_language")
    sheet = hand.sheet(LanguageSheet)
    sheet.code.setText("it-sm")
    sheet.give()
    hand.until((hand.shop / "languages" / "it-sm.py").exists)
    hand.idle()
    assert not (hand.shop / "languages" / "it-ch.py").exists()


def test_no_languages_yet_and_no_applications(hand, site):
    """States: one sentence and the order that helps."""
    hand.session.show_application(site / "applications" / "empty")
    hand.until(lambda: hand.session.languages is not None)
    assert hand.panel.state() == "none yet"
    assert "has no languages yet" in hand.panel.reason.words.text()


def test_no_applications(qtbot, desk_maker, tmp_path):
    supervisor = FakeSupervisor(Phase.STOPPED)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path / "none")
    ui = desk_maker(supervisor=supervisor)
    if not ui.desk.parts:
        ui.complete("translations")
    ui.window.show_panel("translations")
    panel = ui.desk.parts["translations"].panel
    qtbot.waitUntil(lambda: panel.session.applications is not None, timeout=10_000)
    assert panel.state() == "none yet"
    assert "There is no application in" in panel.reason.words.text()


# strings


def test_tr_02_tr_03_list_and_chips(it):
    """TR-02, TR-03: unfinished first, chips with counts, each state with its word."""
    panel = it.panel
    assert panel.model.row(0).key == "OK"
    counts = {state: chip.count for state, chip in panel.filters.chips.chips.items()}
    assert counts[None] == 8
    assert (counts[State.UNTRANSLATED], counts[State.WARNING], counts[State.UNUSED]) == (3, 1, 1)
    it.qtbot.mouseClick(panel.filters.chips.chips[State.WARNING], Qt.MouseButton.LeftButton)
    assert [row.key for row in panel.model.rows()] == [GREETING]
    index = panel.model.index(0, 0)
    assert panel.model.data(index, Qt.ItemDataRole.AccessibleTextRole) == "State: warning"
    assert "%(name)s is missing" in panel.model.data(index, Qt.ItemDataRole.ToolTipRole)


def test_tr_04_accept_and_next_unfinished(it):
    """TR-04: Ctrl+Enter keeps the text and goes on, over finished strings, to the end."""
    it.go("Open")
    it.type("Apri")
    it.qtbot.keyClick(it.panel.editor.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert it.panel.key == "Save"
    assert it.panel.editor.field.hasFocus()
    it.type("Salva")
    it.qtbot.keyClick(it.panel.editor.field, Qt.Key.Key_Enter, Qt.KeyboardModifier.ControlModifier)
    assert it.panel.key == "OK"
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    it.qtbot.keyClick(it.panel.editor.field, Qt.Key.Key_Return, modifiers)
    assert it.row("OK").state is State.SAME
    assert it.panel.foot.words.whole() == "Nothing in this list is left to translate"
    it.save()
    assert it.file()["Open"] == "Apri"
    assert load_marks(it.shop / "languages").same["it"] == {"OK"}


def test_tr_04_other_keys(it):
    """TR-04: Alt+Down and Up, F8 and Shift+F8, Ctrl+B, Escape."""
    field = it.panel.editor.field
    it.go("OK")
    it.qtbot.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert it.panel.key == "Open"
    it.qtbot.keyClick(field, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert it.panel.key == "OK"
    it.qtbot.keyClick(field, Qt.Key.Key_F8)
    assert it.panel.key == GREETING
    it.go("Open")
    it.qtbot.keyClick(field, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert field.toPlainText() == "Open"
    it.type("Aperto")
    it.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert it.row("Open").values.text == "Open"
    assert field.toPlainText() == ""


def test_tr_05_checks_while_typing_fix_ignore(it):
    """TR-05: found while typing, mended by Fix, set aside by Ignore, never a block."""
    it.go(GREETING)
    rows = it.panel.editor.findings.rows()
    assert [row.finding.check for row in rows] == ["placeholders", "spaces"]
    rows[0].fix.click()
    assert it.panel.editor.field.toPlainText() == "Ciao %(name)s"
    it.panel.editor.findings.rows()[0].ignore.click()
    assert it.panel.editor.findings.rows() == []
    assert it.row(GREETING).state is State.TRANSLATED
    assert "1 warning is ignored here" in it.panel.editor.ignored_line.text()
    it.save()
    assert load_marks(it.shop / "languages").ignored == {"it": {GREETING: {"spaces"}}}
    it.panel.editor.ignored_line.click()
    assert it.row(GREETING).state is State.WARNING
    it.type("Ciao")
    assert "%(name)s is missing" in it.panel.editor.findings.rows()[0].finding.message
    it.save()
    assert it.file()[GREETING] == "Ciao"


def test_tr_06_click_on_a_placeholder_inserts_it(it):
    """TR-06: from the source into the translation at the cursor."""
    it.go(GREETING)
    it.type("Ciao ")
    source = it.panel.editor.source
    cursor = QTextCursor(source.document())
    cursor.setPosition(10)
    it.qtbot.mouseClick(source.viewport(), Qt.MouseButton.LeftButton, pos=source.cursorRect(cursor).center())
    assert it.panel.editor.field.toPlainText() == "Ciao %(name)s"
    assert it.row(GREETING).values.text == "Ciao %(name)s"


def test_tr_06_invisibles_change_the_picture(it):
    """TR-06: a space at the end can be seen."""
    it.go("Cancel")
    field = it.panel.editor.field
    field.clearFocus()
    plain = field.grab().toImage()
    it.type("Annulla ")
    field.clearFocus()
    QApplication.processEvents()
    assert field.grab().toImage() != plain


def test_tr_09_undo_across_strings_and_bulk(it):
    """TR-09: one stack for the file, steps have names, typing in one string is one step."""
    actions = it.ui.desk.actions
    it.go("Open")
    for text in ("A", "Ap", "Apri"):
        it.type(text)
    it.go("Save")
    it.type("Salva")
    assert actions.get("translations.undo").text() == "Undo: translate “Save”"
    it.panel.orders.preview_replacement(Query("a", case=True), "e")
    it.sheet().carry_out()
    assert it.row("Save").values.text == "Selve"
    assert actions.get("translations.undo").text().startswith("Undo: replace in")
    it.qtbot.keyClick(it.panel.editor.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert it.row("Save").values.text == "Salva"
    it.do("undo")
    it.do("undo")
    assert (it.row("Save").values.text, it.row("Open").values.text) == ("Save", "Open")
    it.do("redo")
    assert it.row("Open").values.text == "Apri"
    assert not it.session.current.stack.isClean()


def test_tr_09_undo_after_saving_writes_back(it):
    it.go("Open")
    it.type("Apri")
    it.save()
    it.do("undo")
    it.save()
    assert it.file()["Open"] == "Open"


def test_tr_10_draft_then_file(it):
    """TR-10: the file waits for Ctrl+S, the draft does not; a killed program loses nothing."""
    it.go("Open")
    it.type("Apri")
    draft = it.session.current.draft
    assert it.session._pause.isActive()
    assert it.session._pause.interval() == 2000
    it.session._pause.timeout.emit()
    it.until(draft.exists)
    it.idle()
    assert it.shop not in draft.parents
    assert it.file()["Open"] == "Open"
    assert it.panel.foot.words.whole().startswith("Draft saved ")
    it.save()
    assert it.file()["Open"] == "Apri"
    assert not draft.exists()


def test_tr_10_draft_is_restored_after_a_crash(make_hand):
    """TR-10: what was typed and never written is there again, as a step that can be undone."""
    first = make_hand()
    first.open()
    first.go("Open")
    first.type("Apri")
    first.session.keep_drafts()
    first.idle()
    second = make_hand()
    second.open()
    assert second.row("Open").values.text == "Apri"
    assert second.panel.foot.words.whole().startswith("Draft of")
    second.do("undo")
    assert second.row("Open").values.text == "Open"
    for hand in (first, second):
        hand.session.files.clear()


KILLED = """
import sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from desktop.background import Tasks
from desktop.panels.translations.session import Session

app = QApplication([])
session = Session(Tasks(), lambda: Path(sys.argv[1]))
session.application = Path(sys.argv[1]) / "applications" / "shop"
session.show_language("it")
while session.current is None:
    app.processEvents()
number = 0
while True:
    number += 1
    session.set_text("Open", f"Apri {number}", typed=True)
    print(number, flush=True)
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        app.processEvents()
"""


def test_tr_10_killed_while_typing_loses_two_seconds_at_most(site, shop, tmp_path):
    """TR-10, journey 4: typing without a pause, then the process is killed: the draft has nearly all of it."""
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(site)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    try:
        times = []
        for line in child.stdout:
            times.append((time.monotonic(), int(line)))
            if times[-1][0] - times[0][0] > 5:
                break
    finally:
        child.kill()
        child.wait(20)
    draft = storage.read_draft(storage.draft_path(tmp_path / "data", shop / "languages" / "it.py"))
    kept = int(draft.rows["Open"][1].text.removeprefix("Apri "))
    assert kept >= times[len(times) // 3][1]
    assert read_dict(shop / "languages" / "it.py")["Open"] == "Open"


def test_tr_10_leaving_the_panel_writes(it):
    it.go("Open")
    it.type("Apri")
    assert it.panel.unsaved() == ["it.py"]
    it.ui.window.show_panel("overview")
    it.until(lambda: it.file()["Open"] == "Apri")
    it.idle()
    assert it.panel.unsaved() == []


def test_tr_10_write_at_once(it):
    it.do("switch_writing")
    it.go("Open")
    it.type("Apri")
    it.session._pause.timeout.emit()
    it.until(lambda: it.file()["Open"] == "Apri")
    assert it.ui.layout.texts["translations.at_once"] == "yes"


def test_sh_18_save_all_tells_when_all_is_kept(it):
    """SH-18: leaving waits for the writing."""
    it.go("Open")
    it.type("Apri")
    told: list[bool] = []
    it.panel.save_all(told.append)
    it.until(lambda: told == [True])
    assert it.file()["Open"] == "Apri"


def test_tr_11_the_running_application_adds_keys(it):
    """TR-11: keys added meanwhile appear; nothing of either side is lost."""
    it.go("Open")
    it.type("Apri")
    merge_texts(it.shop / "languages" / "it.py", {"Added 1": "Added 1", "Added 2": "Added 2"})
    it.until(lambda: "Added 1" in it.session.current.sheet)
    assert it.panel.key == "Open"
    assert "2 keys were added by the running application" in it.panel.foot.words.whole()
    it.save()
    assert {"Added 1", "Added 2"} <= set(it.file())
    assert it.file()["Open"] == "Apri"


def test_tr_11_conflict_asks_per_key(it):
    """TR-11: only keys both sides changed are asked about; mine, the file's, or the one before."""
    it.go("Cancel")
    it.type("Abbandona")
    it.go("Open")
    it.type("Apri")
    changed = {"Cancel": "Interrompi", "Open": "Aprire"}
    merge_texts(it.shop / "languages" / "it.py", changed, replace=True)
    it.session.look_at_disk()
    sheet = it.sheet()
    assert isinstance(sheet.model, ConflictsModel)
    assert sorted(one.key for one in sheet.model.conflicts) == ["Cancel", "Open"]
    row = next(at for at, one in enumerate(sheet.model.conflicts) if one.key == "Cancel")
    sheet.model.setData(sheet.model.index(row, 2), 2, Qt.ItemDataRole.CheckStateRole)
    sheet.carry_out()
    it.until(lambda: it.file()["Open"] == "Apri")
    assert it.file()["Cancel"] == "Interrompi"
    it.idle()


def test_tr_07_scan_shows_first_then_one_step(it):
    """TR-07: the difference with a choice; unused ones stay; the other languages too, if wished."""
    (it.shop / "controllers" / "more.py").write_text("T('Brand new')\nT('Another')\n")
    it.do("scan")
    sheet = it.sheet()
    assert isinstance(sheet.model, ChoicesModel)
    whats = {choice.source: choice.what for choice in sheet.model.choices}
    assert whats == {"Brand new": "new", "Another": "new", "Unused": "unused"}
    assert "Brand new" not in it.session.current.sheet
    assert it.file().get("Brand new") is None
    assert "fr" in sheet.tick.text()
    sheet.carry_out()
    it.idle()
    assert it.row("Brand new").state is State.NEW
    assert "Unused" in it.session.current.sheet
    assert "Brand new" in it.file("fr")
    it.do("undo")
    assert "Brand new" not in it.session.current.sheet
    it.do("redo")
    it.save()
    assert it.file()["Brand new"] == "Brand new"
    assert "Brand new" in load_marks(it.shop / "languages").new["it"]


def test_tr_07_a_cancelled_scan_changes_nothing(it):
    """TR-07, SH-14: the scan is in the list of tasks and can be ended there."""
    it.do("scan")
    tasks = it.ui.desk.tasks
    task = next(task for task in tasks.under_way() if task.title.startswith("Scanning"))
    assert task.cancellable
    tasks.cancel(task)
    it.idle()
    assert not [each for each in it.ui.window.findChildren(DiffSheet) if each.isVisible()]


def test_tr_11_conflict_found_while_leaving_is_of_that_language(it):
    """TR-11: the question after leaving a language changes that one, not the one shown now."""
    it.go("Open")
    it.type("Apri")
    merge_texts(it.shop / "languages" / "it.py", {"Open": "Aprire"}, replace=True)
    it.session.show_language("fr")
    sheet = it.sheet()
    sheet.carry_out()
    it.until(lambda: it.file()["Open"] == "Apri")
    it.idle()
    assert it.file("fr")["Open"] == "Open"


def test_tr_07_unused_are_taken_out_when_chosen(it):
    it.do("scan")
    sheet = it.sheet()
    sheet.model.set_all(True)
    sheet.carry_out()
    assert "Unused" not in it.session.current.sheet
    it.save()
    assert "Unused" not in it.file()
    it.do("undo")
    it.save()
    assert it.file()["Unused"] == "Non usato"


def test_tr_08_where_used_opens_at_the_line(it):
    """TR-08: file and line; a path where no program takes it."""
    opened: list[tuple[Path, int]] = []

    def open_at(path: Path, line: int) -> bool:
        opened.append((path, line))
        return len(opened) < 2

    it.panel.orders._open_at = open_at
    it.go("Open")
    it.do("open_place")
    assert opened == [(it.shop / "controllers/default.py", 5)]
    it.do("open_place")
    assert "line 5" in it.notices()[0]


def test_tr_08_the_page_of_the_string_in_the_language_of_the_file(it):
    """TR-08: the action that uses it, by key and button; without a string the application; in its own texts again."""
    it.go("Open")
    it.qtbot.keyClick(it.panel.editor.field, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    it.until(lambda: it.ui.opened == ["http://127.0.0.1:8000/shop/default/index?_language=it"])
    it.open("fr")
    it.panel.editor.page.click()
    it.until(lambda: it.ui.opened[-1].endswith("?_language=fr"))
    it.do("show_languages")
    it.until(lambda: it.session.current is None)
    it.idle()
    it.panel.languages.clearSelection()
    it.panel.languages.setCurrentIndex(it.panel.languages.model().index(-1, -1))
    it.do("open_page")
    it.until(lambda: it.ui.opened[-1] == "http://127.0.0.1:8000/shop?_language=")
    it.ui.supervisor.show(Phase.STOPPED)
    count = len(it.ui.opened)
    it.do("open_page")
    it.until(lambda: any("does not run" in text for text in it.notices()))
    assert len(it.ui.opened) == count


def test_tr_12_plural_forms_with_examples_and_preview(it):
    """TR-12: a field per form, labelled with numbers, preview for any number, undoable, written."""
    it.do("show_plurals")
    view = it.panel.plurals
    assert view.words.count() == 1
    assert [field.accessibleName() for field in view.fields] == ["Form of libro for 0, 2, 3…"]
    view.number.setText("1")
    assert view.preview.text() == "1 libro"
    view.number.setText("7")
    assert view.preview.text() == "7 libri"
    view.fields[0].selectAll()
    it.qtbot.keyClicks(view.fields[0], "libroni")
    assert view.preview.text() == "7 libroni"
    it.save()
    assert load_words(it.shop / "languages" / "plural-it.py") == {"libro": ["libroni"]}
    it.do("undo")
    assert view.fields[0].text() == "libri"
    view.add.setText("casa")
    view._on_add()
    assert it.session.current.sheet.words["casa"] == ("case",)


def test_tr_13_search_and_none_match(it):
    """TR-13: while typing, in every text; a faulty expression says so."""
    panel = it.panel
    panel.filters.search.setText("annulla")
    assert [row.key for row in panel.model.rows()] == ["Cancel"]
    panel.filters.search.setText("zzz")
    assert panel.state() == "none match"
    assert "zzz" in panel.none.words.text()
    panel.filters.regex.setChecked(True)
    panel.filters.search.setText("(")
    assert "no regular expression" in panel.none.words.text()
    panel.filters.search.setText("^(Open|Save)$")
    assert panel.row_count() == 2


def test_tr_14_suggestions_by_key(it):
    """TR-14: Alt+1 takes the first one."""
    it.go("Open")
    it.until(lambda: bool(it.panel.editor.suggestions.rows()))
    assert it.panel.editor.suggestions.rows()[0].suggestion.where == "library"
    it.qtbot.keyClick(it.panel.editor.field, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert it.row("Open").values.text == "Apri"


def test_tr_15_second_language_beside(it, make_hand):
    """TR-15: the French of each string under the Italian field; where there is none that is said; kept."""
    editor = it.panel.editor
    it.go("Cancel")
    assert not editor.second_text.isVisible()
    editor.second.setFocus()
    editor.second.set_value("fr")
    editor.second.chosen.emit("fr")
    it.until(lambda: editor.second_text.toPlainText() == "Annuler")
    assert editor.second_text.isReadOnly()
    for key in ("Open", "OK"):  # not translated there, not in that file
        it.go(key)
        it.until(lambda: editor.second_text.toPlainText() == "")
        assert "not translated" in editor.second_text.placeholderText()
    it.idle()
    other = make_hand({"translations.second": "fr"})
    other.open()
    other.go("Cancel")
    other.until(lambda: other.panel.editor.second_text.toPlainText() == "Annuler")
    other.idle()
    other.open("fr")  # no language is shown beside itself
    other.go("Cancel")
    assert other.panel.editor.second.value() == "none"
    assert not other.panel.editor.second_text.isVisible()
    other.open("it")
    other.go("Cancel")
    other.until(lambda: other.panel.editor.second_text.toPlainText() == "Annuler")
    editor.second.chosen.emit("none")
    assert it.ui.layout.load_text("translations.second") == ""
    assert not editor.second_text.isVisible()


def test_tr_16_grid_marks_what_is_missing_and_fills_it(hand):
    """TR-16: all languages; a cell typed into is a step of its language."""
    hand.do("show_grid")
    grid = hand.panel.grid
    hand.until(lambda: hand.panel.pages.currentWidget() is grid)
    hand.idle()
    row, column = grid.cells.keys.index("Open"), 1 + [s.language for s in grid.cells.sheets].index("fr")
    index = grid.cells.index(row, column)
    assert grid.cells.data(index) == "not translated"
    missing = grid.cells.index(grid.cells.keys.index("Save"), column)
    assert grid.cells.data(missing) == "not in this file"
    grid.cells.setData(index, "Ouvrir")
    grid.cells.setData(missing, "Enregistrer")
    assert grid.cells.data(index) == "Ouvrir"
    hand.do("show_languages")
    hand.until(lambda: hand.file("fr").get("Save") == "Enregistrer")
    hand.idle()


def test_tr_17_fill_from_other_applications(it, site):
    """TR-17: counts first, one source or all, what is chosen is one step; doubtful texts wait for a person."""
    languages = site / "applications/empty/languages"
    write_dict(languages / "it.py", {"Save": "Salva", "Open": "Aprire"})
    write_dict(languages / "it-ch.py", {"%s %%{book}": "volumi", "Save": "Memorizza"})
    merge_texts(it.shop / "languages" / "it.py", {"Page %s": "Page %s"})
    write_dict(languages / "it-sm.py", {"Page %s": "Pagina"})
    it.session.look_at_disk()
    it.until(lambda: "Page %s" in it.session.current.sheet)
    it.do("fill")
    sheet = it.sheet(FillSheet)
    assert sheet.isVisible()
    words = {text for _value, text in sheet.source._options}
    assert words == {
        "All of them (3)",
        "library, it (1)",
        "empty, it (2)",
        "empty, it-ch (1)",
        "empty, it-sm (1)",
    }
    texts = {one.source: one.after for one in sheet.model.choices}
    assert texts == {"Open": "Aprire", "Save": "Salva", "Page %s": "Pagina"}
    assert sheet.count.whole() == "2 of 3 chosen"
    doubtful = [one.source for one in sheet.model.choices].index("Page %s")
    assert "%s" in sheet.model.index(doubtful, 3).data()
    sheet.source.chosen.emit("2")
    sheet.source.set_value("2")
    assert [(one.source, one.after) for one in sheet.model.choices] == [("Open", "Apri")]
    sheet.source.chosen.emit("0")
    it.qtbot.keyClick(sheet.table, Qt.Key.Key_Return)
    assert it.row("Open").values.text == "Open"  # Enter in the rows is no order
    sheet.apply.click()
    assert (it.row("Open").values.text, it.row("Save").values.text) == ("Aprire", "Salva")
    assert "fill 2 strings" in it.ui.desk.actions.get("translations.undo").text().lower()
    it.do("undo")
    assert (it.row("Open").values.text, it.row("Save").values.text) == ("Open", "Save")
    it.do("redo")
    assert it.row("Save").values.text == "Salva"


def test_tr_17_fill_from_a_chosen_file(it, site):
    """TR-17: any language file; a text that came meanwhile is not taken over."""
    it.panel.orders.fill_from(site / "applications/library/languages/it.py")
    sheet = it.sheet(FillSheet)
    assert [choice.after for choice in sheet.model.choices] == ["Apri"]
    it.session.set_text("Open", "Spalanca")
    sheet.carry_out()
    assert it.row("Open").values.text == "Spalanca"
    it.panel.orders.fill_from(site / "applications/library/languages/it.py")
    it.until(lambda: any("has no text" in text for text in it.notices()))
    (site / "broken.py").write_text("{'a")
    it.panel.orders.fill_from(site / "broken.py")
    it.until(lambda: any("broken.py" in text for text in it.notices()))


def test_tr_17_nothing_to_fill_from(it, site):
    """TR-17: says so, and offers another file."""
    (site / "applications/library/languages/it.py").unlink()
    it.do("fill")
    sheet = it.sheet(FillSheet)
    assert not sheet.apply.isEnabled()
    assert not sheet.table.isVisible()
    assert any("No other file" in part.text() for part in sheet.findChildren(QLabel))
    other = sheet.findChild(QWidget, "translations.fill.other")
    assert other.hasFocus()
    it.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    it.until(lambda: not [one for one in it.ui.window.findChildren(FillSheet) if one.isVisible()])


@pytest.mark.parametrize("ending", ["po", "csv", "xlsx", "xlf"])
def test_tr_18_export_and_import(it, tmp_path, ending):
    """TR-18: out and in; the difference first; taken as one step."""
    target = tmp_path / f"it.{ending}"
    it.panel.orders.export_to(target)
    it.until(target.exists)
    it.idle()
    it.panel.orders.import_from(target)
    it.until(lambda: any("nothing that differs" in text for text in it.notices()))
    it.go("Cancel")
    it.type("Smetti")
    it.panel.orders.import_from(target)
    sheet = it.sheet()
    assert [(choice.before, choice.after) for choice in sheet.model.choices] == [("Smetti", "Annulla")]
    sheet.carry_out()
    assert it.row("Cancel").values.text == "Annulla"
    it.do("undo")
    assert it.row("Cancel").values.text == "Smetti"


def test_tr_18_bad_file_says_the_line(it, tmp_path):
    (tmp_path / "x.po").write_text('msgid "a"\nmsgstr "b\n')
    it.panel.orders.import_from(tmp_path / "x.po")
    it.until(lambda: any("x.po, line 2" in text for text in it.notices()))


def test_tr_19_broken_file(hand):
    """TR-19: message with line and reason, opens as text, nothing written, works again when mended."""
    path = hand.shop / "languages" / "it.py"
    path.write_text("{'a': 'b',\n'c': 'd'\n'e'")
    opened: list[tuple[Path, int]] = []
    hand.panel.orders._open_at = lambda file, line: not opened.append((file, line))
    hand.session.show_language("it")
    hand.until(lambda: hand.panel.state() == "failed")
    assert "line" in hand.panel.reason.words.text()
    hand.do("open_as_text")
    assert opened[0][0] == path
    assert opened[0][1] >= 1
    assert path.read_text().startswith("{'a'")
    write_dict(path, ITALIAN)
    hand.do("reload")
    hand.until(lambda: hand.panel.state() == "rows" and hand.session.current is not None)
    hand.idle()


def test_tr_19_file_broken_while_it_is_edited(it):
    it.go("Open")
    it.type("Apri")
    path = it.shop / "languages" / "it.py"
    path.write_text("{'half")
    it.do("save")
    it.until(lambda: any("was not written" in text for text in it.notices()))
    assert path.read_text() == "{'half"
    assert it.row("Open").values.text == "Apri"
    it.idle()
    write_dict(path, ITALIAN)
    it.save()
    assert it.file()["Open"] == "Apri"


def test_tr_11_file_deleted_while_it_is_edited(it):
    """TR-11: no file of the edited strings alone; what was typed stays until the file is back."""
    it.go("Open")
    it.type("Apri")
    path = it.shop / "languages" / "it.py"
    path.rename(path.with_suffix(".away"))
    it.do("save")
    it.until(lambda: any("deleted or renamed meanwhile" in text for text in it.notices()))
    assert not path.exists()
    path.with_suffix(".away").rename(path)
    it.idle()
    it.save()
    assert it.file() == {**ITALIAN, "Open": "Apri"}


def test_tr_24_markmin_preview_as_the_page_shows_it(it):
    """TR-24: with every key typed; headings and lists take their room; no other string has one."""
    it.go("@markmin\x01**Bold** text")
    preview = it.panel.editor.preview
    assert it.panel.editor.preview_part.isVisible()
    assert preview.toPlainText().strip() == "Testo grasso"
    low = preview.height()
    it.type("# Titolo\n\n- uno\n- due\n\n''corsivo'' e ``codice``")
    assert preview.toPlainText().split() == ["Titolo", "uno", "due", "corsivo", "e", "codice"]
    assert preview.height() > low
    it.type("parola " * 2000)
    assert preview.height() <= 240
    it.type("")
    assert preview.toPlainText().strip() == "Bold text"  # what is not translated is seen as the source
    it.go("Open")
    assert not it.panel.editor.preview_part.isVisible()


def test_tr_24_the_preview_runs_opens_and_loads_nothing(it, monkeypatch):
    """TR-24: scripts are letters, pictures words, links dead, files refused; whoever wrote the text."""
    opened = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", opened.append)
    loaded = []
    preview = it.panel.editor.preview
    inner = preview.loadResource
    monkeypatch.setattr(preview, "loadResource", lambda kind, name: loaded.append(inner(kind, name)))
    it.go("@markmin\x01**Bold** text")
    it.type(
        "<script>alert(1)</script> [[sole http://127.0.0.1:9/sole.png center]] [[vai http://127.0.0.1:9/]] "
        "[[qui javascript:alert(1)]] <img src=file:///etc/hostname> [[film http://127.0.0.1:9/a.mp4 video]]"
    )
    text = preview.toPlainText()
    assert "<script>alert(1)</script>" in text
    assert "[picture: sole]" in text
    assert "<img src=file:///etc/hostname>" in text
    assert set(loaded) <= {None}
    assert preview.loadResource(2, "file:///etc/hostname") is None
    cursor = preview.document().find("vai")
    assert cursor.charFormat().anchorHref() == "http://127.0.0.1:9/"
    where = preview.cursorRect(cursor).center()
    it.qtbot.mouseClick(preview.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened == []
    assert preview.toPlainText() == text


def test_note_for_translators(it):
    """TR-02: a note is kept for every language."""
    it.go("Open")
    it.panel.editor.note.setPlainText("On the button")
    it.save()
    assert load_marks(it.shop / "languages").notes == {"Open": "On the button"}
    assert "Open" not in {row.key for row in it.session.current.sheet.edited()}


def test_new_strings_are_new_until_accepted(make_hand, shop):
    change_marks(shop / "languages", lambda marks: marks.new.update(it={"Save"}))
    hand = make_hand({"translations.language": "it"})
    hand.until(lambda: hand.session.current is not None)
    hand.idle()
    assert hand.row("Save").state is State.NEW
    hand.go("Save")
    hand.type("Salva")
    hand.do("accept")
    hand.save()
    assert load_marks(shop / "languages").new.get("it", set()) == set()


def test_journey_4_translating(it):
    """Journey 4: scan finds strings, they are translated by keys, a warning is fixed, the application adds keys."""
    names = [f"New text {number}" for number in range(12)]
    (it.shop / "controllers" / "more.py").write_text("\n".join(f"T({name!r})" for name in names))
    it.do("scan")
    it.sheet().carry_out()
    it.idle()
    it.ui.window.activateWindow()  # as the system does when the sheet is gone
    it.until(it.ui.window.isActiveWindow)
    it.go(names[0])
    done = 0
    while it.panel.session.current.sheet.counts()[State.NEW]:
        it.type(f"Testo {done}")
        if done == 5:
            merge_texts(
                it.shop / "languages" / "it.py", {f"Key {number}": f"Key {number}" for number in range(3)}
            )
        it.qtbot.keyClick(it.panel.editor.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        done += 1
        assert done < 30
    it.go(GREETING)
    it.panel.editor.findings.rows()[0].fix.click()
    it.save()
    texts = it.file()
    assert {f"Key {number}" for number in range(3)} <= set(texts)
    assert all(texts[name].startswith("Testo") for name in names)
    assert texts[GREETING] == "Ciao %(name)s"


# shell rules


def test_sh_20_keys_work_only_while_the_panel_is_shown(it):
    """SH-20: no key of a hidden panel does anything, and none is given twice in this panel."""
    keys: list[str] = []
    for name, *_ in TABLE:
        action = it.ui.desk.actions.get(f"translations.{name}")
        keys += [key.toString() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
    it.ui.window.show_panel("overview")
    it.idle()
    assert not it.ui.desk.actions.get("translations.accept").isEnabled()
    assert not it.ui.desk.actions.get("translations.save").isEnabled()


def test_sh_21_every_control_has_a_name(it):
    """SH-21: strings, plurals, grid, languages."""
    it.go(GREETING)

    def nameless() -> list[str]:
        found = []
        for widget in it.panel.findChildren(QWidget):
            if (
                isinstance(widget, (Painted, PaintedButton))
                and widget.isVisible()
                and not widget.accessibleName()
            ):
                found.append(f"{type(widget).__name__} {widget.objectName()}")
        return found

    assert nameless() == []
    it.do("show_plurals")
    assert nameless() == []
    it.do("show_languages")
    assert nameless() == []
    it.idle()


def test_narrow_window_and_mirror(it):
    """Below 1000 px the editing area goes below; chips without room go into a menu; mirrored it still works."""
    it.ui.window.resize(760, 560)
    QApplication.processEvents()
    assert it.panel.splitter.orientation() == Qt.Orientation.Vertical
    assert it.panel.filters.chips.more.isVisible()
    it.ui.window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    shown = [chip for chip in it.panel.filters.chips.chips.values() if chip.isVisible()]
    assert all(chip.geometry().left() >= 0 for chip in shown)
    it.ui.window.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_last_language_is_shown_again(make_hand):
    hand = make_hand({"translations.language": "fr"})
    hand.until(lambda: hand.session.current is not None)
    assert hand.session.current.sheet.language == "fr"
    hand.idle()
