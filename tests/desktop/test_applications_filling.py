"""Large files in the editor: shown at once, filled in slices while the window goes on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from test_applications import Ui, make_ui, site, type_text  # noqa: F401  # the window of a filled site

from desktop.panels.applications.editor.code_edit import CodeEdit
from desktop.panels.applications.editor.languages import LANGUAGES

LINE = "value_{at} = 'a text with \N{NO-BREAK SPACE} and \N{GRINNING FACE}'  # line {at}\n"
TEXT = "".join(LINE.format(at=at) for at in range(1, 20_001))


@pytest.fixture
def ui(make_ui):  # noqa: F811
    return make_ui()


@pytest.fixture
def edit(theme, qtbot):
    made = CodeEdit(theme)
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_ap_11_a_large_text_is_seen_at_once_and_filled_between_events(edit, qtbot):
    """AP-11: its beginning is there and coloured when the call returns; others have their turn; all is right."""
    turns = []
    timer = QTimer(edit, interval=0)
    timer.timeout.connect(lambda: turns.append(edit.blockCount()))
    timer.start()
    edit.show_text(TEXT, LANGUAGES["python"])
    assert edit.filling
    assert edit.isReadOnly()
    assert 40 < edit.blockCount() < 5_000
    assert edit.document().firstBlock().layout().formats()
    assert edit.text() == TEXT
    qtbot.waitUntil(lambda: not edit.filling, timeout=10_000)
    assert len(set(turns)) > 3
    assert edit.text() == TEXT
    assert edit.blockCount() == 20_001
    assert not edit.isReadOnly()
    assert not edit.document().isModified()
    assert not edit.document().isUndoAvailable()
    assert edit.place() == (1, 1)
    qtbot.waitUntil(lambda: edit.colors.complete, timeout=10_000)
    assert edit.verticalScrollBar().maximum() > 19_000


def test_ap_11_a_line_far_below_is_shown_when_it_is_there(edit, qtbot):
    """AP-11, SH-11: where a link leads to; not any more when the person has scrolled meanwhile."""
    edit.show_text(TEXT, LANGUAGES["python"])
    edit.go_to(15_000, 4)
    assert edit.place() == (1, 1)
    qtbot.waitUntil(lambda: edit.place() == (15_000, 4), timeout=10_000)
    qtbot.waitUntil(lambda: not edit.filling, timeout=10_000)
    first = edit.firstVisibleBlock().blockNumber()
    assert first < 15_000 < first + 100
    edit.show_text(TEXT, LANGUAGES["python"])
    edit.go_to(15_000)
    edit.verticalScrollBar().setValue(20)
    qtbot.waitUntil(lambda: not edit.filling, timeout=10_000)
    assert edit.place() == (1, 1)
    assert edit.verticalScrollBar().value() == 20


def test_ap_11_another_text_takes_the_place_of_one_that_is_being_filled(edit, qtbot):
    """AP-11: reloaded in the middle; a read-only field stays so."""
    edit.set_read_only(True)
    edit.show_text(TEXT, LANGUAGES["python"])
    edit.replace_all("short\n")
    assert not edit.filling
    assert edit.text() == "short\n"
    assert edit.isReadOnly()
    edit.show_text(TEXT, LANGUAGES["plain"])
    qtbot.waitUntil(lambda: not edit.filling, timeout=10_000)
    assert edit.isReadOnly()


def test_ap_11_a_large_file_opens_without_a_pause(ui):
    """AP-11, AP-12: not unsaved while it is filled, nothing of it is lost, then it can be changed and saved."""
    path = ui.shop / "modules/large.py"
    path.write_text(TEXT, encoding="utf-8")
    said = []
    ui.panel.place_changed.connect(said.append)
    file = ui.open("modules/large.py", line=19_000)
    assert not file.dirty
    ui.panel.files.save(file)
    ui.until(lambda: not file.saving)
    ui.until(lambda: not file.edit.filling)
    assert any(words.startswith("Opening large.py, ") for words in said)
    ui.until(lambda: file.edit.place()[0] == 19_000)
    assert path.read_text(encoding="utf-8") == TEXT
    assert not file.dirty
    type_text(ui, file, "# end")
    assert file.dirty
    ui.do("save")
    ui.until(lambda: not file.dirty)
    assert path.read_text(encoding="utf-8") == TEXT + "# end"


def test_ap_13_the_draft_of_a_large_file_comes_back(make_ui):  # noqa: F811
    """AP-13: once the file is filled, as a step that can be undone."""
    ui = make_ui()
    path = ui.shop / "modules/large.py"
    path.write_text(TEXT, encoding="utf-8")
    file = ui.open("modules/large.py")
    ui.until(lambda: not file.edit.filling)
    type_text(ui, file, "# not saved")
    ui.panel.files.keep_drafts()
    ui.until(lambda: file.draft_time > 0)
    second = make_ui()
    file = second.open("modules/large.py")
    second.until(lambda: bool(file.restored))
    assert file.edit.text() == TEXT + "# not saved"
    assert file.dirty
    file.edit.undo()
    assert file.edit.text() == TEXT


def test_ap_11_keys_are_taken_only_when_all_is_there(edit, qtbot):
    """AP-11: nothing is typed into half a text."""
    edit.show_text(TEXT, LANGUAGES["python"])
    QTest.keyClicks(edit, "abc")
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not edit.filling, timeout=10_000)
    assert edit.text() == TEXT
    QTest.keyClicks(edit, "abc")
    assert edit.text().startswith("abc")
